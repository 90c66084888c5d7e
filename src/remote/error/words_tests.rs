//! Every kind has words, and they are true.
use super::super::ChangedKey;
use super::*;
use crate::i18n::Lang;

/// One of each kind.
pub(in crate::remote::error) fn every_kind() -> Vec<K> {
    let t = |s: &str| SafeText::new(s);
    let file = || t("/home/ops/.ssh/id");
    vec![
        K::HostKeyUnknown { host: t("h"), offered: Some(t("ssh-ed25519 SHA256:new")) },
        K::HostKeyChanged(Box::new(ChangedKey {
            host: t("h"),
            offered: Some(t("SHA256:new")),
            recorded: Some(t("SHA256:old")),
            place: Some(t("/k:3")),
        })),
        K::HostKeyRevoked { host: t("h") },
        K::HostKeyNotExpected { expected: t("SHA256:exp"), offered: None },
        K::KeyFileMissing { file: file() },
        K::KeyFileUnreadable { file: file() },
        K::KeyFileLocked { file: file() },
        K::KeyFileMode { file: file(), mode: t("0644") },
        K::KeyRefused { login: t("root@h") },
        K::TooManyKeys,
        K::Refused,
        K::NameNotFound { host: t("h") },
        K::Unreachable,
        K::NoAnswer,
        K::Silent,
        K::HungUp,
        K::NotSsh,
        K::NoCommonAlgorithm { what: t("cipher"), theirs: t("3des") },
        K::BadConfig { place: t("/c:3") },
        K::BadSetting { setting: "jump" },
        K::ControlFolder { folder: t("/tmp/x") },
        K::ProgramMissing { program: t("ssh") },
        K::NoShell,
        K::CutShort,
        K::SessionsRefused,
        K::Lost,
        K::Frozen,
        K::ScriptKilled,
        K::Deadline,
        K::Closed,
        K::Other,
    ]
}

#[test]
fn every_kind_says_what_happened_what_was_not_done_and_what_to_do() {
    let mut seen = std::collections::BTreeSet::new();
    let mut codes = std::collections::BTreeSet::new();
    for kind in every_kind() {
        let error = LinkError::new(kind, "");
        assert!(codes.insert(error.code()), "the code {} is used twice", error.code());
        for lang in [Lang::Zh, Lang::En] {
            let (summary, hint) = (error.summary(), error.hint());
            let next = error.what_to_do();
            assert!(seen.insert(summary.get(lang).to_owned()), "{} says what another says", error.code());
            assert!(hint.get(lang).starts_with(error.not_done().get(lang)), "{}", error.code());
            assert!(hint.get(lang).ends_with(next.get(lang)) && !next.get(lang).is_empty());
        }
        let zh = error.summary().zh + &error.hint().zh;
        assert!(zh.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)), "{zh}");
        assert!(!error.summary().en.chars().any(|c| ('\u{4e00}'..'\u{9fff}').contains(&c)));
    }
}

#[test]
fn a_script_that_had_begun_is_never_said_to_have_done_nothing() {
    for kind in every_kind() {
        let error = LinkError::new(kind, "").after_begin();
        assert!(error.hint().zh.contains("结果未知"), "{}", error.code());
        assert!(!error.hint().zh.contains("没有对服务器做任何改动"), "{}", error.code());
        assert!(error.hint().en.contains("unknown") && !error.hint().en.contains("nothing was changed"));
    }
}

#[test]
fn the_place_of_the_trouble_is_named() {
    let error = LinkError::new(K::Refused, "").on_the_way();
    assert!(error.summary().zh.starts_with("在跳板机处"), "{:?}", error.summary());
    assert!(error.summary().en.starts_with("at the jump host"));
}
