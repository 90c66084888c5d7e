//! `docker logs`: what a container said, and, with `--follow`, what it says until it stops or somebody ends us.
use super::{Said, Server, runtime};
use crate::core::units::EpochMs;
use crate::demo::said::{self, KEPT, Line, Span};
use crate::demo::state::Container;
use crate::demo::timeline::docker_time;
use std::io::Write;
use std::time::Duration;

/// How often a follower looks whether something was said.
pub(super) const TICK: Duration = Duration::from_millis(300);
/// The first stretch of time in which the last lines are looked for; each next one is four times as long.
const STRETCH: i64 = 300_000;

/// What is asked for.
struct Asked<'a> {
    name: &'a str,
    times: bool,
    follow: bool,
    tail: Option<usize>,
    since: Option<String>,
}

/// `docker logs [--timestamps] [--follow] [--tail N] [--since TIME] [--] NAME`.
pub(super) fn logs(server: &Server, args: &[&str]) -> Said {
    let Some(asked) = parse(args) else {
        return Said::unknown("docker logs", args);
    };
    let Some(c) = server.state.container(asked.name) else {
        return Said::error(1, format!("Error: No such container: {}", asked.name));
    };
    let now = server.now.0;
    let Ok(mut lines) = begin(server, c, &asked) else {
        return Said::error(70, "docker: the demo server's logs cannot be read");
    };
    if let Some(tail) = asked.tail {
        lines.drain(..lines.len().saturating_sub(tail));
    }
    let text: String = lines.iter().map(|l| shown(l, asked.times)).collect();
    if !asked.follow || !c.running {
        return Said::ok(text);
    }
    if write(&text).is_err() {
        return Said::default();
    }
    match runtime() {
        Ok(runtime) => runtime.block_on(follow(server, c, &asked, now)),
        Err(e) => Said::error(70, format!("the demo server cannot wait: {e}")),
    }
}

fn parse<'a>(args: &[&'a str]) -> Option<Asked<'a>> {
    let mut asked = Asked { name: "", times: false, follow: false, tail: None, since: None };
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        match *word {
            "--timestamps" | "-t" => asked.times = true,
            "--follow" | "-f" => asked.follow = true,
            "--tail" | "-n" => {
                let lines = *rest.next()?;
                asked.tail = if lines == "all" { None } else { Some(lines.parse().ok()?) };
            }
            "--since" => {
                let at: jiff::Timestamp = rest.next()?.parse().ok()?;
                asked.since = Some(format!("{at:.9}"));
            }
            "--" => {}
            name if asked.name.is_empty() && !name.starts_with('-') => asked.name = name,
            _ => return None,
        }
    }
    (!asked.name.is_empty()).then_some(asked)
}

/// What was said until now.
fn begin(server: &Server, c: &Container, asked: &Asked) -> Result<Vec<Line>, toml::de::Error> {
    let (now, wanted) = (server.now.0, asked.tail.unwrap_or(usize::MAX));
    let mut back = if asked.tail.is_some() { STRETCH } else { KEPT };
    loop {
        back = back.min(KEPT);
        let mut lines = said::container(&server.state, c, Span { from: now - back, to: now })?;
        if let Some(since) = &asked.since {
            // both are written with nine digits, so they compare as text
            lines.retain(|l| docker_time(l.at) >= *since);
        }
        if lines.len() >= wanted || back == KEPT {
            return Ok(lines);
        }
        back *= 4;
    }
}

/// Says what comes after `last`, until the container stops, is started anew, or is gone.
async fn follow(server: &Server, c: &Container, asked: &Asked<'_>, mut last: i64) -> Said {
    loop {
        tokio::time::sleep(TICK).await;
        let Ok(here) = Server::open(server.root.clone(), "docker") else {
            return Said::error(70, "docker: the demo server cannot be read");
        };
        let Some(is) = here.state.container(&c.id) else { return Said::default() };
        let over = !here.state.docker.up || !is.running || is.started_ms != c.started_ms;
        let end = if over { is.finished_ms.unwrap_or(here.now.0) } else { here.now.0 };
        let lines = said::container(&here.state, is, Span { from: last + 1, to: end }).unwrap_or_default();
        last = last.max(end);
        let text: String = lines.iter().map(|l| shown(l, asked.times)).collect();
        if write(&text).is_err() || over {
            return Said::default();
        }
    }
}

fn shown(line: &Line, times: bool) -> String {
    let Line { at, text } = line;
    if times { format!("{} {text}\n", docker_time(EpochMs(at.0))) } else { format!("{text}\n") }
}

/// Prints at once; fails when nobody reads any more.
pub(super) fn write(text: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout();
    out.write_all(text.as_bytes())?;
    out.flush()
}
