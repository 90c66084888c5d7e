//! `stat`: the scenario's file systems, and the box's own files.
use super::{Said, Server, hang};
use crate::demo::state::Space;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// `stat -f -c FORMAT PATH` and `stat -c FORMAT PATH…`.
pub(super) fn stat(server: &Server, args: &[&str]) -> Said {
    let (systems, format, paths) = match args {
        ["-f", "-c", format, path] => (true, *format, std::slice::from_ref(path)),
        ["-c", format, paths @ ..] if !paths.is_empty() => (false, *format, paths),
        _ => return Said::unknown("stat", args),
    };
    let mut said = Said::default();
    for path in paths {
        let at = server.server_path(path);
        if at.is_some_and(|p| server.hangs(p)) {
            return hang(true);
        }
        if !server.contains(Path::new(path)) {
            return Said::error(super::UNKNOWN, format!("stat: {path} is not in the demo server"));
        }
        let line = match (look(server, path, at), systems) {
            (Err(e), _) if e.kind() == std::io::ErrorKind::NotFound => Err(missing(path, systems)),
            (Err(e), _) => Err(format!("stat: cannot statx '{path}': {e}")),
            (Ok(_), true) => {
                let share = at.is_some_and(|p| server.on_share(p));
                let disk = if share { &server.state.share_disk } else { &server.state.root_disk };
                Ok(fill(format, |c| of_system(disk, path, c)))
            }
            (Ok(meta), false) => Ok(fill(format, |c| of_file(&meta, path, c))),
        };
        match line {
            Ok(Some(line)) => said.out.extend_from_slice((line + "\n").as_bytes()),
            Ok(None) => return Said::unknown("stat", args),
            Err(text) => {
                said.err.push_str(&(text + "\n"));
                said.code = 1;
            }
        }
    }
    said
}

/// The mount point is a link here and a folder on a server.
fn look(server: &Server, path: &str, at: Option<&str>) -> std::io::Result<Metadata> {
    if at.is_some_and(|p| p.trim_end_matches('/') == server.state.mount_point) {
        return std::fs::metadata(path);
    }
    std::fs::symlink_metadata(path)
}

fn missing(path: &str, systems: bool) -> String {
    if systems {
        format!("stat: cannot read file system information for '{path}': No such file or directory")
    } else {
        format!("stat: cannot statx '{path}': No such file or directory")
    }
}

/// A format with its directives filled in; nothing when one is not known.
fn fill(format: &str, value: impl Fn(char) -> Option<String>) -> Option<String> {
    let mut text = String::new();
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => text.push_str(&value(chars.next()?)?),
            c => text.push(c),
        }
    }
    Some(text)
}

fn of_system(disk: &Space, path: &str, directive: char) -> Option<String> {
    Some(match directive {
        'T' => disk.kind.clone(),
        'S' | 's' => disk.block_size.to_string(),
        'b' => disk.blocks.to_string(),
        'f' | 'a' => disk.free.to_string(),
        'c' => disk.inodes.to_string(),
        'd' => disk.inodes_free.to_string(),
        'n' => path.into(),
        _ => return None,
    })
}

fn of_file(meta: &Metadata, path: &str, directive: char) -> Option<String> {
    let kind = meta.file_type();
    Some(match directive {
        'F' if kind.is_dir() => "directory".into(),
        'F' if kind.is_symlink() => "symbolic link".into(),
        'F' if kind.is_file() && meta.len() == 0 => "regular empty file".into(),
        'F' if kind.is_file() => "regular file".into(),
        's' => meta.size().to_string(),
        'Y' => meta.mtime().to_string(),
        'n' => path.into(),
        // everything on a server belongs to root
        'u' | 'g' => "0".into(),
        'U' | 'G' => "root".into(),
        'a' => format!("{:o}", meta.mode() & 0o7777),
        _ => return None,
    })
}
