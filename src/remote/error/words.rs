//! What an operator reads about a link that failed: what happened, what was not done, what to do next.
use super::{LinkError, LinkErrorKind as K};
use crate::core::safetext::SafeText;
use crate::i18n::Text;
use crate::text;

impl LinkError {
    /// What happened.
    pub fn summary(&self) -> Text {
        let what = self.what_happened();
        if !self.at_jump {
            return what;
        }
        Text { zh: format!("在跳板机处：{}", what.zh), en: format!("at the jump host: {}", what.en) }
    }

    /// What was not done, and what to do.
    pub fn hint(&self) -> Text {
        let (not_done, next) = (self.not_done(), self.what_to_do());
        Text { zh: format!("{}{}", not_done.zh, next.zh), en: format!("{} {}", not_done.en, next.en) }
    }

    /// What was not done.
    pub fn not_done(&self) -> Text {
        if self.begun {
            return text!(
                "脚本可能已全部做完、只做了一部分或没有做，结果未知。",
                "The script may have done all, some or nothing: the outcome is unknown."
            );
        }
        match self.kind {
            K::NoShell
            | K::CutShort
            | K::SessionsRefused
            | K::Deadline
            | K::Lost
            | K::Frozen
            | K::ScriptKilled
            | K::Closed
            | K::Other => text!(
                "脚本没有开始，没有对服务器做任何改动。",
                "The script did not begin; nothing was changed on the server."
            ),
            _ => text!("没有登录服务器，没有做任何改动。", "The server was not used; nothing was changed."),
        }
    }

    fn what_happened(&self) -> Text {
        match &self.kind {
            K::HostKeyUnknown { host, offered } => {
                let key = or_unknown(offered);
                text!(
                    "不认识服务器 {host} 的主机密钥，已拒绝连接（对方出示：{}）",
                    "the host key of {host} is not known, connection refused (offered: {})",
                    key
                )
            }
            K::HostKeyChanged(key) => text!(
                "服务器 {host} 的主机密钥变了，已拒绝连接！记录：{}（{}）；现在出示：{}",
                "the host key of {host} HAS CHANGED, connection refused! recorded: {} ({}); offered now: {}",
                or_unknown(&key.recorded),
                or_unknown(&key.place),
                or_unknown(&key.offered),
                host = key.host
            ),
            K::HostKeyRevoked { host } => text!(
                "服务器 {host} 出示的主机密钥已被标为作废，已拒绝连接",
                "the host key of {host} is marked as revoked, connection refused"
            ),
            K::HostKeyNotExpected { expected, offered } => text!(
                "主机密钥与配置中的 host_key 不符，已断开：配置 {expected}，出示 {}",
                "the host key is not the one that host_key names, disconnected: configured {expected}, offered {}",
                or_unknown(offered)
            ),
            K::KeyFileMissing { file } => {
                text!("私钥文件 {file} 不存在", "the private key file {file} does not exist")
            }
            K::KeyFileUnreadable { file } => text!(
                "私钥文件 {file} 读不了，或不是私钥",
                "the private key file {file} cannot be read, or is no private key"
            ),
            K::KeyFileLocked { file } => text!(
                "私钥文件 {file} 有口令保护，而 ssh-agent 里没有这把密钥",
                "the private key file {file} asks for a passphrase, and the ssh agent does not hold the key"
            ),
            K::KeyFileMode { file, mode } => text!(
                "私钥文件 {file} 的权限是 {mode}，别人也能读，ssh 不会使用",
                "the private key file {file} has mode {mode}: others can read it, so ssh does not use it"
            ),
            K::KeyRefused { login } => text!(
                "服务器不接受登录 {login}：密钥不被接受",
                "the server refused the login {login}: the key is not accepted"
            ),
            K::TooManyKeys => {
                text!("密钥试得太多，服务器断开了", "too many keys were offered, the server hung up")
            }
            K::Refused => text!(
                "连接被拒绝：主机在，但该端口没有服务",
                "connection refused: the host is there, nothing listens on that port"
            ),
            K::NameNotFound { host } => {
                text!("找不到主机名 {host}", "the host name {host} is not known")
            }
            K::Unreachable => text!("网络不通，到不了服务器", "no network route to the server"),
            K::NoAnswer => {
                text!("连接超时：服务器没有任何回应", "connection timed out: the address does not answer")
            }
            K::Silent => {
                text!("端口是通的，但 ssh 服务没有应答", "the port is open, but no ssh server answers")
            }
            K::HungUp => text!(
                "ssh 服务在登录前就断开了：可能过载，或正在封锁本机地址",
                "the ssh server hung up before the login: overloaded, or blocking this address"
            ),
            K::NotSsh => text!("该端口上的不是 ssh 服务", "what answers on that port is no ssh server"),
            K::NoCommonAlgorithm { what, theirs } => text!(
                "与服务器没有共同的算法（{what}）；服务器只支持：{theirs}",
                "no algorithm in common with the server ({what}); it offers: {theirs}"
            ),
            K::BadConfig { place } => {
                text!("ssh 配置文件有错：{place}", "the ssh configuration has an error: {place}")
            }
            K::BadSetting { setting } => {
                text!("配置项 {setting} 的值不能用于 ssh", "the value of {setting} cannot be handed to ssh")
            }
            K::ControlFolder { folder } => text!(
                "连接用的临时文件夹不可用：{folder}",
                "the folder for the link's sockets cannot be used: {folder}"
            ),
            K::ProgramMissing { program } => {
                text!("本机没有安装 {program}", "{program} is not installed here")
            }
            K::NoShell => text!(
                "登录成功，但服务器的登录 shell 没有运行脚本",
                "logged in, but the login shell of the server did not run the script"
            ),
            K::CutShort => text!(
                "脚本没有完整传到服务器，已整个放弃",
                "the script did not arrive whole and was dropped as a whole"
            ),
            K::SessionsRefused => text!(
                "服务器不允许这个连接再开会话",
                "the server allows no further session on this connection"
            ),
            K::Lost => text!("连接中断", "the link was lost"),
            K::Frozen => text!(
                "本机的 ssh 进程卡住了，已结束它，下次会重新连接",
                "the local ssh process was stuck; it was ended, the next question connects anew"
            ),
            K::ScriptKilled => text!(
                "脚本在服务器上被中途结束，没有报告结果",
                "the script was ended on the server before it reported its outcome"
            ),
            K::Deadline => text!("等待超时，没有等到结果", "no answer within the time allowed"),
            K::Closed => text!("连接已由控制台关闭", "the link was closed by the console"),
            K::Other if self.detail.is_empty() => text!("连接失败", "the link failed"),
            K::Other => text!("连接失败：{}", "the link failed: {}", self.detail),
        }
    }

    fn what_to_do(&self) -> Text {
        match &self.kind {
            K::HostKeyUnknown { .. } => text!(
                "请在服务器控制台上核对指纹，再运行 opsdeck trust 登记。",
                "Compare the fingerprint on the server's own console, then run opsdeck trust."
            ),
            K::HostKeyChanged(_) => text!(
                "可能有人冒充服务器。请先向管理员核实是否重装过；确认后运行 opsdeck trust --replace。",
                "Someone may be posing as the server. Ask whoever runs it whether it was set up anew; if so, run opsdeck trust --replace."
            ),
            K::HostKeyRevoked { .. } => text!(
                "请联系管理员：这把密钥不能再用。",
                "Ask whoever runs the server: this key must not be used any more."
            ),
            K::HostKeyNotExpected { .. } => text!(
                "请在服务器控制台上核对指纹，再改正配置中的 host_key。",
                "Compare the fingerprint on the server's own console, then correct host_key."
            ),
            K::KeyFileMissing { .. } => text!(
                "请改正配置中的 identity_file，或把私钥放到该处。",
                "Correct identity_file, or put the private key there."
            ),
            K::KeyFileUnreadable { .. } => text!(
                "请检查 identity_file 指向的是否为私钥（不是 .pub），以及是否可读。",
                "Check that identity_file names the private key (not the .pub) and that you may read it."
            ),
            K::KeyFileLocked { file } => {
                text!("请先运行 ssh-add {file}，再重试。", "Run ssh-add {file} first, then try again.")
            }
            K::KeyFileMode { file, .. } => {
                text!("请运行 chmod 600 {file}。", "Run chmod 600 {file}.")
            }
            K::KeyRefused { .. } => text!(
                "不会自动重试。请确认用户名，并让管理员把公钥加入服务器的 authorized_keys。",
                "It is not tried again by itself. Check the login name, and have the public key added to authorized_keys on the server."
            ),
            K::TooManyKeys => text!(
                "不会自动重试。请在配置中写明 identity_file，只用一把密钥。",
                "It is not tried again by itself. Name one key with identity_file."
            ),
            K::Refused => text!(
                "请检查端口是否正确、服务器上的 sshd 是否在运行。",
                "Check the port, and whether sshd runs on the server."
            ),
            K::NameNotFound { .. } => {
                text!("请检查主机名拼写、DNS 或 VPN。", "Check the spelling, the name service and the VPN.")
            }
            K::Unreachable => text!("请检查本机网络和 VPN。", "Check this machine's network and VPN."),
            K::NoAnswer => text!(
                "请检查服务器是否开机、防火墙是否放行该端口。",
                "Check whether the server is up and the firewall lets that port through."
            ),
            K::Silent => text!(
                "服务器可能负载过高。请稍后再试，或在服务器控制台上检查 sshd。",
                "The server may be overloaded. Try later, or look at sshd on the server's console."
            ),
            K::HungUp => text!(
                "请至少等 60 秒再试；反复重试会延长封锁。",
                "Wait at least 60 seconds; trying again and again prolongs a block."
            ),
            K::NotSsh => text!("请检查配置中的 port。", "Check port in the configuration."),
            K::NoCommonAlgorithm { .. } => text!(
                "请让管理员升级服务器的 ssh，或在 ~/.ssh/config 中为该主机放行上述算法。",
                "Have ssh on the server brought up to date, or allow one of those algorithms for this host in ~/.ssh/config."
            ),
            K::BadConfig { .. } => text!(
                "请按所示文件和行号改正 ssh 配置。",
                "Correct the ssh configuration at that file and line."
            ),
            K::BadSetting { setting } => {
                text!("请改正 environments.toml 中的 {setting}。", "Correct {setting} in environments.toml.")
            }
            K::ControlFolder { .. } => text!(
                "请检查该文件夹是否属于您、权限是否为 0700，路径是否过长。",
                "Check that the folder is yours, has mode 0700, and that its path is short."
            ),
            K::ProgramMissing { .. } => text!("请安装 openssh-client。", "Install openssh-client."),
            K::NoShell => text!(
                "请检查该登录名的 shell 是否为 bash 或 sh，是否被限制了命令。",
                "Check that the login's shell is bash or sh, and that it is not restricted to one command."
            ),
            K::CutShort => text!("可以重试。", "Try again."),
            K::SessionsRefused => text!(
                "请关闭其他窗口后重试，或让管理员调大 sshd 的 MaxSessions。",
                "Close other views and try again, or have MaxSessions raised in the server's sshd_config."
            ),
            K::Lost | K::Frozen => text!(
                "会自动重新连接；重新连接后请先看状态，再决定是否重做。",
                "It connects again by itself; look at the state before you do anything a second time."
            ),
            K::ScriptKilled => text!(
                "请先查看服务器状态（内存不足时系统会结束进程），再决定是否重做。",
                "Look at the server's state first (a server short of memory ends processes), then decide."
            ),
            K::Deadline => text!(
                "请先查看服务器状态，再决定是否重试。",
                "Look at the server's state, then decide whether to try again."
            ),
            K::Closed => text!("请重新打开控制台。", "Open the console again."),
            K::Other => text!("请查看诊断日志；可以重试。", "See the diagnostic log; you may try again."),
        }
    }
}

fn or_unknown(text: &Option<SafeText>) -> &str {
    match text {
        Some(t) if !t.is_empty() => t.as_str(),
        _ => "?",
    }
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
