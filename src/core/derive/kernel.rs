//! Which lines of the kernel's log speak of our share: a server may use other shares too, and its kernel writes of all of them.
use super::mount::is_source;
use crate::config::model::Share;
use crate::core::probe::kernel::{KernelLine, KernelLog};

/// What a mount comes to is written within this of its beginning, unless nobody answers.
const ATTEMPT_MS: i64 = 60_000;

/// The lines, oldest first, without what was written while another share was being mounted. A line that names no share
/// counts as ours: it may come from the share that is in use.
pub fn ours<'a>(log: &'a KernelLog, share: &Share) -> Vec<&'a KernelLine> {
    let mut other: Option<&KernelLine> = None;
    let mut all = Vec::new();
    for line in &log.lines {
        if let Some(source) = attempt(line) {
            other = (!is_source(source, share)).then_some(line);
        }
        let during = |begun: &KernelLine| match (begun.at, line.at) {
            (Some(begun), Some(at)) => at.since(begun) < ATTEMPT_MS,
            _ => true,
        };
        if !other.is_some_and(during) {
            all.push(line);
        }
    }
    all
}

/// Whether it says that a mount began.
pub fn is_attempt(line: &KernelLine) -> bool {
    attempt(line).is_some()
}

/// `CIFS: Attempting to mount \\192.0.2.72\backup` (fs/smb/client/connect.c): what is being mounted.
fn attempt(line: &KernelLine) -> Option<&str> {
    let (_, source) = line.text.as_str().split_once("Attempting to mount ")?;
    Some(source.split_whitespace().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::model::example;
    use crate::core::probe::kernel::parse;

    fn kept(lines: &str) -> Vec<String> {
        let log = parse(format!("from=journal\n{lines}").as_bytes(), None).expect("a log");
        ours(&log, &example().share).into_iter().map(|l| l.text.as_str().to_owned()).collect()
    }

    #[test]
    fn what_is_said_while_another_share_is_mounted_is_not_ours() {
        let share = example().share;
        let mine = format!("1000.0 h kernel: CIFS: Attempting to mount \\\\{}\\{}\n", share.host, share.name);
        let said = "CIFS: Status code returned 0xc000006d STATUS_LOGON_FAILURE";
        let other = "CIFS: Attempting to mount //192.0.2.9/x";
        assert_eq!(kept(&format!("{mine}1001.0 h kernel: {said}\n")).len(), 2);
        assert_eq!(kept(&format!("1000.0 h kernel: {other}\n1001.0 h kernel: {said}\n")), [""; 0]);
        // long after it, and after the next attempt at ours, it is ours again
        assert_eq!(kept(&format!("1000.0 h kernel: {other}\n1099.0 h kernel: {said}\n")), [said]);
        assert_eq!(kept(&format!("999.0 h kernel: {other}\n{mine}1001.0 h kernel: {said}\n")).len(), 2);
        // without times what follows belongs to what went before
        assert_eq!(kept(&format!("{other}\n{said}\n")), [""; 0]);
        // a line that names no share
        assert_eq!(kept(&format!("1000.0 h kernel: {said}\n")), [said]);
    }
}
