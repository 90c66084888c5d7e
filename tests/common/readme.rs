//! Tables that stand in README.md, in both languages, each between `<!-- NAME LANGUAGE -->` and `<!-- end of NAME -->`.
#![allow(unreachable_pub)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

/// Says whether the README has this table; puts it there before where `OPSDECK_UPDATE_README` is set.
pub fn has(name: &str, table: impl Fn(&str) -> String) {
    let mut readme = std::fs::read_to_string(README).unwrap();
    for lang in ["zh", "en"] {
        let begin = format!("<!-- {name} {lang} -->\n");
        let from = readme.find(&begin).expect("the README has a place for the table") + begin.len();
        let to = readme[from..].find(&format!("<!-- end of {name} -->")).expect("its end") + from;
        if std::env::var_os("OPSDECK_UPDATE_README").is_some() {
            readme.replace_range(from..to, &table(lang));
            std::fs::write(README, &readme).unwrap();
        } else {
            assert_eq!(&readme[from..to], table(lang), "OPSDECK_UPDATE_README=1 puts it there");
        }
    }
}
