//! The link breaks while a script runs: what is said about it, and how the next question finds a new one.
use crate::fake::Proxy;
use crate::fixture::{Client, Sshd, ask, run, signal_to, unknown, until, with_argument};
use crate::sshd;
use opsdeck::remote::ssh::SshHost;
use opsdeck::remote::{Answer, Ask, End, Host, Line, LinkError, LinkErrorKind as K};
use rustix::process::Signal;
use std::time::{Duration, Instant};

const SOON: Duration = Duration::from_secs(10);

/// The pid of the local ssh.
async fn master(host: &SshHost) -> i32 {
    let folder = host.control_folder().await.unwrap();
    let pids = with_argument(folder.to_str().unwrap());
    assert_eq!(pids.len(), 1, "{pids:?}");
    pids[0]
}

/// Runs a script that never ends, breaks something once it runs (and its first words are over), and gives what is said about it then.
async fn broken(server: &Sshd, host: &SshHost, broke: impl AsyncFnOnce()) -> Answer {
    let begun = server.at("begun");
    let _ = std::fs::remove_file(&begun);
    let script = format!("echo half; echo side >&2; sleep 0.5; : > {}; sleep 1000", begun.display());
    let (answer, ()) = tokio::join!(host.run(ask(&script)), async {
        until(SOON, "the script runs", || begun.exists()).await;
        broke().await;
    });
    let answer = answer.unwrap();
    assert_eq!(answer.stdout.bytes, b"half\n", "what came is kept");
    assert_eq!(answer.stderr.bytes, b"side\n");
    answer
}

fn outcome_is_unknown(error: &LinkError, kind: &K) {
    assert_eq!((&error.kind, error.begun), (kind, true), "{error:?}");
    assert!(error.hint().zh.contains("结果未知"));
}

#[tokio::test]
async fn a_session_that_is_killed_on_the_server_is_a_lost_link() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    for signal in [Signal::TERM, Signal::KILL] {
        let answer = broken(&server, &host, async || server.kill_sessions(signal)).await;
        outcome_is_unknown(unknown(&answer), &K::Lost);
        assert!(answer.took < SOON, "{:?}", answer.took);
    }
    assert_eq!(run(&host, "echo again").await.1, "again\n");
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_local_ssh_that_is_killed_is_a_lost_link_and_the_script_goes_with_it() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let mut stream = host.stream(ask("echo $$; sleep 1000")).await.unwrap();
    let Some(Line::Out(pid, 0)) = stream.next().await else { panic!() };
    let pid: i32 = String::from_utf8(pid).unwrap().parse().unwrap();
    let ssh = master(&host).await;
    let answer = broken(&server, &host, async || signal_to(ssh, Signal::KILL)).await;
    outcome_is_unknown(unknown(&answer), &K::Lost);
    assert_eq!(stream.next().await, None);
    let End::Unknown(error) = stream.end().await else { panic!("it ended in order") };
    outcome_is_unknown(&error, &K::Lost);
    until(Duration::from_secs(5), "the script is gone", || !crate::fixture::alive(pid)).await;
    assert_eq!(host.check().await, Ok(()), "the next question connects anew");
}

#[tokio::test]
async fn a_local_ssh_that_is_stuck_is_ended_and_replaced() {
    let server = sshd!();
    let mut client = Client::of(&server);
    client.limits.open = Duration::from_millis(500);
    let host = client.host();
    // stuck before a question: the question is asked over a new one
    assert_eq!(host.check().await, Ok(()));
    let first = master(&host).await;
    signal_to(first, Signal::STOP);
    let started = Instant::now();
    assert_eq!(run(&host, "echo new").await.1, "new\n");
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    until(SOON, "the stuck one is gone", || !crate::fixture::alive(first)).await;
    // stuck during a question: nobody knows how it ended
    let second = master(&host).await;
    assert_ne!(first, second);
    let begun = server.at("begun");
    let script = format!(": > {}; sleep 1000", begun.display());
    let hasty = Ask { deadline: Duration::from_secs(3), ..ask(&script) };
    let (answer, ()) = tokio::join!(host.run(hasty), async {
        until(SOON, "the script runs", || begun.exists()).await;
        signal_to(second, Signal::STOP);
    });
    outcome_is_unknown(unknown(&answer.unwrap()), &K::Frozen);
    until(SOON, "the stuck one is gone", || !crate::fixture::alive(second)).await;
    assert_eq!(host.check().await, Ok(()));
}

#[tokio::test]
async fn a_question_notices_that_the_local_ssh_is_stuck_long_before_its_deadline() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let answer = broken(&server, &host, async || signal_to(master(&host).await, Signal::STOP)).await;
    outcome_is_unknown(unknown(&answer), &K::Frozen);
    assert!(answer.took < Duration::from_secs(20), "{:?}", answer.took);
    assert_eq!(host.check().await, Ok(()));
}

#[tokio::test]
async fn a_stream_notices_that_the_local_ssh_is_stuck() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let mut stream = host.stream(ask("echo begin; sleep 1000")).await.unwrap();
    assert_eq!(stream.next().await, Some(Line::Out(b"begin".to_vec(), 0)));
    signal_to(master(&host).await, Signal::STOP);
    let rest = tokio::time::timeout(Duration::from_secs(15), stream.next()).await.unwrap();
    assert_eq!(rest, None);
    let End::Unknown(error) = stream.end().await else { panic!("it ended in order") };
    outcome_is_unknown(&error, &K::Frozen);
}

#[tokio::test]
async fn a_way_that_swallows_everything_is_noticed_by_keep_alive() {
    let server = sshd!();
    let way = Proxy::to(server.port).await;
    let mut client = Client::of(&server);
    client.knows(&server.known_line().replace(&server.port.to_string(), &way.port.to_string()));
    client.environment.port = Some(way.port);
    client.settings.keepalive_s = 1;
    let host = client.host();
    let mut stream = host.stream(ask("echo begin; sleep 1000")).await.unwrap();
    assert_eq!(stream.next().await, Some(Line::Out(b"begin".to_vec(), 0)));
    let started = Instant::now();
    let answer = broken(&server, &host, async || way.black_hole()).await;
    outcome_is_unknown(unknown(&answer), &K::Lost);
    assert!(unknown(&answer).detail.as_str().contains("not responding"), "{answer:?}");
    // three questions without an answer, one a second
    assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
    assert_eq!(stream.next().await, None);
    assert!(matches!(stream.end().await, End::Unknown(e) if e.kind == K::Lost));
}

#[tokio::test]
async fn a_server_that_is_stuck_is_noticed_by_keep_alive() {
    let server = sshd!();
    let mut client = Client::of(&server);
    client.settings.keepalive_s = 1;
    let host = client.host();
    let answer = broken(&server, &host, async || server.kill_sessions(Signal::STOP)).await;
    outcome_is_unknown(unknown(&answer), &K::Lost);
    // stuck before a question: the question waits for the loss to be noticed, and goes over a new connection
    assert_eq!(host.check().await, Ok(()));
    server.kill_sessions(Signal::STOP);
    assert_eq!(run(&host, "echo new").await.1, "new\n");
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_server_that_is_gone_for_a_while_is_found_again() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    assert_eq!(host.check().await, Ok(()));
    // nobody is asked meanwhile: the loss is only seen by the next question, which goes over a new connection
    server.kill_sessions(Signal::KILL);
    assert_eq!(run(&host, "echo back").await.1, "back\n");
    assert_eq!(server.connections(), 2);
}
