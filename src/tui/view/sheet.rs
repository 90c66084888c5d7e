//! Any screen that is a table: what is on top of it, the table, and what there is to say about the chosen row.
//!
//! ```text
//!  [x] 失败  昨夜的备份 #422 失败：预检失败：/mnt/replica 未挂载 ..
//!  [+] 共享    [###...] 40% 余 392.7 GiB      [+] 根目录 /  [####..] 58% 余 21.2 GiB
//!  结果  + + + + - + + + + + x + +
//!  日期    20    23    26    29
//!  --- 12 秒前 ----------------------------------------------------------------
//!            备份包           归属  种类       大小  比平时  完整性
//! >[+] 正常  20260201_040012  正式  增量    3.7 GiB     +2%  完整
//!  [x] 失败  20260131_040012  正式  增量   12.1 MiB    -99%  缺 全部数据卷
//!  --- 下面还有 8 项（失败 1）-------------------------------------------------
//!  migration_pack_20260201_040012：完整
//!  - 属于“正式”：那里的任务 #422 写的就是这个目录
//! ```
//!
//! What is old is grey and has no colour of a state.
mod detail;
mod gauges;
mod lead;
mod strip;
mod table;

use crate::core::console::glyphs::Glyphs;
use crate::core::console::layout::{Cursor, layout};
use crate::core::console::sheet::Sheet;
use crate::i18n::{Lang, Text};
use crate::tui::canvas::Canvas;
use crate::tui::fit;
use crate::tui::ink::Ink;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Span;

/// Draws a sheet. `status` is what is to be said about the whole of it, and whether it must not be missed.
pub(in crate::tui) fn draw(sheet: &Sheet, at: Cursor, status: Option<(Text, bool)>, canvas: &mut Canvas<'_>) {
    let layout = layout(sheet, canvas.lang, canvas.area.height, canvas.area.width);
    lead::draw(sheet, at.age, &layout.lead, canvas);
    let (words, emphasised) = status.unwrap_or_default();
    let style = if emphasised { canvas.ink.notice() } else { canvas.ink.faint() };
    let words = canvas.say(&words).to_owned();
    canvas.ruler(usize::from(layout.ruler), &words, style);
    if sheet.rows.is_empty() {
        nothing(sheet, &mut canvas.rows(layout.list_at, layout.list));
        return;
    }
    let chosen = at.chosen.min(sheet.rows.len() - 1);
    table::draw(sheet, chosen, &layout, canvas);
    let hidden = table::hidden(sheet, usize::from(layout.list), chosen);
    let hidden = hidden.map(|h| canvas.say(&h).to_owned()).unwrap_or_default();
    let faint = canvas.ink.faint();
    canvas.ruler(usize::from(layout.list_at + layout.list), &hidden, faint);
    if let Some(row) = sheet.rows.get(chosen) {
        detail::draw(row, at.page, &mut canvas.rows(layout.detail_at, layout.detail));
    }
}

/// Draws a sheet on a screen of its own.
pub fn draw_alone(
    sheet: &Sheet,
    at: Cursor,
    status: Option<(Text, bool)>,
    (ink, lang, glyphs): (Ink, Lang, Glyphs),
    area: Rect,
    buf: &mut Buffer,
) {
    draw(sheet, at, status, &mut Canvas::new(buf, area, ink, lang, glyphs));
}

/// Why there are no rows.
fn nothing(sheet: &Sheet, canvas: &mut Canvas<'_>) {
    let Some(why) = &sheet.empty else { return };
    let lines = fit::wrap(canvas.say(why), canvas.width().saturating_sub(4));
    for (row, line) in lines.into_iter().enumerate() {
        canvas.write(row + 1, 2, Span::raw(line));
    }
}
