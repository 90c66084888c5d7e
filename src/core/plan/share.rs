//! What mounting and unmounting the share have in common: who must not be at work, what the kernel is expected to say, and the
//! step that makes sure of both right before anything is done.
use super::{Action, Checked, Refusal, Step, common, script::word};
use crate::core::probe::containers::{Container, under};
use crate::core::probe::mountinfo::Mount;
use crate::core::probe::share::ShareAnswer;
use crate::core::units::JobId;
use crate::core::verdict::{self, Facts};
use crate::i18n::Text;
use crate::text;

/// The jobs whose rows say that they run although their workers are proved gone. They stand in nobody's way here.
///
/// # Errors
/// A refusal while a backup lives, or may live.
pub(super) fn ghosts(facts: &Facts) -> Result<Vec<JobId>, Refusal> {
    common::known(facts.db, &text!("有没有备份在跑", "whether a backup runs"))?;
    let Some((job, worker)) = facts.live.iter().find(|(_, worker)| !worker.is_gone()) else {
        return Ok(facts.live.iter().map(|(job, _)| job.id).collect());
    };
    let proof = verdict::proof(facts, job, worker);
    let kind = verdict::kind_word(&job.kind);
    if is_silent(facts) {
        return Err(Refusal::new(
            text!(
                "备份任务 {} 写着正在进行，共享又没有应答：现在动哪一边都只会更糟。什么也没做",
                "backup job {} says that it runs, and the share does not answer: whatever is touched now makes it worse. Nothing was done",
                job.id
            ),
            text!(
                "先让 Windows 恢复（开机、网络、共享）：任务一般会接着走；恢复以后它还不动，再取消它",
                "bring Windows back first (machine, network, share): the job usually goes on; if it still stands then, cancel it"
            ),
        )
        .because([proof]));
    }
    let said = Text {
        zh: format!("备份任务 {}（{}）写着正在进行，现在动共享会毁掉它。什么也没做", job.id, kind.zh),
        en: format!(
            "backup job {} ({}) says that it runs: touching the share now would ruin it. Nothing was done",
            job.id, kind.en
        ),
    };
    Err(Refusal::new(
        said,
        text!(
            "等它结束；确实不要它了，就先取消它",
            "wait until it has ended; cancel it first if it is not wanted"
        ),
    )
    .because([proof])
    .instead(Action::Cancel { force: false }))
}

/// The mounted share says nothing.
fn is_silent(facts: &Facts) -> bool {
    facts.share_is_mounted()
        && matches!(facts.look.share, Ok(ShareAnswer::Silent | ShareAnswer::ReaderStuck { .. }))
}

/// What is to be read about backups before this is confirmed.
pub(super) fn checked_jobs(ghosts: &[JobId]) -> Checked {
    match ghosts.first() {
        None => Checked::good(text!("没有备份在跑", "no backup is running")),
        Some(_) => {
            let ids = ghosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
            Checked::beware(
                format!("ghosts {ids}"),
                text!(
                    "任务 {ids} 是幽灵（写着进行中，其实已经死了）：不妨碍这次操作，但会挡住后面的备份",
                    "job {ids} is a ghost (its row says that it runs, but it is dead): it does not stand in the way here, but blocks the next backup"
                ),
            )
        }
    }
}

/// Refuses when the mounted share does not answer: whatever touches it would wait, a container could neither be stopped nor
/// started.
pub(super) fn answers(facts: &Facts) -> Result<(), Refusal> {
    let hung = match common::known(
        facts.look.share.as_ref(),
        &text!("共享有没有应答", "whether the share answers"),
    )? {
        ShareAnswer::Answers { .. } => return Ok(()),
        ShareAnswer::Fails { said } => text!("共享报错：{said}", "the share answers with an error: {said}"),
        ShareAnswer::Silent | ShareAnswer::ReaderStuck { .. } => {
            text!("共享挂着但没有应答", "the share is mounted and does not answer")
        }
    };
    let port = verdict::check(facts, "port").map(|c| c.summary);
    let said = Text {
        zh: format!("{}：现在停启后端容器会卡死它，所以什么也没做", hung.zh),
        en: format!(
            "{}: to stop or start the backend's container now would leave it stuck, so nothing was done",
            hung.en
        ),
    };
    // under a backup it is not detached either
    if facts.live.iter().any(|(_, worker)| !worker.is_gone()) {
        let next = text!(
            "先让 Windows 恢复（开机、网络、共享），一般一两分钟内会自己接上，正在跑的备份也会接着走；再检查一次",
            "bring Windows back first (machine, network, share): the mount usually recovers within a minute or two, and the backup that runs goes on; then check again"
        );
        return Err(Refusal::new(said, next).because(port));
    }
    Err(Refusal::new(
        said,
        text!(
            "先让 Windows 恢复（开机、网络、共享），一般一分钟内会自己接上，再检查一次；一直不恢复才强行卸载（懒卸载），再挂载",
            "bring Windows back first (machine, network, share): the mount usually recovers within a minute, then check again; only if it stays dead, detach it (lazy unmount) and mount again"
        ),
    )
    .because(port)
    .instead(Action::Unmount { lazy: true }))
}

/// Whether a container has a bind that reaches to the mount point, so that it cannot be started without what is mounted there.
pub(super) fn bound(container: &Container, point: &str) -> bool {
    let reaches =
        |source: &str| under(source, point).is_some() || under(point, source).is_some() && source != "/";
    container.mounts.iter().any(|b| b.volume.is_none() && reaches(b.source.as_str()))
}

/// What step 1 asks before the backend's container is stopped or started: that the share that it is bound to answers. Nothing
/// where there is no such share.
///
/// # Errors
/// A refusal where it does not answer now.
pub(super) fn not_stuck(facts: &Facts, backend: &Container) -> Result<String, Refusal> {
    let point = &facts.env.paths.mount_point;
    let what = text!("{point} 上挂了什么", "what is mounted at {point}");
    common::known(facts.look.mounts.as_ref(), &what)?;
    if !on_top(facts).is_some_and(Mount::is_cifs) || !bound(backend, point) {
        return Ok(String::new());
    }
    answers(facts)?;
    Ok(format!("share_answers {} || refuse silent\n", word(point)))
}

/// What step 1 asks before something is done that ruins a backup: that none runs but those that were confirmed.
pub(super) fn no_other_job(facts: &Facts) -> String {
    let mut words = job_words(facts, &facts.live.iter().map(|(j, _)| j.id).collect::<Vec<_>>());
    // that nobody can tell was confirmed, too
    if facts.db.is_err() {
        words = words.trim_end_matches("''").to_owned() + "unknown";
    }
    format!("no_other_job_runs {words}\n")
}

/// What the kernel's table says of a mount, as `mounted_at` of the scripts prints it.
pub(super) fn as_the_kernel_says(mount: Option<&Mount>) -> String {
    let Some(mount) = mount else { return String::new() };
    let access = mount.options.first().map(|o| o.as_str()).unwrap_or_default();
    format!("{} {} {access} {}", mount.fstype, escaped(mount.source.as_str()), escaped(mount.root.as_str()))
}

/// As the kernel writes a name in its tables.
pub(super) fn escaped(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            ' ' | '\t' | '\n' | '\\' | '#' => text.push_str(&format!("\\{:03o}", u32::from(c))),
            c => text.push(c),
        }
    }
    text
}

/// The mount that is seen at the mount point.
pub(super) fn on_top<'a>(facts: &Facts<'a>) -> Option<&'a Mount> {
    let table = facts.look.mounts.as_ref().ok()?;
    table.at(&facts.env.paths.mount_point).map(|(mount, _)| mount)
}

/// The arguments of `live_job`: the database in the container, on the server, and the ghosts.
pub(super) fn job_words(facts: &Facts, ghosts: &[JobId]) -> String {
    let ids = ghosts.iter().map(|id| id.0.to_string()).collect::<Vec<_>>().join(" ");
    let (inside, here) = (&facts.env.containers.database_inside, &facts.env.paths.database);
    format!("{} {} {}", word(inside), word(here), word(&ids))
}

/// The first step: all is as it was when the plan was made, or nothing is done. `more` is what else must be so.
pub(super) fn guard(facts: &Facts, backend: &Container, jobs: Option<&[JobId]>, more: &str) -> Step {
    let mut sh = format!(
        "point_is {} {}\n",
        word(&facts.env.paths.mount_point),
        word(&as_the_kernel_says(on_top(facts)))
    );
    let state = if backend.running { "running" } else { "stopped" };
    sh.push_str(&format!(
        "container_is {} {}\n",
        word(backend.name.as_str()),
        word(&format!("{state} {}", backend.id))
    ));
    if let Some(ghosts) = jobs {
        sh.push_str(&format!("no_other_job_runs {}\n", job_words(facts, ghosts)));
    }
    sh.push_str(more);
    common::step(text!("确认一切还和预览时一样", "make sure that all is as it was in the preview"), sh)
}
