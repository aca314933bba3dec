//! Each list as bytes, what somebody said of it, and what comes of it: items byte for byte, or a refusal that names the line and what to type.

use super::*;

/// What becomes of a list called `name`, with the flags of the command line.
fn read(name: &str, bytes: &[u8], flags: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let flag = |name: &str| {
        flags
            .iter()
            .find(|(flag, _)| *flag == name)
            .map(|(_, value)| (*value).to_owned())
    };
    let source = Source {
        path,
        format: Format::Auto,
        group: flag("group"),
        account_column: flag("account"),
        group_column: flag("column"),
        header: flag("header").map(|value| value == "yes"),
        delimiter: flag("delimiter").map(|value| value.chars().next().unwrap()),
        is_backup: false,
    };
    let list = source.list().map_err(|failure| failure.message)?;
    let items = list.items.map(|item| match item {
        Ok(item) => Ok((item.account, item.group)),
        Err(wrong) => Err(format!("line {}: {}", wrong.line, wrong.what)),
    });
    items.collect()
}

const HEADER: &[(&str, &str)] = &[("header", "yes")];
const DATA: &[(&str, &str)] = &[("header", "no")];
const GROUP: &[(&str, &str)] = &[("group", "g")];

#[track_caller]
fn comes(name: &str, bytes: &[u8], flags: &[(&str, &str)], items: &[(&str, &str)]) {
    let read = read(name, bytes, flags).unwrap_or_else(|what| panic!("{what}: {}", bytes.escape_ascii()));
    let read: Vec<(&str, &str)> = read.iter().map(|(account, group)| (&account[..], &group[..])).collect();
    assert_eq!(read, items, "{}", bytes.escape_ascii());
}

#[track_caller]
fn refused(name: &str, bytes: &[u8], flags: &[(&str, &str)], says: &str) {
    match read(name, bytes, flags) {
        Ok(items) => panic!("{items:?} were taken from {}", bytes.escape_ascii()),
        Err(what) => assert!(what.contains(says), "{says:?} is not in {what:?}"),
    }
}

/// A cell as a spreadsheet writes it.
fn in_quotes(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

#[test]
fn a_quoted_cell_is_byte_for_byte_in_every_dialect() {
    let groups = [
        "work ",
        " work",
        "\u{3000}work",
        "a,b;c\td|e",
        "say \"hi\"",
        "\"",
        "設計会議",
        "\u{feff}x",
        "'x'",
    ];
    for delimiter in [",", ";", "\t", "|"] {
        for end in ["\n", "\r\n"] {
            for bom in ["", "\u{feff}"] {
                for header in [true, false] {
                    let mut text = bom.to_owned();
                    if header {
                        text += &format!("account{delimiter}group{end}{end}");
                    }
                    for group in groups {
                        text += &format!("u1{delimiter}{}{end}", in_quotes(group));
                    }
                    let flags = if header { HEADER } else { DATA };
                    comes("a.csv", text.as_bytes(), flags, &groups.map(|group| ("u1", group)));
                }
            }
        }
    }
}

#[test]
fn a_bare_cell_or_line_that_could_be_two_things_is_refused() {
    for (cell, says) in [
        ("work ", "begins or ends with a blank"),
        (" work", "begins or ends with a blank"),
        ("\u{a0}work", "begins or ends with a blank"),
        ("\u{feff}work", "begins or ends with a blank"),
        (" \"work\"", "between quotes"),
        ("wo\"rk", "a quote is inside"),
        ("\"work\" x", "follows a cell in quotes"),
        ("\"work", "a quote is not closed"),
        ("\"work\nu2,x\"", "a quote is not closed"),
        ("Sales, EMEA", "3 cells where the first row has 2"),
        ("wo\rrk", "carriage return"),
        ("", "group_name is empty"),
    ] {
        refused(
            "a.csv",
            format!("account,group\n\nu1,{cell}\n").as_bytes(),
            HEADER,
            says,
        );
    }
    for line in ["u1 ", " u1", "\tu1", "u1\u{200b}"] {
        refused(
            "a.txt",
            format!("u0\n{line}\n").as_bytes(),
            GROUP,
            "line 2: the line begins or ends with a blank",
        );
    }
    comes(
        "a.txt",
        b"u1\r\n\r\n\"u1 \"\n  \n#4\nuser,5\n\"a\"\"b\"",
        GROUP,
        &[("u1", "g"), ("u1 ", "g"), ("#4", "g"), ("user,5", "g"), ("a\"b", "g")],
    );
}

#[test]
fn what_separates_the_columns_is_seen_said_or_asked_for() {
    for (text, says) in [
        (
            &b"u1;Sales, EMEA\nu2;Sales, EMEA\n"[..],
            "holds ',' and ';': give --delimiter",
        ),
        (b"u1,a;b\n", "give --delimiter"),
        (b"u1\tx|y\n", "a tab"),
    ] {
        refused("a.csv", text, DATA, says);
    }
    let semicolon = [DATA, &[("delimiter", ";")]].concat();
    comes("a.csv", b"u1;Sales, EMEA\n", &semicolon, &[("u1", "Sales, EMEA")]);
    comes("a.csv", b"\"u,1\";g\n", DATA, &[("u,1", "g")]);
    comes("a.tsv", b"u1\ta,b\n", DATA, &[("u1", "a,b")]);
    refused(
        "a.csv",
        b"u1\nu2;x\n",
        GROUP,
        "line 2: the account's cell may be several",
    );
    refused(
        "a.csv",
        b"u1\nu2,x\n",
        GROUP,
        "line 2: the account's cell may be several",
    );
    comes("a.csv", b"u1\n\"u2,x\"\n", GROUP, &[("u1", "g"), ("u2,x", "g")]);
}

#[test]
fn a_column_is_what_somebody_said_it_is_and_nothing_else() {
    let both = [("u1", "g 1"), ("u2", "a,b")];
    for (text, flags) in [
        ("u1,g 1\nu2,\"a,b\"\n", DATA),
        ("account,group\nu1,g 1\n,\nu2,\"a,b\"\n", HEADER),
        ("id,GroupName,From_Account\n1,g 1,u1\n2,\"a,b\",u2\n", HEADER),
        (
            "n,who,what\n1,u1,g 1\n2,u2,\"a,b\"\n",
            &[("account", "who"), ("column", "what")],
        ),
        ("1,g 1,u1\n2,\"a,b\",u2\n", &[("account", "3"), ("column", "2")]),
        (
            "user,group,account\nx,g 1,u1\ny,\"a,b\",u2\n",
            &[("header", "yes"), ("account", "account")],
        ),
    ] {
        comes("a.csv", text.as_bytes(), flags, &both);
    }
    comes("a.csv", b"user,group\n", DATA, &[("user", "group")]);
    comes(
        "a.csv",
        b"phone\n1\n",
        &[("header", "yes"), ("group", "g")],
        &[("1", "g")],
    );
    let either = "give --header if it is one, --no-header if it is data";
    for (name, text, flags, says) in [
        ("a.csv", "account,group\nu1,work\n", &[][..], either),
        ("a.csv", "User ID\nu1\n", GROUP, either),
        ("a.txt", "account\nu1\n", GROUP, either),
        (
            "a.csv",
            "account,group\nu1,work\n",
            &[("account", "1"), ("column", "2")],
            either,
        ),
        (
            "a.csv",
            "account,department\nu1,sales\n",
            HEADER,
            "give --group for all of them, or --group-column",
        ),
        ("a.csv", "u1,sales\n", &[], "Give --account-column with its number"),
        ("a.csv", "u1,sales\n", GROUP, "Give --account-column"),
        (
            "a.csv",
            "u1,sales\n",
            &[("header", "no"), ("group", "g")],
            "Give --account-column",
        ),
        ("a.csv", "u1,sales,x\n", DATA, "Give --account-column"),
        ("a.csv", "u1,sales\n", &[("account", "1")], "holds the groups"),
        (
            "a.csv",
            "phone,member\n1,u1\n",
            &[("header", "yes"), ("group", "g")],
            "which column holds the accounts",
        ),
        (
            "a.csv",
            "user,account\nx,u1\n",
            &[("header", "yes"), ("group", "g")],
            "\"user\" or \"account\"",
        ),
        (
            "a.csv",
            "a,a\nu1,g\n",
            &[("account", "a"), ("group", "g")],
            "several columns are called",
        ),
        (
            "a.csv",
            "a,b\nu1,g\n",
            &[("account", "who"), ("group", "g")],
            "no column is called",
        ),
        (
            "a.csv",
            "a,b\nu1,g\n",
            &[("account", "a"), ("header", "no"), ("group", "g")],
            "give its number",
        ),
        (
            "a.csv",
            "2,1\nu1,g\n",
            &[("account", "1"), ("group", "g")],
            "or the one that its first row calls so",
        ),
        ("a.csv", "a,b\n", &[("account", "0"), ("group", "g")], "counted from 1"),
        (
            "a.csv",
            "a,b\n",
            &[("account", "3"), ("group", "g")],
            "there is no column 3",
        ),
        (
            "a.csv",
            "a,b\n",
            &[("account", "1"), ("column", "1")],
            "the same column",
        ),
        (
            "a.txt",
            "u1,u2\n",
            &[("account", "1"), ("group", "g")],
            "plain lines have no --account-column",
        ),
        ("a.txt", "u1\n", &[], "give --group, or --format csv"),
        (
            "a.jsonl",
            "\"u1\"\n",
            &[("header", "yes"), ("group", "g")],
            "have no --header",
        ),
    ] {
        refused(name, text.as_bytes(), flags, says);
    }
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    for (text, line) in [
        ("account,group\r\nuser_1,work\r\nuser_2\r\n", 3),
        ("account,group\n\n\nuser_1,work\n\nuser_2\n", 6),
        ("\n\naccount,group\n,\nuser_2\n", 5),
        ("account,group\nuser_2", 2),
    ] {
        refused(
            "a.csv",
            text.as_bytes(),
            HEADER,
            &format!("line {line}: 1 cell where the first row has 2"),
        );
    }
    refused("a.txt", b"u\n\n\nu\x07\n", GROUP, "line 4: ");
    refused(
        "a.jsonl",
        b"\n{\"account\":\"u\",\"group\":\"g\"}\n\nx\n",
        &[],
        "line 4: ",
    );
}

#[test]
fn what_is_not_utf_8_is_named_as_what_it_is() {
    let utf16 = |text: &str, bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
    let list = "account,group\nuser_1,work\n";
    for (bytes, says) in [
        (utf16(&format!("\u{feff}{list}"), u16::to_le_bytes), "UTF-16, not UTF-8"),
        (utf16(&format!("\u{feff}{list}"), u16::to_be_bytes), "UTF-16, not UTF-8"),
        (utf16(list, u16::to_le_bytes), "UTF-16LE"),
        (utf16(list, u16::to_be_bytes), "UTF-16BE"),
        (b"\xff\xfe\0\0u\0\0\0".to_vec(), "UTF-32"),
        (
            b"account,group\nuser_1,M\xfcller\n".to_vec(),
            "line 2: not UTF-8; it looks like Latin-1",
        ),
        (
            b"account,group\nuser_1,\x93work\x94\n".to_vec(),
            "line 2: not UTF-8; it looks like Latin-1 (Windows-1252)",
        ),
        (
            b"account,group\nuser_1,\xb9\xa4\xd7\xf7\n".to_vec(),
            "line 2: not UTF-8; it looks like GBK",
        ),
        (b"PK\x03\x04 and so on".to_vec(), "a spreadsheet"),
        (b"\x1f\x8b and so on".to_vec(), "gzip"),
        (b"account,group\nu\0\x01,x\n".to_vec(), "bytes that are zero"),
    ] {
        refused("a.csv", &bytes, HEADER, says);
    }
}

#[test]
fn json_lists_hold_texts_numbers_and_objects_and_no_member_is_guessed() {
    let numbers = [("1400001", "work"), ("18446744073709551615", "7")];
    for name in ["a.jsonl", "a.ndjson", "a.json", "a.txt"] {
        let text =
            b"{\"user_id\":1400001,\"group\":\"work\"}\r\n\n{\"From_Account\":18446744073709551615,\"GroupName\":[7]}";
        comes(name, text, &[], &numbers);
    }
    comes(
        "a.jsonl",
        b"\"u1\"\n  1400001\n{\"x\":1,\"account\":\"u 2 \"}\n",
        GROUP,
        &[("u1", "g"), ("1400001", "g"), ("u 2 ", "g")],
    );
    comes(
        "a.jsonl",
        b"{\"account\":\"x\",\"id\":5}",
        &[("account", "id"), ("group", "g")],
        &[("5", "g")],
    );
    for (line, says) in [
        ("[\"u1\",\"u2\"]", "a JSON array"),
        ("{", "not one JSON value"),
        ("{\"account\":1.0}", "not written with digits alone"),
        ("{\"account\":1e5}", "not written with digits alone"),
        ("{\"account\":-1}", "not written with digits alone"),
        ("{\"account\":123456789012345678901234567890}", "too long for one"),
        ("{\"account\":null}", "neither a text nor a number"),
        ("{\"account\":[\"a\",\"b\"]}", "neither a text nor a number"),
        ("{\"account\":\"a\",\"user\":\"b\"}", "\"account\" or \"user\"?"),
        ("{\"account\":\"a\",\"account\":\"b\"}", "comes twice"),
        ("{\"acount\":\"a\"}", "no account in it"),
        ("{\"account\":\"a\\u0007\"}", "control character"),
        ("true", "not one JSON value"),
    ] {
        refused("a.jsonl", line.as_bytes(), GROUP, says);
    }
    refused(
        "a.jsonl",
        b"{\"account\":\"a\",\"group\":\"x\",\"group\":\"y\"}",
        &[],
        "comes twice",
    );
    refused(
        "a.jsonl",
        b"{\"account\":\"a\",\"department\":\"x\"}",
        &[],
        "no group in it",
    );
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { failure_persistence: None, cases: 100, ..Default::default() })]
    /// Whatever two texts hold that a list may hold, in quotes they come back as they are.
    #[test]
    fn any_pair_comes_back_from_a_quoted_row(account in "[^\\p{C}\r\n\u{2028}\u{2029}]{1,8}", group in "[^\\p{Cc}]{1,16}", delimiter in 0..4_usize) {
        let delimiter = [",", ";", "\t", "|"][delimiter];
        let row = format!("{}{delimiter}{}\n", in_quotes(&account), in_quotes(&group));
        comes("a.csv", row.as_bytes(), DATA, &[(&account, &group)]);
    }

    /// No list of bytes makes it panic, or makes an item of a line that it does not name.
    #[test]
    fn nothing_panics_whatever_the_bytes(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200), name in 0..3_usize) {
        let name = ["a.csv", "a.jsonl", "a.txt"][name];
        for flags in [HEADER, DATA, GROUP, &[]] {
            let _ = read(name, &bytes, flags);
        }
    }
}
