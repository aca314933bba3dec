//! The codes and their texts in C++, Python and Go.

use std::fmt::Write;

use super::{Code, MADE};

/// A code's text for a face in which it has another name, without what is told of C's functions and of the vendor's pages.
fn text(code: &Code, name: impl Fn(&str) -> String) -> String {
    let sentences = code.text.split_inclusive(". ").filter(|one| !one.contains("`chat_"));
    let mut text = sentences.collect::<String>().trim().to_owned();
    if let Some(at) = text.find(" (1047/") {
        text.replace_range(at..=text[at..].find(')').unwrap() + at, "");
    }
    while let Some((before, rest)) = text.clone().split_once("`CHAT_") {
        let (other, after) = rest.split_once('`').unwrap();
        text = format!("{before}{}{after}", name(other));
    }
    text
}

/// A comment, in lines that no formatter finds too long.
fn comment(mark: &str, text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        if lines.last().unwrap().len() + word.len() > 116 {
            lines.push(String::new());
        }
        let line = lines.last_mut().unwrap();
        line.push(' ');
        line.push_str(word);
    }
    lines.iter().map(|line| format!("{mark}{line}\n")).collect()
}

pub(super) fn cpp_codes(codes: &[Code]) -> String {
    let mut made = format!(
        "/// @file codes.hpp
/// The named codes of tencent_chat.h as one enumeration, with the same numbers, and what they mean. {MADE}

#ifndef TENCENT_CHAT_CODES_HPP
#define TENCENT_CHAT_CODES_HPP

#include <tencent_chat.h>

#include <string_view>

namespace tencent_chat {{

/// Every named code of the C API, by the same name without CHAT_. 0 is success, negative numbers are the library's, positive
/// ones the service's `ErrorCode` unchanged; one without a name here is still a valid value: `static_cast<Code>(51012)`.
enum class Code : int {{
"
    );
    for code in codes {
        made += &comment("  ///", &text(code, str::to_owned));
        writeln!(made, "  {0} = CHAT_{0},", code.name).unwrap();
    }
    made + "};

/// What a code means and what to do about it. Static text, any thread.
[[nodiscard]] inline std::string_view describe(Code code) noexcept { return chat_strerror(static_cast<int>(code)); }

/// Whether no call will succeed before somebody changes the settings, the app or its plan, so that a run of many calls should end.
[[nodiscard]] inline bool is_fatal(Code code) noexcept { return chat_code_is_fatal(static_cast<int>(code)) != 0; }

/// The version of the library in use, such as \"0.1.0\"; CHAT_VERSION is that of the header.
[[nodiscard]] inline std::string_view version() noexcept { return chat_version(); }

}  // namespace tencent_chat

#endif  // TENCENT_CHAT_CODES_HPP
"
}

pub(super) fn python_codes(codes: &[Code]) -> String {
    let mut made = format!(
        "\"\"\"The numbers a call may end with, under the names of ``tencent_chat.h`` without the ``CHAT_`` prefix. Negative numbers are
this library's, positive ones the service's own ``ErrorCode``. Numbers are never reused; a code without a name here may still
arrive.

{MADE}
\"\"\"

from __future__ import annotations

from typing import Final

"
    );
    for code in codes {
        made += &comment("#:", &text(code, str::to_owned));
        writeln!(made, "{}: Final = {}", code.name, code.number).unwrap();
    }
    made
}

/// `CHAT_ERR_TLS` is `CodeTLS`, `CHAT_SERVICE_GROUP_NOT_FOUND` is `CodeServiceGroupNotFound`.
fn go_name(name: &str) -> String {
    let words = name
        .strip_prefix("ERR_")
        .unwrap_or(name)
        .split('_')
        .map(|word| match word {
            "OK" | "UTF8" | "HTTP" | "TLS" | "SDK" | "ID" | "IP" => word.to_owned(),
            _ => word[..1].to_owned() + &word[1..].to_lowercase(),
        });
    format!("Code{}", words.collect::<String>())
}

pub(super) fn go_codes(codes: &[Code]) -> String {
    let mut made = format!(
        "// {MADE}

package chat

import \"strconv\"

// Code is the outcome of a call: 0 is success, negative codes are the library's, positive
// codes are the service's ErrorCode, unchanged, whether named here or not.
type Code int

// The codes of tencent_chat.h, one to one: CHAT_ERR_TIMEOUT is CodeTimeout, CHAT_SERVICE_GROUP_NOT_FOUND is CodeServiceGroupNotFound.
const (
"
    );
    for code in codes {
        made += &comment("\t//", &text(code, go_name));
        writeln!(made, "\t{} Code = {}", go_name(&code.name), code.number).unwrap();
    }
    made.push_str(
        ")\n\n// codeNames gives each code its name in the header, without CHAT_.\nvar codeNames = map[Code]string{\n",
    );
    let names: Vec<String> = codes.iter().map(|code| go_name(&code.name)).collect();
    let longest = names.iter().map(String::len).max().unwrap() + 1;
    for (code, name) in codes.iter().zip(names) {
        writeln!(made, "\t{:longest$} \"{}\",", name + ":", code.name).unwrap();
    }
    made + "}

// String gives the header's name without CHAT_ (ERR_TIMEOUT, SERVICE_GROUP_NOT_FOUND), or the
// number for a code without a name. Use %d for the number.
func (c Code) String() string {
	if name, ok := codeNames[c]; ok {
		return name
	}
	return strconv.Itoa(int(c))
}

// Explain says what the code means and what to do, in the native library's words.
func (c Code) Explain() string { return explain(c) }

// IsFatal says whether no call will succeed before somebody changes the configuration, the app or
// its plan, so that a run of many calls should end.
func (c Code) IsFatal() bool { return isFatal(c) }
"
}
