//! Moments of log lines: read from what docker writes, and said in the zone of the container.
//!
//! Every line has one, so they are read by hand: a tenth of the time that a general reader takes.
use super::Nanos;
use jiff::tz::Offset;
use std::fmt::Write;

/// Nanoseconds of a second.
const SECOND: i64 = 1_000_000_000;

/// A moment as docker writes it, RFC 3339: `2026-01-31T04:00:00.123456789Z`, or with an offset `+08:00`.
/// Nothing if it is anything else.
pub fn nanos(text: &[u8]) -> Option<Nanos> {
    let (head, rest) = text.split_at_checked(19)?;
    let digits = |from: usize, to: usize| number(head.get(from..to)?);
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if signs.iter().any(|(at, sign)| head.get(*at) != Some(sign)) {
        return None;
    }
    let (year, month, day) = (digits(0, 4)?, digits(5, 7)?, digits(8, 10)?);
    let (hour, minute, second) = (digits(11, 13)?, digits(14, 16)?, digits(17, 19)?);
    if !(1..=12).contains(&month) || day < 1 || day > days_in(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, zone) = fraction(rest)?;
    let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset(zone)?;
    seconds.checked_mul(SECOND)?.checked_add(fraction).map(Nanos)
}

/// Digits and nothing else.
fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
}

/// `.123` as nanoseconds, and what follows.
fn fraction(text: &[u8]) -> Option<(i64, &[u8])> {
    let Some(after) = text.strip_prefix(b".") else { return Some((0, text)) };
    let count = after.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, zone) = after.split_at_checked(count)?;
    let power = 9_u32.checked_sub(u32::try_from(count).ok()?).filter(|p| *p < 9)?;
    Some((number(digits)? * 10_i64.pow(power), zone))
}

/// Seconds east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match zone {
        b"Z" => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?);
            let seconds = hours * 3600 + minutes * 60;
            let sane = hours < 24 && minutes < 60;
            sane.then_some(if *sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01. A year begins with March here, so that the odd month is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// Cells of [`short`].
pub const SHORT: usize = 14;

/// `01-31 12:00:00`, by a clock so many seconds east of UTC: what stands in front of a line.
pub fn short(at: Nanos, zone_s: i32) -> String {
    let mut said = String::with_capacity(SHORT);
    if let Some(t) = civil(at, zone_s) {
        let (month, day, hour, minute, second) = (t.month(), t.day(), t.hour(), t.minute(), t.second());
        // writing to a string cannot fail
        let _ = write!(said, "{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}");
    }
    said
}

/// `2026-01-31T12:00:00.123456+08:00`: the whole moment, for files and for one line.
pub fn long(at: Nanos, zone_s: i32) -> String {
    let Some(t) = civil(at, zone_s) else { return String::new() };
    format!("{}.{:06}{}", t.strftime("%Y-%m-%dT%H:%M:%S"), t.subsec_nanosecond() / 1000, zone(zone_s))
}

/// `+08:00`.
pub fn zone(zone_s: i32) -> String {
    let sign = if zone_s < 0 { '-' } else { '+' };
    let minutes = zone_s.unsigned_abs() / 60;
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

fn civil(at: Nanos, zone_s: i32) -> Option<jiff::civil::DateTime> {
    let offset = Offset::from_seconds(zone_s).ok()?;
    let at = jiff::Timestamp::from_nanosecond(i128::from(at.0)).ok()?;
    Some(offset.to_datetime(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn moments_are_read_and_said() {
        let at = nanos(b"2026-01-31T04:00:00.5Z").unwrap();
        assert_eq!(at, Nanos(1_769_832_000_500_000_000));
        assert_eq!(nanos(b"2026-01-31T12:00:00.500000000+08:00"), Some(at));
        assert_eq!(short(at, 8 * 3600), "01-31 12:00:00");
        assert_eq!(long(at, -90 * 60), "2026-01-31T02:30:00.500000-01:30");
        assert_eq!(short(at, 0).len(), SHORT);
        assert_eq!(nanos(b"2000-02-29T00:00:00Z"), Some(Nanos(951_782_400 * SECOND)));
        assert_eq!(nanos(b"2024-02-29T00:00:00Z"), Some(Nanos(1_709_164_800 * SECOND)));
    }

    #[test]
    fn what_is_no_moment_is_none() {
        for text in [
            "",
            "2026-01-31",
            "2026-01-31T04:00:00",
            "2026-02-29T04:00:00Z",
            "2100-02-29T04:00:00Z",
            "2026-04-31T04:00:00Z",
            "2026-13-01T04:00:00Z",
            "2026-00-01T04:00:00Z",
            "2026-01-00T04:00:00Z",
            "2026-01-31T24:00:00Z",
            "2026-01-31T04:60:00Z",
            "2026-01-31T04:00:61Z",
            "2026-01-31 04:00:00Z",
            "2026-01-31T04:00:00.Z",
            "2026-01-31T04:00:00.1234567890Z",
            "2026-01-31T04:00:00+8:00",
            "2026-01-31T04:00:00+08:60",
            "2026-01-31T04:00:00+24:00",
            "9999-01-31T04:00:00Z",
            "2０26-01-31T04:00:00Z",
        ] {
            assert_eq!(nanos(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn read_as_a_general_reader_reads_them(at in any::<i64>(), minutes in -1439_i32..1440, digits in 0_usize..=9) {
            let second = i128::from(at).div_euclid(i128::from(SECOND));
            let time = jiff::Timestamp::from_second(i64::try_from(second).unwrap()).unwrap();
            let civil = Offset::from_seconds(minutes * 60).unwrap().to_datetime(time);
            let fraction = format!(".{:09}", at.rem_euclid(SECOND));
            let fraction = if digits == 0 { "" } else { &fraction[..=digits] };
            let text = format!("{}{fraction}{}", civil.strftime("%Y-%m-%dT%H:%M:%S"), zone(minutes * 60));
            let theirs: jiff::Timestamp = text.parse().unwrap();
            let theirs = i64::try_from(theirs.as_nanosecond()).ok().map(Nanos);
            prop_assert_eq!(nanos(text.as_bytes()), theirs, "{}", text);
        }

        #[test]
        fn what_is_read_is_a_moment(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])") {
            let theirs = text.parse::<jiff::Timestamp>().ok().and_then(|t| i64::try_from(t.as_nanosecond()).ok());
            prop_assert_eq!(nanos(text.as_bytes()).map(|n| n.0), theirs);
        }

        #[test]
        fn any_bytes_are_a_moment_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let _ = nanos(&bytes);
        }
    }
}
