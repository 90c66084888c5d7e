//! Restart, stop, start: the backend, the frontend, RAGFlow's stack. By container name, never through a compose command
//! that removes anything; a container that is not ours is not touched.
use super::prove::{Proof, of_check};
use super::share::{checked_jobs, no_other_job, not_stuck};
use super::{Action, Checked, How, Made, Refusal, Risk, Service, Step, common, script::word};
use crate::core::probe::containers::Container;
use crate::core::state::State;
use crate::core::verdict::{self, Facts, is_of};
use crate::i18n::{Text, counted};
use crate::text;

/// Seconds that a container gets to end by itself before it is killed.
const GRACE_S: u32 = 30;

/// The plan.
pub(super) fn make(which: Service, how: How, facts: &Facts, _root: &str) -> Result<Made, Refusal> {
    let ours = ours(which, facts)?;
    let meant: Vec<&Container> = match how {
        // what was stopped by somebody stays stopped
        How::Restart | How::Stop => ours.iter().copied().filter(|c| c.running).collect(),
        How::Start => ours.iter().copied().filter(|c| !c.running).collect(),
    };
    if meant.is_empty() {
        if (which, how) == (Service::Backend, How::Start) {
            runs_in_name_only(facts)?;
        }
        return nothing(which, how, &ours);
    }
    let mut steps = vec![same(&meant, which, how, facts)?];
    steps.push(doing(how, &meant, which));
    if how != How::Stop {
        steps.push(running(&meant, which));
    } else {
        steps.push(stopped(&meant));
    }
    let mut plan = common::plan(Action::Services { which, how }, facts, steps);
    // as long as every single one may take
    plan.limit_s = plan.limit_s.max(180 + how_many(&meant) * (GRACE_S + patience_s(which)));
    plan.risk = if how == How::Start { Risk::Light } else { Risk::Heavy };
    plan.effects = effects(which, how, &meant);
    plan.checked = checked(which, how, facts);
    plan.proof = vec![match how {
        How::Stop => text!("再看一次：容器已经停止", "another look: the containers have stopped"),
        _ => text!(
            "再看一次：容器在运行、能执行命令，后端 /health 正常",
            "another look: the containers run and answer, and the backend's /health is well"
        ),
    }];
    plan.undo = match how {
        How::Restart => text!("不需要撤销", "nothing to undo"),
        How::Stop => text!("R 里选启动", "start them (R)"),
        How::Start => text!("R 里选停止", "stop them (R)"),
    };
    Ok(Made::Plan(Box::new(plan)))
}

/// The containers that are meant.
fn ours<'a>(which: Service, facts: &Facts<'a>) -> Result<Vec<&'a Container>, Refusal> {
    let env = facts.env;
    let all =
        common::known(facts.look.containers.as_ref(), &text!("有哪些容器", "which containers there are"))?;
    let by_name = |name: &str| -> Result<Vec<&'a Container>, Refusal> {
        let found = all.iter().find(|c| c.name.as_str() == name);
        found.map(|c| vec![c]).ok_or_else(|| common::no_container(name))
    };
    match which {
        Service::Backend => by_name(&env.containers.backend),
        Service::Frontend => by_name(&env.containers.frontend),
        Service::Ragflow => {
            let project = env.containers.compose_project.as_str();
            let found: Vec<&Container> = all.iter().filter(|c| is_of(c, project)).collect();
            if found.is_empty() { Err(common::no_container(project)) } else { Ok(found) }
        }
    }
}

/// A container that a dead share holds says that it runs, and runs nothing: to start it would do nothing, and is not well.
fn runs_in_name_only(facts: &Facts) -> Result<(), Refusal> {
    let Some(check) = verdict::check(facts, "backend").filter(|c| c.state == State::Failed) else {
        return Ok(());
    };
    let said = text!(
        "Docker 说后端在运行，但它是坏的：再启动没有用。什么也没做",
        "Docker says that the backend runs, but it is not well: starting it does nothing. Nothing was done"
    );
    let next = text!(
        "重启它；停不下来，多半是卡在死掉的共享上：先让 Windows 恢复",
        "restart it; if it does not stop, a dead share most likely holds it: bring Windows back first"
    );
    let restart = Action::Services { which: Service::Backend, how: How::Restart };
    Err(Refusal::new(said, next).because(vec![check.summary]).instead(restart))
}

fn nothing(which: Service, how: How, ours: &[&Container]) -> Result<Made, Refusal> {
    let Text { zh, en } = which.word();
    let evidence = ours.iter().map(|c| Text::same(format!("{}: {}", c.name, c.status))).collect::<Vec<_>>();
    let said = match how {
        How::Restart => {
            return Err(Refusal::new(
                Text {
                    zh: format!("{zh}没有在运行，没有可重启的。什么也没做"),
                    en: format!("{en} is not running: nothing to restart. Nothing was done"),
                },
                text!("要它运行，就用启动", "to have it run, start it"),
            )
            .because(evidence)
            .instead(Action::Services { which, how: How::Start }));
        }
        How::Stop => Text {
            zh: format!("{zh}本来就停着，什么也不用做"),
            en: format!("{en} has stopped already: nothing to do"),
        },
        How::Start => Text {
            zh: format!("{zh}本来就在运行，什么也不用做"),
            en: format!("{en} runs already: nothing to do"),
        },
    };
    Ok(Made::Nothing { said, evidence })
}

fn names(meant: &[&Container]) -> String {
    meant.iter().map(|c| word(c.name.as_str())).collect::<Vec<_>>().join(" ")
}

fn same(meant: &[&Container], which: Service, how: How, facts: &Facts) -> Result<Step, Refusal> {
    let mut sh: String = meant
        .iter()
        .map(|c| format!("same_container {} {}\n", word(c.name.as_str()), word(c.id.as_str())))
        .collect();
    if ruins_backups(which, how) {
        sh.push_str(&no_other_job(facts));
    }
    if which == Service::Backend {
        for backend in meant {
            sh.push_str(&not_stuck(facts, backend)?);
        }
        sh.push_str("remember_backend\n");
    }
    Ok(common::step(text!("确认一切还和预览时一样", "make sure that all is as it was in the preview"), sh))
}

/// A backup is a thread of the backend, and what it packs are RAGFlow's volumes.
fn ruins_backups(which: Service, how: How) -> bool {
    which != Service::Frontend && how != How::Start
}

fn doing(how: How, meant: &[&Container], which: Service) -> Step {
    let names = names(meant);
    let limit = 60 + GRACE_S * how_many(meant);
    match how {
        How::Restart => common::step(
            text!("重启", "restart"),
            format!("within {limit} docker restart -t {GRACE_S} {names}\n"),
        ),
        How::Start => {
            let mut sh = String::new();
            if which == Service::Backend {
                sh.push_str("backend_is_meant running\n");
            }
            sh.push_str(&format!("within {limit} docker start {names}\n"));
            common::step(text!("启动", "start"), sh)
        }
        How::Stop => {
            let mut sh = String::new();
            if which == Service::Backend {
                sh.push_str("backend_is_meant stopped\n");
            }
            sh.push_str(&format!("within {limit} docker stop -t {GRACE_S} {names}\n"));
            common::step(text!("停止", "stop"), sh)
        }
    }
}

fn how_many(meant: &[&Container]) -> u32 {
    u32::try_from(meant.len()).unwrap_or(1)
}

/// How long a container may take until it is seen to run: RAGFlow's search engine and its database need a minute or two until
/// their health checks pass.
fn patience_s(which: Service) -> u32 {
    if which == Service::Ragflow { 180 } else { 60 }
}

/// Docker's word is not enough: a container that a dead share holds says that it runs, and runs nothing.
fn running(meant: &[&Container], which: Service) -> Step {
    let seconds = patience_s(which);
    let mut sh: String =
        meant.iter().map(|c| format!("container_runs {} {seconds}\n", word(c.name.as_str()))).collect();
    if which == Service::Backend {
        sh.push_str("backend_answers 120\n");
    }
    common::step(text!("等它真正能用", "wait until it really works"), sh)
}

fn stopped(meant: &[&Container]) -> Step {
    let each = meant.iter().map(|c| {
        format!("case $(container_state {}) in stopped*) ;; *) exit 1 ;; esac\n", word(c.name.as_str()))
    });
    common::step(text!("确认真的停了", "make sure they have stopped"), each.collect::<String>())
}

fn effects(which: Service, how: How, meant: &[&Container]) -> Vec<Text> {
    let (which_word, how_word, count) = (which.word(), how.word(), meant.len());
    let list = meant.iter().map(|c| c.name.to_string()).collect::<Vec<_>>().join(" ");
    let containers = counted(count, "container", "containers");
    let mut effects = vec![Text {
        zh: format!("{}{}：{count} 个容器：{list}", how_word.zh, which_word.zh),
        en: format!("{} {}: {containers}: {list}", how_word.en, which_word.en),
    }];
    match (which, how) {
        (_, How::Start) => {}
        (Service::Backend, _) => effects.push(text!(
            "网页和接口会中断，直到它重新起来",
            "web pages and API are away until it is up again"
        )),
        (Service::Frontend, _) => effects.push(text!("网页会中断", "web pages are away")),
        (Service::Ragflow, _) => {
            effects.push(text!("检索和问答会中断", "search and chat are away"));
        }
    }
    effects
}

fn checked(which: Service, how: How, facts: &Facts) -> Vec<Checked> {
    let mut all = Vec::new();
    let ruins = ruins_backups(which, how);
    let alive = facts.live.iter().filter(|(_, w)| !w.is_gone());
    match facts.db {
        _ if !ruins => {
            all.push(Checked::good(text!("不影响正在跑的备份", "a backup that runs is not disturbed")));
        }
        Err(gap) => all.push(Checked::beware(
            "live unknown",
            Text {
                zh: format!("不知道有没有备份在跑：{}", gap.text().zh),
                en: format!("whether a backup runs is not known: {}", gap.text().en),
            },
        )),
        Ok(_) if alive.clone().next().is_none() => {
            let ghosts: Vec<_> = facts.live.iter().map(|(j, _)| j.id).collect();
            all.push(checked_jobs(&ghosts));
        }
        Ok(_) => all.extend(alive.map(|(job, _)| {
            let id = job.id;
            let said = text!(
                "备份任务 {id} 正在进行：现在动手会毁掉它",
                "backup job {id} is at work: doing this now ruins it"
            );
            Checked::beware(format!("live {id}"), said)
        })),
    }
    if which == Service::Backend {
        all.extend(made_up_for(how, facts));
    }
    all
}

/// A backend that starts makes up for a slot that has no backup.
fn made_up_for(how: How, facts: &Facts) -> Option<Checked> {
    let ends =
        ruins_backups(Service::Backend, how) && facts.live.iter().any(|(j, _)| facts.is_of_the_slot(j.id));
    let said = match (how, ends) {
        (How::Restart, true) => text!(
            "它是昨夜的备份：后端起来后约 60 秒会自己重新做一次",
            "it is last night's backup: within about 60 s after its start the backend begins it anew"
        ),
        (How::Stop, true) => text!(
            "它是昨夜的备份：下次启动后端，约 60 秒后会自己重新做一次",
            "it is last night's backup: within about 60 s after it is started again the backend begins it anew"
        ),
        (How::Restart | How::Start, false) if facts.missed_slot() => text!(
            "错过了昨夜的备份：后端起来后约 60 秒会自己补跑",
            "last night's backup was missed: within about 60 s after its start the backend makes up for it"
        ),
        _ => return None,
    };
    Some(Checked::beware("missed", said))
}

/// Docker calls one running that ends and is started over and over, and one whose own check fails.
fn well(now: &Container, was: Option<&Container>) -> State {
    let restarts = now.restarts.unwrap_or(0);
    // whoever starts a container sets its count back
    let as_before = was.filter(|w| w.id == now.id).map(|w| w.restarts.unwrap_or(0) == restarts);
    match (now.health.as_ref().map(|h| h.as_str()), as_before) {
        (_, Some(false)) if restarts > 0 => State::Failed,
        (Some("unhealthy"), _) => State::Failed,
        (Some("starting"), _) => State::Unknown,
        (_, None) if restarts > 0 => State::Unknown,
        _ => State::Ok,
    }
}

fn said(c: &Container, f: &Facts) -> Text {
    let Some(at) = c.started.filter(|_| c.running) else { return Text::same(c.status.as_str()) };
    let mut said = text!("运行中，启动于 {}", "running since {}", f.time(at));
    if let Some(times) = c.restarts.filter(|n| *n > 0) {
        said.zh.push_str(&format!("，Docker 自动重启过 {times} 次"));
        said.en.push_str(&format!(", restarted by Docker: {}", counted(times, "time", "times")));
    }
    if let Some(health) = c.health.as_ref().filter(|h| h.as_str() != "healthy") {
        said.zh.push_str(&format!("，健康检查：{health}"));
        said.en.push_str(&format!(", health: {health}"));
    }
    said
}

/// What is seen afterwards.
pub(super) fn prove(which: Service, how: How, before: Option<&Facts>, after: &Facts) -> Vec<Proof> {
    let mut proofs = Vec::new();
    let Ok(now) = ours(which, after) else {
        return proofs;
    };
    for c in now {
        let was = before.and_then(|b| b.look.container(c.name.as_str()).ok().flatten());
        let good = match how {
            How::Stop => !c.running,
            How::Start => c.running,
            // one that was stopped by somebody stays stopped
            How::Restart => match was {
                Some(was) if was.running => c.running && c.started > was.started,
                Some(_) => true,
                None => c.running,
            },
        };
        let well = if how == How::Stop || !c.running { State::Ok } else { well(c, was) };
        proofs.push(Proof {
            what: Text::same(c.name.as_str()),
            before: before.zip(was).map(|(f, c)| said(c, f)),
            after: said(c, after),
            state: if good { well } else { State::Failed },
        });
    }
    if which == Service::Backend && how != How::Stop {
        proofs.extend(of_check("backend", before, after));
    }
    proofs
}
