//! Documents: redacted part by part, so that what comes out is still one.
use super::{MASK, Redactor, Rule, blocks, keys};
use serde_json::{Map, Value};

pub(super) fn hide(redactor: &mut Redactor, value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redactor.text(text)),
        Value::Array(items) => array(redactor, items),
        Value::Object(map) => object(redactor, map),
        other => other.clone(),
    }
}

/// A list of texts may be the lines of one: a key's block goes over them.
fn array(redactor: &mut Redactor, items: &[Value]) -> Value {
    let texts: Option<Vec<String>> = items.iter().map(|i| i.as_str().map(str::to_owned)).collect();
    match texts {
        Some(mut lines) => {
            blocks::hide_lines(&mut lines, &mut redactor.counts);
            Value::Array(lines.iter().map(|line| Value::String(redactor.text(line))).collect())
        }
        None => Value::Array(items.iter().map(|item| hide(redactor, item)).collect()),
    }
}

fn object(redactor: &mut Redactor, map: &Map<String, Value>) -> Value {
    let mut out = Map::new();
    for (key, value) in map {
        let shown = if keys::is_secret(key) { secret(redactor, value) } else { hide(redactor, value) };
        out.insert(name(redactor, key), shown);
    }
    Value::Object(out)
}

/// What stands under a secret's name: its form stays, nothing else.
fn secret(redactor: &mut Redactor, value: &Value) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::String(text) if text.is_empty() || super::masked(text) => value.clone(),
        Value::Array(items) => Value::Array(items.iter().map(|item| secret(redactor, item)).collect()),
        Value::Object(map) => {
            let mut out = Map::new();
            for (key, value) in map {
                // a file of credentials has a mode and an owner
                let shown = if keys::is_about(key) { hide(redactor, value) } else { secret(redactor, value) };
                out.insert(name(redactor, key), shown);
            }
            Value::Object(out)
        }
        Value::String(_) | Value::Number(_) => {
            *redactor.counts.entry(Rule::Value).or_default() += 1;
            Value::String(MASK.to_owned())
        }
    }
}

/// A name may be what a server said, too. Plain small letters are a field of ours.
fn name(redactor: &mut Redactor, key: &str) -> String {
    let plain = key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if plain { key.to_owned() } else { redactor.text(key) }
}
