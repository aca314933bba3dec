//! The questions: one for each thing that the vendor's pages leave open or answer in two ways, and that the emulator therefore infers.
//! An answer is a short text without names, numbers or times that differ from run to run.

use serde_json::{json, Value};
use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::{CallOptions, Client, Response};

/// One question and how to ask it.
pub struct Probe {
    pub question: &'static str,
    ask: fn(&Service) -> String,
}

/// A service, and accounts in it that are only this run's.
pub struct Service {
    client: Client,
    prefix: String,
}

impl Service {
    /// Imports the accounts that the questions are about.
    pub fn new(client: Client) -> Service {
        let service = Service {
            client,
            prefix: format!("live{:08x}", std::process::id() ^ since_epoch()),
        };
        for name in ["a", "b", "c"] {
            service.call(
                "v4/im_open_login_svc/account_import",
                json!({"UserID": service.user(name)}),
            );
        }
        service
    }

    pub fn look(&mut self, probe: &Probe) -> String {
        (probe.ask)(self).replace(&self.prefix, "")
    }

    /// Deletes the accounts again.
    pub fn leave(self) {
        let items: Vec<Value> = ["a", "b", "c"]
            .iter()
            .map(|name| json!({"UserID": self.user(name)}))
            .collect();
        self.call("v4/im_open_login_svc/account_delete", json!({"DeleteItem": items}));
    }

    fn user(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn call(&self, path: &str, body: Value) -> Response {
        let text = body.to_string();
        self.client
            .call(&AnyCall::new(path, text.as_bytes()), &CallOptions::default())
    }

    /// A recentcontact command for account `a`.
    fn recent(&self, command: &str, mut body: Value) -> Response {
        body["From_Account"] = self.user("a").into();
        self.call(&format!("v4/recentcontact/{command}"), body)
    }

    fn create(&self, name: &str) -> Response {
        self.recent(
            "create_contact_group",
            json!({"GroupContactItem": [{"GroupName": name}]}),
        )
    }

    fn create_with(&self, name: &str, contacts: &[Value]) -> Response {
        self.recent(
            "create_contact_group",
            json!({"GroupContactItem": [{"GroupName": name, "ContactItem": contacts}]}),
        )
    }

    fn delete(&self, name: &str) -> Response {
        self.recent("del_contact_group", json!({"GroupName": [name]}))
    }

    fn one(&self, name: &str) -> Value {
        json!({"Type": 1, "To_Account": self.user(name)})
    }

    fn mark(&self, item: Value) -> Response {
        let mut item = item;
        item["ContactItem"] = self.one("b");
        self.recent("mark_contact", json!({"MarkItem": [item]}))
    }

    /// 1 pins, 2 unpins.
    fn pin(&self, operation: u8, contacts: &[Value]) -> Response {
        self.recent(
            "top",
            json!({"OperationType": operation, "RecentContactItem": contacts}),
        )
    }

    /// The `TopFlag` of a conversation on the list of `a`.
    fn listed(&self, name: &str) -> String {
        let first = json!({"TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 63});
        let answer = self.recent("get_list", first).value();
        let items = answer["SessionItem"].as_array().into_iter().flatten();
        let found = items
            .into_iter()
            .find(|item| item["To_Account"] == self.user(name).as_str());
        found.map_or("absent".into(), |item| item["TopFlag"].to_string())
    }

    /// What is known of account `b` in the eyes of `a`.
    fn entry(&self, member: &str) -> String {
        let found = self.recent("search_contact_group", json!({"ContactItem": [self.one("b")]}));
        let answer: Value = serde_json::from_slice(found.body()).unwrap_or_default();
        answer
            .pointer(&format!("/ContactResultItem/0/{member}"))
            .map_or("absent".into(), Value::to_string)
    }
}

fn since_epoch() -> u32 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    now.map_or(0, |now| now.subsec_nanos() ^ now.as_secs() as u32)
}

/// The code, and for a batch the items' codes.
fn outcome(response: &Response) -> String {
    let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let mut codes = Vec::new();
    gather(&answer, &mut codes);
    if codes.is_empty() {
        response.code().to_string()
    } else {
        format!("{} with items {codes:?}", response.code())
    }
}

fn gather(value: &Value, codes: &mut Vec<i64>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| gather(item, codes)),
        Value::Object(members) => {
            codes.extend(members.get("ResultCode").and_then(Value::as_i64));
            members.values().for_each(|member| gather(member, codes));
        }
        _ => {}
    }
}

fn member(response: &Response, pointer: &str) -> String {
    let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    answer.pointer(pointer).map_or("absent".into(), Value::to_string)
}

const ID: &str = "/GroupResultItem/0/GroupItem/GroupId";

/// In this order; each leaves no group and no mark behind.
pub const PROBES: &[Probe] = &[
    Probe {
        question: "a group without ContactItem (required before 2026)",
        ask: |p| {
            let created = p.create("g");
            format!("{}, then delete {}", outcome(&created), outcome(&p.delete("g")))
        },
    },
    Probe {
        question: "the same group name twice",
        ask: |p| {
            p.create("g");
            let again = outcome(&p.create("g"));
            p.delete("g");
            again
        },
    },
    Probe {
        question: "rename onto a name that exists",
        ask: |p| {
            p.create("g");
            p.create("h");
            let update = json!({"UpdateType": 1, "UpdateGroup": {"UpdateGroupType": 1, "OldGroupName": "g", "NewGroupName": "h"}});
            let renamed = outcome(&p.recent("update_contact_group", update));
            p.delete("g");
            p.delete("h");
            renamed
        },
    },
    Probe {
        question: "rename to the name it has",
        ask: |p| {
            p.create("g");
            let update = json!({"UpdateType": 1, "UpdateGroup": {"UpdateGroupType": 1, "OldGroupName": "g", "NewGroupName": "g"}});
            let renamed = outcome(&p.recent("update_contact_group", update));
            p.delete("g");
            renamed
        },
    },
    Probe {
        question: "names of 32, 33, 64 and 65 bytes",
        ask: |p| {
            let length = |n: usize| {
                let name = "x".repeat(n);
                let created = outcome(&p.create(&name));
                p.delete(&name);
                created
            };
            [32, 33, 64, 65].map(length).join(", ")
        },
    },
    Probe {
        question: "an empty group name",
        ask: |p| outcome(&p.create("")),
    },
    Probe {
        question: "two groups in one create",
        ask: |p| {
            let body = json!({"GroupContactItem": [{"GroupName": "g"}, {"GroupName": "h"}]});
            let created = outcome(&p.recent("create_contact_group", body));
            p.delete("g");
            p.delete("h");
            created
        },
    },
    Probe {
        question: "two groups in one delete",
        ask: |p| {
            p.create("g");
            p.create("h");
            let deleted = outcome(&p.recent("del_contact_group", json!({"GroupName": ["g", "h"]})));
            p.delete("g");
            p.delete("h");
            deleted
        },
    },
    Probe {
        question: "is a deleted group's id used again",
        ask: |p| {
            let first = member(&p.create("g"), ID);
            p.delete("g");
            let second = member(&p.create("h"), ID);
            p.delete("h");
            if first == second {
                "yes".into()
            } else {
                "no".into()
            }
        },
    },
    Probe {
        question: "does a group keep its id when it is renamed",
        ask: |p| {
            let first = member(&p.create("g"), ID);
            let update = json!({"UpdateType": 1, "UpdateGroup": {"UpdateGroupType": 1, "OldGroupName": "g", "NewGroupName": "h"}});
            let second = member(&p.recent("update_contact_group", update), "/UpdateGroupResult/GroupId");
            p.delete("h");
            if first == second {
                "yes".into()
            } else {
                "no".into()
            }
        },
    },
    Probe {
        question: "deleting a group that is not there",
        ask: |p| outcome(&p.delete("absent")),
    },
    Probe {
        question: "group names that differ in case only",
        ask: |p| {
            p.create("g");
            let other = outcome(&p.create("G"));
            p.delete("g");
            p.delete("G");
            other
        },
    },
    Probe {
        question: "a conversation in two groups when one is deleted",
        ask: |p| {
            p.create_with("g", &[p.one("b")]);
            p.create_with("h", &[p.one("b")]);
            p.delete("g");
            let left = p.entry("ContactGroupId");
            p.delete("h");
            format!(
                "in {} group",
                serde_json::from_str::<Vec<u64>>(&left).unwrap_or_default().len()
            )
        },
    },
    Probe {
        question: "a conversation that was never imported",
        ask: |p| {
            let created = outcome(&p.create_with("g", &[p.one("never")]));
            p.delete("g");
            created
        },
    },
    Probe {
        question: "101 conversations in a create",
        ask: |p| {
            let many: Vec<Value> = (0..101).map(|n| p.one(&format!("n{n}"))).collect();
            let created = p.create_with("g", &many).code().to_string();
            p.delete("g");
            created
        },
    },
    Probe {
        question: "301 conversations in a search",
        ask: |p| {
            let many: Vec<Value> = (0..301).map(|n| p.one(&format!("n{n}"))).collect();
            p.recent("search_contact_group", json!({"ContactItem": many}))
                .code()
                .to_string()
        },
    },
    Probe {
        question: "what a search says of a conversation without data",
        ask: |p| {
            let found = p.recent("search_contact_group", json!({"ContactItem": [p.one("c")]}));
            format!("{}, items {}", outcome(&found), member(&found, "/ContactResultItem"))
        },
    },
    Probe {
        question: "an empty list of marks, of conversations to search and to pin",
        ask: |p| {
            let marks = outcome(&p.recent("mark_contact", json!({"MarkItem": []})));
            let search = outcome(&p.recent("search_contact_group", json!({"ContactItem": []})));
            format!("{marks}, {search}, {}", outcome(&p.pin(1, &[])))
        },
    },
    Probe {
        question: "a conversation that is not on the list, pinned twice, unpinned twice",
        ask: |p| {
            let peer = [p.one("b")];
            let pinned = [1, 1].map(|operation| outcome(&p.pin(operation, &peer)));
            let shown = p.listed("b");
            let unpinned = [2, 2].map(|operation| outcome(&p.pin(operation, &peer)));
            p.recent("delete", json!({"Type": 1, "To_Account": p.user("b")}));
            format!("{pinned:?}, on the list with TopFlag {shown}, {unpinned:?}")
        },
    },
    Probe {
        question: "50 and 51 pinned conversations, and 101 in one call",
        ask: |p| {
            let peers = |n: usize| {
                (0..n)
                    .map(|n| json!({"Type": 1, "To_Account": format!("p{n}")}))
                    .collect::<Vec<_>>()
            };
            let codes = [50, 51].map(|n| outcome(&p.pin(1, &peers(n))));
            let unpinned = outcome(&p.pin(2, &peers(101)));
            p.pin(2, &peers(51));
            format!("{codes:?}, {unpinned}")
        },
    },
    Probe {
        question: "a command with digits in its name",
        ask: |p| {
            let body = json!({"To_Account": p.user("a")});
            p.call("v4/openim/get_c2c_unread_msg_num", body).code().to_string()
        },
    },
    Probe {
        question: "StandardMark after bits 0 and 33 are set: which end is bit 0",
        ask: |p| {
            p.mark(json!({"OptType": 1, "SetMark": [0, 33]}));
            let shown = p.entry("StandardMark");
            p.mark(json!({"OptType": 1, "ClearMark": [0, 33]}));
            shown
        },
    },
    Probe {
        question: "the same bit set and cleared",
        ask: |p| {
            let marked = outcome(&p.mark(json!({"OptType": 1, "SetMark": [40], "ClearMark": [40]})));
            let shown = p.entry("StandardMark");
            p.mark(json!({"OptType": 1, "ClearMark": [40]}));
            format!("{marked}, then {shown}")
        },
    },
    Probe {
        question: "bit 64",
        ask: |p| outcome(&p.mark(json!({"OptType": 1, "SetMark": [64]}))),
    },
    Probe {
        question: "a custom mark sent with OptType 1",
        ask: |p| {
            p.mark(json!({"OptType": 1, "SetMark": [40], "CustomMark": "x"}));
            let shown = p.entry("CustomMark");
            p.mark(json!({"OptType": 3, "ClearMark": [40], "CustomMark": ""}));
            shown
        },
    },
    Probe {
        question: "custom marks of 256 and 257 bytes, then an empty one",
        ask: |p| {
            let sent = ["x".repeat(256), "x".repeat(257), String::new()];
            let codes = sent.map(|custom| outcome(&p.mark(json!({"OptType": 2, "CustomMark": custom}))));
            format!("{}; left {}", codes.join(", "), p.entry("CustomMark"))
        },
    },
    Probe {
        question: "deleting a conversation: do its groups and marks stay",
        ask: |p| {
            p.create_with("g", &[p.one("b")]);
            let mut body = p.one("b");
            body["ClearRamble"] = 0.into();
            let deleted = outcome(&p.recent("delete", body));
            let stays = if p.entry("ContactGroupId") == "absent" {
                "no"
            } else {
                "yes"
            };
            p.delete("g");
            format!("{deleted}, stay: {stays}")
        },
    },
    Probe {
        question: "deleting a conversation that is not there",
        ask: |p| outcome(&p.recent("delete", p.one("c"))),
    },
    Probe {
        question: "delete with ToGroupId instead of its own ToGroupid",
        ask: |p| outcome(&p.recent("delete", json!({"Type": 2, "ToGroupId": "@TGS#none"}))),
    },
    Probe {
        question: "a member name in the wrong case",
        ask: |p| {
            let contact = json!({"type": 1, "To_Account": p.user("b")});
            let created = outcome(&p.create_with("g", &[contact]));
            p.delete("g");
            created
        },
    },
    Probe {
        question: "AssistFlags 0",
        ask: |p| {
            let cursors =
                json!({"TimeStamp": 0, "StartIndex": 0, "TopTimeStamp": 0, "TopStartIndex": 0, "AssistFlags": 0});
            let page = p.recent("get_list", cursors);
            format!("{}, CompleteFlag {}", outcome(&page), member(&page, "/CompleteFlag"))
        },
    },
    Probe {
        question: "NextStartIndex of the last page",
        ask: |p| {
            member(
                &p.recent("get_contact_group", json!({"StartIndex": 0})),
                "/NextStartIndex",
            )
        },
    },
    Probe {
        question: "a user who was never imported",
        ask: |p| {
            outcome(&p.call(
                "v4/recentcontact/del_contact_group",
                json!({"From_Account": p.user("never"), "GroupName": ["g"]}),
            ))
        },
    },
    Probe {
        question: "a command that does not exist",
        ask: |p| outcome(&p.call("v4/recentcontact/no_such_command", json!({}))),
    },
    Probe {
        question: "an account that is no string",
        ask: |p| {
            outcome(&p.call(
                "v4/recentcontact/del_contact_group",
                json!({"From_Account": 7, "GroupName": ["g"]}),
            ))
        },
    },
    Probe {
        question: "deleting an account that is not there",
        ask: |p| {
            let items = json!({"DeleteItem": [{"UserID": p.user("never")}]});
            outcome(&p.call("v4/im_open_login_svc/account_delete", items))
        },
    },
];
