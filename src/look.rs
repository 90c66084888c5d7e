//! One read-only look at a server: one script, one exchange, one snapshot.
use crate::clock;
use crate::config::model::Environment;
use crate::core::safetext::SafeText;
use crate::core::snapshot::{LONGEST_S, Snapshot};
use crate::remote::error::LinkErrorKind;
use crate::remote::{Ask, End, Host, LinkError};
use std::time::Duration;

/// The script that runs on the server. Its header says what it needs, prints and leaves alone.
const SCRIPT: &str =
    concat!(include_str!("../assets/remote/share.sh"), include_str!("../assets/remote/look.sh"));
/// The part of it that runs in the backend's container.
const INSIDE: &str =
    concat!(include_str!("../assets/remote/database.py"), include_str!("../assets/remote/inside.py"));
/// No line of [`INSIDE`] is this word.
const INSIDE_END: &str = "OPSDECK_PY";

/// Longest time for a whole look.
pub const DEADLINE: Duration = Duration::from_secs(LONGEST_S);
/// Most bytes of an answer that are kept: every question has its own limit of 256 KiB on the server.
const CAP: usize = 8 * 1024 * 1024;
/// Newest jobs that are read: thirty days with two backups a night, and as many again that were tried.
const JOBS: u32 = 120;

/// What a look came to: a snapshot, and the trouble with the link if the answer ended early.
#[derive(Debug)]
pub struct Look {
    /// What was answered.
    pub snapshot: Snapshot,
    /// Why the rest was not.
    pub cut_short: Option<LinkError>,
}

/// Takes one look. `Err` means that the script did not begin; a link lost on the way keeps what was answered till then.
pub async fn take(host: &dyn Host, env: &Environment) -> Result<Look, LinkError> {
    let mark = mark()?;
    let script = script(env, host.root(), &mark);
    let answer =
        host.run(Ask { name: "look", script: &script, stdin: b"", deadline: DEADLINE, cap: CAP }).await?;
    let took_ms = u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX);
    let snapshot = Snapshot::read(env, host.root(), &mark, &answer.stdout.bytes, clock::now(), took_ms);
    let cut_short = match answer.end {
        End::Exit(0) => None,
        // the script answers for every question in its segments; a code of its own means that it could not even begin
        End::Exit(code) => {
            let said = SafeText::from_bytes(&answer.stderr.bytes);
            Some(
                LinkError::new(LinkErrorKind::Other, &format!("look: exit code {code}: {said}"))
                    .after_begin(),
            )
        }
        End::Unknown(error) => Some(error),
    };
    Ok(Look { snapshot, cut_short })
}

/// The whole text that is sent: what is asked about, then the script.
pub fn script(env: &Environment, root: &str, mark: &str) -> String {
    let legacy = env.paths.legacy_pack_folders.join(" ");
    let given: [(&str, &str); 17] = [
        ("mark", mark),
        ("root", root),
        ("mount_point", &env.paths.mount_point),
        ("pack_folder", &env.paths.pack_folder),
        ("share_host", &env.share.host),
        ("share_port", &env.share.port.to_string()),
        ("share_answer_s", &env.thresholds.share_answer_s.to_string()),
        ("app_folder", &env.paths.app_folder),
        ("credentials_file", &env.paths.credentials_file),
        ("database", &env.paths.database),
        ("database_inside", &env.containers.database_inside),
        ("compose_file", &env.paths.compose_file),
        ("backend", &env.containers.backend),
        ("health_url", &env.containers.health_url),
        ("job_limit", &JOBS.to_string()),
        ("legacy_folders", &legacy),
        ("compose_project", &env.containers.compose_project),
    ];
    let mut text = String::with_capacity(SCRIPT.len() + INSIDE.len() + 2048);
    for (name, value) in given {
        text.push_str(&format!("{name}={}\n", quoted(value)));
    }
    text.push_str(&format!("inside_py() {{ cat <<'{INSIDE_END}'\n{INSIDE}{INSIDE_END}\n}}\n"));
    text.push_str(SCRIPT);
    text
}

/// A word of POSIX sh: whatever is between single quotes is itself, and a single quote is written `'\''`.
pub(crate) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', "'\\''"))
}

/// A marker that no server can guess.
pub(crate) fn mark() -> Result<String, LinkError> {
    let mut bytes = [0u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| LinkError::new(LinkErrorKind::Other, &e.to_string()))?;
    Ok(bytes.iter().map(|b| format!("{b:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;

    #[test]
    fn every_value_that_the_script_is_given_is_named_in_its_header() {
        let text = script(&example(), "", "m");
        let header: String =
            include_str!("../assets/remote/look.sh").lines().take_while(|l| l.starts_with('#')).collect();
        for line in text.lines().take_while(|l| !l.starts_with("inside_py")) {
            let name = line.split('=').next().unwrap();
            assert!(header.contains(name), "{name}");
        }
        assert!(!INSIDE.lines().any(|l| l == INSIDE_END));
    }

    #[test]
    fn a_value_cannot_leave_its_quotes() {
        assert_eq!(quoted("a'; rm -rf /; '"), r"'a'\''; rm -rf /; '\'''");
    }
}

#[cfg(test)]
mod on_a_script {
    use super::*;
    use crate::config::model::example;
    use crate::core::gap::Gap;
    use crate::remote::scripted::{Canned, ScriptedHost};

    #[tokio::test]
    async fn a_look_asks_once_and_a_host_that_says_nothing_leaves_everything_unknown() {
        let host = ScriptedHost::new().on("look", Canned::prints(""));
        let look = take(&host, &example()).await.unwrap();
        assert_eq!((host.asked().len(), look.snapshot.answered), (1, 0));
        assert_eq!(look.snapshot.mounts, Err(Gap::NoAnswer));
    }

    #[tokio::test]
    async fn a_script_that_could_not_begin_is_a_failed_look() {
        let host = ScriptedHost::new().on("look", Canned::exits(70).stderr("mktemp: Permission denied\n"));
        let look = take(&host, &example()).await.unwrap();
        let said = look.cut_short.unwrap().detail;
        assert!(said.as_str().contains("70") && said.as_str().contains("mktemp"), "{said}");
    }

    #[tokio::test]
    async fn a_link_that_is_lost_on_the_way_is_said_beside_what_was_answered() {
        let lost = LinkError::new(LinkErrorKind::Lost, "reset");
        let host = ScriptedHost::new().on("look", Canned::unknown(lost.clone()));
        let look = take(&host, &example()).await.unwrap();
        assert_eq!(look.cut_short.map(|e| e.kind), Some(lost.kind));
    }
}
