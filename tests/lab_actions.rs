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
use lab::{config, lab, on_server, with_lab_for};
use opsdeck::act;
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::core::plan::{Action, How, Service, Step};
use opsdeck::core::probe::runs::RunState;
use tokio::sync::mpsc;

#[tokio::test]
async fn services_are_restarted_stopped_and_started_and_seen_to_be() {
    let Some(_lab) = with_lab_for("lab_actions") else { return };
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
async fn while_one_console_acts_another_is_told_who() {
    let Some(_lab) = with_lab_for("lab_actions") else { return };
    assert!(lab(&["reset", "test"]).status.success());
    let (mut anna, mut bo) = (server(&config(), "test"), server(&config(), "test"));
    (anna.operator, bo.operator) = ("anna@desk".into(), "bo@desk".into());
    let restart = Action::Services { which: Service::Frontend, how: How::Restart };
    let plan = bo.plan(&restart).await;
    // what was confirmed before, while nobody was at work
    let mut long = plan.clone();
    let wait = "until [ -e /run/opsdeck-lab-go ]; do sleep 0.2; done";
    long.steps.insert(0, Step { title: Default::default(), sh: wait.into(), undo: None });
    let run = act::fresh_name().unwrap();
    anna.begin(&long, &run, None).await;
    let (told, _) = bo.carry_out(&plan, &act::fresh_name().unwrap(), None).await;
    let Outcome::Refused(refusal) = told else { panic!("{told:?}") };
    assert!(refusal.said.zh.contains("anna@desk") && refusal.said.en.contains("anna@desk"), "{refusal:?}");
    // nothing but what was begun was done, and it is seen by everybody
    let look = opsdeck::look::take(&bo.host, &bo.env).await.unwrap().snapshot;
    let runs = look.runs.unwrap();
    assert_eq!(runs.len(), 1, "{runs:?}");
    assert_eq!((&runs[0].name, &runs[0].state), (&run, &RunState::AtWork));
    on_server("test", "touch /run/opsdeck-lab-go");
    let (send, mut told) = mpsc::channel(64);
    let drain = async { while told.recv().await.is_some_and(|t| !matches!(t, Told::Ended(_))) {} };
    let (ended, ()) =
        tokio::join!(act::attach(&bo.host, &bo.env, &run, &restart, Some(&bo.journal), &send), drain);
    assert!(matches!(ended, Outcome::Done { .. }), "{ended:?}");
}
