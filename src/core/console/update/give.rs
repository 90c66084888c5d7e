//! Giving out what is shown: copied to the clipboard, saved into a file. The text says which server it is from.
use super::super::model::{Model, Notice, Server};
use super::super::msg::Effect;
use super::super::page::{Page, page};
use super::super::screen::{Screen, Tab};
use super::super::sheet::{Kind, Lead, Row};
use super::logs;
use crate::core::units::EpochMs;
use crate::i18n::Lang;
use crate::text;

/// Copies the chosen row, or with `whole` all that there is to say about it.
pub(super) fn copy(model: &mut Model, now: EpochMs, whole: bool) -> Vec<Effect> {
    let Screen::Open { server, tab } = model.screen else { return nothing(model) };
    let text = match tab {
        Tab::Logs => logs::copied(model, whole),
        _ => {
            let shown = page(model, server, tab, now);
            shown.row().map(|row| match whole {
                false => line(row, model.lang),
                true => paragraph(row, model.lang),
            })
        }
    };
    let (Some(text), Some(server)) = (text.filter(|t| !t.is_empty()), model.open()) else {
        return nothing(model);
    };
    let text = if whole { format!("{}\n{text}", heading(server)) } else { text };
    vec![Effect::Copy { name: name(server, tab), text }]
}

/// Saves what is shown.
pub(super) fn save(model: &mut Model, now: EpochMs) -> Vec<Effect> {
    let Screen::Open { server: at, tab } = model.screen else { return nothing(model) };
    let Some(server) = model.open() else { return nothing(model) };
    if tab == Tab::Logs {
        let (name, heading) = (name(server, tab), heading(server));
        return match logs::save_all(model, name, heading) {
            true => Vec::new(),
            false => nothing(model),
        };
    }
    let text = sheet(&page(model, at, tab, now), model.lang);
    vec![Effect::Save { name: name(server, tab), text: format!("{}\n{text}", heading(server)) }]
}

fn nothing(model: &mut Model) -> Vec<Effect> {
    model.notice =
        Some(Notice::Refused(text!("这里没有可以复制或保存的内容", "nothing here to copy or save")));
    Vec::new()
}

/// Never a server's data without its name on it.
fn heading(server: &Server) -> String {
    format!("opsdeck  {} ({})  {}", server.name, server.key, server.host)
}

fn name(server: &Server, tab: Tab) -> String {
    let screen = tab.title().en.to_lowercase();
    format!("{}-{screen}", server.key)
}

fn line(row: &Row, lang: Lang) -> String {
    let state = row.state.map(|s| s.word().get(lang).to_owned());
    let cells = row.cells.iter().map(|c| c.get(lang).to_owned());
    let parts: Vec<String> = state.into_iter().chain(cells).filter(|p| !p.is_empty()).collect();
    parts.join("  ")
}

fn paragraph(row: &Row, lang: Lang) -> String {
    let mut lines = vec![line(row, lang)];
    for detail in &row.detail {
        let text = detail.text.get(lang);
        let next = text!("办法：", "To do: ");
        lines.push(match detail.kind {
            Kind::Title => continue,
            Kind::Evidence => format!("- {text}"),
            Kind::Next => format!("{}{text}", next.get(lang)),
            Kind::Raw => format!("    {text}"),
        });
    }
    lines.join("\n")
}

/// A whole screen as text.
fn sheet(shown: &Page, lang: Lang) -> String {
    let mut lines = Vec::new();
    for lead in &shown.sheet.lead {
        match lead {
            Lead::Line { state, text } => {
                let word = state.map(|s| format!("{}  ", s.word().get(lang))).unwrap_or_default();
                lines.push(format!("{word}{}", text.get(lang)));
            }
            Lead::Gauges(gauges) => {
                lines.extend(gauges.iter().map(|g| format!("{}  {}", g.label.get(lang), g.words.get(lang))));
            }
            Lead::Strip(strip) => lines.push(strip.legend.get(lang).to_owned()),
        }
    }
    if let Some((status, _)) = &shown.status {
        lines.push(status.get(lang).to_owned());
    }
    lines.extend(shown.sheet.rows.iter().filter(|r| !r.inner).map(|r| paragraph(r, lang)));
    lines.join("\n")
}
