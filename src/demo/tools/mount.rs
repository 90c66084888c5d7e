//! `mount`, `umount` and `findmnt`. What is mounted is a share of the box; nothing is ever mounted on this machine.
use super::change::change;
use super::{Said, Server, hang};
use crate::demo::lay;
use crate::demo::mountinfo;
use crate::demo::spec::Port;
use crate::demo::state::KernelLine;

/// `mount` alone: what is mounted. `mount -t cifs SOURCE POINT -o OPTIONS`, or the options first: mounts a share.
pub(super) fn mount(server: &Server, args: &[&str]) -> Said {
    match args {
        [] => list(server),
        ["-t", "cifs", source, point, "-o", options] | ["-t", "cifs", "-o", options, source, point] => {
            attach(server, args, source, point, options)
        }
        _ => Said::unknown("mount", args),
    }
}

fn list(server: &Server) -> Said {
    let mut text = String::new();
    for line in mountinfo::host(&server.state).lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let dash = words.iter().position(|w| *w == "-");
        let (Some(point), Some([kind, source, options, ..])) =
            (words.get(4), dash.and_then(|d| words.get(d + 1..)))
        else {
            continue;
        };
        text.push_str(&format!("{source} on {point} type {kind} ({options})\n"));
    }
    Said::ok(text)
}

/// Mounts a share as mount.cifs would: the password comes from the credentials file and nowhere else.
fn attach(server: &Server, args: &[&str], source: &str, point: &str, options: &str) -> Said {
    let state = &server.state;
    if server.server_path(point) != Some(state.mount_point.as_str()) {
        return Said::unknown("mount", args);
    }
    if state.mounted.is_some() {
        return error(16, "Device or resource busy");
    }
    let file = options.split(',').find_map(|o| o.strip_prefix("credentials="));
    let Some(file) = file.map(|f| lay::inside(&server.root, server.server_path(f).unwrap_or(f))) else {
        return Said::unknown("mount", args);
    };
    let Ok(credentials) = std::fs::read_to_string(&file) else {
        let shown = file.display();
        return Said::error(
            2,
            format!("error 2 (No such file or directory) opening credential file {shown}"),
        );
    };
    // lines end at the line break and nowhere before: a carriage return belongs to the password
    let word = |key: &str| {
        let mut lines = credentials.split('\n');
        lines.find_map(|l| l.strip_prefix(key)?.strip_prefix('='))
    };
    let known = source == state.share.source;
    let code = match state.share.port {
        Port::Refused => {
            Err((111, "Connection refused", "CIFS VFS: Error connecting to socket. Aborting operation."))
        }
        Port::Silent => Err((
            115,
            "Operation now in progress",
            "CIFS VFS: Error connecting to socket. Aborting operation.",
        )),
        Port::Open if !known => Err((2, "No such file or directory", "CIFS VFS: BAD_NETWORK_NAME")),
        Port::Open if word("username").is_none() || !word("password").is_some_and(lay::is_taken) => {
            Err((13, "Permission denied", "CIFS: Status code returned 0xc000006d NT_STATUS_LOGON_FAILURE"))
        }
        Port::Open => Ok(()),
    };
    let (root, now) = (server.root.clone(), server.now.0);
    change(server, |state| {
        let mut told = vec![format!("CIFS: Attempting to mount {source}")];
        let said = match code {
            Ok(()) => {
                state.mounted = Some(source.to_owned());
                moved(&root, state)
            }
            Err((number, words, kernel)) => {
                told.push(kernel.to_owned());
                told.push(format!("CIFS VFS: cifs_mount failed w/return code = -{number}"));
                error(number, words)
            }
        };
        state.kernel.extend(told.into_iter().map(|text| KernelLine { at_ms: now, text }));
        said
    })
}

fn error(number: i32, words: &str) -> Said {
    Said::error(
        32,
        format!(
            "mount error({number}): {words}\n\
             Refer to the mount.cifs(8) manual page (e.g. man mount.cifs) and kernel log messages (dmesg)"
        ),
    )
}

/// `umount [-l|-f] POINT`. Only a lazy one does not wait for a share that is silent.
pub(super) fn umount(server: &Server, args: &[&str]) -> Said {
    let (lazy, point) = match args {
        ["-l", point] => (true, point),
        [point] | ["-f", point] if !point.starts_with('-') => (false, point),
        _ => return Said::unknown("umount", args),
    };
    let Some(at) = server.server_path(point) else {
        return Said::unknown("umount", args);
    };
    if at != server.state.mount_point || server.state.mounted.is_none() {
        return Said::error(32, format!("umount: {point}: not mounted."));
    }
    if server.hangs(at) && !lazy {
        return hang(true);
    }
    if !lazy && lay::is_busy(&server.root, &server.state) {
        return Said::error(32, format!("umount: {point}: target is busy."));
    }
    let root = server.root.clone();
    change(server, |state| {
        state.mounted = None;
        moved(&root, state)
    })
}

/// Brings the mount point in line with the state.
fn moved(root: &std::path::Path, state: &crate::demo::state::State) -> Said {
    match lay::mount(root, state) {
        Ok(()) => Said::default(),
        Err(e) => Said::error(70, format!("the demo server cannot be changed: {e}")),
    }
}

/// `findmnt -n -o SOURCE,FSTYPE -M POINT`, `findmnt -J -t cifs` and `findmnt --verify --tab-file FILE`.
pub(super) fn findmnt(server: &Server, args: &[&str]) -> Said {
    let state = &server.state;
    match args {
        ["-J", "-t", "cifs"] => match &state.mounted {
            None => nothing(),
            Some(source) => Said::ok(format!(
                "{}\n",
                serde_json::json!({"filesystems": [{"target": state.mount_point, "source": source, "fstype": "cifs"}]})
            )),
        },
        ["-n", "-o", "SOURCE,FSTYPE", "-M", point] => match (&state.mounted, server.server_path(point)) {
            (Some(source), Some(at)) if at == state.mount_point => Said::ok(format!("{source} cifs\n")),
            _ => nothing(),
        },
        ["--verify", "--tab-file", file] => verify(server, args, file),
        _ => Said::unknown("findmnt", args),
    }
}

/// Whether each line of a table of mounts can be read, as far as a word for each field goes.
fn verify(server: &Server, args: &[&str], file: &str) -> Said {
    let path = std::path::Path::new(file);
    if !server.contains(path) {
        return Said::unknown("findmnt", args);
    }
    let Ok(text) = std::fs::read_to_string(path) else {
        return Said::error(1, format!("findmnt: can't read {file}: No such file or directory"));
    };
    let fields = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let bad =
        text.lines().filter(fields).filter(|l| !(4..=6).contains(&l.split_whitespace().count())).count();
    match bad {
        0 => Said::ok("Success, no errors or warnings detected\n"),
        _ => Said {
            out: format!("{bad} parse errors, 0 errors, 0 warnings\n").into_bytes(),
            code: 1,
            ..Said::default()
        },
    }
}

/// findmnt found nothing: it says so with its code alone.
fn nothing() -> Said {
    Said { code: 1, ..Said::default() }
}
