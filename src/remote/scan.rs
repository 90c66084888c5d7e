//! Which host key a server shows: asked without a login, and without trusting it.
use super::error::{LinkError, LinkErrorKind};
use super::known_hosts::{Identity, OfferedKey, fingerprint, records};
use super::ssh::folder::ControlFolder;
use super::ssh::programs::Programs;
use super::ssh::resolve::{Resolved, resolve};
use super::ssh::target::{Folders, Target};
use crate::config::model::{Environment, SshSettings};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

/// What marks the lines in which the ssh of [`scan`] says which key was shown.
const MARK: &str = "opsdeck-key";

/// Asks a server for its host keys, and the lists for what they hold about it. Logs in to nothing but a jump host,
/// whose own key has to be known.
///
/// # Errors
/// When the server, or the way to it, cannot be reached. With a jump host this needs an ssh that knows
/// `KnownHostsCommand` (OpenSSH 8.5); an older one says so, and the key has to be brought by other means.
pub async fn scan(
    environment: &Environment,
    settings: &SshSettings,
    folders: Folders,
) -> Result<Identity, LinkError> {
    let target = Target::new(environment, settings, folders)?;
    let programs = Programs::of(&target.folders);
    let folder = ControlFolder::create(&target.folders.runtime)?;
    let config = folder.write("c", &target.config()?)?;
    let resolved = resolve(&target, &programs, &config).await?;
    let limit = Duration::from_secs(target.connect_timeout_s + 5);
    let mut lines = Vec::new();
    if !resolved.has_proxy {
        lines = keyscan(&resolved, &programs, limit).await?;
    }
    if lines.is_empty() {
        lines = knock(&target, &programs, &folder, &config, limit).await?;
    }
    let name = resolved.record_name();
    let mut offered = Vec::new();
    for (kind, key) in lines {
        if let Some(fingerprint) = fingerprint(&programs, &format!("{name} {kind} {key}")).await {
            offered.push(OfferedKey { host: name.clone(), kind, key, fingerprint });
        }
    }
    if offered.is_empty() {
        return Err(LinkError::new(
            LinkErrorKind::Other,
            "the server showed no key that ssh-keygen can read",
        ));
    }
    let mut recorded = Vec::new();
    for list in target.key_lists() {
        recorded.extend(records(&programs, &target.at_home(&list), &name).await?);
    }
    Ok(Identity { offered, recorded })
}

/// `(type, key)` of every key of a server that can be reached without a detour.
async fn keyscan(
    resolved: &Resolved,
    programs: &Programs,
    limit: Duration,
) -> Result<Vec<(String, String)>, LinkError> {
    let seconds = limit.as_secs().to_string();
    let arguments = ["-T", &seconds, "-p", &resolved.port, "--", &resolved.hostname].map(OsString::from);
    // it asks for one type after the other
    let said = programs.run("ssh-keyscan", &arguments, b"", limit * 3).await?;
    let lines = said.stdout.lines().filter(|l| !l.starts_with('#'));
    Ok(lines
        .filter_map(|l| {
            let mut words = l.split_whitespace().skip(1);
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .collect())
}

/// The key that ssh itself is shown on its way to the server. It knows no key, so it refuses every one; before it
/// does, it asks a command of ours what is known about the key, and that command tells us.
async fn knock(
    target: &Target,
    programs: &Programs,
    folder: &ControlFolder,
    config: &Path,
    limit: Duration,
) -> Result<Vec<(String, String)>, LinkError> {
    let log = folder.write("log", "")?;
    let sh = programs.find("sh")?;
    let mut arguments: Vec<OsString> = vec!["-v".into(), "-E".into(), log.clone().into()];
    arguments.extend(["-F".into(), config.into(), "-N".into()]);
    for option in [
        "UserKnownHostsFile=/dev/null".to_owned(),
        "GlobalKnownHostsFile=/dev/null".to_owned(),
        format!("KnownHostsCommand={} -c 'echo {MARK} $1 $2 >&2' sh %t %K", sh.display()),
    ] {
        arguments.extend(["-o".into(), option.into()]);
    }
    arguments.extend(target.arguments());
    let said = programs.run("ssh", &arguments, b"", limit).await?;
    let mut keys: Vec<(String, String)> = said
        .stderr
        .lines()
        .filter_map(|l| {
            let mut words = l.strip_prefix(MARK)?.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.to_owned()))
        })
        .filter(|(_, key)| key != "NONE")
        .collect();
    keys.dedup();
    if !keys.is_empty() {
        return Ok(keys);
    }
    let log = String::from_utf8_lossy(&std::fs::read(&log).unwrap_or_default()).into_owned();
    if said.stderr.contains("KnownHostsCommand") || log.contains("KnownHostsCommand") {
        let why = "this ssh is older than 8.5 and cannot ask for a key through a jump host; have the key sent by someone who knows it";
        return Err(LinkError::new(LinkErrorKind::Other, why));
    }
    Err(super::ssh::why(target, programs, &log, &said.stderr).await)
}
