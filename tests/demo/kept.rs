//! A fresh folder each run, or one that is kept.
use super::asking::*;
use opsdeck::demo::DemoBox;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn make(scenario: &str, dir: Option<&Path>) -> Result<DemoBox, opsdeck::demo::DemoError> {
    DemoBox::create_with(program(), scenario, opsdeck::clock::now(), dir)
}

#[test]
fn a_fresh_box_is_private_and_goes_with_its_run() {
    let (one, two) = (a_box("healthy"), a_box("healthy"));
    assert_ne!(one.dir(), two.dir());
    let dir = one.dir().to_owned();
    assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);
    for secret in ["share-password", "prod/root/.smbcredentials"] {
        assert_eq!(
            std::fs::metadata(dir.join(secret)).unwrap().permissions().mode() & 0o777,
            0o600,
            "{secret}"
        );
    }
    drop(one);
    assert!(!dir.exists() && two.dir().exists());
}

#[test]
fn a_kept_box_is_found_again_as_it_was_left() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("box");
    let first = make("late", Some(&dir)).unwrap();
    let note = sandbox(&first, "test").root.join("etc/note");
    std::fs::write(&note, "mine").unwrap();
    let before = look(&first, "prod")["inside"].out.clone();
    drop(first);
    assert_eq!(std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777, 0o700);

    let again = make("late", Some(&dir)).unwrap();
    assert_eq!(std::fs::read_to_string(note).unwrap(), "mine");
    let after = look(&again, "prod")["inside"].out.clone();
    let jobs = |text: &str| {
        text.split_once("\"database\"").unwrap().1.split_once("\"mounts\"").unwrap().0.to_owned()
    };
    assert_eq!(jobs(&before), jobs(&after));
}

#[test]
fn a_folder_is_not_taken_for_another_scenario_nor_from_its_owner() {
    let parent = tempfile::tempdir().unwrap();
    let dir = parent.path().join("box");
    drop(make("late", Some(&dir)).unwrap());
    let refused = make("healthy", Some(&dir)).unwrap_err().0;
    for text in [&refused.zh, &refused.en] {
        assert!(text.contains("late") && text.contains("healthy") && text.contains("box"), "{text}");
    }

    let own = parent.path().join("own");
    std::fs::create_dir(&own).unwrap();
    std::fs::write(own.join("thesis.txt"), "years of work").unwrap();
    assert!(make("late", Some(&own)).is_err());
    let left: Vec<_> = std::fs::read_dir(&own).unwrap().collect();
    assert_eq!(left.len(), 1);

    let blank = parent.path().join("two words");
    assert!(make("late", Some(&blank)).is_err());
    assert!(!blank.exists());
    assert!(make("no-such-scenario", None).unwrap_err().0.en.contains("backup-running"));
}

#[test]
fn a_box_takes_no_room_however_big_its_packs_are() {
    use std::os::unix::fs::MetadataExt;
    fn room(path: &Path) -> (u64, u64) {
        let meta = std::fs::symlink_metadata(path).unwrap();
        let mut sum = (meta.len(), meta.blocks() * 512);
        if meta.is_dir() {
            for entry in std::fs::read_dir(path).unwrap() {
                let below = room(&entry.unwrap().path());
                sum = (sum.0 + below.0, sum.1 + below.1);
            }
        }
        sum
    }
    let (length, taken) = room(a_box("disk-full").dir());
    assert!(length > 50 << 30, "{length}");
    assert!(taken < 8 << 20, "{taken}");
}
