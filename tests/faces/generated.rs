//! What the faces would otherwise type again: codes and their texts, the types of the C functions, Go's calls. All of it is made from the header by `make faces`,
//! which rewrites the files below; nothing else may. A face that differs from the header fails here.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use crate::stage;

/// A code of the header.
struct Code {
    /// Without the leading `CHAT_`.
    name: String,
    number: i32,
    /// What it means, a sentence or more.
    text: String,
}

/// A declaration of the header.
struct Function {
    name: String,
    /// What the comment above it says.
    words: String,
    result: String,
    /// Type and name of each; a callback's type is `(*)`.
    parameters: Vec<(String, String)>,
}

fn header() -> String {
    fs::read_to_string(stage::root().join("include/tencent_chat.h")).unwrap()
}

/// Every comment of the header with the code behind it.
fn blocks(header: &str) -> impl Iterator<Item = (String, &str)> {
    header.split("/**\n").skip(1).map(|block| {
        let (words, code) = block.split_once("*/\n").unwrap();
        let words = words.lines().map(|line| line.trim().trim_start_matches('*').trim());
        (words.collect::<Vec<_>>().join(" ").trim().to_owned(), code)
    })
}

fn codes(header: &str) -> Vec<Code> {
    let codes = blocks(header).filter_map(|(text, code)| {
        let define = code.lines().next()?.strip_prefix("#define CHAT_")?;
        let (name, number) = define.split_once(' ')?;
        let is_code = ["OK", "END"].contains(&name) || name.starts_with("ERR_") || name.starts_with("SERVICE_");
        is_code.then(|| Code {
            name: name.to_owned(),
            number: number.trim_matches(['(', ')']).parse().unwrap(),
            text,
        })
    });
    codes.collect()
}

fn functions(header: &str) -> Vec<Function> {
    let declared = blocks(header).filter_map(|(words, code)| {
        let declaration = code.split(';').next()?;
        let (head, parameters) = declaration.split_once('(')?;
        let at = head
            .rfind("chat_")
            .filter(|_| !head.starts_with("typedef") && !head.starts_with('#'))?;
        let parameters = parameters.trim_end().strip_suffix(')')?;
        Some(Function {
            name: head[at..].to_owned(),
            words,
            result: head[..at].trim().to_owned(),
            parameters: parts(parameters).iter().filter_map(|one| parameter(one)).collect(),
        })
    });
    declared.collect()
}

/// The fields of the one struct of the header that is no secret: type and name.
fn outcome(header: &str) -> Vec<(String, String)> {
    let (_, rest) = header.split_once("typedef struct {").unwrap();
    let (fields, _) = rest.split_once("} chat_outcome;").unwrap();
    let lines = fields.lines().filter_map(|line| line.trim().strip_suffix(';'));
    lines.filter_map(parameter).collect()
}

/// Parameters, cut at the commas that are not a callback's own.
fn parts(parameters: &str) -> Vec<String> {
    let mut depth = 0;
    let parts = parameters.split(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ',' && depth == 0
    });
    parts
        .map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect()
}

fn parameter(written: &str) -> Option<(String, String)> {
    if written == "void" {
        return None;
    }
    if let Some((_, callback)) = written.split_once("(*") {
        return Some(("(*)".to_owned(), callback.split(')').next().unwrap().to_owned()));
    }
    let at = written.rfind([' ', '*']).unwrap() + 1;
    Some((written[..at].trim().to_owned(), written[at..].to_owned()))
}

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

const MADE: &str = "Made by `make faces` from tencent_chat.h; not to be edited.";

fn cpp_codes(codes: &[Code]) -> String {
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

fn python_codes(codes: &[Code]) -> String {
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

fn go_codes(codes: &[Code]) -> String {
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

/// A C type as ctypes knows it, by the names of the module's head.
fn ctypes(written: &str, name: &str) -> String {
    let known = match written {
        "void" => "None",
        "void *" => "c_void_p",
        "const char *" => "INPUT",
        "size_t *" => "LENGTH",
        "(*)" if name == "stop" => "INTERRUPT",
        "(*)" if name == "attempt" => "ATTEMPT",
        _ if written.starts_with("chat_") && written.ends_with("**") => "OUT",
        _ if written.trim_start_matches("const ").starts_with("chat_") && written.ends_with('*') => "HANDLE",
        "int *" | "int64_t *" | "uint64_t *" | "double *" => {
            return format!("POINTER(c_{})", written.trim_end_matches(" *").trim_end_matches("_t"));
        }
        "size_t" => "c_size_t",
        "int" | "int64_t" | "uint32_t" | "uint64_t" => return format!("c_{}", written.trim_end_matches("_t")),
        _ => panic!("{written} {name}: say here what this type is in Python"),
    };
    known.to_owned()
}

fn python_signatures(header: &str, functions: &[Function]) -> String {
    let version = header.split("#define CHAT_VERSION \"").nth(1).unwrap();
    let abi = version.split('"').next().unwrap().rsplit_once('.').unwrap().0;
    let fields = outcome(header).into_iter().map(|(kind, name)| {
        let kind = ctypes(&kind, &name).replace("INPUT", "TEXT");
        format!("        (\"{name}\", {kind}),\n")
    });
    let fields = fields.collect::<String>();
    let mut made = format!(
        "\"\"\"The C functions as ctypes must know them: name -> (result, arguments), applied when the library is loaded.

{MADE}
\"\"\"

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, POINTER, c_char_p, c_double, c_int, c_int64, c_size_t, c_uint32, c_uint64, c_void_p
from typing import Any, Dict, Iterable, Optional, Tuple

#: major.minor of the ABI that this table describes; a library of another one is refused.
ABI = \"{abi}\"

#: A pointer to one of the opaque types.
HANDLE = c_void_p
#: A string or JSON text handed in. `c_char_p` takes bytes only; `c_void_p` would take a str and pass it as wchar_t.
INPUT = c_char_p
#: A string handed out: the address stays, because `c_char_p` would cut the text at its first NUL.
TEXT = c_void_p
#: Where a function writes a handle.
OUT = POINTER(c_void_p)
#: Where a function writes the length of the string it hands out.
LENGTH = POINTER(c_size_t)
#: `int (*stop)(void *user)`: asked on the calling thread, 1 ends the call.
INTERRUPT = CFUNCTYPE(c_int, c_void_p)
#: `void (*attempt)(const char *attempt_json, void *user)`: told of each attempt, on the thread of the call.
ATTEMPT = CFUNCTYPE(None, c_char_p, c_void_p)


class Outcome(ctypes.Structure):
    \"\"\"`chat_outcome`: what a `chat_response` begins with.\"\"\"

    _fields_ = (
{fields}    )


SIGNATURES: Dict[str, Tuple[Optional[Any], Tuple[Any, ...]]] = {{
"
    );
    for function in functions {
        let result = match function.result.as_str() {
            "const char *" => "TEXT".to_owned(),
            other => ctypes(other, ""),
        };
        let arguments = function.parameters.iter().map(|(kind, name)| ctypes(kind, name));
        let arguments: Vec<String> = arguments.collect();
        let comma = if arguments.len() == 1 { "," } else { "" };
        let arguments = arguments.join(", ");
        writeln!(made, "    \"{}\": ({result}, ({arguments}{comma})),", function.name).unwrap();
    }
    made + "}

#: What each call uses and what never waits, for anything or anybody: it may run while the interpreter's lock is held.
QUICK = tuple(
    name
    for name in SIGNATURES
    if name.startswith((\"chat_call_options_\", \"chat_contacts_\", \"chat_marks_\", \"chat_accounts_\", \"chat_response_\"))
)


def apply(library: ctypes.CDLL, names: Iterable[str] = SIGNATURES) -> None:
    \"\"\"Gives functions their types. AttributeError names one that the library lacks.\"\"\"
    for name in names:
        function = getattr(library, name)
        function.restype, function.argtypes = SIGNATURES[name]
"
}

/// What a C parameter of a command is for Go's calls.
struct Argument {
    /// Name and type in Go.
    go: String,
    kind: String,
    /// A statement of Go before the call, if there is one.
    before: String,
    /// What Go hands to the step into C, and what that takes.
    handed: String,
    taken: String,
    /// What C does before and after the call.
    made: String,
    freed: String,
    /// What C hands to the library.
    passed: String,
}

fn camel(name: &str) -> String {
    let mut words = name.split('_');
    let first = words.next().unwrap().to_owned();
    words.fold(first, |text, word| text + &word[..1].to_uppercase() + &word[1..])
}

fn argument(function: &Function, kind: &str, name: &str) -> Argument {
    let go = match name {
        "type" => "kind".to_owned(),
        _ => camel(name),
    };
    let plain = |kind: &str, handed: String, c: &str| Argument {
        kind: kind.to_owned(),
        before: String::new(),
        handed,
        taken: format!("{c} {name}").replace("* ", "*"),
        made: String::new(),
        freed: String::new(),
        passed: name.to_owned(),
        go: go.clone(),
    };
    match kind {
        "const char *" if is_optional(function, name) => plain("*string", format!("cText({go})"), kind),
        "const char *" => plain("string", format!("cText(&{go})"), kind),
        "int" | "int64_t" | "uint32_t" => plain(kind.trim_end_matches("_t"), format!("C.{kind}({go})"), kind),
        _ => list(kind, name, &go),
    }
}

/// Whether a text may be left out, as the function's comment says.
fn is_optional(function: &Function, name: &str) -> bool {
    let mut parameters = function.words.split("@param ");
    let said = parameters.find(|said| said.split(' ').next() == Some(name));
    said.is_some_and(|said| said.contains("or NULL"))
}

fn list(kind: &str, name: &str, go: &str) -> Argument {
    let list = kind.trim_start_matches("const chat_").trim_end_matches(" *");
    let (item, made) = match list {
        "contacts" => ("Contact", "cContacts"),
        "marks" => ("plainMark", "cMarks"),
        "accounts" => ("Account", "cAccounts"),
        _ => panic!("{kind} {name}: say here what this type is in Go"),
    };
    Argument {
        kind: format!("[]{item}"),
        before: format!("\t{go}List := {made}({go})\n"),
        handed: format!("{go}List.first(), {go}List.count(), {go}List.text()"),
        taken: format!("const list_item *{name}, size_t {name}_count, const char *{name}_texts"),
        made: format!(
            "\tint {name}_code = CHAT_OK;\n\tchat_{list} *{name}_list = chat_{list}_of({name}, {name}_count, {name}_texts, &{name}_code);\n"
        ),
        freed: format!("\tchat_{list}_free({name}_list);\n"),
        passed: format!("{name}_list"),
        go: go.to_owned(),
    }
}

/// The parameters between the client and the options; JSON and its length are one.
fn arguments(function: &Function) -> Vec<Argument> {
    let ours = &function.parameters[1..function.parameters.len() - 2];
    let lengths = ours.iter().filter_map(|(_, name)| name.strip_suffix("_len"));
    let measured: Vec<&str> = lengths.collect();
    let mut arguments = Vec::new();
    for (kind, name) in ours.iter().filter(|(_, name)| !name.ends_with("_len")) {
        let mut one = argument(function, kind, name);
        if measured.contains(&name.as_str()) {
            one.kind = "[]byte".to_owned();
            one.handed = format!("cBytes({0}), C.size_t(len({0}))", one.go);
            one.taken += &format!(", size_t {name}_len");
            one.passed += &format!(", {name}_len");
        }
        arguments.push(one);
    }
    arguments
}

/// The functions that send something, and those that begin to go through a list.
fn commands(functions: &[Function]) -> (Vec<&Function>, Vec<&Function>) {
    let ours = || {
        functions.iter().filter(|one| {
            one.parameters
                .first()
                .is_some_and(|(kind, _)| kind == "const chat_client *")
        })
    };
    let has = |one: &&Function, kind: &str| one.parameters.iter().any(|(has, _)| has == kind);
    let commands = ours().filter(|one| has(one, "const chat_call_options *")).collect();
    (commands, ours().filter(|one| has(one, "chat_items **")).collect())
}

fn joined(arguments: &[Argument], part: impl Fn(&Argument) -> String) -> String {
    arguments.iter().map(|one| part(one) + ", ").collect()
}

fn go_calls(functions: &[Function]) -> String {
    let (commands, items) = commands(functions);
    let mut made = format!("//go:build cgo\n\n// {MADE}\n\npackage chat\n\n/*\n#include \"native.h\"\n");
    for function in &commands {
        let name = function.name.trim_start_matches("chat_");
        let arguments = arguments(function);
        let [before, after] = [|one: &Argument| one.made.clone(), |one: &Argument| one.freed.clone()]
            .map(|part| arguments.iter().map(part).collect::<String>());
        write!(
            made,
            "
static void go_{name}(const chat_client *client, {}const call_settings *settings, call_answer *answer, char *room, size_t size) {{
{before}\tchat_call_options *options = options_of(settings);
	chat_response *response = NULL;
	chat_{name}(client, {}options, &response);
	chat_call_options_free(options);
{after}\ttake(response, answer, room, size);
}}
",
            joined(&arguments, |one| one.taken.clone()),
            joined(&arguments, |one| one.passed.clone()),
        )
        .unwrap();
    }
    made += "*/\nimport \"C\"\n";
    for function in &commands {
        let name = function.name.trim_start_matches("chat_");
        let arguments = arguments(function);
        write!(
            made,
            "
func (n *nativeClient) {}({}options *nativeOptions) *Response {{
{}\tC.go_{name}(n.handle, {}&options.settings, &options.answer, options.text(), options.size())
	return options.response()
}}
",
            camel(name),
            joined(&arguments, |one| format!("{} {}", one.go, one.kind)),
            arguments.iter().map(|one| one.before.clone()).collect::<String>(),
            joined(&arguments, |one| one.handed.clone()),
        )
        .unwrap();
    }
    for function in items {
        let name = function.name.trim_start_matches("chat_");
        let arguments = arguments(function);
        write!(
            made,
            "
func (n *nativeClient) {}({}) (*nativeItems, *Response) {{
	items := &nativeItems{{}}
	var failure *C.chat_response
	if C.chat_{name}(n.handle, {}&items.handle, &failure) != C.CHAT_OK {{
		return nil, taken(failure)
	}}
	return items, nil
}}
",
            camel(name),
            joined(&arguments, |one| format!("{} {}", one.go, one.kind)).trim_end_matches(", "),
            joined(&arguments, |one| one.handed.clone()),
        )
        .unwrap();
    }
    made
}

fn go_calls_without_cgo(functions: &[Function]) -> String {
    let (commands, items) = commands(functions);
    let mut made = format!("//go:build !cgo\n\n// {MADE}\n\npackage chat\n");
    for function in commands {
        let (name, arguments) = (camel(function.name.trim_start_matches("chat_")), arguments(function));
        let head = format!(
            "{name}({}*nativeOptions) *Response",
            joined(&arguments, |one| one.kind.clone())
        );
        made += &format!("\nfunc (*nativeClient) {head} {{\n\treturn refused()\n}}\n");
    }
    for function in items {
        let (name, arguments) = (camel(function.name.trim_start_matches("chat_")), arguments(function));
        let kinds = joined(&arguments, |one| one.kind.clone());
        let head = format!("{name}({}) (*nativeItems, *Response)", kinds.trim_end_matches(", "));
        made += &format!("\nfunc (*nativeClient) {head} {{\n\treturn nil, refused()\n}}\n");
    }
    made
}

/// The symbols that are listed, and each new one with the version of now. None ever leaves the list.
fn symbols(functions: &[Function]) -> String {
    let listed = fs::read_to_string(stage::root().join("tests/symbols.txt")).unwrap();
    let (head, listed) = listed.split_once('\n').unwrap();
    let mut symbols: BTreeMap<&str, &str> = listed.lines().map(|line| line.split_once(' ').unwrap()).collect();
    for function in functions {
        symbols.entry(&function.name).or_insert(env!("CARGO_PKG_VERSION"));
    }
    let lines = symbols.iter().map(|(name, version)| format!("{name} {version}\n"));
    format!("{head}\n{}", lines.collect::<String>())
}

#[test]
fn what_the_faces_say_again_is_what_the_header_says() {
    let header = header();
    let (codes, functions) = (codes(&header), functions(&header));
    let read = (codes.len(), functions.len());
    assert!(read.0 > 40 && read.1 > 100, "{read:?}");
    let made = [
        ("tests/symbols.txt", symbols(&functions)),
        ("include/tencent_chat/codes.hpp", cpp_codes(&codes)),
        ("bindings/python/tencent_chat/codes.py", python_codes(&codes)),
        (
            "bindings/python/tencent_chat/_signatures.py",
            python_signatures(&header, &functions),
        ),
        ("bindings/go/codes.go", go_codes(&codes)),
        ("bindings/go/native_calls.go", go_calls(&functions)),
        ("bindings/go/nocgo_calls.go", go_calls_without_cgo(&functions)),
    ];
    for (path, text) in made {
        let file = stage::root().join(path);
        if std::env::var_os("CHAT_WRITE_FACES").is_some() {
            fs::write(&file, &text).unwrap();
        }
        let committed = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            committed == text,
            "{path} is not up to date: run `make faces` and look at the difference"
        );
    }
}
