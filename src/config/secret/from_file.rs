//! A secret from the only line of a file.
use super::{MAX_BYTES, Secret, SecretError, SecretErrorKind, error};
use crate::core::safetext::SafeText;
use crate::text;
use rustix::fs::OFlags;
use secrecy::zeroize::Zeroizing;
use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// Opens the file if it is ours alone. What is judged is the file that was opened, so that nothing can be put
/// in its place in between; a symbolic link is refused (`O_NOFOLLOW`), because others may choose where it leads.
pub(super) fn open(path: &Path) -> Result<File, SecretError> {
    let name = SafeText::new(&path.to_string_lossy());
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC).bits();
    let flags = i32::try_from(flags).unwrap_or_default();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let file = opened.map_err(|e| match e.kind() {
        ErrorKind::NotFound => error(
            SecretErrorKind::Missing,
            text!(
                "没有密码文件 {name}：用 (umask 077; cat > {name}) 写入一行密码，按 Ctrl-D 结束",
                "there is no secret file {name}: write one line with (umask 077; cat > {name}), end with Ctrl-D"
            ),
        ),
        _ if std::fs::symlink_metadata(path).is_ok_and(|m| m.is_symlink()) => error(
            SecretErrorKind::Open,
            text!("密码文件 {name} 是符号链接：写真正的文件路径", "the secret file {name} is a symbolic link: name the real file"),
        ),
        _ => {
            let detail = SafeText::new(&e.to_string());
            error(
                SecretErrorKind::Failed,
                text!("读不了密码文件 {name}：{detail}", "cannot read the secret file {name}: {detail}"),
            )
        }
    })?;
    let meta = file.metadata().map_err(|_| {
        error(SecretErrorKind::Failed, text!("读不了密码文件 {name}", "cannot read the secret file {name}"))
    })?;
    let me = rustix::process::geteuid().as_raw();
    if !meta.is_file() {
        return Err(error(
            SecretErrorKind::Open,
            text!(
                "密码文件 {name} 不是普通文件：换成普通文件",
                "the secret file {name} is not a regular file: use one"
            ),
        ));
    }
    if meta.uid() != me {
        let owner = meta.uid();
        return Err(error(
            SecretErrorKind::Open,
            text!(
                "密码文件 {name} 属于别的用户（uid {owner}）：自己重新建一个",
                "the secret file {name} belongs to another user (uid {owner}): make your own"
            ),
        ));
    }
    let mode = meta.mode() & 0o7777;
    if mode != 0o600 && mode != 0o400 {
        return Err(error(
            SecretErrorKind::Open,
            text!(
                "密码文件 {name} 的权限是 {mode:04o}，别人可能已经读过：运行 chmod 600 {name}，并考虑换密码",
                "the secret file {name} has mode {mode:04o}, others may have read it: run chmod 600 {name} and consider a new password"
            ),
        ));
    }
    Ok(file)
}

pub(super) fn fetch(path: &Path) -> Result<Secret, SecretError> {
    let file = open(path)?;
    let name = SafeText::new(&path.to_string_lossy());
    // room from the start: growing would leave copies behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_BYTES + 8));
    let limit = u64::try_from(MAX_BYTES + 2).unwrap_or(u64::MAX);
    file.take(limit).read_to_end(&mut bytes).map_err(|e| {
        let detail = SafeText::new(&e.to_string());
        error(
            SecretErrorKind::Failed,
            text!("读不了密码文件 {name}：{detail}", "cannot read the secret file {name}: {detail}"),
        )
    })?;
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    Secret::parse(line.to_vec()).map_err(|e| SecretError {
        kind: e.kind,
        message: crate::i18n::Text {
            zh: format!("{name}：{}", e.message.zh),
            en: format!("{name}: {}", e.message.en),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};
    use std::path::PathBuf;

    fn file(folder: &Path, mode: u32, content: &[u8]) -> PathBuf {
        let path = folder.join("s");
        let _ = std::fs::remove_file(&path);
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        path
    }

    #[test]
    fn only_a_file_of_our_own_with_one_line_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        for content in [&b"p w,\n"[..], b"p w,"] {
            let path = file(folder.path(), 0o600, content);
            assert_eq!(fetch(&path).unwrap().bytes_for_stdin(), b"p w,");
        }
        assert!(fetch(&file(folder.path(), 0o400, b"x\n")).is_ok());
        for mode in [0o640, 0o604, 0o644, 0o660, 0o700, 0o4600] {
            assert_eq!(
                fetch(&file(folder.path(), mode, b"x\n")).unwrap_err().kind,
                SecretErrorKind::Open,
                "{mode:o}"
            );
        }
        for content in [&b"a\nb\n"[..], b"a\r\n", b"", b"\n", b"\xef\xbb\xbfa\n", b"a\0\n"] {
            let refused = fetch(&file(folder.path(), 0o600, content)).unwrap_err();
            assert_eq!(refused.kind, SecretErrorKind::Unusable, "{content:?}");
        }
    }

    #[test]
    fn links_folders_and_absent_files_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let real = file(folder.path(), 0o600, b"x\n");
        let link = folder.path().join("link");
        symlink(&real, &link).unwrap();
        assert_eq!(fetch(&link).unwrap_err().kind, SecretErrorKind::Open);
        assert_eq!(fetch(folder.path()).unwrap_err().kind, SecretErrorKind::Open);
        assert_eq!(fetch(&folder.path().join("no")).unwrap_err().kind, SecretErrorKind::Missing);
    }
}
