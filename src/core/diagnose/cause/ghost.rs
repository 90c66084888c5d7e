//! Jobs whose row lives on after their worker.
use super::NO_BACKEND;
use crate::core::derive::job::Worker;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, CANCEL_FORCE, CLOSE_GHOST, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::plan::{Action, helpers};
use crate::core::probe::database::{Job, Status};
use crate::core::state::State;
use crate::core::verdict::{Fate, proof};
use crate::i18n::{Text, counted};
use crate::text;

/// Says that it runs, and its worker is gone.
pub(super) static GHOST: Rule = Rule {
    id: "ghost-job",
    covers: &["live"],
    look: |s| dead(s, false),
    runbook: || Runbook {
        family: Family::Jobs,
        title: text!("幽灵任务占着位置", "a ghost job is in the way"),
        what: text!(
            "任务写着进行中，但干活的进程早就没了。它永远不会完成，却让每一次新的备份都起不来。",
            "A job says that it runs, but its worker is long gone. It will never end, and no new backup can start."
        ),
        shows: text!(
            "「进行中的任务」失败：后端启动的时间比任务晚；网页上任务一直是进行中，再点备份返回 409 或没有反应。",
            "\"live jobs\" fails: the backend was started after the job; the web page shows it at work for ever, and another trigger answers 409 or nothing."
        ),
        how: text!(
            "备份是后端进程里的一个线程。备份中途后端容器重启（或被停掉），线程就没了，数据库里那一行没人改。",
            "A backup is a thread of the backend. When the container is restarted or stopped in mid-backup, the thread is gone, and nobody changes its row."
        ),
        mend: text!(
            "按 X 关闭这个任务：控制台只改你看到的那一行，并再证明一次它已经死了。然后等一两分钟看后端会不会自己补跑；没有就按 B。",
            "Press X to close the job: the console changes only the row that you see, and proves once more that it is dead. Give the backend a minute or two to make up for the backup by itself; if it does not, press B."
        ),
        acts: &[CLOSE_GHOST, BACKUP],
        proof: text!(
            "任务不再占着位置；新任务的编号不同，而且在走",
            "the job is out of the way; a new one has another number and moves"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要只凭“跑了很久”就当成幽灵：要有容器在它之后重启过的证据。它写了一半的包不能当备份用。",
            "Do not take a job for a ghost only because it takes long: the proof is that the container was started after it. The half pack that it left is no backup."
        ),
    },
};

/// Was told to stop, and never does.
pub(super) static CANCELING: Rule = Rule {
    id: "stuck-canceling",
    covers: &["live"],
    look: |s| dead(s, true),
    runbook: || Runbook {
        family: Family::Jobs,
        title: text!("任务卡在取消中", "a job is stuck while canceling"),
        what: text!(
            "有人取消了备份，但任务一直停在“取消中”，占着位置，新的备份起不来。",
            "Somebody canceled the backup, and the job stays at canceling for ever: it holds the place, and no new backup can start."
        ),
        shows: text!(
            "「进行中的任务」失败或告警：任务一直停在取消中，网页上再点取消没有反应。",
            "\"live jobs\" fails or warns: the job stays at canceling, and canceling it again in the web page does nothing."
        ),
        how: text!(
            "取消的时候后端重启了，或者干活的线程卡在共享上，没人把这一行改成已取消。后端自己也不清理这种任务。",
            "The backend was restarted meanwhile, or its thread hangs on the share; nobody sets the row to canceled, and the backend does not clean up such jobs."
        ),
        mend: text!(
            "后端重启过的，按 X 关闭它；没重启过的，按 K，在框里选强制终止（会重启后端）。然后等一两分钟看后端会不会自己补跑；没有就按 B。",
            "If the backend was restarted since, press X to close it; if not, press K and choose to end it by force (restarts the backend). Give it a minute or two to make up for the backup by itself; if it does not, press B."
        ),
        acts: &[CLOSE_GHOST, CANCEL_FORCE, BACKUP],
        proof: text!(
            "任务不再占着位置；新任务的编号不同，而且在走",
            "the job is out of the way; a new one has another number and moves"
        ),
        call: &[Whom::Backend],
        dont: text!("不要重复点取消：没有用。", "Do not cancel it again: that does nothing."),
    },
};

fn dead(s: &Scene, canceling: bool) -> Ruling {
    let ours = |j: &Job| (j.status == Status::Canceling) == canceling;
    let gone = s.live(|j, w| ours(j) && w.is_gone());
    let still = s.live(|j, w| ours(j) && canceling && matches!(w, Worker::Still { .. }));
    let Some((job, worker)) = gone.or(still) else {
        return match s.f.db {
            Ok(_) if s.f.live.is_empty() => {
                Ruling::Out(s.saw(Probe::Database, text!("没有进行中的任务", "no job is at work")))
            }
            _ => Ruling::Open,
        };
    };
    let dead = worker.is_gone();
    let night = matches!(&s.fate, Fate::Working { job: of, .. } if of.id == job.id);
    let mut found = Found::new(
        if dead { State::Failed } else { State::Warning },
        if dead { Certainty::Proved } else { Certainty::Likely },
        says(s, job, worker),
    )
    .by([s.saw(
        Probe::Database,
        text!(
            "任务 {} 还写着“{}”，{} 开始",
            "job {} still says \"{}\", began at {}",
            job.id,
            job.message,
            job.began().map(|at| s.time(at)).unwrap_or_else(|| "?".into())
        ),
    )])
    .by([s.saw(if dead { Probe::Containers } else { Probe::Database }, proof(s.f, job, worker))])
    .by(why_restarted(s, worker))
    .night(night);
    if let Some((then, _)) = s.earlier_job(job).filter(|(then, _)| *then == job) {
        found = found.by(s.saw_before(
            Probe::Database,
            text!("那时这一行也一样（{}）", "the row was the same then ({})", then.id),
        ));
    }
    let packs = helpers(s.f, job.began());
    found = found.by(packs.first().map(|c| {
        s.saw(Probe::Containers, text!("打包容器 {} 还在写", "the packing container {} still writes", c.name))
    }));
    found = match dead {
        // what packs for it goes on without its worker, and has to be ended first
        true if !packs.is_empty() => found.fix(Fix::Do(Action::Cancel { force: true })),
        true => found.fix(Fix::Do(Action::CloseGhost)),
        false => found
            .would_prove(text!(
                "隔几分钟再看一次，还是没有变化",
                "look again in some minutes: nothing has changed"
            ))
            .fix(Fix::Do(Action::Cancel { force: true })),
    };
    found = found.fix(s.backup());
    // a worker that went with its container comes back with it no more than the backup does
    if matches!(worker, Worker::GoneWithContainer { .. }) {
        found = found.because_of(&NO_BACKEND).stays();
    }
    found.ruling()
}

fn says(s: &Scene, job: &Job, worker: &Worker) -> Text {
    let what = match job.status {
        Status::Canceling => text!("卡在取消中", "is stuck while canceling"),
        _ => text!("是幽灵", "is a ghost"),
    };
    match worker {
        Worker::GoneByRestart { container_started, .. } => Text {
            zh: format!(
                "任务 {} {}：后端在 {} 重启，干活的进程没了，它还占着位置",
                job.id,
                what.zh,
                s.time(*container_started)
            ),
            en: format!(
                "job {} {}: the backend was restarted at {}, its worker is gone, and it is still in the way",
                job.id,
                what.en,
                s.time(*container_started)
            ),
        },
        Worker::GoneWithContainer { .. } => Text {
            zh: format!("任务 {} {}：后端停了，干活的进程没了，它还占着位置", job.id, what.zh),
            en: format!(
                "job {} {}: the backend has stopped, its worker is gone, and it is still in the way",
                job.id, what.en
            ),
        },
        _ => Text {
            zh: format!("任务 {} {}，占着位置", job.id, what.zh),
            en: format!("job {} {}, and in the way", job.id, what.en),
        },
    }
}

/// A boot this long before the start of a container is why it started.
const BOOT_MS: i64 = 15 * 60_000;

fn why_restarted(s: &Scene, worker: &Worker) -> Vec<Evidence> {
    let Worker::GoneByRestart { container_started, .. } = worker else { return Vec::new() };
    let mut why = Vec::new();
    if let Some(boot) = s.booted().filter(|boot| (0..BOOT_MS).contains(&container_started.since(*boot))) {
        why.push(s.saw(
            Probe::Server,
            text!("整台服务器在 {} 重启过", "the whole server was rebooted at {}", s.time(boot)),
        ));
    }
    let Ok(Some(c)) = s.f.backend else { return why };
    if c.oom_killed {
        why.push(s.saw(
            Probe::Containers,
            text!("后端曾因内存不足被系统结束", "the backend was ended for want of memory"),
        ));
    }
    if let Some(n) = c.restarts.filter(|n| *n > 0) {
        let times = counted(n, "time", "times");
        why.push(s.saw(
            Probe::Containers,
            text!("Docker 自动重启过它 {n} 次", "Docker restarted it {times} by itself"),
        ));
    }
    why
}
