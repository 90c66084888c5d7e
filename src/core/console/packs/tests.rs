use super::*;
use crate::config::model::EnvKey;
use crate::core::console::given::{DAY, Given, NOW, SLOT, name};
use crate::core::console::sheet::Lead;
use crate::core::snapshot::Snapshot;

fn sheet_of(given: &Given, other: Option<&Given>) -> Sheet {
    let look = given.look();
    let other = other.map(|o| (o, o.look()));
    let others: Vec<Facts<'_>> = other.iter().map(|(o, look)| Facts::of(&o.env, look)).collect();
    packs(&Facts::of(&given.env, &look), &others)
}

fn column(sheet: &Sheet, n: usize) -> Vec<&str> {
    sheet.rows.iter().map(|r| r.cells[n].zh.as_str()).collect()
}

/// Another server that writes into the same folder.
fn test_server() -> Given {
    let mut given = Given::new();
    given.env.key = EnvKey("test".into());
    given.env.name = "测试".into();
    given
}

fn nights(mut given: Given, nights: std::ops::Range<i64>) -> Given {
    for night in nights {
        given = given.backup(night, "incremental", 1000);
    }
    given
}

#[test]
fn the_newest_comes_first_and_has_its_owner_kind_and_size() {
    let given = nights(Given::new(), 0..4).job(1, 60, "full", "completed").pack(1, 60, "full", 9000);
    let sheet = sheet_of(&given, None);
    assert_eq!(
        column(&sheet, 0),
        ["20260201_040000", "20260131_050000", "20260131_040000", "20260130_040000", "20260129_040000"]
    );
    assert_eq!(column(&sheet, 1), ["正式"; 5]);
    assert_eq!(column(&sheet, 2), ["增量", "全量", "增量", "增量", "增量"]);
    assert_eq!(column(&sheet, 4), ["+0%", "-", "+0%", "+0%", "+0%"]);
    assert!(sheet.rows.iter().all(|r| r.state == Some(State::Ok) && r.cells[5].zh == "完整"));
    assert_eq!(sheet.rows[0].id, name(SLOT));
}

#[test]
fn a_pack_belongs_to_whom_rows_say_and_else_to_nobody() {
    // one folder for both: prod's of tonight, test's of half an hour later, and one of neither
    let mut prod = nights(Given::new(), 0..1).pack(0, 30, "incremental", 1000);
    prod = prod.pack(3, 7, "incremental", 1000);
    let mut test = test_server().job(0, 30, "incremental", "completed");
    assert_eq!(column(&sheet_of(&prod, None), 1), ["其他来源", "正式", "其他来源"]);
    let both = sheet_of(&prod, Some(&test));
    assert_eq!(column(&both, 1), ["测试", "正式", "其他来源"]);
    assert_eq!(column(&both, 5), ["完整", "完整", "种类不明，没有核对"]);
    assert_eq!(both.rows[2].state, None, "what is nobody's is neither good nor bad");
    // two servers with a job for one folder
    test = test.job(0, 0, "incremental", "completed");
    assert_eq!(column(&sheet_of(&prod, Some(&test)), 1), ["测试", "有争议", "其他来源"]);
    // a server that writes to another share has no say
    test.env.share.name = "elsewhere".into();
    assert_eq!(column(&sheet_of(&prod, Some(&test)), 1), ["其他来源", "正式", "其他来源"]);
}

#[test]
fn what_a_pack_lacks_is_said_and_what_is_small_is_no_good() {
    let mut given = nights(Given::new(), 0..5).backup(5, "incremental", 400);
    given.files.retain(|f| !f.contains(&format!("{}/volumes", name(SLOT - DAY))));
    given.files.push(format!("regular file|3|{}|{}/auth.db.tmp", NOW.0 / 1000, name(SLOT - 2 * DAY)));
    let sheet = sheet_of(&given, None);
    let whole = column(&sheet, 5);
    assert_eq!(whole[..3], ["完整", "缺 全部数据卷", "缺 收尾"]);
    assert_eq!((whole[5], sheet.rows[5].state), ("齐，但明显偏小", Some(State::Warning)));
    assert_eq!(column(&sheet, 4)[5], "-60%");
    assert_eq!(sheet.rows[1].state, Some(State::Failed));
}

#[test]
fn what_is_being_written_is_not_judged_yet() {
    let given =
        nights(Given::new(), 1..5).job(0, 119, "incremental", "running").pack(0, 119, "incremental", 10);
    let sheet = sheet_of(&given, None);
    assert_eq!((column(&sheet, 5)[0], column(&sheet, 4)[0]), ("正在写", "-"));
    assert_eq!(sheet.rows[0].state, None);
    // nothing has moved for almost two hours
    let given =
        nights(Given::new(), 1..5).job(0, 10, "incremental", "running").pack(0, 10, "incremental", 10);
    let sheet = sheet_of(&given, None);
    assert_eq!(sheet.rows[0].state, Some(State::Warning));
    assert!(column(&sheet, 5)[0].starts_with("没写完"), "{:?}", column(&sheet, 5));
}

#[test]
fn leftovers_and_other_files_come_last() {
    let mut given = nights(Given::new(), 0..1);
    let old = (NOW.0 - 3 * DAY) / 1000;
    given.files.push(format!("regular file|7|{old}|_tmp/job_12_1/auth.db"));
    given.files.push(format!("regular file|7|{}|_tmp/job_13_1/auth.db", NOW.0 / 1000));
    given.files.extend((0..60).map(|n| format!("regular file|1|{old}|note{n}.txt")));
    let sheet = sheet_of(&given, None);
    let states: Vec<_> = sheet.rows.iter().take(3).map(|r| (r.cells[0].zh.as_str(), r.state)).collect();
    assert_eq!(
        states,
        [
            ("20260201_040000", Some(State::Ok)),
            ("_tmp/job_12_1", Some(State::Warning)),
            ("_tmp/job_13_1", None)
        ]
    );
    assert_eq!((sheet.rows.len(), sheet.rows[53].cells[0].zh.as_str()), (3 + 51, "还有 10 个"));
}

#[test]
fn what_is_not_seen_is_unknown() {
    let mut given = nights(Given::new(), 0..3);
    given.mounted = false;
    let sheet = sheet_of(&given, None);
    assert!(sheet.rows.is_empty() && sheet.empty.is_some());
    assert!(matches!(sheet.lead[0], Lead::Line { state: Some(State::Unknown), .. }));

    // the share is there and the database is not: the packs are listed, and nothing is said of them
    let look = Snapshot { inside: Err(crate::core::gap::Gap::NoAnswer), ..nights(Given::new(), 0..3).look() };
    let env = Given::new().env;
    let sheet = packs(&Facts::of(&env, &look), &[]);
    assert_eq!(column(&sheet, 1), ["不明"; 3]);
    assert!(sheet.rows.iter().all(|r| r.state.is_none()));
    assert!(matches!(sheet.lead[0], Lead::Line { state: Some(State::Unknown), .. }));
}

#[test]
fn who_loses_the_next_pack_is_said() {
    let prod = nights(Given::new(), 0..2).pack(9, 30, "incremental", 1000);
    let test = test_server().job(9, 30, "incremental", "completed");
    let sheet = sheet_of(&prod, Some(&test));
    let Some(Lead::Line { text, .. }) = sheet.lead.last() else { panic!() };
    assert_eq!(text.zh, "最多保留 正式 9、测试 9；先删最旧的，不分归属：下一个是 20260123_043000（测试）");
}
