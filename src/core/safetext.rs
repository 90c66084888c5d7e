//! Remote text made safe, once, where it comes in.
//!
//! Bytes that a server sent may hold terminal commands (also as 8-bit C1), line breaks that forge log lines,
//! bidirectional overrides that reorder a line, and endless lines. [`SafeText`] is what is left: one line of
//! printable characters. Nothing that came from outside reaches a terminal, a file or a log in another type.
use serde::Serialize;
use std::fmt;

/// One line of printable text, at most [`SafeText::MAX_BYTES`] long.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct SafeText(String);

/// A control string (`ESC ]`, `ESC P` …) that does not end within this many characters is no control string.
const MAX_SEQUENCE: usize = 4096;
/// Marks that stack on one character; more than this many only serve to paint over other lines.
const MAX_MARKS: usize = 8;
/// Bytes that the note about a cut may take.
const CUT_NOTE: usize = 40;

impl SafeText {
    /// Longest text kept, in bytes of UTF-8; the rest is counted in a `…(+N bytes)` at the end.
    pub const MAX_BYTES: usize = 8192;

    /// The safe form of remote bytes. Total: any bytes, of any encoding.
    pub fn from_bytes(bytes: &[u8]) -> SafeText {
        SafeText::new(&String::from_utf8_lossy(bytes))
    }

    /// The safe form of remote text. Making a safe text safe again changes nothing.
    pub fn new(text: &str) -> SafeText {
        // most lines of most logs, at a tenth of the time
        if text.len() <= SafeText::MAX_BYTES && text.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return SafeText(text.to_owned());
        }
        SafeText::examined(text)
    }

    /// The safe form, character by character.
    fn examined(text: &str) -> SafeText {
        let mut out = String::with_capacity(text.len().min(SafeText::MAX_BYTES));
        let mut rest = text;
        let mut marks = 0;
        while let Some(c) = rest.chars().next() {
            // the slack leaves room for the note itself, so that a cut text stays as it is
            if out.len() >= SafeText::MAX_BYTES && rest.len() > CUT_NOTE {
                out.push_str(&format!("…(+{} bytes)", rest.len()));
                break;
            }
            let after = rest.get(c.len_utf8()..).unwrap_or_default();
            if let Some(skipped) = control_sequence(c, after) {
                rest = skipped;
                continue;
            }
            rest = after;
            marks = if is_mark(c) { marks + 1 } else { 0 };
            if marks <= MAX_MARKS {
                push_visible(&mut out, c);
            }
        }
        SafeText(out)
    }

    /// Every line of remote bytes, each safe; the last line break ends a line and starts none.
    pub fn lines(bytes: &[u8]) -> Vec<SafeText> {
        let body = bytes.strip_suffix(b"\n").unwrap_or(bytes);
        if body.is_empty() {
            return Vec::new();
        }
        body.split(|b| *b == b'\n')
            .map(|l| SafeText::from_bytes(l.strip_suffix(b"\r").unwrap_or(l)))
            .collect()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Where the text goes on after a terminal command that starts with `first`; nothing if none starts here.
fn control_sequence(first: char, after: &str) -> Option<&str> {
    let (kind, body) = match first {
        '\u{1b}' => {
            let kind = after.chars().next()?;
            (kind, after.get(kind.len_utf8()..).unwrap_or_default())
        }
        // the same commands as single 8-bit characters
        '\u{90}' => ('P', after),
        '\u{98}' => ('X', after),
        '\u{9b}' => ('[', after),
        '\u{9d}' => (']', after),
        '\u{9e}' => ('^', after),
        '\u{9f}' => ('_', after),
        _ => return None,
    };
    match kind {
        // CSI: parameters, then one final character
        '[' => {
            let end = body.char_indices().take(MAX_SEQUENCE).find(|(_, c)| !matches!(c, '\u{20}'..='\u{3f}'));
            end.map(|(at, c)| match c {
                '\u{40}'..='\u{7e}' => body.get(at + c.len_utf8()..).unwrap_or_default(),
                _ => body.get(at..).unwrap_or_default(),
            })
            .or(Some(""))
        }
        // OSC, DCS, SOS, PM, APC: up to BEL or ST
        ']' | 'P' | 'X' | '^' | '_' => {
            let mut chars = body.char_indices().take(MAX_SEQUENCE);
            let found = chars.find_map(|(at, c)| match c {
                '\u{7}' | '\u{9c}' => body.get(at + c.len_utf8()..),
                '\u{1b}' => Some(body.get(at + 1..).map_or("", |r| r.strip_prefix('\\').unwrap_or(r))),
                '\n' => body.get(at..),
                _ => None,
            });
            Some(found.unwrap_or_else(|| {
                body.char_indices().nth(MAX_SEQUENCE).map_or("", |(at, _)| body.get(at..).unwrap_or_default())
            }))
        }
        // two-character commands
        '\u{20}'..='\u{2f}' => {
            Some(body.get(body.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default())
        }
        '\u{30}'..='\u{7e}' => Some(body),
        _ => None,
    }
}

fn is_mark(c: char) -> bool {
    unicode_width::UnicodeWidthChar::width(c) == Some(0)
}

fn push_visible(out: &mut String, c: char) {
    match c {
        '\t' => out.push_str("    "),
        c if c.is_control() => out.push('·'),
        // bidirectional overrides, invisible joiners, soft hyphen, line and paragraph separators, byte-order mark
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => {
            out.push_str(&format!("<U+{:04X}>", u32::from(c)));
        }
        c => out.push(c),
    }
}

impl fmt::Display for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for SafeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn safe(text: &str) -> String {
        SafeText::new(text).as_str().to_owned()
    }

    fn obeyed(c: char) -> bool {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }

    #[test]
    fn terminal_commands_vanish_whole() {
        assert_eq!(safe("a\u{1b}[31mred\u{1b}[0mb"), "aredb");
        assert_eq!(safe("a\u{1b}]52;c;ZXZpbA==\u{7}b"), "ab");
        assert_eq!(safe("a\u{1b}]0;title\u{1b}\\b"), "ab");
        assert_eq!(safe("a\u{9b}31mb\u{9d}0;t\u{9c}c"), "abc");
        assert_eq!(safe("a\u{1b}Pq#0\u{1b}\\b\u{1b}(0c\u{1b}cd"), "abcd");
    }

    #[test]
    fn what_cannot_be_seen_is_shown() {
        assert_eq!(safe("a\rb\nc\0d"), "a·b·c·d");
        assert_eq!(safe("gpj.\u{202e}exe"), "gpj.<U+202E>exe");
        assert_eq!(safe("a\tb"), "a    b");
        assert_eq!(SafeText::from_bytes(b"\xff\xfe ok").as_str(), "\u{fffd}\u{fffd} ok");
    }

    #[test]
    fn a_long_line_is_cut_and_says_so() {
        let text = safe(&"x".repeat(SafeText::MAX_BYTES + 100));
        assert!(text.ends_with("x…(+100 bytes)"), "{}", &text[text.len() - 40..]);
        assert_eq!(safe(&text), text);
    }

    #[test]
    fn an_unfinished_command_does_not_swallow_the_rest_of_a_long_text() {
        let text = format!("\u{1b}]0;{}END", "x".repeat(MAX_SEQUENCE));
        assert!(safe(&text).ends_with("END"));
    }

    #[test]
    fn lines_split_at_line_breaks_only() {
        let lines: Vec<String> = SafeText::lines(b"a\r\nb\n\nc\n").iter().map(|l| l.to_string()).collect();
        assert_eq!(lines, ["a", "b", "", "c"]);
        assert!(SafeText::lines(b"").is_empty());
    }

    #[test]
    fn the_short_way_ends_where_the_long_one_cuts() {
        for edge in ["a\u{7f}b", "a\u{1f}b", "a\u{80}b", " ~ "] {
            assert_eq!(SafeText::new(edge), SafeText::examined(edge), "{edge:?}");
        }
        for length in
            [SafeText::MAX_BYTES - 1, SafeText::MAX_BYTES, SafeText::MAX_BYTES + 1, SafeText::MAX_BYTES + 90]
        {
            let text = "~".repeat(length);
            assert_eq!(SafeText::new(&text), SafeText::examined(&text), "{length}");
        }
    }

    proptest! {
        #[test]
        fn the_short_way_and_the_long_one_come_to_the_same(text in "([ -~]{0,80}|[ -~\t\u{1b}\u{7f}中]{0,80})") {
            prop_assert_eq!(SafeText::new(&text), SafeText::examined(&text));
        }

        #[test]
        fn nothing_a_terminal_obeys_is_left(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            let once = SafeText::from_bytes(&bytes);
            prop_assert!(!once.as_str().chars().any(obeyed), "left over");
            prop_assert_eq!(&SafeText::new(once.as_str()), &once);
        }

        #[test]
        fn nothing_a_terminal_obeys_is_left_of_escapes(text in "([\u{1b}\u{9b}\u{9d}\u{7}\\[\\];0-9mPqc\\\\\u{202e}x中\u{301}]){0,200}") {
            let once = SafeText::new(&text);
            prop_assert!(!once.as_str().chars().any(obeyed), "left over");
            prop_assert_eq!(&SafeText::new(once.as_str()), &once);
        }
    }
}
