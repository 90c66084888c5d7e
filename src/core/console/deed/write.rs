//! The write mode of an environment: for ten minutes after it was opened, and until the environment is left. It spares
//! nobody the name that 正式 and whatever cannot be taken back ask for.
use super::super::model::Server;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// How long it holds.
pub const WRITE_MS: i64 = 10 * 60 * 1000;

/// Milliseconds that are left of it; nothing where it is not open. A clock that was set back ends it.
pub fn left_ms(server: &Server, now: EpochMs) -> Option<i64> {
    let passed = now.since(server.writing?);
    (0..WRITE_MS).contains(&passed).then_some(WRITE_MS - passed)
}

/// What the bar says of it.
pub fn word(left_ms: i64) -> Text {
    let s = (left_ms + 999) / 1000;
    match s {
        // minutes change seldom; the last one is counted
        61.. => text!("写模式 {} 分", "write mode {} min", (s + 59) / 60),
        _ => text!("写模式 {s} 秒", "write mode {s} s"),
    }
}

/// Milliseconds until [`word`] says something else, or it ends.
pub fn changes_in(left_ms: i64) -> i64 {
    let over = if left_ms > 60_000 { 60_000 } else { 1000 };
    match left_ms.rem_euclid(over) {
        0 => over,
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use proptest::prelude::*;

    #[test]
    fn it_counts_minutes_and_in_the_last_one_seconds() {
        for (ms, said) in [
            (WRITE_MS, "10 分"),
            (540_001, "10 分"),
            (540_000, "9 分"),
            (60_001, "2 分"),
            (60_000, "60 秒"),
            (1, "1 秒"),
        ] {
            assert_eq!(word(ms).get(Lang::Zh), format!("写模式 {said}"), "{ms}");
        }
    }

    proptest! {
        #[test]
        fn it_says_the_same_until_the_moment_that_was_foretold(left in 1i64..=WRITE_MS) {
            let next = changes_in(left);
            prop_assert!(next > 0 && next <= left);
            prop_assert_eq!(word(left), word(left - next + 1));
        }
    }
}
