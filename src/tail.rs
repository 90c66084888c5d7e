//! One log of a server, followed: lines in order, none twice, and a word wherever there is one to say about them.
//!
//! ```text
//! server: tail.sh ── lines, notes ──> follow ── batches, at most a few wait ──> whoever shows them
//!            ▲                          │
//!            └── again, from the last ──┘   the container was started anew; the follower was deaf
//! ```
//!
//! A follower that ended on the server had printed nobody knows how much. The side that reads does know: so the script
//! is started again from the last line that came, and what comes twice is dropped here. A lost link is not
//! mended here: who calls goes on from the [`Mark`] of the last line when it thinks fit.
mod place;

use crate::clock;
use crate::core::log::note::{Note, Piece};
use crate::core::log::{From, Mark, Source, line};
use crate::core::safetext::SafeText;
use crate::look::{mark, quoted};
use crate::remote::{Ask, End, Host, Line, LinkError};
use place::Place;
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::{Instant, timeout_at};

/// The script that runs on the server. Its header says what it needs, prints and leaves alone.
const SCRIPT: &str = include_str!("../assets/remote/tail.sh");
/// Until the script has begun, connecting included.
const BEGIN: Duration = Duration::from_secs(30);
/// The longest line that is kept, in bytes: an entry of the journal is JSON, and longer than what it says.
const CAP: usize = 64 * 1024;
/// Lines that are handed on at once, at most.
const BATCH: usize = 1000;
/// How long the first line of a batch waits for others.
const GATHER: Duration = Duration::from_millis(50);
/// After this long without a line, a container's log is opened anew: docker's follower goes deaf over some rotations.
const QUIET: Duration = Duration::from_secs(60);
/// Bytes of standard error that are kept, to say why it ended.
const SAID: usize = 2048;
/// Exit codes of the script.
const AGAIN: i32 = 0;
const NO_WAY: i32 = 3;

/// Why following ended. It never ends well: a log has no end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The link did not come about or was lost. Go on from the mark of the last line.
    Lost(LinkError),
    /// There is no way to follow this log; the last note said why.
    NoWay,
    /// What follows it on the server failed.
    Failed {
        /// Its exit code.
        code: i32,
        /// What it said.
        said: SafeText,
    },
    /// Nobody takes the lines any more.
    Unheard,
}

/// Follows a log until the link, the server or the taker ends it. An empty batch is the word that it is being followed now. What is not taken is not read, so that a slow taker
/// slows the server's side down and no line is lost.
///
/// Dropping the future ends everything on the server, too.
pub async fn follow(host: &dyn Host, source: &Source, from: &From, to: &Sender<Vec<Piece>>) -> Ended {
    let mut place = Place::new(from);
    loop {
        match once(host, source, &mut place, to).await {
            Ok(()) => place.again(),
            Err(ended) => return ended,
        }
    }
}

/// One run of the script; `Ok` when it is to be started again.
async fn once(
    host: &dyn Host,
    source: &Source,
    place: &mut Place,
    to: &Sender<Vec<Piece>>,
) -> Result<(), Ended> {
    let mark = mark().map_err(Ended::Lost)?;
    let script = script(source, &place.from(), host.root(), &mark);
    let ask = Ask { name: "tail", script: &script, stdin: b"", deadline: BEGIN, cap: CAP };
    let mut stream = host.stream(ask).await.map_err(Ended::Lost)?;
    // nothing, which is the word that it has begun: a log may be silent for hours
    to.send(Vec::new()).await.map_err(|_| Ended::Unheard)?;
    let fence = format!("@@{mark} note ").into_bytes();
    let (mut batch, mut due, mut said) = (Vec::new(), None::<Instant>, Vec::new());
    let mut waits = false;
    loop {
        let until = due.unwrap_or_else(|| clock::timer() + QUIET);
        let came = tokio::select! {
            () = to.closed() => return Err(Ended::Unheard),
            came = timeout_at(until, stream.next()) => came,
        };
        match came {
            Ok(Some(Line::Out(bytes, cut))) => {
                waits = take(source, place, &fence, &bytes, cut, &mut batch).unwrap_or(waits);
                if batch.len() >= BATCH {
                    hand_on(to, &mut batch, &mut due).await?;
                } else if !batch.is_empty() {
                    due.get_or_insert_with(|| clock::timer() + GATHER);
                }
            }
            Ok(Some(Line::Err(bytes, _))) => {
                said.extend(bytes.into_iter().chain([b'\n']));
                said.drain(..said.len().saturating_sub(SAID));
            }
            Ok(None) => break,
            Err(_) if due.is_some() => hand_on(to, &mut batch, &mut due).await?,
            Err(_) if waits || !matches!(source, Source::Container(_)) => {}
            Err(_) => return Ok(()),
        }
    }
    hand_on(to, &mut batch, &mut due).await?;
    match stream.end().await {
        End::Exit(AGAIN) => Ok(()),
        End::Exit(NO_WAY) => Err(Ended::NoWay),
        End::Exit(code) => {
            let said = String::from_utf8_lossy(&said);
            Err(Ended::Failed { code, said: SafeText::new(said.trim()) })
        }
        End::Unknown(error) => Err(Ended::Lost(error)),
    }
}

/// Takes one line of the script in; whether it says that the script waits.
fn take(
    source: &Source,
    place: &mut Place,
    fence: &[u8],
    bytes: &[u8],
    cut: u64,
    batch: &mut Vec<Piece>,
) -> Option<bool> {
    // no line of these logs is empty: they begin with a time or a brace. The script prints one before each note
    if bytes.is_empty() && cut == 0 {
        return None;
    }
    if let Some(words) = bytes.strip_prefix(fence) {
        let note = Note::parse(words)?;
        place.noted(&note);
        let waits = note.waits();
        batch.push(Piece::Note(note));
        return Some(waits);
    }
    let line = match source {
        Source::Container(_) => line::docker(bytes, cut),
        Source::Unit(_) | Source::Journal => line::journal(bytes, cut),
    };
    place.take(line, batch);
    Some(false)
}

async fn hand_on(
    to: &Sender<Vec<Piece>>,
    batch: &mut Vec<Piece>,
    due: &mut Option<Instant>,
) -> Result<(), Ended> {
    *due = None;
    if batch.is_empty() {
        return Ok(());
    }
    to.send(std::mem::take(batch)).await.map_err(|_| Ended::Unheard)
}

/// The whole text that is sent: what is asked for, then the script.
pub fn script(source: &Source, from: &From, root: &str, mark: &str) -> String {
    let (kind, name) = match source {
        Source::Container(name) => ("container", name.as_str()),
        Source::Unit(name) => ("unit", name.as_str()),
        Source::Journal => ("journal", ""),
    };
    let moment = |nanos: i64| match source {
        Source::Container(_) => docker_time(nanos),
        Source::Unit(_) | Source::Journal => seconds(nanos),
    };
    let (from, value, since) = match (from, source) {
        (From::Tail(lines), _) => ("tail", lines.to_string(), String::new()),
        (From::Since(at), _) => ("since", moment(at.0.saturating_mul(1_000_000)), String::new()),
        (From::After(Mark::At(at)), Source::Container(_)) => ("after", moment(at.0), String::new()),
        (From::After(Mark::At(at)), _) => ("since", moment(at.0), String::new()),
        (From::After(Mark::Cursor(cursor)), Source::Container(_)) => {
            ("since", moment(cursor_time(cursor)), String::new())
        }
        (From::After(Mark::Cursor(cursor)), _) => ("after", cursor.clone(), moment(cursor_time(cursor))),
    };
    let given: [(&str, &str); 7] = [
        ("mark", mark),
        ("root", root),
        ("kind", kind),
        ("name", name),
        ("from", from),
        ("value", &value),
        ("since", &since),
    ];
    let mut text = String::with_capacity(SCRIPT.len() + 1024);
    for (name, value) in given {
        text.push_str(&format!("{name}={}\n", quoted(value)));
    }
    text + SCRIPT
}

/// RFC 3339 with nanoseconds, as docker writes it.
fn docker_time(nanos: i64) -> String {
    let at = jiff::Timestamp::from_nanosecond(i128::from(nanos)).unwrap_or_default();
    format!("{at:.9}")
}

/// Seconds since 1970, as journalctl reads them.
fn seconds(nanos: i64) -> String {
    let (s, us) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000) / 1000);
    format!("@{s}.{us:06}")
}

/// When the entry of a cursor was written, in nanoseconds: it stands in the cursor. 1970 if it does not.
fn cursor_time(cursor: &str) -> i64 {
    let t = cursor.split(';').find_map(|part| part.strip_prefix("t="));
    let micros = t.and_then(|t| i64::from_str_radix(t, 16).ok());
    micros.and_then(|us| us.checked_mul(1000)).unwrap_or_default()
}

#[cfg(test)]
#[path = "tail/tests.rs"]
mod tests;
