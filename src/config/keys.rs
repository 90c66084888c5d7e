//! The words of the file: which keys a table may have, which were probably meant, which name a secret.

/// Keys at the top of the file.
pub(super) const TOP: &[&str] =
    &["schema", "ssh", "share", "paths", "containers", "thresholds", "environment"];
/// Keys of `[ssh]`.
pub(super) const SSH: &[&str] = &["known_hosts", "config_file", "connect_timeout_s", "keepalive_s"];
/// Keys of `[share]`.
pub(super) const SHARE: &[&str] =
    &["host", "name", "aliases", "port", "domain", "user", "options", "persist", "windows_path", "secret"];
/// Keys of `secret = { … }`: exactly one of them.
pub(super) const SECRET: &[&str] = &["file", "env", "command", "prompt"];
/// Keys of `[paths]`.
pub(super) const PATHS: &[&str] = &[
    "mount_point",
    "pack_folder",
    "credentials_file",
    "app_folder",
    "database",
    "compose_file",
    "legacy_pack_folders",
];
/// Keys of `[containers]`.
pub(super) const CONTAINERS: &[&str] =
    &["backend", "frontend", "compose_project", "health_url", "database_inside"];
/// Keys of `[thresholds]`.
pub(super) const THRESHOLDS: &[&str] = &[
    "start_grace_min",
    "finish_grace_min",
    "stuck_after_min",
    "disk_warn_percent",
    "disk_fail_percent",
    "room_percent",
    "shrink_percent",
    "clock_skew_s",
    "lock_ttl_h",
    "share_answer_s",
];
/// Keys of `[[environment]]`.
pub(super) const ENVIRONMENT: &[&str] = &[
    "key",
    "name",
    "role",
    "host",
    "port",
    "user",
    "identity_file",
    "jump",
    "host_key",
    "read_only",
    "share",
    "paths",
    "containers",
    "thresholds",
];

/// Tables with what a message calls them, for "this key belongs there".
const TABLES: &[(&str, &[&str])] = &[
    ("[ssh]", SSH),
    ("[share]", SHARE),
    ("[paths]", PATHS),
    ("[containers]", CONTAINERS),
    ("[thresholds]", THRESHOLDS),
    ("[[environment]]", ENVIRONMENT),
];

/// What people write for a key.
const ALSO_SAID: &[(&str, &str)] = &[
    ("ip", "host"),
    ("address", "host"),
    ("hostname", "host"),
    ("server", "host"),
    ("username", "user"),
    ("login", "user"),
    ("id", "key"),
    ("label", "name"),
    ("title", "name"),
    ("sharename", "name"),
    ("env", "environment"),
    ("environments", "environment"),
    ("servers", "environment"),
    ("keyfile", "identity_file"),
    ("sshkey", "identity_file"),
    ("identity", "identity_file"),
    ("jumphost", "jump"),
    ("proxyjump", "jump"),
    ("bastion", "jump"),
    ("fingerprint", "host_key"),
    ("workgroup", "domain"),
    ("mountoptions", "options"),
    ("keepalive", "keepalive_s"),
    ("timeout", "connect_timeout_s"),
    ("version", "schema"),
];

/// Whether a value of this key may be shown: every key of the file but those that stand for a secret.
pub(super) fn shows_its_value(key: &str) -> bool {
    key != "secret"
        && key != "options"
        && (TOP.contains(&key) || TABLES.iter().any(|(_, keys)| keys.contains(&key)))
}

/// Whether this is a word of the file, or close to one.
pub(super) fn nearly_known(word: &str) -> bool {
    let all = TABLES.iter().flat_map(|(_, keys)| keys.iter()).chain(TOP);
    let folded = fold(word);
    all.into_iter().any(|known| near(&folded, &fold(known)))
}

/// The key that was probably meant, out of those allowed here.
pub(super) fn meant(word: &str, allowed: &'static [&'static str]) -> Option<&'static str> {
    let folded = fold(word);
    let said = ALSO_SAID.iter().find(|(other, _)| *other == folded).map(|(_, key)| *key);
    let said = said.and_then(|key| allowed.iter().find(|a| **a == key));
    let close = || {
        let scored = allowed.iter().map(|key| (distance(&folded, &fold(key)), key));
        let near = scored.filter(|(_, key)| near(&folded, &fold(key)));
        near.min_by_key(|(d, _)| *d).map(|(_, key)| key)
    };
    said.or_else(close).copied()
}

/// The table that this key belongs to, when it stands in another.
pub(super) fn home_of(key: &str) -> Option<&'static str> {
    let mut tables = TABLES.iter().filter(|(_, keys)| keys.contains(&key));
    tables.next().map(|(table, _)| *table)
}

/// Whether a key names something that must never stand in this file.
pub(super) fn names_a_secret(key: &str) -> bool {
    const PARTS: &[&str] = &[
        "password",
        "passwd",
        "passphrase",
        "passcode",
        "pwd",
        "secret",
        "token",
        "apikey",
        "privatekey",
        "密码",
        "口令",
        "密钥",
        "mima",
    ];
    const WHOLE: &[&str] = &["pass", "pw", "psw", "cred", "creds", "credentials"];
    let folded = fold(key);
    PARTS.iter().any(|part| folded.contains(part))
        || WHOLE.contains(&folded.as_str())
        || folded.ends_with("pass")
}

/// Lower case, without what separates words.
fn fold(word: &str) -> String {
    let kept = word.chars().filter(|c| !matches!(c, '_' | '-' | ' ' | '.'));
    kept.flat_map(char::to_lowercase).collect()
}

fn near(a: &str, b: &str) -> bool {
    let allowed = match b.chars().count() {
        0..=2 => 0,
        3..=4 => 1,
        _ => 2,
    };
    distance(a, b) <= allowed
}

/// How many characters must be put in, taken out, replaced or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let b: Vec<char> = b.chars().take(64).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, cb) in b.iter().enumerate() {
            let at = |row: &Vec<usize>, j: usize| row.get(j).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, j) + usize::from(ca != cb)).min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(cb) && b.get(j - 1) == Some(ca);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_understood() {
        assert_eq!(meant("hots", ENVIRONMENT), Some("host"));
        assert_eq!(meant("indentity_file", ENVIRONMENT), Some("identity_file"));
        assert_eq!(meant("read-only", ENVIRONMENT), Some("read_only"));
        assert_eq!(meant("ip", ENVIRONMENT), Some("host"));
        assert_eq!(meant("enviroment", TOP), Some("environment"));
        assert_eq!(meant("colour", ENVIRONMENT), None);
        assert_eq!(home_of("mount_point"), Some("[paths]"));
    }

    #[test]
    fn a_key_that_names_a_secret_is_known_in_every_spelling() {
        for key in [
            "password",
            "Passwd",
            "smb_password",
            "PASS",
            "smb-pass",
            "share_pwd",
            "密码",
            "共享密码",
            "api_key",
            "credentials",
            "secret",
        ] {
            assert!(names_a_secret(key), "{key}");
        }
        for key in TOP.iter().chain(SHARE).chain(PATHS).chain(ENVIRONMENT).filter(|k| **k != "secret") {
            assert!(!names_a_secret(key), "{key}");
        }
    }
}
