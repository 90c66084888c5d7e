//! The host has the share, and the backend's container does not see it.
use super::NOT_THE_SHARE;
use crate::core::derive::mount::{MountState, seen_at};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, RESTART, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::Certainty;
use crate::core::plan::{Action, How, Service};
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;

/// The container was made without the mount point.
pub(super) static NO_BIND: Rule = Rule {
    id: "container-no-bind",
    covers: &["container_mount"],
    look: |s| {
        let running = s.f.backend.ok().flatten().is_some_and(|c| c.running);
        if !running {
            return Ruling::Open;
        }
        if let Some(folder) = s.f.pack_folder_inside() {
            return Ruling::Out(s.saw(
                Probe::Containers,
                text!(
                    "容器绑定了共享目录（{folder}）",
                    "the container has a bind of the share's folder ({folder})"
                ),
            ));
        }
        let point = &s.f.env.paths.mount_point;
        Found::new(
            State::Failed,
            Certainty::Proved,
            text!(
                "后端容器没有绑定 {point}，怎么都写不到共享",
                "the backend's container has no bind of {point}: it can never write to the share"
            ),
        )
        .by([s.saw(
            Probe::Containers,
            text!("容器的挂载里没有 {point}", "the container's mounts have no {point}"),
        )])
        .fix(Fix::Call {
            whom: Whom::Backend,
            what: text!(
                "用 -v {point}:{point} 重建后端容器",
                "make the container again with -v {point}:{point}"
            ),
        })
        .because_of(&["wrong-server"])
        .ruling()
    },
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("容器没有绑定共享目录", "the container has no bind of the share"),
        what: text!(
            "后端容器启动时没有带上挂载点这个文件夹，容器里根本没有共享。",
            "The backend's container was made without the folder of the mount point: in the container there is no share at all."
        ),
        shows: text!(
            "「主机挂载」正常，「容器内的挂载」失败：容器没有绑定这个目录。",
            "\"host mount\" is OK and \"mount seen in the container\" fails: the container has no bind of that folder."
        ),
        how: text!(
            "重建、升级容器时漏了一个 -v 参数。",
            "A -v was forgotten when the container was made again or upgraded."
        ),
        mend: text!(
            "请后端负责人带上挂载点的绑定（-v /mnt/replica:/mnt/replica）重建容器；好了以后按 B 补一次。",
            "Ask whoever runs the backend to make the container again with the bind (-v /mnt/replica:/mnt/replica); then press B."
        ),
        acts: &[BACKUP],
        proof: text!("容器里看到的是 cifs", "the container sees cifs"),
        call: &[Whom::Backend],
        dont: text!(
            "不要用 docker cp 之类的办法凑合：下一夜照样没有。",
            "Do not make do with docker cp: the next night will fail again."
        ),
    },
};

/// The container may only read.
pub(super) static READ_ONLY: Rule = Rule {
    id: "container-read-only",
    covers: &["container_mount"],
    look: |s| {
        let Some(seen) = seen(s) else { return Ruling::Open };
        let MountState::Share { writable, line, .. } = &seen else { return Ruling::Open };
        if *writable {
            return Ruling::Out(s.said(Probe::ContainerMounts, "container_mount"));
        }
        Found::new(
            State::Failed,
            Certainty::Proved,
            text!(
                "后端容器里共享是只读的，备份写不进去",
                "the share is read-only in the backend's container: no backup can be written"
            ),
        )
        .by([s.saw(Probe::ContainerMounts, Text::same(line.as_str()))])
        .by([s.said(Probe::Mounts, "mount")])
        .fix(Fix::Call {
            whom: Whom::Backend,
            what: text!(
                "重建后端容器，绑定里去掉 :ro（重启没有用）",
                "make the container again without :ro in its bind (a restart does not help)"
            ),
        })
        // what is read-only on the host is so in the container
        .because_of(&["read-only"])
        .ruling()
    },
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("容器里共享是只读的", "the share is read-only in the container"),
        what: text!(
            "服务器上共享能写，后端容器里同一个目录却只能读，备份写不进去。",
            "The server can write to the share, and the backend's container can only read it: no backup can be written."
        ),
        shows: text!(
            "「主机挂载」正常，「容器内的挂载」失败并写着只读；任务的报错是只读文件系统（Read-only file system）。",
            "\"host mount\" is OK, \"mount seen in the container\" fails and says read-only; the job's error is a read-only file system."
        ),
        how: text!("建容器时绑定写成了只读（:ro）。", "The container was made with a read-only bind (:ro)."),
        mend: text!(
            "请后端负责人去掉 :ro，重建容器。重启不会改变绑定。",
            "Ask whoever runs the backend to make the container again without :ro. A restart does not change a bind."
        ),
        acts: &[BACKUP],
        proof: text!("容器内的挂载表显示共享可写", "the container's table of mounts says rw"),
        call: &[Whom::Backend],
        dont: text!(
            "不要反复重启、反复挂载：绑定方式不会变。",
            "Do not restart or mount again and again: the bind stays as it is."
        ),
    },
};

/// What the container sees where it writes.
fn seen(s: &Scene) -> Option<MountState> {
    let folder = s.f.pack_folder_inside()?;
    let table = s.f.look.container_mounts().ok()?;
    let running = s.f.backend.ok().flatten().is_some_and(|c| c.running);
    running.then(|| seen_at(table, &folder, &s.f.env.share))
}

/// It sees what was there when it started.
pub(super) static BLIND: Rule = Rule {
    id: "container-blind",
    covers: &["container_mount"],
    look: blind,
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("后端容器看不到共享", "the backend's container does not see the share"),
        what: text!(
            "服务器上共享挂好了，但后端容器里同一个路径还是服务器的本地磁盘。后端检查到不是共享，备份就失败。",
            "The server has the share, but in the backend's container the same path is still the local disk. The backend notices, and its backups fail."
        ),
        shows: text!(
            "「主机挂载」正常，「容器内的挂载」失败：看到的是服务器磁盘（xfs、ext4）；任务失败，写着未挂载。",
            "\"host mount\" is OK and \"mount seen in the container\" fails: it sees the server's disk (xfs, ext4); the job fails and says not mounted."
        ),
        how: text!(
            "容器先启动，共享后挂载。容器只看得到它启动那一刻的挂载，之后主机上再挂的它看不到。",
            "The container started first, and the share was mounted later. A container sees the mounts of the moment it was started, and none that the host makes later."
        ),
        mend: text!(
            "没有备份在跑时，按 R 重启后端容器，它就会看到共享。然后等一两分钟看它会不会自己补跑；没有就按 B。以后用 M 挂载，控制台会顺手让容器也看到。",
            "When no backup runs, press R to restart the backend's container: it will see the share. Give it a minute or two to make up for the backup by itself; if it does not, press B. When mounting with M, the console takes care of the container too."
        ),
        acts: &[RESTART, BACKUP],
        proof: text!(
            "容器内的挂载表显示 cifs 和配置的共享",
            "the container's own table of mounts says cifs and the configured share"
        ),
        call: &[Whom::Backend],
        dont: text!(
            "不要在备份进行时重启。不要再挂一次：主机上已经是好的。",
            "Do not restart it while a backup runs. Do not mount again: the host is fine."
        ),
    },
};

fn blind(s: &Scene) -> Ruling {
    match s.state("container_mount") {
        State::Ok => return Ruling::Out(s.said(Probe::ContainerMounts, "container_mount")),
        State::Failed if s.f.pack_folder_inside().is_some() => {}
        _ => return Ruling::Open,
    }
    let seen = seen(s);
    if matches!(seen, Some(MountState::Share { .. })) {
        return Ruling::Open;
    }
    let other = matches!(seen, Some(MountState::OtherShare { .. }));
    let found = Found::new(State::Failed, Certainty::Proved, match s.f.share_is_mounted() {
        _ if other => s.summary("container_mount"),
        true => text!(
            "共享在服务器上挂好了，但后端容器看不到：容器在挂载之前就启动了",
            "the server has the share, but the backend's container does not see it: it started before the mount"
        ),
        false => s.summary("container_mount"),
    })
        .by(s.whole("container_mount"))
        .by([s.said(Probe::Mounts, "mount")])
        .because_of(&NOT_THE_SHARE)
        .because_of(&["reboot-lost-mount"]);
    // a restart would end what is at work, and leave its row behind
    match s.at_work() {
        Some(_) => found.fix(Fix::Do(Action::Cancel { force: true })).ruling(),
        None => found.fix(Fix::Do(Action::Services { which: Service::Backend, how: How::Restart })).ruling(),
    }
}
