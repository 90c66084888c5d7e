//! The ssh program and the modes of its files.
use super::super::Check;
use super::{Look, shown};
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::programs::RunError;
use crate::text;
use std::path::PathBuf;

/// Older clients lack what the link relies on: `-J` came with 7.3.
const OLDEST: (u32, u32) = (7, 3);
/// The oldest version in use at the operators' (CentOS 8). Older ones may work, and nobody has tried.
const TRIED: (u32, u32) = (8, 0);
pub(super) fn program(version: &Result<SafeText, RunError>, missing: &[&str]) -> Check {
    let look = Look("ssh", text!("ssh 程序", "ssh program"));
    let install = text!(
        "安装 OpenSSH 客户端：apt install openssh-client 或 dnf install openssh-clients",
        "install the OpenSSH client: apt install openssh-client, or dnf install openssh-clients"
    );
    let said = match version {
        Err(RunError::NotFound) => {
            return look.bad(State::Failed, text!("没有 ssh", "there is no ssh"), install);
        }
        Err(_) => {
            return look.bad(
                State::Unknown,
                text!("ssh -V 没有回答", "ssh -V does not answer"),
                text!("在终端运行 ssh -V 看看", "run ssh -V in a terminal and see"),
            );
        }
        Ok(said) => said,
    };
    if !missing.is_empty() {
        let missing = missing.join(" ");
        return look.bad(
            State::Failed,
            text!("{said}；缺少 {missing}", "{said}; missing: {missing}"),
            install,
        );
    }
    let newer = text!("升级 OpenSSH 客户端", "upgrade the OpenSSH client");
    match parse_version(said.as_str()) {
        None => look.bad(
            State::Unknown,
            text!("看不懂的版本：{said}", "not a version that is understood: {said}"),
            text!("需要 OpenSSH 的 ssh，不是别家的", "the ssh of OpenSSH is needed, not another"),
        ),
        Some(v) if v < OLDEST => look.bad(State::Failed, text!("太旧：{said}", "too old: {said}"), newer),
        Some(v) if v < TRIED => {
            look.bad(State::Warning, text!("偏旧，没有试过：{said}", "old, and never tried: {said}"), newer)
        }
        Some(_) => look.ok(text!("{said}", "{said}")),
    }
}

/// `OpenSSH_9.2p1 …`, `OpenSSH_for_Windows_8.1p1 …`.
fn parse_version(said: &str) -> Option<(u32, u32)> {
    let rest = said.strip_prefix("OpenSSH_")?;
    let rest = rest.strip_prefix("for_Windows_").unwrap_or(rest);
    let (major, rest) = rest.split_once('.')?;
    let minor: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some((major.parse().ok()?, minor.parse().ok()?))
}

pub(super) fn files(files: &[(PathBuf, u32)]) -> Check {
    let look = Look("ssh-files", text!("~/.ssh 权限", "modes of ~/.ssh"));
    match files.iter().find(|(_, mode)| mode & 0o022 != 0) {
        Some((path, mode)) => {
            let path = shown(path);
            look.bad(
                State::Failed,
                text!(
                    "{path} 的权限是 {mode:04o}，别人能改，ssh 会拒绝",
                    "{path} has mode {mode:04o}: others may write to it, ssh refuses it"
                ),
                text!("运行 chmod go-w {path}", "run chmod go-w {path}"),
            )
        }
        None if files.is_empty() => {
            look.ok(text!("没有 ~/.ssh，用不着", "there is no ~/.ssh, none is needed"))
        }
        None => look.ok(text!("别人改不了", "nobody else can write there")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(said: &str) -> State {
        program(&Ok(SafeText::new(said)), &[]).state
    }

    #[test]
    fn versions_are_told_apart() {
        assert_eq!(version("OpenSSH_9.2p1 Debian-2"), State::Ok);
        assert_eq!(version("OpenSSH_10.0p2"), State::Ok);
        assert_eq!(version("OpenSSH_for_Windows_8.1p1, LibreSSL"), State::Ok);
        assert_eq!(version("OpenSSH_7.4p1"), State::Warning);
        assert_eq!(version("OpenSSH_6.6"), State::Failed);
        assert_eq!(version("Dropbear v2022.83"), State::Unknown);
        assert_eq!(program(&Err(RunError::NotFound), &[]).state, State::Failed);
        assert_eq!(program(&Err(RunError::Deadline), &[]).state, State::Unknown);
        let without = program(&Ok(SafeText::new("OpenSSH_9.2p1")), &["ssh-keyscan"]);
        assert!(without.state == State::Failed && without.evidence.zh.contains("ssh-keyscan"));
    }

    #[test]
    fn what_others_may_write_is_refused() {
        assert_eq!(files(&[("/h/.ssh".into(), 0o700), ("/h/.ssh/config".into(), 0o644)]).state, State::Ok);
        let check = files(&[("/h/.ssh".into(), 0o700), ("/h/.ssh/config".into(), 0o664)]);
        assert!(check.state == State::Failed && check.mend.unwrap().en.contains("chmod go-w /h/.ssh/config"));
        assert_eq!(files(&[]).state, State::Ok);
    }
}
