//! The lines that are kept: the newest ones, within a bound in bytes. Every line has a number that it keeps for ever,
//! so that what was found in it, or where somebody reads, is still right when the oldest lines are dropped.
use super::chunk::Chunk;
use super::level::{self, Level};
use super::remark::Remark;
use super::{Incoming, Nanos};
use std::collections::VecDeque;

/// What is kept of one log, text and index together.
pub const CAP: usize = 64 << 20;

/// The lines of a log.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// Never empty.
    chunks: VecDeque<Chunk>,
    /// Memory of all of them but the last.
    closed: usize,
    cap: usize,
    dropped: u64,
}

/// A line, or what stands between lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its number.
    pub number: u64,
    /// When it was written, by the server's clock.
    pub at: Option<Nanos>,
    /// What it is.
    pub kind: Kind<'a>,
}

/// What stands in a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A line of the log.
    Log {
        /// What it says.
        text: &'a str,
        /// How bad it says that it is.
        level: Option<Level>,
    },
    /// The console's own word.
    Remark(&'a Remark),
}

impl<'a> Line<'a> {
    /// What it says; nothing if it is a word of the console.
    pub fn text(&self) -> Option<&'a str> {
        match self.kind {
            Kind::Log { text, .. } => Some(text),
            Kind::Remark(_) => None,
        }
    }

    /// How bad it says that it is.
    pub fn level(&self) -> Option<Level> {
        match self.kind {
            Kind::Log { level, .. } => level,
            Kind::Remark(_) => None,
        }
    }
}

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer::new(CAP)
    }
}

impl Buffer {
    /// Without a line; keeps at most so many bytes, and at least the last piece.
    pub fn new(cap: usize) -> Buffer {
        Buffer { chunks: VecDeque::from([Chunk::new(0)]), closed: 0, cap, dropped: 0 }
    }

    /// Takes a line in.
    pub fn push(&mut self, line: &Incoming) {
        let text = line.text.as_str();
        let level = level::of(text);
        let note = match line.cut {
            0 => String::new(),
            // as a text that is too long says it
            cut => format!("…(+{cut} bytes)"),
        };
        if let Some(chunk) = self.room(text.len() + note.len()) {
            chunk.push(line.at, level, [text, &note]);
        }
    }

    /// Says something between the lines.
    pub fn remark(&mut self, at: Option<Nanos>, remark: Remark) {
        if let Some(chunk) = self.room(0) {
            chunk.remark(at, remark);
        }
    }

    /// The number of the oldest line that is kept; [`Buffer::end`] if there is none.
    pub fn first(&self) -> u64 {
        self.chunks.front().map_or(0, Chunk::first)
    }

    /// The number that the next line gets.
    pub fn end(&self) -> u64 {
        self.chunks.back().map_or(0, Chunk::end)
    }

    /// How many lines are kept.
    pub fn len(&self) -> u64 {
        self.end() - self.first()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many lines were dropped because newer ones needed the room.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Memory that the lines take.
    pub fn bytes(&self) -> usize {
        self.closed + self.chunks.back().map_or(0, Chunk::bytes)
    }

    /// A line by its number.
    pub fn line(&self, number: u64) -> Option<Line<'_>> {
        self.chunks.get(self.place(number)?)?.line(number)
    }

    /// The lines from one number to before another, from either end.
    pub fn range(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Line<'_>> {
        let begin = self.place(from.max(self.first())).unwrap_or(self.chunks.len());
        let end = self.chunks.partition_point(|c| c.first() < to).max(begin);
        self.chunks.range(begin..end).flat_map(move |c| c.range(from, to))
    }

    /// The piece with a line.
    fn place(&self, number: u64) -> Option<usize> {
        self.chunks.partition_point(|c| c.first() <= number).checked_sub(1)
    }

    /// The last piece, with room for so many bytes.
    fn room(&mut self, bytes: usize) -> Option<&mut Chunk> {
        let end = self.end();
        if let Some(last) = self.chunks.back_mut()
            && !last.has_room(bytes)
        {
            last.close();
            self.closed += last.bytes();
            let spare = self.drop_oldest();
            self.chunks.push_back(spare.map_or_else(|| Chunk::new(end), |c| c.again(end)));
        }
        self.chunks.back_mut()
    }

    /// Drops pieces until a new one fits; the last of them may be used again.
    fn drop_oldest(&mut self) -> Option<Chunk> {
        let mut spare = None;
        // a new piece grows to as much as this while it is written
        let room = self.cap.saturating_sub(2 * super::chunk::TEXT);
        while self.closed > room && self.chunks.len() > 1 {
            let oldest = self.chunks.pop_front()?;
            self.closed = self.closed.saturating_sub(oldest.bytes());
            self.dropped += oldest.len();
            spare = Some(oldest);
        }
        spare
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::safetext::SafeText;
    use crate::text;
    use proptest::prelude::*;

    fn incoming(text: &str, at: Option<i64>, cut: u64) -> Incoming {
        Incoming { at: at.map(Nanos), cursor: None, text: SafeText::new(text), cut }
    }

    #[test]
    fn a_line_comes_out_as_it_went_in() {
        let mut buffer = Buffer::default();
        assert!(buffer.is_empty() && buffer.line(0).is_none());
        buffer.push(&incoming("ERROR:x:备份", Some(-5), 0));
        buffer.remark(Some(Nanos(3)), Remark::LinkLost { why: text!("断", "cut") });
        buffer.push(&incoming("", None, 12));
        let line = buffer.line(0).unwrap();
        assert_eq!(
            (line.at, line.text(), line.level()),
            (Some(Nanos(-5)), Some("ERROR:x:备份"), Some(Level::Error))
        );
        let line = buffer.line(1).unwrap();
        assert_eq!((line.text(), line.level(), line.at), (None, None, Some(Nanos(3))));
        assert!(matches!(line.kind, Kind::Remark(Remark::LinkLost { .. })));
        let line = buffer.line(2).unwrap();
        assert_eq!((line.at, line.text()), (None, Some("…(+12 bytes)")));
        assert_eq!((buffer.len(), buffer.line(3)), (3, None));
    }

    #[test]
    fn a_line_takes_sixteen_bytes_beside_its_text() {
        let mut buffer = Buffer::default();
        for _ in 0..100_000 {
            buffer.push(&incoming("x", None, 0));
        }
        assert!(buffer.bytes() < 100_000 * 19, "{}", buffer.bytes());
    }

    #[test]
    fn the_oldest_lines_go_and_every_number_stays() {
        let cap = 2 << 20;
        let mut buffer = Buffer::new(cap);
        let text = "y".repeat(200);
        for n in 0..60_000_u64 {
            buffer.push(&incoming(&format!("{n} {text}"), None, 0));
            if n % 1000 == 0 {
                buffer.remark(None, Remark::GoesOn);
            }
            assert!(buffer.bytes() <= cap, "{}", buffer.bytes());
        }
        assert_eq!(buffer.end(), 60_060);
        assert_eq!(buffer.dropped(), buffer.first());
        assert!(buffer.len() > 5_000, "far too much was dropped: {}", buffer.len());
        assert_eq!(buffer.line(buffer.first() - 1), None);
        for line in buffer.range(0, u64::MAX).filter(|l| l.text().is_some()) {
            // a word of the console after every thousandth line
            let said: u64 = line.text().unwrap().split(' ').next().unwrap().parse().unwrap();
            assert_eq!(line.number, said + said.div_ceil(1000));
        }
    }

    proptest! {
        #[test]
        fn any_range_is_the_lines_of_it(lengths in proptest::collection::vec(0_usize..9000, 0..120), from in 0_u64..130, to in 0_u64..130) {
            let mut buffer = Buffer::new(300 << 10);
            for (n, length) in lengths.iter().enumerate() {
                buffer.push(&incoming(&"z".repeat((*length).min(8000)), Some(i64::try_from(n).unwrap()), 0));
            }
            let numbers: Vec<u64> = buffer.range(from, to).map(|l| l.number).collect();
            let expected: Vec<u64> = (from.max(buffer.first())..to.min(buffer.end())).collect();
            prop_assert_eq!(&numbers, &expected);
            let mut back: Vec<u64> = buffer.range(from, to).rev().map(|l| l.number).collect();
            back.reverse();
            prop_assert_eq!(back, numbers);
            for n in expected {
                let line = buffer.line(n).unwrap();
                prop_assert_eq!(line.at, Some(Nanos(i64::try_from(n).unwrap())));
                prop_assert_eq!(line.text().unwrap().len(), lengths[usize::try_from(n).unwrap()].min(8000));
            }
        }
    }
}
