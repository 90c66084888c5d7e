use super::*;
use crate::core::console::given::{DAY, Given, NOW, SLOT, name};
use crate::core::verdict::Facts;
use serde_json::json;

fn strip_of(given: &Given) -> Strip {
    let look = given.look();
    strip(&Facts::of(&given.env, &look))
}

/// The signs, the last night last.
fn signs(given: &Given) -> String {
    strip_of(given).nights.iter().map(|n| n.mark.sign()).collect()
}

/// Four good nights before the ones that a test is about, so that the rows reach back beyond them.
fn with_past(mut given: Given, from: i64) -> Given {
    for night in from..from + 4 {
        given = given.backup(night, "incremental", 1000);
    }
    given
}

#[test]
fn each_night_is_what_became_of_it() {
    let given = Given::new()
        .backup(0, "incremental", 1000)
        .job(1, 0, "incremental", "failed")
        // two nights ago: nothing at all; three: the pack has gone since
        .job(3, 0, "incremental", "completed")
        // four: half the usual size; five: begun an hour late
        .backup(4, "incremental", 300)
        .job(5, 60, "incremental", "completed")
        .pack(5, 60, "incremental", 1000)
        .job(6, 0, "incremental", "canceled")
        // a second try mends the first, late
        .job(7, 0, "incremental", "failed")
        .job(7, 90, "incremental", "completed")
        .pack(7, 90, "incremental", 1000);
    assert_eq!(signs(&with_past(given, 8)), "++++!x!<-ox+");
}

#[test]
fn a_pack_that_is_not_whole_is_no_backup() {
    let mut given = with_past(Given::new().backup(0, "incremental", 1000), 1);
    given.files.retain(|f| !f.contains(&format!("{}/auth.db", name(SLOT - 2 * DAY))));
    assert_eq!(signs(&given), "++x++");
}

#[test]
fn nights_older_than_the_rows_are_not_missing() {
    let mut given = Given::new().backup(0, "incremental", 1000).backup(2, "incremental", 1000);
    assert_eq!(signs(&given), "+o+", "inside the rows a hole is a missing night");
    // the list of outputs goes further back: a pack of ours that is still there is known
    given = given.pack(5, 0, "incremental", 1000);
    given.outputs.push(json!([7, "incremental", format!("/x/{}", name(SLOT - 5 * DAY))]));
    assert_eq!(signs(&given), "+??+o+");
    let said = strip_of(&given).legend;
    assert!(said.zh.contains("更早") && said.en.contains("older"), "{said:?}");
    // and one that nobody's row names is not ours
    given.outputs.clear();
    assert_eq!(signs(&given), "+o+");
}

#[test]
fn nothing_is_good_while_the_share_or_the_database_is_not_seen() {
    let mut given = with_past(Given::new().backup(0, "incremental", 1000), 1);
    given = given.job(5, 0, "incremental", "failed");
    given.mounted = false;
    let unseen = strip_of(&given);
    assert_eq!(unseen.nights.iter().map(|n| n.mark.sign()).collect::<String>(), "x?????");
    assert!(unseen.nights.iter().all(|n| n.bytes.is_none()));
    assert!(unseen.legend.zh.starts_with("看不到备份包：共享没有挂载"), "{:?}", unseen.legend);

    let env = &given.env;
    let nothing = crate::core::snapshot::Snapshot::read(env, "", "m", b"", NOW, 0);
    let blind = strip(&Facts::of(env, &nothing));
    assert!(blind.nights.is_empty() && blind.legend.zh.contains("未知"), "{:?}", blind.legend);
}

#[test]
fn a_night_belongs_to_the_day_of_the_backends_clock() {
    // 04:00 there is 20:00 of the day before in UTC
    let given = with_past(Given::new().backup(0, "incremental", 1000), 1);
    let days: Vec<u8> = strip_of(&given).nights.iter().map(|n| n.day).collect();
    assert_eq!(days, [28, 29, 30, 31, 1]);
}

#[test]
fn a_full_backup_is_no_incremental_ones_and_stands_for_both() {
    // Sundays at two a full one, every day at four an incremental one; 2026-02-01 is a Sunday
    let full = |given: Given| Given { full: "0 2 * * 0", ..given };
    let night = |given: Given| {
        let strip = strip_of(&full(given));
        let last = strip.nights.last().unwrap().clone();
        (last.mark, last.full)
    };
    let past = || with_past(Given::new(), 1);
    let both = past().job(0, -120, "full", "completed").pack(0, -120, "full", 5000);
    assert_eq!(night(both.backup(0, "incremental", 1000)), (Mark::There, true));
    // without the full one the night is not good, however good the other is
    assert_eq!(night(past().backup(0, "incremental", 1000)), (Mark::Missing, true));
    // one that was at work over the second slot holds what it was for
    let mut over = past().job(0, -1, "full", "completed").pack(0, -1, "full", 5000);
    over.full = "59 3 * * 0";
    let strip = strip_of(&over);
    assert_eq!(strip.nights.last().unwrap().mark, Mark::There);
}

#[test]
fn a_job_at_work_is_neither_good_nor_bad() {
    let past = || with_past(Given::new(), 1);
    assert_eq!(signs(&past().job(0, 110, "incremental", "running")), "++++>");
    // its time has just come
    let mut due = past();
    due.incremental = "55 5 * * *";
    assert_eq!(strip_of(&due).nights.last().unwrap().mark, Mark::Due);
    // it comes later today: today is none of the last nights
    due.incremental = "0 7 * * *";
    assert_eq!(strip_of(&due).nights.last().unwrap().day, 31);
}

#[test]
fn a_day_without_a_slot_shows_what_was_made_on_it() {
    let mut given = with_past(Given::new().backup(0, "incremental", 1000), 2);
    given.incremental = "0 4 * * 0";
    // today is a Sunday; the others were made when the schedule was another one
    assert_eq!(signs(&given).trim_start_matches('.'), "++++.+".trim_start_matches('.'));
}

#[test]
fn packs_that_went_while_older_ones_stayed_are_pointed_out() {
    let given = Given::new().backup(0, "incremental", 1000).job(1, 0, "incremental", "completed").backup(
        2,
        "incremental",
        1000,
    );
    assert_eq!(signs(&given), "+-+");
    assert!(strip_of(&given).legend.zh.contains("1 夜的包不在了"), "{:?}", strip_of(&given).legend);
    let by_age = Given::new().backup(0, "incremental", 1000).job(1, 0, "incremental", "completed");
    assert!(!strip_of(&by_age).legend.zh.contains("不在了"));
}

#[test]
fn sizes_are_measured_against_the_largest_of_the_kind() {
    let mut given = with_past(Given::new().backup(0, "incremental", 500), 1);
    given.full = "0 2 * * 0";
    given = given.job(0, -120, "full", "completed").pack(0, -120, "full", 9_000_000);
    let strip = strip_of(&given);
    let levels: Vec<Option<u8>> = strip.nights.iter().map(|n| strip.level(n)).collect();
    assert_eq!(levels, [Some(8); 5]);
    let small = Given::new().backup(0, "incremental", 500).backup(1, "incremental", 1000);
    let strip = strip_of(&small);
    assert_eq!(strip.nights.iter().map(|n| strip.level(n)).collect::<Vec<_>>(), [Some(8), Some(4)]);
}

#[test]
fn every_sign_is_its_own_and_only_a_backup_that_is_there_is_green() {
    let all = [
        Mark::There,
        Mark::Gone,
        Mark::Late,
        Mark::Short,
        Mark::Failed,
        Mark::Missing,
        Mark::NotDue,
        Mark::Due,
        Mark::Running,
        Mark::Unknown,
    ];
    let signs: std::collections::BTreeSet<char> = all.iter().map(|m| m.sign()).collect();
    assert_eq!(signs.len(), all.len());
    for mark in all {
        assert_eq!(mark.state() == Some(State::Ok), mark == Mark::There);
    }
}
