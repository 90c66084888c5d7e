//! The table: printed, and kept in `measured.json`; `OPSDECK_UPDATE_README=1` puts it into README.md as well. Rows that were not
//! run this time are taken from the time before.
use crate::readme;
use serde_json::{Value, json};

/// A row as it came out.
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) found: String,
    pub(crate) sure: String,
    /// What was done, in Chinese and English.
    pub(crate) steps: Vec<(String, String)>,
    /// Every command ended with 0: done, and seen to be done. Nothing where no command was given.
    pub(crate) proved: Option<bool>,
    /// In the end nothing is found and nothing open.
    pub(crate) clean: bool,
    /// What could not be mended, and went with time.
    pub(crate) left: Option<(&'static str, &'static str)>,
    pub(crate) seconds: u64,
    pub(crate) wrong: Vec<String>,
}

impl Line {
    pub(crate) fn of(name: String, found: String, sure: &str) -> Line {
        let found = if found.is_empty() { "-".to_owned() } else { found };
        let (steps, wrong) = (Vec::new(), Vec::new());
        let sure = sure.to_owned();
        Line { name, found, sure, steps, proved: None, clean: false, left: None, seconds: 0, wrong }
    }

    fn json(&self) -> Value {
        let both = |zh: String, en: String| json!({"zh": zh, "en": en});
        let zh: Vec<&str> = self.steps.iter().map(|s| s.0.as_str()).collect();
        let en: Vec<&str> = self.steps.iter().map(|s| s.1.as_str()).collect();
        let clean = match (self.clean, self.left) {
            (false, _) => both("还有".into(), "not clean".into()),
            (true, None) => both("干净".into(), "clean".into()),
            (true, Some((zh, en))) => both(format!("干净（{zh}）"), format!("clean ({en})")),
        };
        json!({
            "found": self.found, "sure": self.sure, "steps": both(zh.join("；"), en.join("; ")),
            "proved": match self.proved { None => "-", Some(true) => "+", Some(false) => "x" },
            "after": clean, "seconds": self.seconds, "right": self.wrong.is_empty(),
            "on": jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        })
    }
}

/// Where what was measured is kept: rows may be measured on different days.
const MEASURED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/lab_diagnose/measured.json");

type Rows = serde_json::Map<String, Value>;

/// What was measured, by the name of the row.
pub(crate) fn measured() -> Rows {
    let text = std::fs::read_to_string(MEASURED).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Adds what came out to what is kept; the table in English.
pub(crate) fn kept(lines: &[Line], names: &[String]) -> String {
    let mut all = measured();
    for line in lines {
        all.insert(line.name.clone(), line.json());
    }
    all.retain(|name, _| names.contains(name));
    let text = serde_json::to_string_pretty(&Value::Object(all.clone())).unwrap();
    std::fs::write(MEASURED, text + "\n").unwrap();
    if std::env::var_os("OPSDECK_UPDATE_README").is_some() {
        readme::has("faults", |lang| table(&all, names, lang));
    }
    table(&all, names, "en")
}

/// The rows in the order of these names, what they come to, and which were not measured.
pub(crate) fn table(all: &Rows, names: &[String], lang: &str) -> String {
    let line = |name: &String| {
        let row = all.get(name)?;
        let cell = |v: &Value| v.as_str().unwrap_or("-").to_owned();
        let (found, sure, proved) = (cell(&row["found"]), cell(&row["sure"]), cell(&row["proved"]));
        let (steps, after, on) = (cell(&row["steps"][lang]), cell(&row["after"][lang]), cell(&row["on"]));
        let mark = if row["right"] == true { "" } else { " **x**" };
        let seconds = &row["seconds"];
        Some(format!(
            "| {name}{mark} | {found} | {sure} | {steps} | {proved} | {after} | {seconds} | {on} |\n"
        ))
    };
    let zh = lang == "zh";
    let head = match zh {
        true => "| 故障 | 诊断 | 把握 | 怎么修的 | 证实 | 之后 | 秒 | 日期 |",
        false => "| trouble | found | certainty | mended by | proved | afterwards | s | on |",
    };
    let body: String = names.iter().filter_map(line).collect();
    let right = all.values().filter(|r| r["right"] == true).count();
    let (of, percent) = (all.len(), right as f64 * 100.0 / all.len().max(1) as f64);
    let missing: Vec<&str> = names.iter().map(String::as_str).filter(|n| !all.contains_key(*n)).collect();
    let sum = match zh {
        true => format!("{of} 项里对了 {right} 项：{percent:.0} %"),
        false => format!("{right} of {of} right: {percent:.0} %"),
    };
    let rest = match (missing.is_empty(), zh) {
        (true, _) => String::new(),
        (false, true) => format!("\n还没有在虚拟服务器上量过：{}\n", missing.join("；")),
        (false, false) => format!("\nNot measured on the virtual servers yet: {}\n", missing.join("; ")),
    };
    format!("{head}\n| --- | --- | --- | --- | --- | --- | --- | --- |\n{body}\n{sum}\n{rest}")
}
