//! The second host of a data centre: turned to when no connection to the first can be made, and only then.

use crate::service;
use crate::service::{assert_code, config, delete, once, ClosedPort, Service};
use tencent_chat::error::*;
use tencent_chat::{Client, Config};

#[test]
fn a_certificate_that_does_not_fit_leads_to_the_standby_too() {
    let (hijacked, service) = (Service::start(), Service::start());
    let mut config = config(hijacked.emulator.tls_url());
    config
        .set_ca_file(service.emulator.ca_file().to_str().unwrap())
        .unwrap();
    config.set_standby_url(service.emulator.tls_url()).unwrap();
    let response = delete(&Client::new(&config).unwrap(), "g");
    assert_code(&response, CHAT_SERVICE_GROUP_NOT_FOUND);
    assert_eq!((response.attempts(), hijacked.emulator.requests_total()), (2, 0));
}

#[test]
fn a_standby_that_fails_leads_back_to_the_first() {
    let (service, closed) = (Service::start(), ClosedPort::new());
    let mut config = service.config();
    config.set_standby_url(&closed.url).unwrap();
    let client = Client::new(&config).unwrap();
    assert_code(&delete(&client, "g"), CHAT_SERVICE_GROUP_NOT_FOUND);
    assert_eq!(client.stats().get("standby_attempts"), 0, "the first host answers");
    let mut none = config;
    let other = ClosedPort::new();
    none.set_base_url(&other.url).unwrap();
    let response = delete(&Client::new(&none).unwrap(), "g");
    assert_code(&response, CHAT_ERR_TRANSPORT);
    let hosts: Vec<bool> = response
        .trace()
        .split("},{")
        .map(|attempt| attempt.contains("standby"))
        .collect();
    assert_eq!(hosts, [false, true, false]);
}

#[test]
fn a_call_that_may_be_tried_once_does_not_turn_to_the_standby() {
    let (service, closed) = (Service::start(), ClosedPort::new());
    let mut config = config(&closed.url);
    config.set_standby_url(service.emulator.url()).unwrap();
    let client = Client::new(&config).unwrap();
    assert_code(&service::delete_with(&client, "g", &once()), CHAT_ERR_TRANSPORT);
    assert_eq!(service.emulator.requests_total(), 0);
    assert_code(
        &service::delete_with(&client, "g", &once()),
        CHAT_SERVICE_GROUP_NOT_FOUND,
    );
}

#[test]
fn a_regions_standby_is_its_second_documented_host() {
    let complete = |set: &dyn Fn(&mut Config)| {
        let mut config = Config::default();
        config.set_sdk_app_id(1).unwrap();
        config.set_identifier("administrator").unwrap();
        config.set_secret_key("key").unwrap();
        set(&mut config);
        let client = Client::new(&config).map_err(|error| error.message)?;
        Ok::<_, String>(format!("{client:?}"))
    };
    let region = |name: &'static str| {
        move |config: &mut Config| {
            config.set_region(name).unwrap();
            config.set_use_standby(true).unwrap();
        }
    };
    for (name, standby) in [
        ("china", "adminapi.my-imcloud.com"),
        ("singapore", "adminapisgp.my-imcloud.com"),
        ("seoul", "adminapikr.my-imcloud.com"),
        ("frankfurt", "adminapiger.my-imcloud.com"),
        ("silicon_valley", "adminapiusa.my-imcloud.com"),
        ("jakarta", "adminapiidn.my-imcloud.com"),
        ("tokyo", "adminapijpn.my-imcloud.com"),
    ] {
        let documented = format!("https: true, host: {standby:?}, port: 443");
        assert!(complete(&region(name)).unwrap().contains(&documented), "{name}");
    }
}
