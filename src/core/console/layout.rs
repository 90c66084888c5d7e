//! How the rows of a screen are shared out between what is on top, the table and what is said about the chosen row.
//!
//! One function for the drawing and for what a click means. The table and the chosen row's words stay usable on the
//! smallest screen; the pictures on top take what is left.
use super::sheet::{Age, Gauge, Lead, Sheet};
use crate::i18n::Lang;
use unicode_width::UnicodeWidthStr;

/// Rows that the table keeps, if it has so many.
const LIST: u16 = 6;
/// Rows that the chosen row's words keep.
const DETAIL: u16 = 4;
/// Rows of both before a picture grows beyond its smallest.
const COMFORT: u16 = 13;
/// Cells that a gauge wants.
pub const GAUGE: u16 = 38;

/// What is chosen, and which page of its words is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// The row, by its place in the sheet.
    pub chosen: usize,
    /// Pages turned; wraps around.
    pub page: i32,
    /// How old the whole is; also a sheet whose rows are all filtered away has an age.
    pub age: Age,
}

/// The rows of a screen, from its top.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Rows of each thing on top; 0 is not shown.
    pub lead: Vec<u16>,
    /// The ruler below it, with the status.
    pub ruler: u16,
    /// The titles of the columns, if there are any.
    pub titles: Option<u16>,
    /// The table's first row.
    pub list_at: u16,
    /// Its rows.
    pub list: u16,
    /// The first row of what is said about the chosen one; a ruler is above it.
    pub detail_at: u16,
    /// Its rows.
    pub detail: u16,
}

/// Shares out the rows.
pub fn layout(sheet: &Sheet, lang: Lang, height: u16, width: u16) -> Layout {
    let rows = u16::try_from(sheet.rows.len()).unwrap_or(u16::MAX);
    let titled = rows > 0 && sheet.columns.iter().any(|c| !c.title.get(lang).is_empty());
    let titles = u16::from(titled);
    // two rulers and the titles
    let room = height.saturating_sub(2 + titles);
    let keep = rows.clamp(1, LIST) + DETAIL;
    let lead = share_out(sheet, lang, width, room.saturating_sub(keep), room.saturating_sub(COMFORT));
    let top: u16 = lead.iter().sum();
    let rest = room.saturating_sub(top);
    // few rows leave more for what is said about them; nothing is said where there are none
    let list = match rows {
        0 => rest,
        _ => rows.min((rest * 5 / 9).max(LIST)).min(rest),
    };
    let list_at = top + 1 + titles;
    Layout {
        lead,
        ruler: top,
        titles: titled.then_some(top + 1),
        list_at,
        list,
        detail_at: list_at + list + 1,
        detail: rest - list,
    }
}

/// Rows for each thing on top: all of them in their smallest form as far as `most` goes, the first ones first; then each
/// grows, as long as there is `comfort` for the rest.
fn share_out(sheet: &Sheet, lang: Lang, width: u16, most: u16, comfort: u16) -> Vec<u16> {
    let sizes: Vec<Vec<u16>> = sheet.lead.iter().map(|l| sizes(l, lang, width)).collect();
    let mut used = 0;
    let mut given: Vec<u16> = Vec::new();
    for sizes in &sizes {
        let smallest = sizes.first().copied().unwrap_or(0);
        let rows = if used + smallest <= most { smallest } else { 0 };
        used += rows;
        given.push(rows);
    }
    // what the signs of the nights mean comes before the end of a line that is said whole further down
    for (n, rows) in given.iter_mut().enumerate().filter(|(_, rows)| **rows > 0) {
        let strip = matches!(sheet.lead.get(n), Some(Lead::Strip(_)));
        let next = sizes.get(n).and_then(|s| s.get(1)).copied().filter(|_| strip);
        if let Some(next) = next.filter(|next| used - *rows + next <= comfort.min(most)) {
            used += next - *rows;
            *rows = next;
        }
    }
    for (rows, sizes) in given.iter_mut().zip(&sizes).filter(|(rows, _)| **rows > 0) {
        let fits = |size: &&u16| used - *rows + **size <= comfort.min(most);
        if let Some(size) = sizes.iter().rev().find(fits).filter(|size| **size > *rows) {
            used += size - *rows;
            *rows = *size;
        }
    }
    given
}

/// The forms of a thing on top, the smallest first.
fn sizes(lead: &Lead, lang: Lang, width: u16) -> Vec<u16> {
    match lead {
        Lead::Line { state, text } => {
            // the sign, its word and two blanks
            let word = if lang == Lang::Zh { 10 } else { 13 };
            let needs = text.get(lang).width() + if state.is_some() { word } else { 0 };
            if needs > usize::from(width.saturating_sub(3)) { vec![1, 2] } else { vec![1] }
        }
        Lead::Gauges(gauges) => {
            let all = gauge_rows(gauges, width);
            if all > 1 { vec![1, all] } else { vec![all] }
        }
        // nothing but what could not be found out; signs, days; and key; and full ones and sizes
        Lead::Strip(strip) if strip.nights.is_empty() => vec![1],
        Lead::Strip(_) => vec![2, 3, 5],
    }
}

/// How many gauges stand side by side.
pub fn gauges_a_row(width: u16) -> u16 {
    (width.saturating_sub(1) / GAUGE).max(1)
}

fn gauge_rows(gauges: &[Gauge], width: u16) -> u16 {
    u16::try_from(gauges.len()).unwrap_or(u16::MAX).div_ceil(gauges_a_row(width))
}

/// The first row that a table shows, so that the chosen one is among them, in the middle where that is possible.
pub fn first(rows: usize, room: usize, chosen: usize) -> usize {
    chosen.saturating_sub(room / 2).min(rows.saturating_sub(room))
}

impl Layout {
    /// The row of the table at a row of the screen, for a click there.
    pub fn row_at(&self, sheet: &Sheet, chosen: usize, y: u16) -> Option<usize> {
        let line = y.checked_sub(self.list_at).filter(|line| *line < self.list)?;
        let first = first(sheet.rows.len(), usize::from(self.list), chosen);
        Some(first + usize::from(line)).filter(|row| *row < sheet.rows.len())
    }
}

#[cfg(test)]
mod tests;
