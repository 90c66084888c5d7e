//! What happens in the middle, and how the action goes on from there.
use crate::acting::{Server, server};
use crate::lab::{config, lab, on_server};
use crate::processes::{signal_to, with_argument};
use crate::stories::{PASSWORD, Story};
use opsdeck::act::{self, Order};
use opsdeck::config::Secret;
use opsdeck::core::plan::Plan;
use opsdeck::core::plan::event::{self, Event, How, What};
use opsdeck::core::plan::left::PutBack;
use opsdeck::core::plan::script::{self, RunName};
use opsdeck::core::plan::told::{Came, Outcome, Told};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::state::State;
use opsdeck::journal::{self, Journal};
use opsdeck::remote::{Ask, End, Host, Line};
use rustix::process::Signal;
use std::time::Duration;
use tokio::sync::mpsc;

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blow {
    /// The local ssh is killed: the link is gone, the console lives and finds the run again. At each step of one run.
    Link,
    /// The console and its ssh are gone; another one comes, and is killed at the next step.
    Console,
    /// The unit's own process is killed (KILL): what a bug or the kernel's want of memory does.
    Unit,
    /// The server loses its power.
    Power,
}

impl Blow {
    /// In the order in which they are tried: the quick ones first.
    pub(crate) const ALL: [Blow; 4] = [Blow::Link, Blow::Console, Blow::Unit, Blow::Power];

    /// Whether it ends the run, so that each step needs a run of its own.
    pub(crate) fn falls_once(self) -> bool {
        matches!(self, Blow::Unit | Blow::Power)
    }
}

/// The file server answers again, if it was frozen.
pub(crate) fn thaw() {
    assert!(lab(&["share", "up"]).status.success());
}

/// What became of it.
pub(crate) struct After {
    pub(crate) outcome: Outcome,
    pub(crate) events: Vec<Event>,
    /// At which steps the blow fell.
    pub(crate) fell: Vec<usize>,
    /// How the run is in the journals of the workstations, the last word of each.
    pub(crate) written: Vec<Option<String>>,
}

impl After {
    pub(crate) fn ended(&self) -> Option<How> {
        event::ended(&self.events).map(|(how, _)| how)
    }

    /// What was told fits what happened; nothing that was cut off is called done.
    pub(crate) fn is_honest(&self, blow: Blow) -> bool {
        let down = event::ended(&self.events).is_none_or(|(_, down)| down);
        match (blow, self.ended(), &self.outcome) {
            // nobody touched the run, or the blow came when its work was done
            (_, Some(How::Finished), Outcome::Done { .. }) => !down,
            (Blow::Unit, Some(How::Killed), Outcome::Failed { left, .. })
            | (Blow::Power, Some(How::Rebooted | How::Killed), Outcome::Failed { left, .. }) => {
                !down && left.put_back != PutBack::Down
            }
            // a backup that was asked for may run all the same: that is seen, or not known
            (Blow::Unit | Blow::Power, Some(How::Killed | How::Rebooted), outcome) => {
                !down && (outcome.state() == State::Warning || outcome.came() == Came::Unknown)
            }
            _ => false,
        }
    }
}

/// Has the blow fall on a run of this plan. `step`: at which, where it falls once.
pub(crate) async fn fall(
    on: &'static str,
    story: &Story,
    plan: &Plan,
    first: Server,
    blow: Blow,
    step: usize,
) -> After {
    let run = act::fresh_name().unwrap();
    match blow {
        Blow::Link => link(on, story, plan, first, &run).await,
        Blow::Unit => unit(on, story, plan, first, &run, step).await,
        Blow::Console => console(on, story, plan, first, &run).await,
        Blow::Power => power(on, story, plan, first, &run, step).await,
    }
}

fn secret(story: &Story) -> Option<Secret> {
    story.password.then(|| Secret::parse(PASSWORD.into()).unwrap())
}

/// Carried out by the console that the operator sits at; `heard` is given each event of the run.
async fn carried_out(
    story: &Story,
    plan: &Plan,
    at: &Server,
    run: &RunName,
    mut heard: impl FnMut(&Event),
) -> Outcome {
    let (send, mut told) = mpsc::channel(64);
    let order = Order {
        host: &at.host,
        env: &at.env,
        plan,
        run: run.clone(),
        password: secret(story),
        operator: SafeText::new(&at.operator),
        journal: &at.journal,
    };
    let listen = async {
        while let Some(told) = told.recv().await {
            match &told {
                Told::Events(events) => events.iter().for_each(&mut heard),
                Told::Ended(_) => break,
                _ => {}
            }
        }
    };
    tokio::join!(act::carry_out(order, &send), listen).0
}

async fn link(on: &'static str, story: &Story, plan: &Plan, at: Server, run: &RunName) -> After {
    let mut fell = Vec::new();
    let outcome = carried_out(story, plan, &at, run, |event| {
        if let What::Step { n } = event.what {
            cut(&at);
            fell.push(n);
        }
    })
    .await;
    after(on, run, outcome, fell, &[&at]).await
}

async fn unit(on: &'static str, story: &Story, plan: &Plan, at: Server, run: &RunName, step: usize) -> After {
    // on the server itself, as soon as the step stands in its journal
    let kill = format!(
        "setsid sh -c 'n=0; until grep -q \" step {step}$\" /var/lib/opsdeck/runs/{run}/journal 2>/dev/null; do sleep 0.05; n=$((n+1)); [ $n -lt 4000 ] || exit; done; systemctl kill -s KILL --kill-who=main opsdeck-{run}' >/dev/null 2>&1 </dev/null &"
    );
    on_server(on, &kill);
    let outcome = carried_out(story, plan, &at, run, |_| ()).await;
    after(on, run, outcome, vec![step], &[&at]).await
}

async fn console(on: &'static str, story: &Story, plan: &Plan, first: Server, run: &RunName) -> After {
    // the first one has written its intent down when it is killed
    first.intend(plan, run);
    first.begin(plan, run, secret(story).as_ref()).await;
    let mut fell = Vec::new();
    let mut at = another(on, &first);
    cut(&first);
    for step in 1..=plan.steps.len() {
        let (send, mut told) = mpsc::channel(64);
        let drain = async { while told.recv().await.is_some() {} };
        tokio::select! {
            // it is over: nothing more to be cut off from
            _ = act::attach(&at.host, &at.env, run, &plan.action, None, &send) => break,
            () = drain => {}
            began = begins(on, run, step) => if !began { break },
        }
        cut(&at);
        fell.push(step);
        at = another(on, &first);
    }
    let (send, mut told) = mpsc::channel(64);
    let drain = async { while told.recv().await.is_some_and(|t| !matches!(t, Told::Ended(_))) {} };
    let (outcome, ()) =
        tokio::join!(act::attach(&at.host, &at.env, run, &plan.action, Some(&at.journal), &send), drain);
    after(on, run, outcome, fell, &[&at]).await
}

async fn power(
    on: &'static str,
    story: &Story,
    plan: &Plan,
    first: Server,
    run: &RunName,
    step: usize,
) -> After {
    first.intend(plan, run);
    first.begin(plan, run, secret(story).as_ref()).await;
    let fell = if begins(on, run, step).await { vec![step] } else { Vec::new() };
    // a server boots on a share that answers; the moment before its power goes is too short for the run to notice
    let frozen = story.is_frozen();
    let crash = move || {
        if frozen {
            thaw();
        }
        assert!(lab(&["crash", on]).status.success());
    };
    tokio::task::spawn_blocking(crash).await.unwrap();
    let next = another(on, &first);
    let (send, mut told) = mpsc::channel(64);
    let drain = async { while told.recv().await.is_some_and(|t| !matches!(t, Told::Ended(_))) {} };
    let (outcome, ()) = tokio::join!(
        act::attach(&next.host, &next.env, run, &plan.action, Some(&next.journal), &send),
        drain
    );
    after(on, run, outcome, fell, &[&next]).await
}

/// Another console on the same workstation.
fn another(on: &str, first: &Server) -> Server {
    Server { journal: Journal::below(&first.dir.path().join("state")), ..server(&config(), on) }
}

async fn after(on: &str, run: &RunName, outcome: Outcome, fell: Vec<usize>, at: &[&Server]) -> After {
    let word = |s: &&Server| {
        let all = s.journal.read().unwrap().into_iter().filter(|e| e.run == run.as_str());
        all.filter_map(|e| match e.what {
            journal::What::Outcome { came, .. } => Some(came),
            journal::What::Intent { .. } => None,
        })
        .next_back()
    };
    let written = at.iter().map(word).collect();
    let events = events(on, run).await;
    After { outcome, events, fell, written }
}

/// What the run wrote down, read over a link of its own until it has ended.
async fn events(on: &str, run: &RunName) -> Vec<Event> {
    let at = server(&config(), on);
    let text = script::follow("", run, 1);
    let ask =
        Ask { name: "follow", script: &text, stdin: b"", deadline: Duration::from_secs(60), cap: 16384 };
    let mut stream = at.host.stream(ask).await.unwrap();
    let mut all = Vec::new();
    while let Some(line) = stream.next().await {
        if let Line::Out(line, _) = line
            && let Some(line) = line.strip_prefix(b"j ")
        {
            all.push(event::event(line));
        }
    }
    assert!(matches!(stream.end().await, End::Exit(0)));
    at.host.close().await;
    all
}

/// Waits until the step has begun; `false` where the run ends before that.
async fn begins(on: &'static str, run: &RunName, step: usize) -> bool {
    let ask = format!(
        "until grep -q ' step {step}$' /var/lib/opsdeck/runs/{run}/journal 2>/dev/null; do sleep 0.05; grep -q ' end ' /var/lib/opsdeck/runs/{run}/journal 2>/dev/null && exit 0; done; echo begun"
    );
    tokio::task::spawn_blocking(move || on_server(on, &ask) == "begun").await.unwrap()
}

fn cut(on: &Server) {
    let folder = on.dir.path().to_str().unwrap().to_owned();
    for ssh in with_argument(&folder) {
        signal_to(ssh, Signal::KILL);
    }
}
