//! The table of keys. Free for later, by the console's plan of keys: F2 mouse, F4 diagnosis, F6 jobs, F7 packs, F8 logs,
//! F9 actions, F10 palette. F11 belongs to terminals (full screen). The language is F12: it works with an input method
//! on, and no screen needs it.
use super::{Action, Binding, Place};
use crate::core::console::key::{Code, Key};
use crate::text;

const ALL: &[Place] = &[Place::Picker, Place::Overview, Place::Help];
const SCREENS: &[Place] = &[Place::Picker, Place::Overview];
pub(super) const DIGITS: &[Key] = &[
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

/// All of them. The order is that of the footer and of help.
pub static BINDINGS: &[Binding] = &[
    Binding {
        action: Action::Open,
        keys: &[Key::of(Code::Enter)],
        places: &[Place::Picker],
        says: || text!("打开选中的环境，开始连接", "open the chosen environment: this connects"),
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
        says: || text!("再检查一次；只读，不改服务器", "check again; reads only, changes nothing"),
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
        keys: &[Key::char('q')],
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
        says: || text!("暂时回到 shell，用 fg 回来", "to the shell for a while; fg comes back"),
        footer: None,
    },
    Binding {
        action: Action::Quit,
        keys: &[Key::ctrl('c')],
        places: ALL,
        says: || text!("立即退出；没有任务会因此中断", "quit at once; this interrupts no job"),
        footer: None,
    },
];
