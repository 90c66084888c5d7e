//! What changes a server, by name, each with its key and, where it cannot be done now, the reason. By the last look: the box
//! that a line opens asks the server anew before it says anything.
use super::freshness::{Freshness, freshness};
use super::key::Key;
use super::model::Server;
use crate::core::plan::{Action, How, Made, Service, make};
use crate::core::units::EpochMs;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// A line of the menu.
pub struct Change {
    /// Its key, anywhere in an environment.
    pub key: Key,
    /// What it is.
    pub title: fn() -> Text,
    /// What it may come to; where there are several, the box lets one choose.
    pub choices: &'static [Action],
    /// Only those of them for which there is a reason, where the last look knows one.
    narrows: bool,
}

const fn line(key: char, title: fn() -> Text, choices: &'static [Action]) -> Change {
    Change { key: Key::char(key), title, choices, narrows: false }
}

/// All of them, in the order of the menu. [`Action::Change`](super::Action::Change) counts in it.
pub static CHANGES: &[Change] = &[
    line(
        'M',
        || text!("挂载 Windows 共享", "mount the Windows share"),
        &[Action::Mount { new_password: false }],
    ),
    line('U', || text!("卸载 Windows 共享", "unmount the Windows share"), &[Action::Unmount { lazy: false }]),
    line(
        'B',
        || text!("立即备份：增量或全量", "back up now: incremental or full"),
        &[Action::Backup { full: false }, Action::Backup { full: true }],
    ),
    line('K', || text!("取消正在跑的备份", "cancel the running backup"), &[Action::Cancel { force: false }]),
    Change {
        narrows: true,
        ..line(
            'X',
            || text!("清除过期的锁、关闭幽灵任务", "clear a stale lock, close a ghost job"),
            &[Action::ClearLock, Action::CloseGhost],
        )
    },
    line(
        'R',
        || text!("重启、停止、启动服务", "restart, stop, start services"),
        &[
            Action::Services { which: Service::Backend, how: How::Restart },
            Action::Services { which: Service::Backend, how: How::Stop },
            Action::Services { which: Service::Backend, how: How::Start },
            Action::Services { which: Service::Frontend, how: How::Restart },
            Action::Services { which: Service::Frontend, how: How::Stop },
            Action::Services { which: Service::Frontend, how: How::Start },
            Action::Services { which: Service::Ragflow, how: How::Restart },
            Action::Services { which: Service::Ragflow, how: How::Stop },
            Action::Services { which: Service::Ragflow, how: How::Start },
        ],
    ),
];

impl Change {
    /// What its box offers for this server: all, or what the last look has a reason for.
    pub fn offered(&self, server: &Server) -> Vec<Action> {
        let all = self.choices.to_vec();
        let Some(answer) = server.answer.as_ref().filter(|_| self.narrows) else { return all };
        let facts = Facts::of(&server.env, &answer.what.look);
        let is_there = |a: &&Action| !matches!(make(a, &facts, ""), Ok(Made::Nothing { .. }));
        let there: Vec<Action> = self.choices.iter().filter(is_there).cloned().collect();
        if there.is_empty() { all } else { there }
    }
}

/// The line of the menu that an action belongs to.
pub fn line_of(action: &Action) -> usize {
    let of =
        |c: &Change| c.choices.iter().any(|a| std::mem::discriminant(a) == std::mem::discriminant(action));
    let put_back = matches!(action, Action::PutLockBack(_)).then_some(Action::ClearLock);
    match put_back {
        Some(clear) => line_of(&clear),
        None => CHANGES.iter().position(of).unwrap_or(0),
    }
}

/// Whether one of these can be done, by what is known.
///
/// # Errors
/// Why not, and what to do: this is no promise that a fresh look says the same.
pub fn why_not(server: &Server, actions: &[Action], now: EpochMs) -> Result<(), Text> {
    if server.env.read_only {
        return Err(text!(
            "只读环境（read_only = true），什么都不能改；要改，先改 environments.toml",
            "read-only (read_only = true): nothing can be changed; see environments.toml"
        ));
    }
    if server.run.as_ref().is_some_and(|r| r.outcome().is_none()) {
        return Err(text!(
            "有一个操作正在进行，一次只做一件；Enter 看它",
            "an action is at work, and there is one at a time; Enter shows it"
        ));
    }
    let Some(answer) = &server.answer else {
        return Err(match freshness(server, now) {
            Freshness::Lost => {
                text!(
                    "没有连上，不知道能不能做；Enter 再试一次",
                    "no connection, not known; Enter tries again"
                )
            }
            _ => text!(
                "还没有检查过，不知道能不能做；Enter 先看一眼",
                "not checked yet, not known; Enter looks first"
            ),
        });
    };
    let facts = Facts::of(&server.env, &answer.what.look);
    let mut first = None;
    for action in actions {
        match make(action, &facts, "") {
            Ok(Made::Plan(_)) => {
                first = None;
                break;
            }
            Ok(Made::Nothing { said, .. }) => {
                first.get_or_insert(said);
            }
            Err(refusal) => {
                first.get_or_insert(Text::join([&refusal.said, &refusal.next]));
            }
        }
    }
    let old = match freshness(server, now) {
        Freshness::Fresh | Freshness::Asking => None,
        Freshness::Lost => Some(text!("连接断了，按以前的结果：", "link lost, by what was found before: ")),
        _ => Some(text!("结果旧了，可能已经变了：", "old, may have changed: ")),
    };
    match (first, old) {
        (None, None) => Ok(()),
        (Some(why), None) => Err(why),
        (why, Some(old)) => {
            let why = why.unwrap_or_else(|| text!("可以做", "can be done"));
            Err(Text { zh: format!("{}{}", old.zh, why.zh), en: format!("{}{}", old.en, why.en) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::console::keymap::{self, Place, action};

    #[test]
    fn each_line_opens_with_its_own_key() {
        for (n, change) in CHANGES.iter().enumerate() {
            for place in [Place::Overview, Place::Table, Place::Diagnosis, Place::Logs] {
                assert_eq!(action(place, change.key), Some(keymap::Action::Change(n)), "{:?}", change.key);
            }
            for action in change.choices {
                assert_eq!(line_of(action), n);
            }
        }
    }
}
