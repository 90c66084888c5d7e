//! `check --format json` against its published schema, on the built-in servers, in every scenario.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
use std::process::Command;

fn schema() -> Value {
    serde_json::from_str(include_str!("../assets/check.schema.json")).expect("the schema is JSON")
}

fn check(scenario: &str) -> (Value, i32) {
    let out = Command::new(env!("CARGO_BIN_EXE_opsdeck"))
        .arg(format!("--demo={scenario}"))
        .args(["check", "--format", "json"])
        .output()
        .expect("opsdeck");
    let value = serde_json::from_slice(&out.stdout)
        .unwrap_or_else(|e| panic!("{scenario}: {e}: {}", String::from_utf8_lossy(&out.stderr)));
    (value, out.status.code().expect("a code"))
}

#[test]
fn every_scenario_is_printed_as_the_schema_says() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    for scenario in opsdeck::demo::names() {
        let (value, code) = check(scenario.name);
        let wrong: Vec<String> =
            validator.iter_errors(&value).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", scenario.name);
        assert_eq!(value["exit_code"], code, "{}", scenario.name);
        let keys: Vec<&str> = value["environments"]
            .as_array()
            .expect("list")
            .iter()
            .filter_map(|e| e["key"].as_str())
            .collect();
        assert_eq!(keys, ["prod", "test"], "{}", scenario.name);
    }
}

#[test]
fn the_schema_refuses_what_is_not_the_form() {
    let validator = jsonschema::validator_for(&schema()).expect("the schema is one");
    let (good, _) = check("healthy");
    for (path, bad) in [
        ("/schema", Value::from(2)),
        ("/environments/0/checks/0/state", "green".into()),
        ("/environments/0/snapshot/mounts", Value::Null),
    ] {
        let mut value = good.clone();
        *value.pointer_mut(path).expect(path) = bad;
        assert!(!validator.is_valid(&value), "{path}");
    }
}
