//! The part of Go's templates that is used with docker's `--format`: `{{.A.B}}`, `{{json .A}}`, `{{json (index .A "key")}}`
//! `{{with (index .A "key")}}…{{else}}…{{end}}`, `{{if .A}}…{{else}}…{{end}}` and `{{range .A}}…{{end}}`, not nested. What else stands between braces, and a field that is not there, is an error.
use serde_json::Value;

/// The template with the document's values filled in.
pub(super) fn render(template: &str, document: &Value) -> Result<String, String> {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (action, after) = after.split_once("}}").ok_or("unclosed action")?;
        text.push_str(before);
        rest = after;
        if let Some(list) = action.trim().strip_prefix("range ") {
            let (each, after) = rest.split_once("{{end}}").ok_or("range without end")?;
            rest = after;
            for one in field(list.trim(), document)?.as_array().ok_or(format!("{list} is no list"))? {
                text.push_str(&render(each, one)?);
            }
            continue;
        }
        let (asks, keeps) = (action.trim().strip_prefix("with "), action.trim().strip_prefix("if "));
        let Some(operand) = asks.or(keeps) else {
            text.push_str(&value(action.trim(), document)?);
            continue;
        };
        let (then, after) = rest.split_once("{{else}}").ok_or("with without else")?;
        let (otherwise, after) = after.split_once("{{end}}").ok_or("with without end")?;
        // as in Go: what is absent or empty is false, and what is there is the dot of the first part
        let inner = match operand_value(operand.trim(), document) {
            // docker leaves out what an image without a health check does not have
            Err(_) if keeps == Some(".State.Health") => Value::Null,
            value => value?,
        };
        let holds = !inner.is_null() && inner != Value::Bool(false) && inner != Value::String(String::new());
        // the dot of an `if` stays what it was
        let dot = if asks.is_some() { &inner } else { document };
        text.push_str(&if holds { render(then, dot) } else { render(otherwise, document) }?);
        rest = after;
    }
    text.push_str(rest);
    Ok(text)
}

fn value(action: &str, document: &Value) -> Result<String, String> {
    if let Some(operand) = action.strip_prefix("json ") {
        return Ok(operand_value(operand.trim(), document)?.to_string());
    }
    match operand_value(action, document)? {
        Value::String(text) => Ok(text),
        Value::Bool(_) | Value::Number(_) => Ok(operand_value(action, document)?.to_string()),
        _ => Err(format!("{action} has no plain text")),
    }
}

fn operand_value(operand: &str, document: &Value) -> Result<Value, String> {
    let inner = operand.strip_prefix('(').and_then(|o| o.strip_suffix(')')).unwrap_or(operand);
    if let Some(index) = inner.strip_prefix("index ") {
        let (path, key) = index.trim().split_once(' ').ok_or(format!("{operand} is not understood"))?;
        let key = key.trim().strip_prefix('"').and_then(|k| k.strip_suffix('"'));
        let key = key.ok_or(format!("{operand} is not understood"))?;
        // a label that is not there is an empty text, as in Go
        return Ok(field(path, document)?.get(key).cloned().unwrap_or_else(|| "".into()));
    }
    field(operand, document).cloned()
}

fn field<'a>(path: &str, document: &'a Value) -> Result<&'a Value, String> {
    let names = path.strip_prefix('.').ok_or(format!("{path} is not understood"))?;
    let mut at = document;
    for name in names.split('.') {
        let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        at = at.get(name).filter(|_| plain).ok_or(format!("there is no {path}"))?;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn templates_are_filled_in_or_refused_and_never_guessed() {
        let doc = json!({"Id": "ab", "N": 3, "State": {"Running": true}, "L": {"a.b": "x"}, "R": [{"A": "b"}, {"A": "c"}], "W": {"State": {"Running": true}}});
        let good = [
            ("{{.Id}}", "ab"),
            ("{{ .N }}-{{.State.Running}}", "3-true"),
            ("{\"s\":{{json .State}}}", "{\"s\":{\"Running\":true}}"),
            ("{{json (index .L \"a.b\")}}", "\"x\""),
            ("{{json (index .L \"none\")}}", "\"\""),
            ("plain", "plain"),
            ("<{{range .R}}{{.A}},{{end}}>", "<b,c,>"),
            ("{{with (index .L \"none\")}}{{json .Status}}{{else}}null{{end}}!", "null!"),
            ("{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}", "none"),
            ("{{if .State.Running}}on{{else}}off{{end}} {{.Id}}", "on ab"),
            ("{{with (index .W \"State\")}}{{json .Running}}{{else}}null{{end}}!", "true!"),
        ];
        for (template, filled) in good {
            assert_eq!(render(template, &doc).unwrap(), filled, "{template}");
        }
        for bad in [
            "{{.Name}}",
            "{{json .State.Paused}}",
            "{{range .L}}{{end}}",
            "{{range .R}}{{.B}}{{end}}",
            "{{range .R}}",
            "{{.State}}",
            "{{.Id",
            "{{Id}}",
            "{{json (index .L a)}}",
            "{{.}}",
            "{{upper .Id}}",
        ] {
            assert!(render(bad, &doc).is_err(), "{bad}");
        }
    }
}
