//! The box of an action: what opens it, what counts in it, what it asks for.
use super::super::super::deed::{DeedPage, Line, QUIET_MS, RunStage, Typed, page, write::left_ms};
use super::super::super::keymap::Place;
use super::super::super::msg::{Broken, Msg};
use super::super::super::screen::Tab;
use super::super::super::{next_wake, unseen};
use super::super::update;
use super::*;
use crate::config::model::{EnvKey, Environment, Role, SecretSource, example};
use crate::core::plan::event::{Event, What};
use crate::core::plan::left::{Left, PutBack};
use crate::core::plan::script::RunName;
use crate::core::plan::told::{Outcome, Told};
use crate::core::plan::{Checked, How, Refusal, Risk, Service, Step, Target};
use crate::i18n::Lang;

const NOW: EpochMs = EpochMs(1_000_000);
const RESTART: Action = Action::Services { which: Service::Backend, how: How::Restart };

fn model() -> Model {
    let named = |key: &str, name: &str, role| Environment {
        key: EnvKey(key.into()),
        name: name.into(),
        role,
        ..example()
    };
    let mut model =
        Model::new(&[named("prod", "正式", Role::Prod), named("test", "测试", Role::Test)], None, Lang::Zh);
    model.size = (100, 30);
    model
}

/// The test server (`2`) or production (`1`), open.
fn open(digit: char) -> Model {
    let mut m = model();
    key(&mut m, Key::char(digit), NOW);
    m
}

fn key(m: &mut Model, key: Key, now: EpochMs) -> Vec<Effect> {
    let effects = update(m, Msg::Key(key), now);
    effects.into_iter().filter(|e| !matches!(e, Effect::Remember(_))).collect()
}

fn letters(m: &mut Model, text: &str, now: EpochMs) {
    for c in text.chars() {
        assert_eq!(key(m, Key::char(c), now), []);
    }
}

fn enter(m: &mut Model, now: EpochMs) -> Vec<Effect> {
    key(m, Key::of(Code::Enter), now)
}

fn plan(m: &Model, action: Action, risk: Risk) -> Plan {
    let server = m.open().unwrap();
    Plan {
        action,
        env: server.key.clone(),
        name: server.name.clone(),
        role: server.role.clone(),
        host: server.host.clone(),
        target: Target { hostname: "box".into(), machine_id: "0".into() },
        effects: vec![Text::same("it restarts")],
        checked: vec![Checked::good(Text::same("nothing runs"))],
        steps: vec![
            Step { title: Text::same("one"), sh: "true\n".into(), undo: None },
            Step { title: Text::same("two"), sh: "within 5 docker restart backend\n".into(), undo: None },
        ],
        risk,
        proof: vec![Text::same("it runs")],
        undo: Text::same("nothing"),
        limit_s: 600,
        needs_password: false,
        kept: Vec::new(),
    }
}

fn asked(effects: &[Effect]) -> RunId {
    match effects {
        [Effect::Preview { run, .. }] => *run,
        other => panic!("no preview was asked for: {other:?}"),
    }
}

fn previewed(m: &mut Model, run: RunId, made: Result<Made, Refusal>) {
    let preview = Box::new(Preview::Made(made));
    assert_eq!(update(m, Msg::Previewed { run, preview }, NOW), []);
}

/// Ready to be confirmed: the preview is there, drawn, and looked at.
fn ready(m: &mut Model, risk: Risk) -> EpochMs {
    let run = asked(&key(m, Key::char('M'), NOW));
    let plan = plan(m, RESTART, risk);
    previewed(m, run, Ok(Made::Plan(Box::new(plan))));
    see(m)
}

fn see(m: &mut Model) -> EpochMs {
    let what = unseen(m).expect("nothing to be seen");
    update(m, Msg::Seen(what), NOW);
    assert_eq!(unseen(m), None);
    NOW.plus_ms(QUIET_MS)
}

fn told(m: &mut Model, run: RunId, told: Told) -> Vec<Effect> {
    update(m, Msg::Told { run, told: Box::new(told) }, NOW.plus_ms(5_000))
}

fn shown(m: &Model) -> DeedPage {
    page(m, NOW).expect("no box")
}

fn is_confirmed(effects: &[Effect]) -> bool {
    effects.iter().any(|e| matches!(e, Effect::CarryOut { .. }))
}

#[test]
fn each_key_opens_its_own_box_and_does_nothing_else() {
    let mut m = open('2');
    for (n, letter) in ['M', 'U', 'B', 'K', 'X', 'R'].into_iter().enumerate() {
        let effects = key(&mut m, Key::char(letter), NOW);
        let Some(Overlay::Deed(deed)) = &m.overlay else { panic!("{letter}: no box") };
        assert_eq!(deed.line, n, "{letter}");
        match deed.choices.len() {
            1 => assert!(matches!(effects.as_slice(), [Effect::Preview { .. }]), "{letter}: {effects:?}"),
            _ => assert_eq!(effects, [], "{letter}: first which one"),
        }
        let given_up = key(&mut m, Key::of(Code::Esc), NOW);
        assert_eq!(given_up.len(), effects.len(), "{letter}: the look is given up");
        assert!(given_up.iter().all(|e| matches!(e, Effect::Abandon { .. })) && m.overlay.is_none());
    }
}

#[test]
fn a_digit_or_enter_takes_one_of_several_and_esc_leads_back_to_the_choice() {
    let mut m = open('2');
    key(&mut m, Key::char('R'), NOW);
    assert_eq!(Place::of(&m), Place::Choose);
    let effects = key(&mut m, Key::char('4'), NOW);
    let frontend = Action::Services { which: Service::Frontend, how: How::Restart };
    assert!(matches!(&effects[..], [Effect::Preview { action, .. }] if *action == frontend), "{effects:?}");
    assert!(matches!(key(&mut m, Key::of(Code::Esc), NOW)[..], [Effect::Abandon { .. }]));
    let picked =
        shown(&m).lines.iter().filter(|l| matches!(l, Line::Pick { n: 4, chosen: true, .. })).count();
    assert_eq!(picked, 1, "the one that was chosen");
    key(&mut m, Key::of(Code::Down), NOW);
    let effects = enter(&mut m, NOW);
    let stop = Action::Services { which: Service::Frontend, how: How::Stop };
    assert!(matches!(&effects[..], [Effect::Preview { action, .. }] if *action == stop), "{effects:?}");
    assert_eq!(key(&mut m, Key::char('9'), NOW), [], "no list is open");
    key(&mut m, Key::of(Code::Esc), NOW);
    key(&mut m, Key::of(Code::Esc), NOW);
    assert!(m.overlay.is_none());
}

#[test]
fn what_is_typed_before_the_box_is_seen_confirms_nothing() {
    let mut m = open('2');
    let run = asked(&key(&mut m, Key::char('M'), NOW));
    assert_eq!(enter(&mut m, NOW), [], "while the server is looked at");
    let light = plan(&m, RESTART, Risk::Light);
    previewed(&mut m, run, Ok(Made::Plan(Box::new(light))));
    assert_eq!(enter(&mut m, NOW.plus_ms(60_000)), [], "it was not drawn yet");
    let ripe = see(&mut m);
    assert_eq!(enter(&mut m, ripe.plus_ms(-1)), [], "it has just appeared");
    assert!(matches!(m.notice, Some(Notice::Refused(_))));
    // a key that is held down never confirms
    for n in 0..50 {
        assert_eq!(enter(&mut m, ripe.plus_ms(n * 33)), []);
    }
    assert!(is_confirmed(&enter(&mut m, ripe.plus_ms(50 * 33 + QUIET_MS))));
}

#[test]
fn a_light_action_on_test_is_confirmed_by_enter_which_opens_the_write_mode() {
    let mut m = open('2');
    let now = ready(&mut m, Risk::Light);
    assert_eq!(Place::of(&m), Place::Deed);
    update(&mut m, Msg::Pasted("\n\n测试\n".into()), now);
    assert_eq!(m.notice, Some(Notice::PasteIgnored));
    assert!(m.open().unwrap().run.is_none());
    let effects = enter(&mut m, now);
    let [Effect::CarryOut { env, plan, password: None, .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!((env.0.as_str(), &plan.action), ("test", &RESTART));
    assert!(left_ms(m.open().unwrap(), now).is_some());
    assert_eq!(Place::of(&m), Place::Running);
    assert_eq!(enter(&mut m, now.plus_ms(9_000)), [], "it is confirmed once");
}

#[test]
fn production_and_what_cannot_be_taken_back_ask_for_the_name() {
    for (digit, risk, name) in
        [('1', Risk::Light, "正式"), ('1', Risk::Heavy, "prod"), ('2', Risk::Heavy, "test")]
    {
        let mut m = open(digit);
        let now = ready(&mut m, risk);
        assert_eq!(Place::of(&m), Place::Typing, "{name}");
        assert_eq!(enter(&mut m, now), [], "an empty name");
        assert!(matches!(m.notice, Some(Notice::Refused(_))));
        for wrong in ["y", "yes", "pro", "tes", "prodd", "其他"] {
            letters(&mut m, wrong, now);
            assert_eq!(enter(&mut m, now), [], "{wrong}");
            key(&mut m, Key::ctrl('u'), now);
        }
        update(&mut m, Msg::Pasted(format!("{name}\n")), now);
        assert_eq!(m.notice, Some(Notice::PasteIgnored), "a name is typed");
        assert_eq!(enter(&mut m, now), [], "a paste is no name");
        letters(&mut m, name, now);
        assert!(is_confirmed(&enter(&mut m, now)), "{name}");
        assert!(left_ms(m.open().unwrap(), now).is_some());
    }
}

#[test]
fn a_name_may_come_full_width_or_in_capitals_and_not_from_before_the_box() {
    let mut m = open('1');
    let run = asked(&key(&mut m, Key::char('M'), NOW));
    let heavy = plan(&m, RESTART, Risk::Heavy);
    previewed(&mut m, run, Ok(Made::Plan(Box::new(heavy))));
    letters(&mut m, "prod", NOW);
    let now = see(&mut m);
    assert_eq!(enter(&mut m, now), [], "what was typed before it was drawn");
    letters(&mut m, "ＰＲｏｄ　", now);
    assert!(is_confirmed(&enter(&mut m, now)));
}

#[test]
fn the_write_mode_spares_nobody_the_name_and_ends_by_itself_and_with_the_environment() {
    let mut m = open('1');
    key(&mut m, Key::ctrl('w'), NOW);
    assert_eq!(Place::of(&m), Place::Typing);
    letters(&mut m, "test", NOW);
    enter(&mut m, NOW);
    assert!(m.open().unwrap().writing.is_none() && m.overlay.is_some(), "not its name");
    key(&mut m, Key::ctrl('u'), NOW);
    letters(&mut m, "正式", NOW);
    enter(&mut m, NOW);
    assert!(m.overlay.is_none());
    let left = |m: &Model, ms| left_ms(m.open().unwrap(), NOW.plus_ms(ms));
    assert_eq!((left(&m, 0), left(&m, 599_999), left(&m, 600_000)), (Some(600_000), Some(1), None));
    assert_eq!(left(&m, -1), None, "the clock was set back");
    let now = ready(&mut m, Risk::Light);
    assert_eq!(enter(&mut m, now), [], "on production the name is typed all the same");
    key(&mut m, Key::of(Code::Esc), now);
    key(&mut m, Key::char('o'), now);
    assert_eq!(m.servers[0].writing, None, "it was left");
    // test asks nothing
    key(&mut m, Key::ctrl('w'), now);
    assert!(left_ms(m.open().unwrap(), now).is_some());
    key(&mut m, Key::ctrl('w'), now);
    assert!(left_ms(m.open().unwrap(), now).is_none());
}

#[test]
fn a_read_only_environment_has_no_write_mode_and_its_menu_says_so() {
    let mut m = open('2');
    m.servers[1].env.read_only = true;
    key(&mut m, Key::ctrl('w'), NOW);
    assert!(matches!(m.notice, Some(Notice::Refused(_))) && m.servers[1].writing.is_none());
    let why = menu::why_not(&m.servers[1], &[RESTART], NOW).unwrap_err();
    assert!(why.en.contains("read_only = true"), "{why:?}");
}

#[test]
fn a_preview_of_what_was_left_is_dropped() {
    let mut m = open('2');
    let run = asked(&key(&mut m, Key::char('M'), NOW));
    key(&mut m, Key::of(Code::Esc), NOW);
    let other = asked(&key(&mut m, Key::char('M'), NOW));
    let made = || Ok(Made::Nothing { said: Text::same("all well"), evidence: Vec::new() });
    previewed(&mut m, run, made());
    assert!(matches!(&m.overlay, Some(Overlay::Deed(d)) if matches!(d.stage, Stage::Asking { .. })));
    let effects = key(&mut m, Key::ctrl('c'), NOW);
    assert_eq!(effects, [Effect::Abandon { run: other }]);
    key(&mut m, Key::char('o'), NOW);
    previewed(&mut m, other, made());
    assert!(m.overlay.is_none());
}

#[test]
fn a_refusal_offers_what_can_be_done_instead_from_a_new_preview() {
    let mut m = open('2');
    let run = asked(&key(&mut m, Key::char('U'), NOW));
    let lazy = Action::Unmount { lazy: true };
    let refusal = Refusal::new(Text::same("busy"), Text::same("wait"))
        .because([Text::same("pid 7")])
        .instead(Action::Cancel { force: false })
        .instead(lazy.clone());
    previewed(&mut m, run, Err(refusal));
    assert_eq!(key(&mut m, Key::char('2'), NOW), [], "it was not seen yet");
    let now = see(&mut m);
    let effects = key(&mut m, Key::char('2'), now);
    assert!(matches!(&effects[..], [Effect::Preview { action, .. }] if *action == lazy), "{effects:?}");
    assert!(m.open().unwrap().run.is_none());
}

/// The second operator follows the first with the key that is under the hand.
#[test]
fn enter_follows_whoever_is_at_work() {
    let busy = || crate::core::plan::explain::busy("mount|li@desk|1769899200|3-c", Some(NOW));
    let follows = |effects: &[Effect]| matches!(effects, [Effect::Attach { env, name, action: Action::Mount { .. }, .. }] if env.0 == "test" && name.as_str() == "3-c");
    let mut m = open('2');
    let run = asked(&key(&mut m, Key::char('U'), NOW));
    previewed(&mut m, run, Err(busy()));
    let now = see(&mut m);
    let effects = enter(&mut m, now);
    assert!(follows(&effects), "{effects:?}");
    assert_eq!(Place::of(&m), Place::Running);
    // and so where the server itself refused
    let (mut m, run) = confirmed('2');
    told(&mut m, run, ended(Outcome::Refused(busy())));
    let now = see(&mut m);
    let effects = enter(&mut m, now);
    assert!(follows(&effects), "{effects:?}");
}

#[test]
fn a_backend_that_was_left_down_is_said_until_a_look_has_seen_it_run() {
    let (mut m, run) = confirmed('2');
    let down = Outcome::Failed {
        said: Text::same("no"),
        next: Text::same("start"),
        left: Left { put_back: PutBack::Down, clean: false },
        proofs: Vec::new(),
    };
    assert!(!crate::core::console::deed::is_down(&m.servers[1]));
    told(&mut m, run, ended(down));
    let now = see(&mut m);
    key(&mut m, Key::of(Code::Esc), now.plus_ms(1000));
    assert!(m.servers[1].run.is_none() && crate::core::console::deed::is_down(&m.servers[1]));
}

#[test]
fn the_password_is_typed_first_and_shown_nowhere() {
    let mut m = open('1');
    m.servers[0].env.share.secret = Some(SecretSource::Prompt);
    let run = asked(&key(&mut m, Key::char('M'), NOW));
    let mount = Action::Mount { new_password: true };
    let needs = Plan { needs_password: true, ..plan(&m, mount, Risk::Light) };
    previewed(&mut m, run, Ok(Made::Plan(Box::new(needs))));
    let now = see(&mut m);
    assert_eq!(enter(&mut m, now), [], "an empty password");
    update(&mut m, Msg::Pasted("hunter\nx".into()), now);
    letters(&mut m, "22", now);
    key(&mut m, Key::of(Code::Backspace), now);
    let field = shown(&m).field.unwrap();
    assert_eq!(field.input.value(), "*******");
    assert_eq!(enter(&mut m, now), [], "the name comes after it");
    assert_eq!(shown(&m).field.unwrap().input.value(), "");
    let said = format!("{m:?} {:?}", shown(&m));
    assert!(!said.contains("hunter"), "{said}");
    letters(&mut m, "prod", now);
    let later = now.plus_ms(QUIET_MS);
    let effects = enter(&mut m, later);
    let [Effect::CarryOut { password: Some(typed), .. }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(typed.secret().unwrap().bytes_for_stdin(), b"hunter2");
    assert!(!format!("{effects:?}").contains("hunter"));
    // it left the model with the order
    assert!(matches!(&m.overlay, Some(Overlay::Deed(d)) if d.password.chars() == 0));
    assert_ne!(*typed, Typed::default());
}

#[test]
fn a_password_that_has_a_source_is_not_asked_for() {
    let mut m = open('2');
    m.servers[1].env.share.secret = Some(SecretSource::Env("SHARE".into()));
    let run = asked(&key(&mut m, Key::char('M'), NOW));
    let needs = Plan { needs_password: true, ..plan(&m, RESTART, Risk::Light) };
    previewed(&mut m, run, Ok(Made::Plan(Box::new(needs))));
    let now = see(&mut m);
    assert!(is_confirmed(&enter(&mut m, now)));
}

#[test]
fn a_new_password_is_another_preview() {
    let mut m = open('2');
    let run = asked(&key(&mut m, Key::char('M'), NOW));
    let light = plan(&m, Action::Mount { new_password: false }, Risk::Light);
    previewed(&mut m, run, Ok(Made::Plan(Box::new(light))));
    let effects = key(&mut m, Key::char('p'), NOW);
    let anew = Action::Mount { new_password: true };
    assert!(matches!(&effects[..], [Effect::Preview { action, .. }] if *action == anew), "{effects:?}");
}

#[test]
fn the_commands_are_read_and_copied_and_confirm_nothing() {
    let mut m = open('2');
    let now = ready(&mut m, Risk::Light);
    key(&mut m, Key::char('v'), now);
    assert!(shown(&m).lines.contains(&Line::Code("  within 5 docker restart backend".into())));
    assert_eq!(enter(&mut m, now), [], "only the preview is confirmed");
    let [Effect::Copy { name, text }] = &key(&mut m, Key::char('y'), now)[..] else { panic!("not copied") };
    assert_eq!(name, "test-restart-backend");
    assert!(
        text.starts_with("#!/bin/sh\n") && text.contains("测试 (test)") && text.contains("step_2() {"),
        "{text}"
    );
    key(&mut m, Key::of(Code::Esc), now);
    assert!(shown(&m).lines.iter().all(|l| !matches!(l, Line::Code(_))));
    assert!(is_confirmed(&enter(&mut m, now)));
}

/// A run that was confirmed on this environment.
fn confirmed(digit: char) -> (Model, RunId) {
    let mut m = open(digit);
    let now = ready(&mut m, Risk::Heavy);
    let name = m.open().unwrap().key.0.clone();
    letters(&mut m, &name, now);
    let effects = enter(&mut m, now);
    let [Effect::CarryOut { run, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    (m, *run)
}

fn ended(outcome: Outcome) -> Told {
    Told::Ended(Box::new(outcome))
}

fn event(what: What) -> Told {
    Told::Events(vec![Event { at: NOW, what }])
}

#[test]
fn a_run_is_put_aside_and_brought_back_and_its_end_is_seen_before_it_is_closed() {
    let (mut m, run) = confirmed('2');
    told(&mut m, run, Told::Begun { run: RunName::parse("1-a").unwrap() });
    told(&mut m, run, event(What::Step { n: 1 }));
    for (away, back) in [(Code::Esc, Key::of(Code::Enter)), (Code::Esc, Key::char('U'))] {
        key(&mut m, Key::of(away), NOW);
        assert!(m.overlay.is_none() && m.open().unwrap().run.is_some());
        assert_eq!(key(&mut m, back, NOW), [], "one at a time");
        assert_eq!(Place::of(&m), Place::Running);
    }
    let effects = told(&mut m, run, ended(Outcome::Done { proofs: Vec::new() }));
    assert!(effects.iter().all(|e| matches!(e, Effect::Look { .. })), "{effects:?}");
    // Esc that was meant for the running one does not throw its end away
    key(&mut m, Key::of(Code::Esc), NOW);
    assert!(m.overlay.is_none() && m.open().unwrap().run.is_some());
    enter(&mut m, NOW);
    let now = see(&mut m);
    key(&mut m, Key::of(Code::Esc), now);
    assert!(m.overlay.is_none() && m.open().unwrap().run.is_none());
}

#[test]
fn after_the_end_the_server_is_looked_at_again() {
    let (mut m, run) = confirmed('2');
    let asked = m.open().unwrap().asking.unwrap().run;
    assert_eq!(told(&mut m, run, ended(Outcome::Done { proofs: Vec::new() })), [], "a look is under way");
    assert!(m.open().unwrap().watch.changed, "which may have begun before the end");
    assert!(m.open().unwrap().asking.is_some_and(|a| a.run == asked));
    let (mut m, run) = confirmed('2');
    m.servers[1].asking = None;
    let effects = told(&mut m, run, ended(Outcome::Done { proofs: Vec::new() }));
    assert!(matches!(&effects[..], [Effect::Look { env, .. }] if env.0 == "test"), "{effects:?}");
}

#[test]
fn what_is_told_of_another_server_is_said_with_its_name_and_stands_nowhere_else() {
    let (mut m, run) = confirmed('1');
    key(&mut m, Key::of(Code::Esc), NOW);
    key(&mut m, Key::char('o'), NOW);
    assert_eq!(m.open().unwrap().key.0, "test");
    told(&mut m, run, event(What::Step { n: 1 }));
    assert!(m.notice.is_none() && m.overlay.is_none());
    told(&mut m, run, ended(Outcome::Done { proofs: Vec::new() }));
    assert!(matches!(&m.notice, Some(Notice::Said(t)) if t.zh.starts_with("正式：")), "{:?}", m.notice);
    assert!(m.servers[1].run.is_none() && m.servers[0].run.as_ref().unwrap().outcome().is_some());
    // after the end nothing comes
    told(&mut m, run, event(What::Step { n: 2 }));
    assert_eq!(m.servers[0].run.as_ref().unwrap().events.len(), 1);
}

#[test]
fn steps_are_what_the_run_wrote_down_and_a_lost_link_is_no_end() {
    let (mut m, run) = confirmed('2');
    let steps = |m: &Model| -> Vec<&'static str> {
        m.open().unwrap().run.as_ref().unwrap().steps().iter().map(|(s, _)| s.sign().0).collect()
    };
    told(&mut m, run, Told::Begun { run: RunName::parse("1-a").unwrap() });
    told(&mut m, run, event(What::Step { n: 1 }));
    told(&mut m, run, event(What::Done { n: 1 }));
    told(&mut m, run, event(What::Step { n: 2 }));
    assert_eq!(steps(&m), ["[+]", "[>]"]);
    told(&mut m, run, Told::Lost { said: Text::same("gone"), again_ms: 2000 });
    assert!(shown(&m).lines.iter().any(|l| matches!(l, Line::Warn(t) if t.zh.contains("仍在服务器上继续"))));
    assert!(next_wake(&m, NOW).is_some_and(|ms| ms <= 1000), "the countdown");
    told(&mut m, run, Told::Back);
    assert_eq!(m.open().unwrap().run.as_ref().unwrap().stage, RunStage::Working);
    told(&mut m, run, event(What::Fail { n: 2, code: 1 }));
    assert_eq!(steps(&m), ["[+]", "[x]"]);
    // a hostile journal names no step too many
    told(&mut m, run, event(What::Step { n: usize::MAX }));
    assert!(steps(&m).len() <= 99);
}

#[test]
fn a_run_whose_end_is_not_known_is_followed_again() {
    let (mut m, run) = confirmed('2');
    let name = RunName::parse("1-a").unwrap();
    let unknown = Outcome::Unknown {
        said: Text::same("?"),
        next: Text::same("look"),
        run: Some(name.clone()),
        is_lost: false,
    };
    told(&mut m, run, ended(unknown));
    let now = see(&mut m);
    let effects = enter(&mut m, now);
    assert!(
        matches!(&effects[..], [Effect::Attach { env, name: n, action, .. }] if env.0 == "test" && *n == name && *action == RESTART),
        "{effects:?}"
    );
}

#[test]
fn what_changed_is_previewed_anew_and_what_is_down_is_started_with_one_key() {
    let changed = Outcome::Changed { now: None, said: Text::same("another") };
    let down = Outcome::Failed {
        said: Text::same("no"),
        next: Text::same("start"),
        left: Left { put_back: PutBack::Down, clean: false },
        proofs: Vec::new(),
    };
    let start = Action::Services { which: Service::Backend, how: How::Start };
    for (outcome, expected) in [(changed, RESTART), (down, start)] {
        let (mut m, run) = confirmed('2');
        told(&mut m, run, ended(outcome));
        let now = see(&mut m);
        let effects = enter(&mut m, now);
        assert!(
            matches!(&effects[..], [Effect::Preview { action, .. }] if *action == expected),
            "{effects:?}"
        );
        assert!(m.open().unwrap().run.is_none());
    }
}

/// A ghost is closed because it blocks every backup: when it is closed, a digit makes one. Enter closes the box.
#[test]
fn what_a_ghost_was_closed_for_is_offered_when_it_is_closed() {
    let closed = || {
        let (mut m, run) = confirmed('2');
        m.servers[1].run.as_mut().unwrap().action = Action::CloseGhost;
        told(&mut m, run, ended(Outcome::Done { proofs: Vec::new() }));
        let now = see(&mut m);
        (m, now)
    };
    let (mut m, now) = closed();
    let backup = Action::Backup { full: false };
    assert_eq!(m.open().unwrap().run.as_ref().unwrap().picks(), std::slice::from_ref(&backup));
    let effects = key(&mut m, Key::char('1'), now);
    assert!(matches!(&effects[..], [Effect::Preview { action, .. }] if *action == backup), "{effects:?}");
    let (mut m, now) = closed();
    assert!(enter(&mut m, now).iter().all(|e| !matches!(e, Effect::Preview { .. })));
    assert!(m.overlay.is_none());
    // one that was refused leads nowhere
    let (mut m, run) = confirmed('2');
    m.servers[1].run.as_mut().unwrap().action = Action::CloseGhost;
    told(&mut m, run, ended(Outcome::Refused(Refusal::new(Text::same("no"), Text::same("wait")))));
    assert!(m.open().unwrap().run.as_ref().unwrap().picks().is_empty());
}

#[test]
fn what_was_not_seen_to_its_end_is_said_once_and_followed_when_its_environment_opens() {
    let mut m = model();
    let left = |env: &str, run: &str| crate::core::console::Unfinished {
        env: EnvKey(env.into()),
        run: RunName::parse(run).unwrap(),
        action: RESTART,
    };
    m.unfinished = vec![left("test", "1-a"), left("test", "2-b")];
    assert!(key(&mut m, Key::char('1'), NOW).iter().all(|e| !matches!(e, Effect::Attach { .. })));
    let effects = key(&mut m, Key::char('o'), NOW);
    let attached: Vec<&str> = effects
        .iter()
        .filter_map(|e| match e {
            Effect::Attach { env, name, .. } if env.0 == "test" => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(attached, ["2-b"], "one at a time, the newest first");
    assert!(matches!(&m.notice, Some(Notice::Said(t)) if t.zh.contains("上次没有看到结尾")));
    key(&mut m, Key::char('o'), NOW);
    assert!(key(&mut m, Key::char('o'), NOW).iter().all(|e| !matches!(e, Effect::Attach { .. })));
}

#[test]
fn a_server_that_cannot_be_looked_at_has_no_preview_and_is_asked_again_by_enter() {
    let mut m = open('2');
    let run = asked(&key(&mut m, Key::char('M'), NOW));
    let why = Broken { said: Text::same("refused"), hint: Text::same("wait"), link: true, again_ms: None };
    let preview = Box::new(Preview::Unreachable(why));
    update(&mut m, Msg::Previewed { run, preview }, NOW);
    assert!(shown(&m).lines.contains(&Line::Next(Text::same("wait"))));
    assert_ne!(asked(&enter(&mut m, NOW)), run);
}

#[test]
fn leaving_the_environment_gives_the_preview_up_and_nothing_that_is_at_work() {
    let (mut m, run) = confirmed('2');
    key(&mut m, Key::of(Code::Esc), NOW);
    let effects = key(&mut m, Key::of(Code::F(3)), NOW);
    assert!(!effects.contains(&Effect::Abandon { run }), "{effects:?}");
    assert!(m.servers[1].run.is_some() && m.servers[1].writing.is_none());
    assert_eq!(m.tab(), None);
    told(&mut m, run, Told::Proving);
    // the one that was used last is the first of the list
    key(&mut m, Key::char('1'), NOW);
    assert_eq!(
        (m.tab(), &m.open().unwrap().run.as_ref().unwrap().stage),
        (Some(Tab::Overview), &RunStage::Proving)
    );
}

/// What was confirmed is on the server, whatever becomes of the terminal.
#[test]
fn a_terminal_that_goes_away_leaves_word_of_what_goes_on() {
    use crate::core::console::deed::gone;
    let said = gone(&model(), "EIO");
    assert!(said.en.contains("nothing that it began was at work") && said.zh.ends_with("：EIO"), "{said:?}");
    let (mut m, run) = confirmed('2');
    let (title, name) = (RESTART.title(), m.servers[1].name.clone());
    let said = gone(&m, "EIO");
    assert!(said.en.ends_with(&format!("\n  {name} {}    opsdeck attach --env test", title.en)), "{said:?}");
    told(&mut m, run, Told::Begun { run: RunName::parse("7-c").unwrap() });
    let said = gone(&m, "EIO");
    for (words, title) in [(&said.zh, &title.zh), (&said.en, &title.en)] {
        assert!(words.contains(&format!("\n  {name} {title}    opsdeck attach --env test 7-c")), "{said:?}");
        assert!(words.contains("EIO") && !words.contains("nothing was changed"), "{said:?}");
    }
}

#[test]
fn a_run_that_a_look_found_is_followed_from_its_line_of_the_overview() {
    use crate::core::probe::runs::{Run as Found, RunState};
    use crate::core::safetext::SafeText;
    let mut m = open('2');
    let mut look = crate::core::snapshot::Snapshot::read(&example(), "", "m", b"", NOW, 5);
    let found = |name: &str, action: &str, state| Found {
        name: RunName::parse(name).unwrap(),
        action: SafeText::new(action),
        operator: SafeText::new("li@desk"),
        since: NOW,
        state,
    };
    let ended = RunState::Ended { how: SafeText::new("finished") };
    look.runs = Ok(vec![found("3-c", "mount", ended), found("2-b", "restart-backend", RunState::Gone)]);
    let server = &m.servers[1];
    let verdict = crate::core::verdict::judge(&server.env, &look);
    let run = server.asking.unwrap().run;
    let answer = crate::core::console::Answer { verdict, look, cut: None };
    let outcome = Box::new(crate::core::console::Outcome::Answered(Box::new(answer)));
    update(&mut m, Msg::Looked { run, outcome }, NOW);
    let place = m.servers[1].place_mut(Tab::Overview).unwrap();
    place.chosen = Some("operations".into());
    let effects = enter(&mut m, NOW);
    assert!(
        matches!(&effects[..], [Effect::Attach { name, action, .. }] if name.as_str() == "2-b" && *action == RESTART),
        "{effects:?}"
    );
    assert_eq!(Place::of(&m), Place::Running);
    // it is followed once
    key(&mut m, Key::of(Code::Esc), NOW);
    assert_eq!(enter(&mut m, NOW), []);
}
