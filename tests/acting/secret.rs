//! A planted password is found where it belongs and nowhere else: not in what is said, kept, logged, or named as an argument.
use crate::common::{Home, PLANTED, mode};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

/// Packs of the built-in servers are holes of many gigabytes.
const LARGE: u64 = 4 * 1024 * 1024;

/// Files below a folder that hold it.
fn holding(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, kind) = (entry.path(), entry.file_type().unwrap());
        if kind.is_dir() {
            all.extend(holding(&path));
        } else if kind.is_file() && entry.metadata().unwrap().len() < LARGE {
            let text = std::fs::read(&path).unwrap_or_default();
            if text.windows(PLANTED.len()).any(|w| w == PLANTED.as_bytes()) {
                all.push(path);
            }
        }
    }
    all.sort();
    all
}

/// Arguments and environments of processes that hold it.
fn processes_with_it() -> Vec<String> {
    let all = std::fs::read_dir("/proc").unwrap().flatten();
    let pids = all.filter(|e| e.file_name().to_string_lossy().bytes().all(|b| b.is_ascii_digit()));
    let read = |path: PathBuf| std::fs::read(path).unwrap_or_default();
    let found = pids.flat_map(|e| [read(e.path().join("cmdline")), read(e.path().join("environ"))]);
    let text = found.map(|b| String::from_utf8_lossy(&b).into_owned());
    text.filter(|t| t.contains(PLANTED)).collect()
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
    let over = AtomicBool::new(false);
    let (ran, seen) = std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            let mut seen = Vec::new();
            while !over.load(Ordering::SeqCst) {
                seen.extend(processes_with_it());
            }
            seen
        });
        let line = format!("{demo} mount --new-password --env prod --yes --confirm prod");
        let ran = home.command(&line).env("OPSDECK_LOG", "trace").stdin(Stdio::null()).output().unwrap();
        over.store(true, Ordering::SeqCst);
        (ran, watch.join().unwrap())
    });
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(!said.contains(PLANTED), "{said}");
    assert_eq!(seen, Vec::<String>::new());
    let credentials = server.join("prod/root/.smbcredentials");
    assert_eq!(holding(home.0.path()), [credentials, source], "{said}");
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
