//! What became of the night by its job alone. Each hangs under whatever explains it.
use super::words::{self, Words};
use super::{FULL, NO_BACKEND, NOT_THE_SHARE};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{CauseId, Certainty};
use crate::core::probe::database::{Job, Status};
use crate::core::state::State;
use crate::core::verdict::Fate;
use crate::text;

/// It failed.
pub(super) static FAILED: Rule = Rule {
    id: "job-failed",
    covers: &[],
    look: |s| {
        let job = match &s.fate {
            Fate::Ended(job) if job.status != Status::Canceled => *job,
            Fate::There { job, .. } => {
                return Ruling::Out(
                    s.saw(Probe::Database, text!("任务 {} 完成了", "job {} was completed", job.id)),
                );
            }
            _ => return Ruling::Open,
        };
        let mut found = Found::new(State::Failed, Certainty::Proved, s.summary("night"))
            .by([s.said(Probe::Database, "night")])
            .by(s.evidence("night"))
            .because_of(&reasons(s, job))
            .tells_the_night(true);
        // another one is at work already
        if let Some(other) = s.at_work() {
            found = found.fix(s.wait_for(other));
        }
        // what stood in its way then may be gone by now: then it is only to be made up for
        found
            .fix(s.backup())
            .fix(Fix::Call {
                whom: Whom::Backend,
                what: text!(
                    "再失败一次，就把任务的原因和后端日志发过去",
                    "if it fails again, send them the job's reason and the backend's log"
                ),
            })
            .ruling()
    },
    runbook: || Runbook {
        family: Family::Jobs,
        title: text!("备份任务失败", "the backup failed"),
        what: text!(
            "昨夜的备份开始了，中途失败，后端在任务里写了原因。共享上可能留下半个包，不能用。",
            "Last night's backup began and failed; the backend wrote the reason into the job. Half a pack may be left on the share: it is of no use."
        ),
        shows: text!(
            "「昨夜的备份」失败，后面是任务自己写的原因；任务画面（F6）有全文。",
            "\"last night's backup\" fails with the job's own words; the jobs screen (F6) has all of them."
        ),
        how: text!(
            "共享没挂好、空间不够、Docker 或数据卷出错、数据库打不开……原因以任务里写的为准。",
            "The share was not there, no room, Docker or a volume failed, the database could not be opened: the job's own words tell."
        ),
        mend: text!(
            "按任务里写的原因处理；原因已经不在了（例如共享已挂好），就直接按 B 再做一次。再失败，把原因和后端日志发给后端负责人。",
            "Mend what the job says; if that is gone by now (the share is mounted again), press B. If it fails again, send its reason and the backend's log to whoever runs it."
        ),
        acts: &[BACKUP],
        proof: text!(
            "新任务完成，包在共享上而且完整",
            "a new job is completed, and its pack is on the share and whole"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要不看原因就反复重试。不要把那半个包当备份。",
            "Do not try again and again without reading the reason. Do not take the half pack for a backup."
        ),
    },
};

/// Causes that a failed job's own words speak of, the nearest first.
fn reasons(s: &Scene, job: &Job) -> Vec<CauseId> {
    let words = Words::of(job);
    let mut all: Vec<CauseId> = Vec::new();
    if words.say(words::NOT_MOUNTED) {
        all.extend(NOT_THE_SHARE);
        all.extend(["container-blind", "container-no-bind", "reboot-lost-mount"]);
    }
    if words.say(words::NO_ROOM) {
        match (words.name_the_share(s), s.f.share_is_mounted()) {
            // a path on the share speaks of the share's room
            (true, true) => all.push("share-full"),
            // without the share on it that folder is the server's own disk
            (true, false) => all.extend(["disk-full", "inodes-full", "share-full"]),
            (false, _) => all.extend(FULL),
        }
    }
    if words.say(words::DOCKER) {
        all.extend(["docker-down", "docker-in-backend"]);
    }
    if words.say(words::COMPOSE) {
        all.extend(["compose-missing", "volumes-missing", "compose-in-backend"]);
    }
    if words.say(words::AWAY) {
        all.extend(["share-hung", "share-error", "windows-off", "windows-refuses", "no-route"]);
        all.extend(NOT_THE_SHARE);
    }
    if (words.say(words::DENIED) || words.say(words::READ_ONLY)) && words.name_the_share(s) {
        all.extend(["read-only", "no-permission", "share-error"]);
    }
    all
}

/// Somebody stopped it.
pub(super) static CANCELED: Rule = Rule {
    id: "job-canceled",
    covers: &[],
    look: |s| match &s.fate {
        Fate::Ended(job) if job.status == Status::Canceled => {
            let asked = job.cancel_requested.or(job.canceled);
            Found::new(State::Failed, Certainty::Proved, s.summary("night"))
                .by([s.said(Probe::Database, "night")])
                .by(s.evidence("night"))
                .by(asked.map(|at| {
                    s.saw(
                        Probe::Database,
                        text!("{} 有人要求取消", "somebody asked for it at {}", s.time(at)),
                    )
                }))
                .fix(s.backup())
                .tells_the_night(true)
                .ruling()
        }
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Jobs,
        title: text!("备份被取消了", "the backup was canceled"),
        what: text!(
            "昨夜的备份是被人取消的，没有做完。",
            "Somebody canceled last night's backup before its end."
        ),
        shows: text!(
            "「昨夜的备份」失败：被取消了，写着什么时候。",
            "\"last night's backup\" fails: it was canceled, and when."
        ),
        how: text!(
            "有人在网页或控制台上点了取消，通常因为它太慢或挡住了别的操作。",
            "It was canceled in the web page or the console, mostly because it was slow or in the way."
        ),
        mend: text!("问清是谁、为什么取消的，再按 B 做一次。", "Ask who canceled it and why, then press B."),
        acts: &[BACKUP],
        proof: text!(
            "新任务完成，包在共享上而且完整",
            "a new job is completed, and its pack is on the share and whole"
        ),
        call: &[Whom::You],
        dont: text!(
            "不要把取消时留下的半个包当备份。",
            "Do not take the half pack that it left for a backup."
        ),
    },
};

/// Nothing was started.
pub(super) static NONE: Rule = Rule {
    id: "no-job",
    covers: &[],
    look: |s| match &s.fate {
        Fate::Missed => Found::new(State::Failed, Certainty::Proved, s.summary("night"))
            .by([s.said(Probe::Database, "night")])
            .by(s.evidence("night"))
            .because_of(&then(s))
            .fix(s.backup())
            .night(true)
            .only_under()
            .ruling(),
        Fate::There { job, .. } => {
            Ruling::Out(s.saw(Probe::Database, text!("任务 {} 完成了", "job {} was completed", job.id)))
        }
        Fate::Ended(job) => {
            Ruling::Out(s.saw(Probe::Database, text!("到点后有任务 {}", "there is a job since: {}", job.id)))
        }
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Jobs,
        title: text!("到点没有启动任务", "no job was started"),
        what: text!(
            "备份时间过了，数据库里没有任何新任务：后端根本没有开始。",
            "The time has passed and the database has no new job: the backend did not even begin."
        ),
        shows: text!(
            "「昨夜的备份」失败：到点后没有任何任务。",
            "\"last night's backup\" fails: nothing was started."
        ),
        how: text!(
            "后端不在、定时没开或写错、幽灵任务或锁占着位置。",
            "The backend was away, the schedule is off or wrong, a ghost job or a lock is in the way."
        ),
        mend: text!(
            "先看「后端服务」「定时设置」「进行中的任务」「备份锁」哪一项不正常，修好它；再按 B 补一次。",
            "See which of \"backend\", \"schedule\", \"live jobs\" and \"backup lock\" is not OK, and mend it; then press B."
        ),
        acts: &[BACKUP],
        proof: text!(
            "新任务完成，包在共享上而且完整",
            "a new job is completed, and its pack is on the share and whole"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要因为后端日志里没有触发的那一行就下结论：有些版本不写。",
            "Do not conclude anything from a line that the backend's log lacks: some versions do not write it."
        ),
    },
};

/// What may have kept a job from being started, the nearest first: what came only after the time had passed kept nothing. A lock
/// may have been taken at that very time, by a backend that died before it wrote the job.
fn then(s: &Scene) -> Vec<CauseId> {
    let due = s.f.slot.as_ref().map(|slot| slot.due);
    let lock = s.f.db.ok().and_then(|db| db.locks.first()?.acquired);
    let grace_ms = i64::from(s.f.env.thresholds.start_grace_min) * 60_000;
    let backend = s.f.backend.ok().flatten();
    // it ran over the time, and ended later
    let was_there = backend.filter(|c| !c.running).zip(due).is_some_and(|(c, due)| {
        c.started.is_some_and(|at| at <= due) && c.finished.is_some_and(|at| at > due)
    });
    let came_later = |id: &CauseId| match *id {
        "stale-lock" => lock.zip(due).is_some_and(|(at, due)| at.since(due) > grace_ms),
        "backend-down" => was_there,
        _ => false,
    };
    let jobs = ["ghost-job", "stuck-canceling", "stuck-job", "running", "stale-lock", "backend-away"];
    let all = NO_BACKEND.into_iter().chain(jobs).chain(["disk-full", "inodes-full"]);
    all.filter(|id| !came_later(id)).collect()
}

/// It says completed, and the share cannot be seen.
pub(super) static UNSEEN: Rule = Rule {
    id: "pack-unseen",
    covers: &[],
    look: |s| match &s.fate {
        Fate::Unseen { job, .. } => Found::new(State::Unknown, Certainty::Possible, s.summary("night"))
            .by([s.saw(
                Probe::Database,
                text!("任务 {} 写着完成：{}", "job {} says completed: {}", job.id, job.message),
            )])
            .because_of(&["share-hung", "share-error"])
            .because_of(&NOT_THE_SHARE)
            .because_of(&[
                "reboot-lost-mount",
                "wrong-folder",
                "wrong-server",
                "windows-off",
                "windows-refuses",
                "no-route",
                "name-unknown",
            ])
            .night(true)
            .only_under()
            .ruling(),
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("看不到昨夜的备份包", "last night's pack cannot be seen"),
        what: text!(
            "任务写着完成，但共享现在看不到，包在不在、完不完整都不知道。",
            "The job says completed, but the share cannot be seen now: whether the pack is there and whole is not known."
        ),
        shows: text!(
            "「昨夜的备份」未知：任务写着完成，共享看不到。",
            "\"last night's backup\" is unknown: the job says completed, and the share cannot be seen."
        ),
        how: text!(
            "备份之后共享才断开、卡死，或者挂成了别的。",
            "The share was lost, hung, or replaced after the backup."
        ),
        mend: text!(
            "先修共享（总览里失败的那几项：挂载、端口、应答），再按 F5 检查。包在而且完整，就什么都不用补。",
            "Mend the share first (what fails of mount, port and answer), then press F5. If the pack is there and whole, nothing has to be made up for."
        ),
        acts: &[],
        proof: text!("看得到包，而且完整", "the pack is seen, and it is whole"),
        call: &[Whom::Windows],
        dont: text!("在看到包之前，不要当作有备份。", "Do not count on the backup before its pack is seen."),
    },
};
