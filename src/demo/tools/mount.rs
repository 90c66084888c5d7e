//! `mount`, `umount` and `findmnt`.
use super::{Said, Server};
use crate::demo::mountinfo;

/// `mount`: what is mounted.
pub(super) fn mount(server: &Server, args: &[&str]) -> Said {
    if !args.is_empty() {
        return Said::unknown("mount", args);
    }
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

/// `umount`: not known yet.
pub(super) fn umount(_: &Server, args: &[&str]) -> Said {
    Said::unknown("umount", args)
}

/// `findmnt -n -o SOURCE,FSTYPE -M POINT` and `findmnt -J -t cifs`.
pub(super) fn findmnt(server: &Server, args: &[&str]) -> Said {
    let state = &server.state;
    match args {
        ["-J", "-t", "cifs"] => match &state.mounted {
            None => Said::error(1, ""),
            Some(source) => Said::ok(format!(
                "{}\n",
                serde_json::json!({"filesystems": [{"target": state.mount_point, "source": source, "fstype": "cifs"}]})
            )),
        },
        ["-n", "-o", "SOURCE,FSTYPE", "-M", point] => match (&state.mounted, server.server_path(point)) {
            (Some(source), Some(at)) if at == state.mount_point => Said::ok(format!("{source} cifs\n")),
            _ => Said::error(1, ""),
        },
        _ => Said::unknown("findmnt", args),
    }
}
