//! Stopping a backup: by asking its worker, or by force.
//!
//! By force the order matters: what packs is stopped, the backend is restarted, the worker and its helpers are proved gone,
//! and only then are the row and the lock touched. What was written so far stays.
use super::event::{self, Event};
use super::ghost::of_job;
use super::prove::{Proof, of_check};
use super::share::{no_other_job, not_stuck};
use super::{Action, Checked, Made, Refusal, Risk, common, jobs, script::word};
use crate::core::derive::job::Worker;
use crate::core::derive::pack::base_name;
use crate::core::probe::database::{Job, Status};
use crate::core::state::State;
use crate::core::units::JobId;
use crate::core::verdict::{self, Facts};
use crate::i18n::Text;
use crate::text;
use serde_json::json;

/// Seconds in which a worker that was asked is expected to stop.
const PATIENCE_S: u32 = 600;
/// Seconds that one gets before it is ended.
const SHORT_PATIENCE_S: u32 = 15;
/// What a row says of a backup that was ended by force.
const WORDS: &str = "由运维强制终止";

/// The plan.
pub(super) fn make(force: bool, facts: &Facts, _root: &str) -> Result<Made, Refusal> {
    let db = common::known(facts.db, &text!("有没有备份在跑", "whether a backup runs"))?;
    if facts.live.is_empty() {
        return Ok(Made::Nothing {
            said: text!("没有正在跑的备份，什么也不用做", "no backup is running: nothing to do"),
            evidence: Vec::new(),
        });
    }
    let (job, worker) = the_one(facts)?;
    let can_be_asked = db.can_cancel && job.status != Status::Canceling && !worker.is_gone();
    if !force && !can_be_asked {
        return Err(cannot_ask(job, worker, facts));
    }
    Ok(Made::Plan(Box::new(if force {
        by_force(job, worker, can_be_asked, facts)?
    } else {
        asking(job, worker, facts)?
    })))
}

/// The job that is to stop: the only one that may be alive.
fn the_one<'a, 'b>(facts: &'b Facts<'a>) -> Result<&'b (&'a Job, Worker), Refusal> {
    let proofs = || facts.live.iter().map(|(j, w)| verdict::proof(facts, j, w)).collect::<Vec<_>>();
    let mut alive = facts.live.iter().filter(|(_, w)| !w.is_gone());
    match (alive.next(), alive.next()) {
        (Some(one), None) => Ok(one),
        (Some(_), Some(_)) => Err(Refusal::new(
            text!(
                "有多个任务写着正在进行，不能确定要停哪一个。什么也没做",
                "several jobs say that they run; which one to stop is not known. Nothing was done"
            ),
            text!(
                "请后端管理员看一下；后端同一时间只应有一个",
                "ask whoever runs the backend: there should be only one"
            ),
        )
        .because(proofs())),
        (None, _) => {
            // killed with its backend, a worker leaves what packs for it, and that goes on writing
            let began = facts.live.iter().map(|(j, _)| j.began()).min().flatten();
            match (facts.live.first(), jobs::helpers(facts, began).is_empty()) {
                (Some(one), false) if facts.live.len() == 1 => Ok(one),
                _ => Err(Refusal::new(
                    text!(
                        "它已经死了，没有什么可停的。什么也没做",
                        "it is dead already: there is nothing to stop. Nothing was done"
                    ),
                    text!("关闭幽灵任务", "close the ghost job"),
                )
                .because(proofs())
                .instead(Action::CloseGhost)),
            }
        }
    }
}

fn cannot_ask(job: &Job, worker: &Worker, facts: &Facts) -> Refusal {
    let said = match job.status {
        _ if worker.is_gone() => text!(
            "任务 {} 已经死了，但它的打包容器还在写。什么也没做",
            "job {} is dead, but what packs for it still writes. Nothing was done",
            job.id
        ),
        Status::Canceling => text!(
            "任务 {} 已经在取消中（请求于 {}）。什么也没做",
            "job {} has been asked to stop already (at {}). Nothing was done",
            job.id,
            job.cancel_requested.map(|at| facts.time(at)).unwrap_or_else(|| "?".into())
        ),
        _ => text!(
            "这个旧版后端不认识取消请求（任务表没有取消列）。什么也没做",
            "this older backend knows no cancel (its jobs have no columns for it). Nothing was done"
        ),
    };
    Refusal::new(
        said,
        text!(
            "等它自己停下，或强制终止（会重启后端）",
            "wait for it, or end it by force (restarts the backend)"
        ),
    )
    .because([jobs::is_now(job), verdict::proof(facts, job, worker)])
    .instead(Action::Cancel { force: true })
}

fn ask(job: &Job) -> String {
    format!("cancel {}", word(&json!({ "job": jobs::row(job) }).to_string()))
}

fn asking(job: &Job, worker: &Worker, facts: &Facts) -> Result<super::Plan, Refusal> {
    let backend = common::backend(facts)?;
    let helpers = jobs::helpers_since(job.began(), facts);
    let same = format!("same_container {} {}\n", word(backend.name.as_str()), word(backend.id.as_str()));
    let steps = vec![
        common::step(
            text!("请求取消", "ask for the cancel"),
            format!("{same}remember_helpers {helpers}\nchange_first {}\n", ask(job)),
        ),
        common::step(
            text!("等它停下", "wait until it stops"),
            format!("job_ends {} {PATIENCE_S}\n", job.id.0),
        ),
        common::step(
            text!("打包容器也停下", "what packs for it stops, too"),
            format!("no_helpers {helpers} 20 || stop_helpers {helpers}\n"),
        ),
    ];
    let mut plan = common::plan(Action::Cancel { force: false }, facts, steps);
    plan.risk = Risk::Heavy;
    plan.limit_s = PATIENCE_S + 120;
    plan.effects = vec![
        text!(
            "请求后端停下任务 {}，等它自己停",
            "asks the backend to stop job {}, and waits until it does",
            job.id
        ),
        partial(job),
        text!("后端不重启，服务不中断", "the backend is not restarted; nothing else is interrupted"),
    ];
    plan.effects.extend(begun_anew(job, facts));
    plan.checked = checked(job, worker, facts);
    plan.proof = vec![text!(
        "再看一次：任务不再进行中，锁已放开，没有打包容器",
        "another look: the job is not at work, the lock is gone, nothing packs"
    )];
    plan.undo = text!("不能撤销；可以再做一次备份", "cannot be undone; start another backup");
    plan.kept = vec![jobs::kept(job)];
    Ok(plan)
}

fn by_force(job: &Job, worker: &Worker, can_be_asked: bool, facts: &Facts) -> Result<super::Plan, Refusal> {
    let backend = common::backend(facts)?;
    // a job is often stuck because the share is
    let answers = if backend.running { not_stuck(facts, backend)? } else { String::new() };
    let alone = no_other_job(facts);
    let (name, helpers) = (word(backend.name.as_str()), jobs::helpers_since(job.began(), facts));
    let lock = facts.db.ok().and_then(jobs::lock);
    let mut steps = vec![common::step(
        text!("确认一切还和预览时一样", "make sure that all is as it was in the preview"),
        format!(
            "same_container {name} {}\n{alone}{answers}remember_backend\nremember_helpers {helpers}\n",
            word(backend.id.as_str())
        ),
    )];
    if can_be_asked && backend.running {
        // it may still end by itself, and cleanly; if it does not, it is only ended the harder way
        let sh = format!("change_first {}\njob_ends {} {SHORT_PATIENCE_S} || true\n", ask(job), job.id.0);
        steps.push(common::step(text!("先请求取消", "ask for the cancel first"), sh));
    }
    steps.push(common::step(text!("停下打包容器", "stop what packs"), format!("stop_helpers {helpers}\n")));
    if backend.running {
        // another backup may have begun when this one ended
        let ids: Vec<JobId> = facts.live.iter().map(|(job, _)| job.id).collect();
        let jobs = super::share::job_words(facts, &ids);
        steps.push(common::step(
            text!("重启后端", "restart the backend"),
            format!("no_job_began {jobs}\nremember_start\nwithin 90 docker restart -t 10 {name}\ncontainer_runs {name} 60\nbackend_answers 120\n"),
        ));
    }
    let began = jobs::utc(job.began(), "9999");
    steps.push(common::step(
        text!("证明线程和打包容器都不在了", "prove that worker and packing containers are gone"),
        format!("worker_is_gone {began}\nstop_helpers {helpers}\n"),
    ));
    let with = json!({
        // by now the row may say that it is being canceled, or that it began
        "jobs": [{"id": job.id.0, "status": ["queued", "running", "canceling"], "created_at_ms": job.created.map(|t| t.0)}],
        "to": "canceled", "lock": lock.as_ref().map(jobs::lock_row), "same_lock": false, "words": WORDS,
    });
    steps.push(common::step(
        text!("改任务的行，按比对删除锁", "change the job's row, delete the lock by comparison"),
        format!("change close {}\n", word(&with.to_string())),
    ));
    let mut plan = common::plan(Action::Cancel { force: true }, facts, steps);
    plan.risk = Risk::Heavy;
    plan.effects = force_effects(job, backend.running, facts);
    plan.checked = checked(job, worker, facts);
    plan.proof = vec![
        text!(
            "再看一次：任务不再进行中，锁不在了，没有打包容器",
            "another look: the job is not at work, the lock is gone, nothing packs"
        ),
        text!("后端容器是新启动的，/health 正常", "the backend has started anew and its /health is well"),
    ];
    plan.undo = text!("不能撤销；可以再做一次备份", "cannot be undone; start another backup");
    plan.kept = std::iter::once(jobs::kept(job)).chain(lock.map(|l| l.kept())).collect();
    Ok(plan)
}

fn force_effects(job: &Job, runs: bool, facts: &Facts) -> Vec<Text> {
    let packs = jobs::helpers(facts, job.began());
    let names = packs.iter().map(|c| c.name.as_str()).collect::<Vec<_>>().join(" ");
    let mut effects = vec![text!(
        "终止任务 {}：先请求取消，不停就强行终止",
        "ends job {}: asks first, then by force",
        job.id
    )];
    if !names.is_empty() {
        effects.push(text!("停下打包容器 {names}", "stops the packing container {names}"));
    }
    if runs {
        effects.push(text!(
            "重启后端：网页和接口会中断，直到它重新起来",
            "restarts the backend: web pages and API are away until it is up again"
        ));
    }
    effects.push(partial(job));
    effects.extend(begun_anew(job, facts));
    effects
}

/// A slot that is left without a backup is made up for.
fn begun_anew(job: &Job, facts: &Facts) -> Option<Text> {
    (facts.is_of_the_slot(job.id) || facts.missed_slot()).then(|| {
        text!(
            "停下后约 60 秒内，后端可能自己重新开始昨夜的备份：不想要，就先在网页的数据安全里关掉定时",
            "within about 60 s the backend may start the night's backup again: switch the schedule off first (web page, data security) if it is not wanted"
        )
    })
}

/// What was written so far is named, and stays.
fn partial(job: &Job) -> Text {
    match &job.output_dir {
        Some(folder) => {
            let name = base_name(folder.as_str());
            text!(
                "写了一半的包 {name} 留在共享上，不会删除",
                "the half-written pack {name} stays on the share"
            )
        }
        None => text!("写了一半的包会留在共享上，不会删除", "a half-written pack stays on the share"),
    }
}

fn checked(job: &Job, worker: &Worker, facts: &Facts) -> Vec<Checked> {
    let mut checked =
        vec![Checked::good(jobs::is_now(job)), Checked::good(verdict::proof(facts, job, worker))];
    let others: Vec<String> =
        facts.live.iter().filter(|(j, _)| j.id != job.id).map(|(j, _)| j.id.to_string()).collect();
    if !others.is_empty() {
        checked.push(Checked::beware(
            format!("ghosts {}", others.join(" ")),
            text!("另外还有幽灵任务，之后要单独关闭", "there are ghost jobs, too; close them afterwards"),
        ));
    }
    checked
}

/// What is seen afterwards.
pub(super) fn prove(force: bool, before: Option<&Facts>, after: &Facts, events: &[Event]) -> Vec<Proof> {
    let told = ["closed", "ended", "asked"]
        .into_iter()
        .find_map(|name| event::fact(events, name).and_then(jobs::number));
    let seen = before.and_then(|f| the_one(f).ok()).map(|(j, _)| j.id);
    let Some(id) = told.or(seen) else { return Vec::new() };
    let job = after.db.ok().and_then(|db| jobs::find(db, id));
    // a backup that was made up for since then has helpers of its own
    let newer = after.live.iter().any(|(j, _)| j.id > id);
    let began = job.and_then(Job::began).filter(|_| !newer);
    let mut proofs = vec![of_job(id, before, after), jobs::lock_gone(before, after)];
    if !newer {
        proofs.push(jobs::helpers_gone(before, after, began));
    }
    if force {
        proofs.extend(of_check("backend", before, after));
    }
    proofs.extend(left(id, job, after));
    proofs
}

/// Where the half-written pack lies.
fn left(id: JobId, job: Option<&Job>, after: &Facts) -> Option<Proof> {
    let job = job.filter(|j| j.status != Status::Completed)?;
    let inside = job.output_dir.as_ref()?.as_str();
    let backend = after.backend.ok().flatten();
    let path = backend.and_then(|b| b.host_path(inside)).unwrap_or_else(|| inside.to_owned());
    Some(Proof {
        what: text!("{id} 写了一半的包", "what {id} wrote so far"),
        before: None,
        after: text!("留在 {path}，没有删除", "stays at {path}"),
        state: State::Ok,
    })
}
