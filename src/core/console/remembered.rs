//! What the console keeps from one start to the next: choices, and never anything about a server but its key.
use super::theme::Theme;
use crate::config::model::EnvKey;
use crate::i18n::Lang;

/// What is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// The environments that were used, the last one first.
    pub recent: Vec<EnvKey>,
    /// The colours.
    pub theme: Theme,
    /// The console takes the mouse.
    pub mouse: bool,
    /// The language that was chosen in the console; nothing before one was.
    pub lang: Option<Lang>,
}

impl Default for Remembered {
    fn default() -> Remembered {
        Remembered { recent: Vec::new(), theme: Theme::default(), mouse: true, lang: None }
    }
}

impl Remembered {
    /// Environments that are remembered as used.
    pub const RECENT: usize = 50;

    /// Puts an environment in front of those that were used.
    pub fn used(&mut self, key: &EnvKey) {
        self.recent.retain(|k| k != key);
        self.recent.insert(0, key.clone());
        self.recent.truncate(Remembered::RECENT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_one_used_is_first_and_there_once() {
        let mut kept = Remembered::default();
        for key in ["prod", "test", "prod"] {
            kept.used(&EnvKey(key.into()));
        }
        assert_eq!(kept.recent, [EnvKey("prod".into()), EnvKey("test".into())]);
        for n in 0..200 {
            kept.used(&EnvKey(format!("e{n}")));
        }
        assert_eq!((kept.recent.len(), kept.recent[0].0.as_str()), (Remembered::RECENT, "e199"));
    }
}
