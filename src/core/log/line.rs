//! A line of `docker logs --timestamps` or of `journalctl -o json`, taken apart. Total: any bytes are some line, and
//! what cannot be read is kept whole.
use super::{Incoming, Nanos, stamp};
use crate::core::safetext::SafeText;
use serde::Deserialize;
use serde_json::Value;

/// Between the lines of one message, which becomes one line.
const BREAK: &str = " | ";
/// The journal's own words for a message that it did not print because of its size.
const NOT_PRINTED: &str = "[blob data]";

/// A container's line: docker's time, a blank, what the container printed.
pub fn docker(line: &[u8], cut: u64) -> Incoming {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let blank = line.iter().position(|b| *b == b' ').unwrap_or(line.len());
    let (stamp, rest) = line.split_at_checked(blank).unwrap_or((line, &[]));
    let at = stamp::nanos(stamp);
    let said = if at.is_some() { rest.get(1..).unwrap_or_default() } else { line };
    Incoming { at, cursor: None, text: SafeText::from_bytes(said), cut }
}

/// An entry of the journal: who said it and what, from one line of JSON.
pub fn journal(line: &[u8], cut: u64) -> Incoming {
    let Ok(entry) = serde_json::from_slice::<Entry>(line) else {
        return Incoming { at: None, cursor: None, text: SafeText::from_bytes(line), cut };
    };
    let micros = entry.micros.as_ref().and_then(one).and_then(|t| t.parse::<i64>().ok());
    let cursor = entry.cursor.as_ref().and_then(one);
    if cursor.is_none() && entry.message.is_none() {
        // JSON, but no entry of a journal
        return Incoming { at: None, cursor: None, text: SafeText::from_bytes(line), cut };
    }
    Incoming {
        at: micros.and_then(|us| us.checked_mul(1000)).map(Nanos),
        // it goes back to the server as it came, so it must be what it seems
        cursor: cursor.filter(|c| SafeText::new(c).as_str() == c.as_str()),
        text: SafeText::new(&said(&entry)),
        cut,
    }
}

/// A moment as docker writes it: RFC 3339 with nanoseconds.
pub fn nanos(text: &str) -> Option<Nanos> {
    stamp::nanos(text.as_bytes())
}

/// The fields that are read; every other one is passed over.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "__REALTIME_TIMESTAMP")]
    micros: Option<Value>,
    #[serde(rename = "__CURSOR")]
    cursor: Option<Value>,
    #[serde(rename = "SYSLOG_IDENTIFIER")]
    identifier: Option<Value>,
    #[serde(rename = "_COMM")]
    comm: Option<Value>,
    #[serde(rename = "_PID")]
    pid: Option<Value>,
    #[serde(default, rename = "MESSAGE", deserialize_with = "even_null")]
    message: Option<Value>,
}

/// A field that is null is there.
fn even_null<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(from).map(Some)
}

/// `dockerd[812]: what it said`.
fn said(entry: &Entry) -> String {
    let who = [&entry.identifier, &entry.comm].into_iter().flatten().find_map(one);
    let message = entry.message.as_ref().map(message).unwrap_or_default();
    match (who, entry.pid.as_ref().and_then(one)) {
        (Some(who), Some(pid)) => format!("{who}[{pid}]: {message}"),
        (Some(who), None) => format!("{who}: {message}"),
        (None, _) => message,
    }
}

/// A message in one line: text, the bytes of what is no text, several messages of one entry, or nothing for one that
/// was too large to be printed.
fn message(value: &Value) -> String {
    match value {
        Value::Array(items) if items.iter().any(|i| !i.is_u64()) => {
            items.iter().map(message).collect::<Vec<_>>().join(BREAK)
        }
        Value::Null => NOT_PRINTED.to_owned(),
        other => {
            let text = one(other).unwrap_or_else(|| other.to_string());
            let lines = text.trim_end_matches(['\n', '\r']).split('\n');
            lines.map(|l| l.strip_suffix('\r').unwrap_or(l)).collect::<Vec<_>>().join(BREAK)
        }
    }
}

/// The text of a field: a string, a number, bytes, or the first of several.
fn one(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) if !items.is_empty() => {
            let bytes = items.iter().map(|i| i.as_u64().and_then(|b| u8::try_from(b).ok()));
            match bytes.collect::<Option<Vec<u8>>>() {
                Some(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
                None => items.iter().find_map(|i| i.as_str().map(str::to_owned)),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(line: &[u8]) -> String {
        journal(line, 0).text.to_string()
    }

    #[test]
    fn a_container_line_is_its_time_and_its_text() {
        let line = docker("2026-01-31T04:00:00.123456789Z INFO:  备份 开始\r".as_bytes(), 7);
        assert_eq!(line.at, Some(Nanos(1_769_832_000_123_456_789)));
        assert_eq!((line.text.as_str(), line.cut, line.cursor), ("INFO:  备份 开始", 7, None));
        for (bytes, at, text) in [
            (b"2026-01-31T04:00:00Z".as_slice(), Some(Nanos(1_769_832_000_000_000_000)), ""),
            (b"2026-01-31T04:00:00Z ", Some(Nanos(1_769_832_000_000_000_000)), ""),
            (b"2026-01-31 04:00:00 no docker time", None, "2026-01-31 04:00:00 no docker time"),
            (b"  File \"x.py\", line 3", None, "  File \"x.py\", line 3"),
            (b"", None, ""),
        ] {
            let line = docker(bytes, 0);
            assert_eq!((line.at, line.text.as_str()), (at, text));
        }
    }

    #[test]
    fn a_journal_entry_says_who_and_what() {
        let line = br#"{"__REALTIME_TIMESTAMP":"1769832000123456","__CURSOR":"s=1;i=2","SYSLOG_IDENTIFIER":"dockerd","_COMM":"d","_PID":"812","MESSAGE":"a\nb\n","X":["1","2"]}"#;
        let line = journal(line, 3);
        assert_eq!(line.at, Some(Nanos(1_769_832_000_123_456_000)));
        assert_eq!(line.cursor.as_deref(), Some("s=1;i=2"));
        assert_eq!((line.text.as_str(), line.cut), ("dockerd[812]: a | b", 3));
        assert_eq!(text(br#"{"_COMM":"cron","MESSAGE":[104,255,105]}"#), "cron: h\u{fffd}i");
        assert_eq!(text(br#"{"SYSLOG_IDENTIFIER":"k","MESSAGE":null}"#), "k: [blob data]");
        assert_eq!(text(br#"{"MESSAGE":["one","two"]}"#), "one | two");
        assert_eq!(text(br#"{"MESSAGE":[[111,107],"two"]}"#), "ok | two");
        assert_eq!(text(br#"{"MESSAGE":""}"#), "");
    }

    #[test]
    fn what_is_no_entry_is_kept_whole() {
        for line in ["{\"MESSAGE\":\"cut of", "-- No entries --", "{\"a\":1}", "[1]", "7", ""] {
            let read = journal(line.as_bytes(), 0);
            assert_eq!((read.at, read.cursor, read.text.as_str()), (None, None, line));
        }
        let read = journal(br#"{"__REALTIME_TIMESTAMP":"soon","__CURSOR":"a\u001b[2J","MESSAGE":"x"}"#, 0);
        assert_eq!((read.at, read.cursor, read.text.as_str()), (None, None, "x"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_line(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in any::<u64>()) {
            prop_assert_eq!(docker(&bytes, cut).cut, cut);
            prop_assert_eq!(journal(&bytes, cut).cut, cut);
        }

        #[test]
        fn any_message_is_one_safe_line(message in ".{0,80}", who in "[a-z]{1,8}", us in 0_i64..9_000_000_000_000_000) {
            let line = serde_json::json!({"SYSLOG_IDENTIFIER": who, "MESSAGE": message, "__REALTIME_TIMESTAMP": us.to_string()});
            let read = journal(line.to_string().as_bytes(), 0);
            prop_assert_eq!(read.at, Some(Nanos(us * 1000)));
            let inside = message.replace(['\n', '\r'], "");
            if inside == message {
                prop_assert_eq!(read.text, SafeText::new(&format!("{who}: {message}")));
            }
        }
    }
}
