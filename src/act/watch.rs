//! A run followed to its end over links that come and go, and what a look afterwards shows.
//! Whoever listens may have left by then; the run, and what is written down of it, goes on all the same.
use super::{BEGIN, CAP, brief, forgotten, hidden};
use crate::clock;
use crate::config::Secret;
use crate::config::model::Environment;
use crate::core::plan::brief::Brief;
use crate::core::plan::event::{self, Event};
use crate::core::plan::prove::{prove, state};
use crate::core::plan::script::{self, RunName};
use crate::core::plan::told::{Outcome, Seen, Told, outcome};
use crate::core::plan::{Action, Refusal};
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::look;
use crate::remote::{Ask, End, Host, Line, LinkError};
use crate::text;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::{sleep, timeout};

/// The script says every five seconds that it is there: after this long it is not.
const SILENCE: Duration = Duration::from_secs(30);
/// The longest wait between two tries of a lost link.
const LONGEST_WAIT_MS: u64 = 15_000;
/// How much longer than its own limit a run is waited for over a link that does not come back, in seconds.
const PATIENCE_S: u64 = 180;
/// Looks at most that are taken afterwards, where the link is lost in the middle of one or a question ran out of time.
const LOOKS: u32 = 4;

/// A run that is followed.
pub(super) struct Watch<'a> {
    pub(super) host: &'a dyn Host,
    pub(super) env: &'a Environment,
    pub(super) run: &'a RunName,
    pub(super) limit_s: u32,
    pub(super) password: Option<&'a Secret>,
    /// It was started a moment ago: a server that does not have it never had it.
    pub(super) is_new: bool,
}

/// Why following ended.
enum Left {
    /// The run has ended.
    Ended,
    /// There is no such run.
    NoRun,
    /// It has neither processes nor an end.
    Gone,
    /// The link.
    Lost(Option<LinkError>),
}

impl Watch<'_> {
    pub(super) async fn to_the_end(
        &self,
        action: &Action,
        before: Option<&Snapshot>,
        tell: &Sender<Told>,
    ) -> Outcome {
        let mut events = Vec::new();
        if let Some(outcome) = self.follow(&mut events, tell).await {
            return outcome;
        }
        let _ = tell.send(Told::Proving).await;
        let seen = match event::ended(&events) {
            // nothing was done: nothing to prove
            Some((event::How::Refused, _)) => None,
            _ => self.seen(action, before, &events).await,
        };
        outcome(action, &events, seen)
    }

    /// What a look afterwards shows; nothing where the server cannot be looked at.
    async fn seen(&self, action: &Action, before: Option<&Snapshot>, events: &[Event]) -> Option<Seen> {
        let before = before.map(|look| Facts::of(self.env, look));
        let mut seen = None;
        for _ in 0..LOOKS {
            match look::take(self.host, self.env).await {
                Ok(look) if look.cut_short.is_none() => {
                    let after = Facts::of(self.env, &look.snapshot);
                    let now = Seen { at: after.now, proofs: prove(action, before.as_ref(), &after, events) };
                    // a server that is still busy may have had no time for one of the questions: it is asked once more
                    if seen.is_some() || state(&now.proofs) != State::Unknown {
                        return Some(now);
                    }
                    seen = Some(now);
                }
                // what came before a link was lost is not the whole
                _ => {}
            }
            self.host.retry_now();
            sleep(Duration::from_secs(3)).await;
        }
        seen
    }

    /// Until the run has ended; what there is to say if that is not seen.
    async fn follow(&self, events: &mut Vec<Event>, tell: &Sender<Told>) -> Option<Outcome> {
        let patience = Duration::from_secs(u64::from(self.limit_s) + PATIENCE_S);
        let mut last_heard = clock::timer();
        let mut wait_ms = 1000;
        let mut finishing = 0;
        let mut away = false;
        loop {
            let before = events.len();
            match self.listen(events, &mut away, tell).await {
                Left::Ended => return None,
                Left::NoRun => return Some(self.never_begun().await),
                // to end it may start what it had stopped: not from here
                Left::Gone if self.env.read_only => return Some(self.not_to_be_ended()),
                Left::Gone if finishing < 3 => {
                    finishing += 1;
                    let text = script::finish(self.host.root(), self.run);
                    let deadline = Duration::from_secs(200);
                    let ask = Ask { name: "finish", script: &text, stdin: b"", deadline, cap: CAP };
                    // whatever it says, following tells
                    let _ = self.host.run(ask).await;
                    continue;
                }
                Left::Gone => return Some(self.unknown(None)),
                Left::Lost(error) => {
                    if events.len() > before {
                        (last_heard, wait_ms) = (clock::timer(), 1000);
                    }
                    if last_heard.elapsed() > patience {
                        return Some(self.unknown(error.as_ref()));
                    }
                    let said = error.map_or_else(
                        || text!("服务器没有声音了", "the server says nothing any more"),
                        |e| e.summary(),
                    );
                    away = true;
                    let _ = tell.send(Told::Lost { said, again_ms: wait_ms }).await;
                    sleep(Duration::from_millis(wait_ms)).await;
                    self.host.retry_now();
                    wait_ms = (wait_ms * 2).min(LONGEST_WAIT_MS);
                }
            }
        }
    }

    /// The server does not have it: it did not begin, or was forgotten since.
    async fn never_begun(&self) -> Outcome {
        if !self.is_new {
            match brief(self.host, self.run).await {
                Ok(brief) if brief.may_be_forgotten(self.run) => return forgotten(self.run),
                Ok(Brief::None { .. }) => {}
                // it is there by now, or is not for this login
                Ok(Brief::Known { .. } | Brief::Hidden) => return self.unknown(None),
                Err(error) => return self.unknown(Some(&error)),
            }
        }
        Outcome::Refused(Refusal::new(
            text!("服务器上没有开始，什么也没做", "it did not begin on the server; nothing was done"),
            text!("再来一次", "try again"),
        ))
    }

    /// Over one link.
    async fn listen(&self, events: &mut Vec<Event>, away: &mut bool, tell: &Sender<Told>) -> Left {
        let text = script::follow(self.host.root(), self.run, events.len() + 1);
        let ask = Ask { name: "follow", script: &text, stdin: b"", deadline: BEGIN, cap: CAP };
        let mut stream = match self.host.stream(ask).await {
            Ok(stream) => stream,
            Err(error) => return Left::Lost(Some(error)),
        };
        let mut left = None;
        while let Ok(came) = timeout(SILENCE, stream.next()).await {
            let Some(line) = came else {
                return match (left, stream.end().await) {
                    (Some(left), End::Exit(0)) => left,
                    (_, End::Exit(0)) if event::ended(events).is_some() => Left::Ended,
                    (_, End::Exit(_)) => Left::Lost(None),
                    (_, End::Unknown(error)) => Left::Lost(Some(error)),
                };
            };
            let Line::Out(line, _) = line else { continue };
            if std::mem::take(away) {
                let _ = tell.send(Told::Back).await;
            }
            if let Some(line) = line.strip_prefix(b"j ") {
                let event = event::event(hidden(line, self.password).as_bytes());
                events.push(event.clone());
                let _ = tell.send(Told::Events(vec![event])).await;
            } else if line == b"none" {
                left = Some(Left::NoRun);
            } else if line == b"gone" {
                left = Some(Left::Gone);
            }
        }
        Left::Lost(None)
    }

    /// It has neither processes nor an end, and nothing may be changed on its server from this workstation.
    fn not_to_be_ended(&self) -> Outcome {
        let (run, key) = (self.run, &self.env.key);
        Outcome::Unknown {
            said: text!(
                "{run} 的进程没有了，也没有结尾。{key} 在配置里是只读的（read_only = true），这里只看，没有替它收尾：它停掉的可能还停着",
                "{run} has no processes any more and no end. {key} is read-only in the configuration (read_only = true), so it was only followed and not ended from here: what it had stopped may still be down"
            ),
            next: text!(
                "在可以改 {key} 的工作机上：opsdeck attach --env {key} {run}，它会收尾并启动停掉的东西",
                "on a workstation that may change {key}: opsdeck attach --env {key} {run}, which ends it and starts what it had stopped"
            ),
            run: Some(run.clone()),
            is_lost: false,
        }
    }

    fn unknown(&self, error: Option<&LinkError>) -> Outcome {
        let why = error.map(LinkError::summary).unwrap_or_default();
        let (run, key) = (self.run, &self.env.key);
        Outcome::Unknown {
            said: Text {
                zh: format!("结果未知，没有等到它的结尾。{}", why.zh),
                en: format!("not known: its end was not seen. {}", why.en),
            },
            next: text!(
                "它在服务器上会自己做完；接着看：opsdeck attach --env {key} {run}",
                "it goes on by itself on the server; to follow it: opsdeck attach --env {key} {run}"
            ),
            run: Some(run.clone()),
            is_lost: false,
        }
    }
}
