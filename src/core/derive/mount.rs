//! What is mounted at the mount point, compared with what should be.
use crate::config::model::Share;
use crate::core::probe::mountinfo::{Mount, MountTable};
use crate::core::safetext::SafeText;
use serde::Serialize;

/// What lies on the mount point.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "mounted", rename_all = "snake_case")]
pub enum MountState {
    /// Nothing: what is there is the local disk.
    Nothing {
        /// Other SMB mounts, which may be the share at the wrong place.
        elsewhere: Vec<SafeText>,
    },
    /// The share that environments.toml names.
    Share {
        /// The kernel's line, as people read it.
        line: SafeText,
        /// It can be written.
        writable: bool,
        /// Mounts that lie hidden under it.
        under: usize,
    },
    /// Another share, or another machine.
    OtherShare {
        /// Its source.
        source: SafeText,
    },
    /// Something that is no share at all.
    OtherType {
        /// Its type: `ext4`, `tmpfs`.
        fstype: SafeText,
        /// Its source.
        source: SafeText,
    },
}

/// What one process sees at the mount point.
pub fn at(table: &MountTable, point: &str, share: &Share) -> MountState {
    let Some((mount, under)) = table.at(point) else {
        let elsewhere = table.cifs().map(line).collect();
        return MountState::Nothing { elsewhere };
    };
    if !mount.is_cifs() {
        return MountState::OtherType { fstype: mount.fstype.clone(), source: mount.source.clone() };
    }
    // a share can be mounted or bound from a folder of it: then the pack folder is another one
    if !is_source(mount.source.as_str(), share) || mount.root.as_str() != "/" {
        return MountState::OtherShare { source: mount.source.clone() };
    }
    MountState::Share { line: line(mount), writable: mount.is_writable(), under }
}

/// What the container sees at the path where it writes. A container has the point as a bind of the host's folder, so what
/// counts is the file system below it; a bind of the share carries the share's own source.
pub fn seen_at(table: &MountTable, path: &str, share: &Share) -> MountState {
    match covering(table, path) {
        Some(m) if m.is_cifs() && is_source(m.source.as_str(), share) => {
            MountState::Share { line: line(m), writable: m.is_writable(), under: 0 }
        }
        Some(m) if m.is_cifs() => MountState::OtherShare { source: m.source.clone() },
        Some(m) => MountState::OtherType { fstype: m.fstype.clone(), source: m.source.clone() },
        None => MountState::Nothing { elsewhere: Vec::new() },
    }
}

/// The mount that a path lies in: what whoever writes there writes to.
pub fn covering<'a>(table: &'a MountTable, path: &str) -> Option<&'a Mount> {
    // of two on one point the later one is on top, and max_by_key takes the last of equals
    table.mounts.iter().filter(|m| covers(m, path)).max_by_key(|m| m.point.len())
}

fn covers(mount: &Mount, path: &str) -> bool {
    let point = mount.point.strip_suffix(b"/").unwrap_or(&mount.point);
    path.as_bytes().strip_prefix(point).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
}

/// `//host/share on /point type cifs (rw,vers=3.1.1)`, the words of mount(8).
fn line(mount: &Mount) -> SafeText {
    let access = if mount.is_writable() { "rw" } else { "ro" };
    let version = mount.super_option("vers").map(|v| format!(",vers={v}")).unwrap_or_default();
    SafeText::new(&format!(
        "{} on {} type {} ({access}{version})",
        mount.source, mount.shown_point, mount.fstype
    ))
}

/// Whether a mount's source is the share: host (or one of its other names) and share name, in either kind of slashes,
/// upper or lower case, as Windows sees names.
pub fn is_source(source: &str, share: &Share) -> bool {
    let normal = source.replace('\\', "/").to_lowercase();
    let mut parts = normal.trim_start_matches('/').trim_end_matches('/').splitn(2, '/');
    let (host, name) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let hosts = std::iter::once(&share.host).chain(&share.aliases);
    name == share.name.to_lowercase() && hosts.into_iter().any(|h| h.to_lowercase() == host)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::core::probe::mountinfo;

    fn state(lines: &str) -> MountState {
        let table =
            mountinfo::parse(format!("22 1 254:0 / / rw - ext4 /dev/vda rw\n{lines}").as_bytes()).unwrap();
        at(&table, "/mnt/replica", &example().share)
    }

    fn cifs(source: &str, options: &str) -> MountState {
        state(&format!("88 22 0:44 / /mnt/replica {options} - cifs {source} rw,vers=3.1.1\n"))
    }

    #[test]
    fn the_share_is_known_by_host_and_name_however_written() {
        for good in [
            "//192.0.2.72/backup",
            "//192.0.2.72/Backup",
            "\\134\\134192.0.2.72\\134backup",
            "//win-nas/BACKUP/",
        ] {
            assert!(matches!(cifs(good, "rw"), MountState::Share { writable: true, .. }), "{good}");
        }
        for bad in [
            "//192.0.2.73/backup",
            "//192.0.2.72/backup2",
            "//192.0.2.72/backup/sub",
            "//192.0.2.7/backup",
            "192.0.2.72:/backup",
            "",
        ] {
            assert!(!matches!(cifs(bad, "rw"), MountState::Share { .. }), "{bad}");
        }
        assert!(matches!(cifs("//192.0.2.72/backup", "ro"), MountState::Share { writable: false, .. }));
    }

    #[test]
    fn another_share_elsewhere_is_not_ours() {
        let other = state("88 22 0:44 / /mnt/replica2 rw - cifs //192.0.2.72/backup rw\n");
        assert!(matches!(other, MountState::Nothing { elsewhere } if elsewhere.len() == 1));
    }

    #[test]
    fn something_mounted_on_top_hides_the_share() {
        let s = "88 22 0:44 / /mnt/replica rw - cifs //192.0.2.72/backup rw\n89 88 0:50 / /mnt/replica rw - tmpfs tmpfs rw\n";
        assert!(matches!(state(s), MountState::OtherType { fstype, .. } if fstype.as_str() == "tmpfs"));
    }

    #[test]
    fn a_bind_of_a_folder_of_the_share_is_not_the_share() {
        let s = "88 22 0:44 /RagflowAuth /mnt/replica rw - cifs //192.0.2.72/backup rw\n";
        assert!(matches!(state(s), MountState::OtherShare { .. }));
    }

    #[test]
    fn a_container_started_before_the_mount_sees_the_local_disk() {
        let seen = |lines: &str| {
            let table =
                mountinfo::parse(format!("1 0 0:1 / / rw - overlay overlay rw\n{lines}").as_bytes()).unwrap();
            seen_at(&table, "/mnt/replica/RagflowAuth", &example().share)
        };
        assert!(matches!(
            seen("2 1 254:0 /mnt/replica /mnt/replica rw - ext4 /dev/vda rw\n"),
            MountState::OtherType { .. }
        ));
        assert!(matches!(
            seen("2 1 0:44 / /mnt/replica rw - cifs //192.0.2.72/backup rw\n"),
            MountState::Share { .. }
        ));
        let (disk, share) = (
            "2 1 254:0 /mnt/replica /mnt/replica rw - ext4 /dev/vda rw\n",
            "3 2 0:44 / /mnt/replica rw - cifs //192.0.2.72/backup rw\n",
        );
        assert!(matches!(seen(&format!("{disk}{share}")), MountState::Share { .. }));
        assert!(matches!(seen(&format!("{share}{disk}")), MountState::OtherType { .. }));
        assert!(matches!(
            seen("2 1 0:44 / /mnt/replica2 rw - cifs //192.0.2.72/backup rw\n"),
            MountState::OtherType { .. }
        ));
    }
}
