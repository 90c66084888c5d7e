//! The loop: take what came, update, do what the update asks for, draw; then wait.
//!
//! It draws after messages, and when something on the screen changes by itself (an age, a spinner): the next such
//! moment is computed, and there is none in the list of environments. A burst of messages is drawn once.
use super::executor::Executor;
use crate::core::console::{Effect, Model, Msg, next_wake, update};
use crate::core::units::EpochMs;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// Messages that may wait. Whoever sends more waits too: a held key cannot fill the memory.
pub const INBOX: usize = 256;

/// What is drawn on.
pub trait Screen {
    /// Draws the model.
    ///
    /// # Errors
    /// The terminal is gone.
    fn draw(&mut self, model: &Model, now: EpochMs) -> std::io::Result<()>;
    /// Forgets what is on the screen: the next drawing is a whole one.
    ///
    /// # Errors
    /// The terminal is gone.
    fn forget(&mut self) -> std::io::Result<()>;
    /// Gives the terminal back, stops until the shell goes on with this program, takes it again.
    ///
    /// # Errors
    /// The terminal is gone.
    fn suspend(&mut self) -> std::io::Result<()>;
}

/// Runs until an update asks to quit or nobody can send any more.
///
/// # Errors
/// The terminal is gone.
pub async fn run(
    screen: &mut (dyn Screen + Send),
    model: &mut Model,
    inbox: &mut Receiver<Msg>,
    executor: &mut Executor,
    clock: &(dyn Fn() -> EpochMs + Sync),
) -> std::io::Result<()> {
    loop {
        let now = clock();
        screen.draw(model, now)?;
        let wake = next_wake(model, now).map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
        let Some(mut msg) = next(inbox, wake).await else {
            continue;
        };
        loop {
            let Some(this) = msg else { return Ok(()) };
            for effect in update(model, this, clock()) {
                match effect {
                    Effect::Quit => return Ok(()),
                    Effect::Redraw => screen.forget()?,
                    Effect::Suspend => screen.suspend()?,
                    other => executor.run(other),
                }
            }
            match inbox.try_recv() {
                Ok(more) => msg = Some(more),
                Err(_) => break,
            }
        }
    }
}

/// The next message, `Some(None)` when there will be none any more; nothing when it is time to draw again.
async fn next(inbox: &mut Receiver<Msg>, wake: Option<Duration>) -> Option<Option<Msg>> {
    match wake {
        None => Some(inbox.recv().await),
        Some(wake) => tokio::time::timeout(wake, inbox.recv()).await.ok(),
    }
}
