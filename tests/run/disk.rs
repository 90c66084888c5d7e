//! A disk that becomes full: nothing is done that could not be written down before.
use crate::server::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_cannot_be_written_down_is_not_done() {
    for shell in shells() {
        let server = Server::new(&shell);
        // a journal that takes no more, as on a full disk
        let full = "mv \"$run/journal\" \"$run/journal.was\" && mkdir \"$run/journal\"";
        let well = "rmdir \"$run/journal\" && mv \"$run/journal.was\" \"$run/journal\"";
        let steps = vec![
            step("remember_backend", None),
            step("within 9 docker stop -t 1 ragflowauth-backend", Some(well)),
            step(full, None),
            step("echo done >\"$root/etc/never\"", None),
        ];
        let run = name("full");
        server.start(&plan(steps), &run).await;
        assert_eq!(server.end_of(&run).await, "killed", "{}: {}", shell.name, server.all());
        assert!(!server.root.join("etc/never").exists(), "{}", shell.name);
        // what was done before is taken back, and what was stopped runs
        let told = server.told(&run);
        assert_eq!(
            told[4..],
            ["step 2", "done 2", "step 3", "undo 2 0", "putback backend started", "end killed"]
        );
        assert_eq!(server.backend(), "running");
    }
}

/// A file system of this many KiB on the folder where runs are kept; nothing where that is not allowed.
fn small(server: &Server, kib: u32) -> Option<Small> {
    let point = server.root.join("var/lib/opsdeck");
    std::fs::create_dir_all(&point).unwrap();
    let size = format!("size={kib}k,mode=700");
    let mount = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", &size, "opsdeck-test"])
        .arg(&point)
        .stderr(std::process::Stdio::null())
        .status();
    mount.is_ok_and(|s| s.success()).then_some(Small(point))
}

struct Small(std::path::PathBuf);

impl Small {
    /// Leaves no room at all.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.0.join("filler")).unwrap();
        for piece in [4096, 1] {
            while std::io::Write::write_all(&mut file, &vec![b'x'; piece]).is_ok() {}
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_disk_that_is_really_full_nothing_begins_and_what_had_begun_gets_its_end() {
    for shell in shells() {
        let server = Server::new(&shell);
        let Some(disk) = small(&server, 256) else {
            eprintln!("no file system may be mounted here: a full disk was not tried");
            return;
        };
        let steps = vec![
            step("remember_backend", None),
            step(
                "within 9 docker stop -t 1 ragflowauth-backend\n: >\"$root/etc/stopped\"\nwhile [ ! -e \"$root/etc/go\" ]; do sleep 0.1; done",
                Some("echo back >\"$root/etc/back\""),
            ),
            step(
                "fact big \"$(head -c 1900 /dev/zero | tr '\\0' x)\"\nfact big \"$(head -c 1900 /dev/zero | tr '\\0' y)\"\nfact big z",
                None,
            ),
            step("echo done >\"$root/etc/never\"", None),
        ];
        let run = name("full");
        assert_eq!(server.start(&plan(steps), &run).await.0, 0);
        server.until(|| server.root.join("etc/stopped").exists().then_some(()), "the stop").await;
        disk.fill();
        server.put("etc/go", "");
        let end = server.end_of(&run).await;
        assert_eq!(end, "failed", "{}: {:?}", shell.name, server.told(&run));
        assert!(!server.root.join("etc/never").exists(), "{}", shell.name);
        assert_eq!((server.backend().as_str(), server.root.join("etc/back").exists()), ("running", true));
        // each event that was written is whole
        let told = server.told(&run);
        assert!(
            told.iter().any(|l| l == "undo 2 0") && told.iter().any(|l| l == "putback backend started"),
            "{told:?}"
        );
        // and on the full disk nothing begins
        disk.fill();
        let (code, said) = server.start(&plan(vec![step("true", None)]), &name("next")).await;
        assert_eq!(
            (code, said.as_str()),
            (13, "failed the folder of the run cannot be written"),
            "{}",
            shell.name
        );
        assert!(!server.run_folder(&name("next")).exists());
    }
}
