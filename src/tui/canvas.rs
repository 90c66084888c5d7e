//! A piece of the screen to write lines on. Whatever is outside is not written to.
use super::ink::Ink;
use crate::core::console::glyphs::Glyphs;
use crate::i18n::{Lang, Text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

/// A piece of the screen.
pub(super) struct Canvas<'a> {
    buf: &'a mut Buffer,
    /// Where it is.
    pub(super) area: Rect,
    /// What things look like.
    pub(super) ink: Ink,
    /// The language.
    pub(super) lang: Lang,
    /// What the terminal can draw.
    pub(super) glyphs: Glyphs,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buf: &'a mut Buffer, area: Rect, ink: Ink, lang: Lang, glyphs: Glyphs) -> Canvas<'a> {
        let area = area.intersection(buf.area);
        Canvas { buf, area, ink, lang, glyphs }
    }

    /// A part of it.
    pub(super) fn part(&mut self, area: Rect) -> Canvas<'_> {
        let area = area.intersection(self.area);
        Canvas { buf: self.buf, area, ink: self.ink, lang: self.lang, glyphs: self.glyphs }
    }

    /// Its rows from one on, so many of them.
    pub(super) fn rows(&mut self, from: u16, count: u16) -> Canvas<'_> {
        let area = Rect { y: self.area.y.saturating_add(from), height: count, ..self.area };
        self.part(area)
    }

    pub(super) fn width(&self) -> usize {
        usize::from(self.area.width)
    }

    pub(super) fn height(&self) -> usize {
        usize::from(self.area.height)
    }

    /// The words of this language.
    pub(super) fn say<'t>(&self, text: &'t Text) -> &'t str {
        text.get(self.lang)
    }

    /// Writes a row, from a column on.
    pub(super) fn write<'s>(&mut self, row: usize, column: u16, spans: impl Into<Line<'s>>) {
        let Some(y) = self.y(row) else { return };
        let x = self.area.x.saturating_add(column);
        if x < self.area.right() {
            let width = self.area.right() - x;
            self.buf.set_line(x, y, &spans.into(), width);
        }
    }

    /// Writes at the right end of a row.
    pub(super) fn write_right(&mut self, row: usize, span: Span<'_>) {
        let width = u16::try_from(span.width()).unwrap_or(u16::MAX);
        let column = self.area.width.saturating_sub(width);
        self.write(row, column, span);
    }

    /// Lays a style over a row but for its last two columns: a shape that a terminal draws wider than it is pushes
    /// its line to the right, and must not push it out.
    pub(super) fn tint(&mut self, row: usize, style: Style) {
        let Some(y) = self.y(row) else { return };
        let area = Rect { y, height: 1, width: self.area.width.saturating_sub(2), ..self.area };
        self.buf.set_style(area, style);
    }

    /// Lays a style over a whole row.
    pub(super) fn tint_all(&mut self, row: usize, style: Style) {
        let Some(y) = self.y(row) else { return };
        self.buf.set_style(Rect { y, height: 1, ..self.area }, style);
    }

    /// A box with a title on its border, empty; hands on what is inside.
    pub(super) fn framed(&mut self, area: Rect, title: &str) -> Canvas<'_> {
        let area = area.intersection(self.area);
        for y in area.top()..area.bottom() {
            // a wide character that reaches into the box would push its border out
            let left = area.x.checked_sub(1).and_then(|x| self.buf.cell_mut((x, y)));
            if let Some(cell) = left.filter(|c| c.symbol().width() > 1) {
                cell.set_symbol(" ");
            }
        }
        let mut outer = self.part(area);
        let blank = " ".repeat(usize::from(area.width));
        let (side, corners) = (outer.glyphs.side(), outer.glyphs.corners());
        let rule = outer.glyphs.rule().repeat(usize::from(area.width.saturating_sub(2)));
        let last = usize::from(area.height.saturating_sub(1));
        for row in 0..=last {
            let line = match row {
                0 => format!("{}{rule}{}", corners.top_left, corners.top_right),
                row if row == last => format!("{}{rule}{}", corners.bottom_left, corners.bottom_right),
                _ => blank.clone(),
            };
            outer.write(row, 0, Span::raw(line));
            if row > 0 && row < last {
                outer.write(row, 0, Span::raw(side));
                outer.write(row, area.width.saturating_sub(1), Span::raw(side));
            }
            outer.plain(row);
        }
        let title = super::fit::cut(title, outer.width().saturating_sub(6));
        let strong = outer.ink.strong();
        outer.write(0, 2, Span::styled(format!(" {title} "), strong));
        let inner = Rect {
            x: area.x + 2,
            y: area.y + 1,
            width: area.width.saturating_sub(4),
            height: area.height.saturating_sub(2),
        };
        let Canvas { buf, ink, lang, glyphs, .. } = outer;
        Canvas { buf, area: inner.intersection(area), ink, lang, glyphs }
    }

    /// Takes every style off a row.
    fn plain(&mut self, row: usize) {
        let Some(y) = self.y(row) else { return };
        self.buf.set_style(Rect { y, height: 1, ..self.area }, Style::reset());
    }

    /// A ruler, with words in it.
    pub(super) fn ruler(&mut self, row: usize, words: &str, style: Style) {
        let rule = self.glyphs.rule();
        let faint = self.ink.faint();
        let mut spans = Vec::new();
        let words = super::fit::cut(words, self.width().saturating_sub(8));
        if !words.is_empty() {
            // beside each other, not one upon the other: words that must not be missed are not faint
            spans.push(Span::styled(rule.repeat(3), faint));
            spans.push(Span::styled(format!(" {words} "), style));
        }
        let used: usize = spans.iter().map(Span::width).sum();
        spans.push(Span::styled(rule.repeat(self.width().saturating_sub(used)), faint));
        self.write(row, 0, spans);
    }

    fn y(&self, row: usize) -> Option<u16> {
        let row = u16::try_from(row).ok().filter(|r| *r < self.area.height)?;
        Some(self.area.y + row).filter(|_| self.area.width > 0)
    }
}
