//! A piece of the screen to write lines on. Whatever is outside is not written to.
use super::ink::Ink;
use crate::i18n::{Lang, Text};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// A piece of the screen.
pub(super) struct Canvas<'a> {
    buf: &'a mut Buffer,
    /// Where it is.
    pub(super) area: Rect,
    /// What things look like.
    pub(super) ink: Ink,
    /// The language.
    pub(super) lang: Lang,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buf: &'a mut Buffer, area: Rect, ink: Ink, lang: Lang) -> Canvas<'a> {
        let area = area.intersection(buf.area);
        Canvas { buf, area, ink, lang }
    }

    /// A part of it.
    pub(super) fn part(&mut self, area: Rect) -> Canvas<'_> {
        let area = area.intersection(self.area);
        Canvas { buf: self.buf, area, ink: self.ink, lang: self.lang }
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

    /// A ruler, with words in it.
    pub(super) fn ruler(&mut self, row: usize, words: &str, style: Style) {
        let dashes = "-".repeat(self.width());
        let faint = self.ink.faint();
        self.write(row, 0, Span::styled(dashes, faint));
        if !words.is_empty() {
            let words = super::fit::cut(words, self.width().saturating_sub(8));
            self.write(row, 3, Span::styled(format!(" {words} "), style));
        }
    }

    fn y(&self, row: usize) -> Option<u16> {
        let row = u16::try_from(row).ok().filter(|r| *r < self.area.height)?;
        Some(self.area.y + row).filter(|_| self.area.width > 0)
    }
}
