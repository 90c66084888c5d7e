//! The very text that runs on the server. What a person reads before it runs, copies and keeps is the same text.
use super::{Action, Plan};
use crate::config::model::Environment;
use crate::core::safetext::SafeText;

const COMMON: &str = include_str!("../../../assets/remote/run/common.sh");
const START: &str = include_str!("../../../assets/remote/run/start.sh");
const SEEN: &str = include_str!("../../../assets/remote/run/seen.sh");
const LIVE: &str = include_str!("../../../assets/remote/run/live.sh");
const MOUNTING: &str = include_str!("../../../assets/remote/run/mounting.sh");
const ACT: &str = include_str!("../../../assets/remote/run/act.sh");
const CHANGE: &str = include_str!("../../../assets/remote/run/change.sh");
const CHANGE_PY: &str = include_str!("../../../assets/remote/run/change.py");
const AFTER: &str = include_str!("../../../assets/remote/run/after.sh");
const FOLLOW: &str = include_str!("../../../assets/remote/run/follow.sh");
const BRIEF: &str = include_str!("../../../assets/remote/run/brief.sh");
const FINISH: &str = include_str!("../../../assets/remote/run/finish.sh");
/// No line of what is quoted with these is this word.
const BODY_END: &str = "OPSDECK_BODY_END";
const AFTER_END: &str = "OPSDECK_AFTER_END";
const PYTHON_END: &str = "OPSDECK_PYTHON_END";

/// The name of one run, on the workstation and on the server: `20261121-101500-1f3a9c2e`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct RunName(String);

impl RunName {
    /// Takes a name: digits, lower case letters and dashes, at most 40. It becomes a folder and part of a unit's name.
    pub fn parse(text: &str) -> Option<RunName> {
        let good = |c: char| c.is_ascii_digit() || c.is_ascii_lowercase() || c == '-';
        let fits = (1..=40).contains(&text.len()) && text.chars().all(good) && !text.starts_with('-');
        fits.then(|| RunName(text.to_owned()))
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RunName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}

/// A word of POSIX sh; quoted only where it must be, so that commands read as people type them.
pub fn word(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=,@%+".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return value.to_owned();
    }
    format!("'{}'", value.replace('\'', "'\\''"))
}

fn given(values: &[(&str, &str)]) -> String {
    values.iter().map(|(name, value)| format!("{name}='{}'\n", value.replace('\'', "'\\''"))).collect()
}

/// How long a run waits for the share to answer: as long as a look does that gives it more time (look.sh has the same number), or as it
/// is configured to.
fn share_patience_s(env: &Environment) -> String {
    env.thresholds.share_answer_s.max(10).to_string()
}

/// What runs on the server, from the values it is given to its last step.
pub fn body(plan: &Plan, env: &Environment, root: &str, run: &RunName) -> String {
    let mut text = given(&[
        ("root", root),
        ("run_id", run.as_str()),
        ("machine_id", &plan.target.machine_id),
        ("backend", &env.containers.backend),
        ("health_url", &env.containers.health_url),
        ("share_patience_s", &share_patience_s(env)),
        ("steps", &plan.steps.len().to_string()),
    ]);
    text.push_str(&steps(plan));
    text.push_str(COMMON);
    text.push_str(SEEN);
    if plan.action.uses_the_database() {
        let database = format!("{root}{}", env.paths.database);
        text.push_str(&given(&[
            ("database", &database),
            ("database_inside", &env.containers.database_inside),
        ]));
        text.push_str(&format!("change_py() {{ cat <<'{PYTHON_END}'\n{CHANGE_PY}{PYTHON_END}\n}}\n"));
        text.push_str(CHANGE);
    }
    let shares = matches!(plan.action, Action::Mount { .. } | Action::Unmount { .. });
    if shares || matches!(plan.action, Action::Services { .. } | Action::Cancel { .. }) {
        text.push_str(LIVE);
    }
    if shares {
        text.push_str(MOUNTING);
    }
    text.push_str(ACT);
    text
}

/// The steps alone, as functions: what is worth reading of [`body`].
pub fn steps(plan: &Plan) -> String {
    let mut text = String::new();
    for (n, step) in plan.steps.iter().enumerate() {
        let n = n + 1;
        text.push_str(&format!("# {n}. {} / {}\n", step.title.zh, step.title.en));
        text.push_str(&format!("step_{n}() {{\n{}}}\n", indented(&step.sh)));
        if let Some(undo) = &step.undo {
            text.push_str(&format!("undo_{n}() {{\n{}}}\n", indented(undo)));
        }
    }
    text
}

fn indented(sh: &str) -> String {
    sh.trim_end().lines().map(|l| if l.is_empty() { "\n".to_owned() } else { format!("  {l}\n") }).collect()
}

/// What is done when a run is over.
pub fn after(env: &Environment, root: &str, run: &RunName) -> String {
    let mut text = given(&[
        ("root", root),
        ("run_id", run.as_str()),
        ("backend", &env.containers.backend),
        ("credentials_file", &env.paths.credentials_file),
        ("mount_point", &env.paths.mount_point),
        ("share_patience_s", &share_patience_s(env)),
    ]);
    text.push_str(COMMON);
    text.push_str(SEEN);
    text.push_str(AFTER);
    text
}

/// What starts a run.
pub fn start(plan: &Plan, env: &Environment, root: &str, run: &RunName, operator: &SafeText) -> String {
    let mut text = given(&[
        ("root", root),
        ("run_id", run.as_str()),
        ("action", plan.action.id()),
        ("operator", &operator.as_str().replace('|', " ")),
        ("limit_s", &plan.limit_s.to_string()),
    ]);
    let (body, after) = (body(plan, env, root, run), after(env, root, run));
    text.push_str(&format!("body_sh() {{ cat <<'{BODY_END}'\n{body}{BODY_END}\n}}\n"));
    text.push_str(&format!("after_sh() {{ cat <<'{AFTER_END}'\n{after}{AFTER_END}\n}}\n"));
    text.push_str(COMMON);
    text.push_str(START);
    text
}

/// The whole of it as a file, which does the very same when it is run on the server by hand: its steps first, then the functions
/// that they call, and what puts the backend back.
pub fn file(plan: &Plan, env: &Environment, root: &str, run: &RunName) -> String {
    let (title, name, host) = (plan.action.title(), SafeText::new(&plan.name), SafeText::new(&plan.host));
    let server = SafeText::new(&plan.target.hostname);
    let stdin = if plan.needs_password { "FILE-WITH-THE-PASSWORD" } else { "/dev/null" };
    format!(
        "#!/bin/sh\n# shellcheck shell=sh\n# {} / {}\n# {name} ({})  {host}  {server}\n\
         # 在这台服务器上用 root 运行，只运行一次 / to be run on that server, as root, once: sh THIS-FILE <{stdin}\n\
         # 它做到哪里 / how far it is: {root}/var/lib/opsdeck/runs/{run}/journal\n{}",
        title.zh,
        title.en,
        plan.env,
        start(plan, env, root, run, &SafeText::new("by hand"))
    )
}

/// What tells how a run goes, from this line of its journal on; lines count from 1.
pub fn follow(root: &str, run: &RunName, from_line: usize) -> String {
    let mut text = given(&[("root", root), ("run_id", run.as_str()), ("from_line", &from_line.to_string())]);
    text.push_str(COMMON);
    text.push_str(FOLLOW);
    text
}

/// What tells in brief what a run is.
pub fn brief(root: &str, run: &RunName) -> String {
    let mut text = given(&[("root", root), ("run_id", run.as_str())]);
    text.push_str(COMMON);
    text.push_str(BRIEF);
    text
}

/// What ends a run that has neither processes nor an end.
pub fn finish(root: &str, run: &RunName) -> String {
    let mut text = given(&[("root", root), ("run_id", run.as_str())]);
    text.push_str(COMMON);
    text.push_str(FINISH);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_quoted_only_where_it_must_be() {
        assert_eq!(word("/mnt/replica"), "/mnt/replica");
        assert_eq!(word("backup$"), "'backup$'");
        assert_eq!(word("it's"), r"'it'\''s'");
        assert_eq!(word(""), "''");
    }

    #[test]
    fn a_name_cannot_leave_its_folder() {
        assert!(RunName::parse("20261121-101500-1f3a").is_some());
        for bad in ["", "..", "a/b", "-a", "A", "a b", "a.b", &"a".repeat(41)] {
            assert_eq!(RunName::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn no_line_of_what_is_quoted_ends_the_quote() {
        for text in [COMMON, SEEN, LIVE, MOUNTING, ACT, AFTER, CHANGE, CHANGE_PY] {
            assert!(!text.lines().any(|l| [BODY_END, AFTER_END, PYTHON_END].contains(&l)));
        }
    }
}
