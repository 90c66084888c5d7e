//! What a key or an answer does.
use super::key::{Code, Key};
use super::keymap::{self, Action, Place};
use super::model::{Asking, Known, Model, Notice, Screen};
use super::msg::{Effect, Msg, Outcome, RunId};
use super::overview::overview;
use crate::core::units::EpochMs;
use crate::i18n::Lang;

/// Takes one message in. What is to be done outside is returned; nothing else changes the model.
pub fn update(model: &mut Model, msg: Msg, now: EpochMs) -> Vec<Effect> {
    match msg {
        Msg::Key(key) => pressed(model, key, now),
        Msg::Pasted => {
            model.notice = Some(Notice::PasteIgnored);
            Vec::new()
        }
        Msg::Looked { run, outcome } => {
            looked(model, run, *outcome);
            Vec::new()
        }
        Msg::Resized => Vec::new(),
        Msg::Continued => vec![Effect::Redraw],
        Msg::Ended => vec![Effect::Quit],
    }
}

fn pressed(model: &mut Model, key: Key, now: EpochMs) -> Vec<Effect> {
    model.notice = None;
    let Some(key) = key.meant() else {
        model.notice = Some(Notice::ForeignLetters);
        return Vec::new();
    };
    let place = match model.screen {
        _ if model.help => Place::Help,
        Screen::Picker => Place::Picker,
        Screen::Overview(_) => Place::Overview,
    };
    let Some(action) = keymap::action(place, key) else {
        return Vec::new();
    };
    match action {
        Action::Quit => return vec![Effect::Quit],
        Action::Suspend => return vec![Effect::Suspend],
        Action::Redraw => return vec![Effect::Redraw],
        Action::Help => model.help = !model.help,
        Action::Back if model.help => model.help = false,
        Action::Back | Action::Picker => return leave(model),
        Action::Language => {
            model.lang = match model.lang {
                Lang::Zh => Lang::En,
                Lang::En => Lang::Zh,
            };
        }
        Action::Open => return open(model, model.chosen, now),
        Action::OpenNth => return open_nth(model, key, now),
        Action::Refresh => return refresh(model, now),
        Action::Up | Action::Down | Action::First | Action::Last => go(model, action, now),
        Action::NextPage => turn(model, 1),
        Action::PreviousPage => turn(model, -1),
    }
    Vec::new()
}

/// Back to the list. Nobody waits for the answer any more.
fn leave(model: &mut Model) -> Vec<Effect> {
    model.screen = Screen::Picker;
    give_up(model).into_iter().collect()
}

fn give_up(model: &mut Model) -> Option<Effect> {
    model.asking.take().map(|a| Effect::Abandon { run: a.run })
}

fn open_nth(model: &mut Model, key: Key, now: EpochMs) -> Vec<Effect> {
    let Code::Char(digit) = key.code else {
        return Vec::new();
    };
    let nth = digit.to_digit(10).and_then(|n| n.checked_sub(1));
    match nth.and_then(|n| usize::try_from(n).ok()) {
        Some(at) if at < model.servers.len() => open(model, at, now),
        _ => Vec::new(),
    }
}

/// Opens an environment and looks at it. What was known about it is shown meanwhile, as old.
fn open(model: &mut Model, at: usize, now: EpochMs) -> Vec<Effect> {
    let Some(server) = model.servers.get_mut(at) else {
        return Vec::new();
    };
    server.chosen = None;
    server.page = 0;
    model.chosen = at;
    model.screen = Screen::Overview(at);
    let given_up = give_up(model);
    given_up.into_iter().chain(ask(model, at, now)).collect()
}

/// Looks again; a look that is under way is not asked twice.
fn refresh(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    match model.screen {
        Screen::Overview(at) if model.asking_here().is_none() => ask(model, at, now).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn ask(model: &mut Model, at: usize, now: EpochMs) -> Option<Effect> {
    let env = model.servers.get(at)?.key.clone();
    let run = RunId(model.last_run.0 + 1);
    model.last_run = run;
    model.asking = Some(Asking { run, server: at, since: now });
    Some(Effect::Look { env, run })
}

/// Takes an answer in, unless it answers an old question.
fn looked(model: &mut Model, run: RunId, outcome: Outcome) {
    let Some(asking) = model.asking.filter(|a| a.run == run) else {
        return;
    };
    model.asking = None;
    let Some(server) = model.servers.get_mut(asking.server) else {
        return;
    };
    server.page = 0;
    let asked = asking.since;
    match outcome {
        Outcome::Answered(what) => {
            server.lost = None;
            server.answer = Some(Known { what, asked });
        }
        Outcome::Unreachable(what) => {
            server.lost = Some(Known { what, asked });
            // what went wrong comes first, wherever the operator was
            server.chosen = None;
        }
    }
}

/// Moves the choice.
fn go(model: &mut Model, action: Action, now: EpochMs) {
    let to = |at: usize, count: usize| match action {
        Action::Up => at.saturating_sub(1),
        Action::Down => (at + 1).min(count.saturating_sub(1)),
        Action::First => 0,
        _ => count.saturating_sub(1),
    };
    let asking = model.asking_here().is_some();
    match model.screen {
        Screen::Picker => model.chosen = to(model.chosen, model.servers.len()),
        Screen::Overview(at) => {
            if let Some(server) = model.servers.get_mut(at) {
                let shown = overview(server, asking, now);
                let chosen = shown.rows.get(to(shown.chosen, shown.rows.len()));
                let chosen = chosen.map(|r| r.check.id);
                server.chosen = chosen;
                server.page = 0;
            }
        }
    }
}

fn turn(model: &mut Model, pages: i32) {
    if let Screen::Overview(at) = model.screen
        && let Some(server) = model.servers.get_mut(at)
    {
        server.page = server.page.wrapping_add(pages);
    }
}

#[cfg(test)]
#[path = "update_tests.rs"]
mod tests;
