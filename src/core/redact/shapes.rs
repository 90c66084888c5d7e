//! Secrets that are known by their own form: arguments of command lines, URLs, tokens, long random words. And e-mail addresses.
use super::{Counts, MASK, Rule, masked, replaced};
use regex::{Captures, Error, Regex};
use std::collections::BTreeMap;
use std::ops::Range;

/// Characters of the shortest word that is random to look at.
const OPAQUE: usize = 40;
/// Kinds of systemd units: `user@1000.service` is no e-mail address.
const UNITS: &[&str] = &[
    "service",
    "socket",
    "timer",
    "mount",
    "automount",
    "target",
    "slice",
    "scope",
    "device",
    "path",
    "swap",
];

#[derive(Clone)]
pub(super) struct Shapes {
    /// Each with the secret as its first group.
    arguments: Vec<Regex>,
    /// Chat webhooks; the first group.
    urls: Vec<Regex>,
    /// Whole tokens.
    tokens: Regex,
    opaque: Regex,
    email: Regex,
}

impl Shapes {
    pub(super) fn new() -> Result<Shapes, Error> {
        let all = |texts: &[&str]| texts.iter().map(|t| Regex::new(t)).collect::<Result<Vec<_>, Error>>();
        Ok(Shapes {
            arguments: all(&[
                r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;]*?\s-p([^\s]+)",
                r"\bsshpass\s+-p\s*([^\s]+)",
                r"\bdocker\s+login\b[^|;]*?\s-p\s+([^\s]+)",
                r"\bredis-cli\b[^|;]*?\s-a\s+([^\s]+)",
                r"\bcurl\b[^|;]*?\s(?:-u|--user)[\s=]*[^\s:]*:([^\s]+)",
                // mount.cifs and smbclient take the password behind the user's name
                r"(?i)\buser(?:name)?=[^,%\s]*%([^\s,]*(?:,,[^\s,]*)*)",
                r"\bsmbclient\b[^|;]*?\s-U\s*[^\s%]+%([^\s]+)",
                r#"(?i)\bidentified\s+(?:with\s+\S+\s+)?(?:by|as)\s+['"]([^'"]*)"#,
                r"(?i)\bbearer\s+([A-Za-z0-9+/._~\-]{8,}=*)",
                r#"[?&](?:key|sign|ticket|code)=([^\s&"'#<>]+)"#,
            ])?,
            urls: all(&[
                r"(?:hooks\.slack\.com/services|/hook|/webhooks?)/([A-Za-z0-9_\-]+(?:/[A-Za-z0-9_\-]+)*)",
                r"/bot([0-9]{6,}:[A-Za-z0-9_\-]{20,})",
            ])?,
            tokens: Regex::new(concat!(
                r"\b(?:AKIA|ASIA|AROA|AIDA)[A-Z0-9]{16}\b",
                r"|\bgh[pousr]_[A-Za-z0-9]{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w\-]{16,}",
                r"|\bxox[abeoprs]-[A-Za-z0-9\-]{8,}|\bsk-[A-Za-z0-9_\-]{16,}|\bAIza[\w\-]{30,}",
                r"|\bragflow-[A-Za-z0-9]{20,}",
                r"|\beyJ[\w\-]{8,}(?:\.[\w\-]*){1,4}",
                r"|\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2\w*|pbkdf2[\w\-]*|scrypt)\$[^\s:,;]{8,}",
            ))?,
            opaque: Regex::new(&format!(r"[A-Za-z0-9+/_\-]{{{OPAQUE},}}={{0,2}}"))?,
            email: Regex::new(r"[A-Za-z0-9._%+\-]+@(?:[A-Za-z0-9\-]+\.)+([A-Za-z][A-Za-z0-9\-]*[A-Za-z])")?,
        })
    }

    pub(super) fn hide(&self, line: &str, counts: &mut Counts) -> String {
        let mut text = line.to_owned();
        for regex in &self.arguments {
            text = first_groups(regex, &text, Rule::Argument, counts);
        }
        if text.contains("://") {
            text = userinfo(&text, counts);
            for regex in &self.urls {
                text = first_groups(regex, &text, Rule::Url, counts);
            }
        }
        text = whole(&self.tokens, &text, Rule::Token, counts, |_, _| true);
        whole(&self.opaque, &text, Rule::Opaque, counts, |before, word| {
            !before.ends_with("SHA256:") && is_random(word)
        })
    }

    pub(super) fn emails(
        &self,
        line: &str,
        known: &mut BTreeMap<String, usize>,
        counts: &mut Counts,
    ) -> String {
        if !line.contains('@') {
            return line.to_owned();
        }
        let mut placeholder = |found: &Captures<'_>| {
            let whole = found.get(0).map_or("", |m| m.as_str());
            let end = found.get(1).map_or("", |m| m.as_str());
            if UNITS.contains(&end) {
                return whole.to_owned();
            }
            *counts.entry(Rule::Email).or_default() += 1;
            let next = known.len() + 1;
            format!("email-{}", known.entry(whole.to_lowercase()).or_insert(next))
        };
        self.email.replace_all(line, &mut placeholder).into_owned()
    }
}

/// Whether a text is what stands for an address.
pub(super) fn is_placeholder(text: &str) -> bool {
    let number = text.strip_prefix("addr-").or_else(|| text.strip_prefix("email-"));
    number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

fn first_groups(regex: &Regex, text: &str, rule: Rule, counts: &mut Counts) -> String {
    let mut parts = Vec::new();
    for found in regex.captures_iter(text) {
        let Some(secret) = found.get(1) else { continue };
        // a quote at the end closes something around it
        let length = secret.as_str().trim_end_matches(['"', '\'']).len();
        if length == 0 || secret.as_str().starts_with("***") {
            continue;
        }
        *counts.entry(rule).or_default() += 1;
        parts.push((secret.start()..secret.start() + length, MASK.to_owned()));
    }
    replaced(text, &parts)
}

fn whole(
    regex: &Regex,
    text: &str,
    rule: Rule,
    counts: &mut Counts,
    is_one: impl Fn(&str, &str) -> bool,
) -> String {
    let mut parts = Vec::new();
    for found in regex.find_iter(text) {
        if is_one(text.get(..found.start()).unwrap_or_default(), found.as_str()) {
            *counts.entry(rule).or_default() += 1;
            parts.push((found.range(), MASK.to_owned()));
        }
    }
    replaced(text, &parts)
}

/// A word of capitals, small letters and digits in a jumble; neither a sum in hex nor a path or a name of several words.
fn is_random(word: &str) -> bool {
    let count = |is: &dyn Fn(u8) -> bool| word.bytes().filter(|b| is(*b)).count();
    let hex = word.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let kinds = count(&|b| b.is_ascii_uppercase()) > 0
        && count(&|b| b.is_ascii_lowercase()) > 0
        && count(&|b| b.is_ascii_digit()) > 1;
    let slashes = count(&|b| b == b'/');
    let joints = count(&|b| matches!(b, b'_' | b'-'));
    kinds && !hex && slashes <= 1 + word.len() / 20 && joints <= 1 + word.len() / 20
}

/// `scheme://user:secret@host`. The secret may hold what it should not: it goes to the last `@` of the word.
fn userinfo(text: &str, counts: &mut Counts) -> String {
    let mut parts: Vec<(Range<usize>, String)> = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("://")) {
        let start = from + at + 3;
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(|c: char| c.is_whitespace() || "\"'<>`".contains(c)).unwrap_or(rest.len());
        // another address may follow without a blank
        let end = rest.get(..end).and_then(|r| r.find("://")).unwrap_or(end);
        from = start + end;
        let word = rest.get(..end).unwrap_or_default();
        let Some(info) = word.rfind('@').and_then(|at| word.get(..at)) else { continue };
        let secret = match info.find(':') {
            // host:80/path@x
            Some(colon) if is_port(info.get(colon + 1..).unwrap_or_default()) => continue,
            Some(colon) => colon + 1..info.len(),
            // a name alone is none; a token alone is long
            None if info.len() < 16 || info.contains('/') => continue,
            None => 0..info.len(),
        };
        let hidden = info.get(secret.clone()).unwrap_or_default();
        if hidden.is_empty() || masked(hidden) {
            continue;
        }
        *counts.entry(Rule::Url).or_default() += 1;
        parts.push((start + secret.start..start + secret.end, MASK.to_owned()));
    }
    replaced(text, &parts)
}

fn is_port(text: &str) -> bool {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    (1..=5).contains(&digits) && text.get(digits..).is_some_and(|rest| rest.starts_with('/'))
}
