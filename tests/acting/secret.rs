//! A planted password is found where it belongs and nowhere else: not in what is said, kept, logged, or named as an argument.
use crate::common::{Home, PLANTED, mode};
use crate::planted::{holding, while_watching};
use std::process::Stdio;

#[test]
fn one_that_is_an_argument_or_in_an_environment_is_seen() {
    // not the one that the other test looks for at the same time
    let planted = "planted for this test alone";
    for (name, text) in [("OPSDECK_TEST", planted), ("PLAIN", "nothing")] {
        let (_, seen, looks) = while_watching(planted, || {
            let mut held = std::process::Command::new("sleep").arg("1").env(name, text).spawn().unwrap();
            held.wait().unwrap()
        });
        assert!(looks > 1 && seen.is_empty() == (name == "PLAIN"), "{name}: {seen:?}, {looks} looks");
    }
}

#[test]
fn a_planted_password_is_nowhere_but_in_the_credentials_file() {
    let home = Home::new();
    let server = home.at("box");
    let demo = format!("--demo=not-mounted --demo-dir {}", server.display());
    // the first use makes the box
    assert!(home.run(&format!("{demo} check --env prod")).code < 4);
    let source = server.join("share-password");
    std::fs::write(&source, format!("{PLANTED}\n")).unwrap();
    mode(&source, 0o600);
    let (ran, seen, _) = while_watching(PLANTED, || {
        let line = format!("{demo} mount --new-password --env prod --yes --confirm prod");
        home.command(&line).env("OPSDECK_LOG", "trace").stdin(Stdio::null()).output().unwrap()
    });
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(!said.contains(PLANTED), "{said}");
    assert_eq!(seen, Vec::<String>::new());
    let credentials = server.join("prod/root/.smbcredentials");
    assert_eq!(holding(home.0.path(), PLANTED), [credentials, source], "{said}");
    assert_eq!(ran.status.code(), Some(0), "{said}");
}

#[test]
fn without_a_terminal_a_password_that_is_typed_is_refused_and_said() {
    let home = Home::new();
    // the address is this machine's own, and nothing listens there: only a plan asks for a password
    home.put(
        "cwd/environments.toml",
        &crate::common::GOOD.replace("role = \"prod\"", "role = \"prod\"\nport = 1"),
    );
    let ran = home.run("mount --new-password --yes --confirm prod --lang en");
    assert!(ran.code == 1 && ran.out.contains("REFUSED"), "{}{}", ran.out, ran.err);
    let refused = opsdeck::config::model::SecretSource::Prompt;
    let what = opsdeck::text!("共享密码", "the share's password");
    // where there is a terminal, nobody is asked here
    if std::fs::File::open("/dev/tty").is_err() {
        let error = refused.fetch(&what, opsdeck::i18n::Lang::En).unwrap_err();
        assert!(error.message.en.contains("no terminal"), "{}", error.message.en);
    }
}
