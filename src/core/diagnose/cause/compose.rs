//! What a backup of RAGFlow needs: its volumes and its compose file.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::core::diagnose::types::Certainty;
use crate::core::state::State;
use crate::text;

/// No volume of the project.
pub(super) static VOLUMES: Rule = Rule {
    id: "volumes-missing",
    covers: &["compose"],
    look: |s| match s.state("compose") {
        State::Ok | State::Warning => {
            Ruling::Out(s.fine(Probe::Volumes, "compose", text!("数据卷在", "the volumes are there")))
        }
        State::Unknown => Ruling::Open,
        State::Failed => Found::new(State::Failed, Certainty::Proved, s.summary("compose"))
            .by(s.whole("compose"))
            .fix(Fix::Call {
                whom: Whom::Backend,
                what: text!(
                    "核对 RAGFlow 的 compose 项目名和数据卷（docker volume ls）",
                    "compare RAGFlow's compose project and its volumes (docker volume ls)"
                ),
            })
            .because_of(&["docker-down", "wrong-server"])
            .ruling(),
    },
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("RAGFlow 数据卷找不到", "RAGFlow's volumes are missing"),
        what: text!(
            "没有名字以 compose 项目名开头的数据卷，备份里就没有 RAGFlow 的数据，包看着有、其实是空的。",
            "No volume has the compose project's name in front: backups hold nothing of RAGFlow, and look like backups."
        ),
        shows: text!(
            "「RAGFlow 数据卷」失败：没有这个项目的数据卷；新的包里 volumes 是空的。",
            "\"RAGFlow volumes\" fails: the project has none; new packs have an empty volumes folder."
        ),
        how: text!(
            "compose 项目改了名、换了目录启动（名字跟着变），数据卷被删，或者配置里的项目名不对。",
            "The project was renamed or started from another folder (which changes its name), volumes were deleted, or the configuration names another project."
        ),
        mend: text!(
            "请后端负责人核对 compose 项目名和数据卷（docker volume ls），并确认数据还在；只是配置里的项目名不对，就改 environments.toml。好了以后按 B 补一次。",
            "Ask whoever runs the backend to compare the project's name with its volumes (docker volume ls), and to see that the data is there; if only the name in environments.toml is wrong, correct it. Then press B."
        ),
        acts: &[BACKUP],
        proof: text!("「RAGFlow 数据卷」变成正常", "the check of RAGFlow's volumes is OK"),
        call: &[Whom::Backend],
        dont: text!(
            "不要运行 docker compose down -v：它会删数据卷。",
            "Do not run docker compose down -v: it deletes volumes."
        ),
    },
};

/// The file.
pub(super) static FILE: Rule = Rule {
    id: "compose-missing",
    covers: &["compose"],
    look: |s| match (s.state("compose"), &s.f.look.compose_file) {
        (State::Warning, Ok(false)) => Found::new(State::Warning, Certainty::Proved, s.summary("compose"))
            .by([s.said(Probe::Compose, "compose")])
            .fix(Fix::Call {
                whom: Whom::Backend,
                what: text!("放回 RAGFlow 的 docker-compose.yml", "put RAGFlow's docker-compose.yml back"),
            })
            .because_of(&["wrong-server"])
            .ruling(),
        (_, Ok(true)) => Ruling::Out(s.fine(
            Probe::Compose,
            "compose",
            text!("compose 文件在", "the compose file is there"),
        )),
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Pack,
        title: text!("找不到 compose 文件", "the compose file is missing"),
        what: text!(
            "RAGFlow 的 compose 文件不在原来的地方。数据卷还能备份，但全量备份要存哪些镜像可能取不全。",
            "RAGFlow's compose file is not where it was. Volumes can be backed up, but the list of images for a full backup may be short."
        ),
        shows: text!(
            "「RAGFlow 数据卷」告警：compose 文件不在。",
            "\"RAGFlow volumes\" warns: the compose file is not there."
        ),
        how: text!(
            "目录被移动、清理，或发布时没带上。",
            "Its folder was moved or cleaned, or a release left it out."
        ),
        mend: text!(
            "请后端负责人把原来的 docker-compose.yml 放回原处。",
            "Ask whoever runs the backend to put the old docker-compose.yml back where it was."
        ),
        acts: &[],
        proof: text!("compose 文件在", "the compose file is there"),
        call: &[Whom::Backend],
        dont: text!(
            "不要随便拷一份别的版本的：镜像版本会对不上。",
            "Do not copy one of another version: its images would not fit."
        ),
    },
};
