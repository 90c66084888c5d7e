//! 交接记录: what the next shift must know, in Markdown: what was done, what is unfinished, what to watch.
use super::View;
use super::record::Record;
use crate::core::derive::schedule;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::Text;
use crate::text;

/// The whole text.
pub fn render(view: &View<'_>) -> String {
    let lang = view.lang;
    let mut out = String::new();
    let mut line = |text: &Text| {
        out.push_str(text.get(lang));
        out.push('\n');
    };
    let (from, to, zone) = (dated(view.since, view), dated(view.now, view), zone(view.zone_s));
    let operator = plain(view.operator);
    line(&text!("# 交接记录\n", "# Handover\n"));
    line(&text!("- 时段：{from} 至 {to}（{zone}）", "- Time: {from} to {to} ({zone})"));
    line(&text!("- 工作机：{operator}\n", "- Workstation: {operator}\n"));
    line(&text!("## 做了什么\n", "## What was done\n"));
    if view.records.is_empty() {
        line(&text!("没有做过操作。\n", "Nothing was done.\n"));
    } else {
        line(&text!(
            "| 时间 | 环境 | 服务器 | 操作 | 谁 | 结果 | 说明 |",
            "| time | env | server | action | who | outcome | said |"
        ));
        line(&Text::same("| --- | --- | --- | --- | --- | --- | --- |"));
        view.records.iter().for_each(|r| line(&row(r, view)));
        line(&Text::default());
    }
    line(&text!("## 没有做完的\n", "## What is unfinished\n"));
    listed(view.records.iter().filter(|r| r.is_open()).map(|r| open(r, view)).collect(), &mut line);
    line(&text!("## 要留意的\n", "## What to watch\n"));
    listed(watch(view), &mut line);
    out.trim_end().to_owned() + "\n"
}

fn listed(items: Vec<Text>, line: &mut dyn FnMut(&Text)) {
    if items.is_empty() {
        line(&text!("没有。", "Nothing."));
    }
    for Text { zh, en } in items {
        line(&Text { zh: format!("- {zh}"), en: format!("- {en}") });
    }
    line(&Text::default());
}

fn row(r: &Record<'_>, view: &View<'_>) -> Text {
    let at = moment(r.first.at(), view);
    let (env, server, who) = (plain(&r.first.env), plain(&r.first.server), plain(&r.first.operator));
    let (title, word, said) = (r.first.title(), r.word(), r.said());
    Text {
        zh: format!(
            "| {at} | {env} | {server} | {} | {who} | {} | {} |",
            plain(&title.zh),
            word.zh,
            plain(&said.zh)
        ),
        en: format!(
            "| {at} | {env} | {server} | {} | {who} | {} | {} |",
            plain(&title.en),
            word.en,
            plain(&said.en)
        ),
    }
}

/// `02-01 06:53 test 重启前端（wang@desk）`.
fn deed(r: &Record<'_>, view: &View<'_>) -> Text {
    let (at, title) = (moment(r.first.at(), view), r.first.title());
    let (env, who) = (plain(&r.first.env), plain(&r.first.operator));
    Text {
        zh: format!("{at} {env} {}（{who}）", plain(&title.zh)),
        en: format!("{at} {env}: {} ({who})", plain(&title.en)),
    }
}

fn open(r: &Record<'_>, view: &View<'_>) -> Text {
    let (deed, env, run) = (deed(r, view), plain(&r.first.env), plain(&r.first.run));
    Text {
        zh: format!("{}：没有看到结尾。接着看：`opsdeck attach --env {env} {run}`", deed.zh),
        en: format!("{}: its end was not seen. To follow it: `opsdeck attach --env {env} {run}`", deed.en),
    }
}

/// What failed, what is not as it usually is, what can be put back, what cannot be read.
fn watch(view: &View<'_>) -> Vec<Text> {
    let mut all = Vec::new();
    for (at, r) in view.records.iter().enumerate() {
        let deed = deed(r, view);
        let later = view.records.get(at + 1..).unwrap_or_default();
        if r.state() == State::Failed {
            let said = r.said();
            all.push(Text {
                zh: format!("{} 失败：{}", deed.zh, plain(&said.zh)),
                en: format!("{} failed: {}", deed.en, plain(&said.en)),
            });
        }
        if r.state() == State::Ok && !later.iter().any(|l| takes_back(l, r)) {
            all.extend(still_so(r, &deed));
        }
        if r.cleared_a_lock() {
            let (env, run) = (plain(&r.first.env), plain(&r.first.run));
            all.push(Text {
                zh: format!("{}：清除的锁可以放回：`opsdeck unlock --env {env} --put-back {run}`", deed.zh),
                en: format!(
                    "{}: the lock can be put back: `opsdeck unlock --env {env} --put-back {run}`",
                    deed.en
                ),
            });
        }
    }
    all.extend(view.torn.clone());
    all
}

/// What was taken away and is still away.
fn still_so(r: &Record<'_>, deed: &Text) -> Option<Text> {
    let said = match r.first.action.as_str() {
        "unmount" | "unmount-lazy" => text!("之后没有再挂载", "not mounted again since"),
        stop if stop.starts_with("stop-") => text!("之后没有再启动", "not started again since"),
        _ => return None,
    };
    Some(Text { zh: format!("{}：{}", deed.zh, said.zh), en: format!("{}: {}", deed.en, said.en) })
}

/// Whether a later deed undoes an earlier one.
fn takes_back(later: &Record<'_>, earlier: &Record<'_>) -> bool {
    let (now, was) = (later.first.action.as_str(), earlier.first.action.as_str());
    later.first.env == earlier.first.env
        && later.state() == State::Ok
        && match was.strip_prefix("stop-") {
            Some(which) => now.strip_prefix("start-").or_else(|| now.strip_prefix("restart-")) == Some(which),
            None => was.starts_with("unmount") && now == "mount",
        }
}

fn moment(at: EpochMs, view: &View<'_>) -> String {
    schedule::short(at, view.zone_s)
}

/// With the year: a handover is kept.
fn dated(at: EpochMs, view: &View<'_>) -> String {
    schedule::local(at, view.zone_s).map_or_else(|| "?".into(), |t| t.strftime("%Y-%m-%d %H:%M").to_string())
}

/// `+08:00`.
fn zone(zone_s: i32) -> String {
    let (sign, minutes) = (if zone_s < 0 { '-' } else { '+' }, zone_s.abs() / 60);
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Text that means nothing to Markdown.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in SafeText::new(text).as_str().chars() {
        if "\\|`*<[".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
