//! Answers captured from real servers of the lab.
use super::*;
use std::path::Path;

const MARK: &str = "00000000000000000000000000fixture";

pub(crate) fn captured(name: &str) -> (Environment, Snapshot) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = opsdeck::config::load(&here.join("tests/lab/lab.toml")).unwrap();
    let env = config.environments.into_iter().find(|e| e.key.0 == "prod").unwrap();
    let answer = std::fs::read(here.join("tests/fixtures/lab").join(name).with_extension("txt")).unwrap();
    let look = Snapshot::read(&env, "", MARK, &answer, EpochMs(0), 0);
    let clock = look.identity.as_ref().map_or(EpochMs(0), |i| i.clock);
    let look = Snapshot::read(&env, "", MARK, &answer, clock, 1000);
    (env, look)
}

#[test]
fn what_the_lab_answered_is_explained() {
    let expected: [(&str, &[&str], &str); 8] = [
        ("healthy", &[], "-"),
        ("old-schema", &[], "-"),
        ("not-mounted", &["not-mounted"], "M"),
        ("container-blind", &["container-blind"], "R"),
        ("wrong-share", &["wrong-share"], "U"),
        ("share-hung", &["share-hung"], "call windows"),
        ("wrong-password", &["wrong-password"], "M"),
        ("ghost-job", &["ghost-job"], "X"),
    ];
    let mut files: Vec<String> = std::fs::read_dir("tests/fixtures/lab")
        .unwrap()
        .map(|e| e.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut named: Vec<&str> = expected.iter().map(|e| e.0).collect();
    named.sort_unstable();
    assert_eq!(files, named, "a capture that nobody explains, or one that is missing");
    for (name, causes, step) in expected {
        let (env, look) = captured(name);
        let d = explained(&env, &look);
        assert_eq!(roots(&d), causes, "{name}: {} {:?}", d.headline.en, d.unchecked);
        assert_eq!(first_step(&d), step, "{name}");
        assert_eq!(is_healthy(&d), causes.is_empty(), "{name}: {:?}", d.unchecked);
    }
}

/// A captured answer that ends early is never healthy, and says what was not answered.
#[test]
fn a_cut_answer_is_never_healthy() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let whole = std::fs::read(here.join("tests/fixtures/lab/healthy.txt")).unwrap();
    let (env, full) = captured("healthy");
    let lines: Vec<usize> = whole.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(n, _)| n).collect();
    let last = lines.len() - 2;
    for cut in lines.iter().take(last).step_by(3) {
        let look = Snapshot::read(&env, "", MARK, &whole[..*cut], full.taken, 1000);
        let d = explained(&env, &look);
        assert!(!is_healthy(&d) && d.state != State::Ok, "cut at byte {cut}: {}", d.headline.en);
        assert!(!d.unchecked.is_empty(), "cut at byte {cut}");
    }
}
