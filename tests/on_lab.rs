//! `opsdeck check` against the lab: real sshd, Docker, CIFS and Samba in two virtual servers (`tests/lab`).
//!
//! Needs the lab to be up (`tests/lab/lab up`). Where it is not, the tests say so and pass, unless `OPSDECK_REQUIRE_LAB` is
//! set, as it is in CI: then that is a failure. `OPSDECK_LAB_DIR` names a lab whose state is elsewhere.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "common/lab.rs"]
mod lab;
#[path = "lab_diagnose/rows.rs"]
mod rows;
use lab::{config, lab, with_lab};
use serde_json::Value;
use std::process::{Command, Output};

fn opsdeck(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_opsdeck"))
        .arg("--config")
        .arg(config())
        .args(args)
        .output()
        .expect("opsdeck")
}

fn fault(name: &str) {
    let out = if name == "healthy" { lab(&["reset"]) } else { lab(&["fault", name]) };
    assert!(out.status.success(), "{name}: {}", String::from_utf8_lossy(&out.stderr));
}

/// What a check of prod says.
struct Said {
    whole: Value,
    code: i32,
}

impl Said {
    fn state(&self, id: &str) -> &str {
        self.check(id)["state"].as_str().unwrap_or("absent")
    }

    fn check(&self, id: &str) -> &Value {
        let checks = self.whole["environments"][0]["checks"].as_array().expect("checks");
        checks.iter().find(|c| c["id"] == id).unwrap_or(&Value::Null)
    }

    fn evidence(&self, id: &str) -> String {
        self.check(id)["evidence"].to_string() + &self.check(id)["summary"].to_string()
    }

    fn not_ok(&self) -> Vec<String> {
        let checks = self.whole["environments"][0]["checks"].as_array().expect("checks");
        checks
            .iter()
            .filter(|c| c["state"] != "ok")
            .map(|c| format!("{} {} {}", c["id"], c["state"], c["summary"]["en"]))
            .collect()
    }
}

fn check(env: &str) -> Said {
    let out = opsdeck(&["check", "--env", env, "--format", "json"]);
    let whole = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    Said { whole, code: out.status.code().expect("a code") }
}

#[test]
fn a_healthy_server_is_green_on_both_servers() {
    let Some(_lab) = with_lab() else { return };
    fault("healthy");
    for env in ["prod", "test"] {
        let said = check(env);
        assert_eq!((said.not_ok(), said.code), (Vec::new(), 0), "{env}");
    }
}

/// A fault, the checks that must say so with their states, and the checks that must not be drawn into it.
type Fault = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const FAULTS: [Fault; 23] = [
    (
        "not-mounted",
        &[("mount", "failed"), ("container_mount", "failed"), ("night", "failed")],
        &["port", "backend", "lock"],
    ),
    (
        "container-blind",
        &[("container_mount", "failed"), ("night", "failed")],
        &["mount", "share", "backend"],
    ),
    (
        "wrong-share",
        &[("mount", "failed"), ("container_mount", "failed"), ("night", "unknown")],
        &["backend", "port"],
    ),
    ("share-hung", &[("share", "failed"), ("night", "unknown")], &["mount", "schedule"]),
    ("share-down", &[("share", "failed"), ("port", "failed")], &["mount", "schedule"]),
    ("wrong-password", &[("mount", "failed"), ("night", "failed")], &["port", "backend"]),
    (
        "ghost-job",
        &[("live", "failed"), ("lock", "failed"), ("night", "failed")],
        &["mount", "container_mount", "backend"],
    ),
    ("job-canceling-ghost", &[("live", "failed")], &["mount", "backend"]),
    ("stale-lock", &[("lock", "failed")], &["mount", "live", "backend"]),
    ("stuck-job", &[("live", "warning"), ("night", "warning")], &["mount", "backend", "lock"]),
    // last night's backup is there, and another one is under way: nothing is wrong
    ("backup-running", &[], &["night", "live", "lock", "mount", "backend"]),
    ("backup-failed", &[("night", "failed")], &["mount", "backend", "lock"]),
    ("images-missing", &[("last_full", "warning")], &["mount", "backend", "lock"]),
    ("volumes-empty", &[("night", "failed")], &["mount", "backend", "lock"]),
    ("disk-full", &[("disks", "failed")], &["mount", "share"]),
    ("backend-down", &[("backend", "failed"), ("night", "failed")], &["mount", "share", "schedule"]),
    ("schedule-off", &[("schedule", "failed"), ("night", "failed")], &["mount", "backend", "share"]),
    ("late", &[("night", "warning")], &["mount", "backend", "schedule"]),
    ("replication-failed", &[("night", "warning"), ("packs", "warning")], &["mount", "backend"]),
    ("evicted", &[("night", "warning"), ("packs", "warning")], &["mount", "backend"]),
    ("clock-skew", &[("clock", "warning")], &["mount", "backend"]),
    ("fstab-missing", &[("fstab", "warning")], &["mount", "night", "backend"]),
    ("old-schema", &[], &["night", "schedule", "live", "lock", "mount"]),
];

/// At each landing: one of each kind. All of them take twenty minutes: `tests/lab/campaign on_lab`.
const AT_EACH_LANDING: [&str; 8] = [
    "not-mounted",
    "container-blind",
    "share-hung",
    "wrong-password",
    "ghost-job",
    "backend-down",
    "volumes-empty",
    "old-schema",
];

/// The root causes that a diagnosis of prod names.
fn causes() -> Vec<String> {
    let out = opsdeck(&["diagnose", "--env", "prod", "--format", "json"]);
    let whole: Value = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&out.stderr)));
    let findings = whole["diagnoses"][0]["findings"].as_array().expect("findings");
    findings.iter().filter_map(|f| f["cause"].as_str()).map(str::to_owned).collect()
}

#[test]
fn each_fault_is_seen_by_the_check_that_should_see_it() {
    let Some(_lab) = with_lab() else { return };
    let mut wrong = Vec::new();
    let all = lab::takes_its_time("on_lab");
    for name in AT_EACH_LANDING {
        assert!(FAULTS.iter().any(|(fault, ..)| *fault == name), "{name}");
    }
    for (name, broken, fine) in FAULTS {
        if !all && !AT_EACH_LANDING.contains(&name) {
            continue;
        }
        fault(name);
        let said = check("prod");
        for (id, state) in broken {
            if said.state(id) != *state {
                wrong.push(format!("{name}: {id} should be {state}: {}", said.check(id)));
            }
        }
        for id in fine {
            if said.state(id) != "ok" {
                wrong.push(format!("{name}: {id} should be ok: {}", said.check(id)));
            }
        }
        if broken.is_empty() != (said.code == 0) {
            wrong.push(format!("{name}: exit code {}: {:#?}", said.code, said.not_ok()));
        }
        let expected = rows::roots(name);
        let causes = causes();
        if causes != expected {
            wrong.push(format!("{name}: explained by {causes:?}, not by {expected:?}"));
        }
        if name == "backup-running" && !said.evidence("live").contains("is running") {
            wrong.push(format!("{name}: {}", said.evidence("live")));
        }
        // the cause in words, where the server has one
        if name == "wrong-password" && !said.evidence("mount").contains("STATUS_LOGON_FAILURE") {
            wrong.push(format!("{name}: {}", said.evidence("mount")));
        }
    }
    fault("healthy");
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

/// Ssh runs one command on the server for a look, and nothing on the server is different after it.
#[test]
fn a_look_is_one_exchange_and_leaves_nothing() {
    let Some(_lab) = with_lab() else { return };
    let on_server = |command: &str| lab::on_server("prod", command);
    let marker = on_server("logger -t opsdeck-test look; journalctl --sync; date +%s");
    let files = "find /opt/ragflowauth/data /root /etc /mnt/replica/RagflowAuth -newermt @MARK -not -name 'auth.db-*' -print; ls /opt/ragflowauth/data; ls /run/opsdeck; docker ps -aq | wc -l";
    let files = files.replace("@MARK", &format!("@{marker}"));
    let _warm = check("prod");
    let before = on_server(&files);
    let said = check("prod");
    assert_eq!(said.state("server"), "ok", "{:#?}", said.not_ok());
    assert_eq!(on_server(&files), before);
}
