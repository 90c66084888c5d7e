//! The line of `/etc/fstab` that brings the share back after a reboot: what it should be, and what would change.
use super::{Refusal, Step, common, script::word};
use crate::config::model::Environment;
use crate::core::derive::mount::is_source;
use crate::core::probe::fstab::FstabLine;
use crate::core::verdict::Facts;
use crate::i18n::Text;
use crate::text;

/// What would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// The lines that the mount point has now, as far as they may be shown.
    old: Vec<String>,
    /// The options of the line that it gets.
    options: String,
}

/// The options of the mount, without the credentials file: those of the configuration, and the port where it is another one.
pub(super) fn mount_options(env: &Environment) -> String {
    let mut all = Vec::new();
    if !env.share.options.is_empty() {
        all.push(env.share.options.clone());
    }
    if env.share.port != 445 {
        all.push(format!("port={}", env.share.port));
    }
    all.join(",")
}

/// Whether the configuration names a dialect: then no other is tried.
pub(super) fn names_a_dialect(env: &Environment) -> bool {
    env.share.options.split(',').any(|o| o.starts_with("vers="))
}

/// The options that the line is meant to have: those of the mount, what lets a server boot without the share, and what somebody
/// wrote for systemd (`x-…`).
fn wanted(env: &Environment, old: Option<&FstabLine>) -> String {
    let mut all = vec![format!("credentials={}", env.paths.credentials_file)];
    all.extend(mount_options(env).split(',').filter(|o| !o.is_empty()).map(str::to_owned));
    let kept = old.map(|l| l.options.as_slice()).unwrap_or_default();
    let kept = kept.iter().map(|o| o.as_str()).filter(|o| o.starts_with("x-"));
    for option in ["_netdev", "nofail"].into_iter().chain(kept) {
        if !all.iter().any(|o| o == option) {
            all.push(option.to_owned());
        }
    }
    all.join(",")
}

/// What has to change in fstab; nothing if it is as it should be, or not meant to hold the share. With `mounted_anew` the line
/// must have the very options of that mount; one that brought the share up by itself is left as somebody wrote it.
///
/// # Errors
/// When it is not known what is in it.
pub(super) fn change(facts: &Facts, mounted_anew: bool) -> Result<Option<Change>, Refusal> {
    let env = facts.env;
    if !env.share.persist {
        return Ok(None);
    }
    let all =
        common::known(facts.look.fstab.as_ref(), &text!("/etc/fstab 里写了什么", "what is in /etc/fstab"))?;
    let point = env.paths.mount_point.as_str();
    let ours: Vec<&FstabLine> =
        all.iter().filter(|l| l.point.as_str().trim_end_matches('/') == point).collect();
    let options = wanted(env, ours.first().copied());
    let good = match ours.as_slice() {
        [line] if mounted_anew => {
            line.source.as_str() == env.share.source()
                && line.point.as_str() == point
                && line.fstype.as_str() == "cifs"
                && joined(line) == options
        }
        [line] => fine(env, line),
        _ => false,
    };
    let old = ours.into_iter().map(shown).collect();
    Ok((!good).then_some(Change { old, options }))
}

/// Whether a line that somebody wrote brings our share back, with our credentials file, and lets the server boot without it.
fn fine(env: &Environment, line: &FstabLine) -> bool {
    let credentials = format!("credentials={}", env.paths.credentials_file);
    is_source(line.source.as_str(), &env.share)
        && matches!(line.fstype.as_str(), "cifs" | "smb3")
        && line.point.as_str() == env.paths.mount_point
        && line.has("_netdev")
        && line.has("nofail")
        && line.has(&credentials)
        && (!line.has("noauto") || line.has("x-systemd.automount"))
        && !line.has("ro")
}

fn joined(line: &FstabLine) -> String {
    line.options.iter().map(|o| o.as_str()).collect::<Vec<_>>().join(",")
}

fn shown(line: &FstabLine) -> String {
    format!("{} {} {} {}", line.source, line.point, line.fstype, joined(line))
}

impl Change {
    /// The old lines and the new one, as in a diff.
    pub(super) fn effects(&self, env: &Environment) -> Vec<Text> {
        let (source, point) = (env.share.source(), &env.paths.mount_point);
        let mut all = vec![match self.old.len() {
            0 => text!(
                "/etc/fstab 加一行（原文件留作 /etc/fstab.opsdeck-before）：",
                "/etc/fstab gets a line (the old file stays as /etc/fstab.opsdeck-before):"
            ),
            _ => text!(
                "/etc/fstab 换掉 {point} 的行（原文件留作 /etc/fstab.opsdeck-before）：",
                "/etc/fstab: the line of {point} is replaced (the old file stays as /etc/fstab.opsdeck-before):"
            ),
        }];
        all.extend(self.old.iter().map(|line| Text::same(format!("- {line}"))));
        all.push(Text::same(format!("+ {source} {point} cifs {} 0 0", self.options)));
        all
    }
}

/// The step. It is taken also where the line is right already, because the mount may have needed another dialect.
pub(super) fn step(facts: &Facts) -> Step {
    let env = facts.env;
    let lines = facts.look.fstab.as_deref().unwrap_or_default();
    let point = env.paths.mount_point.as_str();
    let ours: Vec<_> = lines.iter().filter(|l| l.point.as_str().trim_end_matches('/') == point).collect();
    // what it replaces was read with the preview: where that is another line by now, this is another step
    let old: String = ours.iter().map(|l| format!("# - {}\n", shown(l).replace('\n', " "))).collect();
    common::step(
        text!("写入 /etc/fstab，重启后自动挂载", "have /etc/fstab mount it again after a reboot"),
        format!(
            "{old}remember_in_fstab {} {} {}\"$(dialect)\"\n",
            word(&env.share.source()),
            word(point),
            word(&wanted(env, ours.first().copied()))
        ),
    )
}
