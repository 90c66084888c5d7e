//! The password: written as it is, and nowhere else to be seen.
use crate::mounting::world;
use crate::plans::not_mounted;
use crate::world::shells;
use opsdeck::core::plan::Action;

const NEW: Action = Action::Mount { new_password: true };
/// Every tool that the steps may call, and that is real here.
const TOOLS: &[&str] = &[
    "awk", "cat", "chmod", "cmp", "cp", "cut", "date", "find", "flock", "grep", "head", "ls", "mkdir", "mv",
    "readlink", "rm", "sed", "sleep", "sort", "stat", "sync", "tail", "timeout", "tr",
];

#[test]
fn nasty_passwords_arrive_as_they_are() {
    for shell in shells() {
        for password in [
            "lab,pw 1",
            " lead and trail ",
            "a'b\"c`d`$(id)\\n%s%n",
            "=;#!~{}[]()<>|&*?",
            "密码，含中文",
            "-n",
            "%",
            "\\",
        ] {
            let answers = not_mounted().set(|e| e.share.domain = Some("WERK-1".into()));
            let world = world(&shell, &answers);
            let ran = world.run(&answers.plan(&NEW, &world.root()), Some(password.as_bytes()));
            assert!(ran.finished(), "{password:?}: {:#?}\n{}", ran.events, world.out());
            let file = format!("username=bkuser\ndomain=WERK-1\npassword={password}\n");
            assert_eq!(world.read("root/.smbcredentials"), file, "{shell:?}");
        }
    }
}

#[test]
fn no_program_has_it_as_an_argument_and_nothing_of_it_is_left() {
    // built-in commands of busybox leave no trace of their arguments, so that the shells that call programs are asked
    for shell in shells().into_iter().filter(|s| !s[0].ends_with("busybox")) {
        for works in [true, false] {
            let answers = not_mounted();
            let world = world(&shell, &answers);
            for tool in TOOLS {
                let real = ["/usr/bin", "/bin"].map(|d| format!("{d}/{tool}"));
                let real = real.iter().find(|p| std::path::Path::new(p).exists()).unwrap();
                world.tool(tool, &format!("#!/bin/sh\nprintf '%s ' {tool} \"$@\" >>\"$STATE/argv\"\nenv >>\"$STATE/argv\"\nexec {real} \"$@\"\n"));
            }
            if !works {
                world.state("mount", "32 mount error(13): Permission denied\n");
            }
            let secret = b"Zq-planted-9";
            let ran = world.run(&answers.plan(&NEW, &world.root()), Some(secret));
            assert_eq!(ran.finished(), works, "{:#?}\n{}", ran.events, world.out());
            let argv = world.stated("argv");
            assert!(argv.contains("cat ") && argv.contains("/secret"), "the trace is empty");
            assert!(!argv.contains("Zq-planted"), "{argv}");
            let but: &[&str] = if works { &["root/.smbcredentials"] } else { &[] };
            assert_eq!(world.holding(secret, but), Vec::<std::path::PathBuf>::new());
            assert!(!world.root.join("run/opsdeck").read_dir().is_ok_and(|mut d| d.next().is_some()));
        }
    }
}
