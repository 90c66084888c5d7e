//! Deleting a lock that no living job holds, and putting one back.
//!
//! Nothing but comparison decides: the very row that was seen goes, in a transaction that looks for living jobs once more. A
//! lock that was taken in between is another row.
use super::event::{self, Event};
use super::prove::Proof;
use super::{Action, Checked, How, LockRow, Made, Refusal, Risk, Service, Step, common, jobs, script::word};
use crate::core::derive::job::{self, Worker};
use crate::core::probe::containers::Container;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::{self, Facts};
use crate::i18n::Text;
use crate::text;
use serde_json::json;

/// A lock is taken a moment before its job is made: one this young may belong to a job that is not there yet. change.py has
/// the same number.
const YOUNG_MS: i64 = 120_000;

/// How old it is by the server's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Age {
    /// It may belong to a job that is being made.
    Young,
    /// It was taken at a time that is still to come: a clock was wrong, and its age says nothing.
    Ahead,
    /// Older than the making of a job takes.
    Settled,
}

/// How old it is.
pub(super) fn age(lock: &LockRow, f: &Facts) -> Age {
    match lock.acquired.map(|at| f.now.since(at)) {
        Some(ms) if ms < -YOUNG_MS => Age::Ahead,
        Some(ms) if ms >= YOUNG_MS => Age::Settled,
        _ => Age::Young,
    }
}

/// What proves that whoever took it is gone, if anything does. Rows prove nothing: a job that says that it is completed or failed may
/// have a worker that is still at its end, and that lets go of any lock of this name. A worker is a thread of a process in the
/// backend's container, and does not outlive it.
pub(super) fn gone(lock: &LockRow, backend: &Container, f: &Facts) -> Option<Text> {
    if !backend.running {
        return Some(text!(
            "后端容器停着：拿锁的进程已不在",
            "the backend's container has stopped: whoever took it is gone"
        ));
    }
    let second = |at: EpochMs| at.0.div_euclid(1000);
    let (started, taken) = backend.started.zip(lock.acquired)?;
    // a start that is still to come was told by a clock that has been set back since
    let told = started.since(f.now) <= i64::from(f.env.thresholds.clock_skew_s) * 1000;
    (told && second(started) > second(taken)).then(|| {
        text!(
            "后端容器在取得锁之后（{}）启动过：拿锁的进程已不在",
            "the backend's container started after it was taken ({}): whoever took it is gone",
            f.time(started)
        )
    })
}

/// The plan that deletes it.
pub(super) fn clear(facts: &Facts, _root: &str) -> Result<Made, Refusal> {
    let db = common::known(facts.db, &text!("备份锁怎样", "how the backup lock is"))?;
    let Some(lock) = jobs::lock(db) else {
        let evidence = db.locks.iter().map(|l| LockRow::of(l).words(facts)).collect();
        return Ok(Made::Nothing {
            said: text!("没有备份锁，什么也不用做", "there is no backup lock: nothing to do"),
            evidence,
        });
    };
    let workers: Vec<Worker> = facts.live.iter().map(|(_, w)| w.clone()).collect();
    let proofs: Vec<Text> = facts.live.iter().map(|(j, w)| verdict::proof(facts, j, w)).collect();
    if job::stale_locks(db, &workers).is_empty() {
        let alive = facts.live.iter().find(|(_, w)| !w.is_gone());
        let id = alive.map(|(j, _)| j.id.to_string()).unwrap_or_default();
        return Err(Refusal::new(
            text!(
                "任务 {id} 写着正在进行，没有证明它已经死了，这把锁可能是它的。什么也没做",
                "job {id} says that it runs and is not proved dead; the lock may be its. Nothing was done"
            ),
            text!("要停下它，就取消它；锁会随它一起放开", "to stop it, cancel it: the lock goes with it"),
        )
        .because([lock.words(facts)])
        .because(proofs)
        .instead(Action::Cancel { force: false }));
    }
    let backend = common::backend(facts)?;
    let gone = gone(&lock, backend, facts);
    if let Some(refusal) = not_now(&lock, gone.is_some(), facts) {
        return Err(refusal);
    }
    let mut checked = vec![Checked::good(lock.words(facts))];
    checked.push(Checked::good(match facts.live.is_empty() {
        true => text!("没有排队、正在跑或取消中的任务", "no job is queued, at work or being canceled"),
        false => text!("写着进行中的任务都证明已经死了", "every job that says it runs is proved dead"),
    }));
    checked.extend(proofs.into_iter().map(Checked::good));
    checked.push(Checked::good(text!("没有打包容器在运行", "no packing container runs")));
    let mut plan = common::plan(Action::ClearLock, facts, vec![]);
    plan.steps = clear_steps(&lock, gone.is_some(), backend, facts);
    plan.effects = vec![
        text!("删除这一行锁：持有者 {}", "deletes this lock: owner {}", lock.owner),
        text!("之后触发备份不再被拒绝", "backups are not refused any more"),
    ];
    checked.push(match gone {
        Some(proof) => Checked::good(proof),
        None => {
            plan.risk = Risk::Heavy;
            Checked::beware("holder", text!(
                "没有证明拿锁的进程已经不在：取得锁以后后端没有重启过。写着完成或失败的任务也可能还在收尾，它结束时会把新任务的锁也放掉，两个备份就会同时写。稳妥的办法：没有备份在跑时先重启后端（R），再清除",
                "whoever took it is not proved gone: the backend has not been restarted since. A job that says completed or failed may still be at its end, which lets go of a new job's lock, too, and then two backups write at once. The safe way: restart the backend first, when no backup runs (R), then clear it"
            ))
        }
    });
    plan.checked = checked;
    plan.proof = vec![text!("再看一次：这把锁不在了", "another look: this lock is gone")];
    plan.undo = text!(
        "这一行记在操作记录里，可以原样放回",
        "the row is in the journal and can be put back as it was"
    );
    plan.kept = vec![lock.kept()];
    Ok(Made::Plan(Box::new(plan)))
}

/// Why it is left alone for now, by its age and by what packs.
fn not_now(lock: &LockRow, gone: bool, facts: &Facts) -> Option<Refusal> {
    let refusal = match age(lock, facts) {
        Age::Young => Refusal::new(
            text!(
                "这把锁刚取得不到两分钟，可能属于正在建立的任务。什么也没做",
                "the lock is less than two minutes old and may belong to a job that is being made. Nothing was done"
            ),
            text!("两分钟后再检查一次", "check again in two minutes"),
        ),
        Age::Ahead if !gone => ahead(),
        Age::Ahead | Age::Settled => {
            let helpers = jobs::helpers(facts, since(lock, facts));
            if helpers.is_empty() {
                return None;
            }
            let names = helpers.iter().map(|c| c.name.to_string()).collect::<Vec<_>>().join(" ");
            Refusal::new(
                text!(
                    "打包容器 {names} 还在往备份里写。什么也没做",
                    "the packing container {names} still writes. Nothing was done"
                ),
                text!("等它结束再检查一次", "check again when it has ended"),
            )
        }
    };
    Some(refusal.because([lock.words(facts)]))
}

/// It was taken in the future, and whoever took it may live.
pub(super) fn ahead() -> Refusal {
    Refusal::new(
        text!(
            "按服务器的时钟，这把锁是将来才取得的：时钟错过（当时或现在），看不出它有多旧，也就没有证明拿锁的进程已经不在。什么也没做",
            "by the server's clock the lock was taken in the future: the clock is wrong, or was. Its age says nothing, and whoever took it is not proved gone. Nothing was done"
        ),
        text!(
            "先核对服务器时钟；没有备份在跑时停掉后端（拿锁的进程随它消失），清除这把锁，再启动后端",
            "check the server's clock; when no backup runs, stop the backend (whoever took the lock goes with it), clear the lock, then start the backend"
        ),
    )
    .instead(Action::Services { which: Service::Backend, how: How::Stop })
}

/// Since when a container that packs may be its holder's; at any time where its own says nothing.
fn since(lock: &LockRow, facts: &Facts) -> Option<EpochMs> {
    lock.acquired.filter(|_| age(lock, facts) != Age::Ahead)
}

fn clear_steps(lock: &LockRow, gone: bool, backend: &Container, facts: &Facts) -> Vec<Step> {
    let dead: Vec<_> = facts.live.iter().map(|(j, _)| jobs::row(j)).collect();
    let mut steps = Vec::new();
    if !dead.is_empty() {
        steps.push(super::ghost::proof_step(facts, facts.live.iter().map(|(j, _)| *j), None));
    }
    let helpers = jobs::helpers_since(since(lock, facts), facts);
    let (name, id) = (word(backend.name.as_str()), word(backend.id.as_str()));
    let proof = match gone {
        true => format!("only_ghosts {} {helpers}\n", jobs::utc(lock.acquired, "9999")),
        false => format!("nobody_packs {helpers}\n"),
    };
    steps.push(common::step(
        text!(
            "再看一次：拿锁的已不在，没有在打包的",
            "look once more: whoever took it is gone, and nobody packs"
        ),
        format!("same_container {name} {id}\n{proof}"),
    ));
    let with = json!({ "lock": jobs::lock_row(lock), "dead": dead, "gone": gone }).to_string();
    steps.push(common::step(
        text!("逐项比对后删除这把锁", "delete the lock, by comparison"),
        format!("change_first clear {}\n", word(&with)),
    ));
    steps
}

fn same(backend: &Container) -> Step {
    common::step(
        text!("确认还是这个后端", "make sure that it is the same backend"),
        format!("same_container {} {}\n", word(backend.name.as_str()), word(backend.id.as_str())),
    )
}

/// The plan that puts it back.
pub(super) fn put_back(lock: &LockRow, facts: &Facts, _root: &str) -> Result<Made, Refusal> {
    let db = common::known(facts.db, &text!("备份锁怎样", "how the backup lock is"))?;
    if let Some(now) = db.locks.iter().map(LockRow::of).find(|l| l.name == lock.name) {
        if now == *lock {
            let said = text!("这把锁还在，什么也不用做", "this lock is there: nothing to do");
            return Ok(Made::Nothing { said, evidence: vec![now.words(facts)] });
        }
        return Err(Refusal::new(
            text!(
                "现在已有另一把锁，没有放回旧的",
                "there is another lock by now; the old one was not put back"
            ),
            text!("现在的锁属于更新的任务，不要动它", "that lock is a newer job's: leave it alone"),
        )
        .because([now.words(facts)]));
    }
    if lock.acquired.is_none() {
        return Err(Refusal::new(
            text!("记录里没有这把锁的取得时间，放不回去", "the record does not say when the lock was taken"),
            text!("不需要放回：没有锁是正常状态", "there is no need: no lock is the normal state"),
        ));
    }
    let mut steps: Vec<Step> = facts.backend.ok().flatten().map(same).into_iter().collect();
    let with = json!({ "lock": jobs::lock_row(lock) }).to_string();
    steps.push(common::step(
        text!("没有锁时放回这一行", "put the row back if there is none"),
        format!("change_first put {}\n", word(&with)),
    ));
    let mut plan = common::plan(Action::PutLockBack(lock.clone()), facts, steps);
    plan.effects = vec![text!(
        "放回这把锁：持有者 {}；之后触发备份会被拒绝",
        "puts this lock back: owner {}; backups are refused then",
        lock.owner
    )];
    plan.checked = vec![Checked::good(text!("现在没有锁", "there is no lock now"))];
    plan.proof = vec![text!("再看一次：这把锁在", "another look: this lock is there")];
    plan.undo = text!("清除过期的备份锁", "clear the stale lock");
    Ok(Made::Plan(Box::new(plan)))
}

/// What is seen after it was deleted.
pub(super) fn prove_cleared(before: Option<&Facts>, after: &Facts, events: &[Event]) -> Vec<Proof> {
    // seen only afterwards, the owner is what tells one lock from another
    let cleared = event::fact(events, "cleared").and_then(|words| words.split(' ').nth(1).map(str::to_owned));
    let mut proof = jobs::lock_gone(before, after);
    let now = after.db.ok().and_then(jobs::lock);
    if let (None, Some(cleared), Some(now)) = (before, cleared, now) {
        proof.state = if now.owner.as_str() == cleared { State::Failed } else { State::Ok };
    }
    vec![proof]
}

/// What is seen after it was put back. Who attaches from elsewhere knows the row from the run alone.
pub(super) fn prove_put(
    lock: &LockRow,
    before: Option<&Facts>,
    after: &Facts,
    events: &[Event],
) -> Vec<Proof> {
    let told = event::fact(events, "put").and_then(row_of);
    let lock = if *lock == LockRow::default() { told } else { Some(lock.clone()) };
    let words = |f: &Facts| match f.db.map(jobs::lock) {
        Ok(Some(lock)) => lock.words(f),
        Ok(None) => text!("没有锁", "no lock"),
        Err(gap) => gap.text(),
    };
    let state = match (after.db.map(jobs::lock), lock) {
        (Err(_), _) | (_, None) => State::Unknown,
        (Ok(Some(now)), Some(lock)) if now == lock => State::Ok,
        (Ok(_), Some(_)) => State::Failed,
    };
    vec![Proof {
        what: text!("备份锁", "backup lock"),
        before: before.map(words),
        after: words(after),
        state,
    }]
}

/// `NAME OWNER MILLISECONDS`, as change.py tells it.
fn row_of(words: &str) -> Option<LockRow> {
    let mut words = words.split(' ');
    let (name, owner) = (SafeText::new(words.next()?), SafeText::new(words.next()?));
    Some(LockRow { name, owner, acquired: Some(EpochMs(words.next()?.parse().ok()?)) })
}
