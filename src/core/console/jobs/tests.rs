//! What the screen says of rows, packs and a watch.
use super::super::given::{Given, HOUR, NOW, name};
use super::super::sheet::{Kind, Row};
use super::*;
use crate::core::derive::progress::Progress;
use crate::core::gap::NotAsked;
use crate::core::probe::watch::{Reader, Tick};
use crate::core::state::State;
use serde_json::json;

fn sheet_of(given: &Given, ticks: Vec<Tick>, later_ms: i64) -> Sheet {
    let look = given.look();
    let f = Facts::of(&given.env, &look);
    let mut progress = Progress::new(past(&f), given.env.thresholds.clone());
    let watched = !ticks.is_empty();
    for tick in ticks {
        progress.take(tick, NOW);
    }
    jobs(&f, watched.then_some(&progress), NOW.plus_ms(later_ms))
}

fn row(sheet: &Sheet, id: i64) -> &Row {
    sheet.rows.iter().find(|r| r.id == format!("job-{id}")).unwrap()
}

fn lead(sheet: &Sheet) -> Vec<(Option<State>, &str)> {
    let line = |l: &'_ Lead| matches!(l, Lead::Line { .. });
    let said = |l| match l {
        &Lead::Line { state, ref text } => (state, text.zh.as_str()),
        other => panic!("{other:?}"),
    };
    sheet.lead.iter().filter(|l| line(l)).map(said).collect()
}

/// Rows as a watch says them.
fn told(rows: &[serde_json::Value]) -> Tick {
    let live = |r: &&serde_json::Value| r["status"] == "running" || r["status"] == "queued";
    let answer = json!({"clock": {"epoch_ms": NOW.0}, "database": {"locks": [],
        "live": rows.iter().filter(live).collect::<Vec<_>>(), "newest": rows.iter().filter(|r| !live(r)).collect::<Vec<_>>()}});
    Reader::new("m", "", "/p").line(format!("@@m db {answer}").as_bytes()).unwrap()
}

fn running(id: i64, message: &str) -> serde_json::Value {
    let at = NOW.0 - 60_000;
    json!({"id": id, "kind": "incremental", "status": "running", "message": message, "progress": 45,
        "output_dir": format!("/mnt/replica/RagflowAuth/{}", name(at)), "created_at_ms": at, "started_at_ms": at})
}

fn backend() -> Tick {
    let line = r#"@@m backend {"Id":"a","Name":"/ragflowauth-backend","State":{"Running":true,"StartedAt":"2026-01-01T00:00:00Z"}}"#;
    Reader::new("m", "", "/p").line(line.as_bytes()).unwrap()
}

fn packed(id: i64, bytes: u64, at_s: i64) -> Tick {
    let mut reader = Reader::new("m", "", "/mnt/replica/RagflowAuth");
    let folder = name(NOW.0 - 60_000);
    let line = format!("@@m own regular file|{bytes}|{at_s}|/mnt/replica/RagflowAuth/{folder}/auth.db");
    assert_eq!(reader.line(line.as_bytes()), None);
    reader.line(format!("@@m pack {id} /mnt/replica/RagflowAuth").as_bytes()).unwrap()
}

#[test]
fn a_row_that_says_completed_is_as_good_as_its_pack() {
    let given = Given::new()
        .backup(0, "incremental", 1000)
        .backup(1, "full", 1000)
        .job(2, 0, "incremental", "completed")
        .backup(3, "incremental", 1000)
        .job(4, 0, "incremental", "completed")
        .job(5, 0, "incremental", "failed");
    let mut given = given;
    given.files.retain(|f| !f.contains("images.tar"));
    let sheet = sheet_of(&given, Vec::new(), 0);
    let ids: Vec<&str> = sheet.rows.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["job-1000", "job-990", "job-980", "job-970", "job-960", "job-950"]);
    assert_eq!(row(&sheet, 1000).state, Some(State::Ok));
    let full = row(&sheet, 990);
    assert_eq!(full.state, Some(State::Warning));
    assert!(full.detail[0].kind == Kind::Title && full.detail[0].text.zh.contains("images.tar"), "{full:?}");
    // gone from among those that are left, and gone because all older ones are
    assert_eq!((row(&sheet, 980).state, row(&sheet, 960).state), (Some(State::Warning), None));
    assert_eq!(row(&sheet, 950).state, Some(State::Failed));
    let cells: Vec<&str> = row(&sheet, 1000).cells.iter().map(|c| c.zh.as_str()).collect();
    assert_eq!(
        cells,
        ["#1000", "增量", "完成", "02-01 04:00", "10 分 00 秒", "1000 B", "migration_pack_20260201_040000"]
    );
}

#[test]
fn while_the_share_is_not_seen_no_row_is_green() {
    let mut given = Given::new().backup(0, "incremental", 1000);
    given.mounted = false;
    let sheet = sheet_of(&given, Vec::new(), 0);
    assert_eq!(sheet.rows[0].state, Some(State::Unknown));
    assert!(sheet.rows[0].detail[0].text.zh.contains("没有挂载"), "{:?}", sheet.rows[0].detail);
}

#[test]
fn the_backup_at_work_is_told_by_the_watch() {
    let given = (1..=3).fold(Given::new(), |g, n| g.backup(n, "incremental", 1000));
    let ticks = vec![backend(), told(&[running(2000, "备份数据库")]), packed(2000, 400, NOW.0 / 1000)];
    let sheet = sheet_of(&given, ticks, 7_000);
    let lines = lead(&sheet);
    assert_eq!(lines[0].0, Some(State::Ok), "{lines:?}");
    assert!(lines[0].1.contains("#2000") && lines[0].1.contains("备份数据库，已 1 分 07 秒"), "{lines:?}");
    assert!(lines[0].1.contains("预计还要"), "{lines:?}");
    let Lead::Gauges(gauges) = &sheet.lead[1] else { panic!("{:?}", sheet.lead) };
    assert_eq!((gauges[0].percent, gauges[0].words.zh.as_str()), (Some(40), "400 B，平时约 1000 B，0 B/秒"));
    assert!(lines.last().unwrap().1.contains("服务器 7 秒前还在回话；最近一次变化在 7 秒前"), "{lines:?}");
    let row = row(&sheet, 2000);
    assert_eq!(
        (row.state, row.cells[2].zh.as_str(), row.cells[5].zh.as_str()),
        (Some(State::Ok), "进行中", "400 B")
    );
    assert!(row.detail.iter().any(|d| d.text.zh.contains("不可信")), "the percentage is named as what it is");
}

#[test]
fn what_has_not_been_heard_for_long_is_unknown() {
    let ticks = || vec![backend(), told(&[running(2000, "备份数据库")]), packed(2000, 400, NOW.0 / 1000)];
    let sheet = sheet_of(&Given::new(), ticks(), 46_000);
    let lines = lead(&sheet);
    assert_eq!(
        (lines[0].0, lines.last().unwrap().0),
        (Some(State::Unknown), Some(State::Unknown)),
        "{lines:?}"
    );
    assert!(lines[0].1.contains("不足 3 次"), "{lines:?}");
}

#[test]
fn a_ghost_and_a_held_share_are_said_with_their_proof() {
    let young = r#"@@m backend {"Id":"a","Name":"/ragflowauth-backend","State":{"Running":true,"StartedAt":"2026-01-31T22:00:00Z"}}"#;
    let young = Reader::new("m", "", "/p").line(young.as_bytes()).unwrap();
    let ticks = vec![told(&[running(2000, "备份数据库")]), young, Tick::Held { pid: 77 }];
    let sheet = sheet_of(&Given::new(), ticks, 0);
    let lines = lead(&sheet);
    assert!(
        lines[0].0 == Some(State::Failed) && lines[0].1.contains("幽灵") && lines[0].1.contains("重启过"),
        "{lines:?}"
    );
    assert!(lines[1].0 == Some(State::Unknown) && lines[1].1.contains("77"), "{lines:?}");
    assert_eq!(row(&sheet, 2000).state, Some(State::Failed));
}

#[test]
fn a_backup_that_has_just_ended_is_not_green_before_the_next_check() {
    let mut done = running(2000, "备份完成（已在共享目录）");
    (done["status"], done["finished_at_ms"]) = (json!("completed"), json!(NOW.0 + 5_000));
    let ticks =
        vec![told(&[running(2000, "备份完成，准备同步")]), packed(2000, 400, NOW.0 / 1000), told(&[done])];
    let sheet = sheet_of(&Given::new(), ticks, 6_000);
    let lines = lead(&sheet);
    assert!(
        lines[0].0.is_none() && lines[0].1.contains("刚刚结束") && lines[0].1.contains("400 B"),
        "{lines:?}"
    );
    assert_eq!(row(&sheet, 2000).state, Some(State::Unknown));
}

#[test]
fn rows_that_cannot_be_read_say_why() {
    let given = Given::new();
    let look = crate::core::snapshot::Snapshot::read(&given.env, "", "m", b"", NOW, 0);
    let sheet = jobs(&Facts::of(&given.env, &look), None, NOW);
    assert!(sheet.rows.is_empty() && sheet.empty.unwrap().zh.contains("中断"));
    // and what the watch says is shown all the same
    let gap = Tick::Jobs { clock: None, jobs: Err(Gap::NotAsked { because: NotAsked::BackendDown }) };
    let sheet = sheet_of(&given, vec![told(&[running(1, "x")]), gap], 0);
    assert!(lead(&sheet).iter().any(|l| l.0 == Some(State::Unknown) && l.1.contains("读不到最新的任务记录")));
    assert_eq!(sheet.rows.len(), 1);
}

#[test]
fn an_older_watch_does_not_hide_a_newer_look() {
    let given = Given::new().job(0, 0, "incremental", "failed");
    let look = given.look();
    let f = Facts::of(&given.env, &look);
    let mut progress = Progress::new(past(&f), given.env.thresholds.clone());
    progress.take(told(&[running(1000, "x")]), NOW.plus_ms(-HOUR));
    assert_eq!(jobs(&f, Some(&progress), NOW).rows[0].state, Some(State::Failed));
}

#[test]
fn times_read_as_people_say_them() {
    let said = [0, 59_999, 60_000, 192_000, 3_599_999, 7_500_000, -5].map(|ms| span(ms).zh);
    assert_eq!(said, ["0 秒", "59 秒", "1 分 00 秒", "3 分 12 秒", "59 分 59 秒", "2 小时 05 分", "0 秒"]);
}

#[test]
fn what_a_watch_told_before_it_was_opened_anew_is_not_green() {
    let given = Given::new().backup(1, "incremental", 1000);
    let look = given.look();
    let f = Facts::of(&given.env, &look);
    let mut progress = Progress::new(past(&f), given.env.thresholds.clone());
    let beat = || Reader::new("m", "", "/p").line(format!("@@m beat {}", NOW.0 / 1000).as_bytes()).unwrap();
    let rows = || told(&[running(1001, "备份数据库")]);
    for tick in [backend(), rows(), packed(1001, 500, NOW.0 / 1000)] {
        progress.take(tick, NOW);
    }
    let states = |p: &Progress| {
        let sheet = jobs(&f, Some(p), NOW);
        (lead(&sheet)[0].0, row(&sheet, 1001).state)
    };
    assert_eq!(states(&progress), (Some(State::Ok), Some(State::Ok)));
    progress.reopened();
    progress.take(beat(), NOW);
    assert_eq!(states(&progress), (Some(State::Unknown), Some(State::Unknown)));
    for tick in [backend(), rows()] {
        progress.take(tick, NOW);
    }
    assert_eq!(states(&progress), (Some(State::Ok), Some(State::Ok)));
    // the rows cannot be read any more: it may have failed since
    let gap = Reader::new("m", "", "/p").line(b"@@m gap database 124 no sign").unwrap();
    progress.take(gap, NOW);
    assert_eq!(states(&progress), (Some(State::Unknown), Some(State::Unknown)));
}
