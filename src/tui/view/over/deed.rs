//! The box of an action.
//!
//! ```text
//!  +- 预览：还没有做任何事 -----------------------------------+
//!  | ■ 正式 PROD  172.30.30.57   重启后端                     |
//!  | 会发生什么                                               |
//!  | - 网页和接口会中断，直到它重新起来                       |
//!  | [+] 正常  没有备份在跑                                   |
//!  | 确认：打出 正式 或 prod，再按 Enter                      |
//!  | 环境名：_                                                |
//!  +----------------------------------------------------------+
//! ```
use crate::core::console::deed::{DeedPage, Field, Line, page};
use crate::core::console::{Model, frame};
use crate::core::plan::prove::Proof;
use crate::core::units::EpochMs;
use crate::i18n::Lang;
use crate::text;
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::sign;
use crate::tui::view::{bar, footer};
use ratatui::layout::{Position, Rect};
use ratatui::style::Style;
use ratatui::text::Span;
use tui_input::Input;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Cells of what a part is about.
const LABEL: usize = 13;

/// A row as it is drawn.
pub(super) type Row = Vec<Span<'static>>;

/// Draws it; says where the cursor belongs.
pub(super) fn draw(model: &Model, now: EpochMs, canvas: &mut Canvas<'_>) -> Option<Position> {
    let shown = page(model, now)?;
    boxed(model, &shown, turned(model), canvas)
}

/// Another box of the same make.
pub(super) fn another(
    model: &Model,
    shown: DeedPage,
    turned: i32,
    canvas: &mut Canvas<'_>,
) -> Option<Position> {
    boxed(model, &shown, turned, canvas)
}

/// The write mode of 正式 asks for the name.
pub(super) fn write(model: &Model, input: &Input, canvas: &mut Canvas<'_>) -> Option<Position> {
    let server = model.open()?;
    let (name, key) = (&server.name, &server.key);
    let shown = DeedPage {
        title: text!("写模式", "write mode"),
        head: text!("打开写模式", "open the write mode"),
        lines: vec![Line::Plain(text!(
            "10 分钟，离开这个环境就关。每个操作仍要在它的框里打出环境名才会执行。",
            "For 10 minutes, or until you leave. Each action still asks for the name in its box."
        ))],
        foot: vec![Line::Warn(text!(
            "打出 {name} 或 {key}，再按 Enter。Esc 取消。",
            "Type {name} or {key} and press Enter. Esc cancels."
        ))],
        field: Some(Field { label: text!("环境名：", "name: "), input: input.clone() }),
    };
    boxed(model, &shown, 0, canvas)
}

fn turned(model: &Model) -> i32 {
    match &model.overlay {
        Some(crate::core::console::Overlay::Deed(deed)) => deed.page,
        _ => 0,
    }
}

fn boxed(model: &Model, shown: &DeedPage, turned: i32, canvas: &mut Canvas<'_>) -> Option<Position> {
    let server = model.open()?;
    let size = (canvas.area.width, canvas.area.height);
    let width = usize::from(frame::deed(size, 3).width.saturating_sub(4));
    let rows = |lines: &[Line], canvas: &Canvas<'_>| -> Vec<Row> {
        lines.iter().flat_map(|l| drawn(l, width, canvas)).collect()
    };
    let (body, foot) = (rows(&shown.lines, canvas), rows(&shown.foot, canvas));
    // borders, the environment, a blank row above the foot
    let fixed = 2 + 1 + 1 + foot.len() + usize::from(shown.field.is_some());
    let wanted = u16::try_from(fixed + body.len()).unwrap_or(u16::MAX);
    let boxed = frame::deed(size, wanted);
    let area = Rect { x: boxed.x, y: boxed.y, width: boxed.width, height: boxed.height };
    let title = canvas.say(&shown.title).to_owned();
    let mut inner = canvas.framed(area, &title);
    let head = format!(" {}  {}   {}", bar::name(server), server.host, inner.say(&shown.head));
    inner.write(0, 0, Span::raw(fit::cut(&head, width.saturating_sub(2))));
    let style = inner.ink.bar(&server.role);
    inner.tint(0, style);
    let room = usize::from(boxed.height).saturating_sub(fixed).max(1);
    paged(body, turned, room, &mut inner);
    let from = inner.height().saturating_sub(foot.len() + usize::from(shown.field.is_some()));
    for (n, row) in foot.into_iter().enumerate() {
        inner.write(from + n, 0, row);
    }
    let field = shown.field.as_ref()?;
    let label = inner.say(&field.label).to_owned();
    let row = inner.area.height.saturating_sub(1);
    footer::typed(&label, &field.input, row, &mut inner)
}

/// Rows below the first one, so many at a time; the last row of a page says that there are more.
pub(super) fn paged(body: Vec<Row>, turned: i32, room: usize, inner: &mut Canvas<'_>) {
    let a_page = if body.len() > room { room.saturating_sub(1).max(1) } else { room };
    let pages = body.len().div_ceil(a_page).max(1);
    let at = usize::try_from(turned.rem_euclid(i32::try_from(pages).unwrap_or(1))).unwrap_or(0);
    for (n, row) in body.into_iter().skip(at * a_page).take(a_page).enumerate() {
        inner.write(1 + n, 0, row);
    }
    if pages > 1 {
        let this = at + 1;
        let more = text!("第 {this}/{pages} 页，PgDn 翻页", "page {this} of {pages}, PgDn turns");
        let more = inner.say(&more).to_owned();
        let style = inner.ink.notice();
        inner.write(room, 0, Span::styled(more, style));
    }
}

/// A line as rows that fit.
pub(super) fn drawn(line: &Line, width: usize, canvas: &Canvas<'_>) -> Vec<Row> {
    let ink = canvas.ink;
    let plain = Style::new();
    match line {
        Line::Blank => vec![Vec::new()],
        Line::Title(t) => wrapped(Span::raw(""), canvas.say(t), ink.strong(), width),
        Line::Plain(t) => wrapped(Span::raw(""), canvas.say(t), plain, width),
        Line::Faint(t) => wrapped(Span::raw(""), canvas.say(t), ink.faint(), width),
        Line::Warn(t) => wrapped(Span::raw(""), canvas.say(t), ink.notice(), width),
        Line::Item(t) => wrapped(Span::raw("- "), canvas.say(t), plain, width),
        Line::Sign(state, t) => {
            let sign = Span::styled(format!("{}  ", sign(*state, canvas.lang)), ink.state(*state));
            wrapped(sign, canvas.say(t), plain, width)
        }
        Line::Next(t) => {
            let head = text!("办法：", "To do: ");
            wrapped(Span::styled(canvas.say(&head).to_owned(), ink.strong()), canvas.say(t), plain, width)
        }
        Line::Part(label, t) => {
            let label = fit::pad(canvas.say(label), LABEL);
            wrapped(Span::styled(label, ink.strong()), canvas.say(t), plain, width)
        }
        // commands are cut nowhere: what is read is what runs
        Line::Code(code) => broken(code, width).into_iter().map(|l| vec![Span::raw(l)]).collect(),
        Line::Pick { n, chosen, what, why } => {
            let mark = if *chosen { '>' } else { ' ' };
            let style = if *chosen { ink.chosen(plain) } else { plain };
            let mut rows =
                wrapped(Span::styled(format!("{mark} {n}  "), ink.strong()), canvas.say(what), style, width);
            if let Some(why) = why {
                rows.extend(wrapped(Span::raw("      "), canvas.say(why), ink.faint(), width));
            }
            rows
        }
        Line::Step(state, t) => {
            let (mark, word) = state.sign();
            let sign = format!(
                "{mark} {}  ",
                fit::pad(canvas.say(&word), if canvas.lang == Lang::Zh { 4 } else { 8 })
            );
            wrapped(Span::raw(sign), canvas.say(t), plain, width)
        }
        Line::Proof(proof) => compared(proof, width, canvas),
    }
}

/// Words behind something, wrapped under themselves.
fn wrapped(head: Span<'static>, words: &str, style: Style, width: usize) -> Vec<Row> {
    let indent = head.width();
    let lines = fit::wrap(words, width.saturating_sub(indent));
    let row = |(n, line): (usize, String)| match n {
        0 => vec![head.clone(), Span::styled(line, style)],
        _ => vec![Span::raw(" ".repeat(indent)), Span::styled(line, style)],
    };
    lines.into_iter().enumerate().map(row).collect()
}

/// A line of commands, broken where the row ends: nothing of it is left out, no blank either.
fn broken(code: &str, width: usize) -> Vec<String> {
    let mut rows = vec![String::new()];
    for c in code.chars() {
        if rows.last().is_some_and(|r| r.width() + c.width().unwrap_or(0) > width) {
            rows.push(String::new());
        }
        rows.last_mut().into_iter().for_each(|r| r.push(c));
    }
    rows
}

/// Before and after, side by side.
fn compared(proof: &Proof, width: usize, canvas: &Canvas<'_>) -> Vec<Row> {
    let ink = canvas.ink;
    let sign = format!("{}  ", sign(proof.state, canvas.lang));
    let rest = width.saturating_sub(sign.width());
    let name = rest * 3 / 10;
    let half = (rest - name).saturating_sub(4) / 2;
    let none = text!("没有看", "not seen");
    let before = proof.before.as_ref().unwrap_or(&none);
    let cell = |t: &str, room: usize| fit::wrap(t, room.max(2));
    let columns = [
        cell(canvas.say(&proof.what), name),
        cell(canvas.say(before), half),
        cell(canvas.say(&proof.after), half),
    ];
    let rows = columns.iter().map(Vec::len).max().unwrap_or(0);
    let at =
        |column: &[String], n: usize, room: usize| fit::pad(column.get(n).map_or("", String::as_str), room);
    let [what, before, after] = &columns;
    (0..rows)
        .map(|n| {
            let head = if n == 0 { sign.clone() } else { " ".repeat(sign.width()) };
            vec![
                Span::styled(head, ink.state(proof.state)),
                Span::raw(format!("{} ", at(what, n, name))),
                Span::styled(format!("{} | ", at(before, n, half)), ink.faint()),
                Span::raw(after.get(n).cloned().unwrap_or_default()),
            ]
        })
        .collect()
}
