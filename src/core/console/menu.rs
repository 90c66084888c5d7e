//! What changes a server, by name, each with its key and the reason why it cannot be done. Nothing here can: this
//! version only reads. The places are there, so that hands learn them.
use super::key::Key;
use crate::i18n::Text;
use crate::text;

/// A line of the menu.
pub struct Change {
    /// Its key, anywhere in an environment.
    pub key: Key,
    /// What it is.
    pub title: fn() -> Text,
    /// Why it cannot be done, what was not done, and what to do instead.
    pub why_not: fn() -> Text,
}

fn reads_only() -> Text {
    text!(
        "这个版本只看不改，什么也没做。办法：在服务器上手工处理，再按 F5 检查",
        "this version only reads; nothing was done. Do it on the server, then press F5"
    )
}

/// All of them, in the order of the menu. [`Action::Change`](super::Action::Change) counts in it.
pub static CHANGES: &[Change] = &[
    Change {
        key: Key::char('M'),
        title: || text!("挂载 Windows 共享", "mount the Windows share"),
        why_not: reads_only,
    },
    Change {
        key: Key::char('U'),
        title: || text!("卸载 Windows 共享", "unmount the Windows share"),
        why_not: reads_only,
    },
    Change {
        key: Key::char('B'),
        title: || text!("立即备份：增量或全量", "back up now: incremental or full"),
        why_not: reads_only,
    },
    Change {
        key: Key::char('K'),
        title: || text!("取消正在跑的备份", "cancel the running backup"),
        why_not: reads_only,
    },
    Change {
        key: Key::char('X'),
        title: || text!("清除过期的锁、关闭幽灵任务", "clear a stale lock, close a ghost job"),
        why_not: reads_only,
    },
    Change {
        key: Key::char('R'),
        title: || text!("重启、停止、启动服务", "restart, stop, start services"),
        why_not: reads_only,
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::console::keymap::{Action, Place, action};

    #[test]
    fn each_line_opens_with_its_own_key() {
        for (n, change) in CHANGES.iter().enumerate() {
            for place in [Place::Overview, Place::Table, Place::Logs] {
                assert_eq!(action(place, change.key), Some(Action::Change(n)), "{:?}", change.key);
            }
        }
    }
}
