//! Does what an update asked for outside: looks at servers, follows their jobs and logs, keeps files.
//!
//! One link a server, made when it is first asked and kept until the console ends. Everything runs in a task of its
//! own; one that panics is an answer too ("nothing is known"), and one that nobody waits for is ended, here and on
//! the server. `hands` has what changes a server: that is never ended from here; `bundle` what is sent to whoever helps.
mod bundle;
mod hands;

pub use bundle::Around;

use super::clipboard::{self, Folder};
use super::words::{again_ms, cut, died, stream_died, tail_ended, unreachable, watch_ended};
use crate::config::model::{EnvKey, Environment};
use crate::core::console::remembered::Remembered;
use crate::core::console::{Answer, Effect, Msg, Outcome, RunId};
use crate::core::log::{From, Source};
use crate::core::verdict;
use crate::remote::Host;
use crate::{activity, clock, logging, look, remembered, tail, watch};
use jiff::tz::TimeZone;
use std::collections::HashMap;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, Sender};
use tokio::task::{AbortHandle, JoinHandle, JoinSet};

/// A link that does not close by itself is left behind after this long; its master leaves on its own.
const GOODBYE: Duration = Duration::from_secs(3);

/// What waits for the screen of one stream. When it is full, the server waits.
const WAITING: usize = 4;

/// Makes the way to a server. Making it connects to nothing.
pub type Ways = Box<dyn Fn(&Environment) -> Arc<dyn Host> + Send>;

/// What is under way and the links that are used.
pub struct Executor {
    environments: Vec<Environment>,
    ways: Ways,
    /// Where files are kept; nothing where there is no home.
    state: Option<PathBuf>,
    /// What goes along in a bundle; nothing where none is made.
    around: Option<Arc<Around>>,
    hosts: HashMap<EnvKey, Arc<dyn Host>>,
    tasks: JoinSet<()>,
    /// Files that are being written. They are not given up at the end.
    files: JoinSet<()>,
    /// The last of what is remembered: each waits for the one before, or an older choice might overwrite a newer one.
    remembering: Option<JoinHandle<()>>,
    running: HashMap<RunId, AbortHandle>,
    inbox: Sender<Msg>,
}

impl Executor {
    /// Answers go to `inbox`.
    pub fn new(environments: Vec<Environment>, ways: Ways, inbox: Sender<Msg>) -> Executor {
        Executor {
            environments,
            ways,
            state: None,
            around: None,
            hosts: HashMap::new(),
            tasks: JoinSet::new(),
            files: JoinSet::new(),
            remembering: None,
            running: HashMap::new(),
            inbox,
        }
    }

    /// Keeps files below this folder.
    pub fn keeping(mut self, state: Option<PathBuf>) -> Executor {
        self.state = state;
        self
    }

    /// Starts what is asked for. Effects on the screen are not for it.
    pub fn run(&mut self, effect: Effect) {
        // what is done needs no keeping
        while self.tasks.try_join_next().is_some() {}
        while self.files.try_join_next().is_some() {}
        self.running.retain(|_, task| !task.is_finished());
        match effect {
            Effect::Look { env, run, wished } => self.look(&env, run, wished),
            Effect::Watch { env, run } => self.watch(&env, run),
            Effect::Tail { env, run, source, from } => self.tail(&env, run, source, from),
            Effect::Preview { env, run, action } => self.preview(&env, run, action),
            Effect::CarryOut { env, run, plan, password } => self.carry_out(&env, run, plan, password),
            Effect::Attach { env, run, name, action } => self.attach(&env, run, name, action),
            Effect::Bundle { env, run } => self.bundle(&env, run),
            Effect::WriteBundle { run, path, file } => self.write_bundle(run, path, file),
            Effect::Abandon { run } => {
                if let Some(task) = self.running.remove(&run) {
                    task.abort();
                }
            }
            Effect::Copy { name, text } => self.give(name, text, true),
            Effect::Save { name, text } => self.give(name, text, false),
            Effect::Remember(kept) => self.remember(kept),
            Effect::ReadActivity => self.read_activity(),
            Effect::Redraw | Effect::CaptureMouse(_) | Effect::Suspend | Effect::Quit => {}
        }
    }

    /// The environment and the way to it.
    fn way(&mut self, key: &EnvKey) -> Option<(Environment, Arc<dyn Host>)> {
        let Some(env) = self.environments.iter().find(|e| e.key == *key).cloned() else {
            tracing::error!(env = %key, "asked about an environment that is not configured");
            return None;
        };
        let host = self.hosts.entry(key.clone());
        let host = Arc::clone(host.or_insert_with(|| (self.ways)(&env)));
        Some((env, host))
    }

    fn look(&mut self, key: &EnvKey, run: RunId, wished: bool) {
        let Some((env, host)) = self.way(key) else { return };
        if wished {
            // an operator's wish: an error that asks for a person does not stop this one, nor what is asked for after it
            host.retry_now();
        }
        let asked = env.clone();
        self.guarded(
            run,
            async move {
                let outcome = Box::new(ask(host.as_ref(), &asked, clock::tick()).await);
                Msg::Looked { run, outcome }
            },
            move |why| Msg::Looked { run, outcome: Box::new(died(&env, why)) },
        );
    }

    fn watch(&mut self, key: &EnvKey, run: RunId) {
        let Some((env, host)) = self.way(key) else { return };
        let (inbox, asked) = (self.inbox.clone(), env.clone());
        self.guarded(
            run,
            async move {
                let (send, mut ticks) = mpsc::channel(WAITING);
                let follow = watch::follow(host.as_ref(), &asked, &send);
                tokio::pin!(follow);
                let why = loop {
                    tokio::select! {
                        // what came before the end is told before it
                        biased;
                        tick = ticks.recv() => {
                            let ticks = tick.into_iter().collect();
                            // without a receiver the console has ended, and this task with it
                            let _ = inbox.send(Msg::Watched { run, ticks }).await;
                        }
                        ended = &mut follow => break watch_ended(&asked, ended),
                    }
                };
                while let Ok(tick) = ticks.try_recv() {
                    let _ = inbox.send(Msg::Watched { run, ticks: vec![tick] }).await;
                }
                Msg::WatchEnded { run, why: Box::new(why) }
            },
            move |why| Msg::WatchEnded { run, why: Box::new(stream_died(&env, why)) },
        );
    }

    fn tail(&mut self, key: &EnvKey, run: RunId, source: Source, from: From) {
        let Some((env, host)) = self.way(key) else { return };
        let (inbox, asked) = (self.inbox.clone(), env.clone());
        self.guarded(
            run,
            async move {
                let (send, mut batches) = mpsc::channel(WAITING);
                let follow = tail::follow(host.as_ref(), &source, &from, &send);
                tokio::pin!(follow);
                let why = loop {
                    tokio::select! {
                        // what came before the end is told before it
                        biased;
                        pieces = batches.recv() => {
                            let pieces = pieces.unwrap_or_default();
                            // without a receiver the console has ended, and this task with it
                            let _ = inbox.send(Msg::Tailed { run, pieces }).await;
                        }
                        ended = &mut follow => break tail_ended(&asked, ended),
                    }
                };
                while let Ok(pieces) = batches.try_recv() {
                    let _ = inbox.send(Msg::Tailed { run, pieces }).await;
                }
                Msg::TailEnded { run, why: Box::new(why) }
            },
            move |why| Msg::TailEnded { run, why: Box::new(stream_died(&env, why)) },
        );
    }

    /// Saves a text into a file, or keeps a copy of what the terminal's clipboard was told.
    fn give(&mut self, name: String, text: String, copied: bool) {
        let (state, inbox) = (self.state.clone(), self.inbox.clone());
        self.files.spawn(async move {
            let told = clipboard::fits(&text);
            let folder = if copied { Folder::Copied } else { Folder::Saved };
            let kept = tokio::task::spawn_blocking(move || {
                clipboard::keep(state.as_deref(), folder, &name, &text, clock::now(), &TimeZone::system())
            });
            let Ok(kept) = kept.await else { return };
            let said = if copied { clipboard::copied(told, &kept) } else { clipboard::saved(&kept) };
            let _ = inbox.send(Msg::Said(said)).await;
        });
    }

    fn remember(&mut self, kept: Remembered) {
        let Some(state) = self.state.clone() else { return };
        let before = self.remembering.take();
        self.remembering = Some(tokio::spawn(async move {
            if let Some(before) = before {
                let _ = before.await;
            }
            let save = move || {
                if let Err(error) = remembered::save(&state, &kept) {
                    tracing::warn!(%error, "what was chosen could not be kept");
                }
            };
            let _ = tokio::task::spawn_blocking(save).await;
        }));
    }

    fn read_activity(&mut self) {
        let Some(log) = self.state.as_ref().and_then(|_| logging::folder()) else { return };
        let inbox = self.inbox.clone();
        self.tasks.spawn(async move {
            let read = tokio::task::spawn_blocking(move || activity::recent(&log));
            let entries = read.await.unwrap_or_default();
            let _ = inbox.send(Msg::Activity(entries)).await;
        });
    }

    /// Runs something in a task of its own; its last message, or what is to be said of its panic, goes to the inbox.
    fn guarded(
        &mut self,
        run: RunId,
        work: impl Future<Output = Msg> + Send + 'static,
        panicked: impl FnOnce(&str) -> Msg + Send + 'static,
    ) {
        let inbox = self.inbox.clone();
        let task = self.tasks.spawn(async move {
            // a set of one: its panic is seen here, and it ends when this task is ended
            let mut alone = JoinSet::new();
            alone.spawn(work);
            let msg = match alone.join_next().await {
                Some(Ok(msg)) => msg,
                Some(Err(died)) => panicked(&died.to_string()),
                None => panicked(""),
            };
            // without a receiver the console has ended
            let _ = inbox.send(msg).await;
        });
        self.running.insert(run, task);
    }

    /// Ends everything under way and every link. Files that are being written are written to their end.
    pub async fn close(mut self) {
        self.tasks.shutdown().await;
        let written = async {
            if let Some(last) = self.remembering.take() {
                let _ = last.await;
            }
            while self.files.join_next().await.is_some() {}
        };
        if tokio::time::timeout(GOODBYE, written).await.is_err() {
            tracing::warn!("a file could not be written in time");
        }
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
    let taken = look::take(host, env).await;
    let took = clock::tick().saturating_duration_since(began);
    let took_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let outcome = match taken {
        Ok(look) => Outcome::Answered(Box::new(Answer {
            verdict: verdict::judge(env, &look.snapshot),
            look: look.snapshot,
            cut: look.cut_short.map(|e| cut(env, &e, took_ms)),
        })),
        Err(error) => {
            let verdict = Box::new(unreachable(env, &error, took_ms));
            Outcome::Unreachable { verdict, again_ms: again_ms(&error) }
        }
    };
    let state = match &outcome {
        Outcome::Answered(answer) => answer.verdict.state,
        Outcome::Unreachable { verdict, .. } => verdict.state,
    };
    tracing::info!(env = %env.key, ?state, took_ms, demo = !host.root().is_empty(), "look");
    outcome
}
