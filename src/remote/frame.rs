//! How an answer is told from what stands around it.
//!
//! Standard output and standard error each carry: whatever the login shell printed, the begin mark, the payload,
//! the end mark with the exit code ([`super::wire`] makes the far side print them). A [`Frame`] takes the bytes as
//! they come, in pieces of any size, and hands on the payload byte for byte. Without an end mark there is no exit
//! code: an answer that was cut is never taken for a whole one.
use super::wire::Nonce;

/// Bytes of what came before the begin mark that are kept, to say what the login shell said.
const NOISE_KEPT: usize = 2048;
/// The longest exit code that sh prints.
const DIGITS: usize = 3;

/// The reader of one framed stream.
pub struct Frame {
    begin: Vec<u8>,
    end: Vec<u8>,
    at: At,
    /// Bytes that may be the start of a mark; they are not handed on before that is known.
    held: Vec<u8>,
    noise: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Noise,
    Payload,
    Ended(i32),
}

impl Frame {
    /// A reader for the answer to the parcel with this nonce.
    pub fn new(nonce: &Nonce) -> Frame {
        Frame {
            begin: nonce.begin().into_bytes(),
            end: nonce.end().into_bytes(),
            at: At::Noise,
            held: Vec::new(),
            noise: Vec::new(),
        }
    }

    /// Takes the next bytes; `payload` gets those of them that belong to the answer. After the end mark everything
    /// is ignored.
    pub fn push(&mut self, bytes: &[u8], payload: &mut dyn FnMut(&[u8])) {
        if let At::Ended(_) = self.at {
            return;
        }
        self.held.extend_from_slice(bytes);
        if self.at == At::Noise {
            match find(&self.held, &self.begin) {
                Found::Whole(at) => {
                    self.keep_noise(at);
                    self.held.drain(..self.begin.len());
                    self.at = At::Payload;
                }
                Found::Perhaps(at) => return self.keep_noise(at),
            }
        }
        self.payload(payload);
    }

    /// Says that nothing more comes: what was held back was no mark.
    pub fn finish(&mut self, payload: &mut dyn FnMut(&[u8])) {
        match self.at {
            At::Noise => self.keep_noise(self.held.len()),
            At::Payload => payload(&std::mem::take(&mut self.held)),
            At::Ended(_) => {}
        }
    }

    /// Whether the begin mark was seen.
    pub fn begun(&self) -> bool {
        self.at != At::Noise
    }

    /// The exit code, once the end mark was seen whole.
    pub fn exit(&self) -> Option<i32> {
        match self.at {
            At::Ended(rc) => Some(rc),
            _ => None,
        }
    }

    /// Whether a line break is held back because it may start the end mark. Either way the line before it is over.
    pub fn holds_line_break(&self) -> bool {
        self.at == At::Payload && self.held.first() == Some(&b'\n')
    }

    /// What came before the begin mark, its first bytes.
    pub fn noise(&self) -> &[u8] {
        &self.noise
    }

    fn keep_noise(&mut self, upto: usize) {
        let room = NOISE_KEPT.saturating_sub(self.noise.len());
        self.noise.extend(self.held.drain(..upto.min(self.held.len())).take(room));
    }

    fn payload(&mut self, payload: &mut dyn FnMut(&[u8])) {
        loop {
            match find(&self.held, &self.end) {
                Found::Perhaps(at) => {
                    hand_on(&mut self.held, at, payload);
                    return;
                }
                Found::Whole(at) => {
                    hand_on(&mut self.held, at, payload);
                    match code(self.held.get(self.end.len()..).unwrap_or_default()) {
                        Code::Is(rc) => {
                            self.at = At::Ended(rc);
                            self.held = Vec::new();
                            return;
                        }
                        Code::Perhaps => return,
                        Code::No => hand_on(&mut self.held, 1, payload),
                    }
                }
            }
        }
    }
}

fn hand_on(held: &mut Vec<u8>, upto: usize, payload: &mut dyn FnMut(&[u8])) {
    if let Some(done) = held.get(..upto).filter(|d| !d.is_empty()) {
        payload(done);
        held.drain(..upto);
    }
}

enum Code {
    Is(i32),
    /// More bytes are needed.
    Perhaps,
    No,
}

/// Reads `0\n` to `255\n`.
fn code(bytes: &[u8]) -> Code {
    let digits = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits > DIGITS {
        return Code::No;
    }
    match bytes.get(digits) {
        None => Code::Perhaps,
        Some(b'\n') => bytes
            .get(..digits)
            .and_then(|d| std::str::from_utf8(d).ok())
            .and_then(|d| d.parse().ok())
            .map_or(Code::No, Code::Is),
        Some(_) => Code::No,
    }
}

enum Found {
    /// The mark is here.
    Whole(usize),
    /// No mark; from here on the bytes may be the start of one (the end of the bytes if not).
    Perhaps(usize),
}

fn find(bytes: &[u8], mark: &[u8]) -> Found {
    let mut from = 0;
    while let Some(rest) = bytes.get(from..).filter(|r| !r.is_empty()) {
        // every mark starts with a line break
        let Some(next) = rest.iter().position(|b| *b == b'\n') else {
            break;
        };
        let at = from + next;
        let here = bytes.get(at..).unwrap_or_default();
        if here.starts_with(mark) {
            return Found::Whole(at);
        }
        if mark.starts_with(here) {
            return Found::Perhaps(at);
        }
        from = at + 1;
    }
    Found::Perhaps(bytes.len())
}

#[cfg(test)]
#[path = "frame_tests.rs"]
mod tests;
