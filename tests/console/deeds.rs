//! The box of an action in each of its states, as goldens.
use crate::cases::{Case, after};
use crate::given::*;
use opsdeck::config::model::SecretSource;
use opsdeck::core::console::deed::{QUIET_MS, is_down};
use opsdeck::core::console::{Code, Key, Model, Msg, Overlay, Preview, RunId, unseen, update};
use opsdeck::core::plan::event::{Event, What};
use opsdeck::core::plan::left::{Left, PutBack};
use opsdeck::core::plan::prove::Proof;
use opsdeck::core::plan::script::RunName;
use opsdeck::core::plan::told::{Outcome, Told};
use opsdeck::core::plan::{Action, How, Made, Plan, Refusal, Service, make};
use opsdeck::core::probe::runs::{Run, RunState};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::state::State;
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::Facts;
use opsdeck::i18n::{Lang, Text};

const RESTART: Action = Action::Services { which: Service::Backend, how: How::Restart };
const START: Action = Action::Services { which: Service::Backend, how: How::Start };

const fn at(seconds: i64) -> EpochMs {
    EpochMs(TAKEN.0 + seconds * 1000)
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |name: &str, now: i64, make: fn(Lang) -> Model| Case::new(name, at(now), make).fresh();
    vec![
        case("deed-which", 12, |l| after(open(l, "healthy"), &[], "R")),
        case("deed-asking", 15, |l| {
            let mut model = after(open(l, "healthy"), &[], "R");
            press(&mut model, Key::char('1'), at(12));
            model
        }),
        case("deed-light", 14, light),
        case("deed-heavy-prod", 14, |l| heavy(l, "backup-running")),
        case("deed-typed", 14, |l| {
            let mut model = heavy(l, "healthy");
            letters(&mut model, "正");
            model
        }),
        case("deed-wrong-name", 14, |l| {
            let mut model = heavy(l, "healthy");
            letters(&mut model, "test");
            press(&mut model, Key::of(Code::Enter), at(14));
            model
        }),
        case("deed-commands", 14, |l| {
            let mut model = light(l);
            press(&mut model, Key::char('v'), at(14));
            model
        }),
        case("deed-password", 14, password),
        case("deed-refused", 14, |l| previewed(l, "healthy", PROD, "U", Err(refused_in_use()))),
        case("deed-nothing", 14, |l| made(l, "healthy", PROD, "R3", &START)),
        case("deed-unreachable", 14, |l| {
            let mut model = after(open(l, "healthy"), &[], "R1");
            let Overlay::Deed(_) = model.overlay.as_ref().unwrap() else { panic!("no box") };
            let run = model.last_run;
            let preview = Box::new(Preview::Unreachable(gone()));
            update(&mut model, Msg::Previewed { run, preview }, at(12));
            model
        }),
        case("deed-running", 40, |l| running(l).0),
        case("deed-aside", 40, |l| {
            let mut model = running(l).0;
            press(&mut model, Key::of(Code::Esc), at(30));
            model
        }),
        case("deed-link-lost", 40, |l| {
            let (mut model, run) = running(l);
            let said = text(("服务器没有声音了", "the server says nothing any more"));
            tell(&mut model, run, Told::Lost { said, again_ms: 4000 }, 38);
            model
        }),
        case("deed-done", 60, |l| {
            let mut model = over(l, Outcome::Done { proofs: proofs(State::Ok) }, 3);
            let what = unseen(&model).unwrap();
            update(&mut model, Msg::Seen(what), at(56));
            model
        }),
        case("deed-failed", 60, |l| over(l, failed(PutBack::Runs), 2)),
        case("deed-failed-down", 60, |l| over(l, failed(PutBack::Down), 2)),
        // it was read and put away, and the look that followed could not see the backend run
        case("deed-down-after", 70, |l| {
            let mut model = over(l, failed(PutBack::Down), 2);
            let again = crate::asked::answered("backend-down").outcome(PROD);
            let run = model.servers[PROD].asking.as_ref().map(|a| a.run);
            assert!(run.is_none(), "the look was answered");
            let what = unseen(&model).unwrap();
            update(&mut model, Msg::Seen(what), at(56));
            press(&mut model, Key::of(Code::Esc), at(60));
            press(&mut model, Key::of(Code::F(5)), at(61));
            answer(&mut model, PROD, again, at(62));
            model
        }),
        case("deed-busy", 60, |l| {
            let who = "restart-backend|li@desk|1769899200|1769899200-aa";
            let refusal = opsdeck::core::plan::explain::busy(who, Some(EpochMs(1_769_900_000_000)));
            previewed(l, "healthy", PROD, "R1", Err(refusal))
        }),
        case("deed-unknown", 60, |l| {
            let run = RunName::parse("1769900020-1f3a9c2e");
            let said = text(("结果未知，没有等到它的结尾。", "not known: its end was not seen."));
            let next = text(("它在服务器上会自己做完", "it goes on by itself on the server"));
            over(l, Outcome::Unknown { said, next, run, is_lost: false }, 1)
        }),
        case("deed-changed", 60, |l| {
            let said = text((
                "服务器和预览时不一样了，所以没有动手。请看新的预览",
                "the server is not as it was in the preview, so nothing was done. See the new preview",
            ));
            over(l, Outcome::Changed { now: None, said }, 0)
        }),
        case("deed-leaving", 40, |l| {
            let mut model = running(l).0;
            press(&mut model, Key::of(Code::Esc), at(30));
            press(&mut model, Key::ctrl('c'), at(30));
            press(&mut model, Key::ctrl('c'), at(30));
            model
        }),
        case("write-mode", 14, |l| after(test(l, "healthy"), &[], "\u{17}")),
        case("write-mode-prod", 14, |l| after(open(l, "healthy"), &[], "\u{17}pr")),
        case("write-mode-last", 580, |l| after(test(l, "healthy"), &[], "\u{17}")),
        Case::new("deed-in-the-list", at(40), |l| {
            let mut model = running(l).0;
            press(&mut model, Key::of(Code::Esc), at(30));
            press(&mut model, Key::of(Code::F(3)), at(30));
            model
        }),
    ]
}

fn text((zh, en): (&str, &str)) -> Text {
    Text { zh: zh.into(), en: en.into() }
}

fn letters(model: &mut Model, typed: &str) {
    for c in typed.chars() {
        press(model, Key::char(c), at(14));
    }
}

/// The test server, open, with its answer.
fn test(lang: Lang, scenario: &str) -> Model {
    after(open(lang, scenario), &[], "o")
}

fn planned(model: &Model, server: usize, action: &Action) -> Result<Made, Refusal> {
    let server = &model.servers[server];
    let answer = server.answer.as_ref().unwrap();
    make(action, &Facts::of(&server.env, &answer.what.look), "")
}

/// These keys, and this answer to the look that they ask for; it is on the screen.
fn previewed(lang: Lang, scenario: &str, at_server: usize, keys: &str, made: Result<Made, Refusal>) -> Model {
    let base = if at_server == PROD { open(lang, scenario) } else { test(lang, scenario) };
    let mut model = base;
    for c in keys.chars() {
        press(&mut model, Key::char(c), at(11));
    }
    let run: RunId = model.last_run;
    update(&mut model, Msg::Previewed { run, preview: Box::new(Preview::Made(made)) }, at(12));
    let what = unseen(&model).expect("no preview");
    update(&mut model, Msg::Seen(what), at(12));
    model
}

fn made(lang: Lang, scenario: &str, server: usize, keys: &str, action: &Action) -> Model {
    let base = if server == PROD { open(lang, scenario) } else { test(lang, scenario) };
    previewed(lang, scenario, server, keys, planned(&base, server, action))
}

/// The backend of test is down, and is to be started.
fn light(lang: Lang) -> Model {
    made(lang, "backend-down", TEST, "R3", &START)
}

fn heavy(lang: Lang, scenario: &str) -> Model {
    made(lang, scenario, PROD, "R1", &RESTART)
}

fn password(lang: Lang) -> Model {
    let base = open(lang, "healthy");
    let Ok(Made::Plan(plan)) = planned(&base, PROD, &RESTART) else { panic!("no plan") };
    let action = Action::Mount { new_password: true };
    let plan = Plan { needs_password: true, action, ..*plan };
    let mut model = open(lang, "healthy");
    model.servers[PROD].env.share.secret = Some(SecretSource::Prompt);
    press(&mut model, Key::char('M'), at(11));
    let run = model.last_run;
    let made = Ok(Made::Plan(Box::new(plan)));
    update(&mut model, Msg::Previewed { run, preview: Box::new(Preview::Made(made)) }, at(12));
    let what = unseen(&model).unwrap();
    update(&mut model, Msg::Seen(what), at(12));
    letters(&mut model, "hunter2");
    model
}

fn refused_in_use() -> Refusal {
    Refusal::new(
        text((
            "有备份在往共享上写，不能卸载。什么也没做",
            "a backup writes to the share, which cannot be taken away. Nothing was done",
        )),
        text(("等它结束，或先取消它", "wait for its end, or cancel it first")),
    )
    .because([text(("任务 #422 正在进行，12 秒前还在写", "job #422 is at work and wrote 12 s ago"))])
    .instead(Action::Cancel { force: false })
    .instead(Action::Unmount { lazy: true })
}

fn gone() -> opsdeck::core::console::Broken {
    opsdeck::core::console::Broken {
        said: text(("连接断了", "the link was lost")),
        hint: text(("看网络，再试一次", "see the network, then try again")),
        link: true,
        again_ms: Some(0),
    }
}

/// Confirmed on production.
fn confirmed(lang: Lang) -> (Model, RunId) {
    let mut model = heavy(lang, "healthy");
    letters(&mut model, "prod");
    press(&mut model, Key::of(Code::Enter), EpochMs(at(14).0 + QUIET_MS));
    let run = model.servers[PROD].run.as_ref().expect("not confirmed").id;
    (model, run)
}

fn tell(model: &mut Model, run: RunId, told: Told, seconds: i64) {
    update(model, Msg::Told { run, told: Box::new(told) }, at(seconds));
}

fn wrote(model: &mut Model, run: RunId, what: What, seconds: i64) {
    tell(model, run, Told::Events(vec![Event { at: at(seconds), what }]), seconds);
}

fn running(lang: Lang) -> (Model, RunId) {
    let (mut model, run) = confirmed(lang);
    tell(&mut model, run, Told::Begun { run: RunName::parse("1769900020-1f3a9c2e").unwrap() }, 20);
    wrote(&mut model, run, What::Begin, 20);
    wrote(&mut model, run, What::Step { n: 1 }, 21);
    wrote(&mut model, run, What::Done { n: 1 }, 22);
    wrote(&mut model, run, What::Step { n: 2 }, 22);
    let (name, words) = (SafeText::new("backend"), SafeText::new("running a1b2c3d4"));
    wrote(&mut model, run, What::Fact { name, words }, 23);
    (model, run)
}

/// Over, after so many steps that were begun; the last one has failed where it failed.
fn over(lang: Lang, outcome: Outcome, steps: usize) -> Model {
    use opsdeck::core::plan::event::How as Ended;
    let (mut model, run) = confirmed(lang);
    tell(&mut model, run, Told::Begun { run: RunName::parse("1769900020-1f3a9c2e").unwrap() }, 20);
    let has_failed = matches!(outcome, Outcome::Failed { .. });
    for n in 1..=steps {
        wrote(&mut model, run, What::Step { n }, 21);
        match n == steps && has_failed {
            true => wrote(&mut model, run, What::Fail { n, code: 124 }, 30),
            false => wrote(&mut model, run, What::Done { n }, 30),
        }
    }
    if let Outcome::Failed { left, .. } = &outcome {
        let well = left.put_back != PutBack::Down;
        let (what, words) =
            (SafeText::new("backend"), SafeText::new(if well { "" } else { "no such image" }));
        wrote(&mut model, run, What::PutBack { what, well, words }, 50);
        wrote(&mut model, run, What::End { how: Ended::Failed, down: !well }, 51);
    }
    tell(&mut model, run, Told::Ended(Box::new(outcome)), 55);
    // the look that follows it, and what it says
    if model.servers[PROD].asking.is_some() {
        let again = crate::asked::answered("healthy").outcome(PROD);
        answer(&mut model, PROD, again, at(56));
    }
    model
}

fn proofs(state: State) -> Vec<Proof> {
    vec![
        Proof {
            what: Text::same("ragflowauth-backend"),
            before: Some(text(("运行中，启动于 01-28 08:10", "running since 01-28 08:10"))),
            after: text(("运行中，启动于 02-01 06:53", "running since 02-01 06:53")),
            state,
        },
        Proof {
            what: text(("后端服务", "backend")),
            before: Some(text(("运行中，/health 正常", "running, /health is well"))),
            after: text(("运行中，/health 正常", "running, /health is well")),
            state,
        },
    ]
}

fn failed(put_back: PutBack) -> Outcome {
    let well = put_back != PutBack::Down;
    Outcome::Failed {
        said: text(("第 2 步超时，没有做成", "step 2 ran out of time")),
        next: text(("再检查一次，看服务器现在怎样", "check again and see how the server is now")),
        left: Left { put_back, clean: well },
        proofs: proofs(if well { State::Ok } else { State::Failed }),
    }
}

/// Docker's word is not enough: a container that a dead share holds says that it runs.
#[test]
fn a_backend_that_was_left_down_stays_said_while_it_runs_in_name_only() {
    let mut model = open(Lang::Zh, "healthy");
    let server = &mut model.servers[0];
    server.down = Some(EpochMs(TAKEN.0 - 60_000));
    assert!(!is_down(server), "a look has seen it run since then");
    let answer = &mut server.answer.as_mut().unwrap().what;
    let backend = answer.verdict.checks.iter_mut().find(|c| c.id == "backend").unwrap();
    backend.state = State::Failed;
    assert!(is_down(server));
    // by somebody else's run, too
    server.down = None;
    let run = |how: &str| Run {
        name: RunName::parse("1795143600-0a1b2c3d").unwrap(),
        action: SafeText::new("restart-backend"),
        operator: SafeText::new("li@desk"),
        since: TAKEN,
        state: RunState::Ended { how: SafeText::new(how) },
    };
    for (how, expected) in [("failed down", true), ("failed", false)] {
        server.answer.as_mut().unwrap().what.look.runs = Ok(vec![run(how)]);
        assert_eq!(is_down(server), expected, "{how}");
    }
}
