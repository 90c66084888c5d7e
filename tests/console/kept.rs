//! What the operator asked for before the end is done, and what waits does not stop the screen.
use crate::given;
use opsdeck::core::console::remembered::Remembered;
use opsdeck::core::console::theme::Theme;
use opsdeck::core::console::{Effect, Model, Msg, RunId};
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::Lang;
use opsdeck::remembered;
use opsdeck::remote::scripted::ScriptedHost;
use opsdeck::tui::app::{self, Screen};
use opsdeck::tui::executor::Executor;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;

fn executor(inbox: mpsc::Sender<Msg>) -> Executor {
    Executor::new(Vec::new(), Box::new(|_| Arc::new(ScriptedHost::new())), inbox)
}

#[tokio::test]
async fn what_was_saved_is_kept_though_the_console_ends_at_once() {
    let state = tempfile::tempdir().unwrap();
    let (inbox, _answers) = mpsc::channel(app::INBOX);
    let mut executor = executor(inbox).keeping(Some(state.path().to_owned()));
    executor.run(Effect::Save { name: "prod-logs".into(), text: "one line".into() });
    executor.close().await;
    let saved = std::fs::read_dir(state.path().join("saved")).unwrap().next().unwrap().unwrap().path();
    assert_eq!(std::fs::read_to_string(saved).unwrap(), "one line\n");
}

#[tokio::test]
async fn of_what_was_chosen_the_last_is_remembered() {
    let state = tempfile::tempdir().unwrap();
    let themes = [Theme::default(), Theme::default().next()];
    // side by side, one of so many would come in after the last
    for round in 0..20 {
        let (inbox, _answers) = mpsc::channel(app::INBOX);
        let mut executor = executor(inbox).keeping(Some(state.path().to_owned()));
        for n in 0..30 {
            let theme = if n == 29 { themes[round % 2] } else { themes[(round + 1) % 2] };
            executor.run(Effect::Remember(Remembered { theme, ..Remembered::default() }));
        }
        executor.close().await;
        assert_eq!(remembered::load(state.path()).theme, themes[round % 2], "{round}");
    }
}

#[tokio::test]
async fn a_wish_counts_before_anything_that_is_asked_for_after_it() {
    let (inbox, _answers) = mpsc::channel(app::INBOX);
    let host = Arc::new(ScriptedHost::new());
    let way = Arc::clone(&host);
    let servers = given::servers();
    let env = servers[0].key.clone();
    let mut executor = Executor::new(servers, Box::new(move |_| Arc::<ScriptedHost>::clone(&way)), inbox);
    executor.run(Effect::Look { env: env.clone(), run: RunId(1), wished: false });
    assert_eq!(host.retries(), 0);
    executor.run(Effect::Look { env, run: RunId(2), wished: true });
    assert_eq!(host.retries(), 1, "no task has run yet");
    executor.close().await;
}

/// Counts what is drawn.
struct Counted(usize);

impl Screen for Counted {
    fn draw(&mut self, _: &Model, _: EpochMs) -> std::io::Result<()> {
        self.0 += 1;
        Ok(())
    }
    fn forget(&mut self) -> std::io::Result<()> {
        Ok(())
    }
    fn size(&self) -> Option<(u16, u16)> {
        None
    }
    fn suspend(&mut self) -> std::io::Result<()> {
        Ok(())
    }
    fn mouse(&mut self, _: bool) -> std::io::Result<()> {
        Ok(())
    }
    fn copy(&mut self, _: &str) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn messages_that_come_faster_than_they_are_taken_in_do_not_stop_the_screen() {
    let (send, mut inbox) = mpsc::channel(app::INBOX);
    let mut executor = executor(send.clone());
    let mut model = Model::new(&[], None, Lang::Zh);
    send.try_send(Msg::Continued).unwrap();
    let taken = AtomicUsize::new(0);
    // whenever the time is asked for, one more waits
    let clock = move || {
        let msg =
            if taken.fetch_add(1, Ordering::Relaxed) < 2000 { Msg::Resized(80, 24) } else { Msg::Ended };
        let _ = send.try_send(msg);
        EpochMs(0)
    };
    let mut screen = Counted(0);
    app::run(&mut screen, &mut model, &mut inbox, &mut executor, &clock).await.unwrap();
    assert!(screen.0 > 20, "{}", screen.0);
}
