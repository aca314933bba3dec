//! Goes through all pages of a list, one item at a time and each once, also where items move to another page meanwhile. It ends whatever the service
//! answers: at its `CompleteFlag`, on a page without anything new, when a cursor comes back, and at a bound, which is told. Cursors are opaque and
//! echoed as they came. A member that is absent or null says nothing; one of another type is an error that names it.

use std::collections::{HashSet, VecDeque};

use serde_json::Value;

use crate::client::Client;
use crate::options::CallOptions;
use crate::response::{tree, Response};

/// Far beyond any user's list: a service that goes on inventing cursors ends here.
const MOST_PAGES: u64 = 10_000;
/// What the names and cursors of one list may take, in bytes.
const MOST_BYTES: usize = 64 * 1_024 * 1_024;

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
    /// Of what `asked` and `given` hold.
    bytes: usize,
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
            bytes: 0,
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
            if let Some(endless) = self.give_up() {
                return Some(endless);
            }
            let page = (self.paged.fetch)(client, &self.from_account, &self.cursor, options);
            if !page.is_ok() {
                return Some(page);
            }
            let Some(answer) = tree(page.body()) else {
                return Some(page.unreadable("no memory for the members of the page"));
            };
            if let Err(why) = self.take(&answer) {
                return Some(page.unreadable(&why));
            }
            self.page = Some(page);
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

    /// The end of a list that has none; told once.
    fn give_up(&mut self) -> Option<Response> {
        if self.pages < MOST_PAGES && self.bytes < MOST_BYTES {
            return None;
        }
        self.end = End::Standstill;
        let page = self.page.as_ref()?;
        let why = format!(
            "the list is given up after {} pages, each with something new on it: no user's has so many, so the service, or what stands between, \
             goes on for ever",
            self.pages
        );
        Some(page.with_body(page.body()).unreadable(&why))
    }

    /// Takes the items of a page and where the next one is. Of a page that cannot be read, nothing.
    fn take(&mut self, answer: &Value) -> Result<(), String> {
        let items = match answer.pointer(self.paged.items) {
            None | Some(Value::Null) => &[],
            Some(Value::Array(items)) => items.as_slice(),
            Some(_) => return Err(format!("{} of the answer is no list", self.paged.items)),
        };
        if let Some(place) = items.iter().position(|item| !item.is_object()) {
            return Err(format!("{}/{place} of the answer is no object", self.paged.items));
        }
        let complete = match answer.get("CompleteFlag") {
            None | Some(Value::Null) => false,
            Some(flag) => Response::integer(flag).ok_or("/CompleteFlag of the answer is no integer")? == 1,
        };
        let next = |(member, first): &(&str, u8)| match answer.get(*member) {
            None | Some(Value::Null) => Ok(Value::from(*first)),
            Some(cursor) if cursor.is_string() || Response::integer(cursor).is_some() => Ok(cursor.clone()),
            Some(_) => Err(format!("/{member} of the answer is no integer")),
        };
        let next: Vec<Value> = self.paged.first.iter().map(next).collect::<Result<_, _>>()?;
        for item in items {
            let key = Self::key(item);
            let length = key.len();
            if self.given.insert(key) {
                self.bytes += length;
                self.waiting.push_back(item.clone());
            }
        }
        let asked = Value::from(std::mem::replace(&mut self.cursor, next)).to_string();
        self.bytes += asked.len();
        self.asked.insert(asked);
        let repeated = self.asked.contains(&Value::from(self.cursor.clone()).to_string());
        self.end = match (complete, repeated || self.waiting.is_empty()) {
            (true, _) => End::Complete,
            (false, true) => End::Standstill,
            (false, false) => End::Open,
        };
        self.pages += 1;
        Ok(())
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
            items.take(&tree(body.as_bytes()).unwrap()).unwrap();
            items.page = Some(page(body));
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

    #[test]
    fn a_list_that_never_ends_is_given_up_and_told_once() {
        let page_with = |number: u64| {
            format!(
                r#"{{"ContactItem":[{{"Type":1,"To_Account":"{number}"}}],"CompleteFlag":0,"NextStartIndex":{}}}"#,
                number + 1
            )
        };
        let mut items = Items::new(&PAGES, "u");
        while items.give_up().is_none() {
            let body = page_with(items.pages);
            items.take(&tree(body.as_bytes()).unwrap()).unwrap();
            items.page = Some(page(&body));
            items.waiting.clear();
            assert!(items.pages <= MOST_PAGES, "bounded");
        }
        assert!(items.end == End::Standstill && !items.is_complete());
        let mut items = after(&[ONE]).0;
        assert!(items.bytes >= 8, "{}", items.bytes);
        items.bytes = MOST_BYTES;
        assert!(items.give_up().is_some());
        let mut items = Items::new(&PAGES, "u");
        (items.pages, items.page) = (MOST_PAGES, Some(page(ONE)));
        let told = items.give_up().unwrap();
        assert_eq!(told.code(), crate::error::CHAT_ERR_PROTOCOL);
        assert!(told.message().contains("after 10000 pages"), "{}", told.message());
    }

    #[test]
    fn null_says_nothing_and_a_member_of_another_type_is_named() {
        let (items, given) = after(&[r#"{"ContactItem":null,"CompleteFlag":null,"NextStartIndex":null}"#]);
        assert_eq!((items.end, given), (End::Standstill, 0));
        let (items, _) = after(&[
            r#"{"ContactItem":[{"Type":1,"To_Account":"a"}],"CompleteFlag":0.0,"NextStartIndex":1.0}"#,
            r#"{"ContactItem":[{"Type":1,"To_Account":"b"}],"CompleteFlag":1.0,"NextStartIndex":"7"}"#,
        ]);
        assert!(items.is_complete());
        for (body, member) in [
            (
                r#"{"ContactItem":{},"CompleteFlag":0,"NextStartIndex":1}"#,
                "/ContactItem of",
            ),
            (
                r#"{"ContactItem":[{},7],"CompleteFlag":0,"NextStartIndex":1}"#,
                "/ContactItem/1 ",
            ),
            (
                r#"{"ContactItem":[],"CompleteFlag":"yes","NextStartIndex":1}"#,
                "/CompleteFlag ",
            ),
            (
                r#"{"ContactItem":[],"CompleteFlag":0.5,"NextStartIndex":1}"#,
                "/CompleteFlag ",
            ),
            (
                r#"{"ContactItem":[],"CompleteFlag":0,"NextStartIndex":[1]}"#,
                "/NextStartIndex ",
            ),
            (
                r#"{"ContactItem":[],"CompleteFlag":0,"NextStartIndex":1.5}"#,
                "/NextStartIndex ",
            ),
        ] {
            let mut items = Items::new(&PAGES, "u");
            let why = items.take(&tree(body.as_bytes()).unwrap()).unwrap_err();
            assert!(why.starts_with(member), "{why}");
            assert_eq!(
                (items.pages, items.end),
                (0, End::Open),
                "the page can be asked for again"
            );
        }
    }
}
