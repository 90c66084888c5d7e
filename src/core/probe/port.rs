//! Whether the share's port can be reached **from the server**: a TCP connection, never a ping.
use crate::core::gap::{Gap, Known};
use crate::core::segments::Segment;
use serde::Serialize;

/// What became of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Port {
    /// It was taken.
    Open,
    /// The machine is there and nothing listens.
    Refused,
    /// The server knows no way to the machine's network.
    Unreachable,
    /// The machine did not answer for its address, or something on the way rejects: off, elsewhere, or a firewall.
    HostUnreachable,
    /// The name means no address.
    NameUnknown,
    /// Nobody answered within 3 s: machine off, or a firewall.
    Silent,
}

/// Reads the tool's exit code and words.
pub fn parse(segment: &Segment) -> Known<Port> {
    // without this first line the tool was never started
    if !segment.payload.starts_with(b"tool=") {
        return Err(segment.gap());
    }
    let said = segment.said.as_str();
    let has = |words: &[&str]| words.iter().any(|w| said.contains(w));
    match segment.code {
        Some(0) => Ok(Port::Open),
        Some(124 | 137) => Ok(Port::Silent),
        None => Err(Gap::NoAnswer),
        Some(_) if has(&["refused"]) => Ok(Port::Refused),
        Some(_) if has(&["timed out", "Timeout", "timeout"]) => Ok(Port::Silent),
        Some(_) if has(&["No route to host", "Host is unreachable", "Host unreachable"]) => {
            Ok(Port::HostUnreachable)
        }
        Some(_) if has(&["unreachable"]) => Ok(Port::Unreachable),
        Some(_) if has(&["not known", "resolution", "resolve", "bad address"]) => Ok(Port::NameUnknown),
        Some(_) => Err(segment.gap()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::safetext::SafeText;

    fn port(code: i32, said: &str) -> Known<Port> {
        parse(&Segment {
            name: b"port",
            payload: b"tool=bash\n",
            said: SafeText::new(said),
            code: Some(code),
        })
    }

    #[test]
    fn the_tools_words_are_told_apart() {
        assert_eq!(port(0, ""), Ok(Port::Open));
        assert_eq!(port(1, "bash: connect: Connection refused"), Ok(Port::Refused));
        assert_eq!(port(1, "bash: connect: No route to host"), Ok(Port::HostUnreachable));
        assert_eq!(port(1, "bash: connect: Network is unreachable"), Ok(Port::Unreachable));
        assert_eq!(port(1, "bash: connect: Connection timed out"), Ok(Port::Silent));
        assert_eq!(port(124, ""), Ok(Port::Silent));
        assert_eq!(port(1, "win: Name or service not known"), Ok(Port::NameUnknown));
        assert!(port(1, "something else").is_err());
        assert!(port(1, "").is_err());
    }

    #[test]
    fn without_a_tool_nothing_is_claimed() {
        let none = Segment { name: b"port", payload: b"", said: SafeText::default(), code: Some(127) };
        assert!(matches!(parse(&none), Err(Gap::ToolMissing { .. })));
    }
}
