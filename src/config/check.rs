//! Checks that look at more than one value.
use super::model::{Paths, Thresholds};
use super::reader::{At, Reader};
use crate::text;
use std::ops::Range;

/// The port that ssh uses when nobody names one.
const SSH_PORT: u16 = 22;

/// The environments read so far, as far as they must differ.
#[derive(Default)]
pub(super) struct Environments {
    keys: Vec<String>,
    hosts: Vec<(String, u16)>,
}

impl Environments {
    /// Two environments must differ in key and in server: with two names for one server, an operator would
    /// take work on one for work on the other.
    pub(super) fn unique(
        &mut self,
        reader: &mut Reader,
        key: Option<&At<String>>,
        host: Option<&At<String>>,
        port: Option<&At<u16>>,
    ) {
        if let Some(key) = key {
            let folded = key.value.to_lowercase();
            if self.keys.contains(&folded) {
                reader.refuse(
                    &key.span,
                    (
                        text!("两个环境用了同一个 key", "two environments have the same key"),
                        text!("给其中一个换名", "give one of them another name"),
                    ),
                );
            }
            self.keys.push(folded);
        }
        if let Some(host) = host {
            let folded = host.value.to_lowercase();
            let server = (folded.trim_end_matches('.').to_owned(), port.map_or(SSH_PORT, |p| p.value));
            if self.hosts.contains(&server) {
                reader.refuse(
                    &host.span,
                    (
                        text!(
                            "两个环境指向同一台服务器（主机和端口都一样）",
                            "two environments are one server (same host and port)"
                        ),
                        text!(
                            "改正主机，或删掉其中一个环境",
                            "correct the host, or delete one of the environments"
                        ),
                    ),
                );
            }
            self.hosts.push(server);
        }
    }
}

/// An environment that is called production must be treated as production.
pub(super) fn role_fits(
    reader: &mut Reader,
    key: Option<&At<String>>,
    name: Option<&At<String>>,
    role: Option<&At<String>>,
) {
    let Some(role) = role.filter(|r| r.value != "prod") else {
        return;
    };
    let by_key = key.is_some_and(|k| key_says_prod(&k.value));
    let by_name = name.is_some_and(|n| name_says_prod(&n.value));
    if by_key || by_name {
        reader.refuse(
            &role.span,
            (
                text!(
                    "它叫正式（prod），role 却不是 prod",
                    "it is called production, and its role is not prod"
                ),
                text!(
                    "改成 role = \"prod\"；不是正式服务器就改 key 和 name",
                    "write role = \"prod\"; if it is not production, change its key and name"
                ),
            ),
        );
    }
}

/// `prod`, `prod-2`, `site_prod`, `prod57`; not `preprod`, `product`.
fn key_says_prod(key: &str) -> bool {
    let lower = key.to_lowercase();
    lower.split(['-', '_']).any(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        matches!(word, "prod" | "prd" | "production")
    }) && !lower.split(['-', '_']).any(|word| matches!(word, "pre" | "non" | "not"))
}

/// 正式, 生产环境, Production; not 预生产, 非正式, 准生产.
fn name_says_prod(name: &str) -> bool {
    let lower = name.to_lowercase();
    let chinese = ["正式", "生产"].iter().any(|word| {
        lower.match_indices(word).any(|(at, _)| {
            let before = lower.get(..at).and_then(|b| b.chars().next_back());
            !before.is_some_and(|c| matches!(c, '预' | '非' | '准' | '类' | '仿'))
        })
    });
    chinese
        || lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| matches!(w, "prod" | "production"))
            && !lower.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| matches!(w, "pre" | "non" | "not"))
}

/// Packs outside the mount point would be written to the server's own disk.
pub(super) fn pack_inside_mount(
    reader: &mut Reader,
    environment: &Range<usize>,
    mount: Option<&At<String>>,
    pack: Option<&At<String>>,
) {
    let Some(pack_at) = pack else { return };
    let base = Paths::default();
    let mount_value = mount.map_or(base.mount_point.as_str(), |m| m.value.as_str());
    let inside = pack_at.value.strip_prefix(mount_value).is_some_and(|rest| rest.starts_with('/'));
    if !inside {
        let span = if pack_at.span.is_empty() { environment } else { &pack_at.span };
        reader.refuse(
            span,
            (
                text!("备份目录 pack_folder 不在挂载点 mount_point 里面", "pack_folder is not inside mount_point"),
                text!(
                    "写挂载点下面的目录，例如 \"/mnt/replica/RagflowAuth\"；不写就跟着挂载点走",
                    "write a folder below the mount point, as \"/mnt/replica/RagflowAuth\"; without the line it follows the mount point"
                ),
            ),
        );
    }
}

/// What a look at a server can do without, and mounting the share cannot.
pub(super) fn share_is_usable(
    reader: &mut Reader,
    share: &Range<usize>,
    has_user: bool,
    has_secret: bool,
    options: Option<&At<String>>,
) {
    if !has_user {
        reader.notice(
            share,
            (
                text!(
                    "没有写共享的用户：检查照常，挂载不了",
                    "the share has no user: looking works, mounting does not"
                ),
                text!(
                    "在 [share] 加 user = \"Windows 上的用户名\"",
                    "add user = \"the name on Windows\" to [share]"
                ),
            ),
        );
    }
    if !has_secret {
        reader.notice(
            share,
            (
                text!(
                    "没有写密码从哪里来：检查照常，挂载不了",
                    "it is not said where the password comes from: looking works, mounting does not"
                ),
                text!(
                    "在 [share] 加 secret = {{ prompt = true }}，用到时再输入",
                    "add secret = {{ prompt = true }} to [share], to be asked when needed"
                ),
            ),
        );
    }
    let Some(options) = options else { return };
    let has = |word: &str| options.value.split(',').any(|o| o == word);
    if options.value.split(',').any(|o| o.starts_with("vers=")) {
        reader.notice(
            &options.span,
            (
                text!(
                    "固定了 vers=：Windows 改了协议版本就会挂载失败（error 95）",
                    "vers= is pinned: mounting fails with error 95 when Windows changes its dialect"
                ),
                text!("删掉 vers=，内核会自己协商", "take vers= out, the kernel negotiates"),
            ),
        );
    }
    if has("ro") {
        reader.notice(
            &options.span,
            (
                text!(
                    "共享是只读挂载（ro）：备份写不进去",
                    "the share is mounted read-only (ro): no backup can be written"
                ),
                text!("删掉 ro", "take ro out"),
            ),
        );
    }
    if has("hard") {
        reader.notice(
            &options.span,
            (
                text!(
                    "选项 hard：Windows 关机时，读写会一直卡住",
                    "option hard: reads and writes hang for as long as Windows is off"
                ),
                text!("改成 soft", "write soft"),
            ),
        );
    }
}

/// 告警 must come before 失败.
pub(super) fn thresholds_in_order(reader: &mut Reader, span: &Range<usize>, t: &Thresholds) {
    if t.disk_warn_percent > t.disk_fail_percent {
        reader.refuse(
            span,
            (
                text!(
                    "disk_warn_percent 比 disk_fail_percent 大",
                    "disk_warn_percent is above disk_fail_percent"
                ),
                text!(
                    "告警的线要低于或等于失败的线，例如 85 和 95",
                    "the line for a warning must not be above the line for a failure, as 85 and 95"
                ),
            ),
        );
    }
    if t.start_grace_min > t.finish_grace_min {
        reader.refuse(
            span,
            (
                text!("start_grace_min 比 finish_grace_min 大", "start_grace_min is above finish_grace_min"),
                text!(
                    "开始的宽限不能比完成的宽限长，例如 15 和 240",
                    "the grace to start must not be longer than the grace to finish, as 15 and 240"
                ),
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_heard_in_names_and_keys() {
        for key in ["prod", "PROD", "prod-2", "site_prod", "prod57", "prd"] {
            assert!(key_says_prod(key), "{key}");
        }
        for key in ["preprod", "pre-prod", "non_prod", "product", "test"] {
            assert!(!key_says_prod(key), "{key}");
        }
        for name in ["正式", "正式服务器", "生产环境", "Production", "华东 prod"] {
            assert!(name_says_prod(name), "{name}");
        }
        for name in ["测试", "预生产", "非正式", "pre-production", "产品"] {
            assert!(!name_says_prod(name), "{name}");
        }
    }
}
