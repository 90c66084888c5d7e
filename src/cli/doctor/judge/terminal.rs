//! Encoding, screen, width of characters, clock.
use super::super::Check;
use super::super::width::Width;
use super::Look;
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::core::units::EpochMs;
use crate::text;

/// The smallest screen that the console draws on.
const SCREEN: (u16, u16) = (80, 24);
/// 2026-01-01 UTC. A clock before this is wrong: this program is younger.
const YOUNGER_THAN: EpochMs = EpochMs(1_767_225_600_000);

pub(super) fn encoding(locale: Option<&(&'static str, String)>) -> Check {
    let look = Look("encoding", text!("文字编码", "encoding"));
    let mend = text!(
        "运行 export LANG=C.UTF-8（或 zh_CN.UTF-8），写进 ~/.profile",
        "run export LANG=C.UTF-8 (or zh_CN.UTF-8), and put it into ~/.profile"
    );
    let Some((name, value)) = locale else {
        return look.bad(
            State::Warning,
            text!("没有设置 LANG，不知道终端是不是 UTF-8", "LANG is not set, the terminal may not be UTF-8"),
            mend,
        );
    };
    let value = SafeText::new(value);
    let folded = value.as_str().to_lowercase().replace('-', "");
    if folded.contains("utf8") {
        return look.ok(text!("{name}={value}", "{name}={value}"));
    }
    look.bad(
        State::Failed,
        text!("{name}={value} 不是 UTF-8，中文会乱", "{name}={value} is not UTF-8, Chinese will be garbled"),
        mend,
    )
}

pub(super) fn screen(term: Option<&str>, size: Option<(u16, u16)>) -> Check {
    let look = Look("terminal", text!("终端", "terminal"));
    let Some((columns, rows)) = size else {
        return look.bad(
            State::Unknown,
            text!("输入或输出不是终端", "input or output is no terminal"),
            text!("直接在终端里运行 opsdeck doctor", "run opsdeck doctor right in a terminal"),
        );
    };
    let term = SafeText::new(term.unwrap_or_default());
    if term.is_empty() || term.as_str() == "dumb" {
        return look.bad(
            State::Failed,
            text!("TERM={term}：这个终端不能画界面", "TERM={term}: this terminal cannot draw a screen"),
            text!(
                "换一个终端，或 export TERM=xterm-256color",
                "use another terminal, or export TERM=xterm-256color"
            ),
        );
    }
    let (least_columns, least_rows) = SCREEN;
    if columns < least_columns || rows < least_rows {
        return look.bad(
            State::Warning,
            text!("{columns}×{rows}，太小", "{columns}x{rows}, too small"),
            text!(
                "把窗口拉大到 {least_columns}×{least_rows} 以上",
                "make the window {least_columns}x{least_rows} or larger"
            ),
        );
    }
    look.ok(text!("{term}，{columns}×{rows}", "{term}, {columns}x{rows}"))
}

pub(super) fn width(width: Width) -> Check {
    let look = Look("width", text!("字符宽度", "character width"));
    match width {
        Width::Columns(1) => look.ok(text!("①、─ 占一列", "① and ─ take one column")),
        Width::Columns(_) => look.bad(
            State::Warning,
            text!("①、─ 占两列：表格可能对不齐", "① and ─ take two columns: tables may not line up"),
            text!(
                "在终端设置里把「模糊宽度字符」（ambiguous）改为窄",
                "set \"ambiguous-width characters\" to narrow in the terminal's settings"
            ),
        ),
        Width::NoTerminal => look.bad(
            State::Unknown,
            text!("不是终端，没法量", "not a terminal, cannot be measured"),
            text!("直接在终端里运行 opsdeck doctor", "run opsdeck doctor right in a terminal"),
        ),
        Width::NoAnswer => look.bad(
            State::Unknown,
            text!("终端没有回答", "the terminal did not answer"),
            text!("表格对不齐时，换一个终端", "use another terminal if tables do not line up"),
        ),
    }
}

pub(super) fn clock(now: EpochMs, offset: &str, synchronised: Option<bool>) -> Check {
    let look = Look("clock", text!("时钟", "clock"));
    let at = jiff::Timestamp::from_millisecond(now.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let at = at.strftime("%Y-%m-%d %H:%M:%S");
    let mend = text!(
        "运行 timedatectl set-ntp true；WSL 里运行 hwclock -s",
        "run timedatectl set-ntp true; under WSL, hwclock -s"
    );
    if now < YOUNGER_THAN {
        return look.bad(State::Failed, text!("时间不对：{at} UTC", "the time is wrong: {at} UTC"), mend);
    }
    match synchronised {
        Some(true) => look.ok(text!(
            "{at} UTC，本机时区 {offset}，已与网络同步",
            "{at} UTC, zone {offset}, kept right by the network"
        )),
        Some(false) => look.bad(
            State::Warning,
            text!(
                "{at} UTC，本机时区 {offset}，没有与网络同步",
                "{at} UTC, zone {offset}, not kept right by the network"
            ),
            mend,
        ),
        None => look.bad(
            State::Unknown,
            text!(
                "{at} UTC，本机时区 {offset}，不知道有没有与网络同步",
                "{at} UTC, zone {offset}, unknown whether the network keeps it right"
            ),
            text!("和手机的时间比一比", "compare it with your phone"),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf_8_is_good() {
        let judged = |value: &str| encoding(Some(&("LANG", value.to_owned()))).state;
        for good in ["zh_CN.UTF-8", "C.utf8", "en_US.UTF-8@x"] {
            assert_eq!(judged(good), State::Ok, "{good}");
        }
        for bad in ["C", "POSIX", "zh_CN.GBK", "zh_CN"] {
            assert_eq!(judged(bad), State::Failed, "{bad}");
        }
        assert_eq!(encoding(None).state, State::Warning);
    }

    #[test]
    fn what_cannot_be_measured_is_unknown() {
        assert_eq!(screen(Some("xterm"), None).state, State::Unknown);
        assert_eq!(screen(Some("xterm"), Some((80, 24))).state, State::Ok);
        assert_eq!(screen(Some("xterm"), Some((79, 24))).state, State::Warning);
        assert_eq!(screen(Some("dumb"), Some((80, 24))).state, State::Failed);
        assert_eq!(screen(None, Some((80, 24))).state, State::Failed);
        let states = [Width::Columns(1), Width::Columns(2), Width::NoTerminal, Width::NoAnswer]
            .map(|w| width(w).state);
        assert_eq!(states, [State::Ok, State::Warning, State::Unknown, State::Unknown]);
    }

    #[test]
    fn a_clock_is_good_only_when_somebody_says_so() {
        let now = EpochMs(1_770_091_506_789);
        let judged = [Some(true), Some(false), None].map(|s| clock(now, "+08:00", s).state);
        assert_eq!(judged, [State::Ok, State::Warning, State::Unknown]);
        assert_eq!(clock(EpochMs(0), "+00:00", Some(true)).state, State::Failed);
        assert!(
            clock(now, "+08:00", Some(true)).evidence.zh.contains("2026-02-03 04:05:06 UTC，本机时区 +08:00")
        );
    }
}
