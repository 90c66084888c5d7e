//! Texts for people, in Chinese and English.
//!
//! A text is written once, in both languages, at the place that says it: [`text!`](crate::text) takes the
//! two format strings. A missing translation does not compile, and there is no key to mistype.
use serde::Serialize;
use std::fmt;

/// The language of the screen and of the output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// 简体中文, the default: the operators speak it.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The language that a POSIX locale name asks for (`zh_CN.UTF-8`, `en_US`); `C`, `POSIX` and nothing mean Chinese.
    pub fn from_locale(locale: &str) -> Lang {
        let name = locale.split(['.', '@', '_', '-']).next().unwrap_or_default();
        match name {
            "" | "C" | "POSIX" | "zh" => Lang::Zh,
            _ => Lang::En,
        }
    }
}

/// One text in both languages, already formatted.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Default)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Text {
    /// The text in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }

    /// A text that is the same in every language (a name, a number, remote text that was made safe).
    pub fn same(text: impl Into<String>) -> Text {
        let zh: String = text.into();
        Text { en: zh.clone(), zh }
    }

    /// Several texts one after the other, with the language's own separator (`；` or `; `).
    pub fn join<'a>(parts: impl IntoIterator<Item = &'a Text>) -> Text {
        let (zh, en): (Vec<&str>, Vec<&str>) =
            parts.into_iter().map(|t| (t.zh.as_str(), t.en.as_str())).unzip();
        Text { zh: zh.join("；"), en: en.join("; ") }
    }
}

/// `1 pack`, `3 packs`: English says one and many by two words.
pub fn counted<N: fmt::Display + PartialEq + From<u8>>(n: N, one: &str, many: &str) -> String {
    format!("{n} {}", if n == N::from(1) { one } else { many })
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Text").field(&self.en).finish()
    }
}

/// `text!("已挂载 {path}", "mounted at {path}")`: both languages, formatted with the same values.
#[macro_export]
macro_rules! text {
    ($zh:literal, $en:literal $(, $($arg:tt)*)?) => {
        $crate::i18n::Text { zh: format!($zh $(, $($arg)*)?), en: format!($en $(, $($arg)*)?) }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_speaks_both_languages_with_the_same_values() {
        let path = "/mnt/replica";
        let t = text!("已挂载 {path}：{} 项", "mounted at {path}: {} entries", 3);
        assert_eq!(t.get(Lang::Zh), "已挂载 /mnt/replica：3 项");
        assert_eq!(t.get(Lang::En), "mounted at /mnt/replica: 3 entries");
    }

    #[test]
    fn one_of_a_thing_is_not_many() {
        assert_eq!(counted(1_usize, "pack", "packs"), "1 pack");
        assert_eq!(counted(0_i64, "copy", "copies"), "0 copies");
        assert_eq!(counted(21_u64, "pack", "packs"), "21 packs");
    }

    #[test]
    fn only_a_locale_that_names_another_language_leaves_chinese() {
        for zh in ["", "C", "C.UTF-8", "POSIX", "zh_CN.UTF-8", "zh_TW"] {
            assert_eq!(Lang::from_locale(zh), Lang::Zh, "{zh}");
        }
        for en in ["en_US.UTF-8", "en", "de_DE"] {
            assert_eq!(Lang::from_locale(en), Lang::En, "{en}");
        }
    }
}
