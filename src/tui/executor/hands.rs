//! What changes a server: previews, runs that were confirmed, runs that are followed. A run belongs to its server: nothing
//! here ends one, and what is told of it ends with [`Told::Ended`], whatever happens.
use super::{Executor, WAITING};
use crate::act::{self, Order};
use crate::config::model::{EnvKey, Environment, SecretSource};
use crate::config::{Secret, secret::SecretError};
use crate::core::console::deed::Typed;
use crate::core::console::{Answer, Msg, Preview, RunId};
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Outcome, Told};
use crate::core::plan::{Action, Plan, Refusal};
use crate::core::verdict;
use crate::i18n::{Lang, Text};
use crate::journal::Journal;
use crate::remote::Host;
use crate::text;
use crate::tui::words::{broken, stream_died};
use std::future::Future;
use std::sync::Arc;
use tokio::sync::mpsc::{self, Sender};

impl Executor {
    pub(super) fn preview(&mut self, key: &EnvKey, run: RunId, action: Action) {
        let Some((env, host)) = self.way(key) else { return };
        // an operator's wish
        host.retry_now();
        let (inbox, asked) = (self.inbox.clone(), env.clone());
        self.guarded(
            run,
            async move {
                let preview = match act::preview(host.as_ref(), &asked, &action).await {
                    Ok(preview) => {
                        if preview.whole {
                            let verdict = verdict::judge(&asked, &preview.look);
                            let answer = Box::new(Answer { verdict, look: preview.look, cut: None });
                            let _ = inbox.send(Msg::LookedToo { run, answer }).await;
                        }
                        Preview::Made(preview.made)
                    }
                    Err(error) => Preview::Unreachable(broken(&error)),
                };
                Msg::Previewed { run, preview: Box::new(preview) }
            },
            move |why| {
                let preview = Box::new(Preview::Unreachable(stream_died(&env, why)));
                Msg::Previewed { run, preview }
            },
        );
    }

    pub(super) fn carry_out(&mut self, key: &EnvKey, run: RunId, plan: Box<Plan>, typed: Option<Typed>) {
        let Some((env, host)) = self.way(key) else { return };
        let journal = self.journal();
        self.told(run, move |tell| async move {
            match prepared(&env, &plan, typed, journal).await {
                Err(refusal) => Outcome::Refused(refusal),
                Ok(ready) => done(&env, host, &plan, ready, &tell).await,
            }
        });
    }

    pub(super) fn attach(&mut self, key: &EnvKey, run: RunId, name: RunName, action: Action) {
        let Some((env, host)) = self.way(key) else { return };
        let journal = self.journal();
        host.retry_now();
        let inbox = self.inbox.clone();
        self.told(run, move |tell| async move {
            // whose it is and what its steps do; without it they have numbers
            if let Ok(brief) = act::brief(host.as_ref(), &name).await {
                let _ = inbox.send(Msg::Briefed { run, brief: Box::new(brief) }).await;
            }
            act::attach(host.as_ref(), &env, &name, &action, journal.as_ref(), &tell).await
        });
    }

    fn journal(&self) -> Option<Journal> {
        self.state.as_deref().map(Journal::below)
    }

    /// Runs it, and hands on what is told. The end is told once, also by what panicked: then nothing is known.
    fn told<F>(&mut self, run: RunId, work: impl FnOnce(Sender<Told>) -> F + Send + 'static)
    where
        F: Future<Output = Outcome> + Send + 'static,
    {
        let inbox = self.inbox.clone();
        let ended = move |outcome| Msg::Told { run, told: Box::new(Told::Ended(Box::new(outcome))) };
        self.guarded(
            run,
            async move {
                let (send, mut tellings) = mpsc::channel(WAITING);
                let hand_on = async {
                    while let Some(told) = tellings.recv().await {
                        // the end comes last, when the journal has it
                        if !matches!(told, Told::Ended(_)) {
                            // without a receiver the console has ended
                            let _ = inbox.send(Msg::Told { run, told: Box::new(told) }).await;
                        }
                    }
                };
                let (outcome, ()) = tokio::join!(work(send), hand_on);
                ended(outcome)
            },
            move |why| {
                tracing::error!(why, "what follows an action died");
                ended(Outcome::Unknown {
                    said: text!(
                        "控制台自己出错了：这次操作做到哪里，不知道",
                        "the console itself failed: how far the action came is not known"
                    ),
                    next: text!(
                        "按 F5 看服务器现在怎样；已经开始的会在服务器上自己做完，重开控制台会接上它",
                        "F5 shows how the server is; what has begun goes on there, and the next start follows it"
                    ),
                    run: None,
                    is_lost: false,
                })
            },
        );
    }
}

/// What is needed before anything is done.
struct Ready {
    journal: Journal,
    password: Option<Secret>,
    run: RunName,
}

async fn prepared(
    env: &Environment,
    plan: &Plan,
    typed: Option<Typed>,
    journal: Option<Journal>,
) -> Result<Ready, Refusal> {
    let journal = journal.ok_or_else(|| {
        Refusal::new(
            text!(
                "没有地方写操作记录（不知道主目录在哪里），所以没有动手",
                "there is no place for the journal (no home folder), so nothing was done"
            ),
            text!("设置 HOME，再打开控制台", "set HOME and open the console again"),
        )
    })?;
    let password = match plan.needs_password {
        true => Some(password(env, typed).await.map_err(not_had)?),
        false => None,
    };
    let run = act::fresh_name().map_err(|error| Refusal::new(error.summary(), error.hint()))?;
    Ok(Ready { journal, password, run })
}

async fn done(
    env: &Environment,
    host: Arc<dyn Host>,
    plan: &Plan,
    ready: Ready,
    tell: &Sender<Told>,
) -> Outcome {
    host.retry_now();
    let Ready { journal, password, run } = ready;
    tracing::info!(env = %env.key, action = plan.action.id(), %run, "carry out");
    let operator = act::operator();
    let order = Order { host: host.as_ref(), env, plan, run, password, operator, journal: &journal };
    act::carry_out(order, tell).await
}

fn not_had(error: SecretError) -> Refusal {
    let Text { zh, en } = error.message;
    Refusal::new(
        Text {
            zh: format!("没有拿到共享的密码：{zh}。什么也没做"),
            en: format!("no password: {en}. Nothing was done"),
        },
        text!("改好密码来源，再来一次", "mend the source of the password, then try again"),
    )
}

/// The password that was typed, or that its source has.
async fn password(env: &Environment, typed: Option<Typed>) -> Result<Secret, SecretError> {
    if let Some(typed) = typed {
        return typed.secret();
    }
    let missing = |message| SecretError { kind: crate::config::secret::SecretErrorKind::Missing, message };
    match env.share.secret.clone() {
        // that would ask on the terminal, which is the console's
        None | Some(SecretSource::Prompt) => Err(missing(text!("没有输入", "none was typed"))),
        Some(source) => {
            let what = text!("共享密码", "the share's password");
            let fetched = tokio::task::spawn_blocking(move || source.fetch(&what, Lang::Zh)).await;
            fetched.unwrap_or_else(|_| Err(missing(text!("读取时出错", "reading it failed"))))
        }
    }
}
