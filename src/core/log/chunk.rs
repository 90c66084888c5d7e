//! A piece of the buffer: the texts of some lines one after the other, and sixteen bytes for each line.
use super::Nanos;
use super::buffer::{Kind, Line};
use super::level::Level;
use super::remark::Remark;

/// Bytes of text in a piece. What is dropped is dropped in such pieces.
pub(super) const TEXT: usize = 256 * 1024;
/// Lines in a piece.
pub(super) const LINES: usize = 8192;
/// No time.
const NEVER: i64 = i64::MIN;

/// What is kept of a line beside its text.
#[derive(Clone, Copy, Debug)]
struct Entry {
    at: i64,
    /// Where its text begins; it ends where the next one begins.
    from: u32,
    level: Option<Level>,
    remark: bool,
}

/// Some lines, with the number of the first of them.
#[derive(Clone, Debug)]
pub(super) struct Chunk {
    first: u64,
    text: String,
    entries: Vec<Entry>,
    /// What stands between lines, by its place in `entries`; in order.
    remarks: Vec<(u32, Remark)>,
}

impl Chunk {
    pub(super) fn new(first: u64) -> Chunk {
        Chunk { first, text: String::new(), entries: Vec::new(), remarks: Vec::new() }
    }

    /// Empty again, its memory kept.
    pub(super) fn again(mut self, first: u64) -> Chunk {
        self.text.clear();
        self.entries.clear();
        self.remarks = Vec::new();
        self.first = first;
        self
    }

    pub(super) fn first(&self) -> u64 {
        self.first
    }

    /// The number after the last line.
    pub(super) fn end(&self) -> u64 {
        self.first + self.len()
    }

    pub(super) fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Whether a line of so many bytes still finds room.
    pub(super) fn has_room(&self, bytes: usize) -> bool {
        self.entries.is_empty() || (self.entries.len() < LINES && self.text.len() + bytes <= TEXT)
    }

    /// Memory that it takes, whether in use or not.
    pub(super) fn bytes(&self) -> usize {
        let entries = self.entries.capacity() * size_of::<Entry>();
        let remarks = self.remarks.capacity() * size_of::<(u32, Remark)>();
        size_of::<Chunk>() + self.text.capacity() + entries + remarks
    }

    /// Nothing more comes into it.
    pub(super) fn close(&mut self) {
        self.text.shrink_to_fit();
        self.entries.shrink_to_fit();
    }

    pub(super) fn push(&mut self, at: Option<Nanos>, level: Option<Level>, parts: [&str; 2]) {
        // a piece is far smaller than what this counts to
        let from = u32::try_from(self.text.len()).unwrap_or(u32::MAX);
        self.entries.push(Entry { at: at.map_or(NEVER, |at| at.0), from, level, remark: false });
        parts.iter().for_each(|part| self.text.push_str(part));
    }

    pub(super) fn remark(&mut self, at: Option<Nanos>, remark: Remark) {
        let place = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
        self.push(at, None, ["", ""]);
        if let Some(entry) = self.entries.last_mut() {
            entry.remark = true;
            self.remarks.push((place, remark));
        }
    }

    pub(super) fn line(&self, number: u64) -> Option<Line<'_>> {
        let place = usize::try_from(number.checked_sub(self.first)?).ok()?;
        let entry = self.entries.get(place)?;
        Some(self.read(place, entry))
    }

    /// The lines with these numbers.
    pub(super) fn range(&self, from: u64, to: u64) -> impl DoubleEndedIterator<Item = Line<'_>> {
        let place = |number: u64| usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        let end = place(to).min(self.entries.len());
        let begin = place(from).min(end);
        let entries = self.entries.get(begin..end).unwrap_or_default();
        entries.iter().enumerate().map(move |(n, entry)| self.read(begin + n, entry))
    }

    fn read(&self, place: usize, entry: &Entry) -> Line<'_> {
        let end = self.entries.get(place + 1).map_or(self.text.len(), |next| next.from as usize);
        let text = self.text.get(entry.from as usize..end).unwrap_or_default();
        let kind = match entry.remark {
            false => Kind::Log { text, level: entry.level },
            true => {
                let found = self.remarks.binary_search_by_key(&place, |(at, _)| *at as usize).ok();
                match found.and_then(|n| self.remarks.get(n)) {
                    Some((_, remark)) => Kind::Remark(remark),
                    None => Kind::Log { text, level: None },
                }
            }
        };
        let at = Some(entry.at).filter(|at| *at != NEVER).map(Nanos);
        Line { number: self.first + place as u64, at, kind }
    }
}
