//! `opsdeck attach`: follows an action that another console, or an earlier one, began.
use super::follow::{self, Heard};
use super::place::{self, Place};
use super::voice::Voice;
use super::{notice, tell_outcome, voice_for};
use crate::act;
use crate::cli::args::{AttachArgs, LinesFormat};
use crate::cli::{Context, Exit, Said, out};
use crate::clock;
use crate::core::gap::Gap;
use crate::core::plan::brief::Brief;
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Came, Outcome};
use crate::core::plan::{Action, Refusal};
use crate::core::probe::runs::{Run, RunState};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::journal::{Journal, Kept};
use crate::look;
use crate::remote::LinkError;
use crate::text;
use anyhow::Context as _;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::channel;

/// Does it.
///
/// # Errors
/// The command could not work at all: no configuration, no such environment, a name that is none.
pub fn run(context: &Context, args: &AttachArgs) -> anyhow::Result<Exit> {
    let asked = match &args.run {
        Some(name) => Some(RunName::parse(name).ok_or_else(|| Said(no_name(name)))?),
        None => None,
    };
    let place = place::of(context, args.env.as_deref())?;
    let mut voice = voice_for(args.format == LinesFormat::Json, context.lang);
    let journal =
        place.journal.clone().unwrap_or_else(|| Journal::below(std::path::Path::new("/nonexistent")));
    let kept = journal.kept().map_err(|e| Said(e.text()))?;
    if let Some(torn) = notice::torn(&kept.torn) {
        out::complain(torn.get(context.lang));
    }
    let runtime = Runtime::new().context("tokio runtime")?;
    let came = runtime.block_on(attach(&place, asked, &journal, &kept, &mut voice))?;
    runtime.block_on(place.leave());
    runtime.shutdown_background();
    Ok(Exit::Came(came))
}

fn no_name(name: &str) -> Text {
    let name = SafeText::new(name);
    text!(
        "{name} 不是操作的编号，什么也没做。办法：opsdeck journal 里有编号",
        "{name} is no name of a run, nothing was done. Mend: opsdeck journal has the names"
    )
}

async fn attach(
    place: &Place,
    asked: Option<RunName>,
    journal: &Journal,
    kept: &Kept,
    voice: &mut Voice,
) -> anyhow::Result<Came> {
    let (env, host) = (place.env.key.0.as_str(), place.host.as_ref());
    let chosen = match asked {
        Some(run) => Some(run),
        None => match look::take(host, &place.env).await {
            Ok(look) => choose(look.snapshot.runs.as_deref(), kept, env),
            Err(error) => return Ok(tell_outcome(voice, env, "", None, &no_answer(&error, None))),
        },
    };
    let Some(run) = chosen else {
        let said = text!(
            "服务器上没有正在做的操作，记录里也没有没看到结尾的",
            "nothing is at work on the server, and the journal has nothing unfinished"
        );
        return Ok(tell_outcome(voice, env, "", None, &Outcome::Nothing { said, evidence: Vec::new() }));
    };
    let brief = match act::brief(host, &run).await {
        Ok(brief) => brief,
        Err(error) => return Ok(tell_outcome(voice, env, "", Some(&run), &no_answer(&error, Some(&run)))),
    };
    let action = match what(&run, &brief, kept, env) {
        Ok(action) => action,
        Err(outcome) => return Ok(tell_outcome(voice, env, "", Some(&run), &outcome)),
    };
    voice.say(&heading(&run, &action, &brief));
    if let Brief::Known { titles, .. } = brief {
        voice.knows(titles, None);
    }
    let (tell, told) = channel(64);
    let mut wishes = follow::wishes_to_leave()?;
    let work = act::attach(host, &place.env, &run, &action, Some(journal), &tell);
    let outcome = match follow::follow(work, told, &mut wishes, || true, voice).await {
        Heard::Ended(outcome) => *outcome,
        Heard::Left => unknown(
            text!(
                "没有等到结尾就离开了，它在服务器上会自己做完",
                "left before its end; it goes on by itself on the server"
            ),
            text!(
                "接着看：opsdeck attach --env {env} {run}",
                "to follow it: opsdeck attach --env {env} {run}"
            ),
            Some(&run),
        ),
    };
    Ok(tell_outcome(voice, env, action.id(), Some(&run), &outcome))
}

fn unknown(said: Text, next: Text, run: Option<&RunName>) -> Outcome {
    Outcome::Unknown { said, next, run: run.cloned(), is_lost: false }
}

fn no_answer(error: &LinkError, run: Option<&RunName>) -> Outcome {
    unknown(error.summary(), error.hint(), run)
}

/// The run at work, else one that broke off, else the last one of the journal whose end was not seen here.
fn choose(runs: Result<&[Run], &Gap>, kept: &Kept, env: &str) -> Option<RunName> {
    let runs = runs.unwrap_or_default();
    let on_server = |state: RunState| runs.iter().find(|r| r.state == state).map(|r| r.name.clone());
    let of_journal =
        || kept.unfinished().filter(|e| e.env == env).last().and_then(|e| RunName::parse(&e.run));
    on_server(RunState::AtWork).or_else(|| on_server(RunState::Gone)).or_else(of_journal)
}

/// What a run does, by the journal, which knows more, else by the server; or why it cannot be followed.
fn what(run: &RunName, brief: &Brief, kept: &Kept, env: &str) -> Result<Action, Outcome> {
    let intent = kept.intent(run.as_str());
    if let Some(elsewhere) = intent.filter(|e| e.env != env) {
        let other = SafeText::new(&elsewhere.env);
        return Err(Outcome::Refused(Refusal::new(
            text!("{run} 是在 {other} 上做的，不是 {env}", "{run} was done on {other}, not on {env}"),
            text!("用 --env {other}", "use --env {other}"),
        )));
    }
    let by_journal = intent.and_then(crate::journal::Entry::action);
    match brief {
        Brief::Hidden => Err(unknown(
            text!("登录的不是 root，看不到服务器上的操作", "the login is not root and may not see the server's runs"),
            text!("在 environments.toml 里写 user = \"root\"", "set user = \"root\" in environments.toml"),
            Some(run),
        )),
        Brief::Known { action, operator, .. } => by_journal.or_else(|| Action::of_id(action.as_str())).ok_or_else(|| {
            unknown(
                text!(
                    "{run} 是 {operator} 从别处做的 {action}，这个控制台不知道该怎么核对它",
                    "{run} is {operator}'s {action}, from elsewhere, and this console does not know how to prove it"
                ),
                text!("在开始它的那台工作机上用 attach", "attach on the workstation that began it"),
                Some(run),
            )
        }),
        Brief::None { .. } if by_journal.is_some() && brief.may_be_forgotten(run) => Err(act::forgotten(run)),
        Brief::None { .. } => by_journal.ok_or_else(|| {
            Outcome::Refused(Refusal::new(
                text!(
                    "服务器和这台工作机的操作记录里都没有 {run}，什么也没做",
                    "neither the server nor the journal of this workstation has {run}; nothing was done"
                ),
                text!(
                    "opsdeck journal 里有编号；不写编号就看正在做的那次",
                    "opsdeck journal has the names; without one, the run at work is followed"
                ),
            ))
        }),
    }
}

fn heading(run: &RunName, action: &Action, brief: &Brief) -> Text {
    let title = action.title();
    let Brief::Known { operator, began, .. } = brief else {
        return Text {
            zh: format!("接着看 {run}：{}", title.zh),
            en: format!("following {run}: {}", title.en),
        };
    };
    let ago = began.map(|at| crate::core::console::ago(clock::now().since(at))).unwrap_or_default();
    Text {
        zh: format!("接着看 {run}：{}，{operator} 开始的，{}", title.zh, ago.zh),
        en: format!("following {run}: {}, begun by {operator}, {}", title.en, ago.en),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::units::EpochMs;
    use crate::journal::tests::{intent, outcome};

    fn run(name: &str, state: RunState) -> Run {
        let (name, action) = (RunName::parse(name).unwrap(), SafeText::new("mount"));
        Run { name, state, action, operator: SafeText::new("li@desk"), since: EpochMs(0) }
    }

    #[test]
    fn the_run_at_work_comes_first_then_what_the_journal_has_open() {
        let entries = vec![intent("5-a"), intent("6-b"), outcome("6-b", "done"), intent("7-c")];
        let kept = Kept { entries, torn: vec![] };
        let ended = RunState::Ended { how: SafeText::new("finished") };
        let all = [run("9-e", ended), run("4-g", RunState::Gone), run("3-f", RunState::AtWork)];
        let chosen = |runs: &[Run], env| choose(Ok(runs), &kept, env).map(|r| r.as_str().to_owned());
        assert_eq!(chosen(&all, "test").as_deref(), Some("3-f"));
        assert_eq!(chosen(&all[..2], "test").as_deref(), Some("4-g"));
        assert_eq!(chosen(&all[..1], "test").as_deref(), Some("7-c"));
        assert_eq!(chosen(&all[..1], "prod"), None);
    }

    #[test]
    fn what_a_run_does_is_known_by_the_journal_or_the_server() {
        let kept = Kept { entries: vec![intent("1769900000-a")], torn: vec![] };
        let known = |action: &str| Brief::Known {
            action: SafeText::new(action),
            operator: SafeText::new("li@desk"),
            began: None,
            titles: vec![],
        };
        let none = |oldest: &str| Brief::None { count: 3, oldest: RunName::parse(oldest) };
        let of = |run: &str, brief: Brief| {
            what(&RunName::parse(run).unwrap(), &brief, &kept, "test").map(|a| a.id())
        };
        assert_eq!(of("1769900000-a", none("1769800000-a")), Ok("restart-frontend"));
        assert_eq!(of("8-x", known("clear-lock")), Ok("clear-lock"));
        // also from elsewhere, where the row is not in this journal
        assert_eq!(of("8-x", known("put-lock-back")), Ok("put-lock-back"));
        let came = |run: &str, brief| of(run, brief).unwrap_err().came();
        assert_eq!(came("8-x", known("dance")), Came::Unknown);
        assert_eq!(came("8-x", none("1-a")), Came::Refused);
        assert_eq!(came("8-x", Brief::Hidden), Came::Unknown);
        // another server knows nothing of it
        let there = what(&RunName::parse("1769900000-a").unwrap(), &none("1-a"), &kept, "prod").unwrap_err();
        assert!(there.said().en.contains("done on test") && there.came() == Came::Refused);
        // it may have been done, long ago
        for oldest in ["1769900001-a", ""] {
            assert_eq!(came("1769900000-a", none(oldest)), Came::Unknown, "{oldest}");
        }
    }
}
