//! What the actions on backups share: rows as they go into a change, the containers that pack, and what is looked at
//! afterwards.
use super::LockRow;
use super::event::{Event, What};
use super::prove::Proof;
use crate::core::probe::containers::{Container, under};
use crate::core::probe::database::{Database, Job, Lock, Status};
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::{EpochMs, JobId};
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;
use serde_json::{Value, json};

/// A job's row as `change.py` compares it.
pub(super) fn row(job: &Job) -> Value {
    json!({
        "id": job.id.0,
        "status": word(&job.status),
        "started_at_ms": job.started.map(|t| t.0),
        "created_at_ms": job.created.map(|t| t.0),
    })
}

/// A job's row as it is kept in the journal.
pub(super) fn kept(job: &Job) -> String {
    let mut row = serde_json::to_value(job).unwrap_or_default();
    if let Some(row) = row.as_object_mut() {
        row.insert("table".into(), "backup_jobs".into());
    }
    row.to_string()
}

/// A lock's row as `change.py` compares it.
pub(super) fn lock_row(lock: &LockRow) -> Value {
    json!({
        "name": lock.name.as_str(),
        "owner": lock.owner.as_str(),
        "acquired_at_ms": lock.acquired.map(|t| t.0),
    })
}

/// The backend's lock, if it is taken. A lock of another name is nobody's business here.
pub(super) fn lock(db: &Database) -> Option<LockRow> {
    db.locks.iter().find(|l| l.name.as_str() == "backup").map(LockRow::of)
}

impl LockRow {
    /// A row that a look saw.
    pub fn of(lock: &Lock) -> LockRow {
        LockRow { name: lock.name.clone(), owner: lock.owner.clone(), acquired: lock.acquired }
    }

    /// As it is kept in the journal: one JSON object.
    pub fn kept(&self) -> String {
        let mut row = lock_row(self);
        if let Some(row) = row.as_object_mut() {
            row.insert("table".into(), "backup_locks".into());
        }
        row.to_string()
    }

    /// Reads what [`LockRow::kept`] wrote; nothing for any other row.
    pub fn read(kept: &str) -> Option<LockRow> {
        let row: Value = serde_json::from_str(kept).ok()?;
        let text = |name: &str| row.get(name).and_then(Value::as_str).map(SafeText::new);
        (text("table")?.as_str() == "backup_locks").then_some(())?;
        let acquired = row.get("acquired_at_ms").and_then(Value::as_i64).map(EpochMs);
        Some(LockRow { name: text("name")?, owner: text("owner")?, acquired })
    }

    /// For people: owner and age.
    pub(super) fn words(&self, f: &Facts) -> Text {
        let taken = self.acquired.map(|at| (f.time(at), f.ago(at)));
        let (at, ago) = taken.unwrap_or_else(|| ("?".into(), Text::same("?")));
        Text {
            zh: format!("锁 {}，持有者 {}，取得于 {at}（{}）", self.name, self.owner, ago.zh),
            en: format!("lock {}, owner {}, taken at {at} ({})", self.name, self.owner, ago.en),
        }
    }
}

fn word(status: &Status) -> &str {
    match status {
        Status::Queued => "queued",
        Status::Running => "running",
        Status::Canceling => "canceling",
        Status::Canceled => "canceled",
        Status::Completed => "completed",
        Status::Failed => "failed",
        Status::Other(other) => other.as_str(),
    }
}

/// A moment to the second as Docker writes it, for a comparison on the server; `other` where it is not known.
pub(super) fn utc(at: Option<EpochMs>, other: &str) -> String {
    let time = at.and_then(|at| jiff::Timestamp::from_second(at.0.div_euclid(1000)).ok());
    time.map_or_else(|| other.to_owned(), |t| t.strftime("%Y-%m-%dT%H:%M:%S").to_string())
}

/// `SINCE PROJECT FOLDER`, by which the server finds a backup's helpers.
pub(super) fn helpers_since(began: Option<EpochMs>, f: &Facts) -> String {
    let word = super::script::word;
    let (project, folder) = (&f.env.containers.compose_project, &f.env.paths.pack_folder);
    format!("{} {} {}", utc(began, "0000"), word(project), word(folder))
}

/// The running containers that pack volumes for a backup that began then. The server finds them by the same marks.
pub(in crate::core) fn helpers<'a>(f: &Facts<'a>, began: Option<EpochMs>) -> Vec<&'a Container> {
    let (Ok(all), Ok(Some(backend))) = (&f.look.containers, f.backend) else { return Vec::new() };
    let prefix = format!("{}_", f.env.containers.compose_project);
    let second = |at: EpochMs| at.0.div_euclid(1000);
    let is_helper = |c: &&Container| {
        let since = began.is_none_or(|b| c.started.is_some_and(|s| second(s) >= second(b)));
        let packs = |b: &crate::core::probe::containers::Bind| {
            b.volume.as_ref().is_some_and(|v| v.as_str().starts_with(&prefix))
                || under(b.source.as_str(), &f.env.paths.pack_folder).is_some_and(|rest| !rest.is_empty())
        };
        let same_image = c.image == backend.image || c.image_name == backend.image_name;
        c.running && c.id != backend.id && same_image && since && c.mounts.iter().any(packs)
    };
    all.iter().filter(is_helper).collect()
}

/// A job by its number, as the look has it.
pub(super) fn find(db: &Database, id: JobId) -> Option<&Job> {
    db.live.iter().chain(&db.jobs).chain(&db.last_completed).find(|j| j.id == id)
}

/// The words of every fact of this name, in order.
pub(super) fn facts<'a>(events: &'a [Event], wanted: &'a str) -> impl Iterator<Item = &'a str> {
    events.iter().filter_map(move |e| match &e.what {
        What::Fact { name, words } if name.as_str() == wanted => Some(words.as_str()),
        _ => None,
    })
}

/// The number that a fact begins with: `#150 canceled`, `150`.
pub(super) fn number(words: &str) -> Option<JobId> {
    words.split(' ').next()?.trim_start_matches('#').parse().ok().map(JobId)
}

/// A row is as it is, for people.
pub(super) fn is_now(job: &Job) -> Text {
    let zh = match job.status {
        Status::Queued => "排队",
        Status::Running => "正在跑",
        Status::Canceling => "取消中",
        Status::Canceled => "已取消",
        Status::Completed => "已完成",
        Status::Failed => "失败",
        Status::Other(_) => "未知状态",
    };
    let (message, detail) = (&job.message, &job.detail);
    let more = if detail.is_empty() || job.status == Status::Completed {
        String::new()
    } else {
        format!(": {detail}")
    };
    Text {
        zh: format!("{} {zh}：{message}{more}", job.id),
        en: format!("{} {}: {message}{more}", job.id, word(&job.status)),
    }
}

/// The lock afterwards: gone, or a newer job's.
pub(super) fn lock_gone(before: Option<&Facts>, after: &Facts) -> Proof {
    let was = before.and_then(|f| Some((f, lock(f.db.ok()?)?)));
    let (said, state) = match after.db {
        Err(gap) => (gap.text(), State::Unknown),
        Ok(db) => match (lock(db), &was) {
            (None, _) => (text!("没有锁", "no lock"), State::Ok),
            (Some(now), Some((_, was))) if now != *was => {
                (text!("已是另一把锁，没有动它", "another lock by now, left alone"), State::Ok)
            }
            // nothing to compare with: a living job may hold it
            (Some(_), None) if after.live.iter().any(|(_, w)| !w.is_gone()) => {
                (text!("由进行中的任务持有", "held by the job that runs"), State::Ok)
            }
            (Some(now), _) => (now.words(after), State::Failed),
        },
    };
    let before = before.map(|f| was.map_or_else(|| text!("没有锁", "no lock"), |(_, lock)| lock.words(f)));
    Proof { what: text!("备份锁", "backup lock"), before, after: said, state }
}

/// No helper goes on writing.
pub(super) fn helpers_gone(before: Option<&Facts>, after: &Facts, began: Option<EpochMs>) -> Proof {
    let names = |f: &Facts| {
        let found = helpers(f, began);
        let names: Vec<&str> = found.iter().map(|c| c.name.as_str()).collect();
        if names.is_empty() { text!("没有", "none") } else { Text::same(names.join(" ")) }
    };
    let (said, state) = match &after.look.containers {
        Err(gap) => (gap.text(), State::Unknown),
        Ok(_) if helpers(after, began).is_empty() => (names(after), State::Ok),
        Ok(_) => (names(after), State::Failed),
    };
    Proof { what: text!("打包容器", "packing containers"), before: before.map(names), after: said, state }
}
