//! The last nights, one column each: what became of it, whether it was a full backup, how large its pack is.
//!
//! ```text
//!  结果  + + + + - + + + + + x + +
//!  全量      全            全
//!  大小  7 8 8 7   7 8 8 8 8   8 8       in eighths of the largest of its kind
//!  日期    20    23    26    29
//!  + 在共享上  - 已被清理  x 失败或不完整；按现在的定时推算
//! ```
use crate::core::console::glyphs::Glyphs;
use crate::core::console::strip::{Mark, Night, Strip};
use crate::i18n::{Lang, Text};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Cells of what stands in front of a row.
const HEAD: usize = 6;

pub(super) fn draw(strip: &Strip, old: bool, canvas: &mut Canvas<'_>) {
    let faint = canvas.ink.faint();
    if strip.nights.is_empty() {
        let words = fit::cut(canvas.say(&strip.legend), canvas.width().saturating_sub(2));
        canvas.write(0, 1, Span::styled(words, faint));
        return;
    }
    let room = canvas.width().saturating_sub(HEAD + 2);
    let step = (room / strip.nights.len()).clamp(1, 3);
    // where there is no room for all of them, the newest stay
    let nights: Vec<&Night> = {
        let skip = strip.nights.len().saturating_sub(room / step);
        strip.nights.iter().skip(skip).collect()
    };
    let glyphs = canvas.glyphs;
    let signs = nights.iter().map(|n| {
        let style = match n.mark.state() {
            _ if old => faint,
            Some(state) => canvas.ink.state(state),
            None => Style::new(),
        };
        Span::styled(fit::pad(&sign(n.mark, glyphs), step), style)
    });
    let signs: Vec<Span<'_>> = signs.collect();
    row(0, &text!("结果", "night"), signs, canvas);
    let days = Span::styled(days(&nights, step), faint);
    match canvas.height() {
        0 | 1 => {}
        2 => row(1, &text!("日期", "day"), vec![days], canvas),
        3 | 4 => {
            row(1, &text!("日期", "day"), vec![days], canvas);
            key(2, strip, canvas);
        }
        _ => {
            let full = cells(&nights, step, |n| n.full.then(|| full_sign(canvas.lang, step)));
            row(1, &text!("全量", "full"), vec![Span::raw(full)], canvas);
            let sizes = cells(&nights, step, |n| strip.level(n).map(|l| bar(l, glyphs)));
            row(2, &text!("大小", "size"), vec![Span::styled(sizes, faint)], canvas);
            row(3, &text!("日期", "day"), vec![days], canvas);
            key(4, strip, canvas);
        }
    }
}

fn row<'s>(at: usize, head: &Text, spans: Vec<Span<'s>>, canvas: &mut Canvas<'_>) {
    let head = Span::styled(fit::pad(canvas.say(head), HEAD), canvas.ink.faint());
    canvas.write(at, 1, std::iter::once(head).chain(spans).collect::<Vec<Span<'_>>>());
}

fn sign(mark: Mark, glyphs: Glyphs) -> String {
    match mark {
        Mark::There => glyphs.tick().to_owned(),
        Mark::Failed => glyphs.cross().to_owned(),
        other => other.sign().to_string(),
    }
}

/// An empty pack is a nought, and no blank: a blank is a night without a pack.
fn bar(eighths: u8, glyphs: Glyphs) -> String {
    if eighths == 0 { "0".to_owned() } else { glyphs.bar(eighths).to_owned() }
}

fn full_sign(lang: Lang, step: usize) -> String {
    let sign = if lang == Lang::Zh && step > 1 { "全" } else { "F" };
    sign.to_owned()
}

fn cells(nights: &[&Night], step: usize, of: impl Fn(&Night) -> Option<String>) -> String {
    nights.iter().map(|n| fit::pad(&of(n).unwrap_or_default(), step)).collect()
}

/// The days of the month, as many as there is room for; the last night has its own.
fn days(nights: &[&Night], step: usize) -> String {
    let every = match step {
        1 => 5,
        2 => 3,
        _ => 1,
    };
    let mut line = String::new();
    for (at, night) in nights.iter().enumerate() {
        // a number is two cells wide, and may reach into the column behind it
        if (nights.len() - 1 - at).is_multiple_of(every) {
            let gap = (at * step).saturating_sub(line.width());
            line.push_str(&format!("{}{:02}", " ".repeat(gap), night.day));
        }
    }
    line
}

/// What the signs mean, and what is assumed.
fn key(at: usize, strip: &Strip, canvas: &mut Canvas<'_>) {
    let mut words = String::new();
    for mark in strip.marks() {
        let word = mark.word();
        words.push_str(&format!("{} {}  ", sign(mark, canvas.glyphs), canvas.say(&word)));
    }
    let line = format!("{words}({})", canvas.say(&strip.legend));
    let line = fit::cut(&line, canvas.width().saturating_sub(2));
    let faint = canvas.ink.faint();
    canvas.write(at, 1, Span::styled(line, faint));
}
