//! The bar that says on which server one is.
//!
//! ```text
//!  ■ 正式 PROD  demo-prod                                     演示：内置服务器 healthy
//! ```
use crate::core::console::{Model, Server};
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::shape;
use ratatui::text::Span;

/// `■ 正式 PROD`.
pub(super) fn name(server: &Server) -> String {
    let (shape, word) = shape(&server.role);
    format!("{shape} {} {word}", server.name)
}

/// Draws the bar of the environment that is open, or of the console itself.
pub(super) fn draw(model: &Model, canvas: &mut Canvas<'_>) {
    let ink = canvas.ink;
    let (words, style) = match model.open() {
        Some(server) => (format!(" {}  {}", name(server), server.host), ink.bar(&server.role)),
        None => (" opsdeck".to_owned(), ink.chosen(ink.strong())),
    };
    let demo = demo(model, canvas);
    let room = canvas.width().saturating_sub(demo.len() + 6);
    canvas.write(0, 0, Span::raw(fit::cut(&words, room)));
    canvas.write_right(0, Span::raw(format!("{demo}   ")));
    canvas.tint(0, style);
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
