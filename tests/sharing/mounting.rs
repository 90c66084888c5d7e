//! The steps of a mount, run: what it came to, what was told, and what is on the server afterwards.
use crate::answers::{Answers, MOUNT, captured};
use crate::plans::not_mounted;
use crate::world::{World, shells};
use opsdeck::core::plan::Action;
use opsdeck::core::plan::event::What;
use std::io::Read;

/// A world for these answers, whose root the plan is made for.
pub fn world(shell: &[&'static str], answers: &Answers) -> World {
    World::new(shell, &answers.env)
}

const SHARE: &str = "cifs //10.0.2.2/backup rw /";

#[test]
fn a_mount_is_made_tried_and_shown_to_the_backend_which_is_restarted_once() {
    for shell in shells() {
        let answers = not_mounted();
        let world = world(&shell, &answers);
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert!(ran.finished(), "{shell:?}: {:#?}\n{}", ran.events, world.out());
        assert_eq!(ran.fact("mounted"), Some(SHARE));
        assert_eq!((ran.fact("probe"), ran.fact("pack_folder")), (Some("well"), Some("made")));
        assert_eq!(ran.fact("backend_sees"), Some("after_restart"));
        assert_eq!((world.count("docker stop"), world.count("docker start")), (1, 1));
        assert_eq!((world.count("mount "), ran.fact("fstab")), (1, Some("written")));
        let log = world.stated("log");
        let command = format!(
            "mount -t cifs //10.0.2.2/backup {0}/mnt/replica -o credentials={0}/root/.smbcredentials,rw,soft,echo_interval=10,",
            world.root()
        );
        assert!(log.contains(&command) && log.contains(",port=4455\n"), "{log}");
        // before the backend is stopped, the mount is there and proved
        assert!(log.find("mount -t").unwrap() < log.find("docker stop").unwrap());
        let left: Vec<_> = std::fs::read_dir(world.root.join("mnt/replica/RagflowAuth")).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
        let fstab = world.read("etc/fstab");
        assert!(fstab.ends_with("//10.0.2.2/backup /mnt/replica cifs credentials=/root/.smbcredentials,rw,soft,echo_interval=10,iocharset=utf8,uid=0,gid=0,file_mode=0660,dir_mode=0770,nosuid,nodev,noexec,port=4455,_netdev,nofail 0 0\n"), "{fstab}");
        assert_eq!(world.read("etc/fstab.opsdeck-before"), "/dev/vda / ext4 defaults 0 1\n");
    }
}

#[test]
fn a_backend_that_sees_the_mount_at_once_is_not_restarted() {
    for shell in shells() {
        let answers = not_mounted();
        let world = world(&shell, &answers);
        world.state("inside", "overlay / overlay rw 0 0\n/dev/vda /mnt/replica ext4 rw 0 0\n//10.0.2.2/backup /mnt/replica cifs rw 0 0\n");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert!(ran.finished() && ran.fact("backend_sees") == Some("at_once"), "{:#?}", ran.events);
        assert_eq!((world.count("docker stop"), world.count("docker start")), (0, 0));
    }
}

#[test]
fn only_the_backend_is_restarted_where_it_alone_is_blind() {
    for shell in shells() {
        let answers = captured("container-blind");
        let world = world(&shell, &answers).mounted();
        world.state("inside", "overlay / overlay rw 0 0\n/dev/vda /mnt/replica ext4 rw 0 0\n");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert!(ran.finished(), "{:#?}\n{}", ran.events, world.out());
        assert_eq!(
            (world.count("mount "), world.count("docker stop"), world.count("docker start")),
            (0, 1, 1)
        );
        assert_eq!((ran.fact("probe"), ran.fact("backend_sees")), (Some("well"), Some("after_restart")));
    }
}

/// The number, what the kernel said, and what a person is told of cause and next check.
const ERRORS: &[(&str, &str, &str, &str)] = &[
    ("13", "STATUS_LOGON_FAILURE", "wrong user or password", "locks the account"),
    ("13", "STATUS_ACCOUNT_LOCKED_OUT", "locked, disabled", "administrator"),
    ("13", "STATUS_ACCESS_DENIED", "may not use the share", "administrator"),
    ("13", "", "user, password or permission", "locks the account"),
    ("127", "STATUS_PASSWORD_EXPIRED", "password has expired", "administrator"),
    ("128", "STATUS_ACCOUNT_DISABLED", "account is disabled", "administrator"),
    ("126", "", "Kerberos", "krb5"),
    ("2", "BAD_NETWORK_NAME", "no share of that name", "share's name"),
    ("113", "", "no route", "network administrator"),
    ("101", "", "no route", "network administrator"),
    ("110", "", "ran out of time", "firewall"),
    ("115", "", "ran out of time", "firewall"),
    ("111", "", "refuses the connection", "LanmanServer"),
    ("104", "", "broke the connection off", "try once more"),
    ("103", "", "broke the connection off", "try once more"),
    ("11", "", "too busy", "try once more"),
    ("16", "", "in use", "check again"),
    ("19", "", "no cifs module", "kernel"),
    ("5", "", "too many sessions", "event log"),
    ("28", "", "full", "make room"),
    ("122", "", "quota", "make room"),
    ("30", "", "read-only", "permissions"),
    ("78", "", "removed on Windows", "share the folder"),
    ("4711", "", "error 4711", "check again"),
];

#[test]
fn each_error_is_a_cause_in_words_after_exactly_one_try() {
    let shells = shells();
    for (n, (number, status, cause, next)) in ERRORS.iter().enumerate() {
        let answers = not_mounted();
        let world = world(&shells[n % shells.len()], &answers);
        world.state("mount", &format!("32 mount error({number}): Some words\n"));
        if !status.is_empty() {
            world.state("dmesg.next", &format!("[  20.1] CIFS: Status code returned 0xc0 {status}\n"));
        }
        let before = world.read("etc/fstab");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        let why = ran.why();
        assert!(why.contains(cause) && why.contains(next), "{number} {status}: {why}");
        assert!(why.contains(&format!("mount error({number})")), "{why}");
        // what the kernel said before the try is about another one
        assert!(status.is_empty() || why.contains(status), "{why}");
        assert!(*status == "STATUS_ACCOUNT_DISABLED" || !why.contains("STATUS_ACCOUNT_DISABLED"), "{why}");
        assert_eq!((world.count("mount "), world.count("docker stop")), (1, 0), "{number}");
        assert_eq!(world.read("etc/fstab"), before);
        assert_eq!(world.read("root/.smbcredentials"), "username=bkuser\npassword=old\n");
    }
}

#[test]
fn only_a_refused_dialect_is_tried_once_more() {
    for shell in shells() {
        for number in ["95", "112", "22"] {
            let answers = not_mounted();
            let world = world(&shell, &answers);
            world.state("mount", &format!("32 mount error({number}): Operation not supported\nok\n"));
            let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
            assert!(ran.finished(), "{:#?}", ran.events);
            assert_eq!(world.count("mount "), 2);
            assert!(world.stated("log").contains(",port=4455,vers=3.0\n"));
            // the reboot is to find what was tested
            assert!(
                world.read("etc/fstab").contains("_netdev,nofail,vers=3.0 0 0"),
                "{}",
                world.read("etc/fstab")
            );
        }
        // the second try has its own cause, and there is no third one
        let answers = not_mounted();
        let world = world(&shell, &answers);
        world.state("mount", "32 mount error(95): x\n32 mount error(13): Permission denied\nok\n");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert!(ran.why().contains("mount error(13)"), "{}", ran.why());
        assert_eq!(world.count("mount "), 2);
        // whoever names a dialect gets that one
        let answers = not_mounted().set(|e| e.share.options = "soft,vers=2.1".into());
        let world = World::new(&shell, &answers.env);
        world.state("mount", "32 mount error(95): x\nok\n");
        assert!(world.run(&answers.plan(&MOUNT, &world.root()), None).why().contains("dialect"));
        assert_eq!(world.count("mount "), 1);
    }
}

/// The number, what the kernel said, cause and next check: of those that a second, older dialect is tried for.
const DIALECTS: &[(&str, &str, &str, &str)] = &[
    ("95", "", "no SMB dialect or feature in common", "see vers= and sec="),
    ("112", "", "Windows closed the connection: no SMB dialect in common, or a firewall", "port 445"),
    ("22", "", "does not take one of the mount options", "names the option"),
    ("22", "BAD_NETWORK_NAME", "no share of that name", "share's name"),
];

#[test]
fn an_error_of_both_dialects_is_a_cause_in_words_after_two_tries() {
    let shells = shells();
    for (n, (number, status, cause, next)) in DIALECTS.iter().enumerate() {
        let answers = not_mounted();
        let world = world(&shells[n % shells.len()], &answers);
        let refused = format!("32 mount error({number}): Some words\n");
        world.state("mount", &format!("{refused}{refused}ok\n"));
        if !status.is_empty() {
            world.state("dmesg.next", &format!("[  20.1] CIFS: Status code returned 0xc0 {status}\n"));
        }
        let why = world.run(&answers.plan(&MOUNT, &world.root()), None).why();
        assert!(why.contains(cause) && why.contains(next), "{number} {status}: {why}");
        assert!(why.contains(&format!("mount error({number})")), "{why}");
        assert_eq!((world.count("mount "), world.count("docker stop")), (2, 0), "{number}");
    }
}

#[test]
fn words_without_a_number_have_their_cause_too() {
    for (words, cause) in [
        ("1 mount error: could not resolve address for win: Unknown error", "host name"),
        (
            "2 error 2 (No such file or directory) opening credential file /root/.smbcredentials",
            "credentials file is gone",
        ),
        ("32 mount: /mnt/replica: unknown filesystem type 'cifs'.", "no mount.cifs"),
        ("1 Converted password too long!", "too long"),
        ("1 Couldn't chdir to /mnt/replica: No such file or directory", "cannot be entered"),
        ("1 something else", "something else"),
    ] {
        let answers = not_mounted();
        let world = world(&shells()[0], &answers);
        world.state("mount", &format!("{words}\n"));
        let why = world.run(&answers.plan(&MOUNT, &world.root()), None).why();
        assert!(why.contains(cause), "{words}: {why}");
    }
}

#[test]
fn a_share_that_cannot_be_written_is_taken_off_again() {
    for shell in shells() {
        let answers = not_mounted();
        let world = world(&shell, &answers);
        // a file where the pack folder should be: it can be neither made nor written, even by root
        world.put("mnt/replica/RagflowAuth", "");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert!(ran.why().contains("taken off again"), "{}", ran.why());
        assert_eq!((world.count("umount "), world.count("docker stop")), (1, 0));
        assert!(!world.read("proc/self/mountinfo").contains("cifs"));
        assert!(ran.events.iter().any(|e| matches!(e.what, What::Undo { code: 0, .. })), "{:#?}", ran.events);
    }
}

#[test]
fn a_server_that_is_not_as_in_the_preview_is_left_alone() {
    for shell in shells() {
        let answers = not_mounted();
        let plan = |world: &World| answers.plan(&MOUNT, &world.root());
        let changed = world(&shell, &answers).mounted();
        assert!(changed.run(&plan(&changed), None).refused().contains("not as in the preview"));
        let begun = world(&shell, &answers);
        begun.state("jobs", "jobs 78\n");
        assert!(begun.run(&plan(&begun), None).refused().contains("#78"));
        let stopped = world(&shell, &answers);
        stopped.state("backend", "stopped\n");
        assert!(stopped.run(&plan(&stopped), None).refused().contains("ragflowauth-backend"));
        for world in [changed, begun, stopped] {
            assert_eq!((world.count("mount "), world.count("docker stop")), (0, 0));
        }
        // what cannot be read may be a backup
        let unread = world(&shell, &answers);
        unread.state("jobs", "Traceback\n");
        assert!(unread.run(&plan(&unread), None).refused().contains("whether a backup runs is not known"));
        assert_eq!((unread.count("mount "), unread.count("docker stop")), (0, 0));
    }
}

#[test]
fn a_backup_that_begins_in_the_middle_is_not_ruined() {
    for shell in shells() {
        let answers = not_mounted();
        let world = world(&shell, &answers);
        // it begins while the share is being mounted
        world.tool("stat", "#!/bin/sh\necho 'jobs 99' >\"$STATE/jobs\"\nexec /usr/bin/stat \"$@\"\n");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert!(ran.why().contains("#99 began meanwhile"), "{}", ran.why());
        assert_eq!(world.count("docker stop"), 0);
        assert!(world.read("proc/self/mountinfo").contains("//10.0.2.2/backup"), "what is proved stays");
    }
}

#[test]
fn a_database_that_cannot_be_read_any_more_stops_nothing() {
    for shell in shells() {
        let answers = not_mounted();
        let world = world(&shell, &answers);
        world.tool("stat", "#!/bin/sh\necho Traceback >\"$STATE/jobs\"\nexec /usr/bin/stat \"$@\"\n");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert_eq!(ran.fact("live"), Some("unknown"));
        assert!(ran.why().contains("whether a backup began is not known"), "{}", ran.why());
        assert_eq!(world.count("docker stop"), 0);
    }
}

#[test]
fn one_that_is_killed_while_the_backend_is_stopped_has_it_started() {
    for (n, shell) in shells().into_iter().enumerate() {
        let answers = captured("container-blind");
        let world = world(&shell, &answers).mounted();
        world.state("inside", "/dev/vda /mnt/replica ext4 rw 0 0\n");
        // the stop is over, and nothing after it ever comes; and the share may have died with it
        world.state("stop", "echo stopped >\"$STATE/backend\"; echo >\"$STATE/there\"; exec sleep 100\n");
        let dies = n != 1;
        world.state("start", "[ ! -e \"$STATE/dead\" ] || ! grep -q ' cifs ' \"$ROOT/proc/self/mountinfo\" || { echo 'host is down' >&2; exit 1; }\n");
        world.tool("stat", "#!/bin/sh\n[ ! -e \"$STATE/dead\" ] || exit 1\nexec /usr/bin/stat \"$@\"\n");
        let mut child = world.begin(&answers.plan(&MOUNT, &world.root()), None);
        let there = (0..600).any(|_| {
            let seen = !world.stated("there").is_empty();
            if !seen {
                wait();
            }
            seen
        });
        assert!(there);
        child.kill().unwrap();
        child.wait().unwrap();
        world.state("stop", "");
        if dies {
            world.state("dead", "");
        }
        let events = world.end();
        assert_eq!(world.stated("backend"), "running\n", "{events:#?}");
        assert!(events.iter().any(|e| matches!(&e.what, What::PutBack { well: true, .. })), "{events:#?}");
        let detached = opsdeck::core::plan::event::fact(&events, "detached");
        assert_eq!((detached, world.count("umount -l")), (dies.then_some(SHARE), usize::from(dies)));
    }
}

/// Killed while mount is at work on a new password: what is mounted afterwards was mounted with it, unless the server was started
/// anew meanwhile and fstab has mounted it with the old one.
#[test]
fn a_password_that_was_being_tried_when_the_power_went_replaces_none_that_works() {
    for shell in shells() {
        for reboots in [false, true] {
            let answers = not_mounted();
            let world = world(&shell, &answers);
            world.put("proc/sys/kernel/random/boot_id", "the first\n");
            world.state("mount", "hang\n");
            let plan = answers.plan(&Action::Mount { new_password: true }, &world.root());
            let mut child = world.begin(&plan, Some(b"mistyped"));
            let at_it = (0..600).any(|_| {
                let seen = world.count("mount ") > 0;
                if !seen {
                    wait();
                }
                seen
            });
            assert!(at_it, "{}", world.out());
            child.kill().unwrap();
            child.wait().unwrap();
            if reboots {
                world.put("proc/sys/kernel/random/boot_id", "the second\n");
            }
            let world = world.mounted();
            world.end();
            let password = if reboots { "old" } else { "mistyped" };
            let file = world.read("root/.smbcredentials");
            assert!(file.contains(&format!("password={password}\n")), "{shell:?} {reboots}: {file}");
        }
    }
}

/// A moment, measured by a pipe that nobody writes to.
fn wait() {
    let mut sleep =
        std::process::Command::new("sleep").arg("0.05").stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut end = Vec::new();
    sleep.stdout.take().unwrap().read_to_end(&mut end).unwrap();
    sleep.wait().unwrap();
}

#[test]
fn a_share_that_dies_before_the_backend_starts_is_detached_so_that_it_can() {
    for shell in shells() {
        let answers = captured("container-blind");
        let world = world(&shell, &answers).mounted();
        world.state("inside", "/dev/vda /mnt/replica ext4 rw 0 0\n");
        // dead as soon as the backend is stopped: no container starts on it
        world.state("stop", "echo >\"$STATE/dead\"\n");
        world.state("start", "[ ! -e \"$STATE/dead\" ] || ! grep -q ' cifs ' \"$ROOT/proc/self/mountinfo\" || { echo 'host is down' >&2; exit 1; }\n");
        world.tool("stat", "#!/bin/sh\n[ ! -e \"$STATE/dead\" ] || exit 1\nexec /usr/bin/stat \"$@\"\n");
        let ran = world.run(&answers.plan(&MOUNT, &world.root()), None);
        assert_eq!(ran.fact("detached"), Some(SHARE), "{:#?}", ran.events);
        assert_eq!(world.count("umount -l"), 1);
        assert_eq!(world.stated("backend"), "running\n");
        assert!(!ran.finished(), "the backend does not see the share, and nobody says that it does");
    }
}

#[test]
fn a_new_password_is_tried_before_the_old_file_goes() {
    let new = Action::Mount { new_password: true };
    for shell in shells() {
        let answers = not_mounted();
        let good = world(&shell, &answers);
        let ran = good.run(&answers.plan(&new, &good.root()), Some(b"fresh"));
        assert!(ran.finished(), "{:#?}", ran.events);
        assert_eq!(good.read("root/.smbcredentials"), "username=bkuser\npassword=fresh\n");
        assert_eq!(good.mode_of("root/.smbcredentials"), 0o600);
        assert_eq!(
            (good.stated("sent"), good.stated("sent-mode")),
            ("username=bkuser\npassword=fresh\n".into(), "600\n".into())
        );
        let bad = world(&shell, &answers);
        bad.state("mount", "32 mount error(13): Permission denied\n");
        assert!(bad.run(&answers.plan(&new, &bad.root()), Some(b"fresh")).why().contains("13"));
        assert_eq!(bad.read("root/.smbcredentials"), "username=bkuser\npassword=old\n");
        assert_eq!(bad.count("mount "), 1);
        // it could be mounted with it and not used: taken off again, and the old file is back
        for had_one in [true, false] {
            let full = world(&shell, &answers);
            full.put("mnt/replica/RagflowAuth", "");
            if !had_one {
                std::fs::remove_file(full.root.join("root/.smbcredentials")).unwrap();
            }
            let why = full.run(&answers.plan(&new, &full.root()), Some(b"fresh")).why();
            assert!(why.contains("taken off again"), "{why}");
            let old = if had_one { "username=bkuser\npassword=old\n" } else { "" };
            assert_eq!(full.read("root/.smbcredentials"), old);
            assert_eq!(full.holding(b"fresh", &[]), Vec::<std::path::PathBuf>::new());
            assert_eq!(std::fs::read_dir(full.root.join("root")).unwrap().count(), usize::from(had_one));
        }
        let none = world(&shell, &answers);
        assert!(none.run(&answers.plan(&new, &none.root()), None).why().contains("did not reach"));
        assert_eq!(none.count("mount "), 0);
    }
}
