//! Standard output and standard error, without a panic when the other end is gone.
use std::io::{ErrorKind, Write};

/// Writes a text and a line end to standard output. A reader that went away (`| head`) is no error: it has seen
/// what it wanted.
///
/// # Errors
/// Any other trouble: a full disk behind `>` must not look like success.
pub fn line(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let text = text.strip_suffix('\n').unwrap_or(text);
    let written = writeln!(out, "{text}").and_then(|()| out.flush());
    match written {
        Err(e) if e.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Writes a text and a line end to standard error, where nothing can be done about a failure.
pub fn complain(text: &str) {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
