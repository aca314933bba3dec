//! No environment variable changes a call. A test program of its own, because it changes its own environment.

mod service;

use service::{delete, Service};
use tencent_chat::error::CHAT_SERVICE_GROUP_NOT_FOUND;

#[test]
fn proxy_and_certificate_variables_are_ignored() {
    for name in [
        "ALL_PROXY",
        "HTTPS_PROXY",
        "HTTP_PROXY",
        "all_proxy",
        "https_proxy",
        "http_proxy",
    ] {
        std::env::set_var(name, "http://127.0.0.1:1");
    }
    for name in ["SSL_CERT_FILE", "SSL_CERT_DIR"] {
        std::env::set_var(name, "absent");
    }
    let service = Service::start();
    assert_eq!(delete(&service.client(), "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
    assert_eq!(delete(&service.tls_client(), "g").code(), CHAT_SERVICE_GROUP_NOT_FOUND);
}
