//! A cause in plain words: its runbook as lines, and over the diagnosis what it is on this server and what to do there.
use super::deed::{DeedPage, Line};
use super::model::{Model, Server};
use super::overlay::Overlay;
use super::walk::{diagnosis, with_key};
use crate::core::diagnose::{CauseId, Finding, Fix, runbook};
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// What an operator should know about a cause; nothing where there is no such cause.
pub fn lines(cause: &str) -> Option<Vec<Line>> {
    let book = runbook(cause)?;
    Some(vec![
        Line::Title(text!("是什么", "What it is")),
        Line::Plain(book.what),
        Line::Title(text!("怎么来的", "How it comes about")),
        Line::Plain(book.how),
        Line::Title(text!("怎么治", "How it is mended")),
        Line::Plain(book.mend),
        Line::Title(text!("不要做", "What not to do")),
        Line::Warn(book.dont),
    ])
}

/// The box over the diagnosis.
pub fn page(model: &Model, now: EpochMs) -> Option<DeedPage> {
    let Some(Overlay::Explain { cause, .. }) = &model.overlay else { return None };
    let server = model.open()?;
    let found = diagnosis(server, now);
    // what no cause accounts for may be there more than once
    let here: Vec<&Finding> = found.iter().flat_map(|d| &d.findings).filter(|f| f.cause == *cause).collect();
    let below = found.as_ref().and_then(|d| d.findings.iter().find_map(|f| under(f, cause)));
    let mut all = match (here.is_empty(), below) {
        (false, _) => here.iter().flat_map(|f| root(f)).collect(),
        (true, Some(lines)) => lines,
        (true, None) => {
            vec![Line::Faint(text!("这里现在没有发现这个原因。", "This is not what was found here."))]
        }
    };
    all.push(Line::Blank);
    all.extend(lines(cause)?);
    let does = here.first().and_then(|f| f.mend.first()).is_some_and(|m| matches!(m.fix, Fix::Do(_)));
    let foot = match does {
        true => text!(
            "Enter 打开第一步的预览   Esc 返回",
            "Enter opens the preview of the first step   Esc goes back"
        ),
        false => text!("Esc 返回", "Esc goes back"),
    };
    Some(DeedPage {
        title: text!("说明", "in plain words"),
        head: runbook(cause)?.title,
        lines: all,
        foot: vec![Line::Faint(foot)],
        field: None,
    })
}

/// What it is on this server, and every step that mends it.
fn root(f: &Finding) -> Vec<Line> {
    let mut all = vec![Line::Sign(f.state, f.says.clone())];
    all.extend(f.mend.iter().map(with_key).map(Line::Next));
    if !f.proof.zh.is_empty() {
        all.push(Line::Plain(Text {
            zh: format!("修好后：{}", f.proof.zh),
            en: format!("Then: {}", f.proof.en),
        }));
    }
    all
}

/// What hangs under another cause goes with it.
fn under(f: &Finding, cause: CauseId) -> Option<Vec<Line>> {
    let so = f.explains.iter().find(|c| c.cause == cause)?;
    let from = &f.title;
    let goes = Text {
        zh: format!("由“{}”引起，先治那个", from.zh),
        en: format!("comes from \"{}\": mend that first", from.en),
    };
    Some(vec![Line::Sign(so.state, so.says.clone()), Line::Next(goes)])
}

/// The first step that mends a cause on a server, by what is known of it.
pub(super) fn first_step(server: &Server, cause: CauseId, now: EpochMs) -> Option<Fix> {
    let found = diagnosis(server, now)?;
    let own = found.findings.iter().find(|f| f.cause == cause)?;
    own.mend.first().map(|m| m.fix.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::diagnose::runbooks;
    use crate::i18n::Lang;

    #[test]
    fn every_cause_has_its_lines_in_both_languages() {
        let mut seen = 0;
        for (id, book) in runbooks() {
            let said = lines(id).unwrap();
            for text in [&book.what, &book.how, &book.mend] {
                assert!(said.contains(&Line::Plain(text.clone())), "{id}: {}", text.get(Lang::Zh));
            }
            assert!(said.contains(&Line::Warn(book.dont)), "{id}: what not to do is not passed over");
            seen += 1;
        }
        assert!(seen > 50);
        assert_eq!(lines("no-such-cause"), None);
    }
}
