//! Which names stand for a secret, and how a secret may be spelt.
use secrecy::SecretString;
use std::fmt::Write;

/// Words of which one makes a name that of a secret.
const WORDS: &[&str] = &[
    "pass",
    "pw",
    "pwd",
    "secret",
    "token",
    "cred",
    "creds",
    "credential",
    "credentials",
    "cookie",
    "signature",
    "sig",
    "sessid",
    "sessionid",
    "authorization",
];
/// Parts of a name, without its separators, that make it one of a secret.
const PARTS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "authkey",
    "encryptionkey",
    "signingkey",
    "accesstoken",
    "refreshtoken",
    "authtoken",
    "sessionid",
    "sessionkey",
    "clientsecret",
    "密码",
    "口令",
    "密钥",
    "令牌",
];
/// Last words of names that only speak about a secret: where it is, how long, of what kind.
const ABOUT: &[&str] = &[
    "file", "files", "path", "folder", "dir", "env", "command", "count", "len", "length", "size", "type",
    "kind", "policy", "name", "source", "expires", "expiry", "ttl", "age", "used", "limit", "valid",
    "required", "prompt", "method", "url", "version", "level", "mode", "status", "state", "bytes", "owner",
    "changed", "time", "at", "db", "json", "toml", "txt", "log", "conf",
];

/// Whether what stands under this name is a secret: `password`, `MYSQL_ROOT_PASSWORD`, `apiKey`, `smbpass`; not
/// `password_file`, `max_tokens`, `bypass`.
pub(super) fn is_secret(name: &str) -> bool {
    let words = words(name);
    if about(&words) {
        return false;
    }
    let joined: String = words.concat();
    PARTS.iter().any(|part| joined.contains(part))
        || words.iter().any(|w| WORDS.contains(&w.as_str()) || ends_in_pass(w))
}

/// Whether a name only says something about what it belongs to: `mode`, `bytes`.
pub(super) fn is_about(name: &str) -> bool {
    about(&words(name))
}

fn about(words: &[String]) -> bool {
    words.last().is_some_and(|last| ABOUT.contains(&last.as_str()))
}

fn ends_in_pass(word: &str) -> bool {
    word.ends_with("pass") && !matches!(word, "bypass" | "compass" | "trespass" | "surpass" | "underpass")
}

/// The words of a name, in small letters: `apiKey` and `API_KEY` are `api`, `key`.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        let starts = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if !c.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(last) = words.last_mut()
        {
            last.extend(c.to_lowercase());
        }
        before = c;
    }
    words.retain(|w| !w.is_empty());
    words
}

/// The ways in which a secret may be written: as it is, in JSON, in a URL, and with the commas doubled as mount.cifs has it.
/// Nothing for what would be no secret: stars alone are what secrets become.
pub(super) fn spellings(secret: &str) -> Vec<SecretString> {
    if secret.trim().is_empty() || super::masked(secret) {
        return Vec::new();
    }
    let quoted = serde_json::to_string(secret).unwrap_or_default();
    let json = quoted.strip_prefix('"').and_then(|q| q.strip_suffix('"')).unwrap_or(secret);
    let mut all = vec![
        secret.to_owned(),
        json.to_owned(),
        json.replace('\\', "\\\\"),
        percent(secret),
        secret.replace(',', ",,"),
        secret.replace('\'', "'\\''"),
    ];
    all.sort();
    all.dedup();
    all.into_iter().map(SecretString::from).collect()
}

/// RFC 3986: all but letters, digits and `-._~` as `%XX`.
fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // writing into a String cannot fail
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_about_them() {
        for name in [
            "password",
            "Password",
            "MYSQL_ROOT_PASSWORD",
            "smbpass",
            "db.passwd",
            "apiKey",
            "X-Api-Key",
            "accessToken",
            "--token",
            "secret",
            "sshPassphrase",
            "pw",
            "SMB_PWD",
            "共享密码",
            "Authorization",
            "session_id",
            "AWS_SECRET_ACCESS_KEY",
        ] {
            assert!(is_secret(name), "{name}");
        }
        for name in [
            "credentials_file",
            "password_file",
            "max_tokens",
            "token_count",
            "tokens",
            "bypass",
            "passed",
            "key",
            "machine_id",
            "pack",
            "compass",
            "author",
            "signal",
            "passive",
            "auth.db",
            "RagflowAuth",
            "credentials.mode",
            "",
        ] {
            assert!(!is_secret(name), "{name}");
        }
    }
}
