//! Windows refused the mount, and the kernel's log says why. Only what the log says counts: a line that is absent says nothing.
use super::words::{self, ended_with};
use crate::core::derive::kernel::{is_attempt, ours};
use crate::core::derive::mount::MountState;
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, MOUNT, MOUNT_ANEW, Runbook, UNMOUNT_LAZY};
use crate::core::diagnose::scene::{LAST_NIGHT_MS, Scene};
use crate::core::diagnose::types::Certainty;
use crate::core::plan::Action;
use crate::core::probe::kernel::{CifsTrouble, KernelLine};
use crate::core::probe::share::ShareAnswer;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::core::verdict::{meaning, not_copied};
use crate::i18n::Text;
use crate::text;

/// Wrong user or password.
pub(super) static PASSWORD: Rule = Rule {
    id: "wrong-password",
    covers: &[],
    look: |s| refused(s, CifsTrouble::Logon, &[Fix::Do(Action::Mount { new_password: true })]),
    runbook: || Runbook {
        family: Family::Login,
        title: text!("共享的用户名或密码不对", "wrong user or password for the share"),
        what: text!(
            "Windows 不认服务器用的用户名和密码，所以共享挂不上。",
            "Windows does not accept the user and password that the server uses, so the share cannot be mounted."
        ),
        shows: text!(
            "挂载失败，mount error(13)；内核日志里有 STATUS_LOGON_FAILURE。",
            "The mount fails with mount error(13); the kernel's log says STATUS_LOGON_FAILURE."
        ),
        how: text!(
            "Windows 上改了密码，服务器上的凭据文件没跟着改；或者凭据文件带了 Windows 换行、多了空格。",
            "The password was changed on Windows and the server's credentials file was not; or that file has Windows line ends or blanks too many."
        ),
        mend: text!(
            "先向 Windows 管理员问清现在的密码；还挂着就先按 U 强行卸载，再按 M、在框里按 p，输入新密码，只试一次。昨夜没做成的，再按 B 补。",
            "First ask the Windows administrator for the password as it is now; if the share is still mounted, press U to detach it; then press M, and p in its box, and type it: one try only. Then press B for the night that was lost."
        ),
        acts: &[UNMOUNT_LAZY, MOUNT_ANEW, BACKUP],
        proof: text!(
            "共享挂上，能写、能读、能删一个小文件",
            "the share is mounted; a small file can be written, read and deleted"
        ),
        call: &[Whom::Windows],
        dont: text!(
            "不要反复试：错几次 Windows 就锁账号，还会连累别的机器。不要把密码写进命令行或 fstab。",
            "Do not try again and again: after some tries Windows locks the account, for other machines too. Do not put the password into a command line or into fstab."
        ),
    },
};

/// The account itself.
pub(super) static ACCOUNT: Rule = Rule {
    id: "account-locked",
    covers: &[],
    look: |s| {
        refused(
            s,
            CifsTrouble::Account,
            &[
                Fix::Call {
                    whom: Whom::Windows,
                    what: text!(
                        "解锁、启用共享用的账号，或更换过期的密码",
                        "unlock or enable the share's account, or renew its expired password"
                    ),
                },
                Fix::Do(Action::Mount { new_password: false }),
            ],
        )
    },
    runbook: || Runbook {
        family: Family::Login,
        title: text!("共享账号被锁、停用或过期", "the share's account is locked, disabled or expired"),
        what: text!(
            "用户名密码可能没错，但 Windows 不让这个账号登录。",
            "User and password may be right, but Windows lets this account in no more."
        ),
        shows: text!(
            "挂载失败；内核日志写着账号被锁、停用或密码过期（STATUS_ACCOUNT_LOCKED_OUT、STATUS_PASSWORD_EXPIRED 等）。",
            "The mount fails; the kernel's log says that the account is locked, disabled, or its password expired (STATUS_ACCOUNT_LOCKED_OUT, STATUS_PASSWORD_EXPIRED and the like)."
        ),
        how: text!(
            "密码到期、管理员停用了账号，或错误密码试得太多被锁定。",
            "The password expired, the account was disabled, or too many wrong passwords locked it."
        ),
        mend: text!(
            "请 Windows 管理员解锁、启用账号或换掉过期的密码（最好设成永不过期）；还挂着就先按 U 强行卸载，再按 M 挂载一次，密码换过就在框里按 p。昨夜没做成的，再按 B 补。",
            "Ask the Windows administrator to unlock or enable the account, or to renew its password (best one that does not expire); if it is still mounted, press U to detach it; then press M once, with p in its box if the password is a new one. Then press B for the night that was lost."
        ),
        acts: &[UNMOUNT_LAZY, MOUNT, BACKUP],
        proof: text!(
            "共享挂上，能写、能读、能删一个小文件",
            "the share is mounted; a small file can be written, read and deleted"
        ),
        call: &[Whom::Windows],
        dont: text!(
            "账号处理好之前不要再试挂载：每试一次锁定时间都可能重算。",
            "Do not mount before that: each try may begin the lock anew."
        ),
    },
};

/// The user may not use this share.
pub(super) static PERMISSION: Rule = Rule {
    id: "no-permission",
    covers: &[],
    look: |s| {
        let call = Fix::Call {
            whom: Whom::Windows,
            what: text!(
                "给共享用的账号读写权限：共享权限和文件夹的安全权限都要给",
                "let the share's account read and write: in the share's permissions and in the folder's own"
            ),
        };
        match not_written(s, call.clone()) {
            Some(found) => found.ruling(),
            None => refused(s, CifsTrouble::Denied, &[call, Fix::Do(Action::Mount { new_password: false })]),
        }
    },
    runbook: || Runbook {
        family: Family::Login,
        title: text!("账号没有共享的权限", "the account may not use the share"),
        what: text!(
            "账号能登录，但没有这个共享的权限。",
            "The account can log in, but may not use this share."
        ),
        shows: text!(
            "挂载失败，mount error(13)，内核日志里有 STATUS_ACCESS_DENIED，或者没有写用户名密码不对；或者挂上了，但写不进去。",
            "The mount fails with mount error(13), and the kernel's log says STATUS_ACCESS_DENIED, or nothing of user and password; or it works, and nothing can be written."
        ),
        how: text!(
            "重建过共享、换过账号，或者只给了共享权限、没给文件夹的安全权限（两样都要）。",
            "The share was made anew, the account was changed, or only one of the two permissions was given: that of the share and that of the folder."
        ),
        mend: text!(
            "请 Windows 管理员给账号读写权限：共享权限和文件夹的安全权限都要给；还挂着就先按 U 强行卸载，再按 M 挂载。昨夜没做成的，再按 B 补。",
            "Ask the Windows administrator to let the account read and write, in the share's permissions and in the folder's own; if it is still mounted, press U to detach it; then press M. Then press B for the night that was lost."
        ),
        acts: &[UNMOUNT_LAZY, MOUNT, BACKUP],
        proof: text!(
            "共享挂上，能写、能读、能删一个小文件",
            "the share is mounted; a small file can be written, read and deleted"
        ),
        call: &[Whom::Windows],
        dont: text!(
            "不要为了省事给 Everyone 完全控制。",
            "Do not give everyone full control to be done with it."
        ),
    },
};

/// The share is in its place, and the night's job was not allowed to write to it.
fn not_written(s: &Scene, call: Fix) -> Option<Found> {
    let (job, words) = ended_with(s, words::DENIED)?;
    let writable = matches!(&s.f.mounted, Ok(MountState::Share { writable: true, .. }));
    (words.name_the_share(s) && writable && s.share_works()).then(|| {
        Found::new(
            State::Failed,
            Certainty::Likely,
            text!(
                "共享挂上了，但备份 {} 不能往里写",
                "the share is mounted, but backup {} was not allowed to write to it",
                job.id
            ),
        )
        .by([s.said(Probe::Database, "night"), s.said(Probe::Mounts, "mount")])
        .would_prove(text!(
            "权限改好之后，备份就能写了",
            "a backup that can be written once the permission is given"
        ))
        .fix(call)
    })
}

/// No share of that name.
pub(super) static SHARE_NAME: Rule = Rule {
    id: "share-name",
    covers: &[],
    look: |s| {
        refused(
            s,
            CifsTrouble::ShareName,
            &[
                Fix::Call {
                    whom: Whom::Windows,
                    what: text!(
                        "核对共享名：Windows 上的和 environments.toml 里的要一样",
                        "compare the share's name: that on Windows and that in environments.toml must be the same"
                    ),
                },
                Fix::Do(Action::Mount { new_password: false }),
            ],
        )
    },
    runbook: || Runbook {
        family: Family::Login,
        title: text!("Windows 上没有这个共享名", "Windows has no share of that name"),
        what: text!(
            "能登录到 Windows，但它说没有这个名字的共享。",
            "Windows lets the server in and says that it has no share of that name."
        ),
        shows: text!(
            "挂载失败，mount error(2)；内核日志里有 STATUS_BAD_NETWORK_NAME。",
            "The mount fails with mount error(2); the kernel's log says STATUS_BAD_NETWORK_NAME."
        ),
        how: text!(
            "共享被取消、改名，文件夹移动后共享丢了，或者配置里写错。",
            "The share was removed or renamed, or lost when its folder was moved; or the configuration is wrong."
        ),
        mend: text!(
            "请 Windows 管理员恢复这个共享；名字确实改了，就改 environments.toml 里的共享名。还挂着就先按 U 强行卸载，再按 M 挂载。昨夜没做成的，再按 B 补。",
            "Ask the Windows administrator to bring the share back; if it really has another name, correct environments.toml. If it is still mounted, press U to detach it; then press M. Then press B for the night that was lost."
        ),
        acts: &[UNMOUNT_LAZY, MOUNT, BACKUP],
        proof: text!(
            "共享挂上，能写、能读、能删一个小文件",
            "the share is mounted; a small file can be written, read and deleted"
        ),
        call: &[Whom::Windows, Whom::You],
        dont: text!(
            "不要挂到“差不多”的另一个共享上：备份会写到没人看的地方。",
            "Do not mount another share that looks like it: backups would go where nobody looks."
        ),
    },
};

/// No dialect in common.
pub(super) static DIALECT: Rule = Rule {
    id: "smb-version",
    covers: &[],
    look: |s| {
        refused(
            s,
            CifsTrouble::Dialect,
            &[
                Fix::Call {
                    whom: Whom::You,
                    what: text!(
                        "在 environments.toml 和 fstab 的挂载选项里去掉 vers=，让两边自己商量",
                        "leave vers= out of the mount options in environments.toml and fstab: both sides find a version by themselves"
                    ),
                },
                Fix::Do(Action::Mount { new_password: false }),
            ],
        )
    },
    runbook: || Runbook {
        family: Family::Login,
        title: text!("SMB 版本对不上", "no SMB version in common"),
        what: text!(
            "服务器要求的 SMB 版本，Windows 不支持或不再允许。",
            "The SMB version that the server asks for is one that Windows does not have or no longer allows."
        ),
        shows: text!("挂载失败，mount error(95)。", "The mount fails with mount error(95)."),
        how: text!(
            "挂载选项里写死了 vers=，而 Windows 更新后提高了最低版本。",
            "The mount options name a version (vers=), and Windows raised its lowest one with an update."
        ),
        mend: text!(
            "在 environments.toml 和 fstab 的挂载选项里去掉 vers=，让两边自己商量；还挂着就先按 U 强行卸载，再按 M 挂载。昨夜没做成的，再按 B 补。",
            "Leave vers= out of the mount options in environments.toml and fstab: both sides find a version by themselves. If it is still mounted, press U to detach it; then press M. Then press B for the night that was lost."
        ),
        acts: &[UNMOUNT_LAZY, MOUNT, BACKUP],
        proof: text!(
            "共享挂上，能写、能读、能删一个小文件",
            "the share is mounted; a small file can be written, read and deleted"
        ),
        call: &[Whom::You, Whom::Windows],
        dont: text!("不要在 Windows 上打开 SMB1。", "Do not switch SMB1 on in Windows."),
    },
};

fn refused(s: &Scene, trouble: CifsTrouble, fixes: &[Fix]) -> Ruling {
    let f = s.f;
    let fails = matches!(&f.look.share, Ok(ShareAnswer::Fails { .. }));
    let nothing = matches!(&f.mounted, Ok(MountState::Nothing { .. }));
    if !nothing && !fails {
        return match f.share_is_mounted() && s.share_works() {
            true => Ruling::Out(s.said(Probe::Mounts, "mount")),
            false => Ruling::Open,
        };
    }
    let Ok(log) = &f.look.kernel else { return Ruling::Open };
    let lines = ours(log, &f.env.share);
    let wordless = refused_without_a_word(&lines);
    let spoken = || lines.iter().rposition(|l| l.means.is_some_and(|m| m != CifsTrouble::Silent));
    let Some(at) = wordless.or_else(spoken) else { return Ruling::Open };
    let means = |l: &KernelLine| if wordless.is_some() { Some(CifsTrouble::Denied) } else { l.means };
    let Some(line) = lines.get(at).filter(|l| means(l) == Some(trouble)) else { return Ruling::Open };
    // a backup that came to the share since then shows that Windows let the server in again
    if line.at.is_some_and(|at| came_to_the_share(s).is_some_and(|done| done > at)) {
        return Ruling::Open;
    }
    // whoever tried again after it had another reason, or success
    let tried_since = lines.iter().skip(at + 1).any(|l| is_attempt(l));
    let fresh = line.at.is_some_and(|at| f.now.since(at) < LAST_NIGHT_MS)
        || line.at.zip(s.last_completed()).is_some_and(|(at, done)| at > done);
    let certainty = match (fresh, tried_since || wordless.is_some()) {
        (true, false) => Certainty::Proved,
        (true, true) => Certainty::Likely,
        (false, _) => Certainty::Possible,
    };
    let means = meaning(trouble);
    let when = line.at.map(|at| s.time(at)).unwrap_or_else(|| "?".into());
    let mut found = Found::new(
        State::Failed,
        certainty,
        Text {
            zh: format!("Windows {}：{}", if nothing { "拒绝了挂载" } else { "不让用这个共享了" }, means.zh),
            en: format!(
                "Windows {}: {}",
                if nothing { "refused the mount" } else { "does not let the share be used any more" },
                means.en
            ),
        },
    )
    .by([s.saw(Probe::Kernel, said(&when, line)), s.said(Probe::Mounts, "mount")]);
    if wordless.is_some() {
        found = found.by([s.saw(
            Probe::Kernel,
            text!(
                "内核没有写用户名或密码不对：登录多半过了，被拒的是这个共享",
                "the kernel says nothing of user or password: most likely the login went through, and this share was refused"
            ),
        )]);
    }
    if tried_since {
        found = found.against([s.saw(
            Probe::Kernel,
            text!(
                "之后又试过挂载，没有再写这个原因",
                "it was tried again since, and this was not said again"
            ),
        )]);
    }
    if !fresh {
        found = found.against([s.saw(Probe::Kernel, text!("这一行是旧的", "the line is an old one"))]);
    }
    if f.look.port == Ok(crate::core::probe::port::Port::Open) {
        found = found.by([s.said(Probe::Port, "port")]);
    }
    if trouble == CifsTrouble::Logon {
        found = found.because_of(&["credentials-file"]);
    }
    for fix in fixes {
        // what is on the point and fails has to go first: nothing is mounted over it
        if fails && !nothing && matches!(fix, Fix::Do(Action::Mount { .. })) {
            found = found.fix(Fix::Do(Action::Unmount { lazy: true }));
        }
        found = found.fix(fix.clone());
    }
    found = match (certainty, wordless) {
        (Certainty::Proved, _) => found,
        (_, Some(_)) => found.would_prove(text!(
            "在 Windows 上看这个账号对这个共享的权限",
            "what this account may do with this share, as Windows has it"
        )),
        (_, None) => found.would_prove(text!(
            "再挂载一次（只一次），看内核这次怎么说",
            "mount once more (once only), and see what the kernel says this time"
        )),
    };
    found.ruling()
}

/// Where the newest try ended with "permission denied" and the kernel quotes nothing that Windows said. It does quote what becomes of
/// a login (`SMB2_sess_setup` of fs/smb/client/smb2pdu.c), and not what becomes of the share after it (`SMB2_tcon`). All that it
/// wrote of that try must be there, from its beginning.
fn refused_without_a_word(lines: &[&KernelLine]) -> Option<usize> {
    let has = |l: &KernelLine, words: &str| l.text.as_str().contains(words);
    let speaks = |l: &&KernelLine| l.means.is_some() || has(l, "SessSetup");
    let begun = lines.iter().rposition(|l| is_attempt(l))?;
    let tried = lines.get(begun..)?;
    let at = tried.iter().position(|l| has(l, "cifs_mount failed w/return code = -13"))?;
    (!tried.iter().any(speaks)).then_some(begun + at)
}

/// When a backup last came to the share, by its row.
fn came_to_the_share(s: &Scene) -> Option<EpochMs> {
    let done = s.f.db.ok()?.last_completed.iter().filter(|j| !not_copied(s.f, j));
    done.filter_map(|j| j.finished.or(j.created)).max()
}

fn said(when: &str, line: &KernelLine) -> Text {
    text!("{when} {}", "{when} {}", line.text)
}
