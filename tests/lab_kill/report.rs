//! What the cases came to: printed, and kept in `measured.json`, so that some of them can be run at a time. A case is an action, a blow, and a step at which it fell.
use crate::Row;
use crate::blows::Blow;
use crate::stories::{STORIES, Story};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

const MEASURED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab_kill/measured.json");

/// What was measured, by the action's name.
pub(crate) type Measured = BTreeMap<String, Cases>;

/// The cases of an action.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub(crate) struct Cases {
    /// How many steps its plan has.
    pub(crate) steps: usize,
    /// By the blow and the step at which it fell: `Link 3`.
    pub(crate) cases: BTreeMap<String, Case>,
}

#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Case {
    /// The day (UTC) on which it was measured.
    on: String,
    /// How the run ended, by its journal on the server.
    ended: String,
    /// What is wrong afterwards.
    pub(crate) wrong: Vec<String>,
}

pub(crate) fn measured() -> Measured {
    serde_json::from_str(&std::fs::read_to_string(MEASURED).unwrap()).unwrap()
}

/// The steps of the plan, where this case is kept and right; of a blow that falls at each step of one run, any of its steps.
pub(crate) fn is_right(story: &Story, blow: Blow, step: usize) -> Option<usize> {
    let all = measured();
    let of = all.get(story.name)?;
    let mut kept = of
        .cases
        .iter()
        .filter(|(name, _)| name.starts_with(&format!("{blow:?} ")))
        .filter(|(name, _)| !blow.falls_once() || **name == format!("{blow:?} {step}"))
        .peekable();
    kept.peek()?;
    kept.all(|(_, case)| case.wrong.is_empty()).then_some(of.steps)
}

/// Adds a row to what is kept: a case for each step at which its blow fell, and for a wrong one whose blow did not fall, too.
pub(crate) fn keep(story: &Story, steps: usize, asked: usize, row: &Row) {
    let mut all = measured();
    let of = all.entry(story.name.to_owned()).or_default();
    if of.steps != steps {
        // another plan: its steps are others
        *of = Cases { steps, ..Cases::default() };
    }
    let nowhere: &[usize] = if row.wrong.is_empty() { &[] } else { &[asked] };
    let fell = if row.steps.is_empty() { nowhere } else { &row.steps };
    for step in fell {
        let on = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
        let case = Case { on, ended: row.ended.clone(), wrong: row.wrong.clone() };
        of.cases.insert(format!("{:?} {step}", row.blow), case);
    }
    std::fs::write(MEASURED, serde_json::to_string_pretty(&all).unwrap() + "\n").unwrap();
}

/// The table in a language: of each action, at how many of its steps each blow fell and all was well afterwards.
pub(crate) fn table(all: &Measured, lang: &str) -> String {
    let zh = lang == "zh";
    let head = if zh {
        "| 操作 | 连接断了 | 控制台被杀 | 操作的进程被杀 | 服务器断电 | 最近一次 |"
    } else {
        "| action | link cut | console killed | its process killed | server loses power | last run |"
    };
    let (mut body, mut right, mut every, mut missing) = (String::new(), 0, 0, 0);
    for story in STORIES {
        let Some(of) = all.get(story.name) else {
            body.push_str(&format!("| {} | - | - | - | - | - |\n", if zh { story.zh } else { story.name }));
            continue;
        };
        let mut cells = Vec::new();
        for blow in Blow::ALL {
            let fell: Vec<&Case> =
                (1..=of.steps).filter_map(|n| of.cases.get(&format!("{blow:?} {n}"))).collect();
            let well = fell.iter().filter(|c| c.wrong.is_empty()).count();
            right += well;
            every += fell.len();
            missing += of.steps - fell.len();
            let mark = if well == fell.len() { "" } else { " **x**" };
            cells.push(if fell.is_empty() { "-".to_owned() } else { format!("{well}/{}{mark}", of.steps) });
        }
        let last = of.cases.values().map(|c| c.on.as_str()).max().unwrap_or("-");
        let name = if zh { story.zh } else { story.name };
        body.push_str(&format!("| {name} | {} | {last} |\n", cells.join(" | ")));
    }
    let percent = right as f64 * 100.0 / f64::from(u32::try_from(every).unwrap().max(1));
    let mut sum = if zh {
        format!("{every} 种情况里 {right} 种之后一切都好：{percent:.0} %。")
    } else {
        format!("All was well after {right} of {every} cases: {percent:.0} %.")
    };
    let unplanned = STORIES.iter().filter(|s| !all.contains_key(s.name)).count();
    if missing + unplanned > 0 {
        sum.push_str(&if zh {
            format!("还没有量过：{missing} 种情况，和 {unplanned} 个操作。")
        } else {
            format!(" Not measured yet: {missing} cases, and {unplanned} actions.")
        });
    }
    format!("{head}\n| --- | --- | --- | --- | --- | --- |\n{body}\n{sum}\n")
}
