//! Moments of a scenario: `slot+6m`, `now-2h`. The backend reads its schedule in Asia/Shanghai, which is UTC+8 all
//! year since 1991, so a fixed offset is exact and needs no time zone data on this machine.
use super::boxed::DemoError;
use crate::core::units::EpochMs;
use crate::text;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, Zoned};

/// Milliseconds in a minute, an hour, a day.
pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// Asia/Shanghai, in minutes east of UTC.
pub(super) const SHANGHAI_MIN: i32 = 480;

/// A moment as a wall clock shows it that is so many minutes east of UTC.
pub(super) fn wall(at: EpochMs, east_min: i32) -> Zoned {
    let zone = Offset::from_seconds(east_min * 60).map_or(TimeZone::UTC, TimeZone::fixed);
    Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(zone)
}

/// The newest nightly slot before `now`: 04:00 Shanghai, or 22:00 for who looks between 03:00 and 06:00, so that
/// whatever the hour the slot is at least an hour away on both sides and a backup of that slot has long ended.
pub(super) fn nightly(now: EpochMs) -> EpochMs {
    let into_day = (now.0 + i64::from(SHANGHAI_MIN) * MINUTE).rem_euclid(DAY);
    let hour = if (3 * HOUR..6 * HOUR).contains(&into_day) { 22 } else { 4 };
    let ago = (into_day - hour * HOUR).rem_euclid(DAY);
    now.plus_ms(-ago)
}

/// The cron text whose slots fall on this minute: every day, or every week on this day (Sunday is 0).
pub(super) fn cron(slot: EpochMs, weekly: bool) -> String {
    let at = wall(slot, SHANGHAI_MIN);
    let (minute, hour) = (at.minute(), at.hour());
    if weekly {
        let day = at.weekday().to_sunday_zero_offset();
        format!("{minute} {hour} * * {day}")
    } else {
        format!("{minute} {hour} * * *")
    }
}

/// The moments that a scenario's times hang on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Anchors {
    /// The server's clock when the box is made.
    pub(super) now: EpochMs,
    /// The newest slot of the incremental schedule.
    pub(super) slot: EpochMs,
    /// When the server booted.
    pub(super) boot: EpochMs,
    /// When the newest incremental job began.
    pub(super) job: EpochMs,
}

impl Anchors {
    /// `now`, `slot`, `boot` or `job`, with an optional `+` or `-` number and `s`, `m`, `h` or `d`.
    pub(super) fn at(&self, text: &str) -> Result<EpochMs, DemoError> {
        let split = text.find(['+', '-']).unwrap_or(text.len());
        let (name, shift) = text.split_at(split);
        let anchor = match name {
            "now" => self.now,
            "slot" => self.slot,
            "boot" => self.boot,
            "job" => self.job,
            _ => return Err(bad(text)),
        };
        Ok(anchor.plus_ms(if shift.is_empty() { 0 } else { span(shift).ok_or_else(|| bad(text))? }))
    }
}

/// `+6m`, `-2h` in milliseconds.
fn span(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1000,
        'm' => MINUTE,
        'h' => HOUR,
        'd' => DAY,
        _ => return None,
    };
    let number = text.get(..text.len().checked_sub(1)?)?;
    number.parse::<i64>().ok()?.checked_mul(unit)
}

fn bad(text: &str) -> DemoError {
    DemoError(text!("演示场景里的时间看不懂：{text}", "a scenario's time is not understood: {text}"))
}

/// A moment as docker writes it: RFC 3339 in UTC with nanoseconds.
pub(super) fn docker_time(at: EpochMs) -> String {
    // docker's moments have nanoseconds, ours do not: the rest is made up, but always the same
    let rest = at.0.rem_euclid(999_983);
    format!("{}{rest:06}Z", wall(at, 0).strftime("%Y-%m-%dT%H:%M:%S.%3f"))
}

/// A pack's folder name: container time with milliseconds.
pub(super) fn pack_name(at: EpochMs) -> String {
    let stamp = wall(at, SHANGHAI_MIN);
    format!("migration_pack_{}", stamp.strftime("%Y%m%d_%H%M%S_%3f"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> EpochMs {
        EpochMs(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn the_nightly_slot_is_past_and_an_hour_from_both_sides_at_any_time() {
        // month end, leap day, new year, and the days on which other zones change their clocks
        for day in ["2026-02-28", "2028-02-29", "2026-12-31", "2026-03-29", "2026-10-25"] {
            for minute in (0..1440).step_by(7) {
                let now = at(&format!("{day}T00:00:00Z")).plus_ms(minute * MINUTE + 17_123);
                let slot = nightly(now);
                let ago = now.since(slot);
                assert!((HOUR..23 * HOUR).contains(&ago), "{day} +{minute}m: {ago}");
                let local = wall(slot, SHANGHAI_MIN);
                assert!(local.hour() == 4 || local.hour() == 22);
                assert_eq!((local.minute(), local.second(), local.millisecond()), (0, 0, 0));
            }
        }
    }

    #[test]
    fn cron_texts_name_the_slot_in_shanghai() {
        // Saturday 20:00 UTC is Sunday 04:00 in Shanghai
        let slot = at("2026-02-28T20:00:00Z");
        assert_eq!(cron(slot, false), "0 4 * * *");
        assert_eq!(cron(slot, true), "0 4 * * 0");
        assert_eq!(cron(slot.plus_ms(7 * MINUTE + DAY), true), "7 4 * * 1");
    }

    #[test]
    fn moments_hang_on_their_anchor() {
        let anchors = Anchors {
            now: EpochMs(10 * DAY),
            slot: EpochMs(9 * DAY),
            boot: EpochMs(DAY),
            job: EpochMs(9 * DAY + 12_000),
        };
        assert_eq!(anchors.at("now").unwrap(), EpochMs(10 * DAY));
        assert_eq!(anchors.at("slot+6m").unwrap(), EpochMs(9 * DAY + 6 * MINUTE));
        assert_eq!(anchors.at("boot-2h").unwrap(), EpochMs(DAY - 2 * HOUR));
        for wrong in ["", "then", "now+", "now+5", "now+5w", "now 5m", "slot+-m"] {
            assert!(anchors.at(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_read_as_docker_and_the_backend_write_them() {
        let t = at("2026-02-28T20:00:12.345Z");
        assert_eq!(pack_name(t), "migration_pack_20260301_040012_345");
        let docker = docker_time(t);
        assert!(docker.starts_with("2026-02-28T20:00:12.345"), "{docker}");
        assert_eq!(docker.len(), "2026-02-28T20:00:12.345678901Z".len());
    }
}
