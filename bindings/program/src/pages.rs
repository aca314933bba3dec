//! Completions and man pages, made from the same definitions as `--help`.

use std::fs;
use std::path::Path;

use clap::CommandFactory;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::{self, Failure};

pub fn completions(shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "tencent-chat", &mut text);
    output::page(&text);
    Ok(Exit::Ok)
}

pub fn man(folder: Option<&Path>) -> Result<Exit, Failure> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let written = clap_mangen::Man::new(Arguments::command()).render(&mut page);
        written.map_err(|error| Failure::new(Exit::Failed, output::why(&error)))?;
        output::page(&page);
        return Ok(Exit::Ok);
    };
    fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .map_err(|error| Failure::file(folder, &error))?;
    Ok(Exit::Ok)
}
