//! Having the backend start a backup, with the lab's backend: at most once, told apart from somebody else's, left to itself.
use crate::support::{Db, Said, has_python, python, script};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

/// A database, and the knobs of the lab's backend: it stays in its first step for so long.
fn backend(step_seconds: f64) -> Db {
    let db = Db::new("new");
    std::fs::write(db.dir.path().join("knobs.json"), json!({"step_seconds": step_seconds}).to_string())
        .unwrap();
    db.sql("INSERT INTO backup_jobs (id, status, created_at_ms) VALUES (40, 'completed', 1)");
    db
}

/// A run's name that no other test has: its log is in /tmp.
fn name(mark: &str) -> String {
    format!("{mark}-{}-{}", std::process::id(), opsdeck::clock::now().0)
}

fn start(db: &Db, run: &str) -> Command {
    let mut command = db.command(run, "start", &json!({"full": false, "folder": null}));
    command.env("AUTH_DB", &db.path).env("LAB_KNOBS", db.dir.path().join("knobs.json"));
    command
}

fn log(run: &str) -> String {
    format!("/tmp/opsdeck-{run}.log")
}

/// Until the job is over; its log goes.
fn over(db: &Db, run: &str) -> Value {
    until("the job is over", || {
        let rows = db.rows();
        rows["jobs"]
            .as_array()
            .unwrap()
            .iter()
            .all(|j| !["queued", "running", "canceling"].contains(&j["status"].as_str().unwrap()))
            && rows["locks"] == json!([])
    });
    let _ = std::fs::remove_file(log(run));
    db.rows()
}

fn until(what: &str, so: impl Fn() -> bool) {
    assert!(within(30, so), "never: {what}");
}

#[allow(clippy::disallowed_methods)] // no runtime here
fn within(seconds: u32, so: impl Fn() -> bool) -> bool {
    (0..seconds * 10).any(|_| {
        std::thread::sleep(Duration::from_millis(100));
        so()
    })
}

fn count(db: &Db) -> usize {
    db.rows()["jobs"].as_array().unwrap().len()
}

#[test]
fn a_backup_is_started_and_goes_on_when_who_asked_is_gone() {
    if !has_python() {
        return;
    }
    let (db, run) = (backend(2.0), name("one"));
    let said = Said::of(start(&db, &run).output().unwrap());
    assert_eq!(said.why(), (0, "done"), "{}", said.answer);
    assert_eq!(said.facts()[..2], ["job 41", "kind incremental"]);
    assert!(["status queued", "status running"].contains(&said.facts()[2]), "{}", said.answer);
    // whoever asked has ended, and the worker goes on
    until("the worker is at work", || db.rows()["jobs"][1]["message"] == "开始备份");
    // the same run never asks twice
    db.sql("UPDATE backup_jobs SET status = 'failed'; DELETE FROM backup_locks");
    assert_eq!(Said::of(start(&db, &run).output().unwrap()).why(), (14, "unknown"));
    assert_eq!(count(&db), 2);
    let text = std::fs::read_to_string(log(&run)).unwrap();
    assert!(text.contains(&format!("Started incremental backup job #41 (opsdeck {run})")), "{text}");
    over(&db, &run);
}

#[test]
fn what_is_in_the_way_is_said_and_nothing_is_started() {
    if !has_python() {
        return;
    }
    let db = backend(0.0);
    for status in ["queued", "running", "canceling"] {
        db.sql(&format!("INSERT INTO backup_jobs (id, status, created_at_ms) VALUES (41, '{status}', 1)"));
        let said = Said::of(start(&db, &name("live")).output().unwrap());
        assert_eq!((said.why(), said.answer["words"].as_str()), ((13, "live"), Some("#41")));
        db.sql("DELETE FROM backup_jobs WHERE id = 41");
    }
    db.lock("aa", 1);
    let said = Said::of(start(&db, &name("lock")).output().unwrap());
    assert_eq!(said.why(), (13, "locked"), "{}", said.answer);
    db.sql("DELETE FROM backup_locks");
    let blind = db
        .command(&name("blind"), "start", &json!({"full": true, "folder": "/mnt/no/share"}))
        .output()
        .unwrap();
    assert_eq!(Said::of(blind).why(), (13, "blind"));
    assert_eq!(count(&db), 1);
}

/// A backend of a few lines in the place of the lab's.
fn with_backend(db: &Db, code: &str) -> Command {
    let folder = db.dir.path().join("fake/backend/app/modules/data_security");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("runner.py"), code).unwrap();
    let mut command = python();
    // so that what never answers is not waited for
    let script = script().replace("LOAD_S, START_S = 60, 45", "LOAD_S, START_S = 1, 2");
    assert!(script.contains("= 1, 2"));
    command.arg("-c").arg(script).arg(&db.path);
    let run = name("fake");
    command.args([run.as_str(), "who@where", "start", r#"{"full": true, "folder": null}"#]);
    command.env("PYTHONPATH", db.dir.path().join("fake")).stdin(Stdio::null());
    command
}

const INSERT: &str = "
import sqlite3, threading, time
PATH = '@PATH'
def insert(message):
    db = sqlite3.connect(PATH, isolation_level=None)
    return db.execute(\"INSERT INTO backup_jobs (kind, status, message, created_at_ms) VALUES ('full', 'running', ?, 5)\", (message,)).lastrowid
";

fn fake(db: &Db, code: &str) -> Said {
    let code = format!("{INSERT}{code}").replace("@PATH", db.path.to_str().unwrap());
    let said = Said::of(with_backend(db, &code).output().unwrap());
    for entry in std::fs::read_dir("/tmp").unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("opsdeck-fake-{}-", std::process::id())) {
            let _ = std::fs::remove_file(entry.path());
        }
    }
    said
}

/// Every way in which a backend may answer, or not.
#[test]
fn whose_the_job_is_is_told_whatever_the_backend_answers() {
    if !has_python() {
        return;
    }
    let def = "def start_job_if_idle(*, reason, full_backup):\n";
    // its own thread: ours, though its message says nothing
    let ours =
        format!("{def}    threading.Thread(target=time.sleep, args=(3,)).start()\n    return insert('x')\n");
    // no thread of ours: somebody else's, in the same moment
    let joined = format!("{def}    return insert('x')\n");
    // the row is there, and the answer never comes: its reason tells
    let mute = format!("{def}    insert('等待执行（%s）' % reason)\n    time.sleep(5)\n");
    let broken = format!("{def}    insert('等待执行（%s）' % reason)\n    raise ValueError('x')\n");
    for (code, fact) in [(ours, "job 41"), (joined, "joined 41"), (mute, "job 41"), (broken, "job 41")] {
        let db = backend(0.0);
        let said = fake(&db, &code);
        assert_eq!(said.code, 0, "{code}{}", said.answer);
        assert_eq!(said.facts(), [fact, "kind full", "status running"], "{code}");
    }
    let locked = format!("{def}    raise RuntimeError('backup lock is held by another process')\n");
    let refused = format!("{def}    raise ValueError('no')\n");
    let silent = format!("{def}    time.sleep(5)\n");
    // it takes longer to load than it may: it is not asked any more
    let late = format!("time.sleep(1.5)\n{def}    insert('too late')\n");
    for (code, why) in [
        (locked, (13, "locked")),
        (refused, (13, "backend")),
        (silent, (14, "unknown")),
        (late, (13, "backend")),
    ] {
        let db = backend(0.0);
        let said = fake(&db, &code);
        assert_eq!(said.why(), why, "{code}{}", said.answer);
        assert_eq!(count(&db), 1, "{code}");
    }
    let db = backend(0.0);
    assert_eq!(fake(&db, "import nothing_of_that_name\n").why(), (13, "backend"));
}

/// Whoever asks is killed at any moment: there is one job or none, and a new run starts none beside it.
#[test]
fn a_question_that_is_killed_at_any_moment_starts_one_backup_or_none() {
    if !has_python() {
        return;
    }
    let (mut none, mut one) = (0, 0);
    for n in 0..24 {
        let (db, run) = (backend(0.5), name(&format!("kill{n}")));
        let mut child = start(&db, &run).stdout(Stdio::null()).spawn().unwrap();
        // while Python begins; when it is about to ask; when it has asked; and a little later than each
        let asks = || Path::new(&log(&run)).exists();
        match n % 3 {
            0 => {}
            1 => until("it asks", asks),
            _ => until("it has asked", || count(&db) > 1),
        }
        wait(Duration::from_millis(n * 3));
        child.kill().unwrap();
        child.wait().unwrap();
        // what it left behind in the container has asked, or will; or it never came to that
        within(10, || !asks() || count(&db) > 1);
        let jobs = count(&db);
        assert!(jobs <= 2, "{n}: {jobs}");
        let again = name("again");
        let said = Said::of(start(&db, &again).output().unwrap());
        // beside one that lives none is started
        assert_eq!(count(&db), jobs + usize::from(said.code == 0), "{n}: {}", said.answer);
        (none, one) = if jobs == 2 { (none, one + 1) } else { (none + 1, one) };
        over(&db, &run);
        let _ = std::fs::remove_file(log(&again));
    }
    println!("killed 24 times: {one} with its one job, {none} without");
    assert!(one >= 8 && none > 0, "{one} {none}");
}

#[allow(clippy::disallowed_methods)] // the moment is what is tested
fn wait(time: Duration) {
    std::thread::sleep(time);
}
