//! The keys of every screen, as one [`table`](BINDINGS): what is pressed, what the footer shows and what help says
//! are the same lines.
//!
//! Rules: Esc is one step back and confirms nothing. Whatever is only looked at has an arrow, an F-key or a small
//! letter; F-keys and arrows work whatever an input method does. No single key changes a server.
mod table;

use super::key::Key;
use crate::i18n::{Lang, Text};
use table::DIGITS;

pub use table::BINDINGS;

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Help of this screen.
    Help,
    /// The list of environments.
    Picker,
    /// Look again.
    Refresh,
    /// The other language.
    Language,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// The first line.
    First,
    /// The last line.
    Last,
    /// The next page of the lower pane.
    NextPage,
    /// The page before.
    PreviousPage,
    /// Open what is chosen.
    Open,
    /// Open the line with the pressed digit.
    OpenNth,
    /// One step back.
    Back,
    /// Leave the console.
    Quit,
    /// Stop the program, as the shell's Ctrl-Z does.
    Suspend,
    /// Draw everything anew.
    Redraw,
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The list of environments.
    Picker,
    /// One environment.
    Overview,
    /// Help, over any screen.
    Help,
}

/// One line of the table.
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys, the one to show first.
    pub keys: &'static [Key],
    /// Where it holds.
    pub places: &'static [Place],
    /// What help says.
    pub says: fn() -> Text,
    /// The footer's word, for the few that are shown there.
    pub footer: Option<fn() -> Text>,
}

/// The lines that hold at a place.
pub fn at(place: Place) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |b| b.places.contains(&place))
}

/// What a key means at a place, if anything.
pub fn action(place: Place, key: Key) -> Option<Action> {
    at(place).find(|b| b.keys.contains(&key)).map(|b| b.action)
}

impl Binding {
    /// Its keys as words: `F5 r`, `1-9`.
    pub fn names(&self, lang: Lang) -> String {
        if self.keys == DIGITS {
            return "1-9".into();
        }
        let names: Vec<String> = self.keys.iter().map(|k| k.name(lang)).collect();
        names.join("  ")
    }

    /// The key that the footer shows.
    pub fn first_name(&self, lang: Lang) -> String {
        match self.keys.first() {
            Some(first) if self.keys != DIGITS => first.name(lang),
            _ => self.names(lang),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::console::Code;

    #[test]
    fn at_one_place_a_key_means_one_thing() {
        for place in [Place::Picker, Place::Overview, Place::Help] {
            let keys: Vec<Key> = at(place).flat_map(|b| b.keys.iter().copied()).collect();
            for (n, key) in keys.iter().enumerate() {
                assert!(!keys[..n].contains(key), "{place:?}: {key:?} twice");
            }
        }
    }

    #[test]
    fn help_the_language_and_the_way_out_need_no_letter() {
        for place in [Place::Picker, Place::Overview, Place::Help] {
            for wanted in [Action::Help, Action::Language] {
                let found = at(place).find(|b| b.action == wanted).unwrap();
                assert!(matches!(found.keys[0].code, Code::F(_)), "{place:?} {wanted:?}");
            }
            let out = action(place, Key::of(Code::Esc));
            // one step back; from the first screen there is none, and Esc never ends the program
            assert_eq!(out, (place != Place::Picker).then_some(Action::Back), "{place:?}");
            assert_eq!(action(place, Key::ctrl('c')), Some(Action::Quit));
        }
    }
}
