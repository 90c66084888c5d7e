//! Does the share answer, is there room, and what lies in the pack folder?
use super::backend::is_of;
use super::derived::RoomFor;
use super::mount::kernel;
use super::{Check, Facts};
use crate::config::model::Thresholds;
use crate::core::derive::pack;
use crate::core::derive::room::{self, Room};
use crate::core::gap::{Gap, NotAsked};
use crate::core::probe::containers::Container;
use crate::core::probe::database::{Kind, Status};
use crate::core::probe::port::Port;
use crate::core::probe::share::ShareAnswer;
use crate::core::probe::space::Space;
use crate::core::state::State;
use crate::core::units::Bytes;
use crate::i18n::Text;
use crate::text;

/// Does the share answer?
pub(super) fn share(f: &Facts) -> Check {
    let title = text!("共享应答", "share answers");
    let check = |state, summary| Check::new("share", title.clone(), state, summary);
    if let Some(gap) = f.not_the_share() {
        return Check::unknown("share", title, &gap);
    }
    let folder = &f.env.paths.pack_folder;
    let seconds = f.env.thresholds.share_answer_s;
    let broken =
        match &f.look.share {
            Err(gap) => return Check::unknown("share", title, gap),
            Ok(ShareAnswer::Answers { took_ms, folder: Some(changed), .. }) => {
                let took = took_ms.map(|ms| format!(" {ms} ms")).unwrap_or_default();
                return check(State::Ok, text!("共享有应答{took}", "the share answers{took}")).evidence(
                    text!("{folder} 最后变化于 {}", "{folder} last changed at {}", f.time(*changed)),
                );
            }
            Ok(ShareAnswer::Answers { folder: None, .. }) => {
                return check(
                    State::Failed,
                    text!("共享上没有备份目录 {folder}", "the share has no pack folder {folder}"),
                )
                .next(text!(
                    "确认挂的是对的共享；需要时在 Windows 上建立这个目录",
                    "make sure that it is the right share; create the folder on Windows if need be"
                ));
            }
            Ok(ShareAnswer::Fails { said }) => {
                check(State::Failed, text!("共享报错：{said}", "the share answers with an error: {said}"))
            }
            Ok(ShareAnswer::Silent) if f.look.port == Ok(Port::Open) => check(
                State::Failed,
                text!(
                    "已挂载，但 {seconds} 秒没有应答：端口通，但共享不应答",
                    "mounted, but no answer in {seconds} s: its port is open, the share does not answer"
                ),
            ),
            Ok(ShareAnswer::Silent) => check(
                State::Failed,
                text!(
                    "已挂载，但 {seconds} 秒没有应答：Windows 关机、休眠或网络不通",
                    "mounted, but no answer in {seconds} s: Windows is off or asleep, or the network is down"
                ),
            ),
            Ok(ShareAnswer::ReaderStuck { pid }) => check(
                State::Failed,
                text!(
                    "已挂载，但没有应答：上一次检查的进程还卡在共享上",
                    "mounted, but no answer: a process of an earlier look is still stuck on the share"
                ),
            )
            .evidence(text!("卡住的进程号 {pid}", "the stuck process is {pid}")),
        };
    broken.evidence_of(kernel(f)).next(text!(
        "看 Windows 机器是否开机、共享是否在；恢复后再检查一次",
        "see whether the Windows machine is up and shares the folder; then check again"
    ))
}

/// Can the server reach the share's port?
pub(super) fn port(f: &Facts) -> Check {
    let title = text!("共享端口", "share port");
    let target = format!("{}:{}", f.env.share.host, f.env.share.port);
    let check = |state, summary| Check::new("port", title.clone(), state, summary);
    let answers = f.share_is_mounted() && matches!(f.look.share, Ok(ShareAnswer::Answers { .. }));
    let (summary, next) = match &f.look.port {
        Ok(Port::Open) => {
            return check(State::Ok, text!("从服务器能连上 {target}", "the server reaches {target}"));
        }
        Err(_) if answers => {
            return check(
                State::Ok,
                text!("共享有应答，端口自然是通的", "the share answers, so its port is open"),
            );
        }
        Err(gap) => return Check::unknown("port", title, gap),
        Ok(Port::Refused) => (
            text!(
                "{target} 拒绝连接：多半是机器开着、没有共享服务",
                "{target} refuses: most likely the machine is up and shares nothing"
            ),
            text!(
                "在 Windows 上启动 Server（LanmanServer）服务",
                "start the Server (LanmanServer) service on Windows"
            ),
        ),
        Ok(Port::Unreachable) => (
            text!("从服务器到不了 {target}：没有路由", "no route from the server to {target}"),
            text!("请网络管理员检查路由", "ask the network administrator about the route"),
        ),
        Ok(Port::HostUnreachable) => (
            text!(
                "从服务器到不了 {target}：那台机器没有回音（关机、不在线，或被防火墙拒绝）",
                "the server does not get to {target}: the machine is off, not on the network, or a firewall rejects it"
            ),
            text!(
                "看 Windows 机器是否开机、在线；在线就请网络管理员查路由和防火墙",
                "see whether the Windows machine is up and on the network; if it is, ask about route and firewall"
            ),
        ),
        Ok(Port::NameUnknown) => (
            text!("服务器不认识主机名 {}", "the server does not know the name {}", f.env.share.host),
            text!("检查 DNS，或在配置里改用 IP 地址", "check DNS, or use an address in the configuration"),
        ),
        Ok(Port::Silent) => (
            text!(
                "{target} 3 秒内没有应答：Windows 关机，或防火墙挡住了",
                "{target} did not answer in 3 s: Windows is off, or a firewall is in between"
            ),
            text!(
                "看 Windows 机器是否开机；再查防火墙的 445 端口",
                "see whether the Windows machine is up; then the firewall's port 445"
            ),
        ),
    };
    // a share that answers while its port does not: a passing trouble, or two different machines
    check(if answers { State::Warning } else { State::Failed }, summary).next(next)
}

/// Is there room for the next backup?
pub(super) fn room(f: &Facts) -> Check {
    let title = text!("共享空间", "room on the share");
    if let Some(gap) = f.not_the_share() {
        return Check::unknown("room", title, &gap);
    }
    let space = match &f.look.share {
        Ok(ShareAnswer::Answers { space, .. }) => space,
        Ok(_) => {
            return Check::unknown("room", title, &Gap::NotAsked { because: NotAsked::ShareSilent });
        }
        Err(gap) => return Check::unknown("room", title, gap),
    };
    let used = space.used_percent();
    let have = space.available;
    // what is not scheduled comes only by hand, and whoever starts it is told then
    let scheduled = |r: &RoomFor| f.plan.as_ref().is_some_and(|plan| plan.cron(&r.kind).is_some());
    let rooms: Vec<RoomFor> = rooms(f).into_iter().filter(scheduled).collect();
    let mut check = Check::new(
        "room",
        title,
        State::Ok,
        text!("共享可用 {have}，已用 {used}%", "{have} free on the share, {used} % used"),
    )
    .evidence_of(rooms.iter().map(|r| {
        let (kind, need) = (super::facts::kind_word(&r.kind), r.room.need);
        Text {
            zh: format!("下一次{}备份约需 {need}", kind.zh),
            en: format!("the next {} backup needs about {need}", kind.en),
        }
    }));
    if let Some(short) = rooms.iter().find(|r| !r.room.fits()) {
        let (kind, need) = (super::facts::kind_word(&short.kind), short.room.need);
        check.state = State::Failed;
        check.summary = Text {
            zh: format!("共享只剩 {have}，下一次{}备份约需 {need}，放不下", kind.zh),
            en: format!("only {have} left on the share; the next {} backup needs about {need}", kind.en),
        };
        check.next = Some(text!("请 Windows 管理员腾出空间", "ask the Windows administrator for room"));
    } else if used >= f.env.thresholds.disk_fail_percent {
        check.state = State::Failed;
        check.next = Some(text!("请 Windows 管理员腾出空间", "ask the Windows administrator for room"));
    } else if used >= f.env.thresholds.disk_warn_percent {
        check.state = State::Warning;
        check.next = Some(text!("尽快腾出共享空间", "make room on the share soon"));
    }
    check
}

/// What the next backup of each kind takes, and what there is for it. Nothing while the share does not answer.
pub(in crate::core) fn rooms(f: &Facts) -> Vec<RoomFor> {
    let (Ok(packs), Ok(db)) = (&f.packs, f.db) else { return Vec::new() };
    let Ok(ShareAnswer::Answers { space, .. }) = &f.look.share else { return Vec::new() };
    // by completed jobs: what an interrupted one left is smaller than a backup
    let last = |kind: &Kind| {
        let done = db.last_completed.iter().chain(&db.jobs);
        let done = done.filter(|j| j.kind == *kind && j.status == Status::Completed);
        // a pack that lacks something tells nothing of the next one's size
        let mut whole = done.filter_map(|job| {
            let pack = pack::of_job(job, packs)?;
            f.judge(pack, kind, Some(job)).missing.is_empty().then(|| pack.bytes())
        });
        whole.next()
    };
    let room = |kind: Kind| {
        let images = if kind == Kind::Full && f.with_images() { images(f) } else { None };
        let need = room::need(last(&kind), images, f.env.thresholds.room_percent)?;
        Some(RoomFor { kind, room: Room { need, have: space.available } })
    };
    [Kind::Incremental, Kind::Full].into_iter().filter_map(room).collect()
}

/// Size of the images that a full backup saves: those of the backend, the frontend and RAGFlow, each once.
pub(super) fn images(f: &Facts) -> Option<Bytes> {
    let (Ok(containers), Ok(images)) = (&f.look.containers, &f.look.images) else { return None };
    let names = &f.env.containers;
    let is_ours = |c: &&Container| {
        [&names.backend, &names.frontend].into_iter().any(|n| c.name.as_str() == n)
            || is_of(c, &names.compose_project)
    };
    let ours: Vec<&Container> = containers.iter().filter(is_ours).collect();
    let saved = images.iter().filter(|i| ours.iter().any(|c| c.image == i.id));
    Some(Bytes(saved.fold(0u64, |sum, i| sum.saturating_add(i.size.0))))
}

/// Whether there is room, and inodes, left on a disk of the server.
pub(in crate::core) fn fullness(space: &Space, limits: &Thresholds) -> State {
    let judge = |percent: u8| match percent {
        p if p >= limits.disk_fail_percent => State::Failed,
        p if p >= limits.disk_warn_percent => State::Warning,
        _ => State::Ok,
    };
    State::of_all([Some(space.used_percent()), space.inodes_used_percent()].into_iter().flatten().map(judge))
}

/// Room and inodes of the server's own disks.
pub(super) fn disks(f: &Facts) -> Check {
    let title = text!("服务器磁盘", "server disks");
    let mut spaces: Vec<&Space> = Vec::new();
    match &f.look.disks {
        Ok(all) if !all.is_empty() => spaces.extend(all),
        Ok(_) => return Check::unknown("disks", title, &Gap::unreadable("stat -f /", b"")),
        Err(gap) => return Check::unknown("disks", title, gap),
    }
    let docker = f.look.docker_disk.as_ref();
    spaces.extend(docker.ok());
    let limits = &f.env.thresholds;
    let worst = |s: &Space| fullness(s, limits);
    let state = State::of_all(spaces.iter().map(|s| worst(s)));
    let line = |s: &Space| {
        let inodes = s.inodes_used_percent().map(|p| format!("，inode {p}%")).unwrap_or_default();
        let inodes_en = s.inodes_used_percent().map(|p| format!(", inodes {p} %")).unwrap_or_default();
        Text {
            zh: format!("{}：已用 {}%，可用 {}{inodes}", s.path, s.used_percent(), s.available),
            en: format!("{}: {} % used, {} free{inodes_en}", s.path, s.used_percent(), s.available),
        }
    };
    let full: Vec<String> = spaces
        .iter()
        .filter(|s| worst(s) != State::Ok)
        .map(|s| format!("{} {}%", s.path, s.used_percent().max(s.inodes_used_percent().unwrap_or(0))))
        .collect();
    let summary = match state {
        State::Ok => text!("空间和 inode 都够", "space and inodes are fine"),
        _ => text!("快满了：{}", "nearly full: {}", full.join(", ")),
    };
    let mut check = Check::new("disks", title, state, summary).evidence_of(spaces.iter().map(|s| line(s)));
    if state != State::Ok {
        check.next = Some(text!(
            "清理日志、旧镜像或误写到服务器上的备份（先确认共享上有同一份）",
            "clear logs, old images, or packs that were written here by mistake (see first that the share has the same)"
        ));
    }
    if let Err(gap) = docker {
        let why = gap.text();
        check.evidence.push(Text {
            zh: format!("Docker 数据目录：{}", why.zh),
            en: format!("Docker's folder: {}", why.en),
        });
        if check.state == State::Ok {
            check.summary = text!(
                "别的都够，但 Docker 数据目录没能检查",
                "the others are fine, but Docker's folder could not be checked"
            );
            check.next = Some(gap.hint());
        }
        check.state = State::of_all([check.state, State::Unknown]);
    }
    check
}
