//! The page for browsers: its parts, all inside the binary, and what a browser may do with an answer of the admin port.

use hyper::header::{
    HeaderMap, HeaderValue, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use super::{with_type, Answer};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Path, content type, and the file itself.
const PARTS: &[(&str, &str, &str)] = &[
    ("/ui/", HTML, include_str!("ui/index.html")),
    ("/ui/style.css", CSS, include_str!("ui/style.css")),
    ("/ui/main.js", JAVASCRIPT, include_str!("ui/main.js")),
    ("/ui/dom.js", JAVASCRIPT, include_str!("ui/dom.js")),
    ("/ui/accounts.js", JAVASCRIPT, include_str!("ui/accounts.js")),
    ("/ui/requests.js", JAVASCRIPT, include_str!("ui/requests.js")),
    ("/ui/copy.js", JAVASCRIPT, include_str!("ui/copy.js")),
    ("/ui/faults.js", JAVASCRIPT, include_str!("ui/faults.js")),
    ("/ui/service.js", JAVASCRIPT, include_str!("ui/service.js")),
];

pub(super) fn part(path: &str) -> Option<Answer> {
    let (_, content_type, text) = PARTS.iter().find(|(own, ..)| *own == path)?;
    Some(with_type(*text, content_type))
}

/// Nothing is loaded from elsewhere, nothing is written into the page as code, and no other page shows this one.
const POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

pub(super) fn guarded(headers: &mut HeaderMap) {
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
