//! The network of the server: its addresses, the share's port, the backend's health. No packet leaves the box.
use super::{Said, Server, hang};
use crate::demo::spec::Port;

/// `ip -o addr show`.
pub(super) fn ip(server: &Server, args: &[&str]) -> Said {
    if args != ["-o", "addr", "show"] {
        return Said::unknown("ip", args);
    }
    let address = &server.state.host.address;
    Said::ok(format!(
        "1: lo    inet 127.0.0.1/8 scope host lo\\       valid_lft forever preferred_lft forever\n\
         1: lo    inet6 ::1/128 scope host \\       valid_lft forever preferred_lft forever\n\
         2: ens192    inet {address}/24 brd 192.0.2.255 scope global noprefixroute ens192\\       valid_lft forever \
         preferred_lft forever\n\
         3: docker0    inet 172.17.0.1/16 brd 172.17.255.255 scope global docker0\\       valid_lft forever \
         preferred_lft forever\n"
    ))
}

/// `nc -w SECONDS HOST PORT`.
pub(super) fn nc(server: &Server, args: &[&str]) -> Said {
    let ["-w", _, host, port] = args else {
        return Said::unknown("nc", args);
    };
    let share = &server.state.share;
    if *host != share.host {
        return Said::error(
            1,
            format!("Ncat: Could not resolve hostname \"{host}\": Name or service not known. QUITTING."),
        );
    }
    match share.port {
        Port::Open if *port == "445" => Said::default(),
        Port::Silent => hang(false),
        _ => Said::error(1, "Ncat: Connection refused."),
    }
}

/// `curl -sS -m SECONDS -w '\n%{http_code}\n' URL` and `curl -sS -f -m SECONDS URL`: the backend's health.
pub(super) fn curl(server: &Server, args: &[&str]) -> Said {
    let (url, code) = match args {
        ["-sS", "-m", _, "-w", r"\n%{http_code}\n", url] => (url, true),
        ["-sS", "-f", "-m", _, url] => (url, false),
        _ => return Said::unknown("curl", args),
    };
    let told = |number: u16| if code { format!("\n{number:03}\n") } else { String::new() };
    let Some(path) = url.strip_prefix("http://127.0.0.1:8001") else {
        return Said::unknown("curl", args);
    };
    if server.state.backend().is_none() {
        let mut said =
            Said::error(7, "curl: (7) Failed to connect to 127.0.0.1 port 8001: Connection refused");
        said.out = told(0).into_bytes();
        return said;
    }
    match path {
        "/health" => Said::ok("{\"status\":\"ok\",\"service\":\"auth-backend\"}".to_owned() + &told(200)),
        _ if code => Said::ok("{\"detail\":\"Not Found\"}".to_owned() + &told(404)),
        _ => Said::error(22, "curl: (22) The requested URL returned error: 404"),
    }
}
