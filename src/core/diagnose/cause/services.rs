//! Neighbours of the backend that do not run. Not the reason for a missing backup, but worth a key.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{Family, Runbook, START_FRONTEND, START_RAGFLOW};
use crate::core::diagnose::types::Certainty;
use crate::core::plan::{Action, How, Service};
use crate::core::state::State;
use crate::core::verdict::just_booted;
use crate::i18n::Text;
use crate::text;

/// Frontend or RAGFlow.
pub(super) static DOWN: Rule = Rule {
    id: "services-down",
    covers: &["services"],
    look: |s| {
        match s.state("services") {
            State::Ok => return Ruling::Out(s.said(Probe::Containers, "services")),
            State::Unknown => return Ruling::Open,
            // not up yet
            _ if just_booted(s.f) => return Ruling::Open,
            _ => {}
        }
        let frontend = s.f.look.container(&s.f.env.containers.frontend);
        let which = match frontend {
            Ok(Some(c)) if c.running => Service::Ragflow,
            _ => Service::Frontend,
        };
        Found::new(
            s.state("services"),
            Certainty::Proved,
            Text {
                zh: format!("有服务没在运行（和备份无关）：{}", s.summary("services").zh),
                en: format!("services are down (not what backups need): {}", s.summary("services").en),
            },
        )
        .by(s.whole("services"))
        .fix(Fix::Do(Action::Services { which, how: How::Start }))
        .because_of(&["docker-down", "wrong-server"])
        .because_of(s.coming_up())
        .ruling()
    },
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("前端或 RAGFlow 没有运行", "frontend or RAGFlow is down"),
        what: text!(
            "网页或 RAGFlow 的某个容器停了。备份照样能做，但用户用不了。",
            "A container of the web pages or of RAGFlow has stopped. Backups can be made, but users cannot work."
        ),
        shows: text!(
            "「其他服务」告警，写着哪些容器没有运行；用户说打不开。",
            "\"other services\" warns and names what does not run; users say that nothing opens."
        ),
        how: text!(
            "升级、内存不足、磁盘满，或有人停掉了。",
            "An upgrade, want of memory, a full disk, or somebody stopped it."
        ),
        mend: text!(
            "先看它的日志（F8），再按 R 启动；起不来就找后端负责人。",
            "See its log first (F8), then press R to start it; if it does not come up, call whoever runs the backend."
        ),
        acts: &[START_FRONTEND, START_RAGFLOW],
        proof: text!("「其他服务」变成正常", "the check of the other services is OK"),
        call: &[Whom::Backend],
        dont: text!(
            "不要因为它去重启正在做备份的后端。",
            "Do not restart a backend that makes a backup because of it."
        ),
    },
};
