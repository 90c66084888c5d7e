//! Of those who come to the share at the same moment, one at a time has its turn; also after one was killed at its turn.
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

const SHARE: &str = include_str!("../../assets/remote/share.sh");
/// How many come at once.
const MANY: usize = 5;

/// A reader by the name of stat that knows whether it is alone.
const STAT: &str = "#!/bin/sh
mkdir '@DIR/busy' || : >'@DIR/overlap'
echo >>'@DIR/ran'
sleep 0.2
rmdir '@DIR/busy'
";

fn shells() -> Vec<Vec<&'static str>> {
    let known = [vec!["/bin/dash"], vec!["/bin/bash", "--posix"], vec!["/bin/busybox", "sh"]];
    let there: Vec<_> = known.into_iter().filter(|words| Path::new(words[0]).exists()).collect();
    if std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_some() {
        assert_eq!(there.len(), 3, "dash, bash and busybox are required here");
    }
    there
}

/// A script of its own that goes for its turn when the file `go` is there.
fn comes(dir: &Path, shell: &[&str], nth: usize) -> Child {
    let at = dir.display();
    let script = format!(
        "state={at} work={at}/work.{nth}\nmkdir \"$work\"\n{SHARE}\n\
         : >{at}/ready.{nth}\nuntil [ -e {at}/go ]; do sleep 0.01; done\npatient_reader 20 {at}/stat\n"
    );
    Command::new(shell[0]).args(&shell[1..]).args(["-c", &script]).stdin(Stdio::null()).spawn().unwrap()
}

/// Several come at once, and each has its turn, one at a time.
fn all_come(shell: &[&str], left_behind: Option<&str>) {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    std::fs::write(at("stat"), STAT.replace("@DIR", dir.path().to_str().unwrap())).unwrap();
    std::fs::set_permissions(at("stat"), PermissionsExt::from_mode(0o755)).unwrap();
    if let Some(note) = left_behind {
        std::fs::write(at("reader"), note).unwrap();
    }
    let all: Vec<Child> = (0..MANY).map(|nth| comes(dir.path(), shell, nth)).collect();
    while !(0..MANY).all(|nth| at(&format!("ready.{nth}")).exists()) {
        std::thread::yield_now();
    }
    std::fs::write(at("go"), "").unwrap();
    for mut one in all {
        assert_eq!(one.wait().unwrap().code(), Some(0), "{shell:?} {left_behind:?}");
    }
    assert!(!at("overlap").exists(), "{shell:?} {left_behind:?}: two read at the same time");
    assert_eq!(std::fs::read_to_string(at("ran")).unwrap().lines().count(), MANY);
    assert!(!at("reader").exists(), "{shell:?}: nobody reads any more");
}

#[test]
fn those_who_come_at_the_same_moment_read_one_after_the_other() {
    for shell in shells() {
        all_come(&shell, None);
    }
}

#[test]
fn one_who_was_killed_at_its_turn_does_not_keep_it() {
    let mut gone = Command::new("true").spawn().unwrap();
    gone.wait().unwrap();
    for shell in shells() {
        all_come(&shell, Some(&format!("{}\n", gone.id())));
        // an older console leaves an empty note
        all_come(&shell, Some(""));
    }
}
