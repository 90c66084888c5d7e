//! `password=…` and its many forms: a name that stands for a secret, something between, the value.
use super::{Counts, MASK, Rule, keys, masked, replaced};
use regex::{Error, Regex};
use std::ops::Range;

/// Words behind `password is` that tell about it and are none.
const ABOUT: &[&str] = &[
    "wrong",
    "not",
    "expired",
    "required",
    "missing",
    "invalid",
    "incorrect",
    "empty",
    "set",
    "used",
    "asked",
    "in",
    "the",
    "a",
    "too",
    "correct",
    "refused",
    "accepted",
    "unknown",
    "never",
    "only",
    "no",
    "known",
    "typed",
];

#[derive(Clone)]
pub(super) struct Pairs {
    /// A name with a secret's word in it.
    name: Regex,
    /// Between a name and its value.
    between: Regex,
    /// `is` between them.
    is: Regex,
}

/// How far a value goes that has no quotes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Until {
    /// A blank, or the next `name=`.
    Word,
    /// The end of the line: credentials files and headers.
    Line,
}

impl Pairs {
    pub(super) fn new() -> Result<Pairs, Error> {
        Ok(Pairs {
            name: Regex::new(
                r"(?i)[a-z0-9_.\-]*(?:pass|pw|secret|token|api[_.\-]?key|access[_.\-]?key|private[_.\-]?key|auth[_.\-]?key|encryption[_.\-]?key|signing[_.\-]?key|session[_.\-]?(?:id|key)|sessid|cred|cookie|sig|authorization|auth|密码|口令|密钥|令牌)[a-z0-9_.\-]*",
            )?,
            between: Regex::new(r#"^(?: for [^\s:=]{1,64})?\\*["'”`]?\]?\s*(?:=>|:=|=|:|：|＝)\s*"#)?,
            is: Regex::new(r"^(?:\s+(?:is|was)\s+|\s*(?:是|为)\s*)")?,
        })
    }

    pub(super) fn hide(&self, line: &str, counts: &mut Counts) -> String {
        let mut found: Vec<(Range<usize>, String)> = Vec::new();
        let mut from = 0;
        while let Some(name) = line.get(from..).and_then(|rest| self.name.find(rest)) {
            let name = from + name.start()..from + name.end();
            from = name.end;
            if let Some(value) = self.value(line, &name) {
                from = value.end.max(from);
                let hidden = line.get(value.clone()).unwrap_or_default();
                if !hidden.is_empty() && !masked(hidden) {
                    *counts.entry(Rule::Value).or_default() += 1;
                    found.push((value, MASK.to_owned()));
                }
            }
        }
        replaced(line, &found)
    }

    /// Where the value of a name stands, if that is a secret's.
    fn value(&self, line: &str, name: &Range<usize>) -> Option<Range<usize>> {
        let word = line.get(name.clone())?;
        let rest = line.get(name.end..)?;
        // the product's own name ends in it, so that it counts only as the whole of a name
        let auth = word.eq_ignore_ascii_case("auth") && rest.trim_start().starts_with('=');
        if !auth && !keys::is_secret(word) {
            return None;
        }
        let before = line.get(..name.start).unwrap_or_default();
        let lower = word.to_lowercase();
        let header = lower.contains("authorization") || lower.contains("cookie");
        if let Some(between) = self.between.find(rest) {
            let at = name.end + between.end();
            // `PWD=/root`: the shell's own folder
            let value = line.get(at..).unwrap_or_default();
            let sign = between.as_str().trim();
            if matches!(word, "PWD" | "OLDPWD") && value.starts_with('/') {
                return None;
            }
            // where a file is that holds it
            if lower.contains("cred") && value.starts_with('/') {
                return None;
            }
            // Chinese words behind a Chinese name are a sentence
            if !word.is_ascii() && !value.chars().next().is_some_and(|c| c.is_ascii_graphic()) {
                return None;
            }
            let begins = before.trim().is_empty() || before.trim_end().ends_with(" |");
            let whole = header || begins && sign.ends_with('=') && lower.contains("pass");
            let until = if whole { Until::Line } else { Until::Word };
            return Some(value_at(line, at, until));
        }
        if let Some(is) = self.is.find(rest) {
            let value = value_at(line, name.end + is.end(), Until::Word);
            let said = line.get(value.clone())?.trim_end_matches(['.', ',', ':', ';']).to_lowercase();
            let tells = ABOUT.contains(&said.as_str()) || !said.is_ascii();
            return (!tells).then_some(value);
        }
        let blank = rest.len() - rest.trim_start().len();
        let next = rest.trim_start().chars().next()?;
        let quoted = matches!(next, '"' | '\'' | '(');
        let flag = word.starts_with('-');
        let netrc = lower == "password" && before.contains("login ");
        let redis = lower == "requirepass";
        (blank > 0 && (quoted || flag || netrc || redis) || next == '(' && blank == 0)
            .then(|| value_at(line, name.end + blank, Until::Word))
    }
}

/// Where a value stands that begins here, without its quotes.
fn value_at(line: &str, at: usize, until: Until) -> Range<usize> {
    let rest = line.get(at..).unwrap_or_default();
    // PASSWORD('x'), b'x', ["x"
    let opened = rest.trim_start_matches(['(', '[']);
    let lead = if opened.starts_with(['"', '\'', '\\']) || rest.starts_with('[') { opened } else { rest };
    let lead = match lead.strip_prefix(['b', 'r', 'u']) {
        Some(inner) if inner.starts_with(['"', '\'']) => inner,
        _ => lead,
    };
    let at = at + rest.len() - lead.len();
    let slashes = lead.len() - lead.trim_start_matches('\\').len();
    let quote = lead.get(slashes..).and_then(|l| l.chars().next()).filter(|c| matches!(c, '"' | '\'' | '`'));
    if let Some(quote) = quote {
        let from = at + slashes + 1;
        return from..from + quoted(line.get(from..).unwrap_or_default(), slashes, quote);
    }
    if lead.starts_with('{') {
        return at..at;
    }
    at..at
        + match until {
            Until::Line => lead.trim_end().len(),
            Until::Word => word(lead),
        }
}

/// How long a text is up to its closing quote, behind as many backslashes as the opening one; all of it if none closes.
fn quoted(rest: &str, slashes: usize, quote: char) -> usize {
    let mut run = 0;
    for (at, c) in rest.char_indices() {
        if c == quote && run == slashes {
            return at - run;
        }
        run = match c {
            '\\' => run + 1,
            _ => 0,
        };
        // \\ and \" inside a text with plain quotes
        if slashes == 0 && run == 2 {
            run = 0;
        }
    }
    rest.len()
}

/// How long a value without quotes is: up to a blank, the next `name=`, or a bracket or quote that closes something around it.
fn word(rest: &str) -> usize {
    let mut skip = 0;
    for (at, c) in rest.char_indices() {
        let after = rest.get(at + c.len_utf8()..).unwrap_or_default();
        let ends = after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || ",;)]}|".contains(c));
        if skip > 0 {
            skip -= 1;
            continue;
        }
        let over = match c {
            c if c.is_whitespace() => true,
            // a comma of a mount option's password is written twice
            ',' if after.starts_with(',') => {
                skip = 1;
                false
            }
            ',' | ';' | '&' => ends || is_name(after) || at > 0 && rest.get(..at).is_some_and(masked),
            '"' | '\'' | '`' | '>' | '<' => ends || at > 0 && rest.get(..at).is_some_and(masked),
            ')' | ']' | '}' | '|' => ends,
            '。' | '，' | '；' | '）' => true,
            _ => false,
        };
        if over {
            return at;
        }
    }
    rest.len()
}

/// Whether a text begins with `name=`.
fn is_name(text: &str) -> bool {
    let name =
        text.len() - text.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || "_.-".contains(c)).len();
    name > 0 && text.get(name..).is_some_and(|rest| rest.starts_with('='))
}
