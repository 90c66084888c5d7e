//! The script under dash, bash and busybox: the same answers, clean by shellcheck, nothing left behind, nothing waited for.
use crate::support::{asset, prod, server_of_files, shells};
use opsdeck::core::snapshot::{QUESTIONS, Snapshot};
use opsdeck::core::units::EpochMs;
use opsdeck::look;
use std::io::Write;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

const MARK: &str = "0123456789abcdef";

fn run(
    scenario: &str,
    shell: &(&str, std::path::PathBuf, Vec<&str>),
) -> (Output, Snapshot, std::path::PathBuf, opsdeck::demo::DemoBox) {
    run_where(scenario, shell, |_| ())
}

/// The same, on a server that something was done to before.
fn run_where(
    scenario: &str,
    shell: &(&str, std::path::PathBuf, Vec<&str>),
    done: impl FnOnce(&std::path::Path),
) -> (Output, Snapshot, std::path::PathBuf, opsdeck::demo::DemoBox) {
    let (demo, env) = prod(scenario);
    let sandbox = demo.host(&env.key).expect("a sandbox");
    done(&sandbox.root);
    let root = sandbox.root.to_string_lossy().into_owned();
    let script = look::script(&env, &root, MARK);
    let mut child = Command::new(&shell.1)
        .args(&shell.2)
        .arg("-s")
        .env_clear()
        .env("PATH", &sandbox.path)
        .envs(sandbox.env.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("a shell");
    child.stdin.take().expect("stdin").write_all(script.as_bytes()).expect("sent");
    let output = child.wait_with_output().expect("an answer");
    let snapshot = Snapshot::read(&env, &root, MARK, &output.stdout, EpochMs(0), 0);
    (output, snapshot, sandbox.root, demo)
}

#[test]
fn every_shell_gives_the_same_answers() {
    for shell in shells() {
        let (output, s, root, _demo) = run("healthy", &shell);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((s.answered, said.as_ref()), (QUESTIONS, ""), "{}", shell.0);
        assert!(
            s.identity.is_ok()
                && s.mounts.is_ok()
                && s.share.is_ok()
                && s.packs.is_ok()
                && s.containers.is_ok(),
            "{}: {s:#?}",
            shell.0
        );
        assert!(
            s.database().is_ok()
                && s.container_mounts().is_ok()
                && s.health.is_ok()
                && s.port.is_ok()
                && s.disks.is_ok(),
            "{}",
            shell.0
        );
        // its scratch folder went with it, and so did the note about a reader
        let left: Vec<_> = std::fs::read_dir(root.join("run/opsdeck"))
            .expect("state")
            .map(|e| e.expect("entry").file_name())
            .collect();
        assert!(left.is_empty(), "{}: {left:?}", shell.0);
    }
}

#[test]
fn runs_of_consoles_are_told_at_once() {
    let each = |root: &std::path::Path| {
        for (name, journal) in
            [("1700000001-a", "1700000002 begin\n1700000003 end finished\n"), ("1700000009-b", "")]
        {
            let folder = root.join("var/lib/opsdeck/runs").join(name);
            std::fs::create_dir_all(&folder).expect("folder");
            std::fs::write(folder.join("who"), "start-backend|a@b|1700000001\n").expect("who");
            std::fs::write(folder.join("journal"), journal).expect("journal");
        }
    };
    for shell in shells() {
        let (_, s, ..) = run_where("healthy", &shell, each);
        // a question that does not say that it has ended is told as one that ran out of time
        let runs = s.runs.as_ref().unwrap_or_else(|gap| panic!("{}: {gap:?}", shell.0));
        let mut names: Vec<&str> = runs.iter().map(|r| r.name.as_str()).collect();
        names.sort_unstable();
        assert_eq!((names, s.answered), (vec!["1700000001-a", "1700000009-b"], QUESTIONS), "{}", shell.0);
    }
}

#[test]
fn a_share_that_hangs_is_said_and_not_waited_for() {
    for shell in shells() {
        let began = opsdeck::clock::tick();
        let (_, s, ..) = run("share-hung", &shell);
        let took = opsdeck::clock::tick().duration_since(began);
        assert_eq!(s.answered, QUESTIONS, "{}", shell.0);
        assert_eq!(s.share, Ok(opsdeck::core::probe::share::ShareAnswer::Silent), "{}", shell.0);
        assert!(s.packs.is_err());
        // all its own limits together are far less than this; without them it would be for ever
        assert!(took < Duration::from_secs(40), "{}: {took:?}", shell.0);
    }
}

/// busybox answers `stat`, `find`, `timeout` … with its own, whatever the search path says: so it gets a server of real
/// files, and must say of it what coreutils say.
#[test]
fn busybox_says_of_the_same_files_what_coreutils_say() {
    let busybox = std::path::PathBuf::from("/bin/busybox");
    if !busybox.exists() {
        assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "busybox is required here");
        return;
    }
    let (dir, env) = server_of_files();
    let root = dir.path().to_string_lossy().into_owned();
    let look = |shell: &str, args: &[&str]| {
        let mut child = Command::new(shell)
            .args(args)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let script = look::script(&env, &root, MARK);
        child.stdin.take().expect("stdin").write_all(script.as_bytes()).expect("sent");
        let output = child.wait_with_output().expect("an answer");
        Snapshot::read(&env, &root, MARK, &output.stdout, EpochMs(0), 0)
    };
    let (dash, busybox) = (look("/bin/sh", &["-s"]), look("/bin/busybox", &["sh", "-s"]));
    assert_eq!((dash.answered, busybox.answered), (QUESTIONS, QUESTIONS));
    assert!(
        dash.packs
            .as_ref()
            .is_ok_and(|p| p.packs.len() == 1 && p.interrupted.len() == 1 && p.others.len() == 1),
        "{:?}",
        dash.packs
    );
    assert_eq!(dash.packs, busybox.packs);
    assert_eq!(dash.mounts, busybox.mounts);
    assert_eq!(dash.fstab, busybox.fstab);
    let fstab = format!("{:?}", dash.fstab);
    assert!(fstab.contains("user=bob%***") && !fstab.contains("PLANTED"), "{fstab}");
    assert_eq!(dash.leftovers, busybox.leftovers);
    assert_eq!(dash.compose_file, busybox.compose_file);
    let size = |s: &Snapshot| {
        s.disks
            .as_ref()
            .map(|d| d.iter().map(|s| (s.path.clone(), s.total)).collect::<Vec<_>>())
            .expect("disks")
    };
    assert_eq!(size(&dash), size(&busybox));
    for s in [&dash, &busybox] {
        assert!(
            matches!(s.share, Ok(opsdeck::core::probe::share::ShareAnswer::Answers { folder: Some(_), .. })),
            "{:?}",
            s.share
        );
        assert!(s.identity.is_ok(), "{:?}", s.identity);
    }
}

#[test]
fn shellcheck_finds_nothing() {
    let found = Command::new("shellcheck")
        .args(["--shell=sh", "--exclude=SC2154"])
        .args(["share.sh", "look.sh", "watch.sh", "tail.sh"].map(|name| asset("assets/remote").join(name)))
        .output();
    match found {
        Ok(found) => assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stdout)),
        Err(_) => {
            assert!(std::env::var_os("OPSDECK_REQUIRE_SHELLS").is_none(), "shellcheck is required here")
        }
    }
}
