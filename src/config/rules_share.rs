//! What single values of a share and of its secret may be. Pure; a refusal never repeats the value.
use super::keys;
use super::rules::{Rule, refuse, say_full_width};
use super::unknown::secret_in_plain;
use crate::core::safetext::SafeText;
use crate::text;

/// Name of a Windows share. `$` is allowed at the end only, where Windows puts it for hidden shares.
pub(super) fn name(text: &str) -> Rule {
    say_full_width(text)?;
    let body = text.strip_suffix('$').unwrap_or(text);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if !body.is_empty() && body.chars().all(plain) && text.chars().count() <= 80 && !body.starts_with('-') {
        return Ok(());
    }
    refuse(
        text!("这不是共享名", "this is no name of a share"),
        text!(
            "只写共享名，例如 \"backup\"，不要斜杠和空格",
            "write only its name, as \"backup\", without slashes and spaces"
        ),
    )
}

/// Account or domain of the Windows share. It goes into a credentials file, where `%` and `/` would cut it
/// (mount.cifs(8), `username=`), and where a space around it counts.
pub(super) fn account(text: &str) -> Rule {
    if text.contains(['\\', '/', '%', '@']) && !text.contains(char::is_control) {
        return refuse(
            text!("账号里不能有 \\ / % @", "an account has no \\ / % @"),
            text!(
                "域写在 domain = \"…\"，user 只写用户名，密码不写在这里",
                "the domain goes into domain = \"…\", user is the name alone, and the password is never here"
            ),
        );
    }
    let safe = SafeText::new(text);
    if safe.as_str() == text
        && text.trim() == text
        && !text.is_empty()
        && text.len() <= 256
        && !text.contains([',', '=', '"'])
    {
        return Ok(());
    }
    refuse(
        text!(
            "账号是空的、太长，或有空格、逗号、控制字符",
            "the account is empty, too long, or has spaces around it, a comma or control characters"
        ),
        text!(
            "写 Windows 上的用户名，例如 \"backup_writer\"",
            "write the name on Windows, as \"backup_writer\""
        ),
    )
}

/// Mount options beside the account, in the form of mount(8).
pub(super) fn mount_options(text: &str) -> Rule {
    const SECRET: &[&str] = &["password", "pass", "password2"];
    const ELSEWHERE: &[&str] =
        &["username", "user", "credentials", "cred", "domain", "dom", "workgroup", "port"];
    say_full_width(text)?;
    let name_of = |option: &str| option.split('=').next().unwrap_or_default().trim().to_lowercase();
    let names: Vec<String> = text.split(',').map(name_of).collect();
    if names.iter().any(|n| SECRET.contains(&n.as_str()) || keys::names_a_secret(n) && n != "credentials") {
        return Err(secret_in_plain());
    }
    if names.iter().any(|n| ELSEWHERE.contains(&n.as_str())) {
        return refuse(
            text!("账号、域、端口不写在 options 里", "account, domain and port do not belong into options"),
            text!(
                "用 user、domain、port 和 secret 这几个键；凭据文件在 [paths] 的 credentials_file",
                "use the keys user, domain, port and secret; the credentials file is credentials_file in [paths]"
            ),
        );
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '=' | ',' | '-' | '/' | ':');
    let whole = text.is_empty() || names.iter().all(|n| !n.is_empty());
    if text.chars().all(plain) && whole && text.len() <= 512 {
        return Ok(());
    }
    refuse(
        text!("挂载选项写得不对", "the mount options are not written as they must be"),
        text!(
            "用半角逗号分开，不要空格和引号，例如 \"soft,iocharset=utf8\"",
            "separate them by commas, without spaces and quotes, as \"soft,iocharset=utf8\""
        ),
    )
}

/// Name of an environment variable (POSIX). The hint guesses that the secret itself was put here.
pub(super) fn variable(text: &str) -> Rule {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain && !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.len() <= 128 {
        return Ok(());
    }
    refuse(
        text!("这不是环境变量的名字", "this is no name of an environment variable"),
        text!(
            "写变量名，不是密码：secret = {{ env = \"OPSDECK_SHARE_PASSWORD\" }}",
            "write the variable's name, not the password: secret = {{ env = \"OPSDECK_SHARE_PASSWORD\" }}"
        ),
    )
}

/// What Windows calls a folder, for people.
pub(super) fn windows_path(text: &str) -> Rule {
    if keys::names_a_secret(text) {
        return Err(secret_in_plain());
    }
    printable(text)
}

/// Anything printable.
pub(super) fn printable(text: &str) -> Rule {
    if SafeText::new(text).as_str() == text && !text.is_empty() && text.len() <= 256 {
        return Ok(());
    }
    refuse(
        text!(
            "这个值是空的、太长，或有看不见的字符",
            "this value is empty, too long, or has characters that cannot be seen"
        ),
        text!("重新输入，或删掉这一行", "type it again, or delete the line"),
    )
}
