//! Any answers, put together at random from those of all scenarios and from every kind of gap.
use super::*;
use opsdeck::core::diagnose::render::{Style, markdown, text};
use opsdeck::core::diagnose::{Certainty, Probe};
use opsdeck::core::gap::{Gap, NotAsked};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::verdict;
use opsdeck::core::verdict::Facts;
use opsdeck::i18n::Lang;
use proptest::prelude::*;
use std::sync::OnceLock;

/// One look of every scenario, all at the same moment.
fn pool() -> &'static (Environment, Vec<Snapshot>) {
    static POOL: OnceLock<(Environment, Vec<Snapshot>)> = OnceLock::new();
    POOL.get_or_init(|| {
        let all: Vec<(Environment, Snapshot)> =
            opsdeck::demo::names().iter().map(|n| scene(n.name)).collect();
        let env = all[0].0.clone();
        (env, all.into_iter().map(|(_, look)| look).collect())
    })
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
fn mixed(from: &[usize], gaps: &[Option<usize>]) -> Snapshot {
    let looks = &pool().1;
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

fn any_look() -> impl Strategy<Value = Snapshot> {
    let gaps = proptest::option::weighted(0.15, 0usize..8);
    (proptest::collection::vec(0usize..64, PARTS), proptest::collection::vec(gaps, PARTS))
        .prop_map(|(from, gaps)| mixed(&from, &gaps))
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
        let open: Vec<&Probe> =
            f.evidence.iter().map(|e| &e.probe).filter(|p| p.gap(&facts).is_some()).collect();
        assert!(f.certainty != Certainty::Proved || open.is_empty(), "{} proved by {open:?}", f.cause);
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
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    #[test]
    fn any_answers_are_explained_and_nothing_broken_or_unknown_is_called_healthy(look in any_look()) {
        let env = &pool().0;
        let d = explained(env, &look);
        holds(env, &look, &d);
    }

    #[test]
    fn with_an_earlier_look_too(look in any_look(), earlier in any_look()) {
        let env = &pool().0;
        let d = diagnose(env, &look, Some(&earlier), look.taken);
        holds(env, &look, &d);
    }

    #[test]
    fn any_night_of_the_past_is_answered(look in any_look(), back in 0i64..60) {
        use jiff::ToSpan;
        let env = &pool().0;
        let date = jiff::civil::Date::constant(2026, 2, 1).checked_sub(back.days()).unwrap();
        let d = opsdeck::core::diagnose::diagnose_night(env, &look, date, look.taken);
        let night = Some(date.to_string());
        prop_assert_eq!(&d.night, &night);
        let facts = Facts::of(env, &look);
        let zone = facts.zone_s.unwrap_or(0);
        let last = facts.slot.as_ref().and_then(|s| opsdeck::core::derive::schedule::local(s.due, zone));
        let is_last = last.map(|at| at.date()) == Some(date);
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
                let look = mixed(&from, &gaps);
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
