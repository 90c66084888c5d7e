//! The screen.
//!
//! ```text
//!  keys, paste, size ──┐                                   ┌─> executor: looks, on tokio
//!  signals ────────────┼─> Msg ─> update ─> Effect ────────┤
//!  answers ────────────┘            │                      └─> screen: redraw, suspend, quit
//!                                 Model ─> view
//! ```
//!
//! - [`view`]: draws the model and does nothing else; [`ink`] has the styles, [`fit`] makes text fit
//! - [`app`]: the loop: a message, an update, its effects, a drawing; waits when there is nothing to do
//! - [`executor`]: does what an update asked for outside
//! - [`terminal`]: the terminal taken and given back; `input`, `signals`: what comes from it and about it; `probe`: what
//!   it can draw
pub mod app;
mod canvas;
pub mod clipboard;
pub mod executor;
pub mod fit;
pub mod ink;
mod input;
mod probe;
mod signals;
pub mod terminal;
pub mod view;
mod words;

use crate::cli::{Context, Exit, Said};
use crate::clock;
use crate::config::model::Environment;
use crate::core::console::{Model, Msg, Unfinished, deed};
use crate::core::plan::script::RunName;
use crate::journal::Journal;
use crate::text;
use anyhow::Context as _;
use app::Screen as _;
use std::io::IsTerminal;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Opens the console.
///
/// # Errors
/// There is no terminal, the configuration was refused, or the terminal went away.
pub fn run(context: &Context) -> anyhow::Result<Exit> {
    if !std::io::stdin().is_terminal() || !std::io::stdout().is_terminal() {
        return Err(Said(text!(
            "这里不是终端，打不开控制台，什么也没做。办法：用 opsdeck check，它的结果可以写进管道或文件",
            "this is no terminal, the console cannot open, nothing was done. Mend: use opsdeck check, whose output can go to a pipe or a file"
        ))
        .into());
    }
    let fleet = Arc::new(context.fleet()?);
    let runtime = tokio::runtime::Runtime::new().context("tokio runtime")?;
    let environments = fleet.config().environments.clone();
    let named = match &context.cli.open {
        Some(key) => {
            let key = &fleet.environment(key)?.key;
            environments.iter().position(|e| e.key == *key)
        }
        None => None,
    };
    let state = crate::folders::state();
    let remembered = state.as_deref().map(crate::remembered::load).unwrap_or_default();
    // a language on the command line is for this time
    let lang = context.cli.lang.or(remembered.lang).unwrap_or(context.lang);
    let mut model = Model::new(&environments, fleet.scenario(), lang).with(&remembered);
    model.zone_s = clock::zone_s();
    if let Some(state) = &state {
        model.unfinished = unfinished(&Journal::below(state), &environments);
    }
    let (send, mut inbox) = mpsc::channel::<Msg>(app::INBOX);
    let around = executor::Around {
        config: fleet.config().clone(),
        demo: fleet.scenario().map(str::to_owned),
        journal: state.clone(),
        log: crate::logging::folder(),
    };
    let ways = Arc::clone(&fleet);
    let ways = Box::new(move |env: &_| ways.host(env));
    let mut executor =
        executor::Executor::new(environments, ways, send.clone()).keeping(state).bundling(around);
    let variable = |name| std::env::var_os(name).map(|v| v.to_string_lossy().into_owned());
    let term = variable("TERM");
    let ink = ink::Ink::from_variables(variable("NO_COLOR").as_deref(), term.as_deref());
    let ask = probe::worthwhile(term.as_deref());
    let way = clipboard::Way::from_variables(variable("TMUX").as_deref(), term.as_deref());
    runtime
        .block_on(async {
            // before the terminal is taken: a signal must find someone who gives it back
            signals::listen(&send)?;
            let mut screen = terminal::Taken::new(ink)?;
            if let Some((columns, rows)) = screen.size() {
                model.size = (columns, rows);
            }
            if let Some(at) = named {
                // the inbox is empty: there is room
                let _ = send.send(Msg::Open(at)).await;
            }
            screen.mouse(model.mouse)?;
            screen.through(way);
            if ask {
                screen.ask()?;
            }
            input::listen(send, ask)?;
            let ended = app::run(&mut screen, &mut model, &mut inbox, &mut executor, &clock::now).await;
            // the operator has the shell back before the links are closed
            drop(screen);
            executor.close().await;
            ended
        })
        .map_err(|error| Said(deed::gone(&model, error)))?;
    Ok(Exit::DONE)
}

/// What this workstation began on these servers and did not see the end of, oldest first. What was begun on another machine
/// of the same name (a built-in server, an address that has changed since) is not theirs.
pub fn unfinished(journal: &Journal, environments: &[Environment]) -> Vec<Unfinished> {
    let entries = journal.unfinished().unwrap_or_else(|error| {
        tracing::warn!(%error, "the journal could not be read");
        Vec::new()
    });
    let known = entries.iter().filter_map(|entry| {
        let env = environments.iter().find(|e| e.key.0 == entry.env && e.host == entry.host)?;
        let (run, action) = (RunName::parse(&entry.run)?, entry.action()?);
        Some(Unfinished { env: env.key.clone(), run, action })
    });
    known.collect()
}
