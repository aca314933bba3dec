//! Going through all pages of a list: one item at a time, each once.
//! Promises an end whatever the service answers: at its `CompleteFlag`, on a page without anything new, and when a cursor comes back.
//! Items that move to another page meanwhile are not given twice. Cursors are opaque and echoed as they came.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

use crate::client::Client;
use crate::options::CallOptions;
use crate::response::{tree, Response};

/// What distinguishes one paged command from another.
#[derive(Debug)]
pub(crate) struct Paged {
    /// Where in the answer the items are.
    pub items: &'static str,
    /// The answer's cursor members and what the first request sends for each.
    pub first: &'static [(&'static str, u8)],
    pub fetch: fn(&Client, &str, &[Value], &CallOptions) -> Response,
}

/// Where an iteration stands.
#[derive(Debug)]
pub struct Items {
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
    pages: u64,
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
    pub(crate) fn new(paged: &'static Paged, from_account: &str) -> Self {
        Items {
            paged,
            from_account: from_account.to_owned(),
            cursor: paged.first.iter().map(|(_, first)| Value::from(*first)).collect(),
            asked: HashSet::new(),
            given: HashSet::new(),
            waiting: VecDeque::new(),
            page: None,
            pages: 0,
            end: End::Open,
        }
    }

    /// The next item as a response whose body it is; `None` at the end. A page that fails is given as it is, and asked for again next time.
    pub fn next(&mut self, client: &Client, options: &CallOptions) -> Option<Response> {
        loop {
            if let Some(item) = self.waiting.pop_front() {
                return Some(self.page.as_ref()?.with_body(item.to_string()));
            }
            if self.end != End::Open {
                return None;
            }
            let page = (self.paged.fetch)(client, &self.from_account, &self.cursor, options);
            if !page.is_ok() {
                return Some(page);
            }
            let Some(answer) = tree(page.body()) else {
                return Some(page.unreadable("no memory for the members of the page"));
            };
            self.take(page, &answer);
        }
    }

    /// The answer that the last item came in, and its number.
    pub fn page(&self) -> Option<(u64, &Response)> {
        Some((self.pages, self.page.as_ref()?))
    }

    /// Whether the service itself said that nothing follows.
    pub fn is_complete(&self) -> bool {
        self.end == End::Complete && self.waiting.is_empty()
    }

    fn take(&mut self, page: Response, answer: &Value) {
        for item in answer
            .pointer(self.paged.items)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            if self.given.insert(Self::key(item)) {
                self.waiting.push_back(item.clone());
            }
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
        self.pages += 1;
    }

    /// Type and id, which together name a conversation; an item that has no id stands for itself.
    fn key(item: &Value) -> String {
        // The commands spell a group chat's id differently, and so may their next version.
        let id = ["To_Account", "ToGroupId", "GroupId"]
            .iter()
            .find_map(|name| item.get(name));
        match id {
            Some(id) => format!("{} {id}", item.get("Type").unwrap_or(&Value::Null)),
            None => item.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGES: Paged = Paged {
        items: "/ContactItem",
        first: &[("NextStartIndex", 0)],
        fetch: |_, _, _, _| Response::default(),
    };

    fn page(body: &str) -> Response {
        Response::new(0, "").with_body(body)
    }

    fn after(pages: &[&str]) -> (Items, usize) {
        let mut items = Items::new(&PAGES, "u");
        let mut given = 0;
        for body in pages {
            assert_eq!(items.end, End::Open, "no page is asked for after the end");
            items.take(page(body), &tree(body.as_bytes()).unwrap());
            given += std::mem::take(&mut items.waiting).len();
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
    fn a_page_without_anything_new_or_a_cursor_that_comes_back_ends_it_without_the_services_word() {
        for last in [
            r#"{"ContactItem":[],"CompleteFlag":0,"NextStartIndex":2}"#,
            r#"{"CompleteFlag":0,"NextStartIndex":2}"#,
            r#"{"ContactItem":[{"Type":1,"To_Account":"a"}],"CompleteFlag":0,"NextStartIndex":2}"#,
            r#"{"ContactItem":[{"Type":1,"To_Account":"b"}],"CompleteFlag":0,"NextStartIndex":0}"#,
            r#"{"ContactItem":[{"Type":1,"To_Account":"b"}],"CompleteFlag":0,"NextStartIndex":1}"#,
        ] {
            let (items, _) = after(&[ONE, last]);
            assert_eq!(items.end, End::Standstill, "{last}");
            assert!(!items.is_complete());
        }
    }

    #[test]
    fn a_flag_given_as_a_string_is_understood_and_items_without_an_id_are_not_lost() {
        let (items, given) =
            after(&[r#"{"ContactItem":[{"Type":1},{"Type":2}],"CompleteFlag":"1","NextStartIndex":0}"#]);
        assert_eq!((items.is_complete(), given), (true, 2));
    }

    #[test]
    fn an_item_that_comes_twice_is_given_once_and_types_are_kept_apart() {
        let again = r#"{"ContactItem":[{"Type":1,"To_Account":"a"},{"Type":2,"ToGroupId":"a"}],"CompleteFlag":0,"NextStartIndex":3}"#;
        let (items, given) = after(&[ONE, again]);
        assert_eq!((items.end, given), (End::Open, 2));
    }
}
