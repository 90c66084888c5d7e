//! What a mount needs on the server itself: `mount.cifs`, and a credentials file that it reads as it was meant.
use crate::core::derive::mount::MountState;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, MOUNT, MOUNT_ANEW, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::Certainty;
use crate::core::plan::Action;
use crate::core::probe::credentials::Flaw;
use crate::core::state::State;
use crate::text;

/// No `mount.cifs`.
pub(super) static NO_HELPER: Rule = Rule {
    id: "no-mount-helper",
    covers: &[],
    look: |s| match (&s.f.mounted, &s.f.look.credentials) {
        (Ok(MountState::Nothing { .. }), Ok(c)) if !c.helper => Found::new(
            State::Failed,
            Certainty::Proved,
            text!(
                "服务器上没有 mount.cifs，挂不了 Windows 共享",
                "the server has no mount.cifs: it cannot mount a Windows share"
            ),
        )
        .by([
            s.saw(
                Probe::Credentials,
                text!("mount.cifs 不在该在的地方", "mount.cifs is not where mount looks for it"),
            ),
            s.said(Probe::Mounts, "mount"),
        ])
        .fix(Fix::Call { whom: Whom::Server, what: text!("安装 cifs-utils", "install cifs-utils") })
        .fix(Fix::Do(Action::Mount { new_password: false }))
        .because_of(&["wrong-server"])
        .ruling(),
        (_, Ok(c)) if c.helper => {
            Ruling::Out(s.saw(Probe::Credentials, text!("mount.cifs 在", "mount.cifs is there")))
        }
        _ => Ruling::Open,
    },
    runbook: || Runbook {
        family: Family::Login,
        title: text!("服务器上缺 cifs-utils", "the server lacks cifs-utils"),
        what: text!(
            "挂载 Windows 共享要用 mount.cifs 这个程序，服务器上没有。",
            "Mounting a Windows share takes the program mount.cifs, and the server has none."
        ),
        shows: text!(
            "挂载马上失败，写着找不到 mount.cifs。",
            "Mounting fails at once: mount.cifs is not found."
        ),
        how: text!(
            "新装的系统没装 cifs-utils，或升级时被删掉。",
            "A new system came without cifs-utils, or an upgrade removed it."
        ),
        mend: text!(
            "请服务器管理员安装 cifs-utils（dnf 或 apt install cifs-utils），再按 M 挂载。昨夜没做成的，再按 B 补。",
            "Ask the server's administrator to install cifs-utils (dnf or apt install cifs-utils), then press M. Then press B for the night that was lost."
        ),
        acts: &[MOUNT, BACKUP],
        proof: text!("mount.cifs 在，共享能挂上", "mount.cifs is there, and the share can be mounted"),
        call: &[Whom::Server],
        dont: text!("不要从别的机器拷一个 mount.cifs 过来。", "Do not copy mount.cifs from another machine."),
    },
};

/// The file is missing, or its form makes user or password wrong.
pub(super) static FILE: Rule = Rule {
    id: "credentials-file",
    covers: &[],
    look: file,
    runbook: || Runbook {
        family: Family::Login,
        title: text!("凭据文件缺失或写坏了", "the credentials file is missing or spoilt"),
        what: text!(
            "服务器上存共享用户名和密码的文件不在，或者格式不对，挂载时等于没有密码或密码错误。",
            "The server's file with the share's user and password is missing or malformed: a mount has no password, or a wrong one."
        ),
        shows: text!(
            "「主机挂载」失败，凭据文件写着不存在或格式不对；挂载报 mount error(13)。",
            "\"host mount\" fails, and the credentials file is said to be missing or malformed; a mount says mount error(13)."
        ),
        how: text!(
            "在 Windows 上编辑后带了 CR 换行或 BOM；等号两边加了空格；被清理掉了。",
            "It was edited on Windows and has CR line ends or a byte-order mark, has blanks around an equals sign, or was cleaned away."
        ),
        mend: text!(
            "按 M，在框里按 p 换成新密码：控制台会重写这个文件，只有 root 能读。密码不知道就问 Windows 管理员。昨夜没做成的，再按 B 补。",
            "Press M, and p in its box for a new password: the console writes the file anew, readable for root only. If you do not have it, ask the Windows administrator for the password. Then press B for the night that was lost."
        ),
        acts: &[MOUNT_ANEW, BACKUP],
        proof: text!(
            "共享挂上，能写、能读、能删一个小文件",
            "the share is mounted; a small file can be written, read and deleted"
        ),
        call: &[Whom::You, Whom::Windows],
        dont: text!(
            "不要用记事本改它，也不要把密码写到别处。",
            "Do not edit it with a Windows editor, and do not write the password elsewhere."
        ),
    },
};

fn file(s: &Scene) -> Ruling {
    let (Ok(MountState::Nothing { .. }), Ok(credentials)) = (&s.f.mounted, &s.f.look.credentials) else {
        return Ruling::Open;
    };
    let path = &s.f.env.paths.credentials_file;
    let why = match credentials.file {
        None => text!("它不存在", "it is not there"),
        Some(file) => match file.flaw() {
            // that is no reason why a mount fails
            None | Some(Flaw::Open) => {
                return Ruling::Out(s.saw(
                    Probe::Credentials,
                    text!("凭据文件的格式没有问题", "the form of the credentials file is fine"),
                ));
            }
            Some(flaw) => flaw.word(),
        },
    };
    Found::new(
        State::Failed,
        Certainty::Likely,
        crate::i18n::Text {
            zh: format!("凭据文件 {path} 用不了：{}", why.zh),
            en: format!("the credentials file {path} is of no use: {}", why.en),
        },
    )
    .by([s.saw(Probe::Credentials, why), s.said(Probe::Mounts, "mount")])
    .would_prove(text!("重写这个文件后挂载成功", "a mount that works once the file is written anew"))
    .fix(Fix::Do(Action::Mount { new_password: true }))
    .because_of(&["wrong-server"])
    .because_of(&["windows-off", "windows-refuses", "no-route", "name-unknown"])
    .ruling()
}
