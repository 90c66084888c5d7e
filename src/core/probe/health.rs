//! The backend's `/health`, asked on the server.
use crate::core::gap::{Gap, Known};
use crate::core::safetext::SafeText;
use crate::core::segments::Segment;
use serde::Serialize;

/// What `/health` answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Health {
    /// It says that it is well.
    Ok,
    /// It answered something else.
    Ill {
        /// HTTP status.
        code: u16,
        /// The first line of the answer.
        said: SafeText,
    },
    /// Nobody answered.
    Silent {
        /// What the tool said.
        said: SafeText,
    },
}

/// Reads the answer: the body, then the HTTP status on the last line.
pub fn parse(segment: &Segment) -> Known<Health> {
    match segment.code {
        None | Some(127) => return Err(segment.gap()),
        Some(0) => {}
        // the tool was there, and the backend was not
        Some(_) => {
            return Ok(Health::Silent { said: segment.said.clone() });
        }
    }
    let answer = segment.answer()?.trim_ascii_end();
    let cut = answer.iter().rposition(|b| *b == b'\n').unwrap_or(0);
    let (body, last) = answer.split_at_checked(cut).unwrap_or((b"", answer));
    let code = std::str::from_utf8(last).ok().and_then(|t| t.trim().parse().ok());
    let code: u16 = code.ok_or_else(|| Gap::unreadable("HTTP status", answer))?;
    let well = serde_json::from_slice::<serde_json::Value>(body)
        .is_ok_and(|v| v.get("status").and_then(|s| s.as_str()) == Some("ok"));
    Ok(match (code, well) {
        (200, true) => Health::Ok,
        _ => Health::Ill { code, said: SafeText::lines(body).into_iter().next().unwrap_or_default() },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn health(payload: &str, code: i32) -> Known<Health> {
        let payload = payload.as_bytes();
        parse(&Segment { name: b"health", payload, said: SafeText::new("curl: (7)"), code: Some(code) })
    }

    #[test]
    fn only_status_ok_with_200_is_well() {
        assert_eq!(health("{\"status\": \"ok\", \"db\": 1}\n200\n", 0), Ok(Health::Ok));
        for (body, code) in [
            ("{\"status\":\"ok\"}", 500),
            ("{\"status\":\"OK\"}", 200),
            ("<html>\"status\":\"ok\"", 200),
            ("", 200),
        ] {
            assert!(
                matches!(health(&format!("{body}\n{code}\n"), 0), Ok(Health::Ill { .. })),
                "{body} {code}"
            );
        }
        assert!(matches!(health("\n000\n", 7), Ok(Health::Silent { .. })));
    }

    #[test]
    fn without_a_tool_nothing_is_known() {
        assert!(matches!(health("", 127), Err(Gap::ToolMissing { .. })));
        assert!(health("", 0).is_err());
    }
}
