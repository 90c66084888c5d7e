//! The scenario files: which there are and what they may say. A file says only what differs from `base.toml`;
//! its `[prod]` and `[test]` tables say what differs on that server alone. An unknown key is an error.
use super::boxed::DemoError;
use crate::i18n::Text;
use crate::text;
use serde::Deserialize;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/demo/", $name, ".toml")))),*]
    };
}

/// Name and text of each file, in the order in which they are listed.
const FILES: &[(&str, &str)] = files![
    "healthy",
    "not-mounted",
    "container-blind",
    "wrong-share",
    "share-hung",
    "wrong-password",
    "ghost-job",
    "stale-lock",
    "stuck-job",
    "backup-running",
    "backup-failed",
    "images-missing",
    "volumes-empty",
    "disk-full",
    "backend-down",
    "schedule-off",
    "late",
    "replication-failed",
    "evicted",
    "fstab-missing",
    "clock-skew",
    "docker-down",
    "old-schema",
];

const BASE: &str = include_str!("../../assets/demo/base.toml");

/// A scenario, for lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// What `--demo=` takes: `not-mounted`.
    pub name: &'static str,
    /// A short title.
    pub title: Text,
    /// One line: what an operator sees.
    pub line: Text,
}

/// Every scenario, `healthy` first.
pub fn names() -> Vec<Named> {
    let read = |(name, _): &(&'static str, &str)| {
        let spec = Spec::read(name, "prod").ok()?;
        Some(Named {
            name,
            title: spec.title.into(),
            line: spec.line.into(),
        })
    };
    FILES.iter().filter_map(read).collect()
}

/// What a scenario says of one server, with the base filled in.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Spec {
    pub(super) title: Words,
    pub(super) line: Words,
    /// The newest slot of the incremental schedule: `nightly`, or a moment (cut to the minute).
    pub(super) slot: String,
    /// How long after prod's nightly slot this server's is.
    pub(super) slot_offset_min: i64,
    pub(super) host: HostSpec,
    pub(super) mount: MountSpec,
    pub(super) share: ShareSpec,
    pub(super) docker: DockerSpec,
    pub(super) backend: BackendSpec,
    pub(super) history: HistorySpec,
    /// The newest incremental job.
    pub(super) last: JobSpec,
    /// The newest full job.
    pub(super) last_full: JobSpec,
    pub(super) lock: Option<LockSpec>,
    /// Columns of `data_security_settings` as they are; the schedules are filled in when absent here.
    pub(super) settings: serde_json::Map<String, serde_json::Value>,
    pub(super) disk: DiskSpec,
    pub(super) sizes: SizeSpec,
    /// The kernel's lines about cifs.
    pub(super) kernel: Vec<KernelSpec>,
}

/// One text in both languages.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Words {
    pub(super) zh: String,
    pub(super) en: String,
}

impl From<Words> for Text {
    fn from(words: Words) -> Text {
        Text {
            zh: words.zh,
            en: words.en,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HostSpec {
    pub(super) hostname: String,
    pub(super) address: String,
    pub(super) machine_id: String,
    pub(super) boot: String,
    /// Seconds by which the server's clock is ahead of this machine's.
    pub(super) clock_ahead_s: i64,
    /// The server's own zone, in minutes east of UTC.
    pub(super) zone_min: i32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MountSpec {
    pub(super) mounted: bool,
    /// What is mounted.
    pub(super) source: String,
    pub(super) in_fstab: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShareSpec {
    /// The configured share's machine and share name.
    pub(super) host: String,
    pub(super) name: String,
    pub(super) port: Port,
    /// Whether a question to the mounted share ever returns.
    pub(super) answers: bool,
    /// Whether Windows takes the password in the server's credentials file.
    pub(super) password_good: bool,
}

/// What a connection to the share's port meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Port {
    Open,
    Refused,
    Silent,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DockerSpec {
    pub(super) up: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BackendSpec {
    pub(super) running: bool,
    pub(super) started: String,
    /// When it ended, if it does not run.
    pub(super) finished: Option<String>,
    pub(super) exit_code: i64,
    /// Whether the container sees the share that the host has mounted.
    pub(super) sees_mount: bool,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HistorySpec {
    /// Nights of history.
    pub(super) nights: i64,
    /// The newest nights of which there is no job.
    pub(super) missing_nights: i64,
    /// How many nights ago the last weekly full backup ran.
    pub(super) full_nights_ago: i64,
    /// Seconds after the slot at which the scheduler starts the job.
    pub(super) start_after_s: i64,
    /// Id of the oldest job.
    pub(super) first_id: i64,
    /// The newest nights that went to what is mounted, when that is another share.
    pub(super) wrong_share_nights: i64,
    /// Packs that older versions left in the app folder.
    pub(super) legacy_packs: i64,
    /// Whether the jobs table has no cancel columns.
    pub(super) old_schema: bool,
    /// Whether packs are made elsewhere and copied (the older layout).
    pub(super) replicated: bool,
}

/// One job; what is absent is as in a good night.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JobSpec {
    pub(super) status: String,
    pub(super) message: String,
    pub(super) detail: String,
    pub(super) progress: i64,
    pub(super) pack: PackKind,
    /// How long it took, in seconds; from its size when absent.
    pub(super) took_s: Option<i64>,
}

/// What a job left on the share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum PackKind {
    /// Everything that belongs to its kind.
    Complete,
    /// No `images.tar`.
    NoImages,
    /// `volumes/` without a file.
    EmptyVolumes,
    /// The database and half of the first volume.
    Partial,
    /// As `partial`, and growing.
    Growing,
    /// A folder with nothing in it.
    Bare,
    /// Complete, and on the server's own disk.
    Local,
    /// No folder.
    None,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LockSpec {
    pub(super) acquired: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DiskSpec {
    /// Size and free space of `/`, in MiB.
    pub(super) root_mib: u64,
    pub(super) root_free_mib: u64,
    /// Size and free space of the share, in MiB.
    pub(super) share_mib: u64,
    pub(super) share_free_mib: u64,
}

/// Sizes of the parts of a pack on the newest night, in KiB.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SizeSpec {
    pub(super) auth_db: u64,
    pub(super) esdata01: u64,
    pub(super) minio_data: u64,
    pub(super) mysql_data: u64,
    pub(super) redis_data: u64,
    pub(super) images: u64,
    /// What the backend writes on the share in a second.
    pub(super) written_each_s: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KernelSpec {
    pub(super) at: String,
    pub(super) text: String,
}

impl Spec {
    /// What the scenario says of the server `env` (`prod`, `test`).
    pub(super) fn read(name: &str, env: &str) -> Result<Spec, DemoError> {
        let Some((_, file)) = FILES.iter().find(|(known, _)| *known == name) else {
            let known: Vec<&str> = FILES.iter().map(|(n, _)| *n).collect();
            let known = known.join(" ");
            return Err(DemoError(text!(
                "没有名为 {name} 的演示场景。可用：{known}",
                "there is no demo scenario {name}; there are: {known}"
            )));
        };
        Spec::compose(BASE, file, env).map_err(|e| {
            let e = e.to_string();
            DemoError(text!(
                "演示场景 {name} 有误：{e}",
                "the demo scenario {name} is wrong: {e}"
            ))
        })
    }

    fn compose(base: &str, file: &str, env: &str) -> Result<Spec, toml::de::Error> {
        let mut all: toml::Table = toml::from_str(base)?;
        for text in [base, file] {
            let mut layer: toml::Table = toml::from_str(text)?;
            let sides = ["prod", "test"].map(|side| (side, layer.remove(side)));
            lay_over(&mut all, layer);
            for (side, own) in sides {
                if let (true, Some(toml::Value::Table(own))) = (side == env, own) {
                    lay_over(&mut all, own);
                }
            }
        }
        for side in ["prod", "test"] {
            all.remove(side);
        }
        all.try_into()
    }
}

/// Puts the upper table's values over the lower's, table by table.
fn lay_over(lower: &mut toml::Table, upper: toml::Table) {
    for (key, value) in upper {
        match (lower.get_mut(&key), value) {
            (Some(toml::Value::Table(old)), toml::Value::Table(new)) => lay_over(old, new),
            (_, value) => {
                lower.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `--demo=list` promises.
    const PROMISED: &str = "healthy not-mounted container-blind wrong-share share-hung wrong-password ghost-job \
        stale-lock stuck-job backup-running backup-failed images-missing volumes-empty disk-full backend-down \
        schedule-off late";

    #[test]
    fn every_scenario_reads_for_both_servers_and_speaks_both_languages() {
        let listed = names();
        assert_eq!(listed.len(), FILES.len());
        for (name, file) in FILES {
            for env in ["prod", "test"] {
                Spec::read(name, env).unwrap_or_else(|e| panic!("{name} {env}: {e}"));
            }
            let table: toml::Table = toml::from_str(file).unwrap();
            assert!(table.contains_key("title"), "{name} has its own title");
            assert!(table.contains_key("line"), "{name} has its own line");
        }
        for named in listed {
            for text in [&named.title, &named.line] {
                assert!(!text.zh.is_ascii(), "{}: {:?}", named.name, text);
                assert!(
                    text.en.is_ascii() && text.en.len() > 3,
                    "{}: {:?}",
                    named.name,
                    text
                );
                assert!(
                    !text.zh.contains('\n') && !text.en.contains('\n'),
                    "{}",
                    named.name
                );
            }
        }
    }

    #[test]
    fn the_promised_scenarios_are_there_and_every_file_is_listed() {
        let listed: Vec<&str> = names().iter().map(|n| n.name).collect();
        for name in PROMISED.split_whitespace() {
            assert!(listed.contains(&name), "{name}");
        }
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo");
        for entry in std::fs::read_dir(folder).unwrap() {
            let file = entry.unwrap().file_name().into_string().unwrap();
            let name = file.strip_suffix(".toml").unwrap();
            assert!(name == "base" || listed.contains(&name), "{name} is not listed");
        }
    }

    #[test]
    fn a_servers_own_table_lies_over_the_scenario_and_a_mistyped_key_is_refused() {
        let file = |extra: &str| format!("title = {{ zh = \"x\", en = \"x\" }}\n{extra}");
        let read = |extra: &str, env: &str| Spec::compose(BASE, &file(extra), env);
        let text =
            "line = { zh = \"x\", en = \"x\" }\n[disk]\nroot_free_mib = 7\n[test.disk]\nroot_free_mib = 9";
        assert_eq!(read(text, "prod").unwrap().disk.root_free_mib, 7);
        assert_eq!(read(text, "test").unwrap().disk.root_free_mib, 9);
        assert!(read(&text.replace("root_free_mib", "root_free"), "prod").is_err());
        assert!(Spec::read("no-such-thing", "prod").is_err());
    }
}
