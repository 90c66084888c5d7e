//! The ssh program, the agent, the keys.
use super::super::Check;
use super::super::facts::Agent;
use super::super::keys::{Found, KeyFile, Kind};
use super::{Look, shown};
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::i18n::Text;
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
            text!(
                "需要 OpenSSH 的 ssh，不是别家的",
                "the ssh of OpenSSH is needed, not another"
            ),
        ),
        Some(v) if v < OLDEST => look.bad(State::Failed, text!("太旧：{said}", "too old: {said}"), newer),
        Some(v) if v < TRIED => look.bad(
            State::Warning,
            text!("偏旧，没有试过：{said}", "old, and never tried: {said}"),
            newer,
        ),
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

/// Whether a key file needs the agent: opsdeck never asks for a passphrase.
fn is_locked(key: &KeyFile) -> bool {
    matches!(
        key.found,
        Found::File {
            kind: Kind::Locked,
            ..
        }
    )
}

fn is_usable(key: &KeyFile) -> bool {
    matches!(key.found, Found::File { kind: Kind::Plain, mode, ours: true, .. } if mode & 0o077 == 0)
}

pub(super) fn agent(agent: &Agent, keys: &[KeyFile]) -> Check {
    let look = Look("agent", text!("ssh 代理", "ssh agent"));
    let usable = keys.iter().any(is_usable);
    let start = text!(
        "运行 eval \"$(ssh-agent)\"，再 ssh-add 密钥文件",
        "run eval \"$(ssh-agent)\", then ssh-add KEYFILE"
    );
    match agent {
        Agent::Keys(held) if !held.is_empty() => {
            let count = held.len();
            look.ok(text!("有 {count} 把密钥", "holds {count} keys"))
        }
        Agent::Unknown => look.bad(
            State::Unknown,
            text!("问不到代理", "the agent could not be asked"),
            text!(
                "在终端运行 ssh-add -l 看看",
                "run ssh-add -l in a terminal and see"
            ),
        ),
        Agent::Dead => look.bad(
            State::Warning,
            text!(
                "SSH_AUTH_SOCK 指向的代理没有回答",
                "the agent that SSH_AUTH_SOCK names does not answer"
            ),
            start,
        ),
        Agent::Keys(_) if usable => look.ok(text!(
            "代理里没有密钥；有不带口令的密钥文件，用不着",
            "holds no key; a key file without passphrase is there, none is needed"
        )),
        Agent::None if usable => look.ok(text!(
            "没有代理；有不带口令的密钥文件，用不着",
            "there is none; a key file without passphrase is there, none is needed"
        )),
        Agent::Keys(_) => look.bad(
            State::Warning,
            text!("代理里没有密钥", "holds no key"),
            text!("运行 ssh-add 密钥文件", "run ssh-add KEYFILE"),
        ),
        Agent::None => look.bad(State::Warning, text!("没有代理", "there is none"), start),
    }
}

pub(super) fn keys(keys: &[KeyFile], agent: &Agent) -> Check {
    let look = Look("keys", text!("密钥文件", "key files"));
    let held = match agent {
        Agent::Keys(held) => held.as_slice(),
        _ => &[],
    };
    if keys.is_empty() {
        if !held.is_empty() {
            return look.ok(text!(
                "没有密钥文件，用代理里的",
                "no key files, the agent's are used"
            ));
        }
        return look.bad(
            State::Warning,
            text!("~/.ssh 里没有密钥，代理里也没有", "no key in ~/.ssh and none in the agent"),
            text!("运行 ssh-keygen -t ed25519，把 .pub 交给服务器管理员；或在 environments.toml 写 identity_file", "run ssh-keygen -t ed25519 and give the .pub to the servers' administrator; or name an identity_file in environments.toml"),
        );
    }
    let mut worst: Option<(State, Text, Text)> = None;
    for key in keys {
        if let Some(found) = key_trouble(key, held)
            && worst
                .as_ref()
                .is_none_or(|(state, ..)| State::of_all([*state, found.0]) != *state)
        {
            worst = Some(found);
        }
    }
    match worst {
        Some((state, evidence, mend)) => look.bad(state, evidence, mend),
        None => {
            let names: Vec<String> = keys.iter().map(|k| shown(&k.path).to_string()).collect();
            look.ok(Text::same(names.join(", ")))
        }
    }
}

/// What is wrong with one key. A key that ssh only tries by itself is never worse than a warning.
fn key_trouble(key: &KeyFile, held: &[String]) -> Option<(State, Text, Text)> {
    let path = shown(&key.path);
    let bad = if key.configured {
        State::Failed
    } else {
        State::Warning
    };
    match &key.found {
        Found::Missing => Some((
            bad,
            text!("没有文件 {path}", "there is no {path}"),
            text!(
                "改 environments.toml 的 identity_file，或运行 ssh-keygen -t ed25519 -f {path}",
                "correct identity_file in environments.toml, or run ssh-keygen -t ed25519 -f {path}"
            ),
        )),
        Found::Unreadable(why) => Some((
            bad,
            text!("读不了 {path}：{why}", "cannot read {path}: {why}"),
            text!(
                "用 ls -l {path} 看属主和权限",
                "look at owner and mode with ls -l {path}"
            ),
        )),
        Found::File { mode, .. } if mode & 0o077 != 0 => Some((
            bad,
            text!(
                "{path} 的权限是 {mode:04o}，别人能读，ssh 会拒绝用它",
                "{path} has mode {mode:04o}: others may read it, ssh refuses to use it"
            ),
            text!("运行 chmod 600 {path}", "run chmod 600 {path}"),
        )),
        Found::File { ours: false, .. } => Some((
            State::Warning,
            text!("{path} 属于别的用户", "{path} belongs to another user"),
            text!(
                "复制一份给自己，权限 600",
                "make a copy of your own with mode 600"
            ),
        )),
        Found::File {
            kind: Kind::NoKey, ..
        } => Some((
            bad,
            text!("{path} 不是私钥", "{path} is no private key"),
            text!("写私钥文件，不是 .pub", "name the private key, not the .pub"),
        )),
        Found::File {
            kind: Kind::Unknown, ..
        } => Some((
            State::Unknown,
            text!(
                "看不出 {path} 要不要口令",
                "cannot tell whether {path} has a passphrase"
            ),
            text!(
                "运行 ssh-keygen -y -f {path} 看看",
                "run ssh-keygen -y -f {path} and see"
            ),
        )),
        Found::File { fingerprint, .. }
            if is_locked(key) && !fingerprint.as_ref().is_some_and(|f| held.contains(f)) =>
        {
            Some((
                State::Warning,
                text!(
                    "{path} 有口令，代理里没有它：opsdeck 不问口令，登录会失败",
                    "{path} has a passphrase and is not in the agent: opsdeck never asks for one, the login will fail"
                ),
                text!("运行 ssh-add {path}", "run ssh-add {path}"),
            ))
        }
        Found::File { .. } => None,
    }
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

    fn key(kind: Kind, mode: u32, ours: bool, configured: bool) -> KeyFile {
        let fingerprint = Some("SHA256:a".to_owned());
        KeyFile {
            path: "/k".into(),
            configured,
            found: Found::File {
                mode,
                ours,
                kind,
                fingerprint,
            },
        }
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
    fn a_key_is_good_when_ssh_can_use_it_without_a_question() {
        let none = Agent::None;
        let holding = Agent::Keys(vec!["SHA256:a".into()]);
        let other = Agent::Keys(vec!["SHA256:b".into()]);
        let judged = |key: KeyFile, agent: &Agent| keys(&[key], agent).state;
        assert_eq!(judged(key(Kind::Plain, 0o600, true, true), &none), State::Ok);
        assert_eq!(judged(key(Kind::Plain, 0o400, true, true), &none), State::Ok);
        assert_eq!(judged(key(Kind::Locked, 0o600, true, true), &holding), State::Ok);
        assert_eq!(
            judged(key(Kind::Locked, 0o600, true, true), &other),
            State::Warning
        );
        assert_eq!(
            judged(key(Kind::Locked, 0o600, true, true), &none),
            State::Warning
        );
        assert_eq!(judged(key(Kind::Plain, 0o644, true, true), &none), State::Failed);
        assert_eq!(
            judged(key(Kind::Plain, 0o640, true, false), &none),
            State::Warning
        );
        assert_eq!(
            judged(key(Kind::Plain, 0o600, false, true), &none),
            State::Warning
        );
        assert_eq!(judged(key(Kind::NoKey, 0o600, true, true), &none), State::Failed);
        assert_eq!(
            judged(key(Kind::Unknown, 0o600, true, true), &none),
            State::Unknown
        );
        let missing = KeyFile {
            path: "/k".into(),
            configured: true,
            found: Found::Missing,
        };
        assert_eq!(judged(missing, &holding), State::Failed);
    }

    #[test]
    fn the_worst_key_is_shown() {
        let all = [
            key(Kind::Locked, 0o600, true, true),
            key(Kind::Plain, 0o644, true, true),
        ];
        let check = keys(&all, &Agent::None);
        assert!(check.state == State::Failed && check.mend.unwrap().en.contains("chmod 600 /k"));
        assert_eq!(keys(&[], &Agent::None).state, State::Warning);
        assert_eq!(keys(&[], &Agent::Keys(vec!["SHA256:a".into()])).state, State::Ok);
    }

    #[test]
    fn an_agent_is_missed_only_when_it_is_needed() {
        let plain = [key(Kind::Plain, 0o600, true, true)];
        let locked = [key(Kind::Locked, 0o600, true, true)];
        assert_eq!(agent(&Agent::None, &plain).state, State::Ok);
        assert_eq!(agent(&Agent::None, &locked).state, State::Warning);
        assert_eq!(agent(&Agent::Keys(Vec::new()), &[]).state, State::Warning);
        assert_eq!(agent(&Agent::Dead, &plain).state, State::Warning);
        assert_eq!(agent(&Agent::Unknown, &plain).state, State::Unknown);
        assert_eq!(agent(&Agent::Keys(vec!["SHA256:a".into()]), &[]).state, State::Ok);
    }

    #[test]
    fn what_others_may_write_is_refused() {
        assert_eq!(
            files(&[("/h/.ssh".into(), 0o700), ("/h/.ssh/config".into(), 0o644)]).state,
            State::Ok
        );
        let check = files(&[("/h/.ssh".into(), 0o700), ("/h/.ssh/config".into(), 0o664)]);
        assert!(check.state == State::Failed && check.mend.unwrap().en.contains("chmod go-w /h/.ssh/config"));
        assert_eq!(files(&[]).state, State::Ok);
    }
}
