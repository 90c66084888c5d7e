//! What a scenario file may say. Every key is required: `base.toml` has them all.
use crate::i18n::Text;
use serde::Deserialize;

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
        Text { zh: words.zh, en: words.en }
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
