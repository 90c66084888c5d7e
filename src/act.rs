//! An action carried out: the server is looked at once more, the intent is written down, the run is started on the server
//! and left to itself, followed over links that may come and go, and what it did is looked at and written down.
//!
//! Nothing here decides what is done: that is a [`Plan`] that a person confirmed.
mod watch;

use crate::clock;
use crate::config::Secret;
use crate::config::model::Environment;
use crate::core::plan::brief::{self, Brief};
use crate::core::plan::script::{self, RunName};
use crate::core::plan::told::{Came, Outcome, Told};
use crate::core::plan::{Action, Made, Plan, Refusal, explain, make};
use crate::core::safetext::SafeText;
use crate::core::snapshot::Snapshot;
use crate::core::units::EpochMs;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::journal::{Entry, Journal, What};
use crate::look;
use crate::remote::{Answer, Ask, End, Host, LinkError, LinkErrorKind};
use crate::text;
use sha2::{Digest, Sha256};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::sleep;
use watch::Watch;

/// The longest that starting a run may take, connecting included.
const START: Duration = Duration::from_secs(60);
/// Until a short question is answered, or following has begun, connecting included.
const BEGIN: Duration = Duration::from_secs(30);
/// Bytes of a line of a run's journal.
const CAP: usize = 16 * 1024;

/// What an action would come to, and the look that says so.
#[derive(Debug)]
pub struct Preview {
    /// The plan, that there is nothing to do, or why there is no plan.
    pub made: Result<Made, Refusal>,
    /// What was seen.
    pub look: Snapshot,
    /// All of it came.
    pub whole: bool,
}

/// What a person confirmed, and where it is done.
pub struct Order<'a> {
    /// The way to the server.
    pub host: &'a dyn Host,
    /// What is configured.
    pub env: &'a Environment,
    /// What was confirmed.
    pub plan: &'a Plan,
    /// The run's name; [`fresh_name`].
    pub run: RunName,
    /// The share's password, where the plan needs it.
    pub password: Option<Secret>,
    /// Who, for the server's lock and the journal; [`operator`].
    pub operator: SafeText,
    /// Where it is written down.
    pub journal: &'a Journal,
}

/// Who is at this workstation: `user@machine`, for people.
pub fn operator() -> SafeText {
    let named = |name: &str| std::env::var(name).ok().filter(|user| !user.is_empty());
    let user = named("USER").or_else(|| named("LOGNAME")).or_else(|| {
        let uid = rustix::process::getuid().as_raw().to_string();
        let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
        let mut entries = users.lines().map(|l| l.split(':').collect::<Vec<_>>());
        let name = entries.find(|e| e.get(2) == Some(&uid.as_str())).and_then(|e| e.first().copied());
        Some(name.map_or(format!("uid-{uid}"), ToOwned::to_owned))
    });
    let user = user.unwrap_or_default();
    let machine = rustix::system::uname().nodename().to_string_lossy().into_owned();
    SafeText::new(&format!("{user}@{machine}").replace('|', " "))
}

/// A name that no other run has: the moment, and 32 random bits.
///
/// # Errors
/// When the system has no randomness to give.
pub fn fresh_name() -> Result<RunName, LinkError> {
    let mark = look::mark()?;
    let seconds = clock::now().0 / 1000;
    let text = format!("{seconds}-{}", mark.get(..8).unwrap_or_default());
    RunName::parse(&text).ok_or_else(|| LinkError::new(LinkErrorKind::Other, "no name for a run"))
}

/// Looks at a server and says what an action would do there. Changes nothing.
///
/// # Errors
/// When the server could not be asked.
pub async fn preview(host: &dyn Host, env: &Environment, action: &Action) -> Result<Preview, LinkError> {
    let taken = look::take(host, env).await?;
    let made = make(action, &Facts::of(env, &taken.snapshot), host.root());
    Ok(Preview { made, look: taken.snapshot, whole: taken.cut_short.is_none() })
}

/// Does what was confirmed, and tells how it goes. Dropping it ends nothing on the server.
pub async fn carry_out(order: Order<'_>, tell: &Sender<Told>) -> Outcome {
    let outcome = begin_and_follow(&order, tell).await;
    if let Err(error) = order.journal.add(&order.entry(written(&outcome, order.password.as_ref()))) {
        tracing::error!(%error, run = %order.run, "the outcome could not be written down");
    }
    let _ = tell.send(Told::Ended(Box::new(outcome.clone()))).await;
    outcome
}

/// The intent stands in the journal before the server is told anything.
async fn begin_and_follow(order: &Order<'_>, tell: &Sender<Told>) -> Outcome {
    let _ = tell.send(Told::Checking).await;
    let before = match preview(order.host, order.env, &order.plan.action).await {
        Ok(preview) => preview,
        Err(error) => return Outcome::Refused(Refusal::new(error.summary(), error.hint())),
    };
    match before.made {
        Err(refusal) => return Outcome::Refused(refusal),
        Ok(Made::Nothing { said, evidence }) => return Outcome::Nothing { said, evidence },
        Ok(Made::Plan(now)) if !now.same_as(order.plan) => {
            return Outcome::Changed {
                said: text!(
                    "服务器和预览时不一样了，所以没有动手。请看新的预览",
                    "the server is not as it was in the preview, so nothing was done. See the new preview"
                ),
                now: Some(now),
            };
        }
        Ok(Made::Plan(_)) => {}
    }
    let body = script::body(order.plan, order.env, order.host.root(), &order.run);
    let digest: String = Sha256::digest(body.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    let mut kept = order.plan.kept.clone();
    // what attaching later has to know, and the name of the action does not say
    if let Action::PutLockBack(row) = &order.plan.action {
        kept.push(row.kept());
    }
    let intent = What::Intent { script: digest, kept };
    if let Err(error) = order.journal.add(&order.entry(intent)) {
        let (why, path) = (error.text(), SafeText::new(&order.journal.path().to_string_lossy()));
        return Outcome::Refused(Refusal::new(
            Text {
                zh: format!("操作记录写不进磁盘，所以没有动手：{}", why.zh),
                en: format!("the journal cannot be written, so nothing was done: {}", why.en),
            },
            text!("腾出磁盘空间或检查 {path}，再来一次", "make room or look at {path}, then try again"),
        ));
    }
    if let Err(outcome) = start(order, before.look.now(), tell).await {
        return *outcome;
    }
    let watch = Watch {
        host: order.host,
        env: order.env,
        run: &order.run,
        limit_s: order.plan.limit_s,
        password: order.password.as_ref(),
        is_new: true,
    };
    watch.to_the_end(&order.plan.action, Some(&before.look), tell).await
}

/// Starts the run. An error is how it all ended; whatever may have begun is no error. `now`: by the server's clock.
async fn start(order: &Order<'_>, now: EpochMs, tell: &Sender<Told>) -> Result<(), Box<Outcome>> {
    let text = script::start(order.plan, order.env, order.host.root(), &order.run, &order.operator);
    let stdin = order.password.as_ref().map(Secret::bytes_for_stdin).unwrap_or_default();
    let ask = Ask { name: "start", script: &text, stdin, deadline: START, cap: CAP };
    let answer = match order.host.run(ask).await {
        // it did not begin
        Err(error) if !error.begun => {
            return Err(Box::new(Outcome::Refused(Refusal::new(error.summary(), error.hint()))));
        }
        Err(_) => None,
        Ok(answer) => Some(answer),
    };
    let refused = |said: Text, next: Text| Err(Box::new(Outcome::Refused(Refusal::new(said, next))));
    let heard = |a: &Answer| SafeText::new(hidden(&a.stdout.bytes, order.password.as_ref()).trim());
    match answer.as_ref().map(|a| (&a.end, heard(a))) {
        Some((End::Exit(0), _)) => {}
        Some((End::Exit(11), said)) => {
            let who = said.as_str().trim().strip_prefix("busy ").unwrap_or_default().to_owned();
            return Err(Box::new(Outcome::Refused(explain::busy(&who, Some(now)))));
        }
        Some((End::Exit(12), _)) => {
            return refused(
                text!(
                    "/var/lib/opsdeck 写不进去：登录的不是 root，或磁盘满了。什么也没做",
                    "/var/lib/opsdeck cannot be written: the login is not root, or the disk is full. Nothing was done"
                ),
                text!("用 root 登录；检查根分区空间", "log in as root; check the room on /"),
            );
        }
        Some((End::Exit(code), said)) => {
            return refused(
                text!(
                    "服务器没能开始（{code}）：{said}。什么也没做",
                    "the server could not begin ({code}): {said}. Nothing was done"
                ),
                text!("再检查一次", "check again"),
            );
        }
        // the link was lost on the way: it may have begun, and following it tells
        Some((End::Unknown(_), _)) | None => {
            let _ = tell
                .send(Told::Lost {
                    said: text!("开始时连接断了", "the link was lost while it was started"),
                    again_ms: 3000,
                })
                .await;
            // what the lost link left behind on the server is ended by then, or has begun for good
            sleep(Duration::from_secs(3)).await;
        }
    }
    let _ = tell.send(Told::Begun { run: order.run.clone() }).await;
    Ok(())
}

/// What a run is that another console began, or this one before.
///
/// # Errors
/// When the server could not be asked, or did not answer to the end.
pub async fn brief(host: &dyn Host, run: &RunName) -> Result<Brief, LinkError> {
    let text = script::brief(host.root(), run);
    let ask = Ask { name: "brief", script: &text, stdin: b"", deadline: BEGIN, cap: CAP };
    let answer = host.run(ask).await?;
    let odd =
        || LinkError::new(LinkErrorKind::Other, &SafeText::from_bytes(&answer.stdout.bytes).to_string());
    match &answer.end {
        End::Exit(_) => brief::read(&answer.stdout.bytes).ok_or_else(odd),
        End::Unknown(error) => Err(error.clone()),
    }
}

/// Follows a run that this console did not start, or did not see the end of. Where the journal has its intent and no
/// outcome that was seen, the outcome is written down. What can never be known any more is written down as that, and not asked for again.
pub async fn attach(
    host: &dyn Host,
    env: &Environment,
    run: &RunName,
    action: &Action,
    journal: Option<&Journal>,
    tell: &Sender<Told>,
) -> Outcome {
    let _ = tell.send(Told::Begun { run: run.clone() }).await;
    let watch = Watch { host, env, run, limit_s: 3600, password: None, is_new: false };
    let outcome = watch.to_the_end(action, None, tell).await;
    match journal.map(|j| (j, j.unfinished())) {
        None => {}
        Some((journal, Ok(open))) => {
            if let Some(intent) = open.into_iter().find(|e| e.run == run.as_str() && e.env == env.key.0) {
                let what = written(&outcome, None);
                let (at_ms, operator) = (clock::now().0, operator().to_string());
                if let Err(error) = journal.add(&Entry { at_ms, operator, what, ..intent }) {
                    tracing::error!(%error, %run, "the outcome could not be written down");
                }
            }
        }
        Some((_, Err(error))) => tracing::error!(%error, %run, "the journal could not be read"),
    }
    let _ = tell.send(Told::Ended(Box::new(outcome.clone()))).await;
    outcome
}

/// The operator stops looking at a run whose intent stands in the journal: it goes on on the server, and the journal says so.
pub fn detached(journal: &Journal, intent: &Entry) -> Outcome {
    let (run, key) = (SafeText::new(&intent.run), SafeText::new(&intent.env));
    let outcome = Outcome::Unknown {
        said: text!(
            "没有等到结尾就离开了，它在服务器上会自己做完",
            "left before its end; it goes on by itself on the server"
        ),
        next: text!(
            "接着看：opsdeck attach --env {key} {run}",
            "to follow it: opsdeck attach --env {key} {run}"
        ),
        run: RunName::parse(&intent.run),
        is_lost: false,
    };
    // its end may have come in this very moment
    let is_open = journal.unfinished().is_ok_and(|open| open.iter().any(|e| e.run == intent.run));
    let entry = Entry { at_ms: clock::now().0, what: written(&outcome, None), ..intent.clone() };
    if is_open && let Err(error) = journal.add(&entry) {
        tracing::error!(%error, %run, "that it was left could not be written down");
    }
    outcome
}

/// What is known of a run that a server has no record of any more.
pub fn forgotten(run: &RunName) -> Outcome {
    Outcome::Unknown {
        said: text!(
            "服务器上没有 {run} 的记录了（太久以前的会被清掉）：它做了没有，不知道",
            "the server has no record of {run} any more (old ones are thrown away): whether it was done is not known"
        ),
        next: text!("检查一次，看服务器现在怎样", "check, and see how the server is now"),
        run: Some(run.clone()),
        is_lost: true,
    }
}

/// What a server said, without the password that it was given: no script prints it, and a program of the server might.
fn hidden(said: &[u8], password: Option<&Secret>) -> String {
    let text = String::from_utf8_lossy(said).into_owned();
    password.map_or(text.clone(), |p| p.hidden_in(&text))
}

impl Order<'_> {
    fn entry(&self, what: What) -> Entry {
        Entry {
            at_ms: clock::now().0,
            run: self.run.to_string(),
            env: self.env.key.to_string(),
            host: self.env.host.clone(),
            server: self.plan.target.hostname.clone(),
            operator: self.operator.to_string(),
            action: self.plan.action.id().to_owned(),
            what,
        }
    }
}

/// The outcome as it is written down. No text of ours has a password in it; what a server said might, by mistake.
pub fn written(outcome: &Outcome, password: Option<&Secret>) -> What {
    let came = match outcome.came() {
        Came::Done => "done",
        Came::Refused => "refused",
        Came::Failed => "failed",
        Came::Unknown if matches!(outcome, Outcome::Unknown { is_lost: true, .. }) => "lost",
        Came::Unknown => "unknown",
    };
    let Text { zh, en } = outcome.said();
    let clean = |text: String| password.map_or(text.clone(), |p| p.hidden_in(&text));
    What::Outcome { came: came.into(), zh: clean(zh), en: clean(en) }
}
