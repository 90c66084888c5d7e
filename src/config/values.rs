//! Paths on the workstation, as the file writes them.
use super::reader::Fault;
use crate::text;
use std::path::{Component, Path, PathBuf};

/// Where relative paths start and what `~` means.
#[derive(Clone, Copy)]
pub(super) struct Folders<'f> {
    pub(super) base: &'f Path,
    pub(super) home: Option<&'f Path>,
}

impl Folders<'_> {
    /// A path of the file made absolute, or at least relative to where opsdeck was started.
    pub(super) fn expand(&self, text: &str) -> Result<PathBuf, Fault> {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err((
                text!("这不是一个文件路径", "this is not the path of a file"),
                text!(
                    "写文件的路径，例如 \"~/.ssh/id_ed25519\"",
                    "write the path of a file, as \"~/.ssh/id_ed25519\""
                ),
            ));
        }
        let path = match text.strip_prefix('~') {
            None => self.base.join(text),
            Some(rest) => match (rest.is_empty() || rest.starts_with('/'), self.home) {
                (true, Some(home)) => home.join(rest.trim_start_matches('/')),
                (true, None) => {
                    return Err((
                        text!("不知道 ~ 是哪里：没有 HOME", "~ means nothing here: there is no HOME"),
                        text!("设置 HOME，或写完整路径", "set HOME, or write the whole path"),
                    ));
                }
                (false, _) => {
                    return Err((
                        text!("只支持 ~/，不支持 ~别人", "only ~/ is understood, not ~somebody"),
                        text!("写完整路径", "write the whole path"),
                    ));
                }
            },
        };
        // `./environments.toml` and `.run/x` give `.run/x`, as a person would write it
        let parts = path.components().filter(|c| !matches!(c, Component::CurDir));
        Ok(parts.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_beside_the_file_or_at_home() {
        let folders = Folders { base: Path::new("/etc/opsdeck"), home: Some(Path::new("/home/op")) };
        let expanded = |text| folders.expand(text).map(|p| p.display().to_string()).map_err(|f| f.0.en);
        assert_eq!(expanded(".run/known_hosts").unwrap(), "/etc/opsdeck/.run/known_hosts");
        assert_eq!(expanded("~/.ssh/id").unwrap(), "/home/op/.ssh/id");
        assert_eq!(expanded("~").unwrap(), "/home/op");
        assert_eq!(expanded("/x").unwrap(), "/x");
        assert!(expanded("~root/x").is_err());
        assert!(expanded("").is_err());
        let nowhere = Folders { base: Path::new("."), home: None };
        assert!(nowhere.expand("~/x").is_err());
        assert_eq!(nowhere.expand("x").unwrap(), Path::new("x"));
    }
}
