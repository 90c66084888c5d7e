//! A look over a real ssh connection: how many exchanges it takes.
use crate::fixture::Client;
use crate::sshd;
use opsdeck::core::snapshot::QUESTIONS;
use opsdeck::look;
use opsdeck::remote::Host;

#[tokio::test]
async fn a_look_is_one_connection_and_one_session_on_it() {
    let server = sshd!();
    let mut client = Client::of(&server);
    // this machine is looked at: nothing of it is anybody's share or backend
    client.environment.share.host = "127.0.0.1".into();
    client.environment.share.port = 1;
    client.environment.containers.health_url = "http://127.0.0.1:1/health".into();
    let host = client.host();
    for n in 1..=2 {
        let look = look::take(&host, &client.environment).await.unwrap();
        assert!(look.cut_short.is_none());
        assert_eq!(look.snapshot.answered, QUESTIONS);
        assert!(look.snapshot.mounts.is_ok() && look.snapshot.identity.is_ok());
        let sessions = server.log().matches("Starting session: command").count();
        assert_eq!((sessions, server.connections()), (n, 1));
    }
    // a whole diagnosis is the same one session
    let report = opsdeck::cli::check::look_at(&host, &client.environment).await;
    let diagnosis = opsdeck::cli::diagnose::of_report(&client.environment, &report, None);
    assert!(!diagnosis.findings.is_empty(), "{diagnosis:?}");
    assert_eq!((server.log().matches("Starting session: command").count(), server.connections()), (3, 1));
    host.close().await;
}
