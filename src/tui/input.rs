//! Keys, pastes, sizes and the mouse, as the terminal sends them.
use super::probe;
use crate::core::console::mouse::{Mouse, What};
use crate::core::console::{Code, Key, Msg};
use crossterm::event::{
    Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use tokio::sync::mpsc::Sender;

/// Reads the terminal on a thread of its own, for as long as the program runs: the read cannot be interrupted, and
/// a thread that polls would wake an idle console all day. When the terminal is gone, so is the console.
///
/// Where the terminal was asked what it can draw, its answer is the first thing that is read.
pub(super) fn listen(inbox: Sender<Msg>, asked: bool) -> std::io::Result<()> {
    let listen = move || {
        let send = |msg: Option<Msg>| msg.is_none_or(|msg| inbox.blocking_send(msg).is_ok());
        if asked {
            let typed = |event| {
                send(message(event));
            };
            match probe::wait(std::io::stdin(), probe::LIMIT, typed) {
                Ok(glyphs) => {
                    send(Some(Msg::Glyphs(glyphs)));
                }
                Err(error) => tracing::warn!(%error, "cannot read what the terminal can draw"),
            }
        }
        loop {
            let msg = match crossterm::event::read() {
                Ok(event) => message(event),
                Err(error) => {
                    tracing::error!(%error, "the terminal cannot be read");
                    Some(Msg::Ended)
                }
            };
            let ended = matches!(msg, Some(Msg::Ended));
            if !send(msg) || ended {
                return;
            }
        }
    };
    std::thread::Builder::new().name("keys".into()).spawn(listen)?;
    Ok(())
}

/// What an event of the terminal means to the console, if anything.
fn message(event: Event) -> Option<Msg> {
    match event {
        Event::Key(key) => pressed(key).map(Msg::Key),
        Event::Paste(text) => Some(Msg::Pasted(text)),
        Event::Resize(columns, rows) => Some(Msg::Resized(columns, rows)),
        Event::Mouse(event) => moused(event).map(Msg::Mouse),
        Event::FocusGained | Event::FocusLost => None,
    }
}

/// Moves, drags and buttons that go up are dropped here: they must not wake the console.
fn moused(event: MouseEvent) -> Option<Mouse> {
    let what = match event.kind {
        MouseEventKind::Down(MouseButton::Left) => What::Click,
        MouseEventKind::ScrollUp => What::ScrollUp,
        MouseEventKind::ScrollDown => What::ScrollDown,
        _ => return None,
    };
    Some(Mouse { what, column: event.column, row: event.row })
}

fn pressed(key: KeyEvent) -> Option<Key> {
    let others = KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META;
    if key.kind == KeyEventKind::Release || key.modifiers.intersects(others) {
        return None;
    }
    let code = match key.code {
        KeyCode::Char(c) => Code::Char(c),
        KeyCode::F(n) => Code::F(n),
        KeyCode::Enter => Code::Enter,
        KeyCode::Esc => Code::Esc,
        KeyCode::Up => Code::Up,
        KeyCode::Down => Code::Down,
        KeyCode::Left => Code::Left,
        KeyCode::Right => Code::Right,
        KeyCode::Home => Code::Home,
        KeyCode::End => Code::End,
        KeyCode::PageUp => Code::PageUp,
        KeyCode::PageDown => Code::PageDown,
        KeyCode::Tab => Code::Tab,
        KeyCode::BackTab => Code::BackTab,
        KeyCode::Backspace => Code::Backspace,
        KeyCode::Delete => Code::Delete,
        _ => return None,
    };
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    Some(Key { code, ctrl })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_when_it_goes_down_and_alt_belongs_to_menus() {
        let key = |modifiers, kind| {
            let mut event = KeyEvent::new(KeyCode::Char('q'), modifiers);
            event.kind = kind;
            pressed(event)
        };
        let (none, ctrl, alt) = (KeyModifiers::NONE, KeyModifiers::CONTROL, KeyModifiers::ALT);
        assert_eq!(key(none, KeyEventKind::Press), Some(Key::char('q')));
        assert_eq!(key(none, KeyEventKind::Repeat), Some(Key::char('q')));
        assert_eq!(key(none, KeyEventKind::Release), None);
        assert_eq!(key(ctrl, KeyEventKind::Press), Some(Key::ctrl('q')));
        assert_eq!(key(alt, KeyEventKind::Press), None);
    }

    #[test]
    fn only_clicks_and_the_wheel_of_the_mouse_count() {
        let at = |kind| moused(MouseEvent { kind, column: 3, row: 7, modifiers: KeyModifiers::NONE });
        for (kind, what) in [
            (MouseEventKind::Down(MouseButton::Left), What::Click),
            (MouseEventKind::ScrollUp, What::ScrollUp),
            (MouseEventKind::ScrollDown, What::ScrollDown),
        ] {
            assert_eq!(at(kind), Some(Mouse { what, column: 3, row: 7 }));
        }
        for kind in [
            MouseEventKind::Moved,
            MouseEventKind::Drag(MouseButton::Left),
            MouseEventKind::Up(MouseButton::Left),
            MouseEventKind::Down(MouseButton::Right),
        ] {
            assert_eq!(at(kind), None, "{kind:?}");
        }
    }
}
