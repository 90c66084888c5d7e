//! The user's own ssh configuration: aliases, keys, agent, jump hosts; and what it cannot switch off.
use crate::fixture::{Client, Sshd, ask, fingerprint, run, sh};
use crate::hostkeys::trust;
use crate::sshd;
use opsdeck::cli::trust::{Outcome, TrustOptions};
use opsdeck::remote::{Host, LinkErrorKind as K};

/// A way over `gate` to `server`: the gate's key is known as said, its login is in the user's configuration.
fn over(gate: &Sshd, server: &Sshd, knows_gate: bool) -> Client {
    let mut client = Client::of(server);
    if knows_gate {
        client.knows(&gate.known_line());
    }
    client.user_config(&format!(
        "Host gate\n  HostName 127.0.0.1\n  Port {}\n  IdentityFile {}\n  IdentitiesOnly yes\n\
         Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n",
        gate.port,
        gate.at("id").display()
    ));
    client.environment.jump = Some("gate".into());
    client
}

#[tokio::test]
async fn an_alias_brings_its_port_its_user_and_its_key() {
    let server = sshd!();
    let mut client = Client::of(&server);
    client.environment.host = "prod".into();
    client.environment.port = None;
    client.environment.user = None;
    let key = client.environment.identity_file.take().unwrap();
    client.user_config(&format!(
        "Host prod\n  HostName 127.0.0.1\n  Port {}\n  User {}\n  IdentityFile {}\n",
        server.port,
        crate::fixture::user(),
        key.display()
    ));
    assert_eq!(run(&client.host(), "echo in").await.1, "in\n");
    // the file that the console's own configuration names takes the place of the user's
    let other = client.dir.path().join("other config");
    std::fs::rename(client.dir.path().join("home/.ssh/config"), &other).unwrap();
    client.settings.config_file = Some(other);
    assert_eq!(run(&client.host(), "echo in").await.1, "in\n");
}

#[tokio::test]
async fn a_jump_host_is_gone_over_and_both_keys_are_checked() {
    let (gate, server) = (sshd!(), sshd!());
    let client = over(&gate, &server, true);
    let host = client.host();
    assert_eq!(run(&host, "echo over").await.1, "over\n");
    assert_eq!((gate.connections(), server.connections()), (1, 1));
    host.close().await;
    // named in the user's configuration it is the same
    let mut client = over(&gate, &server, true);
    client.environment.jump = None;
    let file = client.dir.path().join("home/.ssh/config");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("Match host 127.0.0.1 originalhost 127.0.0.1\n  ProxyJump gate\n{text}"))
        .unwrap();
    assert_eq!(run(&client.host(), "echo over").await.1, "over\n");
    assert_eq!(gate.connections(), 2);
}

#[tokio::test]
async fn what_goes_wrong_at_the_jump_host_is_said_to_be_there() {
    let (gate, server) = (sshd!(), sshd!());
    // its key is not known, although the user's own configuration does not care
    let error = over(&gate, &server, false).refusal().await;
    let print = fingerprint(&gate.at("host_key.pub"));
    assert!(error.at_jump && error.summary().zh.contains("跳板机"), "{error:?}");
    assert!(
        matches!(&error.kind, K::HostKeyUnknown { offered: Some(k), .. } if k.as_str().contains(&print)),
        "{error:?}"
    );
    // it refuses the login
    let client = over(&gate, &server, true);
    std::fs::write(gate.at("authorized"), "").unwrap();
    let error = client.refusal().await;
    assert!(error.at_jump && matches!(error.kind, K::KeyRefused { .. }), "{error:?}");
    // it is not there
    let mut client = over(&gate, &server, true);
    client.environment.jump = Some("127.0.0.1:1".into());
    let error = client.refusal().await;
    assert_eq!((error.at_jump, &error.kind), (true, &K::Refused), "{error:?}");
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_goes_wrong_at_the_server_is_not_blamed_on_the_jump_host() {
    let (gate, server) = (sshd!(), sshd!());
    let mut client = over(&gate, &server, true);
    std::fs::write(&client.folders.known_hosts, gate.known_line()).unwrap();
    let error = client.refusal().await;
    assert!(!error.at_jump && matches!(error.kind, K::HostKeyUnknown { .. }), "{error:?}");
    // behind the jump host nothing listens
    client.environment.port = Some(1);
    let error = client.refusal().await;
    assert!(!matches!(error.kind, K::KeyRefused { .. } | K::Other), "{error:?}");
}

#[tokio::test]
async fn a_server_behind_a_jump_host_can_be_trusted() {
    let (gate, server) = (sshd!(), sshd!());
    let client = over(&gate, &server, true);
    std::fs::write(&client.folders.known_hosts, gate.known_line()).unwrap();
    let options = TrustOptions { fingerprint: Some(fingerprint(&server.at("host_key.pub"))), replace: false };
    let (outcome, said) = trust(&client, options, "").await;
    assert_eq!(outcome, Outcome::Recorded, "{said}");
    assert!(!server.log().contains("Accepted"), "no login for a look at the key");
    assert_eq!(client.host().check().await, Ok(()));
}

#[tokio::test]
async fn the_users_configuration_cannot_make_the_link_do_other_things() {
    let server = sshd!();
    let client = Client::of(&server);
    let ran = client.dir.path().join("ran");
    client.user_config(&format!(
        "Host *\n  PermitLocalCommand yes\n  LocalCommand touch {}\n  RemoteCommand echo hijacked\n  RequestTTY force\n  \
         ForwardAgent yes\n  LocalForward 127.0.0.1:1 127.0.0.1:1\n  ControlMaster auto\n  ControlPath {}\n  LogLevel QUIET\n",
        ran.display(),
        client.dir.path().join("cm").display(),
    ));
    let host = client.host();
    let (code, out, _) = run(&host, "echo mine; test -t 1; echo $?; echo ${SSH_AUTH_SOCK-none}").await;
    assert_eq!((code, out.as_str()), (0, "mine\n1\nnone\n"));
    assert!(!ran.exists() && !client.dir.path().join("cm").exists());
}

#[test]
fn nothing_is_ever_asked_on_the_screen() {
    use portable_pty::{CommandBuilder, PtySize, native_pty_system};
    use std::io::Read;
    let server = sshd!("PasswordAuthentication yes", "PubkeyAuthentication no");
    let client = Client::of(&server);
    // a way whose ssh would ask, and one that asks on the terminal itself
    let login = format!(
        "exec ssh -F none -o BatchMode=no -o StrictHostKeyChecking=ask -o UserKnownHostsFile=/dev/null \
         -o PubkeyAuthentication=no -W 127.0.0.1:{p} -p {p} {u}@127.0.0.1",
        p = server.port,
        u = crate::fixture::user()
    );
    let script = |name: &str, text: &str| {
        let file = client.dir.path().join(name);
        std::fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        sh("chmod", &["755", file.to_str().unwrap()]);
        file.to_str().unwrap().to_owned()
    };
    let would = script("would", &login);
    let asks = script("asks", &format!("(echo QUESTION >/dev/tty; read x </dev/tty) 2>/dev/null\n{login}"));
    // a workstation without setsid
    let few = client.dir.path().join("few");
    std::fs::create_dir(&few).unwrap();
    for program in ["ssh", "ssh-keygen", "sh", "false"] {
        let found = sh("sh", &["-c", &format!("command -v {program}")]);
        let found = if found.starts_with('/') { found } else { format!("/bin/{found}") };
        std::os::unix::fs::symlink(found, few.join(program)).unwrap();
    }
    let usual = std::env::var("PATH").unwrap();
    let pair = native_pty_system().openpty(PtySize::default()).unwrap();
    let rows = [("none", usual.as_str()), (&would, few.to_str().unwrap()), (&asks, &usual)];
    for (proxy, path) in rows {
        client
            .user_config(&format!("ProxyCommand {proxy}\nBatchMode no\nPreferredAuthentications password\n"));
        let mut command = CommandBuilder::new(std::env::current_exe().unwrap());
        command.args(["--exact", "jump::child_on_a_terminal", "--nocapture", "--test-threads=1"]);
        command.env("OPSDECK_TEST_CHILD", client.dir.path());
        command.env("OPSDECK_TEST_PORT", server.port.to_string());
        command.env("OPSDECK_TEST_PATH", path);
        // nor in a window
        let touch = format!("touch {}", client.dir.path().join("asked").display());
        command.env("DISPLAY", ":4711");
        command.env("SSH_ASKPASS", script("window", &touch));
        let mut child = pair.slave.spawn_command(command).unwrap();
        child.wait().unwrap();
    }
    drop(pair.slave);
    assert!(!client.dir.path().join("asked").exists());
    let mut seen = String::new();
    // a terminal whose other side is closed ends with an error
    let _ = pair.master.try_clone_reader().unwrap().read_to_string(&mut seen);
    assert_eq!(seen.matches("CHILD SAID").count(), 3, "{seen}");
    for word in ["assword", "QUESTION", "yes/no", "authenticity"] {
        assert!(!seen.contains(word), "{seen}");
    }
}

/// The half of the test above that sits on a terminal. Does nothing when it is run by itself.
#[tokio::test]
async fn child_on_a_terminal() {
    let (Some(dir), Some(port)) =
        (std::env::var_os("OPSDECK_TEST_CHILD"), std::env::var_os("OPSDECK_TEST_PORT"))
    else {
        return;
    };
    let dir = std::path::PathBuf::from(dir);
    let mut client = Client::within(&dir, "127.0.0.1", port.to_str().unwrap().parse().unwrap());
    client.folders.path = std::env::var_os("OPSDECK_TEST_PATH");
    client.folders.home = Some(dir.join("home"));
    client.folders.known_hosts = dir.join("known_hosts");
    let error = client.host().run(ask(":")).await.unwrap_err();
    println!("CHILD SAID {}", error.code());
}
