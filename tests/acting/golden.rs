//! The very texts, in both languages.
use opsdeck::cli::act::{consent, notice, outcome, plan, words};
use opsdeck::cli::args::{ActArgs, JournalArgs};
use opsdeck::cli::journal::{View, handover, table};
use opsdeck::cli::output::text::Style;
use opsdeck::config::model::{EnvKey, Environment, Role, SecretSource};
use opsdeck::core::plan::event::event;
use opsdeck::core::plan::explain;
use opsdeck::core::plan::left::{Left, PutBack};
use opsdeck::core::plan::prove::Proof;
use opsdeck::core::plan::script::{self, RunName};
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::core::plan::{Action, Checked, How, Plan, Refusal, Risk, Service, Step, Target};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::i18n::{Lang, Text};
use opsdeck::journal::{Entry, Kept, Torn, What};
use opsdeck::text;
use std::path::PathBuf;

/// 2026-02-01 06:53:20 in China.
const NOW: EpochMs = EpochMs(1_769_900_000_000);
const ZONE_S: i32 = 8 * 3600;
const RUN: &str = "1769900000-1f3a9c2e";

fn style(lang: Lang) -> Style {
    Style { lang, colour: false, verbose: false }
}

/// The same in Chinese and in English, one after the other.
fn both(name: &str, said: impl Fn(Lang) -> String) {
    let text = format!("{}\n--------\n{}", said(Lang::Zh).trim_end(), said(Lang::En).trim_end());
    let chinese = |c: char| matches!(c, '\u{4e00}'..='\u{9fff}');
    let english = said(Lang::En).replace("正式", "").replace("测试", "");
    assert!(!english.contains(chinese), "{name}: Chinese in\n{english}");
    insta::assert_snapshot!(name, text);
}

fn environment() -> Environment {
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab.toml");
    let config = opsdeck::config::load(&config).unwrap();
    config.environments.into_iter().find(|e| e.key.0 == "prod").unwrap()
}

fn sample() -> Plan {
    Plan {
        action: Action::Mount { new_password: true },
        env: EnvKey("prod".into()),
        name: "正式".into(),
        role: Role::Prod,
        host: "192.0.2.57".into(),
        target: Target { hostname: "app-57".into(), machine_id: "5e0c7f1a00112233".into() },
        effects: vec![
            text!("后端停约 20 秒", "the backend is away for about 20 s"),
            text!("挂载 //192.0.2.72/backup", "//192.0.2.72/backup is mounted"),
        ],
        checked: vec![
            Checked::good(text!("没有备份在跑", "no backup is running")),
            Checked::beware("missed", text!("错过了昨夜的备份", "last night's backup was missed")),
        ],
        steps: vec![
            Step {
                title: text!("停后端", "stop the backend"),
                sh: "remember_backend\nwithin 60 docker stop -t 30 ragflowauth-backend\n".into(),
                undo: None,
            },
            Step {
                title: text!("挂载", "mount"),
                sh: "within 30 mount -t cifs //192.0.2.72/backup /mnt/replica\n".into(),
                undo: Some("within 30 umount /mnt/replica\n".into()),
            },
        ],
        risk: Risk::Heavy,
        proof: vec![text!("主机和容器都看到共享", "host and container both see the share")],
        undo: text!("卸载它", "unmount it"),
        limit_s: 600,
        needs_password: true,
        kept: Vec::new(),
    }
}

#[test]
fn a_dry_run() {
    let secret = SecretSource::Env("SHARE_PASSWORD".into());
    both("dry-run", |lang| plan::text(&sample(), Some(&secret), style(lang)));
    // up to the functions, which are other files
    let file = script::file(&sample(), &environment(), "", &RunName::parse(RUN).unwrap());
    insta::assert_snapshot!("dry-run-sh", file.split("# Where runs are kept on a server").next().unwrap());
    insta::assert_snapshot!("dry-run-json", serde_json::to_string_pretty(&plan::json(&sample())).unwrap());
}

#[test]
fn what_is_said_to_a_plan() {
    let args =
        |yes, confirm: Option<&str>| ActArgs { yes, confirm: confirm.map(Into::into), ..ActArgs::default() };
    let plan = sample();
    let said = |args: &ActArgs, terminal, lang| match consent::of(&plan, args, terminal) {
        consent::Consent::Refused(refusal) => {
            outcome::text(&Outcome::Refused(refusal), "prod", "x", style(lang))
        }
        consent::Consent::Ask(question) => format!("{}\n", question.text().get(lang)),
        consent::Consent::Given => "given\n".into(),
    };
    both("consent", |lang| {
        [
            said(&args(false, None), false, lang),
            said(&args(false, None), true, lang),
            said(&args(true, None), false, lang),
            said(&args(true, Some("test")), false, lang),
            said(&args(true, Some("prod")), false, lang),
            format!("{}\n", consent::Question::Yes.text().get(lang)),
        ]
        .concat()
    });
}

fn proofs(state: State) -> Vec<Proof> {
    vec![
        Proof {
            what: Text::same("ragflowauth-frontend"),
            before: Some(text!("运行中，启动于 02-01 06:00", "running since 02-01 06:00")),
            after: text!("运行中，启动于 02-01 06:53", "running since 02-01 06:53"),
            state,
        },
        Proof {
            what: text!("后端服务", "backend"),
            before: None,
            after: text!("正常", "well"),
            state: State::Ok,
        },
    ]
}

fn outcomes() -> Vec<(&'static str, Outcome)> {
    let refusal = Refusal::new(
        text!(
            "前端没有在运行，没有可重启的。什么也没做",
            "the frontend is not running: nothing to restart. Nothing was done"
        ),
        text!("要它运行，就用启动", "to have it run, start it"),
    );
    let refusal = refusal.because([Text::same("ragflowauth-frontend: Exited (0)")]);
    let refusal = refusal.instead(Action::Services { which: Service::Frontend, how: How::Start });
    let failed = |put_back, proofs| Outcome::Failed {
        said: text!("第 2 步没有做成（退出码 1）", "step 2 did not work (exit code 1)"),
        next: text!("再检查一次", "check again"),
        left: Left { put_back, clean: put_back == PutBack::NothingStopped },
        proofs,
    };
    let mut detached = proofs(State::Ok);
    detached[1] = Proof {
        after: text!(
            "已从挂载点摘下，但 container reports 还挂着它",
            "detached, and container reports still has it"
        ),
        state: State::Warning,
        ..detached[1].clone()
    };
    let busy =
        explain::busy("restart-backend|li@desk|1769899200|1769899200-aa", Some(EpochMs(1_769_900_000_000)));
    let long = Proof {
        what: text!("容器", "container"),
        before: Some(Text::same("x".repeat(80))),
        after: Text::same("y".repeat(80)),
        state: State::Failed,
    };
    vec![
        ("done", Outcome::Done { proofs: proofs(State::Ok) }),
        (
            "nothing",
            Outcome::Nothing {
                said: text!("本来就挂着，什么也不用做", "it is mounted already: nothing to do"),
                evidence: vec![text!("主机看到 cifs", "the host sees cifs")],
            },
        ),
        ("refused", Outcome::Refused(refusal)),
        (
            "changed",
            Outcome::Changed {
                said: text!(
                    "服务器和预览时不一样了，所以没有动手",
                    "the server is not as it was in the preview, so nothing was done"
                ),
                now: None,
            },
        ),
        ("busy", Outcome::Refused(busy)),
        ("detached", Outcome::Done { proofs: detached }),
        ("failed", failed(PutBack::NothingStopped, Vec::new())),
        ("failed-runs", failed(PutBack::Runs, proofs(State::Failed))),
        ("failed-unseen", failed(PutBack::Unseen, Vec::new())),
        ("failed-down", failed(PutBack::Down, vec![long])),
        (
            "unknown",
            Outcome::Unknown {
                said: text!("结果未知，没有等到它的结尾", "not known: its end was not seen"),
                next: text!(
                    "接着看：opsdeck attach --env prod {RUN}",
                    "to follow it: opsdeck attach --env prod {RUN}"
                ),
                run: RunName::parse(RUN),
                is_lost: false,
            },
        ),
    ]
}

#[test]
fn what_became_of_it() {
    both("outcomes", |lang| {
        let one =
            |(_, outcome): &(&str, Outcome)| outcome::text(outcome, "prod", "restart-frontend", style(lang));
        outcomes().iter().map(one).collect::<Vec<_>>().join("\n")
    });
    let run = RunName::parse(RUN);
    let objects: Vec<String> = outcomes()
        .iter()
        .map(|(_, o)| outcome::json(o, "prod", "restart-frontend", run.as_ref()).to_string())
        .collect();
    insta::assert_snapshot!("outcomes-json", objects.join("\n"));
    let codes: Vec<(&str, u64)> = outcomes()
        .iter()
        .map(|(name, o)| (*name, outcome::json(o, "prod", "x", None)["exit"].as_u64().unwrap()))
        .collect();
    let expected = [0, 0, 1, 1, 1, 0, 2, 2, 2, 2, 3];
    assert!(codes.iter().map(|(_, code)| *code).eq(expected), "{codes:?}");
}

/// A ghost is closed because it blocks every backup: that one can be made now is said, and with which command.
#[test]
fn what_a_ghost_was_closed_for_is_offered_when_it_is_closed() {
    let done = Outcome::Done { proofs: Vec::new() };
    let refused = Outcome::Refused(Refusal::new(text!("没有", "no"), text!("等", "wait")));
    let backup = "opsdeck backup --env prod";
    for (outcome, action, is_offered) in [
        (&done, "close-ghost", true),
        (&done, "restart-backend", false),
        (&done, "", false),
        (&refused, "close-ghost", false),
    ] {
        let said = outcome::text(outcome, "prod", action, style(Lang::En));
        assert_eq!(said.contains(backup), is_offered, "{action}: {said}");
        let then = outcome::json(outcome, "prod", action, None)["then"].clone();
        assert_eq!(then.as_str(), is_offered.then_some(backup), "{action}");
    }
}

#[test]
fn what_is_told_meanwhile() {
    let titles: Vec<Text> = sample().steps.into_iter().map(|s| s.title).collect();
    let lines = [
        "begin",
        "step 1",
        "fact backend_was running 3f2a",
        "done 1",
        "step 2",
        "fact mount_error 13 Permission denied",
        "fact job 422",
        "fail 2 32",
        "undo 1 0",
        "undo 1 5",
        "refused container ragflowauth-backend",
        "finished",
        "putback backend started",
        "putback backend failed no such image",
        "end finished",
        "end refused",
        "end failed",
        "end killed down",
        "end rebooted",
        "dances",
    ];
    let events = lines.iter().map(|l| event(format!("1769900000 {l}").as_bytes())).collect();
    let all = [
        Told::Checking,
        Told::Begun { run: RunName::parse(RUN).unwrap() },
        Told::Events(events),
        Told::Lost { said: text!("对方重置了连接", "the other side reset the link"), again_ms: 1500 },
        Told::Back,
        Told::Proving,
    ];
    both("told", |lang| {
        let lines = all.iter().flat_map(|t| words::lines(t, &titles));
        let said = lines.map(|l| {
            let at = l.at.map_or_else(|| " ".repeat(8), |at| words::clock(at, ZONE_S));
            format!("{at}  {}\n", l.text.get(lang))
        });
        said.collect()
    });
}

fn entry(run: &str, minutes_ago: i64, action: &str, what: What) -> Entry {
    let env = if action.ends_with("lock") { "prod" } else { "test" };
    Entry {
        at_ms: NOW.0 - minutes_ago * 60_000,
        run: run.into(),
        env: env.into(),
        host: "192.0.2.58".into(),
        server: "app-58".into(),
        operator: "wang@desk".into(),
        action: action.into(),
        what,
    }
}

fn intent(kept: &[&str]) -> What {
    What::Intent { script: "ab".into(), kept: kept.iter().map(|k| (*k).to_owned()).collect() }
}

fn ended(came: &str, zh: &str, en: &str) -> What {
    What::Outcome { came: came.into(), zh: zh.into(), en: en.into() }
}

fn kept() -> Kept {
    let row = r#"{"table":"backup_locks","name":"backup","owner":"8a1f","acquired_at_ms":1769800000000}"#;
    Kept {
        entries: vec![
            entry("1-old", 60 * 24 * 9, "restart-backend", intent(&[])),
            entry("1-old", 60 * 24 * 9, "restart-backend", ended("done", "已完成", "done")),
            entry("2-lost", 60 * 24 * 8, "restart-backend", intent(&[])),
            entry("3-a", 300, "clear-lock", intent(&[row])),
            entry(
                "3-a",
                299,
                "clear-lock",
                ended("done", "已完成，并且看到了结果", "done, and seen to be done"),
            ),
            entry("4-b", 200, "stop-ragflow", intent(&[])),
            entry(
                "4-b",
                199,
                "stop-ragflow",
                ended("done", "已完成，并且看到了结果", "done, and seen to be done"),
            ),
            entry("5-c", 180, "stop-frontend", intent(&[])),
            entry(
                "5-c",
                179,
                "stop-frontend",
                ended("done", "已完成，并且看到了结果", "done, and seen to be done"),
            ),
            entry("6-d", 170, "start-frontend", intent(&[])),
            entry(
                "6-d",
                169,
                "start-frontend",
                ended("done", "已完成，并且看到了结果", "done, and seen to be done"),
            ),
            entry("7-e", 100, "mount", ended("refused", "网络不通|连不上", "no route | to host")),
            entry("8-f", 50, "unmount", intent(&[])),
            entry("8-f", 49, "unmount", ended("failed", "第 1 步没有做成", "step 1 did not work")),
            entry("9-g", 10, "backup-full", intent(&[])),
            entry("9-g", 8, "backup-full", ended("unknown", "没有等到结尾就离开了", "left before its end")),
        ],
        torn: vec![Torn {
            file: PathBuf::from("/state/journal.jsonl"),
            line: 7,
            begins: SafeText::new("{\"at_ms\":17"),
        }],
    }
}

fn shown(kept: &Kept, days: u32, env: &[&str], lang: Lang, md: bool) -> String {
    let args = JournalArgs { md, env: env.iter().map(|e| (*e).to_owned()).collect(), days: None };
    let view = View::of(kept, &args, (NOW, ZONE_S, days), "wang@desk", lang);
    if md { handover::render(&view) } else { table::render(&view) }
}

#[test]
fn the_journal() {
    let kept = kept();
    both("journal", |lang| shown(&kept, 7, &[], lang, false));
    both("handover", |lang| shown(&kept, 1, &[], lang, true));
    both("journal-empty", |lang| {
        shown(&Kept::default(), 7, &[], lang, false) + "\n" + &shown(&Kept::default(), 1, &[], lang, true)
    });
    let seen = Outcome::Done { proofs: Vec::new() };
    both("notices", |lang| {
        let all = notice::of(&kept, None, ZONE_S).into_iter();
        let became = notice::became(&kept.entries[2], &seen, ZONE_S);
        all.chain([became]).map(|t| format!("{}\n", t.get(lang))).collect()
    });
    assert_eq!(notice::of(&kept, Some("test"), ZONE_S).len(), 1, "what cannot be read is told anyway");
    let of_prod = shown(&kept, 7, &["prod"], Lang::En, false);
    assert!(of_prod.contains("3-a") && !of_prod.contains("4-b"), "{of_prod}");
    // what is old is left out, but never what is unfinished
    let short = shown(&kept, 1, &[], Lang::En, false);
    assert!(!short.contains("1-old") && short.contains("2-lost"), "{short}");
    assert!(shown(&kept, 30, &[], Lang::En, false).contains("1-old"));
}
