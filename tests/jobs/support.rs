//! A real SQLite file as the backend keeps it, and change.py run on it.
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

pub(crate) fn asset(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Whether this machine has Python; where it is required, that it has not is a failure.
pub(crate) fn has_python() -> bool {
    let there = Command::new("python3").arg("--version").output().is_ok();
    assert!(there || std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "python3 is required here");
    if !there {
        eprintln!("skipped: there is no python3");
    }
    there
}

/// Python with the lab's backend in its path.
pub(crate) fn python() -> Command {
    let mut command = Command::new("python3");
    command.env("PYTHONPATH", asset("tests/lab/backend/app")).env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Every job in order, and every lock.
const DUMP: &str = "
import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1]); db.row_factory = sqlite3.Row
rows = lambda q: [dict(r) for r in db.execute(q)]
print(json.dumps({'jobs': rows('SELECT * FROM backup_jobs ORDER BY id'), 'locks': rows('SELECT * FROM backup_locks')}))
";

const MAKE: &str = "
import sys, sqlite3
from backend.services.data_security import store
schema = store.SCHEMA
if sys.argv[2] == 'old':
    for column in ('cancel_requested_at_ms INTEGER', 'cancel_reason TEXT', 'canceled_at_ms INTEGER'):
        schema = schema.replace(',\\n  ' + column, '')
db = sqlite3.connect(sys.argv[1])
db.execute('PRAGMA journal_mode=WAL')
db.executescript(schema)
";

/// auth.db in a folder of its own.
pub(crate) struct Db {
    pub dir: TempDir,
    pub path: PathBuf,
}

impl Db {
    /// With every column, or as an older backend made it.
    pub fn new(schema: &str) -> Db {
        let dir = tempfile::tempdir().expect("folder");
        let path = dir.path().join("auth.db");
        let made = python().args(["-c", MAKE]).arg(&path).arg(schema).status().expect("python3");
        assert!(made.success());
        Db { dir, path }
    }

    pub fn sql(&self, sql: &str) {
        let code = "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], timeout=20)\ndb.executescript(sys.argv[2])";
        let out = python().args(["-c", code]).arg(&self.path).arg(sql).output().expect("python3");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    }

    /// A job: number, status, when it was made; its worker began 12 ms later.
    pub fn job(&self, id: i64, status: &str, created: i64) {
        self.sql(&format!(
            "INSERT INTO backup_jobs (id, status, progress, message, output_dir, created_at_ms, started_at_ms)
             VALUES ({id}, '{status}', 45, '备份 volume', '/mnt/replica/RagflowAuth/p{id}', {created}, {})",
            created + 12
        ));
    }

    pub fn lock(&self, owner: &str, acquired: i64) {
        self.sql(&format!("INSERT INTO backup_locks VALUES ('backup', '{owner}', NULL, {acquired})"));
    }

    pub fn rows(&self) -> Value {
        let out = python().args(["-c", DUMP]).arg(&self.path).output().expect("python3");
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        serde_json::from_slice(&out.stdout).expect("json")
    }

    /// One call of change.py.
    pub fn change(&self, verb: &str, with: &Value) -> Said {
        Said::of(self.command("20261121-1", verb, with).output().expect("python3"))
    }

    pub fn command(&self, run: &str, verb: &str, with: &Value) -> Command {
        let mut command = python();
        command.arg("-c").arg(script()).arg(&self.path);
        command.args([run, "who@where", verb, &with.to_string()]).stdin(Stdio::null());
        command
    }
}

/// The very text that goes to servers.
pub(crate) fn script() -> String {
    std::fs::read_to_string(asset("assets/remote/run/change.py")).expect("script")
}

pub(crate) struct Said {
    pub code: i32,
    pub answer: Value,
}

impl Said {
    pub fn of(out: Output) -> Said {
        let code = out.status.code().expect("it ended by itself");
        let text = String::from_utf8(out.stdout).expect("UTF-8");
        assert_eq!(text.lines().count(), 1, "{text}{}", String::from_utf8_lossy(&out.stderr));
        Said { code, answer: serde_json::from_str(&text).expect("one line of JSON") }
    }

    pub fn why(&self) -> (i32, &str) {
        (self.code, self.answer["why"].as_str().expect("why"))
    }

    pub fn facts(&self) -> Vec<&str> {
        self.answer["facts"].as_array().expect("facts").iter().map(|f| f.as_str().expect("text")).collect()
    }
}

pub(crate) fn job(id: i64, status: &str, created: i64) -> Value {
    json!({"id": id, "status": status, "created_at_ms": created, "started_at_ms": created + 12})
}

pub(crate) fn lock(owner: &str, acquired: i64) -> Value {
    json!({"name": "backup", "owner": owner, "acquired_at_ms": acquired})
}
