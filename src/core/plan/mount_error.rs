//! Why a share could not be mounted or taken off, in words: from the number that `mount.cifs` gives, what the kernel said since
//! the try, and what the run found out. Numbers are errno of Linux; what they mean here is how the kernel's cifs client maps
//! the answers of Windows to them.
use super::event::{Event, What, fact};
use super::{Action, Refusal};
use crate::core::probe::kernel::{CifsTrouble, meaning};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;

/// What happened, and what to check next.
type Words = (Text, Text);

/// Why the server refused before anything was done.
pub(super) fn refused(why: &str, words: &SafeText) -> Option<Refusal> {
    Some(match why {
        "mounted" => Refusal::new(
            text!(
                "挂载点和预览时不一样了：现在是「{words}」。什么也没做",
                "the mount point is not as in the preview: now it holds \"{words}\". Nothing was done"
            ),
            text!("看新的预览", "see the new preview"),
        ),
        "live" => Refusal::new(
            text!(
                "备份任务 #{words} 刚刚开始了。什么也没做",
                "backup job #{words} has just begun. Nothing was done"
            ),
            text!("等它结束；确实不要它了，就先取消它", "wait until it has ended; cancel it first if it is not wanted"),
        )
        .instead(Action::Cancel { force: false }),
        "holders" => Refusal::new(
            text!(
                "还有人在用这个共享：{words}。没有卸载，后端也没有停",
                "the share is in use: {words}. It was not unmounted, and the backend was not stopped"
            ),
            held_next(),
        ),
        "silent" => Refusal::new(
            text!(
                "共享没有应答：现在停后端容器会卡死它。什么也没做",
                "the share does not answer: to stop the backend's container now would leave it stuck. Nothing was done"
            ),
            text!(
                "先让 Windows 恢复，再检查一次；一直不恢复才强行卸载（懒卸载）",
                "bring Windows back first, then check again; only if it stays dead, detach it (lazy unmount)"
            ),
        )
        .instead(Action::Unmount { lazy: true }),
        _ => return None,
    })
}

fn held_next() -> Text {
    text!(
        "结束这些进程（cd 出去、关掉文件）或停掉这些容器，再卸载一次",
        "end these processes (leave the folder, close the files) or stop these containers, then unmount again"
    )
}

/// Why a mount or unmount failed; nothing where the run found nothing out.
pub(super) fn failed(action: &Action, events: &[Event]) -> Option<Words> {
    if fact(events, "secret").is_some() {
        return Some((
            text!(
                "密码没有送到服务器，没有挂载",
                "the password did not reach the server; nothing was mounted"
            ),
            text!("再来一次，输入密码", "try again and give the password"),
        ));
    }
    if let Some(said) = fact(events, "probe").and_then(|p| p.strip_prefix("failed ")) {
        return Some(not_writable(said, events));
    }
    // one that came after a failed first try is what counts
    let mounted = fact(events, "mounted").is_some();
    if let Some(said) = fact(events, "mount_error").filter(|_| !mounted) {
        let (number, words) = said.split_once(' ').unwrap_or((said, ""));
        return Some(of_mount(number, words, kernel(events)));
    }
    if fact(events, "share").is_some() {
        return Some((
            text!(
                "共享中途没有应答，所以没有停后端",
                "the share stopped answering meanwhile, so the backend was not stopped"
            ),
            text!(
                "看 Windows 机器和网络，再来一次",
                "see the Windows machine and the network, then try again"
            ),
        ));
    }
    for (name, zh, en) in [("stop", "停不下来", "does not stop"), ("start", "启动不了", "does not start")]
    {
        if let Some(said) = fact(events, name).and_then(|f| f.strip_prefix("failed")) {
            let said = said.trim();
            return Some((
                Text {
                    zh: format!("后端容器{zh}：{said}"),
                    en: format!("the backend's container {en}: {said}"),
                },
                text!(
                    "多半是卡在死掉的共享上：让 Windows 恢复，再检查一次，看后端怎样",
                    "most likely it is held by a dead share: bring Windows back, then check again how the backend is"
                ),
            ));
        }
    }
    if let Some(job) = fact(events, "live") {
        if job == "unknown" {
            return Some((
                text!(
                    "读不了备份数据库，不知道有没有备份开始了，所以没有停后端",
                    "the database could not be read, so whether a backup began is not known: the backend was not stopped"
                ),
                again(),
            ));
        }
        if matches!(action, Action::Unmount { .. }) {
            return Some((
                text!(
                    "备份任务 #{job} 这时开始了，所以没有停后端，也没有卸载",
                    "backup job #{job} began meanwhile: the backend was not stopped, and nothing was unmounted"
                ),
                text!("等它结束，再卸载", "wait until it has ended, then unmount"),
            ));
        }
        return Some((
            text!(
                "共享已挂载，但备份任务 #{job} 这时开始了，所以没有重启后端，它还看不到共享",
                "the share is mounted, but backup job #{job} began meanwhile: the backend was not restarted and does not see it yet"
            ),
            text!(
                "等它结束，再挂载一次（只会重启后端）",
                "wait until it has ended, then mount again: that only restarts the backend"
            ),
        ));
    }
    if let Some(who) = fact(events, "busy") {
        let who = if who.is_empty() { "?" } else { who };
        return Some((
            text!("卸载不了：还有人在用（{who}）", "it could not be unmounted: it is in use ({who})"),
            held_next(),
        ));
    }
    if let Some(who) = fact(events, "held_elsewhere").filter(|who| *who != "nobody") {
        return Some((
            text!(
                "主机上卸载了，但 {who} 里还挂着：共享其实还在被用",
                "it is unmounted on the host, but {who} still has it: the share is in use in fact"
            ),
            text!("停掉或重启它，再检查一次", "stop or restart it, then check again"),
        ));
    }
    fact(events, "umount").map(|said| match said {
        "timeout" => (
            text!(
                "卸载 30 秒没有完成：共享没有应答",
                "unmounting did not come to an end in 30 s: the share does not answer"
            ),
            text!(
                "看 Windows 机器和网络；一直不恢复才强行卸载（懒卸载）",
                "see the Windows machine and the network; only if it stays dead, detach it (lazy unmount)"
            ),
        ),
        other => {
            let words = other.trim_start_matches("failed ");
            (text!("卸载失败：{words}", "it could not be unmounted: {words}"), again())
        }
    })
}

fn again() -> Text {
    text!("再检查一次，看服务器现在怎样", "check again and see how the server is now")
}

/// What the kernel said since the try: its last line that means something, and all of its words.
fn kernel(events: &[Event]) -> (Option<CifsTrouble>, String) {
    let lines = events.iter().filter_map(|e| match &e.what {
        What::Fact { name, words } if name.as_str() == "kernel" => Some(words.as_str()),
        _ => None,
    });
    let all: Vec<&str> = lines.collect();
    let trouble = all.iter().rev().find_map(|line| meaning(line));
    let telling = all.iter().rev().find(|l| meaning(l).is_some()).or(all.last());
    (trouble, telling.map(|l| (*l).to_owned()).unwrap_or_default())
}

/// A share that is there and cannot be written is no place for backups.
fn not_writable(said: &str, events: &[Event]) -> Words {
    let has = |words: &[&str]| words.iter().any(|w| said.contains(w));
    let (code, words) = said.split_once(' ').unwrap_or((said, ""));
    let (why, next) = if has(&["No space left", "quota"]) {
        (
            text!("共享满了，或超过配额", "the share is full, or over its quota"),
            text!(
                "请 Windows 管理员腾出空间，再挂载",
                "ask the Windows administrator to make room, then mount again"
            ),
        )
    } else if has(&["ermission denied", "Read-only", "not permitted"]) {
        (
            text!("这个用户不能在共享里写", "the user may not write on the share"),
            text!(
                "请 Windows 管理员给这个用户「更改」权限（共享权限和 NTFS 权限都要），再挂载",
                "ask the Windows administrator to let this user change files (share and NTFS permissions both), then mount again"
            ),
        )
    } else if matches!(code, "124" | "137") || has(&["Host is down", "timed out", "Input/output error"]) {
        (
            text!("共享在试写时没有应答", "the share did not answer while it was tried"),
            text!(
                "看 Windows 机器和网络，再挂载",
                "see the Windows machine and the network, then mount again"
            ),
        )
    } else {
        let words = SafeText::new(words);
        (text!("试写失败：{words}", "the try to write failed: {words}"), again())
    };
    let undone: Vec<bool> = events
        .iter()
        .filter_map(|e| if let What::Undo { code, .. } = e.what { Some(code == 0) } else { None })
        .collect();
    let (zh, en) = match (fact(events, "mounted"), undone.as_slice()) {
        // it was there before
        (None, _) => ("共享不能用", "the share cannot be used"),
        (_, [_, ..]) if undone.iter().all(|well| *well) => {
            ("挂上了但不能用，所以又取下来了", "it could be mounted but not used, and was taken off again")
        }
        _ => (
            "挂上了但不能用，也没能再取下来",
            "it could be mounted but not used, and could not be taken off again",
        ),
    };
    (Text { zh: format!("{zh}：{}", why.zh), en: format!("{en}: {}", why.en) }, next)
}

/// From the number of the error, or from words where there is none.
fn of_mount(number: &str, words: &str, (trouble, line): (Option<CifsTrouble>, String)) -> Words {
    let (why, next) = known(number, words, trouble);
    let words = SafeText::new(words.trim());
    let mut evidence = match number {
        "none" => format!("{words}"),
        "timeout" => String::new(),
        _ => format!("mount error({number})"),
    };
    if !line.is_empty() {
        evidence = if evidence.is_empty() { line } else { format!("{evidence}; {line}") };
    }
    let (zh, en) = match evidence.is_empty() {
        true => (String::new(), String::new()),
        false => (format!("（{evidence}）"), format!(" ({evidence})")),
    };
    (
        Text {
            zh: format!("没有挂上：{}{zh}", why.zh), en: format!("it was not mounted: {}{en}", why.en)
        },
        next,
    )
}

fn known(number: &str, words: &str, trouble: Option<CifsTrouble>) -> Words {
    let once = |next: Text| Text {
        zh: format!("{}。只试了一次；不要反复试，Windows 会锁定账号", next.zh),
        en: format!("{}. It was tried once; do not try again and again: Windows locks the account", next.en),
    };
    match (number, trouble) {
        ("13", Some(CifsTrouble::Account)) => (
            text!(
                "账号被锁定、停用或密码过期",
                "the account is locked, disabled or its password has expired"
            ),
            once(text!("请 Windows 管理员检查这个账号", "ask the Windows administrator about the account")),
        ),
        ("13", Some(CifsTrouble::Denied)) => (
            text!("这个用户没有共享的权限", "the user may not use the share"),
            once(text!(
                "请 Windows 管理员给这个用户共享权限",
                "ask the Windows administrator to let this user use the share"
            )),
        ),
        ("13", Some(CifsTrouble::Logon)) => (
            text!("用户名或密码不对", "wrong user or password"),
            once(text!(
                "核对用户、域和密码，再用「输入新密码」挂载",
                "compare user, domain and password, then mount with a new password"
            )),
        ),
        ("13", _) => (
            text!("Windows 拒绝了：用户、密码或权限不对", "Windows refuses: user, password or permission"),
            once(text!(
                "核对用户、域、密码和共享权限，再用「输入新密码」挂载",
                "compare user, domain, password and the share's permissions, then mount with a new password"
            )),
        ),
        ("127", _) => (
            text!("密码过期了", "the password has expired"),
            once(text!(
                "请 Windows 管理员重设密码，再用「输入新密码」挂载",
                "have the Windows administrator reset it, then mount with the new password"
            )),
        ),
        ("128", _) => (
            text!("账号被停用了", "the account is disabled"),
            once(text!("请 Windows 管理员启用这个账号", "ask the Windows administrator to enable it")),
        ),
        ("126", _) => (
            text!("没有 Kerberos 票据", "there is no Kerberos ticket"),
            text!(
                "去掉挂载选项里的 sec=krb5，或先取得票据",
                "leave sec=krb5 out of the options, or get a ticket first"
            ),
        ),
        ("2", _) => (
            text!("Windows 上没有这个共享名", "Windows has no share of that name"),
            text!(
                "核对共享名（environments.toml 和 Windows 上的「共享文件夹」）",
                "compare the share's name here and on Windows"
            ),
        ),
        ("112", _) => (
            text!(
                "Windows 断开了连接：SMB 版本不合，或防火墙",
                "Windows closed the connection: no SMB dialect in common, or a firewall"
            ),
            text!(
                "确认 Windows 开着 SMB 2/3，再查防火墙的 445 端口",
                "see that SMB 2 or 3 is on in Windows, then the firewall's port 445"
            ),
        ),
        ("113" | "101", _) => (
            text!("没有到 Windows 的路由", "there is no route to the Windows machine"),
            text!("请网络管理员检查路由", "ask the network administrator about the route"),
        ),
        ("110" | "115", _) => (
            text!(
                "连接超时：Windows 关机，或防火墙挡住了 445 端口",
                "the connection ran out of time: Windows is off, or a firewall blocks port 445"
            ),
            text!(
                "看 Windows 机器是否开机；再查防火墙",
                "see whether the Windows machine is up; then the firewall"
            ),
        ),
        ("111", _) => (
            text!("Windows 拒绝连接：共享服务没有开", "Windows refuses the connection: it shares nothing"),
            text!(
                "在 Windows 上启动 Server（LanmanServer）服务",
                "start the Server (LanmanServer) service on Windows"
            ),
        ),
        ("104" | "103" | "11", _) => (
            text!("连接被 Windows 中断，或 Windows 太忙", "Windows broke the connection off, or is too busy"),
            text!("过一会儿再试一次", "try once more in a while"),
        ),
        ("95", _) => (
            text!(
                "SMB 版本或功能不匹配（较旧的版本也试过了）",
                "no SMB dialect or feature in common (an older dialect was tried, too, unless one is configured)"
            ),
            text!(
                "核对挂载选项里的 vers= 和 sec=；确认 Windows 开着 SMB 2/3",
                "see vers= and sec= in the mount options, and that SMB 2 or 3 is on in Windows"
            ),
        ),
        ("22", Some(CifsTrouble::ShareName)) => (
            text!("Windows 上没有这个共享名", "Windows has no share of that name"),
            text!("核对共享名", "compare the share's name"),
        ),
        ("22", _) => (
            text!(
                "内核不认识某个挂载选项，或地址不对",
                "the kernel does not take one of the mount options, or the address"
            ),
            text!(
                "核对 [share] 的 options，内核日志里有选项的名字",
                "see options under [share]; the kernel's log names the option"
            ),
        ),
        ("16", _) => (
            text!("已经挂着，或被占用", "it is mounted already, or in use"),
            text!("再检查一次，看 {} 上是什么", "check again and see what is on {}", "mountinfo"),
        ),
        ("19", _) => (
            text!("服务器的内核没有 cifs 模块", "the server's kernel has no cifs module"),
            text!(
                "安装内核模块包（kernel-modules），或重启到匹配的内核",
                "install the kernel's modules (kernel-modules), or boot the kernel that they belong to"
            ),
        ),
        ("5", _) => (
            text!(
                "Windows 报错：连接数超限，或没有登录服务器",
                "Windows has an error: too many sessions, or no logon server"
            ),
            text!(
                "在 Windows 上看会话数（桌面版最多 20 个）和事件日志",
                "see the sessions (a desktop Windows takes 20) and the event log on Windows"
            ),
        ),
        ("28" | "122", _) => (
            text!("共享满了，或超过配额", "the share is full, or over its quota"),
            text!("请 Windows 管理员腾出空间", "ask the Windows administrator to make room"),
        ),
        ("30", _) => (
            text!("共享是只读的", "the share is read-only"),
            text!(
                "请 Windows 管理员检查共享权限",
                "ask the Windows administrator about the share's permissions"
            ),
        ),
        ("78", _) => (
            text!("共享在 Windows 上被删掉了", "the share was removed on Windows"),
            text!(
                "请 Windows 管理员重新共享这个文件夹",
                "ask the Windows administrator to share the folder again"
            ),
        ),
        ("timeout", _) => (
            text!(
                "挂载 60 秒没有完成，已经放弃：Windows 接受连接但不答复",
                "mounting did not come to an end in 60 s and was given up: Windows takes the connection and does not answer"
            ),
            text!(
                "看 Windows 机器是不是卡住了，再挂载",
                "see whether the Windows machine hangs, then mount again"
            ),
        ),
        ("none", _) => without_a_number(words),
        _ => (text!("挂载失败，错误号 {number}", "the mount failed with error {number}"), again()),
    }
}

/// What `mount` says where the kernel was not asked.
fn without_a_number(words: &str) -> Words {
    let has = |w: &str| words.contains(w);
    if has("could not resolve address") || has("not known") {
        (
            text!("服务器不认识共享的主机名", "the server does not know the share's host name"),
            text!("检查 DNS，或在配置里改用 IP 地址", "check DNS, or use an address in the configuration"),
        )
    } else if has("opening credential file") {
        (
            text!("凭据文件不见了", "the credentials file is gone"),
            text!("再挂载一次，按提示输入密码", "mount again: you will be asked for the password"),
        )
    } else if has("unknown filesystem type") || has("helper program") {
        (
            text!("服务器上没有 mount.cifs", "the server has no mount.cifs"),
            text!("安装 cifs-utils", "install cifs-utils"),
        )
    } else if has("too long") {
        (text!("密码太长", "the password is too long"), text!("换一个短一些的密码", "take a shorter one"))
    } else if has("chdir") {
        (
            text!("挂载点目录进不去", "the mount point's folder cannot be entered"),
            text!("在服务器上看这个目录", "look at that folder on the server"),
        )
    } else {
        (text!("mount 没有说出错误号", "mount gave no number"), again())
    }
}
