//! Excerpts of a server's logs: the last lines of each, not older than a day.
use super::{Form, Gathered};
use crate::clock;
use crate::config::model::Environment;
use crate::core::gap::Gap;
use crate::core::log::{Nanos, line, stamp};
use crate::core::safetext::SafeText;
use crate::core::segments::Segments;
use crate::core::snapshot::Snapshot;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::look::{mark, quoted};
use crate::remote::{Ask, End, Host};
use crate::text;
use std::time::Duration;

/// The script that runs on the server. Its header says what it needs, prints and leaves alone.
const SCRIPT: &str = include_str!("../../../assets/remote/excerpt.sh");
/// The longest that all of it may take, connecting included; each part has its own, shorter limit on the server.
const DEADLINE: Duration = Duration::from_secs(150);
/// The most lines of a log.
const LINES: usize = 5000;
/// The most bytes of a log, as it comes.
const BYTES: usize = 1024 * 1024;
/// How far back, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// The logs: their names in the script, their files, and whether they are a container's.
const LOGS: [(&str, &str, bool); 5] = [
    ("backend", "logs/backend.log", true),
    ("backend_notable", "logs/backend-notable.log", true),
    ("frontend", "logs/frontend.log", true),
    ("docker", "logs/docker.log", false),
    ("system", "logs/system.log", false),
];

/// The whole text that is sent: what is asked for, then the script.
pub fn script(env: &Environment, root: &str, mark: &str, since: EpochMs) -> String {
    let since = jiff::Timestamp::from_millisecond(since.0).unwrap_or_default();
    let since = format!("{since:.9}");
    let given: [(&str, &str); 7] = [
        ("mark", mark),
        ("root", root),
        ("backend", &env.containers.backend),
        ("frontend", &env.containers.frontend),
        ("lines", &LINES.to_string()),
        ("bytes", &BYTES.to_string()),
        ("since", &since),
    ];
    given.iter().map(|(name, value)| format!("{name}={}\n", quoted(value))).collect::<String>() + SCRIPT
}

/// None of them can be had.
pub(super) fn nothing(why: &Text, to: &mut Gathered) {
    LOGS.iter().for_each(|(_, file, _)| to.lacks(file, why.clone()));
}

/// Asks for all of them, and for the version of Docker, which is returned.
pub(super) async fn add(
    host: &dyn Host,
    env: &Environment,
    look: Option<&Snapshot>,
    to: &mut Gathered,
) -> Option<SafeText> {
    let since = look.map_or_else(clock::now, Snapshot::now).plus_ms(-DAY_MS);
    let zone_s = look.and_then(|s| s.identity.as_ref().ok()?.zone_s).unwrap_or_default();
    let mark = match mark() {
        Ok(mark) => mark,
        Err(error) => {
            nothing(&error.summary(), to);
            return None;
        }
    };
    let script = script(env, host.root(), &mark, since);
    let cap = BYTES * (LOGS.len() + 1);
    let answer =
        match host.run(Ask { name: "excerpt", script: &script, stdin: b"", deadline: DEADLINE, cap }).await {
            Ok(answer) => answer,
            Err(error) => {
                nothing(&error.summary(), to);
                return None;
            }
        };
    // why what is not in the answer is not there
    let ended = match &answer.end {
        End::Exit(0) => Gap::NoAnswer.text(),
        End::Exit(code) => {
            let said = SafeText::from_bytes(&answer.stderr.bytes);
            Gap::Failed { code: *code, said }.text()
        }
        End::Unknown(error) => error.summary(),
    };
    let segments = Segments::read(&mark, &answer.stdout.bytes);
    for (name, file, container) in LOGS {
        let Ok(segment) = segments.get(name) else {
            to.lacks(file, ended.clone());
            continue;
        };
        let mut lines = segment.payload;
        if lines.len() >= BYTES {
            // its beginning was cut
            lines =
                lines.iter().position(|b| *b == b'\n').and_then(|at| lines.get(at + 1..)).unwrap_or_default();
        }
        let text = readable(lines, container, since, zone_s);
        if segment.code != Some(0) {
            to.lacks(file, why(segment.gap(), &text, segment.code.is_none().then_some(&ended)));
        }
        if segment.code == Some(0) || segment.code == Some(124) && !text.is_empty() {
            to.add(file, Form::Text, text);
        }
    }
    let version = segments.answer("docker_version").ok().map(|a| SafeText::from_bytes(a.trim_ascii()));
    version.filter(|v| !v.is_empty())
}

/// A container's errors are in its log's stream: the last line says what went wrong.
fn why(gap: Gap, text: &str, ended: Option<&Text>) -> Text {
    match (gap, ended) {
        (_, Some(ended)) => ended.clone(),
        (Gap::TimedOut, _) => text!(
            "服务器上取这份日志超时，可能只有一部分",
            "this log ran out of time on the server; there may be a part of it"
        ),
        (Gap::Failed { code, said }, _) if said.is_empty() => {
            Gap::Failed { code, said: SafeText::new(text.lines().next_back().unwrap_or_default()) }.text()
        }
        (gap, _) => gap.text(),
    }
}

/// Lines with their moments in the server's zone, none older than `since`.
fn readable(bytes: &[u8], container: bool, since: EpochMs, zone_s: i32) -> String {
    let from = Nanos(since.0.saturating_mul(1_000_000));
    let mut text = String::with_capacity(bytes.len());
    for raw in bytes.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let line = if container { line::docker(raw, 0) } else { line::journal(raw, 0) };
        if line.at.is_some_and(|at| at < from) {
            continue;
        }
        if let Some(at) = line.at {
            text.push_str(&stamp::long(at, zone_s));
            text.push(' ');
        }
        text.push_str(line.text.as_str());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::remote::scripted::{Canned, ScriptedHost};

    #[test]
    fn every_value_that_the_script_is_given_is_named_in_its_header() {
        let text = script(&example(), "", "m", EpochMs(0));
        let header: String = SCRIPT.lines().take_while(|l| l.starts_with('#')).collect();
        for line in text.lines().take_while(|l| !l.starts_with('#')) {
            assert!(header.contains(line.split('=').next().unwrap()), "{line}");
        }
        for (name, ..) in LOGS {
            assert!(header.contains(name) && SCRIPT.contains(&format!("part {name} ")), "{name}");
        }
    }

    #[test]
    fn lines_have_their_moment_and_none_is_older_than_asked() {
        let bytes = b"2026-01-31T04:00:00.5Z a\n2026-01-31T03:59:59Z old\nno time\n";
        let text = readable(bytes, true, EpochMs(1_769_832_000_000), 8 * 3600);
        assert_eq!(text, "2026-01-31T12:00:00.500000+08:00 a\nno time\n");
    }

    #[tokio::test]
    async fn what_did_not_come_is_said_for_each_log() {
        for canned in [Canned::prints("noise"), Canned::exits(70).stderr("mktemp: Permission denied\n")] {
            let host = ScriptedHost::new().on("excerpt", canned);
            let mut to = Gathered::default();
            assert_eq!(add(&host, &example(), None, &mut to).await, None);
            let names: Vec<&str> = to.missing.iter().map(|m| m.name).collect();
            assert_eq!(names, LOGS.map(|l| l.1));
            assert!(to.parts.is_empty() && to.missing.iter().all(|m| !m.why.zh.is_empty()));
        }
    }
}
