//! What the host has on the mount point, when it is not our share, writable.
use super::NO_MOUNT;
use crate::core::derive::kernel::ours;
use crate::core::derive::mount::MountState;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, MOUNT, Runbook, UNMOUNT};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::plan::Action;
use crate::core::state::State;
use crate::i18n::{Text, counted};
use crate::text;

/// Nothing is mounted.
pub(super) static NOT_MOUNTED: Rule = Rule {
    id: "not-mounted",
    covers: &["mount"],
    look: not_mounted,
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("Windows 共享没有挂载", "the Windows share is not mounted"),
        what: text!(
            "服务器的挂载点上没有 Windows 共享，它只是本地的一个普通文件夹。后端写备份前会检查，发现不是共享就拒绝，任务失败。",
            "There is no Windows share on the mount point: it is an ordinary local folder. The backend looks before it writes, refuses, and the job fails."
        ),
        shows: text!(
            "「主机挂载」失败；昨夜的任务失败，写着未挂载（旧版本写“完成”加“同步失败”）。文件夹里还看得到的旧包留在服务器本地，不在 Windows 上。",
            "\"host mount\" fails; last night's job failed and says not mounted (older versions say completed, and that copying failed). Old packs that can still be seen in the folder are on the server's own disk, not on Windows."
        ),
        how: text!(
            "服务器重启时 Windows 不在线；有人卸载过；重启后 fstab 没挂上；密码改了挂不回来。",
            "Windows was away while the server booted; somebody unmounted it; fstab did not bring it back; the password was changed."
        ),
        mend: text!(
            "按 M 挂载。控制台先确认没有备份在跑、Windows 连得上，挂好后让后端容器也看到，再写一个小文件验证。然后按 B 补一次备份。",
            "Press M. The console first makes sure that no backup runs and that Windows can be reached, lets the backend's container see the mount, and proves it with a small file. Then press B to make up for the backup."
        ),
        acts: &[MOUNT, BACKUP],
        proof: text!(
            "挂载点上是配置里的共享，后端容器也看到它；能写、能读、能删一个小文件",
            "the configured share is on the mount point, the backend's container sees it too; a small file can be written, read and deleted"
        ),
        call: &[Whom::Windows],
        dont: text!(
            "不要把挂载点下面的旧包当成备份；没看过就不要删，挂载会把它们盖住。不要在备份进行时挂载。",
            "Do not take the old packs under the mount point for backups, and do not delete them unseen: the mount hides them. Do not mount while a backup runs."
        ),
    },
};

/// What the kernel's numbers mean, where a mount or a connection failed (errno(3)).
const NUMBERS: [(&str, &str, &str); 9] = [
    ("-113", "当时到不了 Windows", "Windows could not be reached then"),
    ("-112", "当时 Windows 不在线或断开了连接", "Windows was down or closed the connection then"),
    ("-110", "当时 Windows 没有应答", "Windows did not answer then"),
    ("-115", "当时 Windows 没有应答", "Windows did not answer then"),
    ("-111", "当时 Windows 拒绝连接", "Windows refused the connection then"),
    ("-101", "当时网络不通", "the network was away then"),
    ("-13", "当时 Windows 拒绝了用户名、密码或权限", "Windows refused user, password or permission then"),
    ("-2", "当时没有这个共享名或路径", "there was no such share or path then"),
    ("-95", "SMB 版本不匹配", "no SMB version in common"),
];

/// The newest line that says with what number a mount failed.
fn number(s: &Scene) -> Option<Evidence> {
    let log = s.f.look.kernel.as_ref().ok()?;
    let failed = |text: &str| Some(text.split_once("return code = ")?.1.trim().to_owned());
    let lines = ours(log, &s.f.env.share);
    let (line, code) = lines.into_iter().rev().find_map(|l| Some((l, failed(l.text.as_str())?)))?;
    let when = line.at.map(|at| s.time(at)).unwrap_or_else(|| "?".into());
    let means = NUMBERS.iter().find(|(n, ..)| *n == code);
    Some(s.saw(
        Probe::Kernel,
        match means {
            Some((_, zh, en)) => {
                text!("{when} 挂载失败（{code}）：{zh}", "{when} a mount failed ({code}): {en}")
            }
            None => text!("{when} 挂载失败（{code}）", "{when} a mount failed ({code})"),
        },
    ))
}

/// Old packs under a mount point that is not mounted look like backups, and are none.
fn leftovers(s: &Scene) -> Option<Evidence> {
    let left = s.f.look.leftovers.as_ref().ok()?;
    let size = left.under_mount_point.filter(|_| !left.entries.is_empty())?;
    let packs = left.entries.iter().filter(|e| e.as_str().contains("/migration_pack_")).count();
    let counted = counted(packs, "pack", "packs");
    Some(s.saw(
        Probe::Leftovers,
        text!(
            "挂载点下面是服务器本地的残留 {size}（备份包 {packs} 个），不在 Windows 上",
            "under the mount point lie local leftovers, {size} ({counted}); they are not on Windows"
        ),
    ))
}

fn not_mounted(s: &Scene) -> Ruling {
    let elsewhere = match &s.f.mounted {
        Ok(MountState::Nothing { elsewhere }) => elsewhere,
        Ok(_) => return Ruling::Out(s.said(Probe::Mounts, "mount")),
        Err(_) => return Ruling::Open,
    };
    let (point, source) = (&s.f.env.paths.mount_point, s.f.env.share.source());
    let rebooted = s.booted().zip(s.last_completed()).filter(|(boot, done)| boot > done);
    Found::new(
        State::Failed,
        Certainty::Proved,
        text!(
            "Windows 共享没有挂载：{source} 不在 {point} 上",
            "the Windows share is not mounted: {source} is not at {point}"
        ),
    )
    .by([s.saw(Probe::Mounts, text!("主机挂载表里没有 {point}", "the host has nothing mounted at {point}"))])
    .by(elsewhere
        .iter()
        .map(|m| s.saw(Probe::Mounts, text!("别处的 CIFS 挂载：{m}", "a CIFS mount elsewhere: {m}"))))
    .by(leftovers(s))
    .by(rebooted.map(|(boot, _)| {
        s.saw(
            Probe::Server,
            text!(
                "上次备份完成之后，服务器在 {} 重启过",
                "since the last backup the server was rebooted, at {}",
                s.time(boot)
            ),
        )
    }))
    .by(number(s))
    .fix(Fix::Do(Action::Mount { new_password: false }))
    .proof(text!(
        "{point} 上是 {source}，后端容器也看到它；能写、能读、能删一个小文件",
        "{source} is at {point}, the backend's container sees it too; a small file can be written, read and deleted"
    ))
    .because_of(&NO_MOUNT)
    .because_of(&["operation-at-work"])
    .because_of(s.coming_up())
    .ruling()
}

/// Another share.
pub(super) static WRONG_SHARE: Rule = Rule {
    id: "wrong-share",
    covers: &["mount"],
    look: |s| match &s.f.mounted {
        Ok(MountState::OtherShare { source }) => other(
            s,
            text!(
                "挂载点上是另一个共享 {source}，备份没有写到 {}",
                "another share is on the mount point: {source}; backups do not go to {}",
                s.f.env.share.source()
            ),
        ),
        Ok(MountState::Share { .. }) => Ruling::Out(s.said(Probe::Mounts, "mount")),
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("挂错了共享", "another share is mounted"),
        what: text!(
            "挂载点上确实有一个 Windows 共享，但不是配置里的那一个。备份照样“成功”，只是写到了别处。",
            "A Windows share is on the mount point, but not the configured one. Backups succeed all the same, and go elsewhere."
        ),
        shows: text!(
            "「主机挂载」失败，写着挂的是另一个共享；任务照样写“完成”，Windows 的备份目录里却没有新包。",
            "\"host mount\" fails and names another share; the job says completed, and the folder on Windows has no new pack."
        ),
        how: text!(
            "有人手工挂载时写错了地址或共享名，或者 Windows 换了机器、配置只改了一边。",
            "Somebody mounted by hand with a wrong address or name, or Windows moved to another machine and only one side was changed."
        ),
        mend: text!(
            "按 U 卸载，再按 M 挂上配置里的共享，然后按 B 补一次。那几夜的备份在另一个共享上，需要就从那里取。",
            "Press U to unmount, M to mount the configured share, then B. The backups of those nights are on the other share: take them from there if need be."
        ),
        acts: &[UNMOUNT, MOUNT, BACKUP],
        proof: text!(
            "挂载点上是配置里的共享，后端容器也看到它",
            "the configured share is on the mount point, and the backend's container sees it too"
        ),
        call: &[Whom::Windows],
        dont: text!(
            "不要只看“类型是 cifs”就当作挂好了。没确认之前，不要删另一个共享上的包。",
            "Do not take \"type cifs\" for well. Do not delete the packs on the other share before you are sure."
        ),
    },
};

/// Something that is no share.
pub(super) static OTHER_ON_POINT: Rule = Rule {
    id: "other-on-point",
    covers: &["mount"],
    look: |s| match &s.f.mounted {
        Ok(MountState::OtherType { fstype, .. }) if fstype.as_str() == "autofs" => waiting(s),
        Ok(MountState::OtherType { fstype, source }) => other(
            s,
            text!(
                "挂载点上是 {fstype}（{source}），不是 Windows 共享",
                "{fstype} ({source}) is on the mount point, not the Windows share"
            ),
        ),
        Ok(MountState::Share { .. }) => Ruling::Out(s.said(Probe::Mounts, "mount")),
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("挂载点被别的东西占了", "something else is on the mount point"),
        what: text!(
            "挂载点上挂着别的文件系统（例如本地磁盘、内存盘），共享被盖住或根本没挂。",
            "Another file system (a local disk, memory) is on the mount point; the share is hidden under it, or not mounted at all."
        ),
        shows: text!(
            "「主机挂载」失败：类型不是 cifs（例如 xfs、tmpfs）。",
            "\"host mount\" fails: its type is not cifs (xfs, tmpfs)."
        ),
        how: text!(
            "加盘、改 fstab 或临时测试时挂到了同一个文件夹。",
            "A new disk, a change of fstab, or a test was mounted on the same folder."
        ),
        mend: text!(
            "先弄清楚它是谁的、上面有没有要留的东西；再按 U 卸载它，按 M 挂上共享，按 B 补一次。",
            "Find out whose it is and whether anything on it is needed; then press U to unmount it, M to mount the share, and B."
        ),
        acts: &[UNMOUNT, MOUNT, BACKUP],
        proof: text!(
            "挂载点上是配置里的共享，后端容器也看到它",
            "the configured share is on the mount point, and the backend's container sees it too"
        ),
        call: &[Whom::Server],
        dont: text!(
            "不要把共享直接叠在上面：重启后顺序一变又会盖住。",
            "Do not mount the share on top of it: after a reboot the order may be another."
        ),
    },
};

/// systemd mounts it when somebody comes, and nobody does.
fn waiting(s: &Scene) -> Ruling {
    let point = &s.f.env.paths.mount_point;
    Found::new(
        State::Failed,
        Certainty::Proved,
        text!(
            "{point} 由 systemd 按需挂载（autofs），现在没有挂着共享",
            "systemd mounts {point} on demand (autofs); the share is not there now"
        ),
    )
    .by([s.said(Probe::Mounts, "mount")])
    .by(s.own("mount"))
    .fix(Fix::Call {
        whom: Whom::You,
        what: text!(
            "在服务器上访问一次 {point}（timeout 20 ls {point}），再检查一次",
            "access {point} once on the server (timeout 20 ls {point}), then check again"
        ),
    })
    .because_of(&NO_MOUNT)
    .ruling()
}

fn other(s: &Scene, says: Text) -> Ruling {
    Found::new(State::Failed, Certainty::Proved, says)
        .by([s.said(Probe::Mounts, "mount")])
        .by(s.own("mount"))
        .fix(Fix::Do(Action::Unmount { lazy: false }))
        .fix(Fix::Do(Action::Mount { new_password: false }))
        .proof(text!(
            "{} 上是 {}，后端容器也看到它",
            "{1} is at {0}, and the backend's container sees it too",
            s.f.env.paths.mount_point,
            s.f.env.share.source()
        ))
        .because_of(&["wrong-server"])
        .ruling()
}

/// Our share, and nothing can be written.
pub(super) static READ_ONLY: Rule = Rule {
    id: "read-only",
    covers: &["mount"],
    look: |s| match &s.f.mounted {
        Ok(MountState::Share { writable: false, .. }) => {
            Found::new(State::Failed, Certainty::Proved, s.summary("mount"))
                .by(s.own("mount"))
                .fix(Fix::Do(Action::Unmount { lazy: false }))
                .fix(Fix::Do(Action::Mount { new_password: false }))
                .fix(s.backup())
                .fix(Fix::Call {
                    whom: Whom::Windows,
                    what: text!(
                        "还是写不进去，就给共享用的账号写权限",
                        "if it still cannot be written, let the share's account write"
                    ),
                })
                .ruling()
        }
        Ok(MountState::Share { .. }) => Ruling::Out(s.said(Probe::Mounts, "mount")),
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("共享是只读的", "the share is read-only"),
        what: text!(
            "共享挂上了，但是只读，备份写不进去。",
            "The share is mounted, but read-only: no backup can be written."
        ),
        shows: text!(
            "「主机挂载」失败：只读；任务失败，写着 Read-only file system。",
            "\"host mount\" fails: read-only; the job fails with Read-only file system."
        ),
        how: text!(
            "挂载选项里有 ro，或者内核因为出错改成了只读。",
            "The mount options say ro, or the kernel made it so after an error."
        ),
        mend: text!(
            "按 U 卸载，再按 M 重新挂载（挂好后会试写一个小文件），然后按 B 补一次。还是写不进去，就请 Windows 管理员给账号写权限。",
            "Press U to unmount and M to mount again (it tries to write a small file), then B. If it still cannot be written, have the Windows administrator let the account write."
        ),
        acts: &[UNMOUNT, MOUNT, BACKUP],
        proof: text!("能写、能读、能删一个小文件", "a small file can be written, read and deleted"),
        call: &[Whom::Windows],
        dont: text!(
            "不要用 remount,rw 硬改：权限不对时照样写不进去。",
            "Do not force it with remount,rw: without the permission nothing can be written all the same."
        ),
    },
};
