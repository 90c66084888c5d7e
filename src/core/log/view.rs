//! The screen of a log without its terminal: where it stands, what is shown and what is looked for.
//!
//! ```text
//!  lines ──> Buffer ──┐
//!                     ├── advance(budget): a slice of filtering and searching ──> More: call again ──┐
//!  keys ───> LogView ─┘        ▲                                                                     │
//!                              └──── after the keys that wait: no key waits for a million lines ─────┘
//! ```
//!
//! Whoever owns it calls [`LogView::advance`] with [`SLICE`] after every message that brought lines or changed what is
//! looked for, and as long as it answers [`Work::More`], again: once a turn of the loop, behind the keys that wait.
//! Everything else is done at once. Lines are known by their numbers, so nothing here goes wrong when some are dropped.
mod jump;
mod moves;

use super::buffer::{Buffer, Kind, Line};
use super::filter::Filter;
use super::index::{Budget, Index};
use super::layout::{self, Page, Row, Shape, Spot};
use super::level::Level;
use super::pattern::Pattern;
use super::shown::Shown;
use jump::Jump;
pub use jump::{Aim, Said};

/// Bytes of text that one call of [`LogView::advance`] may look at: a tenth of a millisecond as a rule, and less than a
/// twentieth of a second for the slowest pattern that is let in.
pub const SLICE: usize = 64 << 10;

/// Whether there is more to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Call again, after the keys.
    More,
    /// Until lines come or something else is looked for.
    Done,
}

/// Whether the page moves with the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hold {
    /// The newest line is the last on the page.
    Follow,
    /// It was paused: the page stays.
    Paused,
    /// Somebody went to another place and reads there: the page stays.
    Reading,
}

/// The screen of a log.
#[derive(Clone, Debug)]
pub struct LogView {
    hold: Hold,
    /// The number that the next line had when it stopped following.
    since: u64,
    /// The first row, unless it follows.
    top: Spot,
    /// The current line, unless it follows.
    current: u64,
    page: Page,
    wrap: bool,
    times: bool,
    left: usize,
    filter: Filter,
    search: Option<Pattern>,
    only: bool,
    /// The lines that are shown, if not all are.
    shown: Option<Index>,
    hits: Index,
    errors: Index,
    warnings: Index,
    /// Where to go as soon as it is known where that is.
    jump: Option<Jump>,
    said: Option<Said>,
}

impl Default for LogView {
    fn default() -> LogView {
        LogView {
            hold: Hold::Follow,
            since: 0,
            top: Spot::default(),
            current: 0,
            page: Page { width: 80, height: 18 },
            wrap: false,
            times: true,
            left: 0,
            filter: Filter::default(),
            search: None,
            only: false,
            shown: None,
            hits: Index::around(0),
            errors: Index::around(0),
            warnings: Index::around(0),
            jump: None,
            said: None,
        }
    }
}

impl LogView {
    /// A slice of the work: takes new lines in, filters, searches, and goes where it was to go once that is known.
    pub fn advance(&mut self, buffer: &Buffer, budget: usize) -> Work {
        let mut budget = Budget::bytes(budget);
        let (filter, search, only) = (&self.filter, self.search.as_ref(), self.only);
        let hit = |line: &Line<'_>| line.text().is_some_and(|t| search.is_some_and(|s| s.is_in(t)));
        let by_search = only && filter.is_none() && search.is_some();
        let passes = |line: &Line<'_>| match line.kind {
            // without a filter, what is looked for is one
            Kind::Log { .. } if by_search => hit(line),
            _ => !only || filter.lets(line),
        };
        let price = filter.price() + search.map_or(0, Pattern::price);
        if let Some(shown) = &mut self.shown {
            shown.advance(buffer, &mut budget, price, passes);
        }
        if search.is_some() {
            self.hits.advance(buffer, &mut budget, price, |line| hit(line) && passes(line));
        }
        let price = if only { price } else { 0 };
        for (index, level) in [(&mut self.errors, Level::Error), (&mut self.warnings, Level::Warning)] {
            index.advance(buffer, &mut budget, price, |line| line.level() == Some(level) && passes(line));
        }
        self.go_on(buffer);
        if self.is_whole(buffer) { Work::Done } else { Work::More }
    }

    fn is_whole(&self, buffer: &Buffer) -> bool {
        let hits = self.search.as_ref().map(|_| &self.hits);
        let all = self.shown.iter().chain(hits).chain([&self.errors, &self.warnings]);
        all.into_iter().all(|index| index.is_whole(buffer))
    }

    /// How much of the filtering and searching is done, in percent; nothing if all is.
    pub fn percent(&self, buffer: &Buffer) -> Option<u64> {
        let hits = self.search.as_ref().map(|_| &self.hits);
        let behind = self.shown.iter().chain(hits).filter(|index| !index.is_whole(buffer));
        let done = behind.map(|index| index.looked_at() * 100 / buffer.len().max(1)).min();
        done.map(|percent| percent.min(99))
    }

    /// Shows only what a filter lets through.
    pub fn set_filter(&mut self, buffer: &Buffer, filter: Filter) {
        self.only = !filter.is_none();
        self.filter = filter;
        self.look_again(buffer);
    }

    /// The filter, also while everything is shown.
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Shows everything, or only what matches; without a filter, what is looked for.
    pub fn toggle_only(&mut self, buffer: &Buffer) {
        self.said = None;
        if self.filter.is_none() && self.search.is_none() {
            self.said = Some(Said::NothingToMatch);
            return;
        }
        self.only = !self.only;
        self.look_again(buffer);
    }

    /// Whether only what matches is shown.
    pub fn is_only(&self) -> bool {
        self.only
    }

    /// What is looked for.
    pub fn search(&self) -> Option<&Pattern> {
        self.search.as_ref()
    }

    /// Begins at the line where somebody looks.
    fn look_again(&mut self, buffer: &Buffer) {
        let here = match self.hold {
            Hold::Follow => buffer.end(),
            Hold::Paused | Hold::Reading => self.current.clamp(buffer.first(), buffer.end()),
        };
        let filtered = self.only && (!self.filter.is_none() || self.search.is_some());
        self.shown = filtered.then(|| Index::around(here));
        self.hits = Index::around(here);
        self.errors = Index::around(here);
        self.warnings = Index::around(here);
        (self.jump, self.said) = (None, None);
    }

    /// The lines that are shown.
    pub fn shown<'a>(&'a self, buffer: &'a Buffer) -> Shown<'a> {
        Shown::new(buffer, self.shown.as_ref())
    }

    /// The rows of a page: what the view draws.
    pub fn rows<'a>(&'a self, buffer: &'a Buffer, page: Page) -> Vec<Row<'a>> {
        let (shown, shape) = (self.shown(buffer), self.shape(page));
        self.top(buffer, page).map(|top| layout::rows(shown, shape, top)).unwrap_or_default()
    }

    /// How lines are laid out on a page.
    pub fn shape(&self, page: Page) -> Shape {
        // the last column says whether a line goes on
        let cells = page.width.saturating_sub(self.margin() + 1).max(2);
        Shape { cells, rows: page.height, wrap: self.wrap, left: self.left }
    }

    /// Columns in front of the text.
    pub fn margin(&self) -> usize {
        layout::SIGNS + if self.times { layout::TIME } else { 0 }
    }

    /// Whether the page moves with the log.
    pub fn hold(&self) -> Hold {
        self.hold
    }

    /// Lines that came since it stopped following, of those that are shown.
    pub fn new_lines(&self, buffer: &Buffer) -> u64 {
        match self.hold {
            Hold::Follow => 0,
            Hold::Paused | Hold::Reading => self.shown(buffer).since(self.since),
        }
    }

    /// The current line: to be copied, and where a search goes on from.
    pub fn current<'a>(&self, buffer: &'a Buffer) -> Option<Line<'a>> {
        let shown = Shown::new(buffer, self.shown.as_ref());
        let number = match self.hold {
            Hold::Follow => shown.last(),
            Hold::Paused | Hold::Reading => shown.nearest(self.current),
        };
        buffer.line(number?)
    }

    /// Long lines go on in the next row, or are cut.
    pub fn toggle_wrap(&mut self) {
        self.wrap = !self.wrap;
        self.left = 0;
        self.top.row = 0;
    }

    /// Whether long lines go on in the next row.
    pub fn wraps(&self) -> bool {
        self.wrap
    }

    /// Times in front of the lines, or more room for them.
    pub fn toggle_times(&mut self) {
        self.times = !self.times;
        self.top.row = 0;
    }

    /// Whether times stand in front of the lines.
    pub fn has_times(&self) -> bool {
        self.times
    }

    /// Cells that are left of the page.
    pub fn left(&self) -> usize {
        self.left
    }
}

#[cfg(test)]
mod tests;
