//! The stand-ins: this program under the names of the tools that show or change a server.
//!
//! They answer what the scripts ask and nothing else: a question that they do not know fails loudly (exit 64) and is
//! never guessed at. Their words are those of the real tools, so they are not translated.
mod change;
mod clock;
pub(super) mod container;
mod disk;
mod docker;
mod inside;
mod journal;
mod kernel;
mod link;
mod logs;
mod mount;
mod net;
mod rows;
mod stat;
mod template;
mod timeout;
mod watch;

pub(super) use link::{link, shell};

use super::boxed::{BOX, ENVS, NOW};
use super::lay;
use super::state::State;
use crate::core::units::EpochMs;
use std::ffi::{OsStr, OsString};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Tool = fn(&Server, &[&str]) -> Said;

/// Every stand-in that answers from a server's state. `timeout` needs none and stands apart.
const TOOLS: &[(&str, Tool)] = &[
    ("curl", net::curl),
    ("date", clock::date),
    ("df", disk::df),
    ("dmesg", kernel::dmesg),
    ("docker", docker::docker),
    ("du", disk::du),
    ("findmnt", mount::findmnt),
    ("hostname", kernel::hostname),
    ("id", kernel::id),
    ("ip", net::ip),
    ("journalctl", journal::journalctl),
    ("mount", mount::mount),
    ("nc", net::nc),
    ("stat", stat::stat),
    ("umount", mount::umount),
    ("uname", kernel::uname),
];

/// Those that look at the box's files, which have to be as far by then as time says.
const READS_FILES: [&str; 2] = ["du", "stat"];

/// The exit code of a stand-in that does not know what it is asked (EX_USAGE of sysexits.h).
const UNKNOWN: u8 = 64;

/// Runs this program as a tool of a server in a box, when it was called by that name inside one. Called first thing
/// in `main`; `None` means that the program is itself.
pub fn standin(argv0: &OsStr, args: impl IntoIterator<Item = OsString>) -> Option<ExitCode> {
    let root = PathBuf::from(std::env::var_os(BOX)?);
    let name = Path::new(argv0).file_name()?.to_str()?;
    let tool = TOOLS.iter().find(|t| t.0 == name).map(|t| t.1);
    if tool.is_none() && name != "timeout" {
        return None;
    }
    let args: Vec<OsString> = args.into_iter().collect();
    let Some(tool) = tool else {
        return Some(timeout::timeout(&args));
    };
    let words: Option<Vec<&str>> = args.iter().map(|a| a.to_str()).collect();
    let said = match (Server::open(root, name), words) {
        (Ok(server), Some(words)) => tool(&server, &words),
        (Err(e), _) => Said::error(70, format!("{name}: the demo server cannot be read: {e}")),
        (_, None) => Said::error(UNKNOWN, format!("{name}: an argument is not UTF-8")),
    };
    Some(said.out())
}

/// The server that a stand-in is on, as it is now.
struct Server {
    /// What stands for `/`.
    root: PathBuf,
    /// The whole box.
    dir: PathBuf,
    /// As it was written last; changes start from here.
    written: State,
    /// As it is now.
    state: State,
    /// The server's clock.
    now: EpochMs,
}

impl Server {
    fn open(root: PathBuf, name: &str) -> std::io::Result<Server> {
        let dir = root.parent().unwrap_or(&root).to_owned();
        let written = State::load(&root)?;
        let here = fixed_clock().unwrap_or_else(crate::clock::now);
        let now = written.clock(here);
        if READS_FILES.contains(&name) {
            // the share shows what the other server writes, too
            for env in ENVS {
                if let Ok(other) = State::load(&dir.join(env)) {
                    lay::grow(&dir, &other, other.clock(here))?;
                }
            }
        }
        Ok(Server { state: written.clone().at(now), root, dir, written, now })
    }

    /// The server's own path for a path that a script was given with the root in front.
    fn server_path<'a>(&self, path: &'a str) -> Option<&'a str> {
        let rest = path.strip_prefix(self.root.to_str()?)?;
        (rest.is_empty() || rest.starts_with('/')).then_some(if rest.is_empty() { "/" } else { rest })
    }

    /// Whether a server's path is on the mounted share.
    fn on_share(&self, path: &str) -> bool {
        let point = self.state.mount_point.as_str();
        let below = path.strip_prefix(point).is_some_and(|r| r.is_empty() || r.starts_with('/'));
        self.state.mounted.is_some() && below
    }

    /// Whether a question about this path waits for a share that does not answer.
    fn hangs(&self, path: &str) -> bool {
        !self.state.share.answers && self.on_share(path)
    }

    /// Whether this path is in the box: by its words, and by where its links lead.
    fn contains(&self, path: &Path) -> bool {
        let plain = !path.components().any(|c| c == std::path::Component::ParentDir);
        let leads = path.canonicalize();
        plain && path.starts_with(&self.dir) && leads.map_or(true, |p| p.starts_with(&self.dir))
    }
}

/// The time that this machine's clock is said to show, where a test has to see a box at another hour.
fn fixed_clock() -> Option<EpochMs> {
    std::env::var(NOW).ok()?.parse().ok().map(EpochMs)
}

/// What a tool says, and its exit code.
#[derive(Debug, Default)]
struct Said {
    out: Vec<u8>,
    err: String,
    code: u8,
}

impl Said {
    fn ok(text: impl Into<String>) -> Said {
        Said { out: text.into().into_bytes(), ..Said::default() }
    }

    fn error(code: u8, text: impl Into<String>) -> Said {
        Said { err: text.into() + "\n", code, ..Said::default() }
    }

    /// What this stand-in was not made for.
    fn unknown(tool: &str, args: &[&str]) -> Said {
        let asked = args.join(" ");
        Said::error(UNKNOWN, format!("{tool}: the demo server does not know how to answer: {tool} {asked}"))
    }

    /// Prints it. A reader that went away is no error of ours.
    fn out(self) -> ExitCode {
        let _ = std::io::stdout().write_all(&self.out);
        let _ = std::io::stdout().flush();
        let _ = std::io::stderr().write_all(self.err.as_bytes());
        ExitCode::from(self.code)
    }
}

/// Waits as a process does that a dead share holds: TERM, INT and HUP do not end it, KILL does. Gives up after ten
/// minutes, so that nothing stays for ever.
fn hang(deaf: bool) -> Said {
    use tokio::signal::unix::{SignalKind, signal};
    let wait = async {
        let kinds = [SignalKind::terminate(), SignalKind::interrupt(), SignalKind::hangup()];
        // a signal that somebody listens for does not end the process
        let listening: Vec<_> = kinds.into_iter().filter(|_| deaf).map(signal).collect();
        tokio::time::sleep(std::time::Duration::from_secs(600)).await;
        drop(listening);
    };
    match runtime() {
        Ok(runtime) => runtime.block_on(wait),
        Err(e) => return Said::error(70, format!("the demo server cannot wait: {e}")),
    }
    Said::error(1, "Host is down")
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
