//! How long ago, in words that change as seldom as they can.
use crate::i18n::Text;
use crate::text;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// `12 秒前`, `5 分钟前`. A negative age comes from a clock that was set back: then nobody knows.
pub fn ago(age_ms: i64) -> Text {
    let s = age_ms.div_euclid(1000);
    match s {
        ..0 => text!("时间不明", "age unknown"),
        0 => text!("刚刚", "just now"),
        1..MINUTE => text!("{s} 秒前", "{s} s ago"),
        MINUTE..HOUR => text!("{} 分钟前", "{} min ago", s / MINUTE),
        HOUR..DAY => text!("{} 小时 {} 分前", "{} h {} min ago", s / HOUR, s % HOUR / MINUTE),
        DAY.. => text!("{} 天 {} 小时前", "{} d {} h ago", s / DAY, s % DAY / HOUR),
    }
}

/// Milliseconds until [`ago`] says something else.
pub(super) fn changes_in(age_ms: i64) -> i64 {
    let unit = if age_ms < MINUTE * 1000 { 1000 } else { MINUTE * 1000 };
    unit - age_ms.rem_euclid(unit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use proptest::prelude::*;

    #[test]
    fn ages_read_as_people_say_them() {
        for (ms, said) in [
            (-1, "时间不明"),
            (999, "刚刚"),
            (12_999, "12 秒前"),
            (60_000, "1 分钟前"),
            (3_599_999, "59 分钟前"),
            (3_660_000, "1 小时 1 分前"),
            (90_000_000, "1 天 1 小时前"),
        ] {
            assert_eq!(ago(ms).get(Lang::Zh), said, "{ms}");
        }
    }

    proptest! {
        #[test]
        fn it_says_the_same_until_the_moment_that_was_foretold(age in 0i64..200_000_000) {
            let next = changes_in(age);
            prop_assert!(next > 0);
            prop_assert_eq!(ago(age), ago(age + next - 1));
            if age < 3_600_000 {
                prop_assert_ne!(ago(age), ago(age + next));
            }
        }
    }
}
