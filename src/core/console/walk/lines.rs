//! The rows, in their order: what became of the last action, the night, each cause with what hangs under it, what could not be
//! checked, what was ruled out.
use super::super::model::Server;
use super::super::sheet::Row;
use super::{after, cause, diagnosis, is_old, parts};
use crate::core::diagnose::{CauseId, Diagnosis};
use crate::core::units::EpochMs;
use crate::i18n::Text;

/// What a row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// A part of the screen that folds.
    Part,
    /// What became of everything that was found before an action. It folds.
    After,
    /// A root cause, by its place among the findings. It folds.
    Cause(usize, CauseId),
    /// What hangs under one, or speaks for or against it.
    Below(usize, CauseId),
    /// A step that mends one, by its place among them.
    Step(usize, CauseId, usize),
    /// A cause that is not so, or not any more.
    Other(CauseId),
    /// Nothing that a key could do something about.
    Word,
}

/// A row and what it is about.
#[derive(Clone, Debug)]
pub struct Line {
    /// What it is about.
    pub about: About,
    /// The row.
    pub row: Row,
    /// Whether it lies open; nothing for what does not fold.
    pub open: Option<bool>,
    /// The id of the row that it is folded with.
    pub parent: Option<String>,
}

/// The rows of the screen, on a window of so many rows.
pub fn lines(server: &Server, height: u16, now: EpochMs) -> Vec<Line> {
    diagnosis(server, now).map(|found| of(server, &found, height, now)).unwrap_or_default()
}

pub(super) fn of(server: &Server, found: &Diagnosis, height: u16, now: EpochMs) -> Vec<Line> {
    let mut all = after::lines(server, found);
    all.extend(parts::night(server, found, height));
    all.extend(cause::none(found));
    all.extend(cause::lines(server, found));
    all.extend(parts::unchecked(server, found));
    all.extend(parts::ruled_out(server, found));
    // the link's trouble is news, whatever the age of the rest
    let news = server.lost.is_some() && server.asking.is_none();
    let is_link = |id: &str| matches!(id, "open" | "open:0");
    if is_old(server, now) {
        all.iter_mut().for_each(|l| l.row.old = !(news && is_link(&l.row.id)));
    }
    all
}

impl Line {
    /// A row that folds. Its first cell says whether it lies open.
    pub(super) fn folding(about: About, mut row: Row, open: bool) -> Line {
        let mark = if open { "- " } else { "+ " };
        if let Some(first) = row.cells.first_mut() {
            *first = Text { zh: format!("{mark}{}", first.zh), en: format!("{mark}{}", first.en) };
        }
        Line { about, row, open: Some(open), parent: None }
    }

    /// A row that does not.
    pub(super) fn plain(about: About, row: Row) -> Line {
        Line { about, row, open: None, parent: None }
    }

    /// A row that is folded with another one, and set in below it.
    pub(super) fn under(mut self, parent: &str) -> Line {
        if let Some(first) = self.row.cells.first_mut() {
            *first = Text { zh: format!("  {}", first.zh), en: format!("  {}", first.en) };
        }
        self.row.inner = true;
        self.parent = Some(parent.to_owned());
        self
    }

    /// The cause that it tells of.
    pub fn cause(&self) -> Option<CauseId> {
        match self.about {
            About::Cause(_, cause)
            | About::Below(_, cause)
            | About::Step(_, cause, _)
            | About::Other(cause) => Some(cause),
            About::Part | About::After | About::Word => None,
        }
    }
}
