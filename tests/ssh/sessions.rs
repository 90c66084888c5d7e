//! Many questions over one connection, and servers that allow few at a time.
use crate::fixture::{Client, Sshd, ask, ended, run, until};
use crate::sshd;
use opsdeck::remote::ssh::SshHost;
use opsdeck::remote::{Ask, Host, Line, LinkErrorKind as K};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;

/// Asks many questions at once; each must get its own answer.
async fn many(host: &Arc<SshHost>, count: usize) {
    let mut asks = JoinSet::new();
    for n in 0..count {
        let host = Arc::clone(host);
        asks.spawn(async move {
            let script = format!("sleep 0.05; echo answer {n}; exit {}", n % 7);
            let (code, out, _) = ended(host.run(ask(&script)).await.unwrap());
            assert_eq!((code as usize, out), (n % 7, format!("answer {n}\n")));
        });
    }
    while let Some(done) = asks.join_next().await {
        done.unwrap();
    }
}

fn refusals(server: &Sshd) -> usize {
    server.log().matches("no more sessions").count()
}

#[tokio::test]
async fn many_questions_share_one_connection_and_no_more_than_six_sessions() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = Arc::new(client.host());
    let inside = server.at("inside");
    std::fs::create_dir(&inside).unwrap();
    let script = format!("cd {} && : > $$ && while ! [ -e ../go ]; do sleep 0.1; done", inside.display());
    let mut asks = JoinSet::new();
    for _ in 0..12 {
        let (host, script) = (Arc::clone(&host), script.clone());
        asks.spawn(async move { run(&*host, &script).await.0 });
    }
    let count = || std::fs::read_dir(&inside).unwrap().count();
    until(Duration::from_secs(30), "six are inside", || count() >= 6).await;
    // a seventh would come now
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(count(), 6);
    std::fs::write(server.at("go"), "").unwrap();
    while let Some(code) = asks.join_next().await {
        assert_eq!(code.unwrap(), 0);
    }
    assert_eq!(count(), 12);
    assert_eq!((server.connections(), refusals(&server)), (1, 0), "{}", server.log());
}

#[tokio::test]
async fn a_server_that_allows_one_session_at_a_time_is_asked_one_question_at_a_time() {
    for allowed in [1, 2] {
        let server = sshd!(&format!("MaxSessions {allowed}"));
        let client = Client::of(&server);
        let host = Arc::new(client.host());
        many(&host, 12).await;
        let learned = refusals(&server);
        many(&host, 12).await;
        assert_eq!(server.connections(), 1);
        // once it is known, the server is hardly ever asked for more (it may still be closing the last one)
        assert!(refusals(&server) - learned <= 12, "{learned} and {}", refusals(&server));
    }
}

#[tokio::test]
async fn who_waits_for_a_session_in_vain_is_told_so() {
    let server = sshd!("MaxSessions 1");
    let client = Client::of(&server);
    let host = client.host();
    let mut stream = host.stream(ask("echo begin; sleep 1000")).await.unwrap();
    assert_eq!(stream.next().await, Some(Line::Out(b"begin".to_vec(), 0)));
    for _ in 0..2 {
        let hasty = Ask { deadline: Duration::from_millis(800), ..ask(":") };
        let error = host.run(hasty).await.unwrap_err();
        assert_eq!((&error.kind, error.begun), (&K::SessionsRefused, false), "{error:?}");
        assert!(error.hint().en.contains("MaxSessions"));
    }
    drop(stream);
    assert_eq!(host.check().await, Ok(()), "its place is free again");
}

#[tokio::test]
async fn a_server_that_allows_no_session_at_all_is_told_from_a_lost_link() {
    let server = sshd!("MaxSessions 0");
    let error = Client::of(&server).refusal().await;
    assert_eq!((&error.kind, error.begun), (&K::SessionsRefused, false));
}

#[tokio::test]
async fn a_stream_holds_no_one_up_and_loses_nothing() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let count = "i=0; while [ $i -lt 30000 ]; do echo line $i; i=$((i+1)); done; exit 5";
    let mut stream = host.stream(ask(count)).await.unwrap();
    // nobody reads yet: the far side waits, and other questions are answered
    assert_eq!(run(&host, "echo meanwhile").await.1, "meanwhile\n");
    let mut next = 0;
    while let Some(line) = stream.next().await {
        assert_eq!(line, Line::Out(format!("line {next}").into_bytes(), 0));
        next += 1;
    }
    assert_eq!(next, 30_000);
    assert!(matches!(stream.end().await, opsdeck::remote::End::Exit(5)));
}

#[tokio::test]
async fn a_long_line_is_cut_and_counted() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let flood = Ask { cap: 10, ..ask("head -c 2000000 /dev/zero; echo; echo short") };
    let mut stream = host.stream(flood).await.unwrap();
    assert_eq!(stream.next().await, Some(Line::Out(vec![0; 10], 1_999_990)));
    assert_eq!(stream.next().await, Some(Line::Out(b"short".to_vec(), 0)));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_stream_that_is_dropped_ends_its_script_on_the_server() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let mut stream = host.stream(ask("trap '' TERM HUP; sleep 1000 & echo $!; wait")).await.unwrap();
    let Some(Line::Out(pid, 0)) = stream.next().await else { panic!() };
    let pid: i32 = String::from_utf8(pid).unwrap().parse().unwrap();
    drop(stream);
    until(Duration::from_secs(5), "the job is gone", || !crate::fixture::alive(pid)).await;
    assert_eq!(host.check().await, Ok(()));
    assert_eq!(server.connections(), 1);
}

#[tokio::test]
async fn one_connection_answers_every_question() {
    let server = sshd!();
    let client = Client::of(&server);
    let host = client.host();
    let started = Instant::now();
    assert_eq!(host.check().await, Ok(()));
    let first = started.elapsed();
    let started = Instant::now();
    for _ in 0..20 {
        assert_eq!(host.check().await, Ok(()));
    }
    println!("first answer {first:?}, each next one {:?}", started.elapsed() / 20);
    assert_eq!(server.connections(), 1);
    let log = host.control_folder().await.unwrap().join("0.log");
    assert!(std::fs::metadata(log).unwrap().len() < 300 * 1024);
}
