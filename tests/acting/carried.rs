//! Carried out on a scripted server: what is written down before anything is asked, and where the password is.
use crate::common::PLANTED;
use opsdeck::act::{self, Order};
use opsdeck::config::Secret;
use opsdeck::config::model::Environment;
use opsdeck::core::plan::script::RunName;
use opsdeck::core::plan::told::{Came, Outcome, Told};
use opsdeck::core::plan::{Action, How, Made, Plan, Service};
use opsdeck::core::safetext::SafeText;
use opsdeck::core::state::State;
use opsdeck::journal::{Journal, What};
use opsdeck::remote::host::{Reply, Stream};
use opsdeck::remote::scripted::{Canned, ScriptedHost};
use opsdeck::remote::{Answer, Ask, Host, LinkError, LinkErrorKind};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc::channel;

const MARK: &str = "00000000000000000000000000fixture";
const RUN: &str = "1769900000-1f3a9c2e";

/// A server whose looks are an answer that was captured; what else it says is scripted.
struct Captured {
    rest: ScriptedHost,
    journal: Journal,
    /// Whether the intent was on the disk when starting was asked for.
    intent_first: Arc<Mutex<Option<bool>>>,
}

impl Host for Captured {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        if ask.name == "start" {
            let open = self.journal.unfinished().unwrap_or_default();
            *self.intent_first.lock().unwrap() = Some(open.iter().any(|e| e.run == RUN));
        }
        if ask.name != "look" {
            return self.rest.run(ask);
        }
        Box::pin(async move {
            let mark = ask.script.split("mark='").nth(1).and_then(|m| m.split('\'').next()).unwrap();
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lab/healthy.txt");
            let answer = std::fs::read_to_string(file).unwrap().replace(MARK, mark);
            ScriptedHost::new().always("look", Canned::prints(answer)).run(ask).await
        })
    }

    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        self.rest.stream(ask)
    }

    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        self.rest.check()
    }

    fn root(&self) -> &str {
        ""
    }

    fn retry_now(&self) {}

    fn close(&self) -> Reply<'_, ()> {
        self.rest.close()
    }
}

struct Case {
    server: Captured,
    env: Environment,
    _state: tempfile::TempDir,
}

impl Case {
    fn new(rest: ScriptedHost) -> Case {
        let state = tempfile::tempdir().unwrap();
        let journal = Journal::below(&state.path().join("opsdeck"));
        let config = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lab/lab.toml");
        let config = opsdeck::config::load(&config).unwrap();
        let env = config.environments.into_iter().find(|e| e.key.0 == "prod").unwrap();
        let server = Captured { rest, journal, intent_first: Arc::default() };
        Case { server, env, _state: state }
    }

    async fn plan(&self) -> Plan {
        let action = Action::Services { which: Service::Frontend, how: How::Stop };
        match act::preview(&self.server, &self.env, &action).await.unwrap().made {
            Ok(Made::Plan(plan)) => *plan,
            other => panic!("{other:?}"),
        }
    }

    async fn carry_out(&self, password: Option<Secret>) -> (Outcome, Vec<Told>) {
        let plan = self.plan().await;
        let (tell, mut told) = channel(64);
        let order = Order {
            host: &self.server,
            env: &self.env,
            plan: &plan,
            run: RunName::parse(RUN).unwrap(),
            password,
            operator: SafeText::new("wang@desk"),
            journal: &self.server.journal,
        };
        let outcome = act::carry_out(order, &tell).await;
        drop(tell);
        let mut all = Vec::new();
        while let Some(one) = told.recv().await {
            all.push(one);
        }
        (outcome, all)
    }
}

fn followed(lines: &[&str]) -> Canned {
    let lines: Vec<String> = lines.iter().map(|l| format!("j 1769900000 {l}\n")).collect();
    Canned::prints(lines.concat())
}

#[tokio::test]
async fn the_intent_is_on_the_disk_before_the_server_is_told_anything() {
    let case = Case::new(
        ScriptedHost::new()
            .on("start", Canned::prints("started unit\n"))
            .on("follow", followed(&["begin", "step 1", "fail 1 7", "end failed"])),
    );
    let (outcome, told) = case.carry_out(None).await;
    assert_eq!(outcome.came(), Came::Failed);
    assert_eq!(*case.server.intent_first.lock().unwrap(), Some(true));
    let kept = case.server.journal.read().unwrap();
    assert!(
        matches!(&kept[..], [i, o] if i.is_intent() && matches!(&o.what, What::Outcome { came, .. } if came == "failed"))
    );
    assert!(case.server.journal.unfinished().unwrap().is_empty());
    assert!(matches!(told.first(), Some(Told::Checking)) && matches!(told.last(), Some(Told::Ended(_))));
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_done_and_looking_still_works() {
    let case = Case::new(ScriptedHost::new());
    let folder = case.server.journal.path().parent().unwrap().to_owned();
    std::fs::create_dir_all(folder.join("journal.jsonl")).unwrap();
    let (outcome, _) = case.carry_out(None).await;
    let Outcome::Refused(refusal) = outcome else { panic!("{outcome:?}") };
    assert!(refusal.said.en.starts_with("the journal cannot be written, so nothing was done"), "{refusal:?}");
    assert_eq!(case.server.rest.asked(), [], "the server was told something");
    assert!(!case.plan().await.steps.is_empty());
}

#[tokio::test]
async fn a_password_goes_to_standard_input_and_nowhere_else() {
    let loud = format!("step 1\nj 1769900000 fact mount_error mount: user=x,password={PLANTED}");
    let answers: [ScriptedHost; 3] = [
        ScriptedHost::new()
            .on("start", Canned::prints("started unit\n"))
            .on("follow", followed(&["begin", &loud, &format!("refused no {PLANTED}"), "end refused"])),
        ScriptedHost::new().on("start", Canned::exits(13).stdout(format!("failed {PLANTED}\n"))),
        ScriptedHost::new().on("start", Canned::exits(11).stdout(format!("busy x|{PLANTED}|1\n"))),
    ];
    for answer in answers {
        let case = Case::new(answer);
        let (outcome, told) = case.carry_out(Some(Secret::parse(PLANTED.into()).unwrap())).await;
        let asked = case.server.rest.asked();
        let start = asked.iter().find(|a| a.name == "start").unwrap();
        assert_eq!(start.stdin, PLANTED.as_bytes());
        assert!(asked.iter().all(|a| !a.script.contains(PLANTED)));
        assert!(asked.iter().filter(|a| a.name != "start").all(|a| a.stdin.is_empty()));
        let journal = std::fs::read_to_string(case.server.journal.path()).unwrap();
        for said in [journal, format!("{outcome:?}"), format!("{told:?}")] {
            assert!(!said.contains(PLANTED), "{said}");
        }
    }
}

/// A server that has no record of a run any more cannot say that it never began, and will never say more: the entry is closed. One
/// that could not be asked may.
#[tokio::test]
async fn a_run_that_the_server_has_forgotten_is_not_known_and_not_asked_for_again() {
    let (tell, _told) = channel(64);
    for (brief, came, written) in [
        // fifty newer ones, or the folder was lost and one was made since, or none
        ("none 50 1769900001-aa\n", Came::Unknown, "lost"),
        ("none 1 1769900001-aa\n", Came::Unknown, "lost"),
        ("none 0 \n", Came::Unknown, "lost"),
        ("hidden\n", Came::Unknown, "unknown"),
        // an older one is there still
        ("none 3 1769800000-aa\n", Came::Refused, "refused"),
    ] {
        let case = Case::new(
            ScriptedHost::new()
                .always("follow", Canned::exits(0).stdout("none\n"))
                .always("brief", Canned::prints(brief)),
        );
        let plan = case.plan().await;
        let journal = &case.server.journal;
        journal.add(&crate::journal::intent(RUN)).unwrap();
        let there = Environment { key: opsdeck::config::model::EnvKey("test".into()), ..case.env.clone() };
        let run = RunName::parse(RUN).unwrap();
        let outcome = act::attach(&case.server, &there, &run, &plan.action, Some(journal), &tell).await;
        assert_eq!(outcome.came(), came, "{brief}: {outcome:?}");
        assert!(came == Came::Refused || !outcome.said().en.contains("nothing was done"), "{outcome:?}");
        let last = journal.read().unwrap().pop().unwrap().what;
        assert!(matches!(&last, What::Outcome { came, .. } if came == written), "{brief}: {last:?}");
        assert_eq!(journal.unfinished().unwrap().len(), usize::from(written == "unknown"), "{brief}");
    }
}

/// Somebody started the frontend again since the run stopped it, and the console that did so was killed: on the next occasion, days
/// later, that is no failure of the run.
#[tokio::test]
async fn an_old_run_is_not_judged_by_what_is_seen_today() {
    let (tell, _told) = channel(64);
    let now = healthy_now_s();
    for (end, came, state) in [
        (now - 3 * 86_400, Came::Done, State::Warning),
        (now - 601, Came::Done, State::Warning),
        (now - 599, Came::Failed, State::Failed),
    ] {
        let lines = ["begin", "step 1", "done 1", "finished", "end finished"];
        let lines = lines.map(|l| format!("j {end} {l}\n")).concat();
        let case = Case::new(ScriptedHost::new().always("follow", Canned::prints(lines)));
        let journal = &case.server.journal;
        journal.add(&crate::journal::intent(RUN)).unwrap();
        let there = Environment { key: opsdeck::config::model::EnvKey("test".into()), ..case.env.clone() };
        let stop = Action::Services { which: Service::Frontend, how: How::Stop };
        let run = RunName::parse(RUN).unwrap();
        let outcome = act::attach(&case.server, &there, &run, &stop, Some(journal), &tell).await;
        assert_eq!((outcome.came(), outcome.state()), (came, state), "{outcome:?}");
        assert_eq!(
            outcome.said().en.contains("what is seen now is later"),
            came == Came::Done,
            "{outcome:?}"
        );
        assert!(journal.unfinished().unwrap().is_empty());
    }
}

/// When the captured answer was given, by its server's clock.
fn healthy_now_s() -> i64 {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lab/healthy.txt");
    let answer = std::fs::read(file).unwrap();
    let env = Case::new(ScriptedHost::new()).env;
    let taken = opsdeck::core::units::EpochMs(0);
    opsdeck::core::snapshot::Snapshot::read(&env, "", MARK, &answer, taken, 0).now().0 / 1000
}

/// To end a run that lost its processes starts what it had stopped: where nothing may be changed, it is only looked at.
#[tokio::test]
async fn a_run_that_broke_off_on_a_read_only_server_is_followed_and_not_ended() {
    let (tell, _told) = channel(64);
    let journal = [&b"j 1769900000 begin\nj 1769900000 step 1\n"[..], b"gone\n"].concat();
    let rest = ScriptedHost::new().always("follow", Canned::exits(0).stdout(journal));
    let mut case = Case::new(rest.always("finish", Canned::exits(0).stdout("finished\n")));
    let run = RunName::parse(RUN).unwrap();
    let action = Action::Services { which: Service::Backend, how: How::Restart };
    let ends = case.server.rest.count("finish");
    case.env.read_only = true;
    let outcome = act::attach(&case.server, &case.env, &run, &action, None, &tell).await;
    assert_eq!((outcome.came(), case.server.rest.count("finish") - ends), (Came::Unknown, 0));
    let said = outcome.said().en;
    assert!(said.contains("read-only") && said.contains("may still be down"), "{said}");
    let Outcome::Unknown { next, .. } = &outcome else { panic!("{outcome:?}") };
    assert!(next.en.contains(&format!("opsdeck attach --env prod {RUN}")), "{next:?}");
    // where it may be, it is brought to its end
    case.env.read_only = false;
    act::attach(&case.server, &case.env, &run, &action, None, &tell).await;
    assert!(case.server.rest.count("finish") > ends);
}

/// The second operator hears who does what, and since when.
#[tokio::test]
async fn who_is_at_work_is_said_with_what_since_when_and_how_to_follow() {
    let now = healthy_now_s();
    let busy = format!("busy restart-backend|li@desk|{}|{RUN}\n", now - 185);
    let case = Case::new(ScriptedHost::new().on("start", Canned::exits(11).stdout(busy)));
    let (outcome, _) = case.carry_out(None).await;
    let Outcome::Refused(refusal) = outcome else { panic!("{outcome:?}") };
    let said = &refusal.said.en;
    assert!(
        said.contains("li@desk") && said.contains("restart the backend") && said.contains("3 min ago"),
        "{said}"
    );
    let (run, action) = refusal.follow.as_ref().unwrap();
    assert_eq!((run.as_str(), action.id()), (RUN, "restart-backend"));
}

#[tokio::test]
async fn attaching_writes_down_the_end_that_was_not_seen_once() {
    let lost = LinkError::new(LinkErrorKind::Lost, "reset");
    let case = Case::new(
        ScriptedHost::new()
            .on("start", Canned::fails(lost.after_begin()))
            .on("follow", Canned::exits(0).stdout("none\n"))
            .on("brief", Canned::prints("none 1 1769800000-aa\n"))
            .always("follow", followed(&["begin", "step 1", "fail 1 7", "end failed"])),
    );
    // the console is killed: no outcome
    let plan = case.plan().await;
    let journal = &case.server.journal;
    journal.add(&crate::journal::intent(RUN)).unwrap();
    let run = RunName::parse(RUN).unwrap();
    let (tell, _told) = channel(64);
    // another environment's run of that name is not this one
    let elsewhere = Environment { key: opsdeck::config::model::EnvKey("prod".into()), ..case.env.clone() };
    act::attach(&case.server, &elsewhere, &run, &plan.action, Some(journal), &tell).await;
    assert_eq!(journal.unfinished().unwrap().len(), 1);
    let there = Environment { key: opsdeck::config::model::EnvKey("test".into()), ..case.env.clone() };
    for _ in 0..2 {
        let outcome = act::attach(&case.server, &there, &run, &plan.action, Some(journal), &tell).await;
        assert_eq!(outcome.came(), Came::Failed);
    }
    let outcomes = journal.read().unwrap().into_iter().filter(|e| !e.is_intent()).collect::<Vec<_>>();
    assert!(
        matches!(&outcomes[..], [one] if one.run == RUN && one.action == "restart-frontend"),
        "{outcomes:?}"
    );
}
