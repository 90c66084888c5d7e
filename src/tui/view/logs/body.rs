//! The lines of a log on a page.
use super::LogPage;
use crate::core::log::buffer::Kind;
use crate::core::log::layout::{self, Page, Row};
use crate::core::log::level::Level;
use crate::core::log::stamp;
use crate::core::log::view::Hold;
use crate::core::state::State;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;
use std::ops::Range;

pub(super) fn draw(page: LogPage<'_>, room: Page, rows: &[Row<'_>], canvas: &mut Canvas<'_>) {
    let current = match page.view.hold() {
        Hold::Follow => None,
        Hold::Paused | Hold::Reading => page.view.current(page.buffer).map(|line| line.number),
    };
    let mut places: Option<(u64, Vec<Range<usize>>)> = None;
    for (n, row) in rows.iter().enumerate() {
        let first = row.row == 0;
        let mut spans = margin(page, row, first, current == Some(row.line.number), canvas);
        match row.line.kind {
            Kind::Log { text, level } => {
                if places.as_ref().is_none_or(|(number, _)| *number != row.line.number) {
                    places = Some((row.line.number, marked(page, text)));
                }
                let marked = places.as_ref().map_or(&[][..], |(_, p)| p);
                spans.push(Span::raw(" ".repeat(row.blank)));
                pieces(text, row.bytes.clone(), marked, style(level, canvas), &mut spans);
            }
            Kind::Remark(remark) => {
                let words = remark.text();
                let words = fit::cut(canvas.say(&words), room.width.saturating_sub(layout::SIGNS + 1));
                let style = if remark.warns() { canvas.ink.notice() } else { canvas.ink.strong() };
                spans.push(Span::styled(words, style));
            }
        }
        canvas.write(n, 0, spans);
        if row.more {
            let faint = canvas.ink.faint();
            canvas.write_right(n, Span::styled(">", faint));
        }
    }
}

/// The current line, its level, its time; nothing in front of the further rows of a line.
fn margin(
    page: LogPage<'_>,
    row: &Row<'_>,
    first: bool,
    current: bool,
    canvas: &Canvas<'_>,
) -> Vec<Span<'static>> {
    let ink = canvas.ink;
    let (sign, style) = match row.line.kind {
        Kind::Log { level, .. } => match level {
            Some(Level::Error) => ("E", ink.state(State::Failed)),
            Some(Level::Warning) => ("W", ink.state(State::Warning)),
            Some(Level::Info | Level::Debug) | None => (" ", Style::new()),
        },
        Kind::Remark(_) => ("-", ink.notice()),
    };
    let mark = if current { ">" } else { " " };
    let mut spans =
        vec![Span::styled(mark, ink.strong()), Span::styled(if first { sign } else { " " }, style)];
    // what is left of the page is said on every line
    spans.push(Span::styled(if page.view.left() > 0 && first { "<" } else { " " }, ink.faint()));
    // a word of the console takes the room of the time, if it has none
    let wordy = matches!(row.line.kind, Kind::Remark(_)) && row.line.at.is_none();
    if page.view.has_times() && !wordy {
        let at = row.line.at.filter(|_| first);
        let at = at.map(|at| stamp::short(at, page.zone_s.unwrap_or(0))).unwrap_or_default();
        spans.push(Span::styled(format!("{at:<width$} ", width = stamp::SHORT), ink.faint()));
    }
    spans
}

fn style(level: Option<Level>, canvas: &Canvas<'_>) -> Style {
    match level {
        Some(Level::Error) => canvas.ink.state(State::Failed),
        Some(Level::Warning) => canvas.ink.state(State::Warning),
        Some(Level::Debug) => canvas.ink.faint(),
        Some(Level::Info) | None => Style::new(),
    }
}

/// What is looked for, and what the filter asks for where everything is shown: in order, none over another.
fn marked(page: LogPage<'_>, text: &str) -> Vec<Range<usize>> {
    let filter = page.view.filter().with.as_ref().filter(|_| !page.view.is_only());
    let mut all: Vec<Range<usize>> =
        page.view.search().into_iter().chain(filter).flat_map(|p| p.places(text)).collect();
    all.sort_by_key(|r| (r.start, r.end));
    let mut end = 0;
    all.retain_mut(|range| {
        range.start = range.start.max(end);
        end = end.max(range.end);
        range.start < range.end
    });
    all
}

/// A piece of a text, with what is marked in it reversed.
fn pieces<'t>(
    text: &'t str,
    piece: Range<usize>,
    marked: &[Range<usize>],
    style: Style,
    to: &mut Vec<Span<'t>>,
) {
    let mut push = |range: Range<usize>, style: Style| {
        if let Some(part) = text.get(range).filter(|p| !p.is_empty()) {
            to.push(Span::styled(part, style));
        }
    };
    let mut at = piece.start;
    for mark in marked {
        let (from, until) = (mark.start.clamp(at, piece.end), mark.end.clamp(at, piece.end));
        push(at..from, style);
        push(from..until, style.add_modifier(Modifier::REVERSED));
        at = until;
    }
    push(at..piece.end, style);
}
