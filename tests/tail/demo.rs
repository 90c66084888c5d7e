//! The built-in servers speak: the same at the same moment, each scenario of its own night, and on while they are followed.
use crate::processes::{until, with_argument};
use crate::support::Followed;
use opsdeck::config::model::EnvKey;
use opsdeck::core::log::note::{Note, Piece};
use opsdeck::core::log::{From, Incoming, Mark, Source};
use opsdeck::core::units::EpochMs;
use opsdeck::demo::{DemoBox, Sandbox, names};
use opsdeck::remote::local::LocalHost;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

const BACKEND: &str = "ragflowauth-backend";

fn a_box(scenario: &str, now: EpochMs) -> (DemoBox, Sandbox) {
    let opsdeck = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let demo = DemoBox::create_with(opsdeck, scenario, now, None).unwrap();
    let prod = demo.host(&EnvKey("prod".into())).unwrap();
    (demo, prod)
}

/// Runs a line of shell on that server; both of its outputs.
fn sh(sandbox: &Sandbox, line: &str) -> String {
    let mut command = Command::new(&sandbox.shell);
    command.args(["-c", &format!("{line} 2>&1")]).env_clear().env("PATH", &sandbox.path);
    let out = command.envs(sandbox.env.iter().map(|(k, v)| (k, v))).output().unwrap();
    String::from_utf8(out.stdout).unwrap()
}

fn follow(sandbox: &Sandbox, source: Source, from: From) -> Followed {
    Followed::of(Arc::new(LocalHost::new(sandbox.clone().into())), source, from)
}

async fn lines(log: &mut Followed, count: usize) -> Vec<Incoming> {
    let mut lines = Vec::new();
    while lines.len() < count {
        match log.next().await {
            Some(Piece::Line(line)) => lines.push(line),
            other => panic!("{other:?}"),
        }
    }
    lines
}

#[test]
fn the_same_is_said_of_the_same_moment_whoever_asks() {
    let now = opsdeck::clock::now();
    let (_box, prod) = a_box("healthy", now);
    let prod = prod.at(now);
    let all = sh(&prod, &format!("docker logs --timestamps -- {BACKEND}"));
    let lines: Vec<&str> = all.lines().collect();
    assert!(lines.len() > 40_000, "{}", lines.len());
    assert!(lines.is_sorted_by_key(|l| l.split(' ').next()), "in order");
    let tail = sh(&prod, &format!("docker logs --timestamps --tail 700 {BACKEND}"));
    assert_eq!(tail.lines().collect::<Vec<_>>(), lines[lines.len() - 700..]);
    let at = lines[lines.len() - 300].split(' ').next().unwrap();
    let since = sh(&prod, &format!("docker logs --timestamps --since {at} {BACKEND}"));
    assert_eq!(since.lines().collect::<Vec<_>>(), lines[lines.len() - 300..]);
    assert_eq!(sh(&prod, "docker logs --tail 0 nobody"), "Error: No such container: nobody\n");
    assert!(sh(&prod, &format!("docker logs --details {BACKEND}")).contains("does not know how to answer"));
}

#[test]
fn each_night_is_told_as_its_scenario_has_it() {
    let now = opsdeck::clock::now();
    for (scenario, told) in [
        (
            "healthy",
            vec!["Running incremental backup", "备份 volume: ragflow_compose_redis_data", "100% 备份完成"],
        ),
        ("backup-failed", vec!["ERROR [Backup] job=", "tar: /data/nodes/0/indices: Cannot open"]),
        (
            "ghost-job",
            vec!["45% 备份 volume: ragflow_compose_esdata01（写入中", "INFO Backup scheduler V2 started"],
        ),
        ("not-mounted", vec!["预检失败：/mnt/replica 未挂载到 Windows 共享"]),
        ("backup-running", vec!["INFO Started incremental backup job #", "10% 备份数据库"]),
    ] {
        let (_box, prod) = a_box(scenario, now);
        let prod = prod.at(now);
        let all = sh(&prod, &format!("docker logs {BACKEND}"));
        let mut rest = all.as_str();
        for text in told {
            let at = rest.find(text).unwrap_or_else(|| panic!("{scenario}: {text}"));
            rest = &rest[at..];
        }
    }
    // a container that ended says nothing after
    let (_box, prod) = a_box("backend-down", now);
    let asked = format!(
        "docker logs --timestamps --tail 1 {BACKEND}; docker inspect --format '{{{{.State.FinishedAt}}}}' -- {BACKEND}"
    );
    let said = sh(&prod, &asked);
    let (last, ended) = said.split_once('\n').unwrap();
    assert!(last < ended && last.contains("GET /"), "{said}");
}

#[test]
fn every_container_of_every_scenario_has_something_to_say_and_nothing_is_left_blank() {
    let now = opsdeck::clock::now();
    for named in names() {
        let (_box, prod) = a_box(named.name, now);
        let prod = prod.at(now);
        let containers = sh(&prod, "docker ps -a --no-trunc --format '{{.Names}}'");
        for name in containers.lines().filter(|n| n.starts_with("ragflow")) {
            let said = sh(&prod, &format!("docker logs --tail 9 {name}"));
            assert!(!said.is_empty() && !said.contains("{wall}") && !said.contains("{ms"), "{name}: {said}");
        }
        let journal = sh(&prod, "journalctl -q -o json -n 20");
        if named.name != "docker-down" {
            assert!(!containers.is_empty());
        }
        assert!(journal.lines().count() == 20 && !journal.contains("{utc}"), "{}: {journal}", named.name);
    }
}

#[tokio::test]
async fn it_goes_on_while_it_is_followed_and_after_a_restart() {
    let (demo, prod) = a_box("healthy", opsdeck::clock::now());
    let mut log = follow(&prod, Source::Container(BACKEND.into()), From::Tail(20));
    // more than there were: the health check comes every two seconds
    let mut all = lines(&mut log, 23).await;
    assert!(all.iter().all(|l| l.at.is_some()), "{all:?}");
    sh(&prod, &format!("docker restart {BACKEND}"));
    let (mut restarted, mut ready) = (false, false);
    while !ready {
        match log.next().await.unwrap() {
            Piece::Note(note) => restarted |= matches!(note, Note::Restarted { .. }),
            Piece::Line(line) => {
                ready = line.text.as_str().contains("Backup scheduler V2 started");
                all.push(line);
            }
        }
    }
    assert!(restarted);
    let from = From::After(Mark::At(all[0].at.unwrap()));
    let again = lines(&mut follow(&prod, Source::Container(BACKEND.into()), from), all.len()).await;
    assert_eq!(all, again, "each once, and the same as of old");
    drop(log);
    let place = demo.dir().to_str().unwrap().to_owned();
    until(Duration::from_secs(20), "nothing stays", || with_argument(&place).is_empty()).await;
}

#[tokio::test]
async fn the_journal_goes_on_after_its_cursor() {
    let (_box, prod) = a_box("not-mounted", opsdeck::clock::now());
    let all = lines(&mut follow(&prod, Source::Journal, From::Tail(30)), 30).await;
    let cursor = Mark::Cursor(all[9].cursor.clone().unwrap());
    let rest = lines(&mut follow(&prod, Source::Journal, From::After(cursor.clone())), 20).await;
    assert_eq!(rest, all[10..]);
    let unit = Source::Unit("docker.service".into());
    let own = lines(&mut follow(&prod, unit.clone(), From::Tail(2)), 2).await;
    let of_docker =
        |l: &Incoming| ["dockerd[", "systemd["].iter().any(|who| l.text.as_str().starts_with(who));
    assert!(own.iter().all(of_docker), "{own:?}");
    let long = sh(&prod, "journalctl -q -o json -n 9999");
    assert!(long.contains("cifs_mount failed w/return code = -113"), "the kernel's lines are in it");
}
