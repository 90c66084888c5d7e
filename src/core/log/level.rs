//! How bad a line says that it is. Nothing but what it says itself, in the shapes that are known: a line without such a
//! word has no level, and a sentence that happens to hold the word ERROR is no error.

/// How bad, the worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// For those who wrote the program.
    Debug,
    /// What happens on a good day.
    Info,
    /// Also an answer 5xx of a web server.
    Warning,
    /// Also the first and the last line of a Python traceback.
    Error,
}

/// Where the word is looked for: time, program and level stand in front.
const HEAD: usize = 160;
/// Words in front of the level word, at most.
const WORDS: usize = 10;
/// Words that stand in front of a level and say nothing: months and days of the week.
const DATES: &[&str] = &[
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Mon", "Tue", "Wed",
    "Thu", "Fri", "Sat", "Sun", "UTC", "CST", "GMT", "AM", "PM",
];

/// The level of a line.
pub fn of(text: &str) -> Option<Level> {
    if text.contains("Traceback (most recent call last)") || text.contains("[REPLICATION FAILED]") {
        return Some(Level::Error);
    }
    let said = said(text);
    if said < Some(Level::Warning) && answered_5xx(text) {
        return Some(Level::Warning);
    }
    said
}

fn said(text: &str) -> Option<Level> {
    let head = start(text, HEAD);
    if let Some(level) = field(head) {
        return Some(level);
    }
    for (n, word) in words(head).take(WORDS).enumerate() {
        let bare = word.trim_matches(|c: char| c.is_ascii_punctuation());
        let enclosed = word.len() > bare.len() && !bare.is_empty();
        // `ERROR:root:text`, `ERROR/MainProcess`
        let first = bare.split([':', '/']).next().unwrap_or(bare);
        if let Some(level) = level_word(first, enclosed && word.starts_with(['[', '<'])) {
            return Some(level);
        }
        if n == 0 && exception(word) {
            return Some(Level::Error);
        }
        let plain = bare == word && bare.bytes().all(|b| b.is_ascii_alphabetic() || b >= 0x80);
        if plain && !DATES.contains(&bare) {
            return None;
        }
    }
    None
}

/// What blanks and brackets tell apart: `[2026-01-31][WARN ]` is two.
fn words(head: &str) -> impl Iterator<Item = &str> {
    head.split_ascii_whitespace().flat_map(|word| word.split("]["))
}

/// A word for a level: in capitals anywhere in front, or as it likes between brackets.
fn level_word(word: &str, bracketed: bool) -> Option<Level> {
    let capitals = word.bytes().all(|b| b.is_ascii_uppercase());
    if !(4..=9).contains(&word.len()) || !(capitals || bracketed) {
        return None;
    }
    match word.to_ascii_uppercase().as_str() {
        "ERROR" | "CRITICAL" | "FATAL" | "ALERT" | "EMERG" | "PANIC" | "CRIT" => Some(Level::Error),
        "WARNING" | "WARN" => Some(Level::Warning),
        "INFO" | "NOTICE" | "NOTE" => Some(Level::Info),
        "DEBUG" | "TRACE" => Some(Level::Debug),
        _ => None,
    }
}

/// `level=error`, `"level": "ERROR"`, `"severity":"warning"`.
fn field(head: &str) -> Option<Level> {
    ["level", "severity"].iter().find_map(|name| {
        let at = head.find(name)?;
        let before = head.get(..at)?.bytes().last();
        let quoted = before == Some(b'"');
        if !(quoted || matches!(before, None | Some(b' ' | b'{' | b','))) {
            return None;
        }
        let after = head.get(at + name.len()..)?;
        let after = if quoted {
            after.strip_prefix('"')?.trim_start().strip_prefix(':')?
        } else {
            after.strip_prefix('=')?
        };
        let value = after.trim_start().trim_start_matches('"');
        let end = value.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(value.len());
        level_word(value.get(..end)?, true)
    })
}

/// The last line of a traceback: `sqlite3.OperationalError: database is locked`.
fn exception(word: &str) -> bool {
    let Some(name) = word.strip_suffix(':') else { return false };
    let dotted = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'$'));
    let named = name.ends_with("Error") || name.ends_with("Exception");
    let class = name.rsplit('.').next().is_some_and(|c| c.starts_with(|c: char| c.is_ascii_uppercase()));
    // `Error:` alone begins many a sentence, and means it
    dotted && named && class
}

/// `"GET /x HTTP/1.1" 502`.
fn answered_5xx(text: &str) -> bool {
    let Some((_, after)) = text.split_once(" HTTP/") else { return false };
    let Some((version, after)) = after.split_once('"') else { return false };
    let code = after.strip_prefix(' ').and_then(|a| a.as_bytes().split_first_chunk::<3>());
    let ends = |rest: &[u8]| rest.first().is_none_or(|b| *b == b' ');
    version.len() <= 3
        && code.is_some_and(|(c, rest)| c[0] == b'5' && c.iter().all(u8::is_ascii_digit) && ends(rest))
}

/// The first so many bytes, whole characters.
fn start(text: &str, bytes: usize) -> &str {
    let end = (0..=bytes.min(text.len())).rev().find(|n| text.is_char_boundary(*n));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_shapes_that_are_known() {
        for (level, lines) in [
            (
                Level::Error,
                [
                    "2026-01-31 04:00:00,123 - app.backup - ERROR - job #12 failed",
                    "ERROR:root:cannot copy",
                    "ERROR:    Exception in ASGI application",
                    "[2026-01-31 04:00:00 +0800] [12] [ERROR] Worker failed",
                    "2026/01/31 04:00:00 [error] 12#12: *3 connect() failed",
                    "time=\"2026-01-31T04:00:00Z\" level=error msg=\"x\"",
                    "{\"time\":1,\"level\": \"ERROR\",\"m\":\"x\"}",
                    "dockerd[812]: time=\"2026\" level=fatal msg=x",
                    "Traceback (most recent call last):",
                    "sqlite3.OperationalError: database is locked",
                    "Jan 31 04:00:00 CRITICAL: x",
                    "[REPLICATION FAILED] no space",
                ]
                .as_slice(),
            ),
            (
                Level::Warning,
                &[
                    "WARNING:  StatReload detected",
                    "2026-01-31 04:00:00 | WARNING  | app:run:3 - x",
                    "[2026-01-31T04:00:00,1][WARN ][o.e.x] slow",
                    "2026-01-31T04:00:00.1Z 0 [Warning] [MY-010068] CA certificate",
                    "INFO:     10.0.0.1:52 - \"GET /health HTTP/1.1\" 500 Internal Server Error",
                    "10.0.0.1 - - [31/Jan/2026:04:00:00 +0800] \"GET / HTTP/1.1\" 502 157 \"-\"",
                ],
            ),
            (
                Level::Info,
                &[
                    "INFO:     10.0.0.1:52 - \"GET /health HTTP/1.1\" 200 OK",
                    "2026-01-31 04:00:00,123 INFO     22 task ERROR count 0",
                    "{\"level\":\"info\",\"msg\":\"ERROR\"}",
                ],
            ),
            (Level::Debug, &["DEBUG:app:x", "level=debug msg=x"]),
        ] {
            for line in lines {
                assert_eq!(of(line), Some(level), "{line}");
            }
        }
    }

    #[test]
    fn a_sentence_with_the_word_is_no_error() {
        for line in [
            "the ERROR flag was cleared",
            "0 errors, error: none",
            "no ERROR found",
            "备份 ERROR 计数 0",
            "GET /error HTTP/1.1",
            "\"GET / HTTP/1.1\" 5000 x",
            "\"GET / HTTP/1.1\" 404 5",
            "loglevel=error",
            "Errors: 0",
            "",
        ] {
            assert_eq!(of(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_line_has_a_level_or_none(text in ".{0,200}", word in "(ERROR|level=|HTTP/1.1\" 5)?") {
            let _ = of(&format!("{text}{word}{text}"));
        }
    }
}
