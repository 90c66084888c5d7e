//! Scripts on this machine, under each shell that a server may have as `sh`: what arrives, what comes back, and what
//! is gone afterwards.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use opsdeck::remote::local::{LocalHost, LocalOptions};
use opsdeck::remote::{Answer, Ask, End, Host, Line, LinkErrorKind};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// The shells of this machine; busybox decides by its name.
fn shells() -> (TempDir, Vec<PathBuf>) {
    let dir = tempfile::tempdir().unwrap();
    let mut shells: Vec<PathBuf> = ["/bin/dash", "/bin/bash"].map(PathBuf::from).into();
    for busybox in ["/bin/busybox", "/usr/bin/busybox"] {
        if Path::new(busybox).exists() {
            let sh = dir.path().join("sh");
            symlink(busybox, &sh).unwrap();
            shells.push(sh);
            break;
        }
    }
    shells.retain(|s| s.exists());
    assert!(!shells.is_empty());
    (dir, shells)
}

fn host(shell: &Path) -> LocalHost {
    LocalHost::new(LocalOptions {
        shell: shell.to_owned(),
        // a locale in which a shell counts characters, not bytes
        env: vec![("LANG".into(), "C.UTF-8".into()), ("LC_ALL".into(), "C.UTF-8".into())],
        ..LocalOptions::default()
    })
}

fn ask<'a>(script: &'a str, stdin: &'a [u8]) -> Ask<'a> {
    Ask { name: "test", script, stdin, deadline: Duration::from_secs(20), cap: 1 << 20 }
}

async fn run(host: &dyn Host, script: &str, stdin: &[u8]) -> (i32, String, String) {
    let Answer { end, stdout, stderr, .. } = host.run(ask(script, stdin)).await.unwrap();
    let End::Exit(code) = end else { panic!("{script}: {end:?}") };
    let text = |b: Vec<u8>| String::from_utf8(b).unwrap();
    (code, text(stdout.bytes), text(stderr.bytes))
}

/// Waits until nothing of that process is left.
async fn gone(pid: i32) {
    gone_within(pid, Duration::from_secs(10)).await;
}

async fn gone_within(pid: i32, limit: Duration) {
    let wait = async {
        while Path::new(&format!("/proc/{pid}")).exists()
            && !std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default().contains(") Z ")
        {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(limit, wait).await.unwrap_or_else(|_| panic!("{pid} is still there"));
}

#[tokio::test]
async fn a_script_runs_and_its_output_comes_back_byte_for_byte() {
    let (_dir, shells) = shells();
    for shell in shells {
        let host = host(&shell);
        let name = shell.display();
        assert_eq!(
            run(&host, "printf 'no line break'", b"").await,
            (0, "no line break".into(), String::new()),
            "{name}"
        );
        assert_eq!(run(&host, "printf '\\n\\n'", b"").await.1, "\n\n", "{name}");
        assert_eq!(run(&host, ":", b"").await, (0, String::new(), String::new()), "{name}");
        let it =
            "cd /tmp # a comment\necho 'it'\\''s' \"挂载 $(echo 盘)\" >&2; x=y\necho $x\n# last line\n\n";
        assert_eq!(run(&host, it, b"").await, (0, "y\n".into(), "it's 挂载 盘\n".into()), "{name}");
        // messages of tools are not translated, and the asking side's environment does not leak in
        assert_eq!(run(&host, "echo $LC_ALL $LANG ${CARGO-none}", b"").await.1, "C C none\n", "{name}");
    }
}

#[tokio::test]
async fn what_a_script_reads_arrives_whole_and_then_ends() {
    let (_dir, shells) = shells();
    for shell in shells {
        let host = host(&shell);
        let secret = "pass'w\"or\\d$(id)`id`\n密码\n\n";
        assert_eq!(run(&host, "cat", secret.as_bytes()).await.1, secret, "{}", shell.display());
        assert_eq!(run(&host, "cat; echo end", b"").await.1, "end\n", "{}", shell.display());
        let long = vec![b'x'; 300_000];
        assert_eq!(run(&host, "wc -c", &long).await.1.trim(), "300000");
        assert_eq!(run(&host, "exit 4", &long).await.0, 4, "a script that reads nothing");
        // nothing of it is in an argument list or in the environment of a program that the script starts
        let script = "read s; tr '\\0' ' ' </proc/$$/cmdline; env; tr '\\0' ' ' </proc/self/environ";
        assert!(!run(&host, script, b"canary-4711\n").await.1.contains("canary"));
    }
}

#[tokio::test]
async fn every_exit_code_is_told_and_keeps_both_outputs() {
    let (_dir, shells) = shells();
    for shell in shells {
        let host = host(&shell);
        for code in [0, 1, 2, 97, 126, 127, 128, 137, 254, 255] {
            let script = format!("echo out; echo err >&2; exit {code}");
            assert_eq!(run(&host, &script, b"").await, (code, "out\n".into(), "err\n".into()));
        }
        assert_eq!(run(&host, "echo a; no-such-command-4711", b"").await.0, 127);
        assert_eq!(run(&host, "/etc/passwd", b"").await.0, 126);
        assert_eq!(run(&host, "sh -c 'kill -9 $$'", b"").await.0, 137);
        assert_eq!(run(&host, "echo before; sh -c 'kill -TERM $PPID'; echo never", b"").await.0, 143);
        // what is no script runs not at all: a shell reads it whole before it begins
        let (code, out, err) = run(&host, "echo half; if", b"").await;
        assert_ne!(code, 0);
        assert!(!err.is_empty() && !out.contains("opsdeck"), "{}: {out} {err}", shell.display());
    }
}

#[tokio::test]
async fn a_script_whose_shell_is_killed_has_an_unknown_outcome() {
    let (_dir, shells) = shells();
    for shell in shells {
        let answer = host(&shell).run(ask("echo half; kill -9 $$", b"")).await.unwrap();
        assert_eq!(answer.stdout.bytes, b"half\n");
        assert!(
            matches!(&answer.end, End::Unknown(e) if e.kind == LinkErrorKind::ScriptKilled && e.begun),
            "{:?}",
            answer.end
        );
    }
}

#[tokio::test]
async fn output_is_capped_and_the_rest_counted() {
    let (_dir, shells) = shells();
    let host = host(&shells[0]);
    let answer = host
        .run(Ask { cap: 10, ..ask("head -c 5000000 /dev/zero; echo; head -c 12 /dev/zero >&2; exit 7", b"") })
        .await
        .unwrap();
    assert!(matches!(answer.end, End::Exit(7)));
    assert_eq!((answer.stdout.bytes.len(), answer.stdout.dropped), (10, 4_999_991));
    assert_eq!((answer.stderr.bytes.len(), answer.stderr.dropped), (10, 2));
}

#[tokio::test]
async fn at_the_deadline_the_script_and_its_children_are_ended() {
    let (_dir, shells) = shells();
    for shell in shells {
        let started = std::time::Duration::from_millis(1500);
        let script = "trap '' TERM; sleep 1000 & echo $!; sleep 1001 & echo $!; wait";
        let answer = host(&shell).run(Ask { deadline: started, ..ask(script, b"") }).await.unwrap();
        assert!(matches!(&answer.end, End::Unknown(e) if e.kind == LinkErrorKind::Deadline && e.begun));
        let pids: Vec<i32> =
            String::from_utf8(answer.stdout.bytes).unwrap().lines().map(|l| l.parse().unwrap()).collect();
        assert_eq!(pids.len(), 2, "what came before the deadline is kept");
        for pid in pids {
            // at once: the watcher alone would give it two seconds
            gone_within(pid, Duration::from_millis(1500)).await;
        }
    }
}

#[tokio::test]
async fn a_child_that_stays_does_not_hold_up_the_answer() {
    let (_dir, shells) = shells();
    for shell in shells {
        let host = host(&shell);
        let answer = host.run(ask("sleep 1000 & echo $!", b"")).await.unwrap();
        assert!(matches!(answer.end, End::Exit(0)));
        assert!(answer.took < Duration::from_secs(3), "{:?}", answer.took);
        let pid: i32 = String::from_utf8_lossy(&answer.stdout.bytes).trim().parse().unwrap();
        assert!(Path::new(&format!("/proc/{pid}")).exists(), "it is let live: the script ended in order");
        rustix::process::kill_process(
            rustix::process::Pid::from_raw(pid).unwrap(),
            rustix::process::Signal::KILL,
        )
        .unwrap();
    }
}

#[tokio::test]
async fn a_stream_hands_on_lines_as_they_come_and_dies_when_dropped() {
    let (_dir, shells) = shells();
    for shell in shells {
        let host = host(&shell);
        let script = "echo $$; echo; echo side >&2; sleep 1000 & echo $!; wait";
        let mut stream = host.stream(ask(script, b"")).await.unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        while out.len() < 3 || err.is_empty() {
            match tokio::time::timeout(Duration::from_secs(10), stream.next()).await.unwrap().unwrap() {
                Line::Out(l, 0) => out.push(String::from_utf8(l).unwrap()),
                Line::Err(l, 0) => err.push(String::from_utf8(l).unwrap()),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((out[1].as_str(), err[0].as_str()), ("", "side"), "{}", shell.display());
        let (shell, sleeper) = (out[0].parse().unwrap(), out[2].parse().unwrap());
        drop(stream);
        gone(shell).await;
        gone(sleeper).await;
    }
}

#[tokio::test]
async fn a_stream_that_ends_says_how() {
    let (_dir, shells) = shells();
    let host = host(&shells[0]);
    for (script, lines, code) in [("echo a; printf b; exit 3", 2, 3), (":", 0, 0), ("echo; echo", 2, 0)] {
        let mut stream = host.stream(ask(script, b"")).await.unwrap();
        let mut count = 0;
        while stream.next().await.is_some() {
            count += 1;
        }
        assert_eq!(count, lines, "{script}");
        assert!(matches!(stream.end().await, End::Exit(c) if c == code));
    }
    let mut stream = host.stream(ask("echo a; kill -9 $$", b"")).await.unwrap();
    while stream.next().await.is_some() {}
    assert!(matches!(stream.end().await, End::Unknown(e) if e.kind == LinkErrorKind::ScriptKilled));
}

#[tokio::test]
async fn a_reader_that_is_slow_slows_the_writer_and_loses_nothing() {
    let (_dir, shells) = shells();
    let host = host(&shells[0]);
    let mut stream =
        host.stream(ask("i=0; while [ $i -lt 20000 ]; do echo $i; i=$((i+1)); done", b"")).await.unwrap();
    let mut next = 0;
    while let Some(line) = stream.next().await {
        assert_eq!(line, Line::Out(next.to_string().into_bytes(), 0));
        next += 1;
    }
    assert_eq!(next, 20_000);
}

#[tokio::test]
async fn closing_the_host_ends_what_runs_on_it() {
    let (_dir, shells) = shells();
    let host = host(&shells[0]);
    let mut stream = host.stream(ask("echo $$; sleep 1000", b"")).await.unwrap();
    let Some(Line::Out(pid, 0)) = stream.next().await else { panic!() };
    host.close().await;
    assert!(stream.next().await.is_none());
    assert!(matches!(stream.end().await, End::Unknown(_)));
    gone(String::from_utf8(pid).unwrap().parse().unwrap()).await;
    assert_eq!(host.run(ask(":", b"")).await.unwrap_err().kind, LinkErrorKind::Closed);
}

#[tokio::test]
async fn what_cannot_run_says_so() {
    let missing = host(Path::new("/no/such/shell"));
    assert!(matches!(missing.check().await.unwrap_err().kind, LinkErrorKind::ProgramMissing { .. }));
    let not_a_shell = host(Path::new("/bin/true"));
    assert_eq!(not_a_shell.check().await.unwrap_err().kind, LinkErrorKind::NoShell);
    let (_dir, shells) = shells();
    let host = host(&shells[0]);
    assert_eq!(host.check().await, Ok(()));
    let nul = host.run(ask("cat", b"a\0b")).await.unwrap_err();
    assert!(!nul.begun && nul.detail.as_str().contains("NUL"));
}

/// A shell that was killed by a fault would write what it holds, a password too, to a disk.
#[test]
fn no_shell_leaves_its_memory_on_a_disk() {
    use opsdeck::remote::wire;
    use std::io::Write;
    use std::os::unix::process::CommandExt;
    use std::process::{Command, Stdio};
    let (_dir, shells) = shells();
    let parcel =
        wire::parcel(&wire::Nonce::fresh().unwrap(), "ulimit -S -c; ulimit -H -c", b"secret").unwrap();
    for shell in shells {
        // as far as this machine allows it at all, it is allowed before
        let allowed = "ulimit -c unlimited 2>/dev/null || ulimit -S -c \"$(ulimit -H -c)\"; exec \"$@\"";
        let mut child = Command::new("/bin/sh")
            .args(["-c", allowed, "sh"])
            .arg(&shell)
            .args(["-c", wire::BOOTSTRAP, "opsdeck", &parcel.len().to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // its watcher ends the group that it is in
            .process_group(0)
            .spawn()
            .unwrap();
        // open until it has ended: who asks is there
        let mut link = child.stdin.take().unwrap();
        link.write_all(&parcel).unwrap();
        let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
        let limits: Vec<&str> = said.lines().filter(|l| !l.is_empty() && !l.contains("opsdeck")).collect();
        assert_eq!(limits, ["0", "0"], "{}: {said}", shell.display());
    }
}

#[test]
fn a_parcel_cut_at_any_byte_runs_nothing() {
    use opsdeck::remote::wire;
    use std::io::Write;
    use std::process::{Command, Stdio};
    let (dir, shells) = shells();
    let ran = dir.path().join("ran");
    let script = format!("echo ran > {}; cat", ran.display());
    let parcel = wire::parcel(&wire::Nonce::fresh().unwrap(), &script, b"secret").unwrap();
    for shell in shells {
        for cut in (0..parcel.len()).step_by(23).chain([parcel.len() - 1]) {
            let mut child = Command::new(&shell)
                .args(["-c", wire::BOOTSTRAP, "opsdeck", &parcel.len().to_string()])
                .stdin(Stdio::piped())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            child.stdin.take().unwrap().write_all(&parcel[..cut]).unwrap();
            let output = child.wait_with_output().unwrap();
            assert_eq!(output.status.code(), Some(wire::CUT_SHORT), "cut at {cut}");
            assert!(output.stdout.is_empty() && !ran.exists(), "cut at {cut}");
        }
    }
}
