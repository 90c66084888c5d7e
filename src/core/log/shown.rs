//! The lines that are shown: all of the buffer, or those that a filter let through.
use super::buffer::{Buffer, Line};
use super::index::Index;
use std::cmp::Ordering;

/// The lines that are shown.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    buffer: &'a Buffer,
    /// Nothing if all are.
    index: Option<&'a Index>,
}

impl<'a> Shown<'a> {
    /// All lines, or those of an index.
    pub fn new(buffer: &'a Buffer, index: Option<&'a Index>) -> Shown<'a> {
        Shown { buffer, index }
    }

    /// How many.
    pub fn len(&self) -> u64 {
        self.since(self.buffer.first())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many from this line on.
    pub fn since(&self, line: u64) -> u64 {
        match self.index {
            None => self.buffer.end().saturating_sub(line.max(self.buffer.first())),
            Some(index) => (index.found().len() - index.before(line.max(self.buffer.first()))) as u64,
        }
    }

    /// The first one from this line on.
    pub fn at_or_after(&self, line: u64) -> Option<u64> {
        let line = line.max(self.buffer.first());
        match self.index {
            None => Some(line).filter(|n| *n < self.buffer.end()),
            Some(index) => index.found().get(index.before(line)).copied(),
        }
    }

    /// The last one up to this line.
    pub fn at_or_before(&self, line: u64) -> Option<u64> {
        let first = self.buffer.first();
        match self.index {
            None => self.buffer.end().checked_sub(1).map(|last| last.min(line)).filter(|n| *n >= first),
            Some(index) => {
                let n = index.before(line.saturating_add(1)).checked_sub(1)?;
                index.found().get(n).copied().filter(|n| *n >= first)
            }
        }
    }

    /// The last one.
    pub fn last(&self) -> Option<u64> {
        self.at_or_before(u64::MAX - 1)
    }

    /// The one that is so many after this one; fewer if there are not so many.
    pub fn step(&self, line: u64, by: i64) -> Option<u64> {
        let many = by.unsigned_abs();
        let near = self.nearest(line)?;
        match self.index {
            None => {
                let to = if by < 0 { near.saturating_sub(many) } else { near.saturating_add(many) };
                self.nearest(to)
            }
            Some(index) => {
                let at = index.before(near);
                let many = usize::try_from(many).unwrap_or(usize::MAX);
                let to = match by.cmp(&0) {
                    Ordering::Less => at.saturating_sub(many).max(index.before(self.buffer.first())),
                    _ => at.saturating_add(many).min(index.found().len().saturating_sub(1)),
                };
                index.found().get(to).copied()
            }
        }
    }

    /// This line, or the next one that is shown, or else the last one.
    pub fn nearest(&self, line: u64) -> Option<u64> {
        self.at_or_after(line).or_else(|| self.last())
    }

    /// The lines from this one on.
    pub fn from(&self, line: u64) -> impl Iterator<Item = Line<'a>> + use<'a> {
        let shown = *self;
        let mut next = shown.at_or_after(line);
        std::iter::from_fn(move || {
            let number = next?;
            next = shown.at_or_after(number + 1);
            shown.buffer.line(number)
        })
    }

    /// A line by its number.
    pub fn line(&self, number: u64) -> Option<Line<'a>> {
        self.buffer.line(number)
    }
}
