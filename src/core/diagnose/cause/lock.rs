//! A lock that nobody holds.
use crate::core::derive::job::{Worker, stale_locks};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, CLEAR_LOCK, Family, Runbook};
use crate::core::diagnose::scene::{CATCH_UP_MS, Scene};
use crate::core::diagnose::types::Certainty;
use crate::core::plan::Action;
use crate::core::state::State;
use crate::core::verdict::Fate;
use crate::text;

/// The lock of a job that is not there.
pub(super) static STALE: Rule = Rule {
    id: "stale-lock",
    covers: &["lock"],
    look: stale,
    runbook: || Runbook {
        family: Family::Jobs,
        title: text!("备份锁没有主人", "a backup lock that nobody holds"),
        what: text!(
            "数据库里有一把备份锁，但没有活着的任务。后端看到锁就以为有人在备份，新的触发会被拒绝（网页上是 409）。",
            "The database has a backup lock and no living job. The backend takes it for a backup at work and refuses every trigger (409 in the web page)."
        ),
        shows: text!(
            "「备份锁」失败：有锁，没有活着的任务；网页上点备份返回 409。",
            "\"backup lock\" fails: a lock and no living job; starting a backup in the web page answers 409."
        ),
        how: text!(
            "备份刚拿到锁、还没写任务，后端就被重启或杀掉；或者任务死了，锁没有放。后端自己要一天后才清。",
            "The backend was restarted or killed just after it took the lock, or a job died without giving it back. The backend itself drops it after a day."
        ),
        mend: text!(
            "按 X 清除：控制台只删你看到的那一把，并再确认一次没有活着的任务、没有在打包的（后端从那以后没重启过时，要输入环境名）；删错了能原样放回（opsdeck unlock --put-back）。然后等一两分钟看后端会不会自己补跑；没有就按 B。",
            "Press X: the console deletes only the lock that you see, after making sure that no job lives and nothing packs (if the backend was not restarted since, the name is typed); opsdeck unlock --put-back undoes it. Give the backend a minute or two to back up by itself; else press B."
        ),
        acts: &[CLEAR_LOCK, BACKUP],
        proof: text!("锁没有了，触发备份不再被拒绝", "the lock is gone, and a backup can be started"),
        call: &[Whom::Backend],
        dont: text!(
            "不要手工 DELETE 整张表：可能删掉刚刚开始的备份的锁，两个备份就会同时写。",
            "Do not DELETE the whole table by hand: that may take the lock of a backup that has just begun, and two would write at once."
        ),
    },
};

fn stale(s: &Scene) -> Ruling {
    let Ok(db) = s.f.db else { return Ruling::Open };
    let Some(lock) = db.locks.first() else {
        return Ruling::Out(s.saw(Probe::Database, text!("没有锁", "no lock")));
    };
    let workers: Vec<Worker> = s.f.live.iter().map(|(_, w)| w.clone()).collect();
    if stale_locks(db, &workers).is_empty() {
        return match s.state("lock") {
            State::Ok => Ruling::Out(s.said(Probe::Database, "lock")),
            _ => Ruling::Open,
        };
    }
    let state = s.state("lock");
    if state == State::Warning {
        return Found::new(
            State::Warning,
            Certainty::Possible,
            text!(
                "备份锁刚刚被拿走，任务还没出现",
                "the backup lock has just been taken, and there is no job yet"
            ),
        )
        .by(s.evidence("lock"))
        .would_prove(text!(
            "一两分钟后还是没有任务，就是没有主人的锁",
            "in a minute or two there is still no job"
        ))
        .fix(Fix::Wait { until: s.soon(CATCH_UP_MS), what: text!("等任务出现", "wait for its job") })
        .proof(text!("任务出现，或者锁没有了", "its job appears, or the lock is gone"))
        .ruling();
    }
    // whoever took it went with the process: only a start of the container after it proves that
    let started = s.f.backend.ok().flatten().and_then(|c| c.started);
    let gone = started.zip(lock.acquired).filter(|(start, taken)| start > taken);
    let held = lock.acquired.map(|at| s.time(at)).unwrap_or_else(|| "?".into());
    let blocked = matches!(&s.fate, Fate::Missed)
        && s.f.slot.as_ref().zip(lock.acquired).is_some_and(|(slot, at)| at <= slot.due);
    let mut found = Found::new(
        State::Failed,
        if gone.is_some() { Certainty::Proved } else { Certainty::Likely },
        text!(
            "备份锁没有主人（{held} 留下的）：没有活着的任务，新的备份都会被拒绝",
            "nobody holds the backup lock (left at {held}): no job lives, and every new backup is refused"
        ),
    )
    .by(s.evidence("lock"))
    .by([s.saw(
        Probe::Database,
        if s.f.live.is_empty() {
            text!("没有进行中的任务", "no job is at work")
        } else {
            text!("写着进行中的任务都已经死了", "the jobs that say that they run are dead")
        },
    )])
    .by(gone.map(|(start, _)| {
        s.saw(
            Probe::Containers,
            text!(
                "后端在那之后（{}）重启过，拿锁的进程已经不在",
                "the backend was restarted since ({}): whoever took it is gone",
                s.time(start)
            ),
        )
    }))
    .by(s.refused_start())
    .would_prove(text!(
        "后端在拿锁之后重启过，拿锁的进程就一定不在了",
        "a start of the backend after the lock was taken"
    ))
    .fix(Fix::Do(Action::ClearLock))
    .because_of(&["ghost-job", "stuck-canceling"]);
    if blocked || s.night_lost() {
        found = found.fix(s.backup());
    }
    found.ruling()
}
