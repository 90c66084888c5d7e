//! Each way in which a login can fail, told apart by what it asks of the operator, within its time, and with no
//! attempt more than needed.
use crate::fake::{Deaf, Fake, Manner, Proxy};
use crate::fixture::{Client, ask, join_all, nothing_was_done, run, until, with_argument};
use crate::sshd;
use opsdeck::core::safetext::SafeText;
use opsdeck::remote::error::{Class, Retry};
use opsdeck::remote::{Ask, End, Host, LinkErrorKind as K};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

fn t(text: impl AsRef<Path>) -> SafeText {
    SafeText::new(text.as_ref().to_str().unwrap())
}

fn impatient(mut client: Client) -> Client {
    client.settings.connect_timeout_s = 1;
    client.settings.keepalive_s = 1;
    client
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_from_one_that_is_not_known() {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let error = Client::to("127.0.0.1", free).refusal().await;
    assert_eq!((&error.kind, error.class()), (&K::Refused, Class::Unreachable));
    nothing_was_done(&error);
    // longer than a name can be: no name server is asked
    let name = "x".repeat(70);
    let error = Client::to(&name, free).refusal().await;
    assert_eq!(error.kind, K::NameNotFound { host: SafeText::new(&name) });
}

#[tokio::test]
async fn an_address_that_does_not_answer_is_told_from_a_server_that_does_not_speak() {
    let deaf = Deaf::start().await;
    let mut rows = vec![(deaf.port, K::NoAnswer)];
    let mut kept = Vec::new();
    for manner in [Manner::Silent, Manner::Drips, Manner::BannerOnly] {
        let fake = Fake::start(manner).await;
        rows.push((fake.port, K::Silent));
        kept.push(fake);
    }
    let ask_one = |(port, kind): (u16, K)| async move {
        let started = Instant::now();
        let error = impatient(Client::to("127.0.0.1", port)).refusal().await;
        assert_eq!(error.kind, kind, "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
        nothing_was_done(&error);
    };
    join_all(rows.into_iter().map(ask_one)).await;
}

#[tokio::test]
async fn what_hangs_up_is_told_from_what_is_no_ssh_server() {
    for (manner, kind) in [
        (Manner::HangsUp, K::HungUp),
        (Manner::Says("Exceeded MaxStartups\r\n"), K::HungUp),
        (Manner::Says("HTTP/1.1 400 Bad Request\r\n\r\n"), K::NotSsh),
        (Manner::Says("220 mail ESMTP\r\n"), K::NotSsh),
    ] {
        let fake = Fake::start(manner).await;
        let error = impatient(Client::to("127.0.0.1", fake.port)).refusal().await;
        assert_eq!(error.kind, kind, "{error:?}");
        assert_eq!(fake.visits.load(Ordering::SeqCst), 1);
        nothing_was_done(&error);
    }
}

#[tokio::test]
async fn those_who_wait_for_the_same_login_share_its_outcome() {
    let fake = Fake::start(Manner::HangsUp).await;
    let client = Client::to("127.0.0.1", fake.port);
    let host = client.host();
    for answer in join_all((0..6).map(|_| host.run(ask(":")))).await {
        assert_eq!(answer.unwrap_err().kind, K::HungUp);
    }
    assert_eq!(fake.visits.load(Ordering::SeqCst), 1);
    // unless the one who tried was only in a hurry
    let server = sshd!();
    let way = Fake::start(Manner::Silent).await;
    let mut client = Client::of(&server);
    client.environment.port = Some(way.port);
    let host = client.host();
    let hasty = Ask { deadline: Duration::from_millis(300), ..ask(":") };
    let patient = Ask { deadline: Duration::from_secs(4), ..ask(":") };
    let (first, second) = tokio::join!(host.run(hasty), host.run(patient));
    assert_eq!(first.unwrap_err().kind, K::Deadline);
    assert_eq!(second.unwrap_err().kind, K::Deadline);
    assert_eq!(way.visits.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_login_that_hangs_where_ssh_has_no_time_out_ends_all_the_same() {
    let fake = Fake::start(Manner::BannerOnly).await;
    let mut client = Client::to("127.0.0.1", fake.port);
    // ssh itself would wait 15 s
    client.limits.connect = Duration::from_millis(800);
    let host = client.host();
    let error = host.run(ask(":")).await.unwrap_err();
    assert_eq!(error.kind, K::Silent);
    let folder = host.control_folder().await.unwrap();
    until(Duration::from_secs(10), "ssh is gone", || with_argument(folder.to_str().unwrap()).is_empty())
        .await;
}

#[tokio::test]
async fn a_login_that_is_given_up_leaves_no_ssh_behind() {
    let fake = Fake::start(Manner::Silent).await;
    let client = Client::to("127.0.0.1", fake.port);
    let host = client.host();
    tokio::select! {
        _ = host.run(ask(":")) => panic!("nobody answers there"),
        () = until(Duration::from_secs(10), "ssh is there", || fake.visits.load(Ordering::SeqCst) > 0) => {}
    }
    let folder = client.folders.runtime.to_str().unwrap().to_owned();
    until(Duration::from_secs(10), "ssh is gone", || with_argument(&folder).is_empty()).await;
    // nor what ssh itself started
    let way = client.dir.path().join("way");
    std::fs::write(&way, "#!/bin/sh\nsleep 1000; :\n").unwrap();
    std::fs::set_permissions(&way, PermissionsExt::from_mode(0o755)).unwrap();
    client.user_config(&format!("ProxyCommand {}\n", way.display()));
    let host = client.host();
    let mine = || with_argument(way.to_str().unwrap());
    tokio::select! {
        _ = host.run(ask(":")) => panic!("that way leads nowhere"),
        () = until(Duration::from_secs(10), "its way is there", || {
            mine().iter().any(|p| !crate::fixture::descendants(*p).is_empty())
        }) => {}
    }
    until(Duration::from_secs(10), "its way is gone", || mine().is_empty()).await;
}

#[tokio::test]
async fn no_common_algorithm_is_named() {
    let server = sshd!("Ciphers aes128-cbc");
    let error = Client::of(&server).refusal().await;
    let expected =
        K::NoCommonAlgorithm { what: SafeText::new("cipher"), theirs: SafeText::new("aes128-cbc") };
    assert_eq!((&error.kind, error.retry()), (&expected, Retry::Never));
}

#[tokio::test]
async fn a_mistake_in_the_ssh_configuration_is_named_with_its_line() {
    let server = sshd!();
    let mut client = Client::of(&server);
    let file = client.user_config("# mine\n\nHosst prod\n");
    let error = client.refusal().await;
    assert_eq!(error.kind, K::BadConfig { place: SafeText::new(&format!("{}:3", file.display())) });
    client.user_config("Host *\n  Port\n");
    let error = client.refusal().await;
    assert_eq!(error.kind, K::BadConfig { place: SafeText::new(&format!("{}:2", file.display())) });
    client.user_config("Host *\n");
    std::fs::set_permissions(&file, PermissionsExt::from_mode(0o666)).unwrap();
    assert_eq!(client.refusal().await.kind, K::BadConfig { place: t(&file) });
    let missing = client.dir.path().join("no-config");
    client.settings.config_file = Some(missing.clone());
    assert_eq!(client.refusal().await.kind, K::BadConfig { place: t(&missing) });
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_is_missing_on_the_workstation_is_named() {
    let server = sshd!();
    let mut client = Client::of(&server);
    client.folders.path = Some(client.dir.path().into());
    let error = client.refusal().await;
    assert_eq!(error.kind, K::ProgramMissing { program: SafeText::new("ssh") });
    let mut client = Client::of(&server);
    client.folders.runtime = client.dir.path().join("x".repeat(60));
    assert!(matches!(client.refusal().await.kind, K::ControlFolder { .. }));
    let mut client = Client::of(&server);
    client.environment.host = "-oProxyCommand=touch /tmp/x".into();
    assert_eq!(client.refusal().await.kind, K::BadSetting { setting: "host" });
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_way_that_breaks_at_any_byte_of_the_login_gives_a_plain_error() {
    let server = sshd!();
    let cut_at = |after: usize| {
        let server = &server;
        async move {
            let way = Proxy::cutting(server.port, after).await;
            let mut client = Client::stranger(server);
            client.environment.port = Some(way.port);
            client.knows(&server.known_line().replace(&server.port.to_string(), &way.port.to_string()));
            let host = client.host();
            match host.run(ask("echo whole")).await {
                Err(error) => {
                    assert!(matches!(error.kind, K::HungUp | K::Lost), "{after}: {error:?}");
                    nothing_was_done(&error);
                }
                Ok(answer) => {
                    // never a success that was not seen
                    match &answer.end {
                        End::Exit(code) => {
                            assert_eq!((*code, answer.stdout.bytes.as_slice()), (0, &b"whole\n"[..]))
                        }
                        End::Unknown(error) => assert!(error.begun, "{after}: {error:?}"),
                    }
                }
            }
            host.close().await;
        }
    };
    // the login takes some 3 kB, the answer stands at the end of it
    let places: Vec<usize> = [1, 20, 41, 42, 100, 700, 1200, 1500, 2000, 2400]
        .into_iter()
        .chain((2600..4200).step_by(150))
        .collect();
    for some in places.chunks(4) {
        join_all(some.iter().map(|n| cut_at(*n))).await;
    }
    assert_eq!(run(&Client::of(&server).host(), ":").await.0, 0);
}
