//! The table: sign and word of the state where rows have one, then a cell for each column.
//!
//! ```text
//!            备份包           归属  种类       大小  比平时  完整性
//! >[+] 正常  20260201_040012  正式  增量    3.7 GiB     +2%  完整
//!  [x] 失败  20260131_040012  正式  增量   12.1 MiB    -99%  缺 全部数据卷（volumes 是 ..
//! ```
use crate::core::console::layout::{Layout, first};
use crate::core::console::sheet::{Column, Row, Sheet, Width};
use crate::core::state::State;
use crate::i18n::{Lang, Text};
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Cells between two columns.
const GAP: usize = 2;
/// Cells that the column which takes the rest gets at least, if the others can spare them.
const REST: usize = 12;
/// A column is not made narrower than this.
const NARROW: usize = 4;

pub(super) fn draw(sheet: &Sheet, chosen: usize, layout: &Layout, canvas: &mut Canvas<'_>) {
    let lang = canvas.lang;
    let any_state = sheet.rows.iter().any(|r| r.state.is_some());
    let signs = if any_state { sign(State::Ok, lang).width() + GAP } else { 0 };
    let widths = widths(sheet, lang, canvas.width().saturating_sub(signs + 2));
    if let Some(at) = layout.titles {
        let titles: Vec<&str> = sheet.columns.iter().map(|c| c.title.get(lang)).collect();
        let line = cells(&titles, &sheet.columns, &widths);
        let strong = canvas.ink.strong();
        canvas.write(usize::from(at), 0, Span::styled(format!("{}{line}", " ".repeat(signs + 1)), strong));
    }
    let room = usize::from(layout.list);
    let from = first(sheet.rows.len(), room, chosen);
    let mut list = canvas.rows(layout.list_at, layout.list);
    for (line, (at, row)) in sheet.rows.iter().enumerate().skip(from).take(room).enumerate() {
        draw_row(row, line, signs, (&sheet.columns, &widths), &mut list);
        if at == chosen {
            list.write(line, 0, Span::raw(">"));
            let style = list.ink.chosen(Style::new());
            list.tint(line, style);
        }
    }
}

fn draw_row(
    row: &Row,
    line: usize,
    signs: usize,
    (columns, widths): (&[Column], &[usize]),
    canvas: &mut Canvas<'_>,
) {
    let (ink, lang) = (canvas.ink, canvas.lang);
    let plain = if row.old { ink.faint() } else { Style::new() };
    let said: Vec<&str> = row.cells.iter().map(|c| c.get(lang)).collect();
    let state = match row.state {
        Some(state) => Span::styled(fit::pad(&sign(state, lang), signs), ink.state_or_old(state, row.old)),
        None => Span::raw(" ".repeat(signs)),
    };
    canvas.write(line, 0, vec![Span::raw(" "), state, Span::styled(cells(&said, columns, widths), plain)]);
}

/// The cells of a line, each in its column. Where nothing follows, a cell has the columns behind it, too.
fn cells(said: &[&str], columns: &[Column], widths: &[usize]) -> String {
    let mut line = String::new();
    for (n, ((words, column), width)) in said.iter().zip(columns).zip(widths).enumerate() {
        let is_last = said.iter().skip(n + 1).all(|s| s.is_empty());
        if is_last && !column.right {
            let behind: usize = widths.iter().skip(n + 1).map(|w| w + GAP).sum();
            line.push_str(&fit::cut(words, width + behind));
            break;
        }
        let cut = fit::cut(words, *width);
        if column.right {
            line.push_str(&" ".repeat(width.saturating_sub(cut.width())));
            line.push_str(&cut);
        } else {
            line.push_str(&fit::pad(&cut, *width));
        }
        line.push_str(&" ".repeat(GAP));
    }
    line.trim_end().to_owned()
}

/// The columns' widths. Where they do not all fit, the widest gives way.
fn widths(sheet: &Sheet, lang: Lang, room: usize) -> Vec<usize> {
    let cell = |n: usize, row: &Row| row.cells.get(n).map_or(0, |c| c.get(lang).width());
    let wants = |(n, column): (usize, &Column)| match column.width {
        Width::Rest => 0,
        Width::Fit(most) => {
            let widest = sheet.rows.iter().map(|r| cell(n, r)).max().unwrap_or(0);
            widest.max(column.title.get(lang).width()).min(usize::from(most))
        }
    };
    let mut widths: Vec<usize> = sheet.columns.iter().enumerate().map(wants).collect();
    let rest = sheet.columns.iter().position(|c| c.width == Width::Rest);
    let gaps = GAP * sheet.columns.len().saturating_sub(1);
    let least = if rest.is_some() { REST } else { 0 };
    while widths.iter().sum::<usize>() + gaps + least > room {
        let Some(widest) = widths.iter_mut().max().filter(|w| **w > NARROW) else { break };
        *widest -= 1;
    }
    let used = widths.iter().sum::<usize>() + gaps;
    if let Some(width) = rest.and_then(|at| widths.get_mut(at)) {
        *width = room.saturating_sub(used);
    }
    widths
}

/// What does not fit, and how bad it is: a failure below the edge must not go unseen.
pub(super) fn hidden(sheet: &Sheet, room: usize, chosen: usize) -> Option<Text> {
    let from = first(sheet.rows.len(), room, chosen);
    let above: Vec<&Row> = sheet.rows.iter().take(from).collect();
    let below: Vec<&Row> = sheet.rows.iter().skip(from + room).collect();
    let parts = [(above, crate::text!("上面还有", "above: ")), (below, crate::text!("下面还有", "below: "))];
    let parts: Vec<Text> = parts
        .into_iter()
        .filter(|(rows, _)| !rows.is_empty())
        .map(|(rows, head)| Text {
            zh: format!("{} {} 项{}", head.zh, rows.len(), bad(&rows, Lang::Zh)),
            en: format!("{}{} more{}", head.en, rows.len(), bad(&rows, Lang::En)),
        })
        .collect();
    Some(Text::join(&parts)).filter(|_| !parts.is_empty())
}

fn bad(rows: &[&Row], lang: Lang) -> String {
    let mut said = Vec::new();
    for state in [State::Failed, State::Unknown, State::Warning] {
        let count = rows.iter().filter(|r| r.state == Some(state)).count();
        if count > 0 {
            said.push(format!("{} {count}", state.word().get(lang)));
        }
    }
    match (said.is_empty(), lang) {
        (true, _) => String::new(),
        (false, Lang::Zh) => format!("（{}）", said.join("，")),
        (false, Lang::En) => format!(" ({})", said.join(", ")),
    }
}
