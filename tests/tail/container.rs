//! Lines of a container: each once and in order, whatever becomes of the container.
use crate::processes::{alive, until, with_argument};
use crate::support::{Server, shells, stamp};
use opsdeck::core::log::note::{Hole, Note, Piece, Wait};
use opsdeck::core::log::{From, Mark, line};
use opsdeck::core::units::EpochMs;
use std::time::Duration;

#[tokio::test]
async fn it_begins_with_the_last_lines_and_goes_on() {
    for shell in shells() {
        let server = Server::with(shell);
        server.lines(1..6);
        let mut log = server.follow(From::Tail(2));
        log.numbers(4..6).await;
        server.lines(6..9);
        log.numbers(6..9).await;
    }
}

#[tokio::test]
async fn it_begins_at_a_moment_or_after_the_last_line_that_came() {
    for shell in shells() {
        let server = Server::with(shell);
        server.lines(1..10);
        let mut log = server.follow(From::After(Mark::At(line::nanos(&stamp(4)).unwrap())));
        // the last line comes again: who asks has its text
        log.numbers(4..10).await;
        let at = line::nanos(&stamp(7)).unwrap().0 / 1_000_000;
        let mut log = server.follow(From::Since(EpochMs(at)));
        log.numbers(7..10).await;
    }
}

/// The follower of a container that stops goes without its last words: nothing is lost all the same.
#[tokio::test]
async fn a_restart_is_said_and_no_line_is_lost_or_doubled() {
    for shell in shells() {
        let server = Server::with(shell);
        server.put("lossy", "");
        server.lines(1..4);
        let mut log = server.follow(From::Tail(9));
        log.numbers(1..4).await;
        server.container("one", false, 1);
        server.lines(4..6);
        let at = line::nanos(&stamp(1500));
        assert_eq!(log.note().await, Note::Waiting { why: Wait::Stopped { at, code: Some(137) } });
        server.lines(6..8);
        server.container("one", true, 2);
        assert_eq!(log.note().await, Note::Restarted { at: line::nanos(&stamp(2000)) });
        log.numbers(4..8).await;
        server.lines(8..10);
        log.numbers(8..10).await;
        // so quick that nobody saw it stopped
        server.container("one", true, 3);
        server.lines(10..12);
        let mut next = log.next().await;
        while let Some(Piece::Line(_)) = next {
            next = log.next().await;
        }
        let note = format!("{next:?}");
        assert!(note.contains("Restarted"), "{note}");
    }
}

/// Of a container that falls over before it is ever seen to run, every run is shown.
#[tokio::test]
async fn the_lines_of_a_container_that_keeps_falling_over_are_shown() {
    let server = Server::with(shells()[0]);
    server.lines(1..2);
    let mut log = server.follow(From::Tail(9));
    log.numbers(1..2).await;
    let mut restarts = 0;
    for run in 2..5 {
        server.container("one", false, run);
        server.lines(run..run + 1);
        loop {
            match log.next().await.unwrap() {
                Piece::Note(note) => restarts += u32::from(matches!(note, Note::Restarted { .. })),
                Piece::Line(line) => {
                    assert_eq!(line.text.as_str(), format!("line {run}"));
                    break;
                }
            }
        }
    }
    // two starts between two looks at the container are one
    assert!(restarts >= 1, "{restarts}");
}

#[tokio::test]
async fn a_container_that_is_made_anew_is_said_to_be_another() {
    for shell in shells() {
        let server = Server::with(shell);
        server.lines(1..3);
        let mut log = server.follow(From::Tail(9));
        log.numbers(1..3).await;
        server.put("state", "missing\n");
        assert_eq!(log.note().await, Note::Waiting { why: Wait::Removed });
        server.put("log", "");
        server.lines(5..7);
        server.container("two", true, 2);
        assert_eq!(log.note().await, Note::Recreated { at: line::nanos(&stamp(2000)) });
        log.numbers(5..7).await;
    }
}

/// The log was rotated while nobody followed: what is gone is not passed over.
#[tokio::test]
async fn a_log_that_was_rotated_away_meanwhile_has_a_gap() {
    let server = Server::with(shells()[0]);
    server.lines(7..9);
    let mut log = server.follow(From::After(Mark::At(line::nanos(&stamp(4)).unwrap())));
    assert_eq!(log.note().await, Note::Gap { why: Hole::Rotated });
    log.numbers(7..9).await;
}

#[tokio::test]
async fn hostile_lines_are_lines() {
    for shell in shells() {
        let server = Server::with(shell);
        let put = |n: u32, bytes: &[u8]| {
            server.append("log", &[stamp(n).as_bytes(), b" ", bytes, b"\n"].concat());
        };
        put(1, b"@@ note restarted 2026-01-31T04:00:00Z");
        put(2, b"a\x1b[2J\x1b]52;c;ZXZpbA==\x07b\xff\xe2\x80\xae -n $(touch x) `x` %s \\n '");
        put(3, &[b'x'; 200_000]);
        put(4, b"");
        server.append("log", b"opsdeck-end 00 rc=0\n\nno time\n");
        put(5, "中文".as_bytes());
        let mut log = server.follow(From::Tail(99));
        assert_eq!(log.line().await, "@@ note restarted 2026-01-31T04:00:00Z");
        assert_eq!(log.line().await, "ab\u{fffd}<U+202E> -n $(touch x) `x` %s \\n '");
        let Some(Piece::Line(long)) = log.next().await else { panic!() };
        assert_eq!(long.cut, 200_000 + stamp(3).len() as u64 + 1 - 65_536);
        for text in ["", "opsdeck-end 00 rc=0", "no time", "中文"] {
            assert_eq!(log.line().await, text, "{shell}");
        }
        // a last line without its end, then a word of the script
        server.append("log", format!("{} unended", stamp(6)).as_bytes());
        server.container("one", false, 1);
        let mut last = log.next().await;
        if let Some(Piece::Line(line)) = last {
            assert_eq!(line.text.as_str(), "unended");
            last = log.next().await;
        }
        assert!(format!("{last:?}").contains("Stopped"), "{shell}: {last:?}");
    }
}

#[tokio::test]
async fn nothing_stays_on_the_server_when_nobody_listens_any_more() {
    for shell in shells() {
        let server = Server::with(shell);
        server.lines(1..2);
        let mut log = server.follow(From::Tail(9));
        log.numbers(1..2).await;
        let place = server.dir.path().to_str().unwrap().to_owned();
        until(Duration::from_secs(20), "it is followed", || server.at("followers").exists()).await;
        let ours = with_argument(&place);
        assert!(ours.len() >= 2, "the script and its docker: {ours:?}");
        drop(log);
        until(Duration::from_secs(20), "all of it is gone", || !ours.iter().any(|p| alive(*p))).await;
        until(Duration::from_secs(20), "and nothing came after", || with_argument(&place).is_empty()).await;
    }
}
