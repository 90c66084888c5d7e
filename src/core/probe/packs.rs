//! What lies in the pack folder: packs, their files, and what interrupted runs left.
use crate::core::gap::{Gap, Known};
use crate::core::safetext::SafeText;
use crate::core::units::{Bytes, EpochMs};
use serde::Serialize;
use std::collections::BTreeMap;

/// The pack folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PackFolder {
    /// The packs, newest name last.
    pub packs: Vec<Pack>,
    /// Copies that were never finished: `_tmp/job_<id>_<ts>`.
    pub interrupted: Vec<Pack>,
    /// Other files and folders.
    pub others: Vec<SafeText>,
}

/// One `migration_pack_…` or `_tmp/job_…` folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Pack {
    /// Folder name; it begins with the time of the backend's clock.
    pub name: SafeText,
    /// Path below the pack folder.
    pub path: SafeText,
    /// The newest change in it, by the share's clock.
    pub changed: EpochMs,
    /// Its files by their path in the pack: `auth.db`, `volumes/x.tar.gz`.
    pub files: BTreeMap<SafeText, PackFile>,
}

/// A file of a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct PackFile {
    /// Its size.
    pub bytes: Bytes,
    /// Its last change, by the share's clock.
    pub changed: EpochMs,
}

impl PackFolder {
    /// What all packs take together.
    pub fn bytes(&self) -> Bytes {
        Bytes(self.packs.iter().fold(0, |sum, p| p.bytes().0.saturating_add(sum)))
    }

    /// The first that retention would delete, whoever made it.
    pub fn oldest(&self) -> Option<&Pack> {
        self.packs.iter().min_by_key(|p| p.changed)
    }
}

impl Pack {
    /// Size of all its files.
    pub fn bytes(&self) -> Bytes {
        Bytes(self.files.values().fold(0, |sum, f| sum.saturating_add(f.bytes.0)))
    }

    /// The size of a file, if it is there.
    pub fn file(&self, path: &str) -> Option<Bytes> {
        self.files.get(&SafeText::new(path)).map(|f| f.bytes)
    }

    /// Its volume archives: volume name and size.
    pub fn volumes(&self) -> impl Iterator<Item = (&str, Bytes)> {
        self.files.iter().filter_map(|(path, file)| {
            Some((path.as_str().strip_prefix("volumes/")?.strip_suffix(".tar.gz")?, file.bytes))
        })
    }
}

/// Reads `type|bytes|seconds|path` lines. `folder` is the pack folder as it was asked, sandbox included.
pub fn parse(answer: &[u8], folder: &str) -> Known<PackFolder> {
    let mut packs: BTreeMap<SafeText, Pack> = BTreeMap::new();
    let mut others = Vec::new();
    for line in answer.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        let entry = entry(line, folder).ok_or_else(|| Gap::unreadable("type|bytes|seconds|path", line))?;
        let parts: Vec<&str> = entry.path.split('/').collect();
        let is_pack = |part: &&str| part.starts_with("migration_pack_");
        let in_tmp = parts.first() == Some(&"_tmp");
        let pack_at = if in_tmp { (parts.len() > 1).then_some(1) } else { parts.iter().position(is_pack) };
        match pack_at {
            Some(at) => {
                let (own, inside) = parts.split_at_checked(at + 1).unwrap_or((&parts, &[]));
                let path = SafeText::new(&own.join("/"));
                let name = SafeText::new(own.last().copied().unwrap_or_default());
                let pack = packs.entry(path.clone()).or_insert(Pack {
                    name,
                    path,
                    changed: entry.changed,
                    files: BTreeMap::new(),
                });
                pack.changed = pack.changed.max(entry.changed);
                if !inside.is_empty() && !entry.is_folder {
                    let file = PackFile { bytes: entry.bytes, changed: entry.changed };
                    pack.files.insert(SafeText::new(&inside.join("/")), file);
                }
            }
            // the folder of interrupted copies, and folders by date, are only ways to packs
            None if entry.is_folder
                && (in_tmp || parts.iter().all(|p| p.starts_with(|c: char| c.is_ascii_digit()))) => {}
            None => others.push(SafeText::new(&entry.path)),
        }
    }
    let (interrupted, mut packs): (Vec<Pack>, Vec<Pack>) =
        packs.into_values().partition(|p| p.path.as_str().starts_with("_tmp/"));
    packs.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(PackFolder { packs, interrupted, others })
}

struct Entry {
    is_folder: bool,
    bytes: Bytes,
    changed: EpochMs,
    path: String,
}

fn entry(line: &[u8], folder: &str) -> Option<Entry> {
    let mut fields = line.splitn(4, |b| *b == b'|');
    let kind = fields.next()?;
    let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse::<i64>().ok();
    // Windows' "no time" is before 1970
    let (bytes, seconds) = (u64::try_from(number()?).ok()?, number()?.max(0));
    // a link is as long as its text, and holds nothing
    let bytes = if kind.starts_with(b"regular") { bytes } else { 0 };
    let path = fields.next()?.strip_prefix(folder.as_bytes())?.strip_prefix(b"/")?;
    let seconds = Some(seconds).filter(|s| *s < 253_402_300_800)?;
    let path = SafeText::from_bytes(path).as_str().to_owned();
    Some(Entry {
        is_folder: kind == b"directory",
        bytes: Bytes(bytes),
        changed: EpochMs(seconds * 1000),
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FOLDER: &str = "/mnt/replica/RagflowAuth";

    fn folder(lines: &[&str]) -> PackFolder {
        let text: String = lines.iter().map(|l| l.replace('@', FOLDER) + "\n").collect();
        parse(text.as_bytes(), FOLDER).unwrap()
    }

    #[test]
    fn files_belong_to_their_pack() {
        let f = folder(&[
            "directory|0|10|@/migration_pack_20260201_040000_123",
            "regular file|100|11|@/migration_pack_20260201_040000_123/auth.db",
            "directory|0|20|@/migration_pack_20260201_040000_123/volumes",
            "regular file|50|21|@/migration_pack_20260201_040000_123/volumes/ragflow_compose_esdata01.tar.gz",
            "directory|0|5|@/_tmp",
            "directory|0|6|@/_tmp/job_9_1700000000",
            "regular file|7|6|@/_tmp/job_9_1700000000/auth.db",
            "directory|0|6|@/2026-01-31",
            "directory|0|6|@/2026-01-31/migration_pack_20260131_040000",
            "regular file|3|6|@/readme.txt",
        ]);
        let names: Vec<&str> = f.packs.iter().map(|p| p.path.as_str()).collect();
        assert_eq!(
            names,
            ["2026-01-31/migration_pack_20260131_040000", "migration_pack_20260201_040000_123"]
        );
        let pack = &f.packs[1];
        assert_eq!(
            (pack.bytes(), pack.changed, pack.file("auth.db")),
            (Bytes(150), EpochMs(21_000), Some(Bytes(100)))
        );
        assert_eq!(pack.volumes().collect::<Vec<_>>(), [("ragflow_compose_esdata01", Bytes(50))]);
        assert_eq!((f.interrupted[0].path.as_str(), f.others.len()), ("_tmp/job_9_1700000000", 1));
    }

    #[test]
    fn a_line_that_cannot_be_read_spoils_the_answer() {
        for bad in [
            "directory|0|x|/mnt/replica/RagflowAuth/a",
            "find: x",
            "regular file|1|1|/elsewhere/a",
            "directory|1|1|/mnt/replica/RagflowAuth2/a",
        ] {
            assert!(parse(bad.as_bytes(), FOLDER).is_err(), "{bad}");
        }
        assert_eq!(parse(b"", FOLDER), Ok(PackFolder::default()));
    }

    proptest! {
        #[test]
        fn any_names_are_read(names in proptest::collection::vec("[a-z_/|0-9\u{1b}中]{1,30}", 0..8)) {
            let text: String = names.iter().map(|n| format!("regular file|1|1|{FOLDER}/{n}\n")).collect();
            let _any = parse(text.as_bytes(), FOLDER);
        }
    }
}
