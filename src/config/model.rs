//! What `environments.toml` says, after it was checked: every value present, every default filled in.
//! Defaults come from the documents of the servers (RagflowAuth on CentOS 8, one Windows share).
use serde::Serialize;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

/// The whole file.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from.
    pub source: PathBuf,
    /// Settings of the link that hold for every environment.
    pub ssh: SshSettings,
    /// The environments, in the order of the file. At least one.
    pub environments: Vec<Environment>,
}

impl Config {
    /// Names of variables from which secrets are taken: no program that is started gets them.
    pub fn secret_variables(&self) -> BTreeSet<OsString> {
        let sources = self.environments.iter().filter_map(|e| e.share.secret.as_ref());
        sources
            .filter_map(|s| match s {
                SecretSource::Env(name) => Some(OsString::from(name)),
                _ => None,
            })
            .collect()
    }
}

/// Settings of the link.
#[derive(Clone, Debug)]
pub struct SshSettings {
    /// The console's own list of host keys, instead of the one in the state folder. Read beside the user's own.
    pub known_hosts: Option<PathBuf>,
    /// An ssh configuration file instead of `~/.ssh/config`.
    pub config_file: Option<PathBuf>,
    /// Seconds to wait for a connection (default 10).
    pub connect_timeout_s: u64,
    /// Seconds between keep-alive questions; three without an answer end the link (default 5).
    pub keepalive_s: u64,
}

/// Name of an environment in commands: `prod`, `test`. ASCII letters, digits, `-` and `_`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct EnvKey(pub String);

impl fmt::Display for EnvKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// What a server is for; prod asks for more before anything is changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// 正式.
    Prod,
    /// 测试.
    Test,
    /// Any other word of the file: `staging`, `dr`.
    #[serde(untagged)]
    Other(String),
}

impl Role {
    /// The word for it: `PROD`, `TEST`, any other in capitals.
    pub fn word(&self) -> String {
        match self {
            Role::Prod => "PROD".into(),
            Role::Test => "TEST".into(),
            Role::Other(other) => other.to_uppercase(),
        }
    }
}

/// One server.
#[derive(Clone, Debug)]
pub struct Environment {
    /// `prod`.
    pub key: EnvKey,
    /// What people call it: 正式.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Host name, address, or alias of `~/.ssh/config`.
    pub host: String,
    /// TCP port of sshd; what ssh itself would use when absent.
    pub port: Option<u16>,
    /// Login; what ssh itself would use when absent.
    pub user: Option<String>,
    /// Private key file; agent and `~/.ssh/config` when absent.
    pub identity_file: Option<PathBuf>,
    /// `[user@]host[:port]` to go through.
    pub jump: Option<String>,
    /// Expected host key, as `ssh-keygen -lf` prints it: `SHA256:…`.
    pub host_key: Option<String>,
    /// Refuse every change on this server.
    pub read_only: bool,
    /// The Windows share.
    pub share: Share,
    /// Files and folders on the server.
    pub paths: Paths,
    /// Docker names.
    pub containers: Containers,
    /// When something counts as late, full, stuck.
    pub thresholds: Thresholds,
}

/// The Windows share that backups go to.
#[derive(Clone, Debug)]
pub struct Share {
    /// Host name or address of the Windows machine.
    pub host: String,
    /// Other names of the same machine, as a mount may show it.
    pub aliases: Vec<String>,
    /// Share name. Letters, digits, `.`, `_`, `-`; the hidden shares of Windows end in `$`.
    pub name: String,
    /// TCP port (default 445).
    pub port: u16,
    /// Windows domain.
    pub domain: Option<String>,
    /// Share user.
    pub user: Option<String>,
    /// Mount options beside credentials, port, user and domain.
    pub options: String,
    /// Whether the mount is meant to be in fstab (default true).
    pub persist: bool,
    /// What Windows calls the folder behind the share, for people: `D:\datas`.
    pub windows_path: Option<String>,
    /// Where the password comes from.
    pub secret: Option<SecretSource>,
}

impl Share {
    /// The options that a mount gets when the file names none. No `vers=`: the kernel negotiates the newest
    /// dialect that both sides know, where a pinned one fails with error 95. `soft` and the echo interval let a
    /// read end with an error when the Windows machine is gone, instead of hanging. `iocharset=utf8` keeps
    /// Chinese file names. A share has no owners of its own: root, and nothing on it can be run or be a device.
    pub const DEFAULT_OPTIONS: &str = "rw,soft,echo_interval=10,iocharset=utf8,uid=0,gid=0,file_mode=0660,dir_mode=0770,nosuid,nodev,noexec";

    /// `//host/name`.
    pub fn source(&self) -> String {
        format!("//{}/{}", self.host, self.name)
    }
}

/// Where the share's password comes from. The password itself is never in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// First line of a file with mode 0600.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// First line that a command prints: program and arguments.
    Command(Vec<String>),
    /// Asked on the terminal, not kept.
    Prompt,
}

/// Files and folders on the server. Absolute, without spaces or control characters.
#[derive(Clone, Debug)]
pub struct Paths {
    /// `/mnt/replica`.
    pub mount_point: String,
    /// `/mnt/replica/RagflowAuth`.
    pub pack_folder: String,
    /// `/root/.smbcredentials`.
    pub credentials_file: String,
    /// `/opt/ragflowauth`.
    pub app_folder: String,
    /// `/opt/ragflowauth/data/auth.db`.
    pub database: String,
    /// `/opt/ragflowauth/ragflow_compose/docker-compose.yml`.
    pub compose_file: String,
    /// Folders where older versions left packs.
    pub legacy_pack_folders: Vec<String>,
}

/// Docker names.
#[derive(Clone, Debug)]
pub struct Containers {
    /// `ragflowauth-backend`.
    pub backend: String,
    /// `ragflowauth-frontend`.
    pub frontend: String,
    /// Compose project of RAGFlow: `ragflow_compose`.
    pub compose_project: String,
    /// `http://127.0.0.1:8001/health`.
    pub health_url: String,
    /// The database as the backend container sees it: `/app/data/auth.db`.
    pub database_inside: String,
}

/// When something counts as late, full, stuck.
#[derive(Clone, Debug)]
pub struct Thresholds {
    /// Minutes after a slot in which no job yet is only 告警 (default 15).
    pub start_grace_min: u32,
    /// Minutes after a slot in which an unfinished backup is not late yet (default 240).
    pub finish_grace_min: u32,
    /// Minutes without any growth after which a running job counts as stuck (default 20).
    pub stuck_after_min: u32,
    /// Percent used of a file system: 告警 from here (default 85).
    pub disk_warn_percent: u8,
    /// Percent used of a file system: 失败 from here (default 95).
    pub disk_fail_percent: u8,
    /// Room that the next backup needs: percent of the last pack of its kind (default 120).
    pub room_percent: u32,
    /// A pack smaller than this percent of the median of its kind is 告警 (default 50).
    pub shrink_percent: u32,
    /// Seconds of difference between clocks that are 告警 (default 60).
    pub clock_skew_s: u32,
    /// Hours after which the backend itself drops a lock (default 24).
    pub lock_ttl_h: u32,
    /// Seconds in which the share must answer (default 3).
    pub share_answer_s: u32,
}

impl Default for Thresholds {
    fn default() -> Self {
        Thresholds {
            start_grace_min: 15,
            finish_grace_min: 240,
            stuck_after_min: 20,
            disk_warn_percent: 85,
            disk_fail_percent: 95,
            room_percent: 120,
            shrink_percent: 50,
            clock_skew_s: 60,
            lock_ttl_h: 24,
            share_answer_s: 3,
        }
    }
}

impl Default for Paths {
    fn default() -> Self {
        Paths {
            mount_point: "/mnt/replica".into(),
            pack_folder: "/mnt/replica/RagflowAuth".into(),
            credentials_file: "/root/.smbcredentials".into(),
            app_folder: "/opt/ragflowauth".into(),
            database: "/opt/ragflowauth/data/auth.db".into(),
            compose_file: "/opt/ragflowauth/ragflow_compose/docker-compose.yml".into(),
            legacy_pack_folders: vec![
                "/opt/ragflowauth/backups".into(),
                "/opt/ragflowauth/data/backups".into(),
            ],
        }
    }
}

impl Default for Containers {
    fn default() -> Self {
        Containers {
            backend: "ragflowauth-backend".into(),
            frontend: "ragflowauth-frontend".into(),
            compose_project: "ragflow_compose".into(),
            health_url: "http://127.0.0.1:8001/health".into(),
            database_inside: "/app/data/auth.db".into(),
        }
    }
}

/// A plain environment for tests: documentation addresses, every default.
#[cfg(test)]
pub fn example() -> Environment {
    Environment {
        key: EnvKey("prod".into()),
        name: "正式".into(),
        role: Role::Prod,
        host: "192.0.2.57".into(),
        port: None,
        user: Some("root".into()),
        identity_file: None,
        jump: None,
        host_key: None,
        read_only: false,
        share: Share {
            host: "192.0.2.72".into(),
            aliases: vec!["WIN-NAS".into()],
            name: "backup".into(),
            port: 445,
            domain: None,
            user: Some("bkuser".into()),
            options: String::new(),
            persist: true,
            windows_path: Some("D:\\datas".into()),
            secret: None,
        },
        paths: Paths::default(),
        containers: Containers::default(),
        thresholds: Thresholds::default(),
    }
}
