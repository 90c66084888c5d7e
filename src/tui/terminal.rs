//! The terminal: taken when the console opens, given back on every way out.
//!
//! Given back means: own screen left, cursor shown, paste and typing as they were. That happens when [`Taken`] is
//! dropped (return, error, a panic that unwinds), before a panic of the console's own thread is printed, and before
//! the program stops for the shell. A panic of another thread or task leaves the screen alone: the console goes on.
use super::app::Screen;
use super::ink::Ink;
use super::view;
use crate::core::console::Model;
use crate::core::units::EpochMs;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, SetTitle};
use crossterm::{cursor, execute, style, terminal};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Position, Rect};
use rustix::process::{Signal, kill_current_process_group};
use std::io::{BufWriter, Stdout, Write, stdout};
use std::panic::PanicHookInfo;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

type Hook = Arc<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

/// Whether the terminal is ours just now: giving it back twice would leave the operator's own screen.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal's own title, kept aside and brought back; terminals that cannot do this pass over it.
const KEEP_TITLE: &str = "\u{1b}[22;2t";
const BRING_TITLE_BACK: &str = "\u{1b}[23;2t";

fn take() -> std::io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = stdout();
    execute!(out, style::Print(KEEP_TITLE), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)
}

/// Every step is tried, whatever became of the one before: the terminal may be gone.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = stdout();
    let _ = execute!(
        out,
        style::ResetColor,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show,
        style::Print(BRING_TITLE_BACK)
    );
    let _ = out.flush();
    let _ = terminal::disable_raw_mode();
}

/// The console's screen. Dropping it gives the terminal back.
pub struct Taken {
    terminal: Terminal<CrosstermBackend<BufWriter<Stdout>>>,
    ink: Ink,
    title: String,
    before: Hook,
}

impl Taken {
    /// Takes the terminal. Called on the console's own thread.
    ///
    /// # Errors
    /// There is no terminal, or it went away.
    pub fn new(ink: Ink) -> std::io::Result<Taken> {
        let before: Hook = Arc::from(std::panic::take_hook());
        let own = std::thread::current().id();
        let after = Arc::clone(&before);
        std::panic::set_hook(Box::new(move |info| panicked(info, own, &after)));
        let made = take().and_then(|()| Terminal::new(CrosstermBackend::new(BufWriter::new(stdout()))));
        match made {
            Ok(terminal) => Ok(Taken { terminal, ink, title: String::new(), before }),
            Err(error) => {
                give_back();
                std::panic::set_hook(Box::new(move |info| before(info)));
                Err(error)
            }
        }
    }
}

impl Taken {
    /// The next drawing is a whole one. Not with the terminal's own `clear`, which asks it where the cursor is: a
    /// terminal that is slow to answer would end the console.
    fn whole(&mut self) -> std::io::Result<()> {
        self.title.clear();
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }
}

fn panicked(info: &PanicHookInfo<'_>, own: ThreadId, before: &Hook) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let payload = info.payload();
    let said = payload.downcast_ref::<&str>().copied();
    let said = said.or_else(|| payload.downcast_ref::<String>().map(String::as_str)).unwrap_or_default();
    tracing::error!(place, said, "panic");
    if std::thread::current().id() == own {
        give_back();
        before(info);
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        give_back();
        // the hook cannot be changed while it is at work
        if !std::thread::panicking() {
            let before = Arc::clone(&self.before);
            std::panic::set_hook(Box::new(move |info| before(info)));
        }
    }
}

impl Screen for Taken {
    fn draw(&mut self, model: &Model, now: EpochMs) -> std::io::Result<()> {
        let ink = self.ink;
        self.terminal.draw(|frame| view::view(model, now, ink, frame.area(), frame.buffer_mut()))?;
        let title = view::title(model);
        if title != self.title {
            execute!(stdout(), SetTitle(&title))?;
            self.title = title;
        }
        Ok(())
    }

    fn forget(&mut self) -> std::io::Result<()> {
        // whoever had the terminal meanwhile may have changed how it reads keys
        if TAKEN.load(Ordering::SeqCst) {
            terminal::disable_raw_mode()?;
            terminal::enable_raw_mode()?;
            execute!(stdout(), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        }
        self.whole()
    }

    fn suspend(&mut self) -> std::io::Result<()> {
        give_back();
        // the whole group, so that a script or `cargo run` around this program stops with it. TSTP and not STOP: where
        // no shell could go on with it, the system leaves the program running
        let stopped = kill_current_process_group(Signal::TSTP);
        if let Err(error) = stopped {
            tracing::warn!(%error, "cannot stop");
        }
        take()?;
        self.whole()
    }
}
