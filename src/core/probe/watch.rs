//! What a watch says, line by line: jobs as they change, the pack as it grows, and a sign of life now and then.
//!
//! Lines come as `@@MARK kind …`; whatever else comes is not for us. The lines of a pack are gathered until its end.
use crate::core::gap::{Gap, Known, NotAsked};
use crate::core::probe::containers::{self, Container};
use crate::core::probe::database::{self, Job, Lock};
use crate::core::probe::json::{at, moment, some_text};
use crate::core::probe::packs::{self, Pack};
use crate::core::safetext::SafeText;
use crate::core::segments::Segment;
use crate::core::units::{EpochMs, JobId};
use serde_json::Value;

/// The longest listing of a pack that is kept, in bytes.
const LISTING: usize = 64 * 1024;

/// One thing that the watch says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tick {
    /// It is there; the server's clock.
    Beat(EpochMs),
    /// The backend's container.
    Backend(Known<Box<Container>>),
    /// The jobs, and the container's clock when they were read.
    Jobs {
        /// The container's clock.
        clock: Option<EpochMs>,
        /// The rows.
        jobs: Known<Jobs>,
    },
    /// The pack of the watched job.
    Packs(Known<Packs>),
    /// The share holds the reader that was to look at the pack.
    Held {
        /// Its process.
        pid: u32,
    },
    /// The container that packs a volume into the pack, if one does.
    Helper(Known<Option<SafeText>>),
}

/// The rows of a watch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jobs {
    /// Every job that is queued, running or canceling.
    pub live: Vec<Job>,
    /// The newest that are not.
    pub ended: Vec<Job>,
    /// The rows of `backup_locks`.
    pub locks: Vec<Lock>,
}

/// What a job has written so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packs {
    /// The job.
    pub job: JobId,
    /// Its pack.
    pub own: Option<Pack>,
    /// The copy of it on the share, while that is being made.
    pub copy: Option<Pack>,
}

/// Takes the lines of one watch.
#[derive(Clone, Debug)]
pub struct Reader {
    start: Vec<u8>,
    root: String,
    pack_folder: String,
    own: Vec<u8>,
    copy: Vec<u8>,
}

impl Reader {
    /// For a watch with this mark, on a host whose `/` is `root`.
    pub fn new(mark: &str, root: &str, pack_folder: &str) -> Reader {
        Reader {
            start: format!("@@{mark} ").into_bytes(),
            root: root.to_owned(),
            pack_folder: pack_folder.to_owned(),
            own: Vec::new(),
            copy: Vec::new(),
        }
    }

    /// What a line says. Total: a line that is not ours, or of a kind that is not known, says nothing.
    pub fn line(&mut self, line: &[u8]) -> Option<Tick> {
        let (kind, rest) = word(line.strip_prefix(self.start.as_slice())?);
        match kind {
            b"beat" => Some(Tick::Beat(EpochMs(number(rest)?.checked_mul(1000)?))),
            b"backend" => Some(Tick::Backend(backend(rest))),
            b"db" => Some(jobs(rest)),
            b"own" => gather(&mut self.own, rest),
            b"copy" => gather(&mut self.copy, rest),
            b"pack" => Some(Tick::Packs(self.packs(rest))),
            b"helper" => Some(Tick::Helper(Ok(Some(SafeText::from_bytes(rest)).filter(|n| !n.is_empty())))),
            b"held" => Some(Tick::Held { pid: u32::try_from(number(rest)?).ok()? }),
            b"gap" => {
                let (what, rest) = word(rest);
                let (code, said) = word(rest);
                let gap = gap(number(code).and_then(|c| i32::try_from(c).ok()), SafeText::from_bytes(said));
                match what {
                    b"backend" => Some(Tick::Backend(Err(gap))),
                    b"database" => Some(Tick::Jobs { clock: None, jobs: Err(gap) }),
                    b"pack" => Some(Tick::Packs(Err(gap))),
                    b"helper" => Some(Tick::Helper(Err(gap))),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The end of a pack's lines: `JOB FOLDER`.
    fn packs(&mut self, rest: &[u8]) -> Known<Packs> {
        let (own, copy) = (std::mem::take(&mut self.own), std::mem::take(&mut self.copy));
        let unreadable = || Gap::unreadable("pack JOB FOLDER", rest);
        let (job, above) = word(rest);
        let job = JobId(number(job).ok_or_else(unreadable)?);
        let above = format!("{}{}", self.root, std::str::from_utf8(above).map_err(|_| unreadable())?);
        for cut in [&own, &copy] {
            if cut.len() >= LISTING {
                return Err(Gap::CutShort { bytes: LISTING as u64 });
            }
        }
        let own = packs::parse(&own, &above)?.packs.pop();
        let copy = packs::parse(&copy, &format!("{}{}", self.root, self.pack_folder))?.interrupted.pop();
        Ok(Packs { job, own, copy })
    }
}

fn gather(list: &mut Vec<u8>, line: &[u8]) -> Option<Tick> {
    let room = LISTING.saturating_sub(list.len());
    list.extend(line.iter().chain(b"\n").take(room));
    None
}

fn backend(json: &[u8]) -> Known<Box<Container>> {
    let mut all = containers::containers(json)?;
    all.pop().map(Box::new).ok_or_else(|| Gap::unreadable("docker inspect", json))
}

fn jobs(json: &[u8]) -> Tick {
    let Ok(value) = serde_json::from_slice::<Value>(json) else {
        return Tick::Jobs { clock: None, jobs: Err(Gap::unreadable("{…}", json)) };
    };
    let clock = moment(&value, &["clock", "epoch_ms"]);
    Tick::Jobs { clock, jobs: rows(at(&value, &["database"])) }
}

fn rows(value: &Value) -> Known<Jobs> {
    if let Some(said) = some_text(value, &["error"]) {
        return Err(Gap::Failed { code: 1, said });
    }
    let table = |name: &str, what: &'static str| {
        let rows = at(value, &[name]);
        rows.as_array().ok_or_else(|| Gap::unreadable(what, rows.to_string().as_bytes()))
    };
    let jobs = |name: &str| -> Known<Vec<Job>> {
        let one = |row: &Value| {
            database::job(row).ok_or_else(|| Gap::unreadable("backup_jobs", row.to_string().as_bytes()))
        };
        table(name, "backup_jobs")?.iter().map(one).collect()
    };
    let locks = table("locks", "backup_locks")?.iter().map(database::lock).collect();
    Ok(Jobs { live: jobs("live")?, ended: jobs("newest")?, locks })
}

/// Why something could not be told, by the script's code.
fn gap(code: Option<i32>, said: SafeText) -> Gap {
    match code {
        Some(69) => Gap::NotAsked { because: NotAsked::NotMounted },
        code => Segment { name: b"", payload: b"", said, code }.gap(),
    }
}

/// The first word, and what follows the blank behind it.
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let mut parts = text.splitn(2, |b| *b == b' ');
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::units::Bytes;
    use proptest::prelude::*;

    fn ticks(lines: &[&str]) -> Vec<Tick> {
        let mut reader = Reader::new("m", "/box", "/mnt/replica/RagflowAuth");
        lines.iter().filter_map(|l| reader.line(format!("@@m {l}").as_bytes())).collect()
    }

    #[test]
    fn the_files_of_a_pack_and_of_its_copy_come_together_at_its_end() {
        let all = ticks(&[
            "own directory|0|5|/box/opt/data/backups/migration_pack_20260201_040000",
            "own regular file|7|6|/box/opt/data/backups/migration_pack_20260201_040000/auth.db",
            "copy regular file|3|9|/box/mnt/replica/RagflowAuth/_tmp/job_12_1770000000/auth.db",
            "pack 12 /opt/data/backups",
            "pack 12 /opt/data/backups",
        ]);
        let [Tick::Packs(Ok(first)), Tick::Packs(Ok(again))] = all.as_slice() else { panic!("{all:?}") };
        let bytes = |p: &Option<Pack>| p.as_ref().map(Pack::bytes);
        assert_eq!(
            (first.job, bytes(&first.own), bytes(&first.copy)),
            (JobId(12), Some(Bytes(7)), Some(Bytes(3)))
        );
        assert_eq!((&again.own, &again.copy), (&None, &None), "what was told is told once");
    }

    #[test]
    fn what_could_not_be_told_says_why() {
        assert_eq!(
            ticks(&[
                "gap pack 69 ",
                "gap database 124 x",
                "gap backend 127 docker: not found",
                "gap weather 1 x",
                "held 7"
            ]),
            [
                Tick::Packs(Err(Gap::NotAsked { because: NotAsked::NotMounted })),
                Tick::Jobs { clock: None, jobs: Err(Gap::TimedOut) },
                Tick::Backend(Err(Gap::ToolMissing { said: SafeText::new("docker: not found") })),
                Tick::Held { pid: 7 },
            ]
        );
    }

    #[test]
    fn rows_are_read_as_a_look_reads_them_and_half_a_line_is_unknown() {
        let row = r#"{"id": 3, "kind": "full", "status": "running", "message": "x", "created_at_ms": 5}"#;
        let line = format!(
            r#"db {{"clock": {{"epoch_ms": 9}}, "database": {{"live": [{row}], "newest": [], "locks": []}}}}"#
        );
        let all = ticks(&[&line, &line[..40], r#"db {"database": {"error": "locked"}}"#]);
        let Tick::Jobs { clock: Some(EpochMs(9)), jobs: Ok(jobs) } = &all[0] else { panic!("{all:?}") };
        assert_eq!((jobs.live[0].id, jobs.ended.len()), (JobId(3), 0));
        assert!(all[1..].iter().all(|t| matches!(t, Tick::Jobs { jobs: Err(_), .. })), "{all:?}");
    }

    #[test]
    fn a_line_without_our_mark_is_not_for_us() {
        let mut reader = Reader::new("m", "", "/p");
        assert_eq!(
            (reader.line(b"@@x beat 5"), reader.line(b"beat 5"), reader.line(b"")),
            (None, None, None)
        );
        assert_eq!(reader.line(b"@@m beat 5"), Some(Tick::Beat(EpochMs(5000))));
    }

    proptest! {
        #[test]
        fn any_lines_are_taken(lines in proptest::collection::vec("(beat|db|own|copy|pack|gap|held|helper|backend|x)( [a-z0-9|/{}\":\u{1b}中-]{0,12}){0,4}", 0..20)) {
            let mut reader = Reader::new("m", "", "/p");
            for line in lines {
                let _any = reader.line(format!("@@m {line}").as_bytes());
            }
        }
    }
}
