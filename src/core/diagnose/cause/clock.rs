//! Clocks that disagree.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{Family, Runbook};
use crate::core::diagnose::types::Certainty;
use crate::core::state::State;
use crate::core::verdict::odd_zone;
use crate::text;

/// Server, container, workstation.
pub(super) static SKEW: Rule = Rule {
    id: "clock-skew",
    covers: &["clock"],
    look: |s| {
        match s.state("clock") {
        State::Ok => Ruling::Out(s.said(Probe::Server, "clock")),
        State::Unknown => Ruling::Open,
        state => Found::new(state, Certainty::Proved, s.summary("clock"))
            .by(s.whole("clock"))
            // the check speaks of the zone only where the clocks agree
            .fix(match odd_zone(s.f) == Some(s.summary("clock")) {
                true => Fix::Call {
                    whom: Whom::Backend,
                    what: text!(
                        "给后端容器设 TZ=Asia/Shanghai，再核对定时",
                        "give the backend's container TZ=Asia/Shanghai, then see to the schedule"
                    ),
                },
                false => Fix::Call {
                    whom: Whom::Server,
                    what: text!(
                        "校准服务器时间（chrony）；差的是工作机就校准工作机",
                        "set the server's clock right (chrony), or this machine's if that is the one that is off"
                    ),
                },
            })
            .ruling(),
    }
    },
    runbook: || Runbook {
        family: Family::Schedule,
        title: text!("时钟对不上", "the clocks disagree"),
        what: text!(
            "服务器、后端容器和这台工作机的时间差得多。定时按容器的时间走，“04:00”可能不是你以为的 04:00。",
            "Server, container and this machine differ. The schedule goes by the container's clock: 04:00 there may not be yours."
        ),
        shows: text!(
            "「时钟」告警或失败，写着谁比谁快多少。",
            "\"clocks\" warns or fails and says which is ahead, and by how much."
        ),
        how: text!(
            "时间同步停了、虚拟机暂停过、时区没设。",
            "Time synchronisation stopped, the machine was paused, or its zone is not set."
        ),
        mend: text!(
            "请服务器管理员修好时间同步（chrony）；差的是工作机，就校准工作机。差的是容器的时区，就请后端负责人设 TZ=Asia/Shanghai。",
            "Ask the server's administrator to mend its time synchronisation (chrony); if this machine is off, set this one right. If it is the container's zone, ask whoever runs the backend for TZ=Asia/Shanghai."
        ),
        acts: &[],
        proof: text!("「时钟」变成正常", "the check of the clocks is OK"),
        call: &[Whom::Server, Whom::Backend],
        dont: text!(
            "不要在备份进行时把时间往回调：任务的先后会乱。",
            "Do not set the clock back while a backup runs: what came first is no longer clear."
        ),
    },
};
