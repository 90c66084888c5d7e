//! What happened in a night, by time: slots, jobs, containers, kernel, packs, each with the place that tells it. Times are
//! compared as they are: each clock is its own, and a few seconds between two of them say nothing.
use super::probe::Probe;
use super::scene::booted;
use crate::core::derive::night::Plan;
use crate::core::derive::pack::{self, Owner};
use crate::core::probe::database::{Database, Job, Status};
use crate::core::probe::packs::Pack;
use crate::core::units::{Bytes, EpochMs};
use crate::core::verdict::{Facts, kind_word};
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When, by the clock of the place that tells it.
    pub at: EpochMs,
    /// What.
    pub says: Text,
    /// The place that tells it.
    pub source: Probe,
}

/// So much before the slot belongs to its night: the reboot of the evening, the mount of yesterday.
const BEFORE_MS: i64 = 12 * 3_600_000;
/// More lines of the kernel than this tell the same again.
const KERNEL_LINES: usize = 12;
/// More files of a pack than this tell nothing more of its growth.
const FILES: usize = 12;
/// A job that began so much later than it was made has waited.
const WAITED_MS: i64 = 60_000;
/// More moments of a schedule than this are no night but an hourly job.
const SLOTS: usize = 6;

/// The newest slot's night, up to the look.
pub(super) fn of_last_night(f: &Facts) -> Vec<Event> {
    let from = f.slot.as_ref().map_or(f.now, |s| s.due).plus_ms(-BEFORE_MS);
    let mut all = between(f, from, f.now);
    at_work(f, &mut all);
    all
}

/// What is known of a span of time, the earliest first.
pub(super) fn between(f: &Facts, from: EpochMs, to: EpochMs) -> Vec<Event> {
    let mut all = Vec::new();
    slots(f, from, to, &mut all);
    server(f, &mut all);
    kernel(f, &mut all);
    runs(f, &mut all);
    if let Ok(db) = f.db {
        database(db, &mut all);
        packs(f, db, &mut all);
    }
    all.retain(|e| (from..=to).contains(&e.at));
    let lines = all.iter().filter(|e| e.source == Probe::Kernel).count();
    let mut spare = lines.saturating_sub(KERNEL_LINES);
    all.retain(|e| {
        let goes = e.source == Probe::Kernel && spare > 0;
        spare -= usize::from(goes);
        !goes
    });
    all.sort_by_key(|e| e.at);
    all
}

fn slots(f: &Facts, from: EpochMs, to: EpochMs, all: &mut Vec<Event>) {
    let (Some(Plan::On { fires, .. }), Some(zone_s)) = (&f.plan, f.zone_s) else {
        // a past night has its slot and no plan: what was planned then, nobody kept
        all.extend(f.slot.iter().map(|s| due(s.due, &kind_word(&s.kind))));
        return;
    };
    for (kind, cron) in fires {
        let mut at = cron.newest(to, zone_s);
        for _ in 0..SLOTS {
            let Some(moment) = at.filter(|at| *at >= from) else { break };
            all.push(due(moment, &kind_word(kind)));
            at = cron.newest(moment.plus_ms(-60_000), zone_s);
        }
    }
}

fn due(at: EpochMs, kind: &Text) -> Event {
    let says =
        Text { zh: format!("应开始{}备份", kind.zh), en: format!("the {} backup is due", kind.en) };
    Event { at, says, source: Probe::Database }
}

fn server(f: &Facts, all: &mut Vec<Event>) {
    if let Some(at) = booted(f.look) {
        all.push(Event {
            at, says: text!("服务器开机", "the server was booted"), source: Probe::Server
        });
    }
    let Ok(Some(c)) = f.backend else { return };
    let mut push = |at: Option<EpochMs>, says: Text| {
        all.extend(at.map(|at| Event { at, says, source: Probe::Containers }));
    };
    push(c.started, text!("后端容器启动", "the backend's container started"));
    let code = c.exit_code.unwrap_or(-1);
    let end = match (c.running, c.oom_killed) {
        (_, true) => {
            text!("后端容器因内存不足被结束", "the backend's container was ended for want of memory")
        }
        (false, _) => {
            text!("后端容器停止，退出码 {code}", "the backend's container stopped with exit code {code}")
        }
        (true, _) => {
            text!("后端容器停止（之后又启动）", "the backend's container stopped (and was started again)")
        }
    };
    push(c.finished, end);
}

fn kernel(f: &Facts, all: &mut Vec<Event>) {
    let Ok(log) = &f.look.kernel else { return };
    for line in &log.lines {
        let says = Text::same(line.text.as_str());
        all.extend(line.at.map(|at| Event { at, says, source: Probe::Kernel }));
    }
}

fn database(db: &Database, all: &mut Vec<Event>) {
    let mut push = |at: Option<EpochMs>, says: Text| {
        all.extend(at.map(|at| Event { at, says, source: Probe::Database }));
    };
    for job in rows(db) {
        let kind = kind_word(&job.kind);
        push(
            job.made(),
            Text {
                zh: format!("任务 {}（{}）建立", job.id, kind.zh),
                en: format!("job {} ({}) was made", job.id, kind.en),
            },
        );
        let waited = job.made().zip(job.started).filter(|(made, began)| began.since(*made) >= WAITED_MS);
        push(waited.map(|(_, began)| began), text!("任务 {} 开始", "job {} began", job.id));
        push(job.cancel_requested, text!("有人要求取消任务 {}", "somebody asked to cancel job {}", job.id));
        push(job.finished.or(job.canceled), ended(job));
    }
    let triggered = db.settings.as_ref().and_then(|s| s.last_run);
    push(
        triggered,
        text!(
            "后端的定时触发（设置里记的上次触发）",
            "the backend's schedule fired (as its settings have it)"
        ),
    );
    for lock in &db.locks {
        push(
            lock.acquired,
            text!("备份锁 {} 被拿走，现在还在", "the lock {} was taken, and is still there", lock.name),
        );
    }
}

/// The step of a job that is not over, as of the look.
fn at_work(f: &Facts, all: &mut Vec<Event>) {
    for (job, _) in &f.live {
        let says = text!("任务 {} 停在这一步：{}", "job {} stands at this step: {}", job.id, job.message);
        all.push(Event { at: f.now, says, source: Probe::Database });
    }
}

/// What people did with a console.
fn runs(f: &Facts, all: &mut Vec<Event>) {
    for run in f.look.runs.as_deref().unwrap_or_default() {
        let says = text!("{} 用控制台做了 {}", "{} did {} with a console", run.operator, run.action);
        all.push(Event { at: run.since, says, source: Probe::Runs });
    }
}

fn ended(job: &Job) -> Text {
    let words = if job.detail.is_empty() { &job.message } else { &job.detail };
    match &job.status {
        Status::Completed => text!("任务 {} 写着完成：{}", "job {} says completed: {}", job.id, job.message),
        Status::Failed => text!("任务 {} 失败：{words}", "job {} failed: {words}", job.id),
        Status::Canceled => text!("任务 {} 已取消", "job {} was canceled", job.id),
        _ => text!("任务 {} 结束：{words}", "job {} ended: {words}", job.id),
    }
}

/// Every row that was read, each once.
pub(super) fn rows(db: &Database) -> Vec<&Job> {
    let mut rows: Vec<&Job> = db.jobs.iter().chain(&db.live).chain(&db.last_completed).collect();
    rows.sort_by_key(|j| j.id);
    rows.dedup_by_key(|j| j.id);
    rows
}

fn packs(f: &Facts, db: &Database, all: &mut Vec<Event>) {
    let Ok(folder) = &f.packs else { return };
    let mut push = |at: Option<EpochMs>, says: Text| {
        all.extend(at.map(|at| Event { at, says, source: Probe::Packs }));
    };
    let last = |p: &Pack| p.files.values().map(|file| file.changed).max();
    for p in &folder.packs {
        match pack::owner(p, db) {
            Owner::Ours { job, .. } => {
                let first = p.files.values().map(|file| file.changed).min();
                push(
                    first.filter(|_| p.files.len() > 1),
                    text!(
                        "{} 的第一个文件写完（任务 {job}）",
                        "the first file of {} was written (job {job})",
                        p.name
                    ),
                );
                grown(p).for_each(|(at, says)| push(Some(at), says));
                push(
                    last(p),
                    text!(
                        "{} 的最后一个文件写完，共 {}",
                        "the last file of {} was written, {} in all",
                        p.name,
                        p.bytes()
                    ),
                );
            }
            Owner::NotOurs => {
                push(last(p), text!("别的服务器的包 {} 写完", "{} of another server was written", p.name))
            }
        }
    }
    for p in &folder.interrupted {
        push(
            Some(p.changed),
            text!("{} 最后一次变化（没有复制完）", "the last change of {} (not copied to its end)", p.path),
        );
    }
}

/// How a pack grew, file by file between its first and its last one.
fn grown(pack: &Pack) -> impl Iterator<Item = (EpochMs, Text)> {
    let mut files: Vec<_> = pack.files.iter().map(|(name, file)| (file.changed, name, file.bytes)).collect();
    files.sort();
    let between = files.len().saturating_sub(2);
    let mut sum = 0u64;
    let told = files.into_iter().map(move |(at, name, bytes)| {
        sum = sum.saturating_add(bytes.0);
        let by_then = Bytes(sum);
        (at, text!("{name} 写完，包里已有 {by_then}", "{name} was written, {by_then} in the pack by then"))
    });
    told.skip(1).take(between.min(FILES))
}
