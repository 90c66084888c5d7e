//! A backup that is at work, or says so and does not move.
use crate::core::derive::job::Worker;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, CANCEL, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::plan::{Action, helpers};
use crate::core::probe::database::{Job, Status};
use crate::core::state::State;
use crate::core::verdict::{self, Fate, Late, proof};
use crate::text;

/// The night's backup is still at work.
pub(super) static RUNNING: Rule = Rule {
    id: "running",
    covers: &[],
    look: running,
    runbook: || Runbook {
        family: Family::Wait,
        title: text!("备份还在进行", "the backup is still running"),
        what: text!(
            "昨夜的备份已经开始，还没做完，所以 Windows 上还没有完整的包。",
            "Last night's backup has begun and is not done, so there is no whole pack on Windows yet."
        ),
        shows: text!(
            "「昨夜的备份」写着正在进行；两次检查之间，步骤或包的大小在变（任务画面 F6）。",
            "\"last night's backup\" says that it runs; between two looks its step or its size changes (jobs screen, F6)."
        ),
        how: text!(
            "全量备份要存镜像，可能要一两个小时；数据变多、网络慢、或者后端刚补跑，都会晚。",
            "A full backup saves the images and may take an hour or two; more data, a slow network, or a backend that makes up for a missed slot make it late."
        ),
        mend: text!(
            "等它做完。任务画面（F6）能看到写了多少、还要多久。",
            "Wait for its end. The jobs screen (F6) shows how much is written and how long it will take."
        ),
        acts: &[],
        proof: text!(
            "任务变成完成，包在共享上而且完整",
            "the job is completed, and its pack is on the share and whole"
        ),
        call: &[Whom::You],
        dont: text!(
            "不要重启后端或服务器：备份会断掉，还会留下幽灵任务。也不要看百分比判断，它会来回跳。",
            "Do not restart the backend or the server: the backup would die and leave a ghost job. Do not judge by the percentage: it goes back and forth."
        ),
    },
};

fn running(s: &Scene) -> Ruling {
    let moves = |w: &Worker| !w.is_gone() && !matches!(w, Worker::Still { .. });
    let (job, worker, late) = match &s.fate {
        Fate::JustEnded(job) => return just_ended(s, job).ruling(),
        Fate::Working { job, worker, late } => (*job, *worker, *late),
        // an earlier one that takes so long kept the place when the slot came: the backend begins no other one beside it
        Fate::Missed => match s.live(|_, w| moves(w)) {
            Some((job, worker)) => (job, Some(worker), Some(Late::Runs)),
            None => return none_at_work(s),
        },
        _ => return none_at_work(s),
    };
    if worker.is_some_and(|w| !moves(w)) {
        return Ruling::Open;
    }
    let grown = grown(s, job);
    let certainty = match (grown.is_some(), worker) {
        (true, _) => Certainty::Proved,
        (false, Some(Worker::Growing { .. } | Worker::Packing { .. })) => Certainty::Likely,
        _ => Certainty::Possible,
    };
    let what = match late {
        Some(Late::Runs) => text!("还在进行，比平时晚了", "is still running, later than it should be"),
        Some(Late::Began) => text!("开始得晚，正在进行", "began late and is running"),
        None => text!("正在进行", "is running"),
    };
    let says = crate::i18n::Text {
        zh: format!("备份 {} {}：{}", job.id, what.zh, job.message),
        en: format!("backup {} {}: {}", job.id, what.en, job.message),
    };
    let mut found = Found::new(State::Warning, certainty, says)
        .by(job.began().map(|at| s.saw(Probe::Database, text!("{} 开始", "began at {}", s.time(at)))))
        .by(worker.map(|w| s.saw(place(w), proof(s.f, job, w))))
        .by(grown)
        .by(helper(s, job).filter(|_| !matches!(worker, Some(Worker::Packing { .. }))))
        .against(not_grown(s, job))
        .fix(s.wait_for(job))
        .because_of(&["share-hung", "windows-off", "windows-refuses", "no-route"])
        .tells_the_night(matches!(s.fate, Fate::Working { .. }));
    if certainty != Certainty::Proved {
        found = found.would_prove(text!(
            "几分钟后再看一次：步骤或包的大小变了，就是活的",
            "look again in some minutes: if step or size have changed, it is alive"
        ));
    }
    found.ruling()
}

/// It has come to its end while this look was taken: the next one tells.
fn just_ended(s: &Scene, job: &Job) -> Found {
    let again = text!("再检查一次，看它的包", "look again, at its pack");
    Found::new(State::Warning, Certainty::Proved, verdict::just_ended(job))
        .by([s.said(Probe::Database, "night")])
        .fix(Fix::Wait { until: s.soon(60_000), what: again })
        .tells_the_night(true)
}

fn none_at_work(s: &Scene) -> Ruling {
    match s.fate {
        Fate::Unread(_) => Ruling::Open,
        _ if s.f.live.is_empty() => {
            Ruling::Out(s.saw(Probe::Database, text!("没有进行中的任务", "no job is at work")))
        }
        _ => Ruling::Open,
    }
}

/// Where a judgement of a worker comes from.
fn place(worker: &Worker) -> Probe {
    match worker {
        Worker::Growing { .. } => Probe::Packs,
        Worker::GoneByRestart { .. } | Worker::GoneWithContainer { .. } | Worker::Packing { .. } => {
            Probe::Containers
        }
        Worker::Still { .. } | Worker::CannotTell => Probe::Database,
    }
}

/// What has changed between two looks.
fn grown(s: &Scene, job: &Job) -> Option<Evidence> {
    let (then, pack_then) = s.earlier_job(job)?;
    let now =
        s.f.packs.as_ref().ok().and_then(|p| crate::core::derive::pack::of_job(job, p)).map(|p| p.bytes());
    let before = pack_then.map(|p| p.bytes());
    match (before, now) {
        (Some(before), Some(now)) if now > before => Some(s.saw(
            Probe::Packs,
            text!(
                "两次检查之间，包从 {before} 长到 {now}",
                "between two looks its pack grew from {before} to {now}"
            ),
        )),
        _ if then.message != job.message => Some(s.saw(
            Probe::Database,
            text!(
                "两次检查之间，步骤从“{}”变成“{}”",
                "between two looks its step went from \"{}\" to \"{}\"",
                then.message,
                job.message
            ),
        )),
        _ => None,
    }
}

/// Nothing has changed between two looks.
fn not_grown(s: &Scene, job: &Job) -> Option<Evidence> {
    let (then, pack) = s.earlier_job(job)?;
    pack?;
    (grown(s, job).is_none() && then.message == job.message).then(|| {
        s.saw(
            Probe::Packs,
            text!("两次检查之间，步骤和包都没有变", "between two looks neither step nor pack changed"),
        )
    })
}

/// A container that packs a volume: another one of the backend's image.
fn helper(s: &Scene, job: &Job) -> Option<Evidence> {
    let helper = helpers(s.f, job.began()).into_iter().next()?;
    Some(s.saw(Probe::Containers, text!("打包容器 {} 在运行", "the packing container {} runs", helper.name)))
}

/// A job that says that it runs, and nothing of it moves.
pub(super) static STUCK: Rule = Rule {
    id: "stuck-job",
    covers: &["live"],
    look: stuck,
    runbook: || Runbook {
        family: Family::Jobs,
        title: text!("备份卡住了", "the backup is stuck"),
        what: text!(
            "任务写着进行中，后端也没重启过，但步骤、包的大小很久没有变化。它占着位置，新的备份起不来。",
            "The job says that it runs, and the backend was not restarted; but step and pack have not changed for long. It holds the place, so no new backup can start."
        ),
        shows: text!(
            "「进行中的任务」告警：可能卡住了；步骤、包的大小很久没有变化，后端也没有重启过。",
            "\"live jobs\" warns that it may be stuck: step and size have not changed for long, and the backend was not restarted."
        ),
        how: text!(
            "共享读写卡住（Windows 休眠、网络断）、数据库直接写在共享上、打包容器挂起，或后端自己空转。",
            "Reading or writing the share hangs (Windows asleep, network gone), the database is written onto the share itself, the packing container hangs, or the backend spins."
        ),
        mend: text!(
            "隔 10 分钟按 F5 再看，确认没有变化。共享不应答就先修共享。然后按 K 取消；不肯停，再选强制终止。最后按 B 再做一次。",
            "Look again after 10 minutes (F5) to be sure. If the share does not answer, mend that first. Then press K to cancel it; if it does not stop, end it by force. Last press B."
        ),
        acts: &[CANCEL, BACKUP],
        proof: text!("任务变成已取消，新的任务在走", "the job is canceled, and a new one moves"),
        call: &[Whom::Windows, Whom::Backend],
        dont: text!(
            "不要只凭时间长就强制终止：大卷打包几十分钟没有新文件是可能的。",
            "Do not end it only because it takes long: a large volume may be packed for many minutes."
        ),
    },
};

fn stuck(s: &Scene) -> Ruling {
    let still = |j: &Job, w: &Worker| matches!(w, Worker::Still { .. }) && j.status != Status::Canceling;
    let Some((job, worker)) = s.live(still) else {
        return match s.f.db {
            Ok(_) if s.f.live.is_empty() => {
                Ruling::Out(s.saw(Probe::Database, text!("没有进行中的任务", "no job is at work")))
            }
            _ => Ruling::Open,
        };
    };
    let minutes = if let Worker::Still { minutes, .. } = worker { *minutes } else { 0 };
    let night = matches!(&s.fate, Fate::Working { job: of, .. } if of.id == job.id);
    let grown = grown(s, job);
    let mut found = Found::new(
        State::Warning,
        if grown.is_some() { Certainty::Possible } else { Certainty::Likely },
        text!(
            "备份 {} 卡住了：{minutes} 分钟没有任何动静，停在“{}”",
            "backup {} is stuck: nothing has moved for {minutes} min, it stands at \"{}\"",
            job.id,
            job.message
        ),
    )
    .by([s.saw(Probe::Database, proof(s.f, job, worker))])
    .against(helper(s, job))
    .against(grown)
    .would_prove(text!(
        "隔 10 分钟再看一次：步骤、包的大小、打包容器都没有变化，就是卡住了",
        "look again in 10 min: if step, size and packing container are the same, it is stuck"
    ))
    // an older backend cannot be asked to stop
    .fix(Fix::Do(Action::Cancel { force: s.f.db.is_ok_and(|db| !db.can_cancel) }))
    .fix(s.backup())
    .because_of(&["share-hung", "share-error", "windows-off", "windows-refuses", "no-route"])
    .tells_the_night(night);
    if let Some((then, _)) = s.earlier_job(job).filter(|(then, _)| then.message == job.message) {
        found = found
            .by(s.saw_before(Probe::Database, text!("那时也停在“{}”", "then, too, at \"{}\"", then.message)));
    }
    if s.share_works() {
        found = found.against([s.said(Probe::Share, "share")]);
    }
    found.ruling()
}
