//! The text of a file and the places in it.
use super::diagnostic::Place;
use super::mask;
use crate::core::safetext::SafeText;
use std::ops::Range;
use unicode_width::UnicodeWidthStr;

/// Columns of a shown line; a longer one is cut around its mark.
const MAX_WIDTH: usize = 140;
/// Columns kept before the mark of a line that is cut.
const BEFORE_MARK: usize = 60;

/// A text with the starts of its lines.
pub(super) struct Source<'s> {
    text: &'s str,
    starts: Vec<usize>,
}

impl<'s> Source<'s> {
    pub(super) fn new(text: &'s str) -> Source<'s> {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n');
        let starts = std::iter::once(0).chain(breaks.map(|(at, _)| at + 1)).collect();
        Source { text, starts }
    }

    pub(super) fn text(&self) -> &'s str {
        self.text
    }

    /// The line that a byte is on, as it stands in the file, and the byte's offset in it. Not to be shown.
    pub(super) fn line(&self, at: usize) -> (&'s str, usize) {
        let at = floor(self.text, at);
        let index = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.starts.get(index).copied().unwrap_or_default();
        let rest = self.text.get(start..).unwrap_or_default();
        (rest.split('\n').next().unwrap_or_default(), at - start)
    }

    /// The place of a span of bytes: its first line, masked and safe to show, and what of it to mark.
    pub(super) fn place(&self, span: Range<usize>) -> Place {
        let at = floor(self.text, span.start);
        let index = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let start = self.starts.get(index).copied().unwrap_or_default();
        let (line, _) = self.line(at);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let from = floor(line, at.saturating_sub(start));
        let to = floor(line, span.end.saturating_sub(start)).max(from);
        let column = line.get(..from).unwrap_or_default().chars().count() + 1;
        let (source_line, mark) = shown(line, from..to);
        Place { line: index + 1, column, source_line, mark }
    }
}

/// The nearest start of a character at or before a byte offset.
fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The line as a person may see it, and the columns to mark in it.
fn shown(line: &str, span: Range<usize>) -> (String, Range<usize>) {
    let masked = mask::mask(line);
    let kept = masked.kept.len();
    let part = |range: Range<usize>| {
        let text = masked.kept.get(range.start.min(kept)..range.end.min(kept));
        SafeText::new(text.unwrap_or_default()).as_str().to_owned()
    };
    let before = part(0..span.start);
    let mut marked = part(span.start..span.end);
    if masked.hidden && span.end > kept {
        marked.push_str(mask::MASK);
    }
    let mut after = part(span.end..kept);
    if masked.hidden && span.end <= kept {
        after.push_str(mask::MASK);
    }
    let before = tail(&before, BEFORE_MARK);
    let from = before.width();
    let to = from + marked.width();
    let whole = head(&format!("{before}{marked}{after}"), MAX_WIDTH);
    let end = whole.width();
    (whole, from.min(end)..to.min(end))
}

/// The text, or its last columns after `...`.
fn tail(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = text;
    while kept.width() > columns.saturating_sub(3) {
        let mut chars = kept.chars();
        chars.next();
        kept = chars.as_str();
    }
    format!("...{kept}")
}

/// The text, or its first columns and `...`.
fn head(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut width = 0;
    for c in text.chars() {
        width += unicode_width::UnicodeWidthChar::width(c).unwrap_or_default();
        if width + 3 > columns {
            break;
        }
        out.push(c);
    }
    out + "..."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_counts_characters_and_marks_columns() {
        let text = "schema = 1\nname = \"正式\" port = 7\n";
        let source = Source::new(text);
        let at = text.find('7').unwrap();
        let place = source.place(at..at + 1);
        assert_eq!((place.line, place.column), (2, 20));
        assert_eq!(place.source_line, "name = \"正式\" port = 7");
        // two characters of two columns each stand before it
        assert_eq!(place.mark, 21..22);
    }

    #[test]
    fn the_end_of_the_file_is_a_place_too() {
        let place = Source::new("a\nb").place(3..9);
        assert_eq!((place.line, place.column), (2, 2));
        assert_eq!(Source::new("").place(0..0).line, 1);
    }

    #[test]
    fn a_long_line_is_cut_around_its_mark() {
        let text = format!("host = \"{}!{}\"", "x".repeat(400), "y".repeat(400));
        let at = text.find('!').unwrap();
        let place = Source::new(&text).place(at..at + 1);
        assert!(place.source_line.width() <= MAX_WIDTH, "{}", place.source_line);
        let marked: String = place.source_line.chars().skip(place.mark.start).take(1).collect();
        assert_eq!(marked, "!");
        assert_eq!(place.column, 409);
    }

    #[test]
    fn a_terminal_command_in_a_line_is_not_obeyed() {
        let text = "name = \"a\u{1b}[31mb\" # \u{202e}";
        let place = Source::new(text).place(0..4);
        assert_eq!(place.source_line, "name = \"ab\" # <U+202E>");
    }
}
