//! What a mount needs on the server: `mount.cifs`, and the credentials file as `mount.cifs` reads it. Of the file only its
//! form is asked; no value of it leaves the server.
use crate::core::gap::{Gap, Known};
use crate::i18n::Text;
use crate::text;
use serde::Serialize;

/// What there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Credentials {
    /// `mount.cifs` is where mount(8) looks for it.
    pub helper: bool,
    /// The credentials file, if there is one.
    pub file: Option<CredentialsFile>,
}

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct CredentialsFile {
    /// A plain file, and no folder or link.
    pub plain: bool,
    /// Its mode, without the type: `0o600`.
    pub mode: u32,
    /// Its owner's number.
    pub owner: u32,
    /// Its size in bytes.
    pub bytes: u64,
    /// It has a line `username=` with something behind it.
    pub username: bool,
    /// It has a line `password=` with something behind it.
    pub password: bool,
    /// It has a line `domain=`.
    pub domain: bool,
    /// A line ends as on Windows: the CR would be taken for part of the value.
    pub carriage_return: bool,
    /// It begins with a byte-order mark: its first line would be passed over.
    pub byte_order_mark: bool,
    /// There is a blank before an equals sign: one behind it would be taken for part of the value.
    pub blank: bool,
}

/// What makes a file useless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is no plain file.
    NotPlain,
    /// Others than root may read it, or it is another's.
    Open,
    /// Windows line ends.
    CarriageReturn,
    /// A byte-order mark.
    ByteOrderMark,
    /// `username = x`.
    Blank,
    /// No user.
    NoUser,
    /// No password: the mount would wait for one.
    NoPassword,
}

impl CredentialsFile {
    /// Why a mount with it would fail or be unsafe; nothing if it may be used as it is.
    pub fn flaw(&self) -> Option<Flaw> {
        let flaws = [
            (!self.plain, Flaw::NotPlain),
            (self.mode & 0o077 != 0 || self.owner != 0, Flaw::Open),
            (self.byte_order_mark, Flaw::ByteOrderMark),
            (self.carriage_return, Flaw::CarriageReturn),
            (self.blank, Flaw::Blank),
            (!self.username, Flaw::NoUser),
            (!self.password, Flaw::NoPassword),
        ];
        flaws.into_iter().find_map(|(is, flaw)| is.then_some(flaw))
    }
}

impl Flaw {
    /// In words.
    pub fn word(self) -> Text {
        match self {
            Flaw::NotPlain => text!("不是普通文件", "it is no plain file"),
            Flaw::Open => {
                text!("别人也能读它（应当是 root 0600）", "others may read it (it should be root's, 0600)")
            }
            Flaw::CarriageReturn => {
                text!(
                    "行尾是 Windows 的 CR，会被当成密码的一部分",
                    "its lines end in a Windows CR, which would be part of the password"
                )
            }
            Flaw::ByteOrderMark => {
                text!(
                    "开头有 BOM，第一行会被忽略",
                    "it begins with a byte-order mark: its first line is passed over"
                )
            }
            Flaw::Blank => text!(
                "等号前后有空格，空格会被当成值的一部分",
                "there are blanks around an equals sign: they become part of the value"
            ),
            Flaw::NoUser => text!("没有 username= 这一行", "it has no line username="),
            Flaw::NoPassword => text!("没有 password= 这一行", "it has no line password="),
        }
    }
}

/// Reads the lines `name=value`.
pub fn parse(answer: &[u8]) -> Known<Credentials> {
    let text = String::from_utf8_lossy(answer);
    let unreadable = || Gap::unreadable("helper= file=", answer);
    let value = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix('='));
    let helper = match value("helper").ok_or_else(unreadable)? {
        "there" => true,
        "absent" => false,
        _ => return Err(unreadable()),
    };
    let file = value("file").ok_or_else(unreadable)?;
    if file == "absent" {
        return Ok(Credentials { helper, file: None });
    }
    let mut parts = file.split('|');
    let (kind, mode, owner, bytes) = (parts.next(), parts.next(), parts.next(), parts.next());
    let mode = mode.and_then(|m| u32::from_str_radix(m, 8).ok()).ok_or_else(unreadable)?;
    let owner = owner.and_then(|o| o.parse().ok()).ok_or_else(unreadable)?;
    let bytes = bytes.and_then(|b| b.parse().ok()).ok_or_else(unreadable)?;
    // each of them has to be said: what is missing was cut off
    let is = |name: &str| match value(name) {
        Some("yes") => Ok(true),
        Some("no" | "empty") => Ok(false),
        _ => Err(unreadable()),
    };
    let file = CredentialsFile {
        plain: kind.is_some_and(|k| k.starts_with("regular")),
        mode,
        owner,
        bytes,
        username: is("username")?,
        password: is("password")?,
        domain: is("domain")?,
        carriage_return: is("cr")?,
        byte_order_mark: is("bom")?,
        blank: is("blank")?,
    };
    Ok(Credentials { helper, file: Some(file) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "helper=there\nfile=regular file|600|0|37\nusername=yes\npassword=yes\ndomain=no\ncr=no\nbom=no\nblank=no\n";

    fn flaw(from: &str, to: &str) -> Option<Flaw> {
        assert!(GOOD.contains(from));
        parse(GOOD.replace(from, to).as_bytes()).unwrap().file.unwrap().flaw()
    }

    #[test]
    fn a_good_file_has_no_flaw_and_each_flaw_is_told() {
        assert_eq!(flaw("domain=no", "domain=yes"), None);
        assert_eq!(flaw("|600|", "|640|"), Some(Flaw::Open));
        assert_eq!(flaw("|600|0|", "|600|1000|"), Some(Flaw::Open));
        assert_eq!(flaw("|600|", "|400|"), None);
        assert_eq!(flaw("regular file", "symbolic link"), Some(Flaw::NotPlain));
        assert_eq!(flaw("cr=no", "cr=yes"), Some(Flaw::CarriageReturn));
        assert_eq!(flaw("bom=no", "bom=yes"), Some(Flaw::ByteOrderMark));
        assert_eq!(flaw("blank=no", "blank=yes"), Some(Flaw::Blank));
        assert_eq!(flaw("username=yes", "username=no"), Some(Flaw::NoUser));
        assert_eq!(flaw("password=yes", "password=empty"), Some(Flaw::NoPassword));
    }

    #[test]
    fn what_is_not_there_is_no_file_and_what_was_cut_is_not_read() {
        let absent = parse(b"helper=absent\nfile=absent\n").unwrap();
        assert_eq!(absent, Credentials { helper: false, file: None });
        for bad in ["", "helper=there\n", "helper=perhaps\nfile=absent\n", GOOD.split("cr=").next().unwrap()]
        {
            assert!(parse(bad.as_bytes()).is_err(), "{bad:?}");
        }
    }
}
