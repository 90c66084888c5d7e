//! Whether the next backup fits.
use crate::core::units::Bytes;
use serde::Serialize;

/// Room for the next backup of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Room {
    /// What it will take: the last pack of its kind and a reserve, or the images if they are larger.
    pub need: Bytes,
    /// What is free where it is written.
    pub have: Bytes,
}

impl Room {
    /// Whether it fits.
    pub fn fits(&self) -> bool {
        self.have >= self.need
    }
}

/// What the next pack will take. `last` is the last one of its kind, `images` what a full one saves beside the rest.
pub fn need(last: Option<Bytes>, images: Option<Bytes>, percent: u32) -> Option<Bytes> {
    let with_reserve =
        |b: Bytes| Bytes(u64::try_from(u128::from(b.0) * u128::from(percent) / 100).unwrap_or(u64::MAX));
    match (last.map(with_reserve), images) {
        (Some(last), Some(images)) => Some(last.max(images)),
        (last, images) => last.or(images),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_pack_takes_the_last_one_and_a_reserve() {
        assert_eq!(need(Some(Bytes(100)), None, 120), Some(Bytes(120)));
        assert_eq!(need(Some(Bytes(100)), Some(Bytes(500)), 120), Some(Bytes(500)));
        assert_eq!((need(None, Some(Bytes(7)), 120), need(None, None, 120)), (Some(Bytes(7)), None));
        assert!(!Room { need: Bytes(2), have: Bytes(1) }.fits());
        assert_eq!(need(Some(Bytes(u64::MAX)), None, 120), Some(Bytes(u64::MAX)));
    }
}
