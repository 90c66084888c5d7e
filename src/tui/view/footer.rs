//! The last line: the keys that matter here, what is typed, or what is to be said about the last key.
//!
//! ```text
//!  F5 再检查   F8 日志   F9 操作   Esc 返回   F1 帮助
//!  筛选：#42_                                           Enter 确定   Esc 返回
//! ```
use crate::core::console::{Asked, Model, Notice, Overlay, Place, keymap};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::layout::Position;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Draws it; where something is typed, says where the cursor belongs.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) -> Option<Position> {
    if let Some(notice) = &model.notice {
        said(notice, canvas);
        return None;
    }
    if let Some(Overlay::Ask { what, input }) = &model.overlay {
        let head = match what {
            Asked::Filter => text!(" 筛选：", " filter: "),
            Asked::Search => text!(" 搜索（正则）：", " search (regex): "),
            Asked::Only => text!(" 只看（正则）：", " only (regex): "),
            Asked::Without => text!(" 不看（正则）：", " without (regex): "),
            Asked::Since => text!(" 从何时（30m 2h 04:00）：", " since (30m 2h 04:00): "),
        };
        let head = canvas.say(&head).to_owned();
        return typed(&head, input, 0, canvas);
    }
    let mut spans = Vec::new();
    for binding in keymap::at(Place::of(model)) {
        if let Some(word) = binding.footer {
            spans.push(Span::styled(binding.first_name(canvas.lang), canvas.ink.strong()));
            let word = word();
            spans.push(Span::raw(format!(" {}   ", canvas.say(&word))));
        }
    }
    canvas.write(0, 1, spans);
    None
}

/// A line that is typed, scrolled so that the cursor is seen. The terminal's own cursor goes there: windows of input
/// methods follow it.
pub(super) fn typed(
    head: &str,
    input: &tui_input::Input,
    row: u16,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    let column = u16::try_from(head.width()).unwrap_or(0);
    let room = canvas.area.width.saturating_sub(column + 1);
    let from = input.visual_scroll(usize::from(room));
    let style = canvas.ink.strong();
    let shown = fit::after(input.value(), from);
    canvas.write(usize::from(row), 0, vec![Span::raw(head.to_owned()), Span::styled(shown, style)]);
    let at = u16::try_from(input.visual_cursor().saturating_sub(from)).unwrap_or(room).min(room);
    Some(Position { x: canvas.area.x + column + at, y: canvas.area.y + row })
}

fn said(notice: &Notice, canvas: &mut Canvas<'_>) {
    let said = match notice {
        Notice::ForeignLetters => text!(
            "检测到中文输入法，什么也没做。请切换到英文，或用 F 键、方向键",
            "Input method on? Nothing was done: switch it off, or use F-keys and arrows"
        ),
        Notice::PasteIgnored => {
            text!("这里不接受粘贴，什么也没做", "Nothing can be pasted here; nothing was done")
        }
        Notice::Said(text) | Notice::Refused(text) => text.clone(),
    };
    let style = match notice {
        Notice::Said(_) => canvas.ink.strong(),
        _ => canvas.ink.notice(),
    };
    let said = fit::cut(canvas.say(&said), canvas.width().saturating_sub(2));
    canvas.write(0, 1, Span::styled(said, style));
}
