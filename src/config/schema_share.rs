//! `[share]` and where its secret comes from.
use super::check;
use super::keys;
use super::model::{SecretSource, Share};
use super::reader::{At, Reader};
use super::rules;
use super::rules_share;
use super::schema::{local_path, over};
use super::section::Section;
use super::unknown::secret_in_plain;
use crate::text;
use toml::de::DeValue;

/// `[share]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct ShareLayer {
    host: Option<At<String>>,
    name: Option<At<String>>,
    aliases: Option<At<Vec<String>>>,
    port: Option<At<u64>>,
    domain: Option<At<String>>,
    user: Option<At<String>>,
    options: Option<At<String>>,
    persist: Option<At<bool>>,
    windows_path: Option<At<String>>,
    secret: Option<SecretSource>,
    /// Where the table stands, if it is there.
    span: Option<std::ops::Range<usize>>,
    /// Keys that are there with a value that was refused: not missing, only wrong.
    refused: bool,
}

impl ShareLayer {
    /// Nothing was written, or (`true`) something that is no table.
    pub(super) fn refused(refused: bool) -> ShareLayer {
        ShareLayer { refused, ..ShareLayer::default() }
    }
}

/// Reads the table.
pub(super) fn read(reader: &mut Reader, s: &Section) -> ShareLayer {
    let mut layer = ShareLayer {
        host: s.text(reader, "host", rules::host),
        name: s.text(reader, "name", rules_share::name),
        aliases: s.texts(reader, "aliases", rules::host),
        port: s.number(reader, "port", 1..65536),
        domain: s.text(reader, "domain", rules_share::account),
        user: s.text(reader, "user", rules_share::account),
        options: s.text(reader, "options", rules_share::mount_options),
        persist: s.truth(reader, "persist"),
        windows_path: s.text(reader, "windows_path", rules_share::windows_path),
        secret: secret(reader, s),
        span: Some(s.span.clone()),
        refused: false,
    };
    layer.refused = s.misspells("host")
        || s.misspells("name")
        || s.has("host") && layer.host.is_none()
        || s.has("name") && layer.name.is_none();
    layer
}

fn secret(reader: &mut Reader, share: &Section) -> Option<SecretSource> {
    let (value, span) = share.raw("secret")?;
    let shape = text!(
        "写其中一种：{{ prompt = true }}、{{ file = \"…\" }}、{{ env = \"NAME\" }}、{{ command = [\"pass\", \"show\", \"x\"] }}",
        "write one of {{ prompt = true }}, {{ file = \"…\" }}, {{ env = \"NAME\" }}, {{ command = [\"pass\", \"show\", \"x\"] }}"
    );
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        reader.refuse(&span, secret_in_plain());
        return None;
    }
    let section = share.section(reader, "secret", keys::SECRET)?;
    if section.has_unknown() {
        return None;
    }
    let written = keys::SECRET.iter().filter(|key| section.has(key)).count();
    if written != 1 {
        reader.refuse(
            &span,
            (text!("密码来源要正好一种", "there must be exactly one source of the secret"), shape),
        );
        return None;
    }
    if let Some(path) = local_path(reader, &section, "file") {
        return Some(SecretSource::File(path));
    }
    if let Some(name) = section.text(reader, "env", rules_share::variable) {
        return Some(SecretSource::Env(name.value));
    }
    if let Some(argv) = section.texts(reader, "command", rules_share::printable) {
        if !argv.value.is_empty() {
            return Some(SecretSource::Command(argv.value));
        }
        reader.refuse(&argv.span, (text!("命令是空的", "the command is empty"), shape));
        return None;
    }
    let prompt = section.truth(reader, "prompt")?;
    if !prompt.value {
        reader.refuse(&prompt.span, (text!("prompt 只能是 true", "prompt can only be true"), shape));
        return None;
    }
    Some(SecretSource::Prompt)
}

/// The share of an environment: its own values, else those for all.
pub(super) fn merge(
    reader: &mut Reader,
    s: &Section,
    own: &ShareLayer,
    global: &ShareLayer,
) -> Option<Share> {
    let host = over(&own.host, &global.host);
    let name = over(&own.name, &global.name);
    if (host.is_none() || name.is_none()) && !own.refused && !global.refused {
        reader.refuse(
            &s.span,
            (
                text!("没有写共享的 host 或 name", "the share has no host or no name"),
                text!(
                    "在 [share] 写 host = \"Windows 的地址\" 和 name = \"共享名\"",
                    "write host = \"address of the Windows machine\" and name = \"name of the share\" in [share]"
                ),
            ),
        );
    }
    check::share_is_usable(
        reader,
        own.span.as_ref().or(global.span.as_ref()).unwrap_or(&s.span),
        over(&own.user, &global.user).is_some(),
        own.secret.is_some() || global.secret.is_some(),
        over(&own.options, &global.options).as_ref(),
    );
    let value = |found: Option<At<String>>| found.map(|v| v.value);
    Some(Share {
        host: host?.value,
        name: name?.value,
        aliases: over(&own.aliases, &global.aliases).map(|a| a.value).unwrap_or_default(),
        port: over(&own.port, &global.port).and_then(|p| u16::try_from(p.value).ok()).unwrap_or(445),
        domain: value(over(&own.domain, &global.domain)),
        user: value(over(&own.user, &global.user)),
        options: value(over(&own.options, &global.options))
            .unwrap_or_else(|| Share::DEFAULT_OPTIONS.to_owned()),
        persist: over(&own.persist, &global.persist).is_none_or(|p| p.value),
        windows_path: value(over(&own.windows_path, &global.windows_path)),
        secret: own.secret.clone().or_else(|| global.secret.clone()),
    })
}
