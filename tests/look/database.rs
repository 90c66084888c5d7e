//! The database part, under a real Python and a real SQLite file: what it reads, and that its folder stays as it was.
use crate::support::asset;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

const MAKE: &str = "
import sqlite3, sys
d = sqlite3.connect(sys.argv[1])
d.execute('PRAGMA journal_mode=wal')
d.execute('CREATE TABLE backup_jobs(id INTEGER PRIMARY KEY, kind TEXT, status TEXT, progress INT, message TEXT, detail TEXT, output_dir TEXT, created_at_ms INT)')
d.execute('CREATE TABLE backup_locks(name TEXT PRIMARY KEY, owner TEXT, job_id INT, acquired_at_ms INT)')
d.execute('CREATE TABLE data_security_settings(id INT, enabled INT, incremental_schedule TEXT, ftp_password TEXT)')
d.execute(\"INSERT INTO data_security_settings VALUES(1, 1, '0 4 * * *', 'PLANTED-SECRET')\")
for n in range(100):
    d.execute('INSERT INTO backup_jobs(kind, status, message, output_dir, created_at_ms) VALUES(?, ?, ?, ?, ?)', ('incremental', 'completed', '备份完成', '/replica/p%d' % n, n))
d.commit()
";

/// Whether this machine has Python; where it is required, that it has not is a failure.
fn has_python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    assert!(there || std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "python3 is required here");
    if !there {
        eprintln!("skipped: there is no python3");
    }
    there
}

fn python(code: &str, path: &Path) -> Command {
    let mut command = Command::new("python3");
    command.arg("-c").arg(code).arg(path);
    command
}

fn ask(path: &Path) -> Value {
    let script = ["database.py", "inside.py"]
        .map(|name| std::fs::read_to_string(asset("assets/remote").join(name)).expect("script"));
    let out =
        Command::new("python3").args(["-c", &script.concat()]).arg(path).arg("30").output().expect("python3");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let text = String::from_utf8(out.stdout).expect("ascii");
    assert!(!text.contains("PLANTED-SECRET"));
    serde_json::from_str(&text).expect("one line of JSON")
}

/// Names, sizes and times of everything in a folder.
fn folder(path: &Path) -> BTreeMap<String, (u64, std::time::SystemTime)> {
    let entries = std::fs::read_dir(path).expect("folder").map(|e| e.expect("entry"));
    entries
        .map(|e| {
            let m = e.metadata().expect("metadata");
            (e.file_name().to_string_lossy().into_owned(), (m.len(), m.modified().expect("time")))
        })
        .collect()
}

#[test]
fn rows_that_are_only_in_the_wal_are_read_and_no_file_is_made() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("auth.db");
    // a backend that has the database open and has not checkpointed
    let hold = format!("{MAKE}\nprint('ready', flush=True)\nsys.stdin.read()\n");
    let mut backend =
        python(&hold, &path).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3");
    let mut ready = String::new();
    BufReader::new(backend.stdout.take().expect("stdout")).read_line(&mut ready).expect("ready");
    let before = folder(dir.path());
    assert_eq!(before.len(), 3, "{before:?}");
    let answer = ask(&path);
    assert_eq!(answer["database"]["jobs"].as_array().expect("jobs").len(), 30, "{answer:#}");
    assert_eq!(answer["database"]["outputs"].as_array().expect("outputs").len(), 100);
    assert_eq!(answer["database"]["settings"][0]["enabled"], 1);
    let names = |f: &BTreeMap<String, _>| f.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&folder(dir.path())), names(&before));
    let main = |f: &BTreeMap<String, (u64, std::time::SystemTime)>| (f["auth.db"], f["auth.db-wal"]);
    assert_eq!(main(&folder(dir.path())), main(&before));
    backend.stdin.take().expect("stdin").write_all(b"").expect("bye");
    backend.wait().expect("backend");
}

#[test]
fn a_database_that_nobody_has_open_is_read_and_its_folder_stays_as_it_was() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("auth.db");
    assert!(python(MAKE, &path).status().expect("python3").success());
    let before = folder(dir.path());
    assert_eq!(before.len(), 1, "closed and checkpointed");
    let answer = ask(&path);
    assert_eq!(answer["database"]["jobs"][0]["message"], "备份完成");
    assert_eq!(folder(dir.path()), before);
}

#[test]
fn a_wrong_path_is_an_error_and_makes_nothing() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().expect("folder");
    let answer = ask(&dir.path().join("no.db"));
    assert!(answer["database"]["error"].is_string(), "{answer:#}");
    assert!(folder(dir.path()).is_empty());
}

#[test]
fn a_file_that_is_no_database_is_an_error() {
    if !has_python() {
        return;
    }
    let dir = tempfile::tempdir().expect("folder");
    let path = dir.path().join("auth.db");
    std::fs::write(&path, vec![b'x'; 8192]).expect("file");
    let answer = ask(&path);
    assert!(answer["database"]["error"].is_string(), "{answer:#}");
    assert!(answer["mounts"]["mountinfo"].is_string(), "the other parts still answer");
}
