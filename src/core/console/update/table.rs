//! Moving in a table.
use super::super::frame;
use super::super::keymap::Action;
use super::super::model::Model;
use super::super::mouse::Mouse;
use super::super::msg::Effect;
use super::super::page::page;
use super::super::screen::{Screen, Tab};
use crate::core::units::EpochMs;

/// Where a step leads, in a list of so many lines of which `fits` are seen.
pub(super) fn stepped(at: usize, count: usize, action: Action, fits: usize) -> usize {
    let last = count.saturating_sub(1);
    let by = match action {
        Action::Up | Action::Down => 1,
        Action::HalfUp | Action::HalfDown => (fits / 2).max(1),
        _ => fits.max(1),
    };
    match action {
        Action::First => 0,
        Action::Last => last,
        Action::Up | Action::HalfUp | Action::PreviousPage => at.saturating_sub(by),
        _ => (at + by).min(last),
    }
}

pub(super) fn moved(model: &mut Model, server: usize, tab: Tab, action: Action, now: EpochMs) {
    let shown = page(model, server, tab, now);
    if matches!(action, Action::NextPage | Action::PreviousPage) {
        turn(model, server, tab, if action == Action::NextPage { 1 } else { -1 });
        return;
    }
    let fits = frame::screen(model, &shown.sheet).list;
    let to = stepped(shown.chosen, shown.sheet.rows.len(), action, usize::from(fits));
    choose(model, server, tab, shown.sheet.rows.get(to).map(|r| r.id.clone()));
}

pub(super) fn choose(model: &mut Model, server: usize, tab: Tab, id: Option<String>) {
    if let Some(place) = model.servers.get_mut(server).and_then(|s| s.place_mut(tab)) {
        place.chosen = id;
        place.page = 0;
    }
}

/// Turns a page of the lower pane.
fn turn(model: &mut Model, server: usize, tab: Tab, by: i32) {
    if let Some(place) = model.servers.get_mut(server).and_then(|s| s.place_mut(tab)) {
        place.page = place.page.wrapping_add(by);
    }
}

pub(super) fn set_filter(model: &mut Model, server: usize, tab: Tab, wanted: String) {
    if let Some(place) = model.servers.get_mut(server).and_then(|s| s.place_mut(tab)) {
        place.filter = wanted;
        place.page = 0;
    }
}

/// Ends the filter; `false` when there was none.
pub(super) fn unfilter(model: &mut Model, server: usize, tab: Tab) -> bool {
    let Some(place) = model.servers.get_mut(server).and_then(|s| s.place_mut(tab)) else { return false };
    let was = !place.filter.is_empty();
    place.filter.clear();
    was
}

/// A click chooses a row, or a screen by its tab.
pub(super) fn clicked(model: &mut Model, mouse: Mouse, now: EpochMs) -> Vec<Effect> {
    let Screen::Open { server, tab } = model.screen else {
        let at = frame::picker_row(mouse.row).filter(|at| *at < model.picked().len());
        model.picker.chosen = at.unwrap_or(model.picker.chosen);
        return Vec::new();
    };
    if let Some(to) = frame::tab_at(model, mouse.column, mouse.row) {
        return super::go(model, to, now);
    }
    if tab == Tab::Logs || (model.beside().is_some() && mouse.column >= model.size.0 / 2) {
        return Vec::new();
    }
    let shown = page(model, server, tab, now);
    let at = frame::row_at(model, &shown, mouse.row);
    if let Some(row) = at.and_then(|at| shown.sheet.rows.get(at)) {
        choose(model, server, tab, Some(row.id.clone()));
    }
    Vec::new()
}
