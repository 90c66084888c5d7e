//! Rows and packs for tests.
use super::past::tests::pack;
use crate::core::probe::database::{self, Job};
use crate::core::probe::watch::{Jobs, Packs, Tick};
use crate::core::units::{EpochMs, JobId};
use serde_json::json;

pub(crate) const S: i64 = 1000;

/// A row, begun at 100 s.
pub(crate) fn job(id: i64, status: &str, message: &str) -> Job {
    let row = json!({"id": id, "kind": "incremental", "status": status, "message": message, "output_dir": "/mnt/replica/RagflowAuth/migration_pack_x",
        "created_at_ms": 99 * S, "started_at_ms": 100 * S, "finished_at_ms": if status == "completed" { json!(240 * S) } else { json!(null) }});
    let all = json!({"jobs": [row], "live": [], "last_completed": {"incremental": [], "full": []}, "outputs": [], "locks": [], "settings": []});
    database::read(&all).unwrap().jobs.remove(0)
}

/// The rows at a moment of the server's clock.
pub(crate) fn rows(clock_s: i64, jobs: &[Job]) -> Tick {
    let (live, ended) = jobs.iter().cloned().partition(|j| j.status.is_live());
    Tick::Jobs { clock: Some(EpochMs(clock_s * S)), jobs: Ok(Jobs { live, ended, locks: Vec::new() }) }
}

/// The pack of a job: path, bytes and the second of the last change of each file.
pub(crate) fn packed(id: i64, files: &[(&str, u64, i64)]) -> Tick {
    Tick::Packs(Ok(Packs { job: JobId(id), own: Some(pack(files)), copy: None }))
}
