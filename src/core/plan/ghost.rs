//! Closing jobs whose worker is gone: their rows say that they run, and block every backup.
use super::event::{self, Event};
use super::prove::{Proof, of_check};
use super::{Action, Checked, LockRow, Made, Refusal, Risk, Step, common, jobs, lock, script::word};
use crate::core::derive::job::Worker;
use crate::core::probe::database::{Job, Status};
use crate::core::state::State;
use crate::core::units::JobId;
use crate::core::verdict::{self, Facts};
use crate::i18n::Text;
use crate::text;
use serde_json::json;

/// What a closed row says: it is read by people who never saw this console, on the backend's own pages.
const WORDS: &str = "后端重启后任务已中断，由运维关闭";

/// The plan: every ghost at once.
pub(super) fn make(facts: &Facts, _root: &str) -> Result<Made, Refusal> {
    common::known(facts.db, &text!("有哪些任务", "which jobs there are"))?;
    if facts.live.is_empty() {
        return Ok(Made::Nothing {
            said: text!("没有写着进行中的任务，什么也不用做", "no job says that it runs: nothing to do"),
            evidence: Vec::new(),
        });
    }
    let proof = |(j, w): &(&Job, Worker)| verdict::proof(facts, j, w);
    let ghosts: Vec<&(&Job, Worker)> = facts.live.iter().filter(|(_, w)| w.is_gone()).collect();
    let Some((first, _)) = ghosts.first() else {
        let ids = facts.live.iter().map(|(j, _)| j.id.to_string()).collect::<Vec<_>>().join(" ");
        return Err(Refusal::new(
            text!(
                "没有证明任务 {ids} 的线程已经不在，不能关闭它。什么也没做",
                "the worker of job {ids} is not proved gone, so it cannot be closed. Nothing was done"
            ),
            text!("要停下它，就取消它", "to stop it, cancel it"),
        )
        .because(facts.live.iter().map(proof))
        .instead(Action::Cancel { force: false }));
    };
    let helpers = jobs::helpers(facts, oldest(ghosts.iter().map(|(j, _)| *j)));
    if !helpers.is_empty() {
        let names = helpers.iter().map(|c| c.name.to_string()).collect::<Vec<_>>().join(" ");
        return Err(Refusal::new(
            text!(
                "打包容器 {names} 还在往备份里写。什么也没做",
                "the packing container {names} still writes. Nothing was done"
            ),
            text!(
                "等它结束再检查；不结束就强制终止",
                "wait until it has ended; else end the backup by force"
            ),
        )
        .because(facts.live.iter().map(proof))
        .instead(Action::Cancel { force: true }));
    }
    let lock = their_lock(facts);
    let rows: Vec<_> = ghosts.iter().map(|(j, _)| jobs::row(j)).collect();
    let with = json!({
        "jobs": rows, "to": "failed", "lock": lock.as_ref().map(jobs::lock_row), "same_lock": true, "words": WORDS,
    });
    let steps = vec![
        proof_step(facts, ghosts.iter().map(|(j, _)| *j), lock.as_ref()),
        common::step(
            text!("逐项比对后把这些行改为失败", "set these rows to failed, by comparison"),
            format!("change_first close {}\n", word(&with.to_string())),
        ),
    ];
    let mut plan = common::plan(Action::CloseGhost, facts, steps);
    plan.risk = Risk::Heavy;
    let ids = ghosts.iter().map(|(j, _)| j.id.to_string()).collect::<Vec<_>>().join(" ");
    plan.effects = vec![text!("任务 {ids} 的行改为「失败」", "the rows of {ids} become failed")];
    if let Some(lock) = &lock {
        let owner = &lock.owner;
        plan.effects.push(text!(
            "一起删除它留下的锁：持有者 {owner}",
            "the lock that it left is deleted: owner {owner}"
        ));
    }
    plan.effects
        .push(text!("之后就能再做备份（立即备份）", "then backups are possible again (start one now)"));
    plan.checked = ghosts.iter().map(|g| Checked::good(proof(g))).collect();
    plan.checked.push(Checked::good(text!("没有打包容器在运行", "no packing container runs")));
    if let Some(other) = facts.db.ok().and_then(jobs::lock).filter(|_| lock.is_none()) {
        let owner = &other.owner;
        plan.checked.push(Checked::beware(
            "lock",
            text!(
                "备份锁（持有者 {owner}）没有证明是它们留下的：不动它",
                "the backup lock (owner {owner}) is not proved to be theirs: it is left alone"
            ),
        ));
    }
    if facts.missed_slot() {
        plan.checked.push(Checked::beware("missed", text!(
            "错过了昨夜的备份：关闭后后端约一分钟内可能自己补跑",
            "last night's backup was missed: within about a minute the backend may make up for it by itself"
        )));
    }
    plan.proof = vec![match lock {
        Some(_) => text!(
            "再看一次：这些任务不再写着进行中，锁不在了",
            "another look: none of them says that it runs, and the lock is gone"
        ),
        None => text!("再看一次：这些任务不再写着进行中", "another look: none of them says that it runs"),
    }];
    plan.undo = text!(
        "不能撤销；{} 原来的行记在操作记录里",
        "cannot be undone; the row of {} as it was is in the journal",
        first.id
    );
    plan.kept = ghosts.iter().map(|(j, _)| jobs::kept(j)).chain(lock.map(|l| l.kept())).collect();
    Ok(Made::Plan(Box::new(plan)))
}

/// The lock that goes with them: no other job says that it lives, and whoever took it is proved gone. One that was taken since the
/// backend's start may belong to a job that is being made.
fn their_lock(facts: &Facts) -> Option<LockRow> {
    let lock = facts.db.ok().and_then(jobs::lock)?;
    let only_they_live = facts.live.iter().all(|(_, w)| w.is_gone());
    let backend = facts.backend.ok()?;
    let is_left = backend.is_none_or(|backend| lock::gone(&lock, backend, facts).is_some());
    (only_they_live && is_left).then_some(lock)
}

fn oldest<'a>(ghosts: impl Iterator<Item = &'a Job>) -> Option<crate::core::units::EpochMs> {
    ghosts.map(Job::began).min().flatten()
}

/// The proof once more, on the server: the container started after the newest of them and of the lock that goes with them, and
/// nobody packs since the oldest.
pub(super) fn proof_step<'a>(
    facts: &Facts,
    ghosts: impl Iterator<Item = &'a Job> + Clone,
    lock: Option<&LockRow>,
) -> Step {
    let began = || ghosts.clone().map(|j| j.began()).chain(lock.map(|l| l.acquired));
    let newest = began().max().flatten();
    // one whose beginning is not known is only gone with its container
    let all_known = began().all(|at| at.is_some());
    let began = jobs::utc(newest.filter(|_| all_known), "9999");
    let mut sh = String::new();
    if let Ok(Some(backend)) = facts.backend {
        sh = format!("same_container {} {}\n", word(backend.name.as_str()), word(backend.id.as_str()));
    }
    sh.push_str(&format!("only_ghosts {began} {}\n", jobs::helpers_since(oldest(ghosts), facts)));
    common::step(
        text!("再证明一次：线程已不在，没有打包容器", "prove once more: the worker is gone, nobody packs"),
        sh,
    )
}

/// What is seen afterwards.
pub(super) fn prove(before: Option<&Facts>, after: &Facts, events: &[Event]) -> Vec<Proof> {
    let seen = before.map(|f| f.live.iter().filter(|(_, w)| w.is_gone()).map(|(j, _)| j.id).collect());
    let closed = || jobs::facts(events, "closed").filter_map(jobs::number).collect();
    let ids: Vec<JobId> = seen.unwrap_or_else(closed);
    let mut proofs: Vec<Proof> = ids.iter().map(|id| of_job(*id, before, after)).collect();
    if let Some(id) = ids.first() {
        let began = after.db.ok().and_then(|db| jobs::find(db, *id)).and_then(Job::began);
        // one that was not theirs was left alone; who comes from elsewhere knows it from the run
        let had_theirs =
            before.map_or_else(|| event::fact(events, "lock").is_some(), |f| their_lock(f).is_some());
        if had_theirs {
            proofs.push(jobs::lock_gone(before, after));
        }
        proofs.push(jobs::helpers_gone(before, after, began.filter(|_| after.live.is_empty())));
        proofs.extend(of_check("live", before, after));
    }
    proofs
}

/// The row of a job that was to end, before and after.
pub(super) fn of_job(id: JobId, before: Option<&Facts>, after: &Facts) -> Proof {
    let was = before.and_then(|f| jobs::find(f.db.ok()?, id)).map(jobs::is_now);
    let (said, state) = match after.db {
        Err(gap) => (gap.text(), State::Unknown),
        Ok(db) => match jobs::find(db, id) {
            // so many jobs since then that it is not among the newest: live ones are always told
            None => (text!("{id} 不再进行中", "{id} is not at work any more"), State::Ok),
            Some(job) if job.status.is_live() => (jobs::is_now(job), State::Failed),
            Some(job) if job.status == Status::Completed => (
                Text {
                    zh: format!("{}（在停下之前已经做完）", jobs::is_now(job).zh),
                    en: format!("{} (it was done before it could be stopped)", jobs::is_now(job).en),
                },
                State::Ok,
            ),
            Some(job) => (jobs::is_now(job), State::Ok),
        },
    };
    Proof { what: text!("任务 {id}", "job {id}"), before: was, after: said, state }
}
