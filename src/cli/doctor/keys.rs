//! The private keys that would be used, as far as the workstation can tell without using them.
use super::facts::ask;
use crate::config::model::Config;
use crate::core::safetext::SafeText;
use std::ffi::OsStr;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// Names that ssh itself tries in `~/.ssh` (ssh(1), `-i`).
const DEFAULTS: &[&str] = &["id_ed25519", "id_ecdsa", "id_rsa", "id_ed25519_sk", "id_ecdsa_sk"];

/// One private key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// The file.
    pub path: PathBuf,
    /// Whether the configuration names it; else it is one that ssh tries by itself.
    pub configured: bool,
    /// What was found.
    pub found: Found,
}

/// What is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Nothing.
    Missing,
    /// A file that could not be looked at.
    Unreadable(SafeText),
    /// A file.
    File {
        /// Its mode.
        mode: u32,
        /// Whether it belongs to the user who runs opsdeck.
        ours: bool,
        /// What kind of key.
        kind: Kind,
        /// Fingerprint of its public half.
        fingerprint: Option<String>,
    },
}

/// What kind of key a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A private key without a passphrase.
    Plain,
    /// A private key with one.
    Locked,
    /// No private key.
    NoKey,
    /// It could not be told: others may read it, and then ssh-keygen does not.
    Unknown,
}

/// Keys that the configuration names, or those that ssh would try by itself.
pub fn gather(config: Option<&Config>, ssh_folder: Option<&Path>) -> Vec<KeyFile> {
    let environments = config.map(|c| c.environments.as_slice()).unwrap_or_default();
    let mut configured: Vec<PathBuf> = Vec::new();
    for path in environments.iter().filter_map(|e| e.identity_file.clone()) {
        if !configured.contains(&path) {
            configured.push(path);
        }
    }
    let all_named = !environments.is_empty() && environments.iter().all(|e| e.identity_file.is_some());
    let defaults = DEFAULTS.iter().filter_map(|name| Some(ssh_folder?.join(name)));
    let defaults =
        defaults.filter(|p| !all_named && p.exists() && !configured.contains(p)).collect::<Vec<_>>();
    let key = |configured| move |path: PathBuf| KeyFile { found: look(&path), path, configured };
    configured.into_iter().map(key(true)).chain(defaults.into_iter().map(key(false))).collect()
}

fn look(path: &Path) -> Found {
    let meta = match std::fs::metadata(path) {
        Ok(meta) => meta,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Found::Missing,
        Err(e) => return Found::Unreadable(SafeText::new(&e.to_string())),
    };
    let mode = meta.mode() & 0o7777;
    Found::File {
        mode,
        ours: meta.uid() == rustix::process::geteuid().as_raw(),
        kind: kind(path, mode),
        fingerprint: ask("ssh-keygen", &["-l".as_ref(), "-f".as_ref(), path.as_os_str()])
            .ok()
            .filter(|ran| ran.status.success())
            .and_then(|ran| fingerprint(SafeText::from_bytes(&ran.stdout).as_str())),
    }
}

/// Whether the key opens without a passphrase. ssh-keygen never asks when one is given, here the empty one.
fn kind(path: &Path, mode: u32) -> Kind {
    if mode & 0o077 != 0 {
        return Kind::Unknown;
    }
    let arguments = ["-y", "-P", "", "-f"].map(OsStr::new);
    let Ok(ran) = ask("ssh-keygen", &[&arguments[..], &[path.as_os_str()]].concat()) else {
        return Kind::Unknown;
    };
    let said = SafeText::from_bytes(&ran.stderr);
    match ran.status.success() {
        true => Kind::Plain,
        false if said.as_str().contains("incorrect passphrase") => Kind::Locked,
        false if said.as_str().contains("invalid format") || said.as_str().contains("error in libcrypto") => {
            Kind::NoKey
        }
        false => Kind::Unknown,
    }
}

/// The fingerprint in a line of `ssh-keygen -l` or `ssh-add -l`: `256 SHA256:… comment (ED25519)`.
pub fn fingerprint(line: &str) -> Option<String> {
    line.split_whitespace().find(|word| word.starts_with("SHA256:")).map(str::to_owned)
}
