//! Is the share mounted: on the host, in the backend's container, and after a reboot?
use super::{Check, Facts};
use crate::core::derive::mount::{self, MountState};
use crate::core::gap::{Gap, NotAsked};
use crate::core::probe::kernel::CifsTrouble;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::i18n::{Text, counted};
use crate::text;

/// The host's view.
pub(super) fn host(f: &Facts) -> Check {
    let title = text!("主机挂载", "host mount");
    let point = &f.env.paths.mount_point;
    let source = f.env.share.source();
    let mounted = match &f.mounted {
        Ok(mounted) => mounted,
        Err(gap) => return Check::unknown("mount", title, gap),
    };
    let check = |state, summary| Check::new("mount", title.clone(), state, summary);
    let broken = match mounted {
        MountState::Share { line, writable: true, under: 0 } => {
            return check(State::Ok, text!("{source} 已挂载到 {point}", "{source} is mounted at {point}"))
                .evidence(Text::same(line.as_str()));
        }
        MountState::Share { line, writable: true, under } => {
            return check(
                State::Warning,
                text!("{point} 上重复挂载了 {} 层", "{point} is mounted {} times over", under + 1),
            )
            .evidence(Text::same(line.as_str()))
            .next(text!("空闲时卸载多余的一层", "unmount the extra layer when nothing runs"));
        }
        MountState::Share { line, .. } => check(
            State::Failed,
            text!(
                "共享以只读方式挂载，备份写不进去",
                "the share is mounted read-only: no backup can be written"
            ),
        )
        .evidence(Text::same(line.as_str()))
        .next(text!(
            "检查 Windows 上的共享权限，再重新挂载",
            "check the share's permissions on Windows, then mount again"
        )),
        MountState::Nothing { elsewhere } => check(
            State::Failed,
            text!(
                "{source} 没有挂载到 {point}，现在写进去的是服务器磁盘",
                "{source} is not mounted at {point}: what is written there goes to the local disk"
            ),
        )
        .evidence(text!("/proc/self/mountinfo 中没有 {point}", "no {point} in /proc/self/mountinfo"))
        .evidence_of(elsewhere.iter().map(|m| text!("别处的 CIFS 挂载：{m}", "a CIFS mount elsewhere: {m}")))
        .evidence_of(leftovers(f))
        .next(mend(f)),
        MountState::OtherShare { source: other } => check(
            State::Failed,
            text!(
                "{point} 上挂的是另一个共享 {other}，不是 {source}",
                "{point} holds another share, {other}, not {source}"
            ),
        )
        .next(text!("先卸载 {other}，再挂载 {source}", "unmount {other}, then mount {source}")),
        MountState::OtherType { fstype, source: other } => check(
            State::Failed,
            text!(
                "{point} 上挂的是 {fstype}（{other}），不是 Windows 共享",
                "{point} holds {fstype} ({other}), not the Windows share"
            ),
        )
        .next(text!("先卸载它，再挂载 {source}", "unmount it, then mount {source}")),
    };
    broken.evidence_of(kernel(f))
}

/// Local files that an unmounted point shows: old packs among them look like backups and are none.
fn leftovers(f: &Facts) -> Vec<Text> {
    let Ok(left) = &f.look.leftovers else {
        return Vec::new();
    };
    let packs = left.entries.iter().filter(|e| e.as_str().contains("/migration_pack_")).count();
    let counted = counted(packs, "pack", "packs");
    match left.under_mount_point {
        Some(size) if !left.entries.is_empty() => vec![text!(
            "挂载点下有服务器上的残留 {size}（其中备份包 {packs} 个），它们不在 Windows 上",
            "local leftovers under the mount point: {size} ({counted}); they are not on Windows"
        )],
        _ => Vec::new(),
    }
}

/// A line of the kernel that is older than this is about another night, in milliseconds.
const RECENT_MS: i64 = 24 * 3_600_000;

/// What to do about a share that is not mounted: where the kernel said why, that first. A wrong password is tried once:
/// Windows locks accounts.
fn mend(f: &Facts) -> Text {
    let lines = f.look.kernel.as_ref().map(|log| log.lines.as_slice()).unwrap_or_default();
    let recent = |at: Option<EpochMs>| at.is_none_or(|at| f.now.since(at) < RECENT_MS);
    let newest =
        lines.iter().rev().find(|l| l.means.is_some()).filter(|l| recent(l.at)).and_then(|l| l.means);
    match newest {
        None => text!("挂载共享，再检查一次", "mount the share, then check again"),
        Some(CifsTrouble::Logon) => text!(
            "先改正服务器上凭据文件里的用户名和密码，再挂载一次；不要反复试，Windows 会锁定账号",
            "correct the user and the password in the server's credentials file, then mount once; do not try again and again: Windows locks the account"
        ),
        Some(CifsTrouble::Account) => text!(
            "请 Windows 管理员检查这个账号（锁定、停用、密码过期），再挂载；之前不要试",
            "ask the Windows administrator about the account (locked, disabled, expired), then mount; do not try before"
        ),
        Some(CifsTrouble::Denied) => text!(
            "请 Windows 管理员给这个用户共享的权限，再挂载",
            "ask the Windows administrator to let this user use the share, then mount"
        ),
        Some(CifsTrouble::ShareName) => text!(
            "核对共享名（environments.toml 和 Windows 上的），再挂载",
            "compare the share's name here and on Windows, then mount"
        ),
        Some(CifsTrouble::Silent) => text!(
            "先确认 Windows 机器开着、网络通，再挂载",
            "see that the Windows machine is on and reachable, then mount"
        ),
        Some(CifsTrouble::Dialect) => text!(
            "去掉挂载选项里的 vers=（或改成 Windows 支持的版本），再挂载",
            "leave vers= out of the mount's options, or name a version that Windows has; then mount"
        ),
    }
}

/// The kernel's newest line that says why a mount failed.
pub(in crate::core) fn kernel(f: &Facts) -> Vec<Text> {
    let Ok(log) = &f.look.kernel else {
        return Vec::new();
    };
    let Some(line) = log.lines.iter().rev().find(|l| l.means.is_some()) else {
        return Vec::new();
    };
    let at = line.at.map(|at| f.time(at)).unwrap_or_default();
    let means = line.means.map(meaning).unwrap_or_default();
    vec![Text {
        zh: format!("内核 {at}：{}（{}）", line.text, means.zh),
        en: format!("kernel {at}: {} ({})", line.text, means.en),
    }]
}

/// What a known line of the kernel means.
pub(in crate::core) fn meaning(trouble: CifsTrouble) -> Text {
    match trouble {
        CifsTrouble::Logon => text!("用户名或密码不对", "wrong user or password"),
        CifsTrouble::Account => {
            text!("账号被锁定、停用或密码过期", "the account is locked, disabled or its password has expired")
        }
        CifsTrouble::Denied => text!("这个用户没有共享的权限", "the user may not use the share"),
        CifsTrouble::ShareName => text!("没有这个共享名", "there is no share of that name"),
        CifsTrouble::Silent => text!("Windows 没有响应", "Windows did not answer"),
        CifsTrouble::Dialect => text!("SMB 版本不匹配", "no SMB dialect in common"),
    }
}

/// The backend container's view.
pub(super) fn container(f: &Facts) -> Check {
    let title = text!("容器内的挂载", "mount seen in the container");
    let id = "container_mount";
    let backend = match f.backend {
        Err(gap) => return Check::unknown(id, title, gap),
        Ok(None) | Ok(Some(crate::core::probe::containers::Container { running: false, .. })) => {
            return Check::unknown(id, title, &Gap::NotAsked { because: NotAsked::BackendDown })
                .next(text!("先启动后端，再检查一次", "start the backend, then check again"));
        }
        Ok(Some(backend)) => backend,
    };
    let Some(folder) = f.pack_folder_inside() else {
        return Check::new(
            id,
            title,
            State::Failed,
            text!(
                "后端容器没有绑定 {}，它看不到共享",
                "the backend's container has no bind of {}: it cannot see the share",
                f.env.paths.mount_point
            ),
        )
        .next(text!(
            "用 -v {0}:{0} 重建后端容器",
            "recreate the backend's container with -v {0}:{0}",
            f.env.paths.mount_point
        ));
    };
    let table = match f.look.container_mounts() {
        Ok(table) => table,
        Err(gap) => return Check::unknown(id, title, gap),
    };
    let started = backend.started.map(|at| f.time(at)).unwrap_or_default();
    let check = |state, summary| {
        Check::new(id, title.clone(), state, summary).evidence(text!(
            "容器内路径 {folder}，容器启动于 {started}",
            "{folder} in the container, which started at {started}"
        ))
    };
    match mount::seen_at(table, &folder, &f.env.share) {
        MountState::Share { line, writable: true, .. } => check(State::Ok, text!("后端容器看到的就是共享", "the backend's container sees the share")).evidence(Text::same(line.as_str())),
        MountState::Share { line, .. } => check(State::Failed, text!("后端容器里共享是只读的", "the share is read-only in the backend's container"))
            .evidence(Text::same(line.as_str()))
            .next(text!("检查共享权限和容器的绑定方式", "check the share's permissions and the container's bind")),
        MountState::OtherShare { source } => check(State::Failed, text!("后端容器看到的是另一个共享 {source}", "the backend's container sees another share, {source}"))
            .next(text!("挂对共享后重启后端容器", "mount the right share, then restart the backend's container")),
        MountState::OtherType { fstype, source } if f.share_is_mounted() => {
            check(State::Failed, text!("主机已挂载，但后端容器看到的还是服务器磁盘（{fstype}）：容器在挂载之前就启动了", "the host has the share, but the backend's container still sees the local disk ({fstype}): it started before the mount"))
                .evidence(text!("容器内来源：{source}", "source in the container: {source}"))
                .next(text!("没有备份在跑时，重启后端容器", "restart the backend's container when no backup runs"))
        }
        MountState::OtherType { fstype, .. } => check(State::Failed, text!("后端容器看到的是服务器磁盘（{fstype}），不是共享", "the backend's container sees the local disk ({fstype}), not the share"))
            .next(text!("先挂载共享，再重启后端容器", "mount the share, then restart the backend's container")),
        MountState::Nothing { .. } => Check::unknown(id, title.clone(), &Gap::unreadable("mountinfo of the container", b"")),
    }
}

/// Does the mount come back after a reboot?
pub(super) fn fstab(f: &Facts) -> Check {
    let title = text!("开机自动挂载", "mount at boot");
    let lines = match &f.look.fstab {
        Ok(lines) => lines,
        Err(gap) => return Check::unknown("fstab", title, gap),
    };
    let check = |state, summary| Check::new("fstab", title.clone(), state, summary);
    if !f.env.share.persist {
        return check(State::Ok, text!("按配置不写入 fstab", "not meant to be in fstab"));
    }
    let (point, wanted) = (&f.env.paths.mount_point, f.env.share.source());
    let Some(line) = lines.iter().rev().find(|l| l.point.as_str() == point) else {
        let file = &f.env.paths.credentials_file;
        return check(
            State::Warning,
            text!(
                "fstab 里没有 {point}：服务器重启后共享不会自动挂载",
                "no {point} in fstab: after a reboot the share is not mounted"
            ),
        )
        .next(text!(
            "在 /etc/fstab 加一行：{wanted} {point} cifs credentials={file},_netdev,nofail 0 0",
            "add this line to /etc/fstab: {wanted} {point} cifs credentials={file},_netdev,nofail 0 0"
        ));
    };
    let shown = text!("{} {} {}", "{} {} {}", line.source, line.point, line.fstype);
    if !mount::is_source(line.source.as_str(), &f.env.share) {
        return check(
            State::Warning,
            text!(
                "fstab 里 {point} 写的是 {}，不是 {}",
                "fstab has {1} at {point}, not {0}",
                line.source,
                f.env.share.source()
            ),
        )
        .evidence(shown)
        .next(text!("改正 /etc/fstab 的这一行", "correct the line in /etc/fstab"));
    }
    let lacking: Vec<&str> = ["_netdev", "nofail"].into_iter().filter(|o| !line.has(o)).collect();
    if line.has("noauto") && !line.has("x-systemd.automount") {
        return check(
            State::Warning,
            text!(
                "fstab 的这一行有 noauto：重启后不会自动挂载",
                "the fstab line has noauto: it is not mounted at boot"
            ),
        )
        .evidence(shown)
        .next(text!("去掉 noauto", "take noauto away"));
    }
    if !lacking.is_empty() {
        let options = lacking.join(",");
        return check(
            State::Warning,
            text!(
                "fstab 的这一行缺少 {options}：共享不在时可能卡住开机",
                "the fstab line lacks {options}: with the share away the boot may stop"
            ),
        )
        .evidence(shown)
        .next(text!("给这一行加上 {options}", "add {options} to the line"));
    }
    check(State::Ok, text!("fstab 里有，重启后会自动挂载", "in fstab: mounted again after a reboot"))
        .evidence(shown)
}
