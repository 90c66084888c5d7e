//! Who answered, and what time it is there.
use crate::core::gap::{Gap, Known};
use crate::core::safetext::SafeText;
use crate::core::units::EpochMs;
use serde::Serialize;

/// Who answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Identity {
    /// Host name, as the kernel has it.
    pub hostname: SafeText,
    /// `/etc/machine-id`, empty where there is none.
    pub machine_id: SafeText,
    /// `uname -r`.
    pub kernel: SafeText,
    /// `PRETTY_NAME` of os-release.
    pub os: SafeText,
    /// The login's user id; 0 is root.
    pub uid: Option<u32>,
    /// Seconds since boot.
    pub uptime_s: Option<u64>,
    /// Its network addresses.
    pub addresses: Vec<SafeText>,
    /// The server's wall clock, to the second.
    pub clock: EpochMs,
    /// The server's zone, seconds east of UTC.
    pub zone_s: Option<i32>,
}

/// Reads `key=value` lines. Without a clock the answer is none.
pub fn parse(answer: &[u8]) -> Known<Identity> {
    let value = |key: &str| -> &[u8] {
        let found =
            answer.split(|b| *b == b'\n').find_map(|l| l.strip_prefix(key.as_bytes())?.strip_prefix(b"="));
        found.unwrap_or_default()
    };
    let text = |key: &str| SafeText::from_bytes(value(key));
    let clock = text("epoch_s").as_str().parse::<i64>().ok().filter(|s| (0..=253_402_300_799).contains(s));
    let clock = clock.ok_or_else(|| Gap::unreadable("hostname=… epoch_s=…", answer))?;
    Ok(Identity {
        hostname: text("hostname"),
        machine_id: text("machine_id"),
        kernel: text("kernel"),
        os: text("os"),
        uid: text("uid").as_str().parse().ok(),
        uptime_s: text("uptime_s").as_str().split('.').next().and_then(|s| s.parse().ok()),
        addresses: text("addresses").as_str().split_whitespace().map(SafeText::new).collect(),
        clock: EpochMs(clock * 1000),
        zone_s: zone(text("zone").as_str()),
    })
}

/// `+0800` in seconds.
pub fn zone(text: &str) -> Option<i32> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", d) => (1, d),
        ("-", d) => (-1, d),
        _ => return None,
    };
    if digits.len() != 4 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number: i32 = digits.parse().ok()?;
    let (hours, minutes) = (number / 100, number % 100);
    (hours <= 18 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_says_who_it_is() {
        let id = parse(b"hostname=rag-57\nmachine_id=abc\nkernel=4.18\nos=CentOS Linux 8 (Core)\nuid=0\nuptime_s=120.55\naddresses=10.0.2.15 ::1 \nzone=+0800\nepoch_s=1700000000\n").unwrap();
        assert_eq!(
            (id.hostname.as_str(), id.uid, id.uptime_s, id.zone_s),
            ("rag-57", Some(0), Some(120), Some(28800))
        );
        assert_eq!((id.addresses.len(), id.clock), (2, EpochMs(1_700_000_000_000)));
    }

    #[test]
    fn without_a_clock_there_is_no_answer() {
        for bad in ["", "hostname=x\n", "epoch_s=\n", "epoch_s=soon\n", "epoch_s=99999999999999\n"] {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn zones() {
        assert_eq!(
            (zone("-0330"), zone("+0000"), zone("UTC"), zone("+8"), zone("+2500")),
            (Some(-12600), Some(0), None, None, None)
        );
    }
}
