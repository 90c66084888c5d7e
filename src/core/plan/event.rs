//! What a run writes down on the server, line by line (`assets/remote/run/act.sh`, `after.sh`), and what it comes to.
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use serde::Serialize;

/// One line of a run's journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When, by the server's clock, to the second.
    pub at: EpochMs,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
    /// The server's operator lock is ours.
    Begin,
    /// A step begins; they count from 1.
    Step {
        /// Which.
        n: usize,
    },
    /// It has worked.
    Done {
        /// Which.
        n: usize,
    },
    /// Something that was found out.
    Fact {
        /// Its name for machines: `mount_error`, `job`.
        name: SafeText,
        /// The rest of the line.
        words: SafeText,
    },
    /// A step did not work; nothing after it was done.
    Fail {
        /// Which.
        n: usize,
        /// Its exit code.
        code: i32,
    },
    /// An earlier step was taken back.
    Undo {
        /// Which.
        n: usize,
        /// The exit code of that.
        code: i32,
    },
    /// The server refused before anything was done.
    Refused {
        /// Why, for machines: `busy`, `machine`, `changed`, …
        why: SafeText,
        /// The rest of the line.
        words: SafeText,
    },
    /// Every step has worked.
    Finished,
    /// Something that was stopped was started again, or could not be.
    PutBack {
        /// `backend`.
        what: SafeText,
        /// It worked.
        well: bool,
        /// The rest of the line.
        words: SafeText,
    },
    /// It is over.
    End {
        /// How.
        how: How,
        /// What was stopped could not be started again.
        down: bool,
    },
    /// A line that this console does not know.
    Other {
        /// The line.
        line: SafeText,
    },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// Every step has worked; whether it did what it was for, a look says.
    Finished,
    /// The server was not as it was when the plan was made. Nothing was done.
    Refused,
    /// A step did not work.
    Failed,
    /// Something ended it: a person, its time limit, the kernel.
    Killed,
    /// The server went down under it.
    Rebooted,
}

/// Reads one line of a run's journal. Total: what is not known is [`What::Other`].
pub fn event(line: &[u8]) -> Event {
    let other = || Event { at: EpochMs(0), what: What::Other { line: SafeText::from_bytes(line) } };
    let text = SafeText::from_bytes(line);
    let (seconds, rest) = text.as_str().split_once(' ').unwrap_or((text.as_str(), ""));
    let Some(at) = seconds.parse::<i64>().ok().filter(|s| (0..=253_402_300_799).contains(s)) else {
        return other();
    };
    let what = what(rest).unwrap_or_else(|| What::Other { line: SafeText::new(rest) });
    Event { at: EpochMs(at * 1000), what }
}

fn what(text: &str) -> Option<What> {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (first, more) = rest.split_once(' ').unwrap_or((rest, ""));
    let n = || first.parse::<usize>().ok();
    let code = || more.parse::<i32>().ok();
    let safe = SafeText::new;
    Some(match word {
        "begin" => What::Begin,
        "step" => What::Step { n: n()? },
        "done" => What::Done { n: n()? },
        "fact" => What::Fact { name: safe(first), words: safe(more) },
        "fail" => What::Fail { n: n()?, code: code()? },
        "undo" => What::Undo { n: n()?, code: code()? },
        "refused" => What::Refused { why: safe(first), words: safe(more) },
        "finished" => What::Finished,
        "putback" => {
            let (how, words) = more.split_once(' ').unwrap_or((more, ""));
            What::PutBack { what: safe(first), well: how == "started", words: safe(words) }
        }
        "end" => What::End { how: how(first)?, down: more == "down" },
        _ => return None,
    })
}

fn how(word: &str) -> Option<How> {
    Some(match word {
        "finished" => How::Finished,
        "refused" => How::Refused,
        "failed" => How::Failed,
        "killed" => How::Killed,
        "rebooted" => How::Rebooted,
        _ => return None,
    })
}

/// The words of the last fact of this name.
pub fn fact<'a>(events: &'a [Event], wanted: &str) -> Option<&'a str> {
    events.iter().rev().find_map(|e| match &e.what {
        What::Fact { name, words } if name.as_str() == wanted => Some(words.as_str()),
        _ => None,
    })
}

/// Whether it began: nothing is done before that is written down.
pub fn has_begun(events: &[Event]) -> bool {
    events.iter().any(|e| e.what == What::Begin)
}

/// How the run ended, and whether something is down that was not; nothing while it is at work.
pub fn ended(events: &[Event]) -> Option<(How, bool)> {
    events.iter().rev().find_map(|e| match e.what {
        What::End { how, down } => Some((how, down)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_that_the_scripts_write_is_read() {
        let read = |line: &str| event(format!("1700000000 {line}").as_bytes()).what;
        assert_eq!(read("begin"), What::Begin);
        assert_eq!(read("step 3"), What::Step { n: 3 });
        assert_eq!(read("fail 2 124"), What::Fail { n: 2, code: 124 });
        assert_eq!(
            read("fact mount_error 13 Permission denied"),
            What::Fact { name: SafeText::new("mount_error"), words: SafeText::new("13 Permission denied") }
        );
        assert_eq!(
            read("putback backend failed no such image"),
            What::PutBack {
                what: SafeText::new("backend"),
                well: false,
                words: SafeText::new("no such image")
            }
        );
        assert_eq!(read("end failed down"), What::End { how: How::Failed, down: true });
        assert_eq!(read("end finished"), What::End { how: How::Finished, down: false });
    }

    #[test]
    fn what_is_not_known_is_kept_and_never_an_end() {
        for line in ["", "x", "1700000000", "1700000000 end perhaps", "1700000000 step one", "\x1b[31m"] {
            let read = event(line.as_bytes());
            assert!(matches!(read.what, What::Other { .. }), "{line:?}: {read:?}");
            assert_eq!(ended(&[read]), None);
        }
    }
}
