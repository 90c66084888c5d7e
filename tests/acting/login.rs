//! Over a real sshd: a login that is not root is refused before anything is done.
use crate::common::Home;
use crate::fixture::Sshd;

#[test]
fn a_login_that_is_not_root_is_refused() {
    // whoever runs the tests, the commands run as nobody
    let nobody = "ForceCommand if [ $(id -u) = 0 ]; then exec setpriv --reuid=65534 --regid=65534 --clear-groups sh -c \"$SSH_ORIGINAL_COMMAND\"; else exec sh -c \"$SSH_ORIGINAL_COMMAND\"; fi";
    let Some(server) = Sshd::start(&[nobody]) else { return };
    let home = Home::new();
    let hosts = home.put("known_hosts", &server.known_line());
    let text = format!(
        "schema = 1\n[ssh]\nknown_hosts = \"{}\"\n[share]\nhost = \"127.0.0.1\"\nname = \"backup\"\nuser = \"writer\"\n\
         [containers]\nfrontend = \"no-such-container-here\"\n\
         [[environment]]\nkey = \"test\"\nname = \"测试\"\nrole = \"test\"\nhost = \"127.0.0.1\"\nport = {}\nuser = \"{}\"\nidentity_file = \"{}\"\n",
        hosts.display(),
        server.port,
        crate::fixture::user(),
        server.at("id").display(),
    );
    home.put("cwd/environments.toml", &text);
    for flags in ["--dry-run", "--yes"] {
        let ran = home.run(&format!("services restart frontend {flags} --lang en"));
        assert!(
            ran.code == 1 && ran.out.contains("the login is not root"),
            "{flags}: {}{}",
            ran.out,
            ran.err
        );
    }
    assert!(!home.at(".local/state/opsdeck/journal.jsonl").exists(), "nothing was begun");
}
