//! The parts, gathered: one look, the excerpts of the logs, and what this workstation knows.
use super::{Form, Gathered, excerpt, versions};
use crate::activity;
use crate::cli::output::{Report, json, text as report_text};
use crate::cli::{check, config as shown, diagnose};
use crate::clock;
use crate::config::model::{Config, Environment, SecretSource};
use crate::core::diagnose::render;
use crate::core::redact::Given;
use crate::core::safetext::SafeText;
use crate::i18n::{Lang, counted};
use crate::journal::Journal;
use crate::logging::file;
use crate::remote::Host;
use crate::text;
use secrecy::SecretString;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The newest entries of the journal.
const ENTRIES: usize = 500;
/// Bytes of the diagnostic log, from its end.
const LOG: u64 = 512 * 1024;

/// What a bundle is about.
pub struct Asked<'a> {
    /// The server.
    pub env: &'a Environment,
    /// What is configured.
    pub config: &'a Config,
    /// The configuration is a file that a person wrote, and goes along masked.
    pub file: Option<PathBuf>,
    /// Where the journal is.
    pub state: Option<PathBuf>,
    /// Where the diagnostic log is.
    pub log: Option<PathBuf>,
    /// Leave addresses as they are.
    pub raw_addresses: bool,
}

/// Gathers everything. What cannot be had is said; only reading is done.
pub async fn collect(host: &dyn Host, asked: &Asked<'_>) -> Gathered {
    let mut all = Gathered { given: given(asked), ..Gathered::default() };
    let report = check::look_at(host, asked.env).await;
    all.add("check.json", Form::Json, json::render(std::slice::from_ref(&report), clock::now()));
    for (lang, name) in [(Lang::Zh, "check.zh.txt"), (Lang::En, "check.en.txt")] {
        let style = report_text::Style { lang, colour: false, verbose: true };
        all.add(name, Form::Text, report_text::render(&report, style));
    }
    let diagnosis = diagnose::of_report(asked.env, &report, None);
    all.add(
        "diagnosis.json",
        Form::Json,
        diagnose::json_form(std::slice::from_ref(&diagnosis), clock::now()),
    );
    for (lang, name) in [(Lang::Zh, "diagnosis.zh.txt"), (Lang::En, "diagnosis.en.txt")] {
        let style = render::Style { lang, colour: false };
        all.add(name, Form::Text, render::text(&diagnosis, style));
    }
    what_is_lacking(&report, &mut all);
    let docker = match &report.snapshot {
        // who could not be asked once is not asked again
        None => {
            let why = report.verdict.headline.clone();
            excerpt::nothing(&why, &mut all);
            None
        }
        look => excerpt::add(host, asked.env, look.as_ref(), &mut all).await,
    };
    let document = versions::document(report.snapshot.as_ref(), docker.as_ref());
    if docker.is_none() {
        all.lacks("versions.json", text!("Docker 的版本没有取到", "the version of Docker could not be had"));
    }
    all.add("versions.json", Form::Json, document.to_string());
    journal(asked, &mut all);
    log(asked, &mut all);
    configuration(asked, &mut all);
    if let Some(Ok(identity)) = report.snapshot.as_ref().map(|s| &s.identity) {
        all.given.names.push(identity.hostname.to_string());
    }
    all
}

/// A look that failed or was cut short leaves a hole in what comes from it.
fn what_is_lacking(report: &Report, all: &mut Gathered) {
    if report.link_error.is_some() {
        let link = report.verdict.checks.iter().find(|c| c.id == "link");
        let why = link.map_or_else(|| report.verdict.headline.clone(), |c| c.summary.clone());
        all.lacks("check.json", why);
    }
}

/// The journal's entries of this environment.
fn journal(asked: &Asked<'_>, all: &mut Gathered) {
    const NAME: &str = "journal.jsonl";
    let Some(state) = &asked.state else {
        return all.lacks(NAME, text!("不知道主目录在哪里", "there is no home folder"));
    };
    match Journal::below(state).kept() {
        Ok(kept) => {
            let own: Vec<_> = kept.entries.iter().filter(|e| e.env == asked.env.key.0).collect();
            let newest = own.iter().skip(own.len().saturating_sub(ENTRIES));
            let lines: Vec<String> = newest.filter_map(|e| serde_json::to_string(e).ok()).collect();
            all.add(NAME, Form::JsonLines, lines.join("\n"));
            let torn = kept.torn.len();
            if torn > 0 {
                let lines = counted(torn, "line", "lines");
                all.lacks(
                    NAME,
                    text!("有 {torn} 行读不出来，不在里面", "not in it, because not to be read: {lines}"),
                );
            }
        }
        Err(error) => all.lacks(NAME, error.text()),
    }
}

/// The end of the diagnostic log, of as many days as fit.
fn log(asked: &Asked<'_>, all: &mut Gathered) {
    const NAME: &str = "opsdeck-log.jsonl";
    let Some(folder) = &asked.log else { return };
    let mut room = LOG;
    let mut days: Vec<String> = Vec::new();
    for path in file::files(folder) {
        if room == 0 {
            break;
        }
        match activity::tail(&path, room) {
            Ok(bytes) => {
                room = room.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
                days.push(String::from_utf8_lossy(&bytes).into_owned());
            }
            Err(error) => {
                let why = SafeText::new(&error.to_string());
                all.lacks(
                    NAME,
                    text!("有一天的日志读不出来：{why}", "the log of a day cannot be read: {why}"),
                );
            }
        }
    }
    if days.is_empty() {
        return all.lacks(NAME, text!("没有诊断日志", "there is no diagnostic log"));
    }
    days.reverse();
    all.add(NAME, Form::JsonLines, days.concat());
}

/// What is configured for this environment, and the file as it is written, both without secrets.
fn configuration(asked: &Asked<'_>, all: &mut Gathered) {
    let own = Config { environments: vec![asked.env.clone()], ..asked.config.clone() };
    all.add("config.toml", Form::Text, shown::show(&own));
    let Some(path) = &asked.file else { return };
    match std::fs::read(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            all.add("environments.masked.toml", Form::Text, crate::config::masked(&text));
        }
        Err(error) => {
            let why = SafeText::new(&error.to_string());
            all.lacks("environments.masked.toml", text!("读不出来：{why}", "it cannot be read: {why}"));
        }
    }
}

/// Names of machines, this environment's first, and the passwords that can be had without asking anybody.
fn given(asked: &Asked<'_>) -> Given {
    let others = asked.config.environments.iter().filter(|e| e.key != asked.env.key);
    let all: Vec<&Environment> = std::iter::once(asked.env).chain(others).collect();
    let mut names: Vec<String> = Vec::new();
    for env in &all {
        names.push(env.host.clone());
        names.push(env.share.host.clone());
        names.extend(env.share.aliases.iter().cloned());
        names.extend(env.jump.iter().map(|jump| host_of(jump)));
    }
    names.push(rustix::system::uname().nodename().to_string_lossy().into_owned());
    // an alias that is called as its environment says nothing about where it is
    let keys: BTreeSet<&str> = all.iter().map(|e| e.key.0.as_str()).collect();
    names.retain(|name| !keys.contains(name.as_str()));
    let mut sources: Vec<&SecretSource> = all.iter().filter_map(|e| e.share.secret.as_ref()).collect();
    sources.dedup();
    let secrets = sources.into_iter().filter_map(secret).collect();
    Given { secrets, names, raw_addresses: asked.raw_addresses }
}

/// `user@host:port` without the user and the port.
fn host_of(jump: &str) -> String {
    let host = jump.rsplit('@').next().unwrap_or(jump);
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !name.ends_with(':') => {
            name.to_owned()
        }
        _ => host.to_owned(),
    }
}

/// A command or a person is not asked for a password that is only to be hidden.
fn secret(source: &SecretSource) -> Option<SecretString> {
    if !matches!(source, SecretSource::File(_) | SecretSource::Env(_)) {
        return None;
    }
    let secret = source.fetch(&text!("共享密码", "the share's password"), Lang::En).ok()?;
    let text = std::str::from_utf8(secret.bytes_for_stdin()).ok()?;
    Some(SecretString::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_is_known_by_its_host() {
        for (jump, host) in [
            ("user@gate.example:22", "gate.example"),
            ("gate", "gate"),
            ("u@10.0.0.1", "10.0.0.1"),
            ("gate:2222", "gate"),
        ] {
            assert_eq!(host_of(jump), host);
        }
    }
}
