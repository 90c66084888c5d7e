//! How fast something grows, over the last minute: by sizes that were seen, never by a percentage.
use crate::core::units::{Bytes, EpochMs};
use std::collections::VecDeque;

/// The time over which the speed is told, in milliseconds.
const SPAN_MS: i64 = 60_000;
/// Less than this tells nothing.
const LEAST_MS: i64 = 5_000;

/// The sizes of the last minute, by when they were seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Window {
    seen: VecDeque<(EpochMs, Bytes)>,
}

impl Window {
    /// A size was seen. Something that shrank is another thing, and so is a clock that was set back: it begins anew.
    pub(super) fn saw(&mut self, at: EpochMs, bytes: Bytes) {
        if self.seen.back().is_some_and(|(t, b)| bytes < *b || at < *t) {
            self.seen.clear();
        }
        if self.seen.back().is_some_and(|(t, _)| *t == at) {
            self.seen.pop_back();
        }
        self.seen.push_back((at, bytes));
        // the last one from before the span tells what it began with
        while self.seen.get(1).is_some_and(|(t, _)| at.since(*t) >= SPAN_MS) {
            self.seen.pop_front();
        }
    }

    /// Bytes a second over the last minute until `now`; nothing if less than a few seconds are known.
    pub(super) fn rate(&self, now: EpochMs) -> Option<Bytes> {
        let from = now.plus_ms(-SPAN_MS);
        let before = self.seen.iter().rev().find(|(t, _)| t.since(from) <= 0);
        let first = before.map(|(_, b)| (from, *b)).or_else(|| self.seen.front().copied())?;
        let last = self.seen.back()?;
        let span = now.since(first.0);
        if span < LEAST_MS || now.since(last.0) < 0 {
            return None;
        }
        let grown = u128::from(last.1.0.saturating_sub(first.1.0));
        let rate = grown * 1000 / u128::try_from(span).ok()?;
        Some(Bytes(u64::try_from(rate).unwrap_or(u64::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn window(seen: &[(i64, u64)]) -> Window {
        let mut w = Window::default();
        for (s, bytes) in seen {
            w.saw(EpochMs(s * 1000), Bytes(*bytes));
        }
        w
    }

    #[test]
    fn the_speed_is_that_of_the_last_minute() {
        let w = window(&[(0, 0), (10, 100), (20, 200)]);
        assert_eq!(w.rate(EpochMs(20_000)), Some(Bytes(10)));
        // what does not grow any more gets slower by itself, and stands still after a minute
        assert_eq!(w.rate(EpochMs(40_000)), Some(Bytes(5)));
        assert_eq!(w.rate(EpochMs(80_000)), Some(Bytes(0)));
        assert_eq!(window(&[(0, 0), (100, 600), (110, 1200)]).rate(EpochMs(110_000)), Some(Bytes(20)));
    }

    #[test]
    fn one_look_is_no_speed_and_what_shrank_begins_anew() {
        assert_eq!(window(&[(0, 5)]).rate(EpochMs(0)), None);
        assert_eq!(window(&[]).rate(EpochMs(0)), None);
        let w = window(&[(0, 100), (10, 50), (20, 60)]);
        assert_eq!(w.rate(EpochMs(20_000)), Some(Bytes(1)));
    }

    proptest! {
        #[test]
        fn it_never_panics_and_keeps_little(seen in proptest::collection::vec((any::<i64>(), any::<u64>()), 0..50), now in any::<i64>()) {
            let mut w = Window::default();
            for (t, b) in seen {
                w.saw(EpochMs(t), Bytes(b));
                let _any = w.rate(EpochMs(now));
            }
        }

        #[test]
        fn it_is_never_faster_than_what_was_written(steps in proptest::collection::vec((1i64..9_000, 0u64..1_000_000), 1..80)) {
            let (mut w, mut at, mut bytes) = (Window::default(), 0, 0);
            for (ms, more) in &steps {
                at += ms;
                bytes += more;
                w.saw(EpochMs(at), Bytes(bytes));
            }
            if let Some(rate) = w.rate(EpochMs(at)) {
                prop_assert!(rate.0 <= bytes / 5 + 1, "{rate:?} of {bytes}");
            }
        }
    }
}
