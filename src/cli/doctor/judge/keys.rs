//! The agent and the private keys.
use super::super::Check;
use super::super::facts::Agent;
use super::super::keys::{Found, KeyFile, Kind};
use super::{Look, shown};
use crate::core::state::State;
use crate::i18n::{Text, counted};
use crate::text;

/// Whether a key file needs the agent: opsdeck never asks for a passphrase.
fn is_locked(key: &KeyFile) -> bool {
    matches!(key.found, Found::File { kind: Kind::Locked, .. })
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
            let keys = counted(count, "key", "keys");
            look.ok(text!("有 {count} 把密钥", "holds {keys}"))
        }
        Agent::Unknown => look.bad(
            State::Unknown,
            text!("问不到代理", "the agent could not be asked"),
            text!("在终端运行 ssh-add -l 看看", "run ssh-add -l in a terminal and see"),
        ),
        Agent::Dead => look.bad(
            State::Warning,
            text!("SSH_AUTH_SOCK 指向的代理没有回答", "the agent that SSH_AUTH_SOCK names does not answer"),
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
            return look.ok(text!("没有密钥文件，用代理里的", "no key files, the agent's are used"));
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
            && worst.as_ref().is_none_or(|(state, ..)| State::of_all([*state, found.0]) != *state)
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
    let bad = if key.configured { State::Failed } else { State::Warning };
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
            text!("用 ls -l {path} 看属主和权限", "look at owner and mode with ls -l {path}"),
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
            text!("复制一份给自己，权限 600", "make a copy of your own with mode 600"),
        )),
        Found::File { kind: Kind::NoKey, .. } => Some((
            bad,
            text!("{path} 不是私钥", "{path} is no private key"),
            text!("写私钥文件，不是 .pub", "name the private key, not the .pub"),
        )),
        Found::File { kind: Kind::Unknown, .. } => Some((
            State::Unknown,
            text!("看不出 {path} 要不要口令", "cannot tell whether {path} has a passphrase"),
            text!("运行 ssh-keygen -y -f {path} 看看", "run ssh-keygen -y -f {path} and see"),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn key(kind: Kind, mode: u32, ours: bool, configured: bool) -> KeyFile {
        let fingerprint = Some("SHA256:a".to_owned());
        KeyFile { path: "/k".into(), configured, found: Found::File { mode, ours, kind, fingerprint } }
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
        assert_eq!(judged(key(Kind::Locked, 0o600, true, true), &other), State::Warning);
        assert_eq!(judged(key(Kind::Locked, 0o600, true, true), &none), State::Warning);
        assert_eq!(judged(key(Kind::Plain, 0o644, true, true), &none), State::Failed);
        assert_eq!(judged(key(Kind::Plain, 0o640, true, false), &none), State::Warning);
        assert_eq!(judged(key(Kind::Plain, 0o600, false, true), &none), State::Warning);
        assert_eq!(judged(key(Kind::NoKey, 0o600, true, true), &none), State::Failed);
        assert_eq!(judged(key(Kind::Unknown, 0o600, true, true), &none), State::Unknown);
        let missing = KeyFile { path: "/k".into(), configured: true, found: Found::Missing };
        assert_eq!(judged(missing, &holding), State::Failed);
    }

    #[test]
    fn the_worst_key_is_shown() {
        let all = [key(Kind::Locked, 0o600, true, true), key(Kind::Plain, 0o644, true, true)];
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
}
