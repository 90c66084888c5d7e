//! Take the share off the mount point. What is there afterwards decides, on the host and in every container.
use super::share::{answers, as_the_kernel_says, bound, checked_jobs, ghosts, guard, job_words, on_top};
use super::{Action, Checked, Made, Refusal, Risk, Step, common, script::word};
use crate::core::derive::mount::{MountState, covering};
use crate::core::gap::Gap;
use crate::core::probe::containers::Container;
use crate::core::probe::mountinfo::{Mount, MountTable};
use crate::core::probe::share::ShareAnswer;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// The plan.
pub(super) fn make(lazy: bool, facts: &Facts, root: &str) -> Result<Made, Refusal> {
    let point = &facts.env.paths.mount_point;
    let state = common::known(
        facts.mounted.as_ref().map_err(|gap| *gap),
        &text!("{point} 上挂了什么", "what is mounted at {point}"),
    )?;
    let Some(mount) = on_top(facts) else { return nothing(facts) };
    if mount.fstype.as_str() == "autofs" {
        return Err(Refusal::new(
            text!(
                "{point} 上是 systemd 的自动挂载（autofs），没有别的。什么也没做",
                "{point} holds systemd's automount (autofs) and nothing else. Nothing was done"
            ),
            text!("要去掉它，停掉它的 automount 单元", "to be rid of it, stop its automount unit"),
        ));
    }
    let backend = common::backend(facts)?;
    let ghosts = ghosts(facts)?;
    let others = other_containers(facts);
    let is_share = mount.is_cifs();
    // a lazy one is for a share that is dead: whoever uses one that answers is named, and can be ended
    let dead = is_share && lazy;
    match lazy {
        true if !is_share || is_well(facts)? => return Err(not_lazily(point)),
        false if is_share => answers(facts)?,
        _ => {}
    }
    // on a dead share no container can be stopped or started
    let stop = backend.running && !dead && holds(facts, mount)?;
    let mut plan = common::plan(
        Action::Unmount { lazy },
        facts,
        steps(facts, root, Way { lazy, stop, ask: is_share && !dead }, backend, &ghosts),
    );
    plan.risk = Risk::Heavy;
    plan.effects = effects(facts, state, mount, lazy, stop, dead);
    plan.checked = vec![checked_jobs(&ghosts)];
    plan.checked.extend(others.iter().map(|c| {
        Checked::beware(format!("bind {}", c.name), text!(
            "容器 {} 也绑定了挂载点：它要是挂着共享，服务器会拒绝卸载",
            "the container {} has a bind of the mount point, too: if it has the share, the server refuses to unmount",
            c.name
        ))
    }));
    if dead {
        plan.checked.push(Checked::beware("silent", text!(
            "共享没有应答：不动后端容器，它里面还会挂着这个死掉的共享，Windows 恢复或服务器重启后才会好",
            "the share does not answer: the backend's container is left alone and keeps the dead share, until Windows is back or the server is rebooted"
        )));
    }
    plan.proof = vec![text!(
        "再看一次：主机上 {point} 没有挂载了，没有容器还挂着它",
        "another look: nothing is mounted at {point}, and no container keeps it"
    )];
    plan.undo = text!("再挂载一次", "mount it again");
    Ok(Made::Plan(Box::new(plan)))
}

/// Whether the share answers. Not in the time that it was given is not.
fn is_well(facts: &Facts) -> Result<bool, Refusal> {
    match &facts.look.share {
        Err(Gap::TimedOut | Gap::NoAnswer) => Ok(false),
        answer => {
            let what = text!("共享有没有应答", "whether the share answers");
            Ok(matches!(common::known(answer.as_ref(), &what)?, ShareAnswer::Answers { .. }))
        }
    }
}

fn not_lazily(point: &str) -> Refusal {
    Refusal::new(
        text!(
            "{point} 有应答，不需要强行卸载：懒卸载只摘掉名字，正在用的还在用。什么也没做",
            "{point} answers, so there is no need to detach it: a lazy unmount takes the name alone, and whoever uses it goes on. Nothing was done"
        ),
        text!(
            "用普通的卸载：有人占用时会说出是谁，服务器也不动",
            "unmount it: whoever uses it is named then, and nothing is done"
        ),
    )
    .instead(Action::Unmount { lazy: false })
}

/// How it is done.
#[derive(Clone, Copy)]
struct Way {
    lazy: bool,
    /// The backend is stopped before, and started after.
    stop: bool,
    /// The share is asked first whether it answers.
    ask: bool,
}

fn nothing(facts: &Facts) -> Result<Made, Refusal> {
    let point = &facts.env.paths.mount_point;
    // a container keeps what was mounted when it started
    let inside = facts.look.container_mounts().ok();
    if let Some(kept) = inside.and_then(|table| where_it_packs(facts, table)) {
        return Err(Refusal::new(
            text!(
                "主机上 {point} 没有挂载，但后端容器里还挂着 {}。什么也没做",
                "nothing is mounted at {point} on the host, but the backend's container still has {}. Nothing was done",
                kept.source
            ),
            text!("没有备份在跑时，重启后端容器", "restart the backend's container when no backup runs"),
        )
        .instead(Action::Services { which: super::Service::Backend, how: super::How::Restart }));
    }
    Ok(Made::Nothing {
        said: text!(
            "{point} 上没有挂载任何东西，什么也不用做",
            "nothing is mounted at {point}: nothing to do"
        ),
        evidence: vec![text!("/proc/self/mountinfo 中没有 {point}", "no {point} in /proc/self/mountinfo")],
    })
}

/// The share that the backend's container has where its packs go. Others that it is bound to are none of this.
pub(super) fn where_it_packs<'a>(facts: &Facts, table: &'a MountTable) -> Option<&'a Mount> {
    let folder = facts.pack_folder_inside()?;
    covering(table, &folder).filter(|m| m.is_cifs())
}

/// Whether the running backend has it, so that it lives on in its container.
fn holds(facts: &Facts, mount: &Mount) -> Result<bool, Refusal> {
    let what = text!("后端容器里看到的是什么", "what the backend's container sees");
    let table = common::known(facts.look.container_mounts(), &what)?;
    Ok(table.mounts.iter().any(|m| m.fstype == mount.fstype && m.source == mount.source))
}

/// Running containers beside the backend whose binds reach to the mount point.
fn other_containers<'a>(facts: &Facts<'a>) -> Vec<&'a Container> {
    let env = facts.env;
    let all = facts.look.containers.as_deref().unwrap_or_default();
    all.iter()
        .filter(|c| c.running && c.name.as_str() != env.containers.backend)
        .filter(|c| bound(c, &env.paths.mount_point))
        .collect()
}

fn steps(
    facts: &Facts,
    root: &str,
    way: Way,
    backend: &Container,
    ghosts: &[crate::core::units::JobId],
) -> Vec<Step> {
    let env = facts.env;
    let (point, name) = (word(&env.paths.mount_point), word(&env.containers.backend));
    let mut more = String::new();
    if way.ask {
        more.push_str(&format!("share_answers {point} || refuse silent\n"));
    }
    more.push_str(&match way.lazy {
        false => format!("nobody_else_holds {point} {}\n", if way.stop { &name } else { "-" }),
        true => format!("fact held_by \"$(others_that_hold {point})\"\n"),
    });
    if way.stop {
        more.push_str("remember_backend\n");
    }
    let mut steps = vec![guard(facts, backend, Some(ghosts), &more)];
    if way.stop {
        steps.push(Step {
            title: text!("停后端容器：它挂着共享", "stop the backend's container: it has the share"),
            // those who hold the share were looked for meanwhile: a slot may have come
            sh: format!(
                "no_job_began {}\nwithin 90 docker stop -t 30 {name} || did_not_stop\n",
                job_words(facts, ghosts)
            ),
            undo: Some(format!("start_backend {point}\n")),
        });
    }
    let here = word(&format!("{root}{}", env.paths.mount_point));
    let command = if way.lazy { format!("umount -l {here}") } else { format!("umount {here}") };
    // whoever has it keeps it: that is what a lazy one is
    let after = if way.lazy { "" } else { "nobody_keeps_it\n" };
    steps.push(common::step(
        text!(
            "卸载，并确认主机和所有容器里都没有了",
            "unmount it, and make sure that host and containers are without it"
        ),
        format!("unmounting {point} {command}\n{after}"),
    ));
    if way.stop {
        steps.push(common::step(
            text!("启动后端容器", "start the backend's container"),
            format!("start_backend {point}\ncontainer_runs {name} 60\nbackend_answers 120\n"),
        ));
    }
    steps
}

fn effects(
    facts: &Facts,
    state: &MountState,
    mount: &Mount,
    lazy: bool,
    stop: bool,
    dead: bool,
) -> Vec<Text> {
    let env = facts.env;
    let point = &env.paths.mount_point;
    let what = as_the_kernel_says(Some(mount));
    let flag = if lazy { "-l " } else { "" };
    let mut all = vec![Text::same(format!("umount {flag}{point}    # {what}"))];
    if lazy {
        all.push(text!(
            "懒卸载只摘掉名字：正在用的进程还在用，但你看不到它们了；都放手之前，共享其实没有断开",
            "a lazy unmount takes the name alone: whoever uses the share goes on unseen, and it is not gone before all let go"
        ));
    }
    if stop {
        all.push(text!(
            "后端容器停一下再启动：网页和接口会中断，直到它重新起来",
            "the backend's container is stopped and started: web pages and API are away until it is up again"
        ));
    } else if !dead && !matches!(facts.backend, Ok(Some(c)) if c.running) {
        all.push(text!("后端容器现在停着，不会去动它", "the backend's container is stopped and stays so"));
    }
    if matches!(state, MountState::Share { .. }) {
        all.push(text!(
            "之后备份会失败，直到重新挂载：后端看到的是服务器磁盘",
            "backups will fail until it is mounted again: the backend then sees the local disk"
        ));
    }
    if env.share.persist
        && facts.look.fstab.as_ref().is_ok_and(|l| l.iter().any(|l| l.point.as_str() == point))
    {
        all.push(text!(
            "/etc/fstab 不动：服务器重启后会再挂上",
            "/etc/fstab is left as it is: after a reboot the share is mounted again"
        ));
    }
    all
}
