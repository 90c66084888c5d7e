//! The answer of a look, taken apart: one segment a question, fenced by a marker that the server cannot guess.
use crate::core::gap::{Gap, Known};
use crate::core::safetext::SafeText;

/// The exit code that the look gives to a question whose time was up.
const TIME_UP: i32 = 124;
/// `timeout -k` had to kill the command.
const KILLED: i32 = 137;
/// The shell did not find the command.
const NOT_FOUND: i32 = 127;

/// The look passes on this many bytes of an answer: one that is as long was cut.
const CUT_AT: usize = 262_144;

/// The segments of one answer.
#[derive(Debug)]
pub struct Segments<'a> {
    found: Vec<Segment<'a>>,
}

/// The answer to one question.
#[derive(Clone, Debug)]
pub struct Segment<'a> {
    /// The question's name in the script.
    pub name: &'a [u8],
    /// What the question printed, at most what the script passes on.
    pub payload: &'a [u8],
    /// What went to standard error.
    pub said: SafeText,
    /// The exit code; nothing if the answer ended within the segment.
    pub code: Option<i32>,
}

impl<'a> Segments<'a> {
    /// Takes an answer apart. Total: whatever is not a whole segment is kept as one without an exit code, or passed over.
    pub fn read(mark: &str, answer: &'a [u8]) -> Segments<'a> {
        let mut found = Vec::new();
        let mut rest = answer;
        let begin = format!("@@{mark} begin ");
        while let Some((_, after)) = split_at_line(rest, begin.as_bytes()) {
            let (name, body) = line(after);
            let segment = segment(mark, name, body);
            rest = segment.1;
            found.push(segment.0);
        }
        Segments { found }
    }

    /// How many questions were answered to their end.
    pub fn complete(&self) -> usize {
        self.found.iter().filter(|s| s.code.is_some()).count()
    }

    /// One segment, if the server answered at all.
    pub fn get(&self, name: &str) -> Known<&Segment<'a>> {
        self.found.iter().find(|s| s.name == name.as_bytes()).ok_or(Gap::NoAnswer)
    }

    /// The whole answer to a question that succeeded.
    pub fn answer(&self, name: &str) -> Known<&'a [u8]> {
        self.get(name)?.answer()
    }
}

impl<'a> Segment<'a> {
    /// The whole answer, if the question succeeded and nothing was cut off.
    pub fn answer(&self) -> Known<&'a [u8]> {
        match self.code {
            Some(0) if self.payload.len() < CUT_AT => Ok(self.payload),
            Some(0) => Err(Gap::CutShort { bytes: self.payload.len() as u64 }),
            _ => Err(self.gap()),
        }
    }

    /// Why a question that did not succeed failed.
    pub fn gap(&self) -> Gap {
        let said = self.said.clone();
        match self.code {
            None => Gap::NoAnswer,
            Some(TIME_UP | KILLED) => Gap::TimedOut,
            Some(NOT_FOUND) => Gap::ToolMissing { said },
            Some(_) if says(&said, "ermission denied") || says(&said, "peration not permitted") => {
                Gap::Denied { said }
            }
            Some(code) => Gap::Failed { code, said },
        }
    }
}

fn says(text: &SafeText, words: &str) -> bool {
    text.as_str().contains(words)
}

/// A segment from what follows its name, and what follows the segment.
fn segment<'a>(mark: &str, name: &'a [u8], body: &'a [u8]) -> (Segment<'a>, &'a [u8]) {
    let mut one = Segment { name, payload: body, said: SafeText::default(), code: None };
    let Some((payload, after)) = split_at_line(body, &fence(mark, b"said", name, b"\n")) else {
        return (one, b"");
    };
    one.payload = payload;
    let Some((said, after)) = split_at_line(after, &fence(mark, b"end", name, b" ")) else {
        return (one, b"");
    };
    one.said = last_words(said);
    let (code, rest) = line(after);
    // a code whose line did not end may be the first digit of another one
    one.code = if code.len() < after.len() { number(code) } else { None };
    (one, rest)
}

fn fence(mark: &str, word: &[u8], name: &[u8], end: &[u8]) -> Vec<u8> {
    [b"@@", mark.as_bytes(), b" ", word, b" ", name, end].concat()
}

/// Standard error in one line: the last ones that say something.
fn last_words(said: &[u8]) -> SafeText {
    let lines = SafeText::lines(said);
    let from = lines.len().saturating_sub(3);
    let mut last: Vec<&str> =
        lines.iter().skip(from).map(SafeText::as_str).filter(|l| !l.is_empty()).collect();
    last.dedup();
    SafeText::new(&last.join("; "))
}

/// What stands before the first line that starts with `start` (without the line break that the script put in between),
/// and what stands after `start`.
fn split_at_line<'a>(text: &'a [u8], start: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let mut from = 0;
    loop {
        let at = from + find(text.get(from..)?, start)?;
        let before = text.get(..at)?;
        if before.is_empty() || before.ends_with(b"\n") {
            return Some((before.strip_suffix(b"\n").unwrap_or(before), text.get(at + start.len()..)?));
        }
        from = at + start.len();
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|w| w == what)
}

fn line(text: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = text.splitn(2, |b| *b == b'\n');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn number<N: std::str::FromStr>(text: &[u8]) -> Option<N> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &[u8] = b"noise\n@@m begin a\none\ntwo\n\n@@m said a\n\n@@m end a 0\n@@m begin b\n\n@@m said b\nsh: x: not found\n\n@@m end b 127\n";

    #[test]
    fn a_segment_comes_out_as_it_went_in() {
        let all = Segments::read("m", ANSWER);
        assert_eq!(all.answer("a").unwrap(), b"one\ntwo\n");
        assert_eq!(all.complete(), 2);
        assert!(
            matches!(all.answer("b"), Err(Gap::ToolMissing { said }) if said.as_str() == "sh: x: not found")
        );
        assert_eq!(all.answer("c"), Err(Gap::NoAnswer));
    }

    #[test]
    fn an_answer_that_was_cut_is_no_whole_answer() {
        let answer =
            |bytes: usize| format!("@@m begin a\n{}\n@@m said a\n\n@@m end a 0\n", "x".repeat(bytes));
        let (whole, cut) = (answer(CUT_AT - 1), answer(CUT_AT));
        assert!(Segments::read("m", whole.as_bytes()).answer("a").is_ok());
        assert_eq!(
            Segments::read("m", cut.as_bytes()).answer("a"),
            Err(Gap::CutShort { bytes: CUT_AT as u64 })
        );
    }

    #[test]
    fn a_payload_without_our_marker_cannot_end_a_segment() {
        let all =
            Segments::read("m", b"@@m begin a\n@@x end a 0\n x @@m said a 1\n@@m said a\n\n@@m end a 0\n");
        assert_eq!(all.answer("a").unwrap(), b"@@x end a 0\n x @@m said a 1");
    }

    proptest! {
        #[test]
        fn a_cut_answer_has_no_segment_that_was_not_whole(cut in 0..ANSWER.len()) {
            let all = Segments::read("m", &ANSWER[..cut]);
            if let Ok(a) = all.answer("a") {
                prop_assert_eq!(a, b"one\ntwo\n");
            }
            if let Ok(b) = all.get("b") {
                prop_assert!(b.code.is_none() || b.code == Some(127));
            }
        }

        #[test]
        fn any_bytes_are_taken_apart(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            Segments::read("m", &bytes);
        }
    }
}
