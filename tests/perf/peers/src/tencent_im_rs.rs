//! The service's public Rust client. It speaks https only, takes its certificates from where OpenSSL does
//! (`SSL_CERT_FILE`), has no deadline, and one of its helpers serves one call at a time: each thread has its own.

mod measure;

use tencent_im_rs::api::v4::recent_contact::del_contact_group::{api_del_contact_group, DelContactGroupRequest};
use tencent_im_rs::api::v4::TencentHelper;

fn main() {
    let run = measure::Run::from_arguments();
    let (place, query) = run.url.split_once("/v4/").expect("a path");
    let host = place.strip_prefix("https://").expect("tencent_im_rs speaks https only");
    let user_sig = query
        .split_once("usersig=")
        .and_then(|(_, rest)| rest.split('&').next())
        .expect("a signature");
    std::env::set_var("SSL_CERT_FILE", &run.ca_file);
    run.measure(|| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime");
        let mut helper = TencentHelper::new(host.into(), 1_400_000_000, "administrator".into(), user_sig.into());
        move || {
            let request = DelContactGroupRequest::new("user_0001", vec!["group_0001"]);
            let answer = runtime
                .block_on(api_del_contact_group(&mut helper, request))
                .expect("an answer");
            assert!(answer.group_item.is_some());
        }
    });
}
