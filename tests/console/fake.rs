//! The console with a fake terminal: keys are sent, and what is drawn can be waited for.
use crate::given;
use opsdeck::config::model::Environment;
use opsdeck::core::console::{Key, Model, Msg};
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use opsdeck::remote::scripted::ScriptedHost;
use opsdeck::remote::{Answer, Ask, Host, LinkError, Reply, Stream};
use opsdeck::tui::app::{self, Screen};
use opsdeck::tui::executor::{Executor, Ways};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

/// What was drawn last, and how often.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) text: String,
    pub(crate) draws: usize,
    pub(crate) suspended: usize,
    pub(crate) forgotten: usize,
}

struct Fake(watch::Sender<Shown>);

impl Screen for Fake {
    fn draw(&mut self, model: &Model, now: EpochMs) -> std::io::Result<()> {
        let text = given::screen(model, now, (100, 40));
        self.0.send_modify(|s| {
            s.text = text;
            s.draws += 1;
        });
        Ok(())
    }
    fn forget(&mut self) -> std::io::Result<()> {
        self.0.send_modify(|s| s.forgotten += 1);
        Ok(())
    }
    fn suspend(&mut self) -> std::io::Result<()> {
        self.0.send_modify(|s| s.suspended += 1);
        Ok(())
    }
}

/// A console that runs.
pub(crate) struct Console {
    pub(crate) keys: mpsc::Sender<Msg>,
    pub(crate) shown: watch::Receiver<Shown>,
    pub(crate) ended: JoinHandle<std::io::Result<()>>,
}

/// The wall clock of a test goes with tokio's, which a test can pause.
fn clock() -> impl Fn() -> EpochMs + Sync {
    let began = tokio::time::Instant::now();
    move || EpochMs(given::TAKEN.0 + i64::try_from(began.elapsed().as_millis()).unwrap())
}

impl Console {
    pub(crate) fn start(servers: Vec<Environment>, ways: Ways) -> Console {
        Console::at(servers, ways, clock())
    }

    pub(crate) fn at(
        servers: Vec<Environment>,
        ways: Ways,
        clock: impl Fn() -> EpochMs + Sync + Send + 'static,
    ) -> Console {
        let (keys, mut inbox) = mpsc::channel(app::INBOX);
        let (send, shown) = watch::channel(Shown::default());
        let mut model = Model::new(&servers, None, Lang::Zh);
        let mut executor = Executor::new(servers, ways, keys.clone());
        let ended = tokio::spawn(async move {
            let mut screen = Fake(send);
            let ended = app::run(&mut screen, &mut model, &mut inbox, &mut executor, &clock).await;
            executor.close().await;
            ended
        });
        Console { keys, shown, ended }
    }

    pub(crate) async fn press(&self, key: Key) {
        self.keys.send(Msg::Key(key)).await.unwrap();
    }

    /// Waits for a screen that says this.
    pub(crate) async fn sees(&mut self, text: &str) -> String {
        let seen = self.shown.wait_for(|s| s.text.contains(text));
        if let Ok(shown) = tokio::time::timeout(Duration::from_secs(120), seen).await {
            return shown.unwrap().text.clone();
        }
        panic!("never saw {text:?}; the last screen was\n{}", self.shown.borrow().text)
    }

    /// Waits for a screen that does not say this any more.
    pub(crate) async fn gone(&mut self, text: &str) {
        let gone = self.shown.wait_for(|s| !s.text.contains(text));
        tokio::time::timeout(Duration::from_secs(120), gone).await.unwrap().unwrap();
    }

    pub(crate) async fn quit(self) {
        self.press(Key::ctrl('c')).await;
        self.ended.await.unwrap().unwrap();
    }
}

pub(crate) fn same(host: &ScriptedHost) -> Ways {
    let host = host.clone();
    Box::new(move |_| Arc::new(host.clone()) as Arc<dyn Host>)
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
