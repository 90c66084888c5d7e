//! Jobs that say they are at work, and the lock that they hold.
use super::{Check, Facts};
use crate::config::model::Thresholds;
use crate::core::derive::job::{self, Worker};
use crate::core::gap::Gap;
use crate::core::probe::database::{Job, Status};
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// Jobs that say they are at work.
pub(super) fn live(f: &Facts) -> Check {
    let title = text!("进行中的任务", "live jobs");
    if let Err(gap) = f.db {
        return Check::unknown("live", title, gap);
    }
    if f.live.is_empty() {
        return Check::new("live", title, State::Ok, text!("没有进行中的任务", "no job is at work"));
    }
    let judge = |job: &Job, w: &Worker| state_of_worker(job, w, f.now, &f.env.thresholds);
    let states = f.live.iter().map(|(j, w)| judge(j, w));
    let state = State::of_all(states);
    let worst = f.live.iter().find(|(j, w)| judge(j, w) == state);
    let Some((job, _)) = worst else {
        return Check::unknown("live", title, &Gap::NoAnswer);
    };
    let summary = match state {
        State::Failed => text!(
            "任务 {} 是幽灵：写着进行中，其实已经死了，会挡住后面的备份",
            "job {} is a ghost: its row says that it runs, but it is dead, and it blocks every backup",
            job.id
        ),
        State::Warning if job.status == Status::Canceling => {
            text!("任务 {} 卡在取消中", "job {} is stuck while canceling", job.id)
        }
        State::Warning => text!("任务 {} 可能卡住了", "job {} may be stuck", job.id),
        State::Unknown => text!(
            "任务 {} 写着进行中，看不出是不是还活着：{}",
            "job {} says that it runs; whether it is alive cannot be seen: {}",
            job.id,
            job.message
        ),
        _ => text!("任务 {} 正在进行：{}", "job {} is running: {}", job.id, job.message),
    };
    let check =
        Check::new("live", title, state, summary).evidence_of(f.live.iter().map(|(j, w)| proof(f, j, w)));
    match state {
        State::Failed => {
            check.next(text!(
                "这一行要改成失败才能再备份：在运维台里按 X 关闭它，或等后端在 24 小时后自己清理",
                "its row must be set to failed before another backup can run: X in the console closes it, or wait for the backend's own sweep after 24 h"
            ))
        }
        State::Warning => check.next(text!(
            "几分钟后再看一次；仍无动静就取消它（运维台里按 K）",
            "look again in a few minutes; cancel it if it still does not move (K in the console)"
        )),
        State::Unknown if f.packs.is_err() => check.next(text!(
            "几分钟后再看一次；先让共享恢复应答",
            "look again in a few minutes; make the share answer first"
        )),
        State::Unknown => check.next(text!("几分钟后再看一次", "look again in a few minutes")),
        State::Ok => check,
    }
}

/// What is to be thought of a job that says it is at work. `now` is the server's time.
pub(in crate::core) fn state_of_worker(
    job: &Job,
    worker: &Worker,
    now: EpochMs,
    limits: &Thresholds,
) -> State {
    let patience_ms = i64::from(limits.stuck_after_min) * 60_000;
    match worker {
        w if w.is_gone() => State::Failed,
        Worker::Still { .. } => State::Warning,
        Worker::Growing { .. } | Worker::Packing { .. } => State::Ok,
        // a young job has had no time to show anything
        Worker::CannotTell if job.began().is_some_and(|b| now.since(b) <= patience_ms) => State::Ok,
        _ => State::Unknown,
    }
}

/// What a judgement of a worker rests on.
pub(in crate::core) fn proof(f: &Facts, job: &Job, worker: &Worker) -> Text {
    match worker {
        Worker::GoneByRestart { began, container_started } => text!(
            "{} 开始于 {}，而后端容器在 {} 重启过，干活的线程已不在",
            "{} began at {}, and the backend's container was restarted at {}: its worker is gone",
            job.id,
            f.time(*began),
            f.time(*container_started)
        ),
        Worker::GoneWithContainer { ended } => text!(
            "后端容器已停（{}），干活的线程已不在",
            "the backend's container has stopped ({}): the worker is gone",
            ended.map(|e| f.time(e)).unwrap_or_else(|| "?".into())
        ),
        Worker::Growing { changed } => {
            let ago = f.ago(*changed);
            Text {
                zh: format!("它的包 {}还有变化", ago.zh), en: format!("its pack changed {}", ago.en)
            }
        }
        Worker::Packing { container } => {
            text!("打包容器 {container} 在运行", "the packing container {container} runs")
        }
        Worker::Still { since, .. } => {
            text!("最后的动静在 {}", "the last sign of life was at {}", f.time(*since))
        }
        Worker::CannotTell => text!(
            "看不到 {} 的包，或者刚开始，判断不了动静",
            "the pack of {} cannot be seen, or it is too early: whether it moves is not known",
            job.id
        ),
    }
}

/// A lock takes effect within moments of its job; until then it may belong to one that is just being made.
const FRESH_LOCK_MS: i64 = 120_000;

/// Does a lock block the next backup?
pub(super) fn lock(f: &Facts) -> Check {
    let title = text!("备份锁", "backup lock");
    let db = match f.db {
        Ok(db) => db,
        Err(gap) => return Check::unknown("lock", title, gap),
    };
    let Some(first) = db.locks.first() else {
        return Check::new("lock", title, State::Ok, text!("没有锁", "no lock"));
    };
    let held = first.acquired.map(|at| f.time(at)).unwrap_or_else(|| "?".into());
    let workers: Vec<Worker> = f.live.iter().map(|(_, w)| w.clone()).collect();
    let evidence = text!(
        "锁 {}，持有者 {}，取得于 {held}",
        "lock {}, owner {}, taken at {held}",
        first.name,
        first.owner
    );
    if job::stale_locks(db, &workers).is_empty() {
        return Check::new(
            "lock",
            title,
            State::Ok,
            text!("锁由进行中的任务持有", "held by the job that runs"),
        )
        .evidence(evidence);
    }
    let fresh = first.acquired.is_some_and(|at| (0..FRESH_LOCK_MS).contains(&f.now.since(at)));
    if fresh && f.live.is_empty() {
        return Check::new(
            "lock",
            title,
            State::Warning,
            text!("锁刚刚取得，还没有任务", "just taken, no job yet"),
        )
        .evidence(evidence)
        .next(text!("一两分钟后再检查一次", "check again in a minute or two"));
    }
    Check::new(
        "lock",
        title,
        State::Failed,
        text!(
            "锁没有主人：没有活着的任务持有它，触发备份会被拒绝",
            "nobody holds this lock: no living job does, and backups are refused"
        ),
    )
    .evidence(evidence)
    .evidence(text!(
        "后端自己要到 {} 小时后才清除它",
        "the backend itself only drops it after {} h",
        f.env.thresholds.lock_ttl_h
    ))
    .next(text!(
        "要清除这把锁才能再备份：在运维台里按 X 清除",
        "it must be cleared before another backup can run: X in the console clears it"
    ))
}
