//! The service's commands, one file each: the request and its local checks.
//! An endpoint knows its path, its body and the vendor's limits; it knows nothing of HTTP, time or retries.

use std::borrow::Cow;

use crate::error::Error;
pub use crate::request::Endpoint;

pub mod account_check;
pub mod account_delete;
pub mod account_import;
pub mod call;
pub mod create_contact_group;
pub mod del_contact_group;
pub mod get_contact_group;
pub mod lists;
pub mod mark_contact;
pub mod multiaccount_import;
pub mod recent_contact_delete;
pub mod recent_contact_get_list;
pub mod recent_contact_pin;
pub mod search_contact_group;
pub mod update_contact_group;

/// The longest request body. A bound of this library, far above any the vendor documents, so that no size is taken on trust.
pub(crate) const LONGEST_REQUEST: usize = 8 * 1_024 * 1_024;

/// The most bytes of a page. Its size is the service's choice and nowhere documented.
pub(crate) const PAGE_LIMIT: usize = 8 * 1_024 * 1_024;

/// A request as JSON. Everything that is sent is made of texts, numbers and lists, which always serialise.
fn json(request: &impl serde::Serialize) -> Cow<'static, [u8]> {
    Cow::Owned(serde_json::to_vec(request).expect("texts, numbers and lists always serialise"))
}

/// Checks From_Account: only that there is one, the service knows the rest.
fn check_from_account(from_account: &str) -> Result<(), Error> {
    if from_account.is_empty() {
        return Err(Error::argument(
            "from_account is empty; it is the UserID whose conversation groups are meant",
        ));
    }
    check_size("from_account", from_account)
}

/// Checks a conversation group's name (1047/53441).
fn check_group_name(argument: &str, name: &str, limits: bool) -> Result<(), Error> {
    const LONGEST: usize = 64;
    if name.is_empty() {
        return Err(Error::argument(format!(
            "{argument} is empty; a conversation group's name has 1 to 64 bytes"
        )));
    }
    if limits && name.len() > LONGEST {
        return Err(Error::argument(format!(
            "{argument} has {} bytes of UTF-8; the limit is {LONGEST} (the service answers 51011)",
            name.len()
        )));
    }
    check_size(argument, name)
}

fn check_size(argument: &str, text: &str) -> Result<(), Error> {
    if text.len() > LONGEST_REQUEST / 8 {
        return Err(Error::argument(format!(
            "{argument} has {} bytes; no request holds that much",
            text.len()
        )));
    }
    Ok(())
}
