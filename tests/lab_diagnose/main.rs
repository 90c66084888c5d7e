//! Every trouble of the lab: diagnosed by the real program, mended by the commands that it offers, diagnosed again until it is
//! clean; two troubles at once; and healthy servers in every shape, with which nothing may be found. Prints one table.
//!
//! Real sshd, systemd, Docker, CIFS: needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
//! `OPSDECK_DIAGNOSE_ONLY` names rows, separated by commas; the table keeps the others as they were measured before.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::disallowed_methods)]

mod calm;
#[path = "../common/mod.rs"]
mod common;
mod course;
mod desk;
mod hands;
#[path = "../common/lab.rs"]
mod lab;
#[path = "../common/readme.rs"]
mod readme;
mod report;
mod rows;

use calm::{CALM, REBOOT};
use desk::Desk;
use report::Line;
use rows::{ALONE, HARMLESS, PAIRS, Row, TOMORROW};

fn troubles() -> impl Iterator<Item = &'static Row> {
    ALONE.iter().chain(&TOMORROW).chain(&PAIRS)
}

/// All rows, in the order of the table.
fn names() -> Vec<String> {
    let calm = CALM.iter().map(|c| c.0.to_owned());
    troubles().map(Row::name).chain(calm).chain([REBOOT.to_owned()]).collect()
}

#[test]
fn every_fault_of_the_lab_is_in_the_table() {
    let out = lab::lab(&["faults"]);
    let said = String::from_utf8(out.stdout).unwrap();
    let faults: Vec<&str> = said.lines().filter_map(|l| l.split(' ').next()).collect();
    assert!(faults.len() > 20, "{said}");
    for fault in &faults {
        let alone = ALONE.iter().chain(&TOMORROW).any(|row| row.faults == [*fault]);
        let calm = HARMLESS.contains(fault) && CALM.iter().any(|c| c.0 == *fault);
        assert!(alone != calm, "{fault}");
    }
    for fault in troubles().flat_map(|row| row.faults) {
        assert!(faults.contains(fault), "no such fault: {fault}");
    }
}

#[test]
fn the_table_of_the_readme_is_what_was_measured_and_all_of_it_is_right() {
    let (all, names) = (report::measured(), names());
    let unknown: Vec<&String> = all.keys().filter(|name| !names.contains(name)).collect();
    assert!(!all.is_empty() && unknown.is_empty(), "no such rows: {unknown:?}");
    let wrong: Vec<&String> = all.iter().filter(|(_, row)| row["right"] != true).map(|(n, _)| n).collect();
    assert!(wrong.is_empty(), "wrong: {wrong:?}");
    readme::has("faults", |lang| report::table(&all, &names, lang));
}

#[test]
fn each_trouble_is_found_mended_by_what_is_offered_and_gone() {
    let Some(_lab) = lab::with_lab_for("lab_diagnose") else { return };
    let only = std::env::var("OPSDECK_DIAGNOSE_ONLY").unwrap_or_default();
    let only: Vec<&str> = only.split(',').map(str::trim).filter(|w| !w.is_empty()).collect();
    let names = names();
    for word in &only {
        assert!(names.iter().any(|n| n == word), "no such row: {word}; there are {names:?}");
    }
    let wanted = |name: &str| only.is_empty() || only.contains(&name);
    let desk = Desk::new();
    let mut lines: Vec<Line> = Vec::new();
    let mut took = |line: Line| {
        eprintln!("{}: {} s {:?}", line.name, line.seconds, line.wrong);
        lines.push(line);
        report::kept(&lines, &names)
    };
    let mut table = String::new();
    for row in troubles().filter(|row| wanted(&row.name())) {
        eprintln!("{}", row.name());
        table = took(course::walk(&desk, row));
    }
    for calm in CALM.iter().filter(|calm| wanted(calm.0)) {
        eprintln!("{}", calm.0);
        table = took(calm::stays(calm));
    }
    if wanted(REBOOT) {
        eprintln!("{REBOOT}");
        table = took(calm::reboots(&desk));
    }
    println!("{table}");
    hands::healthy();
    let wrong: Vec<String> =
        lines.iter().flat_map(|l| l.wrong.iter().map(|w| format!("{}: {w}", l.name))).collect();
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
