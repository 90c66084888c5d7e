//! The loop: take what came, update, do what the update asks for, draw; then wait.
//!
//! It draws after messages, and when something on the screen changes by itself (an age, a spinner): the next such
//! moment is computed, and there is none in the list of environments. A burst of messages is drawn once.
use super::executor::Executor;
use crate::core::console::{Effect, Model, Msg, RunId, next_wake, unseen, update};
use crate::core::units::EpochMs;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;

/// Messages that may wait. Whoever sends more waits too: a held key cannot fill the memory.
pub const INBOX: usize = 256;

/// Messages that one drawing is for, at most: a log that comes faster than it is taken in must not stop the screen.
const BURST: usize = 64;

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
    /// Columns and rows.
    fn size(&self) -> Option<(u16, u16)>;
    /// Gives the terminal back, stops until the shell goes on with this program, takes it again.
    ///
    /// # Errors
    /// The terminal is gone.
    fn suspend(&mut self) -> std::io::Result<()>;
    /// Takes the mouse, or leaves it to the terminal.
    ///
    /// # Errors
    /// The terminal is gone.
    fn mouse(&mut self, wanted: bool) -> std::io::Result<()>;
    /// Tells the terminal's clipboard a text that fits into it.
    ///
    /// # Errors
    /// The terminal is gone.
    fn copy(&mut self, text: &str) -> std::io::Result<()>;
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
    let mut more = false;
    let mut drawn: Option<Drawn> = None;
    loop {
        let now = clock();
        screen.draw(model, now)?;
        // what waits now was typed before this was on the screen
        drawn = drawn.or_else(|| unseen(model).map(|what| Drawn { what, before: inbox.len() }));
        all_taken(&mut drawn, model, clock);
        let wake = next_wake(model, now).map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0)));
        let mut came = match more {
            // what is due has its turn, however many wait
            true => Came::Due,
            false => next(inbox, wake).await,
        };
        for left in (0..BURST).rev() {
            more = left == 0;
            let this = match came {
                Came::Due => Msg::Tick,
                Came::Msg(msg) => {
                    if let Some(drawn) = &mut drawn {
                        drawn.before = drawn.before.saturating_sub(1);
                    }
                    msg
                }
                Came::End => return Ok(()),
            };
            for effect in update(model, this, clock()) {
                match effect {
                    Effect::Quit => return Ok(()),
                    Effect::Redraw => screen.forget()?,
                    Effect::Suspend => screen.suspend()?,
                    Effect::CaptureMouse(wanted) => screen.mouse(wanted)?,
                    other => {
                        // between two drawings: nothing else is being written to the terminal
                        if let Effect::Copy { text, .. } = &other {
                            screen.copy(text)?;
                        }
                        executor.run(other);
                    }
                }
            }
            all_taken(&mut drawn, model, clock);
            if more {
                break;
            }
            match inbox.try_recv() {
                Ok(another) => came = Came::Msg(another),
                Err(_) => break,
            }
        }
    }
}

/// Something that was drawn for the first time.
struct Drawn {
    what: RunId,
    /// Messages that were waiting then and still are.
    before: usize,
}

/// Keys count for what was drawn when every key is taken in that was pressed before.
fn all_taken(drawn: &mut Option<Drawn>, model: &mut Model, clock: &(dyn Fn() -> EpochMs + Sync)) {
    if let Some(seen) = drawn.take_if(|d| d.before == 0) {
        update(model, Msg::Seen(seen.what), clock());
    }
}

/// What there is to do.
enum Came {
    Msg(Msg),
    /// Something is due, or it is time to draw again.
    Due,
    /// Nobody can send any more.
    End,
}

async fn next(inbox: &mut Receiver<Msg>, wake: Option<Duration>) -> Came {
    let msg = match wake {
        None => inbox.recv().await,
        Some(wake) => match tokio::time::timeout(wake, inbox.recv()).await {
            Ok(msg) => msg,
            Err(_) => return Came::Due,
        },
    };
    msg.map_or(Came::End, Came::Msg)
}
