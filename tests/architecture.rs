//! The rules of ARCHITECTURE.md that a machine can see.
// helpers of tests fail by panicking, as tests do
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    fn walk(dir: &Path, found: &mut Vec<(PathBuf, String)>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let mut found = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder), &mut found);
    found
}

/// Lines of code: what stands before a comment.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(n, line)| (n + 1, line.split("//").next().unwrap_or_default()))
}

fn offences(text: &str, forbidden: &[&str]) -> Vec<usize> {
    code(text).filter(|(_, line)| forbidden.iter().any(|f| line.contains(f))).map(|(n, _)| n).collect()
}

const OUTSIDE: [&str; 15] = [
    "tokio",
    "ratatui",
    "crossterm",
    "openssh",
    "std::fs",
    "std::process",
    "std::env",
    "std::io",
    "std::thread",
    "std::time",
    "TcpStream",
    "crate::remote",
    "crate::tui",
    "crate::cli",
    "crate::clock",
];

#[test]
fn the_core_is_pure() {
    let all = sources("src/core");
    assert!(all.len() > 20, "the core is somewhere else: {}", all.len());
    let bad: Vec<String> = all
        .iter()
        .flat_map(|(path, text)| {
            offences(text, &OUTSIDE).into_iter().map(move |n| format!("{}:{n}", path.display()))
        })
        .collect();
    assert!(bad.is_empty(), "the core names the outside: {bad:#?}");
}

#[test]
fn an_impure_line_would_be_seen() {
    assert_eq!(offences("use crate::i18n;\nuse std::fs;\n// std::fs\n", &OUTSIDE), [2]);
    assert_eq!(offences("    let t = tokio::time::Instant::now();\n", &OUTSIDE), [1]);
}

/// English words for more than one of something, right behind a number that is put in.
fn many(line: &str) -> bool {
    const WORDS: [&str; 20] = [
        "arguments",
        "causes",
        "checks",
        "containers",
        "copies",
        "days",
        "entries",
        "events",
        "environments",
        "files",
        "hours",
        "images",
        "jobs",
        "keys",
        "lines",
        "mistakes",
        "packs",
        "things",
        "times",
        "volumes",
    ];
    line.split('}').skip(1).any(|rest| {
        let word: String =
            rest.strip_prefix(' ').unwrap_or_default().chars().take_while(|c| c.is_alphabetic()).collect();
        WORDS.contains(&word.as_str())
    })
}

/// "1 containers": what is counted is said by `i18n::counted`.
#[test]
fn nothing_that_is_counted_is_always_many() {
    let mut bad = Vec::new();
    for (path, text) in sources("src").iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        let tests = text.find("#[cfg(test)]").unwrap_or(text.len());
        let lines = code(text.get(..tests).unwrap_or_default());
        bad.extend(
            lines
                .filter(|(_, l)| many(l) && !l.contains("{} times over"))
                .map(|(n, _)| format!("{}:{n}", path.display())),
        );
    }
    assert!(bad.is_empty(), "one of it would be called many: {bad:#?}");
    assert!(many("text!(\"{n} 个\", \"{n} packs\")") && !many("\"{n} packages of {packs}\""));
}

/// Host keys are strict. The words for anything else stand nowhere in the code but where they are refused.
#[test]
fn no_code_path_takes_a_host_key_unseen() {
    let bad: Vec<String> = sources("src")
        .iter()
        .flat_map(|(path, text)| {
            offences(
                text,
                &[
                    "accept-new",
                    "StrictHostKeyChecking=no",
                    "StrictHostKeyChecking no",
                    "KnownHosts::Accept",
                    "KnownHosts::Add",
                ],
            )
            .into_iter()
            .map(move |n| format!("{}:{n}", path.display()))
        })
        .collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

/// The addresses of the operators' servers stand in the shipped configuration, in its own test and in hints; nothing that
/// makes a connection without a person knows them.
#[test]
fn nothing_that_connects_by_itself_knows_the_operators_servers() {
    let address = format!("172.30.{}", "30.");
    let own_test = Path::new("tests/config.rs");
    for folder in ["src/demo", "src/remote", "src/core", "tests", "benches"] {
        for (path, text) in sources(folder) {
            assert!(path.ends_with(own_test) || !text.contains(&address), "{}", path.display());
        }
    }
}

#[test]
fn the_shipped_files_hold_no_secret() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("environments.toml")).unwrap();
    for line in text.lines().filter(|l| !l.trim_start().starts_with('#')) {
        assert!(!line.to_lowercase().contains("password ="), "{line}");
    }
}
