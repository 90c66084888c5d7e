//! How ssh is called for one environment: the generated configuration and the arguments.
//!
//! ssh takes the first value that it finds for a setting. The arguments come first, then this file's own lines, then
//! the user's and the system's configuration that it includes. So the user's aliases, agent, keys, jump hosts and
//! algorithms hold, and what safety rests on cannot be switched off there. What belongs to the server alone (port,
//! login, key) is in the arguments; what must hold for a jump host too is in the file, because ssh hands on `-F` to
//! the ssh that it starts for the jump, and nothing else.
use crate::config::model::{Environment, SshSettings};
use crate::core::safetext::SafeText;
use crate::remote::error::{LinkError, LinkErrorKind};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Where things are on the workstation.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The folder under which each link has its sockets: short, and nobody else's.
    pub runtime: PathBuf,
    /// The console's own list of host keys, unless the configuration names another.
    pub known_hosts: PathBuf,
    /// The home whose `.ssh` counts; what ssh itself takes when absent.
    pub home: Option<PathBuf>,
    /// The system's ssh configuration.
    pub system_config: PathBuf,
    /// Where the programs of OpenSSH are looked for; the `PATH` of the console when absent.
    pub path: Option<OsString>,
    /// Variables that hold secrets: no program of OpenSSH gets them, nor what it starts.
    pub secret_variables: BTreeSet<OsString>,
}

impl Folders {
    /// The usual places. `state` is the console's state folder.
    pub fn standard(state: &Path) -> Folders {
        Folders {
            runtime: super::folder::standard_parent(std::env::var_os("XDG_RUNTIME_DIR")),
            known_hosts: state.join("known_hosts"),
            home: None,
            system_config: PathBuf::from("/etc/ssh/ssh_config"),
            path: None,
            secret_variables: BTreeSet::new(),
        }
    }
}

/// One environment, as ssh is told of it.
#[derive(Clone, Debug)]
pub(in crate::remote) struct Target {
    /// Name, address or alias.
    pub(in crate::remote) host: String,
    port: Option<u16>,
    user: Option<String>,
    /// The private key file of the configuration, `~` resolved.
    pub(in crate::remote) identity: Option<PathBuf>,
    jump: Option<String>,
    /// `SHA256:…` that the server must show.
    pub(in crate::remote) expected_key: Option<String>,
    /// The console's own list of host keys.
    pub(in crate::remote) known_hosts: PathBuf,
    config_file: Option<PathBuf>,
    pub(in crate::remote) connect_timeout_s: u64,
    keepalive_s: u64,
    pub(in crate::remote) folders: Folders,
}

impl Target {
    /// Reads an environment; refuses values that ssh would take for something else.
    pub(in crate::remote) fn new(
        environment: &Environment,
        settings: &SshSettings,
        folders: Folders,
    ) -> Result<Target, LinkError> {
        let word = |setting: &'static str, value: &str| match is_plain(value) {
            true => Ok(value.to_owned()),
            false => Err(bad(setting, value)),
        };
        Ok(Target {
            host: word("host", &environment.host)?,
            port: environment.port,
            user: environment.user.as_deref().map(|u| word("user", u)).transpose()?,
            identity: environment.identity_file.as_deref().map(|f| at_home(f, &folders)),
            jump: environment.jump.as_deref().map(|j| word("jump", j)).transpose()?,
            expected_key: environment.host_key.clone(),
            known_hosts: settings.known_hosts.clone().unwrap_or_else(|| folders.known_hosts.clone()),
            config_file: settings.config_file.clone(),
            connect_timeout_s: settings.connect_timeout_s.max(1),
            keepalive_s: settings.keepalive_s.max(1),
            folders,
        })
    }

    /// The lists of host keys that count, the console's own first.
    pub(in crate::remote) fn key_lists(&self) -> Vec<PathBuf> {
        let ssh = match &self.folders.home {
            Some(home) => home.join(".ssh"),
            None => PathBuf::from("~/.ssh"),
        };
        vec![self.known_hosts.clone(), ssh.join("known_hosts"), ssh.join("known_hosts2")]
    }

    /// A path with `~/` resolved.
    pub(in crate::remote) fn at_home(&self, path: &Path) -> PathBuf {
        at_home(path, &self.folders)
    }

    /// The configuration file for `ssh -F`.
    ///
    /// # Errors
    /// When a path of the settings cannot be written in such a file, or the file that the settings name is missing.
    pub(in crate::remote) fn config(&self) -> Result<String, LinkError> {
        let lists =
            self.key_lists().iter().map(|l| quoted("known_hosts", l)).collect::<Result<Vec<_>, _>>()?;
        let own = match (&self.config_file, &self.folders.home) {
            (Some(file), _) => {
                let file = at_home(file, &self.folders);
                // an Include of nothing is no error for ssh
                if !file.is_file() {
                    let place = SafeText::new(&file.to_string_lossy());
                    return Err(LinkError::new(LinkErrorKind::BadConfig { place }, "no such file"));
                }
                file
            }
            (None, Some(home)) => home.join(".ssh/config"),
            (None, None) => PathBuf::from("~/.ssh/config"),
        };
        Ok(format!(
            "# Written by opsdeck for one link. The first value of each setting counts.
# never a question on the screen, never a key on trust
BatchMode yes
NumberOfPasswordPrompts 0
StrictHostKeyChecking yes
UserKnownHostsFile {lists}
UpdateHostKeys no
VerifyHostKeyDNS no
CheckHostIP no
NoHostAuthenticationForLocalhost no
VisualHostKey no
# a dead link is noticed
ConnectTimeout {connect}
ConnectionAttempts 1
ServerAliveInterval {alive}
ServerAliveCountMax 3
TCPKeepAlive yes
# nothing of this machine is lent to the server, nothing runs here because of it
ForwardAgent no
AddKeysToAgent no
ForwardX11 no
Tunnel no
ClearAllForwardings yes
PermitLocalCommand no
RequestTTY no
EscapeChar none
ControlMaster no
LogLevel INFO
Include {own}
Include {system}
",
            lists = lists.join(" "),
            connect = self.connect_timeout_s,
            alive = self.keepalive_s,
            own = included(&own)?,
            system = included(&self.folders.system_config)?,
        ))
    }

    /// The arguments that say which server, the host last.
    pub(in crate::remote) fn arguments(&self) -> Vec<OsString> {
        let mut out: Vec<OsString> = Vec::new();
        if let Some(port) = self.port {
            out.extend(["-p".into(), port.to_string().into()]);
        }
        if let Some(user) = &self.user {
            out.extend(["-l".into(), user.into()]);
        }
        if let Some(file) = &self.identity {
            out.extend(["-o".into(), "IdentitiesOnly=yes".into(), "-i".into(), file.into()]);
        }
        if let Some(jump) = &self.jump {
            out.extend(["-J".into(), jump.into()]);
        }
        out.extend(["--".into(), OsString::from(&self.host)]);
        out
    }
}

/// Whether a value is one plain word to ssh and to every shell on the way.
fn is_plain(value: &str) -> bool {
    let odd = |c: char| c.is_whitespace() || c.is_control() || "'\"\\`$;&|<>(){}*?!#~^".contains(c);
    !value.is_empty() && !value.starts_with('-') && !value.contains(odd)
}

fn bad(setting: &'static str, value: &str) -> LinkError {
    LinkError::new(LinkErrorKind::BadSetting { setting }, value)
}

/// A path with `~/` resolved, where the home is known.
fn at_home(path: &Path, folders: &Folders) -> PathBuf {
    let home = || folders.home.clone().or_else(std::env::home_dir);
    match path.strip_prefix("~") {
        Ok(rest) => home().map_or_else(|| path.to_owned(), |h| h.join(rest)),
        Err(_) => path.to_owned(),
    }
}

/// A path in a line of an ssh configuration, where `%` and `${` would be expanded.
fn quoted(setting: &'static str, path: &Path) -> Result<String, LinkError> {
    let text = path.to_str().ok_or_else(|| bad(setting, &path.to_string_lossy()))?;
    if text.contains(['"', '\\', '\n', '\r', '\0']) || text.contains("${") {
        return Err(bad(setting, text));
    }
    Ok(format!("\"{}\"", text.replace('%', "%%")))
}

/// A path in an `Include`, where wildcards would be expanded.
fn included(path: &Path) -> Result<String, LinkError> {
    let text = path.to_str().ok_or_else(|| bad("config_file", &path.to_string_lossy()))?;
    if text.contains(['"', '\\', '\n', '\r', '\0', '*', '?', '[', '%']) || text.contains("${") {
        return Err(bad("config_file", text));
    }
    Ok(format!("\"{text}\""))
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
