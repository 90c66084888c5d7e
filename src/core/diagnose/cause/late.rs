//! Too early to worry.
use super::reboot::will_be_mounted;
use super::{FULL, NO_BACKEND};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{Family, Runbook};
use crate::core::diagnose::scene::{CATCH_UP_MS, Scene};
use crate::core::diagnose::types::{CauseId, Certainty, Evidence};
use crate::core::state::State;
use crate::core::verdict::{Fate, just_booted, kind_word};
use crate::i18n::Text;
use crate::text;

/// The slot has just passed.
pub(super) static LATE: Rule = Rule {
    id: "just-due",
    covers: &[],
    look: late,
    runbook: || Runbook {
        family: Family::Wait,
        title: text!("刚到点，还没开始", "just due, not begun yet"),
        what: text!(
            "备份时间刚过，任务还没出现。后端每分钟才看一次定时，迟几分钟是正常的。",
            "The time of the backup has just passed and there is no job yet. The backend looks at its schedule once a minute: some minutes are normal."
        ),
        shows: text!(
            "「昨夜的备份」告警：刚过备份时间，备份还没有开始。",
            "\"last night's backup\" is a warning: the time has just passed and no backup has begun."
        ),
        how: text!("正好在备份时间前后看的。", "It was looked at around the time of the backup."),
        mend: text!(
            "过几分钟按 F5 再看一次；过了宽限时间还没有任务才是问题。",
            "Look again in a few minutes (F5); only when the time of grace is over is a missing job trouble."
        ),
        acts: &[],
        proof: text!("出现新的任务，写着进行中", "a new job appears and says that it runs"),
        call: &[Whom::You],
        dont: text!(
            "不要马上手动再触发：等一两分钟它自己会开始。",
            "Do not start one by hand at once: it begins by itself in a minute or two."
        ),
    },
};

fn late(s: &Scene) -> Ruling {
    let (Fate::Due, Some(slot)) = (&s.fate, &s.f.slot) else { return Ruling::Open };
    let minutes = s.f.env.thresholds.start_grace_min;
    let until = slot.due.plus_ms(i64::from(minutes) * 60_000);
    let (due, kind) = (s.time(slot.due), kind_word(&slot.kind));
    Found::new(
        State::Warning,
        Certainty::Proved,
        text!(
            "刚过 {due}，备份还没有开始，现在还不算迟",
            "{due} has just passed and no backup has begun; it is not late yet"
        ),
    )
    .by([
        s.saw(
            Probe::Database,
            Text {
                zh: format!("应在 {due} 开始{}备份，{minutes} 分钟内不算迟", kind.zh),
                en: format!("the {} backup was due at {due}; it is not late for {minutes} min", kind.en),
            },
        ),
        s.saw(Probe::Database, text!("到点之后还没有任务", "no job since then")),
    ])
    .fix(Fix::Wait { until, what: text!("等它自己开始", "wait: it begins by itself") })
    // what will keep it from beginning leads
    .because_of(&NO_BACKEND)
    .because_of(&IN_THE_WAY)
    .tells_the_night(true)
    .ruling()
}

/// The backend has just started.
pub(super) static STARTING: Rule = Rule {
    id: "just-started",
    covers: &["backend", "services"],
    look: starting,
    runbook: || Runbook {
        family: Family::Wait,
        title: text!("后端刚启动", "the backend has just started"),
        what: text!(
            "后端或整台服务器刚刚启动，还没来得及答复，也还没来得及补跑错过的备份。",
            "The backend or the whole server has just started and had no time yet to answer, or to make up for a missed backup."
        ),
        shows: text!(
            "「后端服务」告警：刚启动；或者「昨夜的备份」写着应会自己补跑。",
            "\"backend\" is a warning: it has just started; or \"last night's backup\" says that it should be made up for."
        ),
        how: text!(
            "服务器重启，或有人重启了后端容器。开机的头几分钟里，共享、Docker、后端会一样一样自己起来。",
            "The server was rebooted, or somebody restarted the backend's container. In the first minutes after a boot share, Docker and backend come up one after the other."
        ),
        mend: text!(
            "等两三分钟按 F5 再看：错过的备份后端会自己补跑。",
            "Look again in two or three minutes (F5): the backend makes up for a missed backup by itself."
        ),
        acts: &[],
        proof: text!(
            "/health 正常；错过的备份有了新任务",
            "/health is fine, and there is a new job for what was missed"
        ),
        call: &[Whom::You],
        dont: text!(
            "不要连着重启：每次重启都从头来。",
            "Do not restart it again and again: each time it begins anew."
        ),
    },
};

fn starting(s: &Scene) -> Ruling {
    let missed = matches!(s.fate, Fate::Starting);
    // of the checks only a young backend is a warning
    let young = s.state("backend") == State::Warning;
    let booting_up = s.is_booting() || (just_booted(s.f) && s.state("services") == State::Warning);
    match (missed || young, booting_up) {
        (true, _) => {}
        (false, true) => return booting(s),
        (false, false) => return Ruling::Open,
    }
    let id = match (missed, young) {
        (true, _) => "night",
        (_, true) => "backend",
        _ => "services",
    };
    let started = s.f.backend.ok().flatten().and_then(|c| c.started);
    // what keeps it from making up for the night is what is to be mended: waiting alone does nothing then
    let (obstacles, full): (&[CauseId], &[CauseId]) = match (missed && !s.is_booting(), s.state("disks")) {
        (true, State::Failed) => (&IN_THE_WAY, &FULL),
        (true, _) => (&IN_THE_WAY, &[]),
        (false, _) => (&[], &[]),
    };
    Found::new(State::Warning, Certainty::Proved, s.summary(id))
        .by(started.map(|at| {
            s.saw(Probe::Containers, text!("后端启动于 {}", "the backend started at {}", s.time(at)))
        }))
        .by(booted(s))
        .fix(Fix::Wait { until: s.soon(CATCH_UP_MS), what: text!("等后端起来", "wait for the backend") })
        .by(s.refused_start())
        .because_of(obstacles)
        .because_of(full)
        .tells_the_night(missed)
        .ruling()
}

/// A server that was booted a moment ago, and has not brought up everything yet.
fn booting(s: &Scene) -> Ruling {
    let running = s.f.backend.ok().flatten().is_some_and(|c| c.running);
    let mut awaited: Vec<Text> = Vec::new();
    if will_be_mounted(s) {
        awaited.push(text!("共享还没挂上，fstab 里有", "the share is not mounted yet; fstab has it"));
    }
    if !running {
        awaited.push(text!("后端还没起来", "the backend is not up yet"));
    }
    Found::new(
        State::Warning,
        Certainty::Likely,
        text!(
            "服务器刚刚开机，还没有全部起来",
            "the server was booted a moment ago; not everything is up yet"
        ),
    )
    .by(booted(s))
    .by(awaited.into_iter().map(|says| s.saw(Probe::Server, says)))
    .would_prove(text!(
        "几分钟后再看一次：它们自己起来了",
        "look again in some minutes: they have come up by themselves"
    ))
    .fix(Fix::Wait {
        until: s.soon(CATCH_UP_MS),
        what: text!("等服务器全部起来", "wait until the server is up"),
    })
    .proof(text!("共享挂上，后端 /health 正常", "the share is mounted, and the backend's /health is fine"))
    // containers that come up one after the other are told by nobody else
    .only_over(s.state("services") != State::Warning)
    .ruling()
}

fn booted(s: &Scene) -> Option<Evidence> {
    let at = s.booted()?;
    Some(s.saw(Probe::Server, text!("服务器开机于 {}", "the server was booted at {}", s.time(at))))
}

/// With one of these a trigger is refused, or its job fails at once.
const IN_THE_WAY: [CauseId; 12] = [
    "stale-lock",
    "ghost-job",
    "stuck-canceling",
    "stuck-job",
    "container-blind",
    "container-no-bind",
    "not-mounted",
    "wrong-share",
    "other-on-point",
    "read-only",
    "share-hung",
    "share-error",
];
