//! Go's calls of the C functions, and what stands for them without cgo.

use std::fmt::Write;

use super::{camel, commands, is_optional, Function, MADE};

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

fn joined(arguments: &[Argument], part: impl Fn(&Argument) -> String) -> String {
    arguments.iter().map(|one| part(one) + ", ").collect()
}

pub(super) fn calls(functions: &[Function]) -> String {
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

pub(super) fn calls_without_cgo(functions: &[Function]) -> String {
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
