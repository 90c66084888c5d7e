//! The diagnosis on the screen: as goldens, and walked from F4 over its fix to before | after.
use crate::asked::{all_answered, answered};
use crate::cases::{Case, after};
use crate::fake::Console;
use crate::given::{self, *};
use crate::pty::{F3, F4, Pty};
use crate::servers::{Server, each, look, refused as no_link, same};
use opsdeck::core::console::bundle::{Packed, Ready};
use opsdeck::core::console::glyphs::Glyphs;
use opsdeck::core::console::theme::Theme;
use opsdeck::core::console::{Code, Key, Model, Msg, Outcome, Overlay, Preview, Tab, page, unseen, update};
use opsdeck::core::plan::script::RunName;
use opsdeck::core::plan::told::{Outcome as Came, Told};
use opsdeck::core::plan::{Action, make};
use opsdeck::core::units::EpochMs;
use opsdeck::core::verdict::Facts;
use opsdeck::i18n::{Lang, Text};
use opsdeck::remote::scripted::Canned;
use opsdeck::remote::{LinkError, LinkErrorKind};
use std::time::Duration;

const fn at(seconds: i64) -> EpochMs {
    EpochMs(TAKEN.0 + seconds * 1000)
}

/// The diagnosis of production in a scenario.
fn walk(lang: Lang, scenario: &str) -> Model {
    open_at(lang, scenario, Tab::Diagnosis)
}

pub(crate) fn cases() -> Vec<Case> {
    let over = |name: &str, scenario: &'static str, codes: &'static [Code], typed: &'static str| {
        Case::new(name, LATER, move |l| after(walk(l, scenario), codes, typed)).fresh()
    };
    let mut all: Vec<Case> = all_answered()
        .into_iter()
        .map(|(scenario, _)| {
            Case::new(format!("diagnosis--{scenario}"), LATER, move |l| walk(l, scenario)).fresh()
        })
        .collect();
    all.extend([
        over("walk-unfolded--not-mounted", "not-mounted", &[], " "),
        over("walk-unfolded--stuck-job", "stuck-job", &[Code::Right], ""),
        over("walk-night--evicted", "evicted", &[Code::Home], "  "),
        over("walk-ruled-out--healthy", "healthy", &[Code::End], " "),
        over("walk-explain--not-mounted", "not-mounted", &[], "e"),
        over("walk-explain-call--share-hung", "share-hung", &[Code::Enter], ""),
        over("walk-explain-under--not-mounted", "not-mounted", &[Code::Down], "e"),
        over("walk-help", "not-mounted", &[Code::F(1)], ""),
        over("walk-filtered", "not-mounted", &[], "/挂载"),
        Case::new("walk-asking", at(3), |l| after(asking(l), &[], "")),
        Case::new("walk-unreachable", at(1), |l| {
            let mut model = asking(l);
            answer(&mut model, PROD, refused(TAKEN), TAKEN);
            model
        }),
        Case::new("walk-lost", at(126), |l| {
            let mut model = crate::cases::lost(l, "not-mounted");
            press(&mut model, Key::char('7'), at(124));
            answer(&mut model, PROD, refused(at(125)), at(125));
            model
        }),
        Case::new("walk-lost-asking", at(126), |l| {
            let mut model = crate::cases::lost(l, "not-mounted");
            press(&mut model, Key::char('7'), at(124));
            model
        }),
        Case::new("walk-again", at(14), |l| after(crate::cases::asking_again(l, "not-mounted"), &[], "7")),
        Case::new("walk-at-work", at(30), |l| {
            let mut model = confirmed(l);
            press(&mut model, Key::of(Code::Esc), at(29));
            model
        }),
        Case::new("walk-over-not-seen", at(56), |l| ended(l, done())),
        Case::new("walk-not-known", at(60), |l| {
            let said = Text { zh: "结果未知".into(), en: "not known".into() };
            let run = RunName::parse("1769900020-1f3a9c2e");
            let mut model = ended(l, Came::Unknown { said: said.clone(), next: said, run, is_lost: false });
            answer(&mut model, PROD, outcome_of("backup-failed", 57), at(58));
            model
        })
        .fresh(),
        Case::new("walk-before-after", at(70), |l| before_after(l, "backup-failed")).fresh(),
        Case::new("walk-before-after-good", at(70), |l| before_after(l, "healthy")).fresh(),
        Case::new("walk-before-after-unseen", at(70), |l| before_after(l, "share-hung")).fresh(),
        Case::new("walk-mono", LATER, |l| Model {
            theme: Theme::Mono,
            ..after(walk(l, "ghost-job"), &[], " ")
        })
        .fresh(),
        Case::new("walk-drawn", LATER, |l| Model { glyphs: Glyphs::Boxes, ..walk(l, "ghost-job") }).fresh(),
        Case::new("bundle-gathering", at(5), |l| after(walk(l, "not-mounted"), &[], "b")).fresh(),
        Case::new("bundle-ready", LATER, |l| packed(l, Ok(ready()))).fresh(),
        Case::new("bundle-failed", LATER, |l| {
            let said = Text {
                zh: "诊断包没有做成。什么也没写".into(),
                en: "there is no bundle. Nothing was written".into(),
            };
            packed(l, Err(said))
        })
        .fresh(),
        Case::new("bundle-written", LATER, |l| {
            let mut model = after(packed(l, Ok(ready())), &[Code::Down, Code::Enter], "");
            let (run, path) = (model.last_run, ready().path);
            update(&mut model, Msg::BundleWritten { run, path, came: Ok(()) }, LATER);
            model
        })
        .fresh(),
    ]);
    all
}

/// F4 while the first look is under way.
fn asking(lang: Lang) -> Model {
    after(crate::cases::asking_first(lang), &[Code::F(4)], "")
}

/// What production answers in a scenario, as if it were asked so many seconds later.
fn outcome_of(scenario: &str, seconds: i64) -> Outcome {
    let Outcome::Answered(mut answer) = answered(scenario).outcome(PROD) else { unreachable!() };
    answer.look.taken = at(seconds);
    answer.verdict.taken = at(seconds);
    Outcome::Answered(answer)
}

const MOUNT: Action = Action::Mount { new_password: false };

/// Enter on the leading cause of a share that is not mounted, its plan confirmed with the typed name.
fn confirmed(lang: Lang) -> Model {
    let mut model = after(walk(lang, "not-mounted"), &[Code::Enter], "");
    let server = &model.servers[PROD];
    let made = make(&MOUNT, &Facts::of(&server.env, &server.answer.as_ref().unwrap().what.look), "");
    let run = model.last_run;
    update(&mut model, Msg::Previewed { run, preview: Box::new(Preview::Made(made)) }, at(12));
    let what = unseen(&model).expect("no preview");
    update(&mut model, Msg::Seen(what), at(12));
    for c in "prod".chars() {
        press(&mut model, Key::char(c), at(14));
    }
    press(&mut model, Key::of(Code::Enter), at(15));
    let run = model.servers[PROD].run.as_ref().expect("not confirmed").id;
    let begun = Told::Begun { run: RunName::parse("1769900020-1f3a9c2e").unwrap() };
    update(&mut model, Msg::Told { run, told: Box::new(begun) }, at(20));
    model
}

fn done() -> Came {
    Came::Done { proofs: Vec::new() }
}

/// It is over, its box is closed, and the look after it has not answered.
fn ended(lang: Lang, came: Came) -> Model {
    let mut model = confirmed(lang);
    let run = model.servers[PROD].run.as_ref().unwrap().id;
    update(&mut model, Msg::Told { run, told: Box::new(Told::Ended(Box::new(came))) }, at(55));
    let what = unseen(&model).expect("no end");
    update(&mut model, Msg::Seen(what), at(55));
    press(&mut model, Key::of(Code::Esc), at(56));
    model
}

/// And the look after it answers as this scenario does.
fn before_after(lang: Lang, scenario: &str) -> Model {
    let mut model = ended(lang, done());
    answer(&mut model, PROD, outcome_of(scenario, 57), at(58));
    model
}

fn ready() -> Ready {
    let file = |name: &str, zh: &str, en: &str| Text {
        zh: format!("  {name:<22}  {zh}"),
        en: format!("  {name:<22}  {en}"),
    };
    Ready {
        list: vec![
            Text { zh: "诊断包 prod，里面有：".into(), en: "bundle of prod, in it:".into() },
            file("manifest.json", "   2.1 KiB", "   2.1 KiB"),
            file("check.json", "  20.3 KiB  抹掉：地址 9", "  20.3 KiB  taken out: addresses 9"),
            Text {
                zh: "写到：/home/op/b.tar.gz（41.0 KiB）".into(),
                en: "goes to: /home/op/b.tar.gz (41.0 KiB)".into(),
            },
        ],
        lacks: false,
        path: "/home/op/.local/state/opsdeck/saved/opsdeck-prod-20260201-065320.tar.gz".into(),
        file: Packed(b"packed".as_slice().into()),
    }
}

/// The box of a bundle that came to this.
fn packed(lang: Lang, came: Result<Ready, Text>) -> Model {
    let mut model = after(walk(lang, "not-mounted"), &[], "b");
    let run = model.last_run;
    update(&mut model, Msg::Bundled { run, came: Box::new(came) }, LATER);
    model
}

// --- the whole loop

/// Longer than a box must have been seen before a key counts in it.
const READ: Duration = Duration::from_millis(400);

const WORKED: &str = "who mount|a@b|1769900020\nj 1769900020 begin\nj 1769900021 step 1\nj 1769900022 done 1\n\
                      j 1769900023 finished\nj 1769900024 end finished\n";

/// What a scenario's server says, under the root of another one.
fn instead(of: &str, scenario: &str, server: usize) -> Canned {
    let (old, said) = &answered(scenario).raw[server];
    Canned::prints(String::from_utf8_lossy(said).replace(old, &answered(of).raw[server].0))
}

/// Not mounted until it was: opened, previewed, looked at before it begins; then as it is afterwards.
fn mounted_by(server: usize, then: &str) -> Server {
    let before = || look("not-mounted", server, 0);
    let host = Server::new().rooted("not-mounted", server);
    let host =
        host.on("look", before()).on("look", before().after(Duration::from_secs(1))).on("look", before());
    host.always("look", instead("not-mounted", then, server))
        .always("start", Canned::prints("started unit\n"))
        .on("follow", Canned::prints(WORKED).after(Duration::from_secs(2)))
}

#[tokio::test(start_paused = true)]
async fn from_f4_over_the_fix_to_before_and_after() {
    let state = tempfile::tempdir().unwrap();
    let test = mounted_by(TEST, "backup-failed");
    let mut console = Console::with_state(given::servers(), each(&Server::new(), &test), state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    console.code(Code::F(4)).await;
    let said = console.is_at("诊断").await;
    assert!(said.contains(">[x] 失败  + Windows 共享没有挂载") && said.contains("已证实  按 M"), "{said}");
    assert_eq!(test.script().count("look"), 1, "what is of a moment ago is not asked again");
    console.letters(" ").await;
    let said = console.sees("- Windows 共享没有挂载").await;
    assert!(said.contains("  依据：主机挂载表里没有 /mnt/replica（主机挂载表，"), "{said}");
    console.code(Code::Left).await;
    console.sees("+ Windows 共享没有挂载").await;
    console.letters("e").await;
    let said = console.is_at("诊断  > 说明").await;
    assert!(said.contains("怎么来的") && said.contains("服务器重启时 Windows 不在线"), "{said}");
    console.code(Code::Esc).await;
    console.is_at("诊断").await;
    console.code(Code::Enter).await;
    let said = console.sees("预览：还没有做任何事").await;
    assert!(said.contains("挂载 Windows 共享"), "{said}");
    assert_eq!(test.script().count("start"), 0, "a preview changes nothing");
    tokio::time::sleep(READ).await;
    console.letters("test").await;
    console.code(Code::Enter).await;
    console.sees("操作进行中").await;
    console.code(Code::Esc).await;
    let said = console.sees("结束后会再诊断一次，前后放在一起看").await;
    assert!(said.contains("> 诊断") && !said.contains("没有了"), "{said}");
    // the deed's end comes by itself, and a look that was asked for after it
    let said = console.sees("没有了：Windows 共享没有挂载").await;
    assert!(said.contains("之前（失败，") && said.contains("之后：") && said.contains("没有了 "), "{said}");
    assert!(
        said.contains("Windows 共享没有挂载：//192.0.2.72/backup 不在"),
        "the headline of before: {said}"
    );
    console.code(Code::Enter).await;
    // what has ended is seen first; with the write mode on, the bar has more at its end
    console.sees("已完成").await;
    tokio::time::sleep(READ).await;
    console.code(Code::Esc).await;
    console.sees("没有了：Windows 共享没有挂载").await;
    console.code(Code::Esc).await;
    let said = console.gone("没有了：").await;
    assert!(said.contains("> 诊断") && !said.contains("之前（"), "Esc puts the comparison away: {said}");
    console.code(Code::Esc).await;
    console.sees("> 总览").await;
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn on_production_the_fix_asks_for_the_typed_name_as_its_key_does() {
    let state = tempfile::tempdir().unwrap();
    let prod = mounted_by(PROD, "healthy");
    let mut console = Console::with_state(given::servers(), same(&prod), state.path());
    console.letters("1").await;
    console.sees("刚刚，用时").await;
    console.code(Code::F(4)).await;
    console.is_at("诊断").await;
    console.code(Code::Enter).await;
    console.sees("确认：打出 正式 或 prod").await;
    tokio::time::sleep(READ).await;
    console.code(Code::Enter).await;
    console.sees("什么也没做；要打出 正式 或 prod").await;
    assert_eq!(prod.script().count("start"), 0);
    console.letters("prod").await;
    console.code(Code::Enter).await;
    console.sees("已完成").await;
    tokio::time::sleep(READ).await;
    console.code(Code::Esc).await;
    console.gone("已完成").await;
    let said = console.sees("之后：昨夜的备份已在 Windows 上").await;
    assert!(said.contains("没有了：Windows 共享没有挂载"), "{said}");
    // a newer look by F5 is a diagnosis of its own
    console.code(Code::F(5)).await;
    let said = console.gone("没有了：").await;
    assert!(!said.contains("之前（"), "{said}");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_link_that_is_lost_after_the_fix_shows_no_after_until_it_answers() {
    let state = tempfile::tempdir().unwrap();
    let before = || look("not-mounted", TEST, 0);
    let test = Server::new().rooted("not-mounted", TEST);
    let test = test.on("look", before()).on("look", before()).on("look", before());
    let test = test.on("look", instead("not-mounted", "healthy", TEST)).on("look", no_link());
    let test = test
        .always("look", instead("not-mounted", "healthy", TEST))
        .always("start", Canned::prints("started unit\n"))
        .on("follow", Canned::prints(WORKED));
    let mut console = Console::with_state(given::servers(), each(&Server::new(), &test), state.path());
    console.letters("2").await;
    console.sees("刚刚，用时").await;
    console.code(Code::F(4)).await;
    console.is_at("诊断").await;
    console.code(Code::Enter).await;
    console.sees("确认：打出 测试 或 test").await;
    tokio::time::sleep(READ).await;
    console.letters("test").await;
    console.code(Code::Enter).await;
    console.sees("已完成").await;
    tokio::time::sleep(READ).await;
    console.code(Code::Esc).await;
    let said = console.sees("要等结束之后的检查有了回答，才比前后").await;
    assert!(!said.contains("没有了"), "{said}");
    let said = console.sees("没有了：Windows 共享没有挂载").await;
    assert!(said.contains("之后：昨夜的备份已在 Windows 上"), "{said}");
    for frame in &console.shown.borrow().frames {
        assert!(!frame.contains("没有了：") || frame.contains("之后："), "{frame}");
    }
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_cause_that_no_key_mends_says_whom_to_call_and_opens_nothing_else() {
    let host = Server::of("share-hung", PROD, 0);
    let mut console = Console::start(given::servers(), same(&host));
    console.letters("1").await;
    console.sees("刚刚，用时").await;
    console.code(Code::F(4)).await;
    let said = console.is_at("诊断").await;
    assert!(said.contains("找人"), "{said}");
    console.code(Code::Enter).await;
    let said = console.is_at("诊断  > 说明").await;
    assert!(said.contains("办法：找 Windows 管理员"), "{said}");
    console.code(Code::Enter).await;
    console.is_at("诊断").await;
    assert_eq!(host.script().count("look"), 1, "no preview was asked for");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_not_reached_has_an_unknown_diagnosis_and_f4_asks_again() {
    let host = Server::new().rooted("healthy", PROD).on("look", no_link()).on("look", no_link());
    let host = host.always("look", look("healthy", PROD, 3));
    let mut console = Console::start(given::servers(), same(&host));
    console.letters("1").await;
    console.sees("没有连上").await;
    console.code(Code::F(4)).await;
    console.is_at("诊断").await;
    let said = console.sees("没有连上；").await;
    assert!(said.contains("[?] 未知  ") && said.contains("无法检查") && !said.contains("正常"), "{said}");
    assert_eq!(host.script().count("look"), 2, "F4 asks where nothing new is known");
    let said = console.sees("昨夜的备份已在 Windows 上").await;
    assert!(!said.contains("没有连上"), "{said}");
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_old_is_asked_anew_when_the_diagnosis_is_opened_and_shown_as_old_meanwhile() {
    let host = Server::of("not-mounted", PROD, 4);
    let mut console = Console::start(given::servers(), same(&host));
    console.letters("1").await;
    console.sees("4 秒前，用时").await;
    tokio::time::sleep(Duration::from_secs(600)).await;
    console.code(Code::F(4)).await;
    console.is_at("诊断").await;
    let said = console.sees("正在再检查").await;
    assert!(said.contains("(旧) Windows 共享没有挂载"), "{said}");
    console.gone("正在再检查").await;
    assert_eq!(host.script().count("look"), 2);
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_was_cut_short_is_not_whole_and_not_green() {
    let lost = LinkError::new(LinkErrorKind::Lost, "Broken pipe");
    let (_, said) = &answered("healthy").raw[PROD];
    let half = String::from_utf8_lossy(&said[..said.len() / 2]).into_owned();
    let host = Server::new().rooted("healthy", PROD).always("look", Canned::unknown(lost).stdout(half));
    let mut console = Console::start(given::servers(), same(&host));
    console.letters("1").await;
    console.sees("连接断了").await;
    console.code(Code::F(4)).await;
    console.is_at("诊断").await;
    let said = console.sees("没能检查的").await;
    assert!(said.contains("[?] 未知") && !said.contains("没有发现问题"), "{said}");
    console.quit().await;
}

/// The files below a folder.
fn files(folder: &std::path::Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|f| f.file_name().to_string_lossy().into_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_bundle_is_shown_first_and_written_only_on_a_yes() {
    let state = tempfile::tempdir().unwrap();
    let saved = state.path().join("saved");
    let host = Server::of("not-mounted", PROD, 0);
    let mut console = Console::with_state(given::servers(), same(&host), state.path());
    console.letters("1").await;
    console.sees("刚刚，用时").await;
    console.code(Code::F(4)).await;
    console.is_at("诊断").await;
    for (keys, written) in
        [(&[Code::Enter][..], false), (&[Code::Esc][..], false), (&[Code::Down, Code::Enter], true)]
    {
        console.letters("b").await;
        let said = console.sees("写成文件").await;
        assert!(
            said.contains("manifest.json") && said.contains("> 1  不写") && said.contains("写到："),
            "{said}"
        );
        assert!(files(&saved).is_empty(), "written before a yes");
        for key in keys {
            console.code(*key).await;
        }
        if written {
            let said = console.sees("写好了，只有自己能读").await;
            let name = files(&saved).pop().expect("no file");
            assert!(name.starts_with("opsdeck-prod-") && name.ends_with(".tar.gz"), "{name}");
            assert!(said.replace(['\n', ' ', '|', '│'], "").contains(&name), "it says where it lies: {said}");
        } else {
            console.is_at("诊断").await;
        }
    }
    console.quit().await;
}

#[tokio::test(start_paused = true)]
async fn a_bundle_that_is_slow_or_cannot_be_written_keeps_nobody() {
    let state = tempfile::tempdir().unwrap();
    // a file where the folder should be
    std::fs::write(state.path().join("saved"), "").unwrap();
    let host = Server::of("not-mounted", PROD, 20);
    let mut console = Console::with_state(given::servers(), same(&host), state.path());
    console.letters("1").await;
    console.sees("20 秒前，用时").await;
    console.code(Code::F(4)).await;
    console.letters("b").await;
    console.sees("正在收集，已 3 秒").await;
    console.code(Code::Esc).await;
    // what comes of it afterwards is shown nowhere
    console.is_at("诊断").await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(!console.shown.borrow().frames.iter().any(|f| f.contains("写成文件")));
    console.letters("b").await;
    console.sees("写成文件").await;
    console.code(Code::Down).await;
    console.code(Code::Enter).await;
    let said = console.sees("写不进").await;
    assert!(said.contains("什么也没留下"), "{said}");
    console.quit().await;
}

/// The built-in servers can be acted on: the program itself, in a terminal, from F4 to what is gone.
#[test]
fn on_a_built_in_server_the_share_is_mounted_and_what_was_found_is_gone() {
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_opsdeck"));
    let mut pty =
        Pty::sized((110, 50), program, &["--demo=not-mounted", "--lang", "zh", "--env", "test"], &[]);
    pty.sees("项检查");
    pty.press(F4);
    pty.is_at("诊断");
    pty.sees("+ Windows 共享没有挂载");
    pty.press("\r");
    pty.sees("确认：打出 测试 或 test");
    // a key counts when the box has been read for a moment: for a whole second of what it says of its own age
    let age =
        |s: &vt100::Screen| s.contents().lines().find_map(|l| Some(l.split_once("看于 ")?.1.to_owned()));
    for _ in 0..2 {
        let before = age(pty.screen());
        pty.wait("an older preview", |s| age(s) != before);
    }
    pty.press("test\r");
    pty.sees("已完成，并且看到了结果");
    pty.press("\x1b");
    pty.sees("没有了：Windows 共享没有挂载");
    // the night is not made up for yet, and its step is the next one
    pty.sees("接下来（Enter）：按 B：立即做一次增量备份");
    for said in ["之后：", "之前（失败，", "没有了：后端容器看不到共享", "还在：备份任务失败"]
    {
        pty.sees(said);
    }
    pty.press("\x1b");
    pty.wait("no comparison", |s| !s.contents().contains("没有了：") && s.contents().contains("> 诊断"));
    pty.press(F3);
    pty.sees("选一个环境");
    assert_eq!(pty.quit().exit_code(), 0);
    pty.is_given_back().unwrap();
}

#[test]
fn a_row_that_folds_lies_open_or_folded_and_nothing_is_said_twice_in_what_is_saved() {
    let model = after(walk(Lang::Zh, "not-mounted"), &[], " ");
    let saved = |model: &Model| -> String {
        let mut model = model.clone();
        let effects = update(&mut model, Msg::Key(Key::char('s')), LATER);
        let [opsdeck::core::console::Effect::Save { text, .. }] = &effects[..] else { panic!("{effects:?}") };
        text.clone()
    };
    let folded = saved(&walk(Lang::Zh, "not-mounted"));
    let open = saved(&model);
    assert_eq!(folded.replace("+ Win", "- Win"), open);
    assert_eq!(folded.matches("依据：主机挂载表里没有").count(), 1, "{folded}");
    assert!(folded.contains("应开始增量备份") && folded.contains("已排除的原因"), "{folded}");
}

#[test]
fn the_first_line_is_never_greener_than_a_row_below_it_and_only_health_is_green() {
    use crate::properties::said_state;
    use opsdeck::core::state::State;
    for (scenario, _) in all_answered() {
        for lang in [Lang::Zh, Lang::En] {
            let said = lines(&draw(&walk(lang, scenario), LATER, COLOUR, (160, 45)));
            let states: Vec<State> = said[2..44].iter().filter_map(|row| said_state(row, lang)).collect();
            let top = *states.first().unwrap_or_else(|| panic!("{scenario}: {}", said.join("\n")));
            let worst = State::of_all(states.iter().skip(1).copied());
            assert_eq!(State::of_all([top, worst]), top, "{scenario}\n{}", said.join("\n"));
        }
    }
}

#[test]
fn every_row_has_a_name_of_its_own_when_everything_lies_open() {
    let mut seen = 0;
    for (scenario, _) in all_answered() {
        let mut model = after(walk(Lang::Zh, scenario), &[Code::Home], "");
        for _ in 0..200 {
            press(&mut model, Key::of(Code::Right), LATER);
            press(&mut model, Key::of(Code::Down), LATER);
        }
        let shown = page(&model, PROD, Tab::Diagnosis, LATER);
        let mut ids: Vec<&str> = shown.sheet.rows.iter().map(|r| r.id.as_str()).collect();
        let many = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), many, "{scenario}: {ids:#?}");
        seen += many;
    }
    assert!(seen > 500, "{seen}: not everything lay open");
}

#[test]
fn an_explanation_is_there_for_every_row_that_names_a_cause() {
    for (scenario, _) in all_answered() {
        let mut model = after(walk(Lang::Zh, scenario), &[Code::End], " ");
        press(&mut model, Key::of(Code::Home), LATER);
        for _ in 0..80 {
            let mut asked = model.clone();
            press(&mut asked, Key::char('e'), LATER);
            let shown = screen(&asked, LATER, (80, 24));
            match &asked.overlay {
                Some(Overlay::Explain { .. }) => {
                    assert!(shown.contains("> 诊断  > 说明") && shown.contains("是什么"), "{shown}");
                }
                _ => assert!(shown.contains("没有原因要说明"), "{scenario}: {shown}"),
            }
            press(&mut model, Key::of(Code::Down), LATER);
        }
    }
}

/// A backend that is down, and no share on its server: started first, it would make up for the night to no end.
fn down_without_the_share(lang: Lang) -> Model {
    let Outcome::Answered(mut answer_of) = answered("backend-down").outcome(PROD) else { unreachable!() };
    let Outcome::Answered(other) = answered("not-mounted").outcome(PROD) else { unreachable!() };
    let look = &mut answer_of.look;
    (look.mounts, look.fstab, look.kernel) = (other.look.mounts, other.look.fstab, other.look.kernel);
    (look.share, look.port, look.packs) = (other.look.share, other.look.port, other.look.packs);
    answer_of.verdict = opsdeck::core::verdict::judge(&given::servers()[PROD], look);
    let mut model = Model::new(&given::servers(), None, lang);
    press(&mut model, Key::char('1'), TAKEN);
    answer(&mut model, PROD, Outcome::Answered(answer_of), TAKEN);
    press(&mut model, Key::char('7'), TAKEN);
    model
}

#[test]
fn the_leading_cause_has_the_key_of_what_comes_first_and_enter_takes_it() {
    let model = down_without_the_share(Lang::Zh);
    let found = opsdeck::core::console::walk::diagnosis(&model.servers[PROD], TAKEN).unwrap();
    let roots: Vec<&str> = found.findings.iter().map(|f| f.cause).collect();
    assert_eq!(roots, ["backend-down", "not-mounted"]);
    let sheet = page(&model, PROD, Tab::Diagnosis, TAKEN).sheet;
    let row = |id: &str| sheet.rows.iter().find(|r| r.id.starts_with(id)).expect("no such row");
    assert_eq!(row("cause:backend-down").cells[2].zh, "按 M");
    let todo =
        row("cause:backend-down").detail.iter().find(|d| d.text.zh.contains("按 M")).expect("no steps");
    assert!(todo.text.zh.find("按 M") < todo.text.zh.find("按 R"), "{}", todo.text.zh);
    assert_eq!(row("cause:not-mounted").cells[2].zh, "按 M");
    // Enter on its row, and Enter on its explanation
    for first in [&[Code::Enter][..], &[]] {
        let mut model = after(model.clone(), first, if first.is_empty() { "e" } else { "" });
        if first.is_empty() {
            assert!(matches!(model.overlay, Some(Overlay::Explain { cause: "backend-down", .. })));
            press(&mut model, Key::of(Code::Enter), TAKEN);
        }
        let Some(Overlay::Deed(box_)) = &model.overlay else { panic!("{:?}", model.overlay) };
        assert_eq!(box_.choices, [MOUNT], "{first:?}");
    }
}
