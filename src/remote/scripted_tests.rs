//! The scripted host does what it is told.
use super::*;

fn ask(name: &'static str) -> Ask<'static> {
    Ask { name, script: "echo", stdin: b"in", deadline: Duration::from_secs(5), cap: 4 }
}

#[tokio::test(start_paused = true)]
async fn answers_come_in_order_and_every_question_is_kept() {
    let host = ScriptedHost::new()
        .on("look", Canned::prints("abcdef"))
        .on("look", Canned::exits(3))
        .on("look", Canned::silent().stdout("half"))
        .on("look", Canned::prints("").after(Duration::from_secs(6)))
        .on("look", Canned::fails(LinkError::new(LinkErrorKind::Refused, "")));
    let kept = host.clone();
    let first = host.run(ask("look")).await.unwrap();
    assert_eq!((first.stdout.bytes.as_slice(), first.stdout.dropped), (&b"abcd"[..], 2));
    assert!(matches!(host.run(ask("look")).await.unwrap().end, End::Exit(3)));
    for _ in 0..2 {
        let late = host.run(ask("look")).await.unwrap();
        assert!(matches!(late.end, End::Unknown(e) if e.kind == LinkErrorKind::Deadline && e.begun));
        assert_eq!(late.took, Duration::from_secs(5));
    }
    assert_eq!(host.run(ask("look")).await.unwrap_err().kind, LinkErrorKind::Refused);
    assert_eq!(host.run(ask("look")).await.unwrap_err().kind, LinkErrorKind::Other);
    assert_eq!((kept.count("look"), kept.asked()[0].stdin.as_slice()), (6, &b"in"[..]));
}

#[tokio::test]
async fn a_stream_gives_its_lines_and_then_its_end() {
    let lost = LinkError::new(LinkErrorKind::Lost, "");
    let host = ScriptedHost::new().on("tail", Canned::unknown(lost).stdout("one\nlonger\n"));
    let mut stream = host.stream(ask("tail")).await.unwrap();
    assert_eq!(stream.next().await, Some(Line::Out(b"one".to_vec(), 0)));
    assert_eq!(stream.next().await, Some(Line::Out(b"long".to_vec(), 2)));
    assert_eq!(stream.next().await, None);
    assert!(matches!(stream.end().await, End::Unknown(e) if e.kind == LinkErrorKind::Lost && e.begun));
}

#[tokio::test]
async fn a_link_is_alive_until_it_is_closed() {
    let host = ScriptedHost::new();
    assert_eq!(host.check().await, Ok(()));
    host.close().await;
    assert_eq!(host.check().await.unwrap_err().kind, LinkErrorKind::Closed);
}
