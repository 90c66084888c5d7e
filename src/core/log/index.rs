//! Which lines have something, found a slice at a time, so that no key ever waits for a million lines.
//!
//! It begins where somebody looks and grows in both directions: what is on the screen is right at once, and the rest
//! follows. New lines are taken in first, and what the buffer has dropped is forgotten.
use super::buffer::{Buffer, Line};
use std::collections::VecDeque;

/// Lines that are looked at in one direction before the other has its turn.
const TURN: u64 = 1024;
/// What a line costs beside its text.
const LINE: usize = 24;

/// The lines that have something, as far as they were looked at.
#[derive(Clone, Debug)]
pub struct Index {
    /// Everything from this one ...
    from: u64,
    /// ... to before this one was looked at.
    to: u64,
    found: VecDeque<u64>,
}

/// What may still be done before the next key has its turn.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    left: usize,
}

impl Budget {
    /// So many bytes of text to be looked at, by one simple pattern.
    pub fn bytes(bytes: usize) -> Budget {
        Budget { left: bytes }
    }

    /// Whether nothing is left.
    pub fn is_spent(&self) -> bool {
        self.left == 0
    }

    fn spend(&mut self, cost: usize) {
        self.left = self.left.saturating_sub(cost);
    }
}

impl Index {
    /// Nothing looked at yet, and this line first.
    pub fn around(line: u64) -> Index {
        Index { from: line, to: line, found: VecDeque::new() }
    }

    /// Looks on until all is looked at or the budget is spent. A line costs its text, so many times.
    pub fn advance(
        &mut self,
        buffer: &Buffer,
        budget: &mut Budget,
        price: usize,
        has: impl Fn(&Line<'_>) -> bool,
    ) {
        self.forget(buffer);
        let cost = |line: &Line<'_>| line.text().map_or(0, str::len) * price + LINE;
        while !budget.is_spent() && !self.is_whole(buffer) {
            let end = buffer.end().min(self.to.saturating_add(TURN));
            for line in buffer.range(self.to, end) {
                if budget.is_spent() {
                    return;
                }
                budget.spend(cost(&line));
                if has(&line) {
                    self.found.push_back(line.number);
                }
                self.to = line.number + 1;
            }
            let begin = buffer.first().max(self.from.saturating_sub(TURN));
            for line in buffer.range(begin, self.from).rev() {
                if budget.is_spent() {
                    return;
                }
                budget.spend(cost(&line));
                if has(&line) {
                    self.found.push_front(line.number);
                }
                self.from = line.number;
            }
        }
    }

    /// Forgets what was dropped.
    fn forget(&mut self, buffer: &Buffer) {
        let first = buffer.first();
        self.from = self.from.max(first);
        self.to = self.to.max(first);
        while self.found.front().is_some_and(|n| *n < first) {
            self.found.pop_front();
        }
    }

    /// Whether every line was looked at.
    pub fn is_whole(&self, buffer: &Buffer) -> bool {
        self.from <= buffer.first() && self.to >= buffer.end()
    }

    /// How many lines were looked at.
    pub fn looked_at(&self) -> u64 {
        self.to - self.from
    }

    /// The lines that have it, in order.
    pub fn found(&self) -> &VecDeque<u64> {
        &self.found
    }

    /// How many of them stand before a line.
    pub fn before(&self, line: u64) -> usize {
        self.found.partition_point(|n| *n < line)
    }

    /// The next line that has it, from this one on; `Err` if not all lines in between were looked at.
    pub fn at_or_after(&self, buffer: &Buffer, line: u64) -> Result<Option<u64>, Unknown> {
        if line.max(buffer.first()) < self.from {
            return Err(Unknown);
        }
        match self.found.get(self.before(line)) {
            Some(found) => Ok(Some(*found)),
            None if self.to >= buffer.end() => Ok(None),
            None => Err(Unknown),
        }
    }

    /// The last line that has it, up to this one; `Err` if not all lines in between were looked at.
    pub fn at_or_before(&self, buffer: &Buffer, line: u64) -> Result<Option<u64>, Unknown> {
        let after = line.saturating_add(1);
        if after.min(buffer.end()) > self.to {
            return Err(Unknown);
        }
        match self.before(after).checked_sub(1).and_then(|n| self.found.get(n)) {
            Some(found) => Ok(Some(*found)),
            None if self.from <= buffer.first() => Ok(None),
            None => Err(Unknown),
        }
    }
}

/// Not looked at yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unknown;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::log::Incoming;
    use crate::core::safetext::SafeText;
    use proptest::prelude::*;

    fn push(buffer: &mut Buffer, text: &str) {
        buffer.push(&Incoming { at: None, cursor: None, text: SafeText::new(text), cut: 0 });
    }

    fn has(line: &Line<'_>) -> bool {
        line.text().is_some_and(|t| t.contains('x'))
    }

    #[test]
    fn the_lines_around_are_known_first() {
        let mut buffer = Buffer::default();
        (0..10_000).for_each(|_| push(&mut buffer, "x"));
        let mut index = Index::around(5_000);
        index.advance(&buffer, &mut Budget::bytes(1500 * (LINE + 1)), 1, has);
        assert_eq!((index.from, index.to), (5_000 - 476, 5_000 + 1024));
        assert_eq!(index.at_or_after(&buffer, 100), Err(Unknown));
        assert_eq!(index.at_or_after(&buffer, 5_001), Ok(Some(5_001)));
        assert_eq!(index.at_or_before(&buffer, 9_999), Err(Unknown));
        assert!(!index.is_whole(&buffer));
    }

    #[test]
    fn one_slice_looks_at_no_more_than_its_budget() {
        let mut buffer = Buffer::default();
        (0..1000).for_each(|_| push(&mut buffer, &"y".repeat(1000)));
        for price in [1, 4] {
            let (mut index, mut slices) = (Index::around(0), 0);
            while !index.is_whole(&buffer) {
                let before = index.looked_at();
                index.advance(&buffer, &mut Budget::bytes(100_000), price, has);
                assert!(index.looked_at() - before <= 100, "{}", index.looked_at() - before);
                slices += 1;
            }
            assert!((10 * price..=11 * price).contains(&slices), "{slices}");
        }
    }

    proptest! {
        #[test]
        fn however_it_is_sliced_it_finds_what_is_there(
            lines in proptest::collection::vec((0_usize..5000, any::<bool>()), 1..300),
            start in 0_u64..300,
            slice in 1_usize..50_000,
            probe in 0_u64..300,
        ) {
            let mut buffer = Buffer::new(700 << 10);
            let mut index = Index::around(start.min(lines.len() as u64 / 2));
            for (n, (length, x)) in lines.iter().enumerate() {
                push(&mut buffer, &format!("{}{}", "y".repeat(*length), if *x { "x" } else { "" }));
                if n > lines.len() / 2 {
                    index.advance(&buffer, &mut Budget::bytes(slice), 1, has);
                    // what is known is right, also in between
                    let truth = |n: &u64| buffer.line(*n).is_some_and(|l| has(&l));
                    if let Ok(found) = index.at_or_after(&buffer, probe) {
                        prop_assert_eq!(found, (probe.max(buffer.first())..buffer.end()).find(truth));
                    }
                    if let Ok(found) = index.at_or_before(&buffer, probe) {
                        prop_assert_eq!(found, (buffer.first()..buffer.end().min(probe + 1)).rev().find(truth));
                    }
                }
            }
            while !index.is_whole(&buffer) {
                index.advance(&buffer, &mut Budget::bytes(slice), 1, has);
            }
            index.forget(&buffer);
            let truth: Vec<u64> = buffer.range(0, u64::MAX).filter(has).map(|l| l.number).collect();
            prop_assert_eq!(index.found().iter().copied().collect::<Vec<_>>(), truth);
        }
    }
}
