//! What goes to a server and what comes back, under every login shell.
use crate::fixture::{Client, alive, ask, ended, run, unknown, until};
use crate::sshd;
use opsdeck::remote::{Ask, End, Host, LinkErrorKind};
use std::path::Path;
use std::time::Duration;

/// What each login shell must carry.
async fn carries_everything(client: &Client, name: &str) {
    let host = client.host();
    assert_eq!(
        run(&host, "printf 'no line break'").await,
        (0, "no line break".into(), String::new()),
        "{name}"
    );
    assert_eq!(
        run(&host, "echo out; echo err >&2; exit 3").await,
        (3, "out\n".into(), "err\n".into()),
        "{name}"
    );
    let odd = "x='挂载'; echo \"$x it's \\\\ ! % `echo b`\" # 注释\n\n";
    assert_eq!(run(&host, odd).await.1, "挂载 it's \\ ! % b\n", "{name}");
    let stdin = Ask { stdin: "密码'$x\n".as_bytes(), ..ask("cat") };
    assert_eq!(ended(host.run(stdin).await.unwrap()).1, "密码'$x\n", "{name}");
    host.close().await;
}

#[tokio::test]
async fn scripts_go_and_answers_come_under_the_login_shell() {
    let server = sshd!();
    carries_everything(&Client::of(&server), "as it is").await;
}

#[tokio::test]
async fn scripts_go_and_answers_come_under_shells_that_are_no_posix_shells() {
    for shell in ["/usr/bin/fish", "/bin/csh", "/usr/bin/tcsh", "/usr/bin/zsh"] {
        if !Path::new(shell).exists() {
            eprintln!("SKIPPED: {shell} is not installed");
            continue;
        }
        let server = sshd!(&format!("ForceCommand exec {shell} -c \"$SSH_ORIGINAL_COMMAND\""));
        carries_everything(&Client::of(&server), shell).await;
    }
}

#[tokio::test]
async fn a_noisy_login_shell_does_not_get_into_the_answer() {
    let server = sshd!(
        "Banner /etc/passwd",
        "ForceCommand echo Welcome; echo 'Warning: x' >&2; printf 'no line break'; eval \"$SSH_ORIGINAL_COMMAND\""
    );
    carries_everything(&Client::of(&server), "noisy").await;
}

#[tokio::test]
async fn every_exit_code_keeps_both_outputs_and_is_no_lost_link() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    for code in [0, 1, 97, 126, 127, 128, 130, 137, 254, 255] {
        let script = format!("echo out; echo err >&2; exit {code}");
        assert_eq!(run(&host, &script).await, (code, "out\n".into(), "err\n".into()));
    }
    let (code, out, err) = run(&host, "echo a; no-such-command-4711").await;
    assert_eq!((code, out.as_str()), (127, "a\n"));
    assert!(err.contains("not found"), "{err}");
    assert_eq!(run(&host, "echo a; sh -c 'kill -9 $$'").await, (137, "a\n".into(), err_of_kill(&host).await));
    assert_eq!(server.connections(), 1);
}

/// What the remote shell itself says about a killed child.
async fn err_of_kill(host: &dyn Host) -> String {
    run(host, "sh -c 'kill -9 $$'").await.2
}

#[tokio::test]
async fn a_script_whose_shell_is_killed_is_told_from_a_lost_link() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    for signal in ["KILL", "TERM", "SEGV"] {
        let script = format!("echo half; kill -{signal} $$; sleep 10");
        let answer = host.run(ask(&script)).await.unwrap();
        assert_eq!(answer.stdout.bytes, b"half\n");
        let error = unknown(&answer);
        assert_eq!((&error.kind, error.begun), (&LinkErrorKind::ScriptKilled, true), "{signal}");
    }
    assert_eq!(host.check().await, Ok(()));
    assert_eq!(server.connections(), 1, "the link lived");
}

#[tokio::test]
async fn a_login_that_runs_no_script_is_told_from_everything_else() {
    for (forced, says) in [
        ("echo 'This account is currently not available.'; exit 1", "not available"),
        ("echo menu; exit 0", "menu"),
        ("PATH=/nonexistent; eval \"$SSH_ORIGINAL_COMMAND\"", "127"),
    ] {
        let server = sshd!(&format!("ForceCommand {forced}"));
        let error = Client::of(&server).refusal().await;
        assert_eq!((&error.kind, error.begun), (&LinkErrorKind::NoShell, false), "{forced}: {error:?}");
        assert!(error.detail.as_str().contains(says), "{error:?}");
    }
}

#[tokio::test]
async fn a_far_side_that_cannot_take_a_script_whole_runs_nothing() {
    // a `dd` that gives less than was sent
    let server = sshd!(
        "ForceCommand cd DIR; mkdir -p b; printf '#!/bin/sh\\nexec head -c 9\\n' > b/dd; chmod 755 b/dd; PATH=$PWD/b:$PATH; eval \"$SSH_ORIGINAL_COMMAND\""
    );
    let client = Client::of(&server);
    let ran = server.at("ran");
    let error = client.host().run(ask(&format!("echo x > {}", ran.display()))).await.unwrap_err();
    assert_eq!((&error.kind, error.begun), (&LinkErrorKind::CutShort, false), "{error:?}");
    assert!(!ran.exists());
}

#[tokio::test]
async fn at_the_deadline_the_script_is_ended_on_the_server() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    assert_eq!(host.check().await, Ok(()));
    // long enough for the script to begin on a busy machine, and nothing beside what it would sleep
    let hasty = Ask { deadline: Duration::from_secs(3), ..ask("echo $$; sleep 1000") };
    let answer = host.run(hasty).await.unwrap();
    assert_eq!(unknown(&answer).kind, LinkErrorKind::Deadline);
    assert!(unknown(&answer).begun);
    assert!(answer.took < Duration::from_secs(30), "{:?}", answer.took);
    let pid: i32 = String::from_utf8_lossy(&answer.stdout.bytes).trim().parse().unwrap();
    until(Duration::from_secs(5), "the script is gone", || !alive(pid)).await;
    // the same when nobody waits any more
    let file = server.at("pid");
    let script = format!("echo $$ > {f}.new; mv {f}.new {f}; sleep 1000", f = file.display());
    let asked = ask(&script);
    tokio::select! {
        _ = host.run(asked) => panic!("it sleeps"),
        () = until(Duration::from_secs(10), "the script runs", || file.exists()) => {}
    }
    let pid: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
    until(Duration::from_secs(5), "the script is gone", || !alive(pid)).await;
    assert_eq!(server.connections(), 1, "the link lived");
}

#[tokio::test]
async fn output_is_capped_and_a_child_that_stays_holds_nothing_up() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let script = "head -c 3000000 /dev/zero; sleep 1000 & echo $! >&2";
    let answer = host.run(Ask { cap: 100, ..ask(script) }).await.unwrap();
    assert!(matches!(answer.end, End::Exit(0)));
    assert_eq!((answer.stdout.bytes.len(), answer.stdout.dropped), (100, 2_999_900));
    let pid: i32 = String::from_utf8_lossy(&answer.stderr.bytes).trim().parse().unwrap();
    assert!(alive(pid));
    crate::fixture::signal_to(pid, rustix::process::Signal::KILL);
}

#[tokio::test]
async fn nothing_that_was_sent_is_in_an_argument_list_on_either_side() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    // both ends are this machine: one look at all processes sees both, and the constant part of the command line
    let look = "read s; all=$(cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' ' ')
        for w in canary-in-471 iflag=fullbloc; do case $all in *${w}[1k]*) echo yes;; *) echo no;; esac; done";
    let secret = Ask { stdin: b"canary-in-4711\n", ..ask(look) };
    assert_eq!(ended(host.run(secret).await.unwrap()).1, "no\nyes\n");
    let folder = host.control_folder().await.unwrap();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&text).contains("canary-in-4711"));
    }
}

#[tokio::test]
async fn tools_speak_english_whatever_the_workstation_speaks() {
    let server = sshd!("AcceptEnv LANG LC_*");
    let client = Client::of(&server);
    client.user_config("SendEnv LANG LC_*\nSetEnv LC_MESSAGES=zh_CN.UTF-8\n");
    assert_eq!(run(&client.host(), "echo $LC_ALL $LANG").await.1, "C C\n");
}
