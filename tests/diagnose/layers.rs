//! Every pair of troubles of different layers, made by machine: both are found, or one explains the other, or the question on
//! which it rests had no answer and that is said. The first key is not refused.
use super::composed::{disks_of, mount_of};
use super::keys::refused;
use super::*;
use opsdeck::core::diagnose::Probe;
use opsdeck::core::verdict::{Check, Facts, judge};

/// What of a server a scenario is about. The database is the base, and the others are laid over it in this order.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Layer {
    Database,
    Docker,
    Mount,
    Container,
    Disk,
    Fstab,
    Clock,
}
use Layer::{Clock, Container, Database, Disk, Docker, Fstab, Mount};

const LAYERS: &[(&str, Layer)] = &[
    ("ghost-job", Database),
    ("stale-lock", Database),
    ("stuck-job", Database),
    ("backup-running", Database),
    ("backup-failed", Database),
    ("images-missing", Database),
    ("volumes-empty", Database),
    ("schedule-off", Database),
    ("late", Database),
    ("evicted", Database),
    ("backend-down", Docker),
    ("docker-down", Docker),
    ("not-mounted", Mount),
    ("wrong-share", Mount),
    ("wrong-password", Mount),
    ("share-hung", Mount),
    ("container-blind", Container),
    ("disk-full", Disk),
    ("fstab-missing", Fstab),
    ("clock-skew", Clock),
];

fn lay(base: &mut Snapshot, name: &str, layer: Layer) {
    let (_, over) = scene(name);
    match layer {
        Database => {}
        Docker => {
            base.containers = over.containers.clone();
            base.health = over.health.clone();
            if name == "docker-down" {
                (base.images, base.volumes) = (over.images.clone(), over.volumes.clone());
                (base.inside, base.docker_disk) = (over.inside.clone(), over.docker_disk.clone());
            } else if let (Ok(inside), Ok(theirs)) = (&mut base.inside, &over.inside) {
                (inside.mounts, inside.clock) = (theirs.mounts.clone(), theirs.clock.clone());
            }
        }
        Mount => {
            mount_of(base, &over);
            // Windows refused it after the last backup that came
            let at = base.now().plus_ms(-3_600_000);
            base.kernel.as_mut().unwrap().lines.iter_mut().for_each(|l| l.at = Some(at));
        }
        Container => {
            if let (Ok(inside), Ok(theirs)) = (&mut base.inside, &over.inside)
                && inside.mounts.is_ok()
            {
                inside.mounts = theirs.mounts.clone();
            }
        }
        Disk => disks_of(base, &over),
        Fstab => base.fstab = over.fstab.clone(),
        // this machine is behind the server
        Clock => base.taken = base.taken.plus_ms(-600_000),
    }
}

pub(crate) fn pairs() -> Vec<[(&'static str, Layer); 2]> {
    let mut all = Vec::new();
    for (n, one) in LAYERS.iter().enumerate() {
        all.extend(LAYERS.iter().skip(n + 1).filter(|two| two.1 != one.1).map(|two| [*one, *two]));
    }
    all
}

pub(crate) fn look_of(layers: &[(&str, Layer)]) -> (Environment, Snapshot) {
    let base = layers.iter().find(|l| l.1 == Database).map_or("healthy", |l| l.0);
    let (env, mut look) = scene(base);
    layers.iter().for_each(|(name, layer)| lay(&mut look, name, *layer));
    (env, look)
}

/// What one of a pair cannot be without, and the other takes away; and what is one trouble in two places.
const MOUNT_FAULTS: [&str; 4] = ["not-mounted", "wrong-share", "wrong-password", "share-hung"];

/// What is said to be unchecked names this place: a check that rests on it, or the place itself.
fn is_named(probe: Probe, checks: &[Check], d: &Diagnosis) -> bool {
    let rest: &[&str] = match probe {
        Probe::Database => &["night", "live", "lock", "schedule"],
        Probe::Mounts => &["mount"],
        Probe::ContainerMounts => &["container_mount"],
        Probe::Share => &["share", "room"],
        Probe::Packs => &["packs", "last_full", "night"],
        Probe::Containers => &["backend", "services"],
        Probe::Port => &["port"],
        Probe::Disks | Probe::DockerDisk => &["disks"],
        Probe::Volumes | Probe::Compose => &["compose"],
        Probe::Fstab => &["fstab"],
        _ => &[],
    };
    let titles = checks.iter().filter(|c| rest.contains(&c.id)).map(|c| c.title.zh.clone());
    let words: Vec<String> = titles.chain([probe.word().zh]).collect();
    d.unchecked.iter().any(|u| words.iter().any(|w| u.what.zh.contains(w.as_str())))
}

fn excused(cause: &str, other: &str) -> bool {
    match cause {
        // nobody tells what is in a container that does not run, or that waits for a mount
        "container-blind" => {
            ["backend-down", "docker-down", "not-mounted", "wrong-share", "wrong-password", "share-hung"]
                .contains(&other)
        }
        // what was made is not seen while the share is another one, or away; and the night has another fate
        "images-missing" | "incomplete-pack" | "evicted" => {
            ["not-mounted", "wrong-share", "wrong-password", "share-hung", "docker-down"].contains(&other)
        }
        // a stopped backend has no backup at work: it is a ghost; and whether one stands still only its pack shows
        "running" | "stuck-job" => {
            ["backend-down", "not-mounted", "wrong-share", "wrong-password", "share-hung"].contains(&other)
        }
        // without its line in fstab the reboot lost it, and that is one trouble
        "not-mounted" => other == "fstab-missing",
        // what is not mounted now is told, and not that the next reboot would lose it
        "fstab-missing" => MOUNT_FAULTS.contains(&other),
        _ => false,
    }
}

#[test]
fn of_any_two_troubles_both_are_found() {
    let (mut wrong, all) = (Vec::new(), pairs());
    for pair in &all {
        let (env, look) = look_of(pair);
        let d = explained(&env, &look);
        let facts = Facts::of(&env, &look);
        let checks = judge(&env, &look).checks;
        let found: Vec<&str> = d
            .findings
            .iter()
            .flat_map(|f| std::iter::once(f.cause).chain(f.explains.iter().map(|c| c.cause)))
            .collect();
        let name = format!("{} + {}", pair[0].0, pair[1].0);
        for (one, other) in [(pair[0], pair[1]), (pair[1], pair[0])] {
            let (env, alone) = look_of(&[one]);
            for f in &explained(&env, &alone).findings {
                let mut open = f.evidence.iter().map(|e| e.probe).filter(|p| p.gap(&facts).is_some());
                let said = open.any(|p| is_named(p, &checks, &d));
                if !found.contains(&f.cause) && !said && !excused(f.cause, other.0) {
                    wrong.push(format!("{name}: {} is not found: {:?} {:?}", f.cause, roots(&d), found));
                }
            }
        }
        if d.findings.len() > 2 {
            wrong.push(format!("{name}: {:?}", roots(&d)));
        }
        if let Some(why) = refused(&env, &look, &d) {
            wrong.push(format!("{name}: {:?}: {why}", roots(&d)));
        }
        if d.state == State::Ok {
            wrong.push(format!("{name} is called healthy"));
        }
    }
    println!("{} pairs", all.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each layer alone is what its scenario is: what is laid over a healthy server is the whole of it.
#[test]
fn a_layer_is_the_trouble_of_its_scenario() {
    for (name, layer) in LAYERS {
        let (env, look) = look_of(&[(name, *layer)]);
        let (env_alone, alone) = scene(name);
        let d = explained(&env, &look);
        let wanted = explained(&env_alone, &alone);
        assert_eq!(roots(&d).first(), roots(&wanted).first(), "{name}");
    }
}
