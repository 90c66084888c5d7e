//! The real binary: which configuration it takes, what it says about it, and that no secret gets out of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
mod common;
use common::{GOOD, Home, PLANTED, Ran, mode};
use std::path::Path;

#[test]
fn the_configuration_is_looked_for_in_order() {
    let home = Home::new();
    let option = home.put("option.toml", GOOD);
    let variable = home.put("variable.toml", GOOD);
    let cwd = home.put("cwd/environments.toml", GOOD);
    let settings = home.put(".config/opsdeck/environments.toml", GOOD);
    let other = home.put("xdg/opsdeck/environments.toml", GOOD);
    let path = |line: &str, variables: &[(&str, &Path)]| {
        let ran = Ran::of(home.command(line).envs(variables.iter().copied()).output().unwrap());
        assert_eq!(ran.code, 0, "{}", ran.err);
        std::fs::canonicalize(ran.out.trim_end()).unwrap()
    };
    let real = |path: &Path| std::fs::canonicalize(path).unwrap();
    let with_variable: &[(&str, &Path)] = &[("OPSDECK_CONFIG", &variable)];
    for line in ["--config ../option.toml config path", "config path --config ../option.toml"] {
        assert_eq!(path(line, with_variable), real(&option));
    }
    assert_eq!(path("config path", with_variable), real(&variable));
    assert_eq!(path("config path", &[("OPSDECK_CONFIG", Path::new(""))]), real(&cwd));
    std::fs::remove_file(&cwd).unwrap();
    assert_eq!(path("config path", &[]), real(&settings));
    assert_eq!(path("config path", &[("XDG_CONFIG_HOME", &home.at("xdg"))]), real(&other));
    // a relative folder does not count (XDG base directory specification)
    assert_eq!(path("config path", &[("XDG_CONFIG_HOME", Path::new("../xdg"))]), real(&settings));
    std::fs::remove_file(&settings).unwrap();
    let ran = home.run("config path");
    assert!(
        ran.code == 4 && ran.err.contains("cwd/environments.toml") && ran.err.contains(".config/opsdeck"),
        "{}",
        ran.err
    );
    // what was named is not replaced by another
    home.put("cwd/environments.toml", GOOD);
    let ran = home.run("config check --config ../no-such-file");
    assert!(ran.code == 4 && ran.err.contains("没有这个文件"), "{}", ran.err);
}

#[test]
fn config_check_says_good_warning_or_refused() {
    let home = Home::new();
    let file = home.put("cwd/environments.toml", GOOD);
    let ran = home.run("config check");
    assert!(ran.code == 0 && ran.out.starts_with("正常 "), "{}{}", ran.out, ran.err);
    mode(&file, 0o664);
    let ran = home.run("config check");
    assert!(ran.code == 1 && ran.out.contains("chmod g-w"), "{}{}", ran.out, ran.err);
    mode(&file, 0o666);
    let ran = home.run("config check");
    assert!(ran.code == 4 && ran.err.contains("chmod go-w"), "{}", ran.err);
    mode(&file, 0o644);
    std::fs::write(&file, GOOD.replace("role", "rloe")).unwrap();
    let ran = home.run("config check");
    assert!(ran.code == 4 && ran.err.contains("environments.toml:10:1: 不认识的键 rloe"), "{}", ran.err);
}

#[test]
fn what_is_no_file_of_ours_is_told_apart() {
    let home = Home::new();
    let cases = [("folder", "目录"), ("pipe", "普通文件"), ("large", "1 MiB"), ("empty", "空的")];
    std::fs::create_dir(home.at("cwd/folder")).unwrap();
    rustix::fs::mknodat(rustix::fs::CWD, home.at("cwd/pipe"), rustix::fs::FileType::Fifo, 0o600.into(), 0)
        .unwrap();
    home.put("cwd/large", &"#\n".repeat(600_000));
    home.put("cwd/empty", "");
    for (name, expected) in cases {
        let ran = home.run(&format!("config check --config {name}"));
        assert!(
            ran.code == 4 && ran.err.contains(expected) && ran.err.contains("办法："),
            "{name}: {}",
            ran.err
        );
    }
}

#[test]
fn config_show_gives_every_value_and_no_secret() {
    let home = Home::new();
    home.put("cwd/environments.toml", &GOOD.replace("{ prompt = true }", "{ env = \"SHARE_PASSWORD\" }"));
    let ran = Ran::of(home.command("config show").env("SHARE_PASSWORD", PLANTED).output().unwrap());
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.out.contains("secret = { env = \"SHARE_PASSWORD\" }") && ran.out.contains("share_answer_s = 3")
    );
    assert!(!ran.out.contains(PLANTED));
}

#[test]
fn a_planted_secret_is_found_nowhere_after_every_command() {
    let home = Home::new();
    let planted = format!("{GOOD}\n[smb]\npassword = \"{PLANTED}\"\n");
    home.put("cwd/environments.toml", &GOOD.replace("{ prompt = true }", "{ env = \"SHARE_PASSWORD\" }"));
    let secret = home.put("share.secret", &format!("{PLANTED}\nsecond line\n"));
    mode(&secret, 0o600);
    let from_file = GOOD.replace("{ prompt = true }", "{ file = \"~/share.secret\" }");
    let by_command = GOOD.replace("{ prompt = true }", &format!("{{ command = [\"echo\", \"{PLANTED}\"] }}"));
    let mut all = String::new();
    for (name, text) in [("planted", &planted), ("file", &from_file), ("command", &by_command)] {
        home.put(&format!("in/{name}.toml"), text);
    }
    for config in ["environments.toml", "../in/planted.toml", "../in/file.toml", "../in/command.toml"] {
        for line in
            ["config check", "config show", "config path", "doctor", "doctor --format json", "log path"]
        {
            let mut command = home.command(&format!("{line} --config {config}"));
            command.env("SHARE_PASSWORD", PLANTED).env("OPSDECK_LOG", "trace");
            let ran = Ran::of(command.output().unwrap());
            all.push_str(&format!("{}{}", ran.out, ran.err));
        }
    }
    let log = home.run("log path").out;
    all.push_str(&std::fs::read_to_string(log.trim_end()).unwrap());
    assert!(all.contains("密码绝不能写在这个文件里") && all.len() > 10_000);
    assert!(!all.contains(PLANTED));
}
