//! Having the backend start a backup now.
//!
//! The backend is asked once, by a process that stays behind in its container: the worker is a thread of it, and outlives the
//! link and the run. The run's name goes with it, and numbers before and after tell whose the new job is.
use super::event::{self, Event, How as Ended, What};
use super::left::{Left, has_acted};
use super::prove::Proof;
use super::told::Outcome;
use super::{Action, Checked, How, Made, Refusal, Service, Step, blocked, common, jobs, script::word};
use crate::core::derive::job;
use crate::core::derive::pack;
use crate::core::probe::containers::Container;
use crate::core::probe::database::{Job, Kind, Status};
use crate::core::state::State;
use crate::core::units::{EpochMs, JobId};
use crate::core::verdict::{self, Check, Facts, kind_word, rooms};
use crate::i18n::{Text, counted};
use crate::text;
use serde_json::json;

/// The backend may take a minute to load its modules in a process of its own.
const LIMIT_S: u32 = 300;
/// After so long what asks has its answer or has given up: LOAD_S and START_S of change.py.
const LOADS_MS: i64 = 105_000;

fn kind(full: bool) -> Kind {
    if full { Kind::Full } else { Kind::Incremental }
}

/// The plan.
pub(super) fn make(full: bool, facts: &Facts, _root: &str) -> Result<Made, Refusal> {
    let backend = common::backend(facts)?;
    let mut checked = Vec::new();
    well(facts, "backend", Some(mend(backend)), &mut checked)?;
    for id in ["mount", "container_mount"] {
        well(facts, id, Some(Action::Mount { new_password: false }), &mut checked)?;
    }
    well(facts, "share", None, &mut checked)?;
    checked.push(room(full, facts)?);
    if let Some(disks) = verdict::check(facts, "disks").filter(|c| c.state != State::Ok) {
        checked.push(Checked::beware("disks", disks.summary));
    }
    idle(facts)?;
    checked
        .push(Checked::good(text!("没有备份在跑，也没有锁", "no backup is running, and there is no lock")));
    let mut plan = common::plan(Action::Backup { full }, facts, steps(full, backend, facts));
    plan.limit_s = LIMIT_S;
    plan.effects = effects(full, facts);
    plan.checked = checked;
    plan.proof = vec![text!(
        "再看一次：数据库里有这个新任务，排队、正在跑或已完成",
        "another look: the database has this new job, queued, at work or completed"
    )];
    plan.undo = text!("取消正在跑的备份", "cancel the running backup");
    Ok(Made::Plan(Box::new(plan)))
}

/// A backend that does not run is started, one that is ill is restarted.
fn mend(backend: &Container) -> Action {
    let how = if backend.running { How::Restart } else { How::Start };
    Action::Services { which: Service::Backend, how }
}

/// What a check must say before a backup makes sense: 正常, or 告警 that is to be read.
fn well(facts: &Facts, id: &str, instead: Option<Action>, all: &mut Vec<Checked>) -> Result<(), Refusal> {
    let Some(check) = verdict::check(facts, id) else { return Ok(()) };
    match check.state {
        State::Ok => all.push(Checked::good(check.summary)),
        State::Warning => all.push(Checked::beware(id, check.summary)),
        State::Unknown => return Err(refusal(check)),
        State::Failed => {
            let refusal = refusal(check);
            return Err(match instead {
                Some(action) => refusal.instead(action),
                None => refusal,
            });
        }
    }
    Ok(())
}

fn refusal(check: Check) -> Refusal {
    let said = Text {
        zh: format!("{}：{}。没有开始备份", check.title.zh, check.summary.zh),
        en: format!("{}: {}. No backup was started", check.title.en, check.summary.en),
    };
    let next = check.next.unwrap_or_else(|| text!("再检查一次", "check again"));
    Refusal::new(said, next).because(check.evidence)
}

/// Whether it fits.
fn room(full: bool, facts: &Facts) -> Result<Checked, Refusal> {
    let of_kind = rooms(facts).into_iter().find(|r| r.kind == kind(full));
    if let Some(short) = of_kind.as_ref().filter(|r| !r.room.fits()) {
        return Err(Refusal::new(
            text!(
                "共享只剩 {}，这次备份约需 {}，放不下。没有开始备份",
                "only {} left on the share, and this backup needs about {}. No backup was started",
                short.room.have,
                short.room.need
            ),
            text!("请 Windows 管理员腾出空间", "ask the Windows administrator for room"),
        ));
    }
    let Some(check) = verdict::check(facts, "room") else { return Ok(Checked::good(Text::default())) };
    match (check.state, of_kind) {
        (State::Unknown, _) => Err(refusal(check)),
        (State::Ok, Some(_)) => Ok(Checked::good(check.summary)),
        (_, Some(_)) => Ok(Checked::beware("room", check.summary)),
        (_, None) => Ok(Checked::beware(
            "room unknown",
            text!(
                "以前没有这种备份可比，不知道要占多少空间",
                "there is no earlier backup of this kind to tell how much room it takes"
            ),
        )),
    }
}

/// Nothing is at work, and nothing says so.
fn idle(facts: &Facts) -> Result<(), Refusal> {
    let db = common::known(facts.db, &text!("有没有备份在跑", "whether a backup runs"))?;
    let proofs = || facts.live.iter().map(|(j, w)| verdict::proof(facts, j, w)).collect::<Vec<_>>();
    if let Some((ghost, _)) = facts.live.iter().find(|(_, w)| w.is_gone()) {
        return Err(Refusal::new(
            text!(
                "幽灵任务 {} 挡着：它写着进行中，其实已经死了。没有开始备份",
                "the ghost job {} is in the way: its row says that it runs, but it is dead. No backup was started",
                ghost.id
            ),
            text!("先关闭幽灵任务", "close the ghost job first"),
        )
        .because(proofs())
        .instead(Action::CloseGhost));
    }
    if let Some((job, _)) = facts.live.iter().find(|(j, _)| j.status == Status::Canceling) {
        return Err(Refusal::new(
            text!(
                "任务 {} 正在取消，还没有停下。没有开始备份",
                "job {} is being canceled and has not stopped yet. No backup was started",
                job.id
            ),
            text!("等它停下；一直不停就强制终止", "wait until it stops; if it does not, end it by force"),
        )
        .because(proofs())
        .instead(Action::Cancel { force: true }));
    }
    if let Some((job, _)) = facts.live.first() {
        return Err(blocked::running(&job.id.to_string()).because([jobs::is_now(job)]).because(proofs()));
    }
    let Some(lock) = jobs::lock(db) else { return Ok(()) };
    let said = text!(
        "备份锁被占着，触发会被拒绝。没有开始备份",
        "the backup lock is taken, and a trigger is refused. No backup was started"
    );
    Err(match super::lock::age(&lock, facts) == super::lock::Age::Young {
        true => Refusal::new(
            said,
            text!("锁刚取得；一两分钟后再检查一次", "it was just taken; check again in a minute or two"),
        ),
        false => Refusal::new(said, text!("没有任务持有它：先清除这把锁", "no job holds it: clear it first"))
            .instead(Action::ClearLock),
    }
    .because([lock.words(facts)]))
}

fn steps(full: bool, backend: &Container, facts: &Facts) -> Vec<Step> {
    let (name, point) = (word(backend.name.as_str()), word(&facts.env.paths.mount_point));
    let guard = format!(
        "same_container {name} {}\ncase $(mounted_at {point}) in 'cifs '* | 'smb3 '*) ;; *) refuse not_mounted {point} ;; esac\nbackend_answers 15 || refuse ill {name}\n",
        word(backend.id.as_str())
    );
    let with = json!({ "full": full, "folder": facts.pack_folder_inside() }).to_string();
    vec![
        common::step(
            text!("确认共享和后端还是好的", "make sure that share and backend are still well"),
            guard,
        ),
        common::step(
            text!("让后端开始备份，等到任务出现", "have the backend start it, and wait for its job"),
            format!("change_first start {}\n", word(&with)),
        ),
    ]
}

fn effects(full: bool, facts: &Facts) -> Vec<Text> {
    let (kind, source) = (kind_word(&kind(full)), facts.env.share.source());
    let mut effects = vec![
        Text {
            zh: format!("后端开始一次{}备份，写到 {source}", kind.zh),
            en: format!("the backend starts an {} backup on {source}", kind.en),
        },
        text!(
            "备份在后端容器里自己跑完，不依赖这里的连接；服务不中断",
            "it goes on in the backend's container whatever becomes of this link; nothing else is interrupted"
        ),
    ];
    let retention = facts.db.ok().and_then(|db| db.settings.as_ref()?.retention).filter(|n| *n > 0);
    if let Some(n) = retention {
        let packs = counted(n, "pack", "packs");
        effects.push(text!(
            "做完后后端只保留备份目录里最新的 {n} 个包，更旧的会被它删除",
            "when it is done the backend keeps the newest {packs} of the folder and deletes older ones"
        ));
    }
    effects
}

/// What is seen afterwards: the job that came of it.
pub(super) fn prove(full: bool, before: Option<&Facts>, after: &Facts, events: &[Event]) -> Vec<Proof> {
    let what = text!("备份任务", "backup job");
    let newest = |f: &Facts| f.db.ok().and_then(|db| db.jobs.iter().map(|j| j.id).max());
    let was = before.map(|f| match newest(f) {
        Some(id) => text!("最新的任务是 {id}", "the newest job is {id}"),
        None => text!("没有任务", "no jobs"),
    });
    let proof = |after: Text, state| vec![Proof { what: what.clone(), before: was.clone(), after, state }];
    let db = match after.db {
        Ok(db) => db,
        Err(gap) => return proof(gap.text(), State::Unknown),
    };
    let joined = event::fact(events, "joined").and_then(jobs::number);
    let told = event::fact(events, "job").and_then(jobs::number).or(joined);
    // a run that was ended before it could say: a job that is newer than those before is the answer, or than the question
    let newer = || match (before, asked_at(events)) {
        (Some(before), _) => {
            let last = newest(before).unwrap_or(JobId(0));
            db.jobs.iter().map(|j| j.id).filter(|id| *id > last).max()
        }
        (None, Some(at)) => db.jobs.iter().filter(|j| j.created.is_some_and(|c| c >= at)).map(|j| j.id).max(),
        (None, None) => None,
    };
    let Some(job) = told.or_else(newer).and_then(|id| jobs::find(db, id)) else {
        let may_come = told.is_none() && may_still_come(events, after);
        return proof(no_new_job(), if may_come { State::Unknown } else { State::Failed });
    };
    let (said, state) = became(job, after);
    let other_kind = job.kind != kind(full);
    let note = match (joined.is_some(), other_kind) {
        (false, _) => Text::default(),
        (true, false) => text!(
            "（同一时刻别处已经启动，没有另起）",
            " (started elsewhere in the same moment; no other was started)"
        ),
        (true, true) => text!(
            "（别处启动的另一种备份，没有另起）",
            " (another kind, started elsewhere; no other was started)"
        ),
    };
    let state = if other_kind { State::Failed } else { state };
    proof(Text { zh: format!("{}{}", said.zh, note.zh), en: format!("{}{}", said.en, note.en) }, state)
}

fn no_new_job() -> Text {
    text!("没有新的任务", "there is no new job")
}

/// When the backend was asked, by the server's clock.
fn asked_at(events: &[Event]) -> Option<EpochMs> {
    events.iter().find_map(|e| matches!(e.what, What::Step { n } if n > 1).then_some(e.at))
}

/// The process that asks outlives the run, and may still be loading the backend's modules. With the server it is gone.
fn may_still_come(events: &[Event], after: &Facts) -> bool {
    let ended = event::ended(events).map(|(how, _)| how);
    let is_young = asked_at(events).is_some_and(|at| after.now.since(at) < LOADS_MS);
    is_young && !matches!(ended, Some(Ended::Finished | Ended::Refused | Ended::Rebooted))
}

/// What became of a backup whose run broke off after the backend had been asked: a look decides, and nothing else.
pub(super) fn broke_off(action: &Action, events: &[Event], proofs: Option<&[Proof]>) -> Option<Outcome> {
    if !matches!(action, Action::Backup { .. }) || !has_acted(events) {
        return None;
    }
    let unknown = |said: Text| {
        Some(Outcome::Unknown {
            said,
            next: text!(
                "两分钟后再检查一次，看有没有新任务（「任务」页）；不会重复触发。要再来一次，先确认没有任务在跑",
                "check again in two minutes, and see whether there is a new job (Jobs page); it is never triggered twice. Before another try make sure that no job runs"
            ),
            run: None,
            is_lost: false,
        })
    };
    let Some(proofs) = proofs else {
        return unknown(text!(
            "不知道后端有没有开始备份：没有等到它的答复，之后也没能再看服务器一眼",
            "whether the backend started a backup is not known: its answer was not seen, and the server could not be looked at"
        ));
    };
    let mut all = proofs.to_vec();
    match super::prove::state(proofs) {
        State::Ok | State::Warning => {
            all.push(Proof {
                what: text!("这次操作", "this run"),
                before: None,
                after: text!(
                    "操作中途断了，但备份任务已经在了，它自己会做下去",
                    "the run broke off, but the backup's job is there and goes on by itself"
                ),
                state: State::Warning,
            });
            Some(Outcome::Done { proofs: all })
        }
        State::Unknown => unknown(text!(
            "不知道后端有没有开始备份：没有等到它的答复，现在还看不出来",
            "whether the backend started a backup is not known: its answer was not seen, and it cannot be told yet"
        )),
        State::Failed => {
            let said = match proofs.iter().any(|p| p.after == no_new_job()) {
                true => text!(
                    "后端没有开始备份：看过了，没有新的任务",
                    "the backend started no backup: a look shows no new job"
                ),
                false => text!("备份任务没有做成", "the backup's job has not worked"),
            };
            let next =
                text!("看下面的结果和后端日志，再来一次", "see below and the backend's log, then try again");
            Some(Outcome::Failed { said, next, left: Left::NOTHING, proofs: all })
        }
    }
}

/// What became of the job so far.
fn became(job: &Job, after: &Facts) -> (Text, State) {
    let said = jobs::is_now(job);
    let state = match job.status {
        Status::Queued | Status::Running => {
            let gone = after.live.iter().any(|(j, w)| j.id == job.id && job::Worker::is_gone(w));
            if gone { State::Failed } else { State::Ok }
        }
        Status::Completed => match after.packs.as_ref().map(|packs| pack::of_job(job, packs)) {
            // a row that says so is not a backup
            Ok(Some(pack)) if after.judge(pack, &job.kind, Some(job)).missing.is_empty() => State::Ok,
            Ok(Some(_)) => State::Failed,
            Ok(None) | Err(_) => State::Unknown,
        },
        _ => State::Failed,
    };
    (said, state)
}
