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
use opsdeck::act;
use opsdeck::core::plan::told::Outcome;
use opsdeck::core::plan::{Action, How, Service};

#[tokio::test]
async fn services_are_restarted_stopped_and_started_and_seen_to_be() {
    let Some(_lab) = with_lab() else { return };
    assert!(lab(&["reset", "test"]).status.success());
    let test = server(&config(), "test");
    for (which, how) in [
        (Service::Ragflow, How::Restart),
        (Service::Frontend, How::Restart),
        (Service::Backend, How::Stop),
        (Service::Backend, How::Start),
    ] {
        let (outcome, _) = test.act(&Action::Services { which, how }).await;
        let Outcome::Done { proofs } = &outcome else { panic!("{which:?} {how:?}: {outcome:?}") };
        assert!(!proofs.is_empty());
        // how it was is told beside how it is
        assert!(proofs.iter().any(|p| p.before.as_ref().is_some_and(|b| *b != p.after)), "{proofs:?}");
    }
    let left = "ls /etc/systemd/system/opsdeck-after-boot.service /run/opsdeck/[0-9]* 2>/dev/null || true";
    assert_eq!(on_server("test", left), "");
}

#[tokio::test]
async fn of_two_consoles_at_once_one_acts_and_the_other_is_told_who() {
    let Some(_lab) = with_lab() else { return };
    assert!(lab(&["reset", "test"]).status.success());
    let (mut anna, mut bo) = (server(&config(), "test"), server(&config(), "test"));
    (anna.operator, bo.operator) = ("anna@desk".into(), "bo@desk".into());
    let restart = Action::Services { which: Service::Backend, how: How::Restart };
    let (one, two) = tokio::join!(anna.plan(&restart), bo.plan(&restart));
    assert!(one.same_as(&two));
    let (run_a, run_b) = (act::fresh_name().unwrap(), act::fresh_name().unwrap());
    let ((a, _), (b, _)) = tokio::join!(anna.carry_out(&one, &run_a, None), bo.carry_out(&two, &run_b, None));
    let (other, refusal) = match (&a, &b) {
        (Outcome::Done { .. }, Outcome::Refused(refusal)) => ("anna@desk", refusal),
        (Outcome::Refused(refusal), Outcome::Done { .. }) => ("bo@desk", refusal),
        _ => panic!("{a:?}\n{b:?}"),
    };
    assert!(refusal.said.zh.contains(other) && refusal.said.en.contains(other), "{refusal:?}");
    // the backend was restarted once
    let began = on_server("test", "grep -l ' begin' /var/lib/opsdeck/runs/*/journal | wc -l");
    assert_eq!(began, "1");
}
