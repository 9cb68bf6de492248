//! `map/no-meaning`.

use super::common::{maps, names, only_field};
use crate::Run;
use crate::rule::{Fix, Level, Opt, Rule};
use cutover_plan::model::Stricter;

pub(super) const RULE: Rule = Rule {
    code: "map/no-meaning",
    level: Level::Warning,
    summary: "fields of the account do not say what they mean",
    what: "A map carries several custom fields over without `meaning`, by rows of their own or by their names alone",
    why: "Their names are known to a few people; whoever checks the result has to know what they are for",
    since: "0.1",
    fix: Fix::None,
    options: &[Opt {
        name: "most",
        default: 2,
        stricter: Stricter::Smaller,
        says: "fields of one map that may go without",
    }],
    check,
};

fn check(run: &mut Run<'_, '_>) {
    for map in maps(run) {
        // What both accounts call alike need not be alike: what goes over by its name alone is asked like what has a row.
        let silent = map.rows.iter().filter(|row| {
            let custom = only_field(row).is_some_and(|field| field.starts_with("custom."));
            custom && row.meaning.is_none()
        });
        let fields: Vec<&str> = silent.clone().filter_map(only_field).collect();
        let count = u64::try_from(fields.len()).unwrap_or(u64::MAX);
        let place = silent.filter_map(|row| run.facts.place(&row.id)).min();
        let Some(at) = place.filter(|_| count > run.number("most")) else { continue };
        let finding = run
            .found(
                at,
                format!("what does the business use it for? of this map {} without `meaning`", are(count)),
            )
            .note(names(fields.iter().copied()))
            .help("add `meaning` and a few words, in a row of its own: `custom.region -> custom.region  meaning \"Sales region; drives routing\"`");
        run.push(finding);
    }
}

fn are(count: u64) -> String {
    if count == 1 { "one field is".to_owned() } else { format!("{count} fields are") }
}
