//! The source distribution of the Python package, built as a stranger does who has nothing but it, Rust, a C compiler and make.
//! Compiled without optimisation: what is proved is that nothing is missing.

use std::fs;

use crate::stage;
use crate::venv::{build_tools, only, pip, python, Fresh};

#[test]
fn a_source_distribution_builds_away_from_the_repository_and_deletes_a_group() {
    let Some(tools) = build_tools() else { return };
    let home = tempfile::tempdir().unwrap();
    let mut sdist = python(tools);
    sdist.args(["-m", "build", "--no-isolation", "--sdist", "--outdir"]);
    stage::succeed(sdist.arg(home.path()).arg(stage::root().join("bindings/python")));
    let mut wheel = pip(tools);
    wheel.args(["wheel", "--no-build-isolation", "--no-deps", "--wheel-dir"]);
    wheel.arg(home.path()).arg(only(home.path(), ".tar.gz"));
    // Inside, as it is for a stranger, but in a place where a failure leaves it to be looked at.
    let target = stage::target().join("sdist-build");
    wheel.env("CARGO_TARGET_DIR", &target).current_dir(home.path());
    for profile in ["RELEASE", "TOOL"] {
        wheel.env(format!("CARGO_PROFILE_{profile}_OPT_LEVEL"), "0");
        wheel.env(format!("CARGO_PROFILE_{profile}_LTO"), "off");
        wheel.env(format!("CARGO_PROFILE_{profile}_CODEGEN_UNITS"), "16");
    }
    for variable in ["MAKEFLAGS", "MAKELEVEL", "RUSTFLAGS"] {
        wheel.env_remove(variable);
    }
    stage::succeed(&mut wheel);
    Fresh::with(tools, &only(home.path(), ".whl")).deletes_a_group();
    fs::remove_dir_all(target).unwrap();
}
