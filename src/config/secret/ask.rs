//! A secret typed by a person, unseen.
use super::{MAX_BYTES, Secret, SecretError, SecretErrorKind, error};
use crate::core::safetext::SafeText;
use crate::text;
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use secrecy::zeroize::Zeroizing;
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};

/// A terminal whose echo is off; it comes back on every way out, also out of a panic.
struct Quiet<'t> {
    tty: &'t File,
    before: Termios,
}

impl Quiet<'_> {
    fn new(tty: &File) -> rustix::io::Result<Quiet<'_>> {
        let before = tcgetattr(tty)?;
        let mut quiet = before.clone();
        // character by character and without signals: Ctrl-C must come to us at once and as a character, or it
        // would end us with the echo still off
        let line_modes = LocalModes::ICANON | LocalModes::IEXTEN | LocalModes::ISIG;
        quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ECHONL | line_modes);
        quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
        quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
        // what was typed before the question was not meant as an answer
        tcsetattr(tty, OptionalActions::Flush, &quiet)?;
        Ok(Quiet { tty, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        let _ = tcsetattr(self.tty, OptionalActions::Flush, &self.before);
    }
}

/// Asks on the terminal itself, so that a redirected output gets neither question nor answer.
pub(super) fn fetch(what: &str) -> Result<Secret, SecretError> {
    let no_terminal = || {
        error(
            SecretErrorKind::Missing,
            text!(
                "这里没有终端，无法输入密码：在终端里运行，或把 secret 改成 file 或 command",
                "there is no terminal to type the password on: run it in one, or change secret to file or command"
            ),
        )
    };
    let mut tty = OpenOptions::new().read(true).write(true).open("/dev/tty").map_err(|_| no_terminal())?;
    let asked = SafeText::new(what);
    let typed = {
        let quiet = Quiet::new(&tty).map_err(|_| no_terminal())?;
        write!(quiet.tty.try_clone().map_err(|_| no_terminal())?, "{asked}: ").map_err(|_| no_terminal())?;
        line(quiet.tty)
    };
    let _ = writeln!(tty);
    Secret::parse(typed?.to_vec())
}

/// One line, without its end, edited as a terminal would: backspace and Ctrl-U take back. Ctrl-C, Ctrl-\\, Ctrl-Z
/// and an end without any text mean: never mind.
fn line(mut from: impl Read) -> Result<Zeroizing<Vec<u8>>, SecretError> {
    let cancelled = || {
        error(
            SecretErrorKind::Cancelled,
            text!("没有输入密码，什么也没做", "no password was typed, nothing was done"),
        )
    };
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 8));
    loop {
        let mut one = [0_u8];
        match from.read(&mut one) {
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => continue,
            Ok(1) => {}
            Ok(_) | Err(_) if bytes.is_empty() => return Err(cancelled()),
            Ok(_) => return Ok(bytes),
            Err(_) => return Err(cancelled()),
        }
        match one {
            [b'\n' | b'\r'] => return Ok(bytes),
            [0x03 | 0x1a | 0x1c] => return Err(cancelled()),
            [0x04] if bytes.is_empty() => return Err(cancelled()),
            [0x08 | 0x7f] => take_back(&mut bytes),
            [0x15] => bytes.clear(),
            // one more than allowed is kept, so that too long is said, not cut
            [byte] if bytes.len() <= MAX_BYTES => bytes.push(byte),
            [_] => {}
        }
    }
}

/// Takes the last character away, all bytes of it.
fn take_back(bytes: &mut Vec<u8>) {
    while let Some(byte) = bytes.pop() {
        if byte & 0xc0 != 0x80 {
            break;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_ends_where_the_person_ended_it() {
        assert_eq!(line(&b"ab\nrest"[..]).unwrap().as_slice(), b"ab");
        assert_eq!(line(&b"ab"[..]).unwrap().as_slice(), b"ab");
        assert_eq!(line(&b"\n"[..]).unwrap().as_slice(), b"");
        assert_eq!(line("a密\x7fb\x08c\n".as_bytes()).unwrap().as_slice(), b"ac");
        assert_eq!(line(&b"wrong\x15right\r"[..]).unwrap().as_slice(), b"right");
        for given_up in [&b""[..], b"ab\x03", b"\x1c", b"\x04", b"ab\x1a"] {
            assert_eq!(line(given_up).unwrap_err().kind, SecretErrorKind::Cancelled);
        }
        assert_eq!(line(vec![b'x'; 5000].as_slice()).unwrap().len(), MAX_BYTES + 1);
    }
}
