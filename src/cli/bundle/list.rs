//! What would leave, as lines: each file with its size and what was taken out, what there is not, and where it goes. The
//! command shows them on the terminal, the console in its box.
use super::Bundle;
use super::redacted::words;
use crate::config::model::EnvKey;
use crate::core::safetext::SafeText;
use crate::core::units::{Bytes, EpochMs};
use crate::i18n::Text;
use crate::text;
use jiff::tz::TimeZone;
use std::path::Path;
use unicode_width::UnicodeWidthStr;

/// The name of a bundle that is made now, and of the folder in it: `opsdeck-prod-20260201-065100`, by the workstation's
/// calendar.
pub fn name(env: &EnvKey, now: EpochMs) -> String {
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or_default();
    format!("opsdeck-{env}-{}", at.to_zoned(TimeZone::system()).strftime("%Y%m%d-%H%M%S"))
}

/// What a list says about the whole.
pub struct About<'a> {
    /// The environment.
    pub env: &'a str,
    /// The scenario, if it is a built-in server.
    pub demo: Option<&'a str>,
    /// Where it would be written.
    pub path: &'a Path,
    /// Bytes of the archive.
    pub packed: usize,
    /// Addresses are left as they are.
    pub raw_addresses: bool,
}

/// The lines.
pub fn list(bundle: &Bundle, about: &About<'_>) -> Vec<Text> {
    let mut shown = Vec::new();
    if let Some(name) = about.demo {
        shown.push(text!("【演示：内置服务器，场景 {name}】", "[demo: built-in servers, scenario {name}]"));
    }
    shown.push(text!("诊断包 {}，里面有：", "bundle of {}, in it:", about.env));
    let pad = |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
    let missing = bundle.missing.iter().map(|(name, _)| *name);
    let width = bundle.files.iter().map(|f| f.name).chain(missing).map(str::len).max().unwrap_or(0);
    for file in &bundle.files {
        let size = Bytes(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX)).to_string();
        let (secrets, addresses, emails) = words(&file.redacted);
        let taken = Text {
            zh: taken(&[("密码类", secrets), ("地址", addresses), ("邮箱", emails)], "抹掉：", "，"),
            en: taken(
                &[("secrets", secrets), ("addresses", addresses), ("e-mails", emails)],
                "taken out: ",
                ", ",
            ),
        };
        let head = format!("  {}  {size:>10}", pad(file.name, width));
        let line = |taken: &str| format!("{head}  {taken}").trim_end().to_owned();
        shown.push(Text { zh: line(&taken.zh), en: line(&taken.en) });
    }
    if !bundle.missing.is_empty() {
        shown.push(text!("缺少或不全：", "missing, or not whole:"));
    }
    for (name, why) in &bundle.missing {
        let head = format!("  {}  ", pad(name, width));
        shown.push(Text { zh: format!("{head}{}", why.zh), en: format!("{head}{}", why.en) });
    }
    shown.push(match about.raw_addresses {
        true => text!(
            "地址和主机名原样保留（--raw-addresses）",
            "addresses and host names are left as they are (--raw-addresses)"
        ),
        false => text!(
            "地址和主机名换成了 addr-1 这样的代号；--raw-addresses 原样保留",
            "addresses and host names became placeholders as addr-1; --raw-addresses keeps them"
        ),
    });
    shown.push(text!(
        "按规则抹掉的不一定全：发出去之前自己看一遍",
        "rules do not see everything: look into it before you send it"
    ));
    let path = SafeText::new(&about.path.to_string_lossy());
    let packed = Bytes(u64::try_from(about.packed).unwrap_or(u64::MAX));
    shown.push(text!("写到：{path}（{packed}）", "goes to: {path} ({packed})"));
    shown
}

/// `抹掉：密码类 2，地址 9`; nothing where nothing was.
fn taken(counts: &[(&str, u64)], head: &str, between: &str) -> String {
    let some: Vec<String> =
        counts.iter().filter(|c| c.1 > 0).map(|(word, n)| format!("{word} {n}")).collect();
    if some.is_empty() { String::new() } else { format!("{head}{}", some.join(between)) }
}

/// Why a bundle could not be written, in words.
pub fn not_written(path: &Path, error: &std::io::Error) -> Text {
    let path = SafeText::new(&path.to_string_lossy());
    if error.kind() == std::io::ErrorKind::AlreadyExists {
        return there_is_one(&path);
    }
    let why = SafeText::new(&error.to_string());
    text!(
        "写不了 {path}：{why}。什么也没留下。办法：检查文件夹是否存在、可写、有空间",
        "cannot write {path}: {why}. Nothing was left behind. Mend: see whether the folder is there, writable and has room"
    )
}

/// Nothing is written over.
pub fn there_is_one(path: &SafeText) -> Text {
    text!(
        "已经有 {path}，不会覆盖，什么也没写。办法：用 --output 换一个名字",
        "{path} is there already and is not written over; nothing was written. Mend: another name with --output"
    )
}
