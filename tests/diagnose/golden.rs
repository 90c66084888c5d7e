//! The text form as an operator reads it: the first line is the cause, the last one what mends it.
use super::*;
use opsdeck::core::diagnose::render::{Style, markdown, text};
use opsdeck::i18n::Lang;
use std::collections::BTreeSet;
use std::path::Path;

const SHOWN: [&str; 8] = [
    "healthy",
    "not-mounted",
    "wrong-password",
    "share-hung",
    "ghost-job",
    "backup-running",
    "docker-down",
    "evicted",
];

fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn the_text_is_as_it_was_approved() {
    let mut drawn = BTreeSet::new();
    settings().bind(|| {
        for scenario in SHOWN {
            let (env, look) = scene(scenario);
            let d = explained(&env, &look);
            for (lang, word) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
                let name = format!("{scenario}-{word}");
                insta::assert_snapshot!(name.clone(), text(&d, Style { lang, colour: false }));
                drawn.insert(format!("{name}.snap"));
            }
        }
        let (env, look) = scene("not-mounted");
        insta::assert_snapshot!("not-mounted-md", markdown(&explained(&env, &look), Lang::Zh));
        drawn.insert("not-mounted-md.snap".into());
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnose/snapshots");
    let kept =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    let kept: BTreeSet<String> = kept.filter(|name| name.ends_with(".snap")).collect();
    assert_eq!(kept, drawn, "a golden of a scenario that is gone, or one that is missing");
}

#[test]
fn the_first_line_is_the_cause_and_the_last_what_mends_it() {
    for named in opsdeck::demo::names() {
        let (env, look) = scene(named.name);
        let d = explained(&env, &look);
        for lang in [Lang::Zh, Lang::En] {
            let said = text(&d, Style { lang, colour: false });
            let (first, last) = (said.lines().next().unwrap(), said.lines().last().unwrap());
            assert!(first.contains("正式 prod") && first.contains(d.state.word().get(lang)), "{first}");
            assert!(last.starts_with("→ "), "{}: {last}", named.name);
            if let Some(step) = d.steps().first() {
                assert!(last.contains(step.says.get(lang)), "{}: {last}", named.name);
                if let Some(key) = step.key {
                    assert!(last.contains(&format!(" {key}")), "{}: {last}", named.name);
                }
            }
            let chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
            if lang == Lang::En {
                // the server's own words, and the name of a page
                let ours: String =
                    said.lines().filter(|l| !l.contains('#') && !l.contains("数据安全")).collect();
                // what people call the server, and a word that the backend writes
                let ours = ours.replace("正式", "").replace("已同步", "");
                assert!(!ours.contains(chinese), "{}: {ours}", named.name);
            }
        }
    }
}

/// What is pasted into a ticket says of itself when it was true, of which machine, and which causes it speaks against.
#[test]
fn a_copy_of_it_is_dated_and_names_what_was_ruled_out() {
    for named in opsdeck::demo::names() {
        let (env, look) = scene(named.name);
        let d = explained(&env, &look);
        for lang in [Lang::Zh, Lang::En] {
            let said = text(&d, Style { lang, colour: false });
            for copy in [said.clone(), markdown(&d, lang).replace('\\', "")] {
                let dated = copy.lines().find(|l| l.contains("2026-02-01") && l.contains("UTC+08:00"));
                assert!(dated.is_some_and(|l| l.contains(&env.host) && l.contains("0.1")), "{copy}");
                for out in &d.ruled_out {
                    let line = copy.lines().find(|l| l.contains(out.title.get(lang)) && l.contains(" — "));
                    assert!(line.is_some_and(|l| l.contains(out.because.says.get(lang))), "{}", out.cause);
                }
            }
        }
    }
    // of a server that was not reached, too
    let (env, _) = scene("healthy");
    let what = opsdeck::text!("连不上", "no link");
    let d = opsdeck::core::diagnose::unreachable(&env, what.clone(), what, MORNING, 3000);
    let said = text(&d, Style { lang: Lang::En, colour: false });
    assert!(said.contains("2026-02-01 00:00:00 (UTC+00:00), looked at in 3.0 s"), "{said}");
}

#[test]
fn colour_is_only_colour() {
    let (env, look) = scene("not-mounted");
    let d = explained(&env, &look);
    let bare = text(&d, Style { lang: Lang::Zh, colour: false });
    let painted = text(&d, Style { lang: Lang::Zh, colour: true });
    assert!(!bare.contains('\u{1b}') && painted.contains('\u{1b}'));
    let washed: String = painted
        .split('\u{1b}')
        .map(|p| p.split_once('m').filter(|(c, _)| c.starts_with('[')).map_or(p, |(_, r)| r))
        .collect();
    assert_eq!(washed, bare);
}
