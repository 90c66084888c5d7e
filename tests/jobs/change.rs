//! change.py on real SQLite files: what is named must still be so, to the letter, or nothing is done.
use crate::support::{Db, Said, has_python, job, lock, python};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};

const OLD: i64 = 1_795_118_453_000;

fn close(jobs: Value, lock: Value) -> Value {
    json!({"jobs": jobs, "to": "failed", "lock": lock, "same_lock": true, "words": "后端重启后任务已中断"})
}

/// The same value with one field another one.
fn with(value: &Value, field: &str, other: Value) -> Value {
    let mut value = value.clone();
    value[field] = other;
    value
}

fn ghost(schema: &str) -> Db {
    let db = Db::new(schema);
    db.job(7, "running", OLD);
    db.lock("aa", OLD - 9);
    db
}

#[test]
fn a_ghost_is_closed_and_its_lock_goes_with_it() {
    if !has_python() {
        return;
    }
    for schema in ["new", "old"] {
        let db = ghost(schema);
        let said = db.change("close", &close(json!([job(7, "running", OLD)]), lock("aa", OLD - 9)));
        assert_eq!(said.why(), (0, "done"), "{schema}: {}", said.answer);
        assert_eq!(said.facts(), ["closed #7 failed", "partial /mnt/replica/RagflowAuth/p7", "lock cleared"]);
        let rows = db.rows();
        let row = &rows["jobs"][0];
        assert_eq!((row["status"].as_str(), row["message"].as_str()), (Some("failed"), Some("备份失败")));
        assert!(row["finished_at_ms"].as_i64().unwrap() > OLD && row["started_at_ms"] == OLD + 12, "{row}");
        assert!(row["detail"].as_str().unwrap().contains("who@where"), "{row}");
        assert_eq!(rows["locks"], json!([]));
    }
}

#[test]
fn one_field_that_is_another_by_now_and_nothing_at_all_is_done() {
    if !has_python() {
        return;
    }
    let (row, held) = (job(7, "running", OLD), lock("aa", OLD - 9));
    let db = ghost("new");
    let before = db.rows();
    let of_job = [
        ("id", json!(8)),
        ("status", json!("queued")),
        ("started_at_ms", json!(OLD)),
        ("started_at_ms", Value::Null),
        ("created_at_ms", json!(OLD + 1)),
    ];
    let of_lock = [("name", json!("other")), ("owner", json!("ab")), ("acquired_at_ms", json!(OLD))];
    for (field, other) in &of_job {
        let changed = with(&row, field, other.clone());
        let calls = [
            ("close", close(json!([changed]), held.clone())),
            ("cancel", json!({"job": changed})),
            ("clear", json!({"lock": held, "dead": [changed]})),
        ];
        for (verb, call) in calls {
            let said = db.change(verb, &call);
            assert_eq!(said.why(), (10, "changed"), "{verb} {field}: {}", said.answer);
            assert_eq!(db.rows(), before, "{verb} {field}");
        }
    }
    for (field, other) in &of_lock {
        let changed = with(&held, field, other.clone());
        for (verb, call) in [
            ("close", close(json!([row]), changed.clone())),
            ("clear", json!({"lock": changed, "dead": [row]})),
        ] {
            let said = db.change(verb, &call);
            assert_eq!(said.why(), (10, "changed"), "{verb} {field}: {}", said.answer);
            assert_eq!(db.rows(), before, "{verb} {field}");
        }
    }
    // and with nothing changed it is done: the comparison was what stopped it
    assert_eq!(db.change("clear", &json!({"lock": held, "dead": [row]})).why(), (0, "done"));
}

#[test]
fn several_ghosts_are_closed_together_or_not_at_all() {
    if !has_python() {
        return;
    }
    let db = ghost("new");
    db.job(8, "canceling", OLD + 5000);
    let both = |second: &str| {
        close(json!([job(7, "running", OLD), job(8, second, OLD + 5000)]), lock("aa", OLD - 9))
    };
    let before = db.rows();
    assert_eq!(db.change("close", &both("running")).why(), (10, "changed"));
    assert_eq!(db.rows(), before, "the first one was not closed alone");
    // another one lives: the lock may be its
    db.job(9, "queued", OLD + 9000);
    assert_eq!(db.change("close", &both("canceling")).why(), (10, "changed"));
    db.sql("UPDATE backup_jobs SET status = 'completed' WHERE id = 9");
    assert_eq!(db.change("close", &both("canceling")).why(), (0, "done"));
    assert_eq!(db.rows()["locks"], json!([]));
}

#[test]
fn a_lock_goes_only_when_no_job_can_hold_it() {
    if !has_python() {
        return;
    }
    let db = Db::new("new");
    db.lock("aa", OLD);
    let clear = |dead: Value| json!({"lock": lock("aa", OLD), "dead": dead});
    for status in ["queued", "running", "canceling"] {
        db.job(7, status, OLD);
        let said = db.change("clear", &clear(json!([])));
        assert_eq!((said.why(), said.answer["words"].as_str()), ((13, "live"), Some("#7")), "{status}");
        db.sql("DELETE FROM backup_jobs");
    }
    assert_eq!(db.rows()["locks"].as_array().unwrap().len(), 1);
    // proved dead, and named with all its values
    db.job(7, "running", OLD);
    db.job(8, "completed", OLD);
    let said = db.change("clear", &clear(json!([job(7, "running", OLD)])));
    assert_eq!(said.facts(), [format!("cleared backup aa {OLD}")], "{}", said.answer);
    assert_eq!(
        (db.rows()["locks"].clone(), db.rows()["jobs"][0]["status"].clone()),
        (json!([]), json!("running"))
    );
    // again: it is gone
    assert_eq!(db.change("clear", &clear(json!([]))).why(), (10, "changed"));
}

#[test]
fn a_lock_that_was_just_taken_stays() {
    if !has_python() {
        return;
    }
    let db = Db::new("new");
    let now = opsdeck::clock::now().0;
    for (age_ms, gone, code, why) in [
        (30_000, false, 13, "young"),
        (30_000, true, 13, "young"),
        (-60_000, true, 13, "young"),
        // no waiting makes one from the future old: only who took it may be proved gone
        (-86_400_000, false, 13, "future"),
        (-86_400_000, true, 0, "done"),
        (125_000, false, 0, "done"),
    ] {
        db.lock("aa", now - age_ms);
        let said = db.change("clear", &json!({"lock": lock("aa", now - age_ms), "dead": [], "gone": gone}));
        assert_eq!(said.why(), (code, why), "{age_ms}: {}", said.answer);
        db.sql("DELETE FROM backup_locks");
    }
}

#[test]
fn a_lock_is_put_back_as_it_was_and_never_over_another() {
    if !has_python() {
        return;
    }
    let db = Db::new("new");
    let put = json!({"lock": lock("aa", OLD)});
    assert_eq!(db.change("put", &put).why(), (0, "done"));
    assert_eq!(
        db.rows()["locks"],
        json!([{"name": "backup", "owner": "aa", "job_id": null, "acquired_at_ms": OLD}])
    );
    assert_eq!(db.change("put", &put).why(), (13, "held"));
    db.sql("UPDATE backup_locks SET owner = 'bb'");
    assert_eq!(db.change("put", &put).why(), (13, "held"));
    assert_eq!(db.rows()["locks"][0]["owner"], "bb");
}

#[test]
fn a_worker_is_asked_to_stop_where_the_backend_knows_how() {
    if !has_python() {
        return;
    }
    let db = ghost("new");
    let said = db.change("cancel", &json!({"job": job(7, "running", OLD)}));
    assert_eq!(said.facts(), ["asked #7"], "{}", said.answer);
    let row = &db.rows()["jobs"][0];
    assert_eq!((row["status"].as_str(), row["finished_at_ms"].as_i64()), (Some("canceling"), None));
    assert!(row["cancel_requested_at_ms"].as_i64().unwrap() > OLD);
    assert_eq!(row["cancel_reason"], "opsdeck who@where 20261121-1");
    // the backend's own code sees it
    let code = "import sys\nfrom backend.services.data_security.store import DataSecurityStore as S\nprint(S(sys.argv[1]).cancel_requested(7))";
    let out = python().args(["-c", code]).arg(&db.path).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&out.stdout).trim(), "True");
    // an older one
    let old = ghost("old");
    let before = old.rows();
    assert_eq!(old.change("cancel", &json!({"job": job(7, "running", OLD)})).why(), (13, "no_cancel"));
    assert_eq!(old.rows(), before);
}

#[test]
fn by_force_a_row_that_ended_by_itself_stays_and_a_newer_lock_too() {
    if !has_python() {
        return;
    }
    let force = |held: &Value| {
        json!({"jobs": [{"id": 7, "status": ["queued", "running", "canceling"], "created_at_ms": OLD}],
               "to": "canceled", "lock": held, "same_lock": false, "words": "强制终止"})
    };
    // it began, and was asked to stop, after it was seen
    let db = ghost("new");
    db.sql("UPDATE backup_jobs SET status = 'canceling', started_at_ms = 5");
    let said = db.change("close", &force(&lock("aa", OLD - 9)));
    assert_eq!(said.facts(), ["closed #7 canceled", "partial /mnt/replica/RagflowAuth/p7", "lock cleared"]);
    let row = &db.rows()["jobs"][0];
    assert_eq!((row["status"].as_str(), row["message"].as_str()), (Some("canceled"), Some("备份已取消")));
    assert!(row["canceled_at_ms"].is_i64());
    // without the column the word is not known either
    let old = ghost("old");
    assert_eq!(old.change("close", &force(&lock("aa", OLD - 9))).facts()[0], "closed #7 failed");
    let db = ghost("new");
    db.sql("UPDATE backup_jobs SET status = 'completed'; UPDATE backup_locks SET owner = 'bb'");
    let said = db.change("close", &force(&lock("aa", OLD - 9)));
    assert_eq!(said.facts()[0], "ended #7 completed");
    assert_eq!(said.facts()[2], "lock other");
    assert_eq!(
        (db.rows()["jobs"][0]["status"].clone(), db.rows()["locks"][0]["owner"].clone()),
        (json!("completed"), json!("bb"))
    );
    // and another job of that number is another job
    let db = ghost("new");
    db.sql("UPDATE backup_jobs SET created_at_ms = 1");
    assert_eq!(db.change("close", &force(&lock("aa", OLD - 9))).why(), (10, "changed"));
}

/// Somebody who has the database to itself, for so many seconds or until its input ends.
fn holder(db: &Db, seconds: &str) -> Child {
    let code = "
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('BEGIN IMMEDIATE')
print('ready', flush=True)
time.sleep(float(sys.argv[2])) if sys.argv[2] != 'ever' else sys.stdin.read()
db.execute('ROLLBACK')
";
    let mut child = python()
        .args(["-c", code])
        .arg(&db.path)
        .arg(seconds)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3");
    let mut ready = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
    assert_eq!(ready, "ready\n");
    child
}

#[test]
fn a_busy_database_is_waited_for_and_not_for_ever() {
    if !has_python() {
        return;
    }
    let db = ghost("new");
    let call = close(json!([job(7, "running", OLD)]), lock("aa", OLD - 9));
    let before = db.rows();
    let mut ever = holder(&db, "ever");
    let said = db.change("close", &call);
    assert_eq!(said.why(), (11, "busy_database"), "{}", said.answer);
    assert_eq!(db.rows(), before);
    drop(ever.stdin.take());
    ever.wait().unwrap();
    let mut brief = holder(&db, "3");
    assert_eq!(db.change("close", &call).why(), (0, "done"));
    brief.wait().unwrap();
}

fn files(db: &Db) -> BTreeSet<String> {
    std::fs::read_dir(db.dir.path())
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect()
}

#[test]
fn a_database_that_cannot_be_used_is_an_error_and_nothing_is_made() {
    if !has_python() {
        return;
    }
    let db = ghost("new");
    let call = close(json!([job(7, "running", OLD)]), lock("aa", OLD - 9));
    // not there
    let gone = Db { path: db.dir.path().join("no.db"), dir: tempfile::tempdir().unwrap() };
    let before = files(&db);
    assert_eq!(gone.change("close", &call).why(), (12, "database"));
    assert_eq!(files(&db), before);
    // read-only by its own header: even root may not write it
    let mut bytes = std::fs::read(&db.path).unwrap();
    bytes[18] = 3;
    std::fs::write(&db.path, &bytes).unwrap();
    let said = db.change("close", &call);
    assert_eq!(said.why(), (12, "database"));
    assert!(said.answer["words"].as_str().unwrap().contains("readonly"), "{}", said.answer);
    assert_eq!(std::fs::read(&db.path).unwrap(), bytes);
    // another database, and no database
    for text in [&b""[..], &[b'x'; 8192]] {
        std::fs::write(&db.path, text).unwrap();
        assert_eq!(db.change("close", &call).why(), (12, "database"));
    }
    assert_eq!(std::fs::read(&db.path).unwrap(), [b'x'; 8192]);
}

#[test]
fn nothing_is_left_beside_a_database_that_nobody_else_has_open() {
    if !has_python() {
        return;
    }
    let db = ghost("new");
    let before = files(&db);
    assert_eq!(before.len(), 1);
    assert_eq!(
        db.change("put", &json!({"lock": {"name": "other", "owner": "x", "acquired_at_ms": 1}})).code,
        0
    );
    assert_eq!(files(&db), before);
}

#[test]
fn how_a_job_is_can_be_asked_and_hostile_words_cannot_break_the_answer() {
    if !has_python() {
        return;
    }
    let db = ghost("new");
    db.sql("UPDATE backup_jobs SET message = 'a\"b\\c' || char(10) || '\"facts\": [\"job 666\"]'");
    let said = db.change("job", &json!({"id": 7}));
    assert_eq!(said.answer["message"], "a b c  facts : [ job 666 ]");
    assert_eq!(said.answer["status"], "running");
    assert_eq!(db.change("job", &json!({"id": 8})).answer["status"], "none");
    let said: Said = db.change("close", &close(json!([job(7, "running", OLD)]), Value::Null));
    assert_eq!(said.code, 0);
}
