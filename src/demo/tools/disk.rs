//! `df` and `du`.
use super::{Said, Server, hang};
use crate::core::units::Bytes;
use crate::demo::state::Space;
use std::path::Path;

/// `df [-h|-k|-P|-kP] [PATH]`; without a path it asks every file system, so a dead share holds it.
pub(super) fn df(server: &Server, args: &[&str]) -> Said {
    let (human, path) = match args {
        [] | ["-k" | "-P" | "-kP"] => (false, None),
        ["-h"] => (true, None),
        ["-h", path] => (true, Some(*path)),
        ["-k" | "-P" | "-kP", path] => (false, Some(*path)),
        [path] if !path.starts_with('-') => (false, Some(*path)),
        _ => return Said::unknown("df", args),
    };
    let at = match path.map(|p| (p, server.server_path(p))) {
        Some((path, None)) => {
            return Said::error(1, format!("df: {path}: No such file or directory"));
        }
        Some((_, at)) => at,
        None => None,
    };
    let state = &server.state;
    if server.hangs(at.unwrap_or(&state.mount_point)) {
        return hang(true);
    }
    let unit = if human { "Size  " } else { "1K-blocks" };
    let mut text = format!("Filesystem {unit} Used Available Use% Mounted on\n");
    let share = at.is_some_and(|p| server.on_share(p));
    if !share {
        text.push_str(&row("/dev/mapper/cl-root", &state.root_disk, "/", human));
    }
    if let (Some(source), true) = (&state.mounted, share || at.is_none()) {
        text.push_str(&row(source, &state.share_disk, &state.mount_point, human));
    }
    Said::ok(text)
}

fn row(source: &str, disk: &Space, point: &str, human: bool) -> String {
    let say = |blocks: u64| {
        let bytes = blocks * disk.block_size;
        if human { Bytes(bytes).to_string().replace(' ', "") } else { (bytes / 1024).to_string() }
    };
    let used = disk.blocks - disk.free;
    let percent = (used * 100).div_ceil(disk.blocks.max(1));
    let (all, used, free) = (say(disk.blocks), say(used), say(disk.free));
    format!("{source} {all} {used} {free} {percent}% {point}\n")
}

/// `du -skx PATH`: the files' lengths, because sparse files take no room.
pub(super) fn du(server: &Server, args: &[&str]) -> Said {
    let ["-skx", path] = args else {
        return Said::unknown("du", args);
    };
    if server.server_path(path).is_some_and(|p| server.hangs(p)) {
        return hang(true);
    }
    let folder = Path::new(path);
    if !server.contains(folder) {
        return Said::error(super::UNKNOWN, format!("du: {path} is not in the demo server"));
    }
    match size(folder) {
        Ok(bytes) => Said::ok(format!("{}\t{path}\n", bytes.div_ceil(1024))),
        Err(_) => Said::error(1, format!("du: cannot access '{path}': No such file or directory")),
    }
}

/// The lengths of all files below; links are not followed.
fn size(path: &Path) -> std::io::Result<u64> {
    let meta = std::fs::symlink_metadata(path)?;
    if !meta.is_dir() {
        return Ok(meta.len());
    }
    let mut sum = 4096;
    for entry in std::fs::read_dir(path)? {
        sum += size(&entry?.path())?;
    }
    Ok(sum)
}
