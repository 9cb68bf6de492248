//! `cutover explain`.

use std::io::Write as _;

use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::failure::Failure;

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

pub(crate) fn run(args: &ExplainArgs) -> Result<Exit, Failure> {
    let mut out = std::io::stdout().lock();
    let Some(code) = &args.code else {
        for (code, page) in PAGES {
            writeln!(out, "{code:<34} {}", first_sentence(page))?;
        }
        return Ok(Exit::Clean);
    };
    if let Some(page) = page(code) {
        out.write_all(page.as_bytes())?;
        return Ok(Exit::Clean);
    }
    // A family lists its codes.
    let family = format!("{}/", code.trim_end_matches('/'));
    let mut listed = false;
    for (code, page) in PAGES.iter().filter(|(known, _)| known.starts_with(&family)) {
        writeln!(out, "{code:<34} {}", first_sentence(page))?;
        listed = true;
    }
    if listed {
        return Ok(Exit::Clean);
    }
    let near = cutover_diagnostics::suggest::nearest(code, PAGES.iter().map(|(known, _)| *known), 3);
    let failure = Failure::new(format!("no finding has the code `{code}`"));
    Err(if near.is_empty() {
        failure.help("`cutover explain` without a code lists them all")
    } else {
        failure.help(format!("near: {}", near.join(", ")))
    })
}

/// All codes, in order.
pub(crate) fn codes() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(code, _)| *code)
}

/// The page of a code.
pub(crate) fn page(code: &str) -> Option<&'static str> {
    let at = PAGES.binary_search_by(|(known, _)| (*known).cmp(code)).ok()?;
    PAGES.get(at).map(|(_, page)| *page)
}

/// The first sentence of a page, after its heading.
fn first_sentence(page: &str) -> &str {
    let text = page.lines().find(|line| !line.is_empty() && !line.starts_with('#')).unwrap_or_default();
    text.split_once(". ").map_or(text, |(first, _)| first)
}
