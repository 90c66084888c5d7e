//! The journal as a table, for people.
use super::View;
use super::record::Record;
use crate::core::derive::schedule;
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;
use unicode_width::UnicodeWidthStr;

/// The table, what is unfinished, and what cannot be read.
pub fn render(view: &View<'_>) -> String {
    let lang = view.lang;
    let mut out = String::new();
    if view.records.is_empty() {
        out.push_str(text!("这段时间没有做过操作", "nothing was done in this time").get(lang));
        out.push('\n');
    } else {
        let titles = [
            text!("时间", "time"),
            text!("环境", "env"),
            text!("服务器", "server"),
            text!("操作", "action"),
            text!("谁", "who"),
            text!("结果", "outcome"),
            text!("编号", "run"),
            text!("说明", "said"),
        ];
        let head = titles.map(|t| t.get(lang).to_owned());
        let rows: Vec<[String; 8]> = view.records.iter().map(|r| row(r, view)).collect();
        let width = |n: usize| {
            rows.iter().chain([&head]).filter_map(|r| r.get(n)).map(|c| c.width()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..head.len()).map(width).collect();
        for row in [&head].into_iter().chain(&rows) {
            let cells = row
                .iter()
                .zip(&widths)
                .map(|(c, w)| format!("{c}{}", " ".repeat(w.saturating_sub(c.width()))));
            out.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
            out.push('\n');
        }
    }
    for open in view.records.iter().filter(|r| r.is_open()) {
        out.push_str(&format!("\n{}", unfinished(open).get(lang)));
    }
    if let Some(torn) = &view.torn {
        out.push_str(&format!("\n{}", torn.get(lang)));
    }
    out
}

fn row(r: &Record<'_>, view: &View<'_>) -> [String; 8] {
    let lang = view.lang;
    let [env, server, who, run] = [&r.first.env, &r.first.server, &r.first.operator, &r.first.run]
        .map(|t| SafeText::new(t).to_string());
    [
        schedule::short(r.first.at(), view.zone_s),
        env,
        server,
        r.first.title().get(lang).to_owned(),
        who,
        r.word().get(lang).to_owned(),
        run,
        r.said().get(lang).to_owned(),
    ]
}

/// How to see the end of one.
fn unfinished(r: &Record<'_>) -> Text {
    let [env, run] = [&r.first.env, &r.first.run].map(|t| SafeText::new(t));
    let title = r.first.title();
    Text {
        zh: format!("没有看到结尾：{}。看它后来怎样：opsdeck attach --env {env} {run}", title.zh),
        en: format!("end not seen: {}. What became of it: opsdeck attach --env {env} {run}", title.en),
    }
}
