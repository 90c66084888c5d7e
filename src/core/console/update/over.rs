//! What lies over a screen: the palette, the menu of actions, the question at the way out, and lines that are typed.
use super::super::frame;
use super::super::key::{Code, Key};
use super::super::keymap::Action;
use super::super::menu::CHANGES;
use super::super::model::{Model, Notice, Picker};
use super::super::mouse::Mouse;
use super::super::msg::Effect;
use super::super::overlay::{Asked, Overlay, insert};
use super::super::palette;
use super::super::runbook::{Below, Book};
use super::super::screen::{Screen, Tab};
use super::{bundle, deed, logs, table, walk, write};
use crate::core::units::EpochMs;
use crate::text;
use tui_input::{Input, InputRequest};

pub(super) fn palette(model: &mut Model) {
    model.overlay = Some(Overlay::Palette { input: Input::default(), chosen: 0 });
}

/// The list of causes; from help, Esc goes back to it.
pub(super) fn runbook(model: &mut Model) {
    let below = match model.overlay {
        Some(Overlay::Help { .. }) => Below::Help,
        _ => Below::Screen,
    };
    model.overlay = Some(Overlay::Runbook(Book { below, ..Book::default() }));
}

/// A line of the table's filter, with what is in force; the picker is typed into as it is.
pub(super) fn filter(model: &mut Model) {
    let Screen::Open { server, tab } = model.screen else { return };
    if tab == Tab::Logs {
        return;
    }
    let now = model.servers.get(server).map(|s| s.place(tab).filter).unwrap_or_default();
    model.overlay = Some(Overlay::Ask { what: Asked::Filter, input: Input::new(now) });
}

/// The question at the way out; staying is chosen.
pub(super) fn leave(model: &mut Model) -> Vec<Effect> {
    model.overlay = Some(Overlay::Leave { chosen: 0 });
    Vec::new()
}

/// Moves in what lies over the screen; `false` when nothing does.
pub(super) fn moved(model: &mut Model, action: Action) -> bool {
    let lines = match &model.overlay {
        None | Some(Overlay::Ask { .. }) => return false,
        Some(Overlay::Write { .. }) => return true,
        Some(Overlay::Deed(_)) => {
            deed::moved(model, action);
            return true;
        }
        Some(Overlay::Help { .. } | Overlay::Explain { .. } | Overlay::Bundle(_)) => 0,
        Some(Overlay::Runbook(book)) => book.listed().len(),
        Some(Overlay::Palette { input, .. }) => palette::lines(model, input.value()).len(),
        Some(Overlay::Actions { .. }) => CHANGES.len(),
        Some(Overlay::Leave { .. }) => 2,
    };
    match &mut model.overlay {
        Some(Overlay::Help { page }) => match action {
            Action::Up | Action::PreviousPage => *page = page.saturating_sub(1).max(0),
            Action::Down | Action::NextPage => *page = page.saturating_add(1),
            _ => *page = 0,
        },
        Some(Overlay::Explain { page, .. }) => match action {
            Action::Up | Action::PreviousPage => *page = page.wrapping_sub(1),
            _ => *page = page.wrapping_add(1),
        },
        Some(Overlay::Bundle(boxed)) => bundle::moved(boxed, action),
        Some(Overlay::Runbook(book)) if book.open.is_some() => {
            let by = if action == Action::PreviousPage || action == Action::Up { -1 } else { 1 };
            book.page = book.page.wrapping_add(by);
        }
        Some(Overlay::Runbook(book)) => book.chosen = table::stepped(book.chosen, lines, action, 10),
        Some(Overlay::Palette { chosen, .. } | Overlay::Actions { chosen } | Overlay::Leave { chosen }) => {
            *chosen = table::stepped(*chosen, lines, action, 10);
        }
        _ => {}
    }
    true
}

/// Takes a key into the line that is typed; `false` when the key means something else here.
pub(super) fn typed(model: &mut Model, key: Key) -> bool {
    let Some(
        Overlay::Palette { input, .. }
        | Overlay::Ask { input, .. }
        | Overlay::Write { input }
        | Overlay::Runbook(Book { input, open: None, .. }),
    ) = &mut model.overlay
    else {
        return deed::typed(model, key);
    };
    if !edited(input, key) {
        return false;
    }
    if let Some(Overlay::Palette { chosen, .. } | Overlay::Runbook(Book { chosen, .. })) = &mut model.overlay
    {
        *chosen = 0;
    }
    live_filter(model);
    true
}

pub(super) fn edited(input: &mut Input, key: Key) -> bool {
    let request = match (key.code, key.ctrl) {
        (Code::Char(c), false) => {
            insert(input, c);
            return true;
        }
        (Code::Backspace, _) => InputRequest::DeletePrevChar,
        (Code::Delete, _) => InputRequest::DeleteNextChar,
        (Code::Left, _) => InputRequest::GoToPrevChar,
        (Code::Right, _) => InputRequest::GoToNextChar,
        (Code::Home, _) => InputRequest::GoToStart,
        (Code::End, _) => InputRequest::GoToEnd,
        (Code::Char('u'), true) => InputRequest::DeleteLine,
        (Code::Char('w'), true) => InputRequest::DeletePrevWord,
        _ => return false,
    };
    input.handle(request);
    true
}

/// A table is filtered while the filter is typed.
pub(super) fn live_filter(model: &mut Model) {
    let Some(Overlay::Ask { what: Asked::Filter, input }) = &model.overlay else { return };
    let wanted = input.value().trim().to_owned();
    let Screen::Open { server, tab } = model.screen else { return };
    table::set_filter(model, server, tab, wanted);
}

/// Types into the list of environments; only what makes or changes text.
pub(super) fn typed_in_picker(model: &mut Model, key: Key) -> bool {
    if matches!(key.code, Code::Left | Code::Right | Code::Home | Code::End) {
        return false;
    }
    let typed = edited(&mut model.picker.input, key);
    if typed {
        model.picker.chosen = 0;
    }
    typed
}

pub(super) fn moved_in_picker(model: &mut Model, action: Action) {
    let count = model.picked().len();
    model.picker.chosen = table::stepped(model.picker.chosen, count, action, 10);
}

pub(super) fn clear_picker(model: &mut Model) {
    model.picker = Picker::default();
}

/// Enter on what lies over the screen.
pub(super) fn confirm(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    match model.overlay.take() {
        Some(Overlay::Palette { input, chosen }) => {
            let action = palette::lines(model, input.value()).into_iter().nth(chosen).map(|l| l.action);
            match action {
                Some(action) => super::act(model, action, Key::of(Code::Enter), now),
                None => {
                    model.overlay = Some(Overlay::Palette { input, chosen });
                    Vec::new()
                }
            }
        }
        Some(Overlay::Actions { chosen }) => {
            // also where the last look knows a reason: a fresh one may not, and its box says more
            deed::open(model, chosen, now)
        }
        Some(boxed @ Overlay::Deed(_)) => {
            model.overlay = Some(boxed);
            deed::enter(model, now)
        }
        Some(Overlay::Explain { cause, .. }) => walk::confirm(model, cause, now),
        Some(boxed @ Overlay::Bundle(_)) => {
            model.overlay = Some(boxed);
            bundle::confirm(model)
        }
        Some(Overlay::Write { input }) => {
            write::confirmed(model, input, now);
            Vec::new()
        }
        Some(Overlay::Leave { chosen }) => match chosen {
            0 => {
                model.notice = Some(Notice::Said(text!("留下了", "stayed")));
                Vec::new()
            }
            _ => vec![Effect::Quit],
        },
        Some(Overlay::Ask { what: Asked::Filter, .. }) | None => Vec::new(),
        Some(Overlay::Ask { what, input }) => logs::asked(model, what, input, now),
        Some(Overlay::Runbook(mut book)) => {
            book.enter();
            model.overlay = Some(Overlay::Runbook(book));
            Vec::new()
        }
        Some(help @ Overlay::Help { .. }) => {
            model.overlay = Some(help);
            Vec::new()
        }
    }
}

/// A click on a line of the menu or of the palette chooses it; it confirms nothing.
pub(super) fn clicked(model: &mut Model, mouse: Mouse) {
    let count = match &model.overlay {
        Some(Overlay::Palette { input, .. }) => palette::lines(model, input.value()).len(),
        Some(Overlay::Runbook(book)) if book.open.is_none() => book.listed().len(),
        Some(Overlay::Actions { .. }) => CHANGES.len(),
        Some(Overlay::Leave { .. }) => 2,
        _ => return,
    };
    let lines = u16::try_from(count).unwrap_or(u16::MAX - 8);
    let boxed = match &model.overlay {
        Some(Overlay::Actions { .. }) => frame::menu(model.size, lines),
        _ => frame::boxed(model.size, lines),
    };
    if let Some(
        Overlay::Palette { chosen, .. }
        | Overlay::Runbook(Book { chosen, .. })
        | Overlay::Actions { chosen }
        | Overlay::Leave { chosen },
    ) = &mut model.overlay
    {
        *chosen = boxed.line_at(mouse.row, *chosen, count).unwrap_or(*chosen);
    }
}
