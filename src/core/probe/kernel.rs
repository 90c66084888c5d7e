//! The kernel's last words about CIFS: where a failed mount says why.
use crate::core::gap::{Gap, Known};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use serde::Serialize;

/// The kernel's last lines about CIFS, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KernelLog {
    /// The lines.
    pub lines: Vec<KernelLine>,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KernelLine {
    /// When, if the line says it and the time since boot is known.
    pub at: Option<EpochMs>,
    /// The line without its time.
    pub text: SafeText,
    /// What it means, where it is one of the known ones.
    pub means: Option<CifsTrouble>,
}

/// What a kernel line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CifsTrouble {
    /// Wrong user or password.
    Logon,
    /// The account is locked out, disabled or its password has expired.
    Account,
    /// The user may not use this share.
    Denied,
    /// There is no share of that name.
    ShareName,
    /// The server stopped answering.
    Silent,
    /// No dialect in common.
    Dialect,
}

/// Reads the answer. `booted` is the moment of boot by the server's clock, for times since boot.
pub fn parse(answer: &[u8], booted: Option<EpochMs>) -> Known<KernelLog> {
    let mut lines = SafeText::lines(answer).into_iter();
    let from = lines.next().unwrap_or_default();
    let since_boot = match from.as_str() {
        "from=dmesg" => true,
        "from=journal" => false,
        _ => return Err(Gap::unreadable("from=dmesg | from=journal", answer)),
    };
    let origin = if since_boot { booted } else { Some(EpochMs(0)) };
    Ok(KernelLog { lines: lines.map(|l| line(l.as_str(), since_boot, origin)).collect() })
}

fn line(text: &str, since_boot: bool, origin: Option<EpochMs>) -> KernelLine {
    // "[ 1234.567890] CIFS: …" or "1700000000.123456 host kernel: CIFS: …"
    let (stamp, rest) = match since_boot {
        true => text.strip_prefix('[').and_then(|t| t.split_once(']')).unwrap_or(("", text)),
        false => text.split_once(' ').unwrap_or(("", text)),
    };
    let seconds: Option<f64> =
        stamp.trim().parse().ok().filter(|s: &f64| s.is_finite() && *s >= 0.0 && *s < 1e11);
    let at = seconds.zip(origin).map(|(s, o)| o.plus_ms((s * 1000.0) as i64));
    let rest = if seconds.is_some() { rest } else { text };
    let rest = rest.split_once("kernel: ").map_or(rest, |(_, r)| r);
    KernelLine { at, text: SafeText::new(rest.trim()), means: meaning(rest) }
}

/// NT status names as the kernel prints them (fs/smb/client).
pub(in crate::core) fn meaning(text: &str) -> Option<CifsTrouble> {
    const KNOWN: [(&str, CifsTrouble); 14] = [
        ("STATUS_LOGON_FAILURE", CifsTrouble::Logon),
        ("STATUS_WRONG_PASSWORD", CifsTrouble::Logon),
        ("STATUS_ACCOUNT_LOCKED_OUT", CifsTrouble::Account),
        ("STATUS_ACCOUNT_DISABLED", CifsTrouble::Account),
        ("STATUS_ACCOUNT_RESTRICTION", CifsTrouble::Account),
        ("STATUS_PASSWORD_EXPIRED", CifsTrouble::Account),
        ("STATUS_PASSWORD_MUST_CHANGE", CifsTrouble::Account),
        ("STATUS_ACCESS_DENIED", CifsTrouble::Denied),
        ("STATUS_BAD_NETWORK_NAME", CifsTrouble::ShareName),
        ("BAD_NETWORK_NAME", CifsTrouble::ShareName),
        ("has not responded in", CifsTrouble::Silent),
        ("stuck for 15 seconds", CifsTrouble::Silent),
        ("STATUS_NOT_SUPPORTED", CifsTrouble::Dialect),
        ("rotocol not supported", CifsTrouble::Dialect),
    ];
    KNOWN.iter().find(|(words, _)| text.contains(words)).map(|(_, trouble)| *trouble)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_its_time_and_its_meaning() {
        let log = parse(
            b"from=dmesg\n[   10.500000] CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE\n[   11.0] CIFS: VFS: cifs_mount failed w/return code = -13\n",
            Some(EpochMs(1_000_000)),
        )
        .unwrap();
        assert_eq!(log.lines[0].at, Some(EpochMs(1_010_500)));
        assert_eq!((log.lines[0].means, log.lines[1].means), (Some(CifsTrouble::Logon), None));
        let log = parse(b"from=journal\n1700000000.25 srv kernel: CIFS: VFS: \\\\192.0.2.72 has not responded in 180 seconds.\n", None).unwrap();
        assert_eq!(
            (log.lines[0].at, log.lines[0].means),
            (Some(EpochMs(1_700_000_000_250)), Some(CifsTrouble::Silent))
        );
    }

    #[test]
    fn an_answer_from_nowhere_is_unreadable() {
        assert!(parse(b"", None).is_err());
        assert!(parse(b"dmesg: read kernel buffer failed\n", None).is_err());
    }
}
