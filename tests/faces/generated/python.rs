//! The C functions as Python's ctypes must know them, and the lines of `AsyncClient` for each command.

use std::fmt::Write;

use super::{commands, outcome, Function, MADE};

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

pub(super) fn signatures(header: &str, functions: &[Function]) -> String {
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

/// The commands of `AsyncClient`. The generic call is written by hand.
pub(super) fn awaitable(functions: &[Function]) -> String {
    let (commands, items) = commands(functions);
    let named = |one: &&Function| one.name.trim_start_matches("chat_").to_owned();
    let commands = commands.iter().map(named).filter(|name| name != "call");
    let lines = commands.map(|name| format!("    {name} = _on_a_worker(Client.{name})\n"));
    let items = items
        .iter()
        .map(named)
        .map(|name| format!("    {name} = _iterating(Client.{name})\n"));
    lines.chain(items).collect()
}
