//! Too early to worry.
use super::{IN_THE_WAY, NO_BACKEND};
use crate::core::diagnose::fix::Fix;
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling, Runbook};
use crate::core::diagnose::scene::{CATCH_UP_MS, Scene};
use crate::core::diagnose::types::Certainty;
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
        title: text!("刚到点，还没开始", "just due, not begun yet"),
        what: text!(
            "备份时间刚过，任务还没出现。后端每分钟才看一次定时，迟几分钟是正常的。",
            "The time of the backup has just passed and there is no job yet. The backend looks at its schedule once a minute: some minutes are normal."
        ),
        how: text!("正好在备份时间前后看的。", "It was looked at around the time of the backup."),
        mend: text!(
            "等到宽限时间过了再看一次；还没有任务才是问题。",
            "Look again when the time of grace is over; only then a missing job is trouble."
        ),
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
    .proof(text!("出现新的任务，写着进行中", "a new job appears and says that it runs"))
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
        title: text!("后端刚启动", "the backend has just started"),
        what: text!(
            "后端或整台服务器刚刚启动，还没来得及答复，也还没来得及补跑错过的备份。",
            "The backend or the whole server has just started and had no time yet to answer, or to make up for a missed backup."
        ),
        how: text!(
            "服务器重启，或有人重启了后端容器。",
            "The server was rebooted, or somebody restarted the backend's container."
        ),
        mend: text!(
            "等两三分钟再看：错过的备份后端会自己补跑。",
            "Look again in two or three minutes: the backend makes up for a missed backup by itself."
        ),
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
    let booting = just_booted(s.f) && s.state("services") == State::Warning;
    if !missed && !young && !booting {
        return Ruling::Open;
    }
    let id = match (missed, young) {
        (true, _) => "night",
        (_, true) => "backend",
        _ => "services",
    };
    let started = s.f.backend.ok().flatten().and_then(|c| c.started);
    Found::new(State::Warning, Certainty::Proved, s.summary(id))
        .by(started.map(|at| {
            s.saw(Probe::Containers, text!("后端启动于 {}", "the backend started at {}", s.time(at)))
        }))
        .by(s.booted().map(|at| {
            s.saw(Probe::Server, text!("服务器开机于 {}", "the server was booted at {}", s.time(at)))
        }))
        .fix(Fix::Wait { until: s.soon(CATCH_UP_MS), what: text!("等后端起来", "wait for the backend") })
        .proof(text!(
            "/health 正常；错过的备份有了新任务",
            "/health is fine, and there is a new job for what was missed"
        ))
        .by(s.refused_start())
        // a row or a lock in its place keeps it from making up for anything
        .because_of(if missed { &IN_THE_WAY } else { &[] })
        .tells_the_night(missed)
        .ruling()
}
