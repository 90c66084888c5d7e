//! Help of a screen: every key that holds there, from the table that the keys are read from, a page at a time.
//!
//! ```text
//!  ■ 正式 PROD  demo-prod  > 总览 > 帮助
//!  第 1/2 页，PgDn 翻页
//!    F5  r        再检查一次；只读，不改服务器
//!    上  k        上一行
//!
//!  [+] 正常  检查过，没有问题          [x] 失败  检查过，坏了
//! ```
use super::bar;
use crate::core::console::{Model, Place, keymap};
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use ratatui::style::Style;
use ratatui::text::Span;

/// Width of the keys.
const KEYS: usize = 18;

pub(super) fn draw(model: &Model, page: i32, now: EpochMs, canvas: &mut Canvas<'_>) {
    bar::draw(model, now, canvas);
    let ink = canvas.ink;
    let mut lines: Vec<(String, Style, String)> = Vec::new();
    for binding in keymap::at(Place::below(model)) {
        if binding.keys.is_empty() {
            continue;
        }
        let says = (binding.says)();
        lines.push((binding.names(canvas.lang), ink.strong(), canvas.say(&says).to_owned()));
    }
    lines.push((String::new(), ink.strong(), String::new()));
    for (state, means) in [
        (State::Ok, text!("检查过，没有问题", "checked, and good")),
        (State::Warning, text!("今天能用，但要尽快处理", "works today, needs a person soon")),
        (State::Failed, text!("检查过，坏了", "checked, and broken")),
        (State::Unknown, text!("没能检查，不等于正常", "could not be checked: not the same as good")),
    ] {
        lines.push((sign(state, canvas.lang), ink.state(state), canvas.say(&means).to_owned()));
    }
    let room = canvas.height().saturating_sub(3).max(1);
    let pages = lines.len().div_ceil(room);
    let at = usize::try_from(page).unwrap_or(0).min(pages - 1);
    let this = at + 1;
    let turn = match pages {
        1 => text!("所有功能也在 F10 里", "everything is in F10, too"),
        _ => text!(
            "第 {this}/{pages} 页，PgDn 翻页；所有功能也在 F10 里",
            "page {this} of {pages}, PgDn turns; everything is in F10, too"
        ),
    };
    let turn = canvas.say(&turn).to_owned();
    canvas.write(1, 1, Span::styled(turn, ink.notice()));
    for (row, (names, style, says)) in lines.into_iter().skip(at * room).take(room).enumerate() {
        let says = fit::cut(&says, canvas.width().saturating_sub(KEYS + 5));
        canvas.write(row + 2, 3, vec![Span::styled(fit::pad(&names, KEYS), style), Span::raw(says)]);
    }
}
