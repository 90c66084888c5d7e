//! The backend's own cron grammar: five fields, each `*` or one whole number. Anything else never fires, silently.
//!
//! Times are the backend container's: 04:00 is 04:00 there.
use crate::core::units::EpochMs;
use jiff::civil::{Date, DateTime, time};
use jiff::tz::{Offset, TimeZone};
use jiff::{Span, Timestamp};

/// A schedule that can fire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cron {
    minute: Option<i8>,
    hour: Option<i8>,
    day: Option<i8>,
    month: Option<i8>,
    weekday: Option<i8>,
}

/// Why a schedule never fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeverFires {
    /// There is no text.
    Empty,
    /// Not five fields.
    FieldCount,
    /// A list, range, step or word: the backend understands only `*` and one number.
    Unsupported,
    /// A number that the field cannot have.
    OutOfRange,
    /// A date that no year has: 30 February.
    NoSuchDay,
}

/// How far back a slot is looked for: a leap day is at most eight years away.
const DAYS_BACK: i32 = 366 * 8;

impl Cron {
    /// Reads a schedule as the backend does.
    pub fn parse(text: &str) -> Result<Cron, NeverFires> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(if fields.is_empty() { NeverFires::Empty } else { NeverFires::FieldCount });
        };
        Ok(Cron {
            minute: field(minute, 0, 59)?,
            hour: field(hour, 0, 23)?,
            day: field(day, 1, 31)?,
            month: field(month, 1, 12)?,
            weekday: field(weekday, 0, 6)?,
        })
    }

    /// The newest moment at or before `now` at which it should have fired, in a zone `zone_s` seconds east of UTC.
    /// Nothing if there is none (30 February).
    pub fn newest(&self, now: EpochMs, zone_s: i32) -> Option<EpochMs> {
        let local = local(now, zone_s)?;
        for back in 0..=DAYS_BACK {
            let date = local.date().checked_sub(Span::new().days(back)).ok()?;
            if !self.fires_on(date) {
                continue;
            }
            // on an earlier day, its last moment; today, the last one that has passed
            let limit = if back == 0 { (local.hour(), local.minute()) } else { (23, 59) };
            if let Some((hour, minute)) = self.last_time(limit) {
                return epoch(date.to_datetime(time(hour, minute, 0, 0)), zone_s);
            }
        }
        None
    }

    /// The next moment after `now`.
    pub fn next(&self, now: EpochMs, zone_s: i32) -> Option<EpochMs> {
        let local = local(now, zone_s)?;
        for ahead in 0..=DAYS_BACK {
            let date = local.date().checked_add(Span::new().days(ahead)).ok()?;
            if !self.fires_on(date) {
                continue;
            }
            let hours = self.hour.map_or(0..=23, |h| h..=h);
            for hour in hours {
                let minutes = self.minute.map_or(0..=59, |m| m..=m);
                for minute in minutes {
                    if ahead > 0 || (hour, minute) > (local.hour(), local.minute()) {
                        return epoch(date.to_datetime(time(hour, minute, 0, 0)), zone_s);
                    }
                }
            }
        }
        None
    }

    /// Fires on one day of the week only. On which day the backend's week begins its documents do not say, so that day may be
    /// another one than it looks.
    pub fn is_weekly(&self) -> bool {
        self.weekday.is_some()
    }

    fn fires_on(&self, date: Date) -> bool {
        let is = |field: Option<i8>, value: i8| field.is_none_or(|f| f == value);
        is(self.day, date.day())
            && is(self.month, date.month())
            && is(self.weekday, date.weekday().to_sunday_zero_offset())
    }

    fn last_time(&self, limit: (i8, i8)) -> Option<(i8, i8)> {
        let hours = self.hour.map_or(0..=limit.0, |h| h..=h);
        for hour in hours.rev().filter(|h| *h <= limit.0) {
            let last = if hour == limit.0 { limit.1 } else { 59 };
            match self.minute {
                None => return Some((hour, last)),
                Some(minute) if minute <= last => return Some((hour, minute)),
                Some(_) => {}
            }
        }
        None
    }
}

fn field(text: &str, low: i8, high: i8) -> Result<Option<i8>, NeverFires> {
    if text == "*" {
        return Ok(None);
    }
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NeverFires::Unsupported);
    }
    let number: i8 = text.parse().map_err(|_| NeverFires::OutOfRange)?;
    if (low..=high).contains(&number) { Ok(Some(number)) } else { Err(NeverFires::OutOfRange) }
}

/// The wall clock of a zone at a moment.
pub fn local(now: EpochMs, zone_s: i32) -> Option<DateTime> {
    let offset = Offset::from_seconds(zone_s).ok()?;
    Some(Timestamp::from_millisecond(now.0).ok()?.to_zoned(TimeZone::fixed(offset)).datetime())
}

/// The moment at which the wall clock of a zone shows this.
pub fn epoch(at: DateTime, zone_s: i32) -> Option<EpochMs> {
    let offset = Offset::from_seconds(zone_s).ok()?;
    Some(EpochMs(offset.to_timestamp(at).ok()?.as_millisecond()))
}

/// A moment as people write it in a zone: `02-01 04:00`.
pub fn short(at: EpochMs, zone_s: i32) -> String {
    local(at, zone_s).map_or_else(|| "?".into(), |t| t.strftime("%m-%d %H:%M").to_string())
}

/// The moment in the name of a pack, `migration_pack_20260201_040000`: the wall clock of the zone that the backend has.
pub fn in_name(name: &str, zone_s: i32) -> Option<EpochMs> {
    let stamp = name.strip_prefix("migration_pack_")?.get(..15)?;
    epoch(DateTime::strptime("%Y%m%d_%H%M%S", stamp).ok()?, zone_s)
}

/// What zones differ by.
const QUARTER_MS: i64 = 15 * 60_000;
/// A pack is named this much before its job began at the most: two clocks may differ by some seconds.
const NAMED_EARLY_MS: i64 = 2 * 60_000;

/// The zone whose wall clock a pack's name has, by when its job began: some moments before the pack was named. Seconds east of
/// UTC.
pub fn zone_of_name(name: &str, began: EpochMs) -> Option<i32> {
    let ahead_ms = in_name(name, 0)?.since(began).saturating_add(NAMED_EARLY_MS);
    let zone_s = i32::try_from(ahead_ms.div_euclid(QUARTER_MS).checked_mul(QUARTER_MS / 1000)?).ok()?;
    (-12 * 3600..=14 * 3600).contains(&zone_s).then_some(zone_s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CST: i32 = 8 * 3600;

    fn at(text: &str) -> EpochMs {
        epoch(text.parse().unwrap(), CST).unwrap()
    }

    fn newest(cron: &str, now: &str) -> Option<EpochMs> {
        Cron::parse(cron).unwrap().newest(at(now), CST)
    }

    #[test]
    fn only_a_star_or_one_number_fires() {
        for good in ["0 4 * * *", "* * * * *", "30 23 31 12 6", " 0  4 * *  0 "] {
            assert!(Cron::parse(good).is_ok(), "{good}");
        }
        let why = |text| Cron::parse(text).unwrap_err();
        assert_eq!(
            (why(""), why("0 4 * *"), why("0 4 * * * *")),
            (NeverFires::Empty, NeverFires::FieldCount, NeverFires::FieldCount)
        );
        for bad in [
            "*/5 * * * *",
            "0 4,16 * * *",
            "0 1-5 * * *",
            "0 4 * * MON",
            "-1 4 * * *",
            "+1 4 * * *",
            "@daily x x x x",
        ] {
            assert_eq!(why(bad), NeverFires::Unsupported, "{bad}");
        }
        for bad in ["60 4 * * *", "0 24 * * *", "0 4 0 * *", "0 4 * 13 *", "0 4 * * 7", "0 400 * * *"] {
            assert_eq!(why(bad), NeverFires::OutOfRange, "{bad}");
        }
    }

    #[test]
    fn the_newest_slot_is_the_one_that_has_just_passed() {
        assert_eq!(newest("0 4 * * *", "2026-02-01T04:00:00"), Some(at("2026-02-01T04:00:00")));
        assert_eq!(newest("0 4 * * *", "2026-02-01T03:59:59"), Some(at("2026-01-31T04:00:00")));
        assert_eq!(newest("0 4 * * 0", "2026-02-03T12:00:00"), Some(at("2026-02-01T04:00:00")));
        assert_eq!(newest("15 * * * *", "2026-02-01T00:14:00"), Some(at("2026-01-31T23:15:00")));
        assert_eq!(newest("0 4 29 2 *", "2026-02-01T00:00:00"), Some(at("2024-02-29T04:00:00")));
        assert_eq!(newest("0 4 30 2 *", "2026-02-01T00:00:00"), None);
    }

    #[test]
    fn the_next_slot_is_later_than_now() {
        let next = Cron::parse("0 4 * * *").unwrap().next(at("2026-02-01T04:00:00"), CST);
        assert_eq!(next, Some(at("2026-02-02T04:00:00")));
    }

    proptest! {
        #[test]
        fn a_slot_is_never_in_the_future_and_no_later_slot_has_passed(
            minute in 0i8..60, hour in 0i8..24, daily in any::<bool>(), weekday in 0i8..7, now in 1_600_000_000_000i64..1_900_000_000_000, zone in -12i32..=14,
        ) {
            let zone = zone * 3600;
            let cron = Cron { minute: Some(minute), hour: Some(hour), day: None, month: None, weekday: (!daily).then_some(weekday) };
            let slot = cron.newest(EpochMs(now), zone).unwrap();
            prop_assert!(slot.0 <= now);
            prop_assert!(cron.next(slot, zone).unwrap().0 > now);
        }

        #[test]
        fn any_text_is_read(text in "\\PC{0,30}") {
            let _any = Cron::parse(&text);
        }
    }

    #[test]
    fn a_packs_name_tells_the_zone_of_the_clock_that_wrote_it() {
        let began = at("2026-02-01T04:00:00");
        let zone = |name: &str| zone_of_name(&format!("migration_pack_{name}"), began);
        assert_eq!(zone("20260201_040000"), Some(CST));
        // a precheck takes its time, and two clocks are never the same
        assert_eq!((zone("20260201_041200_123"), zone("20260201_035859")), (Some(CST), Some(CST)));
        assert_eq!((zone("20260131_200003"), zone("20260201_013001")), (Some(0), Some(5 * 3600 + 1800)));
        assert_eq!((zone("20260203_040000"), zone("x")), (None, None));
    }

    #[test]
    fn a_packs_name_tells_when_it_was_begun() {
        let at = |name| in_name(name, 8 * 3600).map(|at| short(at, 0));
        assert_eq!(at("migration_pack_20260201_040012").as_deref(), Some("01-31 20:00"));
        assert_eq!(at("migration_pack_20260201_040012_123").as_deref(), Some("01-31 20:00"));
        for odd in [
            "migration_pack_",
            "migration_pack_2026",
            "migration_pack_20261301_040000",
            "备份_20260201_040000",
        ] {
            assert_eq!(at(odd), None, "{odd}");
        }
    }
}
