//! Rows that fold, before | after, and what is never said.
use super::super::bundle::{Packed, Ready};
use super::super::given::{Given, MIN, NOW};
use super::super::msg::{Answer, Effect, Msg, Outcome};
use super::super::overlay::Overlay;
use super::super::screen::Tab;
use super::super::{Code, Key, Model, next_wake, page, update};
use super::*;
use crate::core::diagnose::change::{Became, changes};
use crate::core::plan::Action;
use crate::core::plan::told::Outcome as Came;
use crate::core::snapshot::Snapshot;
use crate::core::state::State;
use crate::core::verdict;
use crate::i18n::Lang;

const MOUNT: Action = Action::Mount { new_password: false };

fn answer(given: &Given, look: Snapshot) -> Outcome {
    let verdict = verdict::judge(&given.env, &look);
    Outcome::Answered(Box::new(Answer { verdict, look, cut: None }))
}

/// Healthy, or with nothing mounted.
fn given(mounted: bool) -> Given {
    Given { mounted, ..Given::new().backup(0, "incremental", 1000) }
}

/// Noise: nothing is known.
fn noise() -> Snapshot {
    Snapshot::read(&Given::new().env, "", "m", b"", NOW, 0)
}

fn key(m: &mut Model, key: Key, now: EpochMs) -> Vec<Effect> {
    let effects = update(m, Msg::Key(key), now);
    effects.into_iter().filter(|e| !matches!(e, Effect::Remember(_))).collect()
}

/// Takes in an answer to what is being asked.
fn looked(m: &mut Model, outcome: Outcome, now: EpochMs) {
    let run = m.servers[0].asking.expect("nothing was asked").run;
    update(m, Msg::Looked { run, outcome: Box::new(outcome) }, now);
}

/// The diagnosis of a server that answered this.
fn open(given: &Given) -> Model {
    let mut m = Model::new(std::slice::from_ref(&given.env), None, Lang::Zh);
    key(&mut m, Key::char('1'), NOW);
    looked(&mut m, answer(given, given.look()), NOW);
    assert_eq!(key(&mut m, Key::of(Code::F(4)), NOW), [], "what is of a moment ago is not asked again");
    assert_eq!(m.tab(), Some(Tab::Diagnosis));
    m
}

fn rows(m: &Model, now: EpochMs) -> Vec<String> {
    let shown = page(m, 0, Tab::Diagnosis, now);
    shown.sheet.rows.iter().map(|r| r.cells[0].zh.clone()).collect()
}

fn chosen(m: &Model) -> String {
    page(m, 0, Tab::Diagnosis, NOW).row().unwrap().id.clone()
}

fn says(m: &Model, now: EpochMs, what: &str) -> bool {
    let shown = page(m, 0, Tab::Diagnosis, now);
    let leads = shown
        .sheet
        .lead
        .iter()
        .any(|l| matches!(l, super::super::sheet::Lead::Line { text, .. } if text.zh.contains(what)));
    leads || rows(m, now).iter().any(|r| r.contains(what))
}

#[test]
fn a_cause_unfolds_to_what_it_rests_on_and_folds_from_within() {
    let mut m = open(&given(false));
    assert!(chosen(&m).starts_with("cause:not-mounted"), "the leading cause is chosen: {}", chosen(&m));
    let folded = rows(&m, NOW).len();
    for (open, fold) in [(Key::char(' '), Key::char(' ')), (Key::of(Code::Right), Key::of(Code::Left))] {
        key(&mut m, open, NOW);
        let open = rows(&m, NOW);
        for part in ["依据：主机挂载表里没有", "办法：挂载 Windows 共享", "修好后："] {
            assert!(open.iter().any(|r| r.trim_start().starts_with(part)), "{part}: {open:#?}");
        }
        key(&mut m, fold, NOW);
        assert_eq!(rows(&m, NOW).len(), folded);
    }
    // from a line inside, the whole is folded and chosen
    key(&mut m, Key::char(' '), NOW);
    key(&mut m, Key::of(Code::Down), NOW);
    assert!(chosen(&m).contains(":for:0"), "{}", chosen(&m));
    key(&mut m, Key::of(Code::Right), NOW);
    assert!(rows(&m, NOW).len() > folded, "nothing to open there");
    key(&mut m, Key::of(Code::Left), NOW);
    assert_eq!(rows(&m, NOW).len(), folded);
    assert!(chosen(&m).ends_with("not-mounted:0"), "{}", chosen(&m));
    // and it is as at first for the next one who opens the environment
    key(&mut m, Key::char(' '), NOW);
    key(&mut m, Key::of(Code::F(3)), NOW);
    key(&mut m, Key::char('1'), NOW);
    key(&mut m, Key::of(Code::F(4)), NOW);
    assert_eq!(rows(&m, NOW).len(), folded);
}

/// A lost night or a ghost is still there when its cause is mended.
#[test]
fn what_comes_from_a_cause_is_not_said_to_go_with_it() {
    let mut m = open(&given(false));
    key(&mut m, Key::char(' '), NOW);
    let shown = page(&m, 0, Tab::Diagnosis, NOW);
    let said = shown.sheet.rows.iter().flat_map(|r| &r.detail).map(|d| d.text.zh.as_str());
    let below: Vec<&str> = said.filter(|text| text.contains("引起")).collect();
    assert!(!below.is_empty(), "nothing comes from it");
    assert!(below.iter().all(|t| t.contains("先治它") && !t.contains("跟着好")), "{below:?}");
}

#[test]
fn every_row_has_a_name_of_its_own_whatever_lies_open() {
    for look in [given(true), given(false)] {
        let mut m = open(&look);
        m.size = (160, 45);
        for line in lines(&m.servers[0], 45, NOW) {
            m.servers[0].walk.turn(&line.row.id, true);
        }
        let all = lines(&m.servers[0], 45, NOW);
        let mut ids: Vec<&str> = all.iter().map(|l| l.row.id.as_str()).collect();
        let many = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), many, "{ids:#?}");
        assert!(all.iter().all(|l| l.parent.as_ref().is_none_or(|p| ids.contains(&p.as_str()))));
    }
}

#[test]
fn enter_asks_for_the_preview_of_the_very_action_and_an_explanation_where_there_is_none() {
    let mut failed = Given { mounted: false, ..Given::new().job(0, 0, "incremental", "failed") };
    failed.jobs[0]["message"] = serde_json::json!("预检失败：未挂载");
    let mut m = open(&failed);
    let effects = key(&mut m, Key::of(Code::Enter), NOW);
    assert!(matches!(&effects[..], [Effect::Preview { action, .. }] if *action == MOUNT), "{effects:?}");
    key(&mut m, Key::of(Code::Esc), NOW);
    // the second step by its own row
    key(&mut m, Key::char(' '), NOW);
    let all = lines(&m.servers[0], 24, NOW);
    let second = all.iter().find(|l| matches!(l.about, About::Step(_, _, 1))).expect("one step only");
    m.servers[0].place_mut(Tab::Diagnosis).unwrap().chosen = Some(second.row.id.clone());
    let effects = key(&mut m, Key::of(Code::Enter), NOW);
    let is_backup = |e: &Effect| matches!(e, Effect::Preview { action: Action::Backup { .. }, .. });
    assert!(effects.iter().any(is_backup), "{effects:?}");
    key(&mut m, Key::of(Code::Esc), NOW);
    // what was ruled out has words and no key
    key(&mut m, Key::of(Code::End), NOW);
    key(&mut m, Key::char(' '), NOW);
    key(&mut m, Key::of(Code::End), NOW);
    assert_eq!(key(&mut m, Key::of(Code::Enter), NOW), []);
    assert!(matches!(m.overlay, Some(Overlay::Explain { .. })));
    assert_eq!(key(&mut m, Key::of(Code::Enter), NOW), []);
    assert!(m.overlay.is_none(), "there is nothing to do about it");
}

#[test]
fn what_was_found_is_gone_still_there_new_or_not_known() {
    let of = |given: &Given, look: &Snapshot| diagnose(&given.env, look, None, NOW);
    let (bad, good) = (given(false), given(true));
    let (bad, good, nothing) = (of(&bad, &bad.look()), of(&good, &good.look()), of(&good, &noise()));
    let became = |before: &Diagnosis, after: &Diagnosis| {
        let all = changes(before, after);
        let of = |c: &&crate::core::diagnose::change::Change| c.cause == "not-mounted";
        let found = all.iter().find(of).map(|c| (c.became, c.state));
        assert!(all.iter().filter(of).count() <= 1, "{all:#?}");
        found
    };
    assert_eq!(became(&bad, &good), Some((Became::Gone, State::Ok)));
    assert_eq!(became(&bad, &bad), Some((Became::Still, State::Failed)));
    assert_eq!(became(&good, &bad), Some((Became::New, State::Failed)));
    assert_eq!(became(&bad, &nothing), Some((Became::Open, State::Unknown)), "what was not seen is not gone");
    assert!(changes(&bad, &nothing).iter().all(|c| c.became != Became::Gone));
}

/// An action began and is over, as the box of one tells it.
fn over(m: &mut Model, outcome: &Came, now: EpochMs) {
    let server = &mut m.servers[0];
    server.walk.mended = Mended::begun(server, &MOUNT, NOW);
    let mended = server.walk.mended.take().expect("nothing was known before");
    server.walk.mended = mended.ended(outcome, now);
}

fn done() -> Came {
    Came::Done { proofs: Vec::new() }
}

#[test]
fn before_and_after_waits_for_a_look_that_was_asked_for_after_the_end() {
    let mut m = open(&given(false));
    // a look is under way when the action ends: what it saw may be from before
    key(&mut m, Key::of(Code::F(5)), NOW.plus_ms(MIN));
    over(&mut m, &done(), NOW.plus_ms(2 * MIN));
    let good = given(true);
    looked(&mut m, answer(&good, good.look()), NOW.plus_ms(2 * MIN));
    assert!(!says(&m, NOW.plus_ms(2 * MIN), "没有了"), "that look began before the end");
    assert!(says(&m, NOW.plus_ms(2 * MIN), "要等结束之后的检查有了回答"));
    key(&mut m, Key::of(Code::F(5)), NOW.plus_ms(3 * MIN));
    looked(&mut m, answer(&good, good.look()), NOW.plus_ms(3 * MIN));
    let now = NOW.plus_ms(3 * MIN);
    assert!(
        says(&m, now, "没有了：Windows 共享没有挂载") && says(&m, now, "之前（失败，"),
        "{:#?}",
        rows(&m, now)
    );
    // Enter on it takes the step that is open now, if there is one
    let first = diagnosis(&m.servers[0], now).unwrap().steps().first().map(|s| s.fix.clone());
    let effects = key(&mut m, Key::of(Code::Enter), now);
    let asks = matches!(&effects[..], [Effect::Preview { .. }]);
    assert_eq!(asks, matches!(first, Some(crate::core::diagnose::Fix::Do(_))), "{first:?} {effects:?}");
    key(&mut m, if asks { Key::of(Code::Esc) } else { Key::char(' ') }, now);
    // what is found later is the right side from then on, until it is put away
    assert_eq!(key(&mut m, Key::of(Code::Esc), now), []);
    assert!(!says(&m, now, "没有了") && m.tab() == Some(Tab::Diagnosis));
    key(&mut m, Key::of(Code::Esc), now);
    assert_eq!(m.tab(), Some(Tab::Overview));
}

#[test]
fn a_look_that_saw_nothing_leaves_it_open_whether_something_is_gone() {
    let mut m = open(&given(false));
    over(&mut m, &done(), NOW.plus_ms(MIN));
    key(&mut m, Key::of(Code::F(5)), NOW.plus_ms(2 * MIN));
    looked(&mut m, answer(&Given::new(), noise()), NOW.plus_ms(2 * MIN));
    let now = NOW.plus_ms(2 * MIN);
    assert!(says(&m, now, "还在不在没能检查") && !says(&m, now, "没有了"), "{:#?}", rows(&m, now));
    let shown = page(&m, 0, Tab::Diagnosis, now);
    assert!(shown.sheet.rows.iter().all(|r| r.state != Some(State::Ok)), "nothing is green");
}

#[test]
fn where_nothing_was_done_or_nobody_knows_there_is_no_after() {
    let said = || crate::text!("x", "x");
    let unknown = Came::Unknown { said: said(), next: said(), run: None, is_lost: false };
    let refused = Came::Refused(crate::core::plan::Refusal::new(said(), said()));
    let changed = Came::Changed { now: None, said: said() };
    let good = given(true);
    for (outcome, told) in [(unknown, "结果未知，前后没法比"), (refused, ""), (changed, "")] {
        let mut m = open(&given(false));
        over(&mut m, &outcome, NOW.plus_ms(MIN));
        key(&mut m, Key::of(Code::F(5)), NOW.plus_ms(2 * MIN));
        looked(&mut m, answer(&good, good.look()), NOW.plus_ms(2 * MIN));
        let now = NOW.plus_ms(2 * MIN);
        assert!(!says(&m, now, "没有了") && !says(&m, now, "之前（"), "{outcome:?}");
        assert_eq!(says(&m, now, "前后"), !told.is_empty(), "{outcome:?}");
    }
    // nothing was known before: there is nothing to put beside it
    let m = Model::new(&[given(true).env], None, Lang::Zh);
    assert!(Mended::begun(&m.servers[0], &MOUNT, NOW).is_none());
}

#[test]
fn what_is_not_fresh_is_asked_for_when_the_diagnosis_is_opened() {
    let mut m = open(&given(true));
    key(&mut m, Key::char('1'), NOW);
    let late = NOW.plus_ms(10 * MIN);
    let effects = key(&mut m, Key::of(Code::F(4)), late);
    assert!(matches!(&effects[..], [Effect::Look { wished: true, .. }]), "{effects:?}");
    let shown = page(&m, 0, Tab::Diagnosis, late);
    assert!(shown.sheet.rows.iter().all(|r| r.old), "what was found before is old");
    assert_eq!(key(&mut m, Key::of(Code::F(4)), late), [], "once");
}

fn ready() -> Ready {
    Ready { list: Vec::new(), lacks: false, path: "/x".into(), file: Packed(b"b".as_slice().into()) }
}

#[test]
fn a_bundle_is_written_on_a_yes_and_one_that_comes_late_is_dropped() {
    let mut m = open(&given(false));
    let effects = key(&mut m, Key::char('b'), NOW);
    let [Effect::Bundle { run, .. }] = effects[..] else { panic!("{effects:?}") };
    assert!(next_wake(&m, NOW).is_some_and(|ms| ms <= 250), "its seconds are counted");
    assert_eq!(key(&mut m, Key::of(Code::Enter), NOW), [], "there is nothing to say yes to");
    assert_eq!(key(&mut m, Key::of(Code::Esc), NOW), [Effect::Abandon { run }]);
    update(&mut m, Msg::Bundled { run, came: Box::new(Ok(ready())) }, NOW);
    assert!(m.overlay.is_none(), "nobody waits for it any more");
    let effects = key(&mut m, Key::char('b'), NOW);
    let [Effect::Bundle { run, .. }] = effects[..] else { panic!("{effects:?}") };
    update(&mut m, Msg::Bundled { run, came: Box::new(Ok(ready())) }, NOW);
    key(&mut m, Key::of(Code::Down), NOW);
    let effects = key(&mut m, Key::of(Code::Enter), NOW);
    let [Effect::WriteBundle { run, path, file }] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((path.as_str(), file), ("/x", &ready().file));
    // closed meanwhile: it is said all the same
    key(&mut m, Key::of(Code::Esc), NOW);
    update(&mut m, Msg::BundleWritten { run: *run, path: path.clone(), came: Ok(()) }, NOW);
    assert!(
        matches!(&m.notice, Some(super::super::Notice::Said(t)) if t.zh.contains("/x")),
        "{:?}",
        m.notice
    );
}
