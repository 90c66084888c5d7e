//! The chosen check: its whole answer, what it rests on, what to do.
//!
//! ```text
//!  主机挂载：//192.0.2.72/backup 没有挂载到 /mnt/replica，现在写进去的是本机磁盘
//!  - /proc/self/mountinfo 中没有 /mnt/replica
//!  办法：挂载共享，再检查一次
//!  第 1/2 页，PgDn 翻页
//! ```
use crate::core::console::{Overview, Row};
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::style::Style;
use ratatui::text::Span;

pub(super) fn draw(shown: &Overview<'_>, page: i32, canvas: &mut Canvas<'_>) {
    let Some(row) = shown.rows.get(shown.chosen) else {
        return;
    };
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
fn lines(row: &Row<'_>, canvas: &Canvas<'_>) -> Vec<(String, Style)> {
    let (check, ink) = (row.check, canvas.ink);
    let width = canvas.width().saturating_sub(3);
    let plain = if row.old { ink.faint() } else { Style::new() };
    let mut lines = Vec::new();
    let mut say = |head: &str, text: &str, style: Style| {
        let indent = " ".repeat(unicode_width::UnicodeWidthStr::width(head));
        let wrapped = fit::wrap(text, width.saturating_sub(indent.len()));
        for (n, line) in wrapped.into_iter().enumerate() {
            let lead = if n == 0 { head } else { indent.as_str() };
            lines.push((format!("{lead}{line}"), style));
        }
    };
    let answer = Text {
        zh: format!("{}：{}", check.title.zh, check.summary.zh),
        en: format!("{}: {}", check.title.en, check.summary.en),
    };
    let strong = if row.old { plain } else { ink.strong() };
    say("", canvas.say(&answer), strong);
    for evidence in &check.evidence {
        say("- ", canvas.say(evidence), plain);
    }
    if let Some(next) = check.next.as_ref().filter(|_| check.state != State::Ok) {
        let head = text!("办法：", "To do: ");
        say(canvas.say(&head), canvas.say(next), strong);
    }
    lines
}
