//! Actions on the lab's servers: a real sshd, systemd and Docker, and whatever can happen to link, console, unit and server
//! in the middle.
//!
//! Needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// each test has a thread and a runtime of its own: who waits for the lab holds up nobody
#![allow(clippy::disallowed_methods, clippy::await_holding_lock)]

#[path = "common/acting.rs"]
mod acting;
#[path = "common/lab.rs"]
mod lab;

use acting::server;
use lab::{config, lab, on_server, with_lab};
use opsdeck::core::plan::told::Outcome;
use opsdeck::core::plan::{Action, How, Service};

#[tokio::test]
async fn services_are_restarted_stopped_and_started_and_seen_to_be() {
    let Some(_lab) = with_lab() else { return };
    assert!(lab(&["reset", "test"]).status.success());
    let test = server(&config(), "test");
    for which in [Service::Frontend, Service::Backend, Service::Ragflow] {
        for how in [How::Restart, How::Stop, How::Start] {
            let (outcome, _) = test.act(&Action::Services { which, how }).await;
            let Outcome::Done { proofs } = &outcome else { panic!("{which:?} {how:?}: {outcome:?}") };
            assert!(!proofs.is_empty());
        }
    }
    assert_eq!(
        on_server(
            "test",
            "ls /etc/systemd/system/opsdeck-after-boot.service /run/opsdeck 2>/dev/null || true"
        ),
        ""
    );
}
