//! What lies over a screen, in a box in its middle.
//!
//! ```text
//!  +- 退出 opsdeck？ -----------------------------------------+
//!  | 服务器上的备份任务不受影响。                             |
//!  | > 留下                                                   |
//!  |   退出                                                   |
//!  +----------------------------------------------------------+
//! ```
mod deed;
mod menu;
mod runbook;

use super::footer;
use crate::core::console::frame::{self, Boxed};
use crate::core::console::{Model, Overlay, Server, bundle, explain, palette};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// A line of a box: what stands at its left and its right end.
struct Line {
    left: String,
    right: String,
}

/// Draws the box, if there is one; says where the cursor belongs.
pub(super) fn draw(model: &Model, now: EpochMs, canvas: &mut Canvas<'_>) -> Option<Position> {
    let lang = model.lang;
    match &model.overlay {
        Some(Overlay::Palette { input, chosen }) => {
            let title = text!("找功能：中文、英文或拼音首字母", "find: Chinese, English or pinyin initials");
            let lines = palette::lines(model, input.value());
            let lines: Vec<Line> =
                lines.into_iter().map(|l| Line { left: l.says.get(lang).to_owned(), right: l.key }).collect();
            let none = text!("没有这样的功能", "nothing of that name");
            let (boxed, mut inner) = open(&title, &lines, *chosen, &none, canvas);
            let _ = boxed;
            footer::typed("> ", input, 0, &mut inner)
        }
        Some(Overlay::Runbook(book)) => runbook::draw(model, book, canvas),
        Some(Overlay::Actions { chosen }) => {
            menu::draw(model, *chosen, now, canvas);
            None
        }
        Some(Overlay::Deed(_)) => deed::draw(model, now, canvas),
        Some(Overlay::Explain { page, .. }) => {
            deed::another(model, explain::page(model, now)?, *page, canvas)
        }
        Some(Overlay::Bundle(shown)) => deed::another(model, bundle::page(model, now)?, shown.page, canvas),
        Some(Overlay::Write { input }) => deed::write(model, input, canvas),
        Some(Overlay::Leave { chosen }) => {
            let title = text!("退出 opsdeck？", "quit opsdeck?");
            let said = goes_on(model);
            let answers = [text!("留下", "stay"), text!("退出", "quit")];
            let lines: Vec<Line> =
                answers.iter().map(|a| Line { left: a.get(lang).to_owned(), right: String::new() }).collect();
            let (_, mut inner) = open(&title, &lines, *chosen, &Text::default(), canvas);
            let style = if model.servers.iter().any(is_at_work) { inner.ink.notice() } else { Style::new() };
            let said = fit::cut(inner.say(&said), inner.width());
            inner.write(0, 0, Span::styled(said, style));
            None
        }
        _ => None,
    }
}

fn is_at_work(server: &Server) -> bool {
    server.run.as_ref().is_some_and(|r| r.outcome().is_none())
}

/// What leaving does not end.
fn goes_on(model: &Model) -> Text {
    let at: Vec<&str> = model.servers.iter().filter(|s| is_at_work(s)).map(|s| s.name.as_str()).collect();
    if at.is_empty() {
        return text!("服务器上的备份任务不受影响。", "Backup jobs on the servers are not affected.");
    }
    let at = at.join(" ");
    text!(
        "{at}：操作还在进行，会在服务器上自己做完；下次打开会接上它。",
        "{at}: at work; it goes on on the server, and the next start follows it."
    )
}

/// Draws the box with its lines and hands on the row on top of them.
fn open<'c>(
    title: &Text,
    lines: &[Line],
    chosen: usize,
    none: &Text,
    canvas: &'c mut Canvas<'_>,
) -> (Boxed, Canvas<'c>) {
    let count = u16::try_from(lines.len().max(1)).unwrap_or(u16::MAX - 8);
    let boxed = frame::boxed((canvas.area.width, canvas.area.height), count);
    let area = Rect { x: boxed.x, y: boxed.y, width: boxed.width, height: boxed.height };
    let title = canvas.say(title).to_owned();
    let mut inner = canvas.framed(area, &title);
    let (ink, width) = (inner.ink, inner.width());
    if lines.is_empty() {
        let none = inner.say(none).to_owned();
        inner.write(1, 2, Span::styled(none, ink.notice()));
    }
    let first = boxed.first(chosen, lines.len());
    for (n, line) in lines.iter().enumerate().skip(first).take(usize::from(boxed.lines())) {
        let row = n - first + 1;
        let mark = if n == chosen { '>' } else { ' ' };
        let room = width.saturating_sub(line.right.width() + 4);
        let left = fit::pad(&format!("{mark} {}", line.left), room + 2);
        inner.write(row, 0, vec![Span::raw(left), Span::styled(format!("  {}", line.right), ink.strong())]);
        if n == chosen {
            inner.tint_all(row, ink.chosen(Style::new()));
        }
    }
    (boxed, inner)
}
