//! What an operator looks for: a plain text or a regular expression. All in small letters finds capitals too.
use crate::i18n::Text;
use crate::text;
use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{Error, ErrorKind, parse::Parser};
use std::ops::Range;

/// Characters of a pattern, at most.
pub const LONGEST: usize = 200;
/// Memory of a pattern, compiled: what is larger is refused, because every line would take long.
const LARGEST: usize = 1 << 20;
/// A pattern that needs more than this is slow, and looks at fewer lines at a time.
const QUICK: usize = 96 << 10;
/// Memory in which it remembers what it met.
const CACHE: usize = 2 << 20;

/// A pattern that is ready to look for things.
#[derive(Clone, Debug)]
pub struct Pattern {
    typed: String,
    regex: Regex,
    slow: bool,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternError {
    /// The character where it goes wrong, the first one is 1; nothing if it is the pattern as a whole.
    pub at: Option<usize>,
    /// What is wrong, and what to do.
    pub what: Text,
}

impl Pattern {
    /// What looks for these very characters.
    ///
    /// # Errors
    /// It is too long.
    pub fn plain(typed: &str) -> Result<Pattern, PatternError> {
        Pattern::build(typed, &regex_syntax::escape(typed), has_capitals(typed))
    }

    /// What looks for a regular expression.
    ///
    /// # Errors
    /// It is none, too long or too large.
    pub fn regex(typed: &str) -> Result<Pattern, PatternError> {
        length(typed)?;
        if let Err(error) = Parser::new().parse(typed) {
            return Err(PatternError { at: Some(character(typed, &error)), what: words(error.kind()) });
        }
        Pattern::build(typed, typed, has_capitals(&without_escapes(typed)))
    }

    fn build(typed: &str, pattern: &str, capitals: bool) -> Result<Pattern, PatternError> {
        length(typed)?;
        let build = |size| {
            RegexBuilder::new(pattern)
                .case_insensitive(!capitals)
                .size_limit(size)
                .dfa_size_limit(CACHE)
                .build()
        };
        let (built, slow) = match build(QUICK) {
            Err(regex::Error::CompiledTooBig(_)) => (build(LARGEST), true),
            built => (built, false),
        };
        match built {
            Ok(regex) => Ok(Pattern { typed: typed.to_owned(), regex, slow }),
            Err(regex::Error::CompiledTooBig(_)) => Err(PatternError {
                at: None,
                what: text!(
                    "表达式太复杂（重复次数太大？），没有使用。请写简单一些",
                    "the expression is too large (a high repeat count?) and was not used: make it simpler"
                ),
            }),
            Err(_) => Err(PatternError {
                at: None,
                what: text!("表达式写法不对，没有使用", "this is no expression, and it was not used"),
            }),
        }
    }

    /// As it was typed.
    pub fn typed(&self) -> &str {
        &self.typed
    }

    /// Whether a text has it.
    pub fn is_in(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Where a text has it: bytes, in order, none empty.
    pub fn places<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
        self.regex.find_iter(text).map(|found| found.range()).filter(|range| !range.is_empty())
    }

    /// How much longer it takes than others, roughly.
    pub(super) fn price(&self) -> usize {
        if self.slow { 16 } else { 1 }
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Pattern) -> bool {
        self.regex.as_str() == other.regex.as_str() && self.typed == other.typed
    }
}

impl PatternError {
    /// In words, with the place.
    pub fn text(&self) -> Text {
        let Some(at) = self.at else { return self.what.clone() };
        Text {
            zh: format!("第 {at} 个字符：{}", self.what.zh),
            en: format!("at character {at}: {}", self.what.en),
        }
    }
}

fn length(typed: &str) -> Result<(), PatternError> {
    let has = typed.chars().count();
    if has <= LONGEST {
        return Ok(());
    }
    let what =
        text!("太长：{has} 个字符，最多 {LONGEST} 个", "too long: {has} characters, at most {LONGEST}");
    Err(PatternError { at: None, what })
}

fn has_capitals(text: &str) -> bool {
    text.chars().any(char::is_uppercase)
}

/// `\S` is no capital letter.
fn without_escapes(typed: &str) -> String {
    let (mut plain, mut escaped) = (String::new(), false);
    for c in typed.chars() {
        match (escaped, c) {
            (false, '\\') => escaped = true,
            (true, _) => escaped = false,
            (false, c) => plain.push(c),
        }
    }
    plain
}

/// Which character it is, counted as a person counts.
fn character(typed: &str, error: &Error) -> usize {
    let before = typed.get(..error.span().start.offset).unwrap_or(typed);
    before.chars().count() + 1
}

fn words(kind: &ErrorKind) -> Text {
    match kind {
        ErrorKind::ClassUnclosed => {
            text!(
                "“[” 没有对应的 “]”；要找 “[” 本身请写 \\[",
                "this [ has no ]; write \\[ for the sign itself"
            )
        }
        ErrorKind::GroupUnclosed => {
            text!(
                "“(” 没有对应的 “)”；要找 “(” 本身请写 \\(",
                "this ( has no ); write \\( for the sign itself"
            )
        }
        ErrorKind::GroupUnopened => {
            text!("“)” 前面没有 “(”；要找 “)” 本身请写 \\)", "this ) has no (; write \\) for the sign itself")
        }
        ErrorKind::RepetitionMissing => text!(
            "这个重复符号前面没有内容；要找它本身请在前面加 \\",
            "there is nothing to repeat here; write a \\ in front for the sign itself"
        ),
        ErrorKind::RepetitionCountUnclosed
        | ErrorKind::RepetitionCountInvalid
        | ErrorKind::RepetitionCountDecimalEmpty => text!(
            "“{{” 之后的次数写法不对；要找 “{{” 本身请写 \\{{",
            "this count is none; write \\{{ for the sign itself"
        ),
        ErrorKind::ClassRangeInvalid => {
            text!("范围的起点大于终点", "this range ends before it begins")
        }
        ErrorKind::EscapeUnexpectedEof => {
            text!(
                "末尾多了一个 \\；要找 \\ 本身请写 \\\\",
                "a \\ stands at the end; write \\\\ for the sign itself"
            )
        }
        ErrorKind::EscapeUnrecognized => {
            text!("不认识这个 \\ 写法；要找 \\ 本身请写 \\\\", "no such \\; write \\\\ for the sign itself")
        }
        ErrorKind::UnsupportedLookAround | ErrorKind::UnsupportedBackreference => {
            text!("不支持这种写法", "this is not supported")
        }
        _ => text!("这里的写法不对", "this is not understood"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn small_letters_find_capitals_and_capitals_only_capitals() {
        let regex = |p: &str| Pattern::regex(p).unwrap();
        assert!(regex("err\\S+").is_in("ERROR") && regex("备份").is_in("备份 volume"));
        assert!(!regex("Err").is_in("ERROR") && regex("Err").is_in("Errors"));
        assert!(Pattern::plain("[backup]").unwrap().is_in("[Backup] x"));
        assert!(!Pattern::plain("a.c").unwrap().is_in("abc") && regex("a.c").is_in("abc"));
        let places: Vec<_> = regex("b+|x*").places("abba b").collect();
        assert_eq!(places, [1..3, 5..6]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (typed, at) in [
            ("备份(x", 3),
            ("备份[x", 3),
            ("a)", 2),
            ("*a", 1),
            ("a{2", 2),
            ("[z-a]", 2),
            ("ab\\", 3),
            ("a\\y", 2),
            ("(?=x)", 1),
            ("(?<n", 5),
        ] {
            let error = Pattern::regex(typed).unwrap_err();
            assert_eq!(error.at, Some(at), "{typed}: {error:?}");
            let said = error.text();
            assert!(said.zh.contains(&format!("第 {at} 个字符")) && said.en.is_ascii(), "{said:?}");
        }
        assert_eq!(Pattern::regex("(\\w{100}){100}").unwrap_err().at, None);
        assert_eq!(Pattern::regex(&"x".repeat(LONGEST + 1)).unwrap_err().at, None);
        assert!(Pattern::plain(&"x".repeat(LONGEST + 1)).is_err());
    }

    proptest! {
        #[test]
        fn anything_typed_is_a_pattern_or_is_refused(typed in "[\\\\(){}\\[\\]|*+?.^$a-zA-Z0-9 备-]{0,30}") {
            if let Err(error) = Pattern::regex(&typed) {
                prop_assert!(!error.text().zh.is_empty());
            }
            let plain = Pattern::plain(&typed).unwrap();
            let inside = format!("x{typed}y");
            prop_assert!(plain.is_in(&inside));
        }
    }
}
