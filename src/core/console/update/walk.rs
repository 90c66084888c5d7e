//! The diagnosis: folding its parts, what Enter does about a row, a cause explained, before | after put away.
use super::super::explain;
use super::super::freshness::{Freshness, freshness};
use super::super::model::{Model, Notice, Server};
use super::super::msg::Effect;
use super::super::overlay::Overlay;
use super::super::page::page;
use super::super::screen::{Screen, Tab};
use super::super::walk::{About, Line, Mended, diagnosis, lines};
use super::{deed, link, run, table};
use crate::core::diagnose::{CauseId, Fix};
use crate::core::plan::Action;
use crate::core::plan::told::Outcome;
use crate::core::units::EpochMs;
use crate::text;

/// What is on the screen is asked for anew where it is not of a moment ago.
pub(super) fn entered(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    match model.open().map(|s| freshness(s, now)) {
        None | Some(Freshness::Fresh | Freshness::Asking) => Vec::new(),
        Some(_) => link::look_again(model, now),
    }
}

/// The server that is open, if its diagnosis is on the screen.
fn shown(model: &Model) -> Option<(usize, &Server)> {
    let Screen::Open { server, tab: Tab::Diagnosis } = model.screen else { return None };
    Some((server, model.servers.get(server)?))
}

/// The server, and the chosen row.
fn chosen(model: &Model, now: EpochMs) -> Option<(usize, Line)> {
    let (at, server) = shown(model)?;
    let id = page(model, at, Tab::Diagnosis, now).row()?.id.clone();
    let line = lines(server, model.size.1, now).into_iter().find(|l| l.row.id == id)?;
    Some((at, line))
}

/// Opens the chosen row or folds it (`None`: the other way round). What lies in a fold is folded with it.
pub(super) fn fold(model: &mut Model, open: Option<bool>, now: EpochMs) {
    let Some((at, line)) = chosen(model, now) else { return };
    let own = line.open.map(|is| (line.row.id.clone(), open.unwrap_or(!is)));
    let parent = line.parent.filter(|_| open != Some(true)).map(|id| (id, false));
    let Some((id, open)) = own.or(parent) else { return };
    if let Some(server) = model.servers.get_mut(at) {
        server.walk.turn(&id, open);
    }
    table::choose(model, at, Tab::Diagnosis, Some(id));
}

/// Enter: the step that mends the chosen row, or its explanation where no key of the console does.
pub(super) fn enter(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    // what is at work comes first
    if run::back_to_run(model) {
        return Vec::new();
    }
    let Some((at, line)) = chosen(model, now) else {
        model.overlay = Some(Overlay::Actions { chosen: 0 });
        return Vec::new();
    };
    match line.about {
        About::Part => fold(model, None, now),
        About::After => return next(model, at, now),
        About::Cause(n, cause) | About::Below(n, cause) => return mend(model, at, (n, 0), cause, now),
        About::Step(n, cause, step) => return mend(model, at, (n, step), cause, now),
        About::Other(cause) => explained(model, cause),
        About::Word => model.overlay = Some(Overlay::Actions { chosen: 0 }),
    }
    Vec::new()
}

/// The next step of everything that is open, after another one was taken.
fn next(model: &mut Model, at: usize, now: EpochMs) -> Vec<Effect> {
    let found = model.servers.get(at).and_then(|s| diagnosis(s, now));
    match found.and_then(|d| d.steps().first().map(|m| m.fix.clone())) {
        Some(Fix::Do(action)) => deed::open_for(model, action, now),
        _ => {
            fold(model, None, now);
            Vec::new()
        }
    }
}

/// A step of a cause: its box, or in words who takes it.
fn mend(
    model: &mut Model,
    at: usize,
    (n, step): (usize, usize),
    cause: CauseId,
    now: EpochMs,
) -> Vec<Effect> {
    let found = model.servers.get(at).and_then(|s| diagnosis(s, now));
    let root = found.as_ref().and_then(|d| d.findings.get(n));
    match found.as_ref().and_then(|d| d.steps_of(n).get(step).map(|m| m.fix.clone())) {
        Some(Fix::Do(action)) => deed::open_for(model, action, now),
        _ => {
            explained(model, root.map_or(cause, |f| f.cause));
            Vec::new()
        }
    }
}

fn explained(model: &mut Model, cause: CauseId) {
    model.overlay = Some(Overlay::Explain { cause, page: 0 });
}

/// `e`: the chosen cause in plain words; on any other row, that of the leading one.
pub(super) fn explain(model: &mut Model, now: EpochMs) {
    let own = chosen(model, now).and_then(|(_, line)| line.cause());
    let leading = || {
        let found = diagnosis(shown(model)?.1, now)?;
        found.findings.first().map(|f| f.cause)
    };
    match own.or_else(leading) {
        Some(cause) => explained(model, cause),
        None => {
            model.notice = Some(Notice::Refused(text!(
                "没有原因要说明；展开“已排除的原因”，可以看每一种的说明",
                "there is no cause to explain; unfold what was ruled out to read about each"
            )));
        }
    }
}

/// Enter on an explanation: the step that it tells of.
pub(super) fn confirm(model: &mut Model, cause: CauseId, now: EpochMs) -> Vec<Effect> {
    match model.open().and_then(|s| explain::first_step(s, cause, now)) {
        Some(Fix::Do(action)) => deed::open_for(model, action, now),
        _ => Vec::new(),
    }
}

/// Puts before | after away; `false` where there is none on the screen.
pub(super) fn dismissed(model: &mut Model) -> bool {
    let Some((at, server)) = shown(model) else { return false };
    let is_there = server.walk.mended.as_ref().is_some_and(|m| m.is_seen(server));
    if is_there && let Some(server) = model.servers.get_mut(at) {
        server.walk.mended = None;
        if let Some(place) = server.place_mut(Tab::Diagnosis) {
            place.chosen = None;
            place.page = 0;
        }
    }
    is_there
}

/// An action was confirmed: what is known now is what was before it.
pub(super) fn begun(server: &mut Server, action: &Action, now: EpochMs) {
    server.walk.mended = Mended::begun(server, action, now);
}

/// A run is followed that was there already. Only the one that was lost sight of has a before.
pub(super) fn followed(server: &mut Server, action: &Action) {
    server.walk.mended = server.walk.mended.take().filter(|m| m.action == *action).map(Mended::again);
}

/// The run of a server has ended.
pub(super) fn ended(server: &mut Server, outcome: &Outcome, now: EpochMs) {
    server.walk.mended = server.walk.mended.take().and_then(|m| m.ended(outcome, now));
    // what was chosen before may be gone: what became of it comes first
    if server.walk.mended.is_some()
        && let Some(place) = server.place_mut(Tab::Diagnosis)
    {
        place.chosen = None;
        place.page = 0;
    }
}
