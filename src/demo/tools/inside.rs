//! The backend's side: what the script that is sent into the container would print there.
use super::{Said, Server, UNKNOWN};
use crate::demo::mountinfo;
use crate::demo::state::{BACKEND, Job, State};
use crate::demo::timeline::{SHANGHAI_MIN, wall};
use serde_json::{Map, Value, json};
use std::io::Read;

/// The script that these answers are for, as it goes to servers.
const LOOK: &str = concat!(
    include_str!("../../../assets/remote/database.py"),
    include_str!("../../../assets/remote/inside.py")
);

/// `docker exec -i NAME python - DATABASE LIMIT`, the script on standard input.
pub(super) fn exec(server: &Server, args: &[&str], name: &str, rest: &[&str]) -> Said {
    if !script_is_known() {
        return Said::unknown("docker", args);
    }
    let Some(c) = server.state.container(name) else {
        return Said::error(1, format!("Error: No such container: {name}"));
    };
    if !c.running {
        return Said::error(1, format!("Error response from daemon: container {} is not running", c.id));
    }
    if c.name != BACKEND {
        return Said::unknown("docker", args);
    }
    let mounts = mountinfo::container(&server.state, c.sees.as_deref(), &c.mounts);
    answer(server, args, rest, &mounts, Some("Asia/Shanghai"), "/app/data")
}

/// `docker run … -v FOLDER:WHERE:ro IMAGE - DATABASE LIMIT`: another container of the same image, for a backend that
/// does not run. It sees the database's folder and nothing else, and has no zone of its own.
pub(super) fn one_off(server: &Server, args: &[&str], bind: &str, image: &str, rest: &[&str]) -> Said {
    if !script_is_known() {
        return Said::unknown("docker", args);
    }
    let state = &server.state;
    if !state.docker.images.iter().any(|i| i.id == image || i.name == image) {
        return Said::error(125, format!("Unable to find image '{image}' locally"));
    }
    let mut parts = bind.split(':');
    let (Some(from), Some(to), Some("ro"), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Said::unknown("docker", args);
    };
    let Some(from) = server.server_path(from) else {
        return Said::error(UNKNOWN, format!("docker: {from} is not in the demo server"));
    };
    let mounts = mountinfo::container(state, None, &[(from.into(), to.into(), false)]);
    let folder = if from == "/opt/ragflowauth/data" { to } else { "" };
    answer(server, args, rest, &mounts, None, folder)
}

/// Whether the script on standard input is the one that these answers are for.
fn script_is_known() -> bool {
    let mut text = String::new();
    let read = std::io::stdin().take(1 << 20).read_to_string(&mut text);
    read.is_ok() && text.trim() == LOOK.trim()
}

fn answer(
    server: &Server,
    args: &[&str],
    rest: &[&str],
    mounts: &str,
    zone: Option<&str>,
    folder: &str,
) -> Said {
    let [path, limit] = rest else {
        return Said::unknown("docker", args);
    };
    let Ok(limit) = limit.parse::<usize>() else {
        return Said::unknown("docker", args);
    };
    let east_min = if zone.is_some() { SHANGHAI_MIN } else { 0 };
    let database = if !folder.is_empty() && *path == format!("{folder}/auth.db") {
        database(&server.state, limit)
    } else {
        json!({"error": format!("FileNotFoundError: [Errno 2] No such file or directory: '{path}'")})
    };
    let said = json!({
        "mounts": {"mountinfo": mounts},
        "clock": {
            "epoch_ms": server.now.0,
            "zone": wall(server.now, east_min).strftime("%z").to_string(),
            "tz": zone.unwrap_or_default(),
        },
        "database": database,
    });
    Said::ok(format!("{said}\n"))
}

fn database(state: &State, limit: usize) -> Value {
    let db = &state.database;
    let newest = || db.jobs.iter().rev();
    let row = |job: &Job| row(job, db.old_schema);
    let live = |j: &&Job| j.is_live();
    let last = |kind: &str| -> Vec<Value> {
        let good = |j: &&Job| j.kind == kind && j.status == "completed";
        newest().find(good).map(row).into_iter().collect()
    };
    let output = |j: &Job| j.output_dir.as_ref().map(|dir| json!([j.id, j.kind, dir]));
    json!({
        // a backend that runs has the database open
        "wal": state.backend().is_some(),
        "jobs": newest().take(limit).map(row).collect::<Vec<_>>(),
        "live": db.jobs.iter().filter(live).take(20).map(row).collect::<Vec<_>>(),
        "last_completed": {"incremental": last("incremental"), "full": last("full")},
        "outputs": newest().filter_map(output).take(400).collect::<Vec<_>>(),
        "locks": db.locks,
        "settings": [db.settings],
    })
}

/// The columns that this database has.
pub(super) fn row(job: &Job, old_schema: bool) -> Value {
    let Ok(Value::Object(mut columns)) = serde_json::to_value(job) else {
        return Value::Object(Map::new());
    };
    if old_schema {
        for column in ["cancel_requested_at_ms", "cancel_reason", "canceled_at_ms"] {
            columns.remove(column);
        }
    }
    Value::Object(columns)
}
