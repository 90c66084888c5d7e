//! Keys that nobody knows: what was meant, and whether a secret stands behind one.
use super::keys;
use super::reader::{Fault, Reader};
use crate::core::safetext::SafeText;
use crate::text;
use toml::Spanned;
use toml::de::{DeString, DeValue};

/// Refuses a key that is not among the allowed ones.
pub(super) fn key(
    reader: &mut Reader,
    key: &Spanned<DeString>,
    value: &Spanned<DeValue>,
    allowed: &'static [&'static str],
) {
    let word = key.get_ref().as_ref();
    // what stands in `secret = { … }` under a name of its own is the secret itself
    let in_secret = allowed == keys::SECRET && keys::meant(word, allowed).is_none();
    if in_secret || keys::names_a_secret(word) {
        reader.refuse(&key.span(), secret_in_plain());
        return;
    }
    // a key can be as long as the file
    let name: String = SafeText::new(word).as_str().chars().take(40).collect();
    let hint = match (keys::meant(word, allowed), keys::home_of(word)) {
        (_, Some(table)) => text!("它属于 {table}，移到那里", "it belongs to {table}, move it there"),
        (Some(meant), _) => text!("是不是想写 {meant}？", "did you mean {meant}?"),
        (None, None) => {
            let list = allowed.join(" ");
            text!("这里可以写：{list}", "known here: {list}")
        }
    };
    reader.refuse(&key.span(), (text!("不认识的键 {name}", "unknown key {name}"), hint));
    hidden_secrets(reader, value);
}

/// Secrets in a table that nobody knows are still secrets.
fn hidden_secrets(reader: &mut Reader, value: &Spanned<DeValue>) {
    match value.get_ref() {
        DeValue::Table(table) => {
            for (key, inner) in table.iter() {
                if keys::names_a_secret(key.get_ref()) && !matches!(inner.get_ref(), DeValue::Table(_)) {
                    reader.refuse(&key.span(), secret_in_plain());
                } else {
                    hidden_secrets(reader, inner);
                }
            }
        }
        DeValue::Array(items) => items.iter().for_each(|item| hidden_secrets(reader, item)),
        _ => {}
    }
}

/// The refusal of a secret that stands in the file.
pub(super) fn secret_in_plain() -> Fault {
    (
        text!("密码绝不能写在这个文件里", "a password must never stand in this file"),
        text!(
            "删掉这一行，换掉这个密码（它已经泄露在文件里），再在 [share] 写 secret = {{ prompt = true }} 或 {{ file = \"~/.config/opsdeck/share.secret\" }}（权限 0600）",
            "delete this line, change the password (it has been in a file), then say in [share] secret = {{ prompt = true }} or {{ file = \"~/.config/opsdeck/share.secret\" }} (mode 0600)"
        ),
    )
}
