//! The bar that says on which server one is and where on it, and the row of tabs below it.
//!
//! ```text
//!  ■ 正式 PROD  172.30.30.57  > 任务 > #422                演示：内置服务器 healthy
//!   1 总览  2 挂载  3 任务  4 备份包  5 日志  6 操作记录      操作进行中：Enter 看
//! ```
use crate::core::console::deed::{self, write};
use crate::core::console::{Model, Overlay, Screen, Server, Tab, frame};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::shape;
use ratatui::text::Span;
use unicode_width::UnicodeWidthStr;

/// `■ 正式 PROD`.
pub(super) fn name(server: &Server) -> String {
    let (shape, word) = shape(&server.role);
    format!("{shape} {} {word}", server.name)
}

/// Draws the bar of the environment that is open, or of the console itself.
pub(super) fn draw(model: &Model, now: EpochMs, canvas: &mut Canvas<'_>) {
    let ink = canvas.ink;
    let (mut words, style) = match model.open() {
        Some(server) => (format!(" {}  {}", name(server), server.host), ink.bar(&server.role)),
        None => (" opsdeck".to_owned(), ink.chosen(ink.strong())),
    };
    for crumb in crumbs(model) {
        words.push_str(&format!("  > {}", canvas.say(&crumb)));
    }
    let mut demo = demo(model, canvas);
    if let Some(left) = model.open().and_then(|s| write::left_ms(s, now)) {
        let word = write::word(left);
        demo = format!("[{}]  {demo}", canvas.say(&word));
    }
    let room = canvas.width().saturating_sub(demo.width() + 6);
    canvas.write(0, 0, Span::raw(fit::cut(&words, room)));
    canvas.write_right(0, Span::raw(format!("{demo}   ")));
    canvas.tint(0, style);
}

/// Where one is: the screen, and what lies over it.
fn crumbs(model: &Model) -> Vec<Text> {
    let mut crumbs: Vec<Text> = model.tab().map(Tab::title).into_iter().collect();
    let over = match &model.overlay {
        Some(Overlay::Help { .. }) => Some(text!("帮助", "help")),
        Some(Overlay::Palette { .. }) => Some(text!("找功能", "palette")),
        Some(Overlay::Actions { .. } | Overlay::Deed(_)) => Some(text!("操作", "actions")),
        Some(Overlay::Write { .. }) => Some(text!("写模式", "write mode")),
        Some(Overlay::Leave { .. }) => Some(text!("退出？", "quit?")),
        Some(Overlay::Ask { .. }) | None => None,
    };
    crumbs.extend(over);
    crumbs
}

/// The tabs, the open one reversed.
pub(super) fn tabs(model: &Model, canvas: &mut Canvas<'_>) {
    let Screen::Open { tab: open, .. } = model.screen else { return };
    let ink = canvas.ink;
    let spans: Vec<Span<'_>> = Tab::ALL
        .into_iter()
        .map(|tab| {
            let style = if tab == open { ink.chosen(ink.strong()) } else { ink.faint() };
            Span::styled(frame::tab_name(tab, model.lang), style)
        })
        .collect();
    canvas.write(0, 0, spans);
    // its own box says it better
    let is_closed = !matches!(model.overlay, Some(Overlay::Deed(_)));
    if let Some(word) = model.open().filter(|_| is_closed).and_then(at_work) {
        let word = canvas.say(&word).to_owned();
        canvas.write_right(0, Span::styled(format!("{word} "), ink.notice()));
    }
}

/// What is at work on the open server while its box is closed; or, until somebody mends it, that its backend was left down.
pub(super) fn at_work(server: &Server) -> Option<Text> {
    let is_over = server.run.as_ref().is_none_or(|r| r.outcome().is_some());
    if is_over && deed::is_down(server) {
        return Some(text!("后端停着：R 启动它", "the backend is down: R starts it"));
    }
    let run = server.run.as_ref()?;
    Some(match (run.outcome(), &run.lost) {
        (Some(_), _) => text!("操作已结束：Enter 看", "it is over: Enter"),
        (None, Some(_)) => text!("断线，操作仍在继续", "link lost, it goes on"),
        (None, None) => text!("操作进行中：Enter 看", "at work: Enter shows"),
    })
}

/// Nobody takes a built-in server for a real one.
fn demo(model: &Model, canvas: &Canvas<'_>) -> String {
    let Some(name) = &model.demo else {
        return String::new();
    };
    let said = text!("演示：内置服务器 {name}", "demo: built-in servers, {name}");
    canvas.say(&said).to_owned()
}

/// What the terminal's own title says.
pub fn title(model: &Model) -> String {
    match model.open() {
        Some(server) => format!("{} {} - opsdeck", name(server), server.host),
        None => "opsdeck".to_owned(),
    }
}
