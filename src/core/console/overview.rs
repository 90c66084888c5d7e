//! What the overview of one environment shows: its rows, which is chosen, and how far they can be relied on.
use super::model::Server;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::Check;

/// An answer older than this is not shown as today's truth any more.
pub const STALE_MS: i64 = 5 * 60 * 1000;

/// How far what is shown can be relied on. Only [`Freshness::Fresh`] has the colours of the states.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Freshness {
    /// There is no answer yet.
    Nothing,
    /// The last look answered, a moment ago.
    Fresh,
    /// It answered long ago, or the clock was set back since: things may have changed.
    Stale,
    /// A newer look is under way.
    Asking,
    /// A newer look got no answer.
    Lost,
}

/// One line of the list.
#[derive(Clone, Copy, Debug)]
pub struct Row<'a> {
    /// The check.
    pub check: &'a Check,
    /// From the answer before the last look.
    pub old: bool,
}

/// The overview of one environment.
#[derive(Clone, Debug)]
pub struct Overview<'a> {
    /// The lines, the link's trouble first.
    pub rows: Vec<Row<'a>>,
    /// The chosen line.
    pub chosen: usize,
    /// How far the answer can be relied on.
    pub freshness: Freshness,
    /// Age of the answer, in milliseconds.
    pub age_ms: Option<i64>,
}

/// Puts it together.
pub fn overview(server: &Server, asking: bool, now: EpochMs) -> Overview<'_> {
    let age_ms = server.answer.as_ref().map(|a| now.since(a.asked));
    let freshness = match age_ms {
        _ if server.lost.is_some() && !asking => Freshness::Lost,
        None => Freshness::Nothing,
        _ if asking => Freshness::Asking,
        Some(0..STALE_MS) => Freshness::Fresh,
        Some(_) => Freshness::Stale,
    };
    let old = freshness != Freshness::Fresh;
    let link = match &server.lost {
        Some(lost) => lost.what.checks.first().map(|check| Row { check, old: asking }),
        None => {
            let link = server.answer.as_ref().and_then(|a| a.what.link.as_ref());
            link.map(|check| Row { check, old })
        }
    };
    let answered = server.answer.iter().flat_map(|a| &a.what.verdict.checks);
    let rows: Vec<Row<'_>> = link.into_iter().chain(answered.map(|check| Row { check, old })).collect();
    let moved = server.chosen.and_then(|id| rows.iter().position(|r| r.check.id == id));
    let chosen = match moved {
        Some(at) => at,
        None if server.lost.is_some() => 0,
        None => worst(&rows),
    };
    Overview { rows, chosen, freshness, age_ms }
}

/// The first of the worst rows: what a person should read first.
fn worst(rows: &[Row<'_>]) -> usize {
    let worst = State::of_all(rows.iter().map(|r| r.check.state));
    rows.iter().position(|r| r.check.state == worst).unwrap_or(0)
}
