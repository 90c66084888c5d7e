//! What is on top of a sheet: lines with the sign of their state, bars, the last nights.
//!
//! ```text
//!  [!] 告警  共 62 个备份包，230.4 GiB：正式 31，测试 31；中断的残留 1 个
//! ```
use super::{gauges, strip};
use crate::core::console::sheet::{Age, Lead, Sheet};
use crate::core::state::State;
use crate::i18n::Text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

pub(super) fn draw(sheet: &Sheet, age: Age, heights: &[u16], canvas: &mut Canvas<'_>) {
    let mut top = 0;
    for (lead, height) in sheet.lead.iter().zip(heights).filter(|(_, height)| **height > 0) {
        let mut part = canvas.rows(top, *height);
        match lead {
            Lead::Line { state, text } => {
                // beside a new row an old "good" has no colour, and an old "bad" is still worth one
                let old = age == Age::Old || (age == Age::Mixed && *state == Some(State::Ok));
                line(*state, text, old, &mut part);
            }
            Lead::Gauges(gauges) => gauges::draw(gauges, age != Age::New, &mut part),
            Lead::Strip(nights) => strip::draw(nights, age != Age::New, &mut part),
        }
        top += height;
    }
}

fn line(state: Option<State>, text: &Text, old: bool, canvas: &mut Canvas<'_>) {
    let style = match state {
        Some(state) => canvas.ink.state_or_old(state, old),
        None if old => canvas.ink.faint(),
        None => Style::new(),
    };
    let head = state.map(|s| format!("{}  ", sign(s, canvas.lang))).unwrap_or_default();
    let indent = head.width();
    let width = canvas.width().saturating_sub(indent + 3);
    let words = canvas.say(text).to_owned();
    let mut lines = fit::wrap(&words, width);
    // the last row that there is takes all that is left, as far as it fits
    if let Some(last) = canvas.height().checked_sub(1).filter(|last| lines.len() > last + 1) {
        let before: usize = lines.iter().take(last).flat_map(|l| l.chars()).filter(|c| *c != ' ').count();
        let tail = skip_letters(&words, before);
        lines.truncate(last);
        lines.push(fit::cut(tail, width));
    }
    for (row, line) in lines.into_iter().enumerate() {
        let head = if row == 0 { head.clone() } else { " ".repeat(indent) };
        canvas.write(row, 1, Span::styled(format!("{head}{line}"), style));
    }
}

/// What follows so many letters, blanks not counted: wrapping takes blanks away at the ends of lines.
fn skip_letters(text: &str, letters: usize) -> &str {
    let mut left = letters;
    for (at, c) in text.char_indices() {
        if left == 0 && c != ' ' {
            return text.get(at..).unwrap_or_default();
        }
        left = left.saturating_sub(usize::from(c != ' '));
    }
    ""
}
