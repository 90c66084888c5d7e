//! The credentials file of the mount: used as it is, or written anew from the password that a person gives.
use super::{Refusal, Step, common, script::word};
use crate::config::model::SecretSource;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// Why the file has to be written; nothing if it is used as it is.
///
/// # Errors
/// When it is not known how it is, when `mount.cifs` is missing, or when it has to be written and nobody is configured as user.
pub(super) fn why_write(new_password: bool, facts: &Facts) -> Result<Option<Text>, Refusal> {
    let credentials = common::known(
        facts.look.credentials.as_ref(),
        &text!("服务器上的凭据文件怎样", "how the credentials file on the server is"),
    )?;
    if !credentials.helper {
        return Err(Refusal::new(
            text!(
                "服务器上没有 mount.cifs，挂不了 Windows 共享。什么也没做",
                "the server has no mount.cifs and cannot mount a Windows share. Nothing was done"
            ),
            text!(
                "安装 cifs-utils（dnf install cifs-utils 或 apt install cifs-utils），再检查一次",
                "install cifs-utils (dnf install cifs-utils, or apt install cifs-utils), then check again"
            ),
        ));
    }
    let why = match credentials.file {
        _ if new_password => text!("按你的要求换新密码", "a new password is wanted"),
        None => text!("它还不存在", "it is not there"),
        Some(file) => match file.flaw() {
            None => return Ok(None),
            Some(flaw) => flaw.word(),
        },
    };
    if facts.env.share.user.is_none() {
        let file = &facts.env.paths.credentials_file;
        return Err(Refusal::new(
            Text {
                zh: format!("要重写凭据文件 {file}（{}），但配置里没有共享用户。什么也没做", why.zh),
                en: format!(
                    "the credentials file {file} has to be written ({}), but no share user is configured. Nothing was done",
                    why.en
                ),
            },
            text!(
                "在 environments.toml 的 [share] 里写 user = \"…\"",
                "set user = \"…\" under [share] in environments.toml"
            ),
        ));
    }
    Ok(Some(why))
}

/// Where the password comes from: a person, or what the configuration names.
pub(super) fn password(facts: &Facts) -> Text {
    match &facts.env.share.secret {
        None | Some(SecretSource::Prompt) => text!("密码现在输入", "the password is typed now"),
        Some(source) => {
            let from = source.describe();
            Text {
                zh: format!("密码从{}取", from.zh), en: format!("the password comes from {}", from.en)
            }
        }
    }
}

/// The flaw of a file that nobody is about to use; nothing where it is good or not known.
pub(super) fn flaw(facts: &Facts) -> Option<Text> {
    match facts.look.credentials.as_ref().ok()?.file {
        None => Some(text!("它不存在", "it is not there")),
        Some(file) => file.flaw().map(|f| f.word()),
    }
}

/// The name that the file has until the mount has worked with it; without it nobody ever gets to read it.
pub(super) fn new_name(facts: &Facts, root: &str) -> String {
    format!("{}.\"$run_id\"", word(&format!("{root}{}", facts.env.paths.credentials_file)))
}

/// The step that writes it. The old file stays as it is until the mount has worked with the new one.
pub(super) fn step(facts: &Facts, root: &str) -> Step {
    let share = &facts.env.share;
    common::step(
        text!("写新的凭据文件（只有 root 能读）", "write the new credentials file (only for root)"),
        format!(
            "write_credentials {} {} {}\n",
            new_name(facts, root),
            word(share.user.as_deref().unwrap_or_default()),
            word(share.domain.as_deref().unwrap_or_default())
        ),
    )
}
