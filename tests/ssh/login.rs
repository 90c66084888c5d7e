//! Private keys: those that do not work, and why; and how often a server is asked.
use crate::fixture::{Client, ask, fingerprint, join_all, keygen, nothing_was_done, sh, signal_to, user};
use crate::sshd;
use opsdeck::core::safetext::SafeText;
use opsdeck::remote::error::{Class, Retry};
use opsdeck::remote::{Host, LinkErrorKind as K};
use rustix::process::Signal;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

fn t(text: impl AsRef<Path>) -> SafeText {
    SafeText::new(text.as_ref().to_str().unwrap())
}

#[tokio::test]
async fn a_key_that_the_server_does_not_want_is_offered_once_and_not_again() {
    let server = sshd!();
    let mut client = Client::of(&server);
    let other = client.dir.path().join("other");
    keygen(&other, "ed25519", "");
    client.environment.identity_file = Some(other.clone());
    let host = client.host();
    // six questions at once, and one later
    let asks = (0..6).map(|_| host.run(ask(":")));
    let mut errors = Vec::new();
    for answer in join_all(asks).await {
        errors.push(answer.unwrap_err());
    }
    errors.push(host.run(ask(":")).await.unwrap_err());
    for error in &errors {
        let login = SafeText::new(&format!("{}@127.0.0.1", user()));
        assert_eq!(error.kind, K::KeyRefused { login });
        assert_eq!((error.retry(), error.class()), (Retry::Never, Class::Login));
        let print = fingerprint(&other.with_extension("pub"));
        assert!(error.detail.as_str().contains(&print), "{error:?}");
        nothing_was_done(error);
    }
    assert_eq!(server.connections(), 1);
    // the operator put the key on the server, and asks again
    std::fs::copy(other.with_extension("pub"), server.at("authorized")).unwrap();
    assert!(host.check().await.is_err());
    host.retry_now();
    assert_eq!(host.check().await, Ok(()));
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_key_file_that_cannot_be_used_is_found_out_before_the_server_is_asked() {
    let server = sshd!();
    let mut client = Client::of(&server);
    let at = |name: &str| client.dir.path().join(name);
    let (locked, open, text) = (at("locked"), at("open"), at("text"));
    keygen(&locked, "ed25519", "secret");
    keygen(&open, "ed25519", "");
    std::fs::set_permissions(&open, PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::write(&text, "no key").unwrap();
    std::fs::set_permissions(&text, PermissionsExt::from_mode(0o600)).unwrap();
    let missing = at("missing");
    for (file, kind) in [
        (&missing, K::KeyFileMissing { file: t(&missing) }),
        (&locked, K::KeyFileLocked { file: t(&locked) }),
        (&open, K::KeyFileMode { file: t(&open), mode: SafeText::new("0644") }),
        (&text, K::KeyFileUnreadable { file: t(&text) }),
    ] {
        client.environment.identity_file = Some(file.clone());
        let error = client.refusal().await;
        assert_eq!((&error.kind, error.retry()), (&kind, Retry::Never));
        nothing_was_done(&error);
    }
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn a_key_with_a_passphrase_works_from_the_agent() {
    let server = sshd!();
    let mut client = Client::of(&server);
    let locked = client.dir.path().join("locked");
    keygen(&locked, "ed25519", "");
    std::fs::copy(locked.with_extension("pub"), server.at("authorized")).unwrap();
    let socket = client.dir.path().join("agent");
    let said = sh("ssh-agent", &["-s", "-a", socket.to_str().unwrap()]);
    let pid: i32 = said.split("SSH_AGENT_PID=").nth(1).unwrap().split(';').next().unwrap().parse().unwrap();
    let add = format!("SSH_AUTH_SOCK={} ssh-add -q {}", socket.display(), locked.display());
    sh("sh", &["-c", &add]);
    sh("ssh-keygen", &["-q", "-p", "-P", "", "-N", "secret", "-f", locked.to_str().unwrap()]);
    client.environment.identity_file = Some(locked);
    client.user_config(&format!("IdentityAgent {}\n", socket.display()));
    let answer = client.host().check().await;
    signal_to(pid, Signal::TERM);
    assert_eq!(answer, Ok(()));
}

#[tokio::test]
async fn too_many_keys_are_told_from_a_wrong_key() {
    let server = sshd!("MaxAuthTries 2");
    let mut client = Client::of(&server);
    client.environment.identity_file = None;
    let mut config = "IdentitiesOnly yes\nIdentityAgent none\n".to_owned();
    for n in 0..4 {
        let file = client.dir.path().join(format!("k{n}"));
        keygen(&file, "ed25519", "");
        config.push_str(&format!("IdentityFile {}\n", file.display()));
    }
    client.user_config(&config);
    assert_eq!(client.refusal().await.kind, K::TooManyKeys);
}
