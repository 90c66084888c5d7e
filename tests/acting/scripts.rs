//! `brief.sh` under dash, bash and busybox: what it says of runs, and that it changes nothing.
use opsdeck::core::plan::brief::{self, Brief};
use opsdeck::core::plan::script::{self, RunName};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn shells() -> Vec<(PathBuf, Vec<&'static str>)> {
    let find = |name: &str| {
        let path = std::env::var_os("PATH").unwrap();
        std::env::split_paths(&path).map(|p| p.join(name)).find(|p| p.exists())
    };
    let wanted: [(&str, Vec<&str>); 3] =
        [("dash", vec![]), ("bash", vec!["--posix"]), ("busybox", vec!["sh"])];
    let found: Vec<_> = wanted.into_iter().filter_map(|(name, args)| Some((find(name)?, args))).collect();
    assert!(found.len() == 3 || std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "{found:?}");
    found
}

fn said(shell: &(PathBuf, Vec<&str>), root: &Path, run: &str) -> Option<Brief> {
    let text = script::brief(root.to_str().unwrap(), &RunName::parse(run).unwrap());
    let mut child = Command::new(&shell.0)
        .args(&shell.1)
        .arg("-s")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    let complaints = String::from_utf8_lossy(&out.stderr).into_owned();
    assert!(out.status.success() && complaints.is_empty(), "{shell:?}: {complaints}");
    brief::read(&out.stdout)
}

fn everything(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => all.extend(everything(&path)),
            false => all.push((path.clone(), std::fs::read(&path).unwrap())),
        }
    }
    all.sort();
    all
}

#[test]
fn every_shell_says_the_same_of_a_run() {
    let root = tempfile::tempdir().unwrap();
    let runs = root.path().join("var/lib/opsdeck/runs");
    for shell in shells() {
        assert_eq!(
            said(&shell, root.path(), "9-z"),
            Some(Brief::None { count: 0, oldest: None }),
            "{shell:?}"
        );
    }
    for (name, who) in [
        ("1769900001-b", "mount|li@desk|1769900001"),
        ("1769900000-a", "restart-frontend|wang@desk|1769900000"),
    ] {
        std::fs::create_dir_all(runs.join(name)).unwrap();
        std::fs::write(runs.join(name).join("who"), format!("{who}\n")).unwrap();
        let body = "root=''\n# 1. 确认 / make sure\nstep_1() {\n  # 2. no title: it is indented\n  :\n}\n# 2. 重启 / restart\n# no number\n";
        std::fs::write(runs.join(name).join("body.sh"), body).unwrap();
    }
    // one that was not made to its end
    std::fs::create_dir_all(runs.join("1769800000-half")).unwrap();
    let before = everything(root.path());
    for shell in shells() {
        let Some(Brief::Known { action, operator, began, titles }) =
            said(&shell, root.path(), "1769900000-a")
        else {
            panic!("{shell:?}")
        };
        assert_eq!((action.as_str(), operator.as_str()), ("restart-frontend", "wang@desk"), "{shell:?}");
        assert_eq!(began.map(|at| at.0), Some(1_769_900_000_000));
        assert_eq!(
            titles.iter().map(|t| t.en.as_str()).collect::<Vec<_>>(),
            ["make sure", "restart"],
            "{shell:?}"
        );
        let none = Brief::None { count: 2, oldest: RunName::parse("1769900000-a") };
        assert_eq!(said(&shell, root.path(), "9-z"), Some(none), "{shell:?}");
    }
    assert_eq!(everything(root.path()), before, "it changed something");
}

#[test]
fn runs_that_are_not_for_the_login_are_not_taken_for_none() {
    if rustix::process::geteuid().is_root() {
        // root sees everything
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let state = root.path().join("var/lib/opsdeck");
    std::fs::create_dir_all(state.join("runs")).unwrap();
    crate::common::mode(&state, 0);
    for shell in shells() {
        assert_eq!(said(&shell, root.path(), "9-z"), Some(Brief::Hidden), "{shell:?}");
    }
    crate::common::mode(&state, 0o700);
}
