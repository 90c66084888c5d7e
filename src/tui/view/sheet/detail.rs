//! What there is to say about the chosen row: its whole answer, what it rests on, what to do, the server's own lines.
//!
//! ```text
//!  主机看到的：//192.0.2.72/backup 没有挂载到 /mnt/replica，现在写进去的是服务器磁盘
//!  - /proc/self/mountinfo 中没有 /mnt/replica
//!  办法：挂载共享，再检查一次
//!  第 1/2 页，PgDn 翻页
//! ```
use crate::core::console::sheet::{Kind, Row};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

pub(super) fn draw(row: &Row, page: i32, canvas: &mut Canvas<'_>) {
    let lines = lines(row, canvas);
    let room = canvas.height();
    if lines.len() <= room {
        put(lines.into_iter(), canvas);
        return;
    }
    // the last row says that there is more
    let room = room.saturating_sub(1).max(1);
    let pages = lines.len().div_ceil(room);
    let pages_i32 = i32::try_from(pages).unwrap_or(1).max(1);
    let page = usize::try_from(page.rem_euclid(pages_i32)).unwrap_or(0);
    put(lines.into_iter().skip(page * room).take(room), canvas);
    let this = page + 1;
    let said = text!("第 {this}/{pages} 页，PgDn 翻页", "page {this} of {pages}, PgDn turns");
    let said = canvas.say(&said).to_owned();
    let style = canvas.ink.notice();
    canvas.write(room, 1, Span::styled(said, style));
}

fn put(lines: impl Iterator<Item = (String, Style)>, canvas: &mut Canvas<'_>) {
    for (row, (line, style)) in lines.enumerate() {
        canvas.write(row, 1, Span::styled(line, style));
    }
}

/// Everything that there is to say, in lines that fit.
fn lines(row: &Row, canvas: &Canvas<'_>) -> Vec<(String, Style)> {
    let ink = canvas.ink;
    let width = canvas.width().saturating_sub(3);
    let plain = if row.old { ink.faint() } else { Style::new() };
    let strong = if row.old { plain } else { ink.strong() };
    let todo = text!("办法：", "To do: ");
    let mut lines = Vec::new();
    for detail in &row.detail {
        let (head, style) = match detail.kind {
            Kind::Title => ("", strong),
            Kind::Evidence => ("- ", plain),
            Kind::Next => (canvas.say(&todo), strong),
            Kind::Raw => ("  ", ink.faint()),
        };
        let indent = " ".repeat(head.width());
        let wrapped = fit::wrap(canvas.say(&detail.text), width.saturating_sub(indent.len()));
        for (n, line) in wrapped.into_iter().enumerate() {
            let lead = if n == 0 { head } else { indent.as_str() };
            lines.push((format!("{lead}{line}"), style));
        }
    }
    lines
}
