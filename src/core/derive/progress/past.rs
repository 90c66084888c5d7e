//! How long the backups of the past took: the whole of each by its row, and its parts by the times of its pack's files.
//!
//! The times of a pack that was copied are those of the copy, so only packs that were written on the share itself tell of
//! parts; and only where the share's clock and the server's do not contradict each other.
use super::step::Part;
use crate::core::probe::database::{Job, Kind, Status};
use crate::core::probe::packs::Pack;
use crate::core::units::{Bytes, EpochMs};

/// Fewer runs than this tell nothing.
const LEAST: usize = 3;
/// Older runs than these were of another size.
const NEWEST: usize = 15;
/// Clocks may differ by this much, and file times are whole seconds.
const SLACK_MS: i64 = 3_000;

/// The finished backups, the newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    runs: Vec<Run>,
}

#[derive(Clone, Debug, PartialEq)]
struct Run {
    kind: Kind,
    total_ms: i64,
    /// In the order in which they were done.
    parts: Option<Vec<(Part, i64)>>,
    bytes: Option<Bytes>,
}

/// How much longer it takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Fewer than three backups of this kind are known.
    TooFew,
    /// About so many milliseconds.
    About(i64),
    /// Longer than it usually takes already.
    Over,
}

impl Past {
    /// What rows tell of the past, the newest first; `whole` is a job's pack, if it lacks nothing and was not copied.
    pub fn of<'a>(jobs: &'a [Job], whole: impl Fn(&'a Job) -> Option<&'a Pack>) -> Past {
        let done = jobs.iter().filter(|j| j.status == Status::Completed);
        let run = |job: &'a Job| {
            let (began, finished) = (job.began()?, job.finished?);
            let pack = whole(job);
            Some(Run {
                kind: job.kind.clone(),
                total_ms: Some(finished.since(began)).filter(|ms| *ms >= 0)?,
                parts: pack.and_then(|p| parts(p, began, finished)),
                bytes: pack.map(Pack::bytes),
            })
        };
        Past { runs: done.filter_map(run).collect() }
    }

    /// What a pack of this kind usually weighs.
    pub fn usual_bytes(&self, kind: &Kind) -> Option<Bytes> {
        median(self.of_kind(kind).filter_map(|r| r.bytes))
    }

    /// How long a backup of this kind usually takes.
    pub fn usual_ms(&self, kind: &Kind) -> Option<i64> {
        median(self.of_kind(kind).map(|r| r.total_ms))
    }

    /// How long a part of it usually takes.
    pub fn usual_part_ms(&self, kind: &Kind, part: &Part) -> Option<i64> {
        let of_run = |r: &Run| Some(r.parts.as_ref()?.iter().find(|(p, _)| p == part)?.1);
        median(self.of_kind(kind).filter_map(of_run))
    }

    /// How much longer a backup takes that began `elapsed_ms` ago and is in this part of it since so many milliseconds.
    pub fn left(&self, kind: &Kind, elapsed_ms: i64, part: Option<(&Part, i64)>) -> Left {
        if let Some(ms) = part.and_then(|(part, since_ms)| self.left_by_parts(kind, part, since_ms)) {
            return Left::About(ms);
        }
        match self.usual_ms(kind) {
            None => Left::TooFew,
            Some(usual) if usual > elapsed_ms => Left::About(usual.saturating_sub(elapsed_ms.max(0))),
            Some(_) => Left::Over,
        }
    }

    /// What is left of this part, and all parts that come after it; nothing if one of them is not known.
    fn left_by_parts(&self, kind: &Kind, part: &Part, since_ms: i64) -> Option<i64> {
        let newest = self.of_kind(kind).find_map(|r| r.parts.as_ref())?;
        let mut order = newest.iter().map(|(p, _)| p).skip_while(|p| *p != part);
        let own = self.usual_part_ms(kind, order.next()?)?.saturating_sub(since_ms.max(0)).max(0);
        order.try_fold(own, |sum, p| Some(sum.saturating_add(self.usual_part_ms(kind, p)?)))
    }

    fn of_kind<'a>(&'a self, kind: &'a Kind) -> impl Iterator<Item = &'a Run> {
        self.runs.iter().filter(move |r| r.kind == *kind).take(NEWEST)
    }
}

/// The parts of a finished backup, each from the end of the one before.
fn parts(pack: &Pack, began: EpochMs, finished: EpochMs) -> Option<Vec<(Part, i64)>> {
    let mut files: Vec<(EpochMs, Part)> =
        pack.files.iter().filter_map(|(path, f)| Some((f.changed, Part::of_file(path.as_str())?))).collect();
    files.sort();
    let first = files.first()?;
    let last = files.last()?;
    // the share's clock is another one: what contradicts the row tells nothing
    let fits =
        first.1 == Part::Database && first.0.since(began) >= -SLACK_MS && finished.since(last.0) >= -SLACK_MS;
    let mut from = began;
    let mut all = Vec::new();
    for (at, part) in files.into_iter().chain([(finished, Part::Finish)]) {
        all.push((part, at.since(from).max(0)));
        from = from.max(at);
    }
    fits.then_some(all)
}

/// The middle one; nothing for fewer than three.
fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> Option<T> {
    let mut all: Vec<T> = values.collect();
    all.sort_unstable();
    if all.len() < LEAST { None } else { all.get(all.len() / 2).copied() }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::core::probe::packs::PackFile;
    use crate::core::safetext::SafeText;

    const S: i64 = 1000;

    pub(crate) fn pack(files: &[(&str, u64, i64)]) -> Pack {
        let file = |(name, bytes, at): &(&str, u64, i64)| {
            (SafeText::new(name), PackFile { bytes: Bytes(*bytes), changed: EpochMs(at * S) })
        };
        Pack {
            name: SafeText::new("migration_pack_x"),
            path: SafeText::new("migration_pack_x"),
            changed: EpochMs(files.iter().map(|f| f.2 * S).max().unwrap_or(0)),
            files: files.iter().map(file).collect(),
        }
    }

    /// So many incremental backups: database 10 s, volume a 100 s, volume b 20 s, the end 5 s; a bit longer each.
    pub(crate) fn past(runs: i64) -> Past {
        let run = |n: i64| {
            let ms = |s: i64| s * S + n;
            let parts = vec![
                (Part::Database, ms(10)),
                (Part::Volume("a".into()), ms(100)),
                (Part::Volume("b".into()), ms(20)),
                (Part::Finish, ms(5)),
            ];
            Run {
                kind: Kind::Incremental,
                total_ms: ms(135),
                parts: Some(parts),
                bytes: Some(Bytes(1000 + n.unsigned_abs())),
            }
        };
        Past { runs: (0..runs).map(run).collect() }
    }

    #[test]
    fn the_times_of_the_files_tell_the_parts() {
        let p = pack(&[("auth.db", 1, 110), ("volumes/a.tar.gz", 1, 150), ("backup_settings.json", 1, 151)]);
        let all = parts(&p, EpochMs(100 * S), EpochMs(155 * S)).unwrap();
        assert_eq!(
            all,
            [(Part::Database, 10 * S), (Part::Volume("a".into()), 40 * S), (Part::Finish, 5 * S)]
        );
    }

    #[test]
    fn a_share_whose_clock_is_wrong_tells_no_parts() {
        let p = pack(&[("auth.db", 1, 110), ("volumes/a.tar.gz", 1, 150)]);
        assert_eq!(parts(&p, EpochMs(120 * S), EpochMs(155 * S)), None, "written before it began");
        assert_eq!(parts(&p, EpochMs(100 * S), EpochMs(140 * S)), None, "written after it ended");
        assert_eq!(parts(&pack(&[]), EpochMs(0), EpochMs(9)), None);
    }

    #[test]
    fn what_is_left_is_told_by_parts_then_by_the_whole_and_never_by_two_runs() {
        let kind = Kind::Incremental;
        let a = Part::Volume("a".into());
        let left = |runs, elapsed: i64, part| past(runs).left(&kind, elapsed * S, part);
        assert_eq!(left(2, 20, Some((&a, 10 * S))), Left::TooFew);
        assert_eq!(left(3, 20, Some((&a, 40 * S))), Left::About(60 * S + 25 * S + 3));
        // longer than usual in this part: the others are still to come
        assert_eq!(left(3, 300, Some((&a, 900 * S))), Left::About(25 * S + 2));
        assert_eq!(left(3, 35, None), Left::About(100 * S + 1));
        assert_eq!(left(3, 35, Some((&Part::Images, 0))), Left::About(100 * S + 1), "a part nobody knows");
        assert_eq!(left(3, 400, None), Left::Over);
        assert_eq!(past(3).left(&Kind::Full, 0, None), Left::TooFew);
    }
}
