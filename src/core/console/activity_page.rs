//! 操作记录: this console's own log, newest last. Times are the workstation's, in its own zone.
use super::activity::Entry;
use super::sheet::{Column, Detail, Row, Sheet};
use crate::core::derive::schedule;
use crate::i18n::Text;
use crate::text;

/// One row an entry. `zone_s` is the workstation's offset from UTC, in seconds.
pub(super) fn activity(entries: Option<&[Entry]>, zone_s: i32) -> Sheet {
    let columns = vec![
        Column::fit(text!("时间", "time"), 14),
        Column::fit(text!("环境", "environment"), 12),
        Column::rest(text!("做了什么", "what was done")),
    ];
    let empty = match entries {
        None => text!("正在读取这台工作机的日志……", "reading the log of this workstation ..."),
        Some(_) => text!("还没有记录", "nothing was recorded yet"),
    };
    let rows = entries.unwrap_or_default().iter().enumerate().map(|(n, e)| row(n, e, zone_s)).collect();
    Sheet { lead: Vec::new(), columns, rows, empty: Some(empty) }
}

fn row(n: usize, entry: &Entry, zone_s: i32) -> Row {
    let at = entry.at.map(|at| schedule::short(at, zone_s)).unwrap_or_default();
    let env = entry.env.as_ref().map(|e| e.as_str().to_owned()).unwrap_or_default();
    let words = entry.words();
    let detail = std::iter::once(Detail::title(words.clone()))
        .chain(entry.detail().into_iter().map(Detail::evidence))
        .collect();
    Row {
        // an entry has no name of its own; a newer log has more of them, and the same first ones
        id: n.to_string(),
        state: entry.state(),
        old: false,
        inner: false,
        cells: vec![Text::same(at), Text::same(env), words],
        detail,
    }
}
