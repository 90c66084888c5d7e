//! The backend's container: away or ill now, or away when the backup was due.
use super::FULL;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, RESTART, Runbook, START};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::Certainty;
use crate::core::plan::{Action, How, Service};
use crate::core::probe::health::Health;
use crate::core::state::State;
use crate::core::verdict::{Fate, crash_loops};
use crate::text;

/// No such container.
pub(super) static NONE: Rule = Rule {
    id: "no-backend",
    covers: &["backend"],
    look: |s| {
        let name = &s.f.env.containers.backend;
        match s.f.backend {
            Ok(None) => Found::new(
                State::Failed,
                Certainty::Proved,
                text!("没有后端容器 {name}", "there is no container {name}"),
            )
            .by([s.saw(Probe::Containers, text!("docker 列出的容器里没有 {name}", "docker lists no {name}"))])
            .fix(Fix::Call {
                whom: Whom::Backend,
                what: text!("重新部署后端容器", "deploy the backend's container"),
            })
            .because_of(&["wrong-server"])
            .ruling(),
            Ok(Some(_)) => Ruling::Out(s.fine(
                Probe::Containers,
                "backend",
                text!("有容器 {name}", "the container {name} is there"),
            )),
            Err(_) => Ruling::Open,
        }
    },
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("后端容器不存在", "the backend's container is gone"),
        what: text!(
            "这台服务器上没有后端容器，没有它就没有定时、没有备份。",
            "There is no backend container on this server: no schedule, no backup without it."
        ),
        shows: text!(
            "「后端服务」失败：没有这个容器；网页登录不了。",
            "\"backend\" fails: there is no such container; nobody can log in to the web pages."
        ),
        how: text!(
            "发布或回滚中途失败、容器被删，或者看错了服务器、配置里的容器名不对。",
            "A release or rollback failed half way, it was deleted, this is the wrong server, or its name in the configuration is wrong."
        ),
        mend: text!(
            "先确认服务器和容器名没弄错，再请后端负责人部署。昨夜没做成的，再按 B 补。",
            "First make sure of server and name; then ask whoever runs the backend to deploy it. Then press B for the night that was lost."
        ),
        acts: &[BACKUP],
        proof: text!("容器在运行，/health 正常", "the container runs, /health is fine"),
        call: &[Whom::Backend],
        dont: text!(
            "不要自己随手 docker run 一个：绑定少一个，备份就写到别处。",
            "Do not docker run one by hand: with one bind missing, backups go elsewhere."
        ),
    },
};

/// The container does not run.
pub(super) static DOWN: Rule = Rule {
    id: "backend-down",
    covers: &["backend"],
    look: |s| {
        match s.f.backend {
            Ok(Some(c)) if !c.running => {}
            Ok(Some(_)) => {
                return Ruling::Out(s.fine(
                    Probe::Containers,
                    "backend",
                    text!("后端容器在运行", "the backend's container runs"),
                ));
            }
            _ => return Ruling::Open,
        }
        let mut found = Found::new(State::Failed, Certainty::Proved, s.summary("backend"))
            .by(s.whole("backend"))
            .fix(Fix::Do(Action::Services { which: Service::Backend, how: How::Start }))
            .because_of(&["docker-down", "operation-at-work", "operation-cut-off"])
            .because_of(if was_stopped(s) { &[] } else { &["disk-full", "inodes-full"] })
            .because_of(s.coming_up());
        // an action that stopped it starts it again
        if s.state("operations") != State::Warning {
            found = found.stays_if(!s.is_booting());
        }
        if s.night_lost() {
            found = found.fix(if s.may_catch_up() { s.catch_up() } else { s.backup() });
        }
        found.ruling()
    },
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("后端没有运行", "the backend does not run"),
        what: text!(
            "后端容器停着。定时是后端自己做的，它不在，到点就什么都不会发生。",
            "The backend's container is stopped. The schedule lives in it: without it nothing happens when the time comes."
        ),
        shows: text!(
            "「后端服务」失败：没有运行；网页登录不了。",
            "\"backend\" fails: it does not run; nobody can log in to the web pages."
        ),
        how: text!(
            "有人停了没再启动、挂载或发布中途断开、内存不足被系统结束、磁盘满启动失败。",
            "Somebody stopped it and did not start it again, a mount or release was cut off half way, it was ended for want of memory, or a full disk kept it from starting."
        ),
        mend: text!(
            "按 R 启动后端。错过的备份它会在一分钟左右自己补跑；三分钟还没有新任务，再按 B。",
            "Press R to start it. Within about a minute it makes up for a missed backup by itself; if there is no new job after three, press B."
        ),
        acts: &[START, BACKUP],
        proof: text!(
            "/health 正常；三分钟内出现补跑的任务",
            "/health is fine; within three minutes there is a job that makes up for it"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要启动后马上再手动触发：先等它补跑。内存不足停的，先查内存。",
            "Do not start a backup by hand at once: let it catch up first. If it was ended for want of memory, see to that first."
        ),
    },
};

/// It ended as a container does that is told to (docker stop: 0, or 128 + SIGTERM or SIGKILL): a full disk had no part in it.
fn was_stopped(s: &Scene) -> bool {
    let code = s.f.backend.ok().flatten().filter(|c| !c.oom_killed).and_then(|c| c.exit_code);
    matches!(code, Some(0 | 137 | 143))
}

/// It runs, and is not well.
pub(super) static ILL: Rule = Rule {
    id: "backend-ill",
    covers: &["backend"],
    look: |s| {
        match s.f.backend {
            Ok(Some(c)) if c.running && s.state("backend") == State::Failed => {}
            Ok(Some(_)) if s.state("backend") == State::Ok => {
                return Ruling::Out(s.said(Probe::Health, "backend"));
            }
            _ => return Ruling::Open,
        }
        let loops = s.f.backend.ok().flatten().is_some_and(|c| crash_loops(s.f, c));
        let mut found =
            Found::new(State::Failed, Certainty::Likely, s.summary("backend"))
                .by(s.whole("backend"))
                .by(matches!(s.f.look.health, Ok(Health::Ill { .. } | Health::Silent { .. })).then(|| {
                    s.saw(Probe::Health, text!("/health 不正常或没有答复", "/health is not well, or silent"))
                }))
                .against((s.f.look.health == Ok(Health::Ok)).then(|| {
                    s.saw(Probe::Health, text!("/health 有答复，正常", "/health answers and is fine"))
                }))
                .would_prove(text!("看后端日志最后的报错", "the last errors in the backend's log"))
                .because_of(&["operation-at-work", "share-hung", "share-error", "docker-down"])
                .because_of(&FULL)
                .stays();
        // what Docker restarts all the time is not mended by one restart more
        found = match loops {
            true => found.fix(Fix::Call {
                whom: Whom::Backend,
                what: text!(
                    "看后端日志最后的报错，让它能起来（不要连着重启）",
                    "see the last errors in the backend's log and make it come up (do not restart it again and again)"
                ),
            }),
            // a backup that is at work would die with it
            false if s.at_work().is_some() => found.fix(Fix::Do(Action::Cancel { force: true })),
            false => found.fix(Fix::Do(Action::Services { which: Service::Backend, how: How::Restart })),
        };
        found.ruling()
    },
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("后端在运行但不正常", "the backend runs and is not well"),
        what: text!(
            "容器写着运行中，但不答复或答复出错。写着“运行中”不等于能干活。",
            "The container says that it runs, and does not answer, or answers wrongly. Running is not working."
        ),
        shows: text!(
            "「后端服务」失败：容器在运行，/health 不答复或答复出错；网页转圈、报错。",
            "\"backend\" fails: the container runs, and /health does not answer or says that it is not well; the web pages hang or fail."
        ),
        how: text!(
            "卡在不应答的共享上、磁盘满、数据库打不开，或程序自己出错。",
            "It hangs on a share that does not answer, the disk is full, its database cannot be opened, or the program failed."
        ),
        mend: text!(
            "先修共享和磁盘；都好，就在没有备份时按 R 重启后端。重启后还不好，把后端日志（F8）发给后端负责人。昨夜没做成的，再按 B 补。",
            "Mend share and disk first; if both are fine, press R to restart it when no backup runs. If that does not help, send the backend's log (F8) to whoever runs it. Then press B for the night that was lost."
        ),
        acts: &[RESTART, BACKUP],
        proof: text!("/health 正常", "/health is fine"),
        call: &[Whom::Backend],
        dont: text!(
            "共享卡死时不要重启容器：停不下来，还会变成半死不活。",
            "Do not restart it while the share hangs: it will not stop, and ends up neither up nor down."
        ),
    },
};

/// It was away when the backup was due.
pub(super) static AWAY: Rule = Rule {
    id: "backend-away",
    covers: &[],
    look: away,
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("到点时后端不在", "the backend was away at the time"),
        what: text!(
            "现在后端是好的，但它在备份时间之后才启动，到点的时候没人做备份。",
            "The backend is fine now, but it was only started after the backup was due: nobody was there to make it."
        ),
        shows: text!(
            "「昨夜的备份」失败：到点后没有任何任务；后端现在的启动时间，晚于备份时间。",
            "\"last night's backup\" fails: nothing was started; the backend's last start is later than that time."
        ),
        how: text!(
            "服务器夜里重启、后端夜里被重启或升级，启动后又没有补跑。",
            "The server or the backend was restarted at night, and the backend did not make up for it."
        ),
        mend: text!(
            "按 B 手动补一次；再看它为什么没有自己补跑（锁、幽灵任务、定时设置）。",
            "Press B to make up for it; then see why it did not do so by itself (lock, ghost job, schedule)."
        ),
        acts: &[BACKUP],
        proof: text!(
            "新任务完成，包在共享上而且完整",
            "a new job is completed, and its pack is on the share and whole"
        ),
        call: &[Whom::Server, Whom::Backend],
        dont: text!(
            "不要把维护、升级安排在备份时间前后。",
            "Do not plan maintenance around the time of the backup."
        ),
    },
};

fn away(s: &Scene) -> Ruling {
    let (Fate::Missed, Some(slot), Ok(Some(c))) = (&s.fate, &s.f.slot, s.f.backend) else {
        return Ruling::Open;
    };
    // one that does not come up is always young
    let Some(started) = c.started.filter(|_| c.running && !crash_loops(s.f, c)) else { return Ruling::Open };
    let due = s.time(slot.due);
    if started <= slot.due {
        return Ruling::Out(s.saw(
            Probe::Containers,
            text!(
                "后端从 {} 起一直在运行，到点时它在",
                "the backend has run since {}: it was there",
                s.time(started)
            ),
        ));
    }
    let fired = s.f.db.ok().and_then(|db| db.settings.as_ref()?.last_run);
    if let Some(at) = fired.filter(|at| (slot.due..started).contains(at)) {
        return Ruling::Out(s.saw(
            Probe::Database,
            text!(
                "后端的定时在 {} 触发过：到点时它在",
                "the backend's schedule fired at {}: it was there",
                s.time(at)
            ),
        ));
    }
    // Docker keeps the end before the last start: only that shows that it was away at that very time
    let end = |at| s.saw(Probe::Containers, text!("上一次停止于 {}", "last end at {}", s.time(at)));
    let ended_after = c.finished.filter(|at| *at > slot.due);
    let mut found = match (ended_after, c.finished) {
        (Some(at), _) => Found::new(
            State::Failed,
            Certainty::Possible,
            text!(
                "{due} 到点之后后端重启过（{} 停止，{} 启动），到点时在不在看不出来",
                "the backend was restarted after {due} (ended at {}, started at {}): whether it was there then cannot be seen",
                s.time(at),
                s.time(started)
            ),
        )
        .against([end(at)]),
        (None, finished) => Found::new(
            State::Failed,
            if finished.is_some() { Certainty::Proved } else { Certainty::Likely },
            text!(
                "后端 {} 才启动，{due} 到点时它不在",
                "the backend was only started at {}: it was away at {due}",
                s.time(started)
            ),
        )
        .by(finished.map(end)),
    };
    let start = s.saw(Probe::Containers, text!("这次启动于 {}", "last start at {}", s.time(started)));
    found.evidence.insert(0, start);
    found
        .by(s.booted().filter(|at| at.since(slot.due) > 0).map(|at| {
            s.saw(Probe::Server, text!("服务器 {} 才开机", "the server was booted at {}", s.time(at)))
        }))
        .by([s.saw(Probe::Database, text!("到点之后没有任何任务", "no job since then"))])
        .would_prove(text!(
            "看 {due} 前后后端容器停止的记录",
            "the record of the container's end around {due}"
        ))
        .fix(s.backup())
        .because_of(&["ghost-job", "stuck-canceling", "stale-lock"])
        .night(true)
        .ruling()
}
