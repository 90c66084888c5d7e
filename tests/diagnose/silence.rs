//! What the kernel's log does not say proves nothing: without its lines no cause is surer than with them.
use super::layers;
use super::*;
use opsdeck::core::diagnose::Certainty;
use opsdeck::core::gap::Gap;

/// Everything that was found: the roots as sure as they are, and what hangs below them.
fn found(d: &Diagnosis) -> Vec<(&str, Option<Certainty>)> {
    let below = |f: &opsdeck::core::diagnose::Finding| f.explains.iter().map(|c| c.cause).collect::<Vec<_>>();
    let all = d.findings.iter().flat_map(|f| {
        std::iter::once((f.cause, Some(f.certainty))).chain(below(f).into_iter().map(|cause| (cause, None)))
    });
    all.collect()
}

/// What is surer in the second than in the first, though less is known.
fn surer(with: &Diagnosis, without: &Diagnosis) -> Vec<String> {
    let before = found(with);
    let mut wrong = Vec::new();
    for (cause, now) in found(without).into_iter().filter_map(|(cause, sure)| Some((cause, sure?))) {
        match before.iter().find(|(id, _)| *id == cause) {
            Some((_, Some(then))) if now > *then => wrong.push(format!("{cause}: {then:?}, now {now:?}")),
            None if now == Certainty::Proved => wrong.push(format!("{cause}: proved by silence")),
            // what stood below another one has no certainty of its own
            _ => {}
        }
    }
    wrong
}

/// Every look that the tests have: the scenarios, the captures, each single change and each pair of troubles.
fn looks() -> Vec<(String, Environment, Snapshot)> {
    let mut all = Vec::new();
    for named in opsdeck::demo::names() {
        let (env, look) = scene(named.name);
        all.push((named.name.to_owned(), env, look));
    }
    for file in std::fs::read_dir("tests/fixtures/lab").unwrap() {
        let name = file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned();
        let (env, look) = captured::captured(&name);
        all.push((format!("captured {name}"), env, look));
    }
    for (cause, scenario, change, ..) in alone::ALONE {
        let (mut env, mut look) = scene(scenario);
        change(&mut env, &mut look);
        all.push((format!("{cause} in {scenario}"), env, look));
    }
    for pair in layers::pairs() {
        let (env, look) = layers::look_of(&pair);
        all.push((format!("{} + {}", pair[0].0, pair[1].0), env, look));
    }
    all
}

#[test]
fn without_the_kernels_lines_nothing_is_surer() {
    let (mut wrong, mut spoke, all) = (Vec::new(), 0, looks());
    for (name, env, look) in &all {
        let with = explained(env, look);
        let silent = |change: fn(&mut Snapshot)| {
            let mut look = look.clone();
            change(&mut look);
            explained(env, &look)
        };
        let no_lines = silent(|look| look.kernel.iter_mut().for_each(|log| log.lines.clear()));
        let no_answer = silent(|look| look.kernel = Err(Gap::TimedOut));
        spoke += usize::from(look.kernel.as_ref().is_ok_and(|log| !log.lines.is_empty()));
        for (what, without) in [("lines", no_lines), ("answer", no_answer)] {
            wrong.extend(surer(&with, &without).into_iter().map(|w| format!("{name} without {what}: {w}")));
        }
    }
    assert!(spoke > 10, "only {spoke} of {} had any line", all.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The lines that tell a wrong password from other reasons: with them it is told, without them it is not.
#[test]
fn what_only_the_log_tells_is_not_told_without_it() {
    let (env, mut look) = scene("wrong-password");
    assert_eq!(roots(&explained(&env, &look)), ["wrong-password"]);
    look.kernel.as_mut().unwrap().lines.clear();
    let d = explained(&env, &look);
    assert!(found(&d).iter().all(|(cause, _)| *cause != "wrong-password"), "{:?}", roots(&d));
    look.kernel = Err(Gap::TimedOut);
    let d = explained(&env, &look);
    assert!(d.unchecked.iter().any(|u| u.what.en.contains("kernel log")), "{:?}", d.unchecked);
}

/// That the kernel says nothing of a login means something only of a try that it wrote down from its beginning.
#[test]
fn a_refusal_without_a_word_is_told_only_of_a_whole_try() {
    let without = |words: &[&str]| {
        let (env, mut look) = crate::captured::captured("wrong-password");
        let lines = &mut look.kernel.as_mut().unwrap().lines;
        lines.retain(|l| !words.iter().any(|w| l.text.as_str().contains(w)));
        let d = explained(&env, &look);
        found(&d).into_iter().map(|(cause, sure)| (cause.to_owned(), sure)).collect::<Vec<_>>()
    };
    let denied = ("no-permission".to_owned(), Some(Certainty::Likely));
    assert!(without(&["STATUS_", "SessSetup"]).contains(&denied));
    for words in
        [&["STATUS_"][..], &["STATUS_", "SessSetup", "Attempting"], &["STATUS_", "SessSetup", "cifs_mount"]]
    {
        let found = without(words);
        assert!(found.iter().all(|(cause, _)| *cause != denied.0), "without {words:?}: {found:?}");
    }
}
