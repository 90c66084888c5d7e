//! The programs of OpenSSH on the workstation: found, called without a terminal and without questions, in English.
use super::target::Folders;
use crate::core::safetext::SafeText;
use crate::remote::error::{LinkError, LinkErrorKind};
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// Where the programs are looked for, and what they are not told.
#[derive(Clone, Debug)]
pub(in crate::remote) struct Programs {
    path: OsString,
    secret_variables: BTreeSet<OsString>,
}

/// What a small program said.
pub(in crate::remote) struct Said {
    /// Left with 0.
    pub(in crate::remote) ok: bool,
    pub(in crate::remote) stdout: String,
    pub(in crate::remote) stderr: String,
}

impl Programs {
    /// The programs on the search path (the console's own when none is named).
    pub(in crate::remote) fn of(folders: &Folders) -> Programs {
        let path = folders.path.clone();
        let path = path.or_else(|| std::env::var_os("PATH")).unwrap_or_else(|| "/usr/bin:/bin".into());
        Programs { path, secret_variables: folders.secret_variables.clone() }
    }

    /// Where a program is.
    pub(in crate::remote) fn find(&self, name: &'static str) -> Result<PathBuf, LinkError> {
        std::env::split_paths(&self.path)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join(name))
            .find(|file| {
                std::fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
            })
            .ok_or_else(|| {
                let kind = LinkErrorKind::ProgramMissing { program: SafeText::new(name) };
                LinkError::new(kind, &format!("PATH={}", self.path.to_string_lossy()))
            })
    }

    /// A call of a program that cannot ask anything: no terminal of its own (`setsid` where there is one), and
    /// whatever wants a secret from the user asks `false`, which says no. This holds for what it starts, too: an
    /// ssh behind a `ProxyCommand`. Messages are not translated, or they could not be told apart.
    pub(in crate::remote) fn command(&self, name: &'static str) -> Result<Command, LinkError> {
        let program = self.find(name)?;
        let mut command = match self.find("setsid") {
            // execs in place: the process that is started is the leader of the new session
            Ok(setsid) => {
                let mut command = Command::new(setsid);
                command.arg(program);
                command
            }
            Err(_) => {
                let mut command = Command::new(program);
                command.process_group(0);
                command
            }
        };
        for name in &self.secret_variables {
            command.env_remove(name);
        }
        command
            .env("LC_ALL", "C")
            .env("PATH", &self.path)
            .env("SSH_ASKPASS", self.find("false").unwrap_or_else(|_| "/bin/false".into()))
            .env("SSH_ASKPASS_REQUIRE", "force")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    /// Runs a small program to its end, within `limit`.
    pub(in crate::remote) async fn run(
        &self,
        name: &'static str,
        arguments: &[OsString],
        stdin: &[u8],
        limit: Duration,
    ) -> Result<Said, LinkError> {
        let mut command = self.command(name)?;
        command.args(arguments);
        finish(name, command, stdin, limit).await
    }

    /// The keys that the agent holds, as `ssh-add -l` lists them. `socket` is another agent than the usual one.
    pub(in crate::remote) async fn agent_keys(
        &self,
        socket: Option<&str>,
        limit: Duration,
    ) -> Result<String, LinkError> {
        let mut command = self.command("ssh-add")?;
        command.arg("-l");
        if let Some(socket) = socket {
            command.env("SSH_AUTH_SOCK", socket);
        }
        Ok(finish("ssh-add", command, b"", limit).await?.stdout)
    }
}

async fn finish(
    name: &'static str,
    mut command: Command,
    stdin: &[u8],
    limit: Duration,
) -> Result<Said, LinkError> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let other = |e: &io::Error| LinkError::new(LinkErrorKind::Other, &format!("{name}: {e}"));
    let mut child = command.spawn().map_err(|e| other(&e))?;
    let work = async {
        if let Some(mut pipe) = child.stdin.take() {
            // a program that reads nothing is as good
            let _ = pipe.write_all(stdin).await;
        }
        child.wait_with_output().await
    };
    match timeout(limit, work).await {
        Ok(Ok(output)) => Ok(Said {
            ok: output.status.success(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }),
        Ok(Err(e)) => Err(other(&e)),
        Err(_) => Err(LinkError::new(LinkErrorKind::Deadline, name)),
    }
}
