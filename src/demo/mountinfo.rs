//! What the kernel of a server in a box says about its mounts, as the files below `/proc` say it.
use super::spec::Port;
use super::state::State;

/// The disk that `/` is on.
const DISK: &str = "- xfs /dev/mapper/cl-root rw,attr2,inode64,noquota";

/// Options of a cifs mount, as the kernel lists them.
fn cifs(source: &str) -> String {
    let host = source.trim_start_matches('/').split('/').next().unwrap_or_default();
    format!(
        "- cifs {source} rw,vers=3.0,cache=strict,username=backup,uid=0,noforceuid,gid=0,noforcegid,addr={host},\
         file_mode=0660,dir_mode=0770,iocharset=utf8,soft,nounix,serverino,mapposix,rsize=4194304,wsize=4194304,\
         bsize=1048576,echo_interval=60,actimeo=1"
    )
}

/// `/proc/self/mountinfo` of the server.
pub(super) fn host(state: &State) -> String {
    let mut text = format!(
        "22 93 0:21 / /sys rw,nosuid,nodev,noexec,relatime shared:2 - sysfs sysfs rw\n\
         23 93 0:4 / /proc rw,nosuid,nodev,noexec,relatime shared:26 - proc proc rw\n\
         24 93 0:6 / /dev rw,nosuid shared:22 - devtmpfs devtmpfs rw,size=7997284k,nr_inodes=1999321,mode=755\n\
         27 93 0:23 / /run rw,nosuid,nodev shared:25 - tmpfs tmpfs rw,mode=755\n\
         93 1 253:0 / / rw,relatime shared:1 {DISK}\n\
         97 93 8:1 / /boot rw,relatime shared:61 - ext4 /dev/sda1 rw\n"
    );
    if let Some(source) = &state.mounted {
        let point = &state.mount_point;
        text.push_str(&format!("412 93 0:47 / {point} rw,relatime shared:231 {}\n", cifs(source)));
    }
    text
}

/// `/proc/self/mountinfo` in a container that sees `sees` on the mount point, or the local disk.
pub(super) fn container(state: &State, sees: Option<&str>, binds: &[(String, String, bool)]) -> String {
    let mut text =
        "738 654 0:52 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/Q4,\
         upperdir=/var/lib/docker/overlay2/7c1e/diff,workdir=/var/lib/docker/overlay2/7c1e/work\n\
         739 738 0:55 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n\
         740 738 0:56 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k,mode=755\n"
            .to_owned();
    for (n, (from, to, write)) in (741..).zip(binds) {
        let mode = if *write { "rw" } else { "ro" };
        let line = match sees {
            Some(source) if *from == state.mount_point => {
                format!("{n} 738 0:47 / {to} {mode},relatime {}\n", cifs(source))
            }
            _ => format!("{n} 738 253:0 {from} {to} {mode},relatime {DISK}\n"),
        };
        text.push_str(&line);
    }
    text
}

/// `/proc/mounts` for the same table: source, point, type and options.
pub(super) fn mounts(table: &str) -> String {
    let line = |line: &str| {
        let (mount, file_system) = line.split_once(" - ")?;
        let point = mount.split(' ').nth(4)?;
        let (kind, rest) = file_system.split_once(' ')?;
        let (source, options) = rest.split_once(' ')?;
        Some(format!("{source} {point} {kind} {options} 0 0\n"))
    };
    table.lines().filter_map(line).collect()
}

/// `/proc/fs/cifs/DebugData` of the server.
pub(super) fn debug_data(state: &State) -> String {
    let mut text = "Display Internal CIFS Data Structures for Debugging\n\
         ---------------------------------------------------\n\
         CIFS Version 2.14\n\
         Features: DFS,FSCACHE,STATS,DEBUG,ALLOW_INSECURE_LEGACY,WEAK_PW_HASH,CIFS_POSIX,UPCALL(SPNEGO),XATTR,ACL\n"
        .to_owned();
    let Some(source) = &state.mounted else {
        text.push_str("Active VFS Requests: 0\nServers:\n");
        return text;
    };
    let unc = source.replace('/', "\\");
    let host = source.trim_start_matches('/').split('/').next().unwrap_or_default();
    let silent = !state.share.answers || state.share.port != Port::Open;
    // 1 is good; 3 is "needs to reconnect"
    let (status, requests, note) = if silent { (3, 2, "\tDISCONNECTED ") } else { (1, 0, "") };
    text.push_str(&format!(
        "Active VFS Requests: {requests}\n\
         Servers:\n\
         Number of credits: 8190 Dialect 0x300\n\
         1) Name: {host} Uses: 1 Capability: 0x300067\tSession Status: 1 TCP status: {status} Instance: 1\n\
         \tLocal Users To Server: 1 SecMode: 0x1 Req On Wire: {requests}\n\
         \tShares:\n\
         \t0) IPC: \\\\{host}\\IPC$ Mounts: 1 DevInfo: 0x0 Attributes: 0x0\n\
         \tPathComponentMax: 0 Status: 1 type: 0 Serial Number: 0x0{note}\n\
         \t1) {unc} Mounts: 1 DevInfo: 0x60020 Attributes: 0xc706ff\n\
         \tPathComponentMax: 255 Status: 1 type: DISK Serial Number: 0x9c0a41e7{note}\n\
         \tMIDs:\n"
    ));
    text
}
