//! The questions of a look, as the places that evidence comes from.
use crate::core::gap::Gap;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

/// Where something was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Probe {
    /// Who answered, since when it is up, what time it has.
    Server,
    /// The host's table of mounts.
    Mounts,
    /// The kernel's account of its SMB connections.
    CifsDebug,
    /// `/etc/fstab`.
    Fstab,
    /// The kernel's log.
    Kernel,
    /// The share's port, from the server.
    Port,
    /// Whether the share answers, and its room.
    Share,
    /// What lies in the pack folder.
    Packs,
    /// What lies on the local disk in its place.
    Leftovers,
    /// `mount.cifs` and the form of the credentials file.
    Credentials,
    /// What consoles do and have done on the server.
    Runs,
    /// The server's disks.
    Disks,
    /// The disk of Docker.
    DockerDisk,
    /// The containers.
    Containers,
    /// The volumes.
    Volumes,
    /// RAGFlow's compose file.
    Compose,
    /// The backend's `/health`.
    Health,
    /// The table of mounts in the backend's container.
    ContainerMounts,
    /// The container's clock.
    ContainerClock,
    /// The database: jobs, lock, settings.
    Database,
    /// `environments.toml` on this machine.
    Config,
    /// The tool that asks Docker, in its own words, where it had no answer.
    DockerTool,
}

impl Probe {
    /// Every place.
    pub const ALL: [Probe; 22] = [
        Probe::Server,
        Probe::Mounts,
        Probe::CifsDebug,
        Probe::Fstab,
        Probe::Kernel,
        Probe::Port,
        Probe::Share,
        Probe::Packs,
        Probe::Leftovers,
        Probe::Credentials,
        Probe::Runs,
        Probe::Disks,
        Probe::DockerDisk,
        Probe::Containers,
        Probe::Volumes,
        Probe::Compose,
        Probe::Health,
        Probe::ContainerMounts,
        Probe::ContainerClock,
        Probe::Database,
        Probe::Config,
        Probe::DockerTool,
    ];

    /// The word for it.
    pub fn word(self) -> Text {
        match self {
            Probe::Server => text!("服务器", "server"),
            Probe::Mounts => text!("主机挂载表", "host mounts"),
            Probe::CifsDebug => text!("内核 CIFS 状态", "kernel CIFS state"),
            Probe::Fstab => text!("fstab", "/etc/fstab"),
            Probe::Kernel => text!("内核日志", "kernel log"),
            Probe::Port => text!("共享端口", "share port"),
            Probe::Share => text!("共享应答", "share answer"),
            Probe::Packs => text!("备份包目录", "pack folder"),
            Probe::Leftovers => text!("本地残留", "local leftovers"),
            Probe::Credentials => text!("凭据文件", "credentials file"),
            Probe::Runs => text!("控制台的操作", "actions of consoles"),
            Probe::Disks => text!("服务器磁盘", "server disks"),
            Probe::DockerDisk => text!("Docker 磁盘", "Docker disk"),
            Probe::Containers => text!("容器", "containers"),
            Probe::Volumes => text!("数据卷", "volumes"),
            Probe::Compose => text!("compose 文件", "compose file"),
            Probe::Health => text!("/health", "the backend's /health"),
            Probe::ContainerMounts => text!("容器内挂载表", "container mounts"),
            Probe::ContainerClock => text!("容器时钟", "container clock"),
            Probe::Database => text!("数据库", "database"),
            Probe::Config => text!("配置", "configuration"),
            Probe::DockerTool => text!("docker 命令", "the docker command"),
        }
    }

    /// Why it is not known; nothing where it is.
    pub fn gap(self, f: &Facts) -> Option<Gap> {
        let look = f.look;
        let gap = match self {
            Probe::Server => look.identity.as_ref().err(),
            Probe::Mounts => f.mounted.as_ref().err().copied(),
            Probe::CifsDebug => look.cifs_debug.as_ref().err(),
            Probe::Fstab => look.fstab.as_ref().err(),
            Probe::Kernel => look.kernel.as_ref().err(),
            Probe::Port => look.port.as_ref().err(),
            Probe::Share => look.share.as_ref().err(),
            Probe::Packs => f.packs.as_ref().err(),
            Probe::Leftovers => look.leftovers.as_ref().err(),
            Probe::Credentials => look.credentials.as_ref().err(),
            Probe::Runs => look.runs.as_ref().err(),
            Probe::Disks => look.disks.as_ref().err(),
            Probe::DockerDisk => look.docker_disk.as_ref().err(),
            Probe::Containers => f.backend.as_ref().err().copied(),
            Probe::Volumes => look.volumes.as_ref().err(),
            Probe::Compose => look.compose_file.as_ref().err(),
            Probe::Health => look.health.as_ref().err(),
            Probe::ContainerMounts => look.container_mounts().err(),
            Probe::ContainerClock => look.container_clock().err(),
            Probe::Database => f.db.as_ref().err().copied(),
            Probe::Config => None,
            // it is only named where Docker gave no answer
            Probe::DockerTool => f.backend.as_ref().err().copied(),
        };
        gap.cloned()
    }
}

/// The place that a check of the verdict rests on most.
pub(super) fn of_check(id: &str) -> Probe {
    match id {
        "night" | "live" | "lock" | "schedule" => Probe::Database,
        "mount" => Probe::Mounts,
        "container_mount" => Probe::ContainerMounts,
        "share" | "room" => Probe::Share,
        "port" => Probe::Port,
        "backend" | "services" => Probe::Containers,
        "last_full" | "packs" => Probe::Packs,
        "disks" => Probe::Disks,
        "fstab" => Probe::Fstab,
        "compose" => Probe::Volumes,
        "operations" => Probe::Runs,
        _ => Probe::Server,
    }
}
