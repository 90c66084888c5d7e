//! The commands without a screen, and their output formats.
//!
//! [`parse`] turns words into a [`Cli`] and a language, [`run`] does what it says and returns an [`Exit`].
//! Errors travel as `anyhow` up to `main`, which asks [`explain`] for the words an operator reads.
pub mod act;
pub mod args;
pub mod bundle;
pub mod check;
pub mod config;
pub mod diagnose;
pub mod doctor;
pub mod exit;
pub mod help;
pub mod journal;
pub mod log;
pub mod on_change;
pub mod out;
pub mod output;
pub mod runbook;
pub mod trust;
pub mod usage;

pub use args::{Cli, Command, Demo};
pub use exit::Exit;

use crate::config::{Config, ConfigError, Found, Places};
use crate::core::plan::Action;
use crate::core::safetext::SafeText;
use crate::fleet::Fleet;
use crate::i18n::{Lang, Text};
use crate::text;
use clap::FromArgMatches;
use std::ffi::OsString;

/// An error that is already in the operator's words.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}", .0.en)]
pub struct Said(pub Text);

/// What every command gets.
#[derive(Clone, Debug)]
pub struct Context {
    /// The language of the output.
    pub lang: Lang,
    /// The command line.
    pub cli: Cli,
}

impl Context {
    /// The command's name, for the log.
    pub fn name(&self) -> &'static str {
        match &self.cli.command {
            None => "console",
            Some(Command::Check(_)) => "check",
            Some(Command::Mount(_)) => "mount",
            Some(Command::Unmount(_)) => "unmount",
            Some(Command::Backup(_)) => "backup",
            Some(Command::Cancel(_)) => "cancel",
            Some(Command::Unlock(_)) => "unlock",
            Some(Command::CloseGhost(_)) => "close-ghost",
            Some(Command::Services(_)) => "services",
            Some(Command::Attach(_)) => "attach",
            Some(Command::Journal(_)) => "journal",
            Some(Command::Diagnose(_)) => "diagnose",
            Some(Command::Runbook(_)) => "runbook",
            Some(Command::Bundle(_)) => "bundle",
            Some(Command::Doctor(_)) => "doctor",
            Some(Command::Config(_)) => "config",
            Some(Command::Trust(_)) => "trust",
            Some(Command::Log(_)) => "log",
        }
    }

    /// Where the configuration is looked for.
    pub fn places(&self) -> Places {
        Places {
            option: self.cli.config.clone(),
            variable: std::env::var_os(crate::config::VARIABLE),
            cwd: std::env::current_dir().ok(),
            settings: crate::folders::config(),
        }
    }

    /// The configuration file that is used.
    ///
    /// # Errors
    /// None was named and none of the folders has one.
    pub fn located(&self) -> anyhow::Result<Found> {
        crate::config::locate(&self.places()).map_err(|not_found| Said(not_found.text()).into())
    }

    /// The configuration that is used.
    ///
    /// # Errors
    /// As [`Context::located`], or the file was refused.
    pub fn config(&self) -> anyhow::Result<Config> {
        Ok(crate::config::load(&self.located()?.path)?)
    }

    /// The servers that are meant: the built-in ones with `--demo`, else those of the configuration.
    ///
    /// # Errors
    /// As [`Context::config`], or the built-in servers could not be made.
    pub fn fleet(&self) -> anyhow::Result<Fleet> {
        let scenario = match self.cli.demo() {
            None => return Ok(Fleet::real(self.config()?)),
            Some(Demo::Named(name)) => name,
            Some(Demo::Default | Demo::List) => "healthy".into(),
        };
        Fleet::demo(&scenario, self.cli.demo_dir.as_deref()).map_err(|e| Said(e.0).into())
    }
}

/// What the words of the command line come to.
#[derive(Debug)]
pub enum Parsed {
    /// Something to do.
    Run(Box<Context>),
    /// A text that was asked for: help, version.
    Print(String),
    /// Wrong words; for standard error.
    Wrong(String),
}

/// Reads the command line. `locale` is the value of the first of `LC_ALL`, `LC_MESSAGES`, `LANG` that is set.
pub fn parse(words: &[OsString], locale: &str) -> Parsed {
    // the language decides how a mistake in the other words is told, so it is looked for first
    let lang = asked_language(words).unwrap_or(Lang::from_locale(locale));
    let matches = help::command(lang).try_get_matches_from(words);
    let cli = matches.and_then(|m| Cli::from_arg_matches(&m));
    match cli {
        Ok(cli) => Parsed::Run(Box::new(Context { lang: cli.lang.unwrap_or(lang), cli })),
        Err(e) if !e.use_stderr() => Parsed::Print(e.to_string()),
        Err(e) if e.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            Parsed::Wrong(e.to_string())
        }
        Err(e) => Parsed::Wrong(format!("opsdeck: {}", usage::explain(&e).get(lang))),
    }
}

/// The last `--lang` among the words, if it names a language.
fn asked_language(words: &[OsString]) -> Option<Lang> {
    let mut found = None;
    let mut words = words
        .iter()
        .map(|w| w.to_str().unwrap_or_default())
        .take_while(|w| *w != "--" && *w != "--on-change");
    while let Some(word) = words.next() {
        let value = if word == "--lang" { words.next() } else { word.strip_prefix("--lang=") };
        found = match value {
            Some("zh") => Some(Lang::Zh),
            Some("en") => Some(Lang::En),
            _ => found,
        };
    }
    found
}

/// Does what the command line says.
///
/// # Errors
/// The command could not work; [`explain`] says why in the operator's words.
pub fn run(context: &Context) -> anyhow::Result<Exit> {
    if context.cli.demo() == Some(Demo::List) {
        return scenarios(context.lang);
    }
    if let (Some(key), Some(_)) = (&context.cli.open, &context.cli.command) {
        let key = SafeText::new(key);
        return Err(Said(text!(
            "命令前面的 --env {key} 只用于打开控制台，什么也没做。办法：写在命令后面",
            "--env {key} in front of a command is for the console, nothing was done. Mend: write it behind the command"
        ))
        .into());
    }
    match &context.cli.command {
        None => crate::tui::run(context),
        Some(Command::Check(args)) => check::run(context, args),
        Some(Command::Mount(a)) => act::run(context, &a.act, Action::Mount { new_password: a.new_password }),
        Some(Command::Unmount(a)) => act::run(context, &a.act, Action::Unmount { lazy: a.lazy }),
        Some(Command::Backup(a)) => act::backup::run(context, a),
        Some(Command::Cancel(a)) => act::run(context, &a.act, Action::Cancel { force: a.force }),
        Some(Command::Unlock(a)) => act::unlock::run(context, a),
        Some(Command::CloseGhost(a)) => act::run(context, a, Action::CloseGhost),
        Some(Command::Services(a)) => {
            act::run(context, &a.act, Action::Services { which: a.which, how: a.how })
        }
        Some(Command::Attach(args)) => act::attach::run(context, args),
        Some(Command::Journal(args)) => journal::run(context, args),
        Some(Command::Diagnose(args)) => diagnose::run(context, args),
        Some(Command::Runbook(args)) => runbook::run(context, args),
        Some(Command::Bundle(args)) => bundle::run(context, args),
        Some(Command::Doctor(args)) => doctor::run(context, args),
        Some(Command::Config(_)) if context.cli.demo().is_some() => Err(Said(text!(
            "内置服务器不用配置文件。办法：去掉 --demo",
            "the built-in servers need no configuration. Mend: leave --demo out"
        ))
        .into()),
        Some(Command::Config(command)) => config::run(context, *command),
        Some(Command::Trust(args)) => trust::command(context, args),
        Some(Command::Log(command)) => log::run(context, *command),
    }
}

/// `--demo=list`: what the built-in servers can show.
fn scenarios(lang: Lang) -> anyhow::Result<Exit> {
    let lines = crate::demo::names().into_iter().map(|n| format!("{:<20}{}", n.name, n.line.get(lang)));
    out::line(&lines.collect::<Vec<_>>().join("\n"))?;
    Ok(Exit::DONE)
}

/// The honest answer of a command that this build does not have.
pub fn not_built() -> anyhow::Error {
    Said(text!("这个版本还没有这个功能，什么也没做", "this build cannot do that yet; nothing was done"))
        .into()
}

/// An error in the operator's words.
pub fn explain(error: &anyhow::Error, lang: Lang) -> String {
    if let Some(refused) = error.downcast_ref::<ConfigError>() {
        let head = text!("配置文件有误，什么也没做：", "the configuration is refused, nothing was done:");
        return format!("opsdeck: {}\n{}", head.get(lang), refused.render(lang));
    }
    if let Some(unknown) = error.downcast_ref::<crate::fleet::NoSuchEnvironment>() {
        return format!("opsdeck: {}", unknown.text().get(lang));
    }
    if let Some(Said(text)) = error.downcast_ref::<Said>() {
        return format!("opsdeck: {}", text.get(lang));
    }
    let detail = SafeText::new(&format!("{error:#}"));
    let text = text!("没有完成：{detail}", "not done: {detail}");
    format!("opsdeck: {}", text.get(lang))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(line: &str) -> Context {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        match parse(&words, "") {
            Parsed::Run(context) => *context,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn wrong(line: &str, locale: &str) -> String {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        match parse(&words, locale) {
            Parsed::Wrong(said) => said,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn demo_stands_before_or_after_the_command_and_swallows_no_word() {
        for line in ["opsdeck --demo check", "opsdeck check --demo"] {
            let c = context(line);
            assert_eq!(c.cli.demo(), Some(Demo::Default), "{line}");
            assert!(matches!(c.cli.command, Some(Command::Check(_))), "{line}");
        }
        assert_eq!(context("opsdeck --demo=list").cli.demo(), Some(Demo::List));
        let c = context("opsdeck check --demo=lost --demo-dir /tmp/x --env a --env b");
        assert_eq!(c.cli.demo(), Some(Demo::Named("lost".into())));
        assert_eq!(c.cli.demo_dir, Some("/tmp/x".into()));
        assert!(context("opsdeck").cli.command.is_none());
        assert_eq!(context("opsdeck").cli.demo(), None);
    }

    #[test]
    fn language_comes_from_the_option_before_the_locale() {
        assert_eq!(context("opsdeck check").lang, Lang::Zh);
        assert_eq!(context("opsdeck check --lang en").lang, Lang::En);
        assert_eq!(context("opsdeck --lang=en doctor").lang, Lang::En);
        assert!(wrong("opsdeck chekc", "en_US.UTF-8").starts_with("opsdeck: unknown command chekc"));
        assert!(wrong("opsdeck chekc --lang zh", "en_US.UTF-8").contains("不认识的命令 chekc"));
        assert!(wrong("opsdeck --lang fr", "zh_CN").contains("--lang"));
    }

    #[test]
    fn wrong_words_are_told_in_chinese_with_a_way_out() {
        for (line, expected) in [
            ("opsdeck --cofnig x", "不认识的参数 --cofnig"),
            ("opsdeck trust", "缺少参数"),
            ("opsdeck check --format xml", "text json nagios prometheus"),
            ("opsdeck check --env", "缺少值"),
            ("opsdeck --config a --config b check", "重复"),
        ] {
            let said = wrong(line, "zh_CN.UTF-8");
            assert!(said.contains(expected) && said.contains("办法："), "{line}: {said}");
        }
    }
}
