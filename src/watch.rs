//! The backups of a server, watched: one stream, whose ticks are handed on in order as they come.
//!
//! A lost link is not mended here: who calls starts another watch when it thinks fit, and feeds its ticks to the same
//! [`Progress`](crate::core::derive::progress::Progress).
use crate::clock;
use crate::config::model::Environment;
use crate::core::probe::watch::{Reader, Tick};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use crate::look::{mark, quoted};
use crate::remote::{Ask, End, Host, Line, LinkError};
use std::time::Duration;
use tokio::sync::mpsc::Sender;
use tokio::time::timeout;

/// The script that runs on the server. Its header says what it needs, prints and leaves alone.
const SCRIPT: &str =
    concat!(include_str!("../assets/remote/share.sh"), include_str!("../assets/remote/watch.sh"));
/// The part of it that runs in the backend's container.
pub(crate) const INSIDE: &str =
    concat!(include_str!("../assets/remote/database.py"), include_str!("../assets/remote/watch.py"));
/// No line of [`INSIDE`] is this word.
const INSIDE_END: &str = "OPSDECK_PY";

/// Until the script has begun, connecting included.
const BEGIN: Duration = Duration::from_secs(30);
/// The longest line that is kept, in bytes: the rows of a database are held below it on the server.
const CAP: usize = 256 * 1024;
/// The script says every 15 s that it is there: after this long it is not.
const SILENCE: Duration = Duration::from_secs(60);
/// Bytes of standard error that are kept, to say why it ended.
const SAID: usize = 2048;

/// Why watching ended. It never ends well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The link did not come about or was lost.
    Lost(LinkError),
    /// The script has ended on the server.
    Failed {
        /// Its exit code.
        code: i32,
        /// What it said.
        said: SafeText,
    },
    /// The script said nothing for a minute, not even that it is there.
    Silent,
    /// Nobody takes the ticks any more.
    Unheard,
}

/// A tick, and when it came by the workstation's clock.
pub type Came = (EpochMs, Tick);

/// Watches until the link, the server or the taker ends it. What is not taken is not read.
///
/// Dropping the future ends everything on the server, too.
pub async fn follow(host: &dyn Host, env: &Environment, to: &Sender<Came>) -> Ended {
    let mark = match mark() {
        Ok(mark) => mark,
        Err(error) => return Ended::Lost(error),
    };
    let script = script(env, host.root(), &mark);
    let ask = Ask { name: "watch", script: &script, stdin: b"", deadline: BEGIN, cap: CAP };
    let mut stream = match host.stream(ask).await {
        Ok(stream) => stream,
        Err(error) => return Ended::Lost(error),
    };
    let mut reader = Reader::new(&mark, host.root(), &env.paths.pack_folder);
    let mut said = Vec::new();
    loop {
        let came = tokio::select! {
            () = to.closed() => return Ended::Unheard,
            came = timeout(SILENCE, stream.next()) => came,
        };
        match came {
            Ok(Some(Line::Out(line, _))) => {
                if let Some(tick) = reader.line(&line)
                    && to.send((clock::now(), tick)).await.is_err()
                {
                    return Ended::Unheard;
                }
            }
            Ok(Some(Line::Err(line, _))) => {
                said.extend(line.into_iter().chain([b'\n']));
                said.drain(..said.len().saturating_sub(SAID));
            }
            Ok(None) => break,
            Err(_) => return Ended::Silent,
        }
    }
    match stream.end().await {
        End::Exit(code) => Ended::Failed { code, said: SafeText::from_bytes(said.trim_ascii()) },
        End::Unknown(error) => Ended::Lost(error),
    }
}

/// The whole text that is sent: what is asked about, then the script.
pub fn script(env: &Environment, root: &str, mark: &str) -> String {
    let given: [(&str, &str); 7] = [
        ("mark", mark),
        ("root", root),
        ("mount_point", &env.paths.mount_point),
        ("pack_folder", &env.paths.pack_folder),
        ("backend", &env.containers.backend),
        ("database_inside", &env.containers.database_inside),
        ("watch_size", &INSIDE.len().to_string()),
    ];
    let mut text = String::with_capacity(SCRIPT.len() + INSIDE.len() + 1024);
    for (name, value) in given {
        text.push_str(&format!("{name}={}\n", quoted(value)));
    }
    text.push_str(&format!("watch_py() {{ cat <<'{INSIDE_END}'\n{INSIDE}{INSIDE_END}\n}}\n"));
    text.push_str(SCRIPT);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::remote::LinkErrorKind;
    use crate::remote::scripted::{Canned, ScriptedHost};
    use tokio::sync::mpsc::channel;

    #[test]
    fn every_value_that_the_script_is_given_is_named_in_its_header() {
        let text = script(&example(), "", "m");
        let own = include_str!("../assets/remote/watch.sh");
        let header: String = own.lines().take_while(|l| l.starts_with('#')).collect();
        for line in text.lines().take_while(|l| !l.starts_with("watch_py")) {
            let name = line.split('=').next().unwrap();
            assert!(header.contains(name), "{name}");
        }
        assert!(!INSIDE.lines().any(|l| l == INSIDE_END));
        assert!(INSIDE.ends_with('\n'), "its length is that of what `cat` prints");
    }

    #[tokio::test]
    async fn a_watch_ends_with_the_reason() {
        let lost = LinkError::new(LinkErrorKind::Lost, "reset");
        let host = ScriptedHost::new()
            .on("watch", Canned::unknown(lost.clone()))
            .on("watch", Canned::exits(70).stderr("mktemp: Permission denied\n"))
            .on("watch", Canned::fails(lost));
        let (to, _from) = channel(8);
        let env = example();
        let Ended::Lost(error) = follow(&host, &env, &to).await else { panic!() };
        assert_eq!((error.kind, error.begun), (LinkErrorKind::Lost, true));
        let Ended::Failed { code: 70, said } = follow(&host, &env, &to).await else { panic!() };
        assert!(said.as_str().contains("mktemp"), "{said}");
        assert!(matches!(follow(&host, &env, &to).await, Ended::Lost(_)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_script_that_says_nothing_any_more_is_not_waited_for() {
        let host = ScriptedHost::new().on("watch", Canned::silent());
        let (to, _from) = channel(8);
        assert_eq!(follow(&host, &example(), &to).await, Ended::Silent);
    }

    #[tokio::test]
    async fn nobody_listens_any_more() {
        let host = ScriptedHost::new().on("watch", Canned::silent());
        let (to, from) = channel(8);
        drop(from);
        assert_eq!(follow(&host, &example(), &to).await, Ended::Unheard);
    }
}
