//! The line of fstab, and every other byte of the file.
use crate::answers::{MOUNT, captured};
use crate::mounting::world;
use crate::world::{World, shells};

const OURS: &str = "//10.0.2.2/backup /mnt/replica cifs credentials=/root/.smbcredentials,rw,soft,echo_interval=10,iocharset=utf8,uid=0,gid=0,file_mode=0660,dir_mode=0770,nosuid,nodev,noexec,port=4455,_netdev,nofail 0 0";

fn written(shell: &[&'static str], before: &str) -> (World, String) {
    // the look saw no line of ours: the server's file decides
    let answers = captured("healthy").with("fstab", "", "", 0);
    let world = world(shell, &answers).mounted();
    world.put("etc/fstab", before);
    world.mode("etc/fstab", 0o644);
    let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
    assert!(ran.finished(), "{:#?}\n{}", ran.events, world.out());
    assert_eq!(world.count("docker"), 1, "only the guard asks");
    assert_eq!(world.mode_of("etc/fstab"), 0o644);
    let after = world.read("etc/fstab");
    let changed = ran.fact("fstab") == Some("written");
    assert_eq!(changed, before != after, "{:?}", ran.fact("fstab"));
    if changed {
        assert_eq!(world.read("etc/fstab.opsdeck-before"), before);
    }
    (world, after)
}

#[test]
fn one_line_is_ours_and_every_other_byte_stays() {
    let stale = "//10.0.2.9/old /mnt/replica cifs guest 0 0";
    let cases = [
        ("", format!("{OURS}\n")),
        ("# a comment of /mnt/replica\n\n", format!("# a comment of /mnt/replica\n\n{OURS}\n")),
        ("/dev/vda\t/\text4\tdefaults  0 1\n", format!("/dev/vda\t/\text4\tdefaults  0 1\n{OURS}\n")),
        ("/dev/vda / ext4 defaults 0 1", format!("/dev/vda / ext4 defaults 0 1\n{OURS}\n")),
        (
            "//h/s /mnt/replica2 cifs guest 0 0\n//h/s /mnt/replica/in cifs guest 0 0\n",
            format!("//h/s /mnt/replica2 cifs guest 0 0\n//h/s /mnt/replica/in cifs guest 0 0\n{OURS}\n"),
        ),
        (&format!("a /a x y\n{stale}\nb /b x y\n"), format!("a /a x y\n{OURS}\nb /b x y\n")),
        (&format!("a /a x y\n{stale}"), format!("a /a x y\n{OURS}")),
        (&format!("  {stale}\nb /b x y\n{stale}\n"), format!("{OURS}\nb /b x y\n")),
        (&format!("# {stale}\n#{stale}\n"), format!("# {stale}\n#{stale}\n{OURS}\n")),
        ("x\t/mnt/replica/\tcifs\tguest\n", format!("{OURS}\n")),
        (&format!("a /a x y\r\n{stale}\r\nb /b x y\r\n"), format!("a /a x y\r\n{OURS}\nb /b x y\r\n")),
        ("UUID=1 /a\\040b ext4 a\\134b 0 0\n", format!("UUID=1 /a\\040b ext4 a\\134b 0 0\n{OURS}\n")),
        // right already, in somebody's own spacing
        (&format!("{OURS}\n"), format!("{OURS}\n")),
        (&format!("a /a x y\n{}", OURS.replace(' ', "\t")), format!("a /a x y\n{}", OURS.replace(' ', "\t"))),
    ];
    for shell in shells() {
        for (before, after) in &cases {
            let (_, now) = written(&shell, before);
            assert_eq!(&now, after, "{shell:?} {before:?}");
            // and doing it twice changes nothing
            assert_eq!(&written(&shell, &now).1, after, "{shell:?} {before:?}");
        }
    }
}

#[test]
fn a_line_that_findmnt_does_not_take_is_not_written_and_takes_nothing_back() {
    for shell in shells() {
        let answers = captured("healthy").with("fstab", "", "", 0);
        let world = world(&shell, &answers).mounted();
        // takes the old file alone
        world.tool("findmnt", "#!/bin/sh\n! grep -q cifs \"$3\"\n");
        let before = world.read("etc/fstab");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert!(ran.finished(), "{:#?}", ran.events);
        assert!(
            ran.fact("fstab").is_some_and(|f| f.starts_with("failed") && f.contains("findmnt")),
            "{:?}",
            ran.fact("fstab")
        );
        assert_eq!(world.read("etc/fstab"), before);
        assert!(world.read("proc/self/mountinfo").contains("cifs"));
        let left: Vec<_> =
            std::fs::read_dir(world.root.join("etc")).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["fstab"]);
    }
}
