//! The terminal: taken when the console opens, given back on every way out.
//!
//! Given back means: own screen left, cursor shown, mouse, paste and typing as they were. That happens when [`Taken`] is
//! dropped (return, error, a panic that unwinds), before a panic of the console's own thread is printed, and before
//! the program stops for the shell. A panic of another thread or task leaves the screen alone: the console goes on.
use super::app::Screen;
use super::clipboard::{self, Way};
use super::ink::Ink;
use super::{probe, view};
use crate::core::console::Model;
use crate::core::units::EpochMs;
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, SetTitle};
use crossterm::{cursor, execute, style, terminal};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::layout::{Position, Rect};
use ratatui::{Frame, Terminal};
use rustix::process::{Signal, kill_current_process_group};
use std::io::{BufWriter, Stdout, Write, stdout};
use std::mem::ManuallyDrop;
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

/// Buttons and the wheel, as text. Crossterm's own command asks for every move of the mouse too, and an idle hand
/// would wake the console all day.
const CAPTURE_MOUSE: &str = "\u{1b}[?1000h\u{1b}[?1006h";
const LEAVE_MOUSE: &str = "\u{1b}[?1006l\u{1b}[?1000l";

fn take(mouse: bool) -> std::io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = stdout();
    execute!(out, style::Print(KEEP_TITLE), EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
    if mouse { execute!(out, style::Print(CAPTURE_MOUSE)) } else { Ok(()) }
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
        style::Print(LEAVE_MOUSE),
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
    /// Never dropped: dropping it shows the cursor, which is done by [`give_back`], and complains on standard error where
    /// that fails. Where the window is gone so is standard error, and complaining there is a panic.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
    ink: Ink,
    title: String,
    mouse: bool,
    way: Way,
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
        let made = take(false).and_then(|()| Terminal::new(CrosstermBackend::new(BufWriter::new(stdout()))));
        match made {
            Ok(terminal) => Ok(Taken {
                terminal: ManuallyDrop::new(terminal),
                ink,
                title: String::new(),
                mouse: false,
                way: Way::Plain,
                before,
            }),
            Err(error) => {
                give_back();
                std::panic::set_hook(Box::new(move |info| before(info)));
                Err(error)
            }
        }
    }
}

impl Taken {
    /// Asks the terminal what it can draw, before the first drawing. Whoever reads keys gets the answer.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn ask(&mut self) -> std::io::Result<()> {
        probe::ask(&mut stdout().lock())
    }

    /// What is between the console and the terminal.
    pub fn through(&mut self, way: Way) {
        self.way = way;
    }

    /// The next drawing is a whole one. Not with the terminal's own `clear`, which asks it where the cursor is: a
    /// terminal that is slow to answer would end the console.
    fn whole(&mut self) -> std::io::Result<()> {
        self.title.clear();
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::from((Position::ORIGIN, size)))
    }
}

/// Draws, and puts the cursor where something is typed. Anywhere else it is hidden.
fn paint<B: Backend>(
    terminal: &mut Terminal<B>,
    draw: impl FnOnce(&mut Frame<'_>) -> Option<Position>,
) -> Result<(), B::Error> {
    terminal.draw(|frame| {
        if let Some(at) = draw(frame) {
            frame.set_cursor_position(at);
        }
    })?;
    Ok(())
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
        paint(&mut self.terminal, |frame| view::view(model, now, ink, frame.area(), frame.buffer_mut()))?;
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
            self.mouse(self.mouse)?;
        }
        self.whole()
    }

    fn copy(&mut self, text: &str) -> std::io::Result<()> {
        match clipboard::sequence(text, self.way) {
            Some(sequence) => execute!(stdout(), style::Print(sequence)),
            None => Ok(()),
        }
    }

    fn mouse(&mut self, wanted: bool) -> std::io::Result<()> {
        self.mouse = wanted;
        execute!(stdout(), style::Print(if wanted { CAPTURE_MOUSE } else { LEAVE_MOUSE }))
    }

    fn size(&self) -> Option<(u16, u16)> {
        self.terminal.size().ok().map(|s| (s.width, s.height))
    }

    fn suspend(&mut self) -> std::io::Result<()> {
        give_back();
        // the whole group, so that a script or `cargo run` around this program stops with it. TSTP and not STOP: where
        // no shell could go on with it, the system leaves the program running
        let stopped = kill_current_process_group(Signal::TSTP);
        if let Err(error) = stopped {
            tracing::warn!(%error, "cannot stop");
        }
        take(self.mouse)?;
        self.whole()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::backend::TestBackend;

    #[test]
    fn the_cursor_is_where_something_is_typed_and_hidden_everywhere_else() {
        let mut terminal = Terminal::new(TestBackend::new(20, 5)).unwrap();
        for at in [Some(Position::new(7, 3)), None, Some(Position::new(0, 0)), None] {
            paint(&mut terminal, |_| at).unwrap();
            assert_eq!(terminal.backend().cursor_visible(), at.is_some());
            if let Some(at) = at {
                assert_eq!(terminal.get_cursor_position().unwrap(), at);
            }
        }
    }
}
