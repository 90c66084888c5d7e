//! The table: printed, and kept; `OPSDECK_UPDATE_README=1` puts it into README.md as well. Rows that were not run this time are
//! taken from the time before.
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

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
        })
    }
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(name)
}

/// Adds what came out to what is kept, in the order of these names; the table, and its percentage.
pub(crate) fn kept(lines: &[Line], names: &[String]) -> String {
    let rows = file("lab-diagnose.json");
    let text = std::fs::read_to_string(&rows).unwrap_or_default();
    let mut all: serde_json::Map<String, Value> = serde_json::from_str(&text).unwrap_or_default();
    for line in lines {
        all.insert(line.name.clone(), line.json());
    }
    all.retain(|name, _| names.contains(name));
    std::fs::write(&rows, Value::Object(all.clone()).to_string()).unwrap();
    let table = |lang: &str, head: &str| {
        let line = |name: &String| {
            let row = all.get(name)?;
            let cell = |v: &Value| v.as_str().unwrap_or("-").to_owned();
            let (found, sure, proved) = (cell(&row["found"]), cell(&row["sure"]), cell(&row["proved"]));
            let (steps, after) = (cell(&row["steps"][lang]), cell(&row["after"][lang]));
            let mark = if row["right"] == true { "" } else { " **x**" };
            Some(format!(
                "| {name}{mark} | {found} | {sure} | {steps} | {proved} | {after} | {} |\n",
                row["seconds"]
            ))
        };
        let body: String = names.iter().filter_map(line).collect();
        format!("{head}\n| --- | --- | --- | --- | --- | --- | --- |\n{body}")
    };
    let right = all.values().filter(|r| r["right"] == true).count();
    let percent = right as f64 * 100.0 / all.len().max(1) as f64;
    let en = table("en", "| trouble | found | certainty | mended by | proved | afterwards | s |");
    let zh = table("zh", "| 故障 | 诊断 | 把握 | 怎么修的 | 证实 | 之后 | 秒 |");
    let sum = format!("{right} of {} right: {percent:.0} %", all.len());
    let words = format!("{} 项里对了 {right} 项：{percent:.0} %", all.len());
    std::fs::write(file("lab-diagnose.md"), format!("{zh}\n{en}\n{sum}\n")).unwrap();
    if std::env::var_os("OPSDECK_UPDATE_README").is_some() {
        let mut readme = std::fs::read_to_string(README).unwrap();
        for (lang, text) in [("zh", format!("{zh}\n{words}\n")), ("en", format!("{en}\n{sum}\n"))] {
            let (from, to) = place(&readme, lang);
            readme.replace_range(from..to, &text);
        }
        std::fs::write(README, readme).unwrap();
    }
    format!("{en}{sum}")
}

/// Where the table stands in the README, in that language: from its first byte to its end.
pub(crate) fn place(readme: &str, lang: &str) -> (usize, usize) {
    let begin = format!("<!-- faults {lang} -->\n");
    let from = readme.find(&begin).expect("the README has a place for the table") + begin.len();
    let to = readme[from..].find("<!-- end of faults -->").expect("its end") + from;
    (from, to)
}

pub(crate) const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
