//! What a backup that was watched has left: its row, and its pack on the share. The row alone proves nothing.
use crate::core::derive::pack;
use crate::core::plan::left::Left;
use crate::core::plan::prove::Proof;
use crate::core::plan::told::Outcome;
use crate::core::probe::database::{Job, Status};
use crate::core::state::State;
use crate::core::units::JobId;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// Its worker is gone, and its row stays.
pub(super) fn ghost(id: JobId) -> Outcome {
    Outcome::Failed {
        said: text!(
            "任务 {id} 成了幽灵：写着进行中，它的进程已经没有了",
            "job {id} has become a ghost: it says that it runs, and its worker is gone"
        ),
        next: text!(
            "opsdeck close-ghost 关闭它，再备份一次",
            "close it with opsdeck close-ghost, then back up again"
        ),
        left: Left::NOTHING,
        proofs: Vec::new(),
    }
}

/// What a job that has ended left on the share.
pub(super) fn proved(f: &Facts, id: JobId) -> Outcome {
    let Some(job) = f.db.ok().and_then(|db| db.jobs.iter().chain(&db.live).find(|j| j.id == id)) else {
        return Outcome::Unknown {
            said: text!(
                "任务 {id} 结束了，但它的记录读不到",
                "job {id} has ended, but its row cannot be read"
            ),
            next: text!("opsdeck check 再看一次", "opsdeck check: look again"),
            run: None,
            is_lost: false,
        };
    };
    let row = row_proof(job);
    let pack = (job.status == Status::Completed).then(|| pack_proof(f, job));
    let proofs: Vec<Proof> = std::iter::once(row).chain(pack).collect();
    let state = State::of_all(proofs.iter().map(|p| p.state));
    let why = job.detail.as_str();
    match (state, &job.status) {
        (State::Ok, _) => Outcome::Done { proofs },
        (State::Unknown, _) => Outcome::Unknown {
            said: text!(
                "任务 {id} 写着完成，但看不到它的备份包",
                "job {id} says that it is completed, but its pack cannot be seen"
            ),
            next: text!("opsdeck check 再看一次", "opsdeck check: look again"),
            run: None,
            is_lost: false,
        },
        (_, status) => Outcome::Failed {
            said: match status {
                Status::Completed => text!(
                    "任务 {id} 写着完成，备份包却不完整",
                    "job {id} says that it is completed, and its pack is not whole"
                ),
                Status::Canceled => text!("任务 {id} 被取消了", "job {id} was canceled"),
                _ => text!("任务 {id} 失败：{why}", "job {id} has failed: {why}"),
            },
            next: text!("处理原因，再备份一次", "mend the cause, then back up again"),
            left: Left::NOTHING,
            proofs,
        },
    }
}

fn row_proof(job: &Job) -> Proof {
    let (state, after) = match &job.status {
        Status::Completed => (State::Ok, text!("完成", "completed")),
        Status::Failed => (State::Failed, text!("失败", "failed")),
        Status::Canceled => (State::Failed, text!("已取消", "canceled")),
        _ => (State::Unknown, Text::same(job.message.as_str())),
    };
    let id = job.id;
    Proof { what: text!("任务 {id}", "job {id}"), before: None, after, state }
}

fn pack_proof(f: &Facts, job: &Job) -> Proof {
    let what = text!("备份包", "pack");
    let of = |after: Text, state: State| Proof { what: what.clone(), before: None, after, state };
    let folder = match &f.packs {
        Ok(folder) => folder,
        Err(gap) => return of(gap.text(), State::Unknown),
    };
    let Some(pack) = pack::of_job(job, folder) else {
        return of(text!("共享上没有它的备份包", "the share has no pack of it"), State::Failed);
    };
    let judged = f.judge(pack, &job.kind, Some(job));
    let (name, bytes) = (&pack.name, pack.bytes());
    match (judged.missing.is_empty(), judged.unproved) {
        (true, false) => of(text!("{name}，{bytes}，完整", "{name}, {bytes}, whole"), State::Ok),
        (true, true) => of(
            text!("{name}，{bytes}，是否完整不知道", "{name}, {bytes}; whether it is whole is not known"),
            State::Unknown,
        ),
        (false, _) => of(text!("{name}，{bytes}，不完整", "{name}, {bytes}, not whole"), State::Failed),
    }
}
