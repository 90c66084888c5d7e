//! One table of the file: typed values out of it, and everything that is wrong with them.
use super::keys;
use super::reader::{At, Fault, Reader};
use super::unknown;
use crate::i18n::Text;
use crate::text;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One table of the file.
#[derive(Clone)]
pub(super) struct Section<'t> {
    table: &'t DeTable<'t>,
    /// The header, or the key that holds the table.
    pub(super) span: Range<usize>,
    allowed: &'static [&'static str],
}

impl<'t> Section<'t> {
    /// The table, after its keys were compared with the allowed ones.
    pub(super) fn open(
        reader: &mut Reader,
        table: &'t DeTable<'t>,
        span: Range<usize>,
        allowed: &'static [&'static str],
    ) -> Section<'t> {
        for (key, value) in table.iter() {
            if !allowed.contains(&key.get_ref().as_ref()) {
                unknown::key(reader, key, value, allowed);
            }
        }
        Section { table, span, allowed }
    }

    fn value(&self, key: &'static str) -> Option<&'t Spanned<DeValue<'t>>> {
        debug_assert!(self.allowed.contains(&key), "{key} is not in the list of keys");
        self.table.get(key)
    }

    /// Where the name of a key stands.
    fn key_span(&self, key: &str) -> Range<usize> {
        self.table.get_key_value(key).map_or(self.span.clone(), |(k, _)| k.span())
    }

    /// A text that a rule accepts.
    pub(super) fn text(
        &self,
        reader: &mut Reader,
        key: &'static str,
        rule: impl Fn(&str) -> Result<(), Fault>,
    ) -> Option<At<String>> {
        let value = self.value(key)?;
        let found = text_of(reader, value)?;
        if let Err(fault) = rule(&found.value) {
            reader.refuse(&found.span, fault);
            return None;
        }
        Some(found)
    }

    /// A whole number within a range.
    pub(super) fn number(
        &self,
        reader: &mut Reader,
        key: &'static str,
        range: Range<u64>,
    ) -> Option<At<u64>> {
        let value = self.value(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            wrong_type(reader, value, text!("一个整数，不加引号", "a whole number without quotes"));
            return None;
        };
        let parsed = i128::from_str_radix(integer.as_str(), integer.radix()).ok();
        let parsed = parsed.and_then(|n| u64::try_from(n).ok()).filter(|n| range.contains(n));
        if parsed.is_none() {
            let (least, most) = (range.start, range.end.saturating_sub(1));
            reader.refuse(
                &value.span(),
                (
                    text!("{key} 超出范围", "{key} is out of range"),
                    text!("写 {least} 到 {most} 之间的整数", "write a whole number from {least} to {most}"),
                ),
            );
        }
        parsed.map(|value_| At { value: value_, span: value.span() })
    }

    /// `true` or `false`.
    pub(super) fn truth(&self, reader: &mut Reader, key: &'static str) -> Option<At<bool>> {
        let value = self.value(key)?;
        let found = value.get_ref().as_bool();
        if found.is_none() {
            wrong_type(reader, value, text!("true 或 false，不加引号", "true or false, without quotes"));
        }
        found.map(|truth| At { value: truth, span: value.span() })
    }

    /// A list of texts that a rule accepts. Nothing if one is refused.
    pub(super) fn texts(
        &self,
        reader: &mut Reader,
        key: &'static str,
        rule: impl Fn(&str) -> Result<(), Fault>,
    ) -> Option<At<Vec<String>>> {
        let value = self.value(key)?;
        let DeValue::Array(items) = value.get_ref() else {
            wrong_type(
                reader,
                value,
                text!("方括号里的一列文字：[\"a\", \"b\"]", "a list of texts in brackets: [\"a\", \"b\"]"),
            );
            return None;
        };
        let mut texts = Vec::new();
        for item in items.iter() {
            let Some(found) = text_of(reader, item) else {
                continue;
            };
            match rule(&found.value) {
                Ok(()) => texts.push(found.value),
                Err(fault) => reader.refuse(&found.span, fault),
            }
        }
        (texts.len() == items.len()).then(|| At { value: texts, span: value.span() })
    }

    /// A table inside this one.
    pub(super) fn section(
        &self,
        reader: &mut Reader,
        key: &'static str,
        allowed: &'static [&'static str],
    ) -> Option<Section<'t>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::open(reader, table, self.key_span(key), allowed)),
            _ => {
                wrong_type(reader, value, text!("一个表：[{key}]", "a table: [{key}]"));
                None
            }
        }
    }

    /// Every `[[key]]`.
    pub(super) fn sections(
        &self,
        reader: &mut Reader,
        key: &'static str,
        allowed: &'static [&'static str],
    ) -> Vec<Section<'t>> {
        let Some(value) = self.value(key) else {
            return Vec::new();
        };
        let expected = text!(
            "[[{key}]]，两层方括号，每台服务器一个",
            "[[{key}]] in double brackets, one for each server"
        );
        let DeValue::Array(items) = value.get_ref() else {
            wrong_type(reader, value, expected);
            return Vec::new();
        };
        let mut sections = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => sections.push(Section::open(reader, table, item.span(), allowed)),
                _ => wrong_type(reader, item, expected.clone()),
            }
        }
        sections
    }

    /// The value of a key as the parser left it, with the place of its name.
    pub(super) fn raw(&self, key: &'static str) -> Option<(&'t Spanned<DeValue<'t>>, Range<usize>)> {
        self.value(key).map(|value| (value, self.key_span(key)))
    }

    /// Whether a key that nobody knows was probably meant to be this one.
    pub(super) fn misspells(&self, key: &str) -> bool {
        let words = self.table.keys().map(|k| k.get_ref().as_ref());
        let mut unknown = words.filter(|k| !self.allowed.contains(k));
        unknown.any(|word| keys::meant(word, self.allowed) == Some(key))
    }

    /// Whether there is any key that nobody knows. Each was refused when the table was opened.
    pub(super) fn has_unknown(&self) -> bool {
        self.table.keys().any(|k| !self.allowed.contains(&k.get_ref().as_ref()))
    }

    /// Whether the key is there, whatever its value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }
}

fn text_of(reader: &mut Reader, value: &Spanned<DeValue>) -> Option<At<String>> {
    let found = value.get_ref().as_str();
    if found.is_none() {
        wrong_type(reader, value, text!("半角双引号里的文字：\"…\"", "text in double quotes: \"…\""));
    }
    found.map(|text| At { value: text.to_owned(), span: value.span() })
}

/// Says that a value is of the wrong kind. The value itself is not repeated.
pub(super) fn wrong_type(reader: &mut Reader, value: &Spanned<DeValue>, expected: Text) {
    let found = match value.get_ref() {
        DeValue::String(_) => text!("文字", "text"),
        DeValue::Integer(_) => text!("整数", "a whole number"),
        DeValue::Float(_) => text!("小数", "a fraction"),
        DeValue::Boolean(_) => text!("true/false", "true/false"),
        DeValue::Datetime(_) => text!("日期", "a date"),
        DeValue::Array(_) => text!("列表", "a list"),
        DeValue::Table(_) => text!("表", "a table"),
    };
    let fault = (
        Text { zh: format!("这里不能是{}", found.zh), en: format!("this must not be {}", found.en) },
        Text { zh: format!("要写：{}", expected.zh), en: format!("write: {}", expected.en) },
    );
    reader.refuse(&value.span(), fault);
}
