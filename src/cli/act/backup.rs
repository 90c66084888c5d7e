//! `opsdeck backup`: has a backup started, and with `--watch` stays until it has ended.
//!
//! Whether it is a backup, its pack on the share says, never the row alone.
mod proof;
mod shown;

use super::follow;
use super::voice::Voice;
use super::{Session, tell_outcome};
use crate::cli::args::BackupArgs;
use crate::cli::{Context, Exit};
use crate::clock;
use crate::config::model::Environment;
use crate::core::derive::progress::Progress;
use crate::core::plan::told::{Came, Outcome, Told};
use crate::core::plan::{Action, event};
use crate::core::units::JobId;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::look;
use crate::remote::{Host, LinkError};
use crate::text;
use crate::watch::{self, Ended};
use shown::{Shown, So};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, channel};
use tokio::time::{interval, sleep};

/// How often the status line is drawn anew.
const TURN: Duration = Duration::from_secs(1);
/// The waits between two tries of a lost link.
const WAIT_MS: (u64, u64) = (1000, 15_000);

/// Does it.
///
/// # Errors
/// As [`super::run`].
pub fn run(context: &Context, args: &BackupArgs) -> anyhow::Result<Exit> {
    let action = Action::Backup { full: args.full };
    let mut session = Session::open(context, &args.act)?;
    let began = session.act(&action)?;
    let job = event::fact(session.voice.events(), "job").and_then(number);
    if !args.watch || args.act.dry_run || began != Came::Done {
        session.leave();
        return Ok(Exit::Came(began));
    }
    let Session { place, voice, runtime, .. } = &mut session;
    let outcome = runtime.block_on(async {
        let mut wishes = follow::wishes_to_leave()?;
        anyhow::Ok(
            Watching { host: place.host.as_ref(), env: &place.env, job }.to_the_end(&mut wishes, voice).await,
        )
    })?;
    let came = tell_outcome(voice, &place.env.key.0, action.id(), None, &outcome);
    session.leave();
    Ok(Exit::Came(came))
}

/// `422` or `#422`, with whatever follows.
fn number(words: &str) -> Option<JobId> {
    words.split(' ').next()?.trim_start_matches('#').parse().ok().map(JobId)
}

/// A backup that is watched.
struct Watching<'a> {
    host: &'a dyn Host,
    env: &'a Environment,
    /// Nothing where the server did not say: then the one at work is meant.
    job: Option<JobId>,
}

impl Watching<'_> {
    async fn to_the_end(&self, wishes: &mut Receiver<()>, voice: &mut Voice) -> Outcome {
        let left = |voice: &mut Voice| {
            voice.quiet();
            self.left()
        };
        let look = match look::take(self.host, self.env).await {
            Ok(look) => look.snapshot,
            Err(error) => return self.unknown(error.summary(), error.hint()),
        };
        let facts = Facts::of(self.env, &look);
        voice.knows(Vec::new(), super::zone(&look));
        let mut progress = Progress::new(facts.past(), self.env.thresholds.clone());
        let (mut shown, mut wait) = (Shown::default(), WAIT_MS.0);
        loop {
            let (to, mut from) = channel(64);
            let mut turns = interval(TURN);
            let ended = {
                let mut watching = std::pin::pin!(watch::follow(self.host, self.env, &to));
                loop {
                    tokio::select! {
                        biased;
                        Some(()) = wishes.recv() => return left(voice),
                        Some((came, tick)) = from.recv() => {
                            if shown.away {
                                (shown.away, wait) = (false, WAIT_MS.0);
                                voice.told(&Told::Back);
                            }
                            progress.take(tick, came);
                            let now = clock::now();
                            shown.show(&facts, &progress, now, voice);
                            match shown.so(&progress, self.job, now) {
                                So::Far => {}
                                so => return self.over(so, wishes, voice).await,
                            }
                        }
                        ended = &mut watching => break ended,
                        _ = turns.tick() => shown.show(&facts, &progress, clock::now(), voice),
                    }
                }
            };
            progress.reopened();
            shown.away = true;
            voice.told(&Told::Lost { said: why(&ended), again_ms: wait });
            tokio::select! {
                Some(()) = wishes.recv() => return left(voice),
                () = sleep(Duration::from_millis(wait)) => {}
            }
            self.host.retry_now();
            wait = (wait * 2).min(WAIT_MS.1);
        }
    }

    /// Looks at what it left on the share.
    async fn over(&self, so: So, wishes: &mut Receiver<()>, voice: &mut Voice) -> Outcome {
        voice.told(&Told::Proving);
        let id = match so {
            So::Over(id) => id,
            So::Dead(id) => return proof::ghost(id),
            So::Far | So::None => {
                return self.unknown(
                    text!("任务表里看不到这次备份", "the table of jobs does not show this backup"),
                    text!("opsdeck check 看昨夜和任务", "opsdeck check: see the night and the jobs"),
                );
            }
        };
        let mut tries = 0;
        loop {
            let looked: Result<_, LinkError> = tokio::select! {
                Some(()) = wishes.recv() => return self.left(),
                looked = look::take(self.host, self.env) => looked,
            };
            match looked {
                Ok(look) if look.cut_short.is_none() => {
                    return proof::proved(&Facts::of(self.env, &look.snapshot), id);
                }
                _ if tries >= 3 => {
                    return self.unknown(
                        text!(
                            "任务 {id} 结束了，但没能再看服务器一眼",
                            "job {id} has ended, but the server could not be looked at"
                        ),
                        text!("opsdeck check 再看一次", "opsdeck check: look again"),
                    );
                }
                _ => tries += 1,
            }
            self.host.retry_now();
            sleep(Duration::from_secs(3)).await;
        }
    }

    fn left(&self) -> Outcome {
        let key = &self.env.key;
        self.unknown(
            text!(
                "没有等到结尾就离开了，备份在服务器上照常进行",
                "left before its end; the backup goes on on the server"
            ),
            text!(
                "看进度：opsdeck --env {key} 里的任务（F6）",
                "its progress: opsdeck --env {key}, jobs (F6)"
            ),
        )
    }

    fn unknown(&self, said: Text, next: Text) -> Outcome {
        Outcome::Unknown { said, next, run: None, is_lost: false }
    }
}

fn why(ended: &Ended) -> Text {
    match ended {
        Ended::Lost(error) => error.summary(),
        Ended::Failed { code, said } => {
            text!("看进度的脚本结束了（{code}）{said}", "the watching script has ended ({code}) {said}")
        }
        Ended::Silent | Ended::Unheard => text!("服务器没有声音了", "the server says nothing any more"),
    }
}
