//! Whatever the hour, a scenario is itself; and the backup that runs goes on with time and ends.
use super::asking::*;
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::Verdict;

const MINUTE: i64 = 60_000;

fn moment(text: &str) -> EpochMs {
    EpochMs(text.parse::<jiff::Timestamp>().unwrap().as_millisecond())
}

fn check<'a>(verdict: &'a Verdict, id: &str) -> &'a opsdeck::core::verdict::Check {
    verdict.checks.iter().find(|c| c.id == id).unwrap()
}

/// Around Shanghai's midnight and its backup hours, at month ends, on a leap day, and at the new year.
const MOMENTS: [&str; 8] = [
    "2027-01-31T15:59:30+00:00",
    "2027-01-31T16:00:30+00:00",
    "2028-02-29T18:58:59+00:00",
    "2026-12-31T19:00:01+00:00",
    "2027-02-28T20:02:00+00:00",
    "2026-10-25T21:59:00+00:00",
    "2027-03-28T22:00:00+00:00",
    "2027-06-30T09:30:00+00:00",
];

#[test]
fn a_healthy_server_is_healthy_at_any_hour() {
    for text in MOMENTS {
        let now = moment(text);
        let demo = box_at("healthy", now);
        for env in ENVS {
            let verdict = verdict(&demo, env, now.plus_ms(MINUTE));
            let bad: Vec<_> = verdict.checks.iter().filter(|c| c.state != State::Ok).collect();
            assert!(bad.is_empty(), "{text} {env}: {bad:#?}");
        }
    }
}

#[test]
fn a_late_backup_is_late_by_minutes_at_any_hour_and_missed_a_quarter_later() {
    for text in MOMENTS {
        let now = moment(text);
        let demo = box_at("late", now);
        let soon = verdict(&demo, "prod", now);
        assert_eq!(check(&soon, "night").state, State::Warning, "{text}: {:?}", soon.headline);
        assert_eq!(check(&soon, "schedule").state, State::Ok, "{text}");
        let later = verdict(&demo, "prod", now.plus_ms(15 * MINUTE));
        assert_eq!(check(&later, "night").state, State::Failed, "{text}: {:?}", later.headline);
    }
}

#[test]
fn a_running_backup_advances_and_ends_on_the_share() {
    let now = moment("2027-01-31T16:03:20+00:00");
    let demo = box_at("backup-running", now);
    let mut before = (0, 0);
    let mut messages = std::collections::BTreeSet::new();
    for minute in 0..5 {
        let verdict = verdict(&demo, "prod", now.plus_ms(minute * MINUTE));
        assert_eq!(check(&verdict, "night").state, State::Warning, "{minute}: {:?}", verdict.headline);
        assert_eq!(check(&verdict, "live").state, State::Ok, "{minute}: {:?}", check(&verdict, "live"));
        messages.insert(verdict.headline.zh);
        let pack = newest_pack(&demo);
        let bytes: u64 = pack.iter().map(|p| p.1).sum();
        let grown = (pack.len(), bytes);
        assert!(grown.1 > before.1 && grown.0 >= before.0, "{minute}: {before:?} {grown:?}");
        before = grown;
    }
    assert_eq!(messages.len(), 5, "{messages:?}");
    let end = verdict(&demo, "prod", now.plus_ms(8 * MINUTE));
    assert_eq!(end.state, State::Ok, "{end:#?}");
    assert_eq!(newest_pack(&demo).len(), 5);
}

/// Path and size of each file of prod's newest pack.
fn newest_pack(demo: &opsdeck::demo::DemoBox) -> Vec<(String, u64)> {
    let folder = demo.dir().join("share/RagflowAuth");
    let mut names: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    // the test server began a few seconds later
    let newest = folder.join(&names[names.len() - 2]);
    let mut files = Vec::new();
    for dir in [newest.clone(), newest.join("volumes")] {
        for entry in std::fs::read_dir(dir).unwrap() {
            let entry = entry.unwrap();
            let meta = entry.metadata().unwrap();
            if meta.is_file() {
                files.push((entry.file_name().into_string().unwrap(), meta.len()));
            }
        }
    }
    files
}
