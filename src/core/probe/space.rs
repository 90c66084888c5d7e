//! Room on a file system: `stat -f`, which asks statfs(2) of one path and no other mount.
use crate::core::gap::{Gap, Known};
use crate::core::safetext::SafeText;
use crate::core::units::Bytes;
use serde::Serialize;

/// Room on one file system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Space {
    /// The path that was asked, without the sandbox of the built-in server.
    pub path: SafeText,
    /// As `stat` names the type.
    pub fstype: SafeText,
    /// Whole size.
    pub total: Bytes,
    /// Free for root.
    pub free: Bytes,
    /// Free for anybody else.
    pub available: Bytes,
    /// Inodes, 0 where the file system has none to count (CIFS, btrfs).
    pub inodes: u64,
    /// Free inodes.
    pub inodes_free: u64,
}

impl Space {
    /// Percent used, rounded up, of what anybody but root can use: the number that `df` shows.
    pub fn used_percent(&self) -> u8 {
        percent_up(self.total.0.saturating_sub(self.free.0), self.available.0)
    }

    /// Percent of the inodes used, rounded up; nothing where they are not counted.
    pub fn inodes_used_percent(&self) -> Option<u8> {
        (self.inodes > 0).then(|| percent_up(self.inodes.saturating_sub(self.inodes_free), self.inodes_free))
    }
}

fn percent_up(used: u64, left: u64) -> u8 {
    let (used, left) = (u128::from(used), u128::from(left));
    match used + left {
        0 => 100,
        whole => u8::try_from((used * 100).div_ceil(whole)).unwrap_or(100),
    }
}

/// Reads one line: `type|block size|blocks|free|available|inodes|free inodes|path`.
pub fn line(line: &[u8], root: &str) -> Known<Space> {
    read(line, root).ok_or_else(|| Gap::unreadable("stat -f", line))
}

/// Reads several lines; one that cannot be read spoils the answer, for it may be the full one.
pub fn parse(answer: &[u8], root: &str) -> Known<Vec<Space>> {
    answer.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(|l| line(l, root)).collect()
}

fn read(line: &[u8], root: &str) -> Option<Space> {
    let mut fields = line.splitn(8, |b| *b == b'|');
    let fstype = SafeText::from_bytes(fields.next()?);
    let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse::<u64>().ok();
    let (block, total, free, available, inodes, inodes_free) =
        (number()?, number()?, number()?, number()?, number()?, number()?);
    let path = fields.next()?;
    let bytes = |blocks: u64| Some(Bytes(blocks.checked_mul(block)?));
    let path = path.strip_prefix(root.as_bytes()).unwrap_or(path);
    Some(Space {
        path: SafeText::from_bytes(if path.is_empty() { b"/" } else { path }),
        fstype,
        total: bytes(total).filter(|t| t.0 > 0)?,
        free: bytes(free)?,
        available: bytes(available)?,
        inodes,
        inodes_free,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_percentage_is_the_one_of_df() {
        // df counts used / (used + available), rounded up: 3795389 of 23821472 blocks
        let s = line(b"ext2/ext3|4096|66053021|62257632|20026083|16777216|16357792|/", "").unwrap();
        assert_eq!((s.used_percent(), s.inodes_used_percent()), (16, Some(3)));
        let full = line(b"xfs|4096|1000|0|0|0|0|/box/", "/box").unwrap();
        assert_eq!((full.used_percent(), full.inodes_used_percent(), full.path.as_str()), (100, None, "/"));
    }

    #[test]
    fn a_line_that_is_not_one_is_unreadable() {
        for bad in [
            "",
            "ext4|4096|a|1|1|1|1|/",
            "ext4|4096|1|1|1|1|/",
            "ext4|18446744073709551615|2|1|1|1|1|/",
            "x|0|0|0|0|0|0|/",
        ] {
            assert!(line(bad.as_bytes(), "").is_err(), "{bad}");
        }
        assert!(parse(b"ext4|4096|10|1|1|1|1|/\nstat: cannot read\n", "").is_err());
    }

    proptest! {
        #[test]
        fn a_percentage_is_at_most_a_hundred(used in any::<u64>(), left in any::<u64>()) {
            prop_assert!(percent_up(used, left) <= 100);
        }
    }
}
