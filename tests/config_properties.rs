//! Whatever the file holds: the loader neither panics nor repeats a secret, and what it marks is on the line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use opsdeck::config::{self, Problem, diagnostic};
use opsdeck::i18n::Lang;
use proptest::prelude::*;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

/// Everything that a person or a log could get to see about the bytes.
fn everything(bytes: &[u8]) -> (String, Vec<Problem>) {
    let path = Path::new("/etc/opsdeck/e.toml");
    let (problems, mut all) = match config::parse(bytes, path, Some(Path::new("/home/op"))) {
        Ok(loaded) => (loaded.notices, opsdeck::cli::config::show(&loaded.config)),
        Err(refused) => (refused.problems.clone(), format!("{refused} {refused:?}")),
    };
    for lang in [Lang::Zh, Lang::En] {
        all.push_str(&diagnostic::render(path, &problems, lang));
    }
    (all, problems)
}

fn files(kind: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(kind);
    let mut paths: Vec<_> = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path()).collect();
    paths.sort();
    let files = paths.iter().filter(|p| p.extension().is_some_and(|e| e == "toml"));
    files.map(|p| std::fs::read(p).unwrap()).collect()
}

/// One change of a text: at a place, so many bytes out, these in.
fn change() -> impl Strategy<Value = (prop::sample::Index, usize, Vec<u8>)> {
    let word = prop_oneof![
        any::<u8>().prop_map(|b| vec![b]),
        prop::sample::select(vec![
            "\"",
            "'",
            "=",
            "[",
            "]]",
            "{",
            "}",
            "\n",
            "\r",
            "#",
            "\"\"\"",
            "'''",
            ",",
            "\\",
            "＝",
            "\u{202e}",
            "\u{feff}",
            "-",
            "0",
            "99999999999999999999",
            "true",
            "[share]\n",
            "[[environment]]\n",
            "key = \"prod\"\n",
            "\u{1b}[31m",
        ])
        .prop_map(|s| s.as_bytes().to_vec()),
        Just(Vec::new()),
    ];
    (any::<prop::sample::Index>(), 0..3_usize, word)
}

fn changed(mut bytes: Vec<u8>, changes: Vec<(prop::sample::Index, usize, Vec<u8>)>) -> Vec<u8> {
    for (at, out, word) in changes {
        let at = at.index(bytes.len() + 1);
        let end = (at + out).min(bytes.len());
        bytes.splice(at..end, word);
    }
    bytes
}

/// The ways in which people write a secret into the file. `%` is the secret.
const PLANTED: &[&str] = &[
    "password = \"%\"",
    "smb_password='%'",
    "Passwd = %",
    "密码 = \"%\"",
    "\"密码\" = \"%\"",
    "password: %",
    "password = \"\"\"\n%\"\"\"",
    "password = [\n  \"%\",\n]",
    "password = { value = \"%\" }",
    "secret = \"%\"",
    "secret = { value = \"%\" }",
    "secret = { command = \"echo %\" }",
    "secret = { env = \"%!\" }",
    "secret.password = \"%\"",
    "options = \"soft,password=%\"",
    "options = \"soft,username=u,pass=%,ro\"",
    "user = \"writer%%\"",
    "host = \"root:%@192.0.2.1\"",
    "health_url = \"http://root:%@127.0.0.1/\"",
    "name = \"正式（密码 %）\"",
    "pasword = \"%\"",
    "[smb]\npassword = \"%\"",
    "smb = { user = \"u\", password = \"%\" }",
    "environment = [{ key = \"a\", password = \"%\" }]",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_bytes_are_answered(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        everything(&bytes);
    }

    #[test]
    fn a_changed_file_is_answered_and_every_mark_is_on_its_line(
        file in prop::sample::select([files("valid"), files("invalid")].concat()),
        changes in prop::collection::vec(change(), 1..6),
    ) {
        let bytes = changed(file, changes);
        let lines = bytes.split(|b| *b == b'\n').count();
        let (all, problems) = everything(&bytes);
        prop_assert!(!all.contains(['\u{1b}', '\u{202e}']), "left over");
        for at in problems.iter().filter_map(|p| p.place.as_ref()) {
            prop_assert!(at.line >= 1 && at.line <= lines && at.column >= 1);
            prop_assert!(at.mark.start <= at.mark.end && at.mark.end <= at.source_line.width());
            prop_assert!(at.source_line.width() <= 140 && !at.source_line.contains('\n'));
        }
    }

    #[test]
    fn a_planted_secret_is_never_repeated(
        file in prop::sample::select(files("valid")),
        form in prop::sample::select(PLANTED),
        secret in "Zq[A-Za-z0-9]{6,14}",
        place in any::<prop::sample::Index>(),
        changes in prop::collection::vec(change(), 0..3),
    ) {
        let text = String::from_utf8(file).unwrap();
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let planted = form.replacen('%', &secret, 1).replace("%%", "%");
        // `user%secret`: the last sign of this form is the secret
        let planted = if form.contains("%%") { form.replace("%%", &format!("%{secret}")) } else { planted };
        let at = place.index(lines.len() + 1);
        lines.insert(at, planted);
        // changes stay out of the secret itself, or it would not be found even when it is shown
        let mut before = changed(lines[..at].join("\n").into_bytes(), changes);
        let after = lines[at..].join("\n");
        before.extend(b"\n");
        before.extend(after.as_bytes());
        let (all, _) = everything(&before);
        prop_assert!(!all.contains(&secret), "{}", all);
    }
}
