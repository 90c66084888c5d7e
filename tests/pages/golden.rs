//! The screens of captured answers, each in both languages and two sizes.
use super::*;
use opsdeck::core::console::gauges::pictures;
use opsdeck::core::console::mount::mount;
use opsdeck::core::console::packs::packs;
use opsdeck::core::verdict::facts::Facts;
use std::collections::BTreeSet;

/// Bodies of screens of 80x24 and 160x45.
const SIZES: [(u16, u16); 2] = [(80, 21), (160, 42)];
const CAPTURES: [&str; 4] = ["healthy", "not-mounted", "share-hung", "wrong-password"];

/// The screens: mounts, packs, and the pictures of the overview above the table of mounts.
fn sheets(f: &Facts<'_>) -> [(&'static str, Sheet); 3] {
    let mut pictured = mount(f);
    pictured.lead.extend(pictures(f));
    [("mount", mount(f)), ("packs", packs(f, &[])), ("pictures", pictured)]
}

fn name(capture: &str, sheet: &str, size: (u16, u16), lang: Lang) -> String {
    let lang = if lang == Lang::Zh { "zh" } else { "en" };
    format!("{sheet}-{capture}-{}-{lang}", size.0)
}

#[test]
fn every_page_is_as_it_was_approved() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut drawn = BTreeSet::new();
    settings.bind(|| {
        for capture in CAPTURES {
            let (env, look) = captured(capture);
            for (sheet, page) in sheets(&Facts::of(&env, &look)) {
                for size in SIZES {
                    for lang in [Lang::Zh, Lang::En] {
                        let ink = COLOUR;
                        // a large screen is a modern terminal's
                        let glyphs = if size.0 > 80 { Glyphs::Boxes } else { Glyphs::Ascii };
                        let buf = draw(&page, Cursor::default(), None, (ink, lang, glyphs), size);
                        let name = name(capture, sheet, size, lang);
                        insta::assert_snapshot!(name.clone(), lines(&buf).join("\n"));
                        drawn.insert(format!("{name}.snap"));
                    }
                }
            }
        }
    });
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/snapshots");
    let kept =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
    let kept: BTreeSet<String> = kept.filter(|name| name.ends_with(".snap")).collect();
    assert_eq!(kept, drawn, "a golden of a screen that is gone, or one that is missing");
}
