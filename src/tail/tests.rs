use super::*;
use crate::core::log::{Incoming, Nanos};
use crate::core::units::EpochMs;
use crate::remote::LinkErrorKind;
use crate::remote::scripted::{Canned, ScriptedHost};
use tokio::sync::mpsc;

fn backend() -> Source {
    Source::Container("ragflowauth-backend".into())
}

fn stamped(range: std::ops::Range<i64>) -> String {
    range.map(|n| format!("{} line {n}\n", docker_time(n * 1_000_000_000))).collect()
}

fn texts(batch: &[Piece]) -> Vec<String> {
    let text = |p: &Piece| match p {
        Piece::Line(Incoming { text, .. }) => text.to_string(),
        Piece::Note(note) => format!("{note:?}"),
    };
    batch.iter().map(text).collect()
}

#[test]
fn every_value_that_the_script_is_given_is_named_in_its_header() {
    let text = script(&backend(), &From::Tail(1), "", "m");
    let header: String = SCRIPT.lines().take_while(|l| l.starts_with('#')).collect();
    for line in text.lines().take_while(|l| !l.starts_with('#')) {
        assert!(header.contains(line.split('=').next().unwrap()), "{line}");
    }
    assert!(text.contains("kind='container'\nname='ragflowauth-backend'\nfrom='tail'\nvalue='1'\n"));
}

#[test]
fn moments_are_written_as_each_tool_reads_them() {
    let given = |source: Source, from: From| {
        let text = script(&source, &from, "", "m");
        text.lines().skip(4).take(3).collect::<Vec<_>>().join(" ")
    };
    let cursor = "s=ab;i=1;b=cd;m=1;t=660ba308261ce;x=ef";
    let at = |ns: i64| From::After(Mark::At(Nanos(ns)));
    assert_eq!(
        given(backend(), at(1_795_202_638_095_445_276)),
        "from='after' value='2026-11-20T19:23:58.095445276Z' since=''"
    );
    assert_eq!(
        given(backend(), From::Since(EpochMs(1_795_202_638_095))),
        "from='since' value='2026-11-20T19:23:58.095000000Z' since=''"
    );
    assert_eq!(given(Source::Journal, From::Since(EpochMs(1500))), "from='since' value='@1.500000' since=''");
    assert_eq!(
        given(Source::Unit("docker.service".into()), From::After(Mark::Cursor(cursor.into()))),
        format!("from='after' value='{cursor}' since='@1795202654.298574'")
    );
    assert_eq!(
        given(Source::Journal, From::After(Mark::Cursor("gone".into()))),
        "from='after' value='gone' since='@0.000000'"
    );
}

#[tokio::test(start_paused = true)]
async fn lines_come_in_batches_and_no_line_waits_long() {
    let host = ScriptedHost::new().on("tail", Canned::silent().stdout(stamped(1..2501)));
    let (to, mut lines) = mpsc::channel(1);
    let (source, from) = (backend(), From::Tail(9));
    let follow = follow(&host, &source, &from, &to);
    let read = async {
        assert_eq!(lines.recv().await, Some(Vec::new()), "the word that it has begun");
        let sizes = [lines.recv().await.unwrap(), lines.recv().await.unwrap(), lines.recv().await.unwrap()];
        assert_eq!(sizes.each_ref().map(Vec::len), [1000, 1000, 500]);
        assert_eq!(texts(&sizes[2])[499], "line 2500");
        lines
    };
    tokio::select! {
        ended = follow => panic!("{ended:?}"),
        _ = read => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_container_that_is_silent_for_long_is_opened_anew_where_it_was_left() {
    let host = ScriptedHost::new()
        .on("tail", Canned::silent().stdout(stamped(1..4)))
        .on("tail", Canned::silent().stdout(stamped(2..5)))
        .on("tail", Canned::silent().stdout(stamped(9..10)))
        .on("tail", Canned::fails(LinkError::new(LinkErrorKind::Lost, "")));
    let (to, mut lines) = mpsc::channel(9);
    let ended = follow(&host, &backend(), &From::Tail(9), &to).await;
    assert!(matches!(ended, Ended::Lost(_)));
    drop(to);
    let mut all = Vec::new();
    while let Some(batch) = lines.recv().await {
        all.extend(texts(&batch));
    }
    let gap = "Gap { why: Rotated }";
    assert_eq!(all, ["line 1", "line 2", "line 3", "line 4", gap, "line 9"]);
    assert!(host.asked()[1].script.contains("from='after'\nvalue='1970-01-01T00:00:02.000000000Z'"));
    assert!(host.asked()[2].script.contains("value='1970-01-01T00:00:03.000000000Z'"));
}

#[tokio::test(start_paused = true)]
async fn a_silent_journal_is_left_alone() {
    let host = ScriptedHost::new().on("tail", Canned::silent());
    let (to, _lines) = mpsc::channel(9);
    let follow = follow(&host, &Source::Journal, &From::Tail(9), &to);
    assert!(tokio::time::timeout(Duration::from_secs(3600), follow).await.is_err());
    assert_eq!(host.count("tail"), 1);
}

#[tokio::test]
async fn each_end_is_told_from_the_others() {
    let lost = LinkError::new(LinkErrorKind::Lost, "reset");
    let end_of = async |canned: Canned| {
        let host = ScriptedHost::new().on("tail", canned);
        let (to, _lines) = mpsc::channel(9);
        follow(&host, &Source::Journal, &From::Tail(9), &to).await
    };
    assert_eq!(end_of(Canned::fails(lost.clone())).await, Ended::Lost(lost.clone()));
    assert_eq!(end_of(Canned::unknown(lost.clone())).await, Ended::Lost(lost.clone().after_begin()));
    assert_eq!(end_of(Canned::exits(3)).await, Ended::NoWay);
    let failed = end_of(Canned::exits(1).stderr("a\nFailed to \u{1b}[1mopen\n")).await;
    assert_eq!(failed, Ended::Failed { code: 1, said: SafeText::new("a\nFailed to open") });
    let host = ScriptedHost::new().on("tail", Canned::silent());
    let (to, lines) = mpsc::channel(9);
    drop(lines);
    assert_eq!(follow(&host, &Source::Journal, &From::Tail(9), &to).await, Ended::Unheard);
}
