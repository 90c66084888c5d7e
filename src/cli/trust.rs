//! `opsdeck trust ENV`: shows the fingerprint of a server's host key, asks, and records the key in the console's own
//! list. Nothing is recorded without a comparison: by a person who types a word, or with a fingerprint that was
//! given on the command line.
use super::args::TrustArgs;
use super::{Context, Exit, Said};
use crate::config::model::{Environment, SshSettings};
use crate::core::safetext::SafeText;
use crate::i18n::{Lang, Text};
use crate::remote::known_hosts::{self, Identity, OfferedKey};
use crate::remote::ssh::Folders;
use crate::remote::{LinkError, LinkErrorKind};
use crate::text;
use std::io::{BufRead, Write};
use std::path::Path;

/// How the operator wants it.
#[derive(Clone, Debug, Default)]
pub struct TrustOptions {
    /// `SHA256:…` that was learned on another way: the key is recorded without a question if the server shows it,
    /// and not at all if not.
    pub fingerprint: Option<String>,
    /// Replace a recorded key that the server does not show any more.
    pub replace: bool,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Recorded.
    Recorded,
    /// The key is on record already.
    Known,
    /// The operator did not say yes.
    Declined,
    /// The key is not the one that was expected, or another one is on record.
    Refused,
    /// The server could not be asked.
    Failed(LinkError),
}

impl Outcome {
    /// How the command ends: done if the key is on record now, whatever the reason if not.
    pub fn exit(&self) -> Exit {
        match self {
            Outcome::Recorded | Outcome::Known => Exit::DONE,
            Outcome::Declined | Outcome::Failed(_) | Outcome::Refused => Exit::Trouble,
        }
    }
}

/// `opsdeck trust ENV`, on the terminal or with a fingerprint.
///
/// # Errors
/// No configuration, an unknown environment, or as [`run`].
pub fn command(context: &Context, args: &TrustArgs) -> anyhow::Result<Exit> {
    let fleet = context.fleet()?;
    let environment = fleet.environment(&args.env)?;
    if fleet.scenario().is_some() {
        return Err(Said(text!(
            "内置服务器不用 SSH，没有主机密钥",
            "the built-in servers have no host key: they are not reached over ssh"
        ))
        .into());
    }
    let options = TrustOptions { fingerprint: args.fingerprint.clone(), replace: args.replace };
    let runtime = tokio::runtime::Runtime::new()?;
    let terminal = (&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
    let outcome = runtime.block_on(run(
        environment,
        &fleet.config().ssh,
        crate::fleet::folders(fleet.config()),
        &options,
        context.lang,
        terminal,
    ))?;
    Ok(outcome.exit())
}

/// Shows, asks, records.
///
/// # Errors
/// When the list cannot be written, or the terminal cannot be read or written.
pub async fn run(
    environment: &Environment,
    settings: &SshSettings,
    folders: Folders,
    options: &TrustOptions,
    lang: Lang,
    (input, output): (&mut impl BufRead, &mut impl Write),
) -> anyhow::Result<Outcome> {
    let list = settings.known_hosts.clone().unwrap_or_else(|| folders.known_hosts.clone());
    let identity = match known_hosts::scan(environment, settings, folders).await {
        Ok(identity) => identity,
        Err(error) => {
            writeln!(output, "{}", error.summary().get(lang))?;
            writeln!(output, "{}", error.hint().get(lang))?;
            return Ok(Outcome::Failed(error));
        }
    };
    let say = |output: &mut dyn Write, text: Text| writeln!(output, "{}", text.get(lang));
    for text in about(environment, &identity) {
        say(output, text)?;
    }
    if identity.is_known() {
        say(
            output,
            text!("该主机密钥已登记，无需再登记。", "This host key is on record already; nothing to do."),
        )?;
        return Ok(Outcome::Known);
    }
    if identity.is_changed() && !options.replace {
        for text in changed(environment) {
            say(output, text)?;
        }
        return Ok(Outcome::Refused);
    }
    let wanted = [&options.fingerprint, &environment.host_key];
    let keys: Vec<OfferedKey> = identity
        .offered
        .iter()
        .filter(|o| wanted.iter().copied().flatten().all(|w| w.trim() == o.fingerprint))
        .cloned()
        .collect();
    if keys.is_empty() {
        say(
            output,
            text!(
                "服务器出示的密钥与要求的指纹不符，没有登记，没有做任何改动。请在服务器控制台上核对指纹。",
                "No key that the server shows has the fingerprint asked for. Nothing was recorded or changed. Compare the fingerprint on the server's own console."
            ),
        )?;
        return Ok(Outcome::Refused);
    }
    if options.fingerprint.is_none() && !ask(environment, &identity, lang, (input, output))? {
        say(output, text!("没有登记，没有做任何改动。", "Nothing was recorded or changed."))?;
        return Ok(Outcome::Declined);
    }
    write(&list, &identity, &keys)?;
    let file = SafeText::new(&list.to_string_lossy());
    say(output, text!("已登记到 {file}。", "Recorded in {file}."))?;
    for old in identity.recorded.iter().filter(|r| r.file != list) {
        let place = SafeText::new(&format!("{}:{}", old.file.display(), old.line));
        say(
            output,
            text!(
                "旧密钥仍在您自己的列表 {place} 中，请自行删除。",
                "The old key is still in your own list at {place}; remove it there yourself."
            ),
        )?;
    }
    Ok(Outcome::Recorded)
}

/// Who it is, and what is to be compared with what.
fn about(environment: &Environment, identity: &Identity) -> Vec<Text> {
    let mut out = Vec::new();
    let (name, key) = (SafeText::new(&environment.name), &environment.key);
    for offered in &identity.offered {
        let (host, kind) = (SafeText::new(&offered.host), SafeText::new(&offered.kind));
        let print = SafeText::new(&offered.fingerprint);
        out.push(text!(
            "{name}（{key}）{host} 出示的主机密钥：{kind} {print}",
            "{name} ({key}) {host} shows the host key: {kind} {print}"
        ));
    }
    for old in &identity.recorded {
        let place = SafeText::new(&format!("{}:{}", old.file.display(), old.line));
        let print = SafeText::new(&old.fingerprint);
        out.push(text!("已登记：{print}（{place}）", "on record: {print} ({place})"));
    }
    out.push(text!(
        "请在服务器自己的控制台上运行下面的命令，逐字比较指纹：",
        "On the server's own console run the following, and compare the fingerprint letter by letter:"
    ));
    let mut files: Vec<&str> = identity.offered.iter().map(|o| file_of(&o.kind)).collect();
    files.dedup();
    for file in files {
        out.push(Text::same(format!("  ssh-keygen -lf /etc/ssh/{file}")));
    }
    out
}

fn file_of(kind: &str) -> &'static str {
    match kind {
        k if k.contains("ed25519") => "ssh_host_ed25519_key.pub",
        k if k.contains("ecdsa") => "ssh_host_ecdsa_key.pub",
        _ => "ssh_host_rsa_key.pub",
    }
}

fn changed(environment: &Environment) -> Vec<Text> {
    let key = &environment.key;
    vec![
        text!(
            "主机密钥与登记的不同！可能有人冒充服务器。没有登记，没有做任何改动。",
            "THE HOST KEY IS NOT THE RECORDED ONE! Someone may be posing as the server. Nothing was recorded or changed."
        ),
        text!(
            "请先向管理员核实服务器是否重装过；确认后运行 opsdeck trust {key} --replace。",
            "Ask whoever runs the server whether it was set up anew; if so, run opsdeck trust {key} --replace."
        ),
    ]
}

/// Asks for a word: `yes` for a new server, the environment's name where a recorded key is replaced.
fn ask(
    environment: &Environment,
    identity: &Identity,
    lang: Lang,
    (input, output): (&mut impl BufRead, &mut impl Write),
) -> anyhow::Result<bool> {
    let key = &environment.key;
    let question = match identity.is_changed() {
        true => text!(
            "要用新密钥替换登记的密钥，请输入环境名 {key}：",
            "To replace the recorded key by the new one, type the environment's name {key}: "
        ),
        false => text!("指纹一致吗？一致请输入 yes 或 是：", "Is the fingerprint the same? If so type yes: "),
    };
    write!(output, "{}", question.get(lang))?;
    output.flush()?;
    let mut line = String::new();
    input.read_line(&mut line)?;
    let said = line.trim();
    Ok(match identity.is_changed() {
        true => said == key.0,
        false => said.eq_ignore_ascii_case("yes") || said == "是",
    })
}

fn write(list: &Path, identity: &Identity, keys: &[OfferedKey]) -> anyhow::Result<()> {
    let drop_lines: Vec<usize> =
        identity.recorded.iter().filter(|r| r.file == list).map(|r| r.line).collect();
    known_hosts::record(list, keys, &drop_lines).map_err(|e| {
        let folder = SafeText::new(&list.to_string_lossy());
        LinkError::new(LinkErrorKind::ControlFolder { folder }, &e.to_string())
    })?;
    Ok(())
}
