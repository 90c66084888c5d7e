use super::*;
use proptest::prelude::*;
use serde_json::json;

const PLANTED: &str = "Zq9planted";

thread_local! {
    /// The rules take longer to build than to use.
    static FRESH: Redactor = fresh();
}

fn redactor() -> Redactor {
    FRESH.with(Clone::clone)
}

fn fresh() -> Redactor {
    let names = ["rag-57.corp.example", "192.0.2.57", "FILES", "win72"].map(str::to_owned).to_vec();
    let secrets = vec![SecretString::from("kn own,Secret'7")];
    Redactor::new(Given { secrets, names, raw_addresses: false }).unwrap()
}

fn shown(text: &str) -> String {
    redactor().text(text)
}

/// Texts with the secret in them, in the forms in which servers and tools write one.
fn planted() -> Vec<String> {
    let s = PLANTED;
    let pem = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7".replace("MIIE", s);
    [
        format!("password={s}"),
        format!("Password: {s}"),
        format!("username=u\npassword={s} with blanks, {s}\ndomain=D"),
        format!("//192.0.2.72/backup /mnt/replica cifs rw,username=u,password={s},vers=3.0 0 0"),
        format!("//192.0.2.72/backup /mnt/replica cifs rw,username=u,password={s},,{s},vers=3.0 0 0"),
        format!("mount -o user=u%{s},rw //h/s /mnt"),
        format!("mount -o \"username=u,password={s}\" done"),
        format!("2026-01-31 04:00:00 INFO config {{'smtp_password': '{s}', 'user': 'x'}}"),
        format!("{{\"password\":\"{s}\\\"{s}\"}}"),
        format!("msg=\"{{\\\"password\\\":\\\"{s}\\\",\\\"n\\\":1}}\""),
        format!("MYSQL_ROOT_PASSWORD={s} redis"),
        format!("export API_KEY='{s}'"),
        format!("apiKey => {s}"),
        format!("X-Api-Key: {s}"),
        format!("Authorization: Bearer {s}"),
        format!("authorization: Basic {s}=="),
        format!("Authorization: Digest username=\"u\", response=\"{s}\""),
        format!("curl -H 'Authorization: Bearer {s}' http://h/"),
        format!("Cookie: sid={s}; other={s}"),
        format!("GET /api?access_token={s}&page=1 HTTP/1.1"),
        format!("POST /cgi-bin/webhook/send?key={s} HTTP/1.1"),
        format!("https://open.example.cn/open-apis/bot/v2/hook/{s}"),
        format!("https://hooks.slack.com/services/T0000/B0000/{s}"),
        format!("https://user:{s}@h.example/x"),
        format!("redis://:{s}@redis:6379/0"),
        format!("https://user:{s}/{s}@{s}@h.example/x"),
        format!("https://{s}{s}@h.example/x.git"),
        format!("mysql -uroot -p{s} rag_flow"),
        format!("mysqldump --password={s} x"),
        format!("tool --token {s} run"),
        format!("sshpass -p {s} ssh h"),
        format!("curl -s -u admin:{s} http://h/"),
        format!("redis-cli -a {s} ping"),
        format!("ALTER USER 'root' IDENTIFIED BY '{s}';"),
        format!("ALTER ROLE x PASSWORD '{s}';"),
        format!("SET PASSWORD = PASSWORD('{s}')"),
        format!("machine h login u password {s}"),
        format!("requirepass {s}"),
        format!("密码：{s}"),
        format!("数据库密码={s}"),
        format!("口令是 {s}"),
        format!("the password is {s}."),
        format!("Password for root: {s}"),
        format!("root:$6$saltsalt${s}{s}:19000:0:99999:7:::"),
        format!("-----BEGIN RSA PRIVATE KEY-----\n{pem}\n{s}==\n-----END RSA PRIVATE KEY-----\nafter"),
        format!(
            "04:00 -----BEGIN PRIVATE KEY-----\n04:00 {pem}\n04:00 INFO healthy.\n04:00 {s}=\n04:00 -----END PRIVATE KEY-----"
        ),
        format!("INFO cut.\n{s}AbC\n{s}==\n-----END PRIVATE KEY-----"),
        format!("key: -----BEGIN PRIVATE KEY-----\\n{pem}\\n-----END PRIVATE KEY-----\\n"),
        format!("-----BEGIN OPENSSH PRIVATE KEY-----\n{pem}\n{s}"),
        format!("token ghp_{s}{s}{s} used"),
        format!("xoxb-{s}-{s}"),
        format!("ragflow-{s}{s}{s}"),
        format!("eyJhbGciOi{s}.eyJzdWIi{s}.{s}"),
        format!("aws {s}ABCdef123/xyz+789QWErty456UIOpas012 x"),
        format!("PGPASSWORD={s} psql"),
        format!("openssl -passin pass:{s} x"),
        format!("client_secret={s}&x=1"),
        format!("auth={s}"),
    ]
    .to_vec()
}

#[test]
fn no_planted_secret_is_left_in_any_form() {
    for text in planted() {
        let out = shown(&text);
        assert!(!out.contains(PLANTED), "{text}\n{out}");
        assert!(out.contains(MASK), "{text}\n{out}");
        // nor as a text of a document, nor as one in a list of lines
        let lines: Vec<&str> = text.lines().collect();
        let value = redactor().json(&json!({"a": [text], "b": {"c": lines}, "password": text})).to_string();
        assert!(!value.contains(PLANTED), "{text}\n{value}");
    }
}

#[test]
fn a_secret_in_memory_is_found_however_it_is_written() {
    for text in [
        "x kn own,Secret'7 y",
        "kn%20own%2CSecret%277",
        "kn own,,Secret'7",
        "'kn own,Secret'\\''7'",
        "kn kn own,Secret'7own,Secret'7",
    ] {
        let out = shown(text);
        assert!(!out.contains("Secret") || text.starts_with("kn kn"), "{text}: {out}");
        assert!(out.contains(MASK), "{text}");
    }
    let mut short = Redactor::new(Given { secrets: vec!["ab".into()], ..Given::default() }).unwrap();
    assert_eq!(short.text("ab tab ab,"), "****** tab ******,");
    let mut word = Redactor::new(Given { secrets: vec!["demo".into()], ..Given::default() }).unwrap();
    assert_eq!(word.text("demo-prod /demo/ 'demo' demonstration"), "demo-prod /demo/ '******' demonstration");
    let mut mixed = Redactor::new(Given { secrets: vec!["x9Kq".into()], ..Given::default() }).unwrap();
    assert_eq!(mixed.text("ax9Kqb"), "a******b");
    let mut stars = Redactor::new(Given { secrets: vec!["**".into()], ..Given::default() }).unwrap();
    assert_eq!(stars.text("a ******"), "a ******");
}

#[test]
fn what_looks_alike_and_is_none_stays() {
    for text in [
        "/mnt/replica/RagflowAuth/migration_pack_20260201_065114_655",
        "migration_pack_20260201_065114_655_full",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08",
        "Accepted publickey for root ssh2: ED25519 SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDZbjyoFFUCvPlCs3o",
        "2026-01-31T04:00:00.123456789+08:00 INFO Started incremental backup job #422",
        "ERROR [Backup] job=422 failed: volume 备份失败 ragflow_compose_minio_data",
        "INFO:     127.0.0.1:43180 - \"GET /health HTTP/1.1\" 200 OK",
        "/opt/ragflowauth/ragflow_compose/docker-compose.yml",
        "/var/lib/docker/volumes/ragflow_compose_esdata01/_data/nodes/0/indices",
        "credentials=/root/.smbcredentials,iocharset=utf8",
        "credentials_file = \"/root/.smbcredentials\"",
        "opsdeck 0.1.0, OpenSSH_9.2p1, OpenSSL 3.0.15, kernel 4.18.0-305.25.1.el8_4.x86_64, Docker 20.10.7, v1.2.3.4",
        "1.3.6.1.4.1.311",
        "2026-02-01 04:01:24 WARNING [Auth] 用户 12 密码错误",
        "max_tokens=512 total_tokens: 7 bypass=1 passed: 3 password_file=/x/y",
        "user@1000.service getty@tty1.service: Deactivated successfully",
        "8f14e45f-ceea-467a-9575-2f1d3c5b6a7d 5e0c7f1a9d2b4c6e8f10a3b5c7d9e1f2",
        "255.255.255.0 0.0.0.0 ::1 :: std::mem::take opsdeck::core 12:34:56",
        "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
        "the password is wrong; password authentication failed for user",
        "secret = { file = \"/s\" }",
        "PWD=/root TERM=xterm key = \"prod\"",
        "/mnt/replica/RagflowAuth is there, RagflowAuth: ok, [Auth] 用户 12, /opt/ragflowauth/data/auth.db: ok",
        "100% 备份完成 3.7 GiB 12 ms",
    ] {
        assert_eq!(shown(text), text);
    }
}

#[test]
fn what_stands_around_a_secret_stays() {
    for (text, expected) in [
        ("cifs rw,username=u,password=x,vers=3.0 0 0", "cifs rw,username=u,password=******,vers=3.0 0 0"),
        ("cifs password=***,rw,soft 0 0", "cifs password=***,rw,soft 0 0"),
        ("https://u:p@h/x?token=a&page=2", "https://u:******@h/x?token=******&page=2"),
        ("{'password': 'p', 'user': 'x'}", "{'password': '******', 'user': 'x'}"),
        ("(password=p) next", "(password=******) next"),
        ("密码：p，请修改", "密码：******，请修改"),
        ("mail lin@example.com and Lin@Example.com, wu@example.com", "mail email-1 and email-1, email-2"),
    ] {
        assert_eq!(shown(text), expected);
    }
}

#[test]
fn addresses_are_told_apart_by_placeholders_that_stay() {
    let mut r = redactor();
    // the configuration's own come first
    assert_eq!(r.text("192.0.2.57 Rag-57.corp.example //files/backup"), "addr-2 addr-1 //addr-3/backup");
    for (text, expected) in [
        ("10.0.0.1:445 -> 10.0.0.2, again 10.0.0.1.", "addr-5:445 -> addr-6, again addr-5."),
        ("fe80::5054:ff:fe12:3456%eth0 and [2001:db8::1]:22", "addr-7%eth0 and [addr-8]:22"),
        ("2001:0db8:0::1 ::ffff:10.0.0.1 port:2001:db8::1", "addr-8 addr-9 port:addr-8"),
        ("52:54:00:AB:cd:ef 52-54-00-ab-cd-ef", "addr-10 addr-10"),
        (
            "\\n10.0.0.1端口 //10.0.0.1/s ip_10.0.0.1 10.0.0.1.445",
            "\\naddr-5端口 //addr-5/s ip_addr-5 addr-5.445",
        ),
        ("1.0.0.10.in-addr.arpa root@10.0.0.2", "addr-11.in-addr.arpa root@addr-6"),
        ("win72 WIN72: win72-old profiles win721", "addr-4 addr-4: win72-old profiles win721"),
    ] {
        assert_eq!(r.text(text), expected);
    }
    let given = Given { raw_addresses: true, names: vec!["win72".into()], ..Given::default() };
    let mut raw = Redactor::new(given).unwrap();
    assert_eq!(raw.text("win72 10.0.0.1 a@b.cn password=x"), "win72 10.0.0.1 email-1 password=******");
}

#[test]
fn a_document_stays_one_and_secret_names_hide_what_is_under_them() {
    let value = json!({"smtp_password": "x", "n": 7, "token": 5, "secret": {"a": ["b", null, true]}, "password": "", "credentials": {"mode": "0600", "bytes": 54, "text": "x"}, "auth.db": {"bytes": 7},
        "10.0.0.1": "at 10.0.0.1", "credentials_file": "/root/.smbcredentials"});
    let mut r = redactor();
    assert_eq!(
        r.json(&value),
        json!({"smtp_password": "******", "n": 7, "token": "******", "secret": {"a": ["******", null, true]},
            "password": "", "credentials": {"mode": "0600", "bytes": 54, "text": "******"}, "auth.db": {"bytes": 7},
            "addr-5": "at addr-5", "credentials_file": "/root/.smbcredentials"})
    );
    let counts = r.take_counts();
    assert_eq!((counts.get(&Rule::Value), counts.get(&Rule::Address)), (Some(&4), Some(&2)));
    assert!(r.take_counts().is_empty());
    assert_eq!(
        r.json_lines("{\"password\":\"x\"}\npassword=x\n"),
        "{\"password\":\"******\"}\npassword=******\n"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn redacting_twice_changes_nothing_and_texts_grow_by_no_more_than_a_factor(text in hostile()) {
        let mut r = redactor();
        let once = r.text(&text);
        prop_assert_eq!(r.text(&once), once.clone());
        prop_assert!(once.len() <= 8 * text.len(), "{} of {}", once.len(), text.len());
    }

    #[test]
    fn a_planted_secret_is_gone_whatever_stands_around_it(n in any::<prop::sample::Index>(), before in "[a-z 0-9:.]{0,20} ", after in "( [a-z 0-9:.,=]{0,20})?") {
        let all = planted();
        let text = format!("{before}\n{}{after}", all[n.index(all.len())]);
        let out = shown(&text);
        prop_assert!(!out.contains(PLANTED), "{}\n{}", text, out);
    }

    #[test]
    fn a_document_redacted_twice_is_the_same(text in hostile()) {
        let mut r = redactor();
        let once = r.json(&json!({"a": [text], "password": text}));
        prop_assert_eq!(r.json(&once), once.clone());
    }
}

/// Any text, and texts made of what the rules look for.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "password",
        "=",
        ":",
        " ",
        "\"",
        "'",
        "\\",
        ",",
        ",,",
        "&",
        ";",
        "token",
        "******",
        "***",
        "addr-1",
        "email-1",
        "@",
        "a.cn",
        "://",
        "10.0.0.1",
        "fe80::1",
        "::",
        ":",
        "aa:bb:cc:dd:ee:ff",
        "-----BEGIN X KEY-----",
        "-----END X KEY-----",
        "\n",
        "QUJD",
        "密码",
        "：",
        "是",
        "win72",
        "kn own,Secret'7",
        "mysql -p",
        "Bearer ",
        "u%",
        "user=",
        "x",
        "|",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "-",
        ".",
        "1",
        "*",
        "Aa1",
        "is ",
        "--pass",
        "eyJ",
        "$6$",
        "?key=",
    ]);
    prop_oneof![
        ".{0,60}",
        prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat()),
        prop::collection::vec(prop::sample::select(planted()), 1..3).prop_map(|parts| parts.join(" ")),
    ]
}
