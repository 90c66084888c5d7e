use super::*;
use proptest::prelude::*;

const LOOK: &str = r#"{"at":"2026-11-20T06:00:01.250+08:00","level":"INFO","target":"opsdeck::tui::executor","message":"look","fields":{"env":"prod","state":"Failed","took_ms":2345}}"#;

#[test]
fn a_look_is_told_in_plain_words_with_what_it_found() {
    let all = read(LOOK.as_bytes());
    let [entry] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(entry.at, Some(EpochMs(1_795_125_601_250)));
    assert_eq!((entry.level, entry.state()), (Level::Info, Some(State::Failed)));
    assert_eq!(entry.env.as_ref().unwrap().as_str(), "prod");
    assert_eq!(entry.words().zh, "检查了 prod：失败，用时 2.3 秒");
    let detail: Vec<String> = entry.detail().into_iter().map(|t| t.en).collect();
    assert_eq!(detail, ["look", "env=prod", "state=Failed", "took_ms=2345", "opsdeck::tui::executor"]);
}

#[test]
fn a_line_that_is_cut_or_no_json_is_shown_as_it_is_and_is_not_good() {
    let text = format!("{}\n\n[1]\n{LOOK}\r\nnot \u{1b}[31mred\n", &LOOK[..40]);
    let all = read(text.as_bytes());
    let said: Vec<&str> = all.iter().map(|e| e.what.as_str()).collect();
    assert_eq!(said, [&LOOK[..40], "[1]", "look", "not red"]);
    let levels: Vec<Level> = all.iter().map(|e| e.level).collect();
    assert_eq!(levels, [Level::Unknown, Level::Unknown, Level::Info, Level::Unknown]);
    assert_eq!(all[0].state(), Some(State::Unknown));
}

#[test]
fn the_environment_may_stand_in_the_span_and_unknown_words_stay_as_they_are() {
    let line = r#"{"at":"x","level":"WARN","message":"m\u001b[2Jn","spans":[{"name":"ask","env":"te\nst"}]}"#;
    let entry = read(line.as_bytes()).remove(0);
    assert_eq!(entry.env.as_ref().unwrap().as_str(), "te·st");
    assert_eq!((entry.at, entry.state(), entry.words().zh.as_str()), (None, Some(State::Warning), "mn"));
    // a look whose state is not known is not told as one that found something
    let odd = read(LOOK.replace("Failed", "Splendid").as_bytes()).remove(0);
    assert_eq!((odd.state(), odd.words().zh.as_str()), (None, "look"));
}

#[test]
fn sources_are_put_in_one_order_and_only_the_newest_are_kept() {
    let line =
        |at: &str, what: &str| format!("{{\"at\":\"{at}\",\"level\":\"INFO\",\"message\":\"{what}\"}}\n");
    let log = read(
        [line("2026-01-01T00:00:01Z", "a"), "torn\n".into(), line("2026-01-01T00:00:03Z", "c")]
            .concat()
            .as_bytes(),
    );
    let journal = read(line("2026-01-01T08:00:02+08:00", "b").as_bytes());
    let said = |most| {
        let all = merged(vec![log.clone(), journal.clone()], most);
        all.iter().map(|e| e.what.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(said(10), ["a", "torn", "b", "c"]);
    assert_eq!(said(2), ["b", "c"]);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for entry in read(&bytes) {
            let said = entry.detail().into_iter().chain([entry.words()]).all(|t| !t.zh.contains('\u{1b}'));
            prop_assert!(said);
        }
    }
}
