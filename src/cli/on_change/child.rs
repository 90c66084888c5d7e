//! The command that is told. It gets facts in its environment and the check as text on its standard input, and 60 s.
use super::{Now, Watch};
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;
use rustix::process::{Pid, Signal, kill_process_group};
use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// The longest that a command may take.
pub const LIMIT: Duration = Duration::from_secs(60);
/// The longest wait for what an ended command printed: what it left behind may hold the pipe open.
const AFTER_THE_END: Duration = Duration::from_secs(1);
/// Bytes of its words that are kept, to say why it failed.
const SAID: usize = 4096;

/// Variables that go on to the command: who and where we are, never what a service or a shell added.
const PASSED: &[&str] = &[
    "HOME",
    "PATH",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TMPDIR",
    "TERM",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "XDG_STATE_HOME",
    "XDG_DATA_HOME",
    "XDG_CACHE_HOME",
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "WAYLAND_DISPLAY",
];

/// Whether a variable goes on to the command.
fn is_passed(name: &OsStr, secrets: &BTreeSet<OsString>) -> bool {
    let known = name.to_str().is_some_and(|n| PASSED.contains(&n) || n.starts_with("LC_"));
    known && !secrets.contains(name)
}

/// Runs it. The error says in words why it was not told.
pub(super) async fn run(watch: &Watch<'_>, now: &Now, before: Option<State>) -> Result<(), Text> {
    let Some((program, arguments)) = watch.command.split_first() else {
        return Err(text!("没有写命令", "there is no command"));
    };
    let name = SafeText::new(&program.to_string_lossy());
    let passed = std::env::vars_os().filter(|(name, _)| is_passed(name, &watch.secret_variables));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(passed)
        .env("OPSDECK_ENV", &now.env)
        .env("OPSDECK_STATE", word(now.state))
        .env("OPSDECK_BEFORE", before.map_or("none", word))
        // one line of printable text, whatever a server said
        .env("OPSDECK_HEADLINE", SafeText::new(&now.headline).as_str())
        .env("OPSDECK_EXIT", now.state.exit_code().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut child = command.spawn().map_err(|e| {
        let why = SafeText::new(&e.to_string());
        text!("启动不了 {name}：{why}", "cannot start {name}: {why}")
    })?;
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let Ok((status, said)) = timeout(watch.limit, to_the_end(&mut child, &now.text)).await else {
        // and all that it started
        if let Some(group) = group {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = child.kill().await;
        let seconds = watch.limit.as_secs();
        return Err(text!(
            "{name} 超过 {seconds} 秒，已结束它",
            "{name} took more than {seconds} s and was ended"
        ));
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            use std::os::unix::process::ExitStatusExt;
            let said = SafeText::new(&said);
            Err(match (status.code(), status.signal()) {
                (Some(code), _) => text!("{name} 退出码 {code}：{said}", "{name} exited with {code}: {said}"),
                (None, signal) => {
                    let signal = signal.unwrap_or_default();
                    text!(
                        "{name} 被信号 {signal} 结束：{said}",
                        "{name} was ended by signal {signal}: {said}"
                    )
                }
            })
        }
        Err(e) => {
            let why = SafeText::new(&e.to_string());
            Err(text!("等不到 {name} 的结果：{why}", "the end of {name} was not seen: {why}"))
        }
    }
}

/// The state as a word for programs, as in the JSON form.
fn word(state: State) -> &'static str {
    match state {
        State::Ok => "ok",
        State::Warning => "warning",
        State::Failed => "failed",
        State::Unknown => "unknown",
    }
}

/// Feeds it, listens to it, waits for it: all at once, because each may wait for another.
async fn to_the_end(child: &mut Child, text: &str) -> (std::io::Result<std::process::ExitStatus>, String) {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let Some(mut stdin) = stdin {
            // who does not want to read it need not
            let _ = stdin.write_all(text.as_bytes()).await;
            let _ = stdin.shutdown().await;
        }
    };
    let mut said = (Vec::new(), Vec::new());
    let status = {
        let listen = async {
            tokio::join!(last_words(stdout, &mut said.0), last_words(stderr, &mut said.1));
        };
        let talk = async { tokio::join!(feed, listen) };
        tokio::pin!(talk);
        tokio::select! {
            status = child.wait() => {
                let _ = timeout(AFTER_THE_END, &mut talk).await;
                status
            }
            _ = &mut talk => child.wait().await,
        }
    };
    let words = if said.1.is_empty() { said.0 } else { said.1 };
    (status, String::from_utf8_lossy(&words).trim().replace('\n', " | "))
}

/// Keeps the last bytes of a pipe.
async fn last_words(pipe: Option<impl AsyncRead + Unpin>, said: &mut Vec<u8>) {
    let Some(mut pipe) = pipe else { return };
    let mut piece = [0; 1024];
    while let Ok(n @ 1..) = pipe.read(&mut piece).await {
        said.extend(piece.iter().take(n));
        said.drain(..said.len().saturating_sub(SAID));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_harmless_goes_on() {
        let secrets = BTreeSet::from([OsString::from("LANG"), OsString::from("SHARE")]);
        for (name, passed) in [
            ("PATH", true),
            ("LC_ALL", true),
            ("LANG", false),
            ("SHARE", false),
            ("OPSDECK_SHARE_PASSWORD", false),
            ("HTTPS_PROXY", false),
            ("SSH_AUTH_SOCK", false),
            ("AWS_SECRET_ACCESS_KEY", false),
        ] {
            assert_eq!(is_passed(OsStr::new(name), &secrets), passed, "{name}");
        }
    }
}
