//! The private key file, looked at before ssh is: a missing file, one that others can read, one with a passphrase and
//! one that the server does not want all end in the same words of ssh, and each attempt counts against the login.
use super::programs::Programs;
use super::resolve::resolve;
use super::target::Target;
use crate::core::safetext::SafeText;
use crate::remote::error::{LinkError, LinkErrorKind};
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// Says what is wrong with a private key file, if ssh could not use it.
/// `config` is the generated configuration: it may name an agent.
pub(super) async fn check(
    file: &Path,
    target: &Target,
    programs: &Programs,
    config: &Path,
) -> Result<(), LinkError> {
    let name = SafeText::new(&file.to_string_lossy());
    let wrong = |kind, said: &str| Err(LinkError::new(kind, said));
    let meta = match std::fs::metadata(file) {
        Ok(meta) => meta,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return wrong(LinkErrorKind::KeyFileMissing { file: name }, "");
        }
        Err(e) => return wrong(LinkErrorKind::KeyFileUnreadable { file: name }, &e.to_string()),
    };
    // ssh asks this of its user's own files only
    if meta.uid() == rustix::process::getuid().as_raw() && meta.mode() & 0o077 != 0 {
        let mode = SafeText::new(&format!("{:04o}", meta.mode() & 0o7777));
        return wrong(LinkErrorKind::KeyFileMode { file: name, mode }, "");
    }
    if let Err(e) = std::fs::File::open(file) {
        return wrong(LinkErrorKind::KeyFileUnreadable { file: name }, &e.to_string());
    }
    let ask = |arguments: &[&str]| -> Vec<OsString> {
        let file = [OsString::from("-f"), file.into()];
        arguments.iter().map(OsString::from).chain(file).collect()
    };
    // without ssh-keygen ssh itself has the last word
    let Ok(opened) = programs.run("ssh-keygen", &ask(&["-y", "-P", ""]), b"", LIMIT).await else {
        return Ok(());
    };
    if opened.ok {
        return Ok(());
    }
    if !opened.stderr.contains("passphrase") {
        return wrong(LinkErrorKind::KeyFileUnreadable { file: name }, &opened.stderr);
    }
    let print = programs.run("ssh-keygen", &ask(&["-l"]), b"", LIMIT).await?;
    let socket = resolve(target, programs, config).await?.agent;
    let agent = programs.agent_keys(socket.as_deref(), LIMIT).await;
    let print = print.stdout.split_whitespace().nth(1).unwrap_or_default();
    match agent {
        Ok(keys) if print.starts_with("SHA256:") && keys.contains(print) => Ok(()),
        _ => wrong(LinkErrorKind::KeyFileLocked { file: name }, ""),
    }
}
