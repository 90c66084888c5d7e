//! What other people do when they are called, and the events that are waited for: the lab does it.
use crate::lab::{lab, on_server, state};

const DB: &str = "/opt/ragflowauth/data/auth.db";
const KNOBS: &str = "/opt/ragflowauth/data/lab-knobs.json";

fn the_lab(args: &[&str]) -> String {
    let out = lab(args);
    assert!(out.status.success(), "lab {args:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stderr).trim().to_owned()
}

/// Troubles laid on prod: the first with its past, the others on top.
pub(crate) fn lay(faults: &[&str]) {
    for (n, fault) in faults.iter().enumerate() {
        eprintln!("  {}", the_lab(&[if n == 0 { "fault" } else { "also" }, fault]));
    }
    // the backup that makes up for a night of this fault must not meet the same fault again: what was wrong then is over
    on_server(
        "prod",
        &format!("sed -i 's/\"replication_fails\": \"[^\"]*\"/\"replication_fails\": \"\"/' {KNOBS}"),
    );
}

pub(crate) fn healthy() {
    the_lab(&["reset"]);
}

/// What the person does who is called because of this; nothing where nobody knows.
pub(crate) fn called(cause: &str) -> Option<(&'static str, &'static str)> {
    Some(match cause {
        "windows-refuses" | "share-hung" | "share-error" => {
            the_lab(&["share", "up"]);
            answers();
            ("Windows 恢复应答", "Windows answers again")
        }
        "windows-off" | "no-route" => {
            on_server("prod", "iptables -D OUTPUT 1");
            answers();
            ("网络通了", "the way is free again")
        }
        "share-name" => {
            the_lab(&["share", "up"]);
            ("共享名改回来", "the share has its name again")
        }
        "no-permission" | "account-locked" => {
            the_lab(&["share", "up"]);
            ("账号又能用这个共享", "the account may use the share again")
        }
        "share-full" => {
            the_lab(&["share", "up"]);
            ("在 Windows 上腾出空间", "room is made on Windows")
        }
        "docker-down" => {
            on_server("prod", "systemctl start docker.socket docker.service");
            ("启动 Docker", "Docker is started")
        }
        "no-backend" => {
            the_lab(&["deploy", "prod"]);
            ("重新部署后端", "the backend is deployed again")
        }
        "compose-missing" => {
            on_server(
                "prod",
                "cd /opt/ragflowauth/ragflow_compose && mv docker-compose.yml.away docker-compose.yml",
            );
            ("放回 compose 文件", "the compose file is put back")
        }
        "schedule-empty" | "schedule-unsupported" => {
            sql(
                "UPDATE data_security_settings SET incremental_schedule = '0 4 * * *', full_backup_schedule = '0 4 * * 0'",
            );
            ("填上定时", "a schedule is set")
        }
        "disk-full" | "backend-down" => {
            on_server("prod", "rm /var/log/lab-filler");
            ("清出磁盘空间", "room is made")
        }
        "schedule-disabled" => {
            sql("UPDATE data_security_settings SET enabled = 1");
            ("打开定时", "the schedule is switched on")
        }
        "evicted" => {
            sql("UPDATE data_security_settings SET backup_retention_max = 30");
            let python = format!(
                "python3 -c \"import sqlite3; d = sqlite3.connect('{DB}', timeout=30); d.execute('UPDATE data_security_settings SET backup_retention_max = 30'); d.commit()\""
            );
            on_server("test", &python);
            ("调大保留数", "retention is raised")
        }
        "interrupted-copy" => {
            std::fs::remove_dir_all(state().join("share/RagflowAuth/_tmp")).unwrap();
            ("在 Windows 上删掉残留", "the leftover is deleted on Windows")
        }
        "clock-skew" => {
            let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs_f64();
            on_server("prod", &format!("date -u -s @{now:.3}"));
            ("校准时钟", "the clock is set")
        }
        _ => return None,
    })
}

/// The share answers, in the end.
fn answers() {
    let ask = "for i in $(seq 200); do timeout -k 1 5 ls /mnt/replica/RagflowAuth >/dev/null 2>&1 && exit 0; sleep 1; done; exit 1";
    on_server("prod", ask);
}

/// What is waited for has come: a backup that is at work has ended, else one has begun. `last`: the newest job when the trouble
/// began.
pub(crate) fn awaited(cause: &str, last: i64) -> (&'static str, &'static str) {
    if cause == "just-due" {
        // the lab held the scheduler so that there was something to see
        on_server("prod", &format!("sed -i 's/\"hold\": true/\"hold\": false/' {KNOBS}"));
    }
    if at_work() {
        until("SELECT count(*) = 0 FROM backup_jobs WHERE status IN ('queued', 'running', 'canceling')");
        return ("等它做完", "its end is awaited");
    }
    until(&format!("SELECT count(*) > 0 FROM backup_jobs WHERE id > {last}"));
    ("等它自己开始", "its beginning is awaited")
}

/// A backup is at work, by the database.
pub(crate) fn at_work() -> bool {
    sql("SELECT count(*) FROM backup_jobs WHERE status IN ('queued', 'running')") != "0"
}

/// The newest job.
pub(crate) fn newest() -> i64 {
    sql("SELECT max(id) FROM backup_jobs").parse().unwrap()
}

/// A backup by the backend itself, until it has ended.
pub(crate) fn night() {
    let last = newest();
    the_lab(&["backup", "prod"]);
    until(&format!("SELECT count(*) > 0 FROM backup_jobs WHERE id > {last} AND status = 'completed'"));
}

/// A full backup is what was due this very minute, and the backend makes it.
pub(crate) fn full_night() {
    let last = newest();
    let due = on_server("prod", "TZ=CST-8 date '+%-M %-H'");
    sql(&format!("UPDATE data_security_settings SET full_backup_schedule = '{due} * * *'"));
    until(&format!(
        "SELECT count(*) > 0 FROM backup_jobs WHERE id > {last} AND kind = 'full' AND status = 'completed'"
    ));
}

/// The server's own zone is another one than the backend's.
pub(crate) fn other_zone() {
    on_server(
        "prod",
        "ln -sf /usr/share/zoneinfo/America/New_York /etc/localtime; test \"$(date +%Z)\" != UTC",
    );
}

fn sql(words: &str) -> String {
    on_server("prod", &format!("sqlite3 -cmd '.timeout 30000' {DB} \"{words}\""))
}

/// Until this is 1.
fn until(question: &str) {
    let ask = format!(
        "for i in $(seq 300); do [ \"$(sqlite3 -readonly -cmd '.timeout 30000' {DB} \"{question}\")\" = 1 ] && exit 0; sleep 1; done; exit 1"
    );
    on_server("prod", &ask);
}
