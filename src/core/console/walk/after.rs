//! Before | after: what an action did to each cause, by a look that was asked for after its end.
use super::super::model::Server;
use super::super::sheet::Detail;
use super::mended::{End, compared};
use super::parts::{folded, word};
use super::{About, Line, after_colon, with_key};
use crate::core::diagnose::Diagnosis;
use crate::core::diagnose::change::{Became, Change, changes};
use crate::i18n::Text;
use crate::text;

/// A row for the action, and below it one for each cause.
pub(super) fn lines(server: &Server, found: &Diagnosis) -> Vec<Line> {
    let Some(mended) = compared(server) else { return Vec::new() };
    let End::Over { came, .. } = &mended.end else { return Vec::new() };
    let all = changes(&mended.before, found);
    let done = after_colon(&mended.action.title(), came);
    let title = Text {
        zh: format!("{}。{}", done.zh, counts(&all).zh),
        en: format!("{}. {}", done.en, counts(&all).en),
    };
    let open = server.walk.is_open("after", true);
    let mut detail = vec![Detail::title(title.clone())];
    detail.extend(all.iter().map(|c| Detail::evidence(after_colon(&head(c), &c.says))));
    let next = found.steps().first().map(with_key);
    detail.extend(next.map(|step| {
        let next = text!("接下来（Enter）", "next (Enter)");
        Detail::next(after_colon(&next, &step))
    }));
    detail.push(Detail::evidence(text!("Esc 或 F5 收起这个对比", "Esc or F5 puts this comparison away")));
    let line = Line { about: About::After, ..folded("after", None, title, detail, open) };
    let each = |(n, c): (usize, &Change)| {
        let detail = vec![Detail::title(head(c)), Detail::evidence(c.says.clone())];
        let mut line = word(format!("after:{n}"), Some(c.state), head(c), detail).under("after");
        line.about = About::Other(c.cause);
        line
    };
    std::iter::once(line).chain(all.iter().enumerate().filter(|_| open).map(each)).collect()
}

/// `没有了：Windows 共享没有挂载`.
fn head(change: &Change) -> Text {
    let word = match change.became {
        Became::Gone => text!("没有了", "gone"),
        Became::Still => text!("还在", "still there"),
        Became::New => text!("新的", "new"),
        Became::Open => text!("还在不在没能检查", "could not be checked"),
    };
    after_colon(&word, &change.name)
}

/// `没有了 2，还在 1`.
fn counts(all: &[Change]) -> Text {
    let mut parts: Vec<Text> = Vec::new();
    for (became, word) in [
        (Became::Gone, text!("没有了", "gone")),
        (Became::Still, text!("还在", "still there")),
        (Became::Open, text!("没能检查", "could not be checked")),
        (Became::New, text!("新的", "new")),
    ] {
        let many = all.iter().filter(|c| c.became == became).count();
        if many > 0 {
            parts.push(Text { zh: format!("{} {many}", word.zh), en: format!("{}: {many}", word.en) });
        }
    }
    if parts.is_empty() {
        return text!("之前之后都没有发现问题", "nothing was wrong before, and nothing is");
    }
    let zh: Vec<&str> = parts.iter().map(|t| t.zh.as_str()).collect();
    let en: Vec<&str> = parts.iter().map(|t| t.en.as_str()).collect();
    Text { zh: zh.join("，"), en: en.join(", ") }
}
