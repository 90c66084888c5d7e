//! What changes a server: an action becomes a [`Plan`], which is data, and only a plan that a person confirmed is run.
//!
//! - [`action`]: what can be done, by name
//! - [`make`]: from what a look saw to a plan, or to the reason why there is none; one file an action
//! - [`script`]: the very text that runs on the server, and that a person can read before
//! - [`event`]: what a run writes down, line by line
//! - [`prove`]: what is looked at afterwards: before and after, side by side; [`explain`]: why one did not work, in plain words
//! - [`brief`]: what a run is that another console began
//! - [`left`]: what one that did not work leaves behind
//! - [`told`]: what is told while it is carried out, and what became of it; [`words`]: what a run wrote down, in words
pub mod action;
pub mod brief;
pub mod event;
pub mod explain;
pub mod left;
pub mod prove;
pub mod script;
pub mod told;
pub mod words;

mod backup;
mod blocked;
mod cancel;
mod common;
mod credentials;
mod fstab;
mod ghost;
mod jobs;
mod lock;
mod mount;
mod mount_error;
mod services;
mod share;
mod share_proof;
mod unmount;

pub use action::{Action, How, LockRow, Service};
pub use common::writable;
pub use event::{Event, What};

use crate::config::model::{EnvKey, Role};
use crate::core::state::State;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use script::RunName;
use serde::Serialize;

/// What is to be done on which server: complete before anybody is asked whether they want it.
///
/// Right before it runs it is made once more from a fresh look; if it comes out otherwise ([`Plan::same_as`]), it does not run.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// What for.
    pub action: Action,
    /// On which environment.
    pub env: EnvKey,
    /// Its name for people.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// The address or alias that is dialled.
    pub host: String,
    /// The server that the look saw.
    pub target: Target,
    /// What will be done and what people on the server will notice, in the order in which it matters.
    pub effects: Vec<Text>,
    /// What was looked at before, and how it was. All of it allows the plan; what is 告警 here is to be read.
    pub checked: Vec<Checked>,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// How it is confirmed.
    pub risk: Risk,
    /// What is looked at afterwards.
    pub proof: Vec<Text>,
    /// How it is undone.
    pub undo: Text,
    /// The longest that it may take on the server, in seconds; then it is ended, and what was stopped is started.
    pub limit_s: u32,
    /// It needs the share's password.
    pub needs_password: bool,
    /// Rows that it deletes or changes, as they were seen, for the journal: one JSON object each.
    pub kept: Vec<String>,
}

/// Whom a plan was made for. A server that is another one by the time it runs refuses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Host name, as the kernel has it.
    pub hostname: String,
    /// `/etc/machine-id`; empty where there is none.
    pub machine_id: String,
}

/// Something that was looked at before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// What it is about, where it is to be read: the same as long as nothing new has to be read, whatever its words say of sizes
    /// and ages. Empty where all is well.
    pub id: String,
    /// What, and what it came to.
    pub what: Text,
    /// 正常, or 告警 where it is to be read.
    pub state: State,
}

/// One step: commands of a shell that ends at the first one that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub title: Text,
    /// The very lines that are run, without secrets. The functions they may use are those of `assets/remote/run/act.sh`.
    pub sh: String,
    /// The lines that take it back when a later step fails.
    pub undo: Option<String>,
}

/// How much harm it can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// It can be taken back, and nobody loses anything.
    Light,
    /// People are without something for a while because somebody wished so, or it cannot be taken back: the environment's name
    /// is typed, wherever it is.
    Heavy,
}

/// What a wish came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Made {
    /// There is something to do.
    Plan(Box<Plan>),
    /// All is as it should be: nothing to do.
    Nothing {
        /// Why.
        said: Text,
        /// What shows it.
        evidence: Vec<Text>,
    },
}

/// Why there is no plan. Nothing was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// What stands in the way.
    pub said: Text,
    /// What shows it.
    pub evidence: Vec<Text>,
    /// What to do instead.
    pub next: Text,
    /// What can be done instead with one key.
    pub instead: Vec<Action>,
    /// The run that is in the way, and what it does: it can be followed.
    pub follow: Option<(RunName, Action)>,
}

/// Makes a plan from what a look saw. `root` is the folder that stands for `/` on that host, empty on a real one.
///
/// # Errors
/// A [`Refusal`] when a precondition does not hold, or is not known: what could not be checked is never taken for good.
pub fn make(action: &Action, facts: &Facts, root: &str) -> Result<Made, Refusal> {
    common::allowed(facts)?;
    match action {
        Action::Mount { new_password } => mount::make(*new_password, facts, root),
        Action::Unmount { lazy } => unmount::make(*lazy, facts, root),
        Action::Services { which, how } => services::make(*which, *how, facts, root),
        Action::Backup { full } => backup::make(*full, facts, root),
        Action::Cancel { force } => cancel::make(*force, facts, root),
        Action::ClearLock => lock::clear(facts, root),
        Action::PutLockBack(row) => lock::put_back(row, facts, root),
        Action::CloseGhost => ghost::make(facts, root),
    }
}

impl Plan {
    /// Whether this does the very same, on the same server, as another: what a person confirmed still holds.
    pub fn same_as(&self, other: &Plan) -> bool {
        self.action == other.action
            && self.env == other.env
            && self.target == other.target
            && self.steps == other.steps
            && self.risk == other.risk
            && self.needs_password == other.needs_password
            && self.limit_s == other.limit_s
            && self.warnings().eq(other.warnings())
    }

    /// What a person has read and confirmed with the rest, by its identity: a backup that began since then is another one.
    fn warnings(&self) -> impl Iterator<Item = &str> {
        self.checked.iter().filter(|c| c.state != State::Ok).map(|c| c.id.as_str())
    }

    /// Whether the environment's name has to be typed: on 正式, and for whatever cannot be taken back.
    pub fn asks_for_the_name(&self) -> bool {
        self.role == Role::Prod || self.risk == Risk::Heavy
    }
}

impl Refusal {
    /// Nothing but the words.
    pub fn new(said: Text, next: Text) -> Refusal {
        Refusal { said, evidence: Vec::new(), next, instead: Vec::new(), follow: None }
    }

    /// With what shows it.
    #[must_use]
    pub fn because(mut self, evidence: impl IntoIterator<Item = Text>) -> Refusal {
        self.evidence.extend(evidence);
        self
    }

    /// With what can be done instead.
    #[must_use]
    pub fn instead(mut self, action: Action) -> Refusal {
        self.instead.push(action);
        self
    }
}

impl Checked {
    /// As it should be.
    pub fn good(what: Text) -> Checked {
        Checked { id: String::new(), what, state: State::Ok }
    }

    /// Allowed, but to be read. `id` is what it is about, without anything that moves by itself.
    pub fn beware(id: impl Into<String>, what: Text) -> Checked {
        Checked { id: id.into(), what, state: State::Warning }
    }
}
