//! The screens that are sheets, drawn: from answers that were captured in the lab, as text, and with any sheet at any size.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod drawn;
mod golden;

use opsdeck::config::model::Environment;
use opsdeck::core::console::glyphs::Glyphs;
use opsdeck::core::console::layout::Cursor;
use opsdeck::core::console::sheet::Sheet;
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::{Lang, Text};
use opsdeck::tui::ink::Ink;
use opsdeck::tui::view::draw_alone;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

pub(crate) const COLOUR: Ink = Ink::of(opsdeck::core::console::theme::Theme::Dark, true);

/// The lab's prod server and what it answered once.
pub(crate) fn captured(name: &str) -> (Environment, Snapshot) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let config = opsdeck::config::load(&here.join("tests/lab/lab.toml")).unwrap();
    let env = config.environments.into_iter().find(|e| e.key.0 == "prod").unwrap();
    let answer = std::fs::read(here.join("tests/fixtures/lab").join(name).with_extension("txt")).unwrap();
    let mark = "00000000000000000000000000fixture";
    let look = Snapshot::read(&env, "", mark, &answer, EpochMs(0), 0);
    let clock = look.identity.as_ref().map_or(EpochMs(0), |i| i.clock);
    let look = Snapshot::read(&env, "", mark, &answer, clock, 1000);
    (env, look)
}

pub(crate) fn draw(
    sheet: &Sheet,
    at: Cursor,
    status: Option<(Text, bool)>,
    (ink, lang, glyphs): (Ink, Lang, Glyphs),
    (width, height): (u16, u16),
) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut buf = Buffer::empty(area);
    draw_alone(sheet, at, status, (ink, lang, glyphs), area, &mut buf);
    buf
}

/// The screen as lines. A wide character covers two cells and is one character here.
pub(crate) fn lines(buf: &Buffer) -> Vec<String> {
    let row = |y: u16| {
        let (mut line, mut x) = (String::new(), 0);
        while x < buf.area.width {
            let symbol = buf[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(symbol.width().max(1)).unwrap();
        }
        line.trim_end().to_owned()
    };
    (0..buf.area.height).map(row).collect()
}
