//! The backend's database, changed: what `change.py` would do in the container, on the rows of the state.
use super::change::change as change_state;
use super::{Said, Server, UNKNOWN};
use crate::core::units::EpochMs;
use crate::demo::state::{BACKEND, Job, Lock, State};
use serde_json::{Map, Value, json};
use std::io::Read;

/// The script that these answers are for, and the one question that steps ask.
const CHANGE: &str = include_str!("../../../assets/remote/run/change.py");
const LIVE: &str = include_str!("../../../assets/remote/run/live.sh");
/// Where the container has the database.
const DATABASE: &str = "/app/data/auth.db";
/// A lock this young may belong to a job that is not there yet.
const YOUNG: i64 = 120_000;
/// From the wish to stop until a worker does.
const STOPS_AFTER: i64 = 6000;

/// Why something was not done: the code, a word for machines, words.
struct No(u8, &'static str, String);

type Done = Result<Vec<String>, No>;

/// `docker exec -i NAME python - DATABASE RUN OPERATOR VERB JSON`, the script on standard input.
pub(super) fn change(
    server: &Server,
    args: &[&str],
    (path, run, operator): (&str, &str, &str),
    (verb, asked): (&str, &str),
) -> Said {
    let Some(asked) = script_is_known().then(|| serde_json::from_str::<Value>(asked).ok()).flatten() else {
        return Said::unknown("docker", args);
    };
    if path != DATABASE {
        return answer(Err(No(12, "database", "OperationalError: unable to open database file".into())));
    }
    let now = server.now;
    let by = format!("opsdeck {operator} {run}");
    match verb {
        "job" => job(&server.state, &asked),
        "start" if server.state.backend().is_some() => write(server, |state| start(state, &asked, now)),
        "cancel" => write(server, |state| cancel(state, &asked, now, &by)),
        "close" => write(server, |state| close(state, &asked, now, &by)),
        "clear" => write(server, |state| clear(state, &asked, now)),
        "put" => write(server, |state| put(state, &asked)),
        _ => Said::unknown("docker", args),
    }
}

/// The same in another container of the image, for a backend that does not run: the database's folder is bound to be written.
pub(super) fn one_off(
    server: &Server,
    args: &[&str],
    (bind, image): (&str, &str),
    who: (&str, &str, &str),
    what: (&str, &str),
) -> Said {
    if !server.state.docker.images.iter().any(|i| i.id == image || i.name == image) {
        return Said::error(125, format!("Unable to find image '{image}' locally"));
    }
    let Some((from, "/app/data")) = bind.split_once(':') else {
        return Said::unknown("docker", args);
    };
    if server.server_path(from) != Some("/opt/ragflowauth/data") {
        return Said::error(UNKNOWN, format!("docker: {from} is not where the demo server has its database"));
    }
    change(server, args, who, what)
}

/// `docker exec -i NAME python -c QUERY DATABASE`: the numbers of the jobs that say that they run.
pub(super) fn live_jobs(server: &Server, args: &[&str], query: &str, path: &str) -> Said {
    let known =
        LIVE.split_once("query='").and_then(|(_, rest)| rest.split_once('\'')).map(|(query, _)| query);
    if known != Some(query) || path != DATABASE {
        return Said::unknown("docker", args);
    }
    let live = server.state.database.jobs.iter().filter(|j| j.is_live());
    Said::ok(live.fold("jobs".to_owned(), |text, j| format!("{text} {}", j.id)) + "\n")
}

fn script_is_known() -> bool {
    let mut text = String::new();
    let read = std::io::stdin().take(1 << 20).read_to_string(&mut text);
    read.is_ok() && text.trim() == CHANGE.trim()
}

fn write(server: &Server, edit: impl FnOnce(&mut State) -> Done) -> Said {
    change_state(server, |state| {
        let before = state.clone();
        let done = edit(state);
        if done.is_err() {
            // one transaction: all of it or nothing
            *state = before;
        }
        answer(done)
    })
}

/// One line of JSON, its words in the order in which the script writes them.
fn answer(done: Done) -> Said {
    let (code, why, words, facts) = match done {
        Ok(facts) => (0, "done", String::new(), facts),
        Err(No(code, why, words)) => (code, why, words, Vec::new()),
    };
    let text =
        format!("{{\"why\": {}, \"words\": {}, \"facts\": {}}}\n", json!(why), json!(words), json!(facts));
    Said { code, ..Said::ok(text) }
}

fn job(state: &State, asked: &Value) -> Said {
    let id = asked.get("id").and_then(Value::as_i64);
    let row = match state.database.jobs.iter().find(|j| Some(j.id) == id) {
        Some(j) => format!(
            ", \"status\": {}, \"progress\": {}, \"message\": {}, \"kind\": {}",
            json!(j.status),
            j.progress,
            json!(j.message),
            json!(j.kind)
        ),
        None => ", \"status\": \"none\"".into(),
    };
    Said::ok(format!("{{\"why\": \"done\", \"words\": \"\"{row}}}\n"))
}

fn start(state: &mut State, asked: &Value, now: EpochMs) -> Done {
    let blind = state.container(BACKEND).is_none_or(|c| c.sees.is_none());
    if let (Some(folder), true) = (asked.get("folder").and_then(Value::as_str), blind) {
        return Err(No(13, "blind", format!("{folder} is on xfs")));
    }
    if let Some(busy) = state.database.jobs.iter().rev().find(|j| j.is_live()) {
        return Err(No(13, "live", format!("#{}", busy.id)));
    }
    if let Some(lock) = state.database.locks.first() {
        return Err(No(13, "locked", held(lock)));
    }
    let kind = if asked.get("full") == Some(&Value::Bool(true)) { "full" } else { "incremental" };
    let id = state.begin(kind, now);
    let status = find(state, id)?.status.clone();
    Ok(vec![format!("job {id}"), format!("kind {kind}"), format!("status {status}")])
}

fn cancel(state: &mut State, asked: &Value, now: EpochMs, by: &str) -> Done {
    if state.database.old_schema {
        return Err(No(13, "no_cancel", "backup_jobs has no cancel_requested_at_ms".into()));
    }
    let row = asked.get("job").cloned().unwrap_or_default();
    let id = seen(state, &row)?;
    let job = find(state, id)?;
    (job.status, job.message) = ("canceling".into(), "正在取消".into());
    (job.cancel_requested_at_ms, job.cancel_reason) = (Some(now.0), Some(by.to_owned()));
    // a worker that is alive hears it
    if let Some(work) = state.work.as_mut().filter(|w| w.job == id) {
        work.stops_ms = Some(now.0 + STOPS_AFTER);
    }
    Ok(vec![format!("asked #{id}")])
}

fn close(state: &mut State, asked: &Value, now: EpochMs, by: &str) -> Done {
    let text = |name: &str| asked.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let same_lock = asked.get("same_lock") == Some(&Value::Bool(true));
    let to = if state.database.old_schema { "failed".to_owned() } else { text("to") };
    let mut facts = Vec::new();
    for row in asked.get("jobs").and_then(Value::as_array).cloned().unwrap_or_default() {
        let number = row.get("id").and_then(Value::as_i64).unwrap_or_default();
        let over = state.database.jobs.iter().find(|j| j.id == number).filter(|j| !j.is_live());
        if let (Some(job), false) = (over, same_lock) {
            facts.push(format!("ended #{number} {}", job.status));
        } else {
            let id = seen(state, &row)?;
            let job = find(state, id)?;
            job.status.clone_from(&to);
            job.finished_at_ms = Some(now.0);
            job.message = if to == "canceled" { "备份已取消" } else { "备份失败" }.into();
            job.detail = format!("{}（{by}）", text("words"));
            job.canceled_at_ms = (to == "canceled").then_some(now.0);
            facts.push(format!("closed #{id} {to}"));
        }
        let folder = state.database.jobs.iter().find(|j| j.id == number).and_then(|j| j.output_dir.as_ref());
        facts.extend(folder.map(|f| format!("partial {f}")));
    }
    let Some(lock) = asked.get("lock").filter(|l| !l.is_null()) else {
        return Ok(facts);
    };
    let other = state.database.jobs.iter().find(|j| j.is_live()).map(|j| j.id);
    if let (true, Some(other)) = (same_lock, other) {
        return Err(No(10, "changed", format!("#{other} is live, too")));
    }
    if delete(state, lock) {
        facts.push("lock cleared".into());
    } else if same_lock {
        return Err(lock_changed(state));
    } else {
        let left = if state.database.locks.is_empty() { "gone" } else { "other" };
        facts.push(format!("lock {left}"));
    }
    Ok(facts)
}

fn clear(state: &mut State, asked: &Value, now: EpochMs) -> Done {
    let lock = asked.get("lock").cloned().unwrap_or_default();
    let Some(found) = state.database.locks.iter().find(|l| is_lock(l, &lock)).cloned() else {
        return Err(lock_changed(state));
    };
    let mut dead = Vec::new();
    for row in asked.get("dead").and_then(Value::as_array).cloned().unwrap_or_default() {
        dead.push(seen(state, &row)?);
    }
    if let Some(alive) = state.database.jobs.iter().find(|j| j.is_live() && !dead.contains(&j.id)) {
        return Err(No(13, "live", format!("#{}", alive.id)));
    }
    let age = now.0 - found.acquired_at_ms;
    if age < -YOUNG {
        if asked.get("gone") != Some(&Value::Bool(true)) {
            return Err(No(13, "future", format!("taken at {}", found.acquired_at_ms)));
        }
    } else if age < YOUNG {
        return Err(No(13, "young", format!("taken at {}", found.acquired_at_ms)));
    }
    delete(state, &lock);
    Ok(vec![format!("cleared {} {} {}", found.name, found.owner, found.acquired_at_ms)])
}

fn put(state: &mut State, asked: &Value) -> Done {
    let lock = asked.get("lock").cloned().unwrap_or_default();
    if let Some(found) = state.database.locks.first() {
        return Err(No(13, "held", held(found)));
    }
    let word = |name: &str| lock.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let acquired_at_ms = lock.get("acquired_at_ms").and_then(Value::as_i64).unwrap_or_default();
    let row = Lock { name: word("name"), owner: word("owner"), job_id: None, acquired_at_ms };
    let said = format!("put {} {} {acquired_at_ms}", row.name, row.owner);
    state.database.locks.push(row);
    Ok(vec![said])
}

/// The job that is exactly as this row: each column is what was seen, or one of several.
fn seen(state: &State, row: &Value) -> Result<i64, No> {
    let id = row.get("id").and_then(Value::as_i64).unwrap_or_default();
    let job = state.database.jobs.iter().find(|j| j.id == id);
    let columns = job.and_then(|j| match super::inside::row(j, state.database.old_schema) {
        Value::Object(columns) => Some(columns),
        _ => None,
    });
    let is = |columns: &Map<String, Value>, name: &str, wanted: &Value| {
        let value = columns.get(name).unwrap_or(&Value::Null);
        wanted.as_array().map_or(value == wanted, |any| any.contains(value))
    };
    let wanted = row.as_object().cloned().unwrap_or_default();
    if columns.is_some_and(|c| wanted.iter().all(|(name, value)| is(&c, name, value))) {
        return Ok(id);
    }
    Err(No(10, "changed", format!("#{id} {}", job.map_or("is gone", |j| &j.status))))
}

fn find(state: &mut State, id: i64) -> Result<&mut Job, No> {
    let found = state.database.jobs.iter_mut().find(|j| j.id == id);
    found.ok_or_else(|| No(10, "changed", format!("#{id} is gone")))
}

fn is_lock(found: &Lock, lock: &Value) -> bool {
    lock.get("name").and_then(Value::as_str) == Some(&found.name)
        && lock.get("owner").and_then(Value::as_str) == Some(&found.owner)
        && lock.get("acquired_at_ms").and_then(Value::as_i64) == Some(found.acquired_at_ms)
}

fn delete(state: &mut State, lock: &Value) -> bool {
    let before = state.database.locks.len();
    state.database.locks.retain(|l| !is_lock(l, lock));
    state.database.locks.len() < before
}

fn held(lock: &Lock) -> String {
    format!("owner {}, taken at {}", lock.owner, lock.acquired_at_ms)
}

fn lock_changed(state: &State) -> No {
    let found = state.database.locks.first();
    No(10, "changed", format!("the lock is {}", found.map_or("gone".into(), held)))
}
