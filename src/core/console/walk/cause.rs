//! The causes: a row each with how sure it is and its key, what hangs under it, and, unfolded, what it rests on, what would
//! prove it, what mends it, and what is to be seen then.
use super::super::age::ago;
use super::super::model::Server;
use super::super::sheet::{Detail, Row};
use super::{About, Line, after_colon};
use crate::core::diagnose::change::is_nameless;
use crate::core::diagnose::{Certainty, Diagnosis, Evidence, Finding, Fix, Mend, Whom};
use crate::core::state::State;
use crate::i18n::{Text, counted};
use crate::text;

/// That nothing was found, and what that stands on.
pub(super) fn none(found: &Diagnosis) -> Option<Line> {
    if !found.findings.is_empty() {
        return None;
    }
    let (out, open) = (found.ruled_out.len(), found.unchecked.len());
    let (causes, things) = (counted(out, "cause", "causes"), counted(open, "thing", "things"));
    let (state, says) = match open {
        0 => (
            State::Ok,
            text!(
                "没有发现问题：{out} 种原因都排除了，没有一项没查到",
                "nothing is wrong: {causes} ruled out, and nothing was left unchecked"
            ),
        ),
        _ => (
            State::Unknown,
            text!(
                "没有找到原因，但有 {open} 处没能检查：不等于没有问题",
                "no cause was found, but there is what could not be checked, {things}: that is not the same as good"
            ),
        ),
    };
    let mut detail = vec![Detail::title(says.clone())];
    for open in &found.unchecked {
        detail.push(Detail::evidence(after_colon(&open.what, &open.why)));
        detail.extend(Some(open.hint.clone()).filter(|h| !h.zh.is_empty()).map(Detail::next));
    }
    detail.extend(distinct(found).map(|e| Detail::evidence(seen(e))));
    let cells = vec![says, Text::default(), Text::default()];
    let row = Row { id: "none".into(), state: Some(state), old: false, inner: false, cells, detail };
    Some(Line::plain(About::Word, row))
}

/// One thing that is well rules several causes out, and is said once.
fn distinct(found: &Diagnosis) -> impl Iterator<Item = &Evidence> {
    let all = &found.ruled_out;
    let first = |n: usize, e: &Evidence| !all.iter().take(n).any(|r| r.because.says == e.says);
    all.iter().enumerate().map(|(n, r)| (n, &r.because)).filter(move |(n, e)| first(*n, e)).map(|(_, e)| e)
}

/// Every cause with what belongs to it.
pub(super) fn lines(server: &Server, found: &Diagnosis) -> Vec<Line> {
    let each = |(at, f): (usize, &Finding)| one(server, found, at, f);
    found.findings.iter().enumerate().flat_map(each).collect()
}

fn one(server: &Server, found: &Diagnosis, at: usize, f: &Finding) -> Vec<Line> {
    // the same cause may be there twice: what no cause accounts for
    let nth = found.findings.iter().take(at).filter(|before| before.cause == f.cause).count();
    let id = format!("cause:{}:{nth}", f.cause);
    let open = server.walk.is_open(&id, false);
    let steps = found.steps_of(at);
    let mut all = vec![Line::folding(About::Cause(at, f.cause), head(f, &steps, &id), open)];
    if open {
        all.extend(rests_on(at, f, &id));
    }
    all.extend(f.explains.iter().enumerate().map(|(n, c)| {
        let says = after_colon(&text!("连带", "so"), &c.says);
        let indent = "  ".repeat(c.depth.saturating_sub(1));
        let cell = Text { zh: format!("{indent}{}", says.zh), en: format!("{indent}{}", says.en) };
        let word = c.state.word();
        let title = Text {
            zh: format!("{}（{}）", c.says.zh, word.zh),
            en: format!("{} ({})", c.says.en, word.en),
        };
        let mut detail = vec![Detail::title(title)];
        detail.extend(c.evidence.iter().map(|e| Detail::evidence(seen(e))));
        let from = &f.title;
        detail.push(Detail::next(Text {
            zh: format!("由“{}”引起，先治它；还要做的在“办法”里", from.zh),
            en: format!("comes from \"{}\": mend that first, then take the other steps", from.en),
        }));
        part(format!("{id}:so:{n}"), About::Below(at, c.cause), cell, detail).under(&id)
    }));
    if open {
        all.extend(mends(at, f, &steps, &id));
    }
    all
}

/// The cause itself. What there is to say about it begins with what mends it.
fn head(f: &Finding, steps: &[Mend], id: &str) -> Row {
    let name = if is_nameless(f.cause) { &f.says } else { &f.title };
    let sure = f.certainty.word();
    let title =
        Text { zh: format!("{}（{}）", f.says.zh, sure.zh), en: format!("{} ({})", f.says.en, sure.en) };
    let mut detail = vec![Detail::title(title)];
    detail.extend(todo(steps).map(Detail::next));
    detail.extend(f.evidence.iter().map(|e| Detail::evidence(labelled(&FOR(), e))));
    detail.extend(f.against.iter().map(|e| Detail::evidence(labelled(&AGAINST(), e))));
    detail.extend(f.explains.iter().map(|c| {
        let word = c.state.word();
        let says = Text {
            zh: format!("（{}）{}", word.zh, c.says.zh),
            en: format!("({}) {}", word.en, c.says.en),
        };
        Detail::evidence(after_colon(&text!("连带", "so"), &says))
    }));
    detail.extend(would_prove(f).map(|t| Detail::evidence(after_colon(&PROVE(), &t))));
    detail.extend(proof(f).map(|t| Detail::evidence(after_colon(&THEN(), &t))));
    let key = steps.first().map(key).unwrap_or_default();
    let cells = vec![name.clone(), sure, key];
    Row { id: id.to_owned(), state: Some(f.state), old: false, inner: false, cells, detail }
}

/// What speaks for it and against it, and what would prove it.
fn rests_on(at: usize, f: &Finding, id: &str) -> Vec<Line> {
    let seen = |label: fn() -> Text, n: usize, e: &Evidence| {
        let says = labelled(&label(), e);
        (format!("{}:{n}", label().en), says)
    };
    let mut all: Vec<(String, Text)> = Vec::new();
    all.extend(f.evidence.iter().enumerate().map(|(n, e)| seen(FOR, n, e)));
    all.extend(f.against.iter().enumerate().map(|(n, e)| seen(AGAINST, n, e)));
    all.extend(would_prove(f).map(|t| ("prove".into(), after_colon(&PROVE(), &t))));
    let line = |(what, says): (String, Text)| {
        let detail = vec![Detail::title(says.clone())];
        part(format!("{id}:{what}"), About::Below(at, f.cause), says, detail).under(id)
    };
    all.into_iter().map(line).collect()
}

/// What mends it, step by step, and what is to be seen then.
fn mends(at: usize, f: &Finding, steps: &[Mend], id: &str) -> Vec<Line> {
    let step = |(n, m): (usize, &Mend)| {
        let says = after_colon(&MEND(), &m.says);
        let detail = vec![Detail::title(m.says.clone()), Detail::next(how(m))];
        let mut line = part(format!("{id}:step:{n}"), About::Step(at, f.cause, n), says, detail);
        if let Some(cell) = line.row.cells.last_mut() {
            *cell = key(m);
        }
        line.under(id)
    };
    let mut all: Vec<Line> = steps.iter().enumerate().map(step).collect();
    all.extend(proof(f).map(|t| {
        let says = after_colon(&THEN(), &t);
        part(format!("{id}:then"), About::Below(at, f.cause), says, vec![Detail::title(t)]).under(id)
    }));
    all
}

const FOR: fn() -> Text = || text!("依据", "for");
const AGAINST: fn() -> Text = || text!("反证", "against");
const PROVE: fn() -> Text = || text!("要证实", "to prove it");
const MEND: fn() -> Text = || text!("办法", "mend");
const THEN: fn() -> Text = || text!("修好后", "then");

fn part(id: String, about: About, says: Text, detail: Vec<Detail>) -> Line {
    let cells = vec![says, Text::default(), Text::default()];
    Line::plain(about, Row { id, state: None, old: false, inner: true, cells, detail })
}

fn would_prove(f: &Finding) -> Option<Text> {
    f.would_prove.clone().filter(|_| f.certainty != Certainty::Proved)
}

fn proof(f: &Finding) -> Option<Text> {
    Some(f.proof.clone()).filter(|t| !t.zh.is_empty())
}

/// All steps in one line, each with its key: `按 M：挂载 Windows 共享；然后按 B：…`.
fn todo(steps: &[Mend]) -> Option<Text> {
    let steps: Vec<Text> = steps.iter().map(with_key).collect();
    let zh: Vec<&str> = steps.iter().map(|t| t.zh.as_str()).collect();
    let en: Vec<&str> = steps.iter().map(|t| t.en.as_str()).collect();
    (!steps.is_empty()).then(|| Text { zh: zh.join("；然后"), en: en.join("; then ") })
}

/// A step with its key.
pub(in crate::core::console) fn with_key(m: &Mend) -> Text {
    match m.key {
        Some(k) => Text { zh: format!("按 {k}：{}", m.says.zh), en: format!("press {k}: {}", m.says.en) },
        None => m.says.clone(),
    }
}

/// How a step is taken.
fn how(m: &Mend) -> Text {
    match &m.fix {
        Fix::Do(_) => text!(
            "Enter 打开它的预览；确认之前什么也不做",
            "Enter opens its preview; nothing is done before you confirm"
        ),
        Fix::Call { .. } => text!(
            "控制台做不了这一步；做完按 F5 再诊断",
            "the console cannot do this; F5 looks again when it is done"
        ),
        Fix::Wait { .. } => text!("到时候按 F5 再诊断", "then F5 looks again"),
    }
}

/// The key of a step, or who takes it.
fn key(m: &Mend) -> Text {
    match (&m.fix, m.key) {
        (_, Some(k)) => text!("按 {k}", "press {k}"),
        (Fix::Call { whom: Whom::You, .. }, _) => text!("自己做", "by hand"),
        (Fix::Call { .. }, _) => text!("找人", "call"),
        (Fix::Wait { .. }, _) => text!("等", "wait"),
        (Fix::Do(_), None) => Text::default(),
    }
}

/// Something that was seen, with its place and its age.
pub(super) fn seen(e: &Evidence) -> Text {
    let (place, age) = (e.probe.word(), ago(e.age_ms));
    Text {
        zh: format!("{}（{}，{}）", e.says.zh, place.zh, age.zh),
        en: format!("{} ({}, {})", e.says.en, place.en, age.en),
    }
}

fn labelled(label: &Text, e: &Evidence) -> Text {
    after_colon(label, &seen(e))
}
