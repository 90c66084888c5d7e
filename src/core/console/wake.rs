//! When the screen changes by itself: then, and only then, it is drawn without a message.
use super::age::changes_in;
use super::model::Model;
use super::overview::STALE_MS;
use crate::core::units::EpochMs;

/// One step of the spinner.
pub const SPIN_MS: i64 = 250;
/// A workstation that slept finds out soon after it wakes: timers stand still while it sleeps, its clock does not.
const LONGEST_MS: i64 = 5_000;

/// Milliseconds until something on the screen changes by itself; nothing if it never does.
pub fn next_wake(model: &Model, now: EpochMs) -> Option<i64> {
    let server = model.open()?;
    let spin = model.asking_here().map(|a| SPIN_MS - now.since(a.since).rem_euclid(SPIN_MS));
    let asked = [server.answer.as_ref().map(|a| a.asked), server.lost.as_ref().map(|v| v.asked)];
    let ages = asked.into_iter().flatten().map(|t| now.since(t));
    let ages = ages.flat_map(|age| {
        let stale = Some(STALE_MS - age).filter(|left| *left > 0);
        [Some(changes_in(age).min(LONGEST_MS)), stale]
    });
    ages.flatten().chain(spin).min()
}
