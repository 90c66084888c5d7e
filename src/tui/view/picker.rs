//! The list of environments. Nothing is connected before one is opened.
//!
//! ```text
//!  opsdeck                                              演示：内置服务器 healthy
//!
//!  选一个环境
//!  打开之前不会连接任何服务器。
//!
//!  > 1  ■ 正式 PROD     prod      demo-prod
//!    2  □ 测试 TEST     test      demo-test
//!
//!  Enter 打开   1-9 直接打开   q 退出   F1 帮助   F12 English
//! ```
use super::bar;
use crate::core::console::{Model, Server};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// The row of the first environment.
const TOP: usize = 5;

pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    bar::draw(model, canvas);
    let (heading, promise) = (
        text!("选一个环境", "Choose an environment"),
        text!("打开之前不会连接任何服务器。", "No server is connected before it is opened."),
    );
    let ink = canvas.ink;
    let heading = Span::styled(canvas.say(&heading).to_owned(), ink.strong());
    canvas.write(2, 1, heading);
    let promise = Span::styled(canvas.say(&promise).to_owned(), ink.faint());
    canvas.write(3, 1, promise);
    let room = canvas.height().saturating_sub(TOP + 1);
    let first = (model.chosen + 1).saturating_sub(room);
    let name = widest(model, |s| bar::name(s).width(), 40);
    let key = widest(model, |s| s.key.0.width(), 20);
    let shown = model.servers.iter().enumerate().skip(first).take(room);
    for (row, (at, server)) in shown.enumerate() {
        let row = TOP + row;
        let chosen = at == model.chosen;
        let mark = if chosen { '>' } else { ' ' };
        let number = match at {
            0..9 => (at + 1).to_string(),
            _ => " ".into(),
        };
        let bold = ink.environment(&server.role);
        let host = fit::cut(&server.host, canvas.width().saturating_sub(name + key + 14));
        let line = vec![
            Span::raw(format!(" {mark} {number}  ")),
            Span::styled(fit::pad(&bar::name(server), name), bold),
            Span::raw(format!("  {}  {host}", fit::pad(&server.key.0, key))),
        ];
        canvas.write(row, 0, line);
        if chosen {
            canvas.tint(row, ink.chosen(ratatui::style::Style::new()));
        }
    }
    let hidden = model.servers.len().saturating_sub(room);
    if hidden > 0 {
        let count = model.servers.len();
        let said = text!("共 {count} 个环境", "{count} environments");
        let said = Span::styled(canvas.say(&said).to_owned(), ink.faint());
        canvas.write(canvas.height().saturating_sub(1), 1, said);
    }
}

/// The column that fits every server's word, within reason.
fn widest(model: &Model, of: impl Fn(&Server) -> usize, most: usize) -> usize {
    model.servers.iter().map(of).max().unwrap_or(0).min(most)
}
