//! Up, down, a page, to an end, to the side; follow and pause.
use super::{Hold, LogView};
use crate::core::log::buffer::Buffer;
use crate::core::log::layout::{self, Page, Spot};
use unicode_width::UnicodeWidthStr;

impl LogView {
    /// The room for lines has this size now.
    pub fn resize(&mut self, page: Page) {
        self.page = page;
    }

    /// Follows the log: the newest line is the last on the page.
    pub fn follow(&mut self) {
        self.moved();
        self.hold = Hold::Follow;
        self.top.row = 0;
    }

    /// Pauses; or goes on following where it was paused.
    pub fn toggle_pause(&mut self, buffer: &Buffer) {
        match self.hold {
            Hold::Paused => self.follow(),
            Hold::Follow | Hold::Reading => {
                self.stay(buffer);
                self.moved();
                self.hold = Hold::Paused;
            }
        }
    }

    /// The line below, or above for less than nothing. A line that is longer than the page goes by row by row.
    pub fn step(&mut self, buffer: &Buffer, by: i64) {
        self.stay(buffer);
        self.moved();
        let shown = self.shown(buffer);
        let Some(here) = shown.nearest(self.current) else { return };
        if by.abs() == 1 && self.scroll_inside(buffer, here, by > 0) {
            return;
        }
        if let Some(line) = self.shown(buffer).step(here, by) {
            self.current = line;
            self.bring_in(buffer);
        }
    }

    /// A page down, or up; one row of the old page stays.
    pub fn turn_page(&mut self, buffer: &Buffer, down: bool) {
        self.stay(buffer);
        self.moved();
        let (shown, shape) = (self.shown(buffer), self.shape(self.page));
        let Some(top) = self.top(buffer, self.page) else { return };
        let rows = self.page.height.saturating_sub(1).max(1);
        let spot = match down {
            true => layout::below(shown, shape, top, rows),
            false => layout::above(shown, shape, top, rows),
        };
        let Some(spot) = spot else { return };
        self.top = spot;
        // what could not be scrolled is walked, so that the ends are reached
        let new = self.top(buffer, self.page).unwrap_or(spot);
        let ends = new == top;
        self.top = new;
        let seen: Vec<u64> = self.rows(buffer, self.page).iter().map(|r| r.line.number).collect();
        let (first, last) = (seen.first().copied().unwrap_or(0), seen.last().copied().unwrap_or(0));
        self.current = match (ends, down) {
            (true, true) => last,
            (true, false) => first,
            (false, _) => self.current.clamp(first, last),
        };
    }

    /// The oldest line.
    pub fn home(&mut self, buffer: &Buffer) {
        self.stay(buffer);
        self.moved();
        if let Some(line) = self.shown(buffer).at_or_after(0) {
            self.current = line;
            self.top = Spot { line, row: 0 };
        }
    }

    /// To the side, by cells; only while long lines are cut.
    pub fn shift(&mut self, buffer: &Buffer, cells: i64) {
        self.moved();
        if self.wraps() {
            return;
        }
        let widest =
            self.rows(buffer, self.page).iter().filter_map(|r| r.line.text()).map(|t| t.width()).max();
        let most = widest.unwrap_or(0).saturating_sub(self.shape(self.page).cells / 2);
        let by = usize::try_from(cells.unsigned_abs()).unwrap_or(usize::MAX);
        self.left = match cells < 0 {
            true => self.left.saturating_sub(by),
            // not beyond the end of the longest line, and never back because others are on the page
            false => self.left.saturating_add(by).min(most.max(self.left)),
        };
    }

    /// The first row of a page. The last page is full, if there are lines to fill it.
    pub fn top(&self, buffer: &Buffer, page: Page) -> Option<Spot> {
        let (shown, shape) = (self.shown(buffer), self.shape(page));
        let last = layout::ending_at(shown, shape, shown.last()?)?;
        if self.hold() == Hold::Follow {
            return Some(last);
        }
        let line = shown.nearest(self.top.line)?;
        let row = if line == self.top.line { self.top.row } else { 0 };
        let row = row.min(layout::height(&shown.line(line)?, shape).saturating_sub(1));
        Some(Spot { line, row }.min(last))
    }

    /// Makes a line the current one and shows it, with what stood before it.
    pub(super) fn go_to(&mut self, buffer: &Buffer, line: u64) {
        self.stay(buffer);
        self.moved();
        self.current = line;
        let rows = self.rows(buffer, self.page);
        if rows.iter().any(|r| r.line.number == line && r.row == 0) {
            return;
        }
        let (shown, shape) = (self.shown(buffer), self.shape(self.page));
        if let Some(spot) = layout::above(shown, shape, Spot { line, row: 0 }, self.page.height / 3) {
            self.top = spot;
        }
    }

    /// Stops following, with the page as it is.
    fn stay(&mut self, buffer: &Buffer) {
        if self.hold == Hold::Follow {
            self.top = self.top(buffer, self.page).unwrap_or_default();
            self.current = self.shown(buffer).last().unwrap_or(0);
            self.since = buffer.end();
            self.hold = Hold::Reading;
        } else if let Some(top) = self.top(buffer, self.page) {
            self.top = top;
        }
    }

    /// What was said about the last key goes, and what was still looked for is not any more.
    fn moved(&mut self) {
        (self.jump, self.said) = (None, None);
    }

    /// Scrolls inside the current line if it is longer than what is seen of it. Whether it was.
    fn scroll_inside(&mut self, buffer: &Buffer, here: u64, down: bool) -> bool {
        let (shown, shape) = (self.shown(buffer), self.shape(self.page));
        let Some(line) = shown.line(here) else { return false };
        let has = layout::height(&line, shape);
        if has <= self.page.height {
            return false;
        }
        let rows = self.rows(buffer, self.page);
        let mut seen = rows.iter().filter(|r| r.line.number == here).map(|r| r.row);
        let (first, last) = (seen.next(), seen.next_back());
        let (Some(first), Some(last)) = (first, last.or(first)) else { return false };
        let spot = match down {
            true if last + 1 < has => layout::below(shown, shape, self.top, 1),
            false if first > 0 => layout::above(shown, shape, self.top, 1),
            _ => None,
        };
        let scrolled = spot.is_some();
        self.top = spot.unwrap_or(self.top);
        scrolled
    }

    /// Scrolls as little as brings the current line onto the page.
    fn bring_in(&mut self, buffer: &Buffer) {
        let (shown, shape) = (self.shown(buffer), self.shape(self.page));
        let begins = Spot { line: self.current, row: 0 };
        if begins < self.top {
            self.top = begins;
            return;
        }
        if let Some(spot) = layout::ending_at(shown, shape, self.current) {
            // a line that is longer than the page begins at its top
            self.top = self.top.max(spot.min(begins));
        }
    }
}
