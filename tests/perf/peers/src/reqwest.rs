//! reqwest's blocking client as it comes, with a deadline. One client for all threads.

mod measure;

use std::time::Duration;

fn main() {
    let run = measure::Run::from_arguments();
    let mut builder = reqwest::blocking::Client::builder().timeout(Duration::from_secs(10));
    if !run.ca_file.is_empty() {
        let pem = std::fs::read(&run.ca_file).expect("the CA file");
        builder = builder.add_root_certificate(reqwest::Certificate::from_pem(&pem).expect("a certificate"));
    }
    let client = builder.build().expect("a client");
    run.measure(|| {
        let (client, url, mut next) = (client.clone(), run.url.clone(), 1_000_000_000_u32);
        move || {
            next += 1;
            let answer = client
                .post(format!("{url}{next}"))
                .header("content-type", "application/json")
                .body(measure::BODY)
                .send()
                .expect("an answer");
            assert!(answer.text().expect("a body").contains("OK"));
        }
    });
}
