//! Wrong arguments, said in the operator's language.
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What is wrong with the arguments and what to do.
pub fn explain(error: &clap::Error) -> Text {
    let said = |kind| match error.get(kind) {
        Some(ContextValue::String(s)) => SafeText::new(s).to_string(),
        Some(ContextValue::Strings(all)) => SafeText::new(&all.join(" ")).to_string(),
        Some(ContextValue::StyledStrs(all)) => {
            all.iter().map(|s| s.to_string()).collect::<Vec<_>>().join(" ")
        }
        _ => String::new(),
    };
    let argument = said(ContextKind::InvalidArg);
    let value = said(ContextKind::InvalidValue);
    let what = match error.kind() {
        ErrorKind::UnknownArgument => text!("不认识的参数 {argument}", "unknown argument {argument}"),
        ErrorKind::InvalidSubcommand => {
            let command = said(ContextKind::InvalidSubcommand);
            text!("不认识的命令 {command}", "unknown command {command}")
        }
        ErrorKind::InvalidValue if value.is_empty() => {
            text!("{argument} 后面缺少值", "{argument} needs a value")
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            text!("{argument} 的值不对：{value}", "wrong value for {argument}: {value}")
        }
        ErrorKind::MissingRequiredArgument => text!("缺少参数 {argument}", "missing argument {argument}"),
        ErrorKind::ArgumentConflict => text!(
            "{argument} 重复了，或与别的参数冲突",
            "{argument} is there twice, or does not go with another argument"
        ),
        ErrorKind::NoEquals => {
            text!("{argument} 的值要用等号连着写", "the value of {argument} must follow an equals sign")
        }
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            text!("{argument} 的值的个数不对", "wrong number of values for {argument}")
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            text!("缺少子命令", "a subcommand is missing")
        }
        ErrorKind::InvalidUtf8 => text!("参数不是 UTF-8 文字", "an argument is not UTF-8 text"),
        _ => text!("参数不对", "the arguments are wrong"),
    };
    let meant = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand, ContextKind::SuggestedValue];
    let meant = meant.into_iter().map(said).find(|s| !s.is_empty());
    let valid = said(ContextKind::ValidValue);
    let hint = match meant {
        Some(meant) => text!("是不是想写 {meant}？", "did you mean {meant}?"),
        None if !valid.is_empty() => text!("可以写：{valid}。", "known values: {valid}."),
        None => text!("", ""),
    };
    Text {
        zh: format!("{}\n  办法：{}opsdeck --help 列出命令和参数", what.zh, hint.zh),
        en: format!("{}\n  hint: {}opsdeck --help lists commands and arguments", what.en, spaced(&hint.en)),
    }
}

fn spaced(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{text} ") }
}
