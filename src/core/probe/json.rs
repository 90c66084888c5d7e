//! Reading JSON that a server sent: by name, with the type that is expected, everything else is absent.
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use serde_json::Value;

/// A value by its path of names.
pub fn at<'a>(value: &'a Value, path: &[&str]) -> &'a Value {
    path.iter().fold(value, |v, name| v.get(name).unwrap_or(&Value::Null))
}

/// Text, made safe; empty when it is no text.
pub fn text(value: &Value, path: &[&str]) -> SafeText {
    SafeText::new(at(value, path).as_str().unwrap_or_default())
}

/// Text, if there is some.
pub fn some_text(value: &Value, path: &[&str]) -> Option<SafeText> {
    Some(text(value, path)).filter(|t| !t.is_empty())
}

/// A whole number. SQLite and Docker both also write it as text or with a fraction of zero.
pub fn number(value: &Value, path: &[&str]) -> Option<i64> {
    match at(value, path) {
        Value::Number(n) => {
            n.as_i64().or_else(|| n.as_f64().filter(|f| f.fract() == 0.0 && f.abs() < 9e15).map(|f| f as i64))
        }
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// A moment in milliseconds since 1970; 0 and less mean none.
pub fn moment(value: &Value, path: &[&str]) -> Option<EpochMs> {
    number(value, path).filter(|ms| *ms > 0).map(EpochMs)
}

/// A moment as Docker writes it: RFC 3339 with nanoseconds; the year 1 means none.
pub fn docker_time(value: &Value, path: &[&str]) -> Option<EpochMs> {
    let time: jiff::Timestamp = at(value, path).as_str()?.parse().ok()?;
    Some(EpochMs(time.as_millisecond())).filter(|t| t.0 > 0)
}

/// True and false, also as 1 and 0.
pub fn flag(value: &Value, path: &[&str]) -> Option<bool> {
    match at(value, path) {
        Value::Bool(b) => Some(*b),
        _ => number(value, path).map(|n| n != 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_other_types_are_absent() {
        let v = json!({"a": {"n": "12", "f": 3.0, "h": 3.5, "t": "x", "b": 1, "when": "2026-02-01T04:00:05.123456789+08:00", "never": "0001-01-01T00:00:00Z"}});
        assert_eq!(
            (number(&v, &["a", "n"]), number(&v, &["a", "f"]), number(&v, &["a", "h"])),
            (Some(12), Some(3), None)
        );
        assert_eq!(
            (number(&v, &["a", "t"]), flag(&v, &["a", "b"]), text(&v, &["a", "n", "x"]).is_empty()),
            (None, Some(true), true)
        );
        assert_eq!(
            (docker_time(&v, &["a", "when"]), docker_time(&v, &["a", "never"])),
            (Some(EpochMs(1_769_889_605_123)), None)
        );
    }
}
