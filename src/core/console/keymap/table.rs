//! The table of keys. The order is that of the footer, of help and of the palette. F11 belongs to terminals (full
//! screen); Ctrl-S, Ctrl-Q and Alt to terminals and menus.
use super::{Action, Binding, Place};
use crate::core::console::key::{Code, Key};
use crate::core::console::screen::Tab;
use crate::core::console::theme::Theme;
use crate::core::log::filter::Subject;
use crate::text;

const SCREENS: &[Place] = &[Place::Picker, Place::Overview, Place::Table, Place::Diagnosis, Place::Logs];
const OPEN: &[Place] = &[Place::Overview, Place::Table, Place::Diagnosis, Place::Logs];
const TABLES: &[Place] = &[Place::Overview, Place::Table, Place::Diagnosis];
/// Tables in which nothing folds.
const FLAT: &[Place] = &[Place::Overview, Place::Table];
const OVERVIEW: &[Place] = &[Place::Overview];
const DIAGNOSIS: &[Place] = &[Place::Diagnosis];
const EXPLAIN: &[Place] = &[Place::Explain];
const BUNDLE: &[Place] = &[Place::Bundle];
/// What a page of the runbook says to press is pressed there.
const CHANGE: &[Place] = &[Place::Overview, Place::Table, Place::Diagnosis, Place::Logs, Place::Cause];
const LOGS: &[Place] = &[Place::Logs];
const PICKER: &[Place] = &[Place::Picker];
const HELP: &[Place] = &[Place::Help];
const CAUSES: &[Place] = &[Place::Causes];
const CAUSE: &[Place] = &[Place::Cause];
const TYPED_LISTS: &[Place] = &[Place::Picker, Place::Help, Place::Causes, Place::Palette];
const PALETTE: &[Place] = &[Place::Palette];
const MENU: &[Place] = &[Place::Menu];
const LEAVE: &[Place] = &[Place::Leave];
const ASK: &[Place] = &[Place::Ask];
const DEED: &[Place] = &[Place::Deed];
const TYPING: &[Place] = &[Place::Typing];
const CHOOSE: &[Place] = &[Place::Choose];
const RUNNING: &[Place] = &[Place::Running];
const CONFIRM: &[Place] = &[Place::Deed, Place::Typing];
const LISTS: &[Place] = &[Place::Choose, Place::Running];
const DEEDS: &[Place] = &[Place::Choose, Place::Deed, Place::Typing, Place::Running];
const BOXES: &[Place] = &[Place::Menu, Place::Leave, Place::Bundle];
const ALL: &[Place] = &Place::ALL;

pub(super) const DIGITS: &[Key] = &[
    Key::char('1'),
    Key::char('2'),
    Key::char('3'),
    Key::char('4'),
    Key::char('5'),
    Key::char('6'),
    Key::char('7'),
    Key::char('8'),
    Key::char('9'),
];
pub(super) const TABS: &[Key] = &[
    Key::char('1'),
    Key::char('2'),
    Key::char('3'),
    Key::char('4'),
    Key::char('5'),
    Key::char('6'),
    Key::char('7'),
];

const ENTER: Key = Key::of(Code::Enter);
const ESC: Key = Key::of(Code::Esc);

const fn f(n: u8) -> Key {
    Key::of(Code::F(n))
}

const fn c(letter: char) -> Key {
    Key::char(letter)
}

const fn line(
    action: Action,
    keys: &'static [Key],
    places: &'static [Place],
    says: fn() -> crate::i18n::Text,
) -> Binding {
    Binding::new(action, keys, places, says)
}

/// All of them.
pub static BINDINGS: &[Binding] = &[
    // --- the list of environments
    line(Action::Open, &[ENTER], PICKER, || {
        text!("打开选中的环境，开始连接", "open the chosen environment: this connects")
    })
    .footer(|| text!("打开", "open")),
    line(Action::OpenNth, DIGITS, PICKER, || text!("直接打开第几个", "open that one at once"))
        .footer(|| text!("直接打开", "open at once")),
    // --- what is looked at
    line(Action::Open, &[ENTER], DIAGNOSIS, || {
        text!("去做治这一行的那一步：先给预览", "take the step that mends this line: a preview first")
    })
    .footer(|| text!("去做", "mend it")),
    line(Action::Fold(None), &[c(' ')], DIAGNOSIS, || {
        text!("展开或收起这一行：依据、办法", "unfold this line or fold it: evidence, steps")
    })
    .footer(|| text!("展开", "unfold"))
    .found_by("zk zhankai shouqi unfold fold"),
    line(Action::Fold(Some(true)), &[Key::of(Code::Right), c('l')], DIAGNOSIS, || {
        text!("展开这一行", "unfold this line")
    }),
    line(Action::Fold(Some(false)), &[Key::of(Code::Left), c('h')], DIAGNOSIS, || {
        text!("收起这一行", "fold this line")
    }),
    line(Action::Explain, &[c('e')], DIAGNOSIS, || {
        text!(
            "说明：这个原因是什么、怎么来的、怎么治",
            "this cause in plain words: what, why, how to mend it"
        )
    })
    .footer(|| text!("说明", "explain"))
    .found_by("sm shuoming explain runbook"),
    line(Action::Bundle, &[c('b')], DIAGNOSIS, || {
        text!("诊断包：发给帮忙的人；先看清单", "bundle for whoever helps; the list comes first")
    })
    .found_by("zdb zhenduanbao bundle"),
    line(Action::Refresh, &[f(5), c('r')], DIAGNOSIS, || {
        text!("再诊断一次；只读，不改服务器", "look again; reads only, changes nothing")
    })
    .found_by("zjc jc sx zaijiancha shuaxin refresh check"),
    line(Action::Refresh, &[f(5), c('r')], FLAT, || {
        text!("再检查一次；只读，不改服务器", "check again; reads only, changes nothing")
    })
    .footer(|| text!("再检查", "check again"))
    .found_by("zjc jc sx zaijiancha shuaxin refresh check"),
    line(Action::Refresh, &[f(5), c('r')], LOGS, || text!("再检查一次服务器", "check the server again"))
        .found_by("zjc jc sx zaijiancha shuaxin refresh check"),
    line(Action::Tab(Tab::Diagnosis), &[f(4)], OVERVIEW, || {
        text!("诊断：今早为什么没有备份，怎么治", "diagnosis: why there is no backup, and what mends it")
    })
    .footer(|| text!("诊断", "diagnose"))
    .found_by("zd pc jzmybf zhenduan paicha weishenme diagnose why"),
    line(Action::Tab(Tab::Diagnosis), &[f(4)], &[Place::Table, Place::Diagnosis, Place::Logs], || {
        text!("诊断：今早为什么没有备份，怎么治", "diagnosis: why there is no backup, and what mends it")
    })
    .found_by("zd pc jzmybf zhenduan paicha weishenme diagnose why"),
    line(Action::Bundle, &[], &[Place::Overview, Place::Table, Place::Logs], || {
        text!("诊断包：发给帮忙的人；先看清单", "bundle for whoever helps; the list comes first")
    })
    .found_by("zdb zhenduanbao bundle"),
    line(Action::Tab(Tab::Overview), &[], OPEN, || text!("总览：一行一项检查", "overview: one line a check"))
        .found_by("zl zonglan overview"),
    line(Action::Tab(Tab::Mount), &[], OPEN, || {
        text!("挂载：主机、容器、共享、fstab、内核", "mount: host, container, share, fstab, kernel")
    })
    .found_by("gz guazai mount cifs"),
    line(Action::Tab(Tab::Jobs), &[f(6)], OPEN, || {
        text!("任务：备份任务和实时进度", "jobs: backup jobs and live progress")
    })
    .found_by("rw jd renwu jindu jobs progress"),
    line(Action::Tab(Tab::Packs), &[f(7)], OPEN, || {
        text!("备份包：共享上有什么，是否完整", "packs: what is on the share, and whether it is whole")
    })
    .found_by("bfb beifenbao packs"),
    line(Action::Tab(Tab::Logs), &[f(8)], &[Place::Table], || {
        text!("日志：容器和系统的日志，实时", "logs: of containers and the system, live")
    })
    .footer(|| text!("日志", "logs"))
    .found_by("rz rizhi logs"),
    line(Action::Tab(Tab::Logs), &[f(8)], &[Place::Overview, Place::Diagnosis], || {
        text!("日志：容器和系统的日志，实时", "logs: of containers and the system, live")
    })
    .found_by("rz rizhi logs"),
    line(Action::Tab(Tab::Activity), &[], OPEN, || {
        text!("操作记录：本控制台做过什么", "activity: what this console did")
    })
    .found_by("czjl jl caozuojilu activity journal"),
    line(Action::OpenNth, TABS, OPEN, || text!("直接到第几个画面", "that screen at once")),
    line(Action::NextTab, &[Key::of(Code::Tab)], OPEN, || text!("下一个画面", "next screen")),
    line(Action::PreviousTab, &[Key::of(Code::BackTab)], OPEN, || text!("上一个画面", "previous screen")),
    line(Action::PreviousTab, &[Key::of(Code::Left), c('h')], FLAT, || {
        text!("上一个画面", "previous screen")
    }),
    line(Action::NextTab, &[Key::of(Code::Right), c('l')], FLAT, || text!("下一个画面", "next screen")),
    line(Action::Other, &[c('o')], OPEN, || {
        text!("另一个环境的同一画面（宽屏时总览并排）", "the other environment (side by side when wide)")
    })
    .found_by("lyghj qh huanjing other switch"),
    line(Action::Picker, &[f(3)], OPEN, || {
        text!("选环境；不再等这里的回答", "choose another environment; stops waiting here")
    })
    .found_by("xhj hj xuanhuanjing environment"),
    line(Action::Reconnect, &[Key::ctrl('r')], OPEN, || text!("马上重新连接", "connect again now"))
        .found_by("cl cxlj chonglian reconnect"),
    // --- what changes a server: each key opens a box, and only there something is confirmed
    line(Action::Actions, &[f(9)], FLAT, || {
        text!("操作：挂载、备份、清锁、重启……", "actions: mount, back up, clear lock, restart ...")
    })
    .footer(|| text!("操作", "actions"))
    .found_by("cz caozuo actions"),
    line(Action::Actions, &[f(9)], &[Place::Diagnosis, Place::Logs], || {
        text!("操作：挂载、备份、清锁、重启……", "actions: mount, back up, clear lock, restart ...")
    })
    .found_by("cz caozuo actions"),
    line(Action::Open, &[ENTER], FLAT, || text!("能对这一行做什么", "what can be done about this line")),
    line(Action::Open, &[ENTER], LOGS, || text!("看进行中的操作", "show the action that is at work")),
    line(Action::Attach, &[], OPEN, || {
        text!("接着看服务器上的操作", "follow the action that is on the server")
    })
    .found_by("jz jzk jiezhe attach follow"),
    line(Action::Write, &[Key::ctrl('w')], OPEN, || {
        text!("写模式：打开 10 分钟，或关闭", "write mode: on for 10 minutes, or off")
    })
    .found_by("xms xiemoshi write"),
    line(Action::Change(0), &[c('M')], CHANGE, || text!("挂载共享", "mount the share"))
        .found_by("gz gzgx guazai mount"),
    line(Action::Change(1), &[c('U')], CHANGE, || text!("卸载共享", "unmount the share"))
        .found_by("xz xiezai unmount"),
    line(Action::Change(2), &[c('B')], CHANGE, || text!("立即备份", "back up now"))
        .found_by("bf ljbf beifen backup"),
    line(Action::Change(3), &[c('K')], CHANGE, || text!("取消备份任务", "cancel a backup job"))
        .found_by("qx qxbf quxiao cancel"),
    line(Action::Change(4), &[c('X')], CHANGE, || {
        text!("清锁、关幽灵任务", "clear a stale lock, close a ghost job")
    })
    .found_by("qs qcs gyl qingsuo youling lock clear ghost"),
    line(Action::Change(5), &[c('R')], CHANGE, || {
        text!("重启、停止、启动服务", "restart, stop, start services")
    })
    .found_by("cq cqfw tz qd chongqi tingzhi qidong restart stop start"),
    // --- logs
    line(Action::NextSource, &[c(']')], LOGS, || text!("下一个日志", "next log"))
        .found_by("xygrz next source"),
    line(Action::PreviousSource, &[c('[')], LOGS, || text!("上一个日志", "previous log"))
        .found_by("sygrz previous source"),
    line(Action::Search, &[c('/')], LOGS, || text!("搜索（正则）", "search (regular expression)"))
        .footer(|| text!("搜索", "search"))
        .found_by("ss sousuo search find"),
    line(Action::NextHit, &[c('n')], LOGS, || text!("下一处", "next hit")).found_by("xyc next hit"),
    line(Action::PreviousHit, &[c('N')], LOGS, || text!("上一处", "previous hit"))
        .found_by("syc previous hit"),
    line(Action::NextError, &[c('e')], LOGS, || text!("下一个错误", "next error"))
        .found_by("xycw cuowu next error"),
    line(Action::PreviousError, &[c('E')], LOGS, || text!("上一个错误", "previous error"))
        .found_by("sycw cuowu previous error"),
    line(Action::NextWarning, &[c('w')], LOGS, || text!("下一个警告", "next warning"))
        .found_by("xyjg jinggao next warning"),
    line(Action::PreviousWarning, &[c('W')], LOGS, || text!("上一个警告", "previous warning"))
        .found_by("syjg jinggao previous warning"),
    line(Action::Pause, &[c(' '), c('=')], LOGS, || {
        text!("暂停画面；新行照收不误", "pause the view; new lines are kept")
    })
    .footer(|| text!("暂停", "pause"))
    .found_by("zt zanting pause"),
    line(Action::Follow, &[c('f')], LOGS, || text!("跟到最新一行", "follow the newest line"))
        .found_by("gs gensui follow"),
    line(Action::Matching, &[c('i')], LOGS, || {
        text!("只看匹配的行，或看全部", "only lines that match, or all of them")
    })
    .found_by("zk zhikan pipei only matching all"),
    line(Action::With, &[c('+')], LOGS, || {
        text!("筛选：只看含有……的行（正则）", "filter: only lines with ...")
    })
    .found_by("sx shaixuan hanyou filter in only with"),
    line(Action::Without, &[c('-')], LOGS, || {
        text!("筛选：不看含有……的行（正则）", "filter: no lines with ...")
    })
    .found_by("bk pc bukan paichu without filter out"),
    line(Action::NextSubject, &[c('c')], LOGS, || {
        text!("常用筛选：备份、挂载、同步、错误、全部", "ready filters: backup, mount, sync, errors, all")
    })
    .footer(|| text!("常用筛选", "ready filters"))
    .found_by("cysx changyong canned filters"),
    line(Action::Subject(Subject::Backup), &[], LOGS, || text!("只看：备份", "only: backup"))
        .found_by("bf beifen backup"),
    line(Action::Subject(Subject::Mount), &[], LOGS, || text!("只看：挂载", "only: mount"))
        .found_by("gz guazai mount"),
    line(Action::Subject(Subject::Sync), &[], LOGS, || text!("只看：同步", "only: sync"))
        .found_by("tb tongbu sync"),
    line(Action::Subject(Subject::Errors), &[], LOGS, || text!("只看：错误", "only: errors"))
        .found_by("cw cuowu errors"),
    line(Action::Wrap, &[c('z')], LOGS, || text!("长行折行或不折", "wrap long lines or not"))
        .found_by("zh zhehang wrap"),
    line(Action::Times, &[c('t')], LOGS, || text!("显示或隐藏时间", "show or hide times"))
        .found_by("sj shijian times"),
    line(Action::Since, &[c('S')], LOGS, || {
        text!("从什么时候开始看：30m、2h、04:00", "since when: 30m, 2h, 04:00")
    })
    .found_by("ck since shijian"),
    line(Action::Left, &[Key::of(Code::Left), c('h')], LOGS, || text!("向左", "to the left")),
    line(Action::Right, &[Key::of(Code::Right), c('l')], LOGS, || text!("向右", "to the right")),
    // --- moving
    line(Action::Up, &[Key::of(Code::Up), c('k')], OPEN, || text!("上一行", "one line up")),
    line(Action::Down, &[Key::of(Code::Down), c('j')], OPEN, || text!("下一行", "one line down")),
    line(Action::Up, &[Key::of(Code::Up)], TYPED_LISTS, || text!("上一行", "one line up")),
    line(Action::Down, &[Key::of(Code::Down)], TYPED_LISTS, || text!("下一行", "one line down")),
    line(
        Action::Up,
        &[Key::of(Code::Up), Key::of(Code::Left), Key::of(Code::BackTab), c('k')],
        BOXES,
        || text!("上一项", "previous"),
    ),
    line(
        Action::Down,
        &[Key::of(Code::Down), Key::of(Code::Right), Key::of(Code::Tab), c('j')],
        BOXES,
        || text!("下一项", "next"),
    ),
    line(Action::First, &[Key::of(Code::Home), c('g')], OPEN, || text!("第一行", "the first line")),
    line(Action::Last, &[Key::of(Code::End), c('G')], OPEN, || text!("最后一行", "the last line")),
    line(Action::First, &[Key::of(Code::Home)], PICKER, || text!("第一行", "the first line")),
    line(Action::Last, &[Key::of(Code::End)], PICKER, || text!("最后一行", "the last line")),
    line(Action::HalfDown, &[Key::ctrl('d')], OPEN, || text!("向下半页", "half a page down"))
        .found_by("xxby page down"),
    line(Action::HalfUp, &[Key::ctrl('u')], OPEN, || text!("向上半页", "half a page up"))
        .found_by("xsby page up"),
    line(Action::NextPage, &[Key::of(Code::PageDown)], TABLES, || {
        text!("下半屏的下一页", "next page of the lower pane")
    }),
    line(Action::PreviousPage, &[Key::of(Code::PageUp)], TABLES, || {
        text!("下半屏的上一页", "previous page of the lower pane")
    }),
    line(
        Action::NextPage,
        &[Key::of(Code::PageDown)],
        &[Place::Picker, Place::Logs, Place::Help, Place::Causes, Place::Palette],
        || text!("下一页", "next page"),
    ),
    line(
        Action::PreviousPage,
        &[Key::of(Code::PageUp)],
        &[Place::Picker, Place::Logs, Place::Help, Place::Causes, Place::Palette],
        || text!("上一页", "previous page"),
    ),
    // --- finding and giving out
    line(Action::Filter, &[c('/')], TABLES, || text!("只看含有这些字的行", "only rows that say this"))
        .found_by("sx shaixuan filter"),
    line(Action::Copy, &[c('y')], OPEN, || {
        text!("复制这一行（同时存文件）", "copy this line (and into a file)")
    })
    .found_by("fz fuzhi copy"),
    line(Action::CopyAll, &[c('Y')], OPEN, || {
        text!("复制全部说明，或整屏日志", "copy all about it, or the log on the screen")
    })
    .found_by("fzqb fuzhi copy all"),
    line(Action::Save, &[c('s')], OPEN, || text!("把看到的存成文件", "save what is shown into a file"))
        .found_by("bc cwj baocun save"),
    // --- what lies over a screen
    line(Action::Confirm, &[ENTER], PALETTE, || text!("执行选中的一项", "do the chosen one"))
        .footer(|| text!("执行", "do it")),
    line(Action::Runbook, &[ENTER], HELP, || {
        text!("故障手册：每种原因怎么看、怎么办", "runbook: every cause, how it shows and what to do")
    })
    .footer(|| text!("故障手册", "runbook")),
    line(Action::Confirm, &[ENTER], CAUSES, || text!("看这一条", "read this one"))
        .footer(|| text!("看这一条", "read it")),
    line(Action::NextPage, &[Key::of(Code::PageDown), Key::of(Code::Down), c('j')], CAUSE, || {
        text!("下一页", "next page")
    }),
    line(Action::PreviousPage, &[Key::of(Code::PageUp), Key::of(Code::Up), c('k')], CAUSE, || {
        text!("上一页", "previous page")
    }),
    line(Action::Confirm, &[ENTER], MENU, || {
        text!("打开它的预览；还不动手", "its preview; nothing is done yet")
    })
    .footer(|| text!("看预览", "its preview")),
    line(Action::Confirm, &[ENTER], CHOOSE, || text!("选中这一个", "take this one")),
    line(Action::Confirm, &[ENTER], CONFIRM, || {
        text!("确认：照预览去做", "confirm: do what the preview says")
    })
    .footer(|| text!("确认", "confirm")),
    line(Action::Confirm, &[ENTER], RUNNING, || text!("选中，或接着跟踪", "choose, or follow it again")),
    line(Action::Commands, &[c('v'), f(3)], DEED, || {
        text!("看命令，或看预览", "the commands, or the preview")
    })
    .footer(|| text!("命令", "commands")),
    line(Action::Commands, &[f(3)], TYPING, || text!("看命令，或看预览", "the commands, or the preview"))
        .footer(|| text!("命令", "commands")),
    line(Action::CopyCommands, &[c('y'), f(4)], &[Place::Deed, Place::Running], || {
        text!("把命令复制成脚本（同时存文件）", "copy the commands as a script (and into a file)")
    })
    .footer(|| text!("复制命令", "copy the commands")),
    line(Action::CopyCommands, &[f(4)], TYPING, || {
        text!("把命令复制成脚本（同时存文件）", "copy the commands as a script (and into a file)")
    })
    .footer(|| text!("复制命令", "copy the commands")),
    line(Action::NewPassword, &[c('p'), f(2)], &[Place::Choose, Place::Deed], || {
        text!("挂载：换成新密码", "mount: with a new password")
    }),
    line(Action::NewPassword, &[f(2)], TYPING, || text!("挂载：换成新密码", "mount: with a new password")),
    line(Action::OpenNth, DIGITS, LISTS, || text!("选第几个", "choose that one")),
    line(
        Action::Up,
        &[Key::of(Code::Up), Key::of(Code::BackTab), c('k')],
        &[Place::Choose, Place::Deed, Place::Running],
        || text!("上一项", "previous"),
    ),
    line(
        Action::Down,
        &[Key::of(Code::Down), Key::of(Code::Tab), c('j')],
        &[Place::Choose, Place::Deed, Place::Running],
        || text!("下一项", "next"),
    ),
    line(Action::Up, &[Key::of(Code::Up)], TYPING, || text!("上一页", "previous page")),
    line(Action::Down, &[Key::of(Code::Down), Key::of(Code::Tab)], TYPING, || text!("下一页", "next page")),
    line(Action::NextPage, &[Key::of(Code::PageDown)], DEEDS, || text!("下一页", "next page")),
    line(Action::PreviousPage, &[Key::of(Code::PageUp)], DEEDS, || text!("上一页", "previous page")),
    line(Action::Confirm, &[ENTER], LEAVE, || text!("确定", "as chosen"))
        .footer(|| text!("确定", "as chosen")),
    line(Action::Confirm, &[ENTER], ASK, || text!("用这些字", "take it")).footer(|| text!("确定", "take it")),
    line(Action::Back, &[ESC, c('q')], HELP, || text!("关闭帮助", "close help"))
        .footer(|| text!("关闭帮助", "close help")),
    line(Action::Confirm, &[ENTER], BUNDLE, || text!("照选中的做", "as chosen"))
        .footer(|| text!("确定", "as chosen")),
    line(Action::NextPage, &[Key::of(Code::PageDown)], BUNDLE, || {
        text!("清单的下一页", "next page of the list")
    })
    .footer(|| text!("下一页", "next page")),
    line(Action::PreviousPage, &[Key::of(Code::PageUp)], BUNDLE, || {
        text!("清单的上一页", "previous page of the list")
    }),
    line(Action::Back, &[ESC], CAUSES, || text!("返回", "back")).footer(|| text!("返回", "back")),
    line(Action::Back, &[ESC, c('q')], CAUSE, || text!("返回", "back")).footer(|| text!("返回", "back")),
    line(Action::Back, &[ESC, c('q')], BOXES, || text!("什么也不做，返回", "back, nothing is done"))
        .footer(|| text!("返回，什么也不做", "back, nothing is done")),
    line(Action::Back, &[ESC, c('q')], &[Place::Choose, Place::Deed], || {
        text!("返回；什么也不做", "back; nothing is done")
    })
    .footer(|| text!("返回，什么也不做", "back, nothing is done")),
    line(Action::Confirm, &[ENTER], EXPLAIN, || {
        text!("去做第一步：先给预览", "take the first step: a preview first")
    }),
    line(Action::Up, &[Key::of(Code::Up), Key::of(Code::PageUp), c('k')], EXPLAIN, || {
        text!("上一页", "previous page")
    }),
    line(Action::Down, &[Key::of(Code::Down), Key::of(Code::PageDown), c('j'), c(' ')], EXPLAIN, || {
        text!("下一页", "next page")
    }),
    line(Action::Back, &[ESC, c('q'), c('e')], EXPLAIN, || text!("关上说明", "close this"))
        .footer(|| text!("关上", "close")),
    line(Action::Back, &[ESC, c('q')], RUNNING, || {
        text!("关上这个框；在做的接着做", "close the box; what is at work goes on")
    })
    .footer(|| text!("关上", "close")),
    line(Action::Back, &[ESC], TYPING, || text!("取消，什么也不做", "cancel, nothing is done"))
        .footer(|| text!("取消", "cancel")),
    line(Action::Back, &[ESC], &[Place::Palette, Place::Ask], || text!("返回", "back"))
        .footer(|| text!("返回", "back")),
    // --- everywhere
    line(Action::Back, &[ESC], PICKER, || text!("清掉筛选", "clear the filter")),
    line(Action::Back, &[ESC, c('q')], OPEN, || {
        text!("退一步；不确认任何事", "one step back; confirms nothing")
    })
    .footer(|| text!("返回", "back")),
    line(Action::Quit, &[c('q')], PICKER, || text!("退出（会先问）", "quit (asks first)"))
        .footer(|| text!("退出", "quit"))
        .found_by("tc tuichu quit exit"),
    line(Action::Quit, &[], OPEN, || text!("退出（会先问）", "quit (asks first)"))
        .found_by("tc tuichu quit exit"),
    line(Action::Help, &[f(1), c('?')], SCREENS, || text!("这个画面的帮助", "help of this screen"))
        .footer(|| text!("帮助", "help"))
        .found_by("bz bangzhu help"),
    line(Action::Help, &[f(1), c('?')], HELP, || text!("关闭帮助", "close help")),
    line(Action::Runbook, &[], SCREENS, || {
        text!("故障手册：每种原因怎么看、怎么办", "runbook: every cause, how it shows and what to do")
    })
    .found_by("gzsc sc yy guzhangshouce yuanyin runbook causes"),
    line(Action::Palette, &[f(10), Key::ctrl('p'), c(':')], SCREENS, || {
        text!("按名字找功能：中文、英文或拼音首字母", "find anything by name: Chinese, English, pinyin")
    })
    .found_by("mb mianban palette"),
    line(Action::Language, &[f(12)], ALL, || text!("换成英文 (English)", "switch to Chinese (中文)"))
        .found_by("yy yuyan language english zhongwen"),
    line(Action::NextTheme, &[], SCREENS, || text!("下一种配色", "next theme"))
        .found_by("ps zt peise zhuti yanse 主题 颜色 theme color"),
    line(Action::Theme(Theme::Dark), &[], SCREENS, || text!("配色：深色", "theme: dark"))
        .found_by("ps ss shense zhuti 主题 dark"),
    line(Action::Theme(Theme::Light), &[], SCREENS, || text!("配色：浅色", "theme: light"))
        .found_by("ps qs qianse zhuti 主题 light"),
    line(Action::Theme(Theme::Mono), &[], SCREENS, || text!("配色：单色", "theme: mono"))
        .found_by("ps ds danse zhuti 主题 mono"),
    line(Action::Theme(Theme::HighContrast), &[], SCREENS, || text!("配色：高对比", "theme: high contrast"))
        .found_by("ps gdb gaoduibi zhuti 主题 contrast"),
    line(Action::Mouse, &[f(2), c('m')], OPEN, || {
        text!("鼠标：控制台用，或交给终端选文字", "mouse: for the console, or for selecting text")
    })
    .found_by("sb shubiao mouse"),
    line(Action::Mouse, &[f(2)], PICKER, || {
        text!("鼠标：控制台用，或交给终端选文字", "mouse: for the console, or for selecting text")
    })
    .found_by("sb shubiao mouse"),
    line(Action::Redraw, &[Key::ctrl('l')], ALL, || {
        text!("画面乱了：全部重画", "the screen is garbled: draw it anew")
    })
    .found_by("ch chonghua redraw"),
    line(Action::Suspend, &[Key::ctrl('z')], ALL, || {
        text!("暂时回到 shell，用 fg 回来", "to the shell for a while; fg comes back")
    }),
    line(Action::Cancel, &[Key::ctrl('c')], ALL, || {
        text!("不等了；再按一次问是否退出", "stop waiting; once more asks whether to quit")
    }),
];
