use super::*;
use std::fs::read_to_string;
use std::os::unix::fs::PermissionsExt;

const NOW: EpochMs = EpochMs(1_795_125_600_000);

fn keep_at(state: &Path, folder: Folder, name: &str, text: &str, now: EpochMs) -> Result<PathBuf, NotKept> {
    keep(Some(state), folder, name, text, now, &TimeZone::UTC)
}

#[test]
fn tmux_is_told_both_ways_and_a_long_text_is_for_the_file_alone() {
    assert_eq!(sequence("备份", Way::Plain).unwrap(), "\u{1b}]52;c;5aSH5Lu9\u{1b}\\");
    let tmux = sequence("a", Way::Tmux).unwrap();
    let (plain, wrapped) = tmux.split_once("\u{1b}Ptmux;").unwrap();
    assert_eq!(plain, sequence("a", Way::Plain).unwrap());
    assert_eq!(wrapped, "\u{1b}\u{1b}]52;c;YQ==\u{1b}\u{1b}\\\u{1b}\\");
    let longest = sequence(&"x".repeat(LONGEST), Way::Plain).unwrap();
    assert!(longest.len() <= 74_994 + 9, "{}", longest.len());
    assert_eq!(sequence(&"x".repeat(LONGEST + 1), Way::Plain), None);
    for (tmux, term, way) in [
        (Some("/tmp/tmux-0/default,1,0"), Some("xterm"), Way::Tmux),
        (None, Some("screen-256color"), Way::Tmux),
        (None, Some("tmux-256color"), Way::Tmux),
        (Some(""), Some("xterm"), Way::Plain),
        (None, None, Way::Plain),
    ] {
        assert_eq!(Way::from_variables(tmux, term), way, "{tmux:?} {term:?}");
    }
}

#[test]
fn a_file_is_the_owner_s_has_a_name_of_its_own_and_is_no_path() {
    let state = tempfile::tempdir().unwrap();
    let first = keep_at(state.path(), Folder::Saved, "prod-overview", "一\n二", NOW).unwrap();
    let second = keep_at(state.path(), Folder::Saved, "prod-overview", "三\n", NOW).unwrap();
    let saved = state.path().join("saved");
    assert_eq!(first, saved.join("20261119-220000_prod-overview.txt"));
    assert_eq!(second, saved.join("20261119-220000_prod-overview-2.txt"));
    assert_eq!(
        (read_to_string(&first).unwrap(), read_to_string(&second).unwrap()),
        ("一\n二\n".into(), "三\n".into())
    );
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&saved), mode(&first)), (0o700, 0o600));
    let out = keep_at(state.path(), Folder::Saved, &format!("../../x/{}", "y".repeat(500)), "", NOW).unwrap();
    assert_eq!(out.parent(), Some(saved.as_path()));
    assert!(!out.to_str().unwrap().contains(".."));
    assert_eq!(std::fs::read_dir(&saved).unwrap().count(), 3, "something is left beside them");
}

#[test]
fn what_a_terminal_would_obey_does_not_get_into_a_file() {
    let state = tempfile::tempdir().unwrap();
    let file = keep_at(state.path(), Folder::Copied, "x", "a\u{1b}[2J\u{9b}1m\tb\r\nc", NOW).unwrap();
    assert_eq!(read_to_string(file).unwrap(), "a·[2J·1m·b·\nc\n");
}

#[test]
fn old_copies_make_room_and_what_was_saved_stays() {
    let state = tempfile::tempdir().unwrap();
    let count = COPIES + 3;
    for n in 0..count {
        let now = NOW.plus_ms(i64::try_from(n).unwrap() * 1000);
        keep_at(state.path(), Folder::Copied, "x", "x", now).unwrap();
        keep_at(state.path(), Folder::Saved, "x", "x", now).unwrap();
    }
    let there = |name: &str| std::fs::read_dir(state.path().join(name)).unwrap().count();
    assert_eq!((there("copied"), there("saved")), (COPIES, count));
    let oldest = state.path().join("copied/20261119-220003_x.txt");
    assert!(oldest.exists() && !state.path().join("copied/20261119-220002_x.txt").exists());
}

#[test]
fn whatever_becomes_of_it_the_operator_is_told() {
    let state = tempfile::tempdir().unwrap();
    std::fs::write(state.path().join("copied"), "a file in its place").unwrap();
    let refused = keep_at(state.path(), Folder::Copied, "x", "x", NOW);
    let none = keep(None, Folder::Saved, "x", "x", NOW, &TimeZone::UTC);
    let good = Ok(PathBuf::from("/s/x.txt"));
    assert!(copied(true, &good).zh.starts_with("已复制") && copied(true, &good).en.contains("/s/x.txt"));
    assert!(copied(false, &good).zh.contains("放不下"));
    assert!(
        copied(true, &refused).zh.contains("没有存成文件")
            && copied(false, &refused).zh.starts_with("没有复制")
    );
    assert!(saved(&none).zh.contains("HOME") && saved(&good).en == "saved to /s/x.txt");
}
