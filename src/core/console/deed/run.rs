//! What is at work on a server: how far it is, by what it wrote down there.
use super::super::model::Server;
use super::super::msg::RunId;
use crate::core::plan::event::{self, Event, What};
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Outcome, Told};
use crate::core::plan::{Action, LockRow, Plan};
use crate::core::probe::runs::{Run as Found, RunState};
use crate::core::safetext::SafeText;
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// A run that this console follows, or whose end nobody has seen yet. It belongs to the server, not to the screen: it
/// stays when another environment is opened.
#[derive(Clone, Debug)]
pub struct Run {
    /// The number of the question.
    pub id: RunId,
    /// What is done.
    pub action: Action,
    /// What was confirmed; nothing of a run that was found.
    pub plan: Option<Box<Plan>>,
    /// What its steps do, as far as the server says it of a run that was found.
    pub titles: Vec<Text>,
    /// Its name, once it has begun.
    pub name: Option<RunName>,
    /// Who began it; nothing where that was this console.
    pub by: Option<SafeText>,
    /// When it was confirmed or found here.
    pub since: EpochMs,
    /// How far it is.
    pub stage: Stage,
    /// What it wrote down.
    pub events: Vec<Event>,
    /// Why the link is lost, and when it is tried again.
    pub lost: Option<(Text, EpochMs)>,
    /// Since when its end is on the screen.
    pub quiet: Option<EpochMs>,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// The server is looked at once more. Nothing was done yet.
    Checking,
    /// It is at work.
    Working,
    /// It is over, and what it did is looked at.
    Proving,
    /// It is over.
    Ended {
        /// What became of it.
        outcome: Box<Outcome>,
        /// When that was known.
        at: EpochMs,
    },
}

/// How far a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// At work.
    Working,
    /// It has worked.
    Done,
    /// It has not.
    Failed,
    /// It was never begun, and will not be.
    NotDone,
}

impl StepState {
    /// Its sign, and a word for who does not know the sign.
    pub fn sign(self) -> (&'static str, Text) {
        match self {
            StepState::Waiting => ("[ ]", text!("等待", "waits")),
            StepState::Working => ("[>]", text!("进行", "at work")),
            StepState::Done => ("[+]", text!("做完", "done")),
            StepState::Failed => ("[x]", text!("失败", "failed")),
            StepState::NotDone => ("[-]", text!("没做", "not done")),
        }
    }
}

/// Whether the backend is down because a run could not start it again: until a look that was asked for later has seen it run.
pub fn is_down(server: &Server) -> bool {
    let looked = server.answer.as_ref().map(|a| (a.asked, &a.what.look));
    // docker's word is not enough: one that a dead share holds says that it runs
    let well = server.answer.as_ref().is_some_and(|a| {
        a.what
            .verdict
            .checks
            .iter()
            .any(|c| c.id == "backend" && matches!(c.state, State::Ok | State::Warning))
    });
    let runs = |look: &Snapshot| {
        well && look.container(&server.env.containers.backend).is_ok_and(|c| c.is_some_and(|c| c.running))
    };
    match (server.down, looked) {
        (Some(at), Some((asked, look))) => asked.since(at) < 0 || !runs(look),
        (Some(_), None) => true,
        (None, Some((_, look))) => {
            let last = look.runs.as_ref().ok().and_then(|all| all.first());
            let left_down = matches!(last.map(|r| &r.state), Some(RunState::Ended { how }) if how.as_str().ends_with(" down"));
            left_down && !runs(look)
        }
        (None, None) => false,
    }
}

/// A run on the open server that this console does not follow: by the last look, the first that is at work or broke off.
pub fn found(server: &Server) -> Option<&Found> {
    let runs = server.answer.as_ref()?.what.look.runs.as_ref().ok()?;
    let followed = server.run.as_ref().and_then(|r| r.name.as_ref());
    let is_open =
        |r: &&Found| matches!(r.state, RunState::AtWork | RunState::Gone) && Some(&r.name) != followed;
    runs.iter().find(is_open)
}

/// What is at work on a server, in a word or two, while its box is closed; or, until somebody mends it, that its backend was
/// left down.
pub fn at_work(server: &Server) -> Option<Text> {
    let is_over = server.run.as_ref().is_none_or(|r| r.outcome().is_some());
    if is_over && is_down(server) {
        return Some(text!("后端停着：R 启动它", "the backend is down: R starts it"));
    }
    let run = server.run.as_ref()?;
    Some(match (run.outcome(), &run.lost) {
        (Some(_), _) => text!("操作已结束：Enter 看", "it is over: Enter"),
        (None, Some(_)) => text!("断线，操作仍在继续", "link lost, it goes on"),
        (None, None) => text!("操作进行中：Enter 看", "at work: Enter shows"),
    })
}

impl Run {
    /// One that was just confirmed.
    pub fn confirmed(id: RunId, plan: Plan, now: EpochMs) -> Run {
        Run { plan: Some(Box::new(plan.clone())), ..Run::found(id, plan.action, None, now) }
    }

    /// One that was found at work.
    pub fn found(id: RunId, action: Action, name: Option<RunName>, now: EpochMs) -> Run {
        Run {
            id,
            action,
            plan: None,
            titles: Vec::new(),
            name,
            by: None,
            since: now,
            stage: Stage::Checking,
            events: Vec::new(),
            lost: None,
            quiet: None,
        }
    }

    /// Takes in what is told.
    pub fn take(&mut self, told: Told, now: EpochMs) {
        match told {
            Told::Checking => self.stage = Stage::Checking,
            Told::Begun { run } => {
                self.name = Some(run);
                self.stage = Stage::Working;
            }
            Told::Events(events) => {
                self.events.extend(events);
                self.lost = None;
            }
            Told::Lost { said, again_ms } => {
                let again_ms = i64::try_from(again_ms).unwrap_or(i64::MAX);
                self.lost = Some((said, now.plus_ms(again_ms)));
            }
            Told::Back => self.lost = None,
            Told::Proving => {
                self.lost = None;
                self.stage = Stage::Proving;
            }
            Told::Ended(outcome) => {
                self.lost = None;
                self.stage = Stage::Ended { outcome, at: now };
            }
        }
    }

    /// What became of it.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.stage {
            Stage::Ended { outcome, .. } => Some(outcome),
            _ => None,
        }
    }

    /// Milliseconds since it was confirmed, until its end.
    pub fn took_ms(&self, now: EpochMs) -> i64 {
        let until = match &self.stage {
            Stage::Ended { at, .. } => *at,
            _ => now,
        };
        until.since(self.since).max(0)
    }

    /// Its steps, as far as they are known: by the plan, and by what it wrote down.
    pub fn steps(&self) -> Vec<(StepState, Text)> {
        let seen = self.events.iter().map(|e| match e.what {
            What::Step { n } | What::Done { n } | What::Fail { n, .. } => n,
            _ => 0,
        });
        let planned = self.plan.as_ref().map_or(self.titles.len(), |p| p.steps.len());
        // a hostile journal may name any number
        let count = planned.max(seen.max().unwrap_or(0).min(99));
        (1..=count).map(|n| (self.step(n), self.step_title(n))).collect()
    }

    fn step_title(&self, n: usize) -> Text {
        let planned = self.plan.as_ref().and_then(|p| p.steps.get(n - 1)).map(|s| &s.title);
        let title = planned.or_else(|| self.titles.get(n - 1));
        title.cloned().unwrap_or_else(|| text!("第 {n} 步", "step {n}"))
    }

    fn step(&self, wanted: usize) -> StepState {
        let mut state = StepState::Waiting;
        for event in &self.events {
            match event.what {
                What::Step { n } if n == wanted => state = StepState::Working,
                What::Done { n } if n == wanted => state = StepState::Done,
                What::Fail { n, .. } if n == wanted => state = StepState::Failed,
                // before anything was done
                What::Refused { .. } if state == StepState::Working => state = StepState::NotDone,
                _ => {}
            }
        }
        let is_over =
            event::ended(&self.events).is_some() || matches!(self.outcome(), Some(Outcome::Refused(_)));
        match state {
            // whoever ended it left this step as it was
            StepState::Working if is_over => StepState::Failed,
            StepState::Waiting if is_over => StepState::NotDone,
            state => state,
        }
    }

    /// What can be done now that it is over, with one key.
    pub fn picks(&self) -> Vec<Action> {
        match self.outcome() {
            Some(Outcome::Refused(refusal)) => refusal.instead.clone(),
            // the same once more: from a new preview
            Some(Outcome::Changed { .. }) => vec![self.action.clone()],
            Some(Outcome::Failed { left, .. }) => left.mend().into_iter().collect(),
            // the lock as it was
            Some(Outcome::Done { .. }) if self.action == Action::ClearLock => {
                let kept = self.plan.iter().flat_map(|p| &p.kept);
                kept.filter_map(|row| LockRow::read(row)).map(Action::PutLockBack).collect()
            }
            Some(Outcome::Done { .. }) => self.action.then().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    /// What may still be at work on the server, and can be followed: this one again, or the one that was in its way.
    pub fn to_follow(&self) -> Option<(RunName, Action)> {
        match self.outcome() {
            Some(Outcome::Unknown { run, is_lost: false, .. }) => Some((run.clone()?, self.action.clone())),
            // somebody else's
            Some(Outcome::Refused(refusal)) => refusal.follow.clone(),
            _ => None,
        }
    }
}
