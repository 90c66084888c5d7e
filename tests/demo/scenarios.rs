//! Each scenario shows its trouble, and no other, to the script that goes to real servers.
use super::asking::*;
use super::shape::well_formed;
use serde_json::Value;
use std::path::Path;

/// The answers that are not a plain success in this scenario: question and exit code.
fn troubled(scenario: &str) -> &'static [(&'static str, i32)] {
    match scenario {
        "not-mounted" | "wrong-password" => &[("share", 69), ("packs", 69)],
        // the reader is deaf to TERM, so KILL ended it
        "share-hung" => &[("share", 137), ("packs", 75), ("port", 124)],
        "backend-down" => &[("health", 7)],
        "docker-down" => &[
            ("containers", 1),
            ("images", 69),
            ("volumes", 1),
            ("docker_root", 1),
            ("inside", 1),
            ("health", 7),
        ],
        _ => &[],
    }
}

/// Runs every scenario on both servers with one shell.
fn every_scenario(shell: &Path) {
    for named in opsdeck::demo::names() {
        let demo = a_box(named.name);
        let sh = demo.dir().join("bin/sh");
        std::fs::remove_file(&sh).unwrap();
        std::os::unix::fs::symlink(shell, sh).unwrap();
        for env in ENVS {
            let at = format!("{} {env} {}", named.name, shell.display());
            let answers = look(&demo, env);
            let asked: Vec<&str> = answers.keys().map(String::as_str).collect();
            let mut questions: Vec<&str> = QUESTIONS.split_whitespace().collect();
            questions.sort_unstable();
            assert_eq!(asked, questions, "{at}");
            let expected = troubled(named.name);
            for (name, said) in &answers {
                let code = expected.iter().find(|e| e.0 == name).map_or(0, |e| e.1);
                assert_eq!(said.code, code, "{at} {name}: {said:?}");
                assert!(!said.err.contains("demo server"), "{at} {name}: {said:?}");
                let heard = code != 0 || (name == "inside" && named.name == "backend-down");
                assert!(heard || said.err.is_empty(), "{at} {name}: {said:?}");
            }
            well_formed(&answers, &at);
            evidence(named.name, env, &answers, &at);
        }
    }
}

#[test]
fn every_scenario_answers_under_the_first_shell() {
    every_scenario(&shells()[0]);
}

#[test]
fn every_scenario_answers_under_the_other_shells() {
    for shell in shells().iter().skip(1) {
        every_scenario(shell);
    }
}

/// What the share shows of a pack: paths and sizes of its files.
fn pack_files(answers: &Answers, output_dir: &Value) -> Option<Vec<(String, u64)>> {
    let name = output_dir.as_str()?.rsplit('/').next()?;
    let mut there = false;
    let mut files = Vec::new();
    for line in answers["packs"].out.lines() {
        let fields: Vec<&str> = line.split('|').collect();
        let Some((_, inside)) = fields[3].split_once(name) else {
            continue;
        };
        there = true;
        if fields[0].starts_with("regular") {
            files.push((inside.trim_start_matches('/').to_owned(), fields[1].parse().unwrap()));
        }
    }
    there.then_some(files)
}

/// The trouble itself, in the raw answers.
fn evidence(scenario: &str, env: &str, answers: &Answers, at: &str) {
    let out = |name: &str| answers[name].out.as_str();
    let mount = out("mounts").lines().find(|l| l.contains(" /mnt/replica ")).unwrap_or_default();
    let good_mount = mount.contains(" - cifs //192.0.2.72/backup ");
    let mounted_well = !["not-mounted", "wrong-password", "wrong-share"].contains(&scenario);
    assert_eq!(good_mount, mounted_well, "{at}: {mount}");
    assert_eq!(
        out("leftovers").contains("entry=/mnt/replica/RagflowAuth/migration_pack_"),
        mount.is_empty(),
        "{at}"
    );
    assert_eq!(out("fstab").is_empty(), scenario == "fstab-missing", "{at}");
    let health = if ["backend-down", "docker-down"].contains(&scenario) { "000" } else { "200" };
    assert_eq!(out("health").lines().last(), Some(health), "{at}");
    assert_eq!(
        out("leftovers").contains("legacy=/opt/ragflowauth/backups/"),
        scenario == "disk-full",
        "{at}"
    );
    let refused = out("kernel").contains("STATUS_LOGON_FAILURE");
    assert_eq!(refused, scenario == "wrong-password", "{at}");
    let root = out("disks")
        .lines()
        .next()
        .unwrap()
        .split('|')
        .skip(2)
        .take(2)
        .map(|n| n.parse().unwrap())
        .collect::<Vec<u64>>();
    assert_eq!(root[1] * 100 / root[0] < 2, scenario == "disk-full", "{at}");
    let zone = if scenario == "clock-skew" { "zone=+0000" } else { "zone=+0800" };
    assert!(out("host").contains(zone), "{at}");
    if scenario == "docker-down" {
        assert!(answers["containers"].err.contains("Cannot connect to the Docker daemon"), "{at}");
        return;
    }

    let all = inside(answers);
    let db = &all["database"];
    let seen = all["mounts"]["mountinfo"]
        .as_str()
        .unwrap()
        .lines()
        .find(|l| l.contains(" /mnt/replica "))
        .map(str::to_owned);
    let via = if scenario == "backend-down" { "via=container\nvia=one-off\n" } else { "via=container\n" };
    assert!(out("inside").starts_with(via), "{at}");
    assert_eq!(seen.is_none(), scenario == "backend-down", "{at}");
    let blind = ["not-mounted", "wrong-password", "container-blind"].contains(&scenario);
    assert_eq!(seen.is_some_and(|l| l.contains(" - xfs ")), blind, "{at}");

    let last = &db["jobs"][0];
    let status = match scenario {
        "ghost-job" | "stuck-job" | "backup-running" => "running",
        "not-mounted" | "wrong-password" | "container-blind" | "backup-failed" | "disk-full" => "failed",
        _ => "completed",
    };
    assert_eq!(last["status"], status, "{at}");
    assert_eq!(db["live"].as_array().unwrap().len(), usize::from(status == "running"), "{at}");
    let locked = status == "running" || scenario == "stale-lock";
    assert_eq!(db["locks"].as_array().unwrap().len(), usize::from(locked), "{at}");
    assert_eq!(last.get("cancel_reason").is_none(), scenario == "old-schema", "{at}");
    assert_eq!(db["settings"][0]["enabled"] == 0, scenario == "schedule-off", "{at}");

    let began_at = |id: &Value| {
        db["jobs"].as_array().unwrap().iter().find(|j| j["id"] == *id).unwrap()["started_at_ms"].as_i64()
    };
    let backend: Value = serde_json::from_str(out("containers").lines().next().unwrap()).unwrap();
    let started =
        backend["State"]["StartedAt"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let restarted_since = started > began_at(&last["id"]).unwrap();
    assert_eq!(restarted_since, ["ghost-job", "stale-lock"].contains(&scenario), "{at}");
    assert_eq!(backend["State"]["Running"] == true, scenario != "backend-down", "{at}");

    // packs: the newest job's, and the newest full one's
    let newest = pack_files(answers, &last["output_dir"]);
    let full = &db["last_completed"]["full"][0]["output_dir"];
    let unseen = !mounted_well || scenario == "share-hung";
    let gone = unseen || (scenario == "evicted" && env == "prod") || scenario == "replication-failed";
    let no_folder = scenario == "container-blind";
    let own =
        if scenario == "wrong-share" { newest.is_some() } else { newest.is_some() != (gone || no_folder) };
    assert!(own, "{at}: {newest:?}");
    let lengths = newest.as_ref().map(|files| files.iter().filter(|f| f.1 > 0).count());
    let sound = status == "completed" && !gone && scenario != "volumes-empty";
    assert_eq!(lengths.is_some_and(|n| n >= 5), sound || scenario == "wrong-share", "{at}: {newest:?}");
    if scenario == "volumes-empty" {
        assert!(newest.unwrap().iter().all(|f| !f.0.starts_with("volumes/")), "{at}");
        assert!(
            out("packs").contains(&format!("{}/volumes\n", last["output_dir"].as_str().unwrap())),
            "{at}"
        );
    }
    let full_there = !unseen && scenario != "evicted";
    let images =
        pack_files(answers, full).map(|files| files.iter().any(|f| f.0 == "images.tar" && f.1 > 5 << 30));
    assert_eq!(images, full_there.then_some(scenario != "images-missing"), "{at}");
}
