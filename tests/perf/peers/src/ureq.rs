//! ureq as it comes, with a deadline: what the library would be without its own transport. One agent for all threads.

mod measure;

use std::time::Duration;

use ureq::tls::{Certificate, RootCerts, TlsConfig};

fn main() {
    let run = measure::Run::from_arguments();
    let mut config = ureq::Agent::config_builder().timeout_global(Some(Duration::from_secs(10)));
    if !run.ca_file.is_empty() {
        let pem = std::fs::read(&run.ca_file).expect("the CA file");
        let roots = RootCerts::from(vec![Certificate::from_pem(&pem).expect("a certificate")]);
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    let agent: ureq::Agent = config.build().into();
    run.measure(|| {
        let (agent, mut next) = (agent.clone(), 1_000_000_000_u32);
        let url = run.url.clone();
        move || {
            next += 1;
            let mut answer = agent
                .post(format!("{url}{next}"))
                .header("content-type", "application/json")
                .send(measure::BODY)
                .expect("an answer");
            assert!(answer.body_mut().read_to_string().expect("a body").contains("OK"));
        }
    });
}
