//! Any answers, put together at random from those of all scenarios and from every kind of gap.
use super::*;
use opsdeck::core::derive::night::{Plan, newest_slot};
use opsdeck::core::diagnose::render::{Style, markdown, text};
use opsdeck::core::diagnose::{Certainty, Probe};
use opsdeck::core::gap::{Gap, NotAsked};
use opsdeck::core::probe::containers::Container;
use opsdeck::core::probe::database::{Job, Kind, Status};
use opsdeck::core::probe::fstab::FstabLine;
use opsdeck::core::probe::health::Health;
use opsdeck::core::probe::identity::Identity;
use opsdeck::core::probe::packs::Pack;
use opsdeck::core::probe::runs::{self, Run, RunState};
use opsdeck::core::probe::share::ShareAnswer;
use opsdeck::core::probe::space::Space;
use opsdeck::core::safetext::SafeText;
use opsdeck::core::verdict;
use opsdeck::core::verdict::Facts;
use opsdeck::i18n::Lang;
use proptest::prelude::*;
use std::sync::OnceLock;

type Pool = (Environment, Vec<Snapshot>);

/// One look of every scenario, all at the same moment: prod's in the morning, and test's in the night before it is due.
fn pools() -> &'static [Pool; 2] {
    static POOL: OnceLock<[Pool; 2]> = OnceLock::new();
    POOL.get_or_init(|| {
        let of = |env: &str, hour: i64| {
            let one = |n: &opsdeck::demo::Named| look(n.name, env, MORNING.plus_ms(hour * 3_600_000));
            let all: Vec<(Environment, Snapshot)> = opsdeck::demo::names().iter().map(one).collect();
            (all[0].0.clone(), all.into_iter().map(|(_, look)| look).collect())
        };
        [of("prod", 0), of("test", 19)]
    })
}

fn pool() -> &'static Pool {
    &pools()[0]
}

fn gap(n: usize) -> Gap {
    let said = || SafeText::new("no such thing");
    match n % 8 {
        0 => Gap::NoAnswer,
        1 => Gap::TimedOut,
        2 => Gap::ToolMissing { said: said() },
        3 => Gap::Denied { said: said() },
        4 => Gap::Failed { code: 1, said: said() },
        5 => Gap::CutShort { bytes: 9 },
        6 => Gap::Failed {
            code: 1,
            said: SafeText::new("Cannot connect to the Docker daemon at unix:///var/run/docker.sock."),
        },
        _ => Gap::NotAsked { because: NotAsked::ShareSilent },
    }
}

/// A look whose every answer is that of one scenario, or a gap.
fn mixed(looks: &[Snapshot], from: &[usize], gaps: &[Option<usize>]) -> Snapshot {
    let pick = |n: usize| &looks[from[n] % looks.len()];
    macro_rules! answer {
        ($n:expr, $field:ident) => {
            match gaps[$n] {
                Some(kind) => Err(gap(kind)),
                None => pick($n).$field.clone(),
            }
        };
    }
    let mut look = Snapshot {
        env: looks[0].env.clone(),
        taken: looks[0].taken,
        took_ms: looks[0].took_ms,
        answered: opsdeck::core::snapshot::QUESTIONS,
        identity: answer!(0, identity),
        mounts: answer!(1, mounts),
        cifs_debug: answer!(2, cifs_debug),
        fstab: answer!(3, fstab),
        kernel: answer!(4, kernel),
        port: answer!(5, port),
        share: answer!(6, share),
        packs: answer!(7, packs),
        leftovers: answer!(8, leftovers),
        disks: answer!(9, disks),
        docker_disk: answer!(10, docker_disk),
        containers: answer!(11, containers),
        images: answer!(12, images),
        volumes: answer!(13, volumes),
        compose_file: answer!(14, compose_file),
        health: answer!(15, health),
        inside: answer!(16, inside),
        credentials: answer!(20, credentials),
        runs: answer!(21, runs),
    };
    if let Ok(inside) = &mut look.inside {
        if let Ok(other) = &pick(17).inside {
            inside.mounts = match gaps[17] {
                Some(kind) => Err(gap(kind)),
                None => other.mounts.clone(),
            };
            inside.clock = match gaps[18] {
                Some(kind) => Err(gap(kind)),
                None => other.clock.clone(),
            };
        }
        if let Some(kind) = gaps[19] {
            inside.database = Err(gap(kind));
        }
    }
    look
}

const PARTS: usize = 22;

/// Hours east of UTC of the server and of the container; most often the one that is meant.
fn any_zones() -> impl Strategy<Value = [i32; 2]> {
    prop_oneof![3 => Just([8, 8]), 1 => proptest::array::uniform2(-11i32..13)]
}

/// Trouble that no scenario has. Above the last number there is none.
fn spoil(look: &mut Snapshot, which: usize) {
    let acted = |state: &str| runs::parse(format!("1769900000-1f|mount|a@b|1769900000|{state}\n").as_bytes());
    match which {
        0 => look.docker_disk.iter_mut().for_each(|d| (d.available, d.free) = Default::default()),
        1 => look.docker_disk.iter_mut().for_each(|d| d.inodes_free = 3),
        2 => look.disks.iter_mut().flatten().for_each(|d| d.inodes_free = 3),
        3 => look.volumes.iter_mut().for_each(Vec::clear),
        4 => look.compose_file.iter_mut().for_each(|there| *there = false),
        5 => look.fstab.iter_mut().for_each(Vec::clear),
        6 => look.runs.iter_mut().for_each(|all| *all = acted("gone")),
        7 => look.runs.iter_mut().for_each(|all| *all = acted("at-work")),
        8 => look.packs.iter_mut().flat_map(|f| &mut f.packs).for_each(|p| {
            p.files.remove(&SafeText::new("auth.db"));
        }),
        9 => look.packs.iter_mut().flat_map(|f| &mut f.packs).for_each(|p| {
            p.files.retain(|name, _| !name.as_str().contains("esdata01"));
        }),
        _ => {}
    }
}

/// Beyond these `spoil` leaves a look as it is.
const SPOILT: usize = 10;

fn any_look() -> impl Strategy<Value = (&'static Environment, Snapshot)> {
    let gaps = proptest::option::weighted(0.15, 0usize..8);
    let parts = (proptest::collection::vec(0usize..512, PARTS), proptest::collection::vec(gaps, PARTS));
    // of two looks one is well but for a few answers: what is wrong with those has nothing to hide behind
    let calm = proptest::bool::ANY;
    (0usize..2, parts, any_zones(), calm, 0..SPOILT + 4).prop_map(
        |(pool, (from, gaps), zones, calm, spoilt)| {
            let (env, looks) = &pools()[pool];
            let well = opsdeck::demo::names().iter().position(|n| n.name == "healthy").unwrap();
            let seldom = |n: usize| if n.is_multiple_of(16) { n / 16 } else { well };
            let (from, gaps, [host, inside]) = match calm {
                true => (from.into_iter().map(seldom).collect(), vec![None; PARTS], [8, 8]),
                false => (from, gaps, zones),
            };
            let mut look = mixed(looks, &from, &gaps);
            if let Ok(id) = &mut look.identity {
                id.zone_s = Some(host * 3600);
            }
            spoil(&mut look, spoilt);
            if let Some(clock) = look.inside.as_mut().ok().and_then(|i| i.clock.as_mut().ok()) {
                clock.zone_s = inside * 3600;
            }
            (env, look)
        },
    )
}

/// What is broken by the answers as they came, without a look at what the verdict makes of them.
fn broken(env: &Environment, look: &Snapshot) -> Vec<&'static str> {
    let mut all = Vec::new();
    let mut note = |bad: bool, what: &'static str| all.extend(bad.then_some(what));
    let source = format!("//{}/{}", env.share.host, env.share.name);
    if let Ok(table) = &look.mounts {
        let top = table.mounts.iter().rfind(|m| m.shown_point.as_str() == env.paths.mount_point);
        note(top.is_none_or(|m| m.source.as_str() != source), "the mount point does not hold the share");
    }
    if let Ok(share) = &look.share {
        note(!matches!(share, ShareAnswer::Answers { folder: Some(_), .. }), "the share does not answer");
    }
    note(look.health.as_ref().is_ok_and(|h| *h != Health::Ok), "/health is not well");
    let full =
        |s: &Space| s.available.0 * 100 < s.total.0 * u64::from(100 - env.thresholds.disk_fail_percent) / 2;
    note(look.disks.as_ref().is_ok_and(|d| d.iter().any(full)), "a disk is full");
    note(look.docker_disk.as_ref().is_ok_and(full), "Docker's disk is full");
    let no_inodes = |s: &Space| s.inodes > 0 && s.inodes_free * 100 < s.inodes;
    let disks = look.disks.iter().flatten().chain(&look.docker_disk);
    note(disks.into_iter().any(no_inodes), "a disk has no inodes left");
    let project = format!("{}_", env.containers.compose_project);
    let volumes: Option<Vec<String>> = look
        .volumes
        .as_ref()
        .ok()
        .map(|all| all.iter().map(|v| v.to_string()).filter(|v| v.starts_with(&project)).collect());
    note(volumes.as_ref().is_some_and(Vec::is_empty), "RAGFlow has no volumes");
    note(look.compose_file == Ok(false), "the compose file is not there");
    let at_boot = |l: &FstabLine| l.point.as_str() == env.paths.mount_point;
    let lacks_line = look.fstab.as_ref().is_ok_and(|lines| !lines.iter().any(at_boot));
    note(env.share.persist && lacks_line, "fstab does not have the share");
    let backend = |c: &&Container| c.name.as_str() == env.containers.backend;
    let container = look.containers.as_ref().map(|all| all.iter().find(backend));
    note(container.as_ref().is_ok_and(|c| c.is_none_or(|c| !c.running)), "the backend does not run");
    if let (Ok(Some(c)), Ok(table)) = (&container, look.container_mounts()) {
        let bind = c.mounts.iter().find(|b| b.source.as_str() == env.paths.mount_point);
        let within = bind.and_then(|b| table.mounts.iter().rfind(|m| m.shown_point == b.destination));
        note(within.is_none_or(|m| m.source.as_str() != source), "the container does not see the share");
    }
    let limit_ms = i64::from(env.thresholds.clock_skew_s) * 1000;
    let apart = |id: &Identity| look.taken.since(id.clock).abs() > limit_ms + 60_000;
    note(look.identity.as_ref().is_ok_and(apart), "the clocks are apart");
    let open = |r: &Run| matches!(r.state, RunState::Gone | RunState::AtWork);
    note(look.runs.as_ref().is_ok_and(|all| all.iter().any(open)), "an action has no end");
    let Ok(db) = look.database() else { return all };
    note(db.settings.as_ref().is_none_or(|s| s.enabled != Some(true)), "the schedule is off");
    note(!db.locks.is_empty() && db.live.is_empty(), "a lock without a job");
    for kind in [Kind::Incremental, Kind::Full] {
        let newest = db.jobs.iter().filter(|j| j.kind == kind).max_by_key(|j| j.id);
        let made_up =
            |id| db.jobs.iter().any(|j| j.id > id && j.status == Status::Completed && j.kind == Kind::Full);
        let recent = newest.filter(|j| j.made().is_some_and(|at| look.now().since(at) < 20 * 3_600_000));
        if let Some(job) = recent.filter(|j| j.status != Status::Completed && !made_up(j.id)) {
            note(
                true,
                if job.status.is_live() {
                    "the newest backup is not done"
                } else {
                    "the newest backup failed"
                },
            );
        }
    }
    let newest = db.jobs.iter().find(|j| j.status == Status::Completed);
    if let (Ok(folder), Some(dir)) = (&look.packs, newest.and_then(|j| j.output_dir.as_ref())) {
        let pack = folder.packs.iter().find(|p| dir.as_str().ends_with(p.name.as_str()));
        note(pack.is_none(), "the newest backup's pack is not there");
        let has = |p: &Pack, name: &str| p.files.get(&SafeText::new(name)).is_some_and(|f| f.bytes.0 > 0);
        if let Some(pack) = pack {
            note(!has(pack, "auth.db"), "the newest pack has no database");
            let lacks = |v: &String| !has(pack, &format!("volumes/{v}.tar.gz"));
            note(volumes.is_some_and(|all| all.iter().any(lacks)), "the newest pack lacks a volume");
        }
    }
    all
}

/// The eyes of these tests: they see nothing wrong where all is well, each thing that is spoilt, and what each of these
/// scenarios is about.
#[test]
fn what_is_broken_is_seen_in_the_answers_themselves() {
    let (env, well) = scene("healthy");
    assert_eq!(broken(&env, &well), Vec::<&str>::new());
    for which in 0..SPOILT {
        let mut look = well.clone();
        spoil(&mut look, which);
        assert!(!broken(&env, &look).is_empty(), "{which}");
        holds(&env, &look, &explained(&env, &look));
    }
    for (scenario, what) in [
        ("container-blind", "the container does not see the share"),
        ("backend-down", "the backend does not run"),
        ("fstab-missing", "fstab does not have the share"),
        ("clock-skew", "the clocks are apart"),
        ("volumes-empty", "the newest pack lacks a volume"),
        ("disk-full", "a disk is full"),
        ("stale-lock", "a lock without a job"),
        ("evicted", "the newest backup's pack is not there"),
    ] {
        let (env, look) = scene(scenario);
        assert!(broken(&env, &look).contains(&what), "{scenario}: {:?}", broken(&env, &look));
    }
}

/// What holds for every diagnosis.
fn holds(env: &Environment, look: &Snapshot, d: &Diagnosis) {
    let facts = Facts::of(env, look);
    let verdict = verdict::judge(env, look);
    let bad = |state| verdict.checks.iter().filter(|c| c.state == state).map(|c| c.id).collect::<Vec<_>>();
    let failed = bad(State::Failed);
    if !failed.is_empty() {
        assert_eq!(d.state, State::Failed, "{failed:?} are broken: {:?}", roots(d));
        assert!(!d.findings.is_empty(), "{failed:?} are broken, and nothing was found");
    }
    if !bad(State::Warning).is_empty() {
        assert!(!d.findings.is_empty() && d.state != State::Ok, "{:?}", bad(State::Warning));
    }
    let unknown = bad(State::Unknown);
    if !unknown.is_empty() {
        assert!(!d.unchecked.is_empty() && d.state != State::Ok, "{unknown:?} passed over");
        for check in verdict.checks.iter().filter(|c| c.state == State::Unknown) {
            let named =
                d.unchecked.iter().any(|u| u.what.zh.contains(&check.title.zh) && !u.why.zh.is_empty());
            assert!(named, "{} passed over: {:?}", check.id, d.unchecked);
        }
    }
    let mut causes = Vec::new();
    for f in &d.findings {
        causes.push((f.cause, f.says.zh.as_str()));
        causes.extend(f.explains.iter().map(|c| (c.cause, c.says.zh.as_str())));
        assert!(!f.mend.is_empty(), "{}: nobody is told what to do", f.cause);
        assert!(!f.says.zh.is_empty() && !f.title.zh.is_empty(), "{}", f.cause);
        assert!(f.certainty != Certainty::Proved || !f.evidence.is_empty(), "{} proved by nothing", f.cause);
    }
    let many = causes.len();
    causes.sort();
    causes.dedup();
    assert_eq!(causes.len(), many, "the same trouble twice: {causes:?}");
    for out in &d.ruled_out {
        assert!(out.because.probe.gap(&facts).is_none(), "{} ruled out by what is not known", out.cause);
        assert!(causes.iter().all(|(c, _)| *c != out.cause), "{} found and ruled out", out.cause);
    }
    for lang in [Lang::Zh, Lang::En] {
        let said = text(d, Style { lang, colour: false });
        assert!(said.lines().last().unwrap().len() > "→ ".len(), "{said}");
        assert!(markdown(d, lang).starts_with("# "));
    }
    assert!(serde_json::to_value(d).unwrap().is_object());
    let broken = broken(env, look);
    assert!(broken.is_empty() || d.state != State::Ok, "{broken:?}, and it is called healthy");
    explained_well(d, &facts);
}

/// What holds of every finding, of last night and of a night that is over.
fn explained_well(d: &Diagnosis, facts: &Facts) {
    for f in &d.findings {
        let open: Vec<&Probe> =
            f.evidence.iter().map(|e| &e.probe).filter(|p| p.gap(facts).is_some()).collect();
        assert!(f.certainty != Certainty::Proved || open.is_empty(), "{} proved by {open:?}", f.cause);
        assert_eq!(f.would_prove.is_some(), f.certainty != Certainty::Proved, "{}", f.cause);
        assert!(!f.proof.zh.is_empty() && !f.mend.is_empty(), "{}: no proof, or no step", f.cause);
        assert!(f.state != State::Ok, "{}", f.cause);
        let below = f.explains.iter().flat_map(|c| &c.evidence);
        for e in f.evidence.iter().chain(&f.against).chain(below) {
            assert!(e.age_ms >= 0 && !e.says.zh.is_empty() && !e.says.en.is_empty(), "{}: {e:?}", f.cause);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_answers_are_explained_and_nothing_broken_or_unknown_is_called_healthy((env, look) in any_look()) {
        let d = explained(env, &look);
        holds(env, &look, &d);
    }

    #[test]
    fn with_an_earlier_look_too((env, look) in any_look(), (_, earlier) in any_look()) {
        let d = diagnose(env, &look, Some(&earlier), look.taken);
        holds(env, &look, &d);
    }

    #[test]
    fn any_night_of_the_past_is_answered((env, look) in any_look(), back in 0i64..60) {
        use jiff::ToSpan;
        let date = jiff::civil::Date::constant(2026, 2, 1).checked_sub(back.days()).unwrap();
        let d = opsdeck::core::diagnose::diagnose_night(env, &look, date, look.taken);
        let night = Some(date.to_string());
        prop_assert_eq!(&d.night, &night);
        let facts = Facts::of(env, &look);
        let zone = facts.zone_s.unwrap_or(0);
        let last = facts.slot.as_ref().and_then(|s| opsdeck::core::derive::schedule::local(s.due, zone));
        let newest = match &facts.plan {
            Some(Plan::On { fires, .. }) => newest_slot(fires, facts.now, zone),
            _ => None,
        };
        let newest = newest.and_then(|s| opsdeck::core::derive::schedule::local(s.due, zone));
        let is_last = last.map(|at| at.date()) == Some(date) || newest.map(|at| at.date()) == Some(date);
        explained_well(&d, &facts);
        prop_assert!(d.findings.is_empty() || d.state != State::Ok, "{:?}", roots(&d));
        if newest.map(|at| at.date()) == Some(date) {
            holds(env, &look, &d);
        }
        // of a night of which a row says that its backup failed nothing good is said
        if !is_last && let Ok(db) = look.database() {
            let on = |j: &&Job| j.made().and_then(|at| opsdeck::core::derive::schedule::local(at, zone)).map(|at| at.date()) == Some(date);
            let rows: Vec<&Job> = db.jobs.iter().filter(on).collect();
            let lost = !rows.is_empty() && rows.iter().all(|j| j.status == Status::Failed);
            prop_assert!(!lost || d.state != State::Ok, "{}", d.headline.zh);
        }
        prop_assert!(is_last || !d.headline.zh.contains("昨夜"), "{}", d.headline.zh);
        let said = text(&d, Style { lang: Lang::Zh, colour: false });
        prop_assert!(said.lines().last().is_some_and(|l| l.starts_with("→ ")));
    }
}

/// Each question alone without an answer: what it decided is no longer called proved or well.
#[test]
fn one_gap_at_a_time_is_never_healthy() {
    let env = &pool().0;
    for (n, named) in opsdeck::demo::names().iter().enumerate() {
        for part in 0..PARTS {
            for kind in 0..8 {
                let from = vec![n; PARTS];
                let mut gaps = vec![None; PARTS];
                gaps[part] = Some(kind);
                let look = mixed(&pool().1, &from, &gaps);
                let d = explained(env, &look);
                holds(env, &look, &d);
                // decide nothing: the kernel's words and account, and the port, where the share answers; leftovers; images;
                // what a mount would need
                let aside = [2, 4, 5, 8, 12, 20].contains(&part);
                assert!(aside || !is_healthy(&d), "{} without {part}", named.name);
            }
        }
    }
}
