//! A watch over a real ssh connection: when the asking side goes, everything on the server goes.
use crate::fixture::{Client, alive, descendants, signal_to, until, with_argument};
use crate::sshd;
use opsdeck::core::probe::watch::Tick;
use opsdeck::remote::Host;
use opsdeck::watch::{self, Came, Ended};
use rustix::process::Signal;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, channel};

/// Watches of other tests and programs of this machine leave theirs here, too.
fn scratch_folders() -> BTreeSet<String> {
    let all = std::fs::read_dir("/run/opsdeck").into_iter().flatten().flatten();
    all.filter_map(|e| e.file_name().into_string().ok()).filter(|n| n.starts_with("watch.")).collect()
}

async fn first_beat(from: &mut Receiver<Came>) {
    while !matches!(from.recv().await, Some((_, Tick::Beat(_)))) {}
    // this machine has no backend: what is asked for it fails, and that is said
    while !matches!(from.recv().await, Some((_, Tick::Backend(Err(_))))) {}
}

/// What runs in the sessions of the server.
fn processes(server: &crate::fixture::Sshd) -> Vec<i32> {
    let sessions = server.sessions();
    sessions.iter().copied().chain(sessions.iter().flat_map(|s| descendants(*s))).collect()
}

#[tokio::test]
async fn a_link_that_is_killed_leaves_nothing_on_the_server() {
    let server = sshd!();
    let mut client = Client::of(&server);
    client.environment.containers.backend = "opsdeck-test-no-such-container".into();
    let host = client.host();
    let before = scratch_folders();
    let (to, mut from) = channel(8);
    let (ended, running) = tokio::join!(watch::follow(&host, &client.environment, &to), async {
        first_beat(&mut from).await;
        let running = processes(&server);
        let folder = host.control_folder().await.unwrap();
        signal_to(with_argument(folder.to_str().unwrap())[0], Signal::KILL);
        running
    });
    assert!(matches!(ended, Ended::Lost(_)), "{ended:?}");
    assert!(running.len() > 3, "the script and its tick: {running:?}");
    until(Duration::from_secs(15), "all of it is gone", || !running.iter().any(|pid| alive(*pid))).await;
    let after = scratch_folders();
    assert!(after.is_subset(&before), "{before:?} {after:?}");
}

#[tokio::test]
async fn a_watch_that_nobody_takes_is_ended_on_the_server_too() {
    let server = sshd!();
    let mut client = Client::of(&server);
    client.environment.containers.backend = "opsdeck-test-no-such-container".into();
    let host = client.host();
    let (to, mut from) = channel(8);
    let (ended, running) = tokio::join!(watch::follow(&host, &client.environment, &to), async {
        first_beat(&mut from).await;
        drop(from);
        processes(&server)
    });
    assert_eq!(ended, Ended::Unheard);
    // the session itself stays for the next question
    let script = running.into_iter().filter(|pid| !server.sessions().contains(pid)).collect::<Vec<_>>();
    until(Duration::from_secs(15), "the script is gone", || !script.iter().any(|pid| alive(*pid))).await;
    host.close().await;
}
