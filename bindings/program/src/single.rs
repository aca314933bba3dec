//! The commands that make one call: what each sends, and what it prints. How they end is the same for all.

use std::path::Path;

use tencent_chat::endpoints::call::AnyCall;
use tencent_chat::endpoints::create_contact_group::CreateContactGroup;
use tencent_chat::endpoints::del_contact_group::DelContactGroup;
use tencent_chat::endpoints::lists::{Contact, Mark, CHAT_GROUP_CHAT, CHAT_ONE_TO_ONE};
use tencent_chat::endpoints::mark_contact::MarkContact;
use tencent_chat::endpoints::recent_contact_delete::RecentContactDelete;
use tencent_chat::endpoints::recent_contact_pin::RecentContactPin;
use tencent_chat::endpoints::update_contact_group::UpdateContactGroup;
use tencent_chat::endpoints::Endpoint;
use tencent_chat::error::CHAT_SERVICE_GROUP_NOT_FOUND;
use tencent_chat::{CallOptions, Error, Response};

use crate::arguments::{
    Call, ClientFlags, Conversations, CountedAs, CreateGroup, DelConversation, DelGroup, MarkContacts, Pin,
    RenameGroup, Unpin,
};
use crate::exit::Exit;
use crate::given;
use crate::output::{self, Failure};
use crate::Perform;

/// Makes the call; `said` is what a success is called.
fn called(
    settings: &ClientFlags,
    endpoint: &impl Endpoint,
    said: impl FnOnce(&Response) -> String,
) -> Result<Exit, Failure> {
    let response = settings.client()?.call(endpoint, &CallOptions::default());
    Ok(match response.is_ok() {
        true => succeeded(settings, &response, &said(&response)),
        false => output::refused(&response, settings.app.json),
    })
}

fn succeeded(settings: &ClientFlags, response: &Response, said: &str) -> Exit {
    match settings.app.json {
        true => output::object(&output::outcome(response)),
        false => output::result(said),
    }
    Exit::Ok
}

impl Conversations {
    fn contacts(&self) -> Result<Vec<Contact>, Error> {
        let users = self.users.iter().map(|id| Contact::new(CHAT_ONE_TO_ONE, id));
        let chat_groups = self.chat_groups.iter().map(|id| Contact::new(CHAT_GROUP_CHAT, id));
        users.chain(chat_groups).collect()
    }
}

/// The group's number, where the answer has it.
fn numbered(name: &str, response: &Response, pointer: &str) -> String {
    match response.value().pointer(pointer) {
        Some(id) => format!("{name} (GroupId {id})"),
        None => name.to_owned(),
    }
}

impl Perform for CreateGroup {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let contacts = self.conversations.contacts()?;
        let endpoint = CreateContactGroup::new(&self.account, &self.group, &contacts);
        called(settings, &endpoint, |response| {
            format!(
                "created {}",
                numbered(&self.group, response, "/GroupResultItem/0/GroupItem/GroupId")
            )
        })
    }
}

impl Perform for RenameGroup {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let endpoint = UpdateContactGroup::name(&self.account, &self.group, &self.new_name);
        called(settings, &endpoint, |_| {
            format!("renamed {} to {}", self.group, self.new_name)
        })
    }
}

impl Perform for DelGroup {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let endpoint = DelContactGroup::new(&self.account, &self.group);
        let response = settings.client()?.call(&endpoint, &CallOptions::default());
        Ok(if response.is_already_deleted() {
            let said = format!("deleted {} (the first attempt had done it)", self.group);
            succeeded(settings, &response, &said)
        } else if response.is_ok() {
            let deleted = numbered(&self.group, &response, "/GroupItem/0/GroupId");
            succeeded(settings, &response, &format!("deleted {deleted}"))
        } else if response.code() == CHAT_SERVICE_GROUP_NOT_FOUND && self.missing == CountedAs::Ok {
            succeeded(settings, &response, &format!("not there: {}", self.group))
        } else {
            output::refused(&response, settings.app.json)
        })
    }
}

impl Perform for MarkContacts {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let mask = |marks: &[u32]| marks.iter().fold(0, |mask, mark| mask | 1_u64 << mark);
        let contacts = self.conversations.contacts()?.into_iter();
        let marks =
            contacts.map(|contact| Mark::new(contact, mask(&self.set), mask(&self.clear), self.custom.as_deref()));
        let marks: Vec<Mark> = marks.collect::<Result<_, _>>()?;
        called(settings, &MarkContact::new(&self.account, &marks), |_| {
            format!("marked {}", marks.len())
        })
    }
}

impl Perform for Pin {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let contacts = self.conversations.contacts()?;
        let endpoint = RecentContactPin::pin(&self.account, &contacts);
        called(settings, &endpoint, |_| format!("pinned {}", contacts.len()))
    }
}

impl Perform for Unpin {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let contacts = self.conversations.contacts()?;
        let endpoint = RecentContactPin::unpin(&self.account, &contacts);
        called(settings, &endpoint, |_| format!("unpinned {}", contacts.len()))
    }
}

impl Perform for DelConversation {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let (kind, id) = match (&self.user, &self.chat_group) {
            (Some(user), _) => (CHAT_ONE_TO_ONE, user),
            (None, Some(group)) => (CHAT_GROUP_CHAT, group),
            (None, None) => return Err(Failure::usage("which conversation? Give a USER or --chat-group")),
        };
        let endpoint = RecentContactDelete::new(&self.account, Contact::new(kind, id)?, self.clear_ramble);
        called(settings, &endpoint, |_| format!("deleted the conversation with {id}"))
    }
}

impl Perform for Call {
    fn perform(&self, settings: &ClientFlags) -> Result<Exit, Failure> {
        let json = request(&self.request)?;
        let response = settings
            .client()?
            .call(&AnyCall::new(&self.path, &json), &CallOptions::default());
        if settings.app.json {
            output::object(&output::outcome(&response));
        } else if !response.body().is_empty() {
            // Also the service's refusal: its body may say more than its code.
            output::body(response.body());
        }
        if !response.is_ok() {
            output::note(&format!("{} {}", response.code(), response.message()));
        }
        Ok(Exit::of(response.code()))
    }
}

fn request(json: &str) -> Result<Vec<u8>, Failure> {
    /// More than the service takes.
    const LONGEST: u64 = 16 * 1_024 * 1_024;
    let file = match json.strip_prefix('@') {
        Some(file) => file,
        None if json == "-" => json,
        None => return Ok(json.as_bytes().to_vec()),
    };
    let bytes = given::bytes(Path::new(file), LONGEST)?;
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes).to_vec())
}
