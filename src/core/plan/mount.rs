//! Mount the Windows share, and let the backend's container see it: only what is not so already.
use super::share::{answers, checked_jobs, escaped, ghosts, guard, job_words, on_top};
use super::{Action, Checked, Made, Refusal, Risk, Step, common, credentials, fstab, script::word};
use crate::core::derive::mount::{self, MountState};
use crate::core::probe::containers::Container;
use crate::core::probe::port::Port;
use crate::core::units::JobId;
use crate::core::verdict::{self, Facts};
use crate::i18n::Text;
use crate::text;

/// The most seconds that it may take: each command has a limit of its own, and these are all of them together.
const LIMIT_S: u32 = 900;

/// What is not as it should be.
struct Needs<'a> {
    backend: &'a Container,
    /// It has to be mounted.
    mount: bool,
    /// The backend runs, and does not see it or may not see it after the mount.
    see: bool,
    /// The line of fstab.
    fstab: Option<fstab::Change>,
    /// Where the backend's container sees the pack folder.
    inside: String,
}

/// The plan.
pub(super) fn make(new_password: bool, facts: &Facts, root: &str) -> Result<Made, Refusal> {
    let needs = Needs::of(facts)?;
    if !needs.mount && new_password {
        return Err(Refusal::new(
            text!(
                "共享已经挂着，新密码要到下次挂载才会用到。什么也没做",
                "the share is mounted: a new password is only used by the next mount. Nothing was done"
            ),
            text!("先卸载，再用新密码挂载", "unmount it first, then mount it with the new password"),
        )
        .instead(Action::Unmount { lazy: false }));
    }
    if !needs.mount && !needs.see && needs.fstab.is_none() {
        return nothing(facts);
    }
    // a line of fstab disturbs no backup
    let ghosts = if needs.mount || needs.see { Some(ghosts(facts)?) } else { None };
    let write = match needs.mount {
        true => {
            let write = credentials::why_write(new_password, facts)?;
            port(facts)?;
            write
        }
        false => None,
    };
    let steps = steps(facts, root, &needs, write.is_some(), ghosts.as_deref());
    let left = if needs.mount { leftovers(facts) } else { None };
    let mut plan = common::plan(Action::Mount { new_password }, facts, steps);
    // files that are hidden may be missed; a backend that does not see the share is of no use, and its restart is what helps
    plan.risk = if left.is_some() { Risk::Heavy } else { Risk::Light };
    plan.effects = effects(facts, &needs, write.as_ref());
    plan.checked = checked(facts, &needs, write.as_ref(), ghosts.as_deref(), left);
    plan.needs_password = write.is_some();
    // two tries to mount, and a backend whose share dies while it is restarted
    plan.limit_s = LIMIT_S;
    plan.proof = proof_words(facts, &needs);
    plan.undo = if needs.mount {
        text!("用「卸载」取下来", "unmount it again")
    } else {
        text!("不需要撤销", "nothing to undo")
    };
    Ok(Made::Plan(Box::new(plan)))
}

impl<'a> Needs<'a> {
    fn of(facts: &Facts<'a>) -> Result<Needs<'a>, Refusal> {
        let mount = !is_mounted(facts)?;
        let backend = common::backend(facts)?;
        let inside = facts.pack_folder_inside();
        let see = match (&inside, backend.running) {
            // how it is bound is only of interest while it runs
            (_, false) => false,
            (None, true) => return Err(not_bound(facts)),
            (Some(_), true) if mount => true,
            (Some(inside), true) => is_blind(facts, inside)?,
        };
        let fstab = fstab::change(facts, mount)?;
        Ok(Needs { backend, mount, see, fstab, inside: inside.unwrap_or_default() })
    }
}

/// Whether our share is on the mount point, to be written to and answering.
fn is_mounted(facts: &Facts) -> Result<bool, Refusal> {
    let point = &facts.env.paths.mount_point;
    let source = facts.env.share.source();
    let mounted = common::known(
        facts.mounted.as_ref().map_err(|gap| *gap),
        &text!("{point} 上挂了什么", "what is mounted at {point}"),
    )?;
    let (said, next) = match mounted {
        MountState::Nothing { .. } => return Ok(false),
        MountState::Share { writable: true, under: 0, .. } => {
            answers(facts)?;
            return Ok(true);
        }
        MountState::Share { writable: true, under, .. } => (
            text!(
                "{point} 上重复挂载了 {} 层。什么也没做",
                "{point} is mounted {} times over. Nothing was done",
                under + 1
            ),
            text!("先全部卸载，再挂载一次", "unmount all of it, then mount it once"),
        ),
        MountState::Share { line, .. } => (
            text!(
                "共享以只读方式挂着：{line}。什么也没做",
                "the share is mounted read-only: {line}. Nothing was done"
            ),
            text!(
                "检查 Windows 上的共享权限和配置里的挂载选项，再卸载、重新挂载",
                "check the share's permissions on Windows and the mount options here; then unmount it and mount it again"
            ),
        ),
        MountState::OtherShare { source: other } => (
            text!(
                "{point} 上挂的是另一个共享 {other}，不是 {source}。什么也没做",
                "{point} holds another share, {other}, not {source}. Nothing was done"
            ),
            text!("先卸载 {other}，再挂载 {source}", "unmount {other} first, then mount {source}"),
        ),
        MountState::OtherType { fstype, .. } if fstype.as_str() == "autofs" => {
            return Err(Refusal::new(
                text!(
                    "{point} 由 systemd 自动挂载（autofs），要它来挂。什么也没做",
                    "systemd mounts {point} by itself (autofs) and has to do it. Nothing was done"
                ),
                text!(
                    "在服务器上访问一次 {point}，或停掉它的 automount 单元，再检查一次",
                    "access {point} once on the server, or stop its automount unit; then check again"
                ),
            ));
        }
        MountState::OtherType { fstype, source: other } => (
            text!(
                "{point} 上挂的是 {fstype}（{other}），不是 Windows 共享。什么也没做",
                "{point} holds {fstype} ({other}), not the Windows share. Nothing was done"
            ),
            text!("先卸载它，再挂载 {source}", "unmount it first, then mount {source}"),
        ),
    };
    Err(Refusal::new(said, next).instead(Action::Unmount { lazy: false }))
}

/// Whether the running backend sees something else than the share that the host has.
fn is_blind(facts: &Facts, inside: &str) -> Result<bool, Refusal> {
    let what = text!("后端容器里看到的是什么", "what the backend's container sees");
    let table = common::known(facts.look.container_mounts(), &what)?;
    match mount::seen_at(table, inside, &facts.env.share) {
        MountState::Share { writable: true, .. } => Ok(false),
        // the bind itself is read-only: no restart mends that
        MountState::Share { .. } => Err(Refusal::new(
            text!(
                "后端容器里共享是只读的，重启也没用。什么也没做",
                "the share is read-only in the backend's container, and a restart does not mend that. Nothing was done"
            ),
            text!(
                "检查容器的绑定方式（-v …:ro），重建容器",
                "see how it is bound (-v …:ro), and recreate the container"
            ),
        )),
        _ => Ok(true),
    }
}

fn not_bound(facts: &Facts) -> Refusal {
    let point = &facts.env.paths.mount_point;
    Refusal::new(
        text!(
            "后端容器没有绑定 {point}，挂上了它也看不到。什么也没做",
            "the backend's container has no bind of {point}: it would not see the share. Nothing was done"
        ),
        text!("用 -v {0}:{0} 重建后端容器", "recreate the backend's container with -v {0}:{0}", point),
    )
}

/// The share's port can be reached from the server, or no mount is tried.
fn port(facts: &Facts) -> Result<(), Refusal> {
    match common::known(
        facts.look.port.as_ref(),
        &text!("从服务器能不能连上共享", "whether the server reaches the share"),
    )? {
        Port::Open => Ok(()),
        _ => {
            let check = verdict::check(facts, "port");
            let (said, next) = check.map(|c| (c.summary, c.next.unwrap_or_default())).unwrap_or_default();
            Err(Refusal::new(
                Text {
                    zh: format!("{}。没有挂载，后端没有动", said.zh),
                    en: format!("{}. Nothing was mounted, the backend was left alone", said.en),
                },
                next,
            ))
        }
    }
}

fn nothing(facts: &Facts) -> Result<Made, Refusal> {
    let (source, point) = (facts.env.share.source(), &facts.env.paths.mount_point);
    let file = &facts.env.paths.credentials_file;
    let evidence = |id| verdict::check(facts, id).map(|c| c.summary);
    let evidence: Vec<Text> =
        ["mount", "container_mount", "fstab"].into_iter().filter_map(evidence).collect();
    if facts.env.share.persist
        && let Some(flaw) = credentials::flaw(facts)
    {
        return Err(Refusal::new(
            Text {
                zh: format!("共享现在挂着，但凭据文件 {file} 不能用：{}。重启后就挂不上了。什么也没做", flaw.zh),
                en: format!(
                    "the share is mounted now, but the credentials file {file} is of no use: {}. After a reboot it would not be mounted. Nothing was done",
                    flaw.en
                ),
            },
            text!("找个没有备份的时候卸载，再挂载一次，按提示输入密码", "when no backup runs, unmount it and mount it again: you will be asked for the password"),
        )
        .because(evidence)
        .instead(Action::Unmount { lazy: false }));
    }
    let said = text!(
        "{source} 已经挂在 {point}，什么也不用做",
        "{source} is mounted at {point} already: nothing to do"
    );
    Ok(Made::Nothing { said, evidence })
}

/// Local files that the mount would hide.
fn leftovers(facts: &Facts) -> Option<Checked> {
    let point = &facts.env.paths.mount_point;
    let left = match &facts.look.leftovers {
        Ok(left) => left,
        Err(gap) => {
            let why = gap.text();
            return Some(Checked::beware(
                "leftovers unknown",
                Text {
                    zh: format!(
                        "不知道 {point} 下面有没有服务器本地的文件（{}）：有的话，挂载后就看不见了",
                        why.zh
                    ),
                    en: format!(
                        "whether there are local files under {point} is not known ({}): the mount would hide them",
                        why.en
                    ),
                },
            ));
        }
    };
    // an empty pack folder is no loss
    let folder = &facts.env.paths.pack_folder;
    if left.entries.iter().all(|e| e.as_str() == folder) {
        return None;
    }
    let size = left.under_mount_point.map(|s| s.to_string()).unwrap_or_else(|| "?".into());
    let count = match left.entries.len() {
        n if n >= 200 => "200+".to_owned(),
        n => n.to_string(),
    };
    Some(Checked::beware(
        "leftovers",
        text!(
            "{point} 下有服务器本地的文件：{count} 项，{size}。挂载后它们会被盖住看不见（不会删除，卸载后还在）",
            "there are local files under {point}: {count} entries, {size}. The mount hides them (nothing is deleted: they are there again without it)"
        ),
    ))
}

fn steps(facts: &Facts, root: &str, needs: &Needs, write: bool, ghosts: Option<&[JobId]>) -> Vec<Step> {
    let remember = if needs.see { "remember_backend\n" } else { "" };
    let mut steps = vec![guard(facts, needs.backend, ghosts, remember)];
    if write {
        steps.push(credentials::step(facts, root));
    }
    if needs.mount {
        steps.push(mounting(facts, root, write));
    }
    if needs.mount || needs.see {
        steps.push(common::step(
            text!(
                "在备份目录里写一个小文件，读回来，再删掉",
                "write a small file in the pack folder, read it back, delete it"
            ),
            format!("probe_share {}\n", word(&facts.env.paths.pack_folder)),
        ));
    }
    if needs.see {
        steps.push(seeing(facts, needs, ghosts.unwrap_or_default()));
    }
    if needs.fstab.is_some() || needs.mount && facts.env.share.persist {
        steps.push(fstab::step(facts));
    }
    steps
}

/// The command, and on a server that refuses the newest dialect the same once more with an older one.
fn mounting(facts: &Facts, root: &str, write: bool) -> Step {
    let env = facts.env;
    let point = word(&env.paths.mount_point);
    let source = word(&env.share.source());
    let final_name = word(&format!("{root}{}", env.paths.credentials_file));
    let file = if write { credentials::new_name(facts, root) } else { final_name.clone() };
    let command = |dialect: &str| format!("  {}{dialect}", command(facts, root, "\"$file\""));
    let shown = word(&escaped(&env.share.source()));
    let mut sh = format!("file={file}\nmkdir -p {}\n", word(&format!("{root}{}", env.paths.mount_point)));
    sh.push_str(&format!("mounting {shown} {point} \\\n{}", command("")));
    if fstab::names_a_dialect(env) {
        sh.push('\n');
    } else {
        sh.push_str(" || {\n  # only where the dialect was refused, and only once\n  dialect_refused\n");
        sh.push_str(&format!("  mounting {shown} {point} \\\n  {}\n}}\n", command(",vers=3.0")));
    }
    if write {
        sh.push_str(&format!("keep_credentials \"$file\" {final_name}\n"));
    }
    Step {
        title: text!("挂载 {source}", "mount {source}"),
        sh,
        undo: Some(format!("unmount_again {point}\n")),
    }
}

/// `mount -t cifs …`, as it is run.
fn command(facts: &Facts, root: &str, file: &str) -> String {
    let env = facts.env;
    let options = match fstab::mount_options(env) {
        o if o.is_empty() => String::new(),
        o => format!(",{}", word(&o)),
    };
    format!(
        "mount -t cifs {} {} -o credentials={file}{options}",
        word(&env.share.source()),
        word(&format!("{root}{}", env.paths.mount_point))
    )
}

/// The backend sees the share, at once or after a restart. One that was made so that it sees every mount is left alone.
fn seeing(facts: &Facts, needs: &Needs, ghosts: &[JobId]) -> Step {
    let env = facts.env;
    let source = match needs.mount {
        true => env.share.source(),
        // as the host has it, under whatever of its names
        false => on_top(facts).map(|m| m.source.to_string()).unwrap_or_default(),
    };
    let seen = format!("backend_sees {} {}", word(&escaped(&source)), word(&needs.inside));
    let (name, point) = (word(&env.containers.backend), word(&env.paths.mount_point));
    let jobs = job_words(facts, ghosts);
    let sh = format!(
        "if {seen}; then\n  fact backend_sees at_once\nelse\n  still_answers {point}\n  no_job_began {jobs}\n  \
         within 90 docker stop -t 30 {name} || did_not_stop\n  start_backend {point}\n  container_runs {name} 60\n  {seen}\n  \
         fact backend_sees after_restart\n  backend_answers 120\nfi\n"
    );
    common::step(
        text!(
            "让后端容器看到共享；看不到才重启它一次",
            "let the backend's container see the share; it is restarted, once, only if it does not"
        ),
        sh,
    )
}

fn effects(facts: &Facts, needs: &Needs, write: Option<&Text>) -> Vec<Text> {
    let env = facts.env;
    let mut all = Vec::new();
    if needs.mount {
        all.push(Text::same(command(facts, "", &word(&env.paths.credentials_file))));
    }
    if let Some(why) = write {
        let (file, user) = (&env.paths.credentials_file, env.share.user.as_deref().unwrap_or_default());
        all.push(Text {
            zh: format!("重写凭据文件 {file}（用户 {user}，密码现在输入）：{}；挂载成功才替换旧文件", why.zh),
            en: format!(
                "the credentials file {file} is written anew (user {user}, with the password you give): {}; the old one is replaced only when the mount has worked",
                why.en
            ),
        });
    }
    if needs.see && needs.mount && follows(needs.backend, facts) {
        all.push(text!(
            "后端容器会直接看到共享，不用重启",
            "the backend's container sees the mount at once, without a restart"
        ));
    } else if needs.see {
        all.push(text!(
            "后端容器重启一次才看得到共享：网页和接口会中断，直到它重新起来",
            "the backend's container is restarted once, so that it sees the share: web pages and API are away until it is up again"
        ));
    } else if !needs.backend.running {
        all.push(text!("后端容器现在停着，不会去动它", "the backend's container is stopped and stays so"));
    }
    all.extend(needs.fstab.iter().flat_map(|change| change.effects(env)));
    all
}

/// Whether what the host mounts later is seen in the container.
fn follows(backend: &Container, facts: &Facts) -> bool {
    let folder = facts.env.paths.pack_folder.as_str();
    let holding = backend
        .mounts
        .iter()
        .filter(|b| crate::core::probe::containers::under(folder, b.source.as_str()).is_some());
    let bind = holding.max_by_key(|b| b.source.as_str().len());
    bind.is_some_and(|b| matches!(b.propagation.as_str(), "rslave" | "slave" | "rshared" | "shared"))
}

fn checked(
    facts: &Facts,
    needs: &Needs,
    write: Option<&Text>,
    ghosts: Option<&[JobId]>,
    left: Option<Checked>,
) -> Vec<Checked> {
    let point = &facts.env.paths.mount_point;
    let mut all = Vec::new();
    match needs.mount {
        true => {
            all.push(Checked::good(text!("{point} 上没有挂载任何东西", "nothing is mounted at {point}")));
            all.extend(verdict::check(facts, "port").map(|c| Checked::good(c.summary)));
            if write.is_none() {
                let file = &facts.env.paths.credentials_file;
                all.push(Checked::good(text!(
                    "凭据文件 {file} 的格式和权限没问题",
                    "the credentials file {file} is well-formed and only for root"
                )));
            }
        }
        false => all.extend(verdict::check(facts, "mount").map(|c| Checked::good(c.summary))),
    }
    all.extend(left);
    if let Ok(MountState::Nothing { elsewhere }) = &facts.mounted {
        all.extend(elsewhere.iter().map(|m| {
            Checked::beware(
                format!("elsewhere {m}"),
                text!("别处的 CIFS 挂载：{m}", "a CIFS mount elsewhere: {m}"),
            )
        }));
    }
    all.extend(ghosts.map(checked_jobs));
    if needs.see && facts.missed_slot() {
        all.push(Checked::beware("missed", text!(
            "错过了昨夜的备份：后端重启后约 60 秒会自己补跑",
            "last night's backup was missed: within about 60 s after its restart the backend makes up for it"
        )));
    }
    if !needs.mount && credentials::flaw(facts).is_some() && facts.env.share.persist {
        let flaw = credentials::flaw(facts).unwrap_or_default();
        all.push(Checked::beware(
            "credentials",
            Text {
                zh: format!("凭据文件不能用（{}）：下次挂载要输入密码", flaw.zh),
                en: format!(
                    "the credentials file is of no use ({}): the next mount needs the password",
                    flaw.en
                ),
            },
        ));
    }
    all
}

fn proof_words(facts: &Facts, needs: &Needs) -> Vec<Text> {
    let (source, point) = (facts.env.share.source(), &facts.env.paths.mount_point);
    let mut all = vec![text!(
        "再看一次：主机上 {point} 是 {source}，可写",
        "another look: the host has {source} at {point}, to be written to"
    )];
    if needs.mount || needs.see {
        all.push(text!("写、读、删一个小文件成功", "a small file was written, read back and deleted"));
    }
    if needs.see {
        all.push(text!(
            "后端容器看到的就是它，/health 正常",
            "the backend's container sees it, and /health is well"
        ));
    }
    if facts.env.share.persist {
        all.push(text!("fstab 里有这一行", "fstab has the line"));
    }
    all
}
