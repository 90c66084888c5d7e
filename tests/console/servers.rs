//! Fake servers: what they say was given before, or recorded of a built-in server.
use crate::asked::{self, MARK};
use opsdeck::remote::scripted::{Canned, ScriptedHost};
use opsdeck::remote::{Answer, Ask, End, Host, Line, LinkError, LinkErrorKind, Reply, Stream};
use opsdeck::tui::executor::Ways;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

pub(crate) fn same(host: &Server) -> Ways {
    let host = host.clone();
    Box::new(move |_| Arc::new(host.clone()) as Arc<dyn Host>)
}

/// Prod and test have a host each.
pub(crate) fn each(prod: &Server, test: &Server) -> Ways {
    let (prod, test) = (prod.clone(), test.clone());
    Box::new(move |env| match env.key.0.as_str() {
        "prod" => Arc::new(prod.clone()),
        _ => Arc::new(test.clone()),
    })
}

/// A host whose answers were given before: those of a built-in server, under the mark that it is asked with.
#[derive(Clone)]
pub(crate) struct Server {
    script: ScriptedHost,
    asked: Arc<Mutex<Vec<Instant>>>,
    /// Streams that tell nothing but that they are there.
    idle: bool,
}

impl Server {
    /// It has no answer yet. Its jobs and logs are followed, and nothing happens in them.
    pub(crate) fn new() -> Server {
        Server { script: ScriptedHost::new(), asked: Arc::default(), idle: true }
    }

    /// Says what this server of a scenario says, each time after so many seconds.
    pub(crate) fn of(scenario: &str, at: usize, seconds: u64) -> Server {
        let server = Server::new().rooted(scenario, at);
        Server { script: server.script.always("look", look(scenario, at, seconds)), ..server }
    }

    /// Its files lie where they did.
    pub(crate) fn rooted(self, scenario: &str, at: usize) -> Server {
        let root = asked::answered(scenario).raw[at].0.clone().leak();
        Server { script: self.script.rooted(root), ..self }
    }

    /// The next answer to questions of this name.
    pub(crate) fn on(self, name: &'static str, answer: Canned) -> Server {
        Server { script: self.script.on(name, answer), ..self }
    }

    pub(crate) fn always(self, name: &'static str, answer: Canned) -> Server {
        Server { script: self.script.always(name, answer), ..self }
    }

    /// Streams, too, have the answers that were given before.
    pub(crate) fn streaming(self) -> Server {
        Server { idle: false, ..self }
    }

    /// The scripted host behind it.
    pub(crate) fn script(&self) -> &ScriptedHost {
        &self.script
    }

    /// Seconds between one look and the next.
    pub(crate) fn gaps(&self) -> Vec<u64> {
        let asked = self.asked.lock().unwrap();
        asked.windows(2).map(|w| w[1].duration_since(w[0]).as_secs()).collect()
    }
}

/// What this server of a scenario says to a look.
pub(crate) fn look(scenario: &str, at: usize, seconds: u64) -> Canned {
    Canned::prints(&asked::answered(scenario).raw[at].1).after(Duration::from_secs(seconds))
}

pub(crate) fn refused() -> Canned {
    Canned::fails(LinkError::new(LinkErrorKind::Refused, "Connection refused"))
}

impl Host for Server {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        Box::pin(async move {
            if ask.name == "look" {
                self.asked.lock().unwrap().push(Instant::now());
            }
            let mark = mark(&ask);
            let mut answer = self.script.run(ask).await?;
            if let Some(mark) = mark {
                let said = String::from_utf8_lossy(&answer.stdout.bytes)
                    .replace(&format!("@@{MARK} "), &format!("@@{mark} "));
                answer.stdout.bytes = said.into_bytes();
            }
            Ok(answer)
        })
    }
    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        // a run is followed as it was given
        match self.idle && ask.name != "follow" {
            true => {
                let beat =
                    mark(&ask).filter(|_| ask.name == "watch").map(|m| format!("@@{m} beat 1769900000"));
                let idle = Idle { says: beat.unwrap_or_default().into_bytes(), began: false };
                Box::pin(std::future::ready(Ok(Box::new(idle) as Box<dyn Stream>)))
            }
            false => self.script.stream(ask),
        }
    }
    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        self.script.check()
    }
    fn root(&self) -> &str {
        self.script.root()
    }
    fn retry_now(&self) {
        self.script.retry_now();
    }
    fn close(&self) -> Reply<'_, ()> {
        self.script.close()
    }
}

/// The mark that an answer is to be under.
fn mark(ask: &Ask<'_>) -> Option<String> {
    let mark = ask.script.lines().find_map(|l| l.strip_prefix("mark="))?;
    Some(mark.trim_matches('\'').to_owned())
}

/// What happens on a server where nothing happens: it says at once, and then now and then, that it is there.
struct Idle {
    says: Vec<u8>,
    began: bool,
}

impl Stream for Idle {
    fn next(&mut self) -> Reply<'_, Option<Line>> {
        Box::pin(async {
            if std::mem::replace(&mut self.began, true) {
                tokio::time::sleep(Duration::from_secs(15)).await;
            }
            Some(Line::Out(self.says.clone(), 0))
        })
    }
    fn end(&mut self) -> Reply<'_, End> {
        Box::pin(std::future::pending())
    }
}

/// A host that panics, and whose link never closes.
pub(crate) struct Dies;

impl Host for Dies {
    fn run<'a>(&'a self, _: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        panic!("on purpose")
    }
    fn stream<'a>(&'a self, _: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        panic!("on purpose")
    }
    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        panic!("on purpose")
    }
    fn close(&self) -> Reply<'_, ()> {
        Box::pin(std::future::pending())
    }
}
