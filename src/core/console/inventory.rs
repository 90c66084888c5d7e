//! Every pack on the share with all that is known of it: whose, of which job, whole or not, its usual size.
use crate::core::derive::job::Worker;
use crate::core::derive::pack::{self, Judged, Owner};
use crate::core::derive::schedule;
use crate::core::probe::database::{Database, Job, Kind, Status};
use crate::core::probe::packs::{Pack, PackFolder};
use crate::core::state::State;
use crate::core::units::{Bytes, EpochMs, JobId};
use crate::core::verdict::{Facts, state_of};

/// Whose a pack is, by the rows of the servers that were asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose<'a> {
    /// A job of this server made it.
    Ours(JobId),
    /// A job of another server, which has this name, made it.
    Theirs(&'a str, JobId),
    /// More than one server has a job that names this folder.
    Disputed,
    /// No job of the servers that could be asked names it.
    Nobodys,
    /// This server's rows could not be read.
    Unknown,
}

/// A pack.
#[derive(Debug)]
pub(super) struct Item<'a> {
    /// What lies there.
    pub(super) pack: &'a Pack,
    /// Whose it is.
    pub(super) whose: Whose<'a>,
    /// Its kind, by its job's row.
    pub(super) kind: Option<Kind>,
    /// Its job's row, if that is among those that were read.
    pub(super) job: Option<&'a Job>,
    /// What is known of the worker that writes it, if its job is at work and not known to be dead.
    pub(super) writing: Option<&'a Worker>,
    /// What it lacks; nothing where its kind is not known.
    pub(super) judged: Option<Judged>,
    /// The median of the other whole packs of its kind and owner.
    pub(super) usual: Option<Bytes>,
    /// When its making began, by its name, which the backend's clock wrote.
    pub(super) made: Option<EpochMs>,
}

impl Item<'_> {
    /// Whether it is far smaller than the others of its kind.
    pub(super) fn is_small(&self, percent: u32) -> bool {
        let floor = |usual: Bytes| u128::from(usual.0) * u128::from(percent) / 100;
        self.usual.is_some_and(|usual| u128::from(self.pack.bytes().0) < floor(usual))
    }

    /// What it is worth; nothing for what is not this server's, or still being written.
    pub(super) fn state(&self, percent: u32) -> Option<State> {
        match self.writing {
            Some(Worker::Still { .. }) => return Some(State::Warning),
            Some(_) => return None,
            None => {}
        }
        let judged = self.judged.as_ref()?;
        let unfinished = self.job.is_some_and(|j| j.status != Status::Completed);
        Some(match judged.missing.is_empty() {
            false => state_of(judged),
            true if judged.unproved => State::Unknown,
            true if unfinished || self.is_small(percent) => State::Warning,
            true => State::Ok,
        })
    }
}

/// The packs, newest name first. `others` are the looks at other servers that write into the same folder.
pub(super) fn inventory<'a>(
    f: &'a Facts<'a>,
    folder: &'a PackFolder,
    others: &'a [Facts<'a>],
) -> Vec<Item<'a>> {
    let others: Vec<&'a Facts<'a>> = others.iter().filter(|o| same_folder(f, o)).collect();
    let mut items: Vec<Item<'a>> = folder.packs.iter().rev().map(|p| item(f, p, &others)).collect();
    let whole = |i: &Item| i.writing.is_none() && i.judged.as_ref().is_some_and(|j| j.missing.is_empty());
    let sizes: Vec<(Option<Kind>, Option<&str>, Bytes)> = items
        .iter()
        .map(|i| (i.kind.clone().filter(|_| whole(i)), owner_of(&i.whose), i.pack.bytes()))
        .collect();
    for (at, item) in items.iter_mut().enumerate().filter(|(_, i)| i.kind.is_some()) {
        let owner = owner_of(&item.whose);
        let alike = sizes.iter().enumerate();
        let alike = alike.filter(|(n, (kind, who, _))| *n != at && *kind == item.kind && *who == owner);
        item.usual = pack::median(alike.map(|(_, (_, _, bytes))| *bytes).collect());
    }
    items
}

fn owner_of<'a>(whose: &Whose<'a>) -> Option<&'a str> {
    match whose {
        Whose::Theirs(name, _) => Some(name),
        _ => None,
    }
}

/// Another server's rows speak of these packs only if it writes into this folder of this share.
fn same_folder(f: &Facts, other: &Facts) -> bool {
    let source = other.env.share.source();
    other.env.key != f.env.key
        && crate::core::derive::mount::is_source(&source, &f.env.share)
        && in_share(other) == in_share(f)
}

/// The pack folder below the share, wherever the share is mounted.
fn in_share<'a>(f: &'a Facts) -> Option<&'a str> {
    crate::core::probe::containers::under(&f.env.paths.pack_folder, &f.env.paths.mount_point)
}

fn item<'a>(f: &'a Facts<'a>, pack: &'a Pack, others: &[&'a Facts<'a>]) -> Item<'a> {
    let made = f.zone_s.and_then(|zone_s| schedule::in_name(pack.name.as_str(), zone_s));
    let mut item = Item {
        pack,
        whose: Whose::Unknown,
        kind: None,
        job: None,
        writing: None,
        judged: None,
        usual: None,
        made,
    };
    let own = f.db.map(|db| pack::owner(pack, db));
    let claims = others.iter().filter_map(|o| match pack::owner(pack, o.db.ok()?) {
        Owner::Ours { job, kind } => Some((*o, job, kind)),
        Owner::NotOurs => None,
    });
    let claims: Vec<(&'a Facts<'a>, JobId, Kind)> = claims.collect();
    match (own, claims.as_slice()) {
        (Ok(Owner::Ours { job, kind }), []) => {
            item.job = f.db.ok().and_then(|db| row(db, job));
            item.writing = writer(f, job);
            item.judged = Some(f.judge(pack, &kind, item.job));
            (item.whose, item.kind) = (Whose::Ours(job), Some(kind));
        }
        (Ok(Owner::NotOurs) | Err(_), [(other, job, kind)]) => {
            item.job = other.db.ok().and_then(|db| row(db, *job));
            item.writing = writer(other, *job);
            item.judged = Some(other.judge(pack, kind, item.job));
            (item.whose, item.kind) = (Whose::Theirs(&other.env.name, *job), Some(kind.clone()));
        }
        (Ok(Owner::NotOurs), []) => item.whose = Whose::Nobodys,
        (Err(_), []) => {}
        _ => item.whose = Whose::Disputed,
    }
    item
}

/// A job's row, if it is among those that were read.
fn row(db: &Database, job: JobId) -> Option<&Job> {
    db.jobs.iter().chain(&db.live).chain(&db.last_completed).find(|j| j.id == job)
}

/// The worker of a job that is at work; one that is known to be dead writes no more.
fn writer<'a>(f: &'a Facts<'a>, job: JobId) -> Option<&'a Worker> {
    let live = f.live.iter().find(|(j, worker)| j.id == job && !worker.is_gone());
    live.map(|(_, worker)| worker)
}
