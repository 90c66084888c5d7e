//! The files of a box: what lies under the root of each server, and on the share.
use super::facts::{OTHER, SHARE};
use super::mountinfo;
use super::packs::{Pack, Place, leftover, sparse, touch};
use super::state::{self, State};
use super::tools::container::pid;
use crate::core::units::EpochMs;
use std::fs::File;
use std::io::Result;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, symlink};
use std::path::{Path, PathBuf};

/// The folder for packs below a mount point.
const PACKS: &str = "RagflowAuth";

/// The box's file with the password that the share takes, for whoever is asked for it.
pub(super) const PASSWORD: &str = "share-password";
/// That password. It opens nothing: there is no such share.
const GOOD: &str = "demo";
/// The one before it was changed.
const OLD: &str = "demo-of-last-year";

/// Whether Windows takes this password: in a box any will do, but for the old one, and one to see a refusal with.
pub(super) fn is_taken(password: &str) -> bool {
    !["", OLD, "wrong"].contains(&password) && !password.contains('\r')
}

/// What stands under the mount point while nothing is mounted there.
fn under(root: &Path) -> PathBuf {
    state::folder(root).join("under-the-mount")
}

/// The path on this machine of a server's path.
pub(super) fn inside(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

/// Lays the content of the shares, and the password that they take.
pub(super) fn shares(dir: &Path, packs: &[Pack]) -> Result<()> {
    for folder in [SHARE, OTHER] {
        std::fs::create_dir_all(dir.join(folder).join(PACKS))?;
    }
    put_secret(&dir.join(PASSWORD), &format!("{GOOD}\n"))?;
    for pack in packs {
        if let Place::Share(folder) = &pack.place {
            let all = dir.join(folder).join(PACKS);
            pack.lay(&all)?;
            // the folder was last written when its newest pack was made
            touch(&File::open(all)?, pack.begun)?;
        }
    }
    Ok(())
}

/// Lays everything below the root of one server. `now` is its clock.
pub(super) fn server(
    root: &Path,
    state: &State,
    own: &[Pack],
    legacy: i64,
    in_fstab: bool,
    now: EpochMs,
) -> Result<()> {
    for folder in [
        "/proc/self",
        "/proc/sys/kernel",
        "/proc/fs/cifs",
        "/etc",
        "/run",
        "/tmp",
        "/root",
        "/sbin",
        "/var/lib/docker",
        "/mnt",
        "/opt/ragflowauth/data",
        "/opt/ragflowauth/ragflow_compose",
    ] {
        std::fs::create_dir_all(inside(root, folder))?;
    }
    put(root, "/proc/sys/kernel/hostname", &format!("{}\n", state.host.hostname))?;
    put(root, "/etc/machine-id", &format!("{}\n", state.host.machine_id))?;
    put(root, "/etc/os-release", OS)?;
    put(root, "/etc/fstab", &fstab(state, in_fstab))?;
    put(root, "/sbin/mount.cifs", "")?;
    put(root, "/opt/ragflowauth/ragflow_compose/docker-compose.yml", COMPOSE)?;
    let password = if state.share.password_good { GOOD } else { OLD };
    put_secret(&inside(root, "/root/.smbcredentials"), &format!("username=backup\npassword={password}\n"))?;
    uptime(root, state, now)?;
    sparse(&inside(root, "/opt/ragflowauth/data/auth.db"), 44 << 20, now.plus_ms(-90_000))?;

    for pack in own.iter().filter(|p| p.place == Place::Local) {
        pack.lay(&inside(root, "/opt/ragflowauth/data/backups"))?;
    }
    for n in 0..legacy {
        leftover(now, n, 9 << 30).lay(&inside(root, "/opt/ragflowauth/backups"))?;
    }
    // packs that went to the local disk once, when nothing was mounted
    let packs = under(root).join(PACKS);
    for n in 0..2 {
        leftover(now, n, 3 << 20).lay(&packs)?;
    }
    mount(root, state)
}

/// Makes the mount point what the state says: the share's content, or what lies under it.
pub(super) fn mount(root: &Path, state: &State) -> Result<()> {
    let point = inside(root, &state.mount_point);
    let hidden = under(root);
    let linked = point.is_symlink();
    let folder = state.mounted.as_ref().and_then(|s| state.share.folders.get(s));
    match folder {
        Some(folder) => {
            if linked {
                std::fs::remove_file(&point)?;
            } else if point.is_dir() {
                std::fs::rename(&point, &hidden)?;
            }
            let dir = root.parent().unwrap_or(root);
            symlink(dir.join(folder), &point)?;
        }
        None => {
            if linked {
                std::fs::remove_file(&point)?;
            }
            if !point.is_dir() {
                std::fs::rename(&hidden, &point)?;
            }
        }
    }
    put(root, "/proc/self/mountinfo", &mountinfo::host(state))?;
    put(root, "/proc/fs/cifs/DebugData", &mountinfo::debug_data(state))?;
    processes(root, state)
}

/// Brings the processes of containers that a server shows in line with the state: who has which table of mounts.
pub(super) fn processes(root: &Path, state: &State) -> Result<()> {
    let host = "mnt:[4026531840]";
    let own = inside(root, "/proc/self");
    if !own.join("ns").exists() {
        std::fs::create_dir_all(own.join("ns"))?;
        symlink(host, own.join("ns/mnt"))?;
    }
    process(root, 1, host, "systemd", "/init.scope", &mountinfo::host(state))?;
    for c in &state.docker.containers {
        let pid = pid(c);
        let folder = inside(root, &format!("/proc/{pid}"));
        if !(c.running && state.docker.up) {
            if folder.exists() {
                std::fs::remove_dir_all(folder)?;
            }
            continue;
        }
        let table = mountinfo::container(state, c.sees.as_deref(), &c.mounts);
        let group = format!("/docker/{}", c.id);
        process(root, pid, &format!("mnt:[{}]", 4_026_532_000 + pid), "python", &group, &table)?;
    }
    Ok(())
}

fn process(root: &Path, pid: i64, space: &str, name: &str, group: &str, table: &str) -> Result<()> {
    let at = format!("/proc/{pid}");
    let folder = inside(root, &at);
    if !folder.exists() {
        std::fs::create_dir_all(folder.join("ns"))?;
        symlink(space, folder.join("ns/mnt"))?;
        symlink("/", folder.join("cwd"))?;
        put(root, &format!("{at}/comm"), &format!("{name}\n"))?;
        put(root, &format!("{at}/cgroup"), &format!("0::{group}\n"))?;
    }
    put(root, &format!("{at}/mountinfo"), table)
}

/// Whether a process of the server itself has a folder of the share as its own: somebody's shell, say.
pub(super) fn is_busy(root: &Path, state: &State) -> bool {
    let point = Path::new(&state.mount_point);
    let all = std::fs::read_dir(inside(root, "/proc")).into_iter().flatten().flatten();
    all.filter_map(|p| std::fs::read_link(p.path().join("cwd")).ok()).any(|cwd| cwd.starts_with(point))
}

/// Brings what moves with time up to `now`, by the server's clock: the files of a backup that runs.
pub(super) fn grow(dir: &Path, state: &State, now: EpochMs) -> Result<()> {
    let state = state.clone().begun(now);
    let Some(work) = &state.work else {
        return Ok(());
    };
    let progress = work.at(now);
    let pack = dir.join(&work.folder).join(&work.pack);
    let volumes = pack.join("volumes");
    // a folder was last written when something new came into it: by the server's clock, as its files
    let written = |folder: Option<&Path>| folder.map_or(Ok(()), |f| touch(&File::open(f)?, now));
    if progress.folder && !volumes.is_dir() {
        std::fs::create_dir_all(&volumes)?;
        for folder in [Some(volumes.as_path()), Some(&pack), pack.parent()] {
            written(folder)?;
        }
    }
    for (name, bytes) in &progress.files {
        let path = pack.join(name);
        let there = std::fs::metadata(&path).map(|m| m.len());
        // a file that is done keeps the time of its last byte
        if *there.as_ref().unwrap_or(&0) < *bytes {
            sparse(&path, *bytes, now)?;
        }
        if there.is_err() {
            written(path.parent())?;
        }
    }
    Ok(())
}

/// `/proc/uptime`.
pub(super) fn uptime(root: &Path, state: &State, now: EpochMs) -> Result<()> {
    let up = now.since(EpochMs(state.host.boot_ms)).max(0);
    let idle = up * 3 / 10;
    let text = format!("{}.{:02} {idle}.00\n", up / 1000, up % 1000 / 10);
    put(root, "/proc/uptime", &text)
}

/// Replaces a file: all of it or nothing, because a script may be reading it.
fn put(root: &Path, path: &str, text: &str) -> Result<()> {
    let path = inside(root, path);
    let new = tempfile::NamedTempFile::new_in(state::folder(root))?;
    std::fs::write(new.path(), text)?;
    new.persist(path).map_err(|e| e.error)?;
    Ok(())
}

/// A file that only its owner may read.
fn put_secret(path: &Path, text: &str) -> Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.create_new(true).write(true).mode(0o600).open(path)?;
    std::io::Write::write_all(&mut file, text.as_bytes())
}

/// A folder that only its owner may enter.
pub(super) fn private_folder(path: &Path) -> Result<()> {
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn fstab(state: &State, in_fstab: bool) -> String {
    let mut text = "# /etc/fstab\n/dev/mapper/cl-root / xfs defaults 0 0\n\
         UUID=0b5f4c1e-6a0e-4c55-8c0f-2f5d8a3c9e11 /boot ext4 defaults 1 2\n"
        .to_owned();
    if in_fstab {
        text.push_str(&format!(
            "{} {} cifs credentials=/root/.smbcredentials,iocharset=utf8,uid=0,gid=0,file_mode=0660,dir_mode=0770,\
             vers=3.0,_netdev,nofail 0 0\n",
            state.share.source, state.mount_point
        ));
    }
    text
}

const OS: &str = "NAME=\"CentOS Linux\"\nVERSION=\"8 (Core)\"\nID=\"centos\"\nID_LIKE=\"rhel fedora\"\nVERSION_ID=\"8\"\n\
    PRETTY_NAME=\"CentOS Linux 8 (Core)\"\n";

const COMPOSE: &str = "services:\n  es01:\n    image: elasticsearch:8.11.3\n    volumes: [esdata01:/usr/share/elasticsearch/data]\n  \
    minio:\n    image: minio/minio:latest\n    volumes: [minio_data:/data]\n  \
    mysql:\n    image: mysql:8.0.39\n    volumes: [mysql_data:/var/lib/mysql]\n  \
    redis:\n    image: valkey/valkey:8\n    volumes: [redis_data:/data]\n  \
    ragflow:\n    image: infiniflow/ragflow:v0.17.2\n\
    volumes:\n  esdata01:\n  minio_data:\n  mysql_data:\n  redis_data:\n";
