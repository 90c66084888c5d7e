//! Slow servers, lost links and late answers: what was asked of one server is never shown as another's.
use crate::asked::answered;
use crate::fake::Console;
use crate::given::{self, PROD, TEST};
use crate::servers::{Dies, Server, each, look, refused, same};
use opsdeck::core::console::{Code, Key, Msg, RunId};
use opsdeck::remote::scripted::Canned;
use opsdeck::remote::{LinkError, LinkErrorKind};
use std::sync::Arc;
use std::time::Duration;
use unicode_width::UnicodeWidthChar;

/// Only production's answer says this, and only the test server's that.
const OF_PROD: &str = "#422";
const OF_TEST: &str = "#131";

#[tokio::test(start_paused = true)]
async fn a_late_answer_of_an_environment_that_was_left_is_shown_nowhere() {
    let prod = Server::of("not-mounted", PROD, 30);
    let test = Server::of("not-mounted", TEST, 2);
    let mut console = Console::start(given::servers(), each(&prod, &test));
    console.letters("1").await;
    console.sees("正在检查，已 2 秒").await;
    console.code(Code::F(3)).await;
    console.sees("选一个环境").await;
    console.letters("2").await;
    console.sees("正在检查，已 1 秒").await;
    // an answer that was already on its way when prod was left, while test is being asked
    let outcome = Box::new(answered("not-mounted").outcome(PROD));
    console.send(Msg::Looked { run: RunId(1), outcome }).await;
    console.sees("2 秒前，用时").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    for digit in 1..=6 {
        console.letters(&digit.to_string()).await;
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    console.letters("1").await;
    console.is_at("总览").await;
    console.sees(OF_TEST).await;
    for frame in &console.shown.borrow().frames {
        assert!(frame.starts_with(" ■ 正式 PROD") || !frame.contains(OF_PROD), "{frame}");
    }
    console.code(Code::F(3)).await;
    console.sees("选一个环境").await;
    // the one that was used last is the first of the list at the next start, not now
    console.letters("正式").await;
    console.code(Code::Enter).await;
    console.sees("■ 正式 PROD").await;
    let said = console.sees("正在检查").await;
    assert!(!said.contains("项检查"), "{said}");
    assert_eq!((prod.script().count("look"), test.script().count("look")), (2, 1));
    console.quit().await;
    assert!(prod.script().is_closed() && test.script().is_closed());
}

#[tokio::test(start_paused = true)]
async fn side_by_side_a_late_answer_stands_under_its_own_name() {
    let prod = Server::of("not-mounted", PROD, 30);
    let test = Server::of("not-mounted", TEST, 2);
    let mut console = Console::wide(given::servers()[..2].to_vec(), each(&prod, &test));
    console.letters("1").await;
    console.sees("正在检查，已 2 秒").await;
    console.letters("o").await;
    console.sees(OF_TEST).await;
    console.sees(OF_PROD).await;
    // in both orders, and narrow again
    console.letters("o").await;
    console.sees("> ■ 正式 PROD").await;
    console.letters("o").await;
    console.sees("> □ 测试 TEST").await;
    console.send(Msg::Resized(100, 40)).await;
    console.gone("正式 PROD").await;
    let frames = console.shown.borrow().frames.clone();
    let mut both = 0;
    for frame in frames.iter().filter(|f| f.contains(OF_PROD) || f.contains(OF_TEST)) {
        let names = frame.lines().nth(2).unwrap();
        if names.contains("正式 PROD") && names.contains("测试 TEST") {
            let (left, right) = halves(frame);
            assert!(left.contains("正式 PROD") && right.contains("测试 TEST"), "{frame}");
            assert!(!left.contains(OF_TEST) && !right.contains(OF_PROD), "{frame}");
            both += usize::from(left.contains(OF_PROD) && right.contains(OF_TEST));
        } else {
            assert!(frame.starts_with(" □ 测试 TEST") && !frame.contains(OF_PROD), "{frame}");
        }
    }
    assert!(both >= 3, "{both}");
    console.quit().await;
}

/// What stands left and right of the middle, below the bar and the tabs.
fn halves(frame: &str) -> (String, String) {
    let (mut left, mut right) = (String::new(), String::new());
    let rows = frame.lines().count();
    for line in frame.lines().take(rows - 1).skip(2) {
        let mut x = 0;
        for c in line.chars() {
            if x < 80 {
                left.push(c)
            } else {
                right.push(c)
            }
            x += c.width().unwrap_or(0);
        }
        left.push('\n');
        right.push('\n');
    }
    (left, right)
}

#[tokio::test(start_paused = true)]
async fn a_lost_link_keeps_what_was_known_as_old_counts_down_and_tries_again_by_itself() {
    let host = Server::new().rooted("healthy", PROD).on("look", look("healthy", PROD, 0));
    let host = (0..6).fold(host, |host, _| host.on("look", refused()));
    let host = host.on("look", look("healthy", PROD, 0)).always("look", refused());
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("刚刚，用时").await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    console.letters("r").await;
    let said = console.sees("连接断了：下面是 20 秒前的结果").await;
    assert!(said.contains("5 秒后自动再试，Ctrl-R 马上试") && said.contains("项检查"), "{said}");
    assert!(said.contains("连接被拒绝") && said.contains("Connection refused"), "{said}");
    console.sees("4 秒后自动再试").await;
    console.sees("1 秒后自动再试").await;
    let said = console.sees("刚刚，用时").await;
    assert!(!said.contains("连接被拒绝"), "{said}");
    // the server asks for 5 s at least; from then on each wait is twice as long as the one before
    assert_eq!(host.gaps(), [20, 5, 5, 8, 16, 32, 60]);
    assert_eq!(host.script().retries(), 2, "only an operator's own wish is one");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn ctrl_r_tries_at_once_and_a_question_under_way_is_not_asked_twice() {
    let host =
        Server::new().rooted("healthy", PROD).on("look", refused()).always("look", look("healthy", PROD, 2));
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("没有连上；5 秒后自动再试").await;
    console.press(Key::ctrl('r')).await;
    console.letters("r").await;
    console.code(Code::F(5)).await;
    console.sees("正在检查").await;
    console.sees("2 秒前，用时").await;
    // the try that was due while this one was under way is none
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!((host.gaps(), host.script().count("look")), (vec![0], 2));
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_only_a_person_can_mend_is_not_tried_by_itself() {
    let error = LinkError::new(LinkErrorKind::TooManyKeys, "Too many authentication failures");
    let host = Server::new().always("look", Canned::fails(error));
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("没有连上；处理后按 Ctrl-R 再试").await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(host.script().count("look"), 1);
    console.press(Key::ctrl('r')).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!((host.script().count("look"), host.script().retries()), (2, 2));
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_was_left_is_not_tried_again() {
    let host = Server::new().always("look", refused());
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("5 秒后自动再试").await;
    console.code(Code::F(3)).await;
    console.sees("选一个环境").await;
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!(host.script().count("look"), 1);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_ends_early_is_shown_with_the_trouble_of_the_link() {
    let lost = LinkError::new(LinkErrorKind::Lost, "Broken pipe");
    let host = Server::new().always("look", Canned::unknown(lost).stdout("half"));
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("连接断了：下面是 刚刚的结果").await;
    console.code(Code::Home).await;
    let said = console.sees("- Broken pipe").await;
    assert!(
        said.contains("连接断了：下面是 ") && said.contains(">[?] 未知  连接") && said.contains("办法："),
        "{said}"
    );
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_lost_during_a_look_is_told_on_every_screen_and_asked_again() {
    let lost = || Canned::unknown(LinkError::new(LinkErrorKind::Lost, "Broken pipe")).stdout("half");
    let host = Server::new().rooted("healthy", PROD).on("look", lost().after(Duration::from_secs(3)));
    let host = host.on("look", look("healthy", PROD, 1)).on("look", lost());
    let host = host.always("look", look("healthy", PROD, 4));
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.letters("3").await;
    let said = console.sees("连接断了：下面是 3 秒前的结果；2 秒后自动再试").await;
    assert!(said.contains("> 任务"), "{said}");
    let said = console.sees("1 秒前，用时").await;
    assert!(!said.contains("读不到"), "{said}");
    // what was found before, whole, is worth more than half of what is so now
    tokio::time::sleep(Duration::from_secs(9)).await;
    console.code(Code::F(5)).await;
    let said = console.sees("连接断了：下面是 10 秒前的结果；2 秒后自动再试").await;
    assert!(!said.contains("读不到"), "{said}");
    console.sees("4 秒前，用时").await;
    assert_eq!((host.script().count("look"), host.gaps()), (4, vec![5, 10, 2]));
    console.quit().await;
}

/// What a server answered half of, for a reason that is not the link's.
#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_whole_says_so_on_every_screen() {
    let host = Server::new().always("look", Canned::exits(70).stderr("mktemp: Permission denied"));
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("mktemp: Permission denied").await;
    for tab in ["1", "2", "3", "4"] {
        console.letters(tab).await;
        console.sees("没有答完：按 F5 再检查").await;
    }
    assert_eq!(host.script().count("look"), 1);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn what_nobody_watches_is_not_shown_as_new_for_long() {
    let host = Server::new().rooted("healthy", PROD).on("look", look("healthy", PROD, 1));
    let host = host.always("look", look("healthy", PROD, 600));
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("10 秒前，用时").await;
    // left, and gone back to: the look that would have started a new watch is given up
    console.code(Code::F(3)).await;
    console.sees("选一个环境").await;
    console.letters("1").await;
    console.sees("正在再检查").await;
    console.press(Key::ctrl('c')).await;
    console.sees("10 秒前，用时").await;
    console.sees("结果是 21 秒前的，可能已经变了：按 F5 再检查").await;
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn the_environment_beside_that_is_not_watched_any_more_is_not_shown_as_new() {
    let (prod, test) = (Server::of("healthy", PROD, 0), Server::of("healthy", TEST, 0));
    let mut console = Console::wide(given::servers()[..2].to_vec(), each(&prod, &test));
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    console.code(Code::F(3)).await;
    console.sees("选一个环境").await;
    console.letters("正式").await;
    console.code(Code::Enter).await;
    console.sees("> ■ 正式 PROD").await;
    tokio::time::sleep(Duration::from_secs(25)).await;
    let said = console.sees("26 秒前的，可能已经变了：按 o 切换过去再检查").await;
    assert!(said.contains("26 秒前，用时") || said.contains("25 秒前，用时"), "{said}");
    assert_eq!(test.script().count("look"), 1);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_whose_watch_falls_silent_is_not_shown_as_new() {
    let host = Server::of("healthy", PROD, 0).streaming().always("watch", Canned::silent());
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("19 秒前，用时").await;
    console.sees("结果是 20 秒前的，可能已经变了：按 F5 再检查").await;
    // until it is given up
    console.sees("连接断了：下面是 1 分钟前的结果").await;
    console.sees("刚刚，用时").await;
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_look_that_dies_is_unknown_and_a_link_that_will_not_close_is_left() {
    let mut console = Console::start(given::servers(), Box::new(|_| Arc::new(Dies)));
    console.code(Code::Enter).await;
    let said = console.sees("检查过程本身出错").await;
    assert!(said.contains("[?] 未知"), "{said}");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_lost_between_two_looks_is_noticed_by_the_stream_of_jobs() {
    let lost = LinkError::new(LinkErrorKind::Lost, "Connection reset by peer");
    let host = Server::of("healthy", PROD, 0).streaming();
    let host = host
        .on("watch", Canned::unknown(lost).after(Duration::from_secs(20)))
        .always("watch", Canned::silent());
    let mut console = Console::start(given::servers(), same(&host));
    console.code(Code::Enter).await;
    console.sees("19 秒前，用时").await;
    let said = console.sees("连接断了：下面是 20 秒前的结果").await;
    assert!(said.contains("秒后自动再试") && said.contains("[?] 未知  连接"), "{said}");
    // the jobs stay as they were found until the next answer
    console.letters("4").await;
    console.sees("个备份包").await;
    console.sees("刚刚，用时").await;
    assert_eq!((host.script().count("look"), host.script().count("watch")), (2, 2));
    console.quit().await;
}
