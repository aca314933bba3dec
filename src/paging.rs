//! Going through all pages of a list: one item at a time, each once.
//! Promises an end whatever the service answers: at its `CompleteFlag`, on an empty page, and when a cursor comes back a second time.
//! Items that move to another page meanwhile are not given twice. Cursors are opaque and echoed as they came.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

use crate::client::{CallOptions, Client};
use crate::response::Response;

/// What distinguishes one paged command from another.
#[derive(Debug)]
pub(crate) struct Paged {
    /// Where in the answer the items are.
    pub items: &'static str,
    /// How an item spells the id of a group chat.
    pub group_id: &'static str,
    /// The answer's cursor members and what the first request sends for each.
    pub first: &'static [(&'static str, u8)],
    pub fetch: fn(&Client, &str, &[Value], &CallOptions) -> Response,
}

/// Where an iteration stands.
#[derive(Debug)]
pub(crate) struct Items {
    paged: &'static Paged,
    from_account: String,
    cursor: Vec<Value>,
    /// Cursors already asked with.
    asked: HashSet<String>,
    /// Keys already given.
    given: HashSet<String>,
    waiting: VecDeque<Value>,
    /// The answer that the waiting items came in.
    page: Option<Response>,
    end: End,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Open,
    /// The service said so.
    Complete,
    /// It made no progress.
    Standstill,
}

impl Items {
    pub fn new(paged: &'static Paged, from_account: &str) -> Self {
        Items {
            paged,
            from_account: from_account.to_owned(),
            cursor: paged.first.iter().map(|(_, first)| Value::from(*first)).collect(),
            asked: HashSet::new(),
            given: HashSet::new(),
            waiting: VecDeque::new(),
            page: None,
            end: End::Open,
        }
    }

    /// The next item as a response whose body it is; `None` at the end. A page that fails is given as it is, and asked for again next time.
    pub fn next(&mut self, client: &Client, options: &CallOptions) -> Option<Response> {
        loop {
            while let Some(item) = self.waiting.pop_front() {
                if self.given.insert(self.key(&item)) {
                    return Some(self.page.as_ref()?.with_body(item.to_string()));
                }
            }
            if self.end != End::Open {
                return None;
            }
            let page = (self.paged.fetch)(client, &self.from_account, &self.cursor, options);
            if !page.is_ok() {
                return Some(page);
            }
            self.take(page);
        }
    }

    /// The answer that the last item came in.
    pub fn page(&self) -> Option<&Response> {
        self.page.as_ref()
    }

    /// Whether the service itself said that nothing follows.
    pub fn is_complete(&self) -> bool {
        self.end == End::Complete && self.waiting.is_empty()
    }

    fn take(&mut self, page: Response) {
        let answer: Value = serde_json::from_slice(page.body()).unwrap_or_default();
        if let Some(Value::Array(items)) = answer.pointer(self.paged.items) {
            self.waiting.extend(items.iter().cloned());
        }
        self.asked.insert(Value::from(self.cursor.clone()).to_string());
        let next = |(member, _): &(&str, u8)| answer.get(*member).cloned().unwrap_or_default();
        self.cursor = self.paged.first.iter().map(next).collect();
        let repeated = self.asked.contains(&Value::from(self.cursor.clone()).to_string());
        let complete = answer.get("CompleteFlag").and_then(Response::integer) == Some(1);
        self.end = match (complete, repeated || self.waiting.is_empty()) {
            (true, _) => End::Complete,
            (false, true) => End::Standstill,
            (false, false) => End::Open,
        };
        self.page = Some(page);
    }

    /// Type and id, which together name a conversation.
    fn key(&self, item: &Value) -> String {
        let part = |name: &str| item.get(name).map(Value::to_string).unwrap_or_default();
        format!("{} {} {}", part("Type"), part("To_Account"), part(self.paged.group_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpoints::get_contact_group::PAGES;

    fn page(body: &str) -> Response {
        Response::new(0, "").with_body(body)
    }

    fn after(pages: &[&str]) -> (Items, usize) {
        let mut items = Items::new(&PAGES, "u");
        let mut given = 0;
        for body in pages {
            assert_eq!(items.end, End::Open, "no page is asked for after the end");
            items.take(page(body));
            while let Some(item) = items.waiting.pop_front() {
                given += usize::from(items.given.insert(items.key(&item)));
            }
        }
        (items, given)
    }

    const ONE: &str = r#"{"ContactItem":[{"Type":1,"To_Account":"a"}],"CompleteFlag":0,"NextStartIndex":1}"#;

    #[test]
    fn the_flag_ends_it() {
        let (items, given) = after(&[
            ONE,
            r#"{"ContactItem":[{"Type":1,"To_Account":"b"}],"CompleteFlag":1,"NextStartIndex":0}"#,
        ]);
        assert_eq!((items.is_complete(), given), (true, 2));
    }

    #[test]
    fn an_empty_page_or_a_cursor_that_comes_back_ends_it_without_the_services_word() {
        for last in [
            r#"{"ContactItem":[],"CompleteFlag":0,"NextStartIndex":2}"#,
            r#"{"CompleteFlag":0,"NextStartIndex":2}"#,
            r#"{"ContactItem":[{"Type":1,"To_Account":"b"}],"CompleteFlag":0,"NextStartIndex":0}"#,
            r#"{"ContactItem":[{"Type":1,"To_Account":"b"}],"CompleteFlag":0,"NextStartIndex":1}"#,
        ] {
            let (items, _) = after(&[ONE, last]);
            assert_eq!(items.end, End::Standstill, "{last}");
            assert!(!items.is_complete());
        }
    }

    #[test]
    fn an_item_that_comes_twice_is_given_once_and_types_are_kept_apart() {
        let again = r#"{"ContactItem":[{"Type":1,"To_Account":"a"},{"Type":2,"ToGroupId":"a"}],"CompleteFlag":0,"NextStartIndex":3}"#;
        let (items, given) = after(&[ONE, again]);
        assert_eq!((items.end, given), (End::Open, 2));
    }
}
