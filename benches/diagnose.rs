//! What a whole diagnosis costs, beside the twelve commands that the troubleshooting guide has a person type on the server, one by one.
//!
//! Needs the lab (`tests/lab/lab up`). Two ways: as a person does it, each command by an `ssh` of its own beside the program from
//! its start to its last line; and over one open link, command by command, beside one exchange. The two sides of a pair take
//! turns. Prints medians and ratios; asserts nothing about time.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use opsdeck::cli::{check, diagnose};
use opsdeck::clock;
use opsdeck::config;
use opsdeck::config::model::Environment;
use opsdeck::fleet::Fleet;
use opsdeck::remote::{Ask, End, Host};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Pairs that are measured each way, after one that is not.
const PAIRS: usize = 5;

/// Is it this server; was it triggered; did the job succeed; is the share mounted; was the copy cut off; is the folder there.
/// Those that may hang have a limit, as whoever knows the share gives them.
const BY_HAND: [&str; 12] = [
    "hostname",
    "docker logs --since 12h ragflowauth-backend 2>&1 | grep -E 'Backup scheduler V2 started|Running (full|incremental) backup|Started (full|incremental) backup'",
    "sqlite3 -readonly /opt/ragflowauth/data/auth.db 'SELECT last_run_at_ms, enabled, incremental_schedule, full_backup_schedule FROM data_security_settings'",
    "docker ps -a --filter name=ragflowauth-backend",
    "sqlite3 -readonly /opt/ragflowauth/data/auth.db 'SELECT id, kind, status, message FROM backup_jobs ORDER BY id DESC LIMIT 10'",
    "sqlite3 -readonly /opt/ragflowauth/data/auth.db 'SELECT detail, output_dir FROM backup_jobs ORDER BY id DESC LIMIT 1'",
    "mount | grep /mnt/replica",
    "timeout -k 1 10 df -h | grep /mnt/replica",
    "timeout -k 1 10 ls -l /mnt/replica/RagflowAuth | head",
    "timeout -k 1 10 ls /mnt/replica/RagflowAuth/_tmp",
    "docker logs ragflowauth-backend 2>&1 | grep REPLICATION",
    "timeout -k 1 10 ls -ld /mnt/replica/RagflowAuth",
];

fn main() {
    // `cargo test --benches` only builds this
    if std::env::args().any(|a| a == "--test") {
        return;
    }
    let lab: PathBuf = match std::env::var_os("OPSDECK_LAB_DIR") {
        Some(dir) => PathBuf::from(dir).join("lab.toml"),
        None => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab.toml"),
    };
    let home = tempfile::tempdir().expect("a home");
    let fleet = Fleet::real(config::load(&lab).expect("the lab's configuration"));
    let env = fleet.environment("prod").expect("prod");
    let mut pairs = Vec::new();
    for n in 0..=PAIRS {
        pairs.push((program(&lab, home.path()), typed(&lab, env)));
        said("program", n, &pairs);
    }
    told("opsdeck diagnose, from its start", "12 commands, an ssh each", pairs);
    let runtime = tokio::runtime::Runtime::new().expect("tokio");
    let pairs = runtime.block_on(over_one_link(&fleet, env));
    told("one exchange over an open link", "12 commands over the same link", pairs);
}

fn since(began: std::time::Instant) -> Duration {
    clock::tick().duration_since(began)
}

/// The program, from its start to its end.
fn program(config: &Path, home: &Path) -> Duration {
    let began = clock::tick();
    let out = Command::new(env!("CARGO_BIN_EXE_opsdeck"))
        .args(["diagnose", "--env", "prod", "--config"])
        .arg(config)
        .env("HOME", home)
        .env("XDG_STATE_HOME", home)
        .output()
        .expect("opsdeck");
    assert!(!out.stdout.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
    since(began)
}

/// Every command by an ssh of its own.
fn typed(config: &Path, env: &Environment) -> Duration {
    let folder = config.parent().expect("a folder");
    // the configuration that is in the repository names them below `.run`
    let folder = if folder.join("id").exists() { folder.to_owned() } else { folder.join(".run") };
    let began = clock::tick();
    for command in BY_HAND {
        let status = Command::new("ssh")
            .args(["-F", "none", "-o", "BatchMode=yes", "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"])
            .arg("-i")
            .arg(folder.join("id"))
            .arg("-o")
            .arg(format!("UserKnownHostsFile={}", folder.join("known_hosts").display()))
            .args(["-p", &env.port.unwrap_or(22).to_string()])
            .arg(format!("{}@{}", env.user.as_deref().unwrap_or("root"), env.host))
            .arg(command)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .expect("ssh");
        // 1 and 2: nothing was found, which is an answer too
        assert!(matches!(status.code(), Some(0..=2)), "{command}: {status}");
    }
    since(began)
}

async fn over_one_link(fleet: &Fleet, env: &Environment) -> Vec<(Duration, Duration)> {
    let host = fleet.host(env);
    let mut pairs = Vec::new();
    for n in 0..=PAIRS {
        let began = clock::tick();
        let diagnosis = diagnose::of_report(env, &check::look_at(host.as_ref(), env).await, None);
        let whole = since(began);
        assert!(diagnosis.unchecked.is_empty(), "not whole: {:?}", diagnosis.unchecked);
        pairs.push((whole, one_by_one(host.as_ref()).await));
        said("link", n, &pairs);
    }
    host.close().await;
    pairs
}

async fn one_by_one(host: &dyn Host) -> Duration {
    let began = clock::tick();
    for command in BY_HAND {
        let deadline = Duration::from_secs(60);
        let ask = Ask { name: "by hand", script: command, stdin: b"", deadline, cap: 1 << 20 };
        let answer = host.run(ask).await.expect("an answer");
        assert!(matches!(answer.end, End::Exit(0..=2)), "{command}: {:?}", answer.end);
    }
    since(began)
}

fn said(way: &str, n: usize, pairs: &[(Duration, Duration)]) {
    if let Some((d, hand)) = pairs.last() {
        println!("{way} pair {n}: diagnosis {} ms, by hand {} ms", d.as_millis(), hand.as_millis());
    }
}

/// Medians, and the median of the ratios; the first pair warms up.
fn told(one: &str, other: &str, pairs: Vec<(Duration, Duration)>) {
    let pairs = pairs.get(1..).unwrap_or_default();
    let ms = |d: Duration| d.as_secs_f64() * 1000.0;
    println!("{:7.0} ms  {one} (median of {PAIRS})", median(pairs.iter().map(|p| ms(p.0))));
    println!("{:7.0} ms  {other}", median(pairs.iter().map(|p| ms(p.1))));
    let ratios = pairs.iter().map(|p| p.1.as_secs_f64() / p.0.as_secs_f64());
    println!("{:7.1}     times as long by hand (median of the pairs)", median(ratios));
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = values.collect();
    all.sort_by(f64::total_cmp);
    all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
}
