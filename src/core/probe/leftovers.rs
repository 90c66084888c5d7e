//! Files that lie where the share should be, or where older versions left their packs.
use crate::core::gap::Known;
use crate::core::probe::json;
use crate::core::safetext::SafeText;
use crate::core::units::Bytes;
use serde::Serialize;

/// What lies there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Leftovers {
    /// Size of what lies on the local disk under the unmounted mount point; nothing if it is mounted or could not be summed.
    pub under_mount_point: Option<Bytes>,
    /// Its files and folders, two levels, at most 200.
    pub entries: Vec<SafeText>,
    /// Packs in the folders of older versions.
    pub legacy_packs: Vec<SafeText>,
}

/// Reads `kib=`, `entry=` and `legacy=` lines.
pub fn parse(answer: &[u8]) -> Known<Leftovers> {
    let mut found = Leftovers::default();
    for line in SafeText::lines(answer) {
        match line.as_str().split_once('=') {
            Some(("kib", kib)) => {
                found.under_mount_point = json::number(&kib.into(), &[])
                    .and_then(|k| u64::try_from(k).ok())
                    .map(|k| Bytes(k.saturating_mul(1024)));
            }
            Some(("entry", path)) => found.entries.push(SafeText::new(path)),
            Some(("legacy", path)) => found.legacy_packs.push(SafeText::new(path)),
            _ => {}
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leftovers_are_sized_and_named() {
        let l = parse(b"kib=2048\nentry=/mnt/replica/RagflowAuth\nlegacy=/opt/x/migration_pack_1\n").unwrap();
        assert_eq!(
            (l.under_mount_point, l.entries.len(), l.legacy_packs.len()),
            (Some(Bytes(2_097_152)), 1, 1)
        );
        assert_eq!(parse(b"kib=\n").unwrap(), Leftovers::default());
    }
}
