//! The worst a server can do to a look: a daemon that hangs, a share that never lets go, a child that outlives its killer.
use crate::support::server_of_files;
use opsdeck::config::model::Environment;
use opsdeck::core::gap::Gap;
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::snapshot::{QUESTIONS, Snapshot};
use opsdeck::core::units::EpochMs;
use opsdeck::look;
use rustix::process::{Pid, Signal, kill_process};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const MARK: &str = "0123456789abcdef";

/// A program that stands before the real one of that name.
fn fake(folder: &Path, name: &str, script: &str) {
    std::fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A look with some programs replaced; what it said, and how long it took.
#[allow(clippy::disallowed_methods)]
fn look_with(root: &Path, env: &Environment, fakes: &Path) -> (Snapshot, Duration) {
    let began = Instant::now();
    let root = root.to_string_lossy().into_owned();
    let mut child = Command::new("/bin/sh")
        .arg("-s")
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", fakes.display()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let script = look::script(env, &root, MARK);
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    // returns at the end of its output: a process that keeps it open would keep us here
    let output = child.wait_with_output().unwrap();
    (Snapshot::read(env, &root, MARK, &output.stdout, EpochMs(0), 0), began.elapsed())
}

#[test]
fn a_docker_that_hangs_costs_its_own_answers_and_no_others() {
    let (dir, env) = server_of_files();
    let fakes = dir.path().join("fakes");
    fake(&fakes, "docker", "trap '' TERM; exec sleep 1000");
    let (s, took) = look_with(dir.path(), &env, &fakes);
    assert_eq!(s.answered, QUESTIONS);
    for gap in [s.containers.err(), s.volumes.err(), s.docker_disk.err()] {
        assert_eq!(gap, Some(Gap::TimedOut));
    }
    assert!(s.mounts.is_ok() && s.share.is_ok() && s.packs.is_ok() && s.disks.is_ok() && s.identity.is_ok());
    // asked once and not again and again: the limit of one question, not of five
    assert!(took < Duration::from_secs(45), "{took:?}");
}

#[test]
fn a_reader_that_outlives_sigkill_holds_neither_the_answer_nor_the_link() {
    let (dir, env) = server_of_files();
    let fakes = dir.path().join("fakes");
    let pid_file = dir.path().join("survivor");
    // a process that no signal to its group reaches, with the reader's output in its hands: as one in the kernel's grip
    fake(
        &fakes,
        "stat",
        &format!(
            "setsid sleep 300 & echo $! >'{}'; trap '' TERM; while :; do sleep 1; done",
            pid_file.display()
        ),
    );
    let (s, took) = look_with(dir.path(), &env, &fakes);
    let survivor: i32 = std::fs::read_to_string(&pid_file).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_raw(survivor).unwrap(), Signal::KILL).unwrap();
    assert_eq!(s.share, Ok(ShareAnswer::Silent));
    assert!(s.packs.is_err() && s.mounts.is_ok());
    assert!(took < Duration::from_secs(45), "{took:?}");
}

#[test]
fn while_a_reader_of_an_earlier_look_is_stuck_no_second_one_is_started() {
    let (dir, env) = server_of_files();
    let fakes = dir.path().join("fakes");
    let touched = dir.path().join("touched");
    fake(&fakes, "find", &format!("echo \"$@\" >>'{}'; exit 1", touched.display()));
    // the share holds a process by the name of stat, whose timeout has given it up
    let held = dir.path().join("stat");
    std::fs::copy("/bin/sleep", &held).unwrap();
    let mut stuck = Command::new(&held).arg("300").spawn().unwrap();
    let state = dir.path().join("run/opsdeck");
    std::fs::create_dir_all(&state).unwrap();
    std::fs::write(state.join("reader"), format!("{}\n", stuck.id())).unwrap();
    let (s, _) = look_with(dir.path(), &env, &fakes);
    assert_eq!(s.share, Ok(ShareAnswer::ReaderStuck { pid: stuck.id() }));
    let asked = std::fs::read_to_string(&touched).unwrap();
    assert!(s.packs.is_err() && !asked.contains("/mnt/replica"), "the share was asked again: {asked}");
    // and the note of it stays for the next look
    assert_eq!(std::fs::read_to_string(state.join("reader")).unwrap(), format!("{}\n", stuck.id()));
    stuck.kill().unwrap();
    stuck.wait().unwrap();
}

#[test]
fn a_share_that_is_slow_while_its_port_answers_is_given_more_time_before_it_is_called_dead() {
    let (dir, mut env) = server_of_files();
    let fakes = dir.path().join("fakes");
    let asked = dir.path().join("asked");
    // as on a small server whose backup is writing: seen in the lab
    let slow = |what: &str| {
        fake(
            &fakes,
            "stat",
            &format!(
                "case \"$1 $*\" in {what}) echo >>'{}'; sleep 5 ;; esac; exec /usr/bin/stat \"$@\"",
                asked.display()
            ),
        )
    };
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    env.share.host = "127.0.0.1".into();
    env.share.port = port.local_addr().unwrap().port();
    // itself, its pack folder, and both
    for (what, least) in [("-f*replica*", 5000), ("-c*folder=*", 0), ("-f*replica* | -c*folder=*", 5000)] {
        slow(what);
        let (s, _) = look_with(dir.path(), &env, &fakes);
        let Ok(ShareAnswer::Answers { took_ms: Some(took), folder: Some(_), .. }) = s.share else {
            panic!("{what}: {:?}", s.share)
        };
        assert!(took >= least, "{what}: {took} ms");
        assert!(s.packs.is_ok(), "{what}: {:?}", s.packs);
    }
    // behind a closed port nobody waits for more
    slow("-f*replica*");
    drop(port);
    std::fs::remove_file(&asked).unwrap();
    let (s, _) = look_with(dir.path(), &env, &fakes);
    assert_eq!(s.share, Ok(ShareAnswer::Silent));
    assert_eq!(std::fs::read_to_string(&asked).unwrap().len(), 1, "asked once");
}
