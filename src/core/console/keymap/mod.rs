//! The keys of every screen, as one [`table`](BINDINGS): what is pressed, what the footer shows, what help says and
//! what the palette lists are the same lines.
//!
//! Rules: Esc is one step back and confirms nothing. Whatever is only looked at has an arrow, an F-key or a small
//! letter; F-keys and arrows work whatever an input method does, and the palette (F10) reaches the rest with them.
//! No single key changes a server: the capital letters open the box of an action and do nothing else.
mod table;

use super::deed::Stage;
use super::key::Key;
use super::model::Model;
use super::overlay::Overlay;
use super::screen::{Screen, Tab};
use super::theme::Theme;
use crate::core::log::filter::Subject;
use crate::i18n::{Lang, Text};
pub use table::BINDINGS;
use table::{DIGITS, TABS};

/// What a key asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Action {
    Help,
    Palette,
    /// What is to be known about every cause.
    Runbook,
    /// The menu of what changes a server.
    Actions,
    /// The same menu, at one of its lines.
    Change(usize),
    /// The write mode, on or off.
    Write,
    /// A run that is on the server is followed.
    Attach,
    /// The exact commands of a plan, or what they do.
    Commands,
    /// The commands as a script.
    CopyCommands,
    /// The share's password is written anew.
    NewPassword,
    Picker,
    OpenServer(usize),
    /// The next environment, on the same screen.
    Other,
    Tab(Tab),
    NextTab,
    PreviousTab,
    /// The chosen part is opened or folded; nothing: the other way round.
    Fold(Option<bool>),
    /// The chosen cause in plain words.
    Explain,
    /// What is sent to whoever helps.
    Bundle,
    Refresh,
    Reconnect,
    Language,
    NextTheme,
    Theme(Theme),
    Mouse,
    Up,
    Down,
    First,
    Last,
    NextPage,
    PreviousPage,
    HalfDown,
    HalfUp,
    Left,
    Right,
    /// What is chosen.
    Open,
    /// The line, or the screen, with the pressed digit.
    OpenNth,
    /// Enter on what lies over the screen.
    Confirm,
    /// A key of a line that is typed; for help only.
    Erase,
    Filter,
    NextHit,
    PreviousHit,
    Copy,
    CopyAll,
    Save,
    // logs
    NextSource,
    PreviousSource,
    Follow,
    Pause,
    NextError,
    PreviousError,
    NextWarning,
    PreviousWarning,
    Search,
    /// Only lines with this.
    With,
    /// No lines with this.
    Without,
    NextSubject,
    Subject(Subject),
    /// All lines, or only those that match.
    Matching,
    Wrap,
    Times,
    Since,
    /// One step back.
    Back,
    /// Ends what is waited for; else asks whether to leave.
    Cancel,
    Quit,
    Suspend,
    Redraw,
}

/// Where a key is pressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The list of environments.
    Picker,
    /// The overview of one environment.
    Overview,
    /// Any other table of it.
    Table,
    /// Its diagnosis.
    Diagnosis,
    /// Its logs.
    Logs,
    /// Help, over any screen.
    Help,
    /// The runbook: its list.
    Causes,
    /// The runbook: one page.
    Cause,
    /// The palette.
    Palette,
    /// The menu of actions.
    Menu,
    /// The box of an action, where something is chosen or read.
    Choose,
    /// The same, where Enter confirms.
    Deed,
    /// The same, where a name or a password is typed.
    Typing,
    /// The same, where a run is followed.
    Running,
    /// A cause in plain words.
    Explain,
    /// The box of a bundle.
    Bundle,
    /// The question at the way out.
    Leave,
    /// A line that is typed.
    Ask,
}

impl Place {
    /// All of them.
    pub const ALL: [Place; 18] = [
        Place::Picker,
        Place::Overview,
        Place::Table,
        Place::Diagnosis,
        Place::Logs,
        Place::Help,
        Place::Causes,
        Place::Cause,
        Place::Palette,
        Place::Menu,
        Place::Choose,
        Place::Deed,
        Place::Typing,
        Place::Running,
        Place::Explain,
        Place::Bundle,
        Place::Leave,
        Place::Ask,
    ];

    /// Where keys go now.
    pub fn of(model: &Model) -> Place {
        match &model.overlay {
            Some(Overlay::Help { .. }) => Place::Help,
            Some(Overlay::Runbook(book)) if book.open.is_some() => Place::Cause,
            Some(Overlay::Runbook(_)) => Place::Causes,
            Some(Overlay::Palette { .. }) => Place::Palette,
            Some(Overlay::Actions { .. }) => Place::Menu,
            Some(Overlay::Deed(deed)) => {
                let secret = model.open().and_then(|s| s.env.share.secret.as_ref());
                match deed.stage {
                    Stage::Running => Place::Running,
                    _ if deed.typing(secret).is_some() => Place::Typing,
                    _ if deed.plan().is_some() => Place::Deed,
                    _ => Place::Choose,
                }
            }
            Some(Overlay::Write { .. }) => Place::Typing,
            Some(Overlay::Explain { .. }) => Place::Explain,
            Some(Overlay::Bundle(_)) => Place::Bundle,
            Some(Overlay::Leave { .. }) => Place::Leave,
            Some(Overlay::Ask { .. }) => Place::Ask,
            None => Place::below(model),
        }
    }

    /// The screen below whatever lies over it.
    pub fn below(model: &Model) -> Place {
        match model.screen {
            Screen::Picker => Place::Picker,
            Screen::Open { tab: Tab::Overview, .. } => Place::Overview,
            Screen::Open { tab: Tab::Logs, .. } => Place::Logs,
            Screen::Open { tab: Tab::Diagnosis, .. } => Place::Diagnosis,
            Screen::Open { .. } => Place::Table,
        }
    }

    /// Letters are text here.
    pub fn types(self) -> bool {
        matches!(self, Place::Causes | Place::Palette | Place::Ask | Place::Typing)
    }
}

/// One line of the table.
pub struct Binding {
    /// What it does.
    pub action: Action,
    /// The keys, the one to show first; none for what only the palette has.
    pub keys: &'static [Key],
    /// Where it holds.
    pub places: &'static [Place],
    /// What help says.
    pub says: fn() -> Text,
    /// The footer's word, for the few that are shown there.
    pub footer: Option<fn() -> Text>,
    /// First letters of the Chinese words in pinyin, and other words to find it by; `None` keeps it out of the palette.
    pub found_by: Option<&'static str>,
}

impl Binding {
    const fn new(
        action: Action,
        keys: &'static [Key],
        places: &'static [Place],
        says: fn() -> Text,
    ) -> Binding {
        Binding { action, keys, places, says, footer: None, found_by: None }
    }

    const fn footer(mut self, word: fn() -> Text) -> Binding {
        self.footer = Some(word);
        self
    }

    const fn found_by(mut self, words: &'static str) -> Binding {
        self.found_by = Some(words);
        self
    }

    /// Its keys as words: `F5  r`, `1-9`.
    pub fn names(&self, lang: Lang) -> String {
        if self.keys == DIGITS {
            return "1-9".into();
        }
        if self.keys == TABS {
            return "1-7".into();
        }
        let names: Vec<String> = self.keys.iter().map(|k| k.name(lang)).collect();
        names.join("  ")
    }

    /// The key that the footer shows.
    pub fn first_name(&self, lang: Lang) -> String {
        match self.keys.first() {
            Some(first) if self.keys != DIGITS && self.keys != TABS => first.name(lang),
            _ => self.names(lang),
        }
    }
}

/// The lines that hold at a place.
pub fn at(place: Place) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |b| b.places.contains(&place))
}

/// What a key means at a place, if anything.
pub fn action(place: Place, key: Key) -> Option<Action> {
    at(place).find(|b| b.keys.contains(&key)).map(|b| b.action)
}

#[cfg(test)]
mod tests;
