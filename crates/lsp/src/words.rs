//! Things in words: what a hover shows, and the few words beside a completion.

use std::fmt::Write as _;

use cutover_analysis::context::{name_of, title_of};
use cutover_analysis::metrics;
use cutover_analysis::world::{FieldView, KindView};
use cutover_catalog::kind::{Required, Write};
use cutover_catalog::{Catalog, builtin};
use cutover_diagnostics::sanitize::inert_line;
use cutover_ir::functions;
use cutover_syntax::construct::{BodyRule, ClauseRule, Takes, construct, meaning};
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};
use cutover_syntax::tree::{Item, Line, TermKind};
use cutover_syntax::value::unquote;

use crate::listed;
use crate::things::{Place, Scope, Thing, place};

/// How many options a hover lists.
const LISTED: usize = 20;

/// A number with its thousands apart: `12,480`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Seconds as people say them: `2 h 10 min`.
pub(crate) fn length(seconds: u64) -> String {
    let minutes = seconds.div_ceil(60);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes} min"),
        (hours, 0) => format!("{hours} h"),
        (hours, minutes) => format!("{hours} h {minutes} min"),
    }
}

/// A field's type, as catalogs write it.
pub(crate) fn type_of(kind: &KindView<'_>, field: FieldView<'_>) -> String {
    let ty = kind.type_of(field).to_string();
    if field.field.ty.shape.is_choice() {
        format!("{ty} ({} options)", options(Place { kind, field }).len())
    } else {
        ty
    }
}

/// A person's name and role.
pub(crate) fn person(item: &Item, line: &Line) -> String {
    let name = item.get(line.lead).iter().find(|term| term.kind == TermKind::Text);
    let name = name.map(|term| unquote(item.raw(*term)).into_owned()).unwrap_or_default();
    let role = line.clause(ClauseKw::Role).and_then(|clause| item.range(clause.terms));
    let role = role.map(|range| item.slice(range).replace('_', " ")).unwrap_or_default();
    if role.is_empty() { name } else { format!("{name}, {role}") }
}

/// A system as people call it.
pub(crate) fn side(system: &str) -> &str {
    match system {
        "source" => "old desk",
        "target" => "new desk",
        other => other,
    }
}

/// The options of a field in their order, those first that catalog or account declare, with the numbers of records that hold them.
pub(crate) fn options(place: Place<'_>) -> Vec<(String, Option<u64>)> {
    let Place { kind, field } = place;
    let is_state = kind.state_field().is_some_and(|states| *states.field == *field.path());
    let held = |option: &str| {
        let by_status = kind.profile.filter(|_| is_state).and_then(|profile| profile.by_status.get(option));
        by_status.or_else(|| field.profile.and_then(|profile| profile.values.get(option))).copied()
    };
    let declared = kind.options(field);
    let mut all: Vec<(String, Option<u64>)> =
        declared.iter().map(|name| ((*name).to_owned(), held(name))).collect();
    let observed = field.profile.into_iter().flat_map(|profile| profile.values.iter());
    all.extend(
        observed
            .filter(|(name, _)| !declared.contains(name))
            .map(|(name, count)| (name.to_owned(), Some(*count))),
    );
    all
}

/// What a hover says about something, in Markdown. Nothing that comes from a file of the user's becomes markup.
pub(crate) fn about<'a>(scope: &'a Scope<'a>, thing: &Thing) -> Option<String> {
    let world = scope.world;
    let kind = |system: &str, kind: &str| world.system(system)?.kind(kind);
    match thing {
        Thing::Block(keyword) => Some(block(*keyword)),
        Thing::Statement(item, keyword) => statement(*item, *keyword),
        Thing::Clause(item, in_statement, keyword) => Some(clause(*item, *in_statement, *keyword)),
        Thing::Listed(of, word) => {
            let says = listed::find(of, word)?;
            Some(format!("`{}`: {of}\n\n{says}", code(word)))
        }
        Thing::Trigger(name) => {
            let says = meaning::of_statement(ItemKw::Rollback, StmtKw::Trigger);
            Some(format!("`trigger {}`\n\n{says}", code(name)))
        }
        Thing::Person(name) => about_person(scope, name),
        Thing::Item(keyword, name) => {
            let (item, _) = scope.names().item(*keyword, name)?;
            let title = title_of(item).map(|title| format!("\n\n{}", plain(&title))).unwrap_or_default();
            let rows =
                if *keyword == ItemKw::Translate { translation(scope, item, name) } else { String::new() };
            Some(format!("`{keyword} {}`{title}{rows}", code(name)))
        }
        Thing::System(name) => {
            let system = world.system(name)?;
            let mut text = format!("`{}`: {}", code(name), plain(system.product()));
            if let Some(inventory) = system.inventory {
                let _ = write!(text, ", account {}", plain(&inventory.account));
                if let Some(taken) = inventory.taken {
                    let _ = write!(text, ". The inventory was taken on {taken}.");
                }
            }
            Some(text)
        }
        Thing::Platform(name) => {
            let listed = builtin::list().find(|listed| listed.name == name)?;
            Some(format!("**{}**, revision {} of its catalog", plain(listed.title), listed.revision))
        }
        Thing::Kind { system, kind: name } => {
            let found = kind(system, name)?;
            let mut text = format!("`{}` of the {}", code(&found.plural), system);
            if let Some(records) = found.count() {
                let _ = write!(text, ": **{}** in the account", count(records));
            }
            if !found.kind.summary.is_empty() {
                let _ = write!(text, "\n\n{}", plain(&found.kind.summary));
            }
            if let Some(note) = &found.kind.note {
                let _ = write!(text, "\n\n{}", plain(note));
            }
            Some(text)
        }
        Thing::Field { system, kind: name, path } => {
            let kind = kind(system, name)?;
            place(scope, kind, path).map(about_field)
        }
        Thing::Choice { system, kind: name, path, option } => {
            let kind = kind(system, name)?;
            about_choice(place(scope, kind, path)?, option)
        }
        Thing::Object { system, kind: name, name: object } => {
            let found = world.system(system)?.objects(name)?.iter().find(|one| *one.name == **object)?;
            let mut text = format!("{} {}", plain(kind(system, name)?.title()), plain(&found.name));
            if found.inactive {
                text.push_str(", inactive");
            }
            if let Some(used) = found.used {
                let _ = write!(text, ", used {} times", count(used));
            }
            if let Some(last) = found.last_used {
                let _ = write!(text, ", last on {last}");
            }
            Some(text)
        }
        Thing::Word { system, kind: name, word } => {
            let means = &kind(system, name)?.kind.words.get(word)?.means;
            Some(format!("`{}`: {}", code(word), plain(means)))
        }
        Thing::Function(name) => function(name),
        Thing::Metric(name) => {
            let metric = metrics::find(name)?;
            Some(format!("`{}`: {}", metric.name, metric.means))
        }
        Thing::File(_) => None,
    }
}

fn block(keyword: ItemKw) -> String {
    let mut text = format!("`{keyword}`");
    let Some(row) = construct(keyword) else { return text };
    let _ = write!(text, "\n\n{}", row.summary);
    if !row.clauses.is_empty() {
        let clauses: Vec<String> = row.clauses.iter().map(|rule| format!("`{}`", rule.keyword)).collect();
        let _ = write!(text, "\n\nClauses: {}", clauses.join(", "));
    }
    if let BodyRule::Lines { statements, members, .. } = row.body {
        let words: Vec<String> = statements.iter().map(|rule| format!("`{}`", rule.keyword)).collect();
        if words.is_empty() {
            let _ = write!(text, "\n\nIn braces: {}", members.describe());
        } else {
            let _ = write!(text, "\n\nIn braces: {}", words.join(", "));
        }
    }
    text
}

fn statement(item: ItemKw, keyword: StmtKw) -> Option<String> {
    let BodyRule::Lines { statements, .. } = construct(item)?.body else { return None };
    let rule = statements.iter().find(|rule| rule.keyword == keyword)?;
    let mut text = format!("`{keyword}` in `{item}`\n\n{}", meaning::of_statement(item, keyword));
    if let Some(what) = rule.args.what() {
        let _ = write!(text, "\n\nTakes {what}");
    }
    if !rule.clauses.is_empty() {
        let clauses: Vec<String> = rule.clauses.iter().map(|rule| format!("`{}`", rule.keyword)).collect();
        let _ = write!(text, "\n\nClauses: {}", clauses.join(", "));
    }
    Some(text)
}

fn clause(item: ItemKw, statement: Option<StmtKw>, keyword: ClauseKw) -> String {
    let mut text = format!("`{keyword}`\n\n{}", meaning::of_clause(item, statement, keyword));
    if let Some(takes) = takes(item, statement, keyword).filter(|takes| *takes != Takes::Nothing) {
        let _ = write!(text, "\n\nTakes {}", takes.describe());
    }
    text
}

/// What stands behind a clause's keyword.
fn takes(item: ItemKw, statement: Option<StmtKw>, keyword: ClauseKw) -> Option<Takes> {
    let row = construct(item)?;
    let of = |rules: &[ClauseRule]| rules.iter().find(|rule| rule.keyword == keyword).map(|rule| rule.takes);
    let BodyRule::Lines { statements, members, .. } = row.body else { return of(row.clauses) };
    match statement {
        Some(statement) => of(statements.iter().find(|rule| rule.keyword == statement)?.clauses),
        None => of(row.clauses).or_else(|| of(members.clauses())),
    }
}

/// What a translation is between, and its first rows.
fn translation<'a>(scope: &'a Scope<'a>, item: &Item, name: &str) -> String {
    let mut text = String::new();
    for (from, to) in scope.translated(name) {
        let _ = write!(
            text,
            "\n\n`{}` of `{}` becomes `{}` of `{}`",
            code(&from.field.path()),
            code(from.kind.name),
            code(&to.field.path()),
            code(to.kind.name)
        );
    }
    let rows = item.body_lines();
    if !rows.is_empty() {
        text.push_str("\n\n| old | new |\n|---|---|");
    }
    for line in rows.iter().take(LISTED) {
        let said = |terms: Option<cutover_syntax::tree::Terms>| {
            terms
                .and_then(|terms| item.range(terms))
                .map(|range| plain(item.slice(range)))
                .unwrap_or_default()
        };
        let _ = write!(text, "\n| {} | {} |", said(Some(line.lead)), said(line.result));
    }
    if rows.len() > LISTED {
        let _ = write!(text, "\n\nand {} more", rows.len() - LISTED);
    }
    text
}

fn about_person<'a>(scope: &'a Scope<'a>, name: &str) -> Option<String> {
    let teams = scope.cx.items.iter().filter(|item| item.keyword == Some(ItemKw::Team));
    let found = teams.flat_map(|item| item.body_lines().iter().map(move |line| (*item, line))).find(
        |(item, line)| crate::complete::names(item, line.lead).first().is_some_and(|first| first == name),
    );
    let (item, line) = found?;
    let mut text = format!("`{}`: {}", code(name), plain(&person(item, line)));
    for keyword in [ClauseKw::Contact, ClauseKw::Git] {
        if let Some(said) = line.clause(keyword).and_then(|clause| item.get(clause.terms).first()) {
            let _ = write!(text, "\n\n{keyword}: {}", plain(&unquote(item.raw(*said))));
        }
    }
    // The hours reach from the first of these clauses to the last one, as they are written.
    let hours = [ClauseKw::Available, ClauseKw::To, ClauseKw::In, ClauseKw::Then];
    let hours = line.clauses.iter().filter(|clause| hours.contains(&clause.keyword));
    let ranges: Vec<_> =
        hours.filter_map(|clause| Some(clause.range.to(item.range(clause.terms)?))).collect();
    if let (Some(first), Some(last)) = (ranges.first(), ranges.last()) {
        let said = item.slice(first.to(*last)).split_whitespace().collect::<Vec<&str>>().join(" ");
        let _ = write!(text, "\n\n{}", plain(&said));
    }
    Some(text)
}

fn about_field(place: Place<'_>) -> String {
    let Place { kind, field } = place;
    let entry = field.field;
    let mut text = format!(
        "`{}` of `{}` in the {}: `{}`",
        code(&field.path()),
        code(kind.name),
        kind.system,
        kind.type_of(field)
    );
    if let Some(title) = &entry.title {
        let _ = write!(text, "\n\n{}", plain(title));
    }
    let mut facts = Vec::new();
    match entry.required {
        Required::Never => {}
        Required::OnCreate => facts.push("required when it is created"),
        Required::Always => facts.push("required"),
    }
    match entry.write {
        Write::Always => {}
        Write::OnCreate => facts.push("written only when it is created"),
        Write::Never => facts.push("never written"),
        _ => facts.push("not written in the usual way"),
    }
    if entry.derived {
        facts.push("computed by the product");
    }
    if !facts.is_empty() {
        let _ = write!(text, "\n\n{}", facts.join(", "));
    }
    if let Some(profile) = field.profile {
        let _ = write!(text, "\n\n{} of them have a value", count(profile.present));
        if let Some(longest) = profile.longest {
            let _ = write!(text, ", the longest has {} characters", count(longest));
        }
        if let Some(distinct) = profile.distinct {
            let _ = write!(text, ", {} different ones", count(distinct));
        }
    }
    let options = options(place);
    if !options.is_empty() {
        text.push_str("\n\n| option | records |\n|---|---:|");
        for (option, held) in options.iter().take(LISTED) {
            let _ = write!(text, "\n| {} | {} |", plain(option), held.map_or_else(String::new, count));
        }
        if options.len() > LISTED {
            let _ = write!(text, "\n\nand {} more", options.len() - LISTED);
        }
    }
    if let Some(note) = &entry.note {
        let _ = write!(text, "\n\n{}", plain(note));
    }
    text
}

fn about_choice(place: Place<'_>, option: &str) -> Option<String> {
    let (_, held) = options(place).into_iter().find(|(name, _)| name == option)?;
    let mut text = format!("{}, an option of `{}`", plain(option), code(&place.field.path()));
    if let Some(state) = place.kind.state(option) {
        let class = if state.class == cutover_ir::predicate::StatusClass::Finished {
            "finished"
        } else {
            "unfinished"
        };
        let _ = write!(text, " ({class})");
    }
    if let Some(held) = held {
        let _ = write!(text, ": **{}** {}", count(held), plain(&place.kind.plural));
    }
    Some(text)
}

fn function(name: &str) -> Option<String> {
    let function = functions::find(name)?;
    let mut text = format!("`{}`\n\n{}", function.usage(), function.summary);
    if !function.doc.is_empty() {
        let _ = write!(text, " {}", function.doc);
    }
    let _ = write!(text, "\n\nTakes: {}", function.input);
    let losses: Vec<&str> = function.loss.iter().map(|loss| loss.describe()).collect();
    if !losses.is_empty() {
        let _ = write!(text, "\n\nCan lose: {}", losses.join(", "));
    }
    Some(text)
}

/// The page of a product, if the program has a catalog of it.
pub(crate) fn page(platform: &str) -> Option<String> {
    Catalog::builtin(platform).map(|catalog| cutover_catalog::render::show(&catalog))
}

/// What the outline calls an item: keyword and name or signature, and its title.
pub(crate) fn item(item: &Item) -> Option<(String, String)> {
    let keyword = item.keyword?;
    let head = item.head()?;
    let mut name = keyword.text().to_owned();
    let words = match (keyword, name_of(item)) {
        (ItemKw::Map, _) => item.range(head.terms).map(|range| {
            let whole = item.slice(range).split_whitespace().collect::<Vec<&str>>().join(" ");
            let clause = head.clauses.first().map(|clause| item.slice(clause.range));
            let cut = clause.and_then(|clause| whole.find(&format!(" {clause} "))).unwrap_or(whole.len());
            whole.get(..cut).unwrap_or_default().trim_start_matches("map").trim().to_owned()
        }),
        (_, Some((name, _))) => Some(name),
        _ => None,
    };
    if let Some(words) = words.filter(|words| !words.is_empty()) {
        name.push(' ');
        name.push_str(&words);
    }
    let title = if keyword == ItemKw::Use {
        item.get(head.lead).first().map(|term| unquote(item.raw(*term)).into_owned())
    } else {
        title_of(item)
    };
    Some((inert_line(&name).into_owned(), inert_line(&title.unwrap_or_default()).into_owned()))
}

/// A text from outside as Markdown that looks like it and does nothing.
pub(crate) fn plain(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in inert_line(text).chars() {
        if c.is_ascii_punctuation()
            && !matches!(c, '.' | ',' | ';' | ':' | '\'' | '"' | '?' | '%' | '/' | '-' | '=' | '+' | '@')
        {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// A text from outside between backticks.
fn code(text: &str) -> String {
    inert_line(text).replace('`', "'")
}

#[cfg(test)]
mod tests {
    use super::{count, length, plain};

    #[test]
    fn numbers_and_lengths_as_people_write_them() {
        assert_eq!(
            [0, 999, 1_000, 12_480, 1_000_000].map(count),
            ["0", "999", "1,000", "12,480", "1,000,000"]
        );
        assert_eq!([0, 59, 3_600, 7_801].map(length), ["0 min", "1 min", "1 h", "2 h 11 min"]);
    }

    #[test]
    fn text_from_outside_is_no_markup() {
        assert_eq!(plain("[x](y) *b* | <img>"), "\\[x\\]\\(y\\) \\*b\\* \\| \\<img\\>");
    }
}
