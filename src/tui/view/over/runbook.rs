//! The runbook: the list of causes, or the page of one.
//!
//! ```text
//!  +- 故障手册：打字筛选，Enter 看一条 -----------------------------+
//!  | > 幽灵_                                                        |
//!  | > 幽灵任务占着位置                                    任务和锁 |
//!  +----------------------------------------------------------------+
//!  +- 幽灵任务占着位置 ---------------------------------------------+
//!  | ghost-job                                                      |
//!  | 是什么       任务写着进行中，但干活的进程早就没了……            |
//!  | 怎么办       按 X 关闭这个任务……                               |
//!  +----------------------------------------------------------------+
//! ```
use super::deed::{Row, drawn, paged};
use super::{Line, open};
use crate::core::console::explain::lines;
use crate::core::console::runbook::{Book, env};
use crate::core::console::{Model, frame};
use crate::core::diagnose::{CauseId, Runbook, runbook};
use crate::i18n::Text;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::view::footer;
use ratatui::layout::{Position, Rect};
use ratatui::text::Span;

/// Draws it; says where the cursor belongs.
pub(super) fn draw(model: &Model, book: &Book, canvas: &mut Canvas<'_>) -> Option<Position> {
    match book.open {
        Some(cause) => {
            page(model, cause, book.page, canvas);
            None
        }
        None => list(book, canvas),
    }
}

fn list(book: &Book, canvas: &mut Canvas<'_>) -> Option<Position> {
    let title = text!("故障手册：打字筛选，Enter 看一条", "runbook: type to find, Enter reads one");
    let none = text!("没有这样的原因", "no such cause");
    let line = |(_, book): (CauseId, Runbook)| {
        let family = book.family.word();
        let (title, family) = (book.title.get(canvas.lang), family.get(canvas.lang));
        Line { left: title.to_owned(), right: family.to_owned() }
    };
    let lines: Vec<Line> = book.listed().into_iter().map(line).collect();
    let (_, mut inner) = open(&title, &lines, book.chosen, &none, canvas);
    footer::typed("> ", &book.input, 0, &mut inner)
}

fn page(model: &Model, cause: CauseId, turned: i32, canvas: &mut Canvas<'_>) {
    let size = (canvas.area.width, canvas.area.height);
    let width = usize::from(frame::deed(size, 3).width.saturating_sub(4));
    let body: Vec<Row> = lines(cause, &env(model))
        .unwrap_or_default()
        .iter()
        .flat_map(|line| drawn(line, width, canvas))
        .collect();
    // borders, and the id
    let boxed = frame::deed(size, u16::try_from(body.len() + 3).unwrap_or(u16::MAX));
    let area = Rect { x: boxed.x, y: boxed.y, width: boxed.width, height: boxed.height };
    let title: Text = runbook(cause).map(|book| book.title).unwrap_or_default();
    let title = canvas.say(&title).to_owned();
    let mut inner = canvas.framed(area, &title);
    let faint = inner.ink.faint();
    inner.write(0, 0, Span::styled(cause, faint));
    paged(body, turned, usize::from(boxed.height).saturating_sub(3).max(1), &mut inner);
}
