//! The palette: everything that can be done where one is, by name. Made from the table of keys, so that it is the
//! list of keys, too. Found by Chinese words, English words, or the first letters of the pinyin: `gz` is 挂载.
use super::keymap::{self, Action, Place};
use super::model::Model;
use crate::i18n::{Lang, Text};
use crate::text;

/// A line of the palette.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it does.
    pub action: Action,
    /// What it says.
    pub says: Text,
    /// Its key, if it has one.
    pub key: String,
}

/// The lines that match what was typed, the best first.
pub fn lines(model: &Model, typed: &str) -> Vec<Line> {
    let wanted = typed.trim().to_lowercase();
    let mut found: Vec<(usize, Line)> = Vec::new();
    for binding in keymap::at(Place::below(model)) {
        let Some(words) = binding.found_by else { continue };
        let says = (binding.says)();
        if let Some(rank) = rank(&says, words, &wanted) {
            let key = binding.keys.first().map(|k| k.name(model.lang)).unwrap_or_default();
            found.push((rank, Line { action: binding.action, says, key }));
        }
    }
    for (at, server) in model.servers.iter().enumerate() {
        let (name, key) = (&server.name, &server.key);
        let says =
            text!("打开环境 {name} ({key})，开始连接", "open environment {name} ({key}): this connects");
        if let Some(rank) = rank(&says, "dkhj dakai open", &wanted) {
            found.push((rank, Line { action: Action::OpenServer(at), says, key: String::new() }));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, line)| line).collect()
}

/// How well a line matches; nothing if it does not. Whole words of the list come before parts of them, these before
/// parts of what is said, and these before letters in their order.
fn rank(says: &Text, words: &str, wanted: &str) -> Option<usize> {
    let said = [Lang::Zh, Lang::En].map(|l| says.get(l).to_lowercase());
    if wanted.is_empty()
        || words.split(' ').any(|w| w == wanted)
        || said.iter().any(|s| s.starts_with(wanted))
    {
        return Some(0);
    }
    if words.split(' ').any(|w| w.starts_with(wanted)) {
        return Some(1);
    }
    if said.iter().any(|s| s.contains(wanted)) {
        return Some(2);
    }
    said.iter().any(|s| in_order(s, wanted)).then_some(3)
}

/// Whether the letters come in this order, whatever is between them.
fn in_order(text: &str, wanted: &str) -> bool {
    let mut chars = text.chars();
    wanted.chars().all(|w| chars.any(|c| c == w))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::core::console::screen::{Screen, Tab};

    fn model() -> Model {
        let mut model = Model::new(&[example()], None, Lang::Zh);
        model.screen = Screen::Open { server: 0, tab: Tab::Overview };
        model
    }

    fn found(typed: &str) -> Vec<Action> {
        lines(&model(), typed).into_iter().map(|l| l.action).collect()
    }

    #[test]
    fn a_line_is_found_by_chinese_english_and_pinyin() {
        let mount = Action::Tab(Tab::Mount);
        for typed in ["gz", "guaz", "挂载", "mount", "GZ", " gz "] {
            assert!(found(typed).iter().take(2).any(|a| *a == mount), "{typed}: {:?}", found(typed));
        }
        assert_eq!(found("rz").first(), Some(&Action::Tab(Tab::Logs)));
        assert_eq!(found("打开环境").first(), Some(&Action::OpenServer(0)));
        assert_eq!(found("qqqq"), []);
        assert!(found("").len() > 20, "nothing typed shows all");
    }

    #[test]
    fn every_line_says_its_key() {
        let lines = lines(&model(), "");
        let help = lines.iter().find(|l| l.action == Action::Help);
        assert_eq!(help.map(|l| l.key.as_str()), Some("F1"));
    }
}
