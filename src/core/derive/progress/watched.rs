//! The job that is watched, and what was seen of it.
use super::rate::Window;
use super::step::Part;
use crate::core::gap::Gap;
use crate::core::probe::database::Job;
use crate::core::probe::packs::Pack;
use crate::core::probe::watch::Packs;
use crate::core::units::{Bytes, EpochMs};

/// The job that is watched, and what was seen of it.
#[derive(Clone, Debug)]
pub(super) struct Watched {
    pub(super) job: Job,
    /// When its step was first seen, by the server's clock.
    pub(super) step_seen: EpochMs,
    pub(super) packs: Option<Packs>,
    pub(super) pack_gap: Option<Gap>,
    pub(super) held: Option<u32>,
    pub(super) written: Window,
    /// When something of it was last seen to change, by the workstation's clock.
    pub(super) moved: Option<EpochMs>,
}

impl Watched {
    pub(super) fn new(job: Job, server: EpochMs) -> Watched {
        Watched {
            job,
            step_seen: server,
            packs: None,
            pack_gap: None,
            held: None,
            written: Window::default(),
            moved: None,
        }
    }

    /// What it writes to just now.
    pub(super) fn newest(&self) -> Option<&Pack> {
        let packs = self.packs.as_ref()?;
        packs.own.iter().chain(&packs.copy).max_by_key(|p| p.changed)
    }

    /// When a part of it began, by the server's clock: when the file before it was done, but no later than it was seen.
    pub(super) fn part_began(&self, part: &Part) -> Option<EpochMs> {
        let began = self.job.began()?;
        let own = self.packs.as_ref().and_then(|p| p.own.as_ref());
        let others = own.iter().flat_map(|p| &p.files).filter(|(path, _)| {
            let of = Part::of_file(path.as_str());
            *part != Part::Database && of.is_some() && of.as_ref() != Some(part)
        });
        let before = others.map(|(_, file)| file.changed).max().unwrap_or(began);
        let first_seen = if *part == Part::Database { began } else { self.step_seen };
        Some(before.min(first_seen).max(began))
    }

    /// How long ago something of it changed: as it was seen, or by the times of its files and its row.
    pub(super) fn last_sign(&self, now: EpochMs, server: EpochMs) -> Option<i64> {
        let seen = self.moved.map(|at| now.since(at));
        let told = self.newest().map(|p| p.changed).max(self.job.began()).map(|at| server.since(at));
        seen.into_iter().chain(told).min().map(|ms| ms.max(0))
    }
}

/// What has been written: the copy while it is being made, else the pack.
pub(super) fn written(packs: &Packs) -> Option<Bytes> {
    packs.copy.as_ref().or(packs.own.as_ref()).map(Pack::bytes)
}
