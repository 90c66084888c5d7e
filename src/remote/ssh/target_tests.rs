//! What ssh is told.
use super::*;
use crate::config::model::{Containers, EnvKey, Paths, Role, Share, Thresholds};

fn environment(change: impl FnOnce(&mut Environment)) -> Environment {
    let mut environment = Environment {
        key: EnvKey("prod".into()),
        name: "正式".into(),
        role: Role::Prod,
        host: "prod.example".into(),
        port: None,
        user: None,
        identity_file: None,
        jump: None,
        host_key: None,
        read_only: false,
        share: Share {
            host: "nas".into(),
            aliases: Vec::new(),
            name: "backup".into(),
            port: 445,
            domain: None,
            user: None,
            options: String::new(),
            persist: true,
            windows_path: None,
            secret: None,
        },
        paths: Paths::default(),
        containers: Containers::default(),
        thresholds: Thresholds::default(),
    };
    change(&mut environment);
    environment
}

fn target(change: impl FnOnce(&mut Environment)) -> Result<Target, LinkError> {
    let settings =
        SshSettings { known_hosts: None, config_file: None, connect_timeout_s: 10, keepalive_s: 5 };
    Target::new(&environment(change), &settings, Folders::standard(Path::new("/state 100%")))
}

#[test]
fn what_safety_rests_on_stands_before_the_users_own_settings() {
    let text = target(|_| {}).unwrap().config().unwrap();
    let include = text.find("\nInclude ").unwrap();
    for line in [
        "BatchMode yes",
        "StrictHostKeyChecking yes",
        "UserKnownHostsFile \"/state 100%%/known_hosts\" \"~/.ssh/known_hosts\" \"~/.ssh/known_hosts2\"",
        "ServerAliveInterval 5",
        "ServerAliveCountMax 3",
        "ConnectTimeout 10",
        "ForwardAgent no",
        "PermitLocalCommand no",
        "NumberOfPasswordPrompts 0",
        "LogLevel INFO",
    ] {
        assert!(text.find(&format!("\n{line}\n")).is_some_and(|at| at < include), "{line}");
    }
    assert!(text.ends_with("Include \"~/.ssh/config\"\nInclude \"/etc/ssh/ssh_config\"\n"));
    // nothing that belongs to the server alone: the jump host's ssh reads the same file
    for word in ["ControlPath", "\nUser ", "\nPort ", "IdentityFile", "ProxyJump", "\nHost "] {
        assert!(!text.contains(word), "{word}");
    }
}

#[test]
fn an_alias_leaves_everything_to_ssh() {
    assert_eq!(target(|_| {}).unwrap().arguments(), ["--", "prod.example"]);
    let all = target(|e| {
        e.port = Some(2222);
        e.user = Some("root".into());
        e.identity_file = Some("/k".into());
        e.jump = Some("ops@gate:22".into());
    });
    let expected = "-p 2222 -l root -o IdentitiesOnly=yes -i /k -J ops@gate:22 -- prod.example";
    assert_eq!(all.unwrap().arguments().join(&OsString::from(" ")), expected);
}

#[test]
fn a_value_that_ssh_would_take_for_something_else_is_refused() {
    for host in ["", "-oProxyCommand=x", "a b", "a;b", "a\nb", "$(id)", "`id`", "a'b"] {
        let error = target(|e| e.host = host.into()).unwrap_err();
        assert_eq!(error.kind, LinkErrorKind::BadSetting { setting: "host" }, "{host}");
        assert!(target(|e| e.user = Some(host.into())).is_err(), "{host}");
        assert!(target(|e| e.jump = Some(host.into())).is_err(), "{host}");
    }
    for host in ["192.0.2.1", "2001:db8::1", "prod_1.example", "正式"] {
        assert!(target(|e| e.host = host.into()).is_ok(), "{host}");
    }
}
