//! `journalctl`: the system's journal as JSON, and the kernel's lines.
use super::logs::{TICK, write};
use super::{Said, Server, kernel, runtime};
use crate::demo::history::noise;
use crate::demo::said::{self, Entry, KEPT, Span};
use serde_json::json;

/// What is asked for.
#[derive(Default)]
struct Asked<'a> {
    unit: Option<&'a str>,
    follow: bool,
    lines: Option<usize>,
    /// Microseconds since 1970: from then on, inclusive.
    since: Option<i64>,
}

/// `journalctl -k …`, or `journalctl -q --no-pager -o json … [--unit=U] [-f] [-n N] [--since=@S|--cursor=C|--after-cursor=C]`.
pub(super) fn journalctl(server: &Server, args: &[&str]) -> Said {
    if args.first() == Some(&"-k") {
        return kernel::journalctl(server, args);
    }
    let Some(asked) = parse(args) else {
        return Said::unknown("journalctl", args);
    };
    let from = asked.since.map_or(server.now.0 - KEPT, |us| us / 1000 - 1);
    let mut entries = between(server, &asked, from, server.now.0);
    if let Some(since) = asked.since {
        entries.retain(|e| micros(e) >= since);
    }
    // the first of them after a place, else the last
    match (asked.lines, asked.since) {
        (Some(lines), Some(_)) => entries.truncate(lines),
        (Some(lines), None) => drop(entries.drain(..entries.len().saturating_sub(lines))),
        (None, _) => {}
    }
    let text: String = entries.iter().map(|e| shown(server, e)).collect();
    if !asked.follow {
        return Said::ok(text);
    }
    if write(&text).is_err() {
        return Said::default();
    }
    match runtime() {
        Ok(runtime) => runtime.block_on(follow(server, &asked)),
        Err(e) => Said::error(70, format!("the demo server cannot wait: {e}")),
    }
}

fn parse<'a>(args: &[&'a str]) -> Option<Asked<'a>> {
    let mut asked = Asked::default();
    let mut json = false;
    let mut rest = args.iter();
    while let Some(word) = rest.next() {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match key {
            "-q" | "--no-pager" | "--no-tail" | "--all" | "--output-fields" => {}
            "-o" => json = *rest.next()? == "json",
            "-f" => asked.follow = true,
            "-n" => asked.lines = Some(rest.next()?.parse().ok()?),
            "--unit" => asked.unit = Some(value),
            "--since" => {
                let seconds: f64 = value.strip_prefix('@')?.parse().ok()?;
                asked.since = Some((seconds * 1e6).round() as i64);
            }
            "--cursor" => asked.since = Some(place(value)?),
            "--after-cursor" => asked.since = Some(place(value)? + 1),
            _ => return None,
        }
    }
    json.then_some(asked)
}

/// The moment of a cursor.
fn place(cursor: &str) -> Option<i64> {
    let t = cursor.split(';').find_map(|part| part.strip_prefix("t="))?;
    i64::from_str_radix(t, 16).ok()
}

fn between(server: &Server, asked: &Asked, from: i64, to: i64) -> Vec<Entry> {
    let span = Span { from: from.max(server.now.0 - KEPT), to };
    let mut entries = said::journal(&server.state, span).unwrap_or_default();
    entries.retain(|e| asked.unit.is_none_or(|unit| e.unit == unit));
    entries
}

async fn follow(server: &Server, asked: &Asked<'_>) -> Said {
    let mut last = server.now.0;
    loop {
        tokio::time::sleep(TICK).await;
        let Ok(here) = Server::open(server.root.clone(), "journalctl") else {
            return Said::error(70, "journalctl: the demo server cannot be read");
        };
        let entries = between(&here, asked, last + 1, here.now.0);
        last = last.max(here.now.0);
        let text: String = entries.iter().map(|e| shown(&here, e)).collect();
        if write(&text).is_err() {
            return Said::default();
        }
    }
}

/// Microseconds since 1970; those below a millisecond are made up, but always the same.
fn micros(e: &Entry) -> i64 {
    e.at.0 * 1000 + noise(e.text.bytes().map(i64::from).sum::<i64>() + e.at.0, 1000)
}

fn shown(server: &Server, e: &Entry) -> String {
    let host = &server.state.host;
    let (us, machine) = (micros(e), &host.machine_id);
    let since_boot = us - host.boot_ms * 1000;
    let boot: String = machine.chars().rev().collect();
    let entry = json!({
        "__CURSOR": format!("s={machine};i={us:x};b={boot};m={since_boot:x};t={us:x};x={:x}", noise(us, 1 << 40)),
        "__REALTIME_TIMESTAMP": us.to_string(),
        "__MONOTONIC_TIMESTAMP": since_boot.to_string(),
        "_BOOT_ID": boot,
        "SYSLOG_IDENTIFIER": e.program,
        "_COMM": e.program.to_lowercase(),
        "_PID": (700 + noise(e.program.len() as i64, 900)).to_string(),
        "PRIORITY": "6",
        "MESSAGE": e.text,
    });
    format!("{entry}\n")
}
