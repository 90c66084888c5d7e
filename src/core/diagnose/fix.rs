//! What mends a cause: an action of this console with its key and its command, a person to call, or waiting.
use crate::config::model::EnvKey;
use crate::core::plan::Action;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

/// One step that mends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fix {
    /// The console can do it.
    Do(Action),
    /// A person has to.
    Call {
        /// Who.
        whom: Whom,
        /// What to ask for, or to do.
        what: Text,
    },
    /// Nobody has to do anything yet.
    Wait {
        /// Look again then.
        until: EpochMs,
        /// What is waited for.
        what: Text,
    },
}

/// A person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Whom {
    /// Whoever reads this.
    You,
    /// Whoever looks after the Windows machine and its share.
    Windows,
    /// Whoever looks after the Linux servers.
    Server,
    /// Whoever looks after the network.
    Network,
    /// Whoever deploys and develops RagflowAuth.
    Backend,
}

impl Whom {
    /// For people.
    pub fn word(self) -> Text {
        match self {
            Whom::You => text!("你自己", "you"),
            Whom::Windows => text!("Windows 管理员", "the Windows administrator"),
            Whom::Server => text!("服务器管理员", "the server's administrator"),
            Whom::Network => text!("网络管理员", "the network administrator"),
            Whom::Backend => text!("后端负责人", "whoever runs the backend"),
        }
    }
}

/// A step as it is offered: with its key, its command, its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mend {
    /// `do`, `call` or `wait`.
    pub how: &'static str,
    /// The action's id, where the console can do it.
    pub action: Option<&'static str>,
    /// The key of the console.
    pub key: Option<char>,
    /// The command without a screen.
    pub command: Option<String>,
    /// Who is to be called.
    pub whom: Option<Whom>,
    /// When to look again.
    pub until: Option<EpochMs>,
    /// The step in words, without key and command.
    pub says: Text,
    /// The step itself.
    #[serde(skip)]
    pub fix: Fix,
}

impl Mend {
    /// A step on the server of this environment. `local` says a moment in the zone of the schedule.
    pub fn of(fix: Fix, env: &EnvKey, local: &dyn Fn(EpochMs) -> String) -> Mend {
        let mut mend = Mend {
            how: "do",
            action: None,
            key: None,
            command: None,
            whom: None,
            until: None,
            says: Text::default(),
            fix,
        };
        match &mend.fix {
            Fix::Do(action) => {
                mend.action = Some(action.id());
                mend.key = Some(key(action));
                mend.command = Some(action.command(&env.0));
                mend.says = match action {
                    Action::Mount { new_password: true } => text!(
                        "重新输入共享密码并挂载（只试一次：错多了 Windows 会锁账号）",
                        "type the share's password again and mount (one try only: Windows locks accounts)"
                    ),
                    other => other.title(),
                };
            }
            Fix::Call { whom, what } => {
                (mend.how, mend.whom) = ("call", Some(*whom));
                let who = whom.word();
                mend.says = match whom {
                    Whom::You => what.clone(),
                    _ => Text {
                        zh: format!("找{}{}：{}", spaced(&who.zh), who.zh, what.zh),
                        en: format!("ask {}: {}", who.en, what.en),
                    },
                };
            }
            Fix::Wait { until, what } => {
                (mend.how, mend.until) = ("wait", Some(*until));
                let at = local(*until);
                mend.says = Text {
                    zh: format!("{}，{at} 再看一次", what.zh),
                    en: format!("{}; look again at {at}", what.en),
                };
            }
        }
        mend
    }
}

/// A blank between a Chinese word and a Latin one.
pub(super) fn spaced(next: &str) -> &'static str {
    if next.starts_with(|c: char| c.is_ascii_alphanumeric()) { " " } else { "" }
}

/// The key under which the console offers an action.
pub fn key(action: &Action) -> char {
    match action {
        Action::Mount { .. } => 'M',
        Action::Unmount { .. } => 'U',
        Action::Backup { .. } => 'B',
        Action::Cancel { .. } => 'K',
        Action::ClearLock | Action::PutLockBack(_) | Action::CloseGhost => 'X',
        Action::Services { .. } => 'R',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::console::key::Key;
    use crate::core::console::menu::CHANGES;
    use crate::core::plan::{How, Service};

    #[test]
    fn the_keys_are_those_of_the_consoles_menu() {
        let mut seen = 0;
        for change in CHANGES {
            for action in change.choices {
                assert_eq!(Key::char(key(action)), change.key, "{action:?}");
                seen += 1;
            }
        }
        assert!(seen > 10);
    }

    #[test]
    fn a_step_says_its_key_and_its_command() {
        let env = EnvKey("prod".into());
        let says = |fix| Mend::of(fix, &env, &|_| "04:15".into());
        let mount = says(Fix::Do(Action::Mount { new_password: false }));
        assert_eq!((mount.key, mount.command.as_deref()), (Some('M'), Some("opsdeck mount --env prod")));
        let restart = says(Fix::Do(Action::Services { which: Service::Backend, how: How::Restart }));
        assert_eq!(
            (restart.key, restart.command.as_deref()),
            (Some('R'), Some("opsdeck services restart backend --env prod"))
        );
        let call = says(Fix::Call { whom: Whom::Windows, what: text!("开机", "switch it on") });
        assert_eq!((call.how, call.says.zh.as_str()), ("call", "找 Windows 管理员：开机"));
        let wait = says(Fix::Wait { until: EpochMs(5), what: text!("等它跑完", "wait for its end") });
        assert_eq!(wait.says.en, "wait for its end; look again at 04:15");
    }
}
