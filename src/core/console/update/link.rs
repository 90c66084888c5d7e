//! Asking servers and taking their answers in. An answer belongs to the question that has its number; one that
//! nobody asked for any more is dropped.
use super::super::jobs;
use super::super::model::{Asking, Known, Lost, Model, Server, Watch};
use super::super::msg::{Answer, Broken, Cut, Effect, Outcome, RunId};
use super::super::screen::{Screen, Tab};
use super::{bundle, deed, logs, run, walk, write};
use crate::config::model::EnvKey;
use crate::core::derive::progress::Progress;
use crate::core::probe::watch::Tick;
use crate::core::snapshot::Snapshot;
use crate::core::units::EpochMs;
use crate::core::verdict::{self, Facts, Verdict};

/// The wait before the first try again, in milliseconds; each further one is twice as long, up to the last.
const FIRST_WAIT_MS: i64 = 2_000;
const LAST_WAIT_MS: i64 = 60_000;

/// Milliseconds to wait before the next try, after so many that failed.
pub(super) fn wait_ms(tries: u32) -> i64 {
    FIRST_WAIT_MS.saturating_mul(1 << tries.saturating_sub(1).min(10)).min(LAST_WAIT_MS)
}

pub(super) fn next_run(model: &mut Model) -> RunId {
    model.last_run = RunId(model.last_run.0 + 1);
    model.last_run
}

/// Back to the list. Nobody waits for any answer any more.
pub(super) fn leave(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let mut effects = logs::left(model);
    effects.extend(deed::left(model, now));
    effects.extend(bundle::close(model));
    for server in &mut model.servers {
        effects.extend(server.asking.take().map(|a| Effect::Abandon { run: a.run }));
        effects.extend(server.watch.run.take().map(|run| Effect::Abandon { run }));
        server.watch = Watch::default();
        if let Some(lost) = &mut server.lost {
            lost.again = None;
        }
    }
    model.overlay = None;
    model.screen = Screen::Picker;
    model.picker = super::super::model::Picker::default();
    effects
}

/// Opens an environment and looks at it. What was known about it is shown meanwhile, as old.
pub(super) fn open(model: &mut Model, at: usize, now: EpochMs) -> Vec<Effect> {
    let mut effects = leave(model, now);
    effects.extend(switch(model, at, Tab::Overview, now));
    effects
}

/// Goes to an environment; the others go on as they are.
pub(super) fn switch(model: &mut Model, at: usize, tab: Tab, now: EpochMs) -> Vec<Effect> {
    write::left(model);
    let Some(server) = model.servers.get_mut(at) else { return Vec::new() };
    server.forget_places();
    let key = server.key.clone();
    let known = server.answer.as_ref().is_some_and(|a| {
        (0..super::super::STALE_MS).contains(&now.since(a.asked)) && server.watch.run.is_some()
    });
    model.screen = Screen::Open { server: at, tab };
    let mut effects = Vec::new();
    if !known {
        effects.extend(ask(model, at, now, true));
    }
    effects.push(used(model, key));
    effects.extend(run::attach_unfinished(model, now));
    effects
}

/// The environment that was used last is the first of the list at the next start.
fn used(model: &mut Model, key: EnvKey) -> Effect {
    let mut remembered = model.remembered();
    remembered.used(&key);
    model.recent = remembered.recent.clone();
    Effect::Remember(remembered)
}

/// Looks again, at every environment that is on the screen; a look that is under way is not asked twice.
pub(super) fn refresh(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    if model.tab() == Some(Tab::Activity) {
        return vec![Effect::ReadActivity];
    }
    walk::dismissed(model);
    let beside = model.beside().filter(|at| model.servers.get(*at).is_some_and(|s| s.watch.run.is_some()));
    let shown: Vec<usize> = model.open_at().into_iter().chain(beside).collect();
    shown.into_iter().filter_map(|at| ask(model, at, now, true)).collect()
}

/// Looks once more because an operator came to where that is needed.
pub(super) fn look_again(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    model.open_at().and_then(|at| ask(model, at, now, true)).into_iter().collect()
}

/// Tries the link at once: the look, and what runs beside it.
pub(super) fn reconnect(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Some(at) = model.open_at() else { return Vec::new() };
    let mut effects: Vec<Effect> = ask(model, at, now, true).into_iter().collect();
    effects.extend(logs::reconnect(model));
    effects
}

/// Looks once more after something was done there: what was found before is not the truth any more. A server that nobody
/// is at is looked at when it is opened.
pub(super) fn look_after(model: &mut Model, at: usize, now: EpochMs) -> Vec<Effect> {
    let is_open = model.open_at() == Some(at);
    let Some(server) = model.servers.get_mut(at) else { return Vec::new() };
    if !is_open && server.watch.run.is_none() {
        return Vec::new();
    }
    // a look that is under way may have begun before the end
    server.watch.changed = server.asking.is_some();
    ask(model, at, now, false).into_iter().collect()
}

pub(super) fn give_up_asking(model: &mut Model) -> Option<Effect> {
    let server = model.open_mut()?;
    server.asking.take().map(|a| Effect::Abandon { run: a.run })
}

fn ask(model: &mut Model, at: usize, now: EpochMs, wished: bool) -> Option<Effect> {
    let run = next_run(model);
    let server = model.servers.get_mut(at).filter(|s| s.asking.is_none())?;
    server.asking = Some(Asking { run, since: now });
    Some(Effect::Look { env: server.key.clone(), run, wished })
}

/// Takes an answer in, unless it answers a question that nobody asks any more.
pub(super) fn looked(model: &mut Model, run: RunId, outcome: Outcome, now: EpochMs) -> Vec<Effect> {
    let asked = |s: &Server| s.asking.is_some_and(|a| a.run == run);
    let Some(at) = model.servers.iter().position(asked) else { return Vec::new() };
    let Some(server) = model.servers.get_mut(at) else { return Vec::new() };
    let Some(asking) = server.asking.take() else { return Vec::new() };
    match outcome {
        Outcome::Answered(what) => {
            let cut = what.cut.clone();
            learn(server, &what.look);
            let gone = cut.as_ref().filter(|c| c.gone);
            // with the link gone, what was found before, whole, says more than what came of this one
            let usable =
                gone.is_none() || server.answer.as_ref().is_none_or(|known| known.what.cut.is_some());
            // what was seen meanwhile for a preview is newer
            let newer = server.answer.as_ref().is_some_and(|known| known.asked.since(asking.since) > 0);
            if usable && !newer {
                keep(server, what, asking.since);
            }
            let changed = std::mem::take(&mut server.watch.changed);
            if let Some(Cut { verdict, again_ms, .. }) = gone {
                return lose(server, verdict.clone(), asking.since, *again_ms, now);
            }
            server.lost = None;
            let mut effects = Vec::new();
            if cut.is_none() {
                effects.extend(watch(model, at));
            } else if server.watch.run.is_none() {
                // the link has just been lost, and may be back soon
                server.watch.again = Some(now.plus_ms(wait_ms(server.watch.ended + 1)));
            }
            if changed {
                effects.extend(ask(model, at, now, false));
            }
            effects
        }
        Outcome::Unreachable { verdict, again_ms } => lose(server, *verdict, asking.since, again_ms, now),
    }
}

/// What was found is what is shown; what was shown is what it is compared with.
fn keep(server: &mut Server, what: Box<Answer>, asked: EpochMs) {
    let before = server.answer.replace(Known { what, asked });
    // what was cut short compares to nothing
    let whole = before.filter(|b| b.what.cut.is_none());
    server.earlier = whole.map(|b| Box::new(b.what.look)).or(server.earlier.take());
}

/// Takes in what was seen for a preview: it is newer than what is shown, and shows that the link is there.
pub(super) fn looked_too(model: &mut Model, answer: Answer, asked: EpochMs) -> Vec<Effect> {
    let Some(at) = model.open_at() else { return Vec::new() };
    let Some(server) = model.servers.get_mut(at) else { return Vec::new() };
    learn(server, &answer.look);
    keep(server, Box::new(answer), asked);
    server.lost = None;
    watch(model, at).into_iter().collect()
}

/// The link gave no answer, or only a part of one. It is tried again by itself where that may help.
fn lose(
    server: &mut Server,
    verdict: Verdict,
    asked: EpochMs,
    again_ms: Option<i64>,
    now: EpochMs,
) -> Vec<Effect> {
    let tries = server.lost.as_ref().map_or(0, |l| l.tries) + 1;
    let again = again_ms.map(|least| now.plus_ms(wait_ms(tries).max(least)));
    server.lost = Some(Lost { verdict, asked, tries, again });
    // what went wrong comes first, wherever the operator was
    if let Some(place) = server.place_mut(Tab::Overview) {
        place.chosen = None;
        place.page = 0;
    }
    server.watch.run.take().map(|run| Effect::Abandon { run }).into_iter().collect()
}

/// A look knows how long the backups of the past took. One that could not read it takes away nothing that is known.
fn learn(server: &mut Server, look: &Snapshot) {
    let facts = Facts::of(&server.env, look);
    let is_read = facts.db.is_ok() && facts.packs.is_ok();
    let past = jobs::past(&facts);
    match &mut server.watch.progress {
        Some(progress) if is_read => progress.learn(past),
        Some(_) => {}
        none => *none = Some(Progress::new(past, server.env.thresholds.clone())),
    }
}

/// Follows the jobs, unless that is being done.
fn watch(model: &mut Model, at: usize) -> Option<Effect> {
    let run = next_run(model);
    let server = model.servers.get_mut(at).filter(|s| s.watch.run.is_none())?;
    server.watch.run = Some(run);
    server.watch.heard = None;
    server.watch.again = None;
    if let Some(progress) = &mut server.watch.progress {
        progress.reopened();
    }
    Some(Effect::Watch { env: server.key.clone(), run })
}

fn watched_by(model: &mut Model, run: RunId) -> Option<usize> {
    model.servers.iter().position(|s| s.watch.run == Some(run))
}

/// Takes in what is told of jobs. A job that began or ended changes the whole picture: then the server is looked at.
pub(super) fn watched(
    model: &mut Model,
    run: RunId,
    ticks: Vec<(EpochMs, Tick)>,
    now: EpochMs,
) -> Vec<Effect> {
    let Some(at) = watched_by(model, run) else { return Vec::new() };
    let Some(server) = model.servers.get_mut(at) else { return Vec::new() };
    server.watch.heard = Some(now);
    server.watch.ended = 0;
    server.watch.why = None;
    let Some(progress) = &mut server.watch.progress else { return Vec::new() };
    let live = |p: &Progress| p.rows().map(|(rows, _)| rows.live.iter().map(|j| j.id).collect::<Vec<_>>());
    // a job may end between the look and the first word of the watch
    let looked = || {
        let look = &server.answer.as_ref()?.what.look;
        let db = Facts::of(&server.env, look).db.ok()?;
        Some(db.live.iter().map(|j| j.id).collect())
    };
    let before = live(progress).or_else(looked);
    for (came, tick) in ticks {
        progress.take(tick, came);
    }
    let after = live(progress);
    if before.is_none() || after.is_none() || before == after {
        return Vec::new();
    }
    // a look that is under way may have read the rows before
    server.watch.changed = server.asking.is_some();
    ask(model, at, now, false).into_iter().collect()
}

/// A watch that ended. With the link lost, the link is tried again; else only the watch.
pub(super) fn watch_ended(model: &mut Model, run: RunId, why: &Broken, now: EpochMs) -> Vec<Effect> {
    let Some(at) = watched_by(model, run) else { return Vec::new() };
    let Some(server) = model.servers.get_mut(at) else { return Vec::new() };
    server.watch.run = None;
    server.watch.ended += 1;
    let wait = wait_ms(server.watch.ended);
    server.watch.why = Some(why.said.clone());
    if why.link {
        let detail = crate::i18n::Text::default();
        let verdict = verdict::unreachable(&server.env, why.said.clone(), why.hint.clone(), detail, now, 0);
        // looks that answer do not count: where only the watch cannot be opened, they would follow each other for ever
        let again = why.again_ms.map(|least| now.plus_ms(wait.max(least)));
        server.lost = Some(Lost { verdict, asked: now, tries: server.watch.ended, again });
    } else {
        server.watch.again = why.again_ms.map(|least| now.plus_ms(wait.max(least)));
    }
    Vec::new()
}

/// What is due now: a link that is tried again, a watch that is opened again.
pub(super) fn tick(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let mut effects = Vec::new();
    let due = |at: Option<EpochMs>| at.is_some_and(|at| now >= at);
    for at in 0..model.servers.len() {
        let Some(server) = model.servers.get_mut(at) else { continue };
        if due(server.lost.as_ref().and_then(|l| l.again)) {
            if let Some(lost) = &mut server.lost {
                lost.again = None;
            }
            effects.extend(ask(model, at, now, false));
        } else if due(server.watch.again) {
            server.watch.again = None;
            effects.extend(watch(model, at));
        }
    }
    effects.extend(logs::tick(model, now));
    effects
}
