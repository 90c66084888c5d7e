//! What the workstation answers. Nothing is judged here, nothing leaves the workstation.
use super::keys::{self, KeyFile};
use super::width::{self, Width};
use crate::cli::Context;
use crate::clock;
use crate::config::model::{Config, SecretSource};
use crate::config::{ConfigError, Loaded, Problem, SecretError};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::logging;
use crate::programs::{self, RunError};
use jiff::tz::TimeZone;
use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The longest that a local program may take to answer.
const DEADLINE: Duration = Duration::from_secs(5);

/// Everything that was asked.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What `ssh -V` says.
    pub ssh: Result<SafeText, RunError>,
    /// Programs of OpenSSH that are needed and not there.
    pub missing: Vec<&'static str>,
    /// The agent.
    pub agent: Agent,
    /// Private keys that would be used.
    pub keys: Vec<KeyFile>,
    /// `~/.ssh` and what lies in it that ssh refuses when others may write to it: path and mode.
    pub ssh_files: Vec<(PathBuf, u32)>,
    /// The locale that decides the encoding: name of the variable and its value.
    pub locale: Option<(&'static str, String)>,
    /// `TERM`.
    pub term: Option<String>,
    /// Columns and rows; nothing when not on a terminal.
    pub size: Option<(u16, u16)>,
    /// How wide the terminal draws characters of ambiguous width.
    pub width: Width,
    /// The time.
    pub now: EpochMs,
    /// The offset of the workstation, as `+08:00`.
    pub offset: String,
    /// Whether the clock is kept right by the network; nothing when nobody could be asked.
    pub synchronised: Option<bool>,
    /// The configuration.
    pub config: ConfigFact,
    /// Where the passwords of the shares come from.
    pub secrets: Vec<SourceFact>,
    /// The folder of the diagnostic log and whether it can be written.
    pub log: LogFact,
}

/// The agent that holds keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Agent {
    /// `SSH_AUTH_SOCK` is not set.
    None,
    /// It is set, and nobody answers there.
    Dead,
    /// It answers, with the fingerprints of its keys.
    Keys(Vec<String>),
    /// It could not be asked.
    Unknown,
}

/// The configuration.
#[derive(Clone, Debug)]
pub enum ConfigFact {
    /// None was found.
    Missing(Text),
    /// It was refused.
    Refused(ConfigError),
    /// It was accepted.
    Accepted {
        /// The file.
        path: PathBuf,
        /// How many environments.
        environments: usize,
        /// What needs a person soon.
        notices: Vec<Problem>,
    },
}

/// One source of a secret.
#[derive(Clone, Debug)]
pub struct SourceFact {
    /// The share that it is for.
    pub share: String,
    /// The source in words.
    pub source: Text,
    /// Why it does not work.
    pub trouble: Option<SecretError>,
}

/// The folder of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LogFact {
    /// There is no home to put it in.
    NoHome,
    /// It cannot be written.
    Broken(PathBuf, SafeText),
    /// It can, and its files have so many bytes.
    Fine(PathBuf, u64),
}

/// Asks everything.
pub fn gather(context: &Context) -> Facts {
    let home = crate::folders::home();
    let (config, loaded) = config(context);
    let agent = agent();
    let ssh_folder = home.as_ref().map(|h| h.join(".ssh"));
    let size = terminal_size();
    let zone = TimeZone::system();
    let now = clock::now();
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Facts {
        ssh: version(),
        missing: ["ssh-keygen", "ssh-keyscan"].into_iter().filter(|p| programs::find(p).is_none()).collect(),
        keys: keys::gather(loaded.as_ref().map(|l| &l.config), ssh_folder.as_deref()),
        agent,
        ssh_files: ssh_folder.as_deref().map(ssh_files).unwrap_or_default(),
        locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, set(name)?))),
        term: set("TERM"),
        width: width::probe(size.is_some()),
        size,
        now,
        offset: at.to_zoned(zone).strftime("%:z").to_string(),
        synchronised: synchronised(),
        secrets: loaded.map(|l| secrets(&l.config)).unwrap_or_default(),
        config,
        log: log(),
    }
}

/// An environment variable that is set to something.
fn set(name: &str) -> Option<String> {
    std::env::var_os(name).map(|v| v.to_string_lossy().into_owned()).filter(|v| !v.is_empty())
}

/// A local program, asked in English.
pub(super) fn ask(program: &str, arguments: &[&std::ffi::OsStr]) -> Result<programs::Ran, RunError> {
    let mut command = Command::new(program);
    command.args(arguments).env("LC_ALL", "C");
    programs::run(command, DEADLINE)
}

fn version() -> Result<SafeText, RunError> {
    let ran = ask("ssh", &["-V".as_ref()])?;
    // OpenSSH prints its version on standard error
    let lines = [SafeText::lines(&ran.stderr), SafeText::lines(&ran.stdout)].concat();
    Ok(lines.into_iter().find(|l| !l.is_empty()).unwrap_or_default())
}

/// `ssh-add -l`: 0 with a line for each key, 1 without keys, 2 without an agent (ssh-add(1)).
fn agent() -> Agent {
    if set("SSH_AUTH_SOCK").is_none() {
        return Agent::None;
    }
    let Ok(ran) = ask("ssh-add", &["-l".as_ref()]) else {
        return Agent::Unknown;
    };
    match ran.status.code() {
        Some(0) => {
            let lines = SafeText::lines(&ran.stdout);
            Agent::Keys(lines.iter().filter_map(|l| keys::fingerprint(l.as_str())).collect())
        }
        Some(1) => Agent::Keys(Vec::new()),
        Some(2) => Agent::Dead,
        _ => Agent::Unknown,
    }
}

fn ssh_files(folder: &Path) -> Vec<(PathBuf, u32)> {
    let paths = [folder.to_owned(), folder.join("config")].into_iter();
    paths.filter_map(|p| Some((p.clone(), std::fs::metadata(&p).ok()?.mode() & 0o7777))).collect()
}

fn terminal_size() -> Option<(u16, u16)> {
    let on_terminal = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    crossterm::terminal::size().ok().filter(|_| on_terminal)
}

/// systemd's own word for it, where there is systemd (timedatectl(1)); else the mark of its time service.
fn synchronised() -> Option<bool> {
    let arguments = ["show", "--property=NTPSynchronized", "--value"].map(AsRef::as_ref);
    let said = ask("timedatectl", &arguments).ok().filter(|ran| ran.status.success());
    match said.as_ref().map(|ran| ran.stdout.trim_ascii()) {
        Some(b"yes") => Some(true),
        Some(b"no") => Some(false),
        _ => Path::new("/run/systemd/timesync/synchronized").exists().then_some(true),
    }
}

fn config(context: &Context) -> (ConfigFact, Option<Loaded>) {
    let found = match crate::config::locate(&context.places()) {
        Ok(found) => found,
        Err(not_found) => return (ConfigFact::Missing(not_found.text()), None),
    };
    match crate::config::read(&found.path) {
        Err(refused) => (ConfigFact::Refused(refused), None),
        Ok(loaded) => {
            let fact = ConfigFact::Accepted {
                path: found.path,
                environments: loaded.config.environments.len(),
                notices: loaded.notices.clone(),
            };
            (fact, Some(loaded))
        }
    }
}

/// Every source once, whatever the number of environments that share it.
fn secrets(config: &Config) -> Vec<SourceFact> {
    let mut seen: Vec<&SecretSource> = Vec::new();
    let mut facts = Vec::new();
    for share in config.environments.iter().map(|e| &e.share) {
        let Some(source) = share.secret.as_ref().filter(|s| !seen.contains(s)) else {
            continue;
        };
        seen.push(source);
        facts.push(SourceFact {
            share: share.source(),
            source: source.describe(),
            trouble: source.probe().err(),
        });
    }
    facts
}

fn log() -> LogFact {
    let Some(folder) = logging::folder() else {
        return LogFact::NoHome;
    };
    match logging::file::usable(&folder) {
        Ok(bytes) => LogFact::Fine(folder, bytes),
        Err(e) => LogFact::Broken(folder, SafeText::new(&e.to_string())),
    }
}
