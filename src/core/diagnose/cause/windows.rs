//! The Windows machine cannot be reached from the server: four ways, told apart by what became of one TCP connection.
use crate::core::diagnose::fix::{Fix, Whom};
use crate::core::diagnose::probe::Probe;
use crate::core::diagnose::rule::{Found, Rule, Ruling};
use crate::core::diagnose::runbook::{BACKUP, Family, MOUNT, Runbook};
use crate::core::diagnose::scene::Scene;
use crate::core::diagnose::types::Certainty;
use crate::core::plan::Action;
use crate::core::probe::port::Port;
use crate::core::state::State;
use crate::i18n::Text;
use crate::text;

/// Nobody answers.
pub(super) static OFF: Rule = Rule {
    id: "windows-off",
    covers: &["port"],
    look: |s| {
        reached(
            s,
            Port::Silent,
            Certainty::Likely,
            Whom::Windows,
            text!(
                "确认共享那台 Windows 开着、没有休眠，防火墙放行 445 端口",
                "see that the Windows machine with the share is on and awake, and that its firewall lets port 445 in"
            ),
        )
    },
    runbook: || Runbook {
        family: Family::Windows,
        title: text!("Windows 关机或 445 被挡", "Windows is off, or port 445 is blocked"),
        what: text!(
            "从服务器连不到共享那台 Windows 的 445 端口，几秒内没有任何回音。共享用不了，备份也到不了 Windows。",
            "From the server, port 445 of the Windows machine does not answer at all. The share cannot be used, and no backup reaches Windows."
        ),
        shows: text!(
            "「共享端口」失败：没有应答；共享还挂着的话，「共享应答」也会卡住。",
            "\"share port\" fails: no answer; where the share is still mounted, \"share answers\" hangs, too."
        ),
        how: text!(
            "Windows 关机、休眠、更新后没起来、换了网段，或者中间的防火墙丢掉了 445。只看这一端，分不出是哪一种。",
            "Windows is off or asleep, did not come back after an update, moved to another network, or a firewall in between drops port 445. From this end the two cannot be told apart."
        ),
        mend: text!(
            "请 Windows 管理员开机、关掉休眠，查防火墙有没有放行 445。它回来一两分钟后按 F5：共享通常自己恢复；没挂着就按 M。昨夜没做成的，再按 B 补。",
            "Ask the Windows administrator to switch it on, keep it from sleeping, and let port 445 in. A minute or two after it is back press F5: the share usually comes back by itself; if it is not mounted, press M. Then press B for the night that was lost."
        ),
        acts: &[MOUNT, BACKUP],
        proof: text!(
            "从服务器能连上共享端口，共享有应答",
            "the server reaches the share's port, and the share answers"
        ),
        call: &[Whom::Windows, Whom::Network],
        dont: text!(
            "Windows 没回来之前，不要反复挂载、卸载，也不要停后端：都会卡住。ping 通不通不算数。",
            "Until it is back, do not mount, unmount or stop the backend: all of them would hang. A ping proves nothing."
        ),
    },
};

/// The machine is there, and shares nothing.
pub(super) static REFUSES: Rule = Rule {
    id: "windows-refuses",
    covers: &["port"],
    look: |s| {
        reached(
            s,
            Port::Refused,
            Certainty::Likely,
            Whom::Windows,
            text!(
                "启动 Server（LanmanServer）服务，并确认共享还在",
                "start the Server (LanmanServer) service, and see that the share is still there"
            ),
        )
    },
    runbook: || Runbook {
        family: Family::Windows,
        title: text!("Windows 开着但没有共享服务", "Windows is up, but shares nothing"),
        what: text!(
            "共享那台机器有回音，但拒绝了 445 端口的连接：机器在，文件共享服务不在。",
            "The machine answers and refuses port 445: it is there, its file sharing is not."
        ),
        shows: text!(
            "「共享端口」失败：拒绝连接。这台机器往往还 ping 得通。",
            "\"share port\" fails: refused. The machine can often still be pinged."
        ),
        how: text!(
            "Server（LanmanServer）服务停了，网络类型变成“公用”关掉了共享，或这个地址现在是另一台机器。",
            "The Server (LanmanServer) service stopped, the network became \"public\" and sharing was switched off, or another machine has that address now."
        ),
        mend: text!(
            "请 Windows 管理员启动 Server 服务，打开文件共享；然后按 F5，没挂着就按 M。昨夜没做成的，再按 B 补。",
            "Ask the Windows administrator to start the Server service and to switch file sharing on; then press F5, and M if it is not mounted. Then press B for the night that was lost."
        ),
        acts: &[MOUNT, BACKUP],
        proof: text!(
            "从服务器能连上共享端口，共享有应答",
            "the server reaches the share's port, and the share answers"
        ),
        call: &[Whom::Windows],
        dont: text!(
            "不要在服务器上反复挂载：问题不在这一端。",
            "Do not mount again and again on the server: the trouble is at the other end."
        ),
    },
};

/// There is no way to it.
pub(super) static NO_ROUTE: Rule = Rule {
    id: "no-route",
    covers: &["port"],
    look: |s| {
        // a machine of the same network that is switched off looks like that, too
        if s.f.look.port == Ok(Port::HostUnreachable) {
            return reached(
                s,
                Port::HostUnreachable,
                Certainty::Likely,
                Whom::Windows,
                text!(
                    "先看共享那台 Windows 是不是开着、网线插着；在线就找网络管理员查路由和防火墙",
                    "see first whether the Windows machine is on and connected; if it is, ask the network administrator about route and firewall"
                ),
            );
        }
        reached(
            s,
            Port::Unreachable,
            Certainty::Proved,
            Whom::Network,
            text!(
                "检查服务器到共享那台 Windows 的路由和网线",
                "see to route and cable between the server and the Windows machine"
            ),
        )
    },
    runbook: || Runbook {
        family: Family::Windows,
        title: text!("服务器到不了 Windows", "no way from the server to Windows"),
        what: text!(
            "服务器自己就说没有路能到共享那台机器。",
            "The server itself says that there is no way to the machine with the share."
        ),
        shows: text!(
            "「共享端口」失败：没有路能到那台机器。",
            "\"share port\" fails: there is no way to the machine."
        ),
        how: text!(
            "网卡、交换机、路由、VLAN 变了，或者 Windows 那台机器不在线（同一网段时也会这样报）。",
            "Interface, switch, route or VLAN changed; or the Windows machine is not on the network (on one network that looks the same)."
        ),
        mend: text!(
            "请网络管理员恢复路由，同时请人看一眼 Windows 是否在线；通了以后按 F5，没挂着就按 M。昨夜没做成的，再按 B 补。",
            "Ask the network administrator for the route, and have somebody see whether the Windows machine is on; then press F5, and M if it is not mounted. Then press B for the night that was lost."
        ),
        acts: &[MOUNT, BACKUP],
        proof: text!(
            "从服务器能连上共享端口，共享有应答",
            "the server reaches the share's port, and the share answers"
        ),
        call: &[Whom::Network, Whom::Windows],
        dont: text!("不要为了试一试去改共享地址。", "Do not change the share's address to try something."),
    },
};

/// Its name means nothing.
pub(super) static NAME: Rule = Rule {
    id: "name-unknown",
    covers: &["port"],
    look: |s| {
        reached(
            s,
            Port::NameUnknown,
            Certainty::Proved,
            Whom::You,
            text!(
                "核对 environments.toml 里的主机名；DNS 不可靠就改用 IP 地址",
                "compare the host name in environments.toml; where DNS is not reliable, use the address"
            ),
        )
    },
    runbook: || Runbook {
        family: Family::Windows,
        title: text!("不认识 Windows 的主机名", "the name of the Windows machine is not known"),
        what: text!(
            "服务器查不到共享那台机器名字对应的地址。",
            "The server finds no address for the name of the machine with the share."
        ),
        shows: text!(
            "「共享端口」失败：服务器不认识这个主机名。",
            "\"share port\" fails: the server does not know that name."
        ),
        how: text!(
            "名字写错、Windows 改了名、DNS 不可用。",
            "The name is wrong, Windows was renamed, or DNS does not answer."
        ),
        mend: text!(
            "改正 environments.toml 里的主机名；DNS 不可靠就写 IP 地址。改完按 M 挂载，控制台会把 fstab 一起改对。昨夜没做成的，再按 B 补。",
            "Correct the host in environments.toml; where DNS is not reliable, use the address. Then press M: the console corrects fstab with it. Then press B for the night that was lost."
        ),
        acts: &[MOUNT, BACKUP],
        proof: text!(
            "从服务器能连上共享端口，共享有应答",
            "the server reaches the share's port, and the share answers"
        ),
        call: &[Whom::You, Whom::Network],
        dont: text!(
            "不要只在 /etc/hosts 里悄悄补一行：下次没人知道。",
            "Do not just add a line to /etc/hosts: next time nobody knows of it."
        ),
    },
};

fn says(s: &Scene, port: Port) -> Text {
    let (host, at) = (&s.f.env.share.host, format!("{}:{}", s.f.env.share.host, s.f.env.share.port));
    match port {
        Port::Silent | Port::Open => text!(
            "共享那台 Windows 没有回音：关机、休眠，或 445 被防火墙挡住（{at}）",
            "the Windows machine with the share does not answer: off, asleep, or a firewall is in between ({at})"
        ),
        Port::Refused => text!(
            "共享那台 Windows 开着，但没有共享服务（{at} 拒绝连接）",
            "the Windows machine is up, but shares nothing ({at} refuses)"
        ),
        Port::HostUnreachable => text!(
            "共享那台 Windows 没有回音：多半关机或不在线（{at}）",
            "the Windows machine is not there: most likely off, or not on the network ({at})"
        ),
        Port::Unreachable => text!(
            "服务器到不了共享那台 Windows（{at}）",
            "there is no way from the server to the Windows machine ({at})"
        ),
        Port::NameUnknown => text!(
            "服务器不认识共享那台 Windows 的主机名 {host}",
            "the server does not know the name of the Windows machine, {host}"
        ),
    }
}

fn reached(s: &Scene, what: Port, certainty: Certainty, whom: Whom, ask: Text) -> Ruling {
    let Ok(port) = &s.f.look.port else { return Ruling::Open };
    if *port == Port::Open {
        return Ruling::Out(s.said(Probe::Port, "port"));
    }
    // while the share answers, a port that did not is a passing trouble, and only a warning
    if *port != what || s.state("port") != State::Failed {
        return Ruling::Open;
    }
    let mut found = Found::new(State::Failed, certainty, says(s, what))
        .by([s.said(Probe::Port, "port")])
        .by(s.kernel("share"))
        .fix(Fix::Call { whom, what: ask });
    if !s.f.share_is_mounted() && s.f.look.mounts.is_ok() {
        found = found.fix(Fix::Do(Action::Mount { new_password: false }));
    }
    if certainty != Certainty::Proved {
        found = found.would_prove(match what {
            Port::Refused => text!(
                "在 Windows 上看 Server 服务：它在运行，就是防火墙拒绝的",
                "the Server service on Windows: if it runs, a firewall refuses"
            ),
            _ => text!(
                "去看那台 Windows 是不是开着；开着就是防火墙或路由",
                "see whether the Windows machine is on; if it is, it is a firewall or the route"
            ),
        });
    }
    found.ruling()
}
