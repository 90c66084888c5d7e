//! An action of a console is under way on the server, or was cut off and left something behind.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{Family, RESTART, Runbook, START};
use crate::core::diagnose::scene::{CATCH_UP_MS, Scene};
use crate::core::diagnose::types::Certainty;
use crate::core::plan::{Action, How, Service};
use crate::core::probe::runs::RunState;
use crate::core::state::State;
use crate::text;

/// Somebody is at it.
pub(super) static AT_WORK: Rule = Rule {
    id: "operation-at-work",
    covers: &["operations"],
    look: |s| match s.state("operations") {
        State::Warning => Found::new(State::Warning, Certainty::Proved, s.summary("operations"))
            .by(s.whole("operations"))
            .fix(Fix::Wait {
                until: s.soon(CATCH_UP_MS), what: text!("等这个操作结束", "wait for its end")
            })
            .ruling(),
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Wait,
        title: text!("有操作正在进行", "an action is under way"),
        what: text!(
            "有人正用控制台在这台服务器上做操作（例如挂载，会重启后端），现在看到的不是最后的样子。",
            "Somebody is at work on this server with a console (a mount, say, restarts the backend): what is seen now is not how it will be."
        ),
        shows: text!(
            "总览多出「操作」一行，告警，写着谁、什么时候开始的。",
            "The overview has one more line, \"actions\", a warning that says who began it and when."
        ),
        how: text!("另一个人，或者另一个窗口里的你。", "Another person, or you in another window."),
        mend: text!(
            "等它结束，或者跟着它看：在总览选中「操作」那一行按 Enter，或运行 opsdeck attach。",
            "Wait for its end, or follow it: Enter on the line \"actions\" of the overview, or opsdeck attach."
        ),
        acts: &[],
        proof: text!("操作结束，再检查一次", "it has ended, and another look is taken"),
        call: &[Whom::You],
        dont: text!(
            "不要同时再做别的操作：服务器同一时间只让一个做。",
            "Do not begin another one: the server lets one at a time."
        ),
    },
};

/// It has no end, or could not put back what it had stopped.
pub(super) static CUT_OFF: Rule = Rule {
    id: "operation-cut-off",
    covers: &["operations"],
    look: cut_off,
    runbook: || Runbook {
        family: Family::Wait,
        title: text!("一次操作中途断了", "an action was cut off"),
        what: text!(
            "控制台的一次操作没有做完（例如正在重启后端），它停掉的东西可能还停着。",
            "An action of a console did not come to its end (it was restarting the backend, say): what it stopped may still be down."
        ),
        shows: text!(
            "总览的「操作」失败：操作中途断了，或它停掉的东西没能再启动；「后端服务」可能也失败。",
            "\"actions\" fails: an action broke off, or what it had stopped could not be started again; \"backend\" may fail, too."
        ),
        how: text!(
            "服务器中途重启、进程被杀，或者 Docker 没能把容器启动起来。",
            "The server rebooted meanwhile, its process was killed, or Docker could not start the container again."
        ),
        mend: text!(
            "先接着它，让它收尾：在总览选中「操作」那一行按 Enter，或运行 opsdeck attach。后端还停着就按 R 启动；在运行却不正常，就按 R 重启。",
            "Follow it first, so that it is ended: Enter on the line \"actions\" of the overview, or opsdeck attach. If the backend is still down, press R to start it; if it runs and is not well, to restart it."
        ),
        acts: &[START, RESTART],
        proof: text!("操作有了结尾，后端 /health 正常", "it has an end, and the backend's /health is fine"),
        call: &[Whom::You, Whom::Backend],
        dont: text!("没收尾之前不要开始新的操作。", "Do not begin another action before it is ended."),
    },
};

fn cut_off(s: &Scene) -> Ruling {
    let Ok(runs) = &s.f.look.runs else { return Ruling::Open };
    if s.state("operations") != State::Failed {
        return match s.check("operations") {
            None if s.check("night").is_some() => {
                Ruling::Out(s.saw(Probe::Runs, text!("没有没做完的操作", "no action is left without an end")))
            }
            _ => Ruling::Open,
        };
    }
    let mut found =
        Found::new(State::Failed, Certainty::Proved, s.summary("operations")).by(s.whole("operations"));
    found = match runs.iter().any(|r| r.state == RunState::Gone) {
        true => found.fix(Fix::Call {
            whom: Whom::You,
            what: text!(
                "接着这次操作，让它收尾：opsdeck attach --env {}",
                "attach to it, so that it is ended: opsdeck attach --env {}",
                s.f.env.key
            ),
        }),
        false => found,
    };
    // one that runs and is not well is not mended by another start
    let backend = s.f.backend.ok().flatten();
    let how = match backend.is_some_and(|c| c.running) && s.state("backend") == State::Failed {
        true => How::Restart,
        false => How::Start,
    };
    if backend.is_some_and(|c| !c.running) || found.fixes.is_empty() {
        found = found.fix(Fix::Do(Action::Services { which: Service::Backend, how }));
    }
    found.ruling()
}
