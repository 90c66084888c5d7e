//! How wide the terminal draws characters whose width Unicode leaves open (UAX #11, "ambiguous"): `①`, `─`, `…`.
//!
//! Terminals set up for Chinese may draw them two columns wide; a table drawn with them then falls apart. The
//! only one who knows is the terminal: one such character is printed and the cursor asked where it went.
use std::io::Write;

/// The answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Width {
    /// So many columns.
    Columns(u16),
    /// Not on a terminal.
    NoTerminal,
    /// The terminal did not say.
    NoAnswer,
}

/// A terminal in raw mode, until dropped: its answer must not wait for a line end, nor show.
struct Raw;

impl Raw {
    fn new() -> std::io::Result<Raw> {
        crossterm::terminal::enable_raw_mode()?;
        Ok(Raw)
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Asks the terminal, and wipes the character away again. A terminal that is silent costs two seconds.
pub fn probe(on_terminal: bool) -> Width {
    if !on_terminal {
        return Width::NoTerminal;
    }
    match measure() {
        // more than two columns is no answer to this question
        Ok(columns @ 1..=2) => Width::Columns(columns),
        _ => Width::NoAnswer,
    }
}

fn measure() -> std::io::Result<u16> {
    let _raw = Raw::new()?;
    let mut out = std::io::stdout().lock();
    out.write_all("\r①".as_bytes())?;
    out.flush()?;
    // gives up after two seconds without an answer
    let position = crossterm::cursor::position();
    out.write_all(b"\r  \r")?;
    out.flush()?;
    position.map(|(column, _)| column)
}
