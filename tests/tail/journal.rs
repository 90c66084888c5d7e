//! Entries of the journal, which go on exactly after the last one.
use crate::support::{Followed, Server, shells};
use opsdeck::core::log::note::{Hole, Note, Piece};
use opsdeck::core::log::{From, Mark, Source};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::units::EpochMs;
use opsdeck::tail::Ended;
use std::sync::Arc;

const BEGAN: u64 = 1_769_832_000_000_000;

fn cursor(n: u64) -> String {
    format!("s=ab12;i={n:x};b=cd;m={n:x};t={:x};x=ef", BEGAN + n)
}

fn write(server: &Server, numbers: std::ops::Range<u64>) {
    let entry = |n| {
        format!(
            "{{\"__CURSOR\":\"{}\",\"__REALTIME_TIMESTAMP\":\"{}\",\"_COMM\":\"dockerd\",\"MESSAGE\":\"第 {n} 条\"}}\n",
            cursor(n),
            BEGAN + n
        )
    };
    server.append("journal", numbers.map(entry).collect::<String>().as_bytes());
}

fn follow(server: &Server, source: Source, from: From) -> Followed {
    Followed::of(Arc::new(server.host()), source, from)
}

async fn numbers(log: &mut Followed, expected: std::ops::Range<u64>) {
    for n in expected {
        let Some(Piece::Line(line)) = log.next().await else { panic!("no line {n}") };
        assert!(line.text.as_str().contains(&format!("第 {n} 条")), "{line:?}");
        assert_eq!(line.cursor.as_deref(), Some(cursor(n).as_str()));
        assert_eq!(line.at.map(|at| at.0), Some((BEGAN + n) as i64 * 1000));
    }
}

#[tokio::test]
async fn it_begins_with_the_last_entries_at_a_moment_or_after_a_cursor() {
    for shell in shells() {
        let server = Server::with(shell);
        write(&server, 1..2001);
        let mut log = follow(&server, Source::Unit("docker.service".into()), From::Tail(2));
        numbers(&mut log, 1999..2001).await;
        write(&server, 2001..2003);
        numbers(&mut log, 2001..2003).await;
        let mut log = follow(&server, Source::Journal, From::Since(EpochMs((BEGAN / 1000 + 1) as i64)));
        numbers(&mut log, 1000..2003).await;
        let mut log = follow(&server, Source::Journal, From::After(Mark::Cursor(cursor(1990))));
        numbers(&mut log, 1991..2003).await;
        let asked = std::fs::read_to_string(server.at("asked")).unwrap();
        assert!(asked.contains("--unit=docker.service -n 2\n"), "{asked}");
        assert!(
            asked.contains("--all --output-fields=MESSAGE,SYSLOG_IDENTIFIER,_COMM,_PID,PRIORITY --no-tail")
        );
    }
}

#[tokio::test]
async fn a_cursor_that_is_gone_is_a_gap_and_it_goes_on_by_the_time() {
    for shell in shells() {
        let server = Server::with(shell);
        write(&server, 50..60);
        let mut log = follow(&server, Source::Journal, From::After(Mark::Cursor(cursor(7))));
        assert_eq!(log.note().await, Note::Gap { why: Hole::Cursor });
        numbers(&mut log, 50..60).await;
        let bad = format!("bad;{}", cursor(55));
        let mut log = follow(&server, Source::Journal, From::After(Mark::Cursor(bad)));
        assert_eq!(log.note().await, Note::Gap { why: Hole::Cursor });
        numbers(&mut log, 55..60).await;
    }
}

#[tokio::test]
async fn a_journal_that_cannot_be_read_says_so() {
    for shell in shells() {
        let server = Server::with(shell);
        server.put("broken", "");
        let log = follow(&server, Source::Journal, From::Tail(2));
        let said = SafeText::new("Failed to open the journal: Bad message");
        assert_eq!(log.ended().await, Ended::Failed { code: 1, said });
    }
}
