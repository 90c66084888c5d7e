//! `opsdeck attach`: follows an action that another console, or an earlier one, began.
use super::follow::{self, Heard};
use super::place::{self, Place};
use super::voice::Voice;
use super::{notice, tell_outcome, voice_for};
use crate::act;
use crate::cli::args::{AttachArgs, LinesFormat};
use crate::cli::{Context, Exit, Said, out};
use crate::clock;
use crate::core::plan::found::{Found, Life, Runs};
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Came, Outcome};
use crate::core::plan::{Action, Refusal};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::journal::{Journal, Kept};
use crate::text;
use anyhow::Context as _;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::channel;

/// A server keeps so many runs that have ended; an older one may have been thrown away.
const KEPT_THERE: usize = 50;

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
    let env = &place.env.key.0;
    let (asked, runs) = match act::runs(place.host.as_ref()).await {
        Ok(Runs::Known(runs)) => (asked.or_else(|| choose(&runs, kept, env)), runs),
        Ok(Runs::Hidden) => {
            let said = text!(
                "登录的不是 root，看不到服务器上的操作",
                "the login is not root and may not see the server's runs"
            );
            let next = text!(
                "在 environments.toml 里写 user = \"root\"",
                "set user = \"root\" in environments.toml"
            );
            return Ok(tell_outcome(voice, env, "", None, &unknown(said, next, asked)));
        }
        Err(error) => {
            let outcome = unknown(error.summary(), error.hint(), asked.clone());
            return Ok(tell_outcome(voice, env, "", asked.as_ref(), &outcome));
        }
    };
    let Some(run) = asked else {
        let said = text!(
            "服务器上没有正在做的操作，记录里也没有没看到结尾的",
            "nothing is at work on the server, and the journal has nothing unfinished"
        );
        return Ok(tell_outcome(voice, env, "", None, &Outcome::Nothing { said, evidence: Vec::new() }));
    };
    let found = runs.iter().find(|f| f.run == run);
    let Some(action) = action_of(&run, found, kept) else {
        return Ok(tell_outcome(voice, env, "", Some(&run), &not_known(&run, found)));
    };
    if found.is_none() && may_be_forgotten(&run, &runs) {
        let said = text!(
            "服务器上没有 {run} 的记录了：太久以前的会被清掉",
            "the server has no record of {run} any more: old ones are thrown away"
        );
        let next = text!("检查一次，看服务器现在怎样", "check, and see how the server is now");
        return Ok(tell_outcome(voice, env, action.id(), Some(&run), &unknown(said, next, None)));
    }
    voice.say(&heading(&run, &action, found));
    voice.knows(found.map(|f| f.titles.clone()).unwrap_or_default(), None);
    let (tell, told) = channel(64);
    let mut wishes = follow::wishes_to_leave()?;
    let work = act::attach(place.host.as_ref(), &place.env, &run, &action, journal, &tell);
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
            Some(run.clone()),
        ),
    };
    Ok(tell_outcome(voice, env, action.id(), Some(&run), &outcome))
}

fn unknown(said: Text, next: Text, run: Option<RunName>) -> Outcome {
    Outcome::Unknown { said, next, run }
}

/// The run at work, else one whose end is to be written yet, else the last one of the journal whose end was not seen here.
fn choose(runs: &[Found], kept: &Kept, env: &str) -> Option<RunName> {
    let on_server = |life: Life| runs.iter().find(|f| f.life == life).map(|f| f.run.clone());
    let of_journal =
        || kept.unfinished().filter(|e| e.env == env).last().and_then(|e| RunName::parse(&e.run));
    on_server(Life::Alive).or_else(|| on_server(Life::Gone)).or_else(of_journal)
}

/// What a run does: by the journal, which knows more, else by the server.
fn action_of(run: &RunName, found: Option<&Found>, kept: &Kept) -> Option<Action> {
    let by_journal = kept.intent(run.as_str()).and_then(crate::journal::Entry::action);
    by_journal.or_else(|| Action::of_id(found?.action.as_str()))
}

fn not_known(run: &RunName, found: Option<&Found>) -> Outcome {
    match found {
        Some(found) => unknown(
            text!(
                "{run} 是 {} 从别处做的 {}，这个控制台不知道该怎么核对它",
                "{run} is {}'s {}, from elsewhere, and this console does not know how to prove it",
                found.operator,
                found.action
            ),
            text!("在开始它的那台工作机上用 attach", "attach on the workstation that began it"),
            Some(run.clone()),
        ),
        None => Outcome::Refused(Refusal::new(
            text!(
                "服务器和这台工作机的操作记录里都没有 {run}，什么也没做",
                "neither the server nor the journal of this workstation has {run}; nothing was done"
            ),
            text!(
                "opsdeck journal 里有编号；不写编号就看正在做的那次",
                "opsdeck journal has the names; without one, the run at work is followed"
            ),
        )),
    }
}

/// Whether the server may have had it and thrown it away: it keeps the newest, and this one is older than all of them.
fn may_be_forgotten(run: &RunName, runs: &[Found]) -> bool {
    let seconds = |run: &RunName| run.as_str().split('-').next().and_then(|s| s.parse::<i64>().ok());
    let oldest = runs.iter().filter(|f| f.life == Life::Ended).filter_map(|f| seconds(&f.run)).min();
    runs.len() >= KEPT_THERE && seconds(run) <= oldest
}

fn heading(run: &RunName, action: &Action, found: Option<&Found>) -> Text {
    let title = action.title();
    let who = found.map(|f| &f.operator).filter(|o| !o.is_empty());
    let by = who.map(|o| text!("，{o} 开始的", ", begun by {o}")).unwrap_or_default();
    let ago = found.and_then(|f| f.began).map(|at| crate::core::console::ago(clock::now().since(at)));
    let ago = ago.map(|a| Text { zh: format!("，{}", a.zh), en: format!(", {}", a.en) }).unwrap_or_default();
    Text {
        zh: format!("接着看 {run}：{}{}{}", title.zh, by.zh, ago.zh),
        en: format!("following {run}: {}{}{}", title.en, by.en, ago.en),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::units::EpochMs;
    use crate::journal::tests::{intent, outcome};

    fn found(run: &str, life: Life, action: &str) -> Found {
        Found {
            run: RunName::parse(run).unwrap(),
            life,
            action: SafeText::new(action),
            operator: SafeText::new("li@desk"),
            began: Some(EpochMs(0)),
            titles: Vec::new(),
        }
    }

    #[test]
    fn the_run_at_work_comes_first_then_what_the_journal_has_open() {
        let kept = Kept {
            entries: vec![intent("5-a"), intent("6-b"), outcome("6-b", "done"), intent("7-c")],
            torn: vec![],
        };
        let all = [
            found("9-e", Life::Ended, "mount"),
            found("4-g", Life::Gone, "mount"),
            found("3-f", Life::Alive, "mount"),
        ];
        let chosen = |runs: &[Found], env| choose(runs, &kept, env).map(|r| r.as_str().to_owned());
        assert_eq!(chosen(&all, "test").as_deref(), Some("3-f"));
        assert_eq!(chosen(&all[..2], "test").as_deref(), Some("4-g"));
        assert_eq!(chosen(&all[..1], "test").as_deref(), Some("7-c"));
        assert_eq!(chosen(&all[..1], "prod"), None);
    }

    #[test]
    fn what_a_run_does_is_known_by_the_journal_or_the_server() {
        let kept = Kept { entries: vec![intent("5-a")], torn: vec![] };
        let of = |run: &str, f: Option<Found>| {
            action_of(&RunName::parse(run).unwrap(), f.as_ref(), &kept).map(|a| a.id())
        };
        assert_eq!(of("5-a", None), Some("restart-frontend"));
        assert_eq!(of("8-x", Some(found("8-x", Life::Alive, "clear-lock"))), Some("clear-lock"));
        assert_eq!(of("8-x", Some(found("8-x", Life::Alive, "dance"))), None);
        assert_eq!(of("8-x", None), None);
    }

    #[test]
    fn what_was_thrown_away_did_not_fail_to_begin() {
        let name = |n: &str| RunName::parse(n).unwrap();
        let many: Vec<Found> = (100..150).map(|n| found(&format!("{n}-a"), Life::Ended, "mount")).collect();
        assert!(may_be_forgotten(&name("99-a"), &many));
        assert!(!may_be_forgotten(&name("120-b"), &many));
        assert!(!may_be_forgotten(&name("99-a"), &many[..49]));
    }
}
