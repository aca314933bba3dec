//! The settings' rules: each refusal names the setting and what would be accepted, is remembered, and never shows a secret.

use crate::service::config;
use tencent_chat::error::*;
use tencent_chat::{Client, Config};

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
