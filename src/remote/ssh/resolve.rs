//! What ssh makes of an alias: `ssh -G`, which connects to nothing.
use super::programs::Programs;
use super::target::Target;
use crate::core::safetext::SafeText;
use crate::remote::error::{LinkError, LinkErrorKind, classify};
use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// The settings that matter here, after every configuration file was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::remote) struct Resolved {
    /// The real name or address.
    pub(in crate::remote) hostname: String,
    pub(in crate::remote) port: String,
    /// The name that the host key is recorded under instead of the host's.
    pub(in crate::remote) alias: Option<String>,
    /// Whether the way leads over another host or a program.
    pub(in crate::remote) has_proxy: bool,
    /// The agent's socket, when the configuration names one.
    pub(in crate::remote) agent: Option<String>,
}

impl Resolved {
    /// The name that ssh looks up in lists of known keys.
    pub(in crate::remote) fn record_name(&self) -> String {
        match (&self.alias, self.port.as_str()) {
            (Some(alias), _) => alias.clone(),
            (None, "22") => self.hostname.clone(),
            (None, port) => format!("[{}]:{port}", self.hostname),
        }
    }
}

/// Asks ssh. `config` is the generated file.
pub(in crate::remote) async fn resolve(
    target: &Target,
    programs: &Programs,
    config: &Path,
) -> Result<Resolved, LinkError> {
    let mut arguments: Vec<OsString> = vec!["-G".into(), "-F".into(), config.into()];
    arguments.extend(target.arguments());
    let said = programs.run("ssh", &arguments, b"", LIMIT).await?;
    if !said.ok {
        let kind = classify::classify(&said.stderr).unwrap_or(LinkErrorKind::Other);
        return Err(LinkError::new(kind, classify::telling_line(&said.stderr)));
    }
    read(&said.stdout).ok_or_else(|| {
        let kind = LinkErrorKind::BadConfig { place: SafeText::new(&target.host) };
        LinkError::new(kind, "ssh -G names no host")
    })
}

fn read(text: &str) -> Option<Resolved> {
    let mut out = Resolved::default();
    for line in text.lines() {
        let (word, value) = line.split_once(' ').unwrap_or((line, ""));
        let value = value.trim();
        let is_set = !value.is_empty() && value != "none";
        match word {
            "hostname" => out.hostname = value.to_lowercase(),
            "port" => out.port = value.to_owned(),
            "hostkeyalias" if is_set => out.alias = Some(value.to_lowercase()),
            "proxyjump" | "proxycommand" if is_set => out.has_proxy = true,
            "identityagent" if is_set && value != "SSH_AUTH_SOCK" => out.agent = Some(value.to_owned()),
            _ => {}
        }
    }
    (!out.hostname.is_empty() && !out.port.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_on_record_is_the_one_that_ssh_looks_up() {
        let name = |text: &str| read(text).unwrap().record_name();
        assert_eq!(name("user root\nhostname PROD.example\nport 22\nproxyjump none"), "prod.example");
        assert_eq!(name("hostname 127.0.0.1\nport 2222"), "[127.0.0.1]:2222");
        assert_eq!(name("hostname h\nport 2222\nhostkeyalias Prod"), "prod");
        assert!(read("hostname h\nport 22\nproxyjump ops@gate").unwrap().has_proxy);
        assert!(!read("hostname h\nport 22\nidentityagent SSH_AUTH_SOCK").unwrap().has_proxy);
        assert_eq!(read("usage: ssh"), None);
    }
}
