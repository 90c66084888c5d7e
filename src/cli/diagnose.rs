//! `opsdeck diagnose`: why is there no new backup on Windows, and what mends it.
use super::args::{DiagnoseArgs, DiagnoseFormat};
use super::check::{GOODBYE, chosen, look_at, plain};
use super::output::Report;
use super::{Context, Exit, Said, out};
use crate::clock;
use crate::config::model::Environment;
use crate::core::diagnose::{Certainty, Diagnosis, diagnose, diagnose_night, render, unreachable};
use crate::core::gap::Gap;
use crate::core::safetext::SafeText;
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::fleet::Fleet;
use crate::i18n::Text;
use crate::remote::Host;
use crate::text;
use anyhow::Context as _;
use jiff::civil::Date;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// Version of the JSON form.
pub const SCHEMA: u32 = 1;

/// Looks at servers, read-only, and explains last night, or the night that was named.
///
/// # Errors
/// It could not be asked at all: no configuration, an unknown environment, a date that is none.
pub fn run(context: &Context, args: &DiagnoseArgs) -> anyhow::Result<Exit> {
    let date = args.at.as_deref().map(night).transpose()?;
    let fleet = context.fleet()?;
    let envs = chosen(&fleet, &args.env)?;
    let runtime = tokio::runtime::Runtime::new().context("tokio runtime")?;
    let servers = envs.into_iter().map(|e| (fleet.host(e), e.clone())).collect();
    let all = runtime.block_on(explain_all(servers, date));
    let state = State::of_all(all.iter().map(|d| d.state));
    out::line(&said(context, args, &fleet, &all))?;
    Ok(Exit::Found(state))
}

/// `2026-02-01`.
fn night(word: &str) -> anyhow::Result<Date> {
    word.parse().map_err(|_| {
        let word = SafeText::new(word);
        Said(text!(
            "看不懂日期 {word}，什么也没做。办法：写成 2026-02-01",
            "{word} is no date, nothing was done. Mend: write it as 2026-02-01"
        ))
        .into()
    })
}

/// Asks every server at the same time.
async fn explain_all(servers: Vec<(Arc<dyn Host>, Environment)>, date: Option<Date>) -> Vec<Diagnosis> {
    let one = |(host, env): (Arc<dyn Host>, Environment)| {
        let asked = env.clone();
        (env, tokio::spawn(async move { explain(host.as_ref(), &asked, date).await }))
    };
    let tasks: Vec<_> = servers.into_iter().map(one).collect();
    let mut all = Vec::with_capacity(tasks.len());
    for (env, task) in tasks {
        all.push(task.await.unwrap_or_else(|e| {
            tracing::error!(env = %env.key, why = %e, "diagnosis died");
            let what = text!("诊断过程本身出错", "the diagnosis itself failed");
            let hint = text!(
                "再试一次；把诊断日志发给开发者",
                "try again; send the diagnostic log to the developers"
            );
            unreached(&env, what, hint, 0, date)
        }));
    }
    all
}

/// Between two looks: a backup that writes has grown, and its step is written anew every 15 s.
const AGAIN: Duration = Duration::from_secs(16);

/// One look at one server, explained; and one more where a backup says that it runs and one look cannot tell whether it moves.
pub async fn explain(host: &dyn Host, env: &Environment, date: Option<Date>) -> Diagnosis {
    let first = look_at(host, env).await;
    let mut diagnosis = of_report(env, &first, date);
    if date.is_none() && may_run(&diagnosis) {
        tracing::info!(env = %env.key, "a second look");
        sleep(AGAIN).await;
        let second = look_at(host, env).await;
        match came_to_nothing(&second) {
            None => diagnosis = of_reports(env, &second, first.snapshot.as_ref(), None),
            Some((why, hint)) => diagnosis.second_look_failed(why, hint),
        }
        diagnosis.took_ms = first.verdict.took_ms.saturating_add(second.verdict.took_ms);
    }
    // the answer is here; a link that will not close must not keep it
    let _closed = timeout(GOODBYE, host.close()).await;
    diagnosis
}

/// Why a second look says less than the first, and what to do about it; nothing where it was answered to its end.
fn came_to_nothing(second: &Report) -> Option<(Text, Text)> {
    let answered = second.snapshot.as_ref().is_some_and(|look| look.answered > 0);
    if answered && second.link_error.is_none() {
        return None;
    }
    let link = second.verdict.checks.iter().find(|c| c.id == "link");
    let why = link.map_or_else(|| Gap::NoAnswer.text(), |c| c.summary.clone());
    Some((why, link.and_then(|c| c.next.clone()).unwrap_or_else(|| Gap::NoAnswer.hint())))
}

/// A backup that looks alive, and is not seen to move.
fn may_run(d: &Diagnosis) -> bool {
    d.findings.iter().any(|f| f.cause == "running" && f.certainty != Certainty::Proved)
}

/// What a look says about last night, or about the night that was named.
pub fn of_report(env: &Environment, report: &Report, date: Option<Date>) -> Diagnosis {
    of_reports(env, report, None, date)
}

fn of_reports(
    env: &Environment,
    report: &Report,
    earlier: Option<&Snapshot>,
    date: Option<Date>,
) -> Diagnosis {
    let link = report.verdict.checks.iter().find(|c| c.id == "link");
    let hint = link.and_then(|c| c.next.clone()).unwrap_or_default();
    let what = link.map(|c| c.summary.clone());
    let now = clock::now();
    let diagnosis = match (&report.snapshot, what) {
        (None, what) => unreached(env, what.unwrap_or_default(), hint, report.verdict.took_ms, date),
        (Some(look), what) => {
            let mut diagnosis = match date {
                None => diagnose(env, look, earlier, now),
                Some(date) => diagnose_night(env, look, date, now),
            };
            if let Some(what) = what {
                diagnosis.cut_short(what, hint);
            }
            diagnosis
        }
    };
    let causes: Vec<&str> = diagnosis.findings.iter().map(|f| f.cause).collect();
    tracing::info!(env = %env.key, state = ?diagnosis.state, ?causes, "diagnosed");
    diagnosis
}

/// A server of which nothing is known, asked about this night.
fn unreached(env: &Environment, what: Text, hint: Text, took_ms: u64, date: Option<Date>) -> Diagnosis {
    let mut diagnosis = unreachable(env, what, hint, clock::now(), took_ms);
    diagnosis.night = date.map(|date| date.to_string());
    diagnosis
}

fn said(context: &Context, args: &DiagnoseArgs, fleet: &Fleet, all: &[Diagnosis]) -> String {
    let lang = context.lang;
    let demo = fleet.scenario().map(|name| {
        text!("【演示：内置服务器，场景 {name}】\n", "[demo: built-in servers, scenario {name}]\n")
    });
    let head = demo.map(|d| d.get(lang).to_owned()).unwrap_or_default();
    match args.format {
        DiagnoseFormat::Json => json_form(all, clock::now()),
        DiagnoseFormat::Md => {
            let parts: Vec<String> = all.iter().map(|d| render::markdown(d, lang)).collect();
            format!("{}{}", if head.is_empty() { head } else { format!("{head}\n") }, parts.join("\n"))
        }
        DiagnoseFormat::Text => {
            let style = render::Style { lang, colour: !plain() };
            let parts: Vec<String> = all.iter().map(|d| render::text(d, style)).collect();
            format!("{head}{}", parts.join("\n"))
        }
    }
}

/// For machines.
pub fn json_form(all: &[Diagnosis], now: EpochMs) -> String {
    let state = State::of_all(all.iter().map(|d| d.state));
    let one = |d: &Diagnosis| {
        let mut value = json!(d);
        // all of what the findings offer, in the order in which it is to be done
        if let Some(fields) = value.as_object_mut() {
            fields.insert("steps".into(), json!(d.steps()));
        }
        value
    };
    let whole = json!({
        "schema": SCHEMA,
        "program": {"name": "opsdeck", "version": env!("CARGO_PKG_VERSION")},
        "generated_ms": now,
        "state": state,
        "exit_code": state.exit_code(),
        "diagnoses": all.iter().map(one).collect::<Vec<_>>(),
    });
    format!("{whole:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::remote::LinkError;
    use crate::remote::error::LinkErrorKind;
    use crate::remote::scripted::{Canned, ScriptedHost};

    #[test]
    fn a_date_is_a_date() {
        assert_eq!(night("2026-02-01").unwrap().to_string(), "2026-02-01");
        for bad in ["", "昨天", "2026-13-01", "01.02.2026", "20260201x"] {
            assert!(night(bad).unwrap_err().downcast_ref::<Said>().is_some(), "{bad}");
        }
    }

    #[test]
    fn every_command_that_is_offered_is_one() {
        use crate::cli::{Parsed, parse};
        use crate::core::plan::{Action, How, Service};
        let actions = [
            Action::Mount { new_password: false },
            Action::Mount { new_password: true },
            Action::Unmount { lazy: false },
            Action::Unmount { lazy: true },
            Action::Backup { full: false },
            Action::Backup { full: true },
            Action::Cancel { force: false },
            Action::Cancel { force: true },
            Action::ClearLock,
            Action::CloseGhost,
            Action::Services { which: Service::Backend, how: How::Restart },
            Action::Services { which: Service::Ragflow, how: How::Start },
        ];
        for action in actions {
            let line = action.command("prod");
            let words: Vec<std::ffi::OsString> = line.split(' ').map(Into::into).collect();
            assert!(matches!(parse(&words, ""), Parsed::Run(_)), "{line}");
        }
    }

    #[tokio::test]
    async fn a_diagnosis_is_one_exchange_whatever_it_finds() {
        for canned in [Canned::prints(""), Canned::exits(1)] {
            let host = ScriptedHost::new().on("look", canned);
            explain(&host, &example(), None).await;
            let asked: Vec<&str> = host.asked().iter().map(|a| a.name).collect();
            assert_eq!(asked, ["look"]);
        }
    }

    #[tokio::test]
    async fn a_lost_link_leaves_nothing_green() {
        let lost = LinkError::new(LinkErrorKind::Lost, "reset");
        for canned in [Canned::prints(""), Canned::unknown(lost)] {
            let host = ScriptedHost::new().on("look", canned);
            let d = explain(&host, &example(), None).await;
            assert_eq!(d.state, State::Unknown, "{d:?}");
            assert!(!d.unchecked.is_empty() && d.findings.is_empty(), "{d:?}");
            let text = render::text(&d, render::Style { lang: crate::i18n::Lang::Zh, colour: false });
            assert!(text.lines().next().unwrap().contains("[?] 未知"), "{text}");
        }
    }
}
