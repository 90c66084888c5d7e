//! A reboot lost the mount, or the next one will.
use crate::core::derive::kernel::{is_attempt, ours};
use crate::core::derive::mount::{MountState, is_source};
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, MOUNT, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::Certainty;
use crate::core::plan::Action;
use crate::core::probe::fstab::FstabLine;
use crate::core::probe::kernel::KernelLine;
use crate::core::state::State;
use crate::text;

/// Not mounted since the server was booted, and nothing in fstab that could have done it.
pub(super) static LOST_MOUNT: Rule = Rule {
    id: "reboot-lost-mount",
    covers: &["fstab"],
    look: lost,
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("重启后没有自动挂载", "the mount was lost with a reboot"),
        what: text!(
            "服务器重启过，而 /etc/fstab 里没有能把共享挂回来的一行，所以重启之后一直没挂。",
            "The server was rebooted, and /etc/fstab has no line that brings the share back; since then it is not mounted."
        ),
        shows: text!(
            "「主机挂载」和「开机自动挂载」都不正常；服务器开机的时间，晚于最近一次做完的备份。",
            "\"host mount\" and \"mount at boot\" are not OK, and the server was booted after the last backup that was completed."
        ),
        how: text!(
            "当初是手工挂载的，没写进 fstab，或者写的是别的共享、带 noauto。平时看不出来，一重启就没了。",
            "It was mounted by hand and never written to fstab, or the line names another share or says noauto. Nobody notices until a reboot."
        ),
        mend: text!(
            "按 M 挂载：控制台会把这一行写进 fstab（带 _netdev,nofail），以后重启会自己挂上。然后按 B 补昨夜的备份。",
            "Press M: the console mounts it and writes the line to fstab (with _netdev,nofail), so that the next reboot brings it back. Then press B to make up for the night."
        ),
        acts: &[MOUNT, BACKUP],
        proof: text!("共享挂上，fstab 里有这一行", "the share is mounted, and fstab has the line"),
        call: &[Whom::Server],
        dont: text!(
            "不要只手工 mount 一次了事：下次重启还会丢。",
            "Do not just mount it by hand: the next reboot would lose it again."
        ),
    },
};

/// The line of fstab for the mount point, and whether it mounts this share at boot; nothing where fstab was not read.
fn at_boot<'a>(s: &Scene<'a>) -> Option<(Option<&'a FstabLine>, bool)> {
    let point = &s.f.env.paths.mount_point;
    let lines = s.f.look.fstab.as_ref().ok()?;
    let line = lines.iter().rev().find(|l| l.point.as_str() == point);
    let brings_back = line.is_some_and(|l| {
        is_source(l.source.as_str(), &s.f.env.share) && (!l.has("noauto") || l.has("x-systemd.automount"))
    });
    Some((line, brings_back))
}

/// Nothing is on the point, and a boot would mount the share there.
pub(super) fn will_be_mounted(s: &Scene) -> bool {
    matches!(s.f.mounted, Ok(MountState::Nothing { .. })) && at_boot(s).is_some_and(|(_, yes)| yes)
}

fn lost(s: &Scene) -> Ruling {
    let f = s.f;
    let (Ok(MountState::Nothing { .. }), Some((line, brings_back))) = (&f.mounted, at_boot(s)) else {
        return Ruling::Open;
    };
    let point = &f.env.paths.mount_point;
    let Some(booted) = s.booted() else { return Ruling::Open };
    // a server that has made a backup since it was booted had the share since then
    let since = s.last_completed();
    if let Some(done) = since.filter(|done| *done > booted) {
        return Ruling::Out(s.saw(
            Probe::Database,
            text!(
                "最近一次备份完成于 {}，在上次开机（{}）之后",
                "the last backup was completed at {}, after the last boot ({})",
                s.time(done),
                s.time(booted)
            ),
        ));
    }
    // where nothing is meant to bring it back, or something is, the mount is what is told
    if brings_back || !f.env.share.persist {
        return Ruling::Open;
    }
    let at = s.time(booted);
    let tried = f.look.kernel.as_ref().ok().and_then(|log| {
        let since_boot = |l: &&KernelLine| l.at.is_some_and(|at| at >= booted);
        ours(log, &f.env.share).into_iter().rev().find(|l| since_boot(l) && is_attempt(l))
    });
    Found::new(
        State::Failed,
        if since.is_some() { Certainty::Likely } else { Certainty::Possible },
        text!(
            "服务器 {at} 重启后共享没有自动挂载：fstab 里没有能用的一行",
            "since the reboot at {at} the share is not mounted: fstab has no line that would do it"
        ),
    )
    .by([
        s.saw(Probe::Server, text!("开机于 {at}", "booted at {at}")),
        match line {
            None => s.saw(Probe::Fstab, text!("没有 {point}", "no {point}")),
            Some(l) => s.saw(
                Probe::Fstab,
                text!("{} {}，不会挂上这个共享", "{} {}: does not mount this share", l.source, l.point),
            ),
        },
        s.said(Probe::Mounts, "mount"),
    ])
    .by(since.map(|done| {
        s.saw(
            Probe::Database,
            text!(
                "最近一次备份完成于 {}，在重启之前",
                "the last backup was completed at {}, before the reboot",
                s.time(done)
            ),
        )
    }))
    .against(tried.map(|line| {
        let when = line.at.map(|at| s.time(at)).unwrap_or_default();
        s.saw(
            Probe::Kernel,
            text!("{when} 开机之后试过挂载：{}", "{when} a mount was tried since the boot: {}", line.text),
        )
    }))
    .would_prove(text!(
        "问清这次开机之后没有人挂上过、又卸载了它",
        "make sure that nobody has mounted and unmounted it since"
    ))
    .fix(Fix::Do(Action::Mount { new_password: false }))
    .because_of(&["wrong-server"])
    .because_of(&["windows-off", "windows-refuses", "no-route", "name-unknown"])
    .ruling()
}

/// It is mounted now, and would not be after a reboot.
pub(super) static FSTAB: Rule = Rule {
    id: "fstab-missing",
    covers: &["fstab"],
    look: fstab,
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("重启后共享会丢", "the next reboot will lose the mount"),
        what: text!(
            "共享现在好好的，但 /etc/fstab 里没有、或没写对这一行：服务器下次重启，共享就不会自动挂上。",
            "The share is fine now, but its line in /etc/fstab is missing or not right: after the next reboot it will not be mounted."
        ),
        shows: text!(
            "「开机自动挂载」告警；「主机挂载」是正常的。",
            "\"mount at boot\" warns; \"host mount\" is OK."
        ),
        how: text!(
            "手工挂载后没写 fstab，或者只写了一半选项。",
            "It was mounted by hand and not written to fstab, or the line lacks options."
        ),
        mend: text!(
            "按 M：控制台会把这一行补上或改对，先留一份旧的 fstab。",
            "Press M: the console adds or corrects the line, and keeps a copy of the old fstab."
        ),
        acts: &[MOUNT],
        proof: text!("fstab 里有完整的一行", "fstab has the whole line"),
        call: &[Whom::Server],
        dont: text!(
            "不要漏掉 nofail：共享不在时服务器可能卡在开机。",
            "Do not leave out nofail: with the share away, the boot may stop."
        ),
    },
};

fn fstab(s: &Scene) -> Ruling {
    match s.state("fstab") {
        State::Ok => Ruling::Out(s.said(Probe::Fstab, "fstab")),
        State::Warning | State::Failed => Found::new(s.state("fstab"), Certainty::Proved, s.summary("fstab"))
            .by(s.whole("fstab"))
            .fix(Fix::Do(Action::Mount { new_password: false }))
            .because_of(&["reboot-lost-mount"])
            .because_of(&["wrong-server"])
            .ruling(),
        State::Unknown => Ruling::Open,
    }
}
