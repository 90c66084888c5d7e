//! Whom the console talks to: unknown keys, changed keys, and how a key comes to be known.
use crate::fixture::{Client, Sshd, ask, fingerprint, keygen, run, sh};
use crate::sshd;
use opsdeck::cli::trust::{self, Outcome, TrustOptions};
use opsdeck::core::safetext::SafeText;
use opsdeck::i18n::Lang;
use opsdeck::remote::error::{Class, Retry};
use opsdeck::remote::known_hosts::scan;
use opsdeck::remote::{Host, LinkErrorKind as K};
use std::os::unix::fs::PermissionsExt;

/// A user whose own configuration trusts everyone.
const CARELESS: &str = "Host *\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  \
                        NoHostAuthenticationForLocalhost yes\n  LogLevel QUIET\n  BatchMode no\n  UpdateHostKeys yes\n";

/// Runs `opsdeck trust` with what an operator types: what came of it, and what was on the screen.
pub async fn trust(client: &Client, options: TrustOptions, typed: &str) -> (Outcome, String) {
    let mut said = Vec::new();
    let mut typed = typed.as_bytes();
    let outcome = trust::run(
        &client.environment,
        &client.settings,
        client.folders.clone(),
        &options,
        Lang::Zh,
        (&mut typed, &mut said),
    );
    (outcome.await.unwrap(), String::from_utf8(said).unwrap())
}

fn own_list(client: &Client) -> String {
    std::fs::read_to_string(&client.folders.known_hosts).unwrap_or_default()
}

/// Another key takes the place of the server's; the list still holds the old one.
fn stolen(server: &Sshd) -> String {
    let other = server.at("other");
    keygen(&other, "ed25519", "");
    let key = std::fs::read_to_string(other.with_extension("pub")).unwrap();
    format!("[127.0.0.1]:{} {key}", server.port)
}

#[tokio::test]
async fn an_unknown_key_is_refused_and_its_fingerprint_shown() {
    let server = sshd!();
    let client = Client::stranger(&server);
    client.user_config(CARELESS);
    let error = client.refusal().await;
    let print = fingerprint(&server.at("host_key.pub"));
    let expected = K::HostKeyUnknown {
        host: SafeText::new(&format!("[127.0.0.1]:{}", server.port)),
        offered: Some(SafeText::new(&format!("ssh-ed25519 {print}"))),
    };
    assert_eq!((&error.kind, error.retry(), error.class()), (&expected, Retry::Never, Class::HostKey));
    assert!(error.summary().zh.contains(&print) && error.hint().zh.contains("opsdeck trust"));
    assert!(!server.log().contains("Accepted publickey"), "{}", server.log());
}

#[tokio::test]
async fn a_changed_key_is_refused_with_both_fingerprints_and_the_place() {
    let server = sshd!();
    let client = Client::stranger(&server);
    client.user_config(CARELESS);
    client.knows("# a comment\n");
    client.knows(&stolen(&server));
    let error = client.refusal().await;
    let K::HostKeyChanged(key) = &error.kind else { panic!("{error:?}") };
    let text = |t: &Option<SafeText>| t.as_ref().unwrap().as_str().to_owned();
    assert_eq!(text(&key.offered), fingerprint(&server.at("host_key.pub")));
    assert_eq!(text(&key.recorded), fingerprint(&server.at("other.pub")));
    assert_eq!(text(&key.place), format!("{}:2", client.folders.known_hosts.display()));
    assert_eq!((error.retry(), error.class()), (Retry::Never, Class::HostKey));
    assert!(error.summary().zh.contains("变了") && error.summary().en.contains("HAS CHANGED"));
    assert!(!server.log().contains("Accepted publickey"));
}

#[tokio::test]
async fn a_revoked_key_is_refused() {
    let server = sshd!();
    let client = Client::of(&server);
    client.knows(&format!("@revoked {}", server.known_line()));
    let error = client.refusal().await;
    assert!(matches!(error.kind, K::HostKeyRevoked { .. }), "{error:?}");
}

#[tokio::test]
async fn the_users_own_list_counts_beside_the_consoles() {
    let server = sshd!();
    let client = Client::stranger(&server);
    let own = client.dir.path().join("home/.ssh/known_hosts");
    std::fs::write(&own, server.known_line()).unwrap();
    sh("ssh-keygen", &["-q", "-H", "-f", own.to_str().unwrap()]);
    assert_eq!(client.host().check().await, Ok(()), "a hashed name");
    assert_eq!(trust(&client, TrustOptions::default(), "").await.0, Outcome::Known);
}

#[tokio::test]
async fn the_key_that_the_configuration_expects_is_held_against_the_one_shown() {
    let server = sshd!();
    let mut client = Client::of(&server);
    let print = fingerprint(&server.at("host_key.pub"));
    client.environment.host_key = Some(print.clone());
    assert_eq!(client.host().check().await, Ok(()));
    client.environment.host_key = Some("SHA256:another".into());
    let ran = server.at("ran");
    let host = client.host();
    let error = host.run(ask(&format!("echo x > {}", ran.display()))).await.unwrap_err();
    let expected = K::HostKeyNotExpected {
        expected: SafeText::new("SHA256:another"),
        offered: Some(SafeText::new(&format!("ssh-ed25519 {print}"))),
    };
    assert_eq!((&error.kind, error.begun, ran.exists()), (&expected, false, false));
}

#[tokio::test]
async fn a_key_becomes_known_when_the_operator_says_yes() {
    let server = sshd!();
    let client = Client::stranger(&server);
    let print = fingerprint(&server.at("host_key.pub"));
    for no in ["", "no\n", "y\n", "否\n", "ye"] {
        let (outcome, said) = trust(&client, TrustOptions::default(), no).await;
        assert_eq!((outcome, own_list(&client)), (Outcome::Declined, String::new()), "{no}");
        assert!(said.contains(&print) && said.contains("ssh-ed25519") && said.contains("没有登记"), "{said}");
        assert!(said.contains("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub"), "{said}");
    }
    for yes in ["是\n", "yes\n"] {
        let _ = std::fs::remove_file(&client.folders.known_hosts);
        let (outcome, said) = trust(&client, TrustOptions::default(), yes).await;
        assert_eq!(outcome, Outcome::Recorded, "{said}");
        let list = server.known_line();
        let key: Vec<&str> = list.split_whitespace().take(3).collect();
        assert_eq!(own_list(&client), key.join(" ") + "\n");
    }
    let mode = std::fs::metadata(&client.folders.known_hosts).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert_eq!(run(&client.host(), "echo in").await.1, "in\n");
    assert_eq!(trust(&client, TrustOptions::default(), "").await.0, Outcome::Known);
}

#[tokio::test]
async fn a_fingerprint_on_the_command_line_takes_the_place_of_the_question() {
    let server = sshd!();
    let client = Client::stranger(&server);
    let with = |print: &str| TrustOptions { fingerprint: Some(print.into()), replace: false };
    let (outcome, said) = trust(&client, with("SHA256:wrong"), "yes\n").await;
    assert_eq!((outcome.exit().code(), own_list(&client)), (4, String::new()), "{said}");
    let (outcome, _) = trust(&client, with(&fingerprint(&server.at("host_key.pub"))), "").await;
    assert_eq!((outcome, client.host().check().await), (Outcome::Recorded, Ok(())));
}

#[tokio::test]
async fn what_the_configuration_expects_holds_for_trust_too() {
    let server = sshd!();
    let mut client = Client::stranger(&server);
    client.environment.host_key = Some("SHA256:another".into());
    assert_eq!(trust(&client, TrustOptions::default(), "yes\n").await.0, Outcome::Refused);
    assert_eq!(own_list(&client), "");
}

#[tokio::test]
async fn a_changed_key_is_replaced_only_on_purpose_and_by_name() {
    let server = sshd!();
    let client = Client::stranger(&server);
    client.knows("# a comment\nother.example ssh-ed25519 AAAA\n");
    client.knows(&stolen(&server));
    let before = own_list(&client);
    let (outcome, said) = trust(&client, TrustOptions::default(), "yes\ntest\n").await;
    assert_eq!((outcome, own_list(&client)), (Outcome::Refused, before.clone()), "{said}");
    assert!(said.contains("--replace") && said.contains(&fingerprint(&server.at("other.pub"))), "{said}");
    let replace = || TrustOptions { fingerprint: None, replace: true };
    assert_eq!(trust(&client, replace(), "yes\n").await.0, Outcome::Declined);
    assert_eq!(own_list(&client), before);
    assert_eq!(trust(&client, replace(), "test\n").await.0, Outcome::Recorded);
    assert!(own_list(&client).starts_with("# a comment\nother.example ssh-ed25519 AAAA\n[127.0.0.1]"));
    assert_eq!(own_list(&client).lines().count(), 3);
    assert_eq!(client.host().check().await, Ok(()));
}

#[tokio::test]
async fn an_old_key_in_the_users_own_list_is_named_and_left_alone() {
    let server = sshd!();
    let client = Client::stranger(&server);
    let own = client.dir.path().join("home/.ssh/known_hosts");
    std::fs::write(&own, stolen(&server)).unwrap();
    let replace = TrustOptions { fingerprint: None, replace: true };
    let (outcome, said) = trust(&client, replace, "test\n").await;
    assert_eq!(outcome, Outcome::Recorded);
    assert!(said.contains(&format!("{}:1", own.display())), "{said}");
    assert_eq!(std::fs::read_to_string(&own).unwrap(), stolen_line(&server));
    assert_eq!(client.host().check().await, Ok(()), "a match in either list counts");
}

fn stolen_line(server: &Sshd) -> String {
    let key = std::fs::read_to_string(server.at("other.pub")).unwrap();
    format!("[127.0.0.1]:{} {key}", server.port)
}

#[tokio::test]
async fn a_server_that_only_offers_another_type_counts_as_changed() {
    let server = sshd!();
    let client = Client::stranger(&server);
    let ecdsa = client.dir.path().join("ecdsa");
    keygen(&ecdsa, "ecdsa", "");
    let key = std::fs::read_to_string(ecdsa.with_extension("pub")).unwrap();
    client.knows(&format!("[127.0.0.1]:{} {key}", server.port));
    assert!(matches!(client.refusal().await.kind, K::HostKeyUnknown { .. } | K::HostKeyChanged(_)));
    let (outcome, said) = trust(&client, TrustOptions::default(), "yes\n").await;
    assert_eq!(outcome, Outcome::Refused, "{said}");
}

#[tokio::test]
async fn an_alias_is_recorded_under_the_name_that_ssh_looks_up() {
    let server = sshd!();
    let mut client = Client::stranger(&server);
    client.environment.host = "prod".into();
    client.environment.port = None;
    client.user_config(&format!(
        "Host prod\n  HostName 127.0.0.1\n  Port {}\n  HostKeyAlias Main\n",
        server.port
    ));
    let (outcome, _) = trust(&client, TrustOptions::default(), "yes\n").await;
    assert_eq!(outcome, Outcome::Recorded);
    assert!(own_list(&client).starts_with("main ssh-ed25519 "), "{}", own_list(&client));
    assert_eq!(client.host().check().await, Ok(()));
}

#[tokio::test]
async fn a_server_that_is_not_there_cannot_be_trusted() {
    let server = sshd!();
    let mut client = Client::stranger(&server);
    client.environment.port = Some(1);
    let error = scan(&client.environment, &client.settings, client.folders.clone()).await.unwrap_err();
    assert_eq!(error.kind, K::Refused, "{error:?}");
    let (outcome, said) = trust(&client, TrustOptions::default(), "yes\n").await;
    assert_eq!(outcome.exit().code(), 4);
    assert!(said.contains("连接被拒绝"), "{said}");
}
