//! 诊断: why is there no new backup on Windows this morning, walked through on the screen.
//!
//! ```text
//!  what was found before an action ──────────────┐
//!  the last look ──> core::diagnose ──> rows ────┴──> a sheet; what a row is about, for the keys
//! ```
//!
//! - [`Walk`]: what is kept between two looks: what was folded, and what was found before an action
//! - [`lines`]: the rows, each with what it is [`About`]; `cause`, `parts` (the night, what was ruled out, what could not be
//!   checked) and `after` (before | after) make them
//! - `lead`: what stands on top
mod after;
mod cause;
mod lead;
mod lines;
mod mended;
mod parts;

pub(super) use cause::with_key;
pub use lines::{About, Line, lines};
pub use mended::{End, Mended};

use super::freshness::{Freshness, freshness};
use super::model::Server;
use super::overview;
use super::sheet::{Column, Row, Sheet};
use crate::core::diagnose::{Diagnosis, diagnose, unreachable};
use crate::core::units::EpochMs;
use crate::core::verdict::Verdict;
use crate::i18n::Text;
use std::collections::BTreeMap;

/// Rows of a screen on which the night lies open from the beginning.
const TALL: u16 = 40;

/// What is kept of the walk between two looks.
#[derive(Clone, Debug, Default)]
pub struct Walk {
    /// What was opened (`true`) or folded by hand, by the row's id.
    turned: BTreeMap<String, bool>,
    /// An action that was confirmed, and what was found before it.
    pub mended: Option<Mended>,
}

impl Walk {
    /// Whether a row lies open.
    fn is_open(&self, id: &str, by_itself: bool) -> bool {
        self.turned.get(id).copied().unwrap_or(by_itself)
    }

    /// Opens a row or folds it.
    pub(super) fn turn(&mut self, id: &str, open: bool) {
        self.turned.insert(id.to_owned(), open);
    }

    /// Everything is as at first; what was found before an action stays.
    pub(super) fn forget_folds(&mut self) {
        self.turned.clear();
    }
}

/// What is known of a server, explained; nothing where nothing was asked yet. A lost link leaves nothing good.
pub fn diagnosis(server: &Server, now: EpochMs) -> Option<Diagnosis> {
    let lost = server.lost.as_ref();
    let Some(answer) = &server.answer else {
        let lost = lost?;
        let (what, hint) = link(&lost.verdict);
        return Some(unreachable(&server.env, what, hint, lost.asked, lost.verdict.took_ms));
    };
    let earlier = server.earlier.as_deref();
    let mut found = diagnose(&server.env, &answer.what.look, earlier, now);
    let trouble = lost.map(|l| &l.verdict).or(answer.what.cut.as_ref().map(|c| &c.verdict));
    if let Some(verdict) = trouble {
        let (what, hint) = link(verdict);
        found.cut_short(what, hint);
    }
    Some(found)
}

/// Why the link gave no answer, and what to do.
fn link(verdict: &Verdict) -> (Text, Text) {
    let check = verdict.checks.first();
    let said = check.map_or_else(|| verdict.headline.clone(), |c| c.summary.clone());
    (said, check.and_then(|c| c.next.clone()).unwrap_or_default())
}

/// The screen, on a window of so many rows.
pub(super) fn sheet(server: &Server, height: u16, now: EpochMs) -> Sheet {
    let columns =
        vec![Column::rest(Text::default()), Column::fit(Text::default(), 8), Column::fit(Text::default(), 8)];
    let Some(found) = diagnosis(server, now) else {
        return Sheet { columns, empty: Some(overview::empty(server)), ..Sheet::default() };
    };
    let fresh = freshness(server, now);
    let rows: Vec<Row> = lines::of(server, &found, height, now).into_iter().map(|l| l.row).collect();
    Sheet {
        lead: lead::lead(server, &found, fresh, now),
        columns,
        rows,
        empty: Some(overview::empty(server)),
    }
}

/// The row that a person should read first: what became of an action, else the leading cause, else that there is none.
pub(super) fn first(rows: &[Row]) -> usize {
    let of = |head: &str| rows.iter().position(|r| r.id.starts_with(head));
    of("after").or_else(|| of("cause:")).or_else(|| of("none")).unwrap_or(0)
}

/// Whether the night lies open from the beginning.
fn is_tall(height: u16) -> bool {
    height >= TALL
}

/// What was found is shown as old.
fn is_old(server: &Server, now: EpochMs) -> bool {
    freshness(server, now) != Freshness::Fresh
}

/// `头：尾`.
fn after_colon(head: &Text, tail: &Text) -> Text {
    Text { zh: format!("{}：{}", head.zh, tail.zh), en: format!("{}: {}", head.en, tail.en) }
}

#[cfg(test)]
mod tests;
