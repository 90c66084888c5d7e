//! Lists of known host keys: what a server shows, what is on record for it, and the console's own list.
//!
//! The console never takes a key on trust. A person compares the fingerprint with the server's own console; only
//! then is the key written to the console's own list, which ssh reads beside the user's.
use super::error::LinkError;
pub use super::scan::scan;
use super::ssh::programs::Programs;
use crate::core::safetext::SafeText;
use std::fs::{DirBuilder, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);
/// A host key that a server showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfferedKey {
    /// The name that ssh looks it up under: `prod.example`, `[192.0.2.1]:2222`.
    pub host: String,
    /// `ssh-ed25519`.
    pub kind: String,
    /// The key itself, base64.
    pub key: String,
    /// `SHA256:…`, as `ssh-keygen -lf` prints it.
    pub fingerprint: String,
}

/// A host key on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedKey {
    /// The list.
    pub file: PathBuf,
    /// Its line, from 1.
    pub line: usize,
    /// `SHA256:…`.
    pub fingerprint: String,
}

/// What is known about a server's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// What it shows now. At least one.
    pub offered: Vec<OfferedKey>,
    /// What is on record for its name, in the console's own list and the user's.
    pub recorded: Vec<RecordedKey>,
}

impl Identity {
    /// Whether a key that it shows is on record.
    pub fn is_known(&self) -> bool {
        let on_record = |o: &OfferedKey| self.recorded.iter().any(|r| r.fingerprint == o.fingerprint);
        self.offered.iter().any(on_record)
    }

    /// Whether other keys are on record, and none of those that it shows. A key of another type counts: someone who
    /// cannot show the recorded key would offer another type.
    pub fn is_changed(&self) -> bool {
        !self.recorded.is_empty() && !self.is_known()
    }
}

/// What a list holds about a name, hashed names included.
pub(super) async fn records(
    programs: &Programs,
    list: &Path,
    name: &str,
) -> Result<Vec<RecordedKey>, LinkError> {
    if !list.exists() {
        return Ok(Vec::new());
    }
    let arguments = ["-l".into(), "-F".into(), name.into(), "-f".into(), list.into()];
    let said = programs.run("ssh-keygen", &arguments, b"", LIMIT).await?;
    let mut found = Vec::new();
    let mut at = None;
    for line in said.stdout.lines() {
        match line.rsplit_once(" found: line ") {
            Some((_, rest)) => at = rest.split_whitespace().next().and_then(|n| n.parse().ok()),
            None => {
                let print = line.split_whitespace().find(|w| w.starts_with("SHA256:"));
                if let (Some(line), Some(print)) = (at.take(), print) {
                    found.push(RecordedKey { file: list.to_owned(), line, fingerprint: print.to_owned() });
                }
            }
        }
    }
    Ok(found)
}

/// `SHA256:…` of a line of a list.
pub(super) async fn fingerprint(programs: &Programs, line: &str) -> Option<String> {
    let arguments = ["-l".into(), "-f".into(), "-".into()];
    let text = format!("{line}\n");
    let said = programs.run("ssh-keygen", &arguments, text.as_bytes(), LIMIT).await.ok()?;
    let print = said.stdout.split_whitespace().nth(1)?;
    print.starts_with("SHA256:").then(|| print.to_owned())
}

/// The fingerprint of the key at `file:line`, when there is one.
pub(in crate::remote) async fn fingerprint_at(programs: &Programs, place: &str) -> Option<SafeText> {
    let (file, line) = place.rsplit_once(':')?;
    let line: usize = line.parse().ok()?;
    let text = std::fs::read_to_string(file).ok()?;
    let entry = text.lines().nth(line.checked_sub(1)?)?;
    fingerprint(programs, entry).await.map(|p| SafeText::new(&p))
}

/// Writes keys to the console's own list and takes lines (from 1) out of it. All of it or nothing: the list is
/// replaced by a new one, mode 0600. Every other line stays as it is.
///
/// # Errors
/// When the folder or the file cannot be written.
pub fn record(list: &Path, keys: &[OfferedKey], drop_lines: &[usize]) -> io::Result<()> {
    let parent = list.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    let before = match std::fs::read_to_string(list) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
        text => text?,
    };
    let mut text = String::new();
    for (at, line) in before.lines().enumerate() {
        if !drop_lines.contains(&(at + 1)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    for key in keys {
        text.push_str(&format!("{} {} {}\n", key.host, key.kind, key.key));
    }
    let mut file = tempfile::Builder::new().permissions(Permissions::from_mode(0o600)).tempfile_in(parent)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(list).map_err(|e| e.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(host: &str) -> OfferedKey {
        OfferedKey {
            host: host.into(),
            kind: "ssh-ed25519".into(),
            key: "AAAA".into(),
            fingerprint: "SHA256:x".into(),
        }
    }

    #[test]
    fn the_list_is_replaced_whole_and_keeps_what_others_wrote() {
        let dir = tempfile::tempdir().unwrap();
        let list = dir.path().join("state/known_hosts");
        record(&list, &[key("a")], &[]).unwrap();
        let mut text = std::fs::read_to_string(&list).unwrap();
        text.push_str("# a comment\n|1|hash= ssh-rsa BBBB");
        std::fs::write(&list, text).unwrap();
        record(&list, &[key("[b]:22")], &[1]).unwrap();
        let text = std::fs::read_to_string(&list).unwrap();
        assert_eq!(text, "# a comment\n|1|hash= ssh-rsa BBBB\n[b]:22 ssh-ed25519 AAAA\n");
        assert_eq!(std::fs::metadata(&list).unwrap().permissions().mode() & 0o777, 0o600);
        let parent = std::fs::metadata(list.parent().unwrap()).unwrap();
        assert_eq!(parent.permissions().mode() & 0o777, 0o700);
        assert_eq!(
            std::fs::read_dir(list.parent().unwrap()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn a_key_of_another_type_does_not_pass_for_a_new_server() {
        let on_record = |print: &str| RecordedKey { file: "/k".into(), line: 1, fingerprint: print.into() };
        let identity = |recorded: Vec<RecordedKey>| Identity { offered: vec![key("a")], recorded };
        let standing = |i: Identity| (i.is_known(), i.is_changed());
        assert_eq!(standing(identity(vec![])), (false, false));
        assert_eq!(standing(identity(vec![on_record("SHA256:other")])), (false, true));
        assert_eq!(standing(identity(vec![on_record("SHA256:other"), on_record("SHA256:x")])), (true, false));
    }
}
