//! The actions in their situations, and what must hold after each, whatever happened in its middle.
use super::state::{Ran, State};
use opsdeck::core::plan::event::How as Ended;
use opsdeck::core::plan::{Action, How, LockRow, Service};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::EpochMs;
use sha2::{Digest, Sha256};

/// An action in a situation.
pub(crate) struct Story {
    pub(crate) name: &'static str,
    /// The same in Chinese.
    // read where there is a table
    #[allow(dead_code)]
    pub(crate) zh: &'static str,
    /// Run on the server before each case, after `on_server.sh`; must succeed.
    pub(crate) prepare: &'static str,
    /// What a look sees then: `tests/jobs/stories.rs` makes each plan from it, without the lab.
    pub(crate) seen: Seen,
    pub(crate) action: fn() -> Action,
    /// It is given the share's password.
    pub(crate) password: bool,
    /// What of the state it is there to change: that may be as before or otherwise, and `wrong` says what it must be.
    pub(crate) changes: &'static [&'static str],
    /// What is wrong with the state afterwards, however the run ended.
    pub(crate) wrong: fn(&State, &State, &Ran<'_>) -> Vec<String>,
}

/// A captured answer of the lab, and what is different from it.
// its names are read where there is no lab
#[allow(dead_code)]
#[derive(Clone, Copy, Debug)]
pub(crate) enum Seen {
    /// Nothing is.
    Captured(&'static str),
    /// All is well, but the backend is stopped.
    BackendStopped,
    /// All is well, and a backup is at work.
    Backup,
    /// All is well, but for a lock that nobody holds.
    StaleLock,
    /// Captured so, and the file server is frozen: prepared first, frozen then, and thawed before anything is compared.
    Frozen(&'static str),
}

const HEALTHY: Seen = Seen::Captured("healthy");

impl Story {
    /// Whether the file server is frozen while it is acted.
    pub(crate) fn is_frozen(&self) -> bool {
        matches!(self.seen, Seen::Frozen(_))
    }
}

const fn services(which: Service, how: How) -> Action {
    Action::Services { which, how }
}

/// The lab's password: it opens nothing but the lab.
pub(crate) const PASSWORD: &str = "lab,pw 1";
/// A lock that nobody holds: taken when the lab's servers were not even started.
const LOCK: &str = "backup|5f1ab0de5f1ab0de5f1ab0de5f1ab0de|1700000000000";

pub(crate) const STORIES: &[Story] = &[
    Story {
        name: "restart the backend",
        zh: "重启后端",
        prepare: "healthy",
        seen: HEALTHY,
        action: || services(Service::Backend, How::Restart),
        password: false,
        changes: &[],
        wrong: nothing,
    },
    Story {
        name: "stop the backend",
        zh: "停止后端",
        prepare: "healthy",
        seen: HEALTHY,
        action: || services(Service::Backend, How::Stop),
        password: false,
        changes: &["backend", "answers", "inside"],
        wrong: |before, now, ran| {
            now.runs_as_told(before, ran).into_iter().chain(now.goal(ran, "backend", "false")).collect()
        },
    },
    Story {
        name: "start the backend",
        zh: "启动后端",
        prepare: "healthy && docker stop -t 3 ragflowauth-backend >/dev/null",
        seen: Seen::BackendStopped,
        action: || services(Service::Backend, How::Start),
        password: false,
        changes: &["backend", "answers", "inside"],
        wrong: |before, now, ran| {
            now.runs_as_told(before, ran).into_iter().chain(now.goal(ran, "answers", "yes")).collect()
        },
    },
    Story {
        name: "restart the frontend",
        zh: "重启前端",
        prepare: "healthy",
        seen: HEALTHY,
        action: || services(Service::Frontend, How::Restart),
        password: false,
        changes: &[],
        wrong: nothing,
    },
    Story {
        name: "restart RAGFlow",
        zh: "重启 RAGFlow",
        prepare: "healthy",
        seen: HEALTHY,
        action: || services(Service::Ragflow, How::Restart),
        password: false,
        changes: &[],
        wrong: nothing,
    },
    Story {
        name: "mount",
        zh: "挂载",
        prepare: "healthy && off && sed -i '/ \\/mnt\\/replica /d' /etc/fstab && printf 'username=bkuser\\npassword=an older one\\n' >/root/.smbcredentials",
        seen: Seen::Captured("not-mounted"),
        action: || Action::Mount { new_password: true },
        password: true,
        changes: &["mounted", "inside", "fstab", "credentials"],
        wrong: mount_is_whole,
    },
    Story {
        name: "mount, container blind",
        zh: "挂载（只是容器看不见）",
        prepare: "healthy && off && mount /mnt/replica",
        seen: Seen::Captured("container-blind"),
        action: || Action::Mount { new_password: false },
        password: false,
        changes: &["inside"],
        wrong: |_, now, ran| now.goal(ran, "inside", "yes"),
    },
    Story {
        name: "unmount",
        zh: "卸载",
        prepare: "healthy",
        seen: HEALTHY,
        action: || Action::Unmount { lazy: false },
        password: false,
        changes: &["mounted", "inside"],
        wrong: |_, now, ran| now.goal(ran, "mounted", "0"),
    },
    Story {
        name: "unmount, lazy",
        zh: "延迟卸载（共享卡住）",
        prepare: "healthy",
        seen: Seen::Frozen("share-hung"),
        action: || Action::Unmount { lazy: true },
        password: false,
        changes: &["mounted", "inside"],
        wrong: |_, now, ran| now.goal(ran, "mounted", "0"),
    },
    Story {
        name: "start a backup",
        zh: "触发备份",
        prepare: "healthy && knobs '{\"hold\": true, \"bytes_per_second\": 12000, \"step_seconds\": 2, \"refresh_seconds\": 3}'",
        seen: HEALTHY,
        action: || Action::Backup { full: false },
        password: false,
        changes: &["jobs", "live", "lock"],
        wrong: at_most_one_more,
    },
    Story {
        name: "cancel a backup",
        zh: "取消备份",
        prepare: "healthy && backup",
        seen: Seen::Backup,
        action: || Action::Cancel { force: false },
        password: false,
        changes: &["live", "lock"],
        wrong: lock_goes_with_the_job,
    },
    Story {
        name: "cancel by force",
        zh: "强制终止备份",
        prepare: "healthy && backup",
        seen: Seen::Backup,
        action: || Action::Cancel { force: true },
        password: false,
        changes: &["live", "lock"],
        wrong: lock_goes_with_the_job,
    },
    Story {
        name: "clear a stale lock",
        zh: "清除过期的锁",
        prepare: "healthy && sql \"INSERT INTO backup_locks (name, owner, acquired_at_ms) VALUES ('backup', '5f1ab0de5f1ab0de5f1ab0de5f1ab0de', 1700000000000)\"",
        seen: Seen::StaleLock,
        action: || Action::ClearLock,
        password: false,
        changes: &["lock"],
        wrong: |_, now, ran| {
            now.one_of("lock", &["", LOCK]).into_iter().chain(now.goal(ran, "lock", "")).collect()
        },
    },
    Story {
        name: "put a lock back",
        zh: "放回锁",
        prepare: "healthy",
        seen: HEALTHY,
        action: || {
            let (name, owner) = (SafeText::new("backup"), SafeText::new("5f1ab0de5f1ab0de5f1ab0de5f1ab0de"));
            Action::PutLockBack(LockRow { name, owner, acquired: Some(EpochMs(1_700_000_000_000)) })
        },
        password: false,
        changes: &["lock"],
        wrong: |_, now, ran| {
            now.one_of("lock", &["", LOCK]).into_iter().chain(now.goal(ran, "lock", LOCK)).collect()
        },
    },
    Story {
        name: "close a ghost job",
        zh: "关闭幽灵任务",
        prepare: "healthy && sql \"INSERT INTO backup_locks (name, owner, acquired_at_ms) VALUES ('backup', '5f1ab0de5f1ab0de5f1ab0de5f1ab0de', 1700000000000)\" && sql \"INSERT INTO backup_jobs (kind, status, progress, message, created_at_ms, started_at_ms) VALUES ('incremental', 'running', 40, '备份数据库', 1700000000000, 1700000000500)\"",
        seen: Seen::Captured("ghost-job"),
        action: || Action::CloseGhost,
        password: false,
        changes: &["live", "lock"],
        wrong: |_, now, ran| {
            let mut wrong = now.goal(ran, "live", "");
            // the job and its lock in one transaction: both or neither
            if now.is("live", "") != now.is("lock", "") {
                wrong.push("half of it was done".into());
            }
            wrong
        },
    },
];

fn nothing(_: &State, _: &State, _: &Ran<'_>) -> Vec<String> {
    Vec::new()
}

/// The credentials file is the old one or the new one, `/etc/fstab` has at most the one right line more; done means all of it.
fn mount_is_whole(before: &State, now: &State, ran: &Ran<'_>) -> Vec<String> {
    let file = format!("username=bkuser\npassword={PASSWORD}\n");
    let digest: String = Sha256::digest(file.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let new = format!("{} 600", &digest[..12]);
    let old = before.get("credentials").replace(" 644", " 600");
    let mut wrong = now.one_of("credentials", &[before.get("credentials"), &old, &new]);
    wrong.extend(now.same(before, "fstab_rest"));
    wrong.extend(now.one_of("fstab_ours", &["0", "1"]));
    wrong.extend(now.one_of("fstab_mode", &["644"]));
    for (name, value) in
        [("mounted", "1"), ("inside", "yes"), ("fstab_ours", "1"), ("credentials", new.as_str())]
    {
        wrong.extend(now.goal(ran, name, value));
    }
    wrong
}

/// A backup is started once, or not at all; and who has a lock has a job.
fn at_most_one_more(before: &State, now: &State, ran: &Ran<'_>) -> Vec<String> {
    let count = |s: &State| s.get("jobs").parse::<i64>().unwrap();
    let more = count(now) - count(before);
    let mut wrong = Vec::new();
    if !(0..=1).contains(&more) || (ran.ended == Some(Ended::Finished) && more != 1) {
        wrong.push(format!("{more} jobs were made"));
    }
    wrong
}

/// A job that lives keeps its lock, and one that is over leaves none.
fn lock_goes_with_the_job(_: &State, now: &State, ran: &Ran<'_>) -> Vec<String> {
    let mut wrong = now.goal(ran, "live", "");
    if now.is("live", "") != now.is("lock", "") {
        wrong.push(format!("live: {}; lock: {}", now.get("live"), now.get("lock")));
    }
    wrong
}
