//! The web site of the documentation: one command builds it, and a broken link fails it.

use std::fs;

use crate::stage;

#[test]
fn make_site_builds_every_page_a_search_and_the_reference_of_each_language() {
    if !stage::tools(&["python3", "doxygen", "go"]) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    stage::succeed(
        stage::builder("make")
            .args(["-s", "site", &format!("SITE={}", site.display())])
            .env("COMPLETE", "1"),
    );
    for page in [
        "index.html",
        "bindings/guides/errors-and-repeats/index.html",
        "reference/c/index.html",
        "reference/cpp/index.html",
        "reference/python/tencent_chat.html",
        "reference/chat/index.html",
    ] {
        assert!(site.join(page).exists(), "the site lacks {page}");
    }
    let search = fs::read_to_string(site.join("search/search_index.json")).unwrap();
    assert!(
        search.contains("chat_del_contact_group"),
        "the search finds no function"
    );
}
