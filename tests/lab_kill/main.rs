//! Whatever happens in the middle of an action, at each of its steps: the link is cut, the console is killed, the unit's process
//! is killed, the server loses its power. Afterwards the backend runs if it ran before, nothing half-written is left, no lock is
//! lost, the journals on the server and on the workstation are true, and the next console says what became of it. Prints a
//! table of all cases; those that are not run this time stay as they were measured.
//!
//! Real sshd, systemd, Docker, CIFS: needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
//! `OPSDECK_KILL_ONLY` names actions and blows (`mount;Power`), `OPSDECK_KILL_ON` the server (`test`); with `OPSDECK_KILL_MISSING`
//! only what is not kept as measured and right is run.
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
mod report;
mod state;
mod stories;

use acting::{Server, server};
use blows::{Blow, thaw};
use lab::{config, lab, with_lab_for};
use opsdeck::core::plan::event::What;
use opsdeck::core::plan::{Made, Plan};
use state::{Ran, State, left, run};
use std::time::{Duration, Instant};
use stories::{STORIES, Story};

/// The plan, or why there is none. A server without hardware support may be too slow for a look; that is not what is tested
/// here.
async fn plan(at: &Server, story: &Story) -> Result<Plan, String> {
    let action = (story.action)();
    for _ in 0..5 {
        match opsdeck::act::preview(&at.host, &at.env, &action).await.unwrap().made {
            Ok(Made::Plan(plan)) => return Ok(*plan),
            Ok(Made::Nothing { said, .. }) => return Err(format!("nothing to do: {}", said.en)),
            Err(refusal) if refusal.said.en.contains("not known") => {
                eprintln!("not known yet: {}", refusal.said.en);
            }
            Err(refusal) => return Err(format!("refused: {}", refusal.said.en)),
        }
    }
    Err("no look was ever whole".into())
}

/// One line of the table.
struct Row {
    blow: Blow,
    steps: Vec<usize>,
    /// From the blow's beginning until it was told what became of the run, and from then on until all was settled.
    took: [Duration; 2],
    /// How the run ended.
    ended: String,
    /// What is wrong afterwards; nothing where all is well.
    wrong: Vec<String>,
}

impl Row {
    fn line(&self, story: &Story, steps: usize) -> String {
        let word = if self.wrong.is_empty() { "well".to_owned() } else { self.wrong.join("; ") };
        let fell: Vec<String> = self.steps.iter().map(ToString::to_string).collect();
        format!(
            "{:<24} {:<8} step {:<12} of {steps}  {:>5.1} s + {:>4.1} s  {:<16} {word}\n",
            story.name,
            format!("{:?}", self.blow),
            fell.join(" "),
            self.took[0].as_secs_f64(),
            self.took[1].as_secs_f64(),
            self.ended
        )
    }
}

/// Until nothing of a run is at work any more and the backend is as it should be, once the outcome was told: the minute that is
/// promised, and two commands over links of their own, on a server that is slower than real ones.
const SETTLED: Duration = Duration::from_secs(90);

/// The run's own limit; what systemd gives its after.sh; a boot, and the looks before and after.
fn plan_may_take(plan: &Plan) -> Duration {
    Duration::from_secs(u64::from(plan.limit_s) + 300 + 300)
}

/// A case: `step` is where a blow that falls once falls.
async fn case(on: &'static str, story: &Story, at: Server, plan: &Plan, blow: Blow, step: usize) -> Row {
    let began = Instant::now();
    let before = State::of(on);
    let after = blows::fall(on, story, plan, at, blow, step).await;
    if story.is_frozen() {
        thaw();
    }
    let told = began.elapsed();
    let now = State::of(on);
    let left = left(on);
    let took = [told, began.elapsed().saturating_sub(told)];
    let mut wrong = now.otherwise(&before, story.changes);
    wrong.extend((story.wrong)(&before, &now, &Ran { ended: after.ended(), outcome: &after.outcome }));
    for (took, limit) in took.into_iter().zip([plan_may_take(plan), SETTLED]) {
        if took > limit {
            wrong.push(format!("{} s, and {} s are the limit", took.as_secs(), limit.as_secs()));
        }
    }
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
    if !left.is_empty() {
        wrong.push(format!("left behind: {left}"));
    }
    let ended = format!("{:?}", after.ended());
    Row { blow, steps: after.fell, took, ended, wrong }
}

/// The situation made anew, a console, its plan; or why there is none.
async fn ready(on: &'static str, story: &Story) -> Result<(Server, Plan), String> {
    run(on, &format!("{}\nsync -f /root", story.prepare));
    if story.is_frozen() {
        assert!(lab(&["share", "hang"]).status.success());
    }
    let at = server(&config(), on);
    let plan = plan(&at, story).await;
    if plan.is_err() && story.is_frozen() {
        thaw();
    }
    Ok((at, plan?))
}

/// However the test ends, the file server answers.
struct Thawed;

impl Drop for Thawed {
    fn drop(&mut self) {
        let _ = lab(&["share", "up"]);
    }
}

#[test]
fn nothing_that_was_measured_is_wrong() {
    for (name, of) in report::measured() {
        assert!(STORIES.iter().any(|s| s.name == name), "no such action: {name}");
        let wrong: Vec<_> = of.cases.iter().filter(|(_, case)| !case.wrong.is_empty()).collect();
        assert!(wrong.is_empty(), "{name}: {wrong:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_happens_in_the_middle_all_is_whole_and_the_next_console_tells() {
    let Some(_lab) = with_lab_for("lab_kill") else { return };
    let only = std::env::var("OPSDECK_KILL_ONLY").unwrap_or_default();
    let asked = |word: &str| {
        let words: Vec<&str> = only.split(';').filter(|w| !w.is_empty()).collect();
        words.is_empty() || words.contains(&word)
    };
    let missing = std::env::var_os("OPSDECK_KILL_MISSING").is_some();
    // of a list that names only actions, or only blows, the other is all of them
    let named = |words: &[&str]| words.iter().any(|w| only.split(';').any(|o| o == *w));
    let actions: Vec<&str> = STORIES.iter().map(|s| s.name).collect();
    let (some_actions, some_blows) = (named(&actions), named(&["Link", "Console", "Unit", "Power"]));
    let on: &'static str =
        if std::env::var("OPSDECK_KILL_ON").is_ok_and(|n| n == "test") { "test" } else { "prod" };
    assert!(lab(&["reset", on]).status.success());
    let _thawed = Thawed;
    let (mut well, mut all, mut table) = (0, 0, String::new());
    let mut say = |line: String| {
        eprint!("{line}");
        table.push_str(&line);
    };
    for story in STORIES.iter().filter(|s| !some_actions || asked(s.name)) {
        for blow in Blow::ALL.into_iter().filter(|b| !some_blows || asked(&format!("{b:?}"))) {
            // how many there are is only known from the first plan
            let (mut step, mut steps) = (1, 1);
            while step <= steps {
                if missing && let Some(known) = report::is_right(story, blow, step) {
                    (step, steps) = (step + 1, if blow.falls_once() { known } else { 1 });
                    continue;
                }
                let (at, plan) = match ready(on, story).await {
                    Ok(ready) => ready,
                    Err(why) => {
                        all += 1;
                        say(format!("{:<24} {:<8} no plan: {why}\n", story.name, format!("{blow:?}")));
                        break;
                    }
                };
                if blow.falls_once() {
                    steps = plan.steps.len();
                }
                let row = case(on, story, at, &plan, blow, step).await;
                report::keep(story, plan.steps.len(), step, &row);
                // one whose blow did not fall is a case only where something is wrong with it
                let fell = row.steps.len();
                all += if row.wrong.is_empty() { fell } else { fell.max(1) };
                well += if row.wrong.is_empty() { fell } else { 0 };
                say(row.line(story, plan.steps.len()));
                step += 1;
            }
        }
    }
    println!(
        "{table}{well} of {all}: {} %\n\n{}",
        100 * well / all.max(1),
        report::table(&report::measured(), "en")
    );
    assert!(all > 0 && well == all, "\n{table}");
}
