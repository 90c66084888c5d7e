//! What single values of a server may be (those of a share: [`rules_share`](super::rules_share)). Every rule keeps a value from meaning more than it says, in an ssh argument, a
//! mount option or a shell. Pure; a refusal never repeats the value.
use super::reader::Fault;
use crate::i18n::Text;
use crate::text;
use unicode_width::UnicodeWidthStr;

pub(super) type Rule = Result<(), Fault>;

pub(super) fn refuse(message: Text, hint: Text) -> Rule {
    Err((message, hint))
}

/// Whether an input method for Chinese puts this sign in place of an ASCII one.
pub(super) fn is_full_width(c: char) -> bool {
    matches!(c, '\u{ff01}'..='\u{ff5e}' | '\u{3000}'..='\u{3002}' | '【' | '】' | '“' | '”' | '‘' | '’')
}

pub(super) fn say_full_width(text: &str) -> Rule {
    if !text.chars().any(is_full_width) {
        return Ok(());
    }
    refuse(
        text!("有全角符号", "there are full-width signs"),
        text!("切换到半角，重新输入这个值", "switch the input method to half-width and type the value again"),
    )
}

/// Name of an environment in commands.
pub(super) fn key(text: &str) -> Rule {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if plain && (1..=32).contains(&text.len()) && !text.starts_with('-') {
        return Ok(());
    }
    refuse(
        text!(
            "key 只能用半角字母、数字、- 和 _，最长 32 个",
            "a key has only ASCII letters, digits, - and _, 32 at most"
        ),
        text!(
            "写短名，例如 \"prod\"；给人看的名字写在 name",
            "write a short name as \"prod\"; what people call it goes into name"
        ),
    )
}

/// A name for people. One that speaks of a password most likely holds it.
pub(super) fn label(text: &str) -> Rule {
    if super::keys::names_a_secret(text) {
        return Err(super::unknown::secret_in_plain());
    }
    let shown = crate::core::safetext::SafeText::new(text);
    if shown.as_str() == text && !text.trim().is_empty() && text.width() <= 40 {
        return Ok(());
    }
    refuse(
        text!(
            "name 是空的、太长，或有看不见的字符",
            "the name is empty, too long, or has characters that cannot be seen"
        ),
        text!("写一个短名字，例如 \"正式\"", "write a short name, as \"正式\""),
    )
}

/// What a server is for. Words that mean production but are not `prod` would ask for less care.
pub(super) fn role(text: &str) -> Rule {
    const PROD: &[&str] = &["prod", "production", "prd", "live", "正式", "生产"];
    const TEST: &[&str] = &["test", "testing", "测试"];
    let folded = text.to_lowercase();
    if text == "prod" || text == "test" {
        return Ok(());
    }
    if PROD.contains(&folded.as_str()) {
        return refuse(
            text!("正式服务器的 role 只写 prod", "the role of a production server is written prod"),
            text!("改成 role = \"prod\"", "write role = \"prod\""),
        );
    }
    if TEST.contains(&folded.as_str()) {
        return refuse(
            text!("测试服务器的 role 只写 test", "the role of a test server is written test"),
            text!("改成 role = \"test\"", "write role = \"test\""),
        );
    }
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if plain && (1..=32).contains(&text.len()) {
        return Ok(());
    }
    refuse(
        text!("role 只能用半角字母、数字、- 和 _", "a role has only ASCII letters, digits, - and _"),
        text!(
            "写 \"prod\"、\"test\"，或自己的词，例如 \"staging\"",
            "write \"prod\", \"test\", or a word of your own, as \"staging\""
        ),
    )
}

/// Host name, address or alias of `~/.ssh/config`. A leading `-` would be an option of ssh.
pub(super) fn host(text: &str) -> Rule {
    say_full_width(text)?;
    if text.starts_with('-') {
        return refuse(
            text!("以 - 开头，ssh 会把它当成选项", "it starts with -, ssh would take it for an option"),
            text!(
                "写主机名、地址或 ~/.ssh/config 里的别名",
                "write a name, an address or an alias of ~/.ssh/config"
            ),
        );
    }
    if text.contains('@') {
        return refuse(
            text!("主机里不能写 用户@", "a host has no user@ in front"),
            text!("用户写在 user = \"…\"", "the user goes into user = \"…\""),
        );
    }
    if text.contains("//") || text.contains('\\') || text.contains('/') {
        return refuse(
            text!("主机里不能有斜杠", "a host has no slashes"),
            text!(
                "只写主机名或地址，例如 \"172.30.30.57\"",
                "write only the name or address, as \"172.30.30.57\""
            ),
        );
    }
    if text.matches(':').count() == 1 {
        return refuse(
            text!("主机里不能写 :端口", "a host has no :port behind it"),
            text!("端口写在 port = 22", "the port goes into port = 22"),
        );
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '%');
    if text.chars().all(plain)
        && (1..=253).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == ':' || c == '_')
    {
        return Ok(());
    }
    refuse(
        text!(
            "这不是主机名、地址或 ~/.ssh/config 里的别名",
            "this is no host name, address or alias of ~/.ssh/config"
        ),
        text!(
            "只用半角字母、数字和 . _ - :，不要空格，不要以 - 开头",
            "use ASCII letters, digits and . _ - : only, no spaces, no - in front"
        ),
    )
}

/// Login on a server.
pub(super) fn user(text: &str) -> Rule {
    say_full_width(text)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    if text.chars().all(plain) && (1..=64).contains(&text.len()) && !text.starts_with(['-', '+']) {
        return Ok(());
    }
    refuse(
        text!("这不是登录用户名", "this is no login name"),
        text!(
            "只用半角字母、数字和 . _ -，例如 \"root\"",
            "use ASCII letters, digits and . _ - only, as \"root\""
        ),
    )
}

/// `[user@]host[:port]`, as `ssh -J` takes it; one hop.
pub(super) fn jump(text: &str) -> Rule {
    let (login, rest) = text.rsplit_once('@').map_or((None, text), |(u, r)| (Some(u), r));
    let bracketed = rest.strip_prefix('[').and_then(|r| r.split_once(']'));
    let (name, port) = match bracketed {
        Some((name, port)) => (name, port.strip_prefix(':')),
        None => rest.split_once(':').map_or((rest, None), |(h, p)| (h, Some(p))),
    };
    let port_ok = port.is_none_or(|p| p.parse::<u16>().is_ok_and(|n| n > 0));
    let login_ok = login.is_none_or(|u| user(u).is_ok());
    if login_ok && port_ok && host(name).is_ok() {
        return Ok(());
    }
    refuse(
        text!("跳板机写得不对", "the jump host is not written as it must be"),
        text!(
            "写成 \"[用户@]主机[:端口]\"，只能一台；多台写在 ~/.ssh/config",
            "write \"[user@]host[:port]\", one only; several hops go into ~/.ssh/config"
        ),
    )
}

/// A key's fingerprint as `ssh-keygen -lf` prints it: SHA-256 in base64 without padding.
pub(super) fn host_key(text: &str) -> Rule {
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/');
    let hash = text.strip_prefix("SHA256:").unwrap_or_default();
    if hash.len() == 43 && hash.chars().all(base64) {
        return Ok(());
    }
    refuse(
        text!("主机密钥指纹写得不对", "the fingerprint of the host key is not written as it must be"),
        text!(
            "写成 SHA256: 加 43 个字符；在服务器上运行 ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub 得到",
            "write SHA256: and 43 characters; on the server, ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub prints it"
        ),
    )
}

/// An absolute path on a server that needs no quoting and means one place only.
pub(super) fn server_path(text: &str) -> Rule {
    say_full_width(text)?;
    let inner = text.strip_prefix('/').unwrap_or_default();
    let named = inner.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '-' | '+' | '=' | '@' | ':');
    if !inner.is_empty() && named && text.chars().all(plain) && text.len() <= 255 {
        return Ok(());
    }
    refuse(
        text!("这不是服务器上的完整路径", "this is no whole path on the server"),
        text!(
            "以 / 开头，不要空格、引号、//、.. 和末尾的 /，例如 \"/mnt/replica\"",
            "start with /, without spaces, quotes, //, .. or a / at the end, as \"/mnt/replica\""
        ),
    )
}

/// Name of a container, as docker itself allows it.
pub(super) fn container(text: &str) -> Rule {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    if text.chars().all(plain) && text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.len() <= 128 {
        return Ok(());
    }
    refuse(
        text!("这不是 docker 的名字", "this is no name that docker knows"),
        text!(
            "以字母或数字开头，只用字母、数字和 _ . -",
            "start with a letter or digit, then letters, digits and _ . - only"
        ),
    )
}

/// Address of a health page, asked with curl on the server.
pub(super) fn url(text: &str) -> Rule {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://")).unwrap_or_default();
    let plain = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '.' | ':' | '/' | '_' | '-' | '?' | '=' | '[' | ']' | '~' | '+')
    };
    if rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[')
        && rest.chars().all(plain)
        && text.len() <= 255
    {
        return Ok(());
    }
    refuse(
        text!("这不是健康检查的网址", "this is no address of a health page"),
        text!(
            "写成 \"http://127.0.0.1:8001/health\"，不带用户和密码",
            "write \"http://127.0.0.1:8001/health\", without user and password"
        ),
    )
}
