//! The whole loop with a fake terminal: keys in, screens out.
use crate::fake::{Console, Dies, same};
use crate::given;
use opsdeck::core::console::{Code, Effect, Key, Msg, Outcome, RunId};
use opsdeck::i18n::Lang;
use opsdeck::remote::scripted::{Canned, ScriptedHost};
use opsdeck::tui::executor::Ways;
use std::sync::Arc;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn from_the_list_to_a_good_answer_of_the_built_in_server_and_out_again() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let demo = opsdeck::demo::DemoBox::create_with(program, "healthy", opsdeck::clock::now(), None).unwrap();
    let demo = Arc::new(demo);
    let servers = demo.config().environments;
    let ways: Ways = Box::new(move |env| {
        let sandbox = demo.host(&env.key).unwrap();
        Arc::new(opsdeck::remote::local::LocalHost::new(opsdeck::remote::local::LocalOptions {
            shell: sandbox.shell,
            root: sandbox.root.to_string_lossy().into_owned(),
            path: Some(sandbox.path),
            env: sandbox.env,
        }))
    });
    let mut console = Console::at(servers, ways, opsdeck::clock::now);
    console.sees("选一个环境").await;
    console.press(Key::of(Code::Enter)).await;
    let said = console.sees("昨夜的备份已在 Windows 上").await;
    assert!(said.contains("■ 正式 PROD  demo-prod") && said.contains("18 项检查"), "{said}");
    console.press(Key::of(Code::F(5))).await;
    console.sees("正在再检查").await;
    console.gone("正在再检查").await;
    console.press(Key::of(Code::Esc)).await;
    console.sees("选一个环境").await;
    console.press(Key::char('ｑ')).await;
    console.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_before_an_environment_is_opened_and_an_idle_list_sleeps() {
    let host = ScriptedHost::new();
    let mut console = Console::start(given::servers(), same(&host));
    console.sees("选一个环境").await;
    console.press(Key::of(Code::Down)).await;
    console.sees("> 2").await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!((host.asked().len(), console.shown.borrow().draws), (0, 2));
    console.quit().await;
    assert!(!host.is_closed(), "a link that was never made");
}

#[tokio::test(start_paused = true)]
async fn a_late_answer_of_an_environment_that_was_left_changes_nothing() {
    let slow = Duration::from_secs(30);
    let prod = ScriptedHost::new().always("look", Canned::prints("prod").after(slow));
    let test = ScriptedHost::new().always("look", Canned::prints("test").after(Duration::from_secs(2)));
    let (p, t) = (prod.clone(), test.clone());
    let ways: Ways = Box::new(move |env| match env.key.0.as_str() {
        "prod" => Arc::new(p.clone()),
        _ => Arc::new(t.clone()),
    });
    let mut console = Console::start(given::servers(), ways);
    console.press(Key::char('1')).await;
    console.sees("正在检查，已 2 秒").await;
    console.press(Key::of(Code::F(3))).await;
    console.press(Key::char('2')).await;
    console.sees("正在检查，已 1 秒").await;
    // an answer that was already on its way when prod was left, while test is being asked
    let late = Msg::Looked { run: RunId(1), outcome: Box::new(given::answered("healthy")) };
    console.keys.send(late).await.unwrap();
    console.sees("2 秒前，用时").await;
    tokio::time::sleep(slow * 2).await;
    let said = console.sees("1 分钟前").await;
    assert!(said.contains("□ 测试 TEST") && said.contains("未知 18") && !said.contains("正常"), "{said}");
    console.press(Key::of(Code::Esc)).await;
    console.press(Key::char('1')).await;
    console.sees("■ 正式 PROD").await;
    let said = console.sees("正在检查").await;
    assert!(said.contains("还没有结果"), "{said}");
    assert_eq!((prod.count("look"), test.count("look")), (2, 1));
    console.quit().await;
    assert!(prod.is_closed() && test.is_closed());
}

#[tokio::test(start_paused = true)]
async fn a_lost_link_keeps_what_was_known_as_old_and_the_next_look_mends_it() {
    use opsdeck::remote::{LinkError, LinkErrorKind};
    let refused = LinkError::new(LinkErrorKind::Refused, "Connection refused");
    let host = ScriptedHost::new()
        .on("look", Canned::prints("one"))
        .on("look", Canned::fails(refused))
        .on("look", Canned::prints("three").after(Duration::from_secs(2)));
    let mut console = Console::start(given::servers(), same(&host));
    console.press(Key::of(Code::Enter)).await;
    console.sees("刚刚，用时").await;
    console.press(Key::char('r')).await;
    let said = console.sees("没有得到回答；除“连接”外").await;
    for expected in ["无法检查：连接被拒绝", "- Connection refused", "办法：没有登录服务器", "18 项检查"]
    {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    console.press(Key::char('r')).await;
    // once more while asking: not asked twice
    console.press(Key::of(Code::F(5))).await;
    console.sees("正在再检查，已 1 秒").await;
    let said = console.sees("2 秒前，用时").await;
    assert!(!said.contains("连接被拒绝"), "{said}");
    assert_eq!((host.count("look"), host.retries()), (3, 3));
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_ends_early_is_shown_with_the_trouble_of_the_link() {
    use opsdeck::remote::{LinkError, LinkErrorKind};
    let lost = LinkError::new(LinkErrorKind::Lost, "Broken pipe");
    let host = ScriptedHost::new().always("look", Canned::unknown(lost).stdout("half"));
    let mut console = Console::start(given::servers(), same(&host));
    console.press(Key::of(Code::Enter)).await;
    console.sees("刚刚，用时").await;
    console.press(Key::of(Code::Home)).await;
    let said = console.sees("- Broken pipe").await;
    assert!(said.contains(">[?] 未知  连接") && said.contains("办法："), "{said}");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn the_age_is_drawn_when_it_changes_and_not_more_often() {
    let host = ScriptedHost::new().always("look", Canned::prints("x"));
    let mut console = Console::start(given::servers(), same(&host));
    console.press(Key::of(Code::Enter)).await;
    console.sees("10 秒前").await;
    let before = console.shown.borrow().draws;
    console.sees("20 秒前").await;
    let draws = console.shown.borrow().draws - before;
    assert_eq!(draws, 10);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn the_terminal_is_given_back_and_drawn_anew_when_asked() {
    let mut console = Console::start(given::servers(), same(&ScriptedHost::new()));
    console.press(Key::ctrl('z')).await;
    console.press(Key::ctrl('l')).await;
    console.keys.send(Msg::Continued).await.unwrap();
    console.keys.send(Msg::Pasted).await.unwrap();
    console.sees("这里不接受粘贴").await;
    let shown = console.shown.borrow().clone();
    assert_eq!((shown.suspended, shown.forgotten), (1, 2));
    console.keys.send(Msg::Ended).await.unwrap();
    console.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_look_that_dies_is_unknown_and_a_link_that_will_not_close_is_left() {
    let mut console = Console::start(given::servers(), Box::new(|_| Arc::new(Dies)));
    console.press(Key::of(Code::Enter)).await;
    let said = console.sees("检查过程本身出错").await;
    assert!(said.contains("[?] 未知"), "{said}");
    console.quit().await;
}

#[test]
fn an_effect_names_its_question() {
    let mut model = given::model(Lang::Zh);
    let effects = opsdeck::core::console::update(&mut model, Msg::Key(Key::char('2')), given::TAKEN);
    let (env, run) = (given::servers()[1].key.clone(), RunId(1));
    assert_eq!(effects, [Effect::Look { env, run }]);
    let late = Outcome::Unreachable(given::unreachable(given::TAKEN));
    let outcome = Box::new(late);
    opsdeck::core::console::update(&mut model, Msg::Looked { run: RunId(7), outcome }, given::TAKEN);
    assert!(model.asking.is_some(), "the answer to another question was taken");
}
