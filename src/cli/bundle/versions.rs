//! What runs where: this console, the workstation, the server.
use crate::core::safetext::SafeText;
use crate::core::snapshot::Snapshot;
use crate::programs;
use serde_json::{Value, json};
use std::process::Command;
use std::time::Duration;

/// The longest wait for `ssh -V`.
const DEADLINE: Duration = Duration::from_secs(5);

/// The document; what is not known is null.
pub(super) fn document(look: Option<&Snapshot>, docker: Option<&SafeText>) -> Value {
    let identity = look.and_then(|s| s.identity.as_ref().ok());
    let uname = rustix::system::uname();
    let word = |text: &std::ffi::CStr| SafeText::new(&text.to_string_lossy());
    json!({
        "opsdeck": env!("CARGO_PKG_VERSION"),
        "ssh": ssh(),
        "workstation": {
            "os": os(), "kernel": word(uname.release()), "machine": word(uname.machine()),
        },
        "server": {
            "os": identity.map(|i| &i.os), "kernel": identity.map(|i| &i.kernel), "uptime_s": identity.and_then(|i| i.uptime_s),
        },
        "docker": docker,
    })
}

/// OpenSSH prints its version on standard error.
fn ssh() -> Option<SafeText> {
    let mut command = Command::new("ssh");
    command.arg("-V").env("LC_ALL", "C");
    let ran = programs::run(command, DEADLINE).ok()?;
    let lines = [SafeText::lines(&ran.stderr), SafeText::lines(&ran.stdout)].concat();
    lines.into_iter().find(|l| !l.is_empty())
}

fn os() -> Option<SafeText> {
    let text = std::fs::read_to_string("/etc/os-release").ok()?;
    let name = text.lines().find_map(|l| l.strip_prefix("PRETTY_NAME="))?;
    Some(SafeText::new(name.trim_matches('"')))
}
