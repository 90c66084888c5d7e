//! Keys and answers in, state and effects out.
use super::*;
use crate::config::model::{EnvKey, Environment, example};
use crate::core::console::msg::Answer;
use crate::core::console::{Freshness, next_wake};
use crate::core::state::State;
use crate::core::verdict::{Check, Verdict};
use crate::i18n::Text;
use crate::text;

const NOW: EpochMs = EpochMs(1_000_000);

fn model() -> Model {
    let named = |key: &str| Environment { key: EnvKey(key.into()), ..example() };
    Model::new(&[named("prod"), named("test")], None, Lang::Zh)
}

fn check(id: &'static str, state: State) -> Check {
    Check { id, title: Text::same(id), state, summary: Text::same(""), evidence: Vec::new(), next: None }
}

fn verdict(checks: Vec<Check>) -> Verdict {
    let none = || Text::same("");
    let unreachable = crate::core::verdict::unreachable(&example(), none(), none(), none(), NOW, 5);
    Verdict { checks, ..unreachable }
}

fn answer(checks: Vec<Check>) -> Outcome {
    Outcome::Answered(Answer { verdict: verdict(checks), link: None })
}

fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    update(model, Msg::Key(key), NOW)
}

fn look(env: &str, run: u64) -> Effect {
    Effect::Look { env: EnvKey(env.into()), run: RunId(run) }
}

fn looked(model: &mut Model, run: u64, outcome: Outcome) {
    let msg = Msg::Looked { run: RunId(run), outcome: Box::new(outcome) };
    assert_eq!(update(model, msg, NOW), []);
}

#[test]
fn opening_asks_once_and_leaving_gives_up() {
    let mut m = model();
    assert_eq!(key(&mut m, Key::of(Code::Down)), []);
    assert_eq!(key(&mut m, Key::of(Code::Enter)), [look("test", 1)]);
    assert_eq!(key(&mut m, Key::of(Code::F(5))), [], "already asking");
    assert_eq!(key(&mut m, Key::of(Code::Esc)), [Effect::Abandon { run: RunId(1) }]);
    assert_eq!((m.screen, m.asking), (Screen::Picker, None));
    assert_eq!(key(&mut m, Key::char('1')), [look("prod", 2)]);
    looked(&mut m, 2, answer(vec![]));
    assert_eq!(key(&mut m, Key::char('r')), [look("prod", 3)]);
    looked(&mut m, 3, answer(vec![]));
    assert_eq!(key(&mut m, Key::of(Code::F(3))), [], "nothing to give up");
}

#[test]
fn an_answer_to_an_old_question_is_dropped() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    key(&mut m, Key::of(Code::Esc));
    looked(&mut m, 1, answer(vec![]));
    key(&mut m, Key::char('2'));
    looked(&mut m, 1, answer(vec![]));
    assert!(m.servers.iter().all(|s| s.answer.is_none()), "a late answer was taken");
    looked(&mut m, 2, answer(vec![]));
    assert!(m.servers[1].answer.is_some() && m.servers[0].answer.is_none());
}

#[test]
fn digits_beyond_the_list_and_unknown_keys_do_nothing() {
    let mut m = model();
    for k in [Key::char('3'), Key::char('9'), Key::char('0'), Key::char('x'), Key::of(Code::F(11))] {
        assert_eq!(key(&mut m, k), [], "{k:?}");
        assert_eq!(m.screen, Screen::Picker);
    }
}

#[test]
fn keys_lead_out_one_step_at_a_time() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    key(&mut m, Key::of(Code::F(1)));
    assert!(m.help);
    assert_eq!(key(&mut m, Key::char('r')), [], "help takes no other key");
    key(&mut m, Key::char('q'));
    assert!(!m.help && m.screen == Screen::Overview(0));
    key(&mut m, Key::char('q'));
    assert_eq!(m.screen, Screen::Picker);
    assert_eq!(key(&mut m, Key::char('q')), [Effect::Quit]);
    assert_eq!(key(&mut m, Key::of(Code::Esc)), [], "a step back from the first screen is none");
}

#[test]
fn some_keys_work_everywhere() {
    let mut m = model();
    for open in [None, Some(Key::char('1')), Some(Key::of(Code::F(1)))] {
        open.map(|k| key(&mut m, k));
        let before = m.lang;
        assert_eq!(key(&mut m, Key::ctrl('c')), [Effect::Quit]);
        assert_eq!(key(&mut m, Key::ctrl('z')), [Effect::Suspend]);
        assert_eq!(key(&mut m, Key::ctrl('l')), [Effect::Redraw]);
        key(&mut m, Key::of(Code::F(12)));
        assert_ne!(m.lang, before);
    }
    assert_eq!(update(&mut m, Msg::Ended, NOW), [Effect::Quit]);
    assert_eq!(update(&mut m, Msg::Continued, NOW), [Effect::Redraw]);
}

#[test]
fn words_of_an_input_method_do_nothing_and_full_width_keys_do_what_they_mean() {
    let mut m = model();
    assert_eq!(key(&mut m, Key::char('好')), []);
    assert_eq!(m.notice, Some(Notice::ForeignLetters));
    assert_eq!(key(&mut m, Key::char('２')), [look("test", 1)]);
    assert_eq!(m.notice, None);
    update(&mut m, Msg::Pasted, NOW);
    assert_eq!(m.notice, Some(Notice::PasteIgnored));
    key(&mut m, Key::char('？'));
    assert!(m.help && m.notice.is_none());
}

#[test]
fn the_worst_check_is_chosen_until_the_operator_moves() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let checks = || {
        vec![
            check("a", State::Unknown),
            check("b", State::Failed),
            check("c", State::Ok),
            check("d", State::Failed),
        ]
    };
    looked(&mut m, 1, answer(checks()));
    let chosen = |m: &Model| overview(&m.servers[0], false, NOW).chosen;
    assert_eq!(chosen(&m), 1);
    for (pressed, at) in [
        (Code::Down, 2),
        (Code::End, 3),
        (Code::Down, 3),
        (Code::Home, 0),
        (Code::Up, 0),
        (Code::Down, 1),
        (Code::Down, 2),
    ] {
        key(&mut m, Key::of(pressed));
        assert_eq!(chosen(&m), at, "{pressed:?}");
    }
    key(&mut m, Key::char('r'));
    let mut fewer = checks();
    fewer.remove(0);
    looked(&mut m, 2, answer(fewer));
    assert_eq!(chosen(&m), 1, "the same check, not the same line");
    key(&mut m, Key::char('r'));
    looked(&mut m, 3, Outcome::Unreachable(verdict(vec![check("link", State::Unknown)])));
    assert_eq!(chosen(&m), 0, "what went wrong");
    assert_eq!(overview(&m.servers[0], false, NOW).rows.len(), 4);
}

#[test]
fn only_an_answer_of_a_moment_ago_is_fresh() {
    let mut m = model();
    let fresh = |m: &Model, asking, ms| overview(&m.servers[0], asking, NOW.plus_ms(ms)).freshness;
    assert_eq!(fresh(&m, false, 0), Freshness::Nothing);
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answer(vec![check("a", State::Ok)]));
    assert_eq!(fresh(&m, false, 0), Freshness::Fresh);
    assert_eq!(fresh(&m, true, 0), Freshness::Asking);
    assert_eq!(fresh(&m, false, super::super::STALE_MS), Freshness::Stale);
    assert_eq!(fresh(&m, false, -1), Freshness::Stale, "the clock was set back");
    key(&mut m, Key::char('r'));
    looked(&mut m, 2, Outcome::Unreachable(verdict(vec![check("link", State::Unknown)])));
    assert_eq!(fresh(&m, false, 0), Freshness::Lost);
}

#[test]
fn the_screen_wakes_only_for_what_it_shows() {
    let mut m = model();
    assert_eq!(next_wake(&m, NOW), None);
    key(&mut m, Key::char('1'));
    assert_eq!(next_wake(&m, NOW), Some(250), "the spinner");
    looked(&mut m, 1, answer(vec![]));
    assert_eq!(next_wake(&m, NOW.plus_ms(300)), Some(700), "the next second");
    assert_eq!(next_wake(&m, NOW.plus_ms(119_000)), Some(1_000), "the next minute");
    assert_eq!(next_wake(&m, NOW.plus_ms(61_000)), Some(5_000), "a workstation may have slept");
    key(&mut m, Key::of(Code::Esc));
    assert_eq!(next_wake(&m, NOW), None);
}

#[test]
fn texts_name_both_languages() {
    for binding in keymap::BINDINGS {
        let says = (binding.says)();
        assert!(!says.zh.is_empty() && says.zh != says.en, "{:?}", binding.action);
    }
    assert_ne!(text!("甲", "a").zh, "a");
}
