//! The vendor's documented requests, member by member: what the typed calls put on the wire is what the pages show. The emulator's
//! own tests hold its answers against the same file.

use crate::service::Service;
use serde_json::Value;
use tencent_chat::endpoints::create_contact_group::CreateContactGroup;
use tencent_chat::endpoints::del_contact_group::DelContactGroup;
use tencent_chat::endpoints::get_contact_group::GetContactGroup;
use tencent_chat::endpoints::lists::{Contact, Mark};
use tencent_chat::endpoints::mark_contact::MarkContact;
use tencent_chat::endpoints::recent_contact_delete::RecentContactDelete;
use tencent_chat::endpoints::recent_contact_get_list::{RecentContactGetList, CHAT_ASSIST_FLAGS};
use tencent_chat::endpoints::recent_contact_pin::RecentContactPin;
use tencent_chat::endpoints::search_contact_group::SearchContactGroup;
use tencent_chat::endpoints::update_contact_group::UpdateContactGroup;
use tencent_chat::endpoints::Endpoint;
use tencent_chat::{CallOptions, Client};

/// Every documented sample by its command and its title.
fn samples() -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../emulator/tests/samples.json")).unwrap();
    file["samples"].as_array().unwrap().clone()
}

fn send<E: Endpoint>(client: &Client, endpoint: &E) {
    client.call(endpoint, &CallOptions::default());
}

/// Makes the call that the sample shows.
fn make(client: &Client, path: &str, name: &str) {
    let (user, group) = ("user_0001", "group_0001");
    let other = [Contact::new(1, "user_0002").unwrap()];
    let chat = [Contact::new(2, "@TGS#1B2AUI7RZ").unwrap()];
    let both = [other[0].clone(), chat[0].clone()];
    let gone = |kind| Contact::new(kind, "id2").unwrap();
    match (path.trim_start_matches("v4/recentcontact/"), name) {
        ("del_contact_group", _) => send(client, &DelContactGroup::new(user, group)),
        ("create_contact_group", _) => send(client, &CreateContactGroup::new(user, group, &both)),
        ("update_contact_group", "rename") => send(client, &UpdateContactGroup::name(user, group, "group_0002")),
        ("update_contact_group", _) => send(client, &UpdateContactGroup::contacts(user, group, &other, &chat)),
        ("mark_contact", _) => {
            let mark = Mark::new(other[0].clone(), 0b1110, 0, Some("abcd")).unwrap();
            send(client, &MarkContact::new(user, &[mark]));
        }
        ("search_contact_group", _) => send(client, &SearchContactGroup::new(user, &both)),
        ("get_contact_group", _) => send(client, &GetContactGroup::new(user, 0)),
        ("get_list", _) => send(
            client,
            &RecentContactGetList::new(user, [0; 4].map(Value::from), CHAT_ASSIST_FLAGS),
        ),
        ("top", "pin two") => send(client, &RecentContactPin::pin(user, &both)),
        ("top", _) => send(client, &RecentContactPin::unpin(user, &both)),
        ("delete", "one-to-one") => send(client, &RecentContactDelete::new("id1", gone(1), true)),
        ("delete", _) => send(client, &RecentContactDelete::new("id1", gone(2), true)),
        (path, name) => panic!("no call for the sample {path}, {name}"),
    }
}

#[test]
fn every_documented_request_is_sent_member_by_member() {
    let service = Service::start();
    let client = service.client();
    let samples = samples();
    assert!(samples.len() >= 10);
    for sample in &samples {
        let (path, name) = (sample["path"].as_str().unwrap(), sample["name"].as_str().unwrap());
        make(&client, path, name);
        let sent = service.emulator.requests().pop().unwrap();
        assert_eq!(sent.path.trim_start_matches('/'), path);
        assert_eq!(
            serde_json::from_str::<Value>(&sent.body).unwrap(),
            sample["request"],
            "{path}, {name}"
        );
    }
}
