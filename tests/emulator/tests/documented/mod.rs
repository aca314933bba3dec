//! The samples of the vendor's pages (`samples.json`) and, for each, a state in which the service could give that very answer.

use chat_emulator::State;
use serde_json::{json, Value};

/// One documented call.
pub struct Sample {
    pub path: String,
    pub name: String,
    pub request: Value,
    pub response: Value,
}

pub fn samples() -> Vec<Sample> {
    let file: Value = serde_json::from_str(include_str!("../samples.json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sample = |sample: &Value| Sample {
        path: text(&sample["path"]),
        name: text(&sample["name"]),
        request: sample["request"].clone(),
        response: sample["response"].clone(),
    };
    file["samples"].as_array().unwrap().iter().map(sample).collect()
}

impl Sample {
    /// What has to be there before the call.
    pub fn state(&self) -> State {
        let user = &self.request["From_Account"].as_str().unwrap();
        let command = self.path.rsplit('/').next().unwrap();
        let state = json!({"accounts": {(*user): account(command, &self.name)}});
        State::from_json(state.to_string().as_bytes()).unwrap()
    }
}

const ROOM: &str = "@TGS#1B2AUI7RZ";

fn account(command: &str, name: &str) -> Value {
    let one = json!([{"id": 1, "name": "group_0001"}]);
    let two = json!([{"id": 1, "name": "group_0001"}, {"id": 2, "name": "group_0002"}]);
    match (command, name) {
        ("create_contact_group" | "mark_contact" | "top", _) => json!({}),
        ("del_contact_group", _) | ("update_contact_group", "rename") => json!({ "groups": one }),
        ("update_contact_group", "add one, remove one") => {
            json!({"groups": one, "entries": [{"type": 2, "id": ROOM, "groups": [1]}]})
        }
        ("search_contact_group", _) => json!({"groups": two, "entries": [
            {"type": 1, "id": "user_0002", "standard_mark": "11111110", "custom_mark": "abcde", "groups": [1, 2], "updated": 1_775_217_000},
            {"type": 2, "id": ROOM, "groups": [1], "updated": 1_775_186_067},
        ]}),
        ("get_contact_group", _) => json!({"groups": two, "entries": [
            {"type": 1, "id": "user_0002", "standard_mark": "111001", "groups": [1, 2], "updated": 1_670_843_110},
            {"type": 2, "id": ROOM, "standard_mark": "111001", "custom_mark": "abcd", "updated": 1_672_998_266},
        ]}),
        ("get_list", _) => json!({
            "groups": two,
            "entries": [{"type": 2, "id": ROOM, "standard_mark": "111001", "custom_mark": "abcd", "groups": [1, 2]}],
            "conversations": [
                {"type": 1, "id": "user_0002", "msg_time": 1_772_612_017},
                {"type": 2, "id": ROOM, "msg_time": 1_775_185_968},
            ],
        }),
        ("delete", "one-to-one") => json!({"conversations": [{"type": 1, "id": "id2", "msg_time": 1}]}),
        ("delete", _) => json!({"conversations": [{"type": 2, "id": "id2", "msg_time": 1}]}),
        _ => panic!("{command}, {name}: this sample needs a state"),
    }
}
