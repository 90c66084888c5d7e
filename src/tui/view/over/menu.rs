//! The menu of what changes a server: each line with its key, and where it cannot be done now, why.
//!
//! ```text
//!  +- 操作：先给预览，确认之前什么也不做 -----------------------+
//!  |                                                            |
//!  | > 挂载 Windows 共享      本来就挂着，什么也不用做        M |
//!  |   取消正在跑的备份       没有备份在跑                    K |
//!  |                                                            |
//!  | 本来就挂着，什么也不用做                                   |
//!  +------------------------------------------------------------+
//! ```
use crate::core::console::frame::{self, MENU_WHY};
use crate::core::console::menu::{CHANGES, why_not};
use crate::core::console::{Model, Server};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Cells of a key at the right end, with two blanks before it.
const KEY: usize = 3;

pub(super) fn draw(model: &Model, chosen: usize, now: EpochMs, canvas: &mut Canvas<'_>) {
    let Some(server) = model.open() else { return };
    let boxed =
        frame::menu((canvas.area.width, canvas.area.height), u16::try_from(CHANGES.len()).unwrap_or(0));
    let area = Rect { x: boxed.x, y: boxed.y, width: boxed.width, height: boxed.height };
    let title =
        text!("操作：先给预览，确认之前什么也不做", "actions: a preview first, nothing before you confirm");
    let title = canvas.say(&title).to_owned();
    let mut inner = canvas.framed(area, &title);
    let (ink, width, lang) = (inner.ink, inner.width(), inner.lang);
    let names: Vec<String> = CHANGES.iter().map(|c| (c.title)().get(lang).to_owned()).collect();
    let widest = names.iter().map(|n| n.width()).max().unwrap_or(0) + 2;
    for (n, (change, name)) in CHANGES.iter().zip(&names).enumerate() {
        let mark = if n == chosen { '>' } else { ' ' };
        let why = reason(server, n, now);
        let room = width.saturating_sub(widest + 2 + KEY);
        let why_words = why.as_ref().map(|w| w.get(lang)).unwrap_or_default();
        let spans = vec![
            Span::styled(
                fit::pad(&format!("{mark} {name}"), widest + 2),
                if why.is_some() { ink.disabled() } else { Style::new() },
            ),
            Span::styled(fit::pad(why_words, room), ink.faint()),
            Span::styled(format!("{:>KEY$}", change.key.name(lang)), ink.strong()),
        ];
        inner.write(n + 1, 0, spans);
        if n == chosen {
            inner.tint_all(n + 1, ink.chosen(Style::new()));
        }
    }
    let from = CHANGES.len() + 2;
    let (words, style) = match reason(server, chosen, now) {
        Some(why) => (why, ink.notice()),
        None => (
            text!(
                "按上次检查可以做。Enter 先看预览。",
                "Can be done by the last look. Enter shows the preview."
            ),
            Style::new(),
        ),
    };
    let rows = usize::from(MENU_WHY - 1);
    for (row, line) in fit::wrap(inner.say(&words), width).into_iter().take(rows).enumerate() {
        inner.write(from + row, 0, Span::styled(line, style));
    }
}

fn reason(server: &Server, line: usize, now: EpochMs) -> Option<Text> {
    let change = CHANGES.get(line)?;
    why_not(server, change.choices, now).err()
}
