//! For machines: the verdict and everything it rests on. The form is described in `assets/check.schema.json`; a change that
//! takes something away or gives it another meaning raises [`SCHEMA`].
use super::Report;
use crate::core::state::State;
use crate::core::units::EpochMs;
use serde_json::{Value, json};

/// Version of the form.
pub const SCHEMA: u32 = 1;

/// The reports of one run.
pub fn render(reports: &[Report], now: EpochMs) -> String {
    let state = State::of_all(reports.iter().map(|r| r.verdict.state));
    let environments: Vec<Value> = reports.iter().map(environment).collect();
    let whole = json!({
        "schema": SCHEMA,
        "program": {"name": "opsdeck", "version": env!("CARGO_PKG_VERSION")},
        "generated_ms": now,
        "state": state,
        "exit_code": state.exit_code(),
        "environments": environments,
    });
    format!("{whole:#}\n")
}

fn environment(report: &Report) -> Value {
    let v = &report.verdict;
    json!({
        "key": v.env,
        "name": v.name,
        "role": v.role,
        "host": v.host,
        "state": v.state,
        "headline": v.headline,
        "taken_ms": v.taken,
        "took_ms": v.took_ms,
        "link_error": report.link_error,
        "checks": v.checks,
        "derived": v.derived,
        "snapshot": report.snapshot,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::output::samples;

    #[test]
    fn what_is_printed_is_json_with_its_version_and_nothing_green_from_noise() {
        let text = render(&[samples::noise(), samples::unreachable()], EpochMs(5));
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&value["schema"], &value["state"], &value["exit_code"]),
            (&json!(1), &json!("unknown"), &json!(3))
        );
        let checks = value["environments"][0]["checks"].as_array().unwrap();
        assert!(checks.iter().all(|c| c["state"] == "unknown"), "{checks:#?}");
        assert_eq!(value["environments"][0]["snapshot"]["mounts"]["Err"]["why"], "no_answer");
        assert_eq!(value["environments"][1]["snapshot"], Value::Null);
    }
}
