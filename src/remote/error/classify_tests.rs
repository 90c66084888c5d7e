//! Texts as ssh printed them.
use super::*;

fn t(text: &str) -> SafeText {
    SafeText::new(text)
}

#[test]
fn each_text_has_its_cause() {
    let changed = "debug1: Server host key: ssh-ed25519 SHA256:NEW\r
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@\r
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!\r
Someone could be eavesdropping on you right now (man-in-the-middle attack)!\r
It is also possible that a host key has just been changed.\r
The fingerprint for the ED25519 key sent by the remote host is
SHA256:NEW.\r
Please contact your system administrator.\r
Add correct host key in /home/ops/known_hosts to get rid of this message.\r
Offending ED25519 key in /home/ops/known hosts:12\r
  remove with:\r
  ssh-keygen -f \"/home/ops/known_hosts\" -R \"[127.0.0.1]:4711\"\r
Host key for [127.0.0.1]:4711 has changed and you have requested strict checking.\r
Host key verification failed.\r
";
    let mode = "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
Permissions 0644 for '/home/ops/.ssh/id' are too open.
It is required that your private key files are NOT accessible by others.
This private key will be ignored.
Load key \"/home/ops/.ssh/id\": bad permissions
root@127.0.0.1: Permission denied (publickey).";
    let rows: Vec<(&str, K)> = vec![
        (
            changed,
            K::HostKeyChanged(Box::new(ChangedKey {
                host: t("[127.0.0.1]:4711"),
                offered: Some(t("SHA256:NEW")),
                recorded: None,
                place: Some(t("/home/ops/known hosts:12")),
            })),
        ),
        (
            "debug1: Server host key: ssh-ed25519 SHA256:X\nNo ED25519 host key is known for [127.0.0.1]:2201 and you have requested strict checking.\r\nHost key verification failed.\r\n",
            K::HostKeyUnknown { host: t("[127.0.0.1]:2201"), offered: Some(t("ssh-ed25519 SHA256:X")) },
        ),
        ("Host key verification failed.\r\n", K::HostKeyUnknown { host: t(""), offered: None }),
        (
            "The ED25519 host key for prod is marked as revoked.\nThis could mean that a stolen key is being used to impersonate this host.\nHost key verification failed.",
            K::HostKeyRevoked { host: t("prod") },
        ),
        (mode, K::KeyFileMode { file: t("/home/ops/.ssh/id"), mode: t("0644") }),
        (
            "Received disconnect from 127.0.0.1 port 4711:2: Too many authentication failures\r\nDisconnected from 127.0.0.1 port 4711",
            K::TooManyKeys,
        ),
        (
            "no such identity: /x: No such file or directory\r\nroot@127.0.0.1: Permission denied (publickey,password).\r\n",
            K::KeyRefused { login: t("root@127.0.0.1") },
        ),
        (
            "ssh: Could not resolve hostname prod.example: Name or service not known\r\n",
            K::NameNotFound { host: t("prod.example") },
        ),
        ("ssh: connect to host 127.0.0.1 port 1: Connection refused\r\n", K::Refused),
        ("ssh: connect to host 10.9.9.9 port 22: No route to host", K::Unreachable),
        ("ssh: connect to host 10.9.9.9 port 22: Network is unreachable", K::Unreachable),
        ("ssh: connect to host 10.9.9.9 port 22: Connection timed out", K::NoAnswer),
        ("ssh: connect to host 10.9.9.9 port 22: Operation timed out", K::NoAnswer),
        (
            "Connection timed out during banner exchange\r\nConnection to 127.0.0.1 port 4711 timed out",
            K::Silent,
        ),
        ("Connection to 127.0.0.1 port 4711 timed out", K::Silent),
        (
            "kex_exchange_identification: Connection closed by remote host\r\nConnection closed by 127.0.0.1 port 4711",
            K::HungUp,
        ),
        (
            "kex_exchange_identification: read: Connection reset by peer\r\nConnection reset by 127.0.0.1 port 1",
            K::HungUp,
        ),
        (
            "debug1: kex_exchange_identification: banner line 0: Exceeded MaxStartups\nkex_exchange_identification: Connection closed by remote host",
            K::HungUp,
        ),
        (
            "debug1: kex_exchange_identification: banner line 0: HTTP/1.1 400 Bad Request\nkex_exchange_identification: Connection closed by remote host",
            K::NotSsh,
        ),
        ("kex_exchange_identification: banner line contains invalid characters", K::NotSsh),
        (
            "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found. Their offer: ssh-rsa,ssh-dss",
            K::NoCommonAlgorithm { what: t("host key type"), theirs: t("ssh-rsa,ssh-dss") },
        ),
        (
            "/home/ops/.ssh/config: line 3: Bad configuration option: hosst\r\n/home/ops/.ssh/config: terminating, 1 bad configuration options\r\n",
            K::BadConfig { place: t("/home/ops/.ssh/config:3") },
        ),
        (
            "/home/ops/.ssh/config line 7: no argument after keyword \"port\"",
            K::BadConfig { place: t("/home/ops/.ssh/config:7") },
        ),
        (
            "Bad owner or permissions on /home/ops/.ssh/config",
            K::BadConfig { place: t("/home/ops/.ssh/config") },
        ),
        (
            "unix_listener: path \"/a/b\" too long for Unix domain socket",
            K::ControlFolder { folder: t("unix_listener: path \"/a/b\" too long for Unix domain socket") },
        ),
    ];
    for (said, kind) in rows {
        assert_eq!(classify(said), Some(kind), "{said}");
    }
}

#[test]
fn what_says_nothing_known_is_no_cause() {
    for said in [
        "",
        "debug1: Connecting to 127.0.0.1",
        "hello",
        "line 3: x",
        "debug1: Permission denied (publickey).",
    ] {
        assert_eq!(classify(said), None, "{said}");
    }
}

#[test]
fn the_operator_gets_the_last_plain_line() {
    let said = "debug1: a\nfirst\nlast\r\n\ndebug1: cleanup";
    assert_eq!(telling_line(said), "last");
    assert_eq!(telling_line(""), "");
}
