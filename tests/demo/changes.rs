//! What changes a server changes what the next look finds there.
use super::asking::*;
use opsdeck::core::state::State;
use opsdeck::demo::{DemoBox, Sandbox};

const MOUNT: &str = "mount -t cifs //192.0.2.72/backup \"$OPSDECK_BOX/mnt/replica\" \
    -o credentials=\"$OPSDECK_BOX/root/.smbcredentials\",iocharset=utf8";
const UMOUNT: &str = "umount \"$OPSDECK_BOX/mnt/replica\"";
const RESTART: &str = "docker restart ragflowauth-backend";

/// Checks that are not well on prod now.
fn bad(demo: &DemoBox) -> Vec<&'static str> {
    let verdict = verdict(demo, "prod", opsdeck::clock::now());
    verdict.checks.iter().filter(|c| c.state != State::Ok).map(|c| c.id).collect()
}

fn good(prod: &Sandbox, line: &str) {
    let said = sh(prod, line);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{line}: {said:?}");
}

#[test]
fn a_mount_is_seen_by_the_host_at_once_and_by_the_container_after_its_restart() {
    let demo = a_box("not-mounted");
    let prod = sandbox(&demo, "prod");
    good(&prod, MOUNT);
    assert_eq!(bad(&demo), ["night", "container_mount"]);
    good(&prod, RESTART);
    assert_eq!(bad(&demo), ["night"]);
    // the other server is another machine
    assert!(look(&demo, "test")["mounts"].out.lines().all(|l| !l.contains("cifs")));

    good(&prod, UMOUNT);
    let answers = look(&demo, "prod");
    assert_eq!(answers["share"].code, 69);
    assert!(answers["leftovers"].out.contains("entry=/mnt/replica/RagflowAuth/migration_pack_"));
    let seen = inside(&answers)["mounts"]["mountinfo"].as_str().unwrap().to_owned();
    assert!(seen.contains(" - cifs "), "a container keeps what it had: {seen}");
    let said = sh(&prod, UMOUNT);
    assert_eq!(said.code, 32, "{said:?}");
    assert!(said.err.contains("not mounted"));
}

#[test]
fn a_wrong_password_is_refused_until_the_file_has_the_right_one() {
    let demo = a_box("wrong-password");
    let prod = sandbox(&demo, "prod");
    let said = sh(&prod, MOUNT);
    assert_eq!(said.code, 32, "{said:?}");
    assert!(said.err.starts_with("mount error(13): Permission denied\n"), "{said:?}");
    assert_eq!(look(&demo, "prod")["kernel"].out.matches("LOGON_FAILURE").count(), 2);

    let password = std::fs::read_to_string(demo.dir().join("share-password")).unwrap();
    let file = prod.root.join("root/.smbcredentials");
    std::fs::write(&file, format!("username=backup\npassword={}\r\n", password.trim_end())).unwrap();
    assert_eq!(sh(&prod, MOUNT).code, 32, "a carriage return is part of the password");
    std::fs::write(&file, format!("username=backup\npassword={password}")).unwrap();
    good(&prod, MOUNT);
    assert_eq!(bad(&demo), ["night", "container_mount"]);
    std::fs::remove_file(file).unwrap();
    assert_eq!(sh(&prod, MOUNT).code, 32, "mounted already");
    good(&prod, UMOUNT);
    assert_eq!(sh(&prod, MOUNT).code, 2);
}

#[test]
fn other_troubles_of_a_mount_have_their_own_number() {
    let demo = a_box("share-hung");
    let prod = sandbox(&demo, "prod");
    assert_eq!(sh(&prod, &format!("timeout -k 1 1 {UMOUNT}")).code, 137, "a silent share is not let go of");
    good(&prod, &UMOUNT.replace("umount", "umount -l"));
    assert!(sh(&prod, MOUNT).err.starts_with("mount error(115): "));

    let demo = a_box("not-mounted");
    let prod = sandbox(&demo, "prod");
    assert!(sh(&prod, &MOUNT.replace("/backup", "/backups")).err.starts_with("mount error(2): "));
    assert!(bad(&demo).contains(&"mount"));
}

#[test]
fn a_backend_that_is_restarted_in_mid_backup_leaves_a_ghost() {
    let demo = a_box("backup-running");
    let prod = sandbox(&demo, "prod");
    good(&prod, RESTART);
    assert!(bad(&demo).contains(&"live"));
    let first = inside(&look(&demo, "prod"))["database"]["jobs"][0].clone();
    assert_eq!(first["status"], "running");

    good(&prod, "docker stop -t 10 ragflowauth-backend");
    assert!(bad(&demo).contains(&"backend"));
    assert_eq!(look(&demo, "prod")["health"].code, 7);
    good(&prod, "docker start ragflowauth-backend");
    let answers = look(&demo, "prod");
    assert_eq!(answers["health"].code, 0);
    assert_eq!(inside(&answers)["database"]["jobs"][0], first, "a ghost does not move");
    assert_eq!(sh(&prod, "docker restart no-such-container").code, 1);
}

#[test]
fn what_people_ask_by_hand_says_the_same() {
    let demo = a_box("healthy");
    let prod = sandbox(&demo, "prod");
    let root = &prod.root.display();
    for (line, part) in [
        ("mount", "//192.0.2.72/backup on /mnt/replica type cifs (rw,"),
        ("findmnt -J -t cifs", "\"source\":\"//192.0.2.72/backup\""),
        ("df -h", "//192.0.2.72/backup 653.0GiB 260.3GiB 392.7GiB 40% /mnt/replica"),
        (&format!("df -k {root}/opt"), "/dev/mapper/cl-root 52403200 30148608 22254592 58% /\n"),
        ("hostname", "demo-prod\n"),
        ("id -un", "root\n"),
        ("date -u +%Z", "UTC\n"),
        (
            "journalctl -k -b -q --no-pager -o short-unix -n 2000",
            " demo-prod kernel: CIFS: Attempting to mount",
        ),
        (&format!("du -skx {root}/var/lib"), "var/lib\n"),
    ] {
        let said = sh(&prod, line);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{line}: {said:?}");
        assert!(said.out.contains(part), "{line}: {said:?}");
    }
    good(&prod, UMOUNT);
    assert_eq!(sh(&prod, "findmnt -J -t cifs").code, 1);
    assert!(!sh(&prod, "df").out.contains("/mnt/replica"));
}
