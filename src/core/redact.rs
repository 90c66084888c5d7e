//! Takes secrets and addresses out of what leaves the workstation, by rule. Pure.
//!
//! Secrets become [`MASK`], whatever their length. Addresses, host names and e-mail addresses become placeholders that stay the
//! same for one [`Redactor`] (`addr-1`, `email-1`), so that a reader can still tell two hosts apart; which is which is
//! written nowhere.
//!
//! The rules go by shape, and rather hide a harmless word than show a secret. What looks alike and is none stays: pack
//! names, sums in hex, times, numbers of jobs, paths, versions. A secret without any shape that is not in memory either
//! cannot be recognised: who sends a bundle looks into it.
//!
//! Redacting twice changes nothing more, and a text grows by no more than a factor: every replacement takes at least one
//! character away and is short.
mod addresses;
mod blocks;
mod json;
mod keys;
mod pairs;
mod shapes;

use regex::Error;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use std::collections::BTreeMap;

/// Stands for a secret. Always of this length, so that it says nothing about the secret's.
pub const MASK: &str = "******";
/// A known secret of fewer letters of one kind is looked for as a word of its own: `demo` is a part of many, and to hide it
/// there would only tell what it is.
const SHORT: usize = 8;
/// Any other one shorter than this, too.
const TINY: usize = 4;
/// Rounds until nothing changes any more; two are the rule.
const ROUNDS: usize = 8;

/// By what something was recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// A secret that this program has in memory.
    Known,
    /// Between the BEGIN and END lines of a key or certificate.
    KeyBlock,
    /// The value behind a name such as `password=`.
    Value,
    /// An argument of a command line, as of `mysql -p`.
    Argument,
    /// The part of a URL in front of the `@`, or the secret in the path of a chat webhook.
    Url,
    /// The form of a token of a known kind, or of a password's hash.
    Token,
    /// A long word of random letters and digits.
    Opaque,
    /// An e-mail address.
    Email,
    /// An IP or hardware address, or a host name of the configuration.
    Address,
}

/// How often each rule was used.
pub type Counts = BTreeMap<Rule, u64>;

/// What is known beforehand.
#[derive(Default)]
pub struct Given {
    /// Secrets in memory.
    pub secrets: Vec<SecretString>,
    /// Host names. The first ones get the first placeholders.
    pub names: Vec<String>,
    /// Leave addresses and host names as they are.
    pub raw_addresses: bool,
}

/// Redacts the texts of one bundle.
#[derive(Clone)]
pub struct Redactor {
    secrets: Vec<SecretString>,
    addresses: Option<addresses::Addresses>,
    emails: BTreeMap<String, usize>,
    pairs: pairs::Pairs,
    shapes: shapes::Shapes,
    counts: Counts,
}

impl Redactor {
    /// # Errors
    /// When a rule cannot be built: then nothing may leave.
    pub fn new(given: Given) -> Result<Redactor, Error> {
        let mut secrets: Vec<SecretString> =
            given.secrets.iter().flat_map(|s| keys::spellings(s.expose_secret())).collect();
        // the longest first: one may be a part of another
        secrets.sort_by_key(|s| std::cmp::Reverse(s.expose_secret().len()));
        Ok(Redactor {
            secrets,
            addresses: (!given.raw_addresses).then(|| addresses::Addresses::new(&given.names)),
            emails: BTreeMap::new(),
            pairs: pairs::Pairs::new()?,
            shapes: shapes::Shapes::new()?,
            counts: Counts::new(),
        })
    }

    /// A text of one or more lines.
    pub fn text(&mut self, text: &str) -> String {
        let mut counts = std::mem::take(&mut self.counts);
        let blocks = blocks::hide(text, &mut counts);
        let mut out = String::with_capacity(blocks.len());
        for line in blocks.split_inclusive('\n') {
            let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
            out.push_str(&self.line(body, &mut counts));
            out.push_str(end);
        }
        self.counts = counts;
        out
    }

    /// A document: its texts by the rules for text, and whatever stands under a name such as `password`.
    pub fn json(&mut self, value: &serde_json::Value) -> serde_json::Value {
        json::hide(self, value)
    }

    /// One document a line; what is no document is redacted as text.
    pub fn json_lines(&mut self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        for line in text.lines() {
            match serde_json::from_str(line) {
                Ok(value) => out.push_str(&self.json(&value).to_string()),
                Err(_) => out.push_str(&self.text(line)),
            }
            out.push('\n');
        }
        out
    }

    /// What was counted since this was asked last.
    pub fn take_counts(&mut self) -> Counts {
        std::mem::take(&mut self.counts)
    }

    fn line(&mut self, line: &str, counts: &mut Counts) -> String {
        let mut text = line.to_owned();
        for _ in 0..ROUNDS {
            let next = self.once(&text, counts);
            if next == text {
                break;
            }
            text = next;
        }
        text
    }

    fn once(&mut self, line: &str, counts: &mut Counts) -> String {
        let mut text = line.to_owned();
        for secret in &self.secrets {
            text = known(&text, secret.expose_secret(), counts);
        }
        text = self.pairs.hide(&text, counts);
        text = self.shapes.hide(&text, counts);
        text = self.shapes.emails(&text, &mut self.emails, counts);
        match &mut self.addresses {
            Some(addresses) => addresses.hide(&text, counts),
            None => text,
        }
    }
}

/// Hides a secret wherever it stands. What is left when it is hidden may spell it again, so it is looked for until it is
/// gone; the mask has nothing that a secret needs.
fn known(text: &str, secret: &str, counts: &mut Counts) -> String {
    let mut text = text.to_owned();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(secret)) {
        let (start, end) = (from + at, from + at + secret.len());
        let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && !"-_./\\".contains(c));
        let word = alone(text.get(..start).and_then(|t| t.chars().next_back()))
            && alone(text.get(end..).and_then(|t| t.chars().next()));
        if !is_ordinary(secret) || word {
            text.replace_range(start..end, MASK);
            *counts.entry(Rule::Known).or_default() += 1;
            // what stands before may now be the beginning of another one
            from = start.saturating_sub(secret.len());
            while !text.is_char_boundary(from) {
                from -= 1;
            }
        } else {
            from = end;
        }
    }
    text
}

/// Whether a secret may be a part of harmless words.
fn is_ordinary(secret: &str) -> bool {
    let one_kind =
        [char::is_lowercase, char::is_uppercase, char::is_numeric].iter().any(|is| secret.chars().all(is));
    secret.len() < TINY || secret.len() < SHORT && one_kind
}

/// Puts `with` in place of parts of a text. The parts are in order and apart.
fn replaced(text: &str, parts: &[(std::ops::Range<usize>, String)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (part, with) in parts {
        out.push_str(text.get(at..part.start).unwrap_or_default());
        out.push_str(with);
        at = part.end;
    }
    out.push_str(text.get(at..).unwrap_or_default());
    out
}

/// Whether it is hidden already.
fn masked(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c == '*')
}

#[cfg(test)]
mod tests;
