//! The commands that change a server: what they do is a [`Plan`](crate::core::plan::Plan), shown, confirmed, carried out by
//! [`act`](crate::act), and told as it goes.
//!
//! - [`plan`]: a plan for people, for programs, as a script
//! - [`consent`]: who says that it may be done
//! - [`voice`], [`words`], [`follow`]: what is told meanwhile, and leaving
//! - [`outcome`]: what became of it; [`notice`]: what an earlier one left open
//! - `session`: all of it, in its order
//! - [`backup`], [`unlock`], [`attach`]: commands with more to them
pub mod attach;
pub mod backup;
pub mod consent;
pub mod follow;
pub mod notice;
pub mod outcome;
pub mod plan;
pub mod unlock;
pub mod voice;
pub mod words;

mod place;
mod session;

use super::args::ActArgs;
use super::output::text::Style;
use super::{Context, Exit, out};
use crate::clock;
use crate::core::plan::Action;
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Came, Outcome};
use crate::core::snapshot::Snapshot;
use crate::i18n::{Lang, Text};
use place::Place;
use session::Session;
use std::io::IsTerminal;
use voice::{Form, Voice};

/// Does what the words of a command line come to.
///
/// # Errors
/// The command could not work at all: no configuration, no such environment, wrong words.
pub fn run(context: &Context, args: &ActArgs, action: Action) -> anyhow::Result<Exit> {
    Session::open(context, args)?.carry(&action)
}

/// How colour and language are, for standard output.
fn style(lang: Lang) -> Style {
    let plain = std::env::var_os("NO_COLOR").is_some_and(|v| !v.is_empty())
        || std::env::var_os("TERM").is_none_or(|t| t == "dumb");
    Style { lang, colour: std::io::stdout().is_terminal() && !plain, verbose: false }
}

/// A voice for standard output.
fn voice_for(json: bool, lang: Lang) -> Voice {
    let style = style(lang);
    let form = match crossterm::terminal::size() {
        _ if json => Form::Json,
        Ok((width, _))
            if std::io::stdout().is_terminal() && std::env::var_os("TERM").is_some_and(|t| t != "dumb") =>
        {
            Form::Live { width: usize::from(width) }
        }
        _ => Form::Lines,
    };
    Voice::new(Box::new(std::io::stdout()), form, style, clock::zone_s())
}

/// Says what became of an action, in the voice's form.
fn tell_outcome(
    voice: &mut Voice,
    env: &str,
    action: &str,
    run: Option<&RunName>,
    outcome: &Outcome,
) -> Came {
    voice.quiet();
    voice.object(&outcome::json(outcome, env, action, run));
    voice.block(&outcome::text(outcome, env, action, voice.style()));
    outcome.came()
}

/// Says what an earlier action left open on another server.
fn notices(place: &Place, voice: &mut Voice, lang: Lang) {
    let notices = match place.journal.as_ref().map(crate::journal::Journal::kept) {
        None => return,
        Some(Ok(kept)) => notice::of(&kept, Some(&place.env.key.0), clock::zone_s()),
        Some(Err(e)) => {
            let why = e.text();
            vec![Text {
                zh: format!("操作记录读不出来：{}", why.zh),
                en: format!("the journal cannot be read: {}", why.en),
            }]
        }
    };
    notices.iter().for_each(|notice| mention(notice, voice, lang));
}

/// To standard error where people read, so that a script's output stays clean.
fn mention(notice: &Text, voice: &mut Voice, lang: Lang) {
    match voice.form() {
        Form::Json => voice.say(notice),
        _ => out::complain(notice.get(lang)),
    }
}

/// The server's zone, in seconds east.
fn zone(look: &Snapshot) -> Option<i32> {
    look.identity.as_ref().ok().and_then(|i| i.zone_s)
}

#[cfg(test)]
pub(crate) mod samples {
    use crate::config::model::{EnvKey, Role};
    use crate::core::plan::{Action, Checked, How, Plan, Risk, Service, Step, Target};
    use crate::text;

    /// A plan that restarts the frontend.
    pub(crate) fn plan(role: Role, risk: Risk) -> Plan {
        let key = if role == Role::Prod { "prod" } else { "test" };
        Plan {
            action: Action::Services { which: Service::Frontend, how: How::Restart },
            env: EnvKey(key.into()),
            name: if role == Role::Prod { "正式" } else { "测试" }.into(),
            role,
            host: "192.0.2.58".into(),
            target: Target { hostname: "app-58".into(), machine_id: "0123456789abcdef".into() },
            effects: vec![text!("网页会中断", "web pages are away")],
            checked: vec![Checked::good(text!("没有备份在跑", "no backup is running"))],
            steps: vec![Step {
                title: text!("重启", "restart"),
                sh: "within 90 docker restart -t 30 web\n".into(),
                undo: None,
            }],
            risk,
            proof: vec![text!("再看一次", "another look")],
            undo: text!("不需要撤销", "nothing to undo"),
            limit_s: 600,
            needs_password: false,
            kept: Vec::new(),
        }
    }
}
