//! What a plan is made of, and every reason why there is none.
use crate::answers::{Answers, GOOD_FILE, MOUNT, UNMOUNT, captured, text};
use opsdeck::core::plan::event::event;
use opsdeck::core::plan::prove::prove;
use opsdeck::core::plan::{Action, How, Made, Risk, Service};
use opsdeck::core::state::State;
use opsdeck::core::verdict::Facts;

/// Nothing is mounted, nothing lies under the point, and no job is at work.
pub fn not_mounted() -> Answers {
    captured("not-mounted").with("leftovers", "kib=4\n", "", 0)
}

const JOB: &str = r#""live": []"#;

/// A row that says that it runs.
fn with_job(answers: Answers, began_ms: i64) -> Answers {
    let row = format!(
        r#""live": [{{"id": 77, "kind": "incremental", "status": "running", "progress": 45, "message": "x", "detail": "", "output_dir": null, "created_at_ms": {began_ms}, "started_at_ms": {began_ms}, "finished_at_ms": null}}]"#
    );
    answers.edit("inside", JOB, &row)
}

#[test]
fn where_all_is_right_there_is_nothing_to_do() {
    let made = captured("healthy").made(&MOUNT, "").unwrap();
    let Made::Nothing { evidence, .. } = made else { panic!("{made:?}") };
    assert_eq!(evidence.len(), 3);
    let made = captured("not-mounted").made(&UNMOUNT, "").unwrap();
    assert!(matches!(made, Made::Nothing { .. }));
}

#[test]
fn a_share_that_is_not_mounted_is_mounted_and_the_backend_restarted_after_it() {
    let plan = not_mounted().plan(&MOUNT, "");
    let steps = text(&plan);
    assert!(
        steps.contains("mount -t cifs //10.0.2.2/backup /mnt/replica -o credentials=\"$file\",rw,soft,"),
        "{steps}"
    );
    assert!(steps.contains(",noexec,port=4455") && steps.contains("file=/root/.smbcredentials\n"), "{steps}");
    assert!(steps.contains("point_is /mnt/replica ''") && steps.contains("no_other_job_runs"), "{steps}");
    let at = |what: &str| steps.find(what).unwrap_or_else(|| panic!("{what}: {steps}"));
    assert!(at("mount -t cifs") < at("probe_share") && at("probe_share") < at("docker stop"));
    assert!(at("docker stop") < at("remember_in_fstab"));
    // a backend that does not see the share is of no use: its restart is what helps
    assert_eq!((plan.risk, plan.needs_password), (Risk::Light, false));
    assert_eq!(plan.steps.len(), 5);
    // the line of fstab is another one than that of this mount: before and after are shown
    let effects = plan.effects.iter().map(|e| e.en.as_str()).collect::<Vec<_>>().join("\n");
    assert!(effects.contains("\n- //10.0.2.2/backup /mnt/replica cifs credentials="), "{effects}");
    assert!(
        effects
            .contains("\n+ //10.0.2.2/backup /mnt/replica cifs credentials=/root/.smbcredentials,rw,soft,")
    );
    assert!(effects.contains("_netdev,nofail 0 0"), "{effects}");
}

#[test]
fn only_what_is_missing_is_done() {
    let blind = captured("container-blind").plan(&MOUNT, "");
    let steps = text(&blind);
    assert!(steps.contains("docker stop") && steps.contains("probe_share"), "{steps}");
    assert!(!steps.contains("mount -t cifs") && !steps.contains("remember_in_fstab"), "{steps}");
    let line = captured("healthy").with("fstab", "", "", 0).plan(&MOUNT, "");
    let steps = text(&line);
    assert!(steps.contains("remember_in_fstab") && line.steps.len() == 2, "{steps}");
    assert!(!steps.contains("docker") && !steps.contains("mount -t") && !steps.contains("no_other_job_runs"));
    // and not even that where it is not wanted
    let unwanted = captured("healthy").with("fstab", "", "", 0).set(|e| e.share.persist = false);
    assert!(matches!(unwanted.made(&MOUNT, "").unwrap(), Made::Nothing { .. }));
    let mount = text(&not_mounted().set(|e| e.share.persist = false).plan(&MOUNT, ""));
    assert!(!mount.contains("fstab"), "{mount}");
}

#[test]
fn a_line_of_fstab_that_is_not_ours_is_replaced() {
    for (what, line) in [
        (
            "another share",
            "//10.0.2.9/old /mnt/replica cifs credentials=/root/.smbcredentials,_netdev,nofail 0 0\n",
        ),
        ("no nofail", "//10.0.2.2/backup /mnt/replica cifs credentials=/root/.smbcredentials,_netdev 0 0\n"),
        ("another file", "//10.0.2.2/backup /mnt/replica cifs credentials=/root/x,_netdev,nofail 0 0\n"),
        ("a password", "//10.0.2.2/backup /mnt/replica cifs user=x,password=***,_netdev,nofail 0 0\n"),
        (
            "not at boot",
            "//10.0.2.2/backup /mnt/replica cifs credentials=/root/.smbcredentials,noauto,_netdev,nofail 0 0\n",
        ),
        (
            "twice",
            "//10.0.2.2/backup /mnt/replica cifs credentials=/root/.smbcredentials,_netdev,nofail 0 0\n//10.0.2.2/backup /mnt/replica cifs credentials=/root/.smbcredentials,_netdev,nofail 0 0\n",
        ),
        (
            "another point",
            "//10.0.2.2/backup /mnt/replica2 cifs credentials=/root/.smbcredentials,_netdev,nofail 0 0\n",
        ),
    ] {
        let plan = captured("healthy").with("fstab", line, "", 0).plan(&MOUNT, "");
        assert_eq!(plan.steps.len(), 2, "{what}");
    }
    let kept = captured("healthy").with(
        "fstab",
        "x /mnt/replica cifs x-systemd.before=docker.service,ro 0 0\n",
        "",
        0,
    );
    let steps = text(&kept.plan(&MOUNT, ""));
    assert!(steps.contains("_netdev,nofail,x-systemd.before=docker.service\"$(dialect)\""), "{steps}");
}

#[test]
fn what_can_be_taken_back_is_light() {
    let follows = following().plan(&MOUNT, "");
    assert_eq!(follows.risk, Risk::Light);
    assert!(follows.effects.iter().any(|e| e.en.contains("at once")), "{:?}", follows.effects);
    assert_eq!(captured("healthy").with("fstab", "", "", 0).plan(&MOUNT, "").risk, Risk::Light);
    assert_eq!(captured("container-blind").plan(&MOUNT, "").risk, Risk::Light);
}

/// Nothing is mounted, and the container was made so that it sees every mount.
fn following() -> Answers {
    not_mounted().edit("containers", "rprivate", "rslave")
}

#[test]
fn a_stopped_backend_stays_stopped() {
    let running = r#""Running":true"#;
    let all = not_mounted().said("containers");
    let stopped: String = all
        .lines()
        .map(|l| if l.contains("ragflowauth-backend\"") { l.replace(running, r#""Running":false"#) } else { l.into() } + "\n")
        .collect();
    let inside = not_mounted().said("inside").replace("via=container", "via=host");
    let plan =
        not_mounted().with("containers", &stopped, "", 0).with("inside", &inside, "", 0).plan(&MOUNT, "");
    let steps = text(&plan);
    assert!(!steps.contains("docker") && !steps.contains("remember_backend"), "{steps}");
    assert!(steps.contains("container_is ragflowauth-backend 'stopped "), "{steps}");
}

#[test]
fn a_backup_that_lives_or_may_live_refuses_and_a_ghost_does_not() {
    let now = not_mounted().look().now().0;
    let live = with_job(not_mounted(), now);
    let refusal = live.refusal(&MOUNT);
    assert!(refusal.said.en.contains("#77"), "{refusal:?}");
    assert_eq!(refusal.instead, [Action::Cancel { force: false }]);
    assert_eq!(with_job(captured("healthy"), now).refusal(&UNMOUNT).instead, refusal.instead);
    // one whose worker went with a restart
    let ghost = with_job(not_mounted(), 1_000_000).plan(&MOUNT, "");
    assert!(text(&ghost).contains("/opt/ragflowauth/data/auth.db 77\n"), "{}", text(&ghost));
    assert!(ghost.checked.iter().any(|c| c.state == State::Warning && c.what.en.contains("ghost")));
    // a database that cannot be read proves nothing
    let unknown = not_mounted().with("inside", "via=container\n", "timeout", 124);
    assert!(unknown.refusal(&MOUNT).said.en.contains("whether a backup runs"));
    // but a line of fstab disturbs nobody
    let line = with_job(captured("healthy").with("fstab", "", "", 0), now);
    assert_eq!(line.plan(&MOUNT, "").steps.len(), 2);
}

#[test]
fn what_is_not_known_refuses() {
    for (question, words) in [
        ("mounts", "what is mounted"),
        ("port", "whether the server reaches the share"),
        ("containers", "how the backend container is"),
        ("credentials", "credentials file"),
        ("fstab", "/etc/fstab"),
        ("host", "which server this is"),
    ] {
        let refusal = not_mounted().with(question, "", "", 124).refusal(&MOUNT);
        assert!(refusal.said.en.contains(words), "{question}: {refusal:?}");
        assert!(refusal.said.en.contains("Nothing was done"), "{question}");
    }
    let refusal = captured("healthy").with("share", "", "", 3).with("fstab", "", "", 0).refusal(&MOUNT);
    assert!(refusal.said.en.contains("whether the share answers"), "{refusal:?}");
    // what lies under the point is asked about, not refused
    let plan = following().with("leftovers", "", "", 124).plan(&MOUNT, "");
    assert_eq!(plan.risk, Risk::Heavy);
}

#[test]
fn a_closed_port_and_a_dead_share_leave_the_backend_alone() {
    let closed = not_mounted().with("port", "tool=bash\n", "bash: connect: Connection refused", 1);
    let refusal = closed.refusal(&MOUNT);
    assert!(refusal.said.en.contains("refuses") && refusal.said.en.contains("left alone"), "{refusal:?}");
    let hung = captured("share-hung");
    let refusal = hung.refusal(&MOUNT);
    assert!(refusal.said.en.contains("does not answer"), "{refusal:?}");
    assert_eq!(refusal.instead, [Action::Unmount { lazy: true }]);
    assert_eq!(hung.refusal(&UNMOUNT).instead, [Action::Unmount { lazy: true }]);
    // the last resort leaves the containers alone, too
    let lazy = hung.plan(&Action::Unmount { lazy: true }, "");
    assert!(
        text(&lazy).contains("umount -l /mnt/replica") && !text(&lazy).contains("docker"),
        "{}",
        text(&lazy)
    );
    assert_eq!(lazy.risk, Risk::Heavy);
}

/// The name alone goes, and whoever uses the share goes on unseen: only for one that has not answered in its time.
#[test]
fn a_share_that_answers_is_not_detached() {
    let lazy = Action::Unmount { lazy: true };
    for answers in [captured("healthy"), captured("wrong-share")] {
        let refusal = answers.refusal(&lazy);
        assert!(refusal.said.en.contains("no need to detach"), "{refusal:?}");
        assert_eq!(refusal.instead, [UNMOUNT]);
    }
    // what was not answered in time is silent, and what was not asked is not known
    assert!(captured("healthy").with("share", "", "", 124).made(&lazy, "").is_ok());
    let failed = captured("healthy").with("share", "", "no tool", 127).refusal(&lazy);
    assert!(failed.said.en.contains("not known"), "{failed:?}");
}

#[test]
fn something_else_on_the_point_is_named_and_unmounting_it_is_offered() {
    let other = captured("wrong-share");
    let refusal = other.refusal(&MOUNT);
    assert!(refusal.said.en.contains("//10.0.2.2/other"), "{refusal:?}");
    assert_eq!(refusal.instead, [UNMOUNT]);
    let plan = other.plan(&UNMOUNT, "");
    assert!(text(&plan).contains("point_is /mnt/replica 'cifs //10.0.2.2/other rw /'"), "{}", text(&plan));
    let mounts = captured("healthy").said("mounts");
    let point: &str = mounts.lines().find(|l| l.contains(" /mnt/replica ")).unwrap();
    for (line, words) in [
        (point.replace(" rw", " ro"), "read-only"),
        (format!("{point}\n{point}"), "2 times over"),
        ("900 24 0:99 / /mnt/replica rw - tmpfs tmpfs rw".to_owned(), "tmpfs"),
    ] {
        let refusal =
            captured("healthy").with("mounts", &mounts.replace(point, &line), "", 0).refusal(&MOUNT);
        assert!(refusal.said.en.contains(words), "{words}: {refusal:?}");
        assert_eq!(refusal.instead, [UNMOUNT]);
    }
    let automount = mounts.replace(point, "900 24 0:99 / /mnt/replica rw - autofs systemd-1 rw");
    let refusal = captured("healthy").with("mounts", &automount, "", 0).refusal(&MOUNT);
    assert!(refusal.instead.is_empty() && refusal.said.en.contains("autofs"), "{refusal:?}");
}

#[test]
fn without_mount_cifs_or_a_bind_nothing_is_tried() {
    let none = not_mounted().edit("credentials", "helper=there", "helper=absent").refusal(&MOUNT);
    assert!(none.said.en.contains("mount.cifs") && none.next.en.contains("cifs-utils"));
    let unbound = not_mounted().edit("containers", "/mnt/replica", "/mnt/elsewhere").refusal(&MOUNT);
    assert!(unbound.said.en.contains("no bind of /mnt/replica"), "{unbound:?}");
}

#[test]
fn a_file_that_is_missing_or_broken_is_written_anew() {
    for (what, answer) in [
        ("missing", "helper=there\nfile=absent\n".to_owned()),
        ("open", GOOD_FILE.replace("|600|", "|644|")),
        ("cr", GOOD_FILE.replace("cr=no", "cr=yes")),
        ("no password", GOOD_FILE.replace("password=yes", "password=no")),
    ] {
        let plan = not_mounted().with("credentials", &answer, "", 0).plan(&MOUNT, "");
        assert!(plan.needs_password, "{what}");
        let steps = text(&plan);
        assert!(steps.contains("write_credentials /root/.smbcredentials.\"$run_id\" bkuser ''"), "{steps}");
        assert!(steps.contains("file=/root/.smbcredentials.\"$run_id\""), "{steps}");
        assert!(steps.contains("keep_credentials \"$file\" /root/.smbcredentials"), "{steps}");
        let nobody = not_mounted().with("credentials", &answer, "", 0).set(|e| e.share.user = None);
        assert!(nobody.refusal(&MOUNT).said.en.contains("no share user"), "{what}");
    }
    assert!(not_mounted().plan(&Action::Mount { new_password: true }, "").needs_password);
    // nobody is asked for what is not used
    assert!(!not_mounted().set(|e| e.share.user = None).plan(&MOUNT, "").needs_password);
    // a mounted share does not take a new password, and one that would not come back is no good one
    let mounted = captured("healthy");
    assert_eq!(mounted.refusal(&Action::Mount { new_password: true }).instead, [UNMOUNT]);
    let gone = mounted.with("credentials", "helper=there\nfile=absent\n", "", 0);
    assert_eq!(gone.refusal(&MOUNT).instead, [UNMOUNT]);
}

#[test]
fn the_plan_says_where_the_password_comes_from() {
    use opsdeck::config::model::SecretSource;
    let said = |secret: Option<SecretSource>| {
        let plan =
            not_mounted().set(|e| e.share.secret = secret).plan(&Action::Mount { new_password: true }, "");
        let of_file = plan.effects.into_iter().find(|e| e.zh.contains("凭据文件"));
        of_file.expect("the file is not said")
    };
    for typed in [None, Some(SecretSource::Prompt)] {
        let typed = said(typed);
        assert!(typed.zh.contains("密码现在输入") && typed.en.contains("typed now"), "{typed:?}");
    }
    let file = said(Some(SecretSource::File("/home/li/share.secret".into())));
    assert!(file.zh.contains("密码从文件 /home/li/share.secret取"), "{}", file.zh);
    assert!(file.en.contains("the password comes from file /home/li/share.secret"), "{}", file.en);
    assert!(!file.zh.contains("输入") && !file.en.contains("typed"), "{file:?}");
}

#[test]
fn local_files_that_the_mount_would_hide_are_named() {
    let left = captured("not-mounted").said("leftovers");
    let plan = following().with("leftovers", &left, "", 0).plan(&MOUNT, "");
    assert_eq!(plan.risk, Risk::Heavy);
    let said = plan.checked.iter().find(|c| c.what.en.contains("local files")).unwrap();
    assert!(said.state == State::Warning && said.what.en.contains("iB"), "{said:?}");
    let empty = following().with("leftovers", "kib=8\nentry=/mnt/replica/RagflowAuth\n", "", 0);
    assert_eq!(empty.plan(&MOUNT, "").risk, Risk::Light);
}

#[test]
fn the_dialect_is_only_fallen_back_to_where_none_is_named() {
    assert!(text(&not_mounted().plan(&MOUNT, "")).contains("vers=3.0"));
    let named = not_mounted().set(|e| e.share.options = "soft,vers=2.1".into());
    let steps = text(&named.plan(&MOUNT, ""));
    assert!(steps.contains("soft,vers=2.1,port=4455") && !steps.contains("dialect_refused"), "{steps}");
}

#[test]
fn a_share_is_unmounted_with_the_backend_stopped_and_started_again() {
    let plan = captured("healthy").plan(&UNMOUNT, "");
    let steps = text(&plan);
    let at = |what: &str| steps.find(what).unwrap_or_else(|| panic!("{what}: {steps}"));
    assert!(at("remember_backend") < at("docker stop") && at("docker stop") < at("umount /mnt/replica"));
    assert!(at("umount /mnt/replica") < at("nobody_keeps_it"));
    assert!(steps.rfind("start_backend").unwrap() > at("nobody_keeps_it"));
    assert!(steps.contains("nobody_else_holds /mnt/replica ragflowauth-backend"), "{steps}");
    assert_eq!(plan.risk, Risk::Heavy);
    let effects = plan.effects.iter().map(|e| e.en.as_str()).collect::<Vec<_>>().join("\n");
    assert!(effects.contains("backups will fail") && effects.contains("fstab is left"), "{effects}");
    // a container that does not have it is left alone
    let blind = text(&captured("container-blind").plan(&UNMOUNT, ""));
    assert!(!blind.contains("docker stop") && blind.contains("nobody_else_holds /mnt/replica -"), "{blind}");
}

#[test]
fn a_share_that_only_a_container_keeps_is_told() {
    let mounts = captured("not-mounted").said("mounts");
    let refusal = captured("healthy").with("mounts", &mounts, "", 0).refusal(&UNMOUNT);
    assert_eq!(refusal.instead, [Action::Services { which: Service::Backend, how: How::Restart }]);
}

/// A container may be bound to other shares, which stay: only where its packs go counts.
#[test]
fn another_share_of_the_backend_is_not_ours() {
    let with_reports = |answers: Answers| {
        let first = r#""mounts": {"mountinfo": ""#;
        let reports = r"700 482 0:77 / /srv/reports rw,relatime - cifs //10.0.2.9/reports rw\n";
        answers.edit("inside", first, &format!("{first}{reports}"))
    };
    let (before, after) = (with_reports(captured("healthy")), with_reports(captured("not-mounted")));
    // nothing is left to be unmounted
    let made = after.made(&UNMOUNT, "").unwrap();
    assert!(matches!(made, Made::Nothing { .. }), "{made:?}");
    let proved = |after: &Answers| {
        let (was, now) = (before.look(), after.look());
        let events = [event(b"1 fact backend_was running x"), event(b"2 fact held_elsewhere nobody")];
        let before = Facts::of(&before.env, &was);
        let proofs = prove(&UNMOUNT, Some(&before), &Facts::of(&after.env, &now), &events);
        proofs.into_iter().find(|p| p.what.en == "in the backend's container").unwrap()
    };
    let proof = proved(&after);
    assert!(proof.state == State::Ok && proof.after.en.contains("local disk"), "{proof:?}");
    // the one that was taken off, and that it has kept
    let kept = before.clone().with("mounts", &after.said("mounts"), "", 0);
    let proof = proved(&kept);
    assert!(proof.state == State::Failed && proof.after.en.contains("//10.0.2.2/backup"), "{proof:?}");
    // what lay under it is seen by both again
    let under = captured("wrong-share");
    let proof = proved(&under);
    assert!(proof.state == State::Ok && proof.after.en.contains("//10.0.2.2/other"), "{proof:?}");
}

#[test]
fn the_same_server_gives_the_same_plan_and_a_hostile_name_stays_a_word() {
    let (one, two) = (not_mounted().plan(&MOUNT, ""), not_mounted().plan(&MOUNT, ""));
    assert!(one.same_as(&two));
    // the line that would be replaced was read, and is another one by now
    let line = |rest: &str| {
        let line = format!("//10.0.2.9/it's /mnt/replica cifs guest,{rest} 0 0\n");
        captured("healthy").with("fstab", &line, "", 0).plan(&MOUNT, "")
    };
    let (before, now) = (line("ro"), line("rw"));
    assert!(before.same_as(&line("ro")) && !before.same_as(&now), "{}", text(&now));
    assert!(text(&now).contains("\n  # - //10.0.2.9/it's /mnt/replica cifs guest,rw\n"), "{}", text(&now));
    let odd = not_mounted().set(|e| e.share.user = Some("o'brien; reboot".into()));
    let steps = text(&odd.plan(&Action::Mount { new_password: true }, ""));
    assert!(steps.contains(r"'o'\''brien; reboot'"), "{steps}");
}
