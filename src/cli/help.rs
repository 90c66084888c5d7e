//! What help says, in both languages, and the words around it.
mod act;

use crate::i18n::{Lang, Text};
use crate::text;
use clap::{Arg, ArgAction, Command, CommandFactory};

/// The command line of [`Cli`](super::args::Cli) with its help in one language.
pub fn command(lang: Lang) -> Command {
    localize(super::args::Cli::command(), "", lang).version(env!("CARGO_PKG_VERSION"))
}

fn localize(command: Command, path: &str, lang: Lang) -> Command {
    let said = |text: Text| text.get(lang).to_owned();
    // clap wants words that live as long as the program for headings
    let word = |zh: &'static str, en: &'static str| match lang {
        Lang::Zh => zh,
        Lang::En => en,
    };
    let path = format!("{path} {}", command.get_name());
    let path = path.trim_start().to_owned();
    let options = word("选项", "Options");
    let arguments = word("参数", "Arguments");
    let usage = usage(&command, &path, lang);
    let changes = command.get_arguments().any(|a| a.get_id() == "yes") || command.get_name() == "attach";
    let mut command = command
        .about(said(about(&path)))
        .override_usage(usage)
        .subcommand_help_heading(word("命令", "Commands"))
        .help_template(said(text!(
            "{{about}}\n\n用法：{{usage}}\n\n{{all-args}}{{after-help}}\n",
            "{{about}}\n\nUsage: {{usage}}\n\n{{all-args}}{{after-help}}\n"
        )))
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .help_heading(options)
                .help(said(text!("显示这份说明", "Print this help"))),
        );
    if path == "opsdeck" {
        command = command.after_help(said(after())).arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help_heading(options)
                .help(said(text!("显示版本", "Print the version"))),
        );
    }
    if changes {
        command = command.after_help(said(act::exits()));
    }
    command
        .mut_args(|arg| {
            let heading = if arg.is_positional() { arguments } else { options };
            match argument(arg.get_id().as_str()) {
                Some(text) => arg.help(said(text)).help_heading(heading),
                None => arg,
            }
        })
        .mut_subcommands(|sub| localize(sub, &path, lang))
}

/// The line after "Usage:".
fn usage(command: &Command, path: &str, lang: Lang) -> String {
    let mut line = format!("{path} {}", text!("[选项]", "[OPTIONS]").get(lang));
    for positional in command.get_positionals() {
        let name = positional.get_value_names().and_then(|names| names.first()).map_or("", |n| n.as_str());
        line.push_str(&match positional.is_required_set() {
            true => format!(" <{name}>"),
            false => format!(" [{name}]"),
        });
    }
    if command.has_subcommands() {
        let word = match command.is_arg_required_else_help_set() {
            true => text!(" <命令>", " <COMMAND>"),
            false => text!(" [命令]", " [COMMAND]"),
        };
        line.push_str(word.get(lang));
    }
    line
}

/// What a command is for.
fn about(path: &str) -> Text {
    match path {
        "opsdeck" => text!(
            "RagflowAuth 服务器运维台：昨晚的备份在不在 Windows 共享上，不在是为什么",
            "Console for RagflowAuth servers: is last night's backup on the Windows share, and if not, why"
        ),
        "opsdeck check" => {
            text!("检查服务器，只读，给出结论", "Look at servers, read-only, and say how they are")
        }
        "opsdeck diagnose" => text!(
            "Windows 上没有新备份是为什么：原因、依据、排除了什么、查不到什么、怎么修；只读",
            "Why there is no new backup on Windows: cause, evidence, what was ruled out or not checked, what mends it; read-only"
        ),
        "opsdeck runbook" => text!(
            "故障手册：每种原因是什么、怎么看出来、怎么办、找谁；不连接服务器",
            "The runbook: what each cause is, how it shows, what to do, whom to call; connects to no server"
        ),
        "opsdeck bundle" => text!(
            "打一个诊断包发给帮忙的人：检查、诊断、日志、版本、操作记录、配置；密码抹掉，地址换成代号",
            "Pack what whoever helps needs to see: check, diagnosis, logs, versions, journal, configuration; without secrets and addresses"
        ),
        "opsdeck doctor" => text!(
            "检查这台工作机（ssh、密钥、终端、时钟、配置、日志），不连接服务器",
            "Look at this workstation (ssh, keys, terminal, clock, configuration, log); connects to no server"
        ),
        "opsdeck config" => text!("配置文件 environments.toml", "The configuration file environments.toml"),
        "opsdeck config path" => text!("显示用的是哪个配置文件", "Print which configuration file is used"),
        "opsdeck config check" => {
            text!("检查配置文件，指出每一处错误", "Check the configuration file and point at every mistake")
        }
        "opsdeck config show" => text!(
            "显示配置的最终结果（含默认值，不含密码）",
            "Print what the configuration comes to (with defaults, without secrets)"
        ),
        "opsdeck trust" => text!("核对并信任一台服务器的主机密钥", "Verify a server's host key and trust it"),
        "opsdeck log" => text!("诊断日志", "The diagnostic log"),
        "opsdeck log path" => text!("显示今天的日志文件路径", "Print the path of today's log file"),
        path => act::about(path).unwrap_or_default(),
    }
}

/// What an argument is for. One id means the same in every command.
fn argument(id: &str) -> Option<Text> {
    Some(match id {
        "config" => text!(
            "配置文件（默认：$OPSDECK_CONFIG、./environments.toml、~/.config/opsdeck/environments.toml）",
            "Configuration file (default: $OPSDECK_CONFIG, ./environments.toml, ~/.config/opsdeck/environments.toml)"
        ),
        "lang" => text!(
            "界面语言 zh 或 en（默认按 LC_ALL、LC_MESSAGES、LANG）",
            "Language, zh or en (default: by LC_ALL, LC_MESSAGES, LANG)"
        ),
        "demo" => text!(
            "用内置的演示服务器，不连接真实服务器；--demo=list 列出场景",
            "Use the built-in server instead of real ones; --demo=list names the scenarios"
        ),
        "demo_dir" => text!(
            "演示服务器的文件放在哪里（默认：临时目录）",
            "Where the built-in server keeps its files (default: a temporary folder)"
        ),
        "env" => text!(
            "环境的 key；可以写多次，不写就是全部",
            "Key of an environment; may be repeated (default: all)"
        ),
        "open" => text!(
            "控制台直接打开这个环境（不写就先选）",
            "Environment that the console opens at once (default: choose first)"
        ),
        "environment" => text!("环境的 key，例如 prod", "Key of the environment, as prod"),
        "format" => text!(
            "输出格式：text、json；check 还有 nagios、prometheus，diagnose 还有 md（默认 text）",
            "Form of the output: text, json; check also knows nagios and prometheus, diagnose md (default text)"
        ),
        "at" => text!(
            "问以前的某一夜，写成 2026-02-01（后端的日期）；只有任务记录和共享上的包还看得到",
            "A night that is over, as 2026-02-01 (the backend's date); only its jobs and packs can still be seen"
        ),
        "cause" => text!(
            "原因的代号，例如 ghost-job，看它的全文；或任何词，列出说到它的原因；不写就列出全部",
            "A cause's id, as ghost-job, for its page; or any word, for the causes that say it (default: all)"
        ),
        "on_change" => text!(
            "某个环境的状态和上一次不同时运行这条命令（程序和参数，不经过 shell；要 shell 就写 sh -c '…'）。它后面的词都是它的，所以放在最后",
            "Command to run when the state of an environment is another than the last time (program and arguments, no shell; for one write sh -c '…'). All words behind it are its own, so it stands last"
        ),
        "of_env" => text!("环境的 key，例如 prod", "Key of the environment, as prod"),
        "archive" => text!(
            "写成这个文件；已经有就不写（默认 ./opsdeck-环境-时间.tar.gz）",
            "Write this file, which must not be there yet (default ./opsdeck-KEY-TIME.tar.gz)"
        ),
        "write" => text!("不再询问，直接写", "Write without a question"),
        "list" => text!("只列出里面会有什么，什么也不写", "Only list what would be in it; write nothing"),
        "raw_addresses" => text!(
            "地址和主机名原样保留（默认换成 addr-1 这样的代号）",
            "Leave addresses and host names as they are (default: placeholders as addr-1)"
        ),
        "verbose" => text!("正常的项目也列出依据", "Show what a check rests on also where all is well"),
        "output" => text!("写进文件，一次替换整个文件", "Write to this file, replaced as a whole"),
        "fingerprint" => text!(
            "从服务器上另外核对过的指纹：一致才信任，不再询问",
            "Fingerprint that was verified by another way: trust if it matches, without a question"
        ),
        "replace" => text!("替换已经记住的另一把密钥", "Put it in place of another key that is known"),
        "help" => text!("显示这份说明", "Print this help"),
        "version" => text!("显示版本", "Print the version"),
        id => return act::argument(id),
    })
}

fn after() -> Text {
    text!(
        "不带命令就打开运维台。\n退出码：0 正常，1 告警，2 失败，3 未知，4 命令本身没能执行（参数、配置、终端）。\n会改服务器的命令和 attach：0 做完并看到了结果，1 拒绝（什么也没改），2 失败，3 未知或还在进行，4 同上。",
        "Without a command, the console opens.\nExit codes: 0 OK, 1 WARNING, 2 FAILED, 3 UNKNOWN, 4 the command could not work (arguments, configuration, terminal).\nOf commands that change a server, and attach: 0 done and proved, 1 refused (nothing was changed), 2 failed, 3 unknown or still at work, 4 as above."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every(command: &Command, path: &str, see: &mut dyn FnMut(&str, &Command)) {
        let path = format!("{path} {}", command.get_name()).trim_start().to_owned();
        see(&path, command);
        for sub in command.get_subcommands() {
            every(sub, &path, see);
        }
    }

    #[test]
    fn every_command_and_argument_is_explained_in_both_languages() {
        command(Lang::En).debug_assert();
        let mut seen = 0;
        every(&super::super::args::Cli::command(), "", &mut |path, command| {
            let text = about(path);
            assert!(!text.zh.is_empty() && !text.en.is_empty() && text.zh != text.en, "{path}");
            for arg in command.get_arguments() {
                let id = arg.get_id().as_str();
                let text = argument(id).unwrap_or_else(|| panic!("{path}: {id} has no help"));
                assert!(!text.zh.is_empty() && text.zh != text.en, "{path} {id}");
                seen += 1;
            }
        });
        assert!(seen > 8);
    }

    #[test]
    fn chinese_help_has_no_english_words_of_the_library() {
        let mut commands = Vec::new();
        every(&command(Lang::Zh), "", &mut |path, _| commands.push(path.to_owned()));
        for path in commands {
            let mut words: Vec<&str> = path.split(' ').collect();
            words.push("--help");
            let said = command(Lang::Zh).try_get_matches_from(words).unwrap_err().to_string();
            for english in [
                "Usage",
                "Options",
                "Commands",
                "Arguments",
                "Print",
                "possible values",
                "default:",
                "[OPTIONS]",
                "[COMMAND]",
            ] {
                assert!(!said.contains(english), "{path}: {english} in\n{said}");
            }
        }
    }
}
