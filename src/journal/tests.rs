use super::*;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

pub(crate) fn intent(run: &str) -> Entry {
    Entry {
        at_ms: 1_769_900_000_000,
        run: run.into(),
        env: "test".into(),
        host: "192.0.2.58".into(),
        server: "app-58".into(),
        operator: "wang@desk".into(),
        action: "restart-frontend".into(),
        what: What::Intent { script: "ab12".into(), kept: Vec::new() },
    }
}

pub(crate) fn outcome(run: &str, came: &str) -> Entry {
    let what = What::Outcome { came: came.into(), zh: "已完成".into(), en: "done".into() };
    Entry { at_ms: 1_769_900_060_000, what, ..intent(run) }
}

fn runs(entries: &[Entry]) -> Vec<&str> {
    entries.iter().map(|e| e.run.as_str()).collect()
}

fn state() -> (tempfile::TempDir, Journal) {
    let home = tempfile::tempdir().unwrap();
    let journal = Journal::below(&home.path().join("opsdeck"));
    (home, journal)
}

#[test]
fn what_was_written_is_read_and_only_its_owner_may() {
    let (_home, journal) = state();
    assert_eq!(journal.kept().unwrap(), Kept::default());
    let all =
        [intent("1-a"), outcome("1-a", "done"), intent("2-b"), outcome("2-b", "unknown"), intent("3-c")];
    for entry in &all {
        journal.add(entry).unwrap();
    }
    assert_eq!(journal.read().unwrap(), all);
    assert_eq!(runs(&journal.unfinished().unwrap()), ["2-b", "3-c"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&journal.path()), mode(&journal.folder)), (0o600, 0o700));
    // wider modes are taken back
    fs::set_permissions(journal.path(), fs::Permissions::from_mode(0o644)).unwrap();
    // what can never be seen any more is not asked for again
    journal.add(&intent("4-d")).unwrap();
    journal.add(&outcome("4-d", "unknown")).unwrap();
    assert_eq!(runs(&journal.unfinished().unwrap()), ["2-b", "3-c", "4-d"]);
    journal.add(&outcome("4-d", "lost")).unwrap();
    journal.add(&outcome("3-c", "failed")).unwrap();
    assert_eq!(mode(&journal.path()), 0o600);
    assert_eq!(runs(&journal.unfinished().unwrap()), ["2-b"]);
}

#[test]
fn a_line_that_was_cut_is_said_and_nothing_after_it_is_lost() {
    let (_home, journal) = state();
    journal.add(&intent("1-a")).unwrap();
    let whole = fs::read(journal.path()).unwrap();
    for cut in [1, 20, whole.len() - 1] {
        let torn = [&whole[..], &whole[..cut]].concat();
        fs::write(journal.path(), &torn).unwrap();
        assert_eq!(journal.kept().unwrap().torn.len(), usize::from(cut != whole.len() - 1));
        journal.add(&outcome("1-a", "done")).unwrap();
        let kept = journal.kept().unwrap();
        assert_eq!(kept.entries.last(), Some(&outcome("1-a", "done")), "{cut}");
        assert!(fs::read(journal.path()).unwrap().starts_with(&torn), "{cut}: a byte was lost");
        if cut == 20 {
            let expected = Torn { file: journal.path(), line: 2, begins: SafeText::from_bytes(&whole[..20]) };
            assert_eq!(kept.torn, [expected]);
        }
    }
    fs::write(journal.path(), b"\xff\x1b[31m\0\n{}\n[]\nnull\n").unwrap();
    let kept = journal.kept().unwrap();
    assert_eq!((kept.entries.len(), kept.torn.len()), (0, 4));
}

#[test]
fn what_is_not_our_own_plain_file_is_refused() {
    let (home, journal) = state();
    fs::create_dir(&journal.folder).unwrap();
    let elsewhere = home.path().join("elsewhere");
    fs::write(&elsewhere, "").unwrap();
    symlink(&elsewhere, journal.path()).unwrap();
    let refused = |journal: &Journal| {
        let (add, read) = (journal.add(&intent("1-a")), journal.kept());
        assert!(matches!(add, Err(JournalError::NotOurs { .. })), "{add:?}");
        assert!(matches!(read, Err(JournalError::NotOurs { .. })), "{read:?}");
    };
    refused(&journal);
    assert_eq!(fs::read(&elsewhere).unwrap(), b"", "the link was followed");
    fs::remove_file(journal.path()).unwrap();
    fs::create_dir(journal.path()).unwrap();
    assert!(journal.add(&intent("1-a")).is_err());
    fs::remove_dir(journal.path()).unwrap();
    rustix::fs::mkfifoat(rustix::fs::CWD, journal.path(), rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR)
        .unwrap();
    refused(&journal);
    fs::remove_file(journal.path()).unwrap();
    if rustix::process::geteuid().is_root() {
        fs::write(journal.path(), "").unwrap();
        let (user, group) = (rustix::process::Uid::from_raw(65534), rustix::process::Gid::from_raw(65534));
        rustix::fs::chown(journal.path(), Some(user), Some(group)).unwrap();
        refused(&journal);
    }
}

#[test]
fn a_large_journal_begins_anew_and_keeps_what_is_unfinished() {
    let (_home, journal) = state();
    journal.add(&intent("open")).unwrap();
    journal.add(&outcome("left", "unknown")).unwrap();
    let kept_rows = What::Intent { script: "x".repeat(60_000), kept: vec!["{}".into()] };
    let mut count = 0;
    let folder = journal.folder.clone();
    let size = || fs::metadata(journal.path()).unwrap().len();
    // twice around
    for round in 0..2 {
        let before = count;
        loop {
            let run = format!("{count}-r");
            journal.add(&Entry { what: kept_rows.clone(), ..intent(&run) }).unwrap();
            journal.add(&outcome(&run, "done")).unwrap();
            count += 1;
            if size() < file::LIMIT / 2 && count > before + 3 && folder.join("journal.old.jsonl").exists() {
                break;
            }
            assert!(count < before + 60, "it only grows: {}", size());
        }
        let kept = journal.kept().unwrap();
        assert!(kept.torn.is_empty());
        assert_eq!(runs(&kept.unfinished().cloned().collect::<Vec<_>>()), ["open"], "round {round}");
        let newest = format!("{}-r", count - 1);
        assert_eq!(kept.entries.iter().filter(|e| e.run == newest).count(), 2);
        assert_eq!(kept.entries.iter().filter(|e| e.run == "open").count(), 1, "it is told twice");
    }
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn a_line_is_one_line_whatever_it_was_made_of() {
    let (_home, journal) = state();
    let what = What::Outcome {
        came: "failed".into(),
        zh: format!("坏\n\x1b[31m{}", "长".repeat(5000)),
        en: "a\rb".into(),
    };
    journal.add(&Entry { what, operator: "a\u{202e}b".into(), ..intent("1-a") }).unwrap();
    let bytes = fs::read(journal.path()).unwrap();
    assert!(bytes.len() < 8000 && bytes.iter().filter(|b| **b == b'\n').count() == 1);
    let entry = journal.read().unwrap().remove(0);
    assert_eq!(entry.operator, "a<U+202E>b");
    let What::Outcome { zh, en, .. } = entry.what else { panic!() };
    assert!(zh.starts_with("坏·长") && zh.ends_with('…') && en == "a·b", "{zh} {en}");
}

#[test]
fn an_entry_knows_its_action() {
    assert_eq!(intent("1").action().unwrap().id(), "restart-frontend");
    let row = LockRow { name: SafeText::new("backup"), owner: SafeText::new("x"), acquired: None };
    let what = What::Intent { script: String::new(), kept: vec![row.kept()] };
    let back = Entry { action: "put-lock-back".into(), what, ..intent("1") };
    assert_eq!(back.action(), Some(Action::PutLockBack(row)));
    assert_eq!(Entry { action: "later".into(), ..intent("1") }.action(), None);
}
