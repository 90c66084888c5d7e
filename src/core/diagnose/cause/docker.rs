//! Docker is away, or does not answer.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{Family, Runbook, START};
use crate::core::diagnose::types::Certainty;
use crate::core::gap::Gap;
use crate::core::probe::health::Health;
use crate::core::state::State;
use crate::text;

/// The daemon is not there, or does not answer.
pub(super) static DOWN: Rule = Rule {
    id: "docker-down",
    covers: &["backend"],
    look: |s| {
        let gap = match s.f.backend {
            Ok(_) => {
                return Ruling::Out(s.fine(
                    Probe::Containers,
                    "backend",
                    text!("Docker 有应答", "Docker answers"),
                ));
            }
            Err(gap) => gap,
        };
        let gone = matches!(gap, Gap::Failed { said, .. } if said.as_str().contains("Cannot connect to the Docker daemon"));
        let silent = matches!(gap, Gap::TimedOut) && matches!(s.f.look.volumes, Err(Gap::TimedOut));
        if !gone && !silent {
            return Ruling::Open;
        }
        let lives = s.f.look.health == Ok(Health::Ok);
        let (state, certainty, says) = match gone {
            true if lives => (
                State::Failed,
                Certainty::Likely,
                text!(
                    "连不上 Docker；后端还在应答，但备份打不了包，数据库也看不到",
                    "Docker cannot be reached; the backend still answers, but can pack nothing, and its database cannot be read"
                ),
            ),
            true => (
                State::Failed,
                Certainty::Likely,
                text!(
                    "Docker 没有运行，后端和数据库都停着",
                    "Docker does not run, and so neither do backend and database"
                ),
            ),
            false => (
                State::Unknown,
                Certainty::Possible,
                text!(
                    "Docker 没有应答，后端怎么样不知道",
                    "Docker does not answer: how the backend is, is not known"
                ),
            ),
        };
        let health = s.f.look.health.as_ref().ok().filter(|_| !lives);
        Found::new(state, certainty, says)
            .against(lives.then(|| {
                s.saw(
                    Probe::Health,
                    text!(
                        "后端的 /health 有应答：容器还在跑",
                        "the backend's /health answers: its container runs"
                    ),
                )
            }))
            .by([s.saw(Probe::DockerTool, gap.text())])
            .by(health.map(|_| {
                s.saw(
                    Probe::Health,
                    text!("后端的 /health 也没有应答", "the backend's /health does not answer either"),
                )
            }))
            .would_prove(text!(
                "在服务器上看 systemctl status docker",
                "systemctl status docker on the server"
            ))
            .fix(Fix::Call {
                whom: Whom::Server,
                what: text!(
                    "在服务器上启动 Docker：systemctl start docker，并看它为什么停的",
                    "start Docker: systemctl start docker, and see why it stopped"
                ),
            })
            .fix(s.catch_up())
            .because_of(&["disk-full", "inodes-full"])
            .because_of(s.coming_up())
            // one that is on its way up is waited for
            .stays_if(!s.is_booting())
            .ruling()
    },
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("Docker 没有运行", "Docker does not run"),
        what: text!(
            "服务器上的 Docker 服务停了，后端、前端、RAGFlow 全都跟着停，到点没人做备份。",
            "The server's Docker service is down; backend, frontend and RAGFlow are down with it, and nobody makes the backup."
        ),
        shows: text!(
            "「后端服务」失败或未知：连不上 Docker；网页打不开。",
            "\"backend\" fails or is unknown: Docker cannot be reached; the web pages do not open."
        ),
        how: text!(
            "磁盘满、升级后没起来、有人停掉了，或开机没有自动启动。",
            "The disk is full, it did not come back after an upgrade, somebody stopped it, or it does not start at boot."
        ),
        mend: text!(
            "请服务器管理员启动 Docker（systemctl start docker），并看它为什么停。后端容器没有跟着起来就按 R 启动；错过的备份它会自己补跑。",
            "Ask the server's administrator to start it (systemctl start docker), and to see why it stopped. If the backend's container does not come up with it, press R to start it; it makes up for what it missed."
        ),
        acts: &[START],
        proof: text!("Docker 有应答，后端 /health 正常", "Docker answers, and the backend's /health is fine"),
        call: &[Whom::Server],
        dont: text!(
            "磁盘满时不要先删 /var/lib/docker 里的东西：数据卷就在里面。",
            "With a full disk, do not delete anything in /var/lib/docker: the volumes are there."
        ),
    },
};
