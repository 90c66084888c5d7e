//! Whatever happens in the middle of an action, at each of its steps: the link is cut, the console is killed, the unit's process
//! is killed, the server loses its power. Afterwards the backend runs if it ran before, nothing half-written is left, no lock is
//! lost, the journals on the server and on the workstation are true, and the next console says what became of it. Prints a
//! table of all cases.
//!
//! Real sshd, systemd, Docker, CIFS: needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
//! `OPSDECK_KILL_ONLY` names actions and blows (`mount,Power`), `OPSDECK_KILL_ON` the server (`test`).
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// each test has a thread and a runtime of its own: who waits for the lab holds up nobody
#![allow(clippy::disallowed_methods, clippy::await_holding_lock)]

#[path = "../common/acting.rs"]
mod acting;
mod blows;
#[path = "../common/lab.rs"]
mod lab;
#[path = "../ssh/processes.rs"]
#[allow(unreachable_pub, dead_code)]
mod processes;
mod state;
mod stories;

use acting::{Server, server};
use blows::Blow;
use lab::{config, lab, with_lab_for};
use opsdeck::core::plan::event::What;
use opsdeck::core::plan::{Made, Plan};
use state::{State, left, run};
use std::time::Instant;
use stories::{STORIES, Story};

/// The plan. A server without hardware support may be too slow for a look; that is not what is tested here.
async fn plan(at: &Server, story: &Story) -> Plan {
    let action = (story.action)();
    for _ in 0..5 {
        match opsdeck::act::preview(&at.host, &at.env, &action).await.unwrap().made {
            Ok(Made::Plan(plan)) => return *plan,
            Err(refusal) if refusal.said.en.contains("not known") => {
                eprintln!("not known yet: {}", refusal.said.en);
            }
            other => panic!("{}: {other:#?}", story.name),
        }
    }
    panic!("{}: no look was ever whole", story.name);
}

/// One line of the table.
struct Row {
    blow: Blow,
    steps: Vec<usize>,
    seconds: f64,
    /// How the run ended.
    ended: String,
    /// What is wrong afterwards; nothing where all is well.
    wrong: Vec<String>,
}

/// A case: `step` is where a blow that falls once falls.
async fn case(on: &'static str, story: &Story, at: Server, plan: &Plan, blow: Blow, step: usize) -> Row {
    let began = Instant::now();
    let before = State::of(on);
    let after = blows::fall(on, story, plan, at, blow, step).await;
    let now = State::of(on);
    let mut wrong = now.otherwise(&before, story.changes);
    wrong.extend((story.wrong)(&before, &now, after.ended()));
    let ends = after.events.iter().filter(|e| matches!(e.what, What::End { .. })).count();
    if ends != 1 {
        wrong.push(format!("{ends} ends in the server's journal"));
    }
    if !after.is_honest(blow) {
        wrong.push(format!("{:?} was told as {:?}", after.ended(), after.outcome));
    }
    // what the operator is told is what the journal of the workstation keeps
    let came = serde_json::to_value(after.outcome.came()).unwrap();
    if after.written.iter().any(|w| w.as_deref() != came.as_str()) {
        wrong.push(format!("the workstation's journal says {:?}, and {came} was told", after.written));
    }
    let left = left(on);
    if !left.is_empty() {
        wrong.push(format!("left behind: {left}"));
    }
    let ended = format!("{:?}", after.ended());
    Row { blow, steps: after.fell, seconds: began.elapsed().as_secs_f64(), ended, wrong }
}

/// The situation made anew, a console, its plan.
async fn ready(on: &'static str, story: &Story) -> (Server, Plan) {
    run(on, &format!("{}\nsync -f /root", story.prepare));
    let at = server(&config(), on);
    let plan = plan(&at, story).await;
    (at, plan)
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_in_the_middle_all_is_whole_and_the_next_console_tells() {
    let Some(_lab) = with_lab_for("lab_kill") else { return };
    let only = std::env::var("OPSDECK_KILL_ONLY").unwrap_or_default();
    let asked = |word: &str| {
        let words: Vec<&str> = only.split(',').filter(|w| !w.is_empty()).collect();
        words.is_empty() || words.contains(&word)
    };
    // of a list that names only actions, or only blows, the other is all of them
    let named = |words: &[&str]| words.iter().any(|w| only.split(',').any(|o| o == *w));
    let actions: Vec<&str> = STORIES.iter().map(|s| s.name).collect();
    let (some_actions, some_blows) = (named(&actions), named(&["Link", "Console", "Unit", "Power"]));
    let on: &'static str =
        if std::env::var("OPSDECK_KILL_ON").is_ok_and(|n| n == "test") { "test" } else { "prod" };
    assert!(lab(&["reset", on]).status.success());
    let (mut well, mut all, mut table) = (0, 0, String::new());
    for story in STORIES.iter().filter(|s| !some_actions || asked(s.name)) {
        for blow in stories::blows().into_iter().filter(|b| !some_blows || asked(&format!("{b:?}"))) {
            let (mut at, mut plan) = ready(on, story).await;
            let steps = if matches!(blow, Blow::Unit | Blow::Power) { plan.steps.len() } else { 1 };
            for step in 1..=steps {
                if step > 1 {
                    (at, plan) = ready(on, story).await;
                }
                let row = case(on, story, at, &plan, blow, step).await;
                all += row.steps.len();
                well += if row.wrong.is_empty() { row.steps.len() } else { 0 };
                let word = if row.wrong.is_empty() { "well".to_owned() } else { row.wrong.join("; ") };
                let fell: Vec<String> = row.steps.iter().map(ToString::to_string).collect();
                let line = format!(
                    "{:<24} {:<8} step {:<12} of {}  {:>5.1} s  {:<16} {word}\n",
                    story.name,
                    format!("{:?}", row.blow),
                    fell.join(" "),
                    plan.steps.len(),
                    row.seconds,
                    row.ended
                );
                eprint!("{line}");
                table.push_str(&line);
                // moved into the next case anew
                at = server(&config(), on);
            }
        }
    }
    println!("{table}{well} of {all}: {} %", 100 * well / all.max(1));
    assert!(all > 0 && well == all, "\n{table}");
}
