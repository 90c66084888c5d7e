//! `timeout`: as coreutils has it, so that a box needs no more than a shell, and that what it starts is found in the
//! box and nowhere else (busybox's would prefer its own tools).
use super::{Said, UNKNOWN, runtime};
use rustix::process::{Pid, Signal, kill_process_group};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitCode;
use std::time::Duration;
use tokio::process::Command;
use tokio::signal::unix::{SignalKind, signal};

/// `timeout [-k KILL] LIMIT COMMAND…`: 124 when the time was up, 137 when it needed KILL.
pub(super) fn timeout(args: &[OsString]) -> ExitCode {
    let Some((kill_after, limit, command)) = parse(args) else {
        return Said::error(UNKNOWN, "timeout: the demo server knows timeout [-k SECONDS] SECONDS COMMAND")
            .out();
    };
    let code = match runtime() {
        Ok(runtime) => runtime.block_on(run(kill_after, limit, command)),
        Err(e) => Err(e),
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(e) => {
            let name = command.first().map(|n| n.to_string_lossy()).unwrap_or_default();
            let missing = e.kind() == std::io::ErrorKind::NotFound;
            let why = if missing { "No such file or directory".into() } else { e.to_string() };
            let text = format!("timeout: failed to run command '{name}': {why}");
            Said::error(if missing { 127 } else { 126 }, text).out()
        }
    }
}

fn parse(args: &[OsString]) -> Option<(Option<Duration>, Duration, &[OsString])> {
    let (kill_after, rest) = match args {
        [flag, time, rest @ ..] if flag == "-k" => (Some(seconds(time)?), rest),
        rest => (None, rest),
    };
    match rest {
        [time, command @ ..] if !command.is_empty() => Some((kill_after, seconds(time)?, command)),
        _ => None,
    }
}

fn seconds(text: &OsString) -> Option<Duration> {
    Duration::try_from_secs_f64(text.to_str()?.parse().ok()?).ok()
}

async fn run(kill_after: Option<Duration>, limit: Duration, command: &[OsString]) -> std::io::Result<u8> {
    // out of the script's group, as coreutils does it: who kills the script leaves us to end what we started
    let _ = rustix::process::setpgid(None, None);
    let (name, args) = command.split_first().ok_or(std::io::ErrorKind::InvalidInput)?;
    // its own group, so that what it started in turn ends with it
    let mut child = Command::new(name).args(args).process_group(0).spawn()?;
    let group = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    let send = |signal: Signal| {
        if let Some(group) = group {
            let _ = kill_process_group(group, signal);
        }
    };
    let mut term = signal(SignalKind::terminate())?;
    let mut hup = signal(SignalKind::hangup())?;
    let mut int = signal(SignalKind::interrupt())?;
    let timed_out = tokio::select! {
        status = child.wait() => return Ok(code(status?)),
        () = tokio::time::sleep(limit) => true,
        _ = term.recv() => false,
        _ = hup.recv() => false,
        _ = int.recv() => false,
    };
    send(Signal::TERM);
    send(Signal::CONT);
    let status = match kill_after {
        None => child.wait().await?,
        Some(more) => tokio::select! {
            status = child.wait() => status?,
            () = tokio::time::sleep(more) => {
                send(Signal::KILL);
                child.wait().await?;
                return Ok(137);
            }
        },
    };
    Ok(if timed_out { 124 } else { code(status) })
}

fn code(status: std::process::ExitStatus) -> u8 {
    let code = status.code().or(status.signal().map(|s| 128 + s)).unwrap_or(125);
    u8::try_from(code).unwrap_or(125)
}
