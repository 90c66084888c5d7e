//! Bytes that came in, kept within bounds: whole, or line by line.
use super::host::Captured;

impl Captured {
    /// Takes more bytes; what is over `cap` is counted and dropped.
    pub fn take(&mut self, bytes: &[u8], cap: usize) {
        let room = cap.saturating_sub(self.bytes.len()).min(bytes.len());
        let (kept, over) = bytes.split_at_checked(room).unwrap_or((bytes, &[]));
        self.bytes.extend_from_slice(kept);
        self.dropped = self.dropped.saturating_add(u64::try_from(over.len()).unwrap_or(u64::MAX));
    }
}

/// Cuts bytes into lines and keeps no more than `cap` bytes of each.
pub(super) struct Splitter {
    cap: usize,
    line: Captured,
    /// The current line was handed on before its line break came.
    early: bool,
}

impl Splitter {
    pub(super) fn new(cap: usize) -> Splitter {
        Splitter { cap, line: Captured::default(), early: false }
    }

    /// Takes more bytes; `each` gets every line that is complete, without its line break.
    pub(super) fn take(&mut self, bytes: &[u8], each: &mut dyn FnMut(Captured)) {
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|b| *b == b'\n') {
            let (line, after) = rest.split_at_checked(at).unwrap_or((rest, &[]));
            self.line.take(line, self.cap);
            if !std::mem::take(&mut self.early) || self.holds_some() {
                each(std::mem::take(&mut self.line));
            }
            rest = after.get(1..).unwrap_or_default();
        }
        if !rest.is_empty() {
            self.line.take(rest, self.cap);
        }
    }

    /// Says that the current line is over although its line break is not here yet (it may be held back as the
    /// start of an end mark). An empty line stays undecided: there may be none.
    pub(super) fn line_is_over(&mut self, each: &mut dyn FnMut(Captured)) {
        if self.holds_some() {
            each(std::mem::take(&mut self.line));
            self.early = true;
        }
    }

    /// Says that nothing more comes: what is left is a line.
    pub(super) fn finish(&mut self, each: &mut dyn FnMut(Captured)) {
        if self.holds_some() {
            each(std::mem::take(&mut self.line));
        }
    }

    fn holds_some(&self) -> bool {
        !self.line.bytes.is_empty() || self.line.dropped > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(splitter: &mut Splitter, bytes: &[u8]) -> Vec<(String, u64)> {
        let mut got = Vec::new();
        splitter.take(bytes, &mut |l| {
            got.push((String::from_utf8_lossy(&l.bytes).into(), l.dropped));
        });
        got
    }

    fn of(expected: &[(&str, u64)]) -> Vec<(String, u64)> {
        expected.iter().map(|(l, n)| ((*l).to_owned(), *n)).collect()
    }

    #[test]
    fn what_is_over_the_cap_is_counted_and_dropped() {
        let mut all = Captured::default();
        all.take(b"abc", 4);
        all.take(b"defg", 4);
        all.take(b"h", 4);
        assert_eq!((all.bytes.as_slice(), all.dropped), (&b"abcd"[..], 4));
    }

    #[test]
    fn a_line_without_end_takes_no_memory() {
        let mut s = Splitter::new(3);
        for _ in 0..1000 {
            assert!(lines(&mut s, &[b'x'; 1000]).is_empty());
        }
        assert_eq!(lines(&mut s, b"\nab\n\nc"), of(&[("xxx", 999_997), ("ab", 0), ("", 0)]));
        assert!(s.line.bytes.capacity() < 100);
    }

    #[test]
    fn a_line_is_handed_on_once_whenever_its_break_comes() {
        let mut s = Splitter::new(100);
        let mut early = Vec::new();
        assert!(lines(&mut s, b"one").is_empty());
        s.line_is_over(&mut |l| early.push(l.bytes));
        assert_eq!(early, [b"one"]);
        // its break, a blank line, and the next line
        assert_eq!(lines(&mut s, b"\n\ntwo\n"), of(&[("", 0), ("two", 0)]));
        s.line_is_over(&mut |_| panic!("an empty line is not decided yet"));
        assert_eq!(lines(&mut s, b"\n"), of(&[("", 0)]));
    }
}
