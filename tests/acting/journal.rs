//! The journal, by processes that are killed, that write at once, and that find the disk full.
use crate::common::{Home, Ran};
use opsdeck::journal::{Entry, Journal, What};
use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Tells a copy of this program that it is one, and what it is to do.
const PART: &str = "OPSDECK_JOURNAL_PART";
/// Where.
const STATE: &str = "OPSDECK_JOURNAL_STATE";
const MANY: usize = 1000;

pub(crate) fn intent(run: &str) -> Entry {
    Entry {
        at_ms: opsdeck::clock::now().0,
        run: run.into(),
        env: "test".into(),
        host: "192.0.2.58".into(),
        server: "app-58".into(),
        operator: "wang@desk".into(),
        action: "restart-frontend".into(),
        what: What::Intent {
            script: "x".repeat(64),
            kept: vec![r#"{"table":"backup_locks","name":"backup","owner":"长"}"#.repeat(3)],
        },
    }
}

/// What a copy of this program does; nothing in a run of the tests.
#[test]
fn a_part_that_is_played_by_another_process() {
    let (Ok(part), Some(state)) = (std::env::var(PART), std::env::var_os(STATE)) else { return };
    let journal = Journal::below(Path::new(&state));
    match part.as_str() {
        "intent" => {
            journal.add(&intent("1769900000-kill")).unwrap();
            println!("WRITTEN");
            // until it is killed
            let _ = std::io::stdin().read(&mut [0]);
        }
        "full" => {
            let error = (0..).find_map(|n| journal.add(&intent(&format!("{n}-full"))).err()).unwrap();
            println!("FULL {}", error.text().en);
        }
        many => {
            for n in 0..MANY {
                journal.add(&intent(&format!("{n}-{many}"))).unwrap();
            }
        }
    }
}

fn player(part: &str, state: &Path) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "journal::a_part_that_is_played_by_another_process", "--nocapture"]);
    command.env(PART, part).env(STATE, state).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Reads until a line holds this.
fn says(child: &mut Child, word: &str) {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|l| l.contains(word)), "it never said {word}");
}

#[test]
fn an_action_whose_console_was_killed_is_told_by_the_next_one() {
    let home = Home::new();
    let state = home.at(".local/state/opsdeck");
    let mut child = player("intent", &state).spawn().unwrap();
    says(&mut child, "WRITTEN");
    kill_process(Pid::from_child(&child), Signal::KILL).unwrap();
    child.wait().unwrap();
    let journal = Journal::below(&state);
    assert_eq!(journal.unfinished().unwrap().len(), 1);
    for (lang, said) in [("zh", "没看到结尾"), ("en", "end not seen")] {
        let ran = home.run(&format!("journal --lang {lang}"));
        let attach = "opsdeck attach --env test 1769900000-kill";
        assert!(
            ran.code == 0 && ran.out.contains(said) && ran.out.contains(attach),
            "{}{}",
            ran.out,
            ran.err
        );
        let ran = home.run(&format!("journal --md --lang {lang}"));
        assert!(ran.code == 0 && ran.out.contains(&format!("`{attach}`")), "{}", ran.out);
    }
}

#[test]
fn two_consoles_that_write_at_once_tear_no_line() {
    let home = Home::new();
    let state = home.at("state");
    let begin = |part: &str| player(part, &state).stdout(Stdio::null()).spawn().unwrap();
    for mut player in [begin("a"), begin("b")] {
        assert!(player.wait().unwrap().success());
    }
    let kept = Journal::below(&state).kept().unwrap();
    assert_eq!((kept.entries.len(), kept.torn.len()), (2 * MANY, 0));
    for part in ["a", "b"] {
        let own = kept.entries.iter().filter(|e| e.run.ends_with(part));
        let expected = (0..MANY).map(|n| format!("{n}-{part}"));
        assert!(own.map(|e| e.run.clone()).eq(expected), "the lines of one are not in their order");
    }
}

#[test]
fn a_full_disk_refuses_and_leaves_no_half_line() {
    let home = Home::new();
    let state = home.at(".local/state/opsdeck");
    let full = player("full", &state);
    // a file may have so many bytes; the signal that would end the process is ignored
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 8; exec \"$0\" \"$@\""]);
    limited.arg(full.get_program()).args(full.get_args()).env(PART, "full").env(STATE, &state);
    let out = limited.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(said.contains("FULL the disk does not let it"), "{said}");
    let text = std::fs::read(state.join("journal.jsonl")).unwrap();
    assert!(text.ends_with(b"\n") && text.len() > 500, "half a line stays");
    assert_eq!(Journal::below(&state).kept().unwrap().torn, []);
    // looking at it still works where nothing can be written
    let look = home.command("journal --lang en");
    let mut limited = Command::new("sh");
    limited
        .args(["-c", "trap '' XFSZ; ulimit -f 0; exec \"$0\" \"$@\""])
        .arg(look.get_program())
        .args(look.get_args());
    limited.env_clear().envs(look.get_envs().filter_map(|(k, v)| Some((k, v?)))).current_dir(home.at("cwd"));
    let ran = Ran::of(limited.output().unwrap());
    assert!(ran.code == 0 && ran.out.contains("0-full"), "{} {}", ran.out, ran.err);
}

#[test]
fn a_journal_that_is_not_ours_stops_what_acts_and_says_so() {
    let home = Home::new();
    let elsewhere = home.put("elsewhere", "");
    std::fs::create_dir_all(home.at(".local/state/opsdeck")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, home.at(".local/state/opsdeck/journal.jsonl")).unwrap();
    let ran = home.run("journal");
    assert!(ran.code == 4 && ran.err.contains("不是自己的普通文件"), "{}", ran.err);
}
