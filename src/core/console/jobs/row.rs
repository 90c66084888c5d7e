//! One job: its row, what became of it by its pack, and all that there is to say about it.
use super::span;
use crate::core::console::packs::detail::files;
use crate::core::console::sheet::{Detail, Row};
use crate::core::derive::job::Worker;
use crate::core::derive::pack::{self, Owner};
use crate::core::derive::progress::Standing;
use crate::core::probe::database::{Job, Status};
use crate::core::probe::packs::Pack;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::{Facts, kind_word, lacking, not_copied, proof, state_of, state_of_worker};
use crate::i18n::Text;
use crate::text;

/// What became of a job.
struct Judged {
    state: Option<State>,
    why: Text,
    next: Option<Text>,
}

impl Judged {
    fn new(state: impl Into<Option<State>>, why: Text) -> Judged {
        Judged { state: state.into(), why, next: None }
    }

    fn next(mut self, next: Text) -> Judged {
        self.next = Some(next);
        self
    }
}

/// The row of a job. `server` is the server's time.
pub(super) fn of(f: &Facts, job: &Job, standing: Option<&Standing>, server: EpochMs) -> Row {
    let standing = standing.filter(|s| s.job.id == job.id);
    let on_share = f.packs.as_ref().ok().and_then(|folder| pack::of_job(job, folder));
    let worker = standing.and_then(|s| s.worker.as_ref());
    let worker = worker.or_else(|| f.live.iter().find(|(j, _)| j.id == job.id).map(|(_, w)| w));
    let judged = match job.status {
        Status::Completed => completed(f, job, on_share),
        _ => unfinished(f, job, worker, server),
    };
    let until = if job.status.is_live() { Some(server) } else { job.finished.or(job.canceled) };
    let took = until.zip(job.began()).map(|(until, began)| span(until.since(began)));
    let bytes = standing.and_then(|s| s.bytes).or(on_share.map(Pack::bytes));
    let folder = job.output_dir.as_ref().map(|d| pack::base_name(d.as_str())).unwrap_or_default();
    let cells = vec![
        Text::same(job.id.to_string()),
        kind_word(&job.kind),
        word(&job.status),
        job.began().map(|at| Text::same(f.time(at))).unwrap_or_default(),
        took.unwrap_or_default(),
        bytes.map(|b| Text::same(b.to_string())).unwrap_or_default(),
        Text::same(folder),
    ];
    let id = format!("job-{}", job.id.0);
    let detail = detail(f, job, &judged, worker.filter(|_| job.status.is_live()), on_share);
    Row { id, state: judged.state, old: false, inner: false, cells, detail }
}

/// The row's own word.
fn word(status: &Status) -> Text {
    match status {
        Status::Queued => text!("排队", "queued"),
        Status::Running => text!("进行中", "running"),
        Status::Canceling => text!("取消中", "canceling"),
        Status::Canceled => text!("已取消", "canceled"),
        Status::Completed => text!("完成", "completed"),
        Status::Failed => text!("失败", "failed"),
        Status::Other(word) => Text::same(word.as_str()),
    }
}

/// A row that says completed: only its pack on the share makes it good.
fn completed(f: &Facts, job: &Job, on_share: Option<&Pack>) -> Judged {
    if job.finished.is_some_and(|at| at.since(f.now) > 0) {
        let why = text!(
            "在上次检查之后才完成，包还没有核对",
            "it ended after the last check: its pack is not judged yet"
        );
        return Judged::new(State::Unknown, why).next(text!("再检查一次", "check again"));
    }
    let folder = match &f.packs {
        Ok(folder) => *folder,
        Err(gap) => {
            let why = gap.text();
            let why = Text {
                zh: format!("看不到共享上的包：{}", why.zh),
                en: format!("its pack on the share cannot be seen: {}", why.en),
            };
            return Judged::new(State::Unknown, why).next(gap.hint());
        }
    };
    if let Some(pack) = on_share {
        let judged = f.judge(pack, &job.kind, Some(job));
        if !judged.missing.is_empty() {
            let lacks = lacking(&judged);
            let why = Text {
                zh: format!("记录为完成，但包不完整，缺：{}", lacks.zh),
                en: format!("it says completed, but its pack is incomplete; it lacks: {}", lacks.en),
            };
            return Judged::new(state_of(&judged), why).next(text!(
                "不要用它恢复；再触发一次同类备份",
                "do not restore from it; start a backup of its kind again"
            ));
        }
        if judged.unproved {
            let why = text!(
                "包在共享上，但不知道它该有哪些数据卷",
                "its pack is on the share; which volumes it must hold is not known"
            );
            return Judged::new(State::Unknown, why);
        }
        return Judged::new(State::Ok, text!("包在共享上，完整", "its pack is on the share, and whole"));
    }
    if not_copied(f, job) {
        let why = text!("做完了，但没有复制到 Windows", "it was made, but not copied to Windows");
        return Judged::new(State::Warning, why)
            .next(text!("恢复共享后再触发一次备份", "bring the share back, then start a backup again"));
    }
    let name = job.output_dir.as_ref().map(|d| pack::base_name(d.as_str()));
    // retention deletes the oldest first; what is older than all that is left of ours went that way. Where none of ours
    // is left at all, something else did it
    let ours = |p: &&Pack| f.db.is_ok_and(|db| pack::owner(p, db) != Owner::NotOurs);
    let oldest = folder.packs.iter().find(ours).map(|p| p.name.as_str());
    let newest_of_its_kind = f.db.is_ok_and(|db| db.last_completed.iter().any(|j| j.id == job.id));
    match name.zip(oldest) {
        Some((name, oldest)) if name < oldest && !newest_of_its_kind => Judged::new(
            None,
            text!(
                "它的包已被清理（比共享上最旧的还旧）",
                "its pack was cleaned up (older than all that are left)"
            ),
        ),
        _ => Judged::new(
            State::Warning,
            text!("记录为完成，但共享上没有它的包", "it says completed, but its pack is not on the share"),
        )
        .next(text!(
            "看是否被另一台服务器的保留策略或人删除",
            "see whether the other server's retention or a person deleted it"
        )),
    }
}

fn unfinished(f: &Facts, job: &Job, worker: Option<&Worker>, server: EpochMs) -> Judged {
    match (&job.status, worker) {
        (Status::Failed, _) => Judged::new(State::Failed, text!("备份失败", "the backup has failed")),
        (Status::Canceled, _) => Judged::new(State::Warning, text!("被取消了", "it was canceled")),
        (Status::Other(_), _) => {
            Judged::new(State::Unknown, text!("不认识这个状态", "this state is not known"))
        }
        (_, Some(worker)) => {
            let state = state_of_worker(job, worker, server, &f.env.thresholds);
            let why = match state {
                State::Failed => {
                    text!("幽灵：写着进行中，其实已经死了", "a ghost: it says that it runs, and is dead")
                }
                State::Warning => text!("可能卡住了", "it may be stuck"),
                State::Ok => text!("正在进行", "it is at work"),
                State::Unknown => text!("看不出是不是还活着", "whether it is alive cannot be seen"),
            };
            Judged::new(state, why)
        }
        (_, None) => {
            Judged::new(State::Unknown, text!("看不出是不是还活着", "whether it is alive cannot be seen"))
        }
    }
}

fn detail(
    f: &Facts,
    job: &Job,
    judged: &Judged,
    worker: Option<&Worker>,
    on_share: Option<&Pack>,
) -> Vec<Detail> {
    let (kind, word) = (kind_word(&job.kind), word(&job.status));
    let title = Text {
        zh: format!("任务 {}（{}，{}）：{}", job.id, kind.zh, word.zh, judged.why.zh),
        en: format!("job {} ({}, {}): {}", job.id, kind.en, word.en, judged.why.en),
    };
    let mut all = vec![Detail::title(title)];
    let mut say = |zh: &str, en: &str, what: &str| {
        if !what.is_empty() {
            all.push(Detail::evidence(text!("{zh}：{what}", "{en}: {what}")));
        }
    };
    let time = |at: Option<EpochMs>| at.map(|at| f.time(at)).unwrap_or_default();
    say("最后一步", "its last step", job.message.as_str());
    say("原因", "why", job.detail.as_str());
    say("建立", "made", &time(job.created));
    say("开始", "began", &time(job.started));
    say("结束", "ended", &time(job.finished));
    say("要求取消", "asked to cancel", &time(job.cancel_requested));
    say(
        "取消的理由",
        "why it was canceled",
        job.cancel_reason.as_ref().map(|r| r.as_str()).unwrap_or_default(),
    );
    say("取消于", "canceled", &time(job.canceled));
    say(
        "写到（容器里的路径）",
        "writes to (as the container names it)",
        job.output_dir.as_ref().map(|d| d.as_str()).unwrap_or_default(),
    );
    if let Some(percent) = job.progress.filter(|_| job.status.is_live()) {
        let percent = format!("{percent}%");
        say(
            "后端自己写的进度（会来回跳，不可信）",
            "the backend's own percentage (goes back and forth)",
            &percent,
        );
    }
    all.extend(worker.map(|w| Detail::evidence(proof(f, job, w))));
    if job.status.is_live() {
        for lock in f.db.map(|db| db.locks.as_slice()).unwrap_or_default() {
            let at = time(lock.acquired);
            all.push(Detail::evidence(text!(
                "锁 {}，持有者 {}，取得于 {at}",
                "lock {}, owner {}, taken at {at}",
                lock.name,
                lock.owner
            )));
        }
    }
    all.extend(judged.next.clone().map(Detail::next));
    all.extend(on_share.into_iter().flat_map(files));
    all
}
