//! The samples of the vendor's pages (`documented.json`) and, for each, a state in which the service could give that very answer.

use chat_emulator::State;
use serde_json::{json, Value};

/// One documented call.
pub struct Sample {
    pub path: String,
    pub name: String,
    pub request: Value,
    pub response: Value,
    account: Value,
}

/// The file, whole.
pub fn documented() -> Value {
    serde_json::from_str(include_str!("../documented.json")).unwrap()
}

pub fn samples() -> Vec<Sample> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let sample = |sample: &Value| Sample {
        path: text(&sample["path"]),
        name: text(&sample["name"]),
        request: sample["request"].clone(),
        response: sample["response"].clone(),
        account: sample["state"].clone(),
    };
    documented()["samples"].as_array().unwrap().iter().map(sample).collect()
}

impl Sample {
    /// What has to be there before the call.
    pub fn state(&self) -> State {
        let user = self.request["From_Account"].as_str().unwrap();
        let state = json!({"accounts": {user: self.account}});
        State::from_json(state.to_string().as_bytes()).unwrap()
    }
}
