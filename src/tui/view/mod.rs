//! What is on the screen. [`view`] draws, and does nothing else: the model, the time and the size are all it knows.
//!
//! One file a screen, each with a drawing of it in its doc comment; a `footer`, `help` and the environment's bar
//! for all of them.
mod bar;
mod footer;
mod help;
mod overview;
mod picker;

use super::canvas::Canvas;
use super::fit;
use super::ink::Ink;
use crate::core::console::{Model, Screen};
use crate::core::units::EpochMs;
use crate::text;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

pub use bar::title;

/// The smallest screen that everything fits on.
pub const SMALLEST: (u16, u16) = (80, 24);

/// Draws the screen.
pub fn view(model: &Model, now: EpochMs, ink: Ink, area: Rect, buf: &mut Buffer) {
    let mut all = Canvas::new(buf, area, ink, model.lang);
    if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
        too_small(&mut all);
        return;
    }
    let body = area.height - 1;
    match model.screen {
        _ if model.help => help::draw(model, &mut all.rows(0, body)),
        Screen::Picker => picker::draw(model, &mut all.rows(0, body)),
        Screen::Overview(_) => overview::draw(model, now, &mut all.rows(0, body)),
    }
    footer::draw(model, &mut all.rows(body, 1));
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
