//! The core is built in layers, as `.github/CONTRIBUTING.md` lists them: what a file of `src/` imports lies below it, and nothing goes round in
//! a circle, neither files nor folders.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::stage;

/// A module as its path says it: `transport::http`; a folder's own file is the folder.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// What a file says, without its tests, comments and texts.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let lines = text.lines().map(|line| line.split("//").next().unwrap());
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn modules(folder: &Path, prefix: &str, found: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let module = if prefix.is_empty() {
            name.clone()
        } else {
            format!("{prefix}::{name}")
        };
        if path.is_dir() {
            modules(&path, &module, found);
        } else if name == "mod" {
            found.insert(prefix.to_owned(), code(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") && module != "lib" {
            found.insert(module, code(&path));
        }
    }
}

/// `a::{b, c::{d, e}}` as whole paths.
fn expand(path: &str) -> Vec<String> {
    let Some((head, rest)) = path.split_once('{') else {
        return vec![path.trim().to_owned()];
    };
    let rest = &rest[..rest.rfind('}').unwrap()];
    let (mut depth, mut part, mut parts) = (0, String::new(), Vec::new());
    for letter in rest.chars() {
        match letter {
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            _ => part.push(letter),
        }
        depth += i32::from(letter == '{') - i32::from(letter == '}');
    }
    parts.push(part);
    let whole = parts.iter().filter(|part| !part.trim().is_empty());
    whole
        .flat_map(|part| expand(&format!("{}{}", head.trim(), part.trim())))
        .collect()
}

/// Every path in the code that begins at `crate`, `super` or `self`, as the module it leads to.
fn imports() -> Imports {
    let mut found = BTreeMap::new();
    modules(&stage::root().join("src"), "", &mut found);
    let known: BTreeSet<String> = found.keys().cloned().collect();
    let folders: BTreeSet<&str> = known
        .iter()
        .filter_map(|module| Some(module.rsplit_once("::")?.0))
        .collect();
    let mut imports = Imports::new();
    for (module, code) in &found {
        // Where `self` and `super` lead from here.
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        let seen = imports.entry(module.clone()).or_default();
        for root in ["crate::", "super::", "self::"] {
            for (at, _) in code.match_indices(root) {
                let end = code[at..]
                    .find([';', '(', '<', ')', '!', '&'])
                    .map_or(code.len(), |end| at + end);
                for path in expand(&code[at..end]) {
                    let rest = path.strip_prefix(root).unwrap_or(&path).to_owned();
                    let base = match root {
                        "crate::" => "",
                        "super::" => parent,
                        _ if folders.contains(module.as_str()) => module,
                        _ => continue,
                    };
                    let whole = if base.is_empty() {
                        rest
                    } else {
                        format!("{base}::{rest}")
                    };
                    let steps: Vec<&str> = whole.split("::").map(str::trim).collect();
                    let leads = (1..=steps.len()).rev().map(|count| steps[..count].join("::"));
                    seen.extend(
                        leads
                            .into_iter()
                            .find(|path| known.contains(path))
                            .filter(|path| path != module),
                    );
                }
            }
        }
    }
    imports
}

/// The layers from the top to the ground; those on one line do not know each other.
fn layers() -> Vec<Vec<String>> {
    let guide = fs::read_to_string(stage::root().join(".github/CONTRIBUTING.md")).unwrap();
    let (_, rest) = guide.split_once("## The layers of `src/`").unwrap();
    let block = rest.split("```").nth(1).unwrap().trim_start_matches("text");
    let lines = block.lines().skip(1).filter(|line| !line.trim().is_empty());
    lines
        .map(|line| line.split_whitespace().map(str::to_owned).collect())
        .collect()
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap()
}

#[test]
fn what_a_file_of_the_core_imports_lies_below_it() {
    let layers = layers();
    let height = |room: &str| layers.iter().rposition(|layer| layer.iter().any(|name| name == room));
    let imports = imports();
    let rooms: BTreeSet<&str> = imports.keys().map(|module| room(module)).collect();
    let listed: BTreeSet<&str> = layers.iter().flatten().map(String::as_str).collect();
    assert_eq!(rooms, listed, "src/ and the list of layers");
    let count: usize = imports.values().map(BTreeSet::len).sum();
    assert!(count > 100, "the imports are read: {count}");
    for (module, imported) in &imports {
        for other in imported.iter().filter(|other| room(other) != room(module)) {
            assert!(
                height(room(other)) > height(room(module)),
                "{module} imports {other}, which is not below it"
            );
        }
    }
}

/// Takes away what imports nothing that is left, again and again: what stays goes round in a circle.
fn circle(mut imports: Imports) -> Vec<String> {
    loop {
        let left: BTreeSet<String> = imports.keys().cloned().collect();
        let before = imports.len();
        imports.retain(|_, imported| imported.iter().any(|other| left.contains(other)));
        if imports.len() == before {
            return imports.into_keys().collect();
        }
    }
}

#[test]
fn no_files_and_no_folders_of_the_core_import_each_other_in_a_circle() {
    let files = imports();
    assert_eq!(circle(files.clone()), [""; 0], "files");
    let mut folders = Imports::new();
    for (module, imported) in &files {
        let others = imported
            .iter()
            .map(|other| room(other))
            .filter(|other| *other != room(module));
        folders
            .entry(room(module).to_owned())
            .or_default()
            .extend(others.map(str::to_owned));
    }
    assert_eq!(circle(folders), [""; 0], "folders");
    let tied = |a: &str, b: &str| (a.to_owned(), BTreeSet::from([b.to_owned()]));
    let known = Imports::from([tied("a", "b"), tied("b", "c"), tied("c", "b")]);
    assert_eq!(circle(known), ["a", "b", "c"], "a circle is seen, and what leads to it");
}
