//! Does what an update asked for outside: looks at servers.
//!
//! One link a server, made when it is first asked and kept until the console ends. Every look runs in a task of its
//! own; one that panics is an answer too ("nothing is known"), and one that nobody waits for is ended, here and on
//! the server.
use crate::clock;
use crate::config::model::{EnvKey, Environment};
use crate::core::console::{Answer, Effect, Msg, Outcome, RunId};
use crate::core::safetext::SafeText;
use crate::core::verdict::{self, Verdict};
use crate::i18n::Text;
use crate::look;
use crate::remote::{Host, LinkError};
use crate::text;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::Sender;
use tokio::task::{AbortHandle, JoinSet};

/// A link that does not close by itself is left behind after this long; its master leaves on its own.
const GOODBYE: Duration = Duration::from_secs(3);

/// Makes the way to a server. Making it connects to nothing.
pub type Ways = Box<dyn Fn(&Environment) -> Arc<dyn Host> + Send>;

/// The looks under way and the links they use.
pub struct Executor {
    environments: Vec<Environment>,
    ways: Ways,
    hosts: HashMap<EnvKey, Arc<dyn Host>>,
    tasks: JoinSet<()>,
    running: HashMap<RunId, AbortHandle>,
    inbox: Sender<Msg>,
}

impl Executor {
    /// Answers go to `inbox`.
    pub fn new(environments: Vec<Environment>, ways: Ways, inbox: Sender<Msg>) -> Executor {
        Executor {
            environments,
            ways,
            hosts: HashMap::new(),
            tasks: JoinSet::new(),
            running: HashMap::new(),
            inbox,
        }
    }

    /// Starts what is asked for. Effects on the screen are not for it.
    pub fn run(&mut self, effect: Effect) {
        // what is done needs no keeping
        while self.tasks.try_join_next().is_some() {}
        self.running.retain(|_, task| !task.is_finished());
        match effect {
            Effect::Look { env, run } => self.look(&env, run),
            Effect::Abandon { run } => {
                if let Some(task) = self.running.remove(&run) {
                    task.abort();
                }
            }
            Effect::Redraw | Effect::Suspend | Effect::Quit => {}
        }
    }

    fn look(&mut self, key: &EnvKey, run: RunId) {
        let Some(env) = self.environments.iter().find(|e| e.key == *key).cloned() else {
            tracing::error!(env = %key, "asked to look at an environment that is not configured");
            return;
        };
        let host = self.hosts.entry(key.clone());
        let host = Arc::clone(host.or_insert_with(|| (self.ways)(&env)));
        let inbox = self.inbox.clone();
        let task = self.tasks.spawn(async move {
            let began = clock::tick();
            // a set of one: its panic is seen here, and it ends when this task is ended
            let mut alone = JoinSet::new();
            let asked = env.clone();
            alone.spawn(async move { ask(host.as_ref(), &asked, began).await });
            let outcome = match alone.join_next().await {
                Some(Ok(outcome)) => outcome,
                Some(Err(died)) => Outcome::Unreachable(lost(&env, &died.to_string())),
                None => Outcome::Unreachable(lost(&env, "")),
            };
            let outcome = Box::new(outcome);
            // without a receiver the console has ended
            let _ = inbox.send(Msg::Looked { run, outcome }).await;
        });
        self.running.insert(run, task);
    }

    /// Ends every look and every link.
    pub async fn close(mut self) {
        self.tasks.shutdown().await;
        let mut closing = JoinSet::new();
        for (key, host) in self.hosts.drain() {
            closing.spawn(async move {
                if tokio::time::timeout(GOODBYE, host.close()).await.is_err() {
                    tracing::warn!(env = %key, "the link did not close in time");
                }
            });
        }
        while closing.join_next().await.is_some() {}
    }
}

async fn ask(host: &dyn Host, env: &Environment, began: Instant) -> Outcome {
    // every look is an operator's wish: an error that asks for a person does not stop this one
    host.retry_now();
    let taken = look::take(host, env).await;
    let took = clock::tick().saturating_duration_since(began);
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let outcome = match taken {
        Ok(look) => {
            let link = look.cut_short.map(|e| unreachable(env, &e, took_ms));
            Outcome::Answered(Answer {
                verdict: verdict::judge(env, &look.snapshot),
                link: link.and_then(|v| v.checks.into_iter().next()),
            })
        }
        Err(error) => Outcome::Unreachable(unreachable(env, &error, took_ms)),
    };
    let state = match &outcome {
        Outcome::Answered(answer) => answer.verdict.state,
        Outcome::Unreachable(verdict) => verdict.state,
    };
    tracing::info!(env = %env.key, ?state, took_ms, "look");
    outcome
}

fn unreachable(env: &Environment, error: &LinkError, took_ms: u64) -> Verdict {
    let detail = Text::same(error.detail.as_str());
    verdict::unreachable(env, error.summary(), error.hint(), detail, clock::now(), took_ms)
}

/// The look itself came to grief: nothing is known.
fn lost(env: &Environment, why: &str) -> Verdict {
    tracing::error!(env = %env.key, why, "look died");
    let summary = text!("检查过程本身出错", "the look itself failed");
    let hint =
        text!("再检查一次；把诊断日志发给开发者", "check again; send the diagnostic log to the developers");
    let detail = Text::same(SafeText::new(why).as_str());
    verdict::unreachable(env, summary, hint, detail, clock::now(), 0)
}
