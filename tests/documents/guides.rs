//! Every fenced block of every Markdown file of the project is run, or compared with what is run, by a test that the table here names.
//! A block without a tag, of a kind that nobody runs, or in a file that the table lacks, fails: it would be true only by luck.
//! And every link between the project's own pages leads somewhere.

use crate::stage;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// File (or a folder of them), tag of a block, the file of the test that runs it, and words of that test.
const RUN_BY: &[(&str, &str, &str, &str)] = &[
    (
        ".github/CONTRIBUTING.md",
        "text",
        "tests/documents/layers.rs",
        "what_a_file_of_the_core_imports_lies_below_it",
    ),
    (
        "README.md",
        "sh",
        "tests/documents/readme.rs",
        "readme_and_guides_work_word_for_word",
    ),
    (
        "README.md",
        "text",
        "tests/documents/readme.rs",
        "readme_and_guides_work_word_for_word",
    ),
    (
        "README.md",
        "c",
        "tests/documents/readme.rs",
        "readme_and_guides_work_word_for_word",
    ),
    (
        "bindings/guides/",
        "sh",
        "tests/documents/readme.rs",
        "readme_and_guides_work_word_for_word",
    ),
    (
        "bindings/guides/",
        "text",
        "tests/documents/readme.rs",
        "readme_and_guides_work_word_for_word",
    ),
    (
        "bindings/guides/",
        "python",
        "tests/documents/readme.rs",
        "readme_and_guides_work_word_for_word",
    ),
    (
        "bindings/c/README.md",
        "sh",
        "tests/abi/capi.rs",
        "the_compile_lines_of_the_readmes",
    ),
    (
        "bindings/c/README.md",
        "c",
        "tests/abi/capi.rs",
        "the_metrics_of_the_readmes",
    ),
    (
        "bindings/c/README.md",
        "text",
        "tests/abi/capi.rs",
        "the_metrics_of_the_readmes",
    ),
    (
        "bindings/c/README.md",
        "cmake",
        "tests/documents/guides.rs",
        "the_cmake_lines_of_the_c_readme",
    ),
    (
        "bindings/cpp/README.md",
        "sh",
        "tests/abi/capi.rs",
        "the_compile_lines_of_the_readmes",
    ),
    (
        "bindings/cpp/README.md",
        "cpp",
        "tests/abi/capi.rs",
        "the_metrics_of_the_readmes",
    ),
    (
        "bindings/cpp/README.md",
        "text",
        "tests/abi/capi.rs",
        "the_metrics_of_the_readmes",
    ),
    (
        "bindings/python/README.md",
        "python",
        "bindings/python/tests/test_readme.py",
        "test_every_program_runs",
    ),
    (
        "bindings/python/README.md",
        "sh",
        "bindings/python/tests/test_readme.py",
        "test_the_commands_install_and_test_word_for_word",
    ),
    (
        "bindings/go/README.md",
        "go",
        "bindings/go/toolchain_test.go",
        "TestTheReadmeShowsTestedCode",
    ),
    (
        "bindings/program/README.md",
        "sh",
        "bindings/program/tests/program/documented.rs",
        "the_readme_of_the_program_works_word_for_word",
    ),
    (
        "bindings/program/README.md",
        "text",
        "bindings/program/tests/program/documented.rs",
        "the_readme_of_the_program_works_word_for_word",
    ),
    (
        "bindings/go/README.md",
        "sh",
        "tests/packaging/go_module.rs",
        "the_readme_of_the_module_works_word_for_word",
    ),
    (
        "bindings/go/README.md",
        "text",
        "tests/packaging/go_module.rs",
        "the_readme_of_the_module_works_word_for_word",
    ),
];

/// Where other people's files lie, and what builds leave behind.
const NOT_OURS: &[&str] = &["target", ".git", "node_modules", "fixtures"];

fn markdown(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            // A target directory of another name has this file in it.
            let built = entry.path().join("CACHEDIR.TAG").exists();
            if !built && !NOT_OURS.contains(&name.as_str()) {
                markdown(&entry.path(), found);
            }
        } else if name.ends_with(".md") {
            found.push(entry.path());
        }
    }
}

/// The tags of a file's blocks with the lines they open on; a tag's first word says how it is run.
fn tags(text: &str) -> Vec<(usize, String)> {
    let fences = text
        .lines()
        .enumerate()
        .filter(|(_, line)| line.trim_start().starts_with("```"));
    let fences: Vec<(usize, &str)> = fences.collect();
    assert!(fences.len() % 2 == 0, "a block is never closed");
    let opening = fences.chunks(2).map(|pair| {
        assert_eq!(
            pair[1].1.trim(),
            "```",
            "line {}: a block closes with a tag",
            pair[1].0 + 1
        );
        let tag = pair[0].1.trim_start().trim_start_matches('`');
        (pair[0].0 + 1, tag.split(' ').next().unwrap().to_owned())
    });
    opening.collect()
}

/// The blocks of one kind that a file shows.
fn shown(file: &str, kind: &str) -> Vec<String> {
    let text = fs::read_to_string(stage::root().join(file)).unwrap();
    let fence = format!("```{kind}\n");
    let blocks = text.split(&fence).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_block_of_every_guide_is_tagged_and_run_by_a_test() {
    let mut files = Vec::new();
    markdown(stage::root(), &mut files);
    assert!(files.len() > 10, "{files:?}");
    let mut used = BTreeSet::new();
    for path in files {
        let file = path.strip_prefix(stage::root()).unwrap().to_str().unwrap().to_owned();
        for (line, tag) in tags(&fs::read_to_string(&path).unwrap()) {
            assert!(
                !tag.is_empty(),
                "{file}:{line}: the block has no tag, so nothing runs it"
            );
            let runs = |of: &str| of == file || of.ends_with('/') && file.starts_with(of);
            let found = RUN_BY.iter().position(|(of, kind, ..)| runs(of) && *kind == tag);
            used.insert(
                found.unwrap_or_else(|| panic!("{file}:{line}: no test runs blocks of the kind `{tag}` there")),
            );
        }
    }
    for (number, (file, kind, test, words)) in RUN_BY.iter().enumerate() {
        assert!(
            used.contains(&number),
            "{file} has no block of the kind `{kind}` any more"
        );
        let test_text = fs::read_to_string(stage::root().join(test)).unwrap();
        assert!(test_text.contains(words), "{test} has no `{words}` any more");
    }
}

/// A heading's anchor, as GitHub and the site make it.
fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept = kept
        .chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

/// The text of a page without its blocks and what stands between backticks.
fn prose(text: &str) -> String {
    let outside = text.split("```").step_by(2);
    outside.flat_map(|text| text.split('`').step_by(2)).collect()
}

#[test]
fn every_link_of_every_page_leads_to_a_file_and_a_heading_that_are_there() {
    let mut files = Vec::new();
    markdown(stage::root(), &mut files);
    let (mut seen, mut lost) = (0, Vec::new());
    for path in &files {
        let text = fs::read_to_string(path).unwrap();
        for link in prose(&text)
            .split("](")
            .skip(1)
            .map(|rest| rest.split(')').next().unwrap())
        {
            if link.contains("://") {
                continue;
            }
            seen += 1;
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                path.parent().unwrap().join(file)
            };
            let there = target.is_file()
                && (heading.is_empty()
                    || fs::read_to_string(&target)
                        .unwrap()
                        .lines()
                        .any(|line| line.starts_with('#') && anchor(line.trim_start_matches('#').trim()) == heading));
            if !there {
                lost.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(seen > 60, "{seen} links are read");
    assert_eq!(lost, [""; 0]);
}

#[test]
fn the_cmake_lines_of_the_c_readme_build_a_program() {
    if !stage::tools(&["cmake"]) {
        return;
    }
    let project = tempfile::tempdir().unwrap();
    let sample = stage::root().join("bindings/c/samples/delete_group.c");
    fs::copy(sample, project.path().join("app.c")).unwrap();
    fs::write(
        project.path().join("CMakeLists.txt"),
        shown("bindings/c/README.md", "cmake").concat(),
    )
    .unwrap();
    let build = project.path().join("build");
    let mut configure = Command::new("cmake");
    configure.arg("-S").arg(project.path()).arg("-B").arg(&build);
    stage::succeed(configure.arg(format!("-DCMAKE_PREFIX_PATH={}", stage::prefix().display())));
    stage::succeed(Command::new("cmake").arg("--build").arg(&build));
    assert!(build.join("app").exists());
}

/// A case for `promtool test rules`: series in minutes, and what is fired at a minute.
fn fired(series: &[(&str, &str)], minute: u32, alert: &str, summary: Option<&str>) -> serde_json::Value {
    let named = |(name, values): &(&str, &str)| {
        let labels = r#"{job="j",instance="i",client="orders",command="v4/a/b"}"#;
        serde_json::json!({"series": format!("tencent_chat_{name}_total{labels}"), "values": values})
    };
    let rules = fs::read_to_string(stage::root().join("bindings/guides/alerts.yml")).unwrap();
    let rule = rules.split(&format!("- alert: {alert}\n")).nth(1).unwrap();
    let of_rule = |key: &str| {
        let rest = rule.split_once(&format!("{key}: ")).unwrap().1;
        rest.lines().next().unwrap().trim_matches('"').to_owned()
    };
    let mut labels =
        serde_json::json!({"job": "j", "instance": "i", "client": "orders", "severity": of_rule("severity")});
    if alert.ends_with("InDoubt") {
        labels["command"] = "v4/a/b".into();
    }
    let expected = summary.map(|summary| {
        serde_json::json!({"exp_labels": labels, "exp_annotations": {"summary": summary, "description": of_rule("description")}})
    });
    serde_json::json!({
        "interval": "1m",
        "input_series": series.iter().map(named).collect::<Vec<_>>(),
        "alert_rule_test": [{
            "eval_time": format!("{minute}m"),
            "alertname": alert,
            "exp_alerts": expected.into_iter().collect::<Vec<_>>(),
        }],
    })
}

#[test]
fn the_alerts_fire_also_for_what_a_counter_begins_with_and_end_by_themselves() {
    let Some(promtool) = stage::tool("promtool") else {
        return;
    };
    let (doubt, refused) = ("TencentChatInDoubt", "TencentChatSignatureRefused");
    let lost = |count: u32| format!("Nobody knows whether {count} calls of v4/a/b took effect");
    let signature = "The service refuses the UserSig of orders on i";
    let refusals = |refusals, re_signs| [("signature_refusals", refusals), ("re_signs", re_signs)];
    let cases = [
        // The first call of a command, and of the program, is one in doubt.
        fired(&[("in_doubt", "_x3 1x30")], 4, doubt, Some(&lost(1))),
        fired(&[("in_doubt", "_x3 1x30")], 25, doubt, None),
        fired(&[("in_doubt", "0x5 2x30")], 10, doubt, Some(&lost(2))),
        fired(&[("in_doubt", "0x5 2x30")], 30, doubt, None),
        fired(&[("in_doubt", "0x30")], 20, doubt, None),
        fired(&refusals("1x30", "0x30"), 1, refused, Some(signature)),
        fired(&refusals("1x30", "0x30"), 20, refused, None),
        fired(&refusals("1x30", "1x30"), 1, refused, None),
        fired(&refusals("0x5 3x30", "0x5 1x30"), 8, refused, Some(signature)),
        fired(
            &[("throttle_answers", "0+1x30")],
            12,
            "TencentChatThrottled",
            Some("orders of i calls faster than the service or its own limit allows"),
        ),
        fired(&[("throttle_answers", "0+1x3 3x30")], 20, "TencentChatThrottled", None),
    ];
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("cases.json");
    let rules = stage::root().join("bindings/guides/alerts.yml");
    let tests = serde_json::json!({"rule_files": [rules], "evaluation_interval": "1m", "tests": cases});
    fs::write(&file, tests.to_string()).unwrap();
    stage::succeed(Command::new(&promtool).args(["check", "rules"]).arg(&rules));
    stage::succeed(Command::new(&promtool).args(["test", "rules"]).arg(&file));
}
