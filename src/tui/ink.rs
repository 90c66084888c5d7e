//! What things look like. Nothing is said by colour alone: states have a sign and a word, environments a shape and
//! a word, and without colour both are still there.
//!
//! Only the 16 colours that every terminal has, in pairs that can be read: on a light ground neither green nor yellow
//! can, so there the states stand on a ground of their own.
use crate::config::model::Role;
use crate::core::console::theme::Theme;
use crate::core::state::State;
use crate::i18n::Lang;
use ratatui::style::{Color, Style};
use unicode_width::UnicodeWidthStr;

/// The styles of this terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ink {
    theme: Theme,
    colour: bool,
}

impl Ink {
    /// The styles of a theme. Without colours a theme made of them is drawn as the one that has none.
    pub const fn of(theme: Theme, colour: bool) -> Ink {
        Ink { theme, colour }
    }

    /// What the environment variables ask for: no colours with any `NO_COLOR`, and on terminals that are `dumb`.
    pub fn from_variables(no_color: Option<&str>, term: Option<&str>) -> Ink {
        let plain = no_color.is_some_and(|v| !v.is_empty()) || term.is_none_or(|t| t == "dumb");
        Ink::of(Theme::default(), !plain)
    }

    /// The same terminal in another theme.
    pub fn with(self, theme: Theme) -> Ink {
        Ink { theme, ..self }
    }

    /// The theme that is drawn. High contrast needs no colour to be one.
    fn theme(self) -> Theme {
        match self.theme {
            Theme::Dark | Theme::Light if !self.colour => Theme::Mono,
            theme => theme,
        }
    }

    /// In colour where there is any.
    fn dyed(self, plain: Style, coloured: Style) -> Style {
        if self.colour { coloured } else { plain }
    }

    /// A state.
    pub fn state(self, state: State) -> Style {
        let style = match self.theme() {
            Theme::Dark => Style::new().fg(match state {
                State::Ok => Color::Green,
                State::Warning => Color::Yellow,
                State::Failed => Color::LightRed,
                State::Unknown => Color::LightMagenta,
            }),
            Theme::Light => on(match state {
                State::Ok => (Color::Black, Color::Green),
                State::Warning => (Color::Black, Color::Yellow),
                State::Failed => (Color::White, Color::Red),
                State::Unknown => (Color::White, Color::Magenta),
            }),
            Theme::Mono => Style::new(),
            Theme::HighContrast => self.dyed(
                match state {
                    State::Ok => Style::new(),
                    State::Warning | State::Unknown => Style::new().underlined(),
                    State::Failed => Style::new().reversed(),
                },
                on(match state {
                    State::Ok => (Color::Black, Color::LightGreen),
                    State::Warning => (Color::Black, Color::LightYellow),
                    State::Failed => (Color::White, Color::Red),
                    State::Unknown => (Color::Black, Color::LightMagenta),
                }),
            ),
        };
        let quiet = state == State::Ok && self.theme() != Theme::HighContrast;
        if quiet { style } else { style.bold() }
    }

    /// A state that was found earlier: it has no colour, least of all green.
    pub fn state_or_old(self, state: State, old: bool) -> Style {
        if old { self.faint() } else { self.state(state) }
    }

    /// What is less important, or old. Not all terminals draw it so that it can be read: in high contrast it is plain.
    pub fn faint(self) -> Style {
        match self.theme() {
            Theme::HighContrast => Style::new(),
            _ => Style::new().dim(),
        }
    }

    /// A heading.
    pub fn strong(self) -> Style {
        Style::new().bold()
    }

    /// Something that the operator should not miss.
    pub fn notice(self) -> Style {
        self.warn()
    }

    /// The chosen line.
    pub fn chosen(self, style: Style) -> Style {
        match self.theme() {
            Theme::HighContrast => style.reversed().bold(),
            _ => style.reversed(),
        }
    }

    /// The bar of an environment.
    pub fn bar(self, role: &Role) -> Style {
        let plain = self.strong().reversed();
        let coloured = on(match role {
            Role::Prod => (Color::White, Color::Red),
            Role::Test => (Color::Black, Color::Cyan),
            Role::Other(_) => (Color::Black, Color::Yellow),
        });
        match self.theme() {
            Theme::Mono => plain,
            _ => self.dyed(plain, coloured.bold()),
        }
    }

    /// The name of an environment in a list. Where its colour cannot be read, it stands on it, as on its bar.
    pub fn environment(self, role: &Role) -> Style {
        match (self.theme(), role) {
            (Theme::Mono, _) => self.strong(),
            (Theme::Dark, Role::Prod) => self.strong().fg(Color::LightRed),
            (Theme::Dark, Role::Test) => self.strong().fg(Color::Cyan),
            (Theme::Dark, Role::Other(_)) => self.strong().fg(Color::Yellow),
            _ => self.dyed(self.strong(), self.bar(role)),
        }
    }

    /// The bar of an environment that stands beside the one that is open.
    pub fn faint_bar(self, role: &Role) -> Style {
        self.environment(role).underlined()
    }

    /// A line of a log, or a word in it, that tells of a failure.
    pub fn error(self) -> Style {
        self.state(State::Failed)
    }

    /// A line of a log, or a word in it, that is a warning.
    pub fn warn(self) -> Style {
        self.state(State::Warning)
    }

    /// What a search found.
    pub fn matched(self) -> Style {
        let plain = Style::new().reversed().underlined();
        match self.theme() {
            Theme::Mono | Theme::HighContrast => plain,
            _ => on((Color::Black, Color::Yellow)),
        }
    }

    /// The bar of a gauge.
    pub fn gauge(self, state: State) -> Style {
        self.state(state)
    }

    /// A key, as it is printed on the keyboard.
    pub fn key(self) -> Style {
        match self.theme() {
            Theme::HighContrast => self.strong().reversed(),
            _ => self.strong(),
        }
    }

    /// What cannot be done now. The reason must stand beside it: nobody sees the difference everywhere.
    pub fn disabled(self) -> Style {
        self.faint()
    }
}

/// Letters on a ground.
fn on((letters, ground): (Color, Color)) -> Style {
    Style::new().fg(letters).bg(ground)
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
#[path = "ink_tests.rs"]
mod tests;
