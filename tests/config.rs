//! Every file of `tests/config/valid` and `tests/config/invalid`, with what opsdeck says about it in both
//! languages in the `.expected` file beside it. `OPSDECK_BLESS=1` writes the expected files anew; read the
//! difference before you commit it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
use opsdeck::config::{self, diagnostic};
use opsdeck::i18n::Lang;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The value that every planted secret in these files has.
const PLANTED: &str = "hunter2";

fn folder(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/config").join(kind)
}

/// The names of the files with an ending, without it.
fn names(kind: &str, ending: &str) -> BTreeSet<String> {
    let files = std::fs::read_dir(folder(kind)).unwrap();
    let names = files.map(|f| f.unwrap().file_name().into_string().unwrap());
    names.filter_map(|n| n.strip_suffix(ending).map(str::to_owned)).collect()
}

fn both(say: impl Fn(Lang) -> String) -> String {
    format!("{}---\n{}", say(Lang::Zh), say(Lang::En))
}

/// What opsdeck says about the bytes of a file; `Err` when it refuses them.
fn said(name: &str, bytes: &[u8]) -> Result<String, String> {
    let path = Path::new("/etc/opsdeck").join(format!("{name}.toml"));
    match config::parse(bytes, &path, Some(Path::new("/home/op"))) {
        Ok(loaded) => {
            let notices = both(|lang| diagnostic::render(&path, &loaded.notices, lang));
            Ok(format!("{}---\n{notices}", opsdeck::cli::config::show(&loaded.config)))
        }
        Err(refused) => Err(both(|lang| refused.render(lang))),
    }
}

fn compare(kind: &str) -> Vec<(String, Result<String, String>)> {
    let cases = names(kind, ".toml");
    let mut wrong = Vec::new();
    let mut all = Vec::new();
    for name in &cases {
        let bytes = std::fs::read(folder(kind).join(format!("{name}.toml"))).unwrap();
        let said = said(name, &bytes);
        let text = said.clone().unwrap_or_else(|e| e);
        let golden = folder(kind).join(format!("{name}.expected"));
        if std::env::var_os("OPSDECK_BLESS").is_some() {
            std::fs::write(&golden, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        if text != expected {
            wrong.push(format!("== {kind}/{name}\n-- expected\n{expected}\n-- said\n{text}"));
        }
        all.push((name.clone(), said));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let orphans: Vec<_> = names(kind, ".expected").difference(&cases).cloned().collect();
    assert!(orphans.is_empty(), "expected files without a case: {orphans:?}");
    all
}

#[test]
fn valid_files_are_accepted() {
    let all = compare("valid");
    assert!(all.len() >= 10);
    for (name, said) in all {
        assert!(said.is_ok(), "{name}: {said:?}");
    }
}

#[test]
fn invalid_files_are_refused_with_a_place_and_a_way_out() {
    let all = compare("invalid");
    assert!(all.len() >= 80);
    for (name, said) in all {
        let text = said.expect_err(&name);
        let (zh, en) = text.split_once("---\n").unwrap();
        assert!(zh.contains("办法：") && en.contains("hint: "), "{name}: {text}");
        assert!(!text.contains(PLANTED), "{name} shows the planted secret:\n{text}");
        assert!(!text.contains('\u{1b}'), "{name} passes on a terminal command");
    }
}

#[test]
fn a_file_whose_name_speaks_of_a_secret_plants_one() {
    let with: Vec<_> = names("invalid", ".toml").into_iter().filter(|n| n.contains("secret")).collect();
    let planted = with.iter().filter(|name| {
        let path = folder("invalid").join(format!("{name}.toml"));
        String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(PLANTED)
    });
    assert!(planted.count() >= 12);
}

#[test]
fn the_file_that_is_shipped_is_accepted_and_holds_no_secret() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments.toml");
    let loaded = config::parse(&std::fs::read(&path).unwrap(), &path, None).unwrap();
    let hosts: Vec<_> =
        loaded.config.environments.iter().map(|e| (e.key.0.as_str(), e.host.as_str())).collect();
    assert_eq!(hosts, [("prod", "172.30.30.57"), ("test", "172.30.30.58")]);
    let said: Vec<_> = loaded.notices.iter().map(|n| n.message.en.as_str()).collect();
    assert_eq!(said, ["the share has no user: looking works, mounting does not"]);
}

#[test]
fn what_the_shipped_file_calls_a_default_is_one() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let show = |text: &str| {
        let loaded = config::parse(text.as_bytes(), Path::new("/e.toml"), Some(Path::new("/home/op")));
        opsdeck::cli::config::show(&loaded.unwrap_or_else(|e| panic!("{e}")).config)
    };
    // lines that are no default but an example of a value that has none
    let examples = [
        "known_hosts",
        "config_file",
        "user",
        "domain",
        "port = 22",
        "identity_file",
        "jump",
        "host_key",
        "read_only",
    ];
    let enabled = text.lines().map(|line| match line.strip_prefix("# ") {
        Some(rest)
            if rest.starts_with(|c: char| c.is_ascii_lowercase())
                && rest.contains(" = ")
                && !examples.iter().any(|e| rest.starts_with(e)) =>
        {
            rest
        }
        _ => line,
    });
    let enabled: Vec<_> = enabled.collect();
    assert!(
        enabled.iter().filter(|l| text.contains(&format!("# {l}\n"))).count() > 20,
        "too few lines were tried"
    );
    assert_eq!(show(&enabled.join("\n")), show(&text));
}
