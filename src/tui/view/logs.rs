//! A log, followed: what is followed and how, what is looked for, and the lines.
//!
//! ```text
//!  容器 ragflowauth-backend   跟随中   12345 行   错误 3   告警 1            时间 +08:00
//!  只显示：备份，含 /volume/   显示 120 行   查找 esdata 2/17
//!  --- 连接断了，5 秒后重新连接 --------------------------------------------------
//!    01-31 12:00:00 Started full backup job #422
//! >E 01-31 12:00:07 ERROR: 备份 volume: ragflow_compose_esdata01
//!  W 01-31 12:00:09 10.0.0.1 - "GET / HTTP/1.1" 502
//!  - 01-31 12:01:00 连接断了，正在重新连接 ..
//! ```
//!
//! A level is a sign and a colour; what is looked for is reversed; the `>` is the current line, to be copied. Only the
//! lines that are seen are touched.
mod body;
mod head;

use crate::core::console::glyphs::Glyphs;
use crate::core::log::Source;
use crate::core::log::buffer::Buffer;
use crate::core::log::layout::{HEAD, Page};
use crate::core::log::view::LogView;
use crate::i18n::{Lang, Text, counted};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::Ink;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// What is known about the log that is shown.
#[derive(Clone, Copy, Debug)]
pub struct LogPage<'a> {
    /// Which log.
    pub source: &'a Source,
    /// Where it stands, and what is looked for.
    pub view: &'a LogView,
    /// Its lines.
    pub buffer: &'a Buffer,
    /// What is wrong with the link or the log, or what it waits for; nothing while all is well.
    pub link: Option<&'a Text>,
    /// From when on it is shown.
    pub start: Option<&'a Text>,
    /// The container's clock, seconds east of UTC; nothing if it is not known, and then times are UTC and it is said.
    pub zone_s: Option<i32>,
}

/// Draws a log on a part of the screen, at least eighty cells wide.
pub fn log_page(page: LogPage<'_>, ink: Ink, lang: Lang, area: Rect, buf: &mut ratatui::buffer::Buffer) {
    draw(page, &mut Canvas::new(buf, area, ink, lang, Glyphs::default()));
}

pub(super) fn draw(page: LogPage<'_>, canvas: &mut Canvas<'_>) {
    head::draw(page, canvas);
    let room = Page::of(canvas.area.width, canvas.area.height);
    let rows = page.view.rows(page.buffer, room);
    let mut body = canvas.rows(HEAD, canvas.area.height.saturating_sub(HEAD));
    if rows.is_empty() {
        let said = empty(page);
        let lines = fit::wrap(body.say(&said), body.width().saturating_sub(4));
        for (row, line) in lines.into_iter().enumerate() {
            body.write(row + 1, 2, Span::raw(line));
        }
        return;
    }
    body::draw(page, room, &rows, &mut body);
}

/// Why there is nothing to see.
fn empty(page: LogPage<'_>) -> Text {
    let (view, all) = (page.view, page.buffer.len());
    if all == 0 {
        return match page.link {
            Some(_) => text!("还没有收到任何一行，原因见上。", "No line came yet; see above why."),
            None => text!("还没有收到任何一行，正在等待。", "No line came yet; waiting for the first."),
        };
    }
    let lines = counted(all, "line", "lines");
    match view.percent(page.buffer) {
        Some(percent) => text!(
            "正在筛选 {all} 行，已完成 {percent}%，还没有符合的行。",
            "Filtering {lines}, {percent}% done; none matches yet."
        ),
        None => text!(
            "{all} 行中没有一行符合，所以这里是空的。按 i 显示全部，按 S 从更早看起。",
            "None of {lines} matches, so nothing is shown. i shows all, S begins earlier."
        ),
    }
}
