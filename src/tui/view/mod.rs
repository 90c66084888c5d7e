//! What is on the screen. [`view`] draws, and does nothing else: the model, the time and the size are all it knows.
//!
//! One file a screen, each with a drawing of it in its doc comment; the bar, the keys and what lies over a screen are
//! the same for all of them.
mod bar;
mod footer;
mod help;
mod logs;
mod over;
mod picker;
mod sheet;

use super::canvas::Canvas;
use super::fit;
use super::ink::Ink;
use crate::core::console::frame::{self, FOOT, HEAD};
use crate::core::console::layout::Cursor;
use crate::core::console::logs::{start_words, trouble, zone_s};
use crate::core::console::{Model, Overlay, Page, Screen, Tab, page};
use crate::core::units::EpochMs;
use crate::text;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Span;

pub use bar::title;
pub use logs::{LogPage, log_page};
pub use sheet::draw_alone;

/// The smallest screen that everything fits on.
pub const SMALLEST: (u16, u16) = (80, 24);

/// Draws the screen; says where the terminal's cursor belongs, which is where something is typed.
pub fn view(model: &Model, now: EpochMs, ink: Ink, area: Rect, buf: &mut Buffer) -> Option<Position> {
    let mut all = Canvas::new(buf, area, ink.with(model.theme), model.lang, model.glyphs);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut all);
        return None;
    }
    let body = area.height - FOOT;
    let mut cursor = None;
    match (&model.overlay, model.screen) {
        (Some(Overlay::Help { page }), _) => help::draw(model, *page, now, &mut all.rows(0, body)),
        (_, Screen::Picker) => cursor = picker::draw(model, now, &mut all.rows(0, body)),
        (_, Screen::Open { server, tab }) => {
            bar::draw(model, now, &mut all.rows(0, 1));
            bar::tabs(model, &mut all.rows(1, 1));
            let mut canvas = all.rows(HEAD, body - HEAD);
            match tab {
                Tab::Logs => log(model, now, &mut canvas),
                _ => open(model, server, tab, now, &mut canvas),
            }
        }
    }
    let boxed = over::draw(model, now, &mut all);
    let typed = footer::draw(model, &mut all.rows(body, FOOT));
    // what lies on top has the cursor
    let over =
        matches!(&model.overlay, Some(Overlay::Palette { .. } | Overlay::Ask { .. } | Overlay::Write { .. }));
    boxed.or(typed).or(cursor.filter(|_| model.overlay.is_none() && !over))
}

/// The log that is followed.
fn log(model: &Model, now: EpochMs, canvas: &mut Canvas<'_>) {
    let Some(server) = model.open() else { return };
    let Some(source) = &server.logs.source else { return };
    let (trouble, start) = (trouble(server, now), start_words(server));
    let (view, buffer, zone_s) = (&server.logs.view, &server.logs.buffer, zone_s(server));
    logs::draw(LogPage { source, view, buffer, link: trouble.as_ref(), start: Some(&start), zone_s }, canvas);
}

/// One environment, or on a wide overview two of them side by side, in the order of the list, each under its name.
fn open(model: &Model, server: usize, tab: Tab, now: EpochMs, canvas: &mut Canvas<'_>) {
    let Some(beside) = model.beside() else {
        table(page(model, server, tab, now), canvas);
        return;
    };
    let width = frame::half(canvas.area.width);
    let mut at = [server, beside];
    at.sort_unstable();
    for (n, each) in at.into_iter().enumerate() {
        let x = canvas.area.x + (width + frame::GAP) * u16::try_from(n).unwrap_or(0);
        let mut part = canvas.part(Rect { x, width, ..canvas.area });
        if let Some(named) = model.servers.get(each) {
            let style = part.ink.bar(&named.role);
            let mark = if each == server { '>' } else { ' ' };
            let words = format!("{mark} {}  {}", bar::name(named), named.host);
            part.write(0, 0, Span::raw(fit::cut(&words, usize::from(width) - 4)));
            part.tint(0, if each == server { style } else { part.ink.faint_bar(&named.role) });
        }
        let height = part.area.height.saturating_sub(1);
        table(page(model, each, tab, now), &mut part.rows(1, height));
    }
}

/// A table; a filter in force is said in the ruler.
fn table(shown: Page, canvas: &mut Canvas<'_>) {
    let at = Cursor { chosen: shown.chosen, page: shown.turned, age: shown.age };
    let status = match shown.filter.is_empty() {
        true => shown.status,
        false => {
            let (wanted, hidden) = (&shown.filter, shown.hidden);
            let said = text!(
                "筛选“{wanted}”，隐藏 {hidden} 行；Esc 取消",
                "filter \"{wanted}\" hides {hidden}; Esc ends it"
            );
            let rest = shown.status.map(|(s, _)| s).unwrap_or_default();
            Some((
                crate::i18n::Text {
                    zh: format!("{}   {}", said.zh, rest.zh),
                    en: format!("{}   {}", said.en, rest.en),
                },
                true,
            ))
        }
    };
    sheet::draw(&shown.sheet, at, status, canvas);
}

/// Says what is wrong instead of showing half of it.
fn too_small(canvas: &mut Canvas<'_>) {
    let (width, height) = SMALLEST;
    let (has_width, has_height) = (canvas.area.width, canvas.area.height);
    let said = text!(
        "窗口太小：现在 {has_width}x{has_height}，至少要 {width}x{height}。请拉大窗口或缩小字体。Ctrl-C 退出",
        "The window is too small: {has_width}x{has_height}, and {width}x{height} is needed. Make it larger, or its letters smaller. Ctrl-C quits"
    );
    for (row, line) in fit::wrap(canvas.say(&said), canvas.width()).into_iter().enumerate() {
        canvas.write(row, 0, Span::raw(line));
    }
}
