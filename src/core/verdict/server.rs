//! Is this the server that was meant, did it answer everything, and does it know the time?
use super::{Check, Facts};
use crate::core::derive::{pack, schedule};
use crate::core::probe::database::Job;
use crate::core::snapshot::QUESTIONS;
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;
use std::net::IpAddr;

/// Who answered.
pub(super) fn server(f: &Facts) -> Check {
    let title = text!("服务器", "server");
    let id = match &f.look.identity {
        Ok(id) => id,
        Err(gap) => return Check::unknown("server", title, gap),
    };
    let ms = f.look.took_ms;
    let check = |state, summary| {
        Check::new("server", title.clone(), state, summary)
            .evidence(text!(
                "{}，{}，内核 {}，machine-id {}",
                "{}, {}, kernel {}, machine-id {}",
                id.hostname,
                id.os,
                id.kernel,
                id.machine_id
            ))
            .evidence(text!(
                "一次往返 {ms} ms，回答了 {}/{QUESTIONS} 个问题",
                "one exchange of {ms} ms, {} of {QUESTIONS} questions answered",
                f.look.answered
            ))
    };
    if f.look.answered < QUESTIONS {
        return check(
            State::Unknown,
            text!("回答不完整：{}/{QUESTIONS}", "the answer is incomplete: {}/{QUESTIONS}", f.look.answered),
        )
        .next(text!("检查网络后再检查一次", "check the network, then check again"));
    }
    // an address that was dialled directly and that the server does not have: another machine answered, or there is NAT
    let dialled = f.env.host.parse::<IpAddr>().ok().filter(|ip| !ip.is_loopback() && f.env.jump.is_none());
    let own = |ip: IpAddr| id.addresses.iter().any(|a| a.as_str().parse() == Ok(ip));
    if let Some(ip) = dialled.filter(|ip| !id.addresses.is_empty() && !own(*ip)) {
        let addresses: Vec<&str> = id.addresses.iter().map(|a| a.as_str()).collect();
        return check(
            State::Warning,
            text!(
                "连的是 {ip}，但服务器自己没有这个地址",
                "{ip} was dialled, but the server does not have that address"
            ),
        )
        .evidence(text!("它的地址：{}", "its addresses: {}", addresses.join(" ")))
        .next(text!(
            "确认这是对的服务器（中间有地址转换时可忽略）",
            "make sure that it is the right server (harmless behind address translation)"
        ));
    }
    if id.uid != Some(0) {
        return check(
            State::Warning,
            text!("登录用户不是 root，有些检查可能看不全", "the login is not root: some checks may see less"),
        )
        .next(text!("在 environments.toml 里用 root 登录", "log in as root in environments.toml"));
    }
    check(State::Ok, text!("{} 应答完整", "{} answered everything", id.hostname))
}

/// The zone in which the backend's container is meant to run.
const BEIJING_S: i32 = 8 * 3600;
/// A pack's name is made within this of its job's row.
const NAMED_MS: i64 = 20 * 60_000;

/// Why the container's zone is not the one that is meant. A container without TZ has UTC. Another zone may be meant, unless
/// the newest packs were named in another one.
pub(in crate::core) fn odd_zone(f: &Facts) -> Option<Text> {
    let zone_s = f.look.container_clock().ok()?.zone_s;
    let four = f.slot.as_ref().and_then(|s| schedule::local(s.due, BEIJING_S));
    let beijing = four.map(|t| t.strftime("%H:%M").to_string()).unwrap_or_else(|| "?".into());
    let due = f.slot.as_ref().map(|s| f.time(s.due)).unwrap_or_else(|| "?".into());
    if zone_s == 0 {
        return Some(text!(
            "后端容器没有设时区（UTC）：定时里的 {due} 其实是北京时间 {beijing}",
            "the backend's container has no zone (UTC): {due} of the schedule is {beijing} in Beijing"
        ));
    }
    if zone_s == BEIJING_S {
        return None;
    }
    let named = |j: &Job| {
        let name = pack::base_name(j.output_dir.as_ref()?.as_str()).to_owned();
        let (at, made) = (schedule::in_name(&name, zone_s)?, j.made()?);
        Some(at.since(made).abs() > NAMED_MS)
    };
    let other = f.db.ok()?.last_completed.iter().filter_map(named).any(|differs| differs);
    other.then(|| {
        text!(
            "后端容器的时区和以前不一样：以前的包名不是按这个时区起的，定时里的 {due} 是北京时间 {beijing}",
            "the zone of the backend's container is not what it was: earlier packs were named in another one; {due} of the schedule is {beijing} in Beijing"
        )
    })
}

/// Do the clocks agree? "04:00" means the container's.
pub(super) fn clock(f: &Facts) -> Check {
    let title = text!("时钟", "clocks");
    let id = match &f.look.identity {
        Ok(id) => id,
        Err(gap) => return Check::unknown("clock", title, gap),
    };
    let limit_ms = i64::from(f.env.thresholds.clock_skew_s) * 1000;
    // the server's clock was read at some moment of the exchange, to the second
    let slack = i64::try_from(f.look.took_ms).unwrap_or(i64::MAX).saturating_add(1000);
    let off = f.look.taken.since(id.clock);
    let off = if off > 0 { (off - slack).max(0) } else { off };
    let zone = |s: i32| format!("UTC{:+03}:{:02}", s / 3600, (s % 3600).abs() / 60);
    let server_zone = id.zone_s.map(zone).unwrap_or_else(|| "?".into());
    let mut evidence = vec![text!(
        "服务器时区 {server_zone}，与这台工作机相差 {} 秒",
        "the server's zone is {server_zone}; it is {} s off this machine",
        off / 1000
    )];
    let mut state = State::Ok;
    let mut hint = text!(
        "校准时间（chrony 或 Windows 时间服务），再检查一次",
        "set the clocks right (chrony, Windows time), then check again"
    );
    let mut summary = text!("服务器、容器和工作机的时间一致", "server, container and workstation agree");
    if off.abs() > limit_ms {
        state = State::Warning;
        let s = off.abs() / 1000;
        summary = match off > 0 {
            true => text!(
                "服务器的时间比这台工作机慢 {s} 秒",
                "the server's clock is {s} s behind this machine's"
            ),
            false => text!(
                "服务器的时间比这台工作机快 {s} 秒",
                "the server's clock is {s} s ahead of this machine's"
            ),
        };
    }
    match f.look.container_clock() {
        Ok(c) => {
            evidence.push(text!(
                "容器时区 {}（定时按这个时区）",
                "the container's zone is {} (schedules are meant in it)",
                zone(c.zone_s)
            ));
            if let Some(odd) = odd_zone(f).filter(|_| state == State::Ok) {
                state = State::Warning;
                summary = odd;
                hint = text!(
                    "请后端负责人给后端容器设 TZ=Asia/Shanghai，再核对定时",
                    "ask whoever runs the backend to give its container TZ=Asia/Shanghai, then see to the schedule"
                );
            }
            let inside = c.now.since(id.clock);
            if inside.abs() > limit_ms.saturating_add(slack) {
                state = State::Warning;
                summary = text!(
                    "容器与服务器的时间相差 {} 秒",
                    "the container's clock is {} s off the server's",
                    inside.abs() / 1000
                );
            }
        }
        Err(gap) => {
            let why = gap.text();
            if state == State::Ok {
                state = State::Unknown;
                summary = text!(
                    "服务器与工作机一致，容器的时钟没能检查",
                    "server and workstation agree; the container's clock could not be checked"
                );
                hint = gap.hint();
            }
            evidence.push(Text {
                zh: format!("容器时钟：{}", why.zh),
                en: format!("the container's clock: {}", why.en),
            });
        }
    }
    let check = Check::new("clock", title, state, summary).evidence_of(evidence);
    if state == State::Ok { check } else { check.next(hint) }
}
