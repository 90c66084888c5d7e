//! What a key, an answer or the clock does. One file a part: [`link`] asks and takes answers in, [`table`] moves in
//! tables, [`over`] has what lies over a screen, [`logs`] the logs; [`give`] copies and saves; [`deed`] is the box of an
//! action, [`write`] the write mode; [`walk`] is the diagnosis, [`bundle`] the box of a bundle.
mod bundle;
mod deed;
mod give;
mod link;
mod logs;
mod over;
mod run;
mod table;
mod walk;
mod write;

use super::key::{Code, Key};
use super::keymap::{self, Action, Place};
use super::model::{Model, Notice};
use super::mouse::{Mouse, What};
use super::msg::{Effect, Msg};
use super::overlay::{self, Overlay};
use super::page::page;
use super::screen::{Screen, Tab};
use crate::core::units::EpochMs;
use crate::i18n::Lang;
use crate::text;

/// Takes one message in. What is to be done outside is returned; nothing else changes the model.
pub fn update(model: &mut Model, msg: Msg, now: EpochMs) -> Vec<Effect> {
    let mut effects = taken(model, msg, now);
    if effects.contains(&Effect::Quit) {
        // nothing is taken in after it
        effects.splice(0..0, logs::save_rest(model));
    }
    effects
}

fn taken(model: &mut Model, msg: Msg, now: EpochMs) -> Vec<Effect> {
    match msg {
        Msg::Open(at) => link::open(model, at, now),
        Msg::Key(key) => pressed(model, key, now),
        Msg::Pasted(text) => pasted(model, &text),
        Msg::Mouse(mouse) => moused(model, mouse, now),
        Msg::Resized(columns, rows) => {
            model.size = (columns, rows);
            logs::resized(model);
            Vec::new()
        }
        Msg::Glyphs(glyphs) => {
            model.glyphs = glyphs;
            vec![Effect::Redraw]
        }
        Msg::Tick => link::tick(model, now),
        Msg::Looked { run, outcome } => link::looked(model, run, *outcome, now),
        Msg::LookedToo { run, answer } => match deed::asked(model, run) {
            Some(asked) => link::looked_too(model, *answer, asked),
            None => Vec::new(),
        },
        Msg::Watched { run, ticks } => link::watched(model, run, ticks, now),
        Msg::WatchEnded { run, why } => link::watch_ended(model, run, &why, now),
        Msg::Tailed { run, pieces } => logs::tailed(model, run, pieces),
        Msg::TailEnded { run, why } => logs::tail_ended(model, run, &why, now),
        Msg::Previewed { run, preview } => {
            deed::previewed(model, run, *preview);
            Vec::new()
        }
        Msg::Seen(what) => {
            deed::seen(model, what, now);
            Vec::new()
        }
        Msg::Briefed { run, brief } => {
            run::briefed(model, run, *brief);
            Vec::new()
        }
        Msg::Told { run, told } => run::told(model, run, *told, now),
        Msg::Bundled { run, came } => {
            bundle::bundled(model, run, *came);
            Vec::new()
        }
        Msg::BundleWritten { run, path, came } => {
            bundle::written(model, run, path, came);
            Vec::new()
        }
        Msg::Activity(entries) => {
            model.activity = Some(entries);
            Vec::new()
        }
        Msg::Said(text) => {
            model.notice = Some(Notice::Said(text));
            Vec::new()
        }
        Msg::Continued => vec![Effect::Redraw],
        Msg::Ended => vec![Effect::Quit],
    }
}

fn pressed(model: &mut Model, key: Key, now: EpochMs) -> Vec<Effect> {
    let said = model.notice.take().is_some();
    // Esc is one step back, and a notice on an open screen is the first
    if said && key == Key::of(Code::Esc) && model.overlay.is_none() {
        return Vec::new();
    }
    let place = Place::of(model);
    // where a line is typed, letters are letters, of any script
    if place.types() && over::typed(model, key) {
        return Vec::new();
    }
    let Some(key) = key.meant() else {
        if place == Place::Picker && over::typed_in_picker(model, key) {
            return Vec::new();
        }
        model.notice = Some(Notice::ForeignLetters);
        return Vec::new();
    };
    match keymap::action(place, key) {
        Some(action) => act(model, action, key, now),
        None => {
            if place == Place::Picker {
                over::typed_in_picker(model, key);
            }
            Vec::new()
        }
    }
}

/// Does what a key or a line of the palette asks for.
pub(super) fn act(model: &mut Model, action: Action, key: Key, now: EpochMs) -> Vec<Effect> {
    match action {
        Action::Quit => return over::leave(model),
        Action::Cancel => return cancel(model, now),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Help => {
            model.overlay = match model.overlay {
                Some(Overlay::Help { .. }) => None,
                _ => Some(Overlay::Help { page: 0 }),
            };
        }
        Action::Palette => over::palette(model),
        Action::Runbook => over::runbook(model),
        Action::Actions => model.overlay = Some(Overlay::Actions { chosen: 0 }),
        Action::Change(at) => return deed::open(model, at, now),
        Action::Write => write::turned(model, now),
        Action::Attach => return run::attach_found(model, now),
        Action::Commands => deed::commands(model),
        Action::CopyCommands => return deed::copy(model, now),
        Action::NewPassword => return deed::new_password(model, now),
        Action::Back => return back(model, now),
        Action::Picker => return link::leave(model, now),
        Action::Language => {
            model.lang = match model.lang {
                Lang::Zh => Lang::En,
                Lang::En => Lang::Zh,
            };
            model.lang_chosen = true;
            return vec![Effect::Remember(model.remembered())];
        }
        Action::Theme(theme) => {
            model.theme = theme;
            return vec![Effect::Remember(model.remembered())];
        }
        Action::NextTheme => {
            model.theme = model.theme.next();
            return vec![Effect::Remember(model.remembered())];
        }
        Action::Mouse => {
            model.mouse = !model.mouse;
            let said = match model.mouse {
                true => text!("鼠标：控制台使用", "mouse: used by the console"),
                false => {
                    text!("鼠标：交给终端，可以选中文字", "mouse: left to the terminal, text can be selected")
                }
            };
            model.notice = Some(Notice::Said(said));
            return vec![Effect::CaptureMouse(model.mouse), Effect::Remember(model.remembered())];
        }
        Action::Open => return open_chosen(model, now),
        Action::OpenNth => return open_nth(model, key, now),
        Action::OpenServer(at) => return link::open(model, at, now),
        Action::Other => return other(model, now),
        Action::Tab(tab) => return go(model, tab, now),
        Action::Fold(open) => walk::fold(model, open, now),
        Action::Explain => walk::explain(model, now),
        Action::Bundle => return bundle::ask(model, now),
        Action::NextTab => return turn(model, 1, now),
        Action::PreviousTab => return turn(model, -1, now),
        Action::Refresh => return link::refresh(model, now),
        Action::Reconnect => return link::reconnect(model, now),
        Action::Filter => over::filter(model),
        Action::Copy => return give::copy(model, now, false),
        Action::CopyAll => return give::copy(model, now, true),
        Action::Save => return give::save(model, now),
        Action::Up
        | Action::Down
        | Action::First
        | Action::Last
        | Action::NextPage
        | Action::PreviousPage
        | Action::HalfDown
        | Action::HalfUp => return moved(model, action, now),
        Action::NextHit | Action::PreviousHit if model.tab() != Some(Tab::Logs) => {
            let to = if action == Action::NextHit { Action::Down } else { Action::Up };
            return moved(model, to, now);
        }
        Action::Confirm => return over::confirm(model, now),
        Action::Erase => {}
        log => return logs::act(model, log),
    }
    Vec::new()
}

fn moved(model: &mut Model, action: Action, now: EpochMs) -> Vec<Effect> {
    if over::moved(model, action) {
        return Vec::new();
    }
    match model.screen {
        Screen::Picker => over::moved_in_picker(model, action),
        Screen::Open { tab: Tab::Logs, .. } => return logs::act(model, action),
        Screen::Open { server, tab } => table::moved(model, server, tab, action, now),
    }
    Vec::new()
}

/// One step back, never more, and nothing is confirmed.
fn back(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    if matches!(model.overlay, Some(Overlay::Deed(_))) {
        return deed::back(model, now);
    }
    if matches!(model.overlay, Some(Overlay::Bundle(_))) {
        return bundle::close(model);
    }
    match model.overlay.take() {
        Some(Overlay::Runbook(book)) => {
            model.overlay = book.back();
            return Vec::new();
        }
        Some(_) => return Vec::new(),
        None => {}
    }
    match model.screen {
        Screen::Picker => over::clear_picker(model),
        Screen::Open { server, tab } => {
            let unfiltered = table::unfilter(model, server, tab) || logs::unfilter(model, tab);
            if unfiltered || walk::dismissed(model) {
                return Vec::new();
            }
            if tab != Tab::Overview {
                model.screen = Screen::Open { server, tab: Tab::Overview };
                return logs::left(model);
            }
            return link::leave(model, now);
        }
    }
    Vec::new()
}

/// Ctrl-C: ends what is waited for or typed; where there is nothing, it asks whether to leave, and then it leaves.
fn cancel(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    match model.overlay {
        Some(Overlay::Leave { .. }) => vec![Effect::Quit],
        Some(Overlay::Deed(_)) => deed::close(model, now),
        Some(Overlay::Bundle(_)) => bundle::close(model),
        Some(_) => {
            model.overlay = None;
            Vec::new()
        }
        None => match link::give_up_asking(model) {
            Some(effect) => {
                model.notice = Some(Notice::Said(text!(
                    "不等了；服务器上什么也没有改",
                    "given up; nothing was changed"
                )));
                vec![effect]
            }
            None => over::leave(model),
        },
    }
}

fn open_chosen(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    match model.screen {
        Screen::Picker => match model.picked().get(model.picker.chosen).copied() {
            Some(at) => link::open(model, at, now),
            None => Vec::new(),
        },
        Screen::Open { tab: Tab::Diagnosis, .. } => walk::enter(model, now),
        // what is at work comes first; else the menu of the row: what can be done is in the actions
        Screen::Open { server, tab } => {
            // what the chosen row tells of can be followed
            let row = (tab == Tab::Overview).then(|| page(model, server, tab, now));
            let is_run = row.and_then(|p| p.row().map(|r| r.id == "operations")).unwrap_or(false);
            if is_run && model.open().and_then(super::deed::found).is_some() {
                return run::attach_found(model, now);
            }
            if !run::back_to_run(model) && tab != Tab::Logs {
                model.overlay = Some(Overlay::Actions { chosen: 0 });
            }
            Vec::new()
        }
    }
}

fn open_nth(model: &mut Model, key: Key, now: EpochMs) -> Vec<Effect> {
    let Code::Char(digit) = key.code else { return Vec::new() };
    let nth = digit.to_digit(10).and_then(|n| n.checked_sub(1)).and_then(|n| usize::try_from(n).ok());
    let Some(nth) = nth else { return Vec::new() };
    if matches!(model.overlay, Some(Overlay::Deed(_))) {
        return deed::nth(model, Some(nth), now);
    }
    match model.screen {
        Screen::Picker => match model.picked().get(nth).copied() {
            Some(at) => link::open(model, at, now),
            // no such line: a digit of an address that is looked for
            None => {
                over::typed_in_picker(model, key);
                Vec::new()
            }
        },
        Screen::Open { .. } => match Tab::ALL.get(nth).copied() {
            Some(tab) => go(model, tab, now),
            None => Vec::new(),
        },
    }
}

fn turn(model: &mut Model, by: i32, now: EpochMs) -> Vec<Effect> {
    match model.tab() {
        Some(tab) => go(model, tab.turned(by), now),
        None => Vec::new(),
    }
}

/// Another screen of the same environment.
fn go(model: &mut Model, to: Tab, now: EpochMs) -> Vec<Effect> {
    let Screen::Open { server, tab } = model.screen else { return Vec::new() };
    if tab == to {
        return Vec::new();
    }
    model.overlay = None;
    model.screen = Screen::Open { server, tab: to };
    let mut effects = if tab == Tab::Logs { logs::left(model) } else { Vec::new() };
    match to {
        Tab::Logs => effects.extend(logs::entered(model)),
        Tab::Activity => effects.push(Effect::ReadActivity),
        Tab::Diagnosis => effects.extend(walk::entered(model, now)),
        _ => {}
    }
    effects
}

/// The next environment, on the same screen. What is known and asked of this one stays: its column is beside.
fn other(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Screen::Open { server, tab } = model.screen else { return Vec::new() };
    let next = (server + 1) % model.servers.len().max(1);
    if next == server {
        return Vec::new();
    }
    let mut effects = logs::left(model);
    effects.extend(link::switch(model, next, tab, now));
    if tab == Tab::Logs {
        effects.extend(logs::entered(model));
    }
    effects
}

fn pasted(model: &mut Model, text: &str) -> Vec<Effect> {
    if deed::pasted(model, text) {
        return Vec::new();
    }
    match &mut model.overlay {
        Some(Overlay::Palette { input, .. } | Overlay::Ask { input, .. }) => overlay::paste(input, text),
        Some(Overlay::Runbook(book)) if book.open.is_none() => {
            overlay::paste(&mut book.input, text);
            book.chosen = 0;
        }
        _ => {
            model.notice = Some(Notice::PasteIgnored);
            return Vec::new();
        }
    }
    over::live_filter(model);
    Vec::new()
}

fn moused(model: &mut Model, mouse: Mouse, now: EpochMs) -> Vec<Effect> {
    if !model.mouse {
        return Vec::new();
    }
    match mouse.what {
        What::ScrollUp => moved(model, Action::Up, now),
        What::ScrollDown => moved(model, Action::Down, now),
        What::Click if model.overlay.is_some() => {
            over::clicked(model, mouse);
            Vec::new()
        }
        What::Click => table::clicked(model, mouse, now),
    }
}

/// What waits to be drawn before a key may decide about it. Whoever draws says so with [`Msg::Seen`], when every message is
/// taken in that was there before the drawing.
pub fn unseen(model: &Model) -> Option<super::msg::RunId> {
    deed::unseen(model)
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
