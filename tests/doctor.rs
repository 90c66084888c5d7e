//! The real binary: what `opsdeck doctor` says about keys, programs and terminals.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod common;
use common::{GOOD, Home, Ran, mode};
use std::process::Command;

#[test]
fn doctor_points_at_a_key_that_ssh_would_refuse() {
    let home = Home::new();
    home.put("cwd/environments.toml", &format!("{GOOD}identity_file = \"~/.ssh/id_ed25519\"\n"));
    let state = |id: &str| {
        let ran = home.run("doctor --format json");
        let json: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
        let checks = json["checks"].as_array().unwrap();
        let check = checks.iter().find(|c| c["id"] == id).unwrap();
        let mend = check["mend"]["en"].as_str().unwrap_or_default().to_owned();
        (check["state"].as_str().unwrap().to_owned(), mend, ran.code)
    };
    let (word, mend, code) = state("keys");
    assert!(word == "failed" && mend.contains("ssh-keygen") && code == 2, "{word} {mend} {code}");
    let key = home.at(".ssh/id_ed25519");
    let make = |passphrase: &str| {
        let _ = std::fs::remove_file(&key);
        std::fs::create_dir_all(key.parent().unwrap()).unwrap();
        let arguments = ["-q", "-t", "ed25519", "-N", passphrase, "-f"];
        assert!(Command::new("ssh-keygen").args(arguments).arg(&key).status().unwrap().success());
    };
    make("");
    assert_eq!(state("keys").0, "ok");
    mode(&key, 0o644);
    let (word, mend, code) = state("keys");
    assert!(word == "failed" && mend.contains("chmod 600") && code == 2, "{word} {mend} {code}");
    mode(&key, 0o600);
    mode(&home.at(".ssh"), 0o777);
    let (word, mend, _) = state("ssh-files");
    assert!(word == "failed" && mend.contains("chmod go-w"), "{word} {mend}");
    mode(&home.at(".ssh"), 0o700);
    make("a passphrase");
    let (word, mend, _) = state("keys");
    assert!(word == "warning" && mend.contains("ssh-add"), "{word} {mend}");
    std::fs::write(&key, "no key\n").unwrap();
    assert_eq!(state("keys").0, "failed");
}

#[test]
fn doctor_is_never_good_about_what_it_cannot_see() {
    let home = Home::new();
    home.put("cwd/environments.toml", GOOD);
    let ran = home.run("doctor");
    assert!(ran.code == 2 || ran.code == 3, "{}", ran.code);
    assert!(ran.out.contains("不是终端") && ran.out.contains("办法："), "{}", ran.out);
    let ran = Ran::of(home.command("doctor --lang en").env("PATH", "/nowhere").output().unwrap());
    assert!(ran.code == 2 && ran.out.contains("there is no ssh"), "{}", ran.out);
    let mut command = home.command("doctor --lang en");
    let ran = Ran::of(command.env("SSH_AUTH_SOCK", home.at("nobody")).output().unwrap());
    assert!(ran.out.contains("does not answer"), "{}", ran.out);
}
