//! `opsdeck config path | check | show`.
use super::args::ConfigCommand;
use super::{Context, Exit, out};
use crate::config::diagnostic;
use crate::config::model::{Config, Environment, Role, SecretSource};
use crate::core::safetext::SafeText;
use crate::core::state::State;
use crate::i18n::{Text, counted};
use std::fmt::Write;
use std::path::Path;

/// Does one of them.
///
/// # Errors
/// No file, or one that is refused.
pub fn run(context: &Context, command: ConfigCommand) -> anyhow::Result<Exit> {
    let found = context.located()?;
    match command {
        ConfigCommand::Path => {
            // alone on its line, so that `$(opsdeck config path)` works; the reason goes beside
            out::line(&found.path.to_string_lossy())?;
            out::complain(found.by.text().get(context.lang));
            Ok(Exit::DONE)
        }
        ConfigCommand::Check => check(context, &found.path),
        ConfigCommand::Show => {
            let config = crate::config::load(&found.path)?;
            out::line(&show(&config))?;
            Ok(Exit::DONE)
        }
    }
}

fn check(context: &Context, path: &Path) -> anyhow::Result<Exit> {
    let loaded = crate::config::read(path)?;
    let count = loaded.config.environments.len();
    let name = SafeText::new(&path.to_string_lossy());
    let state = if loaded.notices.is_empty() { State::Ok } else { State::Warning };
    let word = state.word();
    let environments = counted(count, "environment", "environments");
    let said = Text {
        zh: format!("{} {name}：{count} 个环境", word.zh),
        en: format!("{} {name}: {environments}", word.en),
    };
    let mut shown = said.get(context.lang).to_owned() + "\n";
    shown.push_str(&diagnostic::render(path, &loaded.notices, context.lang));
    out::line(&shown)?;
    Ok(Exit::Found(state))
}

/// What the file comes to, in the file's own form: every value of every environment, and where each secret comes
/// from. Reading it again gives the same, but for a secret's command: its arguments may be private.
pub fn show(config: &Config) -> String {
    let ssh = &config.ssh;
    let mut out = Out(String::new());
    out.line(&format!("# {}", SafeText::new(&config.source.to_string_lossy())));
    out.number("schema", 1_u64);
    out.line("\n[ssh]");
    out.path("known_hosts", ssh.known_hosts.as_deref());
    out.path("config_file", ssh.config_file.as_deref());
    out.number("connect_timeout_s", ssh.connect_timeout_s);
    out.number("keepalive_s", ssh.keepalive_s);
    for environment in &config.environments {
        show_environment(&mut out, environment);
    }
    out.0
}

fn show_environment(out: &mut Out, e: &Environment) {
    out.line("\n[[environment]]");
    out.text("key", &e.key.0);
    out.text("name", &e.name);
    out.text(
        "role",
        match &e.role {
            Role::Prod => "prod",
            Role::Test => "test",
            Role::Other(word) => word,
        },
    );
    out.text("host", &e.host);
    e.port.iter().for_each(|port| out.number("port", *port));
    out.maybe("user", e.user.as_deref());
    out.path("identity_file", e.identity_file.as_deref());
    out.maybe("jump", e.jump.as_deref());
    out.maybe("host_key", e.host_key.as_deref());
    out.truth("read_only", e.read_only);

    out.line("\n[environment.share]");
    let s = &e.share;
    out.text("host", &s.host);
    out.text("name", &s.name);
    out.texts("aliases", &s.aliases);
    out.number("port", s.port);
    out.maybe("domain", s.domain.as_deref());
    out.maybe("user", s.user.as_deref());
    out.text("options", &s.options);
    out.truth("persist", s.persist);
    out.maybe("windows_path", s.windows_path.as_deref());
    out.secret(s.secret.as_ref());

    out.line("\n[environment.paths]");
    let p = &e.paths;
    out.text("mount_point", &p.mount_point);
    out.text("pack_folder", &p.pack_folder);
    out.text("credentials_file", &p.credentials_file);
    out.text("app_folder", &p.app_folder);
    out.text("database", &p.database);
    out.text("compose_file", &p.compose_file);
    out.texts("legacy_pack_folders", &p.legacy_pack_folders);

    out.line("\n[environment.containers]");
    let c = &e.containers;
    out.text("backend", &c.backend);
    out.text("frontend", &c.frontend);
    out.text("compose_project", &c.compose_project);
    out.text("health_url", &c.health_url);
    out.text("database_inside", &c.database_inside);

    out.line("\n[environment.thresholds]");
    let t = &e.thresholds;
    out.number("start_grace_min", t.start_grace_min);
    out.number("finish_grace_min", t.finish_grace_min);
    out.number("stuck_after_min", t.stuck_after_min);
    out.number("disk_warn_percent", t.disk_warn_percent);
    out.number("disk_fail_percent", t.disk_fail_percent);
    out.number("room_percent", t.room_percent);
    out.number("shrink_percent", t.shrink_percent);
    out.number("clock_skew_s", t.clock_skew_s);
    out.number("lock_ttl_h", t.lock_ttl_h);
    out.number("share_answer_s", t.share_answer_s);
}

/// Lines of the form `key = value`.
struct Out(String);

impl Out {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn pair(&mut self, key: &str, value: impl std::fmt::Display) {
        // writing into a String cannot fail
        let _ = writeln!(self.0, "{key} = {value}");
    }

    fn text(&mut self, key: &str, value: &str) {
        self.pair(key, toml::Value::String(value.to_owned()));
    }

    fn texts(&mut self, key: &str, values: &[String]) {
        let values = values.iter().cloned().map(toml::Value::String).collect();
        self.pair(key, toml::Value::Array(values));
    }

    fn number(&mut self, key: &str, value: impl Into<u64>) {
        self.pair(key, value.into());
    }

    fn truth(&mut self, key: &str, value: bool) {
        self.pair(key, value);
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn path(&mut self, key: &str, value: Option<&Path>) {
        if let Some(value) = value {
            self.text(key, &value.to_string_lossy());
        }
    }

    fn secret(&mut self, source: Option<&SecretSource>) {
        let text = |s: &str| toml::Value::String(s.to_owned());
        match source {
            None => self.line("# secret: -"),
            Some(SecretSource::File(path)) => {
                self.pair("secret", format!("{{ file = {} }}", text(&path.to_string_lossy())))
            }
            Some(SecretSource::Env(name)) => self.pair("secret", format!("{{ env = {} }}", text(name))),
            Some(SecretSource::Prompt) => self.pair("secret", "{ prompt = true }"),
            Some(SecretSource::Command(argv)) => {
                let program = argv.first().map_or("", String::as_str);
                let more = argv.len().saturating_sub(1);
                self.line(&format!("# secret = {{ command = [{}, ...] }}  ({more} more)", text(program)));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_as_the_same_configuration() {
        let text = r#"
schema = 1
[ssh]
known_hosts = "/k"
[share]
host = "192.0.2.1"
name = "backup"
aliases = ["FILES"]
windows_path = 'D:\datas'
secret = { file = "/s" }
[[environment]]
key = "prod"
name = "正式 \"一\""
role = "prod"
host = "192.0.2.2"
port = 2222
identity_file = "/id"
read_only = true
[environment.thresholds]
disk_warn_percent = 70
"#;
        let parse =
            |text: &str| crate::config::parse(text.as_bytes(), Path::new("/e.toml"), None).unwrap().config;
        let first = show(&parse(text));
        assert_eq!(show(&parse(&first)), first);
        for value in [
            "D:\\datas",
            "2222",
            "disk_warn_percent = 70",
            "/opt/ragflowauth/data/auth.db",
            "read_only = true",
        ] {
            assert!(first.contains(value), "{value} in {first}");
        }
    }

    #[test]
    fn the_arguments_of_a_secret_command_are_not_shown() {
        let mut out = Out(String::new());
        out.secret(Some(&SecretSource::Command(vec!["echo".into(), "hunter2".into()])));
        assert_eq!(out.0, "# secret = { command = [\"echo\", ...] }  (1 more)\n");
    }
}
