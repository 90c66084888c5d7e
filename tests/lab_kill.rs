//! Whatever happens in the middle of an action: its unit's process is killed, the link is cut, the console is killed, the server
//! loses its power. Afterwards the backend runs if it ran before, nothing half-written is left, and the journal on the
//! server and the next console say what became of it. Prints a table of all cases.
//!
//! Real sshd, systemd, Docker, CIFS: needs the lab to be up (`tests/lab/lab up`); see `on_lab.rs` for where it is not.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
// each test has a thread and a runtime of its own: who waits for the lab holds up nobody
#![allow(clippy::disallowed_methods, clippy::await_holding_lock)]

#[path = "common/acting.rs"]
mod acting;
#[path = "common/lab.rs"]
mod lab;
#[path = "ssh/processes.rs"]
#[allow(unreachable_pub, dead_code)]
mod processes;

use acting::{Server, server};
use lab::{config, lab, on_server, with_lab_for};
use opsdeck::act;
use opsdeck::core::plan::event::{Event, How, ended};
use opsdeck::core::plan::script::{self, RunName};
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::core::plan::{Action, Service, event};
use opsdeck::remote::{Ask, End, Host, Line};
use processes::{signal_to, with_argument};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::sync::mpsc;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Blow {
    /// The unit's own process is killed (KILL): what a bug or the kernel's want of memory does.
    Unit,
    /// The local ssh is killed: the link is gone, the console lives and finds the run again.
    Link,
    /// The console and its ssh are gone; another one comes.
    Console,
    /// The server loses its power.
    Power,
}

/// An action in a situation, on the server `test`.
struct Story {
    name: &'static str,
    /// Run on the server before each case, and must succeed: makes the situation from whatever a case left.
    prepare: &'static str,
    action: fn() -> Action,
    /// Steps at whose beginning the blow falls; each is a case.
    blows: &'static [(Blow, usize)],
}

/// What is compared before and after, as `name=value` lines.
const STATE: &str = r#"
backend=$(docker inspect -f '{{.State.Running}}' ragflowauth-backend)
echo "backend=$backend"
echo "answers=$(for i in $(seq 60); do curl -fsS -m 4 http://127.0.0.1:8001/health 2>/dev/null | grep -q '"ok"' && { echo yes; exit; }; [ "$backend" = true ] || break; sleep 1; done; echo no)"
echo "fstab=$(sha256sum </etc/fstab | cut -c1-12)"
echo "credentials=$(sha256sum </root/.smbcredentials 2>/dev/null | cut -c1-12) $(stat -c %a /root/.smbcredentials 2>/dev/null)"
echo "mounted=$(grep -c ' /mnt/replica cifs ' /proc/mounts)"
"#;

/// What may be left of a run: nothing but its folder.
const LEFT: &str = r"
ls -d /root/.smbcredentials.* /etc/fstab.[0-9]* /run/opsdeck/[0-9]* /etc/systemd/system/opsdeck-after-boot.service* \
  /etc/systemd/system/multi-user.target.wants/opsdeck-* /var/lib/opsdeck/runs/.new-* 2>/dev/null
systemctl list-units --no-legend --plain 'opsdeck-*' 2>/dev/null
flock -n /var/lib/opsdeck/lock true || echo 'the lock is held'
true";

const BACKEND: &[(Blow, usize)] = &[
    (Blow::Unit, 1),
    (Blow::Unit, 2),
    (Blow::Unit, 3),
    (Blow::Link, 1),
    (Blow::Link, 2),
    (Blow::Link, 3),
    (Blow::Console, 1),
    (Blow::Console, 2),
    (Blow::Console, 3),
    (Blow::Power, 2),
];

/// A backend that runs, and the share as fstab has it.
const HEALTHY: &str = r"
grep -q ' /mnt/replica cifs ' /proc/mounts || mount /mnt/replica
docker start ragflowauth-backend >/dev/null
for i in $(seq 90); do curl -fsS -m 4 http://127.0.0.1:8001/health >/dev/null 2>&1 && exit 0; sleep 1; done; exit 1";

const STORIES: &[Story] = &[Story {
    name: "restart the backend",
    prepare: HEALTHY,
    action: || Action::Services { which: Service::Backend, how: opsdeck::core::plan::How::Restart },
    blows: BACKEND,
}];

fn state() -> BTreeMap<String, String> {
    let said = on_server("test", STATE);
    said.lines().filter_map(|l| l.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
}

/// What the run wrote down, read over this link until it has ended.
async fn events(on: &Server, run: &RunName) -> Vec<Event> {
    let text = script::follow("", run, 1);
    let ask =
        Ask { name: "follow", script: &text, stdin: b"", deadline: Duration::from_secs(60), cap: 16384 };
    let mut stream = on.host.stream(ask).await.unwrap();
    let mut all = Vec::new();
    while let Some(line) = stream.next().await {
        if let Line::Out(line, _) = line
            && let Some(line) = line.strip_prefix(b"j ")
        {
            all.push(event::event(line));
        }
    }
    assert!(matches!(stream.end().await, End::Exit(0)));
    all
}

/// Something on the server that waits for a step to begin, and then does this.
fn at_step(run: &RunName, step: usize, then: &str) {
    let wait = format!(
        "setsid sh -c 'n=0; until grep -q \" step {step}$\" /var/lib/opsdeck/runs/{run}/journal 2>/dev/null; do sleep 0.05; n=$((n+1)); [ $n -lt 4000 ] || exit; done; {then}' >/dev/null 2>&1 </dev/null &"
    );
    on_server("test", &wait);
}

async fn wait_for_step(run: &RunName, step: usize) {
    let ask = format!(
        "n=0; until grep -q ' step {step}$' /var/lib/opsdeck/runs/{run}/journal 2>/dev/null; do sleep 0.05; n=$((n+1)); [ $n -lt 2000 ] || exit 1; done"
    );
    tokio::task::spawn_blocking(move || on_server("test", &ask)).await.unwrap();
}

fn cut(on: &Server) {
    let folder = on.dir.path().to_str().unwrap().to_owned();
    for ssh in with_argument(&folder) {
        signal_to(ssh, Signal::KILL);
    }
}

/// One case: what is wrong with it afterwards; nothing where all is well.
async fn case(story: &Story, blow: Blow, step: usize) -> Vec<String> {
    on_server("test", story.prepare);
    let before = state();
    let mut on = server(&config(), "test");
    let plan = on.plan(&(story.action)()).await;
    let run = act::fresh_name().unwrap();
    let unit = format!("opsdeck-{run}");
    match blow {
        Blow::Unit => {
            at_step(&run, step, &format!("systemctl kill -s KILL --kill-who=main {unit}"));
            on.begin(&plan, &run).await;
        }
        Blow::Link => {
            on.begin(&plan, &run).await;
            wait_for_step(&run, step).await;
            cut(&on);
        }
        Blow::Console => {
            on.begin(&plan, &run).await;
            wait_for_step(&run, step).await;
            cut(&on);
            on = server(&config(), "test");
        }
        Blow::Power => {
            on.begin(&plan, &run).await;
            wait_for_step(&run, step).await;
            tokio::task::spawn_blocking(|| assert!(lab(&["crash", "test"]).status.success())).await.unwrap();
            on = server(&config(), "test");
        }
    }
    // whoever comes next, or comes back
    let (send, mut told) = mpsc::channel(64);
    let drain = async { while told.recv().await.is_some_and(|t| !matches!(t, Told::Ended(_))) {} };
    let (outcome, ()) =
        tokio::join!(act::attach(&on.host, &on.env, &run, &plan.action, Some(&on.journal), &send), drain);
    let events = events(&on, &run).await;
    let ends = events.iter().filter(|e| matches!(e.what, event::What::End { .. })).count();
    let how = ended(&events);
    let after = state();
    let left = on_server("test", LEFT);
    let mut wrong = Vec::new();
    if ends != 1 {
        wrong.push(format!("{ends} ends in the journal"));
    }
    for name in ["backend", "answers", "fstab", "credentials"] {
        if before.get(name) != after.get(name) && !allowed(story, name, how, &after) {
            wrong.push(format!("{name}: {:?} -> {:?}", before.get(name), after.get(name)));
        }
    }
    if !left.is_empty() {
        wrong.push(format!("left behind: {left}"));
    }
    let honest = match (blow, how, &outcome) {
        // nobody touched the run itself: it did its work
        (Blow::Link | Blow::Console, Some((How::Finished, false)), Outcome::Done { .. }) => true,
        (Blow::Unit, Some((How::Killed, false)), Outcome::Failed { put_back: true, .. }) => true,
        (Blow::Power, Some((How::Rebooted | How::Killed, false)), Outcome::Failed { put_back: true, .. }) => {
            true
        }
        _ => false,
    };
    if !honest {
        wrong.push(format!("{how:?} was told as {outcome:?}"));
    }
    wrong
}

/// What an action is there to change may be as it is meant to be.
fn allowed(
    _story: &Story,
    _name: &str,
    _how: Option<(How, bool)>,
    _after: &BTreeMap<String, String>,
) -> bool {
    false
}

#[tokio::test]
async fn whatever_happens_in_the_middle_the_backend_is_as_it_was_and_the_next_console_tells() {
    let Some(_lab) = with_lab_for("lab_kill") else { return };
    assert!(lab(&["reset", "test"]).status.success());
    let only = std::env::var("OPSDECK_KILL_ONLY").unwrap_or_default();
    let (mut well, mut all, mut table) = (0, 0, String::new());
    for story in STORIES.iter().filter(|s| s.name.contains(&only)) {
        for &(blow, step) in story.blows {
            let began = std::time::Instant::now();
            let wrong = case(story, blow, step).await;
            all += 1;
            well += usize::from(wrong.is_empty());
            let word = if wrong.is_empty() { "well".to_owned() } else { wrong.join("; ") };
            let line = format!(
                "{:<28} {:<8} step {step}  {:>5.1} s  {word}\n",
                story.name,
                format!("{blow:?}"),
                began.elapsed().as_secs_f64()
            );
            eprint!("{line}");
            table.push_str(&line);
        }
    }
    println!("{table}{well} of {all}: {} %", 100 * well / all.max(1));
    assert_eq!(well, all, "\n{table}");
}
