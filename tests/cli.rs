//! The real binary: exit codes, languages, output that cannot be written, the log that it leaves behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod common;
use common::{GOOD, Home, Ran, mode_of};
use std::path::{Path, PathBuf};
use std::process::Stdio;

#[test]
fn help_and_version_are_no_errors_and_wrong_words_are_four() {
    let home = Home::new();
    for line in [
        "--help",
        "-h",
        "check --help",
        "diagnose --help",
        "doctor -h",
        "config show --help",
        "trust --help",
        "log path -h",
        "--version",
    ] {
        let ran = home.run(line);
        assert!(ran.code == 0 && ran.err.is_empty() && !ran.out.is_empty(), "{line}: {}", ran.err);
    }
    for line in ["chekc", "--lang fr", "config", "log", "trust", "check --format xml", "--config"] {
        let ran = home.run(line);
        assert!(
            ran.code == 4 && ran.out.is_empty() && !ran.err.is_empty(),
            "{line}: {} {}",
            ran.code,
            ran.out
        );
    }
    assert_eq!(std::fs::read_dir(home.0.path()).unwrap().count(), 1, "help wrote something");
}

#[test]
fn every_command_speaks_the_language_asked_for() {
    let home = Home::new();
    for line in [
        "--help",
        "check --help",
        "diagnose --help",
        "doctor --help",
        "config --help",
        "config check --help",
        "trust --help",
        "log --help",
    ] {
        assert!(home.run(&format!("{line} --lang zh")).out.contains("用法"), "{line}");
        assert!(home.run(&format!("--lang en {line}")).out.contains("Usage: "), "{line}");
    }
    for line in ["config check", "config show", "config path", "doctor"] {
        let zh = home.run(&format!("{line} --lang zh"));
        let en = home.run(&format!("{line} --lang en"));
        let chinese =
            |ran: &Ran| format!("{}{}", ran.out, ran.err).contains(|c| matches!(c, '\u{4e00}'..='\u{9fff}'));
        assert!(chinese(&zh) && !chinese(&en), "{line}: {}{}", en.out, en.err);
    }
}

#[test]
fn the_locale_decides_when_nobody_asks() {
    let home = Home::new();
    let said = |variables: &[(&str, &str)]| {
        let mut command = home.command("config check");
        command.env_remove("LANG").envs(variables.iter().copied());
        Ran::of(command.output().unwrap()).err
    };
    assert!(said(&[]).contains("找不到"));
    assert!(said(&[("LANG", "en_US.UTF-8")]).contains("there is no"));
    assert!(said(&[("LANG", "zh_CN.UTF-8"), ("LC_MESSAGES", "en_US.UTF-8")]).contains("there is no"));
    assert!(said(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "zh_CN.UTF-8")]).contains("找不到"));
    assert!(said(&[("LANG", "en_US.UTF-8"), ("LC_ALL", "")]).contains("there is no"));
}

#[test]
fn a_reader_that_goes_away_is_no_trouble_and_a_full_disk_is() {
    let home = Home::new();
    home.put("cwd/environments.toml", GOOD);
    let mut child =
        home.command("config show").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let ran = Ran::of(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let ran = Ran::of(home.command("config show").stdout(full).stderr(Stdio::piped()).output().unwrap());
    assert!(ran.code == 4 && ran.err.contains("没有完成"), "{}", ran.err);
}

#[test]
fn the_log_is_for_the_owner_only_whatever_the_umask() {
    let home = Home::new();
    let ran = home.run("log path");
    let file = PathBuf::from(ran.out.trim_end());
    assert!(ran.code == 0 && file.starts_with(home.at(".local/state/opsdeck/log")), "{}", ran.out);
    assert_eq!((mode_of(&file), mode_of(file.parent().unwrap())), (0o600, 0o700));
    let text = std::fs::read_to_string(&file).unwrap();
    let events: Vec<serde_json::Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(events.last().unwrap()["message"], "ended", "the tail is lost");
    let elsewhere = home.at("state");
    let ran = Ran::of(home.command("log path").env("XDG_STATE_HOME", &elsewhere).output().unwrap());
    assert!(Path::new(ran.out.trim_end()).starts_with(&elsewhere));
}

#[test]
fn without_a_log_it_says_so_once_and_goes_on() {
    let home = Home::new();
    home.put("cwd/environments.toml", GOOD);
    let ran = Ran::of(home.command("config check").env("XDG_STATE_HOME", "/proc/no").output().unwrap());
    assert_eq!(ran.code, 0);
    assert!(ran.err.lines().count() == 1 && ran.err.starts_with("没有诊断日志"), "{}", ran.err);
    let ran = Ran::of(home.command("config check").env("OPSDECK_LOG", "loud").output().unwrap());
    assert!(ran.code == 0 && ran.err.lines().count() == 1 && ran.err.contains("OPSDECK_LOG"), "{}", ran.err);
}
