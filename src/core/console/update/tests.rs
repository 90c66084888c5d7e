//! Keys and answers in, state and effects out.
use super::*;
use crate::config::model::{EnvKey, Environment, example};
use crate::core::console::given::Given;
use crate::core::console::msg::{Answer, Broken, Outcome, RunId};
use crate::core::console::sheet::Lead;
use crate::core::console::{Asked, Cut, Freshness, Place as Where, freshness, next_wake, page};
use crate::core::log::buffer::Buffer;
use crate::core::log::note::Piece;
use crate::core::log::{From, Incoming, Nanos};
use crate::core::probe::watch::{Reader, Tick};
use crate::core::safetext::SafeText;
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::verdict::{Check, Verdict};
use crate::i18n::Text;

const NOW: EpochMs = EpochMs(1_000_000);

fn model() -> Model {
    let named = |key: &str| Environment { key: EnvKey(key.into()), name: key.into(), ..example() };
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
    let look = Snapshot::read(&example(), "", "m", b"", NOW, 5);
    Outcome::Answered(Box::new(Answer { verdict: verdict(checks), look, cut: None }))
}

fn unreachable(again_ms: Option<i64>) -> Outcome {
    Outcome::Unreachable { verdict: Box::new(verdict(vec![check("link", State::Unknown)])), again_ms }
}

fn key(model: &mut Model, key: Key) -> Vec<Effect> {
    let effects = update(model, Msg::Key(key), NOW);
    // what is remembered is not what these tests are about
    effects.into_iter().filter(|e| !matches!(e, Effect::Remember(_))).collect()
}

fn look(env: &str, run: u64) -> Effect {
    Effect::Look { env: EnvKey(env.into()), run: RunId(run), wished: true }
}

fn watch(env: &str, run: u64) -> Effect {
    Effect::Watch { env: EnvKey(env.into()), run: RunId(run) }
}

fn abandon(run: u64) -> Effect {
    Effect::Abandon { run: RunId(run) }
}

fn looked(model: &mut Model, run: u64, outcome: Outcome) -> Vec<Effect> {
    update(model, Msg::Looked { run: RunId(run), outcome: Box::new(outcome) }, NOW)
}

#[test]
fn opening_asks_once_and_leaving_gives_up() {
    let mut m = model();
    assert_eq!(key(&mut m, Key::of(Code::Down)), []);
    assert_eq!(key(&mut m, Key::of(Code::Enter)), [look("test", 1)]);
    assert_eq!(key(&mut m, Key::of(Code::F(5))), [], "already asking");
    assert_eq!(key(&mut m, Key::of(Code::Esc)), [abandon(1)]);
    assert_eq!((m.screen, m.servers[1].asking), (Screen::Picker, None));
    // the one that was used last is the first now
    assert_eq!(key(&mut m, Key::char('2')), [look("prod", 3)]);
    assert_eq!(looked(&mut m, 3, answer(vec![])), [watch("prod", 4)]);
    assert_eq!(key(&mut m, Key::char('r')), [look("prod", 5)]);
    assert_eq!(looked(&mut m, 5, answer(vec![])), [], "its jobs are followed already");
    assert_eq!(key(&mut m, Key::of(Code::F(3))), [abandon(4)]);
}

#[test]
fn an_answer_to_an_old_question_is_dropped() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    key(&mut m, Key::of(Code::Esc));
    assert_eq!(looked(&mut m, 1, answer(vec![])), []);
    key(&mut m, Key::char('2'));
    assert_eq!(looked(&mut m, 1, answer(vec![])), []);
    assert!(m.servers.iter().all(|s| s.answer.is_none()), "a late answer was taken");
    let run = m.last_run.0;
    looked(&mut m, run, answer(vec![]));
    assert!(m.servers[1].answer.is_some() && m.servers[0].answer.is_none());
}

#[test]
fn the_list_is_filtered_by_typing_and_opens_nothing_by_itself() {
    let mut m = model();
    for letter in ['t', 'e', 's'] {
        assert_eq!(key(&mut m, Key::char(letter)), []);
    }
    assert_eq!(m.picked(), [1]);
    assert_eq!(key(&mut m, Key::of(Code::Backspace)), []);
    assert_eq!(key(&mut m, Key::of(Code::Esc)), []);
    assert_eq!(m.picked(), [0, 1]);
    for k in [Key::char('3'), Key::char('9'), Key::char('0'), Key::of(Code::F(11))] {
        assert_eq!(key(&mut m, k), [], "{k:?}");
        assert_eq!(m.screen, Screen::Picker);
    }
}

#[test]
fn keys_lead_out_one_step_at_a_time_and_the_last_one_asks() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    key(&mut m, Key::char('3'));
    assert_eq!(m.tab(), Some(Tab::Jobs));
    key(&mut m, Key::of(Code::F(1)));
    assert_eq!(key(&mut m, Key::char('r')), [], "help takes no other key");
    key(&mut m, Key::char('q'));
    assert_eq!((m.overlay.is_none(), m.tab()), (true, Some(Tab::Jobs)));
    key(&mut m, Key::of(Code::Esc));
    assert_eq!(m.tab(), Some(Tab::Overview));
    key(&mut m, Key::char('q'));
    assert_eq!(m.screen, Screen::Picker);
    assert_eq!(key(&mut m, Key::char('q')), []);
    assert_eq!(key(&mut m, Key::of(Code::Enter)), [], "to stay is chosen");
    assert!(m.overlay.is_none());
    key(&mut m, Key::char('q'));
    assert_eq!(key(&mut m, Key::of(Code::Esc)), [], "Esc confirms nothing");
    key(&mut m, Key::char('q'));
    key(&mut m, Key::of(Code::Down));
    assert_eq!(key(&mut m, Key::of(Code::Enter)), [Effect::Quit]);
    assert_eq!(key(&mut m, Key::of(Code::Esc)), [], "a step back from the first screen is none");
}

#[test]
fn ctrl_c_ends_the_wait_then_asks_then_leaves() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    assert_eq!(key(&mut m, Key::ctrl('c')), [abandon(1)]);
    assert!(m.notice.is_some() && m.servers[0].asking.is_none());
    assert_eq!(key(&mut m, Key::ctrl('c')), []);
    assert!(matches!(m.overlay, Some(Overlay::Leave { chosen: 0 })));
    assert_eq!(key(&mut m, Key::ctrl('c')), [Effect::Quit]);
}

#[test]
fn some_keys_work_everywhere() {
    let mut m = model();
    for open in [None, Some(Key::char('1')), Some(Key::of(Code::F(1)))] {
        open.map(|k| key(&mut m, k));
        let before = m.lang;
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
    assert_eq!(key(&mut m, Key::char('２')), [look("test", 1)]);
    assert_eq!(key(&mut m, Key::char('好')), []);
    assert_eq!(m.notice, Some(Notice::ForeignLetters));
    update(&mut m, Msg::Pasted("rm -rf /\n".into()), NOW);
    assert_eq!(m.notice, Some(Notice::PasteIgnored));
    key(&mut m, Key::char('？'));
    assert!(matches!(m.overlay, Some(Overlay::Help { .. })) && m.notice.is_none());
    key(&mut m, Key::of(Code::Esc));
    key(&mut m, Key::char('：'));
    assert_eq!(Where::of(&m), Where::Palette);
    // where text is typed it stays as it is
    key(&mut m, Key::char('挂'));
    assert!(matches!(&m.overlay, Some(Overlay::Palette { input, .. }) if input.value() == "挂"));
    key(&mut m, Key::of(Code::Enter));
    assert_eq!(m.tab(), Some(Tab::Mount), "the first line that is found");
}

#[test]
fn a_paste_confirms_nothing_and_a_filter_holds_while_it_is_typed() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let run = m.last_run.0;
    looked(&mut m, run, answer(vec![check("alpha", State::Ok), check("beta", State::Ok)]));
    key(&mut m, Key::char('/'));
    update(&mut m, Msg::Pasted("bet\nq\n".into()), NOW);
    assert!(matches!(&m.overlay, Some(Overlay::Ask { what: Asked::Filter, .. })));
    let rows = |m: &Model| page(m, 0, Tab::Overview, NOW).sheet.rows.len();
    assert_eq!(rows(&m), 1);
    key(&mut m, Key::of(Code::Enter));
    assert_eq!((m.overlay.is_none(), rows(&m)), (true, 1), "it stays");
    key(&mut m, Key::of(Code::Esc));
    assert_eq!((m.tab(), rows(&m)), (Some(Tab::Overview), 2), "Esc ends the filter before the screen");
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
    let chosen = |m: &Model| page(m, 0, Tab::Overview, NOW).chosen;
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
    let run = m.last_run.0;
    looked(&mut m, run, answer(fewer));
    assert_eq!(chosen(&m), 1, "the same check, not the same line");
    key(&mut m, Key::char('r'));
    let run = m.last_run.0;
    looked(&mut m, run, unreachable(None));
    assert_eq!(chosen(&m), 0, "what went wrong");
    assert_eq!(page(&m, 0, Tab::Overview, NOW).sheet.rows.len(), 4);
}

#[test]
fn only_an_answer_of_a_moment_ago_is_fresh() {
    let mut m = model();
    let fresh = |m: &Model, ms| freshness(&m.servers[0], NOW.plus_ms(ms));
    assert_eq!(fresh(&m, 0), Freshness::Nothing);
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answer(vec![check("a", State::Ok)]));
    assert_eq!(fresh(&m, 0), Freshness::Fresh);
    assert_eq!(fresh(&m, super::super::STALE_MS), Freshness::Stale);
    assert_eq!(fresh(&m, -1), Freshness::Stale, "the clock was set back");
    key(&mut m, Key::char('r'));
    assert_eq!(fresh(&m, 0), Freshness::Asking);
    let run = m.last_run.0;
    looked(&mut m, run, unreachable(None));
    assert_eq!(fresh(&m, 0), Freshness::Lost);
}

#[test]
fn a_lost_link_is_tried_again_later_and_later_and_at_once_when_asked() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let tick = |m: &mut Model, now: EpochMs| update(m, Msg::Tick, now);
    let mut now = NOW;
    let mut waits = Vec::new();
    for _ in 0..7 {
        let run = m.servers[0].asking.unwrap().run;
        let effects = update(&mut m, Msg::Looked { run, outcome: Box::new(unreachable(Some(0))) }, now);
        assert_eq!(effects, []);
        let again = m.servers[0].lost.as_ref().unwrap().again.unwrap();
        assert_eq!(tick(&mut m, EpochMs(again.0 - 1)), [], "not before its time");
        waits.push(again.since(now) / 1000);
        now = again;
        let effects = tick(&mut m, now);
        assert!(matches!(effects.as_slice(), [Effect::Look { wished: false, .. }]), "{effects:?}");
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
    // what only a person can mend is not tried by itself
    let run = m.servers[0].asking.unwrap().run;
    update(&mut m, Msg::Looked { run, outcome: Box::new(unreachable(None)) }, now);
    assert_eq!(tick(&mut m, now.plus_ms(3_600_000)), []);
    let effects = key(&mut m, Key::ctrl('r'));
    assert!(matches!(effects.as_slice(), [Effect::Look { wished: true, .. }]), "{effects:?}");
    // in the list nothing is tried
    let run = m.servers[0].asking.unwrap().run;
    update(&mut m, Msg::Looked { run, outcome: Box::new(unreachable(Some(0))) }, now);
    key(&mut m, Key::of(Code::F(3)));
    assert_eq!((tick(&mut m, now.plus_ms(3_600_000)), next_wake(&m, now)), (vec![], None));
}

#[test]
fn a_lost_stream_greys_what_is_known_and_the_next_answer_follows_the_jobs_again() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answer(vec![check("a", State::Ok)]));
    let run = m.servers[0].watch.run.unwrap();
    let broken = |link| Broken { said: Text::same("lost"), hint: Text::same(""), link, again_ms: Some(0) };
    let ended =
        |m: &mut Model, run, link| update(m, Msg::WatchEnded { run, why: Box::new(broken(link)) }, NOW);
    assert_eq!(ended(&mut m, RunId(99), true), [], "not ours");
    assert_eq!(freshness(&m.servers[0], NOW), Freshness::Fresh);
    ended(&mut m, run, true);
    assert_eq!(freshness(&m.servers[0], NOW), Freshness::Lost);
    let later = NOW.plus_ms(2_000);
    let effects = update(&mut m, Msg::Tick, later);
    assert!(matches!(effects.as_slice(), [Effect::Look { .. }]));
    let run = m.servers[0].asking.unwrap().run;
    let effects = looked(&mut m, run.0, answer(vec![]));
    assert!(matches!(effects.as_slice(), [Effect::Watch { .. }]));
    // a watch that ends while the link is good is opened again, and nothing else happens
    let run = m.servers[0].watch.run.unwrap();
    ended(&mut m, run, false);
    assert_eq!(freshness(&m.servers[0], later), Freshness::Fresh);
    let cut = |m: &Model| {
        let leads = page(m, 0, Tab::Jobs, later).sheet.lead;
        leads.iter().any(|l| matches!(l, Lead::Line { text, .. } if text.zh.contains("实时进度断了：lost")))
    };
    assert!(cut(&m), "nobody says that the jobs are not followed any more");
    // later than the first time: it has said nothing in between
    let effects = update(&mut m, Msg::Tick, NOW.plus_ms(4_000));
    assert!(matches!(effects.as_slice(), [Effect::Watch { .. }]), "{effects:?}");
    assert!(cut(&m), "it has said nothing yet");
    at_work(&mut m, &[]);
    assert!(!cut(&m));
}

/// The jobs at work, as a watch says them.
fn at_work(model: &mut Model, ids: &[i64]) -> Vec<Effect> {
    let rows: Vec<String> =
        ids.iter().map(|id| format!(r#"{{"id": {id}, "kind": "full", "status": "running"}}"#)).collect();
    let said =
        format!(r#"@@m db {{"database": {{"live": [{}], "newest": [], "locks": []}}}}"#, rows.join(","));
    let tick = Reader::new("m", "", "/p").line(said.as_bytes()).unwrap();
    let run = model.servers[0].watch.run.unwrap();
    update(model, Msg::Watched { run, ticks: vec![(NOW, tick)] }, NOW)
}

#[test]
fn a_job_that_ends_while_a_look_is_under_way_is_looked_at_again() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answer(vec![]));
    assert_eq!(at_work(&mut m, &[7]), [], "nothing to compare with: this look read no rows");
    key(&mut m, Key::of(Code::F(5)));
    let run = m.servers[0].asking.unwrap().run;
    assert_eq!(at_work(&mut m, &[]), [], "a look is under way");
    let effects = looked(&mut m, run.0, answer(vec![]));
    assert!(matches!(effects.as_slice(), [Effect::Look { wished: false, .. }]), "{effects:?}");
    let run = m.servers[0].asking.unwrap().run;
    assert_eq!(looked(&mut m, run.0, answer(vec![])), [], "and once only");
    assert_eq!(freshness(&m.servers[0], NOW), Freshness::Fresh);
    key(&mut m, Key::of(Code::F(5)));
    at_work(&mut m, &[8]);
    key(&mut m, Key::ctrl('c'));
    assert_eq!(freshness(&m.servers[0], NOW), Freshness::Stale, "what is known is of before the change");
}

#[test]
fn a_job_that_ends_between_the_look_and_the_first_word_of_the_watch_is_looked_at_again() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let given = Given::new().job(0, 0, "incremental", "running");
    let answered = |look| {
        let answer = Answer { verdict: verdict(vec![]), look, cut: None };
        Outcome::Answered(Box::new(answer))
    };
    looked(&mut m, 1, answered(given.look()));
    assert_eq!(at_work(&mut m, &[1000]), [], "as the look has it");
    let mut m = model();
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answered(given.look()));
    let effects = at_work(&mut m, &[]);
    assert!(matches!(effects.as_slice(), [Effect::Look { wished: false, .. }]), "{effects:?}");
}

#[test]
fn a_watch_that_cannot_be_opened_does_not_look_for_ever_at_the_same_pace() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let (mut now, mut waits) = (NOW, Vec::new());
    for _ in 0..7 {
        let run = m.servers[0].asking.unwrap().run;
        update(&mut m, Msg::Looked { run, outcome: Box::new(answer(vec![])) }, now);
        let run = m.servers[0].watch.run.unwrap();
        let why = Broken { said: Text::same("lost"), hint: Text::same(""), link: true, again_ms: Some(0) };
        update(&mut m, Msg::WatchEnded { run, why: Box::new(why) }, now);
        let again = m.servers[0].lost.as_ref().unwrap().again.unwrap();
        waits.push(again.since(now) / 1000);
        now = again;
        update(&mut m, Msg::Tick, now);
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
}

/// An answer that ended early.
fn cut(checks: Vec<Check>, gone: bool) -> Outcome {
    let Outcome::Answered(mut cut) = answer(checks) else { panic!() };
    let verdict = verdict(vec![check("link", State::Unknown)]);
    cut.cut = Some(Cut { verdict, gone, again_ms: Some(0) });
    Outcome::Answered(cut)
}

#[test]
fn a_link_that_is_lost_during_a_look_is_lost_and_what_was_found_before_it_stays() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    // half an answer is better than none
    assert_eq!(looked(&mut m, 1, cut(vec![check("a", State::Ok)], true)), []);
    let found = |m: &Model| m.servers[0].answer.as_ref().unwrap().what.verdict.checks[0].id;
    assert_eq!((freshness(&m.servers[0], NOW), found(&m)), (Freshness::Lost, "a"));
    let tick = |m: &mut Model, ms| update(m, Msg::Tick, NOW.plus_ms(ms));
    assert!(matches!(tick(&mut m, 2_000).as_slice(), [Effect::Look { wished: false, .. }]));
    let run = m.servers[0].asking.unwrap().run;
    let effects = looked(&mut m, run.0, answer(vec![check("b", State::Ok)]));
    assert!(matches!(effects.as_slice(), [Effect::Watch { .. }]), "{effects:?}");
    assert_eq!((freshness(&m.servers[0], NOW.plus_ms(2_000)), found(&m)), (Freshness::Fresh, "b"));
    // and not better than a whole one
    let watch = m.servers[0].watch.run.unwrap();
    key(&mut m, Key::char('r'));
    let run = m.servers[0].asking.unwrap().run;
    let effects = looked(&mut m, run.0, cut(vec![check("c", State::Ok)], true));
    assert_eq!(effects, [Effect::Abandon { run: watch }]);
    assert_eq!((freshness(&m.servers[0], NOW), found(&m)), (Freshness::Lost, "b"));
    assert!(matches!(tick(&mut m, 2_000).as_slice(), [Effect::Look { wished: false, .. }]));
    let run = m.servers[0].asking.unwrap().run;
    looked(&mut m, run.0, cut(vec![], true));
    assert_eq!(m.servers[0].lost.as_ref().unwrap().again, Some(NOW.plus_ms(4_000)), "later and later");
}

#[test]
fn what_nobody_tells_of_is_fresh_for_a_moment_only() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answer(vec![check("a", State::Ok)]));
    let fresh = |m: &Model, ms| freshness(&m.servers[0], NOW.plus_ms(ms));
    // the watch was asked for, and has said nothing yet
    assert_eq!((fresh(&m, 20_000), fresh(&m, 21_000)), (Freshness::Fresh, Freshness::Stale));
    let heard = |m: &mut Model, ms| {
        let (run, now) = (m.servers[0].watch.run.unwrap(), NOW.plus_ms(ms));
        update(m, Msg::Watched { run, ticks: vec![(now, Tick::Beat(now))] }, now)
    };
    heard(&mut m, 10_000);
    assert_eq!((fresh(&m, 55_000), fresh(&m, 55_001)), (Freshness::Fresh, Freshness::Stale));
    heard(&mut m, 56_000);
    assert_eq!(fresh(&m, 56_000), Freshness::Fresh);
    // a watch that ended with the link good, and is opened again: nothing is heard meanwhile
    let why = Broken { said: Text::same("ended"), hint: Text::same(""), link: false, again_ms: Some(0) };
    let run = m.servers[0].watch.run.unwrap();
    update(&mut m, Msg::WatchEnded { run, why: Box::new(why) }, NOW.plus_ms(57_000));
    assert_eq!(fresh(&m, 57_000), Freshness::Stale);
    update(&mut m, Msg::Tick, NOW.plus_ms(60_000));
    assert_eq!(fresh(&m, 60_000), Freshness::Stale, "what was heard before is not heard of this one");
    heard(&mut m, 61_000);
    assert_eq!(fresh(&m, 61_000), Freshness::Fresh);
}

#[test]
fn an_answer_that_ended_early_is_followed_by_a_watch_all_the_same() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    assert_eq!(looked(&mut m, 1, cut(vec![], false)), []);
    let status = crate::core::console::status(&m.servers[0], NOW).unwrap();
    assert!(status.0.zh.contains("没有答完") && status.1, "{status:?}");
    let wake = next_wake(&m, NOW).unwrap();
    let effects = update(&mut m, Msg::Tick, NOW.plus_ms(wake.max(2_000)));
    assert!(matches!(effects.as_slice(), [Effect::Watch { .. }]), "{effects:?}");
}

#[test]
fn a_look_that_cannot_see_the_packs_takes_away_nothing_that_is_known_of_the_past() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let mut given = (1..=3).fold(Given::new(), |g, night| g.backup(night, "incremental", 1000));
    let looked_so = |m: &mut Model, given: &Given| {
        let run = m.servers[0].asking.unwrap().run;
        let what = Answer { verdict: verdict(vec![]), look: given.look(), cut: None };
        looked(m, run.0, Outcome::Answered(Box::new(what)));
        format!("{:?}", m.servers[0].watch.progress)
    };
    let known = looked_so(&mut m, &given);
    given.mounted = false;
    key(&mut m, Key::char('r'));
    assert_eq!(looked_so(&mut m, &given), known);
    // one that can is believed
    given.mounted = true;
    key(&mut m, Key::char('r'));
    assert_ne!(looked_so(&mut m, &given.backup(4, "incremental", 1000)), known);
}

#[test]
fn the_other_environment_is_asked_only_when_somebody_goes_there() {
    let mut m = model();
    m.size = (160, 45);
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answer(vec![]));
    assert_eq!(m.beside(), Some(1));
    assert!(matches!(key(&mut m, Key::char('r')).as_slice(), [Effect::Look { env, .. }] if env.0 == "prod"));
    let effects = key(&mut m, Key::char('o'));
    assert!(matches!(effects.as_slice(), [Effect::Look { env, .. }] if env.0 == "test"));
    assert_eq!((m.open_at(), m.beside()), (Some(1), Some(0)));
    assert!(m.servers[0].asking.is_some(), "the first one's look goes on");
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
fn a_copy_says_which_server_it_is_from() {
    let mut m = model();
    assert_eq!(key(&mut m, Key::char('1')), [look("prod", 1)]);
    looked(&mut m, 1, answer(vec![check("night", State::Failed)]));
    let effects = key(&mut m, Key::char('Y'));
    let [Effect::Copy { name, text }] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(name.contains("prod") && text.contains("prod") && text.contains("失败"), "{text}");
    assert!(matches!(key(&mut m, Key::char('s')).as_slice(), [Effect::Save { .. }]));
}

#[test]
fn a_click_chooses_a_tab_and_the_wheel_moves_and_neither_confirms() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let click = |column, row| Msg::Mouse(Mouse { what: What::Click, column, row });
    // the second tab begins after ` 1 总览 `
    update(&mut m, click(9, 1), NOW);
    assert_eq!(m.tab(), Some(Tab::Mount));
    key(&mut m, Key::char('q'));
    key(&mut m, Key::char('q'));
    key(&mut m, Key::char('q'));
    for row in 0..24 {
        assert_eq!(update(&mut m, click(40, row), NOW), []);
    }
    assert!(matches!(m.overlay, Some(Overlay::Leave { .. })), "a click leaves nothing");
    m.mouse = false;
    m.overlay = None;
    key(&mut m, Key::char('1'));
    update(&mut m, click(9, 1), NOW);
    assert_eq!(m.tab(), Some(Tab::Overview), "the mouse is the terminal's");
}

#[test]
fn texts_name_both_languages() {
    for binding in keymap::BINDINGS {
        let says = (binding.says)();
        assert!(!says.zh.is_empty() && says.zh != says.en, "{:?}", binding.action);
    }
}

fn line(at: i64, text: &str) -> Piece {
    let text = SafeText::new(text);
    Piece::Line(Incoming { at: Some(Nanos(at * 1_000_000_000)), cursor: None, text, cut: 0 })
}

fn tailed(model: &mut Model, pieces: Vec<Piece>) {
    let run = model.servers[0].logs.run.unwrap();
    assert_eq!(update(model, Msg::Tailed { run, pieces }, NOW), []);
}

/// The lines that came, without the console's own words.
fn texts(model: &Model) -> Vec<String> {
    let buffer = &model.servers[0].logs.buffer;
    let lines = buffer.range(buffer.first(), buffer.end());
    lines.filter_map(|l| l.text().map(str::to_owned)).collect()
}

fn in_logs() -> Model {
    let mut m = model();
    key(&mut m, Key::char('1'));
    looked(&mut m, 1, answer(vec![]));
    let effects = key(&mut m, Key::of(Code::F(8)));
    assert!(matches!(effects.as_slice(), [Effect::Tail { from: From::Tail(_), .. }]), "{effects:?}");
    m
}

#[test]
fn a_log_goes_on_where_it_was_left_and_each_line_comes_once() {
    let mut m = in_logs();
    tailed(&mut m, vec![line(1, "a"), line(2, "b"), line(2, "b")]);
    let run = m.servers[0].logs.run.unwrap();
    let why = Broken { said: Text::same("lost"), hint: Text::same(""), link: true, again_ms: Some(0) };
    update(&mut m, Msg::TailEnded { run, why: Box::new(why) }, NOW);
    // lines of the old following that come late are nobody's
    update(&mut m, Msg::Tailed { run, pieces: vec![line(9, "late")] }, NOW);
    assert_eq!(update(&mut m, Msg::Tick, NOW.plus_ms(1_999)), []);
    let effects = update(&mut m, Msg::Tick, NOW.plus_ms(2_000));
    assert!(matches!(effects.as_slice(), [Effect::Tail { from: From::After(_), .. }]), "{effects:?}");
    tailed(&mut m, vec![]);
    tailed(&mut m, vec![line(1, "a"), line(2, "b"), line(2, "b"), line(2, "b"), line(3, "c")]);
    assert_eq!(texts(&m), ["a", "b", "b", "b", "c"]);
    // leaving the screen ends the following and keeps what came
    let effects = key(&mut m, Key::of(Code::Esc));
    assert!(matches!(effects.as_slice(), [Effect::Abandon { .. }]), "{effects:?}");
    let effects = key(&mut m, Key::char('5'));
    assert!(matches!(effects.as_slice(), [Effect::Tail { from: From::After(_), .. }]), "{effects:?}");
}

#[test]
fn another_log_begins_anew_and_keeps_how_it_is_shown() {
    let mut m = in_logs();
    tailed(&mut m, vec![line(1, "ERROR a"), line(2, "b")]);
    key(&mut m, Key::char('+'));
    for c in "err".chars() {
        key(&mut m, Key::char(c));
    }
    key(&mut m, Key::of(Code::Enter));
    assert_eq!(m.servers[0].logs.view.filter().with.as_ref().map(|p| p.typed()), Some("err"));
    let effects = key(&mut m, Key::char(']'));
    assert!(matches!(effects.as_slice(), [Effect::Abandon { .. }, Effect::Tail { .. }]), "{effects:?}");
    assert_eq!(texts(&m), Vec::<String>::new());
    assert!(!m.servers[0].logs.view.filter().is_none());
    assert_eq!(key(&mut m, Key::of(Code::Esc)), [], "Esc ends the filter first");
    assert_eq!((m.tab(), m.servers[0].logs.view.filter().is_none()), (Some(Tab::Logs), true));
}

#[test]
fn a_wrong_pattern_or_moment_is_said_and_what_was_typed_stays() {
    for (opens, typed) in [('/', "a("), ('+', "["), ('-', "*"), ('S', "yesterday")] {
        let mut m = in_logs();
        key(&mut m, Key::char(opens));
        for c in typed.chars() {
            key(&mut m, Key::char(c));
        }
        assert_eq!(key(&mut m, Key::of(Code::Enter)), [], "{opens}");
        assert!(matches!(&m.notice, Some(Notice::Refused(t)) if t.zh != t.en), "{opens}");
        assert!(matches!(&m.overlay, Some(Overlay::Ask { input, .. }) if input.value() == typed), "{opens}");
    }
}

#[test]
fn a_log_is_saved_whole_in_slices_and_says_whose_it_is() {
    let mut m = in_logs();
    let many = 40_000;
    tailed(&mut m, (0..many).map(|n| line(n, &format!("line {n} {}", "x".repeat(20)))).collect());
    assert_eq!(key(&mut m, Key::char('s')), []);
    assert_eq!(next_wake(&m, NOW), Some(0), "the rest has its turn after the keys");
    let mut turns = 0;
    let saved = loop {
        turns += 1;
        if let [Effect::Save { name, text }] = update(&mut m, Msg::Tick, NOW).as_slice() {
            break (name.clone(), text.clone());
        }
    };
    assert!(turns > 2, "{turns}");
    assert!(saved.0.contains("prod") && saved.1.starts_with("opsdeck  prod"), "{}", &saved.1[..80]);
    let lines = saved.1.lines().filter(|l| l.contains("line ")).count();
    assert_eq!(lines, usize::try_from(many).unwrap());
    assert!(matches!(key(&mut m, Key::char('y')).as_slice(), [Effect::Copy { .. }]));
}

#[test]
fn what_is_being_saved_is_not_lost_with_its_log() {
    for leaves in [Key::char(']'), Key::of(Code::F(3)), Key::ctrl('q')] {
        let mut m = in_logs();
        tailed(&mut m, (0..40_000).map(|n| line(n, &format!("line {n} {}", "x".repeat(20)))).collect());
        key(&mut m, Key::char('s'));
        update(&mut m, Msg::Tick, NOW);
        let effects = match leaves == Key::ctrl('q') {
            true => update(&mut m, Msg::Ended, NOW),
            false => key(&mut m, leaves),
        };
        let saved = effects.iter().find_map(|e| match e {
            Effect::Save { text, .. } => Some(text.lines().filter(|l| l.contains("line ")).count()),
            _ => None,
        });
        assert_eq!(saved, Some(40_000), "{leaves:?}");
        assert!(m.servers[0].logs.saving.is_none());
    }
}

#[test]
fn a_log_that_is_still_being_filtered_is_saved_when_that_is_done() {
    for leaves in [false, true] {
        let mut m = in_logs();
        let text = |n| format!("{} {n} {}", if n % 2 == 0 { "even" } else { "odd" }, "x".repeat(20));
        tailed(&mut m, (0..40_000).map(|n| line(n, &text(n))).collect());
        key(&mut m, Key::char('+'));
        for c in "even".chars() {
            key(&mut m, Key::char(c));
        }
        key(&mut m, Key::of(Code::Enter));
        assert!(m.servers[0].logs.more, "nothing to test");
        key(&mut m, Key::char('s'));
        let saved = loop {
            let effects = if leaves { key(&mut m, Key::char(']')) } else { update(&mut m, Msg::Tick, NOW) };
            if let Some(Effect::Save { text, .. }) =
                effects.into_iter().find(|e| matches!(e, Effect::Save { .. }))
            {
                break text;
            }
        };
        assert_eq!(saved.lines().filter(|l| l.contains("even ")).count(), 20_000, "{leaves}");
    }
}

#[test]
fn lines_that_were_dropped_while_a_log_is_saved_are_told() {
    let mut m = in_logs();
    m.servers[0].logs.buffer = Buffer::new(2 << 20);
    let lines =
        |from: i64| (from..from + 20_000).map(|n| line(n, &format!("line {n} {}", "x".repeat(50)))).collect();
    tailed(&mut m, lines(0));
    key(&mut m, Key::char('s'));
    update(&mut m, Msg::Tick, NOW);
    tailed(&mut m, lines(20_000));
    tailed(&mut m, lines(40_000));
    let saved = loop {
        if let [Effect::Save { text, .. }] = update(&mut m, Msg::Tick, NOW).as_slice() {
            break text.clone();
        }
    };
    assert!(saved.contains("older lines were dropped"), "{} lines", saved.lines().count());
}

#[test]
fn since_begins_the_log_anew_from_that_moment_by_the_server_s_clock() {
    let mut m = in_logs();
    key(&mut m, Key::char('S'));
    for c in "１０m".chars() {
        key(&mut m, Key::char(c));
    }
    let effects = key(&mut m, Key::of(Code::Enter));
    let [Effect::Abandon { .. }, Effect::Tail { from: From::Since(at), .. }] = effects.as_slice() else {
        panic!("{effects:?}")
    };
    assert_eq!(*at, NOW.plus_ms(-600_000));
}

#[test]
fn what_a_preview_sees_is_shown_behind_it() {
    let mut m = model();
    key(&mut m, Key::char('1'));
    let run = m.last_run.0;
    looked(&mut m, run, answer(vec![check("night", State::Ok)]));
    let at = |s: i64| NOW.plus_ms(s * 1000);
    update(&mut m, Msg::Key(Key::char('r')), at(10));
    let asked_before = m.servers[0].asking.unwrap().run;
    let effects = update(&mut m, Msg::Key(Key::char('M')), at(20));
    let [Effect::Preview { run: preview, .. }] = effects.as_slice() else { panic!("{effects:?}") };
    let seen = |state| {
        let Outcome::Answered(answer) = answer(vec![check("night", state)]) else { panic!() };
        answer
    };
    let shown = |m: &Model| {
        let answer = m.servers[0].answer.as_ref().unwrap();
        (answer.asked, answer.what.verdict.checks[0].state)
    };
    // of another question, or of one that was given up
    update(&mut m, Msg::LookedToo { run: RunId(999), answer: seen(State::Failed) }, at(21));
    assert_eq!(shown(&m), (NOW, State::Ok));
    update(&mut m, Msg::LookedToo { run: *preview, answer: seen(State::Failed) }, at(22));
    assert_eq!(shown(&m), (at(20), State::Failed), "as old as the question");
    // what was asked before it comes later, and is older
    let late = Msg::Looked { run: asked_before, outcome: Box::new(answer(vec![check("night", State::Ok)])) };
    update(&mut m, late, at(23));
    assert_eq!(shown(&m), (at(20), State::Failed));
    assert!(m.servers[0].asking.is_none());
    // and nothing else of the box has changed: it still waits for its preview
    assert!(matches!(m.overlay, Some(Overlay::Deed(_))));
}
