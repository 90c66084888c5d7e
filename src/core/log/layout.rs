//! Which piece of which line stands in which row. Pure, for the update that pages and for the view that draws; it
//! touches the lines on the page and no others.
use super::buffer::Line;
use super::shown::Shown;
use std::ops::Range;
use unicode_width::UnicodeWidthChar;

/// Rows above the lines: what is followed, what is looked for, a ruler.
pub const HEAD: u16 = 3;
/// The mark of the current line, the sign of the level, a blank.
pub const SIGNS: usize = 3;
/// The time and a blank.
pub const TIME: usize = super::stamp::SHORT + 1;

/// The room for lines, in cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Cells of a row, the columns in front of the text included.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Page {
    /// What is left for lines on an area with the head of the page above them.
    pub fn of(width: u16, height: u16) -> Page {
        Page { width: usize::from(width), height: usize::from(height.saturating_sub(HEAD)) }
    }
}

/// How lines are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Cells for the text; at least two, as wide as a character can be.
    pub cells: usize,
    /// Rows.
    pub rows: usize,
    /// Long lines go on in the next row.
    pub wrap: bool,
    /// Otherwise, so many cells of every line are left of the page.
    pub left: usize,
}

/// A row of a line: the first row of the page, for example.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The line.
    pub line: u64,
    /// Which of its rows.
    pub row: usize,
}

/// A row of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row<'a> {
    /// The line.
    pub line: Line<'a>,
    /// Which of its rows.
    pub row: usize,
    /// The piece of its text.
    pub bytes: Range<usize>,
    /// Blank cells in front of it: half a character is left of the page.
    pub blank: usize,
    /// Something is right of the page.
    pub more: bool,
}

/// The rows of a page that begins here.
pub fn rows<'a>(shown: Shown<'a>, shape: Shape, top: Spot) -> Vec<Row<'a>> {
    let mut rows = Vec::with_capacity(shape.rows);
    for line in shown.from(top.line) {
        if rows.len() >= shape.rows {
            break;
        }
        let skip = if line.number == top.line { top.row } else { 0 };
        let text = line.text().unwrap_or_default();
        if shape.wrap {
            let pieces = pieces(text, shape.cells).enumerate().skip(skip).take(shape.rows - rows.len());
            rows.extend(pieces.map(|(row, bytes)| Row { line, row, bytes, blank: 0, more: false }));
        } else {
            rows.push(window(line, text, shape));
        }
    }
    rows
}

/// How many rows a line has.
pub fn height(line: &Line<'_>, shape: Shape) -> usize {
    match line.text() {
        Some(text) if shape.wrap && text.is_ascii() => text.len().div_ceil(shape.cells).max(1),
        Some(text) if shape.wrap => pieces(text, shape.cells).count(),
        _ => 1,
    }
}

/// The spot so many rows above; the very first one if there are not so many.
pub fn above(shown: Shown<'_>, shape: Shape, from: Spot, rows: usize) -> Option<Spot> {
    let mut spot = from;
    let mut left = rows;
    loop {
        if left <= spot.row {
            return Some(Spot { row: spot.row - left, ..spot });
        }
        left -= spot.row;
        let before = spot.line.checked_sub(1).and_then(|n| shown.at_or_before(n));
        let Some(line) = before.and_then(|n| shown.line(n)) else {
            return Some(Spot { row: 0, ..spot });
        };
        // as if it stood one row after its last one
        spot = Spot { line: line.number, row: height(&line, shape) };
    }
}

/// The spot so many rows below; the very last one if there are not so many.
pub fn below(shown: Shown<'_>, shape: Shape, from: Spot, rows: usize) -> Option<Spot> {
    let mut spot = from;
    let mut left = rows;
    loop {
        let has = height(&shown.line(spot.line)?, shape);
        if spot.row + left < has {
            return Some(Spot { row: spot.row + left, ..spot });
        }
        let Some(next) = shown.at_or_after(spot.line + 1) else {
            return Some(Spot { row: has.saturating_sub(1), ..spot });
        };
        left -= has.saturating_sub(spot.row).min(left);
        spot = Spot { line: next, row: 0 };
    }
}

/// Where a page begins whose last row is the last one of this line.
pub fn ending_at(shown: Shown<'_>, shape: Shape, line: u64) -> Option<Spot> {
    let has = height(&shown.line(line)?, shape);
    above(shown, shape, Spot { line, row: has.saturating_sub(1) }, shape.rows.saturating_sub(1))
}

/// The pieces of a text that is broken at a width, wherever that is; one at least.
pub fn pieces(text: &str, cells: usize) -> impl Iterator<Item = Range<usize>> {
    let cells = cells.max(2);
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let from = next?;
        let rest = text.get(from..).unwrap_or_default();
        let to = from + fitting(rest, cells);
        next = Some(to).filter(|to| *to < text.len());
        Some(from..to)
    })
}

/// Bytes of the first characters that fit.
fn fitting(text: &str, cells: usize) -> usize {
    if let Some(head) = text.as_bytes().get(..cells)
        && head.is_ascii()
        && text.is_char_boundary(cells)
        && text.get(cells..).and_then(|r| r.chars().next()).is_none_or(|c| c.is_ascii())
    {
        return cells;
    }
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > cells {
            return at;
        }
    }
    text.len()
}

/// The part of a line that is on a page which begins so many cells to the right.
fn window<'a>(line: Line<'a>, text: &str, shape: Shape) -> Row<'a> {
    let mut from = fitting(text, shape.left);
    let rest = |from: usize| text.get(from..).unwrap_or_default();
    let mut blank = 0;
    let skipped: usize =
        text.get(..from).unwrap_or_default().chars().filter_map(UnicodeWidthChar::width).sum();
    if skipped < shape.left
        && let Some(half) = rest(from).chars().next()
    {
        from += half.len_utf8();
        blank = (skipped + half.width().unwrap_or(0)).saturating_sub(shape.left);
    }
    let to = from + fitting(rest(from), shape.cells.saturating_sub(blank));
    Row { line, row: 0, bytes: from..to, blank, more: to < text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::log::Incoming;
    use crate::core::log::buffer::Buffer;
    use crate::core::safetext::SafeText;
    use proptest::prelude::*;
    use unicode_width::UnicodeWidthStr;

    fn buffer(texts: &[String]) -> Buffer {
        let mut buffer = Buffer::default();
        for text in texts {
            buffer.push(&Incoming { at: None, cursor: None, text: SafeText::new(text), cut: 0 });
        }
        buffer
    }

    #[test]
    fn half_a_character_at_the_left_edge_is_a_blank() {
        let buffer = buffer(&["a备份完成b".into()]);
        let shape = |left| Shape { cells: 4, rows: 1, wrap: false, left };
        let seen = |left| {
            let shown = Shown::new(&buffer, None);
            let row = rows(shown, shape(left), Spot::default()).remove(0);
            let text = row.line.text().unwrap();
            format!("{}{}{}", " ".repeat(row.blank), &text[row.bytes], if row.more { ">" } else { "" })
        };
        assert_eq!([0, 1, 2, 3, 6, 9, 99].map(seen), ["a备>", "备份>", " 份>", "份完>", " 成b", "b", ""]);
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text_and_fit(text in "[a-z 备份\u{301}]{0,60}", cells in 2_usize..12) {
            let text = SafeText::new(&text).to_string();
            let pieces: Vec<_> = pieces(&text, cells).map(|r| &text[r]).collect();
            prop_assert_eq!(pieces.concat(), text.as_str());
            for piece in &pieces {
                prop_assert!(piece.width() <= cells);
                prop_assert!(!piece.is_empty() || text.is_empty());
            }
            let buffer = buffer(std::slice::from_ref(&text));
            let shape = Shape { cells, rows: 5, wrap: true, left: 0 };
            prop_assert_eq!(height(&buffer.line(0).unwrap(), shape), pieces.len());
        }

        #[test]
        fn up_and_down_are_steps_of_one_row(
            texts in proptest::collection::vec("[a-z备]{0,30}", 1..12),
            cells in 2_usize..9,
            at in 0_usize..60,
            by in 0_usize..40,
        ) {
            let buffer = buffer(&texts);
            let shown = Shown::new(&buffer, None);
            let shape = Shape { cells, rows: 1000, wrap: true, left: 0 };
            let all: Vec<Spot> = rows(shown, shape, Spot::default()).iter().map(|r| Spot { line: r.line.number, row: r.row }).collect();
            let at = at.min(all.len() - 1);
            prop_assert_eq!(above(shown, shape, all[at], by), Some(all[at.saturating_sub(by)]));
            prop_assert_eq!(below(shown, shape, all[at], by), Some(all[(at + by).min(all.len() - 1)]));
            let page = Shape { rows: 4, ..shape };
            let last = buffer.end() - 1;
            prop_assert_eq!(ending_at(shown, page, last), Some(all[all.len().saturating_sub(4)]));
        }
    }
}
