//! The terminal asked what it can draw, while the operator may be typing already.
//!
//! ```text
//!  console  ESC[1;1H ─│┌…  ESC[6n  ESC[1;1H ESC[K     before its first drawing, which does not wait
//!  terminal ESC[1;19R                                 the column says how wide it drew
//! ```
//!
//! The answer comes among the keys, so whoever reads keys waits for it, up to a limit: not every terminal answers. What
//! is typed meanwhile is decoded here and handed on at once. An answer that comes later is read by crossterm, which
//! knows it for what it is and drops it.
use crate::clock;
use crate::core::console::glyphs::{Glyphs, SAMPLE};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::{Errno, read};
use std::io::Write;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

/// How long the answer is waited for.
pub(super) const LIMIT: Duration = Duration::from_millis(150);
/// How long the rest of something is waited for that has begun when the limit is over.
const GRACE: Duration = Duration::from_millis(100);
/// The same for a paste, whose rest must not be taken for keys.
const PASTE_GRACE: Duration = Duration::from_secs(2);
/// Bytes of something that has begun; a longer one is none that we know.
const LONGEST: usize = 64;
/// Bytes of a paste that are kept.
const LONGEST_PASTE: usize = 64 * 1024;

const PASTE: &[u8] = b"\x1b[200~";
const PASTED: &[u8] = b"\x1b[201~";

/// Whether asking makes sense: the console of Linux itself draws everything one cell wide, most of it as question marks.
pub(super) fn worthwhile(term: Option<&str>) -> bool {
    !matches!(term, None | Some("" | "dumb" | "linux"))
}

/// Asks. What is written for it is wiped away at once.
pub(super) fn ask(out: &mut dyn Write) -> std::io::Result<()> {
    write!(out, "\x1b[1;1H{SAMPLE}\x1b[6n\x1b[1;1H\x1b[K")?;
    out.flush()
}

/// Waits for the answer, and hands on what is typed meanwhile. Without an answer it is ASCII.
///
/// # Errors
/// The terminal is gone.
pub(super) fn wait(
    terminal: impl AsFd,
    limit: Duration,
    mut typed: impl FnMut(Event),
) -> std::io::Result<Glyphs> {
    let until = clock::tick() + limit;
    let mut heard = Decoder::default();
    let mut bytes = [0; 256];
    let mut glyphs = None;
    while let Some(left) = left(until, glyphs.is_some(), &heard) {
        if !ready(&terminal, left)? {
            continue;
        }
        let count = match read(&terminal, &mut bytes) {
            Ok(0) => break,
            Ok(count) => count,
            Err(Errno::INTR | Errno::AGAIN) => continue,
            Err(error) => return Err(error.into()),
        };
        for heard in heard.take(bytes.get(..count).unwrap_or_default()) {
            match heard {
                Heard::Typed(event) => typed(event),
                Heard::Answer { column } => glyphs = glyphs.or_else(|| Some(learnt(Some(column)))),
            }
        }
    }
    heard.end().into_iter().for_each(typed);
    Ok(glyphs.unwrap_or_else(|| learnt(None)))
}

fn learnt(column: Option<u16>) -> Glyphs {
    let glyphs = column.map_or(Glyphs::Ascii, Glyphs::drawn_up_to);
    tracing::info!(?glyphs, ?column, "asked the terminal how wide it draws");
    glyphs
}

/// How long to wait on, if at all: for the answer up to the limit, for the rest of what has begun a moment longer.
fn left(until: Instant, answered: bool, heard: &Decoder) -> Option<Duration> {
    let until = match heard.begun.as_slice() {
        [] if answered => return None,
        [] => until,
        begun if begun.starts_with(PASTE) => until + PASTE_GRACE,
        _ => until + GRACE,
    };
    Some(until.saturating_duration_since(clock::tick())).filter(|left| !left.is_zero())
}

fn ready(terminal: &impl AsFd, left: Duration) -> std::io::Result<bool> {
    let left = Timespec::try_from(left).unwrap_or(Timespec { tv_sec: 0, tv_nsec: 0 });
    let mut asked = [PollFd::new(terminal, PollFlags::IN)];
    match poll(&mut asked, Some(&left)) {
        Ok(count) => Ok(count > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// What came in.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Heard {
    /// A key, a paste.
    Typed(Event),
    /// Where the cursor is.
    Answer {
        /// The column, from 1.
        column: u16,
    },
}

/// Takes bytes as they come, in any pieces.
#[derive(Debug, Default)]
struct Decoder {
    /// What has begun and is not whole.
    begun: Vec<u8>,
}

impl Decoder {
    fn take(&mut self, bytes: &[u8]) -> Vec<Heard> {
        let mut all = Vec::new();
        for byte in bytes {
            self.begun.push(*byte);
            let longest = if self.begun.starts_with(PASTE) { LONGEST_PASTE } else { LONGEST };
            match decoded(&self.begun) {
                Read::More if self.begun.len() < longest => {}
                Read::More => {
                    // of a paste its beginning stays, and what may be the beginning of its end: it is none of keys
                    let kept = if longest == LONGEST_PASTE { PASTE.len() } else { 0 };
                    let last = self.begun.len() - if kept > 0 { PASTED.len() } else { 0 };
                    self.begun.drain(kept..last);
                }
                Read::Nothing => self.begun.clear(),
                Read::Heard(heard) => {
                    all.push(heard);
                    self.begun.clear();
                }
                // Esc, and then something else that has begun
                Read::EscapeThen => {
                    all.push(Heard::Typed(key(KeyCode::Esc)));
                    self.begun.remove(0);
                }
            }
        }
        all
    }

    /// Nothing more comes: an Esc that nothing followed was the key.
    fn end(self) -> Option<Event> {
        (self.begun == b"\x1b").then(|| key(KeyCode::Esc))
    }
}

enum Read {
    More,
    Nothing,
    EscapeThen,
    Heard(Heard),
}

fn key(code: KeyCode) -> Event {
    Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn ctrl(letter: char) -> Event {
    Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL))
}

/// What the bytes since the last key are. As crossterm reads them, as far as the console has a use for it.
fn decoded(bytes: &[u8]) -> Read {
    let typed = |event| Read::Heard(Heard::Typed(event));
    match bytes {
        [] | [0x1b] | [0x1b, b'[' | b'O'] => Read::More,
        [0x1b, 0x1b] => Read::EscapeThen,
        [0x1b, b'[', rest @ ..] => sequence(bytes, rest),
        [0x1b, b'O', last] => last_letter(*last).map_or(Read::Nothing, |code| typed(key(code))),
        // with Alt: menus and input methods take it
        [0x1b, rest @ ..] => match decoded(rest) {
            Read::More => Read::More,
            _ => Read::Nothing,
        },
        // typed before the console had the terminal, it was still made a line feed
        [b'\r' | b'\n'] => typed(key(KeyCode::Enter)),
        [b'\t'] => typed(key(KeyCode::Tab)),
        [0x7f] => typed(key(KeyCode::Backspace)),
        [c @ 0x01..=0x1a] => typed(ctrl(char::from(c - 1 + b'a'))),
        [0x00..=0x1f] => Read::Nothing,
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.chars().next().map_or(Read::Nothing, |c| typed(key(KeyCode::Char(c)))),
            // no error length: it only lacks its end
            Err(error) if error.error_len().is_none() => Read::More,
            Err(_) => Read::Nothing,
        },
    }
}

/// What begins with `ESC [`.
fn sequence(all: &[u8], rest: &[u8]) -> Read {
    if all.starts_with(PASTE) {
        let Some(body) = all.strip_suffix(PASTED) else { return Read::More };
        let body = body.strip_prefix(PASTE).unwrap_or_default();
        return Read::Heard(Heard::Typed(Event::Paste(String::from_utf8_lossy(body).into_owned())));
    }
    let Some((last, said)) = rest.split_last().filter(|(last, _)| matches!(last, 0x40..=0x7e)) else {
        return Read::More;
    };
    // the console of Linux: ESC [ [ A
    if *last == b'[' && said.is_empty() {
        return Read::More;
    }
    let said = std::str::from_utf8(said).unwrap_or_default();
    let mut numbers = said.split(';').map(|n| n.parse::<u16>().ok());
    let (first, second) = (numbers.next().flatten(), numbers.next().flatten());
    let code = match last {
        b'R' => {
            return second.map_or(Read::Nothing, |column| Read::Heard(Heard::Answer { column }));
        }
        b'~' => first.and_then(numbered),
        b'Z' => Some(KeyCode::BackTab),
        last => last_letter(*last).filter(|_| first.is_none_or(|n| n == 1)),
    };
    let modifiers = match second {
        None | Some(1) => KeyModifiers::NONE,
        Some(2) => KeyModifiers::SHIFT,
        Some(5) => KeyModifiers::CONTROL,
        Some(_) => return Read::Nothing,
    };
    code.map_or(Read::Nothing, |code| Read::Heard(Heard::Typed(Event::Key(KeyEvent::new(code, modifiers)))))
}

fn last_letter(last: u8) -> Option<KeyCode> {
    Some(match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'H' => KeyCode::Home,
        b'F' => KeyCode::End,
        b'P'..=b'S' => KeyCode::F(last - b'P' + 1),
        _ => return None,
    })
}

fn numbered(number: u16) -> Option<KeyCode> {
    let f = |n: u16| u8::try_from(n).ok().map(KeyCode::F);
    match number {
        1 | 7 => Some(KeyCode::Home),
        4 | 8 => Some(KeyCode::End),
        3 => Some(KeyCode::Delete),
        5 => Some(KeyCode::PageUp),
        6 => Some(KeyCode::PageDown),
        11..=15 => f(number - 10),
        17..=21 => f(number - 11),
        23 | 24 => f(number - 12),
        _ => None,
    }
}

#[cfg(test)]
#[path = "probe_tests.rs"]
mod tests;
