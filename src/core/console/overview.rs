//! The overview of one environment: is last night's backup on Windows, what else is wrong, and what to do.
use super::deed;
use super::freshness::{Freshness, freshness};
use super::gauges::pictures;
use super::model::Server;
use super::sheet::{Column, Detail, Lead, Row, Sheet};
use crate::core::snapshot::LONGEST_S;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::facts::Facts;
use crate::core::verdict::{Check, Verdict};
use crate::i18n::{Text, counted};
use crate::text;

/// One row a check, the link's trouble first; on top the verdict, how many checks came to what, and pictures.
pub fn overview(server: &Server, now: EpochMs) -> Sheet {
    let fresh = freshness(server, now);
    let old = fresh != Freshness::Fresh;
    let mut lead = vec![headline(server, fresh)];
    let mut rows = Vec::new();
    // the link's trouble is news, whatever the age of the rest
    match (&server.lost, &server.answer) {
        (Some(lost), _) => rows.extend(lost.verdict.checks.first().map(|c| row(c, server.asking.is_some()))),
        (None, Some(answer)) => {
            let link = answer.what.cut.as_ref().and_then(|c| c.verdict.checks.first());
            rows.extend(link.map(|c| row(c, old)));
        }
        (None, None) => {}
    }
    if let Some(answer) = &server.answer {
        rows.extend(answer.what.verdict.checks.iter().map(|c| row(c, old)));
        if deed::found(server).is_some() {
            let next = text!("在这一行按 Enter，接上它看", "Enter on this line follows it");
            let ours = rows.iter_mut().filter(|r| r.id == "operations");
            ours.for_each(|r| r.detail.push(Detail::next(next.clone())));
        }
        let mut counts = counts(&answer.what.verdict);
        // the line is read by who sees that something is wrong
        if answer.what.verdict.state != State::Ok {
            counts.zh.push_str("F4 看为什么");
            counts.en.push_str("F4: why");
        }
        lead.push(Lead::Line { state: None, text: counts });
        lead.extend(pictures(&Facts::of(&server.env, &answer.what.look)));
    }
    let columns = vec![Column::fit(Text::default(), 28), Column::rest(Text::default())];
    Sheet { lead, columns, rows, empty: Some(empty(server)) }
}

/// Why there is nothing to see.
pub(super) fn empty(server: &Server) -> Text {
    let host = &server.host;
    let s = LONGEST_S;
    let link = server.lost.as_ref().and_then(|l| l.verdict.checks.first());
    if let (None, Some(link)) = (server.asking, link) {
        let (said, next) = (&link.summary, link.next.clone().unwrap_or_default());
        return Text {
            zh: format!("没有连上 {host}，什么也不知道：{}。{}", said.zh, next.zh),
            en: format!("{host} could not be reached, nothing is known: {}. {}", said.en, next.en),
        };
    }
    match server.asking {
        Some(_) => text!(
            "正在询问 {host}：只读，不改服务器，最多 {s} 秒。Esc 不等了，返回。",
            "Asking {host}: reads only, changes nothing, at most {s} s. Esc stops waiting and goes back."
        ),
        None => text!("还没有检查 {host}：按 F5。", "{host} was not checked yet: press F5."),
    }
}

fn row(check: &Check, old: bool) -> Row {
    let whole = Text {
        zh: format!("{}：{}", check.title.zh, check.summary.zh),
        en: format!("{}: {}", check.title.en, check.summary.en),
    };
    let next = check.next.iter().filter(|_| check.state != State::Ok);
    let detail = std::iter::once(Detail::title(whole))
        .chain(check.evidence.iter().cloned().map(Detail::evidence))
        .chain(next.cloned().map(Detail::next))
        .collect();
    Row {
        id: check.id.to_owned(),
        state: Some(check.state),
        old,
        inner: false,
        cells: vec![check.title.clone(), check.summary.clone()],
        detail,
    }
}

/// The verdict in one line, with the state of the whole: a line on top is never greener than what lies below it.
fn headline(server: &Server, fresh: Freshness) -> Lead {
    let verdict = match (&server.lost, &server.answer) {
        (Some(lost), _) => Some(&lost.verdict),
        (None, answer) => answer.as_ref().map(|a| &a.what.verdict),
    };
    let Some(verdict) = verdict else {
        return Lead::Line { state: Some(State::Unknown), text: text!("还没有结果", "no answer yet") };
    };
    let text = match fresh {
        Freshness::Asking | Freshness::Stale => Text {
            zh: format!("(旧) {}", verdict.headline.zh),
            en: format!("(old) {}", verdict.headline.en),
        },
        _ => verdict.headline.clone(),
    };
    Lead::Line { state: Some(verdict.state), text }
}

/// How many checks came to what.
fn counts(verdict: &Verdict) -> Text {
    let (many, checks) = (verdict.checks.len(), counted(verdict.checks.len(), "check", "checks"));
    let mut said = text!("{many} 项检查：", "{checks}: ");
    for state in [State::Failed, State::Unknown, State::Warning, State::Ok] {
        let count = verdict.checks.iter().filter(|c| c.state == state).count();
        if count > 0 {
            let word = state.word();
            said.zh.push_str(&format!("{} {count}  ", word.zh));
            said.en.push_str(&format!("{} {count}  ", word.en));
        }
    }
    said
}

/// The row that a person should read first: the link's trouble, else the first of the worst.
pub(super) fn worst(rows: &[Row]) -> usize {
    if rows.first().is_some_and(|r| r.id == "link") {
        return 0;
    }
    let states = || rows.iter().filter_map(|r| r.state);
    let worst = State::of_all(states());
    rows.iter().position(|r| r.state == Some(worst)).unwrap_or(0)
}
