//! The whole loop with a fake terminal: keys in, screens out.
use crate::fake::Console;
use crate::given::{self, PROD, TEST};
use crate::servers::{Server, each, same};
use opsdeck::core::console::{Code, Effect, Key, Msg, RunId, Tab};
use opsdeck::i18n::Lang;
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
        Arc::new(opsdeck::remote::local::LocalHost::new(sandbox.into()))
    });
    let mut console = Console::at(servers, ways, (100, 40), opsdeck::clock::now);
    console.sees("选一个环境").await;
    console.code(Code::Enter).await;
    let said = console.sees("昨夜的备份已在 Windows 上").await;
    assert!(said.contains("■ 正式 PROD  demo-prod") && said.contains("18 项检查"), "{said}");
    console.code(Code::F(5)).await;
    console.sees("正在再检查").await;
    console.gone("正在再检查").await;
    console.code(Code::Esc).await;
    console.sees("选一个环境").await;
    console.press(Key::char('ｑ')).await;
    console.sees("退出 opsdeck？").await;
    console.code(Code::Down).await;
    console.code(Code::Enter).await;
    console.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_before_an_environment_is_opened_and_an_idle_list_sleeps() {
    let host = Server::new();
    let mut console = Console::start(given::servers(), same(&host));
    console.sees("选一个环境").await;
    console.code(Code::Down).await;
    console.sees("> 2").await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!((host.script().asked().len(), console.draws()), (0, 2));
    console.quit().await;
    assert!(!host.script().is_closed(), "a link that was never made");
}

/// The screens of an environment and how each is reached.
#[tokio::test(start_paused = true)]
async fn every_screen_is_reached_by_digit_by_f_key_by_tab_and_by_name() {
    let host = Server::of("healthy", PROD, 0);
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("刚刚，用时").await;
    for (n, tab) in Tab::ALL.into_iter().enumerate().rev() {
        console.press(Key::char(char::from_digit(u32::try_from(n + 1).unwrap(), 10).unwrap())).await;
        console.is_at(&tab.title().zh).await;
    }
    for (code, title) in [(4, "诊断"), (6, "任务"), (7, "备份包"), (8, "日志")] {
        console.code(Code::F(code)).await;
        console.is_at(title).await;
    }
    console.letters("1").await;
    for tab in Tab::ALL.into_iter().cycle().skip(1).take(Tab::ALL.len()) {
        console.code(Code::Tab).await;
        console.is_at(&tab.title().zh).await;
    }
    console.code(Code::BackTab).await;
    console.is_at("诊断").await;
    for (initials, title) in [
        ("gz", "挂载"),
        ("rw", "任务"),
        ("bfb", "备份包"),
        ("rz", "日志"),
        ("czjl", "操作记录"),
        ("zd", "诊断"),
        ("zl", "总览"),
    ] {
        console.code(Code::F(10)).await;
        console.is_at(&format!("{}  > 找功能", before(&console))).await;
        console.letters(initials).await;
        console.sees(&format!("> {initials}")).await;
        console.code(Code::Enter).await;
        console.is_at(title).await;
    }
    assert_eq!(host.script().count("look"), 1, "going from screen to screen asks nothing");
    console.quit().await;
}

/// The screen that the bar names now.
fn before(console: &Console) -> String {
    let text = console.shown.borrow().text.clone();
    let bar = text.lines().next().unwrap().trim_end().to_owned();
    bar.split("  > ").nth(1).unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_filter_hides_rows_while_it_is_typed_and_esc_takes_one_step_at_a_time() {
    let host = Server::of("not-mounted", PROD, 0);
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("刚刚，用时").await;
    console.letters("4/").await;
    console.sees("筛选：").await;
    console.code(Code::Esc).await;
    console.gone("筛选：").await;
    console.letters("1/失败").await;
    let said = console.sees("隐藏 1").await;
    assert!(said.contains("昨夜的备份") && !said.contains("服务器磁盘  "), "{said}");
    // Enter keeps it; words of an input method are words here
    console.code(Code::Enter).await;
    console.gone("筛选：").await;
    console.sees("筛选“失败”").await;
    // from the inside out: the box, the filter, the screen, the environment
    console.letters("2").await;
    console.is_at("挂载").await;
    console.code(Code::F(9)).await;
    console.is_at("挂载  > 操作").await;
    console.code(Code::Esc).await;
    console.is_at("挂载").await;
    console.code(Code::Esc).await;
    console.is_at("总览").await;
    console.sees("筛选“失败”").await;
    console.code(Code::Esc).await;
    let said = console.gone("筛选“失败”").await;
    assert!(said.contains("■ 正式 PROD"), "{said}");
    console.code(Code::Esc).await;
    console.sees("选一个环境").await;
    // and there it ends
    console.code(Code::Esc).await;
    console.code(Code::Down).await;
    console.sees("> 2").await;
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn quitting_asks_and_staying_is_what_enter_does() {
    let mut console = Console::start(given::servers(), same(&Server::new()));
    console.letters("q").await;
    let said = console.sees("退出 opsdeck？").await;
    assert!(said.contains("> 留下"), "{said}");
    console.code(Code::Enter).await;
    console.sees("留下了").await;
    console.letters("q").await;
    console.sees("> 留下").await;
    console.code(Code::Esc).await;
    console.gone("> 留下").await;
    console.letters("q").await;
    console.sees("> 留下").await;
    console.code(Code::Down).await;
    console.sees("> 退出").await;
    console.code(Code::Enter).await;
    console.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn ctrl_c_gives_up_then_asks_then_leaves() {
    let host = Server::of("healthy", PROD, 30);
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("正在检查，已 1 秒").await;
    console.press(Key::ctrl('c')).await;
    let said = console.sees("不等了；服务器上什么也没有改").await;
    assert!(!said.contains("正在检查"), "{said}");
    // nobody waits for that answer any more
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!console.shown.borrow().text.contains("项检查"));
    console.press(Key::ctrl('c')).await;
    console.sees("> 留下").await;
    console.press(Key::ctrl('c')).await;
    console.ended.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn full_width_keys_are_keys_words_of_an_input_method_are_not_and_nothing_is_pasted() {
    let host = Server::of("healthy", PROD, 0);
    let mut console = Console::start(given::servers(), same(&host));
    console.press(Key::char('１')).await;
    console.sees("刚刚，用时").await;
    console.press(Key::char('４')).await;
    console.is_at("备份包").await;
    console.press(Key::char('？')).await;
    console.is_at("备份包  > 帮助").await;
    console.press(Key::char('？')).await;
    console.is_at("备份包").await;
    console.press(Key::char('备')).await;
    console.sees("检测到中文输入法，什么也没做").await;
    console.press(Key::char('、')).await;
    console.sees("筛选：").await;
    console.code(Code::Esc).await;
    console.send(Msg::Pasted("q\n1\n".into())).await;
    let said = console.sees("这里不接受粘贴").await;
    assert!(said.contains("> 备份包"), "{said}");
    // where a line is typed, it is pasted, and its line break confirms nothing
    console.letters("/").await;
    console.send(Msg::Pasted("20260201\nq\n".into())).await;
    console.sees("筛选：20260201").await;
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn on_a_wide_screen_the_other_environment_stands_beside_and_o_goes_there() {
    let (prod, test) = (Server::of("not-mounted", PROD, 1), Server::of("not-mounted", TEST, 1));
    let mut console = Console::wide(given::servers()[..2].to_vec(), each(&prod, &test));
    console.code(Code::Enter).await;
    let said = console.sees("没有连接 demo-test").await;
    assert!(said.contains("> ■ 正式 PROD") && said.contains("  □ 测试 TEST"), "{said}");
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(
        (prod.script().count("look"), test.script().count("look")),
        (1, 0),
        "it is not asked from here"
    );
    console.letters("o").await;
    let said = console.sees("#131").await;
    let names = said.lines().nth(2).unwrap();
    assert!(names.starts_with("  ■ 正式 PROD") && names.contains("> □ 测试 TEST"), "{said}");
    assert!(said.starts_with(" □ 测试 TEST"), "{said}");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn the_age_is_drawn_when_it_changes_and_not_more_often() {
    let host = Server::of("healthy", PROD, 0);
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("10 秒前").await;
    let before = console.draws();
    console.sees("20 秒前").await;
    // and once when the server says that it is there
    assert_eq!(console.draws() - before, 11);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn the_terminal_is_given_back_and_drawn_anew_when_asked() {
    let mut console = Console::start(given::servers(), same(&Server::new()));
    console.press(Key::ctrl('z')).await;
    console.press(Key::ctrl('l')).await;
    console.send(Msg::Continued).await;
    console.code(Code::F(2)).await;
    console.sees("鼠标：交给终端").await;
    let shown = console.shown.borrow().clone();
    assert_eq!((shown.suspended, shown.forgotten, shown.mouse), (1, 2, vec![false]));
    console.send(Msg::Ended).await;
    console.ended.await.unwrap().unwrap();
}

#[test]
fn an_effect_names_its_question() {
    let mut model = given::model(Lang::Zh);
    let update = opsdeck::core::console::update;
    let effects = update(&mut model, Msg::Key(Key::char('2')), given::TAKEN);
    let (env, run) = (given::servers()[TEST].key.clone(), RunId(1));
    assert!(effects.contains(&Effect::Look { env, run, wished: true }), "{effects:?}");
    let late = given::refused(given::TAKEN);
    update(&mut model, Msg::Looked { run: RunId(7), outcome: Box::new(late) }, given::TAKEN);
    assert!(model.servers[TEST].asking.is_some(), "the answer to another question was taken");
}
