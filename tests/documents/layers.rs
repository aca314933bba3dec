//! The core is built in layers, as `.github/CONTRIBUTING.md` lists them: what a file of `src/` imports lies below it, among the folders and inside
//! each of them. So nothing goes round in a circle. And no name stands for two types.

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

/// The files and folders of `src/`, with their code.
fn core() -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    modules(&stage::root().join("src"), "", &mut found);
    found
}

/// The files of a folder, without their own.
fn children(folder: &str, core: &BTreeMap<String, String>) -> BTreeSet<String> {
    let inside = |module: &String| Some(module.strip_prefix(folder)?.strip_prefix("::")?.to_owned());
    let names = core.keys().filter_map(inside);
    names.filter(|name| !name.contains("::")).collect()
}

/// Every path in the code that begins at `crate`, `super`, `self` or a module of the file's own, as the module it leads to.
fn imports(core: &BTreeMap<String, String>) -> Imports {
    let mut imports = Imports::new();
    for (module, code) in core {
        let parent = module.rsplit_once("::").map_or("", |(parent, _)| parent);
        // Where each beginning leads from here.
        let mut roots = vec![
            ("crate".to_owned(), String::new()),
            ("super".to_owned(), parent.to_owned()),
        ];
        let own = children(module, core);
        if !own.is_empty() {
            roots.push(("self".to_owned(), module.clone()));
        }
        roots.extend(
            own.into_iter()
                .map(|child| (child.clone(), format!("{module}::{child}"))),
        );
        let seen = imports.entry(module.clone()).or_default();
        for (root, base) in &roots {
            for (at, _) in code.match_indices(&format!("{root}::")) {
                if code[..at].ends_with(|before: char| before.is_alphanumeric() || "_:".contains(before)) {
                    continue;
                }
                let end = code[at..].find([';', '(', '<', ')', '!', '&']);
                for path in expand(&code[at..end.map_or(code.len(), |end| at + end)]) {
                    let Some(rest) = path.strip_prefix(root.as_str()) else {
                        continue;
                    };
                    let whole = format!("{base}{rest}");
                    let steps: Vec<&str> = whole.trim_start_matches("::").split("::").map(str::trim).collect();
                    let mut leads = (1..=steps.len()).rev().map(|count| steps[..count].join("::"));
                    seen.extend(leads.find(|path| core.contains_key(path)).filter(|path| path != module));
                }
            }
        }
    }
    imports
}

/// What lies inside a folder, from the top to the ground; those on one level do not know each other. `mod` is its own file, `*` all that are not named.
type Layers = Vec<Vec<String>>;

/// By folder; `src/` itself is the empty one.
fn layers() -> BTreeMap<String, Layers> {
    let guide = fs::read_to_string(stage::root().join(".github/CONTRIBUTING.md")).unwrap();
    let (_, rest) = guide.split_once("## The layers of `src/`").unwrap();
    let lines = |text: &str| text.split("```").next().unwrap().lines().map(str::to_owned).collect();
    let blocks: Vec<Vec<String>> = rest.split("```text\n").skip(1).map(lines).collect();
    let level = |names: &str| names.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let mut found = BTreeMap::from([(String::new(), blocks[0].iter().map(|line| level(line)).collect())]);
    for line in &blocks[1] {
        let (folder, levels) = line.split_once(": ").unwrap();
        found.insert(folder.replace('/', "::"), levels.split('>').map(level).collect());
    }
    found
}

/// How deep a module lies inside a folder, counted from the top.
fn depth(layers: &Layers, name: &str) -> Option<usize> {
    let holds = |name: &str| layers.iter().position(|level| level.iter().any(|other| other == name));
    holds(name).or_else(|| holds("*"))
}

#[test]
fn what_a_file_of_the_core_imports_lies_below_it() {
    let (layers, core) = (layers(), core());
    let folders: BTreeSet<&str> = core
        .keys()
        .filter_map(|module| Some(module.rsplit_once("::")?.0))
        .collect();
    let listed: BTreeSet<&str> = layers
        .keys()
        .map(String::as_str)
        .filter(|folder| !folder.is_empty())
        .collect();
    assert_eq!(folders, listed, "the folders of src/ and their lists");
    for (folder, layers) in &layers {
        let names: BTreeSet<String> = layers.iter().flatten().cloned().collect();
        let mut there = match folder.as_str() {
            "" => core.keys().filter(|module| !module.contains("::")).cloned().collect(),
            folder => children(folder, &core),
        };
        there.extend((!folder.is_empty()).then(|| "mod".to_owned()));
        let known = names.iter().filter(|name| *name != "*");
        let gone: Vec<&String> = known.filter(|name| !there.contains(*name)).collect();
        assert!(gone.is_empty(), "{folder}: {gone:?} are listed and not there");
        let new: Vec<&String> = there.iter().filter(|name| depth(layers, name).is_none()).collect();
        assert!(new.is_empty(), "{folder}: {new:?} are there and not listed");
    }
    let imports = imports(&core);
    let count: usize = imports.values().map(BTreeSet::len).sum();
    assert!(count > 100, "the imports are read: {count}");
    for (module, imported) in &imports {
        for other in imported {
            let steps = |module: &str| module.split("::").map(str::to_owned).collect::<Vec<_>>();
            let (from, to) = (steps(module), steps(other));
            let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
            let name = |steps: &[String]| steps.get(shared).map_or("mod".to_owned(), String::clone);
            let layers = &layers[&from[..shared].join("::")];
            assert!(
                depth(layers, &name(&to)) > depth(layers, &name(&from)),
                "{module} imports {other}, which is not below it"
            );
        }
    }
}

/// `State` is what a lock guards, wherever there is one.
const SHARED_NAMES: [&str; 1] = ["State"];

#[test]
fn no_two_types_of_the_core_have_one_name() {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, code) in core() {
        for line in code.lines() {
            let words = line.trim_start_matches("pub(crate) ").trim_start_matches("pub(super) ");
            let Some((kind, rest)) = words.trim_start_matches("pub ").split_once(' ') else {
                continue;
            };
            if ["struct", "enum", "trait", "type", "union"].contains(&kind) {
                let name = rest
                    .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
                    .next()
                    .unwrap();
                found.entry(name.to_owned()).or_default().insert(module.clone());
            }
        }
    }
    assert!(found.len() > 100, "the types are read: {}", found.len());
    found.retain(|name, places| places.len() > 1 && !SHARED_NAMES.contains(&name.as_str()));
    assert!(found.is_empty(), "{found:#?}");
}
