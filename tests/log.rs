//! The diagnostic log: for the owner only, one safe line an event, no secret, nothing lost in silence.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use jiff::tz::TimeZone;
use opsdeck::config::Secret;
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use opsdeck::logging::{self, file};
use serde_json::Value;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tempfile::TempDir;

const DAY: i64 = 86_400_000;
/// 2026-02-03 04:05:06 UTC.
const THEN: EpochMs = EpochMs(1_770_091_506_789);

/// Runs `work` with a log of its own; gives the folder back when all is written.
fn logged(work: impl FnOnce()) -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("log");
    let everything = logging::filter(Some("trace")).unwrap();
    let (subscriber, log) = logging::build(&folder, everything, || THEN, TimeZone::UTC).unwrap();
    tracing::subscriber::with_default(subscriber, work);
    drop(log);
    home
}

fn text(home: &TempDir) -> String {
    std::fs::read_to_string(home.path().join("log/opsdeck.2026-02-03.jsonl")).unwrap()
}

fn events(home: &TempDir) -> Vec<Value> {
    text(home).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn daily(folder: &Path, now: fn() -> EpochMs, limit: u64) -> (file::DailyFile, Arc<file::Health>) {
    let health = Arc::new(file::Health::default());
    let file = file::DailyFile::open(folder, now, TimeZone::UTC, limit, health.clone()).unwrap();
    (file, health)
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_event_is_one_line_of_json_with_its_time_level_and_spans() {
    let home = logged(|| {
        let span = tracing::info_span!(target: "opsdeck::test", "look", environment = "prod");
        let _in = span.enter();
        tracing::warn!(target: "opsdeck::test", took_ms = 12, fresh = true, "slow answer");
    });
    assert_eq!(
        text(&home),
        "{\"at\":\"2026-02-03T04:05:06.789+00:00\",\"level\":\"WARN\",\"target\":\"opsdeck::test\",\"message\":\"slow answer\",\"fields\":{\"fresh\":true,\"took_ms\":12},\"spans\":[{\"environment\":\"prod\",\"name\":\"look\"}]}\n"
    );
}

#[test]
fn a_secret_cannot_be_formatted_into_the_log() {
    let planted = "Zq-planted-9";
    let home = logged(|| {
        let secret = Secret::parse(planted.into()).unwrap();
        let holder = Some(vec![&secret]);
        tracing::info!(target: "opsdeck::test", ?secret, ?holder, "{secret:?} {holder:#?}");
        let refused = Secret::parse(format!("{planted}\n{planted}").into_bytes()).unwrap_err();
        tracing::error!(target: "opsdeck::test", %refused, ?refused);
        let text = format!("schema = 1\n[share]\npassword = \"{planted}\"\n");
        let refused = opsdeck::config::parse(text.as_bytes(), Path::new("e.toml"), None).unwrap_err();
        tracing::error!(target: "opsdeck::test", %refused, ?refused, "{}", refused.render(Lang::Zh));
    });
    assert_eq!(events(&home).len(), 3);
    assert!(text(&home).contains("Secret(******)"));
    assert!(!text(&home).contains(planted), "{}", text(&home));
}

#[test]
fn hostile_text_forges_no_line_and_reaches_no_terminal() {
    let hostile =
        "a\n{\"level\":\"INFO\"}\r\u{1b}]52;c;ZXZpbA==\u{7}\u{9b}31m\u{202e}txt\u{2028}\u{85}\u{0}\u{7f}b";
    let home = logged(|| {
        tracing::info!(target: "opsdeck::test", "{hostile}");
        tracing::info!(target: "opsdeck::test", display = %hostile, debug = ?hostile, text = hostile);
        let span = tracing::info_span!(target: "opsdeck::test", "s", field = %hostile, later = tracing::field::Empty);
        span.record("later", hostile);
        span.in_scope(|| tracing::info!(target: "opsdeck::test", "x"));
    });
    let text = text(&home);
    assert_eq!(events(&home).len(), 3);
    let bad = |c: char| {
        c != '\n' && (c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2028}' | '\u{2029}'))
    };
    assert!(!text.contains(bad), "{text:?}");
    assert!(text.contains("<U+202E>"));
}

#[test]
fn a_long_event_is_cut_and_still_one_line() {
    let long = "x".repeat(100_000);
    let home = logged(|| {
        let l = long.as_str();
        tracing::info!(target: "opsdeck::test", a = l, b = l, c = l, d = l, e = l, f = l, g = l, h = l, i = l, "{l}");
    });
    let events = events(&home);
    assert_eq!(events.len(), 1);
    assert!(text(&home).len() < 70_000 && events[0]["cut"].as_u64().unwrap() > 60_000);
}

#[test]
fn only_our_own_events_are_logged() {
    let home = logged(|| {
        tracing::error!(target: "openssh::session", "ssh -o …");
        tracing::trace!(target: "opsdeck::test", "ours");
    });
    assert_eq!(events(&home).len(), 1);
}

#[test]
fn nothing_is_dropped_under_load() {
    let home = logged(|| {
        for n in 0..40_000 {
            tracing::info!(target: "opsdeck::test", n);
        }
    });
    let events = events(&home);
    assert_eq!(events.len(), 40_000);
    assert!(events.iter().enumerate().all(|(n, e)| e["fields"]["n"] == n));
}

#[test]
fn folder_and_files_are_for_the_owner_only_also_when_they_were_not() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("a/b/log");
    let (mut log, _) = daily(&folder, || THEN, 1000);
    log.write_all(b"{}\n").unwrap();
    let file = folder.join("opsdeck.2026-02-03.jsonl");
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    for (path, wide) in [(&folder, 0o755), (&file, 0o644)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(wide)).unwrap();
    }
    daily(&folder, || THEN, 1000);
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
}

#[test]
fn a_link_in_place_of_the_file_is_not_followed() {
    let home = tempfile::tempdir().unwrap();
    let other: PathBuf = home.path().join("other");
    std::fs::write(&other, "keep").unwrap();
    std::os::unix::fs::symlink(&other, home.path().join("opsdeck.2026-02-03.jsonl")).unwrap();
    let health = Arc::new(file::Health::default());
    assert!(file::DailyFile::open(home.path(), || THEN, TimeZone::UTC, 1000, health).is_err());
    assert_eq!(std::fs::read(&other).unwrap(), b"keep");
}

#[test]
fn a_new_day_is_a_new_file_and_fourteen_are_kept() {
    static NOW: AtomicI64 = AtomicI64::new(THEN.0);
    let home = tempfile::tempdir().unwrap();
    for other in ["opsdeck.notes", "opsdeck.2026-13-01.jsonl", "known_hosts"] {
        std::fs::write(home.path().join(other), "").unwrap();
    }
    let (mut log, _) = daily(home.path(), || EpochMs(NOW.load(Ordering::Relaxed)), 1000);
    for _ in 0..20 {
        log.write_all(b"{}\n").unwrap();
        NOW.fetch_add(DAY, Ordering::Relaxed);
    }
    let ours = |names: Vec<String>| {
        names.into_iter().filter(|n| n.starts_with("opsdeck.2026-0")).collect::<Vec<_>>()
    };
    let days = ours(names(home.path()));
    assert_eq!(days.len(), 14);
    assert_eq!(days.first().unwrap(), "opsdeck.2026-02-09.jsonl");
    assert_eq!(days.last().unwrap(), "opsdeck.2026-02-22.jsonl");
    assert_eq!(names(home.path()).len(), 17, "files that are not ours are left alone");
    // starting again on the same day removes none
    NOW.fetch_sub(DAY, Ordering::Relaxed);
    daily(home.path(), || EpochMs(NOW.load(Ordering::Relaxed)), 1000);
    assert_eq!(ours(names(home.path())), days);
}

#[test]
fn the_day_changes_at_the_workstations_midnight() {
    let shanghai = TimeZone::fixed(jiff::tz::offset(8));
    let at = |ms| file::path(Path::new("/l"), EpochMs(ms), &shanghai).display().to_string();
    // 2026-02-03 15:59:59 and 16:00:00 UTC
    assert_eq!(at(1_770_134_399_000), "/l/opsdeck.2026-02-03.jsonl");
    assert_eq!(at(1_770_134_400_000), "/l/opsdeck.2026-02-04.jsonl");
}

#[test]
fn a_full_day_is_counted_and_told_on_the_next() {
    static NOW: AtomicI64 = AtomicI64::new(THEN.0);
    let home = tempfile::tempdir().unwrap();
    let (mut log, health) = daily(home.path(), || EpochMs(NOW.load(Ordering::Relaxed)), 100);
    for _ in 0..30 {
        log.write_all(b"{\"n\":1}\n").unwrap();
    }
    assert_eq!((health.written(), health.lost()), (12, 18));
    NOW.fetch_add(DAY, Ordering::Relaxed);
    log.write_all(b"{\"n\":2}\n").unwrap();
    let next = std::fs::read_to_string(home.path().join("opsdeck.2026-02-04.jsonl")).unwrap();
    let lines: Vec<Value> = next.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines[0]["fields"]["lost"], 18);
    assert_eq!(lines[1]["n"], 2);
}

#[test]
fn a_folder_that_was_removed_comes_back_and_a_cut_line_does_not_spoil_the_next() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("log");
    let (mut log, health) = daily(&folder, || THEN, 1000);
    std::fs::remove_dir_all(&folder).unwrap();
    log.write_all(b"{\"n\":1}\n").unwrap();
    let file = folder.join("opsdeck.2026-02-03.jsonl");
    assert_eq!(std::fs::read(&file).unwrap(), b"{\"n\":1}\n");
    std::fs::write(&file, "{\"n\":1}\n{\"cut").unwrap();
    let (mut again, _) = daily(&folder, || THEN, 1000);
    again.write_all(b"{\"n\":2}\n").unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"{\"n\":1}\n{\"cut\n{\"n\":2}\n");
    assert_eq!(health.lost(), 0);
}

#[test]
fn a_panic_is_one_safe_line() {
    logging::hook_panics(Lang::En);
    let home = logged(|| {
        let _ = std::panic::catch_unwind(|| panic!("bad\nworse \u{1b}[31m{}", "\u{202e}"));
    });
    let events = events(&home);
    assert_eq!(events.len(), 1);
    assert_eq!(events[0]["level"], "ERROR");
    assert_eq!(events[0]["message"], "panic: bad·worse <U+202E>");
    assert!(events[0]["fields"]["place"].as_str().unwrap().starts_with("tests/log.rs:"));
}
