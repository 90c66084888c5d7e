//! Answers captured from the lab (`examples/capture.rs`), as they came and broken on purpose.
use crate::support::asset;
use opsdeck::config::model::Environment;
use opsdeck::core::snapshot::Snapshot;
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::{self, Verdict};
use proptest::prelude::*;

const MARK: &str = "00000000000000000000000000fixture";

pub(crate) fn lab_prod() -> Environment {
    let config = opsdeck::config::load(&asset("tests/lab/lab.toml")).unwrap();
    config.environments.into_iter().find(|e| e.key.0 == "prod").unwrap()
}

pub(crate) fn captured(name: &str) -> Vec<u8> {
    std::fs::read(asset("tests/fixtures/lab").join(name).with_extension("txt")).unwrap()
}

/// The verdict at the moment of the capture, by the server's own clock.
fn judged(answer: &[u8]) -> Verdict {
    let env = lab_prod();
    let clock =
        Snapshot::read(&env, "", MARK, answer, EpochMs(0), 0).identity.map_or(EpochMs(0), |i| i.clock);
    verdict::judge(&env, &Snapshot::read(&env, "", MARK, answer, clock, 1000))
}

pub(crate) fn state(verdict: &Verdict, id: &str) -> State {
    verdict.checks.iter().find(|c| c.id == id).unwrap_or_else(|| panic!("{id}")).state
}

pub(crate) fn said(verdict: &Verdict) -> String {
    let line = |c: &verdict::Check| format!("{} {:?} {:?}\n", c.id, c.state, c.summary);
    verdict.checks.iter().filter(|c| c.state != State::Ok).map(line).collect()
}

#[test]
fn what_the_lab_answered_is_judged_as_it_was() {
    use State::{Failed, Ok, Unknown};
    let expected: [(&str, &[(&str, State)]); 8] = [
        (
            "healthy",
            &[
                ("night", Ok),
                ("mount", Ok),
                ("container_mount", Ok),
                ("share", Ok),
                ("backend", Ok),
                ("lock", Ok),
                ("fstab", Ok),
            ],
        ),
        (
            "not-mounted",
            &[("mount", Failed), ("container_mount", Failed), ("night", Failed), ("backend", Ok)],
        ),
        ("container-blind", &[("mount", Ok), ("container_mount", Failed), ("night", Failed)]),
        ("wrong-share", &[("mount", Failed), ("night", Unknown)]),
        ("share-hung", &[("mount", Ok), ("share", Failed), ("night", Unknown)]),
        ("wrong-password", &[("mount", Failed)]),
        ("ghost-job", &[("live", Failed), ("lock", Failed), ("night", Failed)]),
        ("old-schema", &[("night", Ok), ("live", Ok), ("lock", Ok), ("fstab", Ok)]),
    ];
    let mut files: Vec<String> = std::fs::read_dir(asset("tests/fixtures/lab"))
        .unwrap()
        .map(|e| e.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let mut named: Vec<&str> = expected.iter().map(|(name, _)| *name).collect();
    named.sort_unstable();
    assert_eq!(files, named, "a capture that nobody reads, or one that is missing");
    for (name, states) in expected {
        let verdict = judged(&captured(name));
        for (id, expected) in states {
            assert_eq!(state(&verdict, id), *expected, "{name}: {id}\n{}", said(&verdict));
        }
    }
    assert_eq!(judged(&captured("healthy")).state, Ok, "{}", said(&judged(&captured("healthy"))));
}

/// One segment of an answer replaced: its payload, what it said, its code.
fn with(answer: &[u8], name: &str, payload: &[u8], said: &str, code: i32) -> Vec<u8> {
    let find = |from: usize, what: &str| {
        from + answer[from..].windows(what.len()).position(|w| w == what.as_bytes()).unwrap()
    };
    let begin = find(0, &format!("@@{MARK} begin {name}\n"));
    let end = find(begin, &format!("@@{MARK} end {name} "));
    let next = end + answer[end..].iter().position(|b| *b == b'\n').unwrap() + 1;
    let segment = [
        format!("@@{MARK} begin {name}\n").as_bytes(),
        payload,
        format!("\n@@{MARK} said {name}\n{said}\n@@{MARK} end {name} {code}\n").as_bytes(),
    ]
    .concat();
    [&answer[..begin], &segment, &answer[next..]].concat()
}

/// A payload, the words on standard error, the exit code.
type Broken = (&'static str, &'static [u8], &'static str, i32);

#[test]
fn a_broken_answer_is_unknown_and_says_why_and_nothing_else_is_drawn_in() {
    let healthy = captured("healthy");
    let broken: [(Broken, &str, &str); 17] = [
        (("mounts", b"", "", 0), "mount", "empty"),
        (("mounts", b"24 1 254:0 / / rw - ext4 /dev/vda rw\n206 24 0:40 / /mnt/repl", "", 0), "mount", "cannot read"),
        (("mounts", b"", "cat: /proc/self/mountinfo: Permission denied", 1), "mount", "may not read"),
        (("fstab", b"", "", 124), "fstab", "ran out of time"),
        (("fstab", b"", "sh: awk: not found", 127), "fstab", "lacks a command"),
        (("disks", b"\xff\xfe|4096|x", "", 0), "disks", "cannot read"),
        (("disks", "ext4|4096|一万|1|1|1|1|/\n".as_bytes(), "", 0), "disks", "cannot read"),
        (("inside", b"via=container\n{\"mounts\": {\"mountinfo\"", "", 0), "night", "cannot read"),
        (("inside", b"via=container\n", "Error response from daemon: No such container", 1), "lock", "No such container"),
        (("inside", b"via=container\n{\"mounts\":{\"error\":\"x\"},\"clock\":{\"error\":\"x\"},\"database\":{\"error\":\"DatabaseError: file is not a database\"}}", "", 0), "live", "not a database"),
        (("containers", b"template: :1:21: executing \"\" at <.State>: nil pointer\n", "", 0), "backend", "cannot read"),
        (("containers", "错误：无法连接".as_bytes(), "", 0), "services", "cannot read"),
        (("health", b"", "sh: curl: not found", 127), "backend", "lacks a command"),
        (("containers", b"\n\n\n", "template parsing error: no entry for key", 0), "backend", "is empty"),
        (("packs", b"directory|0|1795120237|/mnt/replica/RagflowAuth/migration_pack_1\nregular file|12", "", 0), "packs", "cannot read"),
        (("volumes", b"", "Cannot connect to the Docker daemon at unix:///var/run/docker.sock.", 1), "compose", "Docker does not run"),
        (("host", b"hostname=x\nepoch_s=\n", "", 0), "clock", "cannot read"),
    ];
    for ((name, payload, words, code), check, why) in broken {
        let verdict = judged(&with(&healthy, name, payload, words, code));
        let found = verdict.checks.iter().find(|c| c.id == check).unwrap();
        assert_eq!(found.state, State::Unknown, "{name} {payload:?}: {found:?}");
        assert!(found.summary.en.contains(why), "{name}: {}", found.summary.en);
        assert!(found.next.is_some(), "{name}: what to do is missing");
    }
    let verdict = judged(&with(&healthy, "fstab", b"", "", 124));
    let others: Vec<&str> = verdict.checks.iter().filter(|c| c.state != State::Ok).map(|c| c.id).collect();
    assert_eq!(others, ["fstab"]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// A link may be lost at any byte: what is judged then is never called well.
    #[test]
    fn a_cut_answer_is_never_green(cut in 0.0f64..1.0) {
        let healthy = captured("healthy");
        let at = (healthy.len() as f64 * cut) as usize;
        prop_assert_ne!(judged(&healthy[..at]).state, State::Ok);
    }

    /// Whatever bytes come, there is a verdict; and one that lost a whole question is never green.
    #[test]
    fn garbage_is_judged_without_a_panic(at in 0.0f64..1.0, bytes in proptest::collection::vec(any::<u8>(), 1..40)) {
        let mut answer = captured("healthy");
        let from = (answer.len() as f64 * at) as usize;
        let to = (from + bytes.len()).min(answer.len());
        answer[from..to].copy_from_slice(&bytes[..to - from]);
        let verdict = judged(&answer);
        prop_assert!((18..=19).contains(&verdict.checks.len()));
    }
}

#[test]
fn an_answer_without_one_of_its_questions_is_never_green() {
    let healthy = captured("healthy");
    let text = String::from_utf8_lossy(&healthy).into_owned();
    let begin = format!("@@{MARK} begin ");
    let names: Vec<String> = text
        .match_indices(&begin)
        .map(|(at, b)| text[at + b.len()..].lines().next().unwrap().to_owned())
        .collect();
    assert_eq!(names.len(), opsdeck::core::snapshot::QUESTIONS);
    for name in names {
        let without = text.replace(&format!("{begin}{name}\n"), "@@other begin\n");
        let verdict = judged(without.as_bytes());
        assert_ne!(verdict.state, State::Ok, "{name}");
    }
}
