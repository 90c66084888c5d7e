//! Whether the share answers: a detached, time-boxed `stat -f`, asked only when the kernel says that it is mounted.
use crate::core::gap::{Gap, Known, NotAsked};
use crate::core::probe::space::{self, Space};
use crate::core::safetext::SafeText;
use crate::core::segments::Segment;
use crate::core::units::EpochMs;
use serde::Serialize;

/// The look's own code: the share is not mounted.
const NOT_MOUNTED: i32 = 69;
/// The look's own code: a reader of an earlier look is still stuck.
const STUCK: i32 = 75;

/// How the share answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum ShareAnswer {
    /// It does.
    Answers {
        /// After this many milliseconds, if the server's clock counts them.
        took_ms: Option<u64>,
        /// Its room.
        space: Space,
        /// The pack folder: when it was last changed; nothing if it is not there.
        folder: Option<EpochMs>,
    },
    /// It answers with an error: host down, permission denied.
    Fails {
        /// What `stat` said.
        said: SafeText,
    },
    /// It did not, in the time given.
    Silent,
    /// A reader of an earlier look is still waiting for it, so nothing more was asked.
    ReaderStuck {
        /// The process on the server.
        pid: u32,
    },
}

/// Reads the answer.
pub fn parse(segment: &Segment, root: &str) -> Known<ShareAnswer> {
    let lines: Vec<&[u8]> = segment.payload.split(|b| *b == b'\n').collect();
    let value = |key: &[u8]| lines.iter().find_map(|l| l.strip_prefix(key)).map(String::from_utf8_lossy);
    match segment.code {
        Some(NOT_MOUNTED) => {
            return Err(Gap::NotAsked { because: NotAsked::NotMounted });
        }
        Some(STUCK) => {
            let pid = value(b"stuck_pid=").and_then(|p| p.trim().parse().ok());
            return pid.map(|pid| ShareAnswer::ReaderStuck { pid }).ok_or_else(|| segment.gap());
        }
        Some(124 | 137) => return Ok(ShareAnswer::Silent),
        Some(0 | 1) => {}
        _ => return Err(segment.gap()),
    }
    // "took_ns=" is only written after the file system itself answered
    let Some(took) = value(b"took_ns=") else {
        return Err(segment.gap());
    };
    let space = match lines.first() {
        Some(line) if !line.starts_with(b"took_ns=") => space::line(line, root)?,
        _ if segment.said.is_empty() => return Err(segment.gap()),
        _ => {
            return Ok(ShareAnswer::Fails { said: segment.said.clone() });
        }
    };
    let mut ns = took.split_whitespace().map(|n| n.parse::<u64>().ok());
    let took_ms =
        ns.next().flatten().zip(ns.next().flatten()).map(|(from, to)| to.saturating_sub(from) / 1_000_000);
    // "folder=directory|seconds|path"
    let folder = value(b"folder=directory|")
        .and_then(|f| f.split('|').next()?.parse::<i64>().ok())
        .map(|s| EpochMs(s.saturating_mul(1000)));
    if folder.is_none() && segment.code == Some(0) {
        return Err(Gap::unreadable("stat of the pack folder", segment.payload));
    }
    if folder.is_none() && !segment.said.as_str().contains("No such file") {
        return Ok(ShareAnswer::Fails { said: segment.said.clone() });
    }
    Ok(ShareAnswer::Answers { took_ms, space, folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share(code: i32, payload: &str, said: &str) -> Known<ShareAnswer> {
        let payload = payload.as_bytes();
        parse(&Segment { name: b"share", payload, said: SafeText::new(said), code: Some(code) }, "")
    }

    const SPACE: &str = "smb2|4096|1000|400|400|0|0|/mnt/replica\ntook_ns=1000000 13000000\n";

    #[test]
    fn a_share_that_answers() {
        let answer =
            share(0, &format!("{SPACE}folder=directory|1700000000|/mnt/replica/RagflowAuth\n"), "").unwrap();
        let ShareAnswer::Answers { took_ms, space, folder } = answer else { panic!("{answer:?}") };
        assert_eq!((took_ms, space.used_percent(), folder), (Some(12), 60, Some(EpochMs(1_700_000_000_000))));
        let missing =
            share(1, SPACE, "stat: cannot statx '/mnt/replica/RagflowAuth': No such file or directory");
        assert!(matches!(missing, Ok(ShareAnswer::Answers { folder: None, .. })));
    }

    #[test]
    fn a_share_that_does_not() {
        assert_eq!(share(137, "", ""), Ok(ShareAnswer::Silent));
        assert_eq!(share(75, "stuck_pid=4711\n", ""), Ok(ShareAnswer::ReaderStuck { pid: 4711 }));
        assert!(matches!(share(1, "took_ns=1 2\n", "stat: Host is down"), Ok(ShareAnswer::Fails { .. })));
        assert!(matches!(share(1, SPACE, "stat: Permission denied"), Ok(ShareAnswer::Fails { .. })));
        assert_eq!(share(69, "", ""), Err(Gap::NotAsked { because: NotAsked::NotMounted }));
    }

    #[test]
    fn anything_else_is_no_answer() {
        assert!(share(0, "", "").is_err());
        assert!(share(0, SPACE, "").is_err());
        assert!(share(1, "took_ns=1 2\n", "").is_err());
        assert!(share(75, "", "").is_err());
    }
}
