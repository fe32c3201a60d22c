//! A server behind nginx, by the site that is shipped: encrypted, and with streams that are not kept back.

use std::path::Path;
use std::process::{Command, Stdio};

use ledger_testkit::engines::Nginx;
use serde_json::json;

use crate::serve::{Server, TOKEN};
use crate::support::{Done, Shell, drafts, lines, text};

const SITE: &str = include_str!("../../../ledger-server/deploy/nginx.conf");

/// Returns the site that is shipped, but for what each machine has to put there itself.
fn site(server: &Server, port: u16, folder: &Path) -> String {
    let folder = text(folder);
    let mut site = SITE.to_owned();
    for (shipped, here) in [
        ("listen 443 ssl", format!("listen 127.0.0.1:{port} ssl")),
        ("server_name ledger.example", "server_name localhost".to_owned()),
        ("/etc/ssl/ledger.example.pem", format!("{folder}/site.pem")),
        ("/etc/ssl/ledger.example.key", format!("{folder}/site.key")),
        ("http://127.0.0.1:7070", format!("http://{}", server.address())),
    ] {
        assert!(site.contains(shipped), "{shipped}");
        site = site.replace(shipped, &here);
    }
    site
}

#[test]
fn a_server_behind_a_proxy_is_a_ledger_to_those_who_trust_its_certificate() {
    let shell = Shell::new();
    let server = Server::start(&shell, Some(TOKEN));
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (pem, key) = (certified.cert.pem(), certified.signing_key.serialize_pem());
    let nginx = Nginx::start(&[("site.pem", &pem), ("site.key", &key)], |port, folder| site(&server, port, folder));
    let nginx = nginx.unwrap();
    shell.file("trusted.pem", &pem);
    let trusted = shell.path("trusted.pem");
    let reach = |host: &str, args: &[&str]| -> Command {
        let url = format!("https://{host}:{}?timeout_ms=5000", nginx.port());
        let mut command = shell.command(&[args, &["--url", &url]].concat());
        command.env("SSL_CERT_FILE", &trusted).env("LEDGER_API_TOKEN", TOKEN);
        command
    };
    let run = |args: &[&str]| -> Done { reach("localhost", args).output().unwrap().into() };

    let receipt = run(&["append", "--json", "--kind", "a.b", "--id", "x"]).exits(0).json().remove(0);
    assert_eq!(receipt, json!({"offset": 1, "id": "x", "status": "new"}));
    shell.file("events.jsonl", drafts(1, 30_000));
    run(&["import", "events.jsonl"]).exits(0);
    assert_eq!(run(&["export"]).exits(0).stdout, shell.ok(&["export"]));
    run(&["verify", "sqlite:ledger.db"]).exits(0);
    // A batch of nearly as many bytes as there may be.
    let large: String = (0..8)
        .map(|n| format!("{{\"id\":\"l-{n}\",\"kind\":\"a.b\",\"payload\":\"{}\"}}\n", "x".repeat(1_000_000)))
        .collect();
    shell.file("large.jsonl", large);
    run(&["import", "large.jsonl"]).exits(0);

    // What is heard live has come through a stream, and not by asking again and again.
    let mut follower = reach("localhost", &["tail", "--follow", "--json", "--after", "30009", "--limit", "2"]);
    let mut follower = follower.stdout(Stdio::piped()).spawn().unwrap();
    let mut heard = lines(&mut follower);
    for id in ["first", "second"] {
        shell.append(&["--id", id]);
        assert!(heard.next().unwrap().unwrap().contains(id));
    }
    assert!(follower.wait().unwrap().success());

    let stranger: Done = reach("localhost", &["head"]).env_remove("SSL_CERT_FILE").output().unwrap().into();
    stranger.exits(1).says("is its certificate valid");
    let misnamed: Done = reach("127.0.0.1", &["head"]).output().unwrap().into();
    misnamed.exits(1).says("is its certificate valid");
    let plain: Done = shell.run(&["head", "--url", &format!("http://localhost:{}", nginx.port())]);
    plain.exits(1).says("answered 400");
    let unknown: Done =
        reach("localhost", &["head"]).env("LEDGER_API_TOKEN", "another-token-of-some-length").output().unwrap().into();
    unknown.exits(1).says("does not know the token");
}
