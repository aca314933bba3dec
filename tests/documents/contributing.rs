//! `.github/CONTRIBUTING.md` is true: the places it names exist, and its guide to a new endpoint is what was done for every endpoint there is.

use crate::stage;
use std::fs;
use std::path::{Path, PathBuf};

fn guide() -> String {
    fs::read_to_string(stage::root().join(".github/CONTRIBUTING.md")).unwrap()
}

/// What stands between backticks in the first column of a table.
fn places(table: &str) -> Vec<String> {
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let columns = rows.map(|row| row.split('|').nth(1).unwrap().to_owned());
    columns
        .flat_map(|column| {
            column
                .split('`')
                .skip(1)
                .step_by(2)
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The commands that have a file of their own.
fn commands() -> Vec<String> {
    let files = fs::read_dir(stage::root().join("src/endpoints")).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    let commands = names.map(|name| name.trim_end_matches(".rs").to_owned());
    let mut commands: Vec<String> = commands
        .filter(|name| !["mod", "call", "lists"].contains(&name.as_str()))
        .collect();
    commands.sort();
    commands
}

#[test]
fn every_place_the_tour_names_is_there() {
    let guide = guide();
    let (tour, _) = guide.split_once("## How to add").unwrap();
    let places = places(tour);
    assert!(places.len() > 15, "{places:?}");
    for place in places {
        assert!(
            stage::root().join(&place).exists(),
            "the tour names {place}, which is not there"
        );
    }
}

/// The texts of a place: of a file, or of all files by hand that a pattern of names stands for.
fn texts(place: &str) -> String {
    let (folder, name) = place.rsplit_once('/').unwrap();
    let Some(ending) = name.strip_prefix('*') else {
        return fs::read_to_string(stage::root().join(place)).unwrap_or_else(|error| panic!("{place}: {error}"));
    };
    let files = fs::read_dir(stage::root().join(folder)).unwrap().flatten();
    let named = files.filter(|file| file.file_name().to_str().is_some_and(|name| name.ends_with(ending)));
    let texts = named.map(|file| fs::read_to_string(file.path()).unwrap());
    texts.filter(|text| !text.contains("Made by `make faces`")).collect()
}

#[test]
fn every_endpoint_stands_in_every_place_that_the_guide_names() {
    let guide = guide();
    let (_, steps) = guide.split_once("## How to add an endpoint").unwrap();
    let by_hand = places(steps);
    assert!((5..=10).contains(&by_hand.len()), "{by_hand:?}");
    let (_, made) = steps.split_once("`make faces` writes the rest: ").unwrap();
    let (made, _) = made.split_once(".\n").unwrap();
    let made: Vec<String> = made
        .split(", ")
        .map(|place| place.trim_matches('`').to_owned())
        .collect();
    assert!(made.len() > 4, "{made:?}");
    let commands = commands();
    assert!(commands.len() > 10, "{commands:?}");
    for command in commands {
        for place in by_hand.iter().chain(&made) {
            let place = place.replace("COMMAND", &command);
            let text = texts(&place);
            // Paths call a command as the service does, without `recent_contact_`; Go's methods are in its own spelling.
            let camel: String = command
                .split('_')
                .map(|word| word[..1].to_uppercase() + &word[1..])
                .collect();
            let lower = camel[..1].to_lowercase() + &camel[1..];
            let service = command.trim_start_matches("recent_contact_");
            let found = text.contains(&command)
                || place.starts_with("bindings/go/") && (text.contains(&camel) || text.contains(&lower))
                || ["tests/emulator/", "src/endpoints/"]
                    .iter()
                    .any(|from| place.starts_with(from))
                    && text.contains(service);
            assert!(found, "{place} lacks {command}, or the guide names it without need");
        }
    }
}

/// The programs of tests: the files that one names as its modules, and those below them.
#[test]
fn no_file_of_tests_is_forgotten_by_its_group() {
    fn look(folder: &Path, named: &str, forgotten: &mut Vec<PathBuf>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_stem().unwrap().to_str().unwrap();
            if path.is_dir() {
                let parent = [path.with_extension("rs"), path.join("mod.rs")];
                let parent: String = parent.map(|file| fs::read_to_string(file).unwrap_or_default()).concat();
                look(&path, &(parent + named), forgotten);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let is_named = name == "main" || name == "mod" || named.contains(&format!("mod {name};"));
                forgotten.extend((!is_named).then_some(path));
            }
        }
    }
    let tests = stage::root().join("tests");
    let mut groups: Vec<PathBuf> = fs::read_dir(&tests)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    groups.push(tests.join("emulator/tests"));
    groups.retain(|group| group.join("main.rs").exists());
    assert!(groups.len() > 6, "{groups:?}");
    let mut forgotten = Vec::new();
    for group in &groups {
        look(
            group,
            &fs::read_to_string(group.join("main.rs")).unwrap(),
            &mut forgotten,
        );
    }
    assert!(forgotten.is_empty(), "never compiled, so never run: {forgotten:?}");
}
