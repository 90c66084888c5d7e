//! The share is mounted, and does not answer, or answers with an error.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, MOUNT, Runbook, UNMOUNT_LAZY};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::{Certainty, Evidence};
use crate::core::plan::Action;
use crate::core::probe::share::ShareAnswer;
use crate::core::state::State;
use crate::text;

/// What is the matter when the port itself cannot be reached.
const AWAY: [&str; 4] = ["windows-off", "windows-refuses", "no-route", "name-unknown"];

/// No answer.
pub(super) static HUNG: Rule = Rule {
    id: "share-hung",
    covers: &["share"],
    look: hung,
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("共享卡死，没有应答", "the share hangs"),
        what: text!(
            "挂载表里共享还在，但一读就一直等。挂着不等于能用：备份、列目录、卸载都会卡在上面。",
            "The share is still in the table of mounts, but whoever reads it waits. Mounted is not usable: backups, listings and unmounting all hang on it."
        ),
        shows: text!(
            "「主机挂载」正常，「共享应答」失败：几秒没有应答。",
            "\"host mount\" is OK and \"share answers\" fails: no answer within seconds."
        ),
        how: text!(
            "Windows 休眠、关机、重启或断网之后，服务器这边还握着旧的连接。",
            "Windows slept, shut down, rebooted or lost its network, and the server still holds the old connection."
        ),
        mend: text!(
            "先看「共享端口」：不通就找 Windows 管理员。Windows 回来后一般一两分钟内自己恢复；还卡着，就按 U 强行卸载，再按 M 挂载，然后按 B 补一次。",
            "See \"share port\" first: if it fails, call the Windows administrator. When Windows is back, the share usually answers within a minute or two; if it still hangs, press U to detach it, M to mount again, then B."
        ),
        acts: &[UNMOUNT_LAZY, MOUNT, BACKUP],
        proof: text!("共享在 1 秒内应答，能列出备份包", "the share answers within 1 s and lists its packs"),
        call: &[Whom::Windows],
        dont: text!(
            "不要在卡死时 docker stop 后端（停不下来），不要敲 df、ls 去看，每敲一次多一个卡住的进程。",
            "Do not docker stop the backend while it hangs (it will not stop), and do not type df or ls: each leaves one more stuck process."
        ),
    },
};

/// The kernel says itself that the connection is gone.
fn disconnected(s: &Scene) -> Option<Evidence> {
    let lines = s.f.look.cifs_debug.as_ref().ok()?;
    lines.iter().any(|l| l.as_str().contains("DISCONNECTED")).then(|| {
        s.saw(
            Probe::CifsDebug,
            text!("内核标记连接已断开（DISCONNECTED）", "the kernel calls the connection DISCONNECTED"),
        )
    })
}

fn hung(s: &Scene) -> Ruling {
    match &s.f.look.share {
        Ok(ShareAnswer::Silent | ShareAnswer::ReaderStuck { .. }) if s.f.share_is_mounted() => {}
        Ok(ShareAnswer::Answers { .. }) if s.f.share_is_mounted() => {
            return Ruling::Out(s.said(Probe::Share, "share"));
        }
        _ => return Ruling::Open,
    }
    let found = Found::new(
        State::Failed,
        Certainty::Proved,
        text!(
            "共享卡死：挂着，但 {} 秒没有应答",
            "the share hangs: mounted, but no answer in {} s",
            s.f.env.thresholds.share_answer_s
        ),
    )
    .by([s.said(Probe::Share, "share"), s.said(Probe::Mounts, "mount")])
    .by(s.own("share"))
    .by(disconnected(s))
    .by(s.kernel("share"))
    .against((s.state("port") == State::Ok).then(|| s.said(Probe::Port, "port")));
    let found = match s.at_work() {
        // a backup that is at work may come on again with the share, and nothing may be detached or ended under it: on a dead
        // share the backend's container cannot be restarted either
        Some(job) => found
            .fix(Fix::Wait {
                until: s.soon(RECOVERS_MS),
                what: text!(
                    "先等一两分钟，共享常会自己恢复，{} 就会接着走",
                    "wait a minute or two: the share often recovers by itself, and {} goes on",
                    job.id
                ),
            })
            .fix(Fix::Call {
                whom: Whom::Windows,
                what: text!(
                    "看共享那台 Windows 是不是醒着、没有卡死；备份还在跑，它应答之前不要取消、不要卸载",
                    "see that the Windows machine is awake and not frozen; a backup is at work, so cancel and detach nothing before it answers"
                ),
            }),
        // a machine that is frozen cannot be mounted again: detaching first would leave the backend with nothing at all
        None => found
            .fix(Fix::Call {
                whom: Whom::Windows,
                what: text!(
                    "看共享那台 Windows 是不是醒着、没有卡死；它一应答，共享一两分钟内自己恢复，后面两步就不用做",
                    "see that the Windows machine is awake and not frozen; once it answers, so does the share within a minute or two, and the next two steps are not needed"
                ),
            })
            .fix(Fix::Do(Action::Unmount { lazy: true }))
            .fix(Fix::Do(Action::Mount { new_password: false })),
    };
    found.because_of(&AWAY).ruling()
}

/// A share whose machine is back answers again within this.
const RECOVERS_MS: i64 = 120_000;

/// An answer that is an error.
pub(super) static ERROR: Rule = Rule {
    id: "share-error",
    covers: &["share"],
    look: |s| {
        let Ok(ShareAnswer::Fails { said }) = &s.f.look.share else {
            return match s.state("share") {
                State::Ok => Ruling::Out(s.said(Probe::Share, "share")),
                _ => Ruling::Open,
            };
        };
        if !s.f.share_is_mounted() {
            return Ruling::Open;
        }
        Found::new(
            State::Failed,
            Certainty::Proved,
            text!("共享报错，用不了：{said}", "the share answers with an error: {said}"),
        )
        .by([s.said(Probe::Share, "share"), s.said(Probe::Mounts, "mount")])
        .by(disconnected(s))
        .by(s.kernel("share"))
        .fix(Fix::Call {
            whom: Whom::Windows,
            what: text!(
                "看 Windows 是否在线、共享和权限是否还在",
                "see that Windows is up, and that share and permissions are still there"
            ),
        })
        .fix(Fix::Do(Action::Unmount { lazy: true }))
        .fix(Fix::Do(Action::Mount { new_password: false }))
        .because_of(&AWAY)
        .because_of(&["wrong-password", "account-locked", "no-permission", "share-name"])
        .ruling()
    },
    runbook: || Runbook {
        family: Family::Mount,
        title: text!("共享报错", "the share answers with an error"),
        what: text!(
            "共享挂着，读它立刻报错，例如 Host is down、Permission denied。",
            "The share is mounted, and reading it fails at once: host is down, permission denied."
        ),
        shows: text!(
            "「共享应答」失败，写着 Host is down、Permission denied、Stale file handle 之类。",
            "\"share answers\" fails with Host is down, Permission denied, Stale file handle or the like."
        ),
        how: text!(
            "Windows 重启后会话失效、密码或权限改了、共享被取消，或服务端目录没了。",
            "The session ended with a reboot of Windows, password or permission were changed, the share was removed, or its folder is gone."
        ),
        mend: text!(
            "先请 Windows 管理员看那边（共享、账号、文件夹都在不在）；再按 U 卸载，按 M 重新挂载，然后按 B 补一次。",
            "Have the Windows side looked at first (are share, account and folder there?); then press U to unmount, M to mount again, and B."
        ),
        acts: &[UNMOUNT_LAZY, MOUNT, BACKUP],
        proof: text!("共享有应答，能列出备份包", "the share answers and lists its packs"),
        call: &[Whom::Windows],
        dont: text!(
            "没修好之前不要一再按 B：每次都会失败，还会留下半个包。",
            "Do not press B again and again before it is mended: each try fails, and may leave half a pack."
        ),
    },
};
