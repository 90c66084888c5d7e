//! `/proc/self/mountinfo` (proc(5)): the only source of what is mounted, because it never asks the file system itself.
use crate::core::gap::{Gap, Known};
use crate::core::safetext::SafeText;
use serde::Serialize;

/// One mount.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// Where, decoded; compared byte by byte, shown as [`SafeText`].
    #[serde(skip)]
    pub point: Vec<u8>,
    /// Where, for people.
    #[serde(rename = "point")]
    pub shown_point: SafeText,
    /// `cifs`, `ext4`.
    pub fstype: SafeText,
    /// `//host/share`, a device.
    pub source: SafeText,
    /// The part of the source that is mounted: `/` except for binds.
    pub root: SafeText,
    /// Options of this mount: `rw`, `relatime`.
    pub options: Vec<SafeText>,
    /// Options of the file system: `vers=3.1.1`, `addr=…`.
    pub super_options: Vec<SafeText>,
}

impl Mount {
    /// Whether the kernel speaks SMB here.
    pub fn is_cifs(&self) -> bool {
        matches!(self.fstype.as_str(), "cifs" | "smb3")
    }

    /// Writable only if neither the mount nor the file system says `ro`.
    pub fn is_writable(&self) -> bool {
        !self.options.iter().chain(&self.super_options).any(|o| o.as_str() == "ro")
    }

    /// Value of a file system option: `super_option("vers")`.
    pub fn super_option(&self, name: &str) -> Option<&str> {
        self.super_options.iter().find_map(|o| o.as_str().strip_prefix(name)?.strip_prefix('='))
    }
}

/// All mounts that one process sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MountTable {
    /// In the kernel's order: of two on one point, the later is on top.
    pub mounts: Vec<Mount>,
    /// Lines that could not be read.
    pub unreadable_lines: usize,
}

impl MountTable {
    /// The mount that one sees at exactly this point, and how many more lie under it.
    pub fn at(&self, point: &str) -> Option<(&Mount, usize)> {
        let stack: Vec<&Mount> = self.mounts.iter().filter(|m| m.point == point.as_bytes()).collect();
        // systemd's automount lies under what it mounts, and belongs there
        let under = stack.iter().rev().skip(1).filter(|m| m.fstype.as_str() != "autofs").count();
        stack.last().map(|top| (*top, under))
    }

    /// Every SMB mount.
    pub fn cifs(&self) -> impl Iterator<Item = &Mount> {
        self.mounts.iter().filter(|m| m.is_cifs())
    }
}

/// Reads the table. A table without the root of the file tree is none: something answered in its place.
pub fn parse(answer: &[u8]) -> Known<MountTable> {
    let mut table = MountTable::default();
    for line in answer.split(|b| *b == b'\n').filter(|l| !l.is_empty()) {
        match mount(line) {
            Some(mount) => table.mounts.push(mount),
            None => table.unreadable_lines += 1,
        }
    }
    // a line of our mount point may be among those that could not be read
    if table.unreadable_lines > 0 || table.at("/").is_none() {
        return Err(Gap::unreadable("/proc/self/mountinfo", first_unreadable(answer)));
    }
    Ok(table)
}

fn first_unreadable(answer: &[u8]) -> &[u8] {
    answer.split(|b| *b == b'\n').find(|l| !l.is_empty() && mount(l).is_none()).unwrap_or_default()
}

/// `36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue`
fn mount(line: &[u8]) -> Option<Mount> {
    let fields: Vec<&[u8]> = line.split(|b| *b == b' ').collect();
    let numeric = |f: &&[u8]| f.iter().all(u8::is_ascii_digit) && !f.is_empty();
    if !fields.first().is_some_and(numeric) || !fields.get(1).is_some_and(numeric) {
        return None;
    }
    let dash = 6 + fields.get(6..)?.iter().position(|f| *f == b"-")?;
    let point = decode(fields.get(4)?);
    Some(Mount {
        shown_point: SafeText::from_bytes(&point),
        point,
        root: SafeText::from_bytes(&decode(fields.get(3)?)),
        options: list(fields.get(5)?),
        fstype: SafeText::from_bytes(fields.get(dash + 1).filter(|f| !f.is_empty())?),
        source: SafeText::from_bytes(&decode(fields.get(dash + 2)?)),
        super_options: list(fields.get(dash + 3)?),
    })
}

fn list(field: &[u8]) -> Vec<SafeText> {
    // a password in the options would be the mount's own mistake; it goes no further
    let shown = |o: &[u8]| match o.split(|b| *b == b'=').next() {
        Some(b"password" | b"pass" | b"passwd") => SafeText::new("password=***"),
        _ => SafeText::from_bytes(o),
    };
    field.split(|b| *b == b',').map(|o| shown(&decode(o))).collect()
}

/// The kernel writes space, tab, line break and backslash as `\ooo`.
fn decode(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let octal = match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                Some((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'))
            }
            _ => None,
        };
        out.push(octal.unwrap_or(*first));
        rest = if octal.is_some() { after.get(3..).unwrap_or_default() } else { after };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROOT: &str = "22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw\n";
    const SHARE: &str = "88 22 0:44 / /mnt/replica rw,relatime shared:40 - cifs //192.0.2.72/backup rw,vers=3.1.1,addr=192.0.2.72\n";

    fn table(lines: &str) -> MountTable {
        parse(format!("{ROOT}{lines}").as_bytes()).unwrap()
    }

    #[test]
    fn only_the_exact_point_counts() {
        for other in ["/mnt/replica2", "/mnt/replica/RagflowAuth", "/mnt", "/mnt/replica/"] {
            let lines = SHARE.replace("/mnt/replica ", &format!("{other} "));
            assert_eq!(table(&lines).at("/mnt/replica"), None, "{other}");
        }
        let table = table(SHARE);
        let (mount, under) = table.at("/mnt/replica").unwrap();
        assert!(mount.is_cifs() && mount.is_writable());
        assert_eq!(
            (mount.source.as_str(), mount.super_option("vers"), under),
            ("//192.0.2.72/backup", Some("3.1.1"), 0)
        );
    }

    #[test]
    fn of_several_on_one_point_the_last_is_seen() {
        let table = table(&format!("{SHARE}99 88 0:50 / /mnt/replica rw - tmpfs tmpfs rw\n"));
        let (mount, under) = table.at("/mnt/replica").unwrap();
        assert_eq!((mount.fstype.as_str(), under), ("tmpfs", 1));
    }

    #[test]
    fn escapes_are_decoded_and_read_only_is_seen_in_either_place() {
        let table = table(
            "5 1 0:1 / /mnt/a\\040b\\134c ro,relatime - cifs //h/s\\040t rw\n6 1 0:1 / /c rw - cifs //h/s ro,vers=3.0\n",
        );
        assert_eq!(table.at("/mnt/a b\\c").unwrap().0.source.as_str(), "//h/s t");
        assert!(table.cifs().all(|m| !m.is_writable()));
    }

    #[test]
    fn a_table_that_is_none_is_unreadable_and_never_says_not_mounted() {
        for bad in ["", "mountinfo: No such file\n", "1 2 3\n", "22 1 254:0 / / rw - ext4\n", SHARE] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
        assert!(parse(format!("{ROOT}88 22 0:44 / /mnt/repl").as_bytes()).is_err());
    }

    #[test]
    fn a_password_among_the_options_goes_no_further() {
        let table = table("5 1 0:1 / /c rw - cifs //h/s rw,password=hunter2,user=x\n");
        assert!(!format!("{table:?}").contains("hunter2"));
    }

    proptest! {
        #[test]
        fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _any = parse(&bytes);
        }

        #[test]
        fn what_is_encoded_is_decoded(point in proptest::collection::vec(1u8.., 1..20)) {
            let encoded: Vec<u8> = point.iter().flat_map(|b| match b {
                b' ' | b'\t' | b'\n' | b'\\' => format!("\\{b:03o}").into_bytes(),
                b => vec![*b],
            }).collect();
            prop_assert_eq!(decode(&encoded), point);
        }
    }
}
