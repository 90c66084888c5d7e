//! Actions from the key to their end: the whole app on a scripted host, keys in, screens out.
use crate::asked::answered;
use crate::fake::Console;
use crate::given::{self, PROD, TEST};
use crate::servers::{Server, each, look, same};
use opsdeck::core::console::{Code, Key, Msg};
use opsdeck::journal::{Entry, Journal, What};
use opsdeck::remote::scripted::Canned;
use opsdeck::remote::{Answer, Ask, Host, LinkError, LinkErrorKind, Reply, Stream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Longer than a box must have been seen before a key counts in it.
const READ: Duration = Duration::from_millis(400);

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn entries(state: &Path) -> Vec<Entry> {
    Journal::below(state).read().unwrap()
}

fn lost() -> LinkError {
    LinkError::new(LinkErrorKind::Lost, "Connection reset by peer")
}

/// What follow.sh prints of a run.
fn journal(lines: &[&str]) -> String {
    let lines = lines.iter().enumerate().map(|(n, l)| format!("j {} {l}\n", 1_769_900_020 + n));
    format!("who start-backend|a@b|1769900020\n{}", lines.collect::<String>())
}

const WORKED: [&str; 9] =
    ["begin", "step 1", "done 1", "step 2", "done 2", "step 3", "done 3", "finished", "end finished"];

/// The backend is down until it was started: what looks say before, and after.
fn down_then_up(at: usize) -> Server {
    becomes_well("backend-down", at)
}

/// As in a scenario until something was done, and healthy after it.
fn becomes_well(scenario: &str, at: usize) -> Server {
    let down = || look(scenario, at, 0);
    let (old, healthy) = &answered("healthy").raw[at];
    let up = String::from_utf8_lossy(healthy).replace(old, &answered(scenario).raw[at].0);
    // when it is opened, for the preview, before it begins
    let host = Server::new().rooted(scenario, at);
    let host = host.on("look", down()).on("look", down().after(Duration::from_secs(1))).on("look", down());
    host.always("look", Canned::prints(up)).always("start", Canned::prints("started unit\n"))
}

/// Opens the box that starts the backend, and reads it.
async fn start_box(console: &mut Console) {
    console.letters("R3").await;
    console.sees("预览：还没有做任何事").await;
    tokio::time::sleep(READ).await;
}

#[tokio::test(start_paused = true)]
async fn an_action_on_test_goes_from_its_key_to_its_proof_and_into_the_journal() {
    let state = folder();
    let test = down_then_up(TEST).on("follow", Canned::prints(journal(&WORKED)));
    let ways = each(&Server::new(), &test);
    let mut console = Console::with_state(given::servers(), ways, state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    start_box(&mut console).await;
    assert_eq!(test.script().count("start"), 0, "a preview changes nothing");
    console.code(Code::Enter).await;
    console.sees("[写模式 10 分]").await;
    let said = console.sees("已完成，并且看到了结果").await;
    assert!(said.contains("□ 测试 TEST  demo-test   启动后端") && said.contains("[+] 做完"), "{said}");
    tokio::time::sleep(READ).await;
    console.code(Code::Esc).await;
    // the overview is of after it
    let said = console.sees("刚刚，用时").await;
    assert!(said.contains("昨夜的备份已在 Windows 上"), "{said}");
    assert_eq!((test.script().count("start"), test.script().count("look")), (1, 5));
    let written: Vec<What> = entries(state.path()).into_iter().map(|e| e.what).collect();
    assert!(
        matches!(&written[..], [What::Intent { .. }, What::Outcome { came, .. }] if came == "done"),
        "{written:?}"
    );
    console.quit().await;
}

/// `M`, Enter: a share that the backend does not see is mended on test without a name, although the backend is restarted.
#[tokio::test(start_paused = true)]
async fn on_test_a_share_is_mounted_with_two_keys() {
    let state = folder();
    let worked = [
        "begin",
        "step 1",
        "fact backend_was running 3f2a",
        "done 1",
        "step 2",
        "fact probe well",
        "done 2",
        "step 3",
        "fact backend_sees after_restart",
        "done 3",
        "finished",
        "end finished",
    ];
    let test = becomes_well("container-blind", TEST).on("follow", Canned::prints(journal(&worked)));
    let mut console = Console::with_state(given::servers(), each(&Server::new(), &test), state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    console.letters("M").await;
    let said = console.sees("预览：还没有做任何事").await;
    assert!(said.contains("后端容器重启一次才看得到共享") && said.contains("Enter 执行"), "{said}");
    tokio::time::sleep(READ).await;
    console.code(Code::Enter).await;
    console.sees("已完成，并且看到了结果").await;
    assert_eq!(test.script().count("start"), 1);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn keys_that_were_typed_ahead_confirm_nothing() {
    let state = folder();
    let test = down_then_up(TEST);
    let mut console = Console::with_state(given::servers(), each(&Server::new(), &test), state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    // all at once, as somebody types who does not look
    console.letters("R3").await;
    for _ in 0..3 {
        console.code(Code::Enter).await;
    }
    console.sees("预览：还没有做任何事").await;
    console.code(Code::Enter).await;
    let said = console.sees("框刚出现，这一下没有算数").await;
    assert!(said.contains("Enter 执行"), "{said}");
    console.send(Msg::Pasted("\ntest\n\n".into())).await;
    console.sees("这里不接受粘贴").await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(test.script().count("start"), 0);
    assert_eq!(entries(state.path()), []);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn on_production_nothing_but_its_name_confirms() {
    let state = folder();
    let prod = down_then_up(PROD).on("follow", Canned::silent().stdout(journal(&WORKED[..2])));
    let mut console = Console::with_state(given::servers(), same(&prod), state.path());
    console.letters("1").await;
    console.sees("刚刚，用时").await;
    start_box(&mut console).await;
    for wrong in ["", "y", "test", "pord"] {
        console.letters(wrong).await;
        console.code(Code::Enter).await;
        console.sees("什么也没做；要打出 正式 或 prod").await;
        console.press(Key::ctrl('u')).await;
        console.gone("要打出 正式 或 prod").await;
    }
    console.send(Msg::Pasted("prod\n".into())).await;
    console.sees("这里不接受粘贴").await;
    assert_eq!(prod.script().count("start"), 0);
    // an input method in full-width mode types the same name
    console.letters("ｐｒｏｄ").await;
    console.code(Code::Enter).await;
    console.sees("操作进行中").await;
    console.sees("[>] 进行").await;
    assert_eq!(prod.script().count("start"), 1);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_preview_that_comes_late_is_shown_nowhere() {
    let prod = Server::of("backend-down", PROD, 20);
    let prod = prod.on("look", look("backend-down", PROD, 0));
    let test = Server::of("healthy", TEST, 0);
    let mut console = Console::start(given::servers(), each(&prod, &test));
    console.letters("1").await;
    console.sees("刚刚，用时").await;
    console.letters("R3").await;
    console.sees("正在看服务器现在的样子，已 5 秒").await;
    console.code(Code::Esc).await;
    console.code(Code::Esc).await;
    console.letters("o").await;
    console.sees("□ 测试 TEST").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    for frame in &console.shown.borrow().frames {
        assert!(!frame.contains("预览：还没有做任何事"), "{frame}");
    }
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_lost_link_is_said_and_the_run_is_found_again_where_it_was() {
    let state = folder();
    let begun = journal(&WORKED[..4]);
    let rest = journal(&WORKED).lines().skip(5).map(|l| format!("{l}\n")).collect::<String>();
    let test = down_then_up(TEST)
        .on("follow", Canned::unknown(lost()).stdout(begun).after(Duration::from_secs(1)))
        .on("follow", Canned::fails(lost()))
        .on("follow", Canned::prints(rest).after(Duration::from_secs(2)));
    let mut console = Console::with_state(given::servers(), each(&Server::new(), &test), state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    start_box(&mut console).await;
    console.code(Code::Enter).await;
    let said = console.sees("操作仍在服务器上继续").await;
    assert!(said.contains("[>] 进行") && said.contains("□ 测试 TEST"), "{said}");
    // put aside, it is said in the bar
    console.code(Code::Esc).await;
    console.sees("断线，操作仍在继续").await;
    console.code(Code::Enter).await;
    console.sees("已完成，并且看到了结果").await;
    let from: Vec<String> =
        test.script().asked().into_iter().filter(|a| a.name == "follow").map(|a| a.script).collect();
    assert!(from[1].contains("from_line='5'") && from[2].contains("from_line='5'"), "not where it was");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn quitting_leaves_the_run_to_the_server_and_the_next_start_follows_it() {
    let state = folder();
    let at_work = Canned::silent().stdout(journal(&WORKED[..4]));
    let test = down_then_up(TEST).on("follow", at_work);
    let mut console = Console::with_state(given::servers(), each(&Server::new(), &test), state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    start_box(&mut console).await;
    console.code(Code::Enter).await;
    console.sees("[>] 进行").await;
    console.code(Code::Esc).await;
    console.sees("操作进行中：Enter 看").await;
    console.press(Key::ctrl('c')).await;
    let said = console.sees("退出 opsdeck？").await;
    assert!(said.contains("测试：操作还在进行，会在服务器上自己做完；下次打开会接上它"), "{said}");
    console.quit().await;
    assert_eq!(entries(state.path()).len(), 1, "an intent, and no end yet");

    let test = Server::of("healthy", TEST, 0);
    let test = test.on("follow", Canned::prints(journal(&WORKED)).after(Duration::from_secs(5)));
    let mut console = Console::with_state(given::servers(), each(&Server::new(), &test), state.path());
    console.letters("2").await;
    console.sees("上次没有看到结尾：启动后端。正在接上它").await;
    console.sees("刚刚，用时").await;
    console.code(Code::Enter).await;
    let said = console.sees("已完成，并且看到了结果").await;
    assert!(said.contains("启动后端"), "{said}");
    assert!(Journal::below(state.path()).unfinished().unwrap().is_empty(), "its end is written down");
    assert_eq!(test.script().count("start"), 0);
    console.quit().await;
}

/// A host that panics when it is asked this.
struct PanicsAt(Server, &'static str);

impl Host for PanicsAt {
    fn run<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Answer, LinkError>> {
        assert!(ask.name != self.1, "on purpose");
        self.0.run(ask)
    }
    fn stream<'a>(&'a self, ask: Ask<'a>) -> Reply<'a, Result<Box<dyn Stream>, LinkError>> {
        self.0.stream(ask)
    }
    fn check(&self) -> Reply<'_, Result<(), LinkError>> {
        self.0.check()
    }
    fn root(&self) -> &str {
        self.0.root()
    }
    fn retry_now(&self) {
        self.0.retry_now();
    }
    fn close(&self) -> Reply<'_, ()> {
        self.0.close()
    }
}

#[tokio::test(start_paused = true)]
async fn what_panics_on_the_way_is_not_known_and_never_done() {
    let state = folder();
    let host = Arc::new(PanicsAt(down_then_up(TEST), "start"));
    let ways = Box::new(move |_: &_| Arc::clone(&host) as Arc<dyn Host>);
    let mut console = Console::with_state(given::servers(), ways, state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    start_box(&mut console).await;
    console.code(Code::Enter).await;
    let said = console.sees("控制台自己出错了").await;
    assert!(said.contains("[?] 未知") && !said.contains("已完成"), "{said}");
    assert_eq!(Journal::below(state.path()).unfinished().unwrap().len(), 1, "its end was not seen");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn without_a_journal_nothing_is_done() {
    let test = down_then_up(TEST);
    let mut console = Console::start(given::servers(), each(&Server::new(), &test));
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    start_box(&mut console).await;
    console.code(Code::Enter).await;
    console.sees("没有地方写操作记录").await;
    assert_eq!(test.script().count("start"), 0);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn what_ends_while_another_server_is_on_the_screen_is_said_with_its_name() {
    let state = folder();
    let test =
        down_then_up(TEST).on("follow", Canned::prints(journal(&WORKED)).after(Duration::from_secs(30)));
    let prod = Server::of("healthy", PROD, 0);
    let mut console = Console::with_state(given::servers(), each(&prod, &test), state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    start_box(&mut console).await;
    console.code(Code::Enter).await;
    console.sees("正在服务器上做").await;
    console.code(Code::Esc).await;
    console.code(Code::F(3)).await;
    let said = console.sees("选一个环境").await;
    assert!(said.contains("demo-test   上次用的   操作进行中"), "{said}");
    console.letters("正式").await;
    console.code(Code::Enter).await;
    let said = console.is_at("总览").await;
    assert!(!said.contains("操作进行中") && !said.contains("写模式"), "{said}");
    console.sees("测试：做完了：启动后端").await;
    for frame in &console.shown.borrow().frames {
        assert!(frame.starts_with(" □ 测试 TEST") || !frame.contains("[>] 进行"), "{frame}");
    }
    console.quit().await;
}
