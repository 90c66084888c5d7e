//! When the screen changes by itself, or something is due: then, and only then, the console wakes without a message.
use super::age::changes_in;
use super::bundle;
use super::deed::{Stage, write};
use super::freshness::STALE_MS;
use super::model::{Model, Server};
use super::overlay::Overlay;
use super::screen::Tab;
use crate::core::units::EpochMs;

/// One step of the spinner, in milliseconds.
pub const SPIN_MS: i64 = 250;
/// A workstation that slept finds out soon after it wakes: timers stand still while it sleeps, its clock does not.
const LONGEST_MS: i64 = 5_000;

/// Milliseconds until something on the screen changes by itself or is due; nothing if that is never.
pub fn next_wake(model: &Model, now: EpochMs) -> Option<i64> {
    let shown = model.open_at().into_iter().chain(model.beside());
    let shown = shown.filter_map(|at| model.servers.get(at)).filter_map(|s| changes(s, now));
    let due = model
        .servers
        .iter()
        .flat_map(|s| [s.lost.as_ref().and_then(|l| l.again), s.watch.again, s.logs.due()]);
    let due = due.flatten().map(|at| at.since(now).max(0));
    let live = model
        .open()
        .filter(|_| model.tab() == Some(Tab::Jobs))
        .and_then(|s| s.watch.progress.as_ref())
        .filter(|p| p.is_live())
        .map(|p| 1000 - p.server(now).0.rem_euclid(1000));
    let work = model.open().filter(|s| s.logs.has_work()).map(|_| 0);
    shown.chain(due).chain(live).chain(work).chain(deed(model, now)).min()
}

/// Until the box, or the bar, says something else of what is done to the server that is open.
fn deed(model: &Model, now: EpochMs) -> Option<i64> {
    let server = model.open()?;
    let writing = write::left_ms(server, now).map(write::changes_in);
    let since = |from: EpochMs, step: i64| step - now.since(from).rem_euclid(step);
    let boxed = match &model.overlay {
        Some(Overlay::Deed(deed)) => match &deed.stage {
            Stage::Asking { since: asked, .. } => Some(since(*asked, SPIN_MS)),
            Stage::Made { asked, .. } => Some(changes_in(now.since(*asked)).min(LONGEST_MS)),
            Stage::Running => {
                server.run.as_ref().filter(|r| r.outcome().is_none()).map(|r| since(r.since, 1000))
            }
            Stage::Choosing | Stage::Unreachable { .. } => None,
        },
        Some(Overlay::Bundle(bundle)) => match bundle.stage {
            bundle::Stage::Gathering { since: asked, .. } => Some(since(asked, SPIN_MS)),
            _ => None,
        },
        _ => None,
    };
    writing.into_iter().chain(boxed).min()
}

/// Until an age, a spinner or a countdown of this server says something else.
fn changes(server: &Server, now: EpochMs) -> Option<i64> {
    let spin = server.asking.map(|a| SPIN_MS - now.since(a.since).rem_euclid(SPIN_MS));
    let asked = [server.answer.as_ref().map(|a| a.asked), server.lost.as_ref().map(|l| l.asked)];
    let ages = asked.into_iter().flatten().map(|t| now.since(t)).flat_map(|age| {
        let stale = Some(STALE_MS - age).filter(|left| *left > 0);
        [Some(changes_in(age).min(LONGEST_MS)), stale]
    });
    let countdown = server.lost.as_ref().and_then(|l| l.again);
    let countdown = countdown.map(|at| match at.since(now).rem_euclid(1000) {
        0 => 1000,
        left => left,
    });
    ages.flatten().chain(spin).chain(countdown).min()
}
