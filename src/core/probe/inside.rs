//! The backend's own side: what its container sees as mounted, its clock, its database.
use crate::core::gap::{Gap, Known, NotAsked};
use crate::core::probe::database::{self, Database};
use crate::core::probe::identity::zone;
use crate::core::probe::json::{at, moment, some_text, text};
use crate::core::probe::mountinfo::{self, MountTable};
use crate::core::segments::Segment;
use crate::core::units::EpochMs;
use serde::Serialize;
use serde_json::Value;

/// The backend's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inside {
    /// Who answered.
    pub via: Via,
    /// What the backend's container sees as mounted.
    pub mounts: Known<MountTable>,
    /// The backend's clock.
    pub clock: Known<Clock>,
    /// The database.
    pub database: Known<Database>,
}

/// Who read the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// The backend's container.
    Container,
    /// The server itself, because the container is down.
    Host,
    /// A container made for this one question, because the container is down and the server has no Python.
    OneOff,
}

/// The backend's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Clock {
    /// The time it has.
    pub now: EpochMs,
    /// Its zone, seconds east of UTC: "04:00" of a schedule is meant in it.
    pub zone_s: i32,
}

/// Reads the answer.
pub fn parse(segment: &Segment) -> Known<Inside> {
    let mut via = None;
    let mut answer = &b""[..];
    // a backend that was tried first and did not answer leaves its line; the last one counts
    for line in segment.payload.split(|b| *b == b'\n') {
        match line {
            b"via=container" => via = Some(Via::Container),
            b"via=host" => via = Some(Via::Host),
            b"via=one-off" => via = Some(Via::OneOff),
            other if other.starts_with(b"{") => answer = other,
            _ => {}
        }
    }
    if segment.code != Some(0) {
        return Err(segment.gap());
    }
    segment.answer()?;
    let via = via.ok_or_else(|| Gap::unreadable("via=…", segment.payload))?;
    let value: Value = serde_json::from_slice(answer).map_err(|_| Gap::unreadable("{…}", segment.payload))?;
    // away from its container, nothing is known of the container's mounts and clock
    let of_container = |known: bool| {
        if known { Ok(()) } else { Err(Gap::NotAsked { because: NotAsked::BackendDown }) }
    };
    Ok(Inside {
        via,
        mounts: of_container(via == Via::Container).and_then(|()| mounts(at(&value, &["mounts"]))),
        clock: of_container(via == Via::Container).and_then(|()| clock(at(&value, &["clock"]))),
        database: database::read(at(&value, &["database"])),
    })
}

fn mounts(v: &Value) -> Known<MountTable> {
    match (at(v, &["mountinfo"]).as_str(), some_text(v, &["error"])) {
        (Some(table), _) => mountinfo::parse(table.as_bytes()),
        (None, Some(said)) => Err(Gap::Failed { code: 1, said }),
        (None, None) => Err(Gap::unreadable("mountinfo", v.to_string().as_bytes())),
    }
}

fn clock(v: &Value) -> Known<Clock> {
    let read = moment(v, &["epoch_ms"]).zip(zone(text(v, &["zone"]).as_str()));
    read.map(|(now, zone_s)| Clock { now, zone_s })
        .ok_or_else(|| Gap::unreadable("clock", v.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::safetext::SafeText;

    fn inside(payload: &str, code: i32) -> Known<Inside> {
        let payload = payload.as_bytes();
        parse(&Segment { name: b"inside", payload, said: SafeText::default(), code: Some(code) })
    }

    const PARTS: &str = r#"{"mounts": {"mountinfo": "1 0 0:1 / / rw - overlay overlay rw\n"}, "clock": {"epoch_ms": 1700000000000, "zone": "+0800", "tz": "Asia/Shanghai"}, "database": {"error": "x"}}"#;

    #[test]
    fn each_part_stands_alone() {
        let i = inside(&format!("via=container\n{PARTS}\n"), 0).unwrap();
        assert_eq!((i.mounts.is_ok(), i.clock.unwrap().zone_s, i.database.is_err()), (true, 28800, true));
    }

    #[test]
    fn without_the_container_its_mounts_are_not_known() {
        let i = inside(&format!("via=container\nvia=host\n{PARTS}\n"), 0).unwrap();
        assert_eq!((i.via, i.mounts), (Via::Host, Err(Gap::NotAsked { because: NotAsked::BackendDown })));
    }

    #[test]
    fn half_an_answer_is_none() {
        for bad in ["", "via=container\n", "via=container\n{\"mounts\"", PARTS] {
            assert!(inside(bad, 0).is_err(), "{bad}");
        }
        assert!(inside(&format!("via=container\n{PARTS}"), 1).is_err());
    }
}
