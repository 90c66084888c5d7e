//! The console with a fake terminal: keys are sent, and what is drawn can be waited for.
use crate::given;
use opsdeck::config::model::Environment;
use opsdeck::core::console::{Code, Key, Model, Msg};
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use opsdeck::journal::Journal;
use opsdeck::tui::app::{self, Screen};
use opsdeck::tui::executor::{Around, Executor, Ways};
use opsdeck::tui::unfinished;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What was drawn, the last one apart, and what else was asked of the terminal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shown {
    pub(crate) text: String,
    /// Every screen that was ever drawn.
    pub(crate) frames: Vec<String>,
    pub(crate) suspended: usize,
    pub(crate) forgotten: usize,
    pub(crate) mouse: Vec<bool>,
}

struct Fake(watch::Sender<Shown>);

impl Screen for Fake {
    fn draw(&mut self, model: &Model, now: EpochMs) -> std::io::Result<()> {
        let text = given::screen(model, now, model.size);
        self.0.send_modify(|s| {
            s.frames.push(text.clone());
            s.text = text;
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
    fn mouse(&mut self, wanted: bool) -> std::io::Result<()> {
        self.0.send_modify(|s| s.mouse.push(wanted));
        Ok(())
    }
    fn size(&self) -> Option<(u16, u16)> {
        None
    }
    fn copy(&mut self, _text: &str) -> std::io::Result<()> {
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
    let began = Instant::now();
    move || EpochMs(given::TAKEN.0 + i64::try_from(began.elapsed().as_millis()).unwrap())
}

impl Console {
    /// In a window of 100 columns, too narrow for two environments.
    pub(crate) fn start(servers: Vec<Environment>, ways: Ways) -> Console {
        Console::at(servers, ways, (100, 40), clock())
    }

    /// In a window where two environments stand side by side.
    pub(crate) fn wide(servers: Vec<Environment>, ways: Ways) -> Console {
        Console::at(servers, ways, (160, 45), clock())
    }

    pub(crate) fn at(
        servers: Vec<Environment>,
        ways: Ways,
        size: (u16, u16),
        clock: impl Fn() -> EpochMs + Sync + Send + 'static,
    ) -> Console {
        Console::keeping(servers, ways, size, clock, None)
    }

    /// The same, with its files and its journal below this folder; what the journal has not seen the end of is known.
    pub(crate) fn with_state(servers: Vec<Environment>, ways: Ways, state: &Path) -> Console {
        Console::keeping(servers, ways, (100, 40), clock(), Some(state.to_owned()))
    }

    fn keeping(
        servers: Vec<Environment>,
        ways: Ways,
        size: (u16, u16),
        clock: impl Fn() -> EpochMs + Sync + Send + 'static,
        state: Option<PathBuf>,
    ) -> Console {
        let (keys, mut inbox) = mpsc::channel(app::INBOX);
        let (send, shown) = watch::channel(Shown::default());
        let mut model = Model::new(&servers, None, Lang::Zh);
        model.size = size;
        if let Some(state) = &state {
            model.unfinished = unfinished(&Journal::below(state), &servers);
        }
        let around = Around {
            config: given::config(&servers),
            demo: Some("fake".into()),
            journal: state.clone(),
            log: None,
        };
        let executor = Executor::new(servers, ways, keys.clone()).keeping(state);
        let mut executor = executor.bundling(around);
        let ended = tokio::spawn(async move {
            let mut screen = Fake(send);
            let ended = app::run(&mut screen, &mut model, &mut inbox, &mut executor, &clock).await;
            executor.close().await;
            ended
        });
        Console { keys, shown, ended }
    }

    pub(crate) async fn send(&self, msg: Msg) {
        self.keys.send(msg).await.unwrap();
    }

    pub(crate) async fn press(&self, key: Key) {
        self.send(Msg::Key(key)).await;
    }

    pub(crate) async fn code(&self, code: Code) {
        self.press(Key::of(code)).await;
    }

    /// Types letters, one key each.
    pub(crate) async fn letters(&self, text: &str) {
        for c in text.chars() {
            self.press(Key::char(c)).await;
        }
    }

    /// Waits for a screen that says this.
    pub(crate) async fn sees(&mut self, text: &str) -> String {
        self.waits(&format!("{text:?}"), |screen| screen.contains(text)).await
    }

    /// Waits for a screen that does not say this any more.
    pub(crate) async fn gone(&mut self, text: &str) -> String {
        self.waits(&format!("no {text:?}"), |screen| !screen.contains(text)).await
    }

    /// Waits until the bar says that this screen is open.
    pub(crate) async fn is_at(&mut self, crumbs: &str) -> String {
        let end = format!("  > {crumbs}");
        let bar = |screen: &str| screen.lines().next().unwrap_or_default().trim_end().to_owned();
        self.waits(crumbs, |screen| bar(screen).ends_with(&end)).await
    }

    pub(crate) async fn waits(&mut self, what: &str, so: impl Fn(&str) -> bool) -> String {
        let seen = self.shown.wait_for(|s| so(&s.text));
        if let Ok(shown) = tokio::time::timeout(Duration::from_secs(600), seen).await {
            return shown.unwrap().text.clone();
        }
        panic!("never came to {what}; the last screen was\n{}", self.shown.borrow().text)
    }

    pub(crate) fn draws(&self) -> usize {
        self.shown.borrow().frames.len()
    }

    /// Leaves as an operator does: asks, and says yes.
    pub(crate) async fn quit(self) {
        // ends what is waited for, asks whether to leave, leaves
        for _ in 0..4 {
            let _ = self.keys.send(Msg::Key(Key::ctrl('c'))).await;
        }
        self.ended.await.unwrap().unwrap();
    }
}
