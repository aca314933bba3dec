//! The query of a request line, decoded, with the signature kept apart from everything that may be shown.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

/// The parameters of one request. Names and values are case-sensitive (1047/34620).
#[derive(Clone, Default)]
pub(crate) struct Query {
    parameters: Vec<(String, String)>,
    flaw: Option<&'static str>,
    secrets: Secrets,
}

impl Query {
    /// Reads the text after `?`. `%2A` and `*` are the same; `+` is a space, as in forms (so a raw `+` in an id breaks it).
    pub(crate) fn parse(raw: Option<&str>) -> Self {
        let mut query = Self::default();
        let raw = raw.unwrap_or("");
        if raw.is_empty() {
            query.flaw = Some("the query is missing");
        }
        for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
            let (raw_name, raw_value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, name_is_utf8) = decoded(raw_name);
            let (value, value_is_utf8) = decoded(raw_value);
            if !name_is_utf8 || !value_is_utf8 {
                query.flaw = Some("the query is not UTF-8");
            }
            if query.get(&name).is_some() {
                query.flaw = Some("a parameter is given twice");
            }
            if is_secret(&name) {
                query.secrets.add(raw_value);
                query.secrets.add(&value);
            }
            query.parameters.push((name, value));
        }
        query
    }

    /// Why the query cannot be used, if so.
    pub(crate) fn flaw(&self) -> Option<&'static str> {
        self.flaw
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Takes note of a signature that a client has put into the path (by `&` for `?`, mostly).
    pub(crate) fn with_path(mut self, path: &str) -> Self {
        let lower = path.to_ascii_lowercase();
        if let Some(at) = find_assignment(&lower) {
            let value = path[at..].split('&').next().unwrap_or("");
            self.secrets.add(value);
            self.secrets.add(&decoded(value).0);
        }
        self
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// What the log may show: every parameter but the signature, in whose place stands the start of its SHA-256.
    pub(crate) fn visible(&self) -> BTreeMap<String, String> {
        let mut shown = BTreeMap::new();
        for (name, value) in &self.parameters {
            if is_secret(name) {
                shown.insert("usersig_sha256".to_owned(), short_sha256(value));
            } else {
                shown.insert(self.secrets.hidden_in(name), self.secrets.hidden_in(value));
            }
        }
        shown
    }
}

/// A parameter whose value is a signature, also when its name is written in the wrong case.
fn is_secret(name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("usersig")
}

fn decoded(raw: &str) -> (String, bool) {
    let spaced = raw.replace('+', " ");
    let bytes: Vec<u8> = percent_decode_str(&spaced).collect();
    match String::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(e) => (String::from_utf8_lossy(e.as_bytes()).into_owned(), false),
    }
}

/// First 12 hexadecimal digits of the SHA-256: enough to tell two signatures apart, useless to sign with.
fn short_sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes())
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// The spellings of the signature that came with one request.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    spellings: Vec<String>,
}

const MASK: &str = "[usersig]";

impl Secrets {
    fn add(&mut self, spelling: &str) {
        // A few characters are no signature, and replacing them everywhere would spoil the log.
        if spelling.len() >= 8 && !self.spellings.iter().any(|s| s == spelling) {
            self.spellings.push(spelling.to_owned());
            self.spellings.sort_by_key(|s| std::cmp::Reverse(s.len()));
        }
    }

    /// The text without the request's signature, and without whatever follows `usersig=` in it.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        let mut shown = text.to_owned();
        for spelling in &self.spellings {
            if shown.contains(spelling.as_str()) {
                shown = shown.replace(spelling.as_str(), MASK);
            }
        }
        without_assignments(&shown)
    }
}

/// Masks the value after each `usersig=` (a signature pasted into a path, a header or a body).
fn without_assignments(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut shown = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = find_assignment(&lower[at..]) {
        let value = at + found;
        let end = text[value..]
            .find(|c: char| c == '&' || c == '"' || c == '\'' || c.is_whitespace())
            .map_or(text.len(), |n| value + n);
        shown.push_str(&text[at..value]);
        if end > value {
            shown.push_str(MASK);
        }
        at = end;
    }
    shown.push_str(&text[at..]);
    shown
}

/// Where the value of the first `usersig=` or `usersig%3d` begins.
fn find_assignment(lower: &str) -> Option<usize> {
    ["usersig=", "usersig%3d"]
        .iter()
        .filter_map(|mark| lower.find(mark).map(|n| n + mark.len()))
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_may_come_raw_or_encoded() {
        for raw in ["usersig=a*b", "usersig=a%2Ab", "usersig=a%2ab"] {
            assert_eq!(Query::parse(Some(raw)).get("usersig"), Some("a*b"));
        }
    }

    #[test]
    fn names_are_case_sensitive_and_order_is_free() {
        let query = Query::parse(Some("random=1&SDKAppID=7&identifier=a%20b%26c"));
        assert_eq!(query.get("sdkappid"), None);
        assert_eq!(query.get("identifier"), Some("a b&c"));
        assert_eq!(query.flaw(), None);
    }

    #[test]
    fn a_missing_doubled_or_broken_query_is_a_flaw() {
        for raw in [None, Some(""), Some("a=1&a=2"), Some("a=%ff")] {
            assert!(Query::parse(raw).flaw().is_some(), "{raw:?}");
        }
    }

    #[test]
    fn the_signature_is_in_nothing_that_is_shown() {
        let sig = "eJwtzM0KgkAUBeB3uWtDZ*qa";
        for name in ["usersig", "UserSig", "user%73ig", "usersig%20"] {
            let query = Query::parse(Some(&format!("{name}={}&x={sig}", sig.replace('*', "%2A"))));
            let shown = format!("{:?}", query.visible());
            assert!(!shown.contains("eJwtzM0K"), "{shown}");
            assert!(shown.contains("usersig_sha256"), "{shown}");
        }
    }

    #[test]
    fn a_signature_pasted_elsewhere_is_masked() {
        let none = Secrets::default();
        assert_eq!(
            none.hidden_in("/v4/a/b&UserSig=abc&x=1"),
            "/v4/a/b&UserSig=[usersig]&x=1"
        );
        assert_eq!(none.hidden_in("see usersig%3Dabc end"), "see usersig%3D[usersig] end");
        assert_eq!(none.hidden_in("no secret"), "no secret");
    }

    #[test]
    fn two_signatures_are_told_apart_by_their_hash() {
        let first = Query::parse(Some("usersig=aaaaaaaaaa")).visible();
        let second = Query::parse(Some("usersig=bbbbbbbbbb")).visible();
        assert_ne!(first["usersig_sha256"], second["usersig_sha256"]);
        assert_eq!(first["usersig_sha256"].len(), 12);
    }
}
