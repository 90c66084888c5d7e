//! The parts without secrets, and the list of them that goes along.
use super::{Form, Gathered};
use crate::core::redact::{Counts, Redactor, Rule};
use crate::i18n::Text;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Version of the form of `manifest.json`.
const SCHEMA: u32 = 1;

/// One file of a bundle, as it leaves.
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// What is in it.
    pub bytes: Vec<u8>,
    /// What was taken out, by rule.
    pub redacted: Counts,
}

/// Everything that leaves.
pub struct Bundle {
    /// The files, the list of them first.
    pub files: Vec<File>,
    /// What there is not, and why: name and reason.
    pub missing: Vec<(&'static str, Text)>,
}

/// Takes secrets and addresses out, and lists what is left. `head` is what the list says about the whole.
///
/// # Errors
/// When a rule cannot be built: then nothing may leave.
pub fn redact(gathered: Gathered, head: Value) -> Result<Bundle, regex::Error> {
    let raw_addresses = gathered.given.raw_addresses;
    let mut redactor = Redactor::new(gathered.given)?;
    let mut files: Vec<File> = Vec::new();
    for part in gathered.parts {
        let text = match part.form {
            Form::Text => redactor.text(&part.text),
            Form::JsonLines => redactor.json_lines(&part.text),
            Form::Json => match serde_json::from_str(&part.text) {
                Ok(value) => format!("{:#}\n", redactor.json(&value)),
                Err(_) => redactor.text(&part.text),
            },
        };
        files.push(File { name: part.name, bytes: text.into_bytes(), redacted: redactor.take_counts() });
    }
    let missing: Vec<(&'static str, Text)> = gathered
        .missing
        .into_iter()
        .map(|m| (m.name, Text { zh: redactor.text(&m.why.zh), en: redactor.text(&m.why.en) }))
        .collect();
    let head = redactor.json(&head);
    let manifest = manifest(&head, &files, &missing, raw_addresses);
    let bytes = format!("{manifest:#}\n").into_bytes();
    files.insert(0, File { name: "manifest.json", bytes, redacted: Counts::new() });
    Ok(Bundle { files, missing })
}

/// What a rule takes out, for a person.
pub(super) fn words(counts: &Counts) -> (u64, u64, u64) {
    let of = |is: &dyn Fn(Rule) -> bool| counts.iter().filter(|(r, _)| is(**r)).map(|(_, n)| n).sum();
    (
        of(&|r| !matches!(r, Rule::Address | Rule::Email)),
        of(&|r| r == Rule::Address),
        of(&|r| r == Rule::Email),
    )
}

fn manifest(head: &Value, files: &[File], missing: &[(&'static str, Text)], raw_addresses: bool) -> Value {
    let listed: Vec<Value> = files
        .iter()
        .map(|f| {
            let sum: String = Sha256::digest(&f.bytes).iter().map(|b| format!("{b:02x}")).collect();
            json!({"name": f.name, "size": f.bytes.len(), "sha256": sum, "redacted": counted(&f.redacted)})
        })
        .collect();
    let mut total = Counts::new();
    for (rule, n) in files.iter().flat_map(|f| &f.redacted) {
        *total.entry(*rule).or_default() += n;
    }
    let missing: Vec<Value> = missing.iter().map(|(name, why)| json!({"name": name, "why": why})).collect();
    json!({
        "schema": SCHEMA,
        "program": {"name": "opsdeck", "version": env!("CARGO_PKG_VERSION")},
        "about": head,
        "addresses_kept": raw_addresses,
        "files": listed,
        "redacted": counted(&total),
        "missing": missing,
    })
}

fn counted(counts: &Counts) -> Value {
    let named = counts.iter().filter_map(|(rule, n)| {
        let name = serde_json::to_value(rule).ok()?.as_str()?.to_owned();
        Some((name, Value::from(*n)))
    });
    Value::Object(named.collect())
}
