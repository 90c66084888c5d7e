//! One reply of a server is lost, late, cut off, not what it said, or given to a question that came twice; each reply in turn.
//! Whatever is told is true all the same: nothing is called done that is not, and nothing is done twice.
use super::acting::Prod;
use super::asking::sandbox;
use opsdeck::act;
use opsdeck::core::plan::told::{Came, Outcome};
use opsdeck::core::plan::{Action, How, Service};
use opsdeck::journal::What;
use opsdeck::remote::host::{Reply, Stream};
use opsdeck::remote::local::LocalHost;
use opsdeck::remote::{Answer, Ask, End, Host, Line, LinkError, LinkErrorKind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// What becomes of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spoil {
    /// The question does not reach the server.
    Unsent,
    /// The server does what it was asked, and nobody hears of it.
    Lost,
    /// It comes, but not at once.
    Late,
    /// Half of it comes, then the link is gone.
    Cut,
    /// It says something else.
    Garbled,
    /// The question reaches the server twice; the second reply is heard.
    Twice,
}

/// A server one of whose replies is spoiled: the `k`th, counted from 1.
struct Spoiled<'a> {
    host: &'a LocalHost,
    k: usize,
    how: Spoil,
    asked: AtomicUsize,
}

impl Spoiled<'_> {
    /// What becomes of the reply to the question that is asked now.
    fn now(&self) -> Option<Spoil> {
        (self.asked.fetch_add(1, Ordering::SeqCst) + 1 == self.k).then_some(self.how)
    }

    fn fell(&self) -> bool {
        self.asked.load(Ordering::SeqCst) >= self.k
    }
}

fn lost() -> LinkError {
    LinkError::new(LinkErrorKind::Lost, "reset")
}

/// Other letters and digits; where lines end stays.
fn garble(bytes: &mut [u8]) {
    for byte in bytes.iter_mut().filter(|b| **b != b'\n') {
        *byte = byte.wrapping_mul(7).wrapping_add(3) % 95 + 32;
    }
}

impl Host for Spoiled<'_> {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        Box::pin(async move {
            let Some(how) = self.now() else { return self.host.run(ask).await };
            if how == Spoil::Unsent {
                return Err(lost());
            }
            let mut answer = self.host.run(ask.clone()).await?;
            match how {
                Spoil::Unsent => {}
                Spoil::Lost => return Err(lost().after_begin()),
                Spoil::Late => tokio::time::sleep(Duration::from_secs(2)).await,
                Spoil::Cut => {
                    answer.stdout.bytes.truncate(answer.stdout.bytes.len() / 2);
                    answer.end = End::Unknown(lost().after_begin());
                }
                Spoil::Garbled => garble(&mut answer.stdout.bytes),
                Spoil::Twice => answer = self.host.run(ask).await?,
            }
            Ok(answer)
        })
    }

    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        Box::pin(async move {
            let Some(how) = self.now() else { return self.host.stream(ask).await };
            if how == Spoil::Unsent {
                return Err(lost());
            }
            let inner = self.host.stream(ask.clone()).await?;
            match how {
                Spoil::Lost => Err(lost().after_begin()),
                Spoil::Twice => self.host.stream(ask).await,
                _ => Ok(Box::new(Lines { inner, how, n: 0 }) as Box<dyn Stream>),
            }
        })
    }

    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        self.host.check()
    }

    fn root(&self) -> &str {
        self.host.root()
    }

    fn retry_now(&self) {
        self.host.retry_now();
    }

    fn close(&self) -> Reply<'_, ()> {
        self.host.close()
    }
}

/// Lines of which something becomes.
struct Lines {
    inner: Box<dyn Stream>,
    how: Spoil,
    n: usize,
}

impl Stream for Lines {
    fn next(&mut self) -> Reply<'_, Option<Line>> {
        Box::pin(async move {
            self.n += 1;
            match self.how {
                Spoil::Late => tokio::time::sleep(Duration::from_millis(300)).await,
                Spoil::Cut if self.n > 2 => return None,
                _ => {}
            }
            let mut line = self.inner.next().await;
            if let (Spoil::Garbled, Some(Line::Out(bytes, _))) = (self.how, &mut line) {
                garble(bytes);
            }
            line
        })
    }

    fn end(&mut self) -> Reply<'_, End> {
        Box::pin(async move {
            match self.how {
                Spoil::Cut => End::Unknown(lost().after_begin()),
                _ => self.inner.end().await,
            }
        })
    }
}

/// An action in a situation, and the checks that are not well when it is done.
type Story = (&'static str, Action, &'static [&'static str]);

const STORIES: [Story; 2] = [
    ("not-mounted", Action::Mount { new_password: false }, &["night"]),
    ("healthy", Action::Services { which: Service::Backend, how: How::Restart }, &[]),
];

/// What is wrong; nothing where the `k`th reply was never given.
async fn case(story: &Story, how: Spoil, k: usize) -> Option<Vec<String>> {
    let (scenario, action, bad) = story;
    let server = Prod::of(scenario);
    let plan = server.plan(action).await;
    let run = act::fresh_name().unwrap();
    let link = Spoiled { host: &server.host, k, how, asked: AtomicUsize::new(0) };
    let (outcome, _) = server.carried_out(&link, &plan, run.clone(), None).await;
    if !link.fell() {
        return None;
    }
    let mut wrong = Vec::new();
    let said = server.journal.read().unwrap();
    let last = said.iter().rev().find_map(|e| match &e.what {
        What::Outcome { came, .. } => Some(came.clone()),
        What::Intent { .. } => None,
    });
    let came = serde_json::to_value(outcome.came()).unwrap();
    if last.as_deref() != came.as_str() {
        wrong.push(format!("{came} was told, and {last:?} written down"));
    }
    // what the server itself knows of it
    let journal = sandbox(&server.demo, "prod").root.join(format!("var/lib/opsdeck/runs/{run}/journal"));
    // a run that was started a moment ago has a journal without a line
    let begun = journal.exists();
    let journal = || std::fs::read_to_string(&journal).unwrap_or_default();
    if begun && matches!(outcome, Outcome::Refused(_) | Outcome::Changed { .. } | Outcome::Nothing { .. }) {
        wrong.push(format!("it began, and this was told: {outcome:?}"));
    }
    if begun {
        // the next one who follows it sees its end
        let (tell, mut told) = mpsc::channel(64);
        let drain = async { while told.recv().await.is_some() {} };
        let attached = async {
            let outcome = act::attach(&server.host, &server.env, &run, action, None, &tell).await;
            drop(tell);
            outcome
        };
        let (seen, ()) = tokio::join!(attached, drain);
        if seen.came() != Came::Done {
            wrong.push(format!("the next one was told: {seen:?}"));
        }
    }
    let lines = journal();
    let ends: Vec<&str> = lines.lines().filter(|l| l.contains(" end ")).collect();
    let begins = lines.lines().filter(|l| l.ends_with(" begin")).count();
    if begun && (begins != 1 || !matches!(&ends[..], [end] if end.ends_with("end finished"))) {
        wrong.push(format!("the server's journal: {lines}"));
    }
    let now = server.bad();
    match outcome.came() {
        Came::Done if !begun || now != *bad => wrong.push(format!("called done, and {now:?} are not well")),
        Came::Failed => wrong.push(format!("called failed: {outcome:?}")),
        _ => {}
    }
    if now.contains(&"backend") {
        wrong.push("the backend is not well".into());
    }
    Some(wrong.into_iter().map(|w| format!("{scenario}, reply {k} {how:?}: {w}")).collect())
}

/// Each reply in turn, until there are no more of them.
async fn each_reply(how: Spoil) {
    let mut wrong = Vec::new();
    for story in &STORIES {
        let mut k = 1;
        while let Some(more) = case(story, how, k).await {
            wrong.extend(more);
            k += 1;
            assert!(k < 20, "there is no end of questions");
        }
        // a look before, the start, what becomes of it, a look afterwards
        assert!(k > 4, "{story:?} asked {} questions", k - 1);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_does_not_arrive() {
    each_reply(Spoil::Unsent).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_lost() {
    each_reply(Spoil::Lost).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_late() {
    each_reply(Spoil::Late).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_is_cut_off() {
    each_reply(Spoil::Cut).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_that_says_something_else() {
    each_reply(Spoil::Garbled).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_arrives_twice() {
    each_reply(Spoil::Twice).await;
}
