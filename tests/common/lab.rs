//! The lab: whether it is up, and its commands.
#![allow(dead_code, unreachable_pub, missing_docs)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

/// One lab, one test at a time; and one program with such tests, until it ends.
static LAB: Mutex<()> = Mutex::new(());
static ALONE: OnceLock<std::fs::File> = OnceLock::new();

pub fn script() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab")
}

pub fn lab(args: &[&str]) -> Output {
    Command::new(script()).args(args).output().expect("tests/lab/lab")
}

/// A command on a server of the lab, which must succeed; what it prints.
pub fn on_server(name: &str, command: &str) -> String {
    let out = lab(&["ssh", name, command]);
    assert!(out.status.success(), "{command}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8_lossy(&out.stdout).trim().to_owned()
}

/// Whether `OPSDECK_LAB_LONG` names this file, or says `all`: then its tests that take long run too.
/// `.ci/run` names none: it has an hour and a half. `tests/lab/campaign` names all of them.
pub fn takes_its_time(file: &str) -> bool {
    let asked = std::env::var("OPSDECK_LAB_LONG").unwrap_or_default();
    asked.split_whitespace().any(|word| word == file || word == "all")
}

/// As [`with_lab`], for the tests of a file that take long.
pub fn with_lab_for(file: &str) -> Option<MutexGuard<'static, ()>> {
    if !takes_its_time(file) {
        eprintln!("skipped: takes long (OPSDECK_LAB_LONG={file} runs it)");
        return None;
    }
    with_lab()
}

/// The lab, for this test alone; nothing where it is not up and not required.
pub fn with_lab() -> Option<MutexGuard<'static, ()>> {
    static UP: OnceLock<bool> = OnceLock::new();
    let guard = LAB.lock().unwrap_or_else(PoisonError::into_inner);
    let up = *UP.get_or_init(|| {
        let state = lab(&["status"]);
        let text = String::from_utf8_lossy(&state.stdout).into_owned();
        state.status.success()
            && ["share", "prod", "test"]
                .iter()
                .all(|n| text.lines().any(|l| l.starts_with(n) && l.contains(" up ")))
    });
    if !up {
        assert!(std::env::var_os("OPSDECK_REQUIRE_LAB").is_none(), "the lab is required here and is not up");
        eprintln!("skipped: the lab is not up (tests/lab/lab up)");
        return None;
    }
    ALONE.get_or_init(|| {
        let lock = std::fs::File::create(state().join("tests.lock")).expect("the lab's folder");
        lock.lock().expect("a lock");
        lock
    });
    Some(guard)
}

/// Where the lab keeps what it is made of.
pub fn state() -> PathBuf {
    std::env::var_os("OPSDECK_LAB_DIR").map_or_else(|| script().with_file_name(".run"), PathBuf::from)
}

pub fn config() -> PathBuf {
    // a lab whose state is elsewhere keeps its own copy of the file beside it
    let elsewhere = std::env::var_os("OPSDECK_LAB_DIR").map(|_| state().join("lab.toml"));
    elsewhere.filter(|p| p.exists()).unwrap_or_else(|| script().with_file_name("lab.toml"))
}
