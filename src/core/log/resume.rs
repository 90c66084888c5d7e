//! Every line once, also over a link that is lost again and again: what of a re-opened log was there already.
//!
//! A container's log is opened again at a moment, inclusive, so what was written then comes again. Its two streams may
//! overtake each other by a hair, so it is opened again a little before the last line, and what came since then is
//! told apart by time and text, and counted: twice the same at one nanosecond is two lines. Where memory or a clock
//! that was set back leave a doubt, a line is shown twice rather than lost.
use super::{From, Incoming, Mark, Nanos};
use std::collections::{BTreeMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Two streams of a container overtake each other by less than this; a clock that was set back goes further.
const OVERTAKEN: i64 = 1_000_000_000;
/// Lines that are remembered, at most: each by its time, a hash of its text, and how often it came.
const REMEMBERED: usize = 50_000;
/// Marks of a journal that are remembered.
const CURSORS: usize = 64;

/// A line by which it is known again.
type Sign = (Nanos, u64);

/// How far a log was followed, and what of it comes again.
#[derive(Clone, Debug, Default)]
pub struct Resume {
    /// The newest moment.
    last: Option<Nanos>,
    /// What came since a little before it. A line that comes again is one of these.
    came: BTreeMap<Sign, u32>,
    /// After a re-opening, what is still to come again.
    owed: BTreeMap<Sign, u32>,
    /// After a re-opening and until the first new line: what is older than this was there.
    before: Option<Nanos>,
    /// The journal's own marks, the last one at the back.
    cursors: VecDeque<String>,
}

impl Resume {
    /// Before the first line.
    pub fn new() -> Resume {
        Resume::default()
    }

    /// Where to open the log again; nothing if no line came that says where it stands.
    pub fn mark(&self) -> Option<Mark> {
        if let Some(cursor) = self.cursors.back() {
            return Some(Mark::Cursor(cursor.clone()));
        }
        self.came.keys().next().map(|(at, _)| Mark::At(*at))
    }

    /// Where to open it again, or so, if there is no such place.
    pub fn or(&self, start: From) -> From {
        self.mark().map_or(start, From::After)
    }

    /// The log is opened, and its first line is the next one.
    pub fn opened(&mut self, from: &From) {
        match from {
            From::After(Mark::At(at)) => {
                self.owed = self.came.range((*at, 0)..).map(|(sign, count)| (*sign, *count)).collect();
                self.before = Some(*at);
            }
            From::After(Mark::Cursor(_)) => {}
            From::Tail(_) | From::Since(_) => *self = Resume::new(),
        }
    }

    /// A line came. Whether it is new.
    pub fn is_new(&mut self, line: &Incoming) -> bool {
        if let Some(cursor) = &line.cursor {
            if self.cursors.contains(cursor) {
                return false;
            }
            if self.cursors.len() >= CURSORS {
                self.cursors.pop_front();
            }
            self.cursors.push_back(cursor.clone());
            return true;
        }
        let Some(at) = line.at else { return true };
        if self.before.is_some_and(|before| at < before) {
            return false;
        }
        let sign = (at, hash(line));
        if let Some(count) = self.owed.get_mut(&sign) {
            *count -= 1;
            if *count == 0 {
                self.owed.remove(&sign);
            }
            return false;
        }
        if self.before.is_some() && self.last.is_none_or(|last| at > last) {
            // nothing that was there comes after what was not
            self.before = None;
            self.owed.clear();
        }
        self.remember(sign);
        true
    }

    fn remember(&mut self, sign: Sign) {
        let (at, _) = sign;
        let last = self.last.unwrap_or(at);
        if at.0 < last.0.saturating_sub(OVERTAKEN) {
            // the clock was set back: from the later of the two moments on, everything would be taken for old
            self.came.clear();
            self.last = Some(at);
        } else {
            self.last = Some(last.max(at));
        }
        *self.came.entry(sign).or_insert(0) += 1;
        let since = self.last.map_or(i64::MIN, |last| last.0.saturating_sub(OVERTAKEN));
        while let Some(oldest) = self.came.first_entry() {
            if oldest.key().0.0 >= since {
                break;
            }
            oldest.remove();
        }
        if self.came.len() > REMEMBERED {
            self.forget_a_moment();
        }
    }

    /// Forgets the oldest moment, whole: what is remembered of a moment is all that came then. The newest one stays.
    fn forget_a_moment(&mut self) {
        let Some((oldest, _)) = self.came.keys().next().copied() else { return };
        if self.last == Some(oldest) {
            // so many texts of one nanosecond: those that are not remembered are shown twice
            self.came.pop_last();
            return;
        }
        self.came = self.came.split_off(&(Nanos(oldest.0.saturating_add(1)), 0));
    }
}

fn hash(line: &Incoming) -> u64 {
    let mut hasher = DefaultHasher::new();
    (line.text.as_str(), line.cut).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::safetext::SafeText;
    use crate::core::units::EpochMs;
    use proptest::prelude::*;

    fn line(at: i64, text: &str) -> Incoming {
        Incoming { at: Some(Nanos(at)), cursor: None, text: SafeText::new(text), cut: 0 }
    }

    fn entry(cursor: &str) -> Incoming {
        Incoming { at: Some(Nanos(1)), cursor: Some(cursor.into()), text: SafeText::new("x"), cut: 0 }
    }

    /// What docker sends for this: everything not older than the mark.
    fn sent<'a>(log: &'a [Incoming], from: &From) -> Vec<&'a Incoming> {
        let since = match from {
            From::After(Mark::At(at)) => *at,
            _ => Nanos(i64::MIN),
        };
        log.iter().filter(|l| l.at.is_none_or(|at| at >= since)).collect()
    }

    /// Follows a log whose link is lost after so many lines each time, then to its end.
    fn followed(log: &[Incoming], cuts: &[usize]) -> (Vec<Incoming>, usize) {
        let (mut resume, mut shown, mut most) = (Resume::new(), Vec::new(), 0);
        for cut in cuts.iter().copied().chain([usize::MAX]) {
            let from = resume.or(From::Tail(u32::MAX));
            resume.opened(&from);
            for line in sent(log, &from).into_iter().take(cut) {
                if resume.is_new(line) {
                    shown.push(line.clone());
                }
                most = most.max(resume.came.len()).max(resume.owed.len());
            }
        }
        (shown, most)
    }

    #[test]
    fn a_journal_goes_on_after_its_mark_and_takes_no_mark_twice() {
        let mut resume = Resume::new();
        assert_eq!(resume.mark(), None);
        assert_eq!(resume.or(From::Since(EpochMs(5))), From::Since(EpochMs(5)));
        assert!(resume.is_new(&entry("a")) && resume.is_new(&entry("b")));
        assert_eq!(resume.mark(), Some(Mark::Cursor("b".into())));
        resume.opened(&From::After(Mark::Cursor("b".into())));
        assert!(!resume.is_new(&entry("b")) && !resume.is_new(&entry("a")) && resume.is_new(&entry("c")));
        for n in 0..200 {
            assert!(resume.is_new(&entry(&format!("{n}"))));
        }
        assert_eq!(resume.cursors.len(), CURSORS);
    }

    #[test]
    fn a_log_that_is_opened_at_another_place_begins_anew() {
        let mut resume = Resume::new();
        assert!(resume.is_new(&line(5, "a")));
        resume.opened(&From::Tail(10));
        assert!(resume.is_new(&line(5, "a")), "it was asked for again");
    }

    #[test]
    fn a_clock_that_was_set_back_loses_nothing() {
        let hour = 3_600 * OVERTAKEN;
        let mut resume = Resume::new();
        for (at, text) in [(2 * hour, "a"), (hour, "b"), (hour + 1, "c")] {
            assert!(resume.is_new(&line(at, text)));
        }
        assert_eq!(resume.mark(), Some(Mark::At(Nanos(hour))));
        resume.opened(&resume.or(From::Tail(1)));
        assert!(!resume.is_new(&line(hour, "b")) && !resume.is_new(&line(hour + 1, "c")));
        assert!(resume.is_new(&line(hour + 2, "d")));
    }

    #[test]
    fn what_is_remembered_is_bounded_and_nothing_is_lost_for_it() {
        let many = REMEMBERED + 500;
        let same = (0..many).map(|n| line(7, &format!("{n}"))).collect::<Vec<_>>();
        let (shown, most) = followed(&same, &[many]);
        assert!(shown.len() >= many && most <= REMEMBERED + 1, "{} {most}", shown.len());
        let next: Vec<Incoming> = (0..many).map(|n| line(i64::try_from(n).unwrap(), "x")).collect();
        let (shown, most) = followed(&next, &[many, many - 7]);
        assert!(shown == next && most <= REMEMBERED + 1, "{} {most}", shown.len());
        let twice = vec![line(7, "same"); many];
        let (shown, most) = followed(&twice, &[many, many - 7]);
        assert_eq!((shown.len(), most), (many, 1));
    }

    proptest! {
        #[test]
        fn every_line_comes_once_wherever_the_link_is_lost(
            steps in proptest::collection::vec((prop_oneof![Just(0_i64), Just(0), Just(0), 1..5_i64, Just(700_000_000), Just(3 * OVERTAKEN)], "[ab]{0,1}"), 0..60),
            cuts in proptest::collection::vec(0_usize..60, 0..5),
        ) {
            let mut at = 0;
            let log: Vec<Incoming> = steps.iter().map(|(step, text)| { at += step; line(at, text) }).collect();
            prop_assert_eq!(followed(&log, &cuts).0, log);
        }

        #[test]
        fn two_streams_that_overtake_each_other_lose_and_repeat_nothing(
            steps in proptest::collection::vec((0..400_000_000_i64, -200_000_000..1_i64, "[ab]"), 1..60),
            cuts in proptest::collection::vec(0_usize..60, 0..5),
        ) {
            // what is behind is behind by less than the window, but never older than the first line
            let mut at = 0;
            let log: Vec<Incoming> = steps.iter().map(|(step, back, text)| { at += step; line((at + back).max(0), text) }).collect();
            let mut first = vec![line(0, "first")];
            first.extend(log);
            prop_assert_eq!(followed(&first, &cuts).0, first);
        }
    }
}
