//! `opsdeck diagnose`, the real binary: exit codes, forms, nights.
use serde_json::Value;
use std::process::Command;

fn run(line: &str) -> (String, String, i32) {
    let home = tempfile::tempdir().unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_opsdeck"))
        .args(line.split_whitespace())
        .env("HOME", home.path())
        .env("XDG_STATE_HOME", home.path())
        .env("LC_ALL", "zh_CN.UTF-8")
        .output()
        .unwrap();
    let text = |b: &[u8]| String::from_utf8(b.to_vec()).unwrap();
    (text(&out.stdout), text(&out.stderr), out.status.code().unwrap())
}

#[test]
fn exit_codes_are_those_of_check() {
    for (scenario, code) in [("healthy", 0), ("fstab-missing", 1), ("not-mounted", 2)] {
        let (out, err, got) = run(&format!("--demo={scenario} diagnose --env prod"));
        assert_eq!(got, code, "{scenario}: {out}{err}");
        assert!(out.starts_with("【演示"), "{out}");
        assert!(out.trim_end().lines().last().unwrap().starts_with("→ "), "{out}");
    }
}

#[test]
fn the_json_names_cause_key_and_command() {
    let (out, _, code) = run("--demo=ghost-job diagnose --env prod --format json");
    let all: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((all["schema"].as_i64(), all["exit_code"].as_i64(), code), (Some(1), Some(2), 2));
    let d = &all["diagnoses"][0];
    let f = &d["findings"][0];
    assert_eq!((&f["cause"], &f["certainty"]), (&"ghost-job".into(), &"proved".into()));
    assert_eq!(f["mend"][0]["key"], "X");
    assert_eq!(f["mend"][0]["command"], "opsdeck close-ghost --env prod");
    let steps: Vec<&str> =
        d["steps"].as_array().unwrap().iter().filter_map(|s| s["command"].as_str()).collect();
    assert_eq!(steps, ["opsdeck close-ghost --env prod", "opsdeck backup --env prod"]);
    assert_eq!(f["evidence"][0]["probe"], "database");
    assert!(f["evidence"][0]["age_ms"].as_i64().unwrap() >= 0);
    assert_eq!(f["explains"][0]["cause"], "stale-lock");
    assert!(d["timeline"].as_array().unwrap().len() > 3 && d["ruled_out"].as_array().unwrap().len() > 10);
}

#[test]
fn without_a_name_every_server_is_asked_and_markdown_has_a_heading_each() {
    let (out, _, code) = run("--demo=healthy diagnose --format md --lang en");
    assert_eq!(code, 0);
    assert_eq!(out.lines().filter(|l| l.starts_with("# ")).count(), 2, "{out}");
}

#[test]
fn a_night_can_be_named_and_a_word_that_is_none_is_refused() {
    let (out, _, _) = run("--demo=healthy diagnose --env prod --format json");
    let all: Value = serde_json::from_str(&out).unwrap();
    let due = all["diagnoses"][0]["slot"]["due"].as_i64().unwrap();
    let date = jiff::Timestamp::from_millisecond(due - 2 * 86_400_000)
        .unwrap()
        .to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
        .date();
    let (out, err, code) = run(&format!("--demo=healthy diagnose --env prod --at {date}"));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains(&format!("{date} 那一夜")), "{out}");
    let (out, err, code) = run("--demo=healthy diagnose --env prod --at yesterday");
    assert_eq!((out.as_str(), code), ("", 4));
    assert!(err.contains("yesterday") && err.contains("办法："), "{err}");
    let (_, err, code) = run("--demo=healthy diagnose --env nowhere");
    assert_eq!(code, 4, "{err}");
}

#[test]
fn a_server_that_cannot_be_reached_is_unknown() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("environments.toml");
    // nothing listens on port 1
    let text = "schema = 1\n[share]\nhost = \"127.0.0.1\"\nname = \"backup\"\nuser = \"writer\"\nsecret = { prompt = true }\n[[environment]]\nkey = \"prod\"\nname = \"正式\"\nrole = \"prod\"\nhost = \"127.0.0.1\"\nport = 1\nuser = \"root\"\n";
    std::fs::write(&file, text).unwrap();
    let (out, err, code) = run(&format!("--config {} diagnose --env prod", file.display()));
    assert_eq!(code, 3, "{out}{err}");
    assert!(out.lines().next().unwrap().contains("[?] 未知  无法检查"), "{out}");
}
