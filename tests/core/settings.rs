//! The settings' rules: each refusal names the setting and what would be accepted, is remembered, and never shows a secret.

use crate::service::config;
use tencent_chat::error::*;
use tencent_chat::{Client, Config, Error};

fn refused(result: Result<(), Error>, code: i32, words: &str) {
    let error = result.unwrap_err();
    assert_eq!(error.code, code);
    assert!(error.message.contains(words), "{error}");
}

#[test]
fn the_seven_data_centres_have_their_documented_hosts() {
    for (region, host) in [
        ("china", "console.tim.qq.com"),
        ("singapore", "adminapisgp.im.qcloud.com"),
        ("seoul", "adminapikr.im.qcloud.com"),
        ("tokyo", "adminapijpn.im.qcloud.com"),
        ("frankfurt", "adminapiger.im.qcloud.com"),
        ("silicon_valley", "adminapiusa.im.qcloud.com"),
        ("jakarta", "adminapiidn.im.qcloud.com"),
        ("riyadh", "adminapiksa.im.qcloud.com"),
    ] {
        let mut config = Config::default();
        config.set_region(region).unwrap();
        config.set_sdk_app_id(1).unwrap();
        config.set_identifier("a").unwrap();
        config.set_secret_key("k").unwrap();
        let client = Client::new(&config).unwrap();
        assert!(format!("{client:?}").contains(&format!("https: true, host: {host:?}, port: 443")));
    }
}

#[test]
fn an_unknown_region_is_refused_with_the_list_and_without_a_guess() {
    let mut config = Config::default();
    for name in ["", "Singapore", "mumbai", "Riyadh"] {
        refused(
            config.set_region(name),
            CHAT_ERR_INVALID_ARGUMENT,
            "one of china, singapore, seoul, tokyo, frankfurt, silicon_valley, jakarta, riyadh",
        );
    }
}

#[test]
fn a_base_url_is_scheme_host_and_port_and_nothing_else() {
    let mut config = Config::default();
    for url in [
        "https://h",
        "https://h/",
        "https://h:8443",
        "http://localhost:1",
        "https://[::1]:9",
        "https://10.0.0.1",
    ] {
        config.set_base_url(url).unwrap();
    }
    for url in [
        "",
        "h",
        "h:443",
        "ftp://h",
        "https://",
        "https://h/v4",
        "https://h?x",
        "https://h#x",
        "https://u:p@h",
        "https://h:0",
        "https://h:99999",
        "https://h:",
        "https://h h",
        "//h",
    ] {
        assert_eq!(
            config.set_base_url(url).unwrap_err().code,
            CHAT_ERR_INVALID_ARGUMENT,
            "{url}"
        );
    }
}

#[test]
fn plain_http_beyond_loopback_needs_the_setting_named_for_its_danger() {
    for url in [
        "http://localhost:1",
        "http://127.0.0.1:1",
        "http://127.9.9.9:1",
        "http://[::1]:1",
    ] {
        Client::new(&config(url)).unwrap();
    }
    for url in [
        "http://10.0.0.1",
        "http://localhost.example.com",
        "http://127.0.0.1.example.com",
    ] {
        let mut config = config(url);
        let error = Client::new(&config).unwrap_err();
        assert!(
            error.code == CHAT_ERR_CONFIG && error.message.contains("allow_insecure_http"),
            "{error}"
        );
        config.set_allow_insecure_http(true).unwrap();
        Client::new(&config).unwrap();
    }
}

#[test]
fn what_is_missing_or_contradicts_is_named() {
    let complain = |change: &dyn Fn(&mut Config), words: &str| {
        let mut config = Config::default();
        change(&mut config);
        let error = Client::new(&config).unwrap_err();
        assert!(
            error.code == CHAT_ERR_CONFIG && error.message.contains(words),
            "{error}"
        );
    };
    complain(&|_| {}, "region or base_url is missing");
    complain(&|c| c.set_region("seoul").unwrap(), "secret_key or user_sig is missing");
    let key = |c: &mut Config| {
        c.set_region("seoul").unwrap();
        c.set_secret_key("k").unwrap();
    };
    complain(&|c| key(c), "sdk_app_id is missing");
    complain(
        &|c| {
            key(c);
            c.set_sdk_app_id(1).unwrap();
        },
        "identifier is missing",
    );
    complain(
        &|c| {
            key(c);
            c.set_user_sig("eJx").unwrap();
        },
        "both set",
    );
    complain(
        &|c| {
            key(c);
            c.set_base_url("https://h").unwrap();
        },
        "both set",
    );
}

#[test]
fn each_setter_refuses_what_breaks_its_rule_by_name() {
    let mut c = Config::default();
    refused(c.set_sdk_app_id(0), CHAT_ERR_INVALID_ARGUMENT, "sdk_app_id: 0");
    refused(c.set_identifier(""), CHAT_ERR_INVALID_ARGUMENT, "identifier: empty");
    refused(
        c.set_identifier(&"a".repeat(33)),
        CHAT_ERR_INVALID_ARGUMENT,
        "identifier: 33 bytes",
    );
    refused(c.set_identifier("é"), CHAT_ERR_INVALID_ARGUMENT, "printable ASCII");
    refused(c.set_identifier("a\n"), CHAT_ERR_INVALID_ARGUMENT, "printable ASCII");
    refused(c.set_timeout_ms(0), CHAT_ERR_INVALID_ARGUMENT, "timeout_ms: 0");
    for longest in [
        c.set_timeout_ms(u32::MAX),
        c.set_attempt_timeout_ms(u32::MAX),
        c.set_connect_timeout_ms(u32::MAX),
    ] {
        longest.unwrap();
    }
    refused(
        c.set_connect_timeout_ms(0),
        CHAT_ERR_INVALID_ARGUMENT,
        "connect_timeout_ms: 0",
    );
    refused(
        c.set_max_connections(0),
        CHAT_ERR_INVALID_ARGUMENT,
        "max_connections: 0",
    );
    refused(
        c.set_max_connections(10_001),
        CHAT_ERR_INVALID_ARGUMENT,
        "max_connections: 10001",
    );
    refused(
        c.set_user_sig_lifetime_s(59),
        CHAT_ERR_INVALID_ARGUMENT,
        "user_sig_lifetime_s: 59",
    );
    refused(
        c.set_user_sig_lifetime_s(1_576_800_001),
        CHAT_ERR_INVALID_ARGUMENT,
        "50 years",
    );
    refused(c.set_user_agent("a\r\nX: y"), CHAT_ERR_INVALID_ARGUMENT, "user_agent");
    refused(
        c.set_user_agent(&"a".repeat(257)),
        CHAT_ERR_INVALID_ARGUMENT,
        "user_agent",
    );
    refused(c.set_ca_file(""), CHAT_ERR_INVALID_ARGUMENT, "ca_file");
    refused(c.add_ca_file(""), CHAT_ERR_INVALID_ARGUMENT, "add_ca_file");
    refused(c.set_secret_key(""), CHAT_ERR_INVALID_ARGUMENT, "secret_key");
    refused(c.set_secret_key("canary key"), CHAT_ERR_INVALID_ARGUMENT, "secret_key");
    refused(c.set_user_sig("canary&random=1"), CHAT_ERR_INVALID_ARGUMENT, "user_sig");
}

#[test]
fn a_refusal_is_remembered_until_the_same_setting_is_made_good() {
    let mut config = config("https://h");
    assert!(config.set("timeout_ms", |c| c.set_timeout_ms(0)).is_err());
    config.set("max_connections", |c| c.set_max_connections(3)).unwrap();
    let error = Client::new(&config).unwrap_err();
    assert_eq!(
        (error.code, error.message.starts_with("timeout_ms: 0")),
        (CHAT_ERR_INVALID_ARGUMENT, true),
        "{error}"
    );
    config.set("timeout_ms", |c| c.set_timeout_ms(1)).unwrap();
    Client::new(&config).unwrap();
}

#[test]
fn debug_and_errors_show_no_secret() {
    let key = "canary-key-0123456789";
    let mut with_key = config("https://h");
    with_key.set_secret_key(key).unwrap();
    with_key
        .set_proxy(Some("http://canary-user:canary-password@h:1"))
        .unwrap();
    let mut refused = with_key.clone();
    let refusals: Vec<String> = [
        refused.set_secret_key("canary key"),
        refused.set_user_sig("canary&"),
        refused.set_proxy(Some("http://canary:canary@h:0")),
        refused.set_base_url("https://canary:canary@h"),
    ]
    .into_iter()
    .map(|result| result.unwrap_err().to_string())
    .collect();
    let shown = format!("{with_key:?} {:?} {refusals:?}", Client::new(&with_key).unwrap());
    assert!(!shown.contains("canary"), "{shown}");
}
