//! A secret from the first line that a command prints.
use super::{Secret, SecretError, SecretErrorKind, error};
use crate::core::safetext::SafeText;
use crate::programs::{self, RunError};
use crate::text;
use std::process::{Command, ExitStatus};
use std::time::Duration;

/// A password manager may ask a person to unlock it.
pub(super) const DEADLINE: Duration = Duration::from_secs(60);

/// Whether the program is there to run.
pub(super) fn probe(argv: &[String]) -> Result<(), SecretError> {
    let program = argv.first().map_or("", String::as_str);
    match programs::find(program) {
        Some(_) => Ok(()),
        None => Err(missing(program)),
    }
}

fn missing(program: &str) -> SecretError {
    let program = SafeText::new(program);
    error(
        SecretErrorKind::Missing,
        text!(
            "找不到取密码的程序 {program}：安装它，或改 secret",
            "there is no program {program} to get the secret with: install it, or change secret"
        ),
    )
}

pub(super) fn fetch(argv: &[String], deadline: Duration) -> Result<Secret, SecretError> {
    let (program, arguments) = argv.split_first().ok_or_else(|| missing(""))?;
    let name = SafeText::new(program);
    let mut command = Command::new(program);
    command.args(arguments);
    let ran = programs::run(command, deadline).map_err(|e| match e {
        RunError::NotFound => missing(program),
        RunError::Deadline => {
            let seconds = deadline.as_secs();
            error(
                SecretErrorKind::Failed,
                text!(
                    "{name} 在 {seconds} 秒内没有给出密码：先在终端单独运行它，看它在等什么",
                    "{name} gave no secret within {seconds} s: run it by itself in a terminal and see what it waits for"
                ),
            )
        }
        RunError::Other(detail) => error(
            SecretErrorKind::Failed,
            text!("运行不了 {name}：{detail}", "cannot run {name}: {detail}"),
        ),
    })?;
    if !ran.status.success() {
        return Err(failed(&name, ran.status, &ran.stderr, &ran.stdout));
    }
    let first = ran.stdout.split(|b| *b == b'\n').next().unwrap_or_default();
    Secret::parse(first.to_vec()).map_err(|e| SecretError {
        kind: e.kind,
        message: crate::i18n::Text {
            zh: format!("{name} 的输出：{}", e.message.zh),
            en: format!("output of {name}: {}", e.message.en),
        },
    })
}

/// Why it failed, in its own first line, unless that line repeats something of what it printed.
fn failed(name: &SafeText, status: ExitStatus, said: &[u8], printed: &[u8]) -> SecretError {
    let lines = SafeText::lines(said);
    let line = lines.iter().find(|l| !l.is_empty()).cloned().unwrap_or_default();
    let repeats = SafeText::lines(printed).iter().any(|p| {
        let p = p.as_str().trim();
        !p.is_empty() && line.as_str().contains(p)
    });
    let detail: String = if repeats { String::new() } else { line.as_str().chars().take(200).collect() };
    let status = SafeText::new(&status.to_string());
    error(
        SecretErrorKind::Failed,
        text!(
            "{name} 失败（{status}）{}{detail}：先在终端单独运行它",
            "{name} failed ({status}) {}{detail}: run it by itself in a terminal first",
            if detail.is_empty() { "" } else { " " }
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn sh(script: &str, deadline: Duration) -> Result<Secret, SecretError> {
        fetch(&["sh".into(), "-c".into(), script.into()], deadline)
    }

    const LONG: Duration = Duration::from_secs(20);
    const _: () = assert!(programs::CAP > super::super::MAX_BYTES);

    #[test]
    fn the_first_line_counts() {
        assert_eq!(sh("printf 'a b\\nurl: x\\n'", LONG).unwrap().bytes_for_stdin(), b"a b");
        assert_eq!(
            sh("printf x; head -c 200000 /dev/zero | tr '\\0' '\\n'", LONG).unwrap().bytes_for_stdin(),
            b"x"
        );
        assert_eq!(sh("true", LONG).unwrap_err().kind, SecretErrorKind::Unusable);
    }

    #[test]
    fn a_failure_says_why_but_never_the_secret() {
        let refused = sh("echo locked >&2; exit 3", LONG).unwrap_err();
        assert!(refused.message.en.contains("locked") && refused.message.en.contains('3'), "{refused}");
        let refused = sh("echo hunter2; echo 'bad hunter2' >&2; exit 1", LONG).unwrap_err();
        assert!(
            !refused.message.zh.contains("hunter2") && !refused.message.en.contains("hunter2"),
            "{refused}"
        );
        assert_eq!(fetch(&["no-such-program-here".into()], LONG).unwrap_err().kind, SecretErrorKind::Missing);
    }

    #[test]
    fn a_command_that_hangs_or_leaves_a_child_ends_in_time() {
        let begin = clock::tick();
        let refused = sh("exec sleep 30", Duration::from_millis(300)).unwrap_err();
        assert_eq!(refused.kind, SecretErrorKind::Failed);
        let with_child = sh("echo x; sleep 8 & exit 0", LONG).unwrap();
        assert_eq!(with_child.bytes_for_stdin(), b"x");
        assert!(clock::tick() - begin < Duration::from_secs(8), "waited for a grandchild");
    }
}
