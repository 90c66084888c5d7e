//! The whole command on the built-in servers.
use super::common::{Home, PLANTED, Ran};
use std::path::PathBuf;

/// A command that writes down what it was told, and what it can see of its surroundings.
const WRITES: &str = "cat >> \"$HOME/text\"; env >> \"$HOME/env\"; echo \"$OPSDECK_ENV $OPSDECK_BEFORE $OPSDECK_STATE $OPSDECK_EXIT\" >> \"$HOME/told\"";

/// A check of the built-in servers in this scenario; behind `--on-change`, these words.
fn check(home: &Home, scenario: &str, words: &[&str]) -> Ran {
    let mut command = home.command(&format!("--demo={scenario} check --env prod --lang en --on-change"));
    command
        .args(words)
        .env("OPSDECK_SHARE_PASSWORD", PLANTED)
        .env("HTTPS_PROXY", format!("http://u:{PLANTED}@h"));
    Ran::of(command.output().unwrap())
}

fn told(home: &Home) -> String {
    std::fs::read_to_string(home.at("told")).unwrap_or_default()
}

/// The files that remember.
fn kept(home: &Home) -> Vec<PathBuf> {
    let all = std::fs::read_dir(home.at(".local/state/opsdeck/on-change")).unwrap();
    all.map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "json")).collect()
}

#[test]
fn a_change_is_told_once_with_its_facts_and_without_any_secret() {
    let home = Home::new();
    let plain = home.run("--demo=healthy check --env prod --lang en");
    // the first time, and in order: nothing to tell
    let first = check(&home, "healthy", &["sh", "-c", WRITES]);
    assert_eq!((first.code, told(&home).as_str(), first.err.as_str()), (0, "", ""));
    let lines = |ran: &Ran| ran.out.lines().count();
    assert_eq!(lines(&first), lines(&plain), "its output is the check's alone");
    let failed = check(&home, "not-mounted", &["sh", "-c", WRITES]);
    assert_eq!((failed.code, told(&home).as_str(), failed.err.as_str()), (2, "prod ok failed 2\n", ""));
    let text = std::fs::read_to_string(home.at("text")).unwrap();
    assert!(text.contains("[x] FAILED") && text.contains("demo-prod") && !text.contains('\u{1b}'), "{text}");
    assert!(failed.out.contains(text.lines().nth(1).unwrap()), "the same check: {text}");
    let env = std::fs::read_to_string(home.at("env")).unwrap();
    assert!(!env.contains(PLANTED) && env.contains("OPSDECK_HEADLINE=") && env.contains("HOME="), "{env}");
    // nothing new
    assert_eq!(check(&home, "not-mounted", &["sh", "-c", WRITES]).code, 2);
    assert_eq!(told(&home), "prod ok failed 2\n");
    // and back
    assert_eq!(check(&home, "healthy", &["sh", "-c", WRITES]).code, 0);
    assert_eq!(told(&home), "prod ok failed 2\nprod failed ok 0\n");
    let kept = kept(&home);
    assert_eq!((kept.len(), super::common::mode_of(&kept[0])), (1, 0o600));
}

#[test]
fn a_command_that_fails_is_said_and_told_again_and_changes_nothing_else() {
    let home = Home::new();
    let ran = check(&home, "not-mounted", &["sh", "-c", "echo no way out >&2; exit 9"]);
    assert!(ran.code == 2 && ran.out.contains("FAILED"), "{}", ran.out);
    assert!(ran.err.contains("exited with 9") && ran.err.contains("no way out"), "{}", ran.err);
    let ran = check(&home, "not-mounted", &["/nonexistent/program", "--env", "x"]);
    assert!(
        ran.code == 2 && ran.err.contains("/nonexistent/program") && ran.out.contains("FAILED"),
        "{}",
        ran.err
    );
    // the first time and not in order is a change, and still is
    let ran = check(&home, "not-mounted", &["sh", "-c", WRITES]);
    assert_eq!((ran.code, told(&home).as_str(), ran.err.as_str()), (2, "prod none failed 2\n", ""));
}

#[test]
fn all_words_behind_it_are_the_commands_own_and_no_shell_reads_them() {
    let home = Home::new();
    let words = [
        "sh",
        "-c",
        "printf '%s|' \"$@\" > \"$HOME/words\"",
        "sh",
        "--env",
        "$(touch x); `id`",
        "--lang",
        "zh",
        "--",
    ];
    let ran = check(&home, "not-mounted", &words);
    assert_eq!((ran.code, ran.err.as_str()), (2, ""));
    assert_eq!(std::fs::read_to_string(home.at("words")).unwrap(), "--env|$(touch x); `id`|--lang|zh|--|");
    assert!(ran.out.contains("FAILED"), "--lang of the command is not ours: {}", ran.out);
    let ran = home.run("--demo=healthy check --on-change");
    assert!(ran.code == 4 && ran.err.contains("--on-change"), "{}", ran.err);
}
