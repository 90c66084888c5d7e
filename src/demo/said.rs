//! What the containers and the journal of a built-in server say: a function of its state and of time alone, so that
//! every stand-in, whenever it asks, hears the same. From day to day by `assets/demo/logs.toml`; a backup, a restart, a
//! mount by the state.
use super::history::noise;
use super::state::{BACKEND, Container, Job, State};
use super::timeline::{HOUR, SHANGHAI_MIN, docker_time, wall};
use crate::core::units::EpochMs;
use serde::Deserialize;

const LOGS: &str = include_str!("../../assets/demo/logs.toml");
/// What is older was rotated away: the last night, and a boot some hours before it, are there whatever the hour.
pub(super) const KEPT: i64 = 36 * HOUR;
/// Between two of the lines that a container says when it starts.
const STARTING: i64 = 137;
/// How often a running backup says how far it is.
const REPORT: i64 = 15_000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Logs {
    every: Vec<Every>,
    start: Vec<Start>,
    journal: Vec<Entries>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Every {
    of: String,
    seconds: i64,
    text: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Start {
    of: String,
    text: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entries {
    unit: String,
    program: String,
    seconds: i64,
    text: Vec<String>,
}

/// A line of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) at: EpochMs,
    pub(super) text: String,
}

/// An entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) at: EpochMs,
    pub(super) unit: String,
    pub(super) program: String,
    pub(super) text: String,
}

/// What is said in this time, both ends inclusive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    pub(super) from: i64,
    pub(super) to: i64,
}

impl Span {
    fn has(self, at: i64) -> bool {
        (self.from..=self.to).contains(&at)
    }
}

/// Everything that a container says in this time, oldest first.
pub(super) fn container(state: &State, c: &Container, span: Span) -> Result<Vec<Line>, toml::de::Error> {
    let logs: Logs = toml::from_str(LOGS)?;
    let mut lines = Vec::new();
    for every in logs.every.iter().filter(|e| e.of == c.name) {
        lines.extend(repeated(every.seconds, &every.text, span).filter(|l| ran(c, l.at.0)));
    }
    let started = logs.start.iter().filter(|s| s.of == c.name).flat_map(|s| &s.text).zip(1..);
    lines.extend(started.map(|(text, n)| line(c.started_ms + n * STARTING, text)));
    if c.name == BACKEND {
        lines
            .extend(state.database.jobs.iter().flat_map(|job| backup(state, job)).filter(|l| ran(c, l.at.0)));
    }
    lines.retain(|l| span.has(l.at.0));
    lines.sort_by_key(|l| l.at);
    Ok(lines)
}

/// Everything that the journal holds of this time, oldest first.
pub(super) fn journal(state: &State, span: Span) -> Result<Vec<Entry>, toml::de::Error> {
    let logs: Logs = toml::from_str(LOGS)?;
    let entry = |unit: &str, program: &str, l: Line| Entry {
        at: l.at,
        unit: unit.into(),
        program: program.into(),
        text: l.text,
    };
    let mut entries = Vec::new();
    for e in &logs.journal {
        entries.extend(repeated(e.seconds, &e.text, span).map(|l| entry(&e.unit, &e.program, l)));
    }
    let docker = |program: &str, at: i64, text: &str| entry("docker.service", program, line(at, text));
    let up = state.host.boot_ms + 31_000;
    entries.push(docker("dockerd", up, "time=\"{utc}\" level=info msg=\"API listen on /run/docker.sock\""));
    entries.push(docker("systemd", up + 4, "Started Docker Application Container Engine."));
    let down = state.docker.containers.iter().filter_map(|c| c.finished_ms).max();
    for c in &state.docker.containers {
        let ended = "time=\"{utc}\" level=info msg=\"ignoring event\" module=libcontainerd namespace=moby \
                     topic=/tasks/delete type=\"*events.TaskDelete\" container=";
        entries.extend(c.finished_ms.map(|at| docker("dockerd", at, &format!("{ended}{}", c.id))));
    }
    if let (false, Some(at)) = (state.docker.up, down) {
        entries.push(docker("systemd", at + 900, "Stopped Docker Application Container Engine."));
    }
    entries.extend(state.kernel.iter().map(|l| entry("", "kernel", line(l.at_ms, &l.text))));
    entries.retain(|e| span.has(e.at.0) && e.at.0 >= state.host.boot_ms);
    entries.sort_by_key(|e| e.at);
    Ok(entries)
}

/// Whether the container ran at that moment. Of its earlier runs only the end of the last one is known.
fn ran(c: &Container, at: i64) -> bool {
    let ended = c.finished_ms.is_some_and(|end| at > end && (!c.running || at < c.started_ms));
    at >= c.created_ms && !ended
}

/// Lines that come about so often, one or another of the texts each time.
fn repeated(seconds: i64, texts: &[String], span: Span) -> impl Iterator<Item = Line> {
    let period = seconds.max(1) * 1000;
    let seed = texts.iter().map(|t| t.len() as i64).sum::<i64>();
    (span.from / period - 1..=span.to / period).filter_map(move |n| {
        let which = usize::try_from(noise(n.wrapping_mul(31) + seed, texts.len() as i64)).ok()?;
        let at = n * period + noise(n + seed, period * 2 / 5);
        span.has(at).then(|| line(at, texts.get(which).map_or("", String::as_str)))
    })
}

/// What the backend says of a backup.
fn backup(state: &State, job: &Job) -> Vec<Line> {
    let Some(begun) = job.started_at_ms else { return Vec::new() };
    let (id, kind) = (job.id, &job.kind);
    let mut lines = vec![
        line(begun, &format!("{{wall}} INFO Running {kind} backup")),
        line(begun + 40, &format!("{{wall}} INFO Started {kind} backup job #{id}")),
    ];
    let mut report = |at: i64, percent: i64, message: &str| {
        lines.push(line(at, &format!("{{wall}} INFO [Backup] job={id} {percent}% {message}")));
    };
    if let Some(work) = state.work.as_ref().filter(|w| w.job == id) {
        let mut said = String::new();
        let times = (work.started_ms..=work.ends_ms).step_by(REPORT.unsigned_abs() as usize);
        for at in times.chain([work.ends_ms]) {
            let p = work.at(EpochMs(at));
            if p.message != said {
                report(at, p.percent, &p.message);
                said = p.message;
            }
        }
        return lines;
    }
    let ended = job.finished_at_ms.unwrap_or(begun + 60_000);
    report(begun + 200, 2, "开始备份");
    if ended - begun > 10_000 {
        report(begun + 3000, 10, "备份数据库");
        for (n, volume) in (1..).zip(&state.docker.volumes) {
            let percent = 45 + 11 * (n - 1);
            if percent <= job.progress {
                report(
                    begun + 4000 + (ended - begun - 6000) * n / 6,
                    percent,
                    &format!("备份 volume: {volume}"),
                );
            }
        }
    }
    match job.status.as_str() {
        "failed" => {
            lines.push(line(ended, &format!("{{wall}} ERROR [Backup] job={id} failed: {}", job.detail)));
        }
        _ => report(ended, job.progress, &job.message),
    }
    lines
}

/// A line at its moment, its placeholders filled in.
fn line(at: i64, text: &str) -> Line {
    let number = |salt: i64, below: i64| noise(at.wrapping_add(salt), below);
    let mut text = text.to_owned();
    if text.contains('{') {
        let moment = EpochMs(at);
        for (name, value) in [
            ("{wall}", wall(moment, SHANGHAI_MIN).strftime("%Y-%m-%d %H:%M:%S").to_string()),
            ("{utc}", docker_time(moment)),
            ("{port}", (32_768 + number(1, 28_000)).to_string()),
            ("{ms}", (3 + number(2, 1800)).to_string()),
            ("{kb}", (40 + number(3, 9000)).to_string()),
            ("{user}", (10 + number(4, 80)).to_string()),
            ("{pid}", (20 + number(5, 900)).to_string()),
            ("{hex}", format!("{:08x}{:08x}", number(6, 1 << 32), number(7, 1 << 32))),
        ] {
            text = text.replace(name, &value);
        }
    }
    Line { at: EpochMs(at), text }
}
