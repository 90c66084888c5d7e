//! A screen of an environment as it is to be drawn: its sheet after the filter, the chosen row, and what stands in the
//! ruler. Used by the view and by `update`, so that a key moves in what is seen.
use super::age::ago;
use super::freshness::{Freshness, freshness, status};
use super::model::{Model, Server};
use super::screen::{Place, Tab};
use super::sheet::{Age, Row, Sheet};
use super::{activity_page, jobs, mount, overview, packs, walk};
use crate::core::units::EpochMs;
use crate::core::verdict::facts::Facts;
use crate::i18n::{Lang, Text};
use crate::text;

/// A screen as it is to be drawn.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// What is on it.
    pub sheet: Sheet,
    /// The chosen row of those that are there.
    pub chosen: usize,
    /// Pages turned in the lower pane.
    pub turned: i32,
    /// What stands in the ruler, and whether it must not be missed.
    pub status: Option<(Text, bool)>,
    /// What rows must say; empty for all.
    pub filter: String,
    /// Rows that the filter hides.
    pub hidden: usize,
    /// How old it is.
    pub age: Age,
}

impl Page {
    /// The chosen row.
    pub fn row(&self) -> Option<&Row> {
        self.sheet.rows.get(self.chosen)
    }
}

/// A screen of a server. The logs have their own.
pub fn page(model: &Model, at: usize, tab: Tab, now: EpochMs) -> Page {
    let Some(server) = model.servers.get(at) else { return Page::default() };
    let place = server.place(tab);
    let mut sheet = match tab {
        Tab::Overview => overview::overview(server, now),
        Tab::Mount => known(server, now, mount::mount),
        Tab::Jobs => known(server, now, |f| {
            let mut sheet = jobs::jobs(f, server.watch.progress.as_ref(), now);
            sheet.lead.extend(jobs::broken(server));
            sheet
        }),
        Tab::Packs => known(server, now, |f| packs::packs(f, &others(model, at))),
        Tab::Activity => activity_page::activity(model.activity.as_deref(), model.zone_s),
        Tab::Diagnosis => walk::sheet(server, model.size.1, now),
        Tab::Logs => Sheet::default(),
    };
    let age = match freshness(server, now) {
        Freshness::Fresh => sheet.age(),
        // what is on top of no rows is as old as the answer that it was made from
        _ if sheet.rows.is_empty() => Age::Old,
        _ => sheet.age(),
    };
    let hidden = filter(&mut sheet, &place.filter, model.lang);
    let chosen = chosen(&sheet, &place, tab);
    let status = match tab {
        Tab::Activity => None,
        // the environment beside the open one is not connected to before somebody goes there
        _ if model.open_at() != Some(at) && untouched(server) => {
            sheet.lead.clear();
            let host = &server.host;
            sheet.empty = Some(text!(
                "没有连接 {host}。按 o 切换过去，才会连接并检查。",
                "{host} is not connected. o goes there: only then it is connected and checked."
            ));
            None
        }
        // F5 does not reach an environment that is not connected any more
        _ if model.open_at() != Some(at)
            && server.watch.run.is_none()
            && freshness(server, now) == Freshness::Stale =>
        {
            Some((beside(server, now), true))
        }
        _ => status(server, now),
    };
    Page { sheet, chosen, turned: place.page, status, filter: place.filter, hidden, age }
}

/// What is known of an environment beside the open one, from the time when it was connected.
fn beside(server: &Server, now: EpochMs) -> Text {
    let age = ago(server.answer.as_ref().map_or(-1, |a| now.since(a.asked)));
    Text {
        zh: format!("结果是 {}的，可能已经变了：按 o 切换过去再检查", age.zh),
        en: format!("found {}, and may have changed: o goes there", age.en),
    }
}

fn untouched(server: &Server) -> bool {
    server.answer.is_none() && server.lost.is_none() && server.asking.is_none()
}

/// A sheet that is made from the answer. What is not of a moment ago has no colours.
fn known(server: &Server, now: EpochMs, make: impl Fn(&Facts<'_>) -> Sheet) -> Sheet {
    let Some(answer) = &server.answer else {
        return Sheet { empty: Some(overview::empty(server)), ..Sheet::default() };
    };
    let mut sheet = make(&Facts::of(&server.env, &answer.what.look));
    if freshness(server, now) != Freshness::Fresh {
        for row in &mut sheet.rows {
            row.old = true;
        }
    }
    sheet
}

/// Other servers whose databases may say whose a pack is: all write into one folder.
fn others(model: &Model, at: usize) -> Vec<Facts<'_>> {
    let others = model.servers.iter().enumerate().filter(|(n, _)| *n != at).map(|(_, s)| s);
    others.filter_map(|s| Some(Facts::of(&s.env, &s.answer.as_ref()?.what.look))).collect()
}

/// Keeps the rows that say it, and counts the others.
fn filter(sheet: &mut Sheet, wanted: &str, lang: Lang) -> usize {
    if wanted.is_empty() {
        return 0;
    }
    let before = sheet.rows.len();
    sheet.rows.retain(|r| r.says(wanted, lang));
    if sheet.rows.is_empty() && before > 0 {
        sheet.empty = Some(text!(
            "没有一行含有“{wanted}”；Esc 取消筛选",
            "no row says \"{wanted}\"; Esc ends the filter"
        ));
    }
    before - sheet.rows.len()
}

fn chosen(sheet: &Sheet, place: &Place, tab: Tab) -> usize {
    let moved = place.chosen.as_ref().and_then(|id| sheet.rows.iter().position(|r| r.id == *id));
    match (moved, tab) {
        (Some(at), _) => at,
        (None, Tab::Diagnosis) => walk::first(&sheet.rows),
        (None, Tab::Overview | Tab::Mount) => overview::worst(&sheet.rows),
        (None, Tab::Activity) => sheet.rows.len().saturating_sub(1),
        (None, _) => 0,
    }
}
