//! The colours to choose from. What they look like is said where the screen is drawn; here they have names.
use crate::i18n::Text;
use crate::text;

/// A set of colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// For a terminal with a dark ground.
    #[default]
    Dark,
    /// For one with a light ground.
    Light,
    /// No colours; bold, underlined and reversed.
    Mono,
    /// Nothing is dim; what matters stands on a ground of its own.
    HighContrast,
}

impl Theme {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Theme; 4] = [Theme::Dark, Theme::Light, Theme::Mono, Theme::HighContrast];

    /// The one after this, around the end.
    pub fn next(self) -> Theme {
        match self {
            Theme::Dark => Theme::Light,
            Theme::Light => Theme::Mono,
            Theme::Mono => Theme::HighContrast,
            Theme::HighContrast => Theme::Dark,
        }
    }

    /// Its name for people.
    pub fn name(self) -> Text {
        match self {
            Theme::Dark => text!("深色", "dark"),
            Theme::Light => text!("浅色", "light"),
            Theme::Mono => text!("单色", "mono"),
            Theme::HighContrast => text!("高对比", "high contrast"),
        }
    }

    /// Its name in a file.
    pub fn key(self) -> &'static str {
        match self {
            Theme::Dark => "dark",
            Theme::Light => "light",
            Theme::Mono => "mono",
            Theme::HighContrast => "high-contrast",
        }
    }

    /// The one of that name in a file.
    pub fn of_key(key: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|t| t.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_theme_is_reached_and_found_by_its_name() {
        let mut theme = Theme::default();
        for expected in Theme::ALL {
            assert_eq!((theme, Theme::of_key(theme.key())), (expected, Some(expected)));
            theme = theme.next();
        }
        assert_eq!(theme, Theme::Dark);
        assert_eq!(Theme::of_key("pink"), None);
    }
}
