//! The keys of every screen, as one table: what is pressed, what the footer shows and what help says are the same lines.
//!
//! Rules: Esc is one step back and confirms nothing. Whatever is only looked at has an arrow, an F-key or a small
//! letter; F-keys and arrows work whatever an input method does. No single key changes a server.
use super::key::{Code, Key};
use crate::i18n::{Lang, Text};
use crate::text;

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

const ALL: &[Place] = &[Place::Picker, Place::Overview, Place::Help];
const SCREENS: &[Place] = &[Place::Picker, Place::Overview];
const DIGITS: &[Key] = &[
    Key::char('1'),
    Key::char('2'),
    Key::char('3'),
    Key::char('4'),
    Key::char('5'),
    Key::char('6'),
    Key::char('7'),
    Key::char('8'),
    Key::char('9'),
];

/// The table. The order is that of the footer and of help.
pub static BINDINGS: &[Binding] = &[
    Binding {
        action: Action::Open,
        keys: &[Key::of(Code::Enter)],
        places: &[Place::Picker],
        says: || {
            text!(
                "打开选中的环境，开始连接",
                "open the chosen environment: this connects"
            )
        },
        footer: Some(|| text!("打开", "open")),
    },
    Binding {
        action: Action::OpenNth,
        keys: DIGITS,
        places: &[Place::Picker],
        says: || text!("直接打开第几个", "open that one at once"),
        footer: Some(|| text!("直接打开", "open at once")),
    },
    Binding {
        action: Action::Refresh,
        keys: &[Key::of(Code::F(5)), Key::char('r')],
        places: &[Place::Overview],
        says: || {
            text!(
                "再检查一次；只读，不改服务器",
                "check again; reads only, changes nothing"
            )
        },
        footer: Some(|| text!("再检查", "check again")),
    },
    Binding {
        action: Action::Up,
        keys: &[Key::of(Code::Up), Key::char('k')],
        places: SCREENS,
        says: || text!("上一行", "one line up"),
        footer: None,
    },
    Binding {
        action: Action::Down,
        keys: &[Key::of(Code::Down), Key::char('j')],
        places: SCREENS,
        says: || text!("下一行", "one line down"),
        footer: None,
    },
    Binding {
        action: Action::First,
        keys: &[Key::of(Code::Home), Key::char('g')],
        places: SCREENS,
        says: || text!("第一行", "the first line"),
        footer: None,
    },
    Binding {
        action: Action::Last,
        keys: &[Key::of(Code::End), Key::char('G')],
        places: SCREENS,
        says: || text!("最后一行", "the last line"),
        footer: None,
    },
    Binding {
        action: Action::NextPage,
        keys: &[Key::of(Code::PageDown)],
        places: &[Place::Overview],
        says: || text!("下半屏的下一页", "next page of the lower pane"),
        footer: None,
    },
    Binding {
        action: Action::PreviousPage,
        keys: &[Key::of(Code::PageUp)],
        places: &[Place::Overview],
        says: || text!("下半屏的上一页", "previous page of the lower pane"),
        footer: None,
    },
    Binding {
        action: Action::Picker,
        keys: &[Key::of(Code::F(3))],
        places: &[Place::Overview],
        says: || text!("选别的环境", "choose another environment"),
        footer: Some(|| text!("选环境", "environments")),
    },
    Binding {
        action: Action::Back,
        keys: &[Key::of(Code::Esc), Key::char('q')],
        places: &[Place::Overview],
        says: || text!("退回环境列表", "back to the list of environments"),
        footer: Some(|| text!("返回", "back")),
    },
    Binding {
        action: Action::Quit,
        keys: &[Key::char('q'), Key::of(Code::Esc)],
        places: &[Place::Picker],
        says: || text!("退出", "quit"),
        footer: Some(|| text!("退出", "quit")),
    },
    Binding {
        action: Action::Back,
        keys: &[Key::of(Code::Esc), Key::char('q')],
        places: &[Place::Help],
        says: || text!("关闭帮助", "close help"),
        footer: Some(|| text!("关闭帮助", "close help")),
    },
    Binding {
        action: Action::Help,
        keys: &[Key::of(Code::F(1)), Key::char('?')],
        places: ALL,
        says: || text!("这个帮助", "this help"),
        footer: Some(|| text!("帮助", "help")),
    },
    Binding {
        action: Action::Language,
        keys: &[Key::of(Code::F(12))],
        places: ALL,
        says: || text!("换成英文 (English)", "switch to Chinese (中文)"),
        footer: Some(|| text!("English", "中文")),
    },
    Binding {
        action: Action::Redraw,
        keys: &[Key::ctrl('l')],
        places: ALL,
        says: || text!("画面乱了：全部重画", "the screen is garbled: draw it anew"),
        footer: None,
    },
    Binding {
        action: Action::Suspend,
        keys: &[Key::ctrl('z')],
        places: ALL,
        says: || {
            text!(
                "暂时回到 shell，用 fg 回来",
                "to the shell for a while; fg comes back"
            )
        },
        footer: None,
    },
    Binding {
        action: Action::Quit,
        keys: &[Key::ctrl('c')],
        places: ALL,
        says: || {
            text!(
                "立即退出；没有任务会因此中断",
                "quit at once; this interrupts no job"
            )
        },
        footer: None,
    },
];

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

    #[test]
    fn at_one_place_a_key_means_one_thing() {
        for place in ALL {
            let keys: Vec<Key> = at(*place).flat_map(|b| b.keys.iter().copied()).collect();
            for (n, key) in keys.iter().enumerate() {
                assert!(!keys[..n].contains(key), "{place:?}: {key:?} twice");
            }
        }
    }

    #[test]
    fn help_the_language_and_the_way_out_need_no_letter() {
        for place in ALL {
            for wanted in [Action::Help, Action::Language] {
                let found = at(*place).find(|b| b.action == wanted).unwrap();
                assert!(matches!(found.keys[0].code, Code::F(_)), "{place:?} {wanted:?}");
            }
            let out = action(*place, Key::of(Code::Esc));
            assert!(matches!(out, Some(Action::Back | Action::Quit)), "{place:?}");
            assert_eq!(action(*place, Key::ctrl('c')), Some(Action::Quit));
        }
    }
}
