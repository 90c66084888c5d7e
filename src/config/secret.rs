//! A secret, and the ways to it.
//!
//! [`Secret`] cannot be printed, compared or written to a file. The one way out hands its bytes over for the
//! standard input of a child process.
//!
//! ```
//! let secret = opsdeck::config::Secret::parse(b"x".to_vec()).unwrap();
//! assert_eq!(format!("{secret:?}"), "Secret(******)");
//! ```
//! ```compile_fail
//! let secret = opsdeck::config::Secret::parse(b"x".to_vec()).unwrap();
//! println!("{secret}");
//! ```
//! ```compile_fail
//! let secret = opsdeck::config::Secret::parse(b"x".to_vec()).unwrap();
//! serde_json::to_string(&secret).unwrap();
//! ```
//! ```compile_fail
//! let secret = opsdeck::config::Secret::parse(b"x".to_vec()).unwrap();
//! let copy = secret.clone();
//! ```
use super::model::SecretSource;
use crate::core::safetext::SafeText;
use crate::i18n::{Lang, Text, counted};
use crate::text;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroize};
use std::fmt;

mod ask;
mod from_command;
mod from_file;

/// Bytes of the longest secret. mount.cifs refuses about 600; Windows allows 127 characters in its dialogs.
pub const MAX_BYTES: usize = 256;

/// A password in memory. Wiped when dropped.
pub struct Secret(SecretString);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(******)")
    }
}

impl Secret {
    /// Takes bytes that hold the secret and nothing else. They are wiped when they are refused.
    ///
    /// # Errors
    /// [`SecretErrorKind::Unusable`] for what a credentials file cannot carry: nothing at all, more than
    /// [`MAX_BYTES`], line breaks, NUL, a byte-order mark, bytes that are not UTF-8.
    pub fn parse(bytes: Vec<u8>) -> Result<Secret, SecretError> {
        let text = String::from_utf8(bytes).map_err(|refused| {
            refused.into_bytes().zeroize();
            unusable(text!("不是 UTF-8 文字", "it is not UTF-8 text"))
        })?;
        match flaw(&text) {
            None => Ok(Secret(SecretString::from(text))),
            Some(why) => {
                let mut text = text;
                text.zeroize();
                Err(unusable(why))
            }
        }
    }

    /// The bytes, for the standard input of a child process, or for the body of a script that travels there.
    /// Never for an argument, an environment variable, a log line or the screen.
    pub fn bytes_for_stdin(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }

    /// A text without this secret in it. One of fewer than four bytes is in every text by chance: hiding it would tell it.
    pub fn hidden_in(&self, text: &str) -> String {
        match self.0.expose_secret() {
            short if short.len() < 4 => text.to_owned(),
            secret => text.replace(secret, "******"),
        }
    }
}

/// What makes a text unusable as a password of a credentials file.
fn flaw(text: &str) -> Option<Text> {
    if text.is_empty() {
        return Some(text!("它是空的", "it is empty"));
    }
    if text.len() > MAX_BYTES {
        return Some(text!("它超过 {MAX_BYTES} 字节", "it is longer than {MAX_BYTES} bytes"));
    }
    if text.contains('\u{feff}') {
        return Some(text!(
            "里面有字节序标记（BOM）：用编辑器另存为 UTF-8",
            "there is a byte-order mark in it: save it as UTF-8"
        ));
    }
    if text.contains('\r') {
        return Some(text!(
            "行尾是 Windows 的 CR：运行 sed -i 's/\\r$//' 文件",
            "its line ends in a Windows CR: run sed -i 's/\\r$//' FILE"
        ));
    }
    if text.contains('\n') {
        return Some(text!("它不止一行", "it has more than one line"));
    }
    if text.contains(char::is_control) {
        return Some(text!("里面有控制字符", "there is a control character in it"));
    }
    None
}

fn unusable(why: Text) -> SecretError {
    SecretError {
        kind: SecretErrorKind::Unusable,
        message: Text {
            zh: format!("密码不能用：{}", why.zh),
            en: format!("the password cannot be used: {}", why.en),
        },
    }
}

/// Why a secret could not be had. Never holds any of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .message.en)]
pub struct SecretError {
    /// What it is.
    pub kind: SecretErrorKind,
    /// What happened and what to do.
    pub message: Text,
}

/// The kinds that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretErrorKind {
    /// The source is not there: no file, no variable, no program, no terminal.
    Missing,
    /// The source is open to others.
    Open,
    /// The source failed, or did not answer in time.
    Failed,
    /// What it gave is no password.
    Unusable,
    /// The person who was asked gave up.
    Cancelled,
}

fn error(kind: SecretErrorKind, message: Text) -> SecretError {
    SecretError { kind, message }
}

impl SecretSource {
    /// Gets the secret. Blocks: a command has 60 s, a person as long as needed; inside tokio use `spawn_blocking`.
    /// `what` is what a person is asked for: 共享密码.
    ///
    /// # Errors
    /// [`SecretError`] with what happened and what to do; its text holds nothing of the secret.
    pub fn fetch(&self, what: &Text, lang: Lang) -> Result<Secret, SecretError> {
        match self {
            SecretSource::File(path) => from_file::fetch(path),
            SecretSource::Env(name) => from_env(name),
            SecretSource::Command(argv) => from_command::fetch(argv, from_command::DEADLINE),
            SecretSource::Prompt => ask::fetch(what.get(lang)),
        }
    }

    /// Whether the source is there, as far as that can be told without getting the secret: file and mode,
    /// variable, program. The error says what to do.
    ///
    /// # Errors
    /// As [`SecretSource::fetch`].
    pub fn probe(&self) -> Result<(), SecretError> {
        match self {
            SecretSource::File(path) => from_file::open(path).map(drop),
            SecretSource::Env(name) => from_env(name).map(drop),
            SecretSource::Command(argv) => from_command::probe(argv),
            SecretSource::Prompt => Ok(()),
        }
    }

    /// The source in words. Shows no more of a command than its program: an argument may be private.
    pub fn describe(&self) -> Text {
        match self {
            SecretSource::File(path) => {
                let path = SafeText::new(&path.to_string_lossy());
                text!("文件 {path}", "file {path}")
            }
            SecretSource::Env(name) => text!("环境变量 {name}", "environment variable {name}"),
            SecretSource::Command(argv) => {
                let program = SafeText::new(argv.first().map_or("", String::as_str));
                let more = argv.len().saturating_sub(1);
                let arguments = counted(more, "argument", "arguments");
                text!("命令 {program}（{more} 个参数）", "command {program} ({arguments})")
            }
            SecretSource::Prompt => text!("用到时在终端输入", "asked on the terminal when needed"),
        }
    }
}

fn from_env(name: &str) -> Result<Secret, SecretError> {
    use std::os::unix::ffi::OsStringExt;
    let value = std::env::var_os(name).ok_or_else(|| {
        error(
            SecretErrorKind::Missing,
            text!(
                "没有环境变量 {name}：先设置它再运行 opsdeck",
                "there is no environment variable {name}: set it, then run opsdeck"
            ),
        )
    })?;
    Secret::parse(value.into_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_says_nothing_about_itself() {
        let secret = Secret::parse(b"hunter2".to_vec()).unwrap();
        assert_eq!(
            format!("{secret:?} {:?} {secret:#?}", Some(&secret)),
            "Secret(******) Some(Secret(******)) Secret(******)"
        );
        assert_eq!(secret.bytes_for_stdin(), b"hunter2");
        assert_eq!(secret.hidden_in("it said hunter2, twice: hunter2"), "it said ******, twice: ******");
    }

    #[test]
    fn what_a_credentials_file_cannot_carry_is_refused_and_not_repeated() {
        let long = "x".repeat(MAX_BYTES + 1);
        for bytes in ["", "hunter2\r", "hunter2\nx", "hunter2\0", "\u{feff}hunter2", long.as_str()] {
            let refused = Secret::parse(bytes.as_bytes().to_vec()).unwrap_err();
            assert_eq!(refused.kind, SecretErrorKind::Unusable, "{bytes:?}");
            assert!(!format!("{refused:?}{refused}{}", refused.message.zh).contains("hunter2"));
        }
        assert!(Secret::parse(b"hunter2\xff".to_vec()).is_err());
        for fine in ["pass word", " lead", "a,b=c'\"$`#", "密码"] {
            assert_eq!(Secret::parse(fine.as_bytes().to_vec()).unwrap().bytes_for_stdin(), fine.as_bytes());
        }
    }
}
