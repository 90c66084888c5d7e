//! Lists of known host keys.
use super::ssh::programs::Programs;
use crate::core::safetext::SafeText;
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(5);

/// The fingerprint of the key at `file:line`, when there is one.
pub(in crate::remote) async fn fingerprint_at(programs: &Programs, place: &str) -> Option<SafeText> {
    let (file, line) = place.rsplit_once(':')?;
    let line: usize = line.parse().ok()?;
    let text = std::fs::read_to_string(file).ok()?;
    let entry = text.lines().nth(line.checked_sub(1)?)?;
    let arguments = ["-l".into(), "-f".into(), "-".into()];
    let said = programs
        .run("ssh-keygen", &arguments, entry.as_bytes(), LIMIT)
        .await
        .ok()?;
    let print = said.stdout.split_whitespace().nth(1)?;
    print.starts_with("SHA256:").then(|| SafeText::new(print))
}
