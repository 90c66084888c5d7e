//! What is to be known about a cause, whatever the look: one page, for the console's help, for a command, and for README.md.
use super::fix::{self, Fix, Mend, Whom};
use super::types::CauseId;
use crate::config::model::EnvKey;
use crate::core::plan::{Action, How, Service};
use crate::i18n::Text;
use crate::text;

/// What an operator should know about a cause.
#[derive(Clone, Debug)]
pub struct Runbook {
    /// Where it belongs.
    pub family: Family,
    /// Its name.
    pub title: Text,
    /// What it is, in plain words.
    pub what: Text,
    /// How it shows: in the console, in the web pages, on Windows. The names of checks are in quotes.
    pub shows: Text,
    /// How it comes about.
    pub how: Text,
    /// How it is mended.
    pub mend: Text,
    /// The actions of the console that this takes, in their order.
    pub acts: &'static [Action],
    /// What is to be seen when it is mended.
    pub proof: Text,
    /// Who can help, the nearest first.
    pub call: &'static [Whom],
    /// What not to do.
    pub dont: Text,
}

/// Causes that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// It was looked in the wrong place.
    Place,
    /// It is too early, or somebody is at it.
    Wait,
    /// The Windows machine and the way to it.
    Windows,
    /// User, password, permission, and what a mount needs else.
    Login,
    /// The mount, on the host and in the container.
    Mount,
    /// Docker and the containers.
    Backend,
    /// Jobs and the lock.
    Jobs,
    /// The schedule and the clock that it goes by.
    Schedule,
    /// Disks and the share are full.
    Room,
    /// The pack itself.
    Pack,
    /// What nothing else accounts for.
    Other,
}

impl Family {
    /// All of them, in the order of the runbook.
    pub const ALL: [Family; 11] = [
        Family::Place,
        Family::Wait,
        Family::Windows,
        Family::Login,
        Family::Mount,
        Family::Backend,
        Family::Jobs,
        Family::Schedule,
        Family::Room,
        Family::Pack,
        Family::Other,
    ];

    /// Its name.
    pub fn word(self) -> Text {
        match self {
            Family::Place => text!("看错了地方", "looking in the wrong place"),
            Family::Wait => text!("还没完，再等等", "not over yet"),
            Family::Windows => text!("Windows 那一端", "the Windows side"),
            Family::Login => text!("账号、密码、权限", "user, password, permission"),
            Family::Mount => text!("挂载和共享", "mount and share"),
            Family::Backend => text!("Docker 和后端", "Docker and backend"),
            Family::Jobs => text!("任务和锁", "jobs and lock"),
            Family::Schedule => text!("定时和时钟", "schedule and clock"),
            Family::Room => text!("空间不够", "no room"),
            Family::Pack => text!("备份包", "the pack"),
            Family::Other => text!("其他", "anything else"),
        }
    }
}

/// One part of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is about, in a word or two.
    pub label: Text,
    /// What is said.
    pub says: Text,
    /// The actions that it takes.
    pub acts: Vec<Mend>,
}

impl Runbook {
    /// The parts of its page, in the order in which they are read. Commands are for this environment.
    pub fn parts(&self, env: &EnvKey) -> Vec<Part> {
        let part = |label: Text, says: &Text| Part { label, says: says.clone(), acts: Vec::new() };
        let act = |action: &Action| Mend::of(Fix::Do(action.clone()), env, &|_| String::new());
        vec![
            part(text!("是什么", "What it is"), &self.what),
            part(text!("怎么看出来", "Shows as"), &self.shows),
            part(text!("怎么来的", "Comes from"), &self.how),
            Part {
                acts: self.acts.iter().map(act).collect(),
                ..part(text!("怎么办", "What to do"), &self.mend)
            },
            part(text!("修好的证据", "Mended when"), &self.proof),
            part(text!("找谁", "Call"), &self.who()),
            part(text!("注意", "Beware"), &self.dont),
        ]
    }

    /// Who can help.
    fn who(&self) -> Text {
        let mut all = Text::default();
        for (n, whom) in self.call.iter().enumerate() {
            let word = whom.word();
            if n > 0 {
                all.zh.push_str(&format!("，不行再找{}", fix::spaced(&word.zh)));
                all.en.push_str(", then ");
            }
            all.zh.push_str(&word.zh);
            all.en.push_str(&word.en);
        }
        all
    }

    /// Whether its page, its name or its id says this, in any language. Upper and lower case are one.
    pub fn says(&self, id: CauseId, wanted: &str) -> bool {
        let wanted = wanted.trim().to_lowercase();
        let says = |t: &Text| t.zh.to_lowercase().contains(&wanted) || t.en.to_lowercase().contains(&wanted);
        let all = [&self.title, &self.what, &self.shows, &self.how, &self.mend, &self.proof, &self.dont];
        id.contains(&wanted) || all.into_iter().any(says) || says(&self.family.word()) || says(&self.who())
    }
}

pub(super) const MOUNT: Action = Action::Mount { new_password: false };
pub(super) const MOUNT_ANEW: Action = Action::Mount { new_password: true };
pub(super) const UNMOUNT: Action = Action::Unmount { lazy: false };
pub(super) const UNMOUNT_LAZY: Action = Action::Unmount { lazy: true };
pub(super) const BACKUP: Action = Action::Backup { full: false };
pub(super) const BACKUP_FULL: Action = Action::Backup { full: true };
pub(super) const CANCEL: Action = Action::Cancel { force: false };
pub(super) const CANCEL_FORCE: Action = Action::Cancel { force: true };
pub(super) const CLEAR_LOCK: Action = Action::ClearLock;
pub(super) const CLOSE_GHOST: Action = Action::CloseGhost;
pub(super) const RESTART: Action = Action::Services { which: Service::Backend, how: How::Restart };
pub(super) const START: Action = Action::Services { which: Service::Backend, how: How::Start };
pub(super) const START_FRONTEND: Action = Action::Services { which: Service::Frontend, how: How::Start };
pub(super) const START_RAGFLOW: Action = Action::Services { which: Service::Ragflow, how: How::Start };
