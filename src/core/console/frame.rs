//! Where things are on the screen: one bar, one row of tabs, the body, one line for keys. The view draws by it, and a
//! click is understood by it.
use super::deed;
use super::layout::{self, Layout};
use super::model::Model;
use super::overlay::Overlay;
use super::page::Page;
use super::screen::{Screen, Tab};
use super::sheet::Sheet;
use crate::i18n::{Lang, Text};
use unicode_width::UnicodeWidthStr;

/// Rows above the body of an environment: the bar and the tabs.
pub const HEAD: u16 = 2;
/// Rows below it: the keys.
pub const FOOT: u16 = 1;
/// The row of the first environment in the list.
pub const PICKER_TOP: u16 = 6;
/// Columns between two environments that stand side by side.
pub const GAP: u16 = 1;

/// A box in the middle of the screen: its corner and its size, borders included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boxed {
    /// First column.
    pub x: u16,
    /// First row.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Rows.
    pub height: u16,
}

/// The widest that a box gets, in columns.
const WIDEST: u16 = 96;
/// Rows of a box besides its lines: borders, and what is said or typed on top of them.
pub const BOX_HEAD: u16 = 2;
const BOX_FOOT: u16 = 1;

/// A box with so many lines, as many of them as there is room for. It leaves the bar, the tabs and the row free where
/// two environments that stand side by side have their names.
pub fn boxed(size: (u16, u16), lines: u16) -> Boxed {
    let width = size.0.saturating_sub(8).min(WIDEST);
    let height = (lines + BOX_HEAD + BOX_FOOT).min(size.1.saturating_sub(HEAD + FOOT + 1));
    let y = (size.1.saturating_sub(height) / 2).max(HEAD + 1);
    Boxed { x: (size.0 - width) / 2, y, width, height }
}

impl Boxed {
    /// Lines that it shows.
    pub fn lines(self) -> u16 {
        self.height.saturating_sub(BOX_HEAD + BOX_FOOT)
    }

    /// The first line that is shown, so that the chosen one is among them.
    pub fn first(self, chosen: usize, count: usize) -> usize {
        let fits = usize::from(self.lines());
        chosen.saturating_sub(fits / 2).min(count.saturating_sub(fits))
    }

    /// The line at a row of the screen.
    pub fn line_at(self, row: u16, chosen: usize, count: usize) -> Option<usize> {
        let within = row.checked_sub(self.y + BOX_HEAD).filter(|r| *r < self.lines())?;
        Some(self.first(chosen, count) + usize::from(within)).filter(|at| *at < count)
    }
}

/// The box of an action: as wide as can be read, and as high as it needs to be. It leaves the bar, the tabs and the keys free.
pub fn deed(size: (u16, u16), rows: u16) -> Boxed {
    let width = size.0.min(WIDEST + 14);
    let height = rows.min(size.1.saturating_sub(HEAD + FOOT));
    let y = (size.1.saturating_sub(height) / 2).max(HEAD);
    Boxed { x: (size.0 - width) / 2, y, width, height }
}

/// The menu of what changes a server: its lines, and below them why the chosen one cannot be done.
pub fn menu(size: (u16, u16), lines: u16) -> Boxed {
    boxed(size, lines + MENU_WHY)
}

/// Rows for that reason, with a blank one before it.
pub const MENU_WHY: u16 = 5;

/// Columns and rows of one environment's body.
pub fn body(model: &Model) -> (u16, u16) {
    let (columns, rows) = model.size;
    let columns = if model.beside().is_some() { half(columns) } else { columns };
    (columns, rows.saturating_sub(HEAD + FOOT))
}

/// Columns of one of two environments that stand side by side.
pub fn half(columns: u16) -> u16 {
    columns.saturating_sub(GAP) / 2
}

/// How a sheet is laid out in the body.
pub fn screen(model: &Model, sheet: &Sheet) -> Layout {
    let (columns, rows) = body(model);
    layout::layout(sheet, model.lang, rows.saturating_sub(named(model)), columns)
}

/// Rows that an environment's own name takes: one where two stand side by side.
pub fn named(model: &Model) -> u16 {
    u16::from(model.beside().is_some())
}

/// The row of the table at a row of the screen.
pub fn row_at(model: &Model, shown: &Page, row: u16) -> Option<usize> {
    let within = row.checked_sub(HEAD + named(model))?;
    screen(model, &shown.sheet).row_at(&shown.sheet, shown.chosen, within)
}

/// The environment at a row of the list.
pub fn picker_row(row: u16) -> Option<usize> {
    row.checked_sub(PICKER_TOP).map(usize::from)
}

/// What a tab says: ` 1 总览 `.
pub fn tab_name(tab: Tab, lang: Lang) -> String {
    format!(" {} {} ", tab.index() + 1, tab.title().get(lang))
}

/// What is said at the right end of the tabs: that something is at work there while its box is closed.
pub fn beside_tabs(model: &Model) -> Option<Text> {
    let is_closed = !matches!(model.overlay, Some(Overlay::Deed(_)));
    model.open().filter(|_| is_closed).and_then(deed::at_work)
}

/// The tabs with what each says. Where that does not fit, those that are not open are their digits.
pub fn tabs(model: &Model) -> Vec<(Tab, String)> {
    let whole: Vec<(Tab, String)> = Tab::ALL.into_iter().map(|t| (t, tab_name(t, model.lang))).collect();
    let beside = beside_tabs(model).map_or(0, |word| word.get(model.lang).width() + 2);
    let wide: usize = whole.iter().map(|(_, name)| name.width()).sum();
    if wide + beside <= usize::from(model.size.0) {
        return whole;
    }
    let short = |(tab, name): (Tab, String)| match model.tab() == Some(tab) {
        true => (tab, name),
        false => (tab, format!(" {} ", tab.index() + 1)),
    };
    whole.into_iter().map(short).collect()
}

/// The tab at a place of the screen.
pub fn tab_at(model: &Model, column: u16, row: u16) -> Option<Tab> {
    if row != 1 || model.screen == Screen::Picker {
        return None;
    }
    let mut from = 0;
    let hit = |(tab, name): (Tab, String)| {
        let to = from + name.width();
        let hit = (from..to).contains(&usize::from(column));
        from = to;
        hit.then_some(tab)
    };
    tabs(model).into_iter().find_map(hit)
}
