//! `chat_items`: going through all pages of a list, item by item. One thread at a time.

use std::os::raw::{c_char, c_int};
use std::ptr;
use std::sync::Arc;

use super::boundary;
use super::client::{self, chat_client};
use super::options::chat_call_options;
use super::response::{self, chat_response};
use crate::endpoints::{get_contact_group, recent_contact_get_list};
use crate::error::{Error, CHAT_END, CHAT_ERR_PANIC, CHAT_OK};
use crate::options::CallOptions;
use crate::paging::{Items, Paged};
use crate::response::Response;

/// An iteration over a list that the service gives page by page. One thread at a time.
#[derive(Debug)]
pub struct chat_items {
    /// Kept alive by the iteration; once freed by its owner, it answers CHAT_ERR_SHUTDOWN.
    client: Arc<chat_client>,
    items: Items,
    /// The last page that C asked for, with its number.
    page: Option<(u64, Box<chat_response>)>,
}

unsafe fn open(
    client: *const chat_client,
    from_account: *const c_char,
    paged: &'static Paged,
    items: *mut *mut chat_items,
    error: *mut *mut chat_response,
) -> c_int {
    boundary::put(items, ptr::null_mut());
    boundary::put(error, ptr::null_mut());
    let result = boundary::contain(|| -> Result<Box<chat_items>, Error> {
        let client = client::lent(client)?;
        let from_account = boundary::text(from_account, "from_account")?;
        boundary::exclusive(items, "items")?;
        Ok(Box::new(chat_items {
            client,
            items: Items::new(paged, from_account),
            page: None,
        }))
    });
    match result.unwrap_or_else(|| Err(boundary::panicked())) {
        Ok(new) => {
            boundary::put(items, Box::into_raw(new));
            CHAT_OK
        }
        Err(refusal) => response::give(Response::refused(refusal), error),
    }
}

/// Begins an iteration over a user's conversation list (`v4/recentcontact/get_list`). Sends nothing yet.
///
/// @param client       the client.
/// @param from_account the UserID whose conversations they are, not empty.
/// @param items        receives the iteration on 0, else NULL. Free it with `chat_items_free`; it may outlive the client, which then
///                     answers CHAT_ERR_SHUTDOWN.
/// @param error        receives what is wrong on anything but 0, else NULL.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8; CHAT_ERR_FORKED.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_recent_contact_items(
    client: *const chat_client,
    from_account: *const c_char,
    items: *mut *mut chat_items,
    error: *mut *mut chat_response,
) -> c_int {
    open(client, from_account, &recent_contact_get_list::PAGES, items, error)
}

/// Begins an iteration over a user's marks and groups (`v4/recentcontact/get_contact_group`). Sends nothing yet.
///
/// @param client       the client.
/// @param from_account the UserID whose conversations they are, not empty.
/// @param items        receives the iteration on 0, else NULL. Free it with `chat_items_free`; it may outlive the client, which then
///                     answers CHAT_ERR_SHUTDOWN.
/// @param error        receives what is wrong on anything but 0, else NULL.
/// @return 0; CHAT_ERR_INVALID_ARGUMENT; CHAT_ERR_INVALID_UTF8; CHAT_ERR_FORKED.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_contact_group_items(
    client: *const chat_client,
    from_account: *const c_char,
    items: *mut *mut chat_items,
    error: *mut *mut chat_response,
) -> c_int {
    open(client, from_account, &get_contact_group::PAGES, items, error)
}

/// Gives the next item. When it must read a page, it blocks until the answer or the deadline.
///
/// Each conversation comes once, also if it moves to another page meanwhile. It ends when the service says so, and also on a page without
/// anything new or a cursor that comes back (`chat_items_is_complete` tells which). A list that has not ended after 10,000 pages ends with
/// CHAT_ERR_PROTOCOL, and then CHAT_END.
///
/// @param items   the iteration.
/// @param options what reading a page does differently.
/// @param item    receives on 0 a response whose body is the item (`/Type`, `/To_Account` or the group's id, `/StandardMark` and so
///                on), on an error the answer that failed, on CHAT_END NULL. Free it with `chat_response_free`. Required.
/// @return 0; CHAT_END; or what the page's call returned. The iteration stays where it was, so the same page can be tried again.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_items_next(
    items: *mut chat_items,
    options: *const chat_call_options,
    item: *mut *mut chat_response,
) -> c_int {
    boundary::put(item, ptr::null_mut());
    let result = boundary::contain(|| -> Result<Option<Response>, Error> {
        let items = boundary::exclusive(items, "items")?;
        boundary::exclusive(item, "item")?;
        let standard = CallOptions::default();
        let options = options.as_ref().map_or(&standard, |options| &options.options);
        let client = &client::native(Arc::as_ptr(&items.client))?.client;
        boundary::contain(|| items.items.next(client, options)).ok_or_else(|| {
            client.count_ended(CHAT_ERR_PANIC);
            boundary::panicked()
        })
    });
    match result.unwrap_or_else(|| Err(boundary::panicked())) {
        Ok(Some(response)) => response::give(response, item),
        Ok(None) => CHAT_END,
        Err(refusal) => response::give(Response::refused(refusal), item),
    }
}

/// The answer that the last item came in, for what stands beside the items: `/GroupItem` names the groups. NULL before the first item.
///
/// Valid until the next `chat_items_next`.
///
/// @param items the iteration.
/// @return the answer, or NULL.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_items_page(items: *mut chat_items) -> *const chat_response {
    let page = boundary::contain(|| -> Option<*const chat_response> {
        let items = boundary::exclusive(items, "items").ok()?;
        let (number, page) = items.items.page()?;
        if items.page.as_ref().map(|(lent, _)| *lent) != Some(number) {
            let page = chat_response::new(page.with_body(page.body()));
            items.page = Some((number, Box::new(page)));
        }
        items.page.as_ref().map(|(_, page)| ptr::from_ref(&**page))
    });
    page.flatten().unwrap_or(ptr::null())
}

/// 1 when the iteration has ended and the service said that nothing follows, else 0. The plan's number of cloud conversations limits what
/// comes, so even then you may not have seen all.
///
/// @param items the iteration.
/// @return 1 or 0.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_items_is_complete(items: *const chat_items) -> c_int {
    let complete = boundary::contain(|| boundary::shared(items, "items").is_ok_and(|items| items.items.is_complete()));
    c_int::from(complete.unwrap_or(false))
}

/// Frees an iteration. Does nothing in a child of `fork()` to an iteration of the parent.
///
/// @param items the iteration.
/// @since 0.1.0
#[no_mangle]
pub unsafe extern "C" fn chat_items_free(items: *mut chat_items) {
    // It may hold its client's last reference, whose end would touch the parent's locks.
    if items.as_ref().is_some_and(|items| items.client.born.is_here()) {
        boundary::free(items);
    }
}
