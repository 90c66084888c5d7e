//! `auth.db`: jobs, lock and settings, as rows by column name. Columns were added over the years: a missing one is normal.
use crate::core::gap::{Gap, Known};
use crate::core::probe::json::{at, flag, moment, number, some_text, text};
use crate::core::safetext::SafeText;
use crate::core::units::{EpochMs, JobId};
use serde::Serialize;
use serde_json::Value;

/// What the database says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Database {
    /// The newest jobs, newest first.
    pub jobs: Vec<Job>,
    /// Every job that is queued, running or canceling, however old.
    pub live: Vec<Job>,
    /// The newest completed job of each kind, however old.
    pub last_completed: Vec<Job>,
    /// Where jobs wrote, newest first: whose a pack is.
    pub outputs: Vec<Output>,
    /// The rows of `backup_locks`; none is the normal state.
    pub locks: Vec<Lock>,
    /// The settings, if there is a row.
    pub settings: Option<Settings>,
    /// Whether jobs have the columns of a cancel: an older backend knows none. Not in the JSON form of a check.
    #[serde(skip)]
    pub can_cancel: bool,
}

/// A row of `backup_jobs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Job {
    /// Its number.
    pub id: JobId,
    /// What it saves.
    pub kind: Kind,
    /// What became of it.
    pub status: Status,
    /// Percent; it goes back and forth and proves nothing.
    pub progress: Option<i64>,
    /// The step, in the backend's words.
    pub message: SafeText,
    /// Why it failed, in the backend's words.
    pub detail: SafeText,
    /// Where it writes, as the backend's container sees it.
    pub output_dir: Option<SafeText>,
    /// When it was made.
    pub created: Option<EpochMs>,
    /// When its worker began.
    pub started: Option<EpochMs>,
    /// When it ended.
    pub finished: Option<EpochMs>,
    /// When somebody asked to cancel it.
    pub cancel_requested: Option<EpochMs>,
    /// Why, in that person's words. Not in the JSON form of a check.
    #[serde(skip)]
    pub cancel_reason: Option<SafeText>,
    /// When it was stopped. Not in the JSON form of a check.
    #[serde(skip)]
    pub canceled: Option<EpochMs>,
}

impl Job {
    /// When it was made, as far as the row says.
    pub fn made(&self) -> Option<EpochMs> {
        self.created.or(self.started)
    }

    /// When its worker began, as far as the row says.
    pub fn began(&self) -> Option<EpochMs> {
        self.started.or(self.created)
    }
}

/// What a job saves.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Database and volumes.
    Incremental,
    /// Database, volumes and images.
    Full,
    /// A word that this console does not know.
    #[serde(untagged)]
    Other(SafeText),
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waits for its worker.
    Queued,
    /// Its worker runs, or ran and died.
    Running,
    /// Asked to stop.
    Canceling,
    /// Stopped.
    Canceled,
    /// The backend says that it is done; the pack on the share decides.
    Completed,
    /// The backend says that it failed.
    Failed,
    /// A word that this console does not know.
    #[serde(untagged)]
    Other(SafeText),
}

impl Status {
    /// Whether the row blocks other backups.
    pub fn is_live(&self) -> bool {
        matches!(self, Status::Queued | Status::Running | Status::Canceling)
    }
}

/// Where a job wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Output {
    /// The job.
    pub job: JobId,
    /// Its kind.
    pub kind: Kind,
    /// As the backend's container sees it.
    pub folder: SafeText,
}

/// A row of `backup_locks`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lock {
    /// `backup`.
    pub name: SafeText,
    /// Who holds it: random, says nothing about who.
    pub owner: SafeText,
    /// When it was taken.
    pub acquired: Option<EpochMs>,
}

/// The row of `data_security_settings`. A column that the server lacks is absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Settings {
    /// Whether the scheduler runs at all.
    pub enabled: Option<bool>,
    /// Cron text of incremental backups.
    pub incremental_schedule: Option<SafeText>,
    /// Whether full backups are scheduled.
    pub full_enabled: Option<bool>,
    /// Cron text of full backups.
    pub full_schedule: Option<SafeText>,
    /// Last time that the scheduler fired.
    pub last_run: Option<EpochMs>,
    /// Last incremental success.
    pub last_incremental: Option<EpochMs>,
    /// Last full success.
    pub last_full: Option<EpochMs>,
    /// How many packs are kept.
    pub retention: Option<i64>,
    /// Whether finished packs are copied (the older layout).
    pub replica_enabled: Option<bool>,
    /// Where they are copied to, as the backend's container sees it.
    pub replica_target: Option<SafeText>,
    /// Whether full backups save the images.
    pub full_includes_images: Option<bool>,
}

/// Reads the database part of the backend's answer.
pub fn read(value: &Value) -> Known<Database> {
    if let Some(said) = some_text(value, &["error"]) {
        return Err(Gap::Failed { code: 1, said });
    }
    let rows = |path: &[&str], what: &'static str| {
        at(value, path)
            .as_array()
            .ok_or_else(|| Gap::unreadable(what, at(value, path).to_string().as_bytes()))
    };
    let jobs = |path: &[&str]| -> Known<Vec<Job>> {
        let one =
            |row: &Value| job(row).ok_or_else(|| Gap::unreadable("backup_jobs", row.to_string().as_bytes()));
        rows(path, "backup_jobs")?.iter().map(one).collect()
    };
    let mut last_completed = jobs(&["last_completed", "incremental"])?;
    last_completed.extend(jobs(&["last_completed", "full"])?);
    let can_cancel = |path: &str| {
        let rows = at(value, &[path]).as_array();
        rows.is_some_and(|rows| rows.iter().any(|row| row.get("cancel_requested_at_ms").is_some()))
    };
    Ok(Database {
        can_cancel: can_cancel("live") || can_cancel("jobs"),
        jobs: jobs(&["jobs"])?,
        live: jobs(&["live"])?,
        last_completed,
        outputs: at(value, &["outputs"])
            .as_array()
            .map(|o| o.iter().filter_map(output).collect())
            .unwrap_or_default(),
        locks: rows(&["locks"], "backup_locks")?.iter().map(lock).collect(),
        settings: rows(&["settings"], "data_security_settings")?.first().map(settings),
    })
}

pub(super) fn job(v: &Value) -> Option<Job> {
    let status = text(v, &["status"]);
    Some(Job {
        id: JobId(number(v, &["id"])?),
        kind: kind(v.get("kind").unwrap_or(&Value::Null)),
        status: match status.as_str() {
            "queued" => Status::Queued,
            "running" => Status::Running,
            "canceling" => Status::Canceling,
            "canceled" => Status::Canceled,
            "completed" => Status::Completed,
            "failed" => Status::Failed,
            "" => return None,
            _ => Status::Other(status),
        },
        progress: number(v, &["progress"]),
        message: text(v, &["message"]),
        detail: text(v, &["detail"]),
        output_dir: some_text(v, &["output_dir"]),
        created: moment(v, &["created_at_ms"]),
        started: moment(v, &["started_at_ms"]),
        finished: moment(v, &["finished_at_ms"]),
        cancel_requested: moment(v, &["cancel_requested_at_ms"]),
        cancel_reason: some_text(v, &["cancel_reason"]),
        canceled: moment(v, &["canceled_at_ms"]),
    })
}

fn kind(v: &Value) -> Kind {
    match v.as_str().unwrap_or_default() {
        "incremental" => Kind::Incremental,
        "full" => Kind::Full,
        other => Kind::Other(SafeText::new(other)),
    }
}

fn output(v: &Value) -> Option<Output> {
    let job = JobId(v.get(0)?.as_i64()?);
    Some(Output { job, kind: kind(v.get(1)?), folder: SafeText::new(v.get(2)?.as_str()?) })
}

pub(super) fn lock(v: &Value) -> Lock {
    Lock { name: text(v, &["name"]), owner: text(v, &["owner"]), acquired: moment(v, &["acquired_at_ms"]) }
}

fn settings(v: &Value) -> Settings {
    Settings {
        enabled: flag(v, &["enabled"]),
        incremental_schedule: v.get("incremental_schedule").map(|_| text(v, &["incremental_schedule"])),
        full_enabled: flag(v, &["full_backup_enabled"]),
        full_schedule: v.get("full_backup_schedule").map(|_| text(v, &["full_backup_schedule"])),
        last_run: moment(v, &["last_run_at_ms"]),
        last_incremental: moment(v, &["last_incremental_backup_time_ms"]),
        last_full: moment(v, &["last_full_backup_time_ms"]),
        retention: number(v, &["backup_retention_max"]),
        replica_enabled: flag(v, &["replica_enabled"]),
        replica_target: some_text(v, &["replica_target_path"]),
        full_includes_images: flag(v, &["full_backup_include_images"]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn empty() -> Value {
        json!({"jobs": [], "live": [], "last_completed": {"incremental": [], "full": []}, "outputs": [], "locks": [], "settings": []})
    }

    #[test]
    fn an_older_server_lacks_columns_and_is_read_all_the_same() {
        let mut v = empty();
        v["jobs"] = json!([{"id": 7, "kind": "full", "status": "completed", "created_at_ms": 5}]);
        v["settings"] = json!([{"enabled": 1}]);
        let db = read(&v).unwrap();
        assert_eq!(
            (db.jobs[0].began(), db.jobs[0].cancel_requested, db.jobs[0].output_dir.as_ref()),
            (Some(EpochMs(5)), None, None)
        );
        assert_eq!(db.settings.unwrap(), Settings { enabled: Some(true), ..Settings::default() });
    }

    #[test]
    fn a_status_of_tomorrow_is_kept_as_it_is() {
        let mut v = empty();
        v["jobs"] = json!([{"id": 1, "kind": "diff", "status": "verifying"}]);
        let db = read(&v).unwrap();
        assert_eq!(db.jobs[0].status, Status::Other(SafeText::new("verifying")));
        assert!(!db.jobs[0].status.is_live());
    }

    #[test]
    fn a_missing_table_or_a_row_without_id_is_unreadable() {
        for (table, value) in [
            ("jobs", json!(null)),
            ("locks", json!(null)),
            ("jobs", json!([{"status": "running"}])),
            ("live", json!([{"id": 1}])),
        ] {
            let mut v = empty();
            v[table] = value;
            assert!(read(&v).is_err(), "{table}");
        }
        assert!(matches!(
            read(&json!({"error": "OperationalError: unable to open"})),
            Err(Gap::Failed { .. })
        ));
        assert!(read(&json!(null)).is_err());
    }
}
