//! What lies in the pack folder, and whether the last full backup is whole.
use super::fate::expired;
use super::words::{just_ended, lacks, message_or_detail, not_copied, shortened, smaller};
use super::{Check, Facts};
use crate::core::derive::night::{self, Outcome, Slot};
use crate::core::derive::pack::{self, Owner};
use crate::core::gap::Gap;
use crate::core::probe::database::{Job, Kind, Status};
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::{Text, counted};
use crate::text;

/// A copy that has not changed for this long is not under way any more.
const STILL_MS: i64 = 2 * 3_600_000;

/// What lies in the pack folder.
pub(super) fn packs(f: &Facts) -> Check {
    let title = text!("备份包目录", "pack folder");
    let (folder, db) = match (&f.packs, f.db) {
        (Err(gap), _) => return Check::unknown("packs", title, gap),
        (_, Err(gap)) => return Check::unknown("packs", title, gap),
        (Ok(folder), Ok(db)) => (folder, db),
    };
    let ours = folder.packs.iter().filter(|p| pack::owner(p, db) != Owner::NotOurs).count();
    let others = folder.packs.len() - ours;
    let size = folder.bytes();
    let (n, packs) = (folder.packs.len(), counted(folder.packs.len(), "pack", "packs"));
    let mut check = Check::new(
        "packs",
        title,
        State::Ok,
        text!(
            "共有 {n} 个备份包 {size}：本服务器 {ours} 个，其他来源 {others} 个",
            "{packs}, {size}: {ours} of this server, {others} of others"
        ),
    );
    // one that is being written, by this server or by the other, is no leftover: a leftover has not changed for hours
    let still = |p: &&Pack| f.now.since(p.changed) > STILL_MS;
    let left: Vec<&Pack> = folder.interrupted.iter().filter(still).collect();
    if !left.is_empty() {
        let names: Vec<&str> = left.iter().map(|p| p.path.as_str()).take(5).collect();
        check.state = State::Warning;
        check.evidence.push(text!(
            "中断的复制留下了 {} 个残留：{}",
            "interrupted copies left {}: {}",
            left.len(),
            names.join(", ")
        ));
        check.next = Some(text!(
            "确认两台服务器都没有备份在跑之后，可在 Windows 上删除这些残留",
            "once no backup runs on either server, they may be deleted on Windows"
        ));
    }
    let gone: Vec<String> = db
        .jobs
        .iter()
        .filter(|j| j.status == Status::Completed)
        .take(3)
        .filter(|j| j.output_dir.is_some() && pack::of_job(j, folder).is_none() && !not_copied(f, j))
        .filter(|j| !expired(f, j) && !f.ended_meanwhile(j))
        .map(|j| j.id.to_string())
        .collect();
    if !gone.is_empty() {
        check.state = State::Warning;
        check.evidence.push(text!("最近完成的任务 {} 的包已不在共享上（可能被另一台服务器的保留策略清理）", "the packs of recent jobs {} are no longer on the share (another server's retention may have deleted them)", gone.join(", ")));
        check.next = Some(text!("调大两台服务器的保留数量", "raise the retention of both servers"));
    }
    check
}

/// Is the last full backup whole, images included?
pub(super) fn last_full(f: &Facts) -> Check {
    let title = text!("最近的全量备份", "last full backup");
    let check = |state, summary| Check::new("last_full", title.clone(), state, summary);
    let db = match f.db {
        Ok(db) => db,
        Err(gap) => return Check::unknown("last_full", title, gap),
    };
    let planned = f.plan.as_ref().is_some_and(|plan| plan.cron(&Kind::Full).is_some());
    let Some(job) = db.last_completed.iter().find(|j| j.kind == Kind::Full) else {
        return match planned {
            true => {
                check(State::Warning, text!("还没有一次全量备份完成过", "no full backup has ever completed"))
                    .next(text!("触发一次全量备份", "start a full backup"))
            }
            false => check(State::Ok, text!("没有安排全量备份", "no full backup is scheduled")),
        };
    };
    let at = job.finished.or(job.created).map(|at| f.time(at)).unwrap_or_default();
    if let Some(ended) = lost(f, job) {
        let why = shortened(message_or_detail(ended));
        return check(
            State::Failed,
            match &ended.status {
                Status::Canceled => text!(
                    "最近一次全量备份 {} 被取消了；完成的那次是 {at}",
                    "the last full backup, {}, was canceled; the last that was completed is of {at}",
                    ended.id
                ),
                _ => text!(
                    "最近一次全量备份 {} 失败：{why}；完成的那次是 {at}",
                    "the last full backup, {}, failed: {why}; the last that was completed is of {at}",
                    ended.id
                ),
            },
        )
        .next(text!(
            "处理上面的原因，再触发一次全量备份",
            "mend the reason above, then start a full backup"
        ));
    }
    let last = match pack_of_last(f, job, &at) {
        // of one that ended while this look was taken the next one tells
        short if short.state == State::Warning && f.ended_meanwhile(job) => {
            check(State::Warning, just_ended(job)).next(text!("再检查一次", "check again"))
        }
        last => last,
    };
    let Some(due) = overdue(f, job) else { return last };
    let due = f.time(due);
    let running = f.live.iter().any(|(j, w)| j.kind == Kind::Full && !w.is_gone());
    let state = if running { State::Warning } else { State::Failed };
    // that none was completed since is the worse news; how the last one is stands beside it
    let beside = matches!(last.state, State::Warning | State::Failed).then_some(last.summary);
    check(
        state,
        text!(
            "{due} 该做的全量备份没有完成，最近一次是 {at}",
            "the full backup that was due at {due} was not completed; the last one is of {at}"
        ),
    )
    .evidence_of(beside)
    .evidence_of(last.evidence)
    .next(text!(
        "看任务记录里的原因，再触发一次全量备份",
        "see why in the list of jobs, then start a full backup"
    ))
}

/// How the pack of the last completed full backup is.
fn pack_of_last(f: &Facts, job: &Job, at: &str) -> Check {
    let title = text!("最近的全量备份", "last full backup");
    let check = |state, summary| Check::new("last_full", title.clone(), state, summary);
    let folder = match &f.packs {
        Ok(folder) => *folder,
        Err(gap) => return Check::unknown("last_full", title, gap),
    };
    let Some(pack) = pack::of_job(job, folder) else {
        if not_copied(f, job) {
            return check(
                State::Warning,
                text!(
                    "最近的全量备份 {}（{at}）做完了，但没有复制到共享",
                    "the last full backup {} ({at}) was made and not copied to the share",
                    job.id
                ),
            )
            .next(text!(
                "先处理没有复制的原因，再触发一次全量备份",
                "mend what kept it from being copied, then start a full backup"
            ));
        }
        return check(
            State::Warning,
            text!(
                "最近的全量备份 {}（{at}）已不在共享上",
                "the last full backup {} ({at}) is not on the share any more",
                job.id
            ),
        )
        .next(text!("触发一次全量备份；并检查保留数量", "start a full backup; and check the retention"));
    };
    let judged = f.judge(pack, &job.kind, Some(job));
    let place = text!("{}，{}", "{}, {}", pack.path, pack.bytes());
    if !judged.missing.is_empty() {
        // an older pack that is incomplete is for the week, not for this morning
        return check(State::Warning, lacks(job, &judged))
            .evidence(place)
            .next(text!("看磁盘空间，再触发一次全量备份", "see the disk space, then start a full backup"));
    }
    if judged.unproved {
        return Check::unknown("last_full", title, f.look.volumes.as_ref().err().unwrap_or(&Gap::NoAnswer))
            .evidence(place);
    }
    if let Some(small) = f.small(job, pack) {
        let what = smaller(&small);
        return check(
            State::Warning,
            Text {
                zh: format!("备份 {}（{at}）在共享上，但{}", job.id, what.zh),
                en: format!("backup {} ({at}) is on the share, but {}", job.id, what.en),
            },
        )
        .evidence(place)
        .next(text!(
            "看数据是否真的少了；不确定就再触发一次全量备份",
            "see whether the data really shrank; if in doubt start a full backup again"
        ));
    }
    check(State::Ok, text!("{at}，完整", "{at}, complete")).evidence(place)
}

/// The full backup that was begun for the newest slot and ended without one, if none was completed since. A row speaks at
/// once, other than its absence.
fn lost<'a>(f: &Facts<'a>, last: &Job) -> Option<&'a Job> {
    let cron = f.plan.as_ref()?.cron(&Kind::Full)?;
    let slot = Slot { due: cron.newest(f.now, f.zone_s?)?, kind: Kind::Full };
    match night::outcome(&slot, f.db.ok()?, f.now, &f.env.thresholds) {
        Outcome::Ended(job)
            if job.id > last.id && matches!(job.status, Status::Failed | Status::Canceled) =>
        {
            Some(job)
        }
        _ => None,
    }
}

/// A weekly full backup may end this long after its slot. More than a day, because a weekday may be meant as the next one: the
/// documents do not say on which day the backend's week begins.
const WEEKLY_GRACE_MS: i64 = 26 * 3_600_000;

/// The newest full backup that was due has failed, or was not completed, whatever the last completed one is like.
pub(in crate::core) fn newest_full_is_lost(f: &Facts) -> bool {
    let last = f.db.ok().and_then(|db| db.last_completed.iter().find(|j| j.kind == Kind::Full));
    last.is_some_and(|last| lost(f, last).is_some() || overdue(f, last).is_some())
}

/// The newest slot of full backups, if it has long passed and no full backup was completed since.
fn overdue(f: &Facts, last: &Job) -> Option<EpochMs> {
    let cron = f.plan.as_ref()?.cron(&Kind::Full)?;
    let grace_ms = match cron.is_weekly() {
        true => WEEKLY_GRACE_MS,
        false => i64::from(f.env.thresholds.finish_grace_min) * 60_000,
    };
    let due = cron.newest(EpochMs(f.now.0.saturating_sub(grace_ms)), f.zone_s?)?;
    let done = last.finished.or(last.created);
    done.is_none_or(|done| done.since(due) < -60_000).then_some(due)
}
