//! What one run on a server is, in brief (`assets/remote/run/brief.sh`).
use super::script::RunName;
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::i18n::Text;

/// What a server says of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Brief {
    /// It has it.
    Known {
        /// [`Action::id`](super::Action::id).
        action: SafeText,
        /// Who began it, and where: `user@machine`.
        operator: SafeText,
        /// When, by the server's clock; nothing where that is not understood.
        began: Option<EpochMs>,
        /// What its steps do, in order.
        titles: Vec<Text>,
    },
    /// It has no such run.
    None {
        /// How many others.
        count: usize,
        /// The one that began first.
        oldest: Option<RunName>,
    },
    /// Only root may see runs, and the login is not root.
    Hidden,
}

/// Reads the answer; nothing where it is none.
pub fn read(answer: &[u8]) -> Option<Brief> {
    let lines = SafeText::lines(answer);
    let (first, rest) = lines.split_first()?;
    let (word, words) = first.as_str().split_once(' ').unwrap_or((first.as_str(), ""));
    match word {
        "hidden" => Some(Brief::Hidden),
        "none" => {
            let (count, oldest) = words.split_once(' ').unwrap_or((words, ""));
            Some(Brief::None { count: count.parse().ok()?, oldest: RunName::parse(oldest) })
        }
        "who" => {
            let mut who = words.split('|');
            let mut safe = || SafeText::new(who.next().unwrap_or_default());
            let (action, operator) = (safe(), safe());
            let seconds = who.next().and_then(|s| s.parse::<i64>().ok());
            let began = seconds.filter(|s| (0..=253_402_300_799).contains(s)).map(|s| EpochMs(s * 1000));
            let titles = rest.iter().filter_map(|l| title(l.as_str())).collect();
            Some(Brief::Known { action, operator, began, titles })
        }
        _ => None,
    }
}

/// `title 2 中文 / English`, as [`script::steps`](super::script::steps) writes it.
fn title(line: &str) -> Option<Text> {
    let (_, words) = line.strip_prefix("title ")?.split_once(' ')?;
    Some(match words.split_once(" / ") {
        Some((zh, en)) => Text { zh: zh.to_owned(), en: en.to_owned() },
        None => Text::same(words),
    })
}

impl Brief {
    /// Whether a run that is not there may have been, and was thrown away, one by one or with their whole folder: then nobody
    /// can say that it did not begin.
    pub fn may_be_forgotten(&self, run: &RunName) -> bool {
        match self {
            // names begin with the moment: what is older is thrown away first
            Brief::None { oldest: Some(oldest), .. } => oldest > run,
            Brief::None { oldest: None, .. } => true,
            Brief::Known { .. } | Brief::Hidden => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_answer_of_the_script_is_read() {
        let answer = b"who restart-frontend|wang@desk|1769900000\ntitle 1 \xe7\xa1\xae\xe8\xae\xa4 / make sure\ntitle 2 x\n";
        let Some(Brief::Known { action, operator, began, titles }) = read(answer) else { panic!() };
        assert_eq!((action.as_str(), operator.as_str()), ("restart-frontend", "wang@desk"));
        assert_eq!(began, Some(EpochMs(1_769_900_000_000)));
        assert_eq!(titles, [Text { zh: "确认".into(), en: "make sure".into() }, Text::same("x")]);
        assert_eq!(read(b"none 0 \n"), Some(Brief::None { count: 0, oldest: None }));
        assert_eq!(read(b"hidden\n"), Some(Brief::Hidden));
        for noise in [&b""[..], b"\n", b"none\n", b"none many x\n", b"\xff who\n"] {
            assert_eq!(read(noise), None, "{noise:?}");
        }
    }

    #[test]
    fn what_may_have_been_thrown_away_did_not_fail_to_begin() {
        let name = |n: &str| RunName::parse(n);
        let none = |count, oldest: &str| Brief::None { count, oldest: name(oldest) };
        let run = name("1769900000-ab").unwrap();
        assert!(none(50, "1769900001-aa").may_be_forgotten(&run));
        assert!(!none(50, "1769800000-aa").may_be_forgotten(&run));
        // fewer than are kept, and all of them younger: their folder was thrown away
        assert!(none(3, "1769900001-aa").may_be_forgotten(&run) && none(0, "").may_be_forgotten(&run));
    }
}
