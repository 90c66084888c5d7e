//! The steps of unmounting, run: who holds it, what came of it, and that the backend is as it was.
use crate::answers::{BACKEND, UNMOUNT, captured};
use crate::mounting::world;
use crate::world::{ID, World, shells};
use opsdeck::core::plan::Action;
use std::os::unix::fs::symlink;

const LAZY: Action = Action::Unmount { lazy: true };

/// A process of the server: its namespace of mounts, its folder.
fn process(world: &World, pid: u32, space: &str, cwd: &str, name: &str, cgroup: &str, mounts: &str) {
    world.put(&format!("proc/{pid}/comm"), &format!("{name}\n"));
    world.put(&format!("proc/{pid}/cgroup"), &format!("{cgroup}\n"));
    world.put(&format!("proc/{pid}/mountinfo"), mounts);
    world.put(&format!("proc/{pid}/maps"), "7f00 r--p 00000000 fe:00 1 /usr/lib/libc.so\n");
    let at = world.root.join(format!("proc/{pid}"));
    for folder in ["ns", "fd"] {
        std::fs::create_dir_all(at.join(folder)).unwrap();
    }
    symlink(format!("mnt:[{space}]"), at.join("ns/mnt")).unwrap();
    symlink(cwd, at.join("cwd")).unwrap();
    symlink("/", at.join("root")).unwrap();
}

const APART: &str =
    "500 400 0:90 / / rw - overlay overlay rw\n501 500 0:44 / /mnt/replica rw - cifs //10.0.2.2/backup rw\n";
const FOLLOWS: &str = "500 400 254:0 / / rw master:1 - ext4 /dev/vda rw\n501 500 0:44 / /mnt/replica rw master:40 - cifs //10.0.2.2/backup rw\n";

#[test]
fn a_share_that_nobody_else_uses_is_unmounted_and_the_backend_started_again() {
    for shell in shells() {
        let answers = captured("healthy");
        let world = world(&shell, &answers).mounted();
        // a service in a namespace of its own that follows the host: it lets go with it
        process(&world, 300, "3", "/", "resolved", "0::/system.slice/x.service", FOLLOWS);
        world.tool("umount", &format!("#!/bin/sh\necho \"umount $*\" >>\"$STATE/log\"\nsed -i '/0:44/d' {0}/proc/self/mountinfo {0}/proc/300/mountinfo\n", world.root()));
        let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
        assert!(ran.finished(), "{:#?}\n{}", ran.events, world.out());
        assert_eq!(
            (ran.fact("unmounted"), ran.fact("held_elsewhere")),
            (Some("cifs //10.0.2.2/backup rw /"), Some("nobody"))
        );
        assert_eq!(
            (world.count("docker stop"), world.count("umount "), world.count("docker start")),
            (1, 1, 1)
        );
        assert_eq!(world.stated("backend"), "running\n");
        assert_eq!(world.read("etc/fstab"), "/dev/vda / ext4 defaults 0 1\n");
    }
}

#[test]
fn a_backup_that_begins_while_holders_are_looked_for_is_not_killed() {
    for shell in shells() {
        let answers = captured("healthy");
        let world = world(&shell, &answers).mounted();
        world.tool("find", "#!/bin/sh\necho 'jobs 99' >\"$STATE/jobs\"\nexec /usr/bin/find \"$@\"\n");
        let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
        assert!(
            ran.why().contains("#99 began meanwhile") && ran.why().contains("nothing was unmounted"),
            "{}",
            ran.why()
        );
        assert_eq!((world.count("docker stop"), world.count("umount ")), (0, 0));
    }
}

#[test]
fn whoever_holds_it_is_named_before_anything_is_done() {
    for shell in shells() {
        let answers = captured("healthy");
        let refused = |lay: &dyn Fn(&World)| {
            let world = world(&shell, &answers).mounted();
            lay(&world);
            let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
            assert_eq!((world.count("docker stop"), world.count("umount ")), (0, 0));
            ran.refused()
        };
        let host = "90 22 0:44 / /mnt/replica rw shared:40 - cifs //10.0.2.2/backup rw\n";
        let said =
            refused(&|w| process(w, 200, "1", "/mnt/replica/RagflowAuth", "bash", "0::/user.slice", host));
        assert!(said.contains("process 200 bash"), "{said}");
        let said = refused(&|w| {
            process(w, 201, "1", "/", "tail", "0::/user.slice", host);
            symlink("/mnt/replica/a file", w.root.join("proc/201/fd/3")).unwrap();
        });
        assert!(said.contains("process 201 tail"), "{said}");
        let said = refused(&|w| {
            process(w, 202, "1", "/", "viewer", "0::/user.slice", host);
            w.put("proc/202/maps", "7f00 r--p 00000000 00:2c 77 /mnt/replica/x\n");
        });
        assert!(said.contains("process 202 viewer"), "{said}");
        let said = refused(&|w| {
            process(w, 203, "4", "/", "app", &format!("0::/system.slice/docker-{ID}.scope"), APART);
            w.state(&format!("name-of-{ID}"), "/reports\n");
        });
        assert!(said.contains("container reports"), "{said}");
        // another folder of that name, or of a longer one, is nobody's
        let world = world(&shell, &answers).mounted();
        process(&world, 204, "1", "/mnt/replica2", "bash", "0::/", host);
        process(&world, 205, "5", "/mnt/replica/x", "app", "0::/", "1 0 0:90 / / rw - overlay overlay rw\n");
        assert!(world.run(&answers.plan(&UNMOUNT, &world.root()), None).finished());
    }
}

#[test]
fn the_backends_own_container_is_no_stranger() {
    for shell in shells() {
        let answers = captured("healthy");
        let world = world(&shell, &answers).mounted();
        process(&world, 210, "4", "/app", "python", &format!("0::/docker/{ID}"), APART);
        world.state(&format!("name-of-{ID}"), &format!("/{BACKEND}\n"));
        // its processes go with it
        world.state("stop", "rm -rf \"$ROOT/proc/210\"\n");
        let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
        assert!(ran.finished() && ran.fact("held_elsewhere") == Some("nobody"), "{:#?}", ran.events);
    }
}

#[test]
fn a_busy_share_names_its_holders_and_the_backend_runs_again() {
    for shell in shells() {
        let answers = captured("healthy");
        let world = world(&shell, &answers).mounted();
        let host = "90 22 0:44 / /mnt/replica rw shared:40 - cifs //10.0.2.2/backup rw\n";
        process(&world, 220, "1", "/", "late", "0::/user.slice", host);
        // it comes when the backend has stopped
        world.state("stop", "rm \"$ROOT/proc/220/cwd\"; ln -s /mnt/replica \"$ROOT/proc/220/cwd\"\n");
        world.state("umount", "busy");
        let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
        let why = ran.why();
        assert!(why.contains("process 220 late") && !why.contains("lazy"), "{why}");
        assert_eq!(world.stated("backend"), "running\n");
        assert!(world.read("proc/self/mountinfo").contains("cifs"));
    }
}

#[test]
fn off_the_host_is_not_off_the_server() {
    for shell in shells() {
        let answers = captured("healthy");
        let world = world(&shell, &answers).mounted();
        // a container that comes to it when the guard has looked
        world.state(&format!("name-of-{ID}"), "/reports\n");
        let text = APART.replace('\n', "\\n");
        world.state("stop", &format!("mkdir -p \"$ROOT/proc/230/ns\"; ln -s 'mnt:[9]' \"$ROOT/proc/230/ns/mnt\"; printf '{text}' >\"$ROOT/proc/230/mountinfo\"; echo 0::/docker/{ID} >\"$ROOT/proc/230/cgroup\"\n"));
        let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
        assert!(ran.why().contains("container reports still has it"), "{}", ran.why());
        assert_eq!(world.stated("backend"), "running\n");
    }
}

#[test]
fn a_share_that_froze_ends_within_its_limit_and_the_backend_runs() {
    // the limit is real: one shell will do
    let answers = captured("healthy");
    let world = world(&shells()[0], &answers).mounted();
    world.state("stop", "echo >\"$STATE/dead\"\n");
    world.state("umount", "hang");
    world.state(
        "start",
        "! grep -q ' cifs ' \"$ROOT/proc/self/mountinfo\" || { echo 'host is down' >&2; exit 1; }\n",
    );
    world.tool("stat", "#!/bin/sh\n[ ! -e \"$STATE/dead\" ] || exit 1\nexec /usr/bin/stat \"$@\"\n");
    let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
    let why = ran.why();
    assert!(why.contains("30 s") && why.contains("detached so that the backend could start"), "{why}");
    assert_eq!((world.stated("backend").as_str(), world.count("umount -l")), ("running\n", 1));
}

#[test]
fn one_that_does_not_answer_any_more_is_refused() {
    for shell in shells() {
        let answers = captured("healthy");
        let world = world(&shell, &answers).mounted();
        world.tool("stat", "#!/bin/sh\nexit 1\n");
        // busybox has a stat of its own, so that only the others see this one
        let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
        assert!(ran.refused().contains("does not answer"), "{shell:?}");
        assert_eq!(world.count("docker stop"), 0);
    }
}

/// A share that takes its time and answers in the end: the look gives it ten seconds and refuses a lazy unmount, so the run must
/// not find it silent and send for one.
#[test]
fn one_that_answers_late_is_alive_for_the_run_as_it_is_for_the_look() {
    // busybox has a stat of its own; the seconds are real, and one shell will do
    let answers = captured("healthy");
    let world = world(&shells()[0], &answers).mounted();
    world.tool("stat", "#!/bin/sh\ncase $1 in -f) sleep 6 ;; esac\nexec /usr/bin/stat \"$@\"\n");
    let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
    assert!(ran.finished(), "{:#?}\n{}", ran.events, world.out());
    assert_eq!((world.count("umount -l"), world.stated("backend").as_str()), (0, "running\n"));
}

/// A start that fails over a port that is taken or an image that is gone says nothing of the share, not even of one that is silent.
#[test]
fn a_share_is_not_detached_because_docker_could_not_start_the_backend_for_another_reason() {
    for shell in shells() {
        let answers = captured("healthy");
        let world = world(&shell, &answers).mounted();
        world.state("umount", "busy");
        world.state("stop", "echo >\"$STATE/dead\"\n");
        world.state("start", "echo 'Bind for 0.0.0.0:8001 failed: port is already allocated' >&2; exit 1\n");
        world.tool("stat", "#!/bin/sh\n[ ! -e \"$STATE/dead\" ] || exit 1\nexec /usr/bin/stat \"$@\"\n");
        let ran = world.run(&answers.plan(&UNMOUNT, &world.root()), None);
        assert!(!ran.finished());
        assert_eq!((world.count("umount -l"), ran.fact("detached")), (0, None), "{:#?}", ran.events);
        assert!(world.read("proc/self/mountinfo").contains("cifs"));
    }
}

#[test]
fn a_lazy_one_says_who_goes_on_using_it() {
    for shell in shells() {
        let answers = captured("share-hung");
        let world = world(&shell, &answers).mounted();
        process(&world, 240, "1", "/mnt/replica", "bash", "0::/user.slice", "");
        world.state("umount", "busy");
        let ran = world.run(&answers.plan(&LAZY, &world.root()), None);
        assert!(ran.finished(), "{:#?}\n{}", ran.events, world.out());
        assert_eq!(ran.fact("held_by"), Some("process 240 bash"));
        assert_eq!((world.count("umount -l"), world.stated("backend").as_str()), (1, "running\n"));
        assert!(!world.read("proc/self/mountinfo").contains("cifs"));
    }
}
