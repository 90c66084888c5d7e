//! No false finding on a server on which all is well: in each layout, kind, zone, schema, language and moment.
use super::composed::{db, jobs, pack_of, replicated};
use super::wrong_green::both_last_night;
use super::*;
use jiff::ToSpan;
use opsdeck::core::derive::night::Plan;
use opsdeck::core::derive::schedule::{in_name, local};
use opsdeck::core::diagnose::diagnose_night;
use opsdeck::core::diagnose::render::{Style, text};
use opsdeck::core::probe::database::{Kind, Status};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::JobId;
use opsdeck::core::verdict::Facts;
use opsdeck::i18n::Lang;

const BEIJING: i32 = 8 * 3600;
/// A server whose container has another zone, and always had.
const ZONES: [i32; 5] = [BEIJING, 9 * 3600, -5 * 3600, 5 * 3600 + 1800, 12 * 3600];

/// The same backups at the same moments, by the clock of a container in another zone.
fn in_zone(env: &Environment, look: &mut Snapshot, zone: i32) {
    let fires = match &Facts::of(env, look).plan {
        Some(Plan::On { fires, .. }) => fires.clone(),
        _ => panic!("no schedule"),
    };
    let now = look.now();
    let cron = |kind: &Kind, weekly: bool| {
        let (_, cron) = fires.iter().find(|(k, _)| k == kind)?;
        let at = local(cron.newest(now, BEIJING)?, zone)?;
        let day = if weekly { at.date().weekday().to_sunday_zero_offset().to_string() } else { "*".into() };
        Some(SafeText::new(&format!("{} {} * * {day}", at.minute(), at.hour())))
    };
    let (incremental, full) = (cron(&Kind::Incremental, false), cron(&Kind::Full, true));
    let renamed = |name: &str| {
        let base = name.rsplit('/').next().unwrap_or_default();
        let at = in_name(base, BEIJING).and_then(|at| local(at, zone));
        SafeText::new(&at.map_or(name.to_owned(), |at| {
            name.replace(base, &format!("migration_pack_{}{}", at.strftime("%Y%m%d_%H%M%S"), &base[30..]))
        }))
    };
    for pack in &mut look.packs.as_mut().unwrap().packs {
        (pack.name, pack.path) = (renamed(pack.name.as_str()), renamed(pack.path.as_str()));
    }
    for job in jobs(look) {
        job.output_dir = job.output_dir.as_ref().map(|dir| renamed(dir.as_str()));
    }
    for output in &mut db(look).outputs {
        output.folder = renamed(output.folder.as_str());
    }
    let settings = db(look).settings.as_mut().unwrap();
    (settings.incremental_schedule, settings.full_schedule) = (incremental, full);
    look.inside.as_mut().unwrap().clock.as_mut().unwrap().zone_s = zone;
}

/// The older layout, and its weekly full backup was due at 02:00 of this night: that of three nights ago, as if it had been made
/// today.
fn both_replicated() -> (Environment, Snapshot) {
    const LATER_MS: i64 = 3 * 86_400_000;
    let (env, mut look) = replicated();
    let full = db(&mut look).last_completed.iter().find(|j| j.kind == Kind::Full).unwrap().id;
    let today = |name: &SafeText| SafeText::new(&name.as_str().replace("20260129", "20260201"));
    let pack = pack_of(&mut look, full);
    assert!(pack.name.as_str().contains("20260129"), "{}", pack.name);
    (pack.name, pack.path, pack.changed) =
        (today(&pack.name), today(&pack.path), pack.changed.plus_ms(LATER_MS));
    pack.files.values_mut().for_each(|file| file.changed = file.changed.plus_ms(LATER_MS));
    for job in jobs(&mut look).filter(|j| j.id == full) {
        job.output_dir = job.output_dir.as_ref().map(today);
        for at in [&mut job.created, &mut job.started, &mut job.finished] {
            *at = at.map(|at| at.plus_ms(LATER_MS));
        }
    }
    let base = db(&mut look);
    base.outputs.iter_mut().filter(|o| o.job == full).for_each(|o| o.folder = today(&o.folder));
    base.settings.as_mut().unwrap().full_schedule = Some(SafeText::new("0 2 * * 0"));
    (env, look)
}

/// The full backup's slot is the newest one.
fn newest_is_full(look: &mut Snapshot) {
    db(look).settings.as_mut().unwrap().incremental_schedule = Some(SafeText::new("0 1 * * *"));
}

fn old_schema(look: &mut Snapshot) {
    db(look).can_cancel = false;
    jobs(look).for_each(|j| (j.cancel_requested, j.cancel_reason, j.canceled) = (None, None, None));
}

fn just_booted(look: &mut Snapshot) {
    let now = look.now();
    look.identity.as_mut().unwrap().uptime_s = Some(120);
    look.containers.as_mut().unwrap().iter_mut().for_each(|c| c.started = Some(now.plus_ms(-60_000)));
}

/// Somebody started one more this morning.
fn another_runs(look: &mut Snapshot) {
    let now = look.now();
    let direct =
        look.packs.as_ref().unwrap().packs.iter().all(|p| !p.files.contains_key(&SafeText::new("DONE")));
    let base = db(look);
    let mut job = base.jobs[0].clone();
    let (dir, name) = (job.output_dir.clone().unwrap(), "migration_pack_20260201_075500_000");
    let folder = dir.as_str().rsplit_once('/').unwrap().0.to_owned();
    (job.id, job.status, job.finished) = (JobId(job.id.0 + 1), Status::Running, None);
    job.message = SafeText::new("备份 volume: ragflow_compose_esdata01（写入中 1 MB）");
    (job.created, job.started) = (Some(now.plus_ms(-300_000)), Some(now.plus_ms(-300_000)));
    job.output_dir = Some(SafeText::new(&format!("{folder}/{name}")));
    base.jobs.insert(0, job.clone());
    base.live.push(job);
    if direct {
        let mut pack = look.packs.as_ref().unwrap().packs.last().unwrap().clone();
        (pack.name, pack.path, pack.changed) =
            (SafeText::new(name), SafeText::new(name), now.plus_ms(-20_000));
        look.packs.as_mut().unwrap().packs.push(pack);
    }
}

type Layout = (&'static str, fn() -> (Environment, Snapshot));
type Variant = (&'static str, fn(&mut Snapshot));

#[test]
fn nothing_is_found_on_a_healthy_server() {
    let kinds: [Variant; 2] = [("incremental", |_| {}), ("full", newest_is_full)];
    let schemas: [Variant; 2] = [("today's", |_| {}), ("old", old_schema)];
    let moments: [Variant; 3] =
        [("morning", |_| {}), ("just booted", just_booted), ("another runs", another_runs)];
    let layouts: [Layout; 2] = [("direct", both_last_night), ("replicated", both_replicated)];
    let (mut wrong, mut seen) = (Vec::new(), 0);
    for (layout, make) in layouts {
        for (kind, schema, moment) in (0..12).map(|n| (&kinds[n % 2], &schemas[n / 2 % 2], &moments[n / 4])) {
            for zone in ZONES {
                for host in [BEIJING, 0, zone] {
                    let (env, mut look) = make();
                    (kind.1)(&mut look);
                    (schema.1)(&mut look);
                    if zone != BEIJING {
                        in_zone(&env, &mut look, zone);
                    }
                    (moment.1)(&mut look);
                    look.identity.as_mut().unwrap().zone_s = Some(host);
                    let d = explained(&env, &look);
                    seen += 1;
                    if !is_healthy(&d) {
                        let name = format!("{layout} {} {} {} {zone} {host}", kind.0, schema.0, moment.0);
                        wrong.push(format!("{name}: {:?} {} {:?}", roots(&d), d.headline.en, d.unchecked));
                    }
                    for (lang, word) in [(Lang::Zh, "正常"), (Lang::En, "OK")] {
                        let said = text(&d, Style { lang, colour: false });
                        assert!(!is_healthy(&d) || said.lines().next().unwrap().contains(word), "{said}");
                    }
                }
            }
        }
    }
    println!("{seen} healthy servers");
    assert_eq!(seen, 2 * 12 * ZONES.len() * 3);
    assert!(wrong.is_empty(), "{} of {seen}\n{}", wrong.len(), wrong.join("\n"));
}

/// Retention deletes the oldest packs, whoever wrote them; a pack that went so is no loss.
#[test]
fn a_server_that_keeps_few_packs_is_not_told_of_those_that_it_does_not_keep() {
    for keeps in [1, 2] {
        let (env, mut look) = scene("healthy");
        db(&mut look).settings.as_mut().unwrap().retention = Some(keeps);
        let keeps = usize::try_from(keeps).unwrap();
        let facts_of = |look: &Snapshot| look.packs.as_ref().unwrap().packs.len();
        let packs = &mut look.packs.as_mut().unwrap().packs;
        packs.sort_by(|a, b| b.name.cmp(&a.name));
        // prod's own of 04:00 and test's of 04:30
        packs.truncate(keeps.max(2));
        let d = explained(&env, &look);
        let evicted = d.findings.iter().any(|f| f.cause == "evicted");
        assert!(!evicted, "{keeps} of {}: {:?}", facts_of(&look), roots(&d));
    }
}

#[test]
fn of_thirty_one_good_nights_none_has_a_finding() {
    let (env, look) = scene("healthy");
    let (mut gone, today) = (0, jiff::civil::Date::constant(2026, 2, 1));
    for back in 0i64..31 {
        let d = diagnose_night(&env, &look, today.checked_sub(back.days()).unwrap(), look.taken);
        assert!(d.findings.is_empty(), "{back} nights ago: {:?} {}", roots(&d), d.headline.zh);
        if d.backup.is_none() {
            gone += 1;
            assert!(d.headline.zh.contains("按保留数"), "{back} nights ago: {}", d.headline.zh);
            assert_eq!(d.state, State::Unknown);
        } else {
            assert_eq!(d.state, State::Ok, "{back}: {}", d.headline.zh);
        }
        // nothing has to be done about a good night
        let last = text(&d, Style { lang: Lang::Zh, colour: false });
        assert!(d.state != State::Ok || last.trim_end().ends_with("→ 不用做什么"), "{back}: {last}");
    }
    assert!(gone > 0, "no pack was ever cleaned up");
}

#[test]
fn a_night_that_is_still_to_come_is_not_called_unplanned() {
    let (env, look) = scene("healthy");
    for ahead in [1i64, 2, 40] {
        let date = jiff::civil::Date::constant(2026, 2, 1).checked_add(ahead.days()).unwrap();
        let d = diagnose_night(&env, &look, date, look.taken);
        assert!(d.headline.zh.contains("还没到"), "{}", d.headline.zh);
        assert!(d.findings.is_empty() && d.state != State::Failed);
    }
}

/// Containers of a server that was booted two minutes ago come up one after the other.
#[test]
fn containers_that_are_not_up_yet_after_a_boot_are_waited_for() {
    let (env, mut look) = scene("healthy");
    just_booted(&mut look);
    for c in
        look.containers.as_mut().unwrap().iter_mut().filter(|c| c.name.as_str().contains("ragflow_compose"))
    {
        c.running = false;
    }
    let d = explained(&env, &look);
    assert_eq!((roots(&d), d.state, first_step(&d)), (vec!["just-started"], State::Warning, "wait".into()));
    look.identity.as_mut().unwrap().uptime_s = Some(3600);
    assert_eq!(roots(&explained(&env, &look)), ["services-down"]);
}
