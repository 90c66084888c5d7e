//! What keeps a log from being followed: said once, in a type; waited for where waiting can help.
use crate::support::{Followed, Server, shells};
use opsdeck::core::log::note::{Note, Wait};
use opsdeck::core::log::{From, Source};
use opsdeck::core::safetext::SafeText;
use opsdeck::tail::Ended;
use std::sync::Arc;

#[tokio::test]
async fn a_docker_that_is_down_and_a_container_that_is_not_there_are_waited_for() {
    for shell in shells() {
        let server = Server::with(shell);
        server.put("state", "down\n");
        let mut log = server.follow(From::Tail(9));
        let Note::Waiting { why: Wait::Docker { said } } = log.note().await else { panic!("{shell}") };
        assert!(said.as_str().starts_with("Cannot connect to the Docker daemon"), "{said}");
        server.put("state", "missing\n");
        assert_eq!(log.note().await, Note::Waiting { why: Wait::Missing });
        server.lines(1..3);
        server.container("one", true, 1);
        log.numbers(1..3).await;
        // and while it is followed
        server.put("state", "down\n");
        assert!(matches!(log.note().await, Note::Waiting { why: Wait::Docker { .. } }));
        server.lines(3..4);
        server.container("one", true, 2);
        assert!(matches!(log.note().await, Note::Restarted { .. }));
        log.numbers(3..4).await;
    }
}

#[tokio::test]
async fn a_container_that_does_not_run_shows_what_it_printed() {
    for shell in shells() {
        let server = Server::with(shell);
        server.lines(1..3);
        server.container("one", false, 1);
        let mut log = server.follow(From::Tail(9));
        log.numbers(1..3).await;
        assert!(matches!(log.note().await, Note::Waiting { why: Wait::Stopped { code: Some(137), .. } }));
        server.lines(3..4);
        server.container("one", true, 2);
        assert!(matches!(log.note().await, Note::Restarted { .. }));
        log.numbers(3..4).await;
    }
}

#[tokio::test]
async fn what_no_waiting_mends_ends_it_and_says_why() {
    for shell in shells() {
        let server = Server::with(shell);
        server.put("state", "one true false 2026-01-31T04:00:00Z 0001-01-01T00:00:00Z 0 none\n");
        let mut log = server.follow(From::Tail(9));
        assert_eq!(log.note().await, Note::NotReadable { driver: SafeText::new("none") });
        assert_eq!(log.ended().await, Ended::NoWay);

        server.put("state", "denied\n");
        let mut log = server.follow(From::Tail(9));
        let Note::Denied { said } = log.note().await else { panic!("{shell}") };
        assert!(said.as_str().contains("permission denied"));
        assert_eq!(log.ended().await, Ended::NoWay);

        for (tool, source) in [("docker", Source::Container("web".into())), ("journalctl", Source::Journal)] {
            let host = Arc::new(server.bare_host());
            let mut log = Followed::of(host, source, From::Tail(9));
            assert_eq!(log.note().await, Note::ToolMissing { tool: SafeText::new(tool) }, "{shell}");
            assert_eq!(log.ended().await, Ended::NoWay);
        }
    }
}
