//! The lines of `/etc/fstab` (fstab(5)) that bring the share back after a reboot. Passwords are masked on the server.
use crate::core::safetext::SafeText;
use serde::Serialize;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FstabLine {
    /// `//host/share`.
    pub source: SafeText,
    /// The mount point.
    pub point: SafeText,
    /// `cifs`.
    pub fstype: SafeText,
    /// `_netdev`, `nofail`, `credentials=…`.
    pub options: Vec<SafeText>,
}

impl FstabLine {
    /// Whether an option is set.
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|o| o.as_str() == option)
    }
}

/// Reads the lines; a line with fewer than four fields mounts nothing and is passed over.
pub fn parse(answer: &[u8]) -> Vec<FstabLine> {
    let decode = |field: &str| {
        SafeText::new(&field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
    };
    let lines = SafeText::lines(answer);
    let read = |line: &SafeText| {
        let mut fields = line.as_str().split_whitespace();
        let (source, point, fstype) =
            (decode(fields.next()?), decode(fields.next()?), SafeText::new(fields.next()?));
        let options = fields.next()?.split(',').map(decode).collect();
        Some(FstabLine { source, point, fstype, options })
    };
    lines.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_field_by_field() {
        let lines = parse(b"//192.0.2.72/backup /mnt/replica cifs credentials=/root/.smbcredentials,_netdev,nofail 0 0\nshort line\n");
        assert_eq!(lines.len(), 1);
        assert!(lines[0].has("nofail") && lines[0].has("_netdev") && !lines[0].has("ro"));
        assert_eq!(parse(b"//h/a\\040b /m cifs defaults\n")[0].source.as_str(), "//h/a b");
    }
}
