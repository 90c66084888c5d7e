//! The command: what it shows, when it writes, how it ends.
use super::{common, pty, unpacked};
use common::{Home, mode_of};
use pty::Pty;
use std::path::Path;

#[test]
fn a_bundle_of_a_built_in_server_is_written_whole_and_for_its_owner() {
    let home = Home::new();
    let ran = home.run("--demo=healthy bundle --env prod --yes --output b.tar.gz");
    assert_eq!(ran.code, 0, "{}{}", ran.out, ran.err);
    let path = home.at("cwd/b.tar.gz");
    assert_eq!(mode_of(&path), 0o600);
    let files = unpacked(&std::fs::read(&path).unwrap());
    for name in
        ["manifest.json", "check.json", "check.zh.txt", "diagnosis.zh.txt", "versions.json", "config.toml"]
    {
        assert!(!files[name].is_empty() && ran.out.contains(name), "{name}");
    }
    assert!(files["logs/backend.log"].contains("GET /health"));
    assert!(files["versions.json"].contains("20.10.7"));
    // nothing was planted: what the console itself says of a server is not taken for a secret
    let manifest: serde_json::Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    let rules: Vec<&String> = manifest["redacted"].as_object().unwrap().keys().collect();
    assert_eq!(rules, ["address"], "{}", manifest["redacted"]);
    assert_eq!(std::fs::read_dir(home.at("cwd")).unwrap().count(), 1, "something was left");
    // never over one that is there
    let before = std::fs::read(&path).unwrap();
    let again = home.run("--demo=healthy bundle --env prod --yes --output b.tar.gz");
    assert!(again.code == 4 && again.err.contains("不会覆盖"), "{}", again.err);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn what_is_missing_is_said_and_is_the_exit_code() {
    let home = Home::new();
    let ran = home.run("--demo=docker-down bundle --env prod --yes --output b.tar.gz --lang en");
    assert_eq!(ran.code, 3, "{}{}", ran.out, ran.err);
    assert!(ran.out.contains("missing, or not whole") && ran.out.contains("logs/backend.log"), "{}", ran.out);
    let files = unpacked(&std::fs::read(home.at("cwd/b.tar.gz")).unwrap());
    assert!(!files.contains_key("logs/backend.log") && files.contains_key("logs/system.log"));
    let manifest: serde_json::Value = serde_json::from_str(&files["manifest.json"]).unwrap();
    let why =
        manifest["missing"].as_array().unwrap().iter().find(|m| m["name"] == "logs/backend.log").unwrap();
    assert!(why["why"]["zh"].as_str().unwrap().contains("Docker"), "{why}");
}

#[test]
fn nothing_is_written_without_a_yes() {
    let home = Home::new();
    let listed = home.run("--demo=healthy bundle --env test --dry-run");
    assert!(
        listed.code == 0 && listed.out.contains("check.json") && listed.out.contains("什么也没写"),
        "{}",
        listed.out
    );
    let refused = home.run("--demo=healthy bundle --env test");
    assert!(refused.code == 4 && refused.out.is_empty() && refused.err.contains("--yes"), "{}", refused.err);
    let unknown = home.run("--demo=healthy bundle --env tset --yes");
    assert!(unknown.code == 4 && unknown.err.contains("tset"), "{}", unknown.err);
    let nowhere = home.run("--demo=healthy bundle --env test --yes --output no/b.tar.gz");
    assert!(nowhere.code == 4 && nowhere.err.contains("写不了"), "{}", nowhere.err);
    assert_eq!(std::fs::read_dir(home.at("cwd")).unwrap().count(), 0);
}

#[test]
fn on_a_terminal_it_asks() {
    let opsdeck = Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    for (answer, written) in [("yes\r", true), ("y\r", false)] {
        let mut terminal =
            Pty::start(opsdeck, &["--demo=healthy", "bundle", "--env", "test", "--output", "b.tar.gz"], &[]);
        terminal.sees("输入 yes 或 是");
        let path = terminal.home.path().join("b.tar.gz");
        assert!(!path.exists());
        // everything that would go into it is shown before a yes is asked for, and nothing after
        let shown = String::from_utf8_lossy(&terminal.raw).into_owned();
        let (before, after) = shown.split_once("输入 yes 或 是").unwrap();
        for name in [
            "check.json",
            "check.zh.txt",
            "diagnosis.json",
            "diagnosis.en.txt",
            "logs/backend.log",
            "logs/system.log",
            "versions.json",
            "config.toml",
        ] {
            assert!(before.contains(name) && !after.contains(name), "{name}: {shown}");
        }
        terminal.press(answer);
        let status = terminal.end();
        assert_eq!((status.exit_code(), path.exists()), (if written { 0 } else { 4 }, written));
        if written {
            // and it is that list, file by file
            for name in unpacked(&std::fs::read(&path).unwrap()).keys() {
                assert!(before.contains(name.as_str()), "{name} was not shown: {before}");
            }
        }
    }
}
