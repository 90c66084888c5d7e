//! From tables to the [`Config`]: every key of the file is read here, once.
use super::check;
use super::keys;
use super::model::*;
use super::reader::{At, Fault, Reader, Section, secret_in_plain, wrong_type};
use super::rules;
use crate::i18n::Text;
use crate::text;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The version of the format that this program reads.
const SCHEMA: u64 = 1;

/// Tables that stand once for all environments and may be overridden field by field in each.
#[derive(Default)]
pub(super) struct Layer {
    pub(super) share: ShareLayer,
    pub(super) paths: PathsLayer,
    pub(super) containers: ContainersLayer,
    pub(super) thresholds: ThresholdsLayer,
}

/// `[share]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct ShareLayer {
    pub(super) host: Option<At<String>>,
    pub(super) name: Option<At<String>>,
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
    pub(super) refused: bool,
}

/// `[paths]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct PathsLayer {
    pub(super) mount_point: Option<At<String>>,
    pub(super) pack_folder: Option<At<String>>,
    credentials_file: Option<At<String>>,
    app_folder: Option<At<String>>,
    database: Option<At<String>>,
    compose_file: Option<At<String>>,
    legacy_pack_folders: Option<At<Vec<String>>>,
}

/// `[containers]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct ContainersLayer([Option<At<String>>; 5]);

/// `[thresholds]` as far as it was written.
#[derive(Clone, Default)]
pub(super) struct ThresholdsLayer([Option<At<u64>>; 10]);

/// Reads the whole tree. What is wrong is gathered in the reader; nothing comes back when it cannot be used.
pub(super) fn read(reader: &mut Reader, tree: &Spanned<DeTable>, path: &Path) -> Option<Config> {
    let top_span = 0..0;
    // another version has other keys: saying which of them are unknown would only confuse
    if !is_our_schema(reader, tree.get_ref()) {
        return None;
    }
    let top = Section::open(reader, tree.get_ref(), top_span.clone(), keys::TOP);
    let ssh = ssh(reader, &top);
    let global = layer(reader, &top);
    let mut environments = Vec::new();
    let mut checked = check::Environments::default();
    let sections = top.sections(reader, "environment", keys::ENVIRONMENT);
    let said_why = reader
        .problems
        .iter()
        .any(|p| p.hint.en.contains("[[environment]]"));
    if sections.is_empty() && !said_why {
        reader.refuse(
            &top_span,
            (
                text!("一台服务器也没有", "there is no server in it"),
                text!(
                    "加一段 [[environment]]，写 key、name、role、host",
                    "add an [[environment]] with key, name, role and host"
                ),
            ),
        );
    }
    for section in &sections {
        let environment = environment(reader, section, &global, &mut checked);
        environments.extend(environment);
    }
    Some(Config {
        source: path.to_owned(),
        ssh: ssh?,
        environments,
    })
}

fn is_our_schema(reader: &mut Reader, table: &DeTable) -> bool {
    let Some((key, value)) = table.get_key_value("schema") else {
        reader.refuse(
            &(0..0),
            (
                text!("缺少 schema", "schema is missing"),
                text!(
                    "在文件开头写 schema = 1",
                    "write schema = 1 at the top of the file"
                ),
            ),
        );
        return true;
    };
    let Some(integer) = value.get_ref().as_integer() else {
        wrong_type(reader, value, text!("schema = 1", "schema = 1"));
        return true;
    };
    if integer.as_str() == SCHEMA.to_string() {
        return true;
    }
    reader.refuse(
        &key.span(),
        (
            text!("这个文件的格式版本不是 1", "the format of this file is not version 1"),
            text!("用与它配套的 opsdeck，或按自带的 environments.toml 重写，schema = 1", "use the opsdeck that it belongs to, or write it again after the environments.toml that comes with this one, schema = 1"),
        ),
    );
    false
}

fn ssh(reader: &mut Reader, top: &Section) -> Option<SshSettings> {
    let mut settings = SshSettings {
        known_hosts: None,
        config_file: None,
        connect_timeout_s: 10,
        keepalive_s: 5,
    };
    if let Some(section) = top.section(reader, "ssh", keys::SSH) {
        settings.known_hosts = local_path(reader, &section, "known_hosts");
        settings.config_file = local_path(reader, &section, "config_file");
        let timeout = section.number(reader, "connect_timeout_s", 1..301);
        settings.connect_timeout_s = timeout.map_or(settings.connect_timeout_s, |n| n.value);
        let keepalive = section.number(reader, "keepalive_s", 1..301);
        settings.keepalive_s = keepalive.map_or(settings.keepalive_s, |n| n.value);
    }
    Some(settings)
}

/// A path on the workstation.
fn local_path(reader: &mut Reader, section: &Section, key: &'static str) -> Option<PathBuf> {
    let folders = reader.folders;
    let found = section.text(reader, key, |text| folders.expand(text).map(drop))?;
    folders.expand(&found.value).ok()
}

fn layer(reader: &mut Reader, holder: &Section) -> Layer {
    let share = holder.section(reader, "share", keys::SHARE);
    let paths = holder.section(reader, "paths", keys::PATHS);
    let containers = holder.section(reader, "containers", keys::CONTAINERS);
    let thresholds = holder.section(reader, "thresholds", keys::THRESHOLDS);
    Layer {
        share: share.map(|s| share_layer(reader, &s)).unwrap_or_default(),
        paths: paths.map(|s| paths_layer(reader, &s)).unwrap_or_default(),
        containers: containers
            .map(|s| containers_layer(reader, &s))
            .unwrap_or_default(),
        thresholds: thresholds
            .map(|s| thresholds_layer(reader, &s))
            .unwrap_or_default(),
    }
}

fn share_layer(reader: &mut Reader, s: &Section) -> ShareLayer {
    let mut layer = ShareLayer {
        host: s.text(reader, "host", rules::host),
        name: s.text(reader, "name", rules::share_name),
        aliases: s.texts(reader, "aliases", rules::host),
        port: s.number(reader, "port", 1..65536),
        domain: s.text(reader, "domain", rules::share_account),
        user: s.text(reader, "user", rules::share_account),
        options: s.text(reader, "options", rules::mount_options),
        persist: s.truth(reader, "persist"),
        windows_path: s.text(reader, "windows_path", rules::printable),
        secret: secret(reader, s),
        span: Some(s.span.clone()),
        refused: false,
    };
    layer.refused = s.has("host") && layer.host.is_none() || s.has("name") && layer.name.is_none();
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
    let written = keys::SECRET.iter().filter(|key| section.has(key)).count();
    if written != 1 {
        reader.refuse(
            &span,
            (
                text!(
                    "密码来源要正好一种",
                    "there must be exactly one source of the secret"
                ),
                shape,
            ),
        );
        return None;
    }
    if let Some(path) = local_path(reader, &section, "file") {
        return Some(SecretSource::File(path));
    }
    if let Some(name) = section.text(reader, "env", rules::variable) {
        return Some(SecretSource::Env(name.value));
    }
    if let Some(argv) = section.texts(reader, "command", rules::printable) {
        if !argv.value.is_empty() {
            return Some(SecretSource::Command(argv.value));
        }
        reader.refuse(&argv.span, (text!("命令是空的", "the command is empty"), shape));
        return None;
    }
    let prompt = section.truth(reader, "prompt")?;
    if !prompt.value {
        reader.refuse(
            &prompt.span,
            (text!("prompt 只能是 true", "prompt can only be true"), shape),
        );
        return None;
    }
    Some(SecretSource::Prompt)
}

fn paths_layer(reader: &mut Reader, s: &Section) -> PathsLayer {
    let rule = rules::server_path;
    PathsLayer {
        mount_point: s.text(reader, "mount_point", rule),
        pack_folder: s.text(reader, "pack_folder", rule),
        credentials_file: s.text(reader, "credentials_file", rule),
        app_folder: s.text(reader, "app_folder", rule),
        database: s.text(reader, "database", rule),
        compose_file: s.text(reader, "compose_file", rule),
        legacy_pack_folders: s.texts(reader, "legacy_pack_folders", rule),
    }
}

fn containers_layer(reader: &mut Reader, s: &Section) -> ContainersLayer {
    ContainersLayer([
        s.text(reader, "backend", rules::container),
        s.text(reader, "frontend", rules::container),
        s.text(reader, "compose_project", rules::container),
        s.text(reader, "health_url", rules::url),
        s.text(reader, "database_inside", rules::server_path),
    ])
}

fn thresholds_layer(reader: &mut Reader, s: &Section) -> ThresholdsLayer {
    ThresholdsLayer([
        s.number(reader, "start_grace_min", 0..1441),
        s.number(reader, "finish_grace_min", 1..10081),
        s.number(reader, "stuck_after_min", 1..1441),
        s.number(reader, "disk_warn_percent", 1..101),
        s.number(reader, "disk_fail_percent", 1..101),
        s.number(reader, "room_percent", 10..1001),
        s.number(reader, "shrink_percent", 0..101),
        s.number(reader, "clock_skew_s", 1..86401),
        s.number(reader, "lock_ttl_h", 1..721),
        s.number(reader, "share_answer_s", 1..61),
    ])
}

fn environment(
    reader: &mut Reader,
    s: &Section,
    global: &Layer,
    checked: &mut check::Environments,
) -> Option<Environment> {
    let key = required(
        reader,
        s,
        "key",
        rules::key,
        text!("key = \"prod\"", "key = \"prod\""),
    );
    let name = s.text(reader, "name", rules::label);
    let role = required(
        reader,
        s,
        "role",
        rules::role,
        text!("role = \"prod\" 或 \"test\"", "role = \"prod\" or \"test\""),
    );
    let host = required(
        reader,
        s,
        "host",
        rules::host,
        text!("host = \"172.30.30.57\"", "host = \"172.30.30.57\""),
    );
    let port = s.number(reader, "port", 1..65536).and_then(|n| {
        Some(At {
            value: u16::try_from(n.value).ok()?,
            span: n.span,
        })
    });
    let user = s.text(reader, "user", rules::user);
    let identity_file = local_path(reader, s, "identity_file");
    let jump = s.text(reader, "jump", rules::jump);
    let host_key = s.text(reader, "host_key", rules::host_key);
    let read_only = s.truth(reader, "read_only");
    let own = layer(reader, s);

    checked.unique(reader, key.as_ref(), host.as_ref(), port.as_ref());
    check::role_fits(reader, key.as_ref(), name.as_ref(), role.as_ref());
    let share = share(reader, s, &own.share, &global.share);
    let paths = paths(reader, s, &own.paths, &global.paths);
    let containers = containers(&own.containers, &global.containers);
    let thresholds = thresholds(reader, s, &own.thresholds, &global.thresholds);
    let key = key?;
    Some(Environment {
        name: name.map_or_else(|| key.value.clone(), |n| n.value),
        key: EnvKey(key.value),
        role: match role?.value.as_str() {
            "prod" => Role::Prod,
            "test" => Role::Test,
            other => Role::Other(other.to_owned()),
        },
        host: host?.value,
        port: port.map(|p| p.value),
        user: user.map(|u| u.value),
        identity_file,
        jump: jump.map(|j| j.value),
        host_key: host_key.map(|k| k.value),
        read_only: read_only.is_some_and(|r| r.value),
        share: share?,
        paths,
        containers,
        thresholds,
    })
}

fn required(
    reader: &mut Reader,
    s: &Section,
    key: &'static str,
    rule: impl Fn(&str) -> Result<(), Fault>,
    example: Text,
) -> Option<At<String>> {
    if !s.has(key) {
        reader.refuse(&s.span, missing(key, example));
        return None;
    }
    s.text(reader, key, rule)
}

fn missing(key: &str, example: Text) -> Fault {
    (
        text!("缺少 {key}", "{key} is missing"),
        Text {
            zh: format!("加一行 {}", example.zh),
            en: format!("add {}", example.en),
        },
    )
}

fn over<T: Clone>(own: &Option<At<T>>, global: &Option<At<T>>) -> Option<At<T>> {
    own.as_ref().or(global.as_ref()).cloned()
}

fn share(reader: &mut Reader, s: &Section, own: &ShareLayer, global: &ShareLayer) -> Option<Share> {
    let host = over(&own.host, &global.host);
    let name = over(&own.name, &global.name);
    if !own.refused && !global.refused {
        for (key, found) in [("share.host", &host), ("share.name", &name)] {
            if found.is_none() {
                reader.refuse(
                    &s.span,
                    missing(
                        key,
                        text!(
                            "到 [share]：host = \"…\"、name = \"backup\"",
                            "it to [share]: host = \"…\", name = \"backup\""
                        ),
                    ),
                );
            }
        }
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
        aliases: over(&own.aliases, &global.aliases)
            .map(|a| a.value)
            .unwrap_or_default(),
        port: over(&own.port, &global.port)
            .and_then(|p| u16::try_from(p.value).ok())
            .unwrap_or(445),
        domain: value(over(&own.domain, &global.domain)),
        user: value(over(&own.user, &global.user)),
        options: value(over(&own.options, &global.options))
            .unwrap_or_else(|| Share::DEFAULT_OPTIONS.to_owned()),
        persist: over(&own.persist, &global.persist).is_none_or(|p| p.value),
        windows_path: value(over(&own.windows_path, &global.windows_path)),
        secret: own.secret.clone().or_else(|| global.secret.clone()),
    })
}

/// Absent paths follow the folder that they lie in.
fn paths(reader: &mut Reader, s: &Section, own: &PathsLayer, global: &PathsLayer) -> Paths {
    let base = Paths::default();
    let mount = over(&own.mount_point, &global.mount_point);
    let pack = over(&own.pack_folder, &global.pack_folder);
    check::pack_inside_mount(reader, &s.span, mount.as_ref(), pack.as_ref());
    let value = |found: Option<At<String>>| found.map(|v| v.value);
    let app = value(over(&own.app_folder, &global.app_folder)).unwrap_or(base.app_folder);
    let mount = value(mount).unwrap_or(base.mount_point);
    Paths {
        pack_folder: value(pack).unwrap_or_else(|| format!("{mount}/RagflowAuth")),
        credentials_file: value(over(&own.credentials_file, &global.credentials_file))
            .unwrap_or(base.credentials_file),
        database: value(over(&own.database, &global.database))
            .unwrap_or_else(|| format!("{app}/data/auth.db")),
        compose_file: value(over(&own.compose_file, &global.compose_file))
            .unwrap_or_else(|| format!("{app}/ragflow_compose/docker-compose.yml")),
        legacy_pack_folders: over(&own.legacy_pack_folders, &global.legacy_pack_folders).map_or_else(
            || vec![format!("{app}/backups"), format!("{app}/data/backups")],
            |l| l.value,
        ),
        app_folder: app,
        mount_point: mount,
    }
}

fn containers(own: &ContainersLayer, global: &ContainersLayer) -> Containers {
    let base = Containers::default();
    let ContainersLayer(mine) = own;
    let ContainersLayer(all) = global;
    let mut found = mine.iter().zip(all).map(|(o, g)| over(o, g).map(|v| v.value));
    let mut next = |default: String| found.next().flatten().unwrap_or(default);
    Containers {
        backend: next(base.backend),
        frontend: next(base.frontend),
        compose_project: next(base.compose_project),
        health_url: next(base.health_url),
        database_inside: next(base.database_inside),
    }
}

fn thresholds(
    reader: &mut Reader,
    s: &Section,
    own: &ThresholdsLayer,
    global: &ThresholdsLayer,
) -> Thresholds {
    let base = Thresholds::default();
    let ThresholdsLayer(mine) = own;
    let ThresholdsLayer(all) = global;
    // where a later check puts its finger: the last of the environment's own values, else the environment
    let span = mine
        .iter()
        .flatten()
        .next_back()
        .or(all.iter().flatten().next_back())
        .map_or(s.span.clone(), |v| v.span.clone());
    let mut found = mine.iter().zip(all).map(|(o, g)| over(o, g).map(|v| v.value));
    // the ranges above keep every number within its type
    let mut next = |default: u32| {
        found
            .next()
            .flatten()
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(default)
    };
    let percent = |n: u32| u8::try_from(n).unwrap_or(100);
    let result = Thresholds {
        start_grace_min: next(base.start_grace_min),
        finish_grace_min: next(base.finish_grace_min),
        stuck_after_min: next(base.stuck_after_min),
        disk_warn_percent: percent(next(base.disk_warn_percent.into())),
        disk_fail_percent: percent(next(base.disk_fail_percent.into())),
        room_percent: next(base.room_percent),
        shrink_percent: next(base.shrink_percent),
        clock_skew_s: next(base.clock_skew_s),
        lock_ttl_h: next(base.lock_ttl_h),
        share_answer_s: next(base.share_answer_s),
    };
    check::thresholds_in_order(reader, &span, &result);
    result
}
