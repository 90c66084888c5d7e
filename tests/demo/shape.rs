//! The shape of the answers, whatever they say.
use super::asking::*;
use serde_json::Value;

/// Every answer has the shape that its reader expects.
pub(crate) fn well_formed(answers: &Answers, at: &str) {
    let lines = |name: &str| answers[name].out.lines().map(str::to_owned).collect::<Vec<_>>();
    for line in lines("mounts") {
        let (before, after) = line.split_once(" - ").unwrap();
        assert!(before.split(' ').count() >= 6 && after.split(' ').count() == 3, "{at}: {line}");
    }
    for key in [
        "hostname=demo-",
        "machine_id=",
        "kernel=4.18.",
        "os=CentOS",
        "uid=0",
        "zone=+",
        "addresses=127.0.0.1 ",
    ] {
        assert!(lines("host").iter().any(|l| l.starts_with(key)), "{at}: {key}");
    }
    for name in ["disks", "docker_root"] {
        for line in lines(name).iter().filter(|l| l.contains('|')) {
            let fields: Vec<&str> = line.split('|').collect();
            assert_eq!(fields.len(), 8, "{at}: {line}");
            assert!(fields[1..7].iter().all(|f| f.parse::<u64>().is_ok()), "{at}: {line}");
        }
    }
    for line in [lines("containers"), lines("images")].concat() {
        assert!(serde_json::from_str::<Value>(&line).unwrap().is_object(), "{at}: {line}");
    }
    for line in lines("packs") {
        let fields: Vec<&str> = line.split('|').collect();
        assert_eq!(fields.len(), 4, "{at}: {line}");
        assert!(fields[1].parse::<u64>().is_ok() && fields[2].parse::<i64>().is_ok(), "{at}: {line}");
    }
    assert_eq!(lines("health").last().unwrap().len(), 3, "{at}");
    if answers["inside"].code == 0 {
        let all = inside(answers);
        assert!((25..=45).contains(&all["database"]["jobs"].as_array().unwrap().len()), "{at}");
        assert_eq!(all["database"]["settings"].as_array().unwrap().len(), 1, "{at}");
        assert!(all["mounts"]["mountinfo"].as_str().unwrap().contains(" / / "), "{at}");
        assert!(all["clock"]["epoch_ms"].as_i64().unwrap() > 1_700_000_000_000, "{at}");
    }
}
