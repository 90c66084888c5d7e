//! Hides what may be a secret in a line that is about to be shown.
//!
//! It looks at the characters of the line only, because lines are shown most often when the file could not be
//! understood. The rule is the other way round than usual: a value is shown when its key is known to be
//! harmless, and hidden in every other case.
use super::keys;

/// Stands for what is hidden. Always of this length, so that it says nothing about the length of the secret.
pub(super) const MASK: &str = "******";

/// The start of a line that may be shown, and whether something was left out after it.
pub(super) struct Masked<'l> {
    pub(super) kept: &'l str,
    pub(super) hidden: bool,
}

/// What of a line may be shown.
pub(super) fn mask(line: &str) -> Masked<'_> {
    let end = harmless(line);
    let kept = line.get(..end).unwrap_or_default();
    let rest = line.get(end..).unwrap_or_default();
    let hidden = !rest.trim().is_empty();
    Masked { kept: if hidden { kept } else { line }, hidden }
}

/// Bytes from the start of the line that are harmless.
fn harmless(line: &str) -> usize {
    let indent = line.len() - line.trim_start().len();
    let body = line.trim_start();
    if let Some(header) = header(body) {
        return indent + header;
    }
    let key = key_of(body);
    let key_len = key.len();
    let after = body.get(key_len..).unwrap_or_default();
    let space = after.len() - after.trim_start().len();
    let value_at = indent + key_len + space + 1;
    match after.trim_start().strip_prefix('=') {
        Some(value) if keys::shows_its_value(last_word(key)) && !key.split('.').any(keys::names_a_secret) => {
            value_at + harmless_value(value)
        }
        // a key that nobody knows may be shown, its value not
        Some(value) if !key.is_empty() => {
            let lead = value.len() - value.trim_start().len();
            if last_word(key) == "options" && harmless_options(value) { line.len() } else { value_at + lead }
        }
        _ if keys::nearly_known(key) => indent + key_len + space,
        _ => indent,
    }
}

/// The word at the start of a line, where its key stands.
pub(super) fn key_of(line: &str) -> &str {
    let body = line.trim_start();
    let end = body.find(|c: char| !is_key_char(c)).unwrap_or(body.len());
    body.get(..end).unwrap_or_default()
}

/// The length of a table header. Its words are known, or nearly, or it is the whole line.
fn header(body: &str) -> Option<usize> {
    let inner = body.trim_start_matches('[');
    let opened = body.len() - inner.len();
    if !(1..=2).contains(&opened) {
        return None;
    }
    let name_len = inner.find(|c: char| !is_key_char(c)).unwrap_or(inner.len());
    let name = inner.get(..name_len)?;
    let closing = inner.get(name_len..)?;
    let closed = closing.len() - closing.trim_start_matches(']').len();
    let alone = closed == opened && closing.trim().len() == closed;
    if name.is_empty() || !alone && !name.split('.').all(keys::nearly_known) {
        return None;
    }
    Some(opened + name_len + closed)
}

/// Bytes of the text after `=` that are harmless, when the key before it is.
fn harmless_value(value: &str) -> usize {
    let mut quote: Option<(char, usize)> = None;
    let mut word = 0..0;
    let mut escaped = false;
    for (at, c) in value.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match (quote, c) {
            (Some(('"', _)), '\\') => escaped = true,
            (Some((open, from)), c) if c == open => {
                if !harmless_text(value.get(from..at).unwrap_or_default()) {
                    return from;
                }
                quote = None;
            }
            (Some(_), _) => {}
            (None, '"' | '\'') => {
                // """ opens a text of several lines, and what it is for stands on another line
                if value.get(at..).is_some_and(|v| v.starts_with("\"\"\"") || v.starts_with("'''")) {
                    return at;
                }
                quote = Some((c, at + c.len_utf8()));
            }
            (None, '#') => {
                return if harmless_text(value.get(at..).unwrap_or_default()) { value.len() } else { at };
            }
            // a second `key = …` on the line: a line break was forgotten, or a table stands in one line
            (None, '=') => {
                let key = value.get(word.clone()).unwrap_or_default();
                if !keys::shows_its_value(last_word(key)) {
                    return at + 1;
                }
            }
            (None, c) if is_key_char(c) => {
                if word.end != at {
                    word = at..at;
                }
                word.end = at + c.len_utf8();
            }
            (None, ' ') if word.end == at => word.end = at,
            (None, c) if !c.is_ascii() => return at,
            (None, _) => {}
        }
    }
    match quote {
        Some((_, from)) => from,
        None if harmless_text(value) => value.len(),
        None => 0,
    }
}

/// Whether a text holds neither a word for a secret nor the `name:secret@` of an address.
fn harmless_text(text: &str) -> bool {
    let lower = text.to_lowercase();
    // `user:secret@host`, and `user%secret` as old versions of mount.cifs took it
    let userinfo = text.contains('%') || text.split_once('@').is_some_and(|(before, _)| before.contains(':'));
    let words = ["pass", "pwd", "secret", "token", "密码", "口令", "密钥", "credential", "mima"];
    // the one harmless key with such a word in its usual value
    let lower = lower.replace("smbcredentials", "").replace("smbcreds", "");
    !userinfo && !words.iter().any(|word| lower.contains(word))
}

/// Whether the mount options of a line hold only words that are no account.
fn harmless_options(value: &str) -> bool {
    let text = value.trim().trim_matches('"').trim_matches('\'');
    let plain =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '=' | ',' | '.' | '-' | ' ' | ':' | '/');
    let harmless = |option: &str| {
        let name = option.split('=').next().unwrap_or_default().trim();
        !matches!(name, "user" | "username" | "cred" | "dom" | "domain") && !keys::names_a_secret(name)
    };
    text.chars().all(plain) && text.split(',').all(harmless) && harmless_text(text)
}

fn is_key_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.') || (!c.is_ascii() && c.is_alphanumeric())
}

fn last_word(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> String {
        let masked = mask(line);
        format!("{}{}", masked.kept, if masked.hidden { MASK } else { "" })
    }

    #[test]
    fn harmless_lines_are_shown_as_they_are() {
        for line in [
            "",
            "  ",
            "[share]",
            "[[enviroment]]",
            "[environment.share]",
            "host = \"172.30.30.57\"",
            "name = \"正式\" # 生产用",
            "port = 70000",
            "aliases = [\"a\", 'b']",
            "credentials_file = \"/root/.smbcredentials\"",
            "options = \"soft,iocharset=utf8,uid=0\"",
            "windows_path = 'D:\\datas'",
        ] {
            assert_eq!(shown(line), line);
        }
    }

    #[test]
    fn what_may_be_a_secret_is_hidden() {
        for (line, expected) in [
            ("password = \"hunter2\"", "password = ******"),
            ("  smb_password='hunter2'", "  smb_password=******"),
            ("密码 = \"hunter2\"", "密码 = ******"),
            ("secret = \"hunter2\"", "secret = ******"),
            ("secret = { file = \"hunter2\" }", "secret = ******"),
            ("secret.command = [\"hunter2\"]", "secret.command = ******"),
            ("hots = \"hunter2\"", "hots = ******"),
            ("\"hunter2\"", "******"),
            ("hunter2", "******"),
            ("  hunter2\"\"\"", "  ******"),
            ("# password hunter2", "******"),
            ("password hunter2", "******"),
            ("password: hunter2", "******"),
            ("host \"hunter2\"", "host ******"),
            ("host = \"hunter2", "host = \"******"),
            ("host = \"\"\"hunter2", "host = ******"),
            ("host = \"a\" password = \"hunter2\"", "host = \"a\" password =******"),
            ("host = \"root:hunter2@a\"", "host = \"******"),
            ("name = \"x\" # 密码 hunter2", "name = \"x\" ******"),
            ("options = \"soft,password=hunter2\"", "options = ******"),
            ("options = \"soft,username=u%hunter2\"", "options = ******"),
            ("[hunter2,", "******"),
            ("[\"pass\", \"hunter2\"]", "******"),
            ("share = { host = \"a\", password = \"hunter2\" }", "share = { host = \"a\", password =******"),
        ] {
            assert_eq!(shown(line), expected, "{line}");
        }
    }
}
