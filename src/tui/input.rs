//! Keys, pastes and sizes, as the terminal sends them.
use crate::core::console::{Code, Key, Msg};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use tokio::sync::mpsc::Sender;

/// Reads the terminal on a thread of its own, for as long as the program runs: the read cannot be interrupted, and
/// a thread that polls would wake an idle console all day. When the terminal is gone, so is the console.
pub(super) fn listen(inbox: Sender<Msg>) -> std::io::Result<()> {
    let listen = move || {
        loop {
            let msg = match crossterm::event::read() {
                Ok(event) => message(event),
                Err(error) => {
                    tracing::error!(%error, "the terminal cannot be read");
                    Some(Msg::Ended)
                }
            };
            let ended = matches!(msg, Some(Msg::Ended));
            let gone = msg.is_some_and(|msg| inbox.blocking_send(msg).is_err());
            if gone || ended {
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
        Event::Paste(_) => Some(Msg::Pasted),
        Event::Resize(..) => Some(Msg::Resized),
        Event::FocusGained | Event::FocusLost | Event::Mouse(_) => None,
    }
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
}
