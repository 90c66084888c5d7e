//! How far a log was followed: where to go on, which of the lines that come then were there already, and whether the
//! log still has the place where it was left.
use crate::core::log::note::{Hole, Note, Piece};
use crate::core::log::resume::Resume;
use crate::core::log::{From, Incoming, Mark, Nanos};
use crate::core::units::EpochMs;

/// How far a log was followed.
pub(super) struct Place {
    /// Where it began.
    start: From,
    /// What came since.
    resume: Resume,
    /// When the last line was written.
    last: Option<Nanos>,
    /// What is to come again first, once it is opened anew.
    left: Option<Left>,
}

/// Where a log was left.
struct Left {
    at: Nanos,
    /// Another container has the name: its log does not go back so far, and that was said.
    other: bool,
}

impl Place {
    /// Before the first line.
    pub(super) fn new(from: &From) -> Place {
        let left = match from {
            From::After(Mark::At(at)) => Some(Left { at: *at, other: false }),
            _ => None,
        };
        let mut place = Place { start: from.clone(), resume: Resume::new(), last: None, left };
        place.resume.opened(from);
        place
    }

    /// Where to go on.
    pub(super) fn from(&self) -> From {
        self.resume.or(self.start.clone())
    }

    /// It is opened anew.
    pub(super) fn again(&mut self) {
        let from = self.from();
        self.resume.opened(&from);
        if let (From::After(Mark::At(_)), Some(at)) = (from, self.last) {
            let other = self.left.as_ref().is_some_and(|left| left.other);
            self.left = Some(Left { at, other });
        }
    }

    /// A word came in.
    pub(super) fn noted(&mut self, note: &Note) {
        let (Note::Restarted { at: run } | Note::Recreated { at: run }) = note else { return };
        match (self.last, run, &self.start) {
            (Some(at), ..) => {
                let other = matches!(note, Note::Recreated { .. });
                self.left = other.then_some(Left { at, other }).or(self.left.take());
            }
            // there was no line to go on from, and the last so many might be too few by now
            (None, Some(run), From::Tail(_)) => {
                self.start = From::Since(EpochMs(run.0.div_euclid(1_000_000)));
            }
            _ => {}
        }
    }

    /// A line came in: it is added unless it was there already.
    pub(super) fn take(&mut self, line: Incoming, to: &mut Vec<Piece>) {
        if let Some(at) = line.at {
            // docker sends what is not older than the mark: the line that was left comes first, or is gone
            if self.left.take().is_some_and(|left| at > left.at && !left.other) {
                to.push(Piece::Note(Note::Gap { why: Hole::Rotated }));
            }
        }
        if self.resume.is_new(&line) {
            self.last = line.at.or(self.last);
            to.push(Piece::Line(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::safetext::SafeText;

    fn line(at: i64, text: &str) -> Incoming {
        Incoming { at: Some(Nanos(at)), cursor: None, text: SafeText::new(text), cut: 0 }
    }

    /// What is shown of these lines; `!` is a gap.
    fn shown(place: &mut Place, lines: &[(i64, &str)]) -> String {
        let mut to = Vec::new();
        for (at, text) in lines {
            place.take(line(*at, text), &mut to);
        }
        let word = |piece: &Piece| match piece {
            Piece::Line(line) => line.text.to_string(),
            Piece::Note(_) => "!".to_owned(),
        };
        to.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    fn followed(lines: &[(i64, &str)]) -> Place {
        let mut place = Place::new(&From::Tail(9));
        shown(&mut place, lines);
        place.again();
        place
    }

    #[test]
    fn what_comes_again_is_dropped_as_often_as_it_was_there() {
        let mut place = followed(&[(1, "a"), (2, "b"), (2, "b"), (2, "c")]);
        assert_eq!(place.from(), From::After(Mark::At(Nanos(1))));
        assert_eq!(
            shown(&mut place, &[(1, "a"), (2, "b"), (2, "b"), (2, "c"), (2, "b"), (2, "d"), (3, "c")]),
            "b d c"
        );
        // and all of that moment the next time
        place.again();
        assert_eq!(shown(&mut place, &[(3, "c"), (4, "c")]), "c");
    }

    #[test]
    fn a_log_that_no_longer_has_the_last_line_has_a_gap() {
        let mut place = followed(&[(5, "a")]);
        assert_eq!(shown(&mut place, &[(7, "b"), (8, "c")]), "! b c");
        let mut place = Place::new(&From::After(Mark::At(Nanos(5))));
        assert_eq!(shown(&mut place, &[(7, "b")]), "! b");
        let mut place = Place::new(&From::After(Mark::At(Nanos(5))));
        assert_eq!(shown(&mut place, &[(5, "a"), (7, "b")]), "a b", "who asked drops what it had");
        let mut place = followed(&[]);
        assert_eq!(shown(&mut place, &[(7, "b")]), "b");
        // the new container has a log of its own, and that was said
        let mut place = followed(&[(5, "a")]);
        place.noted(&Note::Recreated { at: None });
        place.again();
        assert_eq!(shown(&mut place, &[(7, "b")]), "b");
    }

    #[test]
    fn a_container_that_had_said_nothing_is_followed_from_its_new_start() {
        let mut place = Place::new(&From::Tail(1));
        place.noted(&Note::Restarted { at: Some(Nanos(7_000_500_000)) });
        place.again();
        assert_eq!(place.from(), From::Since(EpochMs(7000)));
        assert_eq!(shown(&mut place, &[(7_001_000_000, "a"), (7_002_000_000, "b")]), "a b");
    }
}
