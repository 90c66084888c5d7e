//! One command that changes one server, from the wish to what became of it.
use super::consent::{self, Consent};
use super::follow::{self, Heard};
use super::place::{self, Place};
use super::voice::Voice;
use super::{mention, notice, notices, outcome, plan, tell_outcome, voice_for, zone};
use crate::act::{self, Order};
use crate::cli::args::{ActArgs, ActFormat};
use crate::cli::output::text::Style;
use crate::cli::{Context, Exit, Said, out};
use crate::clock;
use crate::config::Secret;
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Came, Outcome};
use crate::core::plan::{self as plans, Action, Made, Plan, Refusal};
use crate::core::probe::runs::RunState;
use crate::core::snapshot::Snapshot;
use crate::i18n::{Lang, Text};
use crate::journal::Entry;
use crate::text;
use anyhow::Context as _;
use std::io::IsTerminal;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::channel;

/// One command that changes one server.
pub(super) struct Session<'a> {
    lang: Lang,
    args: &'a ActArgs,
    pub(super) runtime: Runtime,
    pub(super) place: Place,
    pub(super) voice: Voice,
}

impl<'a> Session<'a> {
    /// Which server, and how it is told. Connects to nothing.
    pub(super) fn open(context: &Context, args: &'a ActArgs) -> anyhow::Result<Session<'a>> {
        if args.format == ActFormat::Sh && !args.dry_run {
            return Err(Said(text!(
                "--format sh 只能和 --dry-run 一起用，什么也没做",
                "--format sh goes with --dry-run only; nothing was done"
            ))
            .into());
        }
        let place = place::of(context, args.env.as_deref())?;
        let voice = voice_for(args.format == ActFormat::Json, context.lang);
        let runtime = Runtime::new().context("tokio runtime")?;
        Ok(Session { lang: context.lang, args, runtime, place, voice })
    }

    /// From the wish to what became of it, all of it told.
    pub(super) fn carry(mut self, action: &Action) -> anyhow::Result<Exit> {
        let came = self.act(action)?;
        self.leave();
        Ok(Exit::Came(came))
    }

    pub(super) fn leave(self) {
        self.runtime.block_on(self.place.leave());
        self.runtime.shutdown_background();
        if let Some(error) = self.voice.broken().filter(|e| e.kind() != std::io::ErrorKind::BrokenPipe) {
            out::complain(
                text!("输出写不出去：{error}", "the output cannot be written: {error}").get(self.lang),
            );
        }
    }

    /// The same, with the link left open.
    pub(super) fn act(&mut self, action: &Action) -> anyhow::Result<Came> {
        if let Err(refusal) = plans::writable(&self.place.env) {
            return Ok(self.ended(action, None, &Outcome::Refused(refusal)));
        }
        notices(&self.place, &mut self.voice, self.lang);
        let name = text!("正在看服务器 {}", "looking at the server {}", self.place.env.key);
        self.voice.status(name);
        let preview = self.runtime.block_on(act::preview(self.place.host.as_ref(), &self.place.env, action));
        self.voice.quiet();
        self.earlier(preview.as_ref().ok().map(|p| &p.look));
        let preview = match preview {
            Ok(preview) => preview,
            Err(e) => {
                return Ok(self.ended(action, None, &Outcome::Refused(Refusal::new(e.summary(), e.hint()))));
            }
        };
        let plan = match preview.made {
            Ok(Made::Plan(plan)) => plan,
            Ok(Made::Nothing { said, evidence }) => {
                return Ok(self.ended(action, None, &Outcome::Nothing { said, evidence }));
            }
            Err(refusal) => return Ok(self.ended(action, None, &Outcome::Refused(refusal))),
        };
        self.voice.knows(plan.steps.iter().map(|s| s.title.clone()).collect(), zone(&preview.look));
        if let Err(outcome) = self.show(&plan) {
            return Ok(self.ended(action, None, &outcome));
        }
        if self.args.dry_run {
            if self.args.format == ActFormat::Text {
                self.voice.say(&text!("只是看看，什么也没做", "a dry run: nothing was done"));
            }
            return Ok(Came::Done);
        }
        if let Some(refusal) = self.not_allowed(&plan)? {
            return Ok(self.ended(action, None, &Outcome::Refused(refusal)));
        }
        self.do_it(&plan)
    }

    /// What became of what was begun here on this server and not seen to its end: what has ended there is looked at, and written
    /// down.
    fn earlier(&mut self, look: Option<&Snapshot>) {
        let Some(journal) = self.place.journal.clone() else { return };
        let Ok(kept) = journal.kept() else { return };
        let key = self.place.env.key.0.as_str();
        let open: Vec<&Entry> = kept.unfinished().filter(|e| e.env == key).collect();
        let runs = look.and_then(|l| l.runs.as_deref().ok()).unwrap_or_default();
        for entry in open.into_iter().rev().take(notice::TOLD) {
            let found = runs.iter().find(|r| r.name.as_str() == entry.run);
            let has_ended = found.is_some_and(|r| matches!(r.state, RunState::Ended { .. }));
            let said = match (RunName::parse(&entry.run), entry.action()) {
                (Some(run), Some(action)) if has_ended => {
                    let (tell, told) = channel(1);
                    // nobody listens on the way there
                    drop(told);
                    let (host, env) = (self.place.host.as_ref(), &self.place.env);
                    let outcome =
                        self.runtime.block_on(act::attach(host, env, &run, &action, Some(&journal), &tell));
                    notice::became(entry, &outcome, clock::zone_s())
                }
                _ => notice::unfinished(entry, clock::zone_s()),
            };
            mention(&said, &mut self.voice, self.lang);
        }
    }

    /// The plan, as it was asked for.
    fn show(&mut self, plan: &Plan) -> Result<(), Outcome> {
        match self.args.format {
            ActFormat::Sh => {
                let run =
                    act::fresh_name().map_err(|e| Outcome::Refused(Refusal::new(e.summary(), e.hint())))?;
                self.voice.block(&plans::script::file(plan, &self.place.env, self.place.host.root(), &run));
            }
            ActFormat::Json => self.voice.object(&plan::json(plan)),
            ActFormat::Text => {
                let secret = self.place.env.share.secret.as_ref();
                let text = plan::text(plan, secret, self.voice.style());
                self.voice.block(&text);
            }
        }
        Ok(())
    }

    /// Why it may not be done; nothing if it may.
    fn not_allowed(&mut self, plan: &Plan) -> anyhow::Result<Option<Refusal>> {
        let json = self.args.format == ActFormat::Json;
        let terminal = !json && std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
        Ok(match consent::of(plan, self.args, terminal) {
            Consent::Given => None,
            Consent::Refused(refusal) => Some(refusal),
            Consent::Ask(question) => match question.ask(self.lang)? {
                true => None,
                false => Some(Refusal::new(
                    text!("没有确认，什么也没做", "it was not confirmed; nothing was done"),
                    text!("要做就再来一次", "to do it, begin again"),
                )),
            },
        })
    }

    fn do_it(&mut self, plan: &Plan) -> anyhow::Result<Came> {
        let action = &plan.action;
        let refused = |said: Text, next: Text| Outcome::Refused(Refusal::new(said, next));
        let Some(journal) = self.place.journal.clone() else {
            let outcome = refused(
                text!(
                    "不知道主目录在哪里，操作记录没有地方写，所以没有动手",
                    "there is no home folder to keep the journal in, so nothing was done"
                ),
                text!("设置 HOME 或 XDG_STATE_HOME", "set HOME or XDG_STATE_HOME"),
            );
            return Ok(self.ended(action, None, &outcome));
        };
        let password = match self.password(plan) {
            Ok(password) => password,
            Err(refusal) => return Ok(self.ended(action, None, &Outcome::Refused(refusal))),
        };
        let run = match act::fresh_name() {
            Ok(run) => run,
            Err(e) => return Ok(self.ended(action, None, &refused(e.summary(), e.hint()))),
        };
        let (tell, told) = channel(64);
        let order = Order {
            host: self.place.host.as_ref(),
            env: &self.place.env,
            plan,
            run: run.clone(),
            password,
            operator: act::operator(),
            journal: &journal,
        };
        let intent = || journal.kept().ok().and_then(|k| k.intent(run.as_str()).cloned());
        let voice = &mut self.voice;
        let heard = self.runtime.block_on(async {
            let mut wishes = follow::wishes_to_leave()?;
            let work = act::carry_out(order, &tell);
            anyhow::Ok(follow::follow(work, told, &mut wishes, || intent().is_some(), voice).await)
        })?;
        self.voice.quiet();
        let outcome = match heard {
            Heard::Ended(outcome) => *outcome,
            Heard::Left => match intent() {
                Some(intent) => act::detached(&journal, &intent),
                None => refused(
                    text!("没等开始就取消了，什么也没做", "given up before it began; nothing was done"),
                    text!("要做就再来一次", "to do it, begin again"),
                ),
            },
        };
        Ok(self.ended(action, Some(&run), &outcome))
    }

    /// The share's password, where the plan needs it: asked for last of all.
    fn password(&self, plan: &Plan) -> Result<Option<Secret>, Refusal> {
        if !plan.needs_password {
            return Ok(None);
        }
        let Some(source) = &self.place.env.share.secret else {
            return Err(Refusal::new(
                text!(
                    "配置里没有写共享密码从哪里来，什么也没做",
                    "the configuration does not say where the share's password comes from; nothing was done"
                ),
                text!(
                    "在 environments.toml 的 [share] 里写 secret",
                    "set secret under [share] in environments.toml"
                ),
            ));
        };
        let secret = source.fetch(&text!("共享密码", "the share's password"), self.lang);
        secret.map(Some).map_err(|e| {
            let said = text!(
                "拿不到共享密码，什么也没做",
                "the share's password could not be had; nothing was done"
            );
            Refusal::new(said, e.message)
        })
    }

    /// Says what became of it.
    fn ended(&mut self, action: &Action, run: Option<&RunName>, outcome: &Outcome) -> Came {
        let env = &self.place.env.key.0;
        if self.args.format == ActFormat::Sh {
            // standard output is for the script
            let style = Style { colour: false, ..self.voice.style() };
            out::complain(&outcome::text(outcome, env, action.id(), style));
            return outcome.came();
        }
        tell_outcome(&mut self.voice, env, action.id(), run, outcome)
    }
}
