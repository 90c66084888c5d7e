//! What can be done to a server, by name.
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use serde::{Deserialize, Serialize};

/// One thing that an operator can have done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Mount the Windows share, and let the backend's container see it.
    Mount {
        /// Write a new credentials file first, even where there is one.
        new_password: bool,
    },
    /// Take the share off the mount point.
    Unmount {
        /// Detach the name although somebody still uses it.
        lazy: bool,
    },
    /// Have the backend start a backup now.
    Backup {
        /// With the images.
        full: bool,
    },
    /// Stop the running backup.
    Cancel {
        /// Do not wait for its worker to agree.
        force: bool,
    },
    /// Delete a lock that no living job holds.
    ClearLock,
    /// Put back a lock that was deleted.
    PutLockBack(LockRow),
    /// Close a job whose worker is gone.
    CloseGhost,
    /// Restart, stop or start containers.
    Services {
        /// Whose.
        which: Service,
        /// What.
        how: How,
    },
}

/// A row of `backup_locks`, exactly as it was seen; empty where that is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockRow {
    /// `backup`.
    pub name: SafeText,
    /// Random; says nothing about who.
    pub owner: SafeText,
    /// When it was taken.
    pub acquired: Option<EpochMs>,
}

/// Containers that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// The backend: API, scheduler, backups.
    Backend,
    /// The web pages.
    Frontend,
    /// RAGFlow's compose project.
    Ragflow,
}

/// What is done to containers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Stop and start again, if it ran.
    Restart,
    /// Stop.
    Stop,
    /// Start.
    Start,
}

impl Service {
    /// For people.
    pub fn word(self) -> Text {
        match self {
            Service::Backend => text!("后端", "the backend"),
            Service::Frontend => text!("前端", "the frontend"),
            Service::Ragflow => text!("RAGFlow 整套服务", "the RAGFlow stack"),
        }
    }
}

impl How {
    /// For people.
    pub fn word(self) -> Text {
        match self {
            How::Restart => text!("重启", "restart"),
            How::Stop => text!("停止", "stop"),
            How::Start => text!("启动", "start"),
        }
    }
}

impl Action {
    /// Its name for machines: in the journal, on the server, on the command line. Stays the same from version to version.
    pub fn id(&self) -> &'static str {
        match self {
            Action::Mount { .. } => "mount",
            Action::Unmount { lazy: false } => "unmount",
            Action::Unmount { lazy: true } => "unmount-lazy",
            Action::Backup { full: false } => "backup-incremental",
            Action::Backup { full: true } => "backup-full",
            Action::Cancel { force: false } => "cancel",
            Action::Cancel { force: true } => "cancel-force",
            Action::ClearLock => "clear-lock",
            Action::PutLockBack(_) => "put-lock-back",
            Action::CloseGhost => "close-ghost",
            Action::Services { which, how } => match (how, which) {
                (How::Restart, Service::Backend) => "restart-backend",
                (How::Restart, Service::Frontend) => "restart-frontend",
                (How::Restart, Service::Ragflow) => "restart-ragflow",
                (How::Stop, Service::Backend) => "stop-backend",
                (How::Stop, Service::Frontend) => "stop-frontend",
                (How::Stop, Service::Ragflow) => "stop-ragflow",
                (How::Start, Service::Backend) => "start-backend",
                (How::Start, Service::Frontend) => "start-frontend",
                (How::Start, Service::Ragflow) => "start-ragflow",
            },
        }
    }

    /// The action of this name, as far as a name alone tells it: the row of [`Action::PutLockBack`] is elsewhere, and its run
    /// says it when it has put it back.
    pub fn of_id(id: &str) -> Option<Action> {
        let plain = [
            Action::Mount { new_password: false },
            Action::Unmount { lazy: false },
            Action::Unmount { lazy: true },
            Action::Backup { full: false },
            Action::Backup { full: true },
            Action::Cancel { force: false },
            Action::Cancel { force: true },
            Action::ClearLock,
            Action::PutLockBack(LockRow::default()),
            Action::CloseGhost,
        ];
        let services =
            [Service::Backend, Service::Frontend, Service::Ragflow].into_iter().flat_map(|which| {
                [How::Restart, How::Stop, How::Start].map(|how| Action::Services { which, how })
            });
        plain.into_iter().chain(services).find(|a| a.id() == id)
    }

    /// The command line that does it on the server of an environment.
    pub fn command(&self, env: &str) -> String {
        let words = match self {
            Action::Mount { new_password: false } => "mount".into(),
            Action::Mount { new_password: true } => "mount --new-password".into(),
            Action::Unmount { lazy: false } => "unmount".into(),
            Action::Unmount { lazy: true } => "unmount --lazy".into(),
            Action::Backup { full: false } => "backup".into(),
            Action::Backup { full: true } => "backup --full".into(),
            Action::Cancel { force: false } => "cancel".into(),
            Action::Cancel { force: true } => "cancel --force".into(),
            Action::ClearLock => "unlock".into(),
            Action::PutLockBack(_) => "unlock --put-back RUN".into(),
            Action::CloseGhost => "close-ghost".into(),
            Action::Services { which, how } => {
                let how = match how {
                    How::Restart => "restart",
                    How::Stop => "stop",
                    How::Start => "start",
                };
                let which = match which {
                    Service::Backend => "backend",
                    Service::Frontend => "frontend",
                    Service::Ragflow => "ragflow",
                };
                format!("services {how} {which}")
            }
        };
        format!("opsdeck {words} --env {env}")
    }

    /// What it was done for, where that is another action: offered when it has worked.
    pub fn then(&self) -> Option<Action> {
        match self {
            // a ghost is closed because it blocks every backup
            Action::CloseGhost => Some(Action::Backup { full: false }),
            _ => None,
        }
    }

    /// Whether its steps read or change the backend's database.
    pub fn uses_the_database(&self) -> bool {
        matches!(
            self,
            Action::Backup { .. }
                | Action::Cancel { .. }
                | Action::ClearLock
                | Action::PutLockBack(_)
                | Action::CloseGhost
        )
    }

    /// What it does, in a few words.
    pub fn title(&self) -> Text {
        match self {
            Action::Mount { .. } => text!("挂载 Windows 共享", "mount the Windows share"),
            Action::Unmount { lazy: false } => text!("卸载 Windows 共享", "unmount the Windows share"),
            Action::Unmount { lazy: true } => {
                text!("强行卸载 Windows 共享（懒卸载）", "detach the Windows share (lazy unmount)")
            }
            Action::Backup { full: false } => {
                text!("立即做一次增量备份", "start an incremental backup now")
            }
            Action::Backup { full: true } => text!("立即做一次全量备份", "start a full backup now"),
            Action::Cancel { force: false } => {
                text!("取消正在跑的备份", "cancel the running backup")
            }
            Action::Cancel { force: true } => {
                text!("强制终止正在跑的备份", "end the running backup by force")
            }
            Action::ClearLock => text!("清除过期的备份锁", "clear the stale backup lock"),
            Action::PutLockBack(_) => text!("放回被清除的备份锁", "put the cleared backup lock back"),
            Action::CloseGhost => text!("关闭幽灵任务", "close the ghost job"),
            Action::Services { which, how } => {
                let (which, how) = (which.word(), how.word());
                Text { zh: format!("{}{}", how.zh, which.zh), en: format!("{} {}", how.en, which.en) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_which_action_it_was() {
        for which in [Service::Backend, Service::Frontend, Service::Ragflow] {
            for how in [How::Restart, How::Stop, How::Start] {
                let action = Action::Services { which, how };
                assert_eq!(Action::of_id(action.id()), Some(action));
            }
        }
        for id in ["mount", "unmount-lazy", "backup-full", "cancel-force", "clear-lock", "close-ghost"] {
            assert_eq!(Action::of_id(id).map(|a| a.id()), Some(id));
        }
        assert_eq!(Action::of_id("put-lock-back"), Some(Action::PutLockBack(LockRow::default())));
        assert_eq!(Action::of_id("format-disk"), None);
    }
}
