//! What things look like. Nothing is said by colour alone: states have a sign and a word, environments a shape and
//! a word, and without colour both are still there.
use crate::config::model::Role;
use crate::core::state::State;
use crate::i18n::Lang;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthStr;

/// The styles of this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    /// Whether it takes colours.
    pub colour: bool,
}

impl Ink {
    /// What the environment variables ask for: `NO_COLOR` with any value, and terminals that are `dumb`.
    pub fn from_variables(no_color: Option<&str>, term: Option<&str>) -> Ink {
        let plain = no_color.is_some_and(|v| !v.is_empty()) || term.is_none_or(|t| t == "dumb");
        Ink { colour: !plain }
    }

    fn colour(self, style: Style, colour: Color) -> Style {
        if self.colour { style.fg(colour) } else { style }
    }

    /// A state.
    pub fn state(self, state: State) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        match state {
            State::Ok => self.colour(Style::new(), Color::Green),
            State::Warning => self.colour(bold, Color::Yellow),
            State::Failed => self.colour(bold, Color::Red),
            State::Unknown => self.colour(bold, Color::Magenta),
        }
    }

    /// A state that was found earlier: it has no colour, least of all green.
    pub fn state_or_old(self, state: State, old: bool) -> Style {
        if old { self.faint() } else { self.state(state) }
    }

    /// What is less important, or old.
    pub fn faint(self) -> Style {
        Style::new().add_modifier(Modifier::DIM)
    }

    /// A heading.
    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Something that the operator should not miss.
    pub fn notice(self) -> Style {
        self.colour(self.strong(), Color::Yellow)
    }

    /// The chosen line.
    pub fn chosen(self, style: Style) -> Style {
        style.add_modifier(Modifier::REVERSED)
    }

    /// The bar of an environment.
    pub fn bar(self, role: &Role) -> Style {
        if !self.colour {
            return self.strong().add_modifier(Modifier::REVERSED);
        }
        let (fg, bg) = match role {
            Role::Prod => (Color::White, Color::Red),
            Role::Test => (Color::Black, Color::Cyan),
            Role::Other(_) => (Color::Black, Color::Yellow),
        };
        self.strong().fg(fg).bg(bg)
    }

    /// The name of an environment in a list.
    pub fn environment(self, role: &Role) -> Style {
        let colour = match role {
            Role::Prod => Color::Red,
            Role::Test => Color::Cyan,
            Role::Other(_) => Color::Yellow,
        };
        self.colour(self.strong(), colour)
    }
}

/// Shape and word of what an environment is for. Some terminals draw the shape two cells wide: nothing after it on
/// its line may reach the last columns, where one cell more would wrap.
pub fn shape(role: &Role) -> (&'static str, String) {
    match role {
        Role::Prod => ("■", "PROD".into()),
        Role::Test => ("□", "TEST".into()),
        Role::Other(other) => ("◇", other.to_uppercase()),
    }
}

/// Sign and word of a state, as wide for every state: `[+] 正常`.
pub fn sign(state: State, lang: Lang) -> String {
    let sign = match state {
        State::Ok => "[+]",
        State::Warning => "[!]",
        State::Failed => "[x]",
        State::Unknown => "[?]",
    };
    let word = state.word();
    let width = match lang {
        Lang::Zh => 4,
        Lang::En => 7,
    };
    let missing = " ".repeat(usize::saturating_sub(width, word.get(lang).width()));
    format!("{sign} {}{missing}", word.get(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_go_when_they_are_not_wanted() {
        assert!(Ink::from_variables(None, Some("xterm")).colour);
        assert!(Ink::from_variables(Some(""), Some("xterm")).colour);
        for (no_color, term) in [(Some("1"), Some("xterm")), (None, Some("dumb")), (None, None)] {
            let ink = Ink::from_variables(no_color, term);
            for role in [Role::Prod, Role::Test, Role::Other("dr".into())] {
                assert_eq!((ink.bar(&role).bg, ink.environment(&role).fg), (None, None));
            }
            for state in [State::Ok, State::Warning, State::Failed, State::Unknown] {
                assert_eq!(ink.state(state).fg, None);
            }
        }
    }

    #[test]
    fn green_is_for_what_is_good_now() {
        let ink = Ink { colour: true };
        for state in [State::Ok, State::Warning, State::Failed, State::Unknown] {
            assert_eq!(ink.state(state).fg == Some(Color::Green), state == State::Ok);
            assert_eq!(ink.state_or_old(state, true).fg, None);
        }
    }
}
