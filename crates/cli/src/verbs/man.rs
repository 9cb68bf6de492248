//! `cutover man`.

use std::io::Write as _;

use clap::CommandFactory as _;

use crate::args::{Args, ManArgs};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::written::{self, Rules};

/// Writes one page for the program and one for each of its verbs.
pub(crate) fn run(args: &ManArgs) -> Result<Exit, Failure> {
    let cannot = |error: std::io::Error| {
        Failure::new(format!("cannot write the pages to {}", args.folder.display())).because(error)
    };
    std::fs::create_dir_all(&args.folder).map_err(cannot)?;
    let mut command = Args::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    collect(&command, "cutover", &mut pages).map_err(cannot)?;
    for (name, page) in &pages {
        let own = |head: &str| head.contains(&format!("\n.TH {name} "));
        let rules = Rules { private: false, ..Rules::own(&own) };
        written::whole(&args.folder.join(format!("{name}.1")), &rules, page)?;
    }
    writeln!(std::io::stdout(), "{} pages in {}", pages.len(), args.folder.display())?;
    Ok(Exit::Clean)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> std::io::Result<()> {
    let mut page = Vec::new();
    // A page is named like the file that holds it: `cutover-inventory-scan`.
    clap_mangen::Man::new(command.clone()).title(name).date("").render(&mut page)?;
    pages.push((name.to_owned(), page));
    for verb in command.get_subcommands().filter(|verb| !verb.is_hide_set()) {
        collect(verb, &format!("{name}-{}", verb.get_name()), pages)?;
    }
    Ok(())
}
