//! The list of environments. Nothing is connected before one is opened.
//!
//! ```text
//!  opsdeck                                              演示：内置服务器 healthy
//!
//!  选一个环境
//!  打开之前不会连接任何服务器。
//!  查找：_
//!
//!  > 1  ■ 正式 PROD     prod      demo-prod
//!    2  □ 测试 TEST     test      demo-test
//!
//!  Enter 打开   1-9 直接打开   q 退出   F1 帮助
//! ```
use super::{bar, footer};
use crate::core::console::{Model, Server, deed, frame};
use crate::core::units::EpochMs;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::layout::Position;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// Draws it; the cursor belongs into the line that finds.
pub(super) fn draw(model: &Model, now: EpochMs, canvas: &mut Canvas<'_>) -> Option<Position> {
    bar::draw(model, now, canvas);
    let (heading, promise, find) = (
        text!("选一个环境", "Choose an environment"),
        text!("打开之前不会连接任何服务器。", "No server is connected before it is opened."),
        text!(" 查找：", " find: "),
    );
    let ink = canvas.ink;
    canvas.write(2, 1, Span::styled(canvas.say(&heading).to_owned(), ink.strong()));
    canvas.write(3, 1, Span::raw(canvas.say(&promise).to_owned()));
    let find = canvas.say(&find).to_owned();
    let cursor = footer::typed(&find, &model.picker.input, 4, canvas);
    let top = usize::from(frame::PICKER_TOP);
    if model.servers.is_empty() {
        let none = text!(
            "没有配置环境：在 environments.toml 中加入 [[environment]]",
            "No environment is configured: add an [[environment]] to environments.toml"
        );
        canvas.write(top, 1, Span::styled(canvas.say(&none).to_owned(), ink.notice()));
        return None;
    }
    let shown = model.picked();
    if shown.is_empty() {
        let none = text!("没有叫这个名字的环境；Esc 清掉", "no environment of that name; Esc clears");
        canvas.write(top, 1, Span::styled(canvas.say(&none).to_owned(), ink.notice()));
        return cursor;
    }
    let servers: Vec<&Server> = shown.iter().filter_map(|at| model.servers.get(*at)).collect();
    let names = servers.iter().map(|s| bar::name(s).width()).max().unwrap_or(0);
    let keys = servers.iter().map(|s| s.key.0.width()).max().unwrap_or(0);
    let room = canvas.height().saturating_sub(top);
    let first = first(model.picker.chosen, servers.len(), room);
    for (at, server) in servers.iter().enumerate().skip(first).take(room) {
        let chosen = at == model.picker.chosen;
        let row = top + at - first;
        let mark = if chosen { '>' } else { ' ' };
        let nth = if at < 9 { (at + 1).to_string() } else { " ".into() };
        let name = fit::pad(&bar::name(server), names);
        let mut spans = vec![
            Span::raw(format!(" {mark} {nth}  ")),
            Span::styled(name, ink.environment(&server.role)),
            Span::raw(format!("   {}   {}", fit::pad(&server.key.0, keys), server.host)),
        ];
        if model.recent.first() == Some(&server.key) {
            let last = text!("   上次用的", "   used last");
            spans.push(Span::styled(canvas.say(&last).to_owned(), ink.faint()));
        }
        if let Some(word) = deed::at_work(server) {
            spans.push(Span::styled(format!("   {}", canvas.say(&word)), ink.notice()));
        }
        canvas.write(row, 0, spans);
        if chosen {
            canvas.tint(row, ink.chosen(ink.strong()));
        }
    }
    cursor
}

/// The first line that is shown, so that the chosen one is among them.
fn first(chosen: usize, count: usize, room: usize) -> usize {
    if chosen < room { 0 } else { chosen.saturating_sub(room / 2).min(count.saturating_sub(room)) }
}
