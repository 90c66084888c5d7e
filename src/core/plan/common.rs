//! What every plan needs: whom it is for, what must be known, and words for both.
use super::{Action, Checked, Plan, Refusal, Risk, Step, Target};
use crate::config::model::Environment;
use crate::core::gap::Gap;
use crate::core::probe::containers::Container;
use crate::core::probe::runs::RunState;
use crate::core::safetext::SafeText;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// The most seconds that a plan may take on a server unless it says otherwise.
const LIMIT_S: u32 = 600;

/// Whether the configuration lets anything be changed there.
///
/// # Errors
/// The refusal of a server that is configured as read-only.
pub fn writable(env: &Environment) -> Result<(), Refusal> {
    if !env.read_only {
        return Ok(());
    }
    Err(Refusal::new(
        text!(
            "这台服务器在配置里是只读的（read_only = true），什么也没做",
            "this server is read-only in the configuration (read_only = true); nothing was done"
        ),
        text!(
            "确实要改，就先在 environments.toml 里去掉 read_only",
            "to change it, take read_only out of environments.toml first"
        ),
    ))
}

/// Whether anything may be changed there at all.
pub(super) fn allowed(facts: &Facts) -> Result<(), Refusal> {
    writable(facts.env)?;
    let identity = known(facts.look.identity.as_ref(), &text!("这是哪台服务器", "which server this is"))?;
    if identity.uid != Some(0) {
        return Err(Refusal::new(
            text!(
                "登录的不是 root，不能改这台服务器",
                "the login is not root and may not change this server"
            ),
            text!("在 environments.toml 里写 user = \"root\"", "set user = \"root\" in environments.toml"),
        ));
    }
    // one at a time: the server itself refuses the second one, too
    let at_work = facts.look.runs.iter().flatten().find(|r| r.state == RunState::AtWork);
    match at_work {
        Some(run) => {
            let (action, operator, seconds, name) =
                (&run.action, &run.operator, run.since.0 / 1000, &run.name);
            Err(super::explain::busy(&format!("{action}|{operator}|{seconds}|{name}"), Some(facts.now)))
        }
        None => Ok(()),
    }
}

/// What must be known before anything is done; a gap refuses.
pub(super) fn known<T>(answer: Result<T, impl std::borrow::Borrow<Gap>>, what: &Text) -> Result<T, Refusal> {
    answer.map_err(|gap| {
        let gap = gap.borrow();
        let why = gap.text();
        Refusal::new(
            Text {
                zh: format!("不知道{}：{}。什么也没做", what.zh, why.zh),
                en: format!("not known: {}: {}. Nothing was done", what.en, why.en),
            },
            gap.hint(),
        )
    })
}

/// The backend's container, which must be there.
#[allow(dead_code)] // for the actions that come
pub(super) fn backend<'a>(facts: &Facts<'a>) -> Result<&'a Container, Refusal> {
    let name = &facts.env.containers.backend;
    let found = known(facts.backend, &text!("后端容器怎样", "how the backend container is"))?;
    found.ok_or_else(|| no_container(name))
}

/// There is no such container.
pub(super) fn no_container(name: &str) -> Refusal {
    let name = SafeText::new(name);
    Refusal::new(
        text!(
            "服务器上没有容器 {name}。什么也没做",
            "there is no container {name} on the server. Nothing was done"
        ),
        text!(
            "核对 environments.toml 里 [containers] 的名字，或先部署它",
            "check its name under [containers] in environments.toml, or deploy it first"
        ),
    )
}

/// A plan with what every plan has; the rest is filled in by its maker.
pub(super) fn plan(action: Action, facts: &Facts, steps: Vec<Step>) -> Plan {
    let env = facts.env;
    let identity = facts.look.identity.as_ref();
    Plan {
        action,
        env: env.key.clone(),
        name: env.name.clone(),
        role: env.role.clone(),
        host: env.host.clone(),
        target: Target {
            hostname: identity.map(|i| i.hostname.to_string()).unwrap_or_default(),
            machine_id: identity.map(|i| i.machine_id.to_string()).unwrap_or_default(),
        },
        effects: Vec::new(),
        checked: Vec::<Checked>::new(),
        steps,
        risk: Risk::Light,
        proof: Vec::new(),
        undo: Text::default(),
        limit_s: LIMIT_S,
        needs_password: false,
        kept: Vec::new(),
    }
}

/// One step.
pub(super) fn step(title: Text, sh: impl Into<String>) -> Step {
    Step { title, sh: sh.into(), undo: None }
}
