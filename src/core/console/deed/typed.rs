//! A password while it is typed. It cannot be printed, and every text that it ever was is wiped.
use crate::config::secret::MAX_BYTES;
use crate::config::{Secret, secret::SecretError};
use secrecy::{ExposeSecret, SecretString};
use std::fmt;
use std::sync::Arc;

/// What was typed so far. A clone is the same text, not a copy of it.
#[derive(Clone)]
pub struct Typed(Arc<SecretString>);

impl Default for Typed {
    fn default() -> Typed {
        Typed(Arc::new(SecretString::from(String::new())))
    }
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(******)")
    }
}

/// Only whether it is the same text in memory: what it says is not compared.
impl PartialEq for Typed {
    fn eq(&self, other: &Typed) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Typed {}

impl Typed {
    /// Adds a character. Control characters are no text, and longer than a password can be it does not get.
    pub fn push(&mut self, c: char) {
        let now = self.0.expose_secret();
        if c.is_control() || now.len() + c.len_utf8() > MAX_BYTES {
            return;
        }
        // exactly as long as it must be: a text that grows or shrinks in place leaves pieces of itself behind
        let mut longer = String::with_capacity(now.len() + c.len_utf8());
        longer.push_str(now);
        longer.push(c);
        self.0 = Arc::new(SecretString::from(longer));
    }

    /// Takes the last character away.
    pub fn pop(&mut self) {
        let now = self.0.expose_secret();
        let short = now.char_indices().next_back().and_then(|(at, _)| now.get(..at)).unwrap_or_default();
        let mut shorter = String::with_capacity(short.len());
        shorter.push_str(short);
        self.0 = Arc::new(SecretString::from(shorter));
    }

    /// Adds the first line of what was pasted.
    pub fn paste(&mut self, text: &str) {
        for c in text.lines().next().unwrap_or_default().chars() {
            self.push(c);
        }
    }

    /// How many characters it has: one dot is drawn for each.
    pub fn chars(&self) -> usize {
        self.0.expose_secret().chars().count()
    }

    /// The password, if it can be one.
    ///
    /// # Errors
    /// As [`Secret::parse`].
    pub fn secret(&self) -> Result<Secret, SecretError> {
        let text = self.0.expose_secret();
        let mut bytes = Vec::with_capacity(text.len());
        bytes.extend_from_slice(text.as_bytes());
        Secret::parse(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_typed_taken_back_and_never_printed() {
        let mut typed = Typed::default();
        for c in "hunter密\u{7}\n2".chars() {
            typed.push(c);
        }
        assert_eq!((typed.chars(), typed.secret().unwrap().bytes_for_stdin()), (8, "hunter密2".as_bytes()));
        typed.pop();
        typed.pop();
        assert_eq!(typed.secret().unwrap().bytes_for_stdin(), b"hunter");
        assert_eq!(format!("{typed:?} {:#?}", Some(&typed)), "Typed(******) Some(\n    Typed(******),\n)");
        for _ in 0..9 {
            typed.pop();
        }
        assert!(typed.chars() == 0 && typed.secret().is_err());
    }

    #[test]
    fn a_paste_is_its_first_line_and_no_longer_than_a_password_can_be() {
        let mut typed = Typed::default();
        typed.paste("one\ntwo\n");
        assert_eq!(typed.secret().unwrap().bytes_for_stdin(), b"one");
        typed.paste(&"长".repeat(1000));
        assert!(typed.secret().is_ok_and(|s| s.bytes_for_stdin().len() <= MAX_BYTES));
    }
}
