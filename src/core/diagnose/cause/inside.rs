//! What a backup needs within the backend's container: Docker, to read the volumes, and RAGFlow's compose folder. That the
//! server has both says nothing of the container. Only a job that failed for want of them tells.
use super::words::{self, ended_with};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::probe::containers::under;
use crate::core::probe::database::Job;
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;

/// Where Docker's socket lies, as either name.
const SOCKETS: [&str; 2] = ["/var/run/docker.sock", "/run/docker.sock"];

fn said(s: &Scene, job: &Job) -> Evidence {
    let words = if job.detail.is_empty() { &job.message } else { &job.detail };
    s.saw(Probe::Database, text!("任务 {} 写着：{words}", "job {} says: {words}", job.id))
}

/// Docker answers on the server, and not in the container.
pub(super) static DOCKER: Rule = Rule {
    id: "docker-in-backend",
    covers: &[],
    look: |s| {
        let (Some((job, _)), Ok(Some(backend))) = (ended_with(s, words::DOCKER), s.f.backend) else {
            return Ruling::Open;
        };
        let bound = backend.mounts.iter().any(|b| SOCKETS.contains(&b.source.as_str()));
        let bind = match bound {
            true => text!("容器绑定了 docker.sock", "the container has a bind of docker.sock"),
            false => text!("容器没有绑定 docker.sock", "the container has no bind of docker.sock"),
        };
        let bind = s.saw(Probe::Containers, bind);
        let (yes, no) = if bound { (None, Some(bind)) } else { (Some(bind), None) };
        lacks(
            s,
            job,
            if bound { Certainty::Likely } else { Certainty::Proved },
            text!(
                "后端容器里用不了 Docker，打包不了数据卷",
                "Docker cannot be used in the backend's container: no volume can be packed"
            ),
            yes,
            no,
            text!(
                "让后端容器能用 Docker（绑定 /var/run/docker.sock，镜像里有 docker 命令），再重建容器",
                "let the backend's container use Docker (a bind of /var/run/docker.sock, the docker command in its image), and make it again"
            ),
        )
        .would_prove(text!(
            "在容器里运行 docker ps（docker exec ragflowauth-backend docker ps）",
            "docker ps in the container (docker exec ragflowauth-backend docker ps)"
        ))
        .because_of(&["docker-down", "wrong-server"])
        .ruling()
    },
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("后端容器里没有 Docker", "no Docker in the backend's container"),
        what: text!(
            "后端靠 Docker 打包数据卷。服务器上 Docker 是好的，但后端容器里用不了，备份到这一步就失败。",
            "The backend packs volumes with Docker. The server's Docker is fine, but the container cannot use it, and the backup fails at that step."
        ),
        shows: text!(
            "「后端服务」正常，「昨夜的备份」失败，任务写着连不上 Docker 或没有 docker 命令。",
            "\"backend\" is OK, \"last night's backup\" fails, and its job says that Docker cannot be reached or that there is no docker command."
        ),
        how: text!(
            "重建容器时漏绑 docker.sock，或新镜像里没有 docker 命令。",
            "docker.sock was left out when the container was made again, or a new image has no docker command."
        ),
        mend: text!(
            "请后端负责人补上再重建容器，然后按 B 做一次。",
            "Ask whoever runs the backend to add it and make the container again; then press B."
        ),
        acts: &[BACKUP],
        proof: text!(
            "新任务完成，包在共享上而且完整",
            "a new job is completed, and its pack is on the share and whole"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要反复重试备份：缺的东西不会自己回来。",
            "Do not try backups again and again: what is missing does not come back by itself."
        ),
    },
};

/// The compose file is on the server, and not in the container.
pub(super) static COMPOSE: Rule = Rule {
    id: "compose-in-backend",
    covers: &[],
    look: |s| {
        let (Some((job, _)), Ok(Some(backend))) = (ended_with(s, words::COMPOSE), s.f.backend) else {
            return Ruling::Open;
        };
        if s.f.look.compose_file != Ok(true) {
            return Ruling::Open;
        }
        let file = s.f.env.paths.compose_file.as_str();
        let bound = backend.mounts.iter().any(|b| under(file, b.source.as_str()).is_some());
        let bind = match bound {
            true => text!("容器绑定了 {file} 所在的目录", "the container has a bind of the folder of {file}"),
            false => {
                text!("容器没有绑定 {file} 所在的目录", "the container has no bind of the folder of {file}")
            }
        };
        let bind = s.saw(Probe::Containers, bind);
        let (yes, no) = if bound { (None, Some(bind)) } else { (Some(bind), None) };
        lacks(
            s,
            job,
            if bound { Certainty::Likely } else { Certainty::Proved },
            text!(
                "后端容器里看不到 RAGFlow 的 compose 文件",
                "the backend's container does not see RAGFlow's compose file"
            ),
            yes,
            no,
            text!(
                "把 compose 目录绑进后端容器，并核对设置里的路径",
                "bind the compose folder into the backend's container, and compare the path in its settings"
            ),
        )
        .by([s.saw(Probe::Compose, text!("服务器上 {file} 在", "{file} is on the server"))])
        .would_prove(text!(
            "在容器里列一下设置里写的 compose 路径",
            "a listing, in the container, of the compose path of its settings"
        ))
        .because_of(&["wrong-server"])
        .ruling()
    },
    runbook: || Runbook {
        family: Family::Backend,
        title: text!("后端容器里没有 compose 文件", "no compose file in the container"),
        what: text!(
            "后端按 compose 文件找数据卷和镜像。文件在服务器上，但容器里看不到，备份就失败。",
            "The backend finds volumes and images by the compose file. The server has it, the container does not see it, and the backup fails."
        ),
        shows: text!(
            "「RAGFlow 数据卷」正常，「昨夜的备份」失败，任务写着找不到 compose 文件。",
            "\"RAGFlow volumes\" is OK, \"last night's backup\" fails, and its job says that the compose file was not found."
        ),
        how: text!(
            "重建容器时漏绑目录，或设置里的路径不是容器里的路径。",
            "Its folder was left out when the container was made again, or the settings name a path that the container does not have."
        ),
        mend: text!(
            "请后端负责人补上绑定、核对路径，然后按 B 做一次。",
            "Ask whoever runs the backend to add the bind and to compare the path; then press B."
        ),
        acts: &[BACKUP],
        proof: text!(
            "新任务完成，包在共享上而且完整",
            "a new job is completed, and its pack is on the share and whole"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要用 docker cp 拷一份进去凑合：重建容器又没了。",
            "Do not make do with docker cp: it is gone when the container is made again."
        ),
    },
};

fn lacks(
    s: &Scene,
    job: &Job,
    certainty: Certainty,
    says: Text,
    yes: Option<Evidence>,
    no: Option<Evidence>,
    ask: Text,
) -> Found {
    Found::new(State::Failed, certainty, says)
        .by([said(s, job)])
        .by(yes)
        .against(no)
        .fix(Fix::Call { whom: Whom::Backend, what: ask })
}
