//! `opsdeck check`: one look at each server, and what it means.
use super::args::{CheckArgs, CheckFormat};
use super::on_change::{self, Now, Watch};
use super::output::{Report, json, nagios, prometheus, text};
use super::{Context, Exit, Said, out};
use crate::clock;
use crate::config::model::Environment;
use crate::core::state::State;
use crate::core::verdict;
use crate::fleet::Fleet;
use crate::i18n::Text;
use crate::look;
use crate::remote::Host;
use crate::text;
use anyhow::Context as _;
use std::io::IsTerminal;
use std::sync::Arc;
use std::time::Duration;

/// A link that does not close by itself is left behind after this long; its master leaves on its own.
pub(super) const GOODBYE: Duration = Duration::from_secs(3);

/// Looks at servers, read-only, and says how they are. The servers are asked at the same time.
///
/// # Errors
/// The check could not be made at all: no configuration, an unknown environment, no room for the output.
pub fn run(context: &Context, args: &CheckArgs) -> anyhow::Result<Exit> {
    let fleet = context.fleet()?;
    let envs = chosen(&fleet, &args.env)?;
    let runtime = tokio::runtime::Runtime::new().context("tokio runtime")?;
    let reports = runtime.block_on(ask_all(envs.into_iter().map(|e| (fleet.host(e), e.clone())).collect()));
    let state = State::of_all(reports.iter().map(|r| r.verdict.state));
    let said = render(context, args, &fleet, &reports);
    let written = match &args.output {
        Some(path) => prometheus::write(path, &said).map_err(|e| not_written(path, &e).into()),
        None => out::line(&said).map_err(anyhow::Error::from),
    };
    // the check stands; whoever waits for a word of it gets one, also when its output could not be written
    if !args.on_change.is_empty() {
        tell(context, args, &fleet, &reports, &runtime);
    }
    written?;
    Ok(Exit::Found(state))
}

/// Tells a command what changed since the last time. Its troubles are said on standard error and change nothing else.
fn tell(
    context: &Context,
    args: &CheckArgs,
    fleet: &Fleet,
    reports: &[Report],
    runtime: &tokio::runtime::Runtime,
) {
    let lang = context.lang;
    let style = text::Style { lang, colour: false, verbose: false };
    let all: Vec<Now> = reports.iter().map(|r| Now::of(r, text::render(r, style), lang)).collect();
    // the built-in servers are one configuration, whatever happens on them
    let configuration = match fleet.scenario() {
        Some(_) => "demo".to_owned(),
        None => {
            let source = &fleet.config().source;
            source.canonicalize().unwrap_or_else(|_| source.clone()).to_string_lossy().into_owned()
        }
    };
    let folder = crate::folders::state();
    let watch = Watch {
        command: &args.on_change,
        configuration,
        environments: reports.iter().map(|r| r.verdict.env.0.clone()).collect(),
        folder: folder.as_deref(),
        secret_variables: fleet.config().secret_variables(),
        lang,
        limit: on_change::LIMIT,
    };
    for trouble in runtime.block_on(watch.tell(&all)) {
        tracing::warn!("{}", trouble.en);
        out::complain(&format!("opsdeck: {}", trouble.get(lang)));
    }
}

/// The environments that were named, each once, in the order of the configuration; all if none was.
pub(super) fn chosen<'a>(fleet: &'a Fleet, keys: &[String]) -> anyhow::Result<Vec<&'a Environment>> {
    for key in keys {
        fleet.environment(key)?;
    }
    let all = &fleet.config().environments;
    Ok(all.iter().filter(|e| keys.is_empty() || keys.contains(&e.key.0)).collect())
}

/// Asks every server at the same time: a slow one does not keep the others waiting.
async fn ask_all(servers: Vec<(Arc<dyn Host>, Environment)>) -> Vec<Report> {
    let ask = |(host, env): (Arc<dyn Host>, Environment)| {
        let asked = env.clone();
        (env, tokio::spawn(async move { ask(host.as_ref(), &asked).await }))
    };
    let tasks: Vec<_> = servers.into_iter().map(ask).collect();
    let mut reports = Vec::with_capacity(tasks.len());
    for (env, task) in tasks {
        reports.push(task.await.unwrap_or_else(|e| died(&env, &e.to_string())));
    }
    reports
}

/// One look and its verdict, and the link is closed. A look that failed is a report too.
pub async fn ask(host: &dyn Host, env: &Environment) -> Report {
    let report = look_at(host, env).await;
    // the answer is here; a link that will not close must not keep it
    let _closed = tokio::time::timeout(GOODBYE, host.close()).await;
    report
}

/// One look and its verdict, over a link that stays.
pub async fn look_at(host: &dyn Host, env: &Environment) -> Report {
    let began = clock::tick();
    let taken = look::take(host, env).await;
    let took_ms = u64::try_from(clock::tick().duration_since(began).as_millis()).unwrap_or(u64::MAX);
    let report = match taken {
        Ok(look) => {
            let mut verdict = verdict::judge(env, &look.snapshot);
            if let Some(error) = &look.cut_short {
                verdict.cut_short(error.summary(), error.hint(), Text::same(error.detail.as_str()));
            }
            let link_error = look.cut_short.map(|e| e.kind.code());
            Report { verdict, snapshot: Some(look.snapshot), link_error }
        }
        Err(error) => {
            let detail = Text::same(error.detail.as_str());
            let verdict =
                verdict::unreachable(env, error.summary(), error.hint(), detail, clock::now(), took_ms);
            Report { verdict, snapshot: None, link_error: Some(error.kind.code()) }
        }
    };
    tracing::info!(env = %env.key, state = ?report.verdict.state, took_ms, link_error = report.link_error, demo = !host.root().is_empty(), "look");
    report
}

/// The look itself came to grief: nothing is known.
fn died(env: &Environment, why: &str) -> Report {
    tracing::error!(env = %env.key, why, "look died");
    let summary = text!("检查过程本身出错", "the look itself failed");
    let hint =
        text!("再检查一次；把诊断日志发给开发者", "check again; send the diagnostic log to the developers");
    let detail = Text::same(crate::core::safetext::SafeText::new(why).as_str());
    Report {
        verdict: verdict::unreachable(env, summary, hint, detail, clock::now(), 0),
        snapshot: None,
        link_error: Some("died"),
    }
}

fn render(context: &Context, args: &CheckArgs, fleet: &Fleet, reports: &[Report]) -> String {
    match args.format {
        CheckFormat::Json => json::render(reports, clock::now()),
        CheckFormat::Nagios => nagios::render(reports, context.lang),
        CheckFormat::Prometheus => prometheus::render(reports, clock::now()),
        CheckFormat::Text => {
            let colour = args.output.is_none() && !plain();
            let style = text::Style { lang: context.lang, colour, verbose: args.verbose };
            let demo = fleet.scenario().map(|name| {
                text!("【演示：内置服务器，场景 {name}】\n", "[demo: built-in servers, scenario {name}]\n")
            });
            let head = demo.map(|d| d.get(context.lang).to_owned()).unwrap_or_default();
            let parts: Vec<String> = reports.iter().map(|r| text::render(r, style)).collect();
            format!("{head}{}", parts.join("\n"))
        }
    }
}

/// Whether standard output takes no colours: a file, or a terminal that says so.
pub(super) fn plain() -> bool {
    !std::io::stdout().is_terminal()
        || std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
        || std::env::var_os("TERM").is_none_or(|t| t == "dumb")
}

fn not_written(path: &std::path::Path, error: &std::io::Error) -> Said {
    let path = crate::core::safetext::SafeText::new(&path.to_string_lossy());
    Said(text!(
        "写不了 {path}：{error}。旧文件没有动。办法：检查文件夹是否存在、可写、有空间",
        "cannot write {path}: {error}. The old file was left alone. Mend: see whether the folder is there, writable and has room"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::remote::scripted::{Canned, ScriptedHost};

    #[tokio::test(start_paused = true)]
    async fn servers_are_asked_at_the_same_time() {
        let slow = || {
            let host = ScriptedHost::new().on("look", Canned::prints("").after(Duration::from_secs(10)));
            (Arc::new(host) as Arc<dyn Host>, example())
        };
        let began = tokio::time::Instant::now();
        let reports = ask_all(vec![slow(), slow(), slow()]).await;
        assert_eq!((reports.len(), began.elapsed().as_secs()), (3, 10));
    }
}
