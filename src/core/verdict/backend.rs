//! Do the backend and its neighbours run?
use super::{Check, Facts};
use crate::core::gap::{Gap, Known};
use crate::core::probe::containers::Container;
use crate::core::probe::health::Health;
use crate::core::state::State;
use crate::i18n::{Text, counted};
use crate::text;

/// A backend may take this long from its start to its first answer.
const YOUNG_MS: i64 = 180_000;

/// So many restarts by Docker, and up again for moments only: it does not come up.
const LOOPS: i64 = 3;

/// Whether Docker starts it again and again. After a boot the count of earlier days says nothing yet.
pub(in crate::core) fn crash_loops(f: &Facts, c: &Container) -> bool {
    let young = c.started.is_some_and(|at| (0..YOUNG_MS).contains(&f.now.since(at)));
    let ill = matches!(f.look.health, Ok(Health::Ill { .. } | Health::Silent { .. }));
    c.status.as_str() == "restarting"
        || (young && ill && !just_booted(f) && c.restarts.is_some_and(|n| n >= LOOPS))
}

/// A server may take this long from its boot until all of its containers run.
const BOOTING_S: u64 = 300;

/// Whether the server was booted moments ago.
pub(in crate::core) fn just_booted(f: &Facts) -> bool {
    f.look.identity.as_ref().is_ok_and(|id| id.uptime_s.is_some_and(|s| s < BOOTING_S))
}

/// The backend: Docker's word, its health, and that it answers from inside, must agree.
pub(super) fn backend(f: &Facts) -> Check {
    let title = text!("后端服务", "backend");
    let name = &f.env.containers.backend;
    let check = |state, summary| Check::new("backend", title.clone(), state, summary);
    let container = match f.backend {
        // a daemon that is not there is a finding, not a gap
        Err(Gap::Failed { said, .. }) if said.as_str().contains("Cannot connect to the Docker daemon") => {
            let lives = f.look.health == Ok(Health::Ok);
            let summary = match lives {
                true => text!(
                    "连不上 Docker；后端的 /health 还有应答",
                    "Docker cannot be reached; the backend's /health still answers"
                ),
                false => text!(
                    "Docker 没有运行，后端自然也没有",
                    "Docker does not run, and so the backend does not"
                ),
            };
            return check(State::Failed, summary).evidence(Text::same(said.as_str())).next(text!(
                "在服务器上启动 Docker（systemctl start docker），再检查一次",
                "start Docker on the server (systemctl start docker), then check again"
            ));
        }
        Err(gap) => return Check::unknown("backend", title, gap),
        Ok(None) => {
            return check(State::Failed, text!("没有容器 {name}", "there is no container {name}")).next(
                text!(
                    "确认这是对的服务器，再部署后端",
                    "make sure that it is the right server, then deploy the backend"
                ),
            );
        }
        Ok(Some(container)) => container,
    };
    let since = container.started.map(|at| f.time(at)).unwrap_or_default();
    if crash_loops(f, container) {
        let n = container.restarts.unwrap_or(0);
        let times = counted(n, "time", "times");
        return check(
            State::Failed,
            text!(
                "后端起不来，一直在重启：Docker 已自动重启 {n} 次，最近一次 {since}",
                "the backend does not come up: Docker has restarted it {times}, last at {since}"
            ),
        )
        .evidence(text!("容器状态 {}", "container state {}", container.status))
        .next(text!(
            "看后端日志最后的报错，请后端负责人处理；重启没有用",
            "see the last errors in its log and ask whoever runs the backend; a restart does not help"
        ));
    }
    if !container.running {
        return check(State::Failed, stopped(f, container))
            .evidence(text!("容器状态 {}", "container state {}", container.status))
            .next(text!(
                "启动后端容器；它会在约 60 秒内补跑错过的备份",
                "start the backend's container; within about 60 s it makes up for a missed backup"
            ));
    }
    let broken = |summary: Text| {
        check(State::Failed, summary)
            .evidence(text!("容器在运行，启动于 {since}", "the container runs since {since}"))
            .next(text!(
                "看后端日志；没有备份在跑时重启后端容器",
                "see the backend's log; restart its container when no backup runs"
            ))
    };
    let young = container.started.is_some_and(|at| (0..YOUNG_MS).contains(&f.now.since(at)));
    match &f.look.health {
        Ok(Health::Ok) => {}
        Ok(_) if young => {
            return check(
                State::Warning,
                text!("后端刚启动，还没有答复", "the backend has just started and does not answer yet"),
            )
            .evidence(text!("启动于 {since}", "started at {since}"))
            .next(text!("两分钟后再检查一次", "check again in two minutes"));
        }
        Ok(Health::Ill { code, said }) => {
            return broken(text!(
                "/health 答复不正常：HTTP {code} {said}",
                "/health is not well: HTTP {code} {said}"
            ));
        }
        Ok(Health::Silent { said }) => {
            return broken(text!("/health 没有答复：{said}", "/health does not answer: {said}"));
        }
        Err(gap) => {
            return Check::unknown("backend", title, gap)
                .evidence(text!("容器在运行，启动于 {since}", "the container runs since {since}"));
        }
    }
    if container.health.as_ref().is_some_and(|h| h.as_str() == "unhealthy") {
        return broken(text!("Docker 的健康检查不通过", "Docker's health check fails"));
    }
    // "running" alone proves nothing: a container hung on a dead mount says so too
    if let Err(gap) = f.look.container_mounts() {
        // what may be the link's, a busy server's or this console's fault is no fault of the backend: a container that
        // cannot be entered says so at once (126), and /health has just answered
        let not_its_fault = matches!(
            gap,
            Gap::NoAnswer
                | Gap::TimedOut
                | Gap::CutShort { .. }
                | Gap::Unreadable { .. }
                | Gap::ToolMissing { .. }
        );
        if not_its_fault {
            return Check::unknown("backend", title, gap)
                .evidence(text!("/health 正常，启动于 {since}", "/health is fine; started at {since}"))
                .next(text!("一分钟后再检查一次", "check again in a minute"));
        }
        let why = gap.text();
        return broken(Text {
            zh: format!("/health 正常，但进不了容器：{}", why.zh),
            en: format!("/health is fine, but the container cannot be entered: {}", why.en),
        });
    }
    let check = check(State::Ok, text!("运行中，/health 正常", "running, /health is fine"))
        .evidence(text!("启动于 {since}", "started at {since}"));
    match container.restarts {
        Some(n) if n > 0 => {
            let times = counted(n, "time", "times");
            check.evidence(text!("Docker 自动重启过 {n} 次", "Docker restarted it {times} by itself"))
        }
        _ => check,
    }
}

fn stopped(f: &Facts, c: &Container) -> Text {
    let at = c.finished.map(|at| f.time(at)).unwrap_or_else(|| "?".into());
    let code = c.exit_code.unwrap_or(-1);
    match c.oom_killed {
        true => text!(
            "后端没有运行：{at} 因内存不足被系统结束",
            "the backend does not run: at {at} it was ended for want of memory"
        ),
        false => text!(
            "后端没有运行：{at} 停止，退出码 {code}",
            "the backend does not run: it stopped at {at} with exit code {code}"
        ),
    }
}

/// Frontend and RAGFlow.
pub(super) fn services(f: &Facts) -> Check {
    let title = text!("其他服务", "other services");
    let all = match &f.look.containers {
        Ok(all) => all,
        Err(gap) => return Check::unknown("services", title, gap),
    };
    let project = f.env.containers.compose_project.as_str();
    let frontend = f.env.containers.frontend.as_str();
    let ours: Vec<&Container> =
        all.iter().filter(|c| c.name.as_str() == frontend || is_of(c, project)).collect();
    let down: Vec<&str> = ours.iter().filter(|c| !c.running).map(|c| c.name.as_str()).collect();
    let ragflow = ours.iter().filter(|c| c.name.as_str() != frontend).count();
    let mut missing: Vec<&str> = Vec::new();
    if !ours.iter().any(|c| c.name.as_str() == frontend) {
        missing.push(frontend);
    }
    if ragflow == 0 {
        missing.push(project);
    }
    if down.is_empty() && missing.is_empty() {
        let containers = counted(ragflow, "container", "containers");
        return Check::new(
            "services",
            title,
            State::Ok,
            text!(
                "前端和 RAGFlow 的 {ragflow} 个容器都在运行",
                "the frontend and RAGFlow's {containers} run"
            ),
        );
    }
    let names = [down, missing].concat().join(", ");
    if just_booted(f) {
        return Check::new(
            "services",
            title,
            State::Warning,
            text!("服务器刚开机，还没起来：{names}", "the server was just booted; not up yet: {names}"),
        )
        .next(text!("几分钟后再检查一次", "check again in some minutes"));
    }
    Check::new("services", title, State::Warning, text!("没有运行：{names}", "not running: {names}"))
        .next(text!("看这些容器的日志，再启动它们", "see their logs, then start them"))
}

/// Containers of a compose project, by label, or by name in either of compose's spellings.
pub(in crate::core) fn is_of(c: &Container, project: &str) -> bool {
    match &c.project {
        Some(label) => label.as_str() == project,
        None => c.name.as_str().strip_prefix(project).is_some_and(|rest| rest.starts_with(['-', '_'])),
    }
}

/// What a backup needs of compose: its file and the volumes.
pub(super) fn compose(f: &Facts) -> Check {
    let title = text!("RAGFlow 数据卷", "RAGFlow volumes");
    let file = match &f.look.compose_file {
        Ok(file) => *file,
        Err(gap) => return Check::unknown("compose", title, gap),
    };
    let known: &Known<_> = &f.look.volumes;
    if let Err(gap) = known {
        let gap: &Gap = gap;
        return Check::unknown("compose", title, gap);
    }
    let Some(volumes) = &f.volumes else {
        return Check::new(
            "compose",
            title,
            State::Failed,
            text!(
                "没有名为 {}_… 的数据卷，备份里不会有 RAGFlow 的数据",
                "no volume is named {}_…: backups will not hold RAGFlow's data",
                f.env.containers.compose_project
            ),
        )
        .next(text!("检查 compose 项目名和数据卷", "check the compose project's name and its volumes"));
    };
    let check = |state, summary| {
        Check::new("compose", title.clone(), state, summary)
            .evidence(Text::same(volumes.iter().map(|v| v.as_str()).collect::<Vec<_>>().join(", ")))
    };
    if !file {
        return check(State::Warning, text!("找不到 {}", "{} is not there", f.env.paths.compose_file)).next(
            text!(
                "放回 compose 文件；没有它，镜像列表可能取不全",
                "put the compose file back; without it the list of images may be short"
            ),
        );
    }
    let (n, counted) = (volumes.len(), counted(volumes.len(), "volume", "volumes"));
    check(State::Ok, text!("{n} 个数据卷，compose 文件在", "{counted}, the compose file is there"))
}
