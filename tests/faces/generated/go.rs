//! Go's calls of the C functions, and what stands for them without cgo.

use std::fmt::Write;

use super::{camel, commands, is_optional, Function, MADE};

/// What a C parameter of a command is for Go's calls.
struct Argument {
    /// Name and type in Go.
    go: String,
    kind: String,
    /// What Go puts into the call, each under the name of its place there: `texts`, `numbers` or `lists`.
    put: Vec<(&'static str, String)>,
    /// What C makes of it and frees, around the call, and hands to the library; `$` is what was put.
    made: String,
    freed: String,
    passed: String,
}

fn argument(function: &Function, kind: &str, name: &str) -> Argument {
    let go = match name {
        "type" => "kind".to_owned(),
        _ => camel(name),
    };
    let plain = |kind: &str, place: &'static str, put: String| Argument {
        kind: kind.to_owned(),
        put: vec![(place, put)],
        made: String::new(),
        freed: String::new(),
        passed: "$".to_owned(),
        go: go.clone(),
    };
    match kind {
        "const char *" if is_optional(function, name) => plain("*string", "texts", format!("options.text({go})")),
        "const char *" => plain("string", "texts", format!("options.text(&{go})")),
        "int" | "int64_t" | "uint32_t" => plain(kind.trim_end_matches("_t"), "numbers", format!("C.int64_t({go})")),
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
        put: vec![("lists", format!("options.list({made}({go}))"))],
        made: format!("\tint {name}_code = CHAT_OK;\n\tchat_{list} *{name}_list = chat_{list}_of($, &{name}_code);\n"),
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
            let length = format!("C.int64_t(len({}))", one.go);
            one.put = vec![("texts", format!("options.bytes({})", one.go)), ("numbers", length)];
            one.passed = "$, (size_t)$".to_owned();
        }
        arguments.push(one);
    }
    arguments
}

/// Each argument with its places in the call: what Go does is in `put`, and C's parts have the places in them.
fn placed(mut arguments: Vec<Argument>) -> Vec<Argument> {
    let mut taken: Vec<&str> = Vec::new();
    for one in &mut arguments {
        for (place, value) in &mut one.put {
            let number = taken.iter().filter(|other| other == &place).count();
            taken.push(place);
            *value = format!("\tcall.{place}[{number}] = {value}\n");
            for part in [&mut one.made, &mut one.passed] {
                *part = part.replacen('$', &format!("call->{place}[{number}]"), 1);
            }
        }
    }
    arguments
}

fn joined(arguments: &[Argument], part: impl Fn(&Argument) -> String) -> String {
    arguments.iter().map(|one| part(one) + ", ").collect()
}

fn together(arguments: &[Argument], part: impl Fn(&Argument) -> String) -> String {
    arguments.iter().map(part).collect()
}

pub(super) fn calls(functions: &[Function]) -> String {
    let (commands, items) = commands(functions);
    let mut made = format!("//go:build cgo\n\n// {MADE}\n\npackage chat\n\n/*\n#include \"native.h\"\n");
    for function in &commands {
        let name = function.name.trim_start_matches("chat_");
        let arguments = placed(arguments(function));
        write!(
            made,
            "
void tencent_chat_go_{name}(native_call *call) {{
{}\tchat_call_options *options = options_of(&call->settings);
	chat_response *response = NULL;
	chat_{name}(call->client, {}options, &response);
	chat_call_options_free(options);
{}\ttake(response, call);
}}
",
            together(&arguments, |one| one.made.clone()),
            joined(&arguments, |one| one.passed.clone()),
            together(&arguments, |one| one.freed.clone()),
        )
        .unwrap();
    }
    made += "*/\nimport \"C\"\n";
    for function in &commands {
        let name = function.name.trim_start_matches("chat_");
        let arguments = placed(arguments(function));
        write!(
            made,
            "
func (n *nativeClient) {}({}options *nativeOptions) *Response {{
	call := options.call
{}\treturn n.make(C.tencent_chat_go_{name}, options)
}}
",
            camel(name),
            joined(&arguments, |one| format!("{} {}", one.go, one.kind)),
            together(&arguments, |one| one
                .put
                .iter()
                .map(|(_, statement)| statement.as_str())
                .collect()),
        )
        .unwrap();
    }
    for function in items {
        let name = function.name.trim_start_matches("chat_");
        let arguments = arguments(function);
        assert!(
            arguments.iter().all(|one| one.kind == "string"),
            "{name}: say here how Go hands this over"
        );
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
            joined(&arguments, |one| format!("cText(&{})", one.go)),
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
