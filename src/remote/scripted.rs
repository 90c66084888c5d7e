//! A host whose answers are data, for tests: what it says, in which order, after how long, and what it was asked.
//!
//! ```
//! use opsdeck::remote::scripted::{Canned, ScriptedHost};
//! let host = ScriptedHost::new()
//!     .on("look", Canned::prints("first"))
//!     .on("look", Canned::exits(3).stderr("no such file"))
//!     .always("check", Canned::prints(""));
//! assert_eq!(host.count("look"), 0);
//! ```
use super::error::{LinkError, LinkErrorKind};
use super::host::{Answer, Ask, Captured, End, Host, Line, Reply, Stream};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// One answer, given in advance.
#[derive(Clone, Debug)]
pub struct Canned {
    after: Duration,
    what: What,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

#[derive(Clone, Debug)]
enum What {
    Ends(End),
    Fails(LinkError),
    Silent,
}

impl Canned {
    /// Prints this and leaves with 0.
    pub fn prints(stdout: impl AsRef<[u8]>) -> Canned {
        Canned::exits(0).stdout(stdout)
    }

    /// Leaves with this code.
    pub fn exits(code: i32) -> Canned {
        Canned::with(What::Ends(End::Exit(code)))
    }

    /// Begins, and its end is never seen.
    pub fn unknown(error: LinkError) -> Canned {
        Canned::with(What::Ends(End::Unknown(error.after_begin())))
    }

    /// Does not begin.
    pub fn fails(error: LinkError) -> Canned {
        Canned::with(What::Fails(error))
    }

    /// Begins, says what it is to say, and then nothing more: a question runs into its deadline, a stream waits.
    pub fn silent() -> Canned {
        Canned::with(What::Silent)
    }

    /// With this standard output (the lines of a stream).
    pub fn stdout(mut self, bytes: impl AsRef<[u8]>) -> Canned {
        self.stdout = bytes.as_ref().to_vec();
        self
    }

    /// With this standard error.
    pub fn stderr(mut self, bytes: impl AsRef<[u8]>) -> Canned {
        self.stderr = bytes.as_ref().to_vec();
        self
    }

    /// After this long (tokio's clock: a test can pause it).
    pub fn after(mut self, delay: Duration) -> Canned {
        self.after = delay;
        self
    }

    fn with(what: What) -> Canned {
        Canned { after: Duration::ZERO, what, stdout: Vec::new(), stderr: Vec::new() }
    }
}

/// A question that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Name of the question.
    pub name: &'static str,
    /// The script.
    pub script: String,
    /// What it would read.
    pub stdin: Vec<u8>,
    /// Its deadline.
    pub deadline: Duration,
    /// Its cap.
    pub cap: usize,
}

/// A host that answers from a list. A clone is the same host: keep one to see what was asked.
#[derive(Clone, Default)]
pub struct ScriptedHost {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    next: HashMap<&'static str, VecDeque<Canned>>,
    always: HashMap<&'static str, Canned>,
    asked: Vec<Asked>,
    retries: usize,
    closed: bool,
    root: &'static str,
}

impl ScriptedHost {
    /// A host that knows no answer yet: each question fails and says so. `check` succeeds unless told otherwise.
    pub fn new() -> ScriptedHost {
        ScriptedHost::default()
    }

    /// The next answer to questions of this name.
    pub fn on(self, name: &'static str, answer: Canned) -> ScriptedHost {
        self.with(|i| i.next.entry(name).or_default().push_back(answer));
        self
    }

    /// The answer to questions of this name when no other is left.
    pub fn always(self, name: &'static str, answer: Canned) -> ScriptedHost {
        self.with(|i| i.always.insert(name, answer));
        self
    }

    /// Says that this folder stands for `/`.
    pub fn rooted(self, root: &'static str) -> ScriptedHost {
        self.with(|i| i.root = root);
        self
    }

    /// Every question so far, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.with(|i| i.asked.clone())
    }

    /// How many questions of this name came.
    pub fn count(&self, name: &str) -> usize {
        self.with(|i| i.asked.iter().filter(|a| a.name == name).count())
    }

    /// How often an operator asked to try again.
    pub fn retries(&self) -> usize {
        self.with(|i| i.retries)
    }

    /// Whether the link was closed.
    pub fn is_closed(&self) -> bool {
        self.with(|i| i.closed)
    }

    fn with<T>(&self, f: impl FnOnce(&mut Inner) -> T) -> T {
        f(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn take(&self, ask: &Ask<'_>) -> Result<Canned, LinkError> {
        self.with(|i| {
            i.asked.push(Asked {
                name: ask.name,
                script: ask.script.to_owned(),
                stdin: ask.stdin.to_vec(),
                deadline: ask.deadline,
                cap: ask.cap,
            });
            if i.closed {
                return Err(LinkError::new(LinkErrorKind::Closed, ""));
            }
            let next = i.next.get_mut(ask.name).and_then(VecDeque::pop_front);
            next.or_else(|| i.always.get(ask.name).cloned()).ok_or_else(|| {
                let said = format!("no answer was given in advance for {:?}", ask.name);
                LinkError::new(LinkErrorKind::Other, &said)
            })
        })
    }
}

impl Host for ScriptedHost {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        Box::pin(async move {
            let since = crate::clock::timer();
            let canned = self.take(&ask)?;
            let in_time = timeout(ask.deadline, async {
                sleep(canned.after).await;
                if let What::Silent = canned.what {
                    std::future::pending::<()>().await;
                }
            })
            .await;
            let late = || End::Unknown(LinkError::new(LinkErrorKind::Deadline, "").after_begin());
            let end = match (in_time, canned.what) {
                (Ok(()), What::Ends(end)) => end,
                (Ok(()), What::Fails(error)) => return Err(error),
                (Ok(()), What::Silent) | (Err(_), _) => late(),
            };
            let (mut stdout, mut stderr) = (Captured::default(), Captured::default());
            stdout.take(&canned.stdout, ask.cap);
            stderr.take(&canned.stderr, ask.cap);
            Ok(Answer { end, stdout, stderr, took: crate::clock::timer().saturating_duration_since(since) })
        })
    }

    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        Box::pin(async move {
            let canned = self.take(&ask)?;
            if timeout(ask.deadline, sleep(canned.after)).await.is_err() {
                return Err(LinkError::new(LinkErrorKind::Deadline, ""));
            }
            let end = match canned.what {
                What::Fails(error) => return Err(error),
                What::Ends(end) => Some(end),
                What::Silent => None,
            };
            let cut = |bytes: &[u8], line: fn(Vec<u8>, u64) -> Line| {
                let mut lines = Vec::new();
                let mut splitter = super::capture::Splitter::new(ask.cap);
                let mut each = |l: Captured| lines.push(line(l.bytes, l.dropped));
                splitter.take(bytes, &mut each);
                splitter.finish(&mut each);
                lines
            };
            let lines = [cut(&canned.stdout, Line::Out), cut(&canned.stderr, Line::Err)].concat();
            let lines = VecDeque::from(lines);
            Ok(Box::new(ScriptedStream { lines, end }) as Box<dyn Stream>)
        })
    }

    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        self.with(|i| {
            let known = i.next.get("check").is_some_and(|n| !n.is_empty());
            if !known && !i.always.contains_key("check") && !i.closed {
                i.always.insert("check", Canned::exits(0));
            }
        });
        Box::pin(super::host::round_trip(self))
    }

    fn root(&self) -> &str {
        self.with(|i| i.root)
    }

    fn retry_now(&self) {
        self.with(|i| i.retries += 1);
    }

    fn close(&self) -> Reply<'_, ()> {
        self.with(|i| i.closed = true);
        Box::pin(std::future::ready(()))
    }
}

struct ScriptedStream {
    lines: VecDeque<Line>,
    end: Option<End>,
}

impl Stream for ScriptedStream {
    fn next(&mut self) -> Reply<'_, Option<Line>> {
        match (self.lines.pop_front(), &self.end) {
            (None, None) => Box::pin(std::future::pending()),
            (line, _) => Box::pin(std::future::ready(line)),
        }
    }

    fn end(&mut self) -> Reply<'_, End> {
        match self.end.clone() {
            Some(end) => Box::pin(std::future::ready(end)),
            None => Box::pin(std::future::pending()),
        }
    }
}

#[cfg(test)]
#[path = "scripted_tests.rs"]
mod tests;
