//! From tables to the [`Config`]: every key of the file is read here, once.
use super::check;
use super::keys;
use super::model::*;
use super::reader::{At, Fault, Reader};
use super::rules;
use super::schema_share::{self, ShareLayer};
use super::schema_tables::{self, ContainersLayer, PathsLayer, ThresholdsLayer};
use super::section::{Section, wrong_type};
use crate::i18n::Text;
use crate::text;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::DeTable;

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
    let said_why = reader.problems.iter().any(|p| p.hint.en.contains("[[environment]]"));
    if sections.is_empty() && !said_why {
        reader.refuse_whole((
            text!("一台服务器也没有", "there is no server in it"),
            text!(
                "加一段 [[environment]]，写 key、name、role、host",
                "add an [[environment]] with key, name, role and host"
            ),
        ));
    }
    for section in &sections {
        let environment = environment(reader, section, &global, &mut checked);
        environments.extend(environment);
    }
    Some(Config { source: path.to_owned(), ssh: ssh?, environments })
}

fn is_our_schema(reader: &mut Reader, table: &DeTable) -> bool {
    let Some((key, value)) = table.get_key_value("schema") else {
        reader.refuse_whole((
            text!("缺少 schema", "schema is missing"),
            text!("在文件开头写 schema = 1", "write schema = 1 at the top of the file"),
        ));
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
    let mut settings =
        SshSettings { known_hosts: None, config_file: None, connect_timeout_s: 10, keepalive_s: 5 };
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
pub(super) fn local_path(reader: &mut Reader, section: &Section, key: &'static str) -> Option<PathBuf> {
    let folders = reader.folders;
    let found = section.text(reader, key, |text| folders.expand(text).map(drop))?;
    folders.expand(&found.value).ok()
}

fn layer(reader: &mut Reader, holder: &Section) -> Layer {
    let share = holder.section(reader, "share", keys::SHARE);
    let paths = holder.section(reader, "paths", keys::PATHS);
    let containers = holder.section(reader, "containers", keys::CONTAINERS);
    let thresholds = holder.section(reader, "thresholds", keys::THRESHOLDS);
    let refused = ShareLayer::refused(holder.has("share"));
    Layer {
        share: share.map(|s| schema_share::read(reader, &s)).unwrap_or(refused),
        paths: paths.map(|s| schema_tables::paths_layer(reader, &s)).unwrap_or_default(),
        containers: containers.map(|s| schema_tables::containers_layer(reader, &s)).unwrap_or_default(),
        thresholds: thresholds.map(|s| schema_tables::thresholds_layer(reader, &s)).unwrap_or_default(),
    }
}

fn environment(
    reader: &mut Reader,
    s: &Section,
    global: &Layer,
    checked: &mut check::Environments,
) -> Option<Environment> {
    let key = required(reader, s, "key", rules::key, text!("key = \"prod\"", "key = \"prod\""));
    let name = s.text(reader, "name", rules::label);
    let role = required(
        reader,
        s,
        "role",
        rules::role,
        text!("role = \"prod\" 或 \"test\"", "role = \"prod\" or \"test\""),
    );
    let host =
        required(reader, s, "host", rules::host, text!("host = \"172.30.30.57\"", "host = \"172.30.30.57\""));
    let port = s
        .number(reader, "port", 1..65536)
        .and_then(|n| Some(At { value: u16::try_from(n.value).ok()?, span: n.span }));
    let user = s.text(reader, "user", rules::user);
    let identity_file = local_path(reader, s, "identity_file");
    let jump = s.text(reader, "jump", rules::jump);
    let host_key = s.text(reader, "host_key", rules::host_key);
    let read_only = s.truth(reader, "read_only");
    let own = layer(reader, s);

    checked.unique(reader, key.as_ref(), host.as_ref(), port.as_ref());
    check::role_fits(reader, key.as_ref(), name.as_ref(), role.as_ref());
    let share = schema_share::merge(reader, s, &own.share, &global.share);
    let paths = schema_tables::paths(reader, s, &own.paths, &global.paths);
    let containers = schema_tables::containers(&own.containers, &global.containers);
    let thresholds = schema_tables::thresholds(reader, s, &own.thresholds, &global.thresholds);
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
        if !s.misspells(key) {
            reader.refuse(&s.span, missing(key, example));
        }
        return None;
    }
    s.text(reader, key, rule)
}

fn missing(key: &str, example: Text) -> Fault {
    (
        text!("缺少 {key}", "{key} is missing"),
        Text { zh: format!("加一行 {}", example.zh), en: format!("add {}", example.en) },
    )
}

/// The environment's own value, else the one for all.
pub(super) fn over<T: Clone>(own: &Option<At<T>>, global: &Option<At<T>>) -> Option<At<T>> {
    own.as_ref().or(global.as_ref()).cloned()
}
