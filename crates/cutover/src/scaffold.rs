//! The first draft of a spec: every decision is there, what the catalogs and inventories say alike is proposed, all else is open.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use cutover_analysis::lower::words::LOSSES;
use cutover_analysis::world::{FieldView, KindView, Loaded, System};
use cutover_analysis::{World, world};
use cutover_catalog::Part;
use cutover_catalog::kind::{Required, Route, Scope, Write as Writable};
use cutover_diagnostics::Diagnostic;
use cutover_diagnostics::suggest::nearest;
use cutover_syntax::keywords::{ClauseKw, ItemKw, StmtKw};

use crate::{Failure, Open, Purpose, Request, compile_as, systems};

/// How often proposals that do not check are taken back.
const ROUNDS: usize = 6;

/// Fields that a comment names for an open decision.
const CANDIDATES: usize = 3;

/// Between which products a draft leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The product that is left, as its catalog is called.
    pub from: String,
    /// The product that is moved to.
    pub to: String,
    /// The inventory of the old account, as a path in the project.
    pub source_inventory: Option<String>,
    /// The inventory of the new account, as a path in the project.
    pub target_inventory: Option<String>,
}

/// The text of a draft for the project in `root`, not yet laid out. It has open decisions and no other mistakes, as far as proposals can be
/// taken back.
///
/// # Errors
/// When the project's folder cannot be read.
pub fn scaffold(root: &Path, entry: &str, draft: &Draft) -> Result<String, Failure> {
    let look = |text: &str| {
        let open = Open::from([(entry.to_owned(), Arc::from(text))]);
        compile_as(root, entry, Request { purpose: Purpose::Check, open, ..Request::default() })
    };
    let head = head(draft);
    let first = look(&head);
    if let Some(failure) = first.failure {
        return Err(failure);
    }
    let loaded: Vec<Loaded<'_>> = first.remains.accounts.iter().map(systems::Account::loaded).collect();
    let world = World::new(loaded);
    let (Some(source), Some(target)) = (world.source(), world.target()) else { return Ok(head) };
    let mut open = BTreeSet::new();
    let mut text = whole(&head, source, target, &open);
    for _ in 0..ROUNDS {
        let checked = look(&text);
        let before = open.len();
        for finding in checked.diagnostics.iter().filter(|found| mistaken(found)) {
            let Some(span) = finding.span() else { continue };
            let line = text.get(..span.range().start).map_or(0, |above| above.matches('\n').count());
            let Some(line) = text.lines().nth(line) else { continue };
            // A proposal that does not check is none.
            if let Some((key, _)) = line.split_once("  # proposed") {
                open.insert(key.trim().to_owned());
            }
        }
        if open.len() == before {
            break;
        }
        text = whole(&head, source, target, &open);
    }
    // What the new desk cannot keep is accepted by somebody, thing by thing.
    let mistakes = |text: &str| {
        let found = look(text).diagnostics;
        found.iter().filter(|found| mistaken(found)).count()
    };
    let mut left = mistakes(&text);
    for loss in LOSSES {
        if left == 0 {
            break;
        }
        let accepted = format!("{text}accept {loss}  in ???  owner keeper  signed by decider  because ???\n");
        let fewer = mistakes(&accepted);
        if fewer < left {
            (text, left) = (accepted, fewer);
        }
    }
    Ok(text)
}

fn head(draft: &Draft) -> String {
    let inventory = |path: &Option<String>| match path {
        Some(path) => format!("  inventory \"{}\"", path.replace(['"', '\\', '\n', '\r'], "")),
        None => String::new(),
    };
    let (from, to) = (&draft.from, &draft.to);
    let secret = |name: &str| name.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    format!(
        "# Every `???` is a decision that is still open. `cutover check` lists them.\n\
         # What is marked as proposed rests on names, types and options that are alike. Read it before you believe it.\n\n\
         edition 1\n\n\
         migration move \"{from} to {to}\" {{\n\
         \x20 source  {from} \"old account\"{}\n\
         \x20 target  {to} \"new account\"{}\n\
         \x20 sandbox {to} \"sandbox\"\n\
         \x20 secret  source \"{}_KEY\"  until ???\n\
         \x20 secret  target \"{}_KEY\"  until ???\n\
         \x20 window  ??? to ??? in ???  # such as 2027-01-16 18:00 to 2027-01-16 23:00 in \"Europe/London\"\n\
         }}\n\n",
        inventory(&draft.source_inventory),
        inventory(&draft.target_inventory),
        secret(from),
        secret(to),
    )
}

/// What surrounds the records: people, goals, the night. Their names are for the team to write.
const TEAM: &str = "team small {\n\
    \x20 decider  \"Who decides\"          role decision_maker      contact \"how to reach them\"\n\
    \x20 builder  \"Who sets it up\"       role configuration_lead  contact \"how to reach them\"\n\
    \x20 keeper   \"Who keeps the data\"   role data_owner          contact \"how to reach them\"\n\
    \x20 champion \"Who answers tickets\"  role agent_champion      contact \"how to reach them\"\n\
    }\n\n\
    baseline  before  of source  from ??? to ???  # the last full month before the window\n\
    objective replies \"What the move is for\"  owner decider  { ??? }  # such as `median first_response_time at most 90% of before within 30 days`\n\n";

const REST: &str = "backup full  in ???  owner keeper { everything; restore ???  signed by builder  before rehearsal }\n\
    rehearse sandbox  owner builder  signed by champion { sample ??? }  # such as `sample 100 tickets  spread over status`\n\
    go live  owner builder  signed by decider { hold inbound; load everything; switch ???; drain inbound }\n\
    announce customers  template ???  owner champion  signed by decider  from ???\n\
    train agents  owner champion  before window { receive }\n\
    rollback  decided by decider, keeper  else ???  within ??? {\n\
    \x20 trigger failures  ???  # such as `failed_imports more than 0.5% over 200 records`\n\
    \x20 undo everything before switch\n\
    \x20 keep new tickets, replies  in ???  owner champion  after switch\n\
    \x20 message ???\n\
    }\n\
    hypercare  owner builder  for ??? { daily ??? }\n\
    ownership  owner champion  for ???\n\
    read only source  access within ???  owner keeper  until ???\n\
    decommission source  owner builder  signed by decider  after ???\n";

/// Whether a finding is a mistake of the draft: a decision that is still open is none.
fn mistaken(found: &Diagnostic) -> bool {
    found.is_error() && !found.code.starts_with("holes/")
}

fn whole(head: &str, source: &System<'_>, target: &System<'_>, open: &BTreeSet<String>) -> String {
    let mut text = head.to_owned();
    text.push_str(TEAM);
    let imported = scope(&mut text, source, target);
    around(&mut text, source);
    let mut tables = String::new();
    for (kind, to) in imported {
        map(&mut text, &mut tables, kind, to, open);
    }
    text.push_str(&tables);
    text.push_str(REST);
    text
}

/// The kind of the target that corresponds to one of the source, when its records can be written.
fn counterpart<'w>(kind: &KindView<'_>, target: &'w System<'w>) -> Option<&'w KindView<'w>> {
    let same = |to: &&KindView<'_>| {
        let part =
            if kind.kind.part == Part::Agent { [Part::Agent, Part::User] } else { [kind.kind.part; 2] };
        part.contains(&to.kind.part) && kind.kind.part != Part::Other
    };
    let loadable = |to: &&KindView<'_>| to.kind.load.as_ref().is_some_and(|load| load.how != Route::Never);
    target.kinds.iter().filter(same).find(loadable)
}

/// Writes the scope, and gives the kinds that are imported with what they become.
fn scope<'s, 'w>(
    text: &mut String,
    source: &'s System<'s>,
    target: &'w System<'w>,
) -> Vec<(&'s KindView<'s>, &'w KindView<'w>)> {
    let mut imported = Vec::new();
    text.push_str("scope {\n");
    for kind in &source.kinds {
        let plural = &kind.plural;
        let to = counterpart(kind, target);
        let built = matches!(
            kind.kind.part,
            Part::Macro
                | Part::View
                | Part::Automation
                | Part::SlaPolicy
                | Part::Report
                | Part::Template
                | Part::Form
        );
        let part = kind.kind.part;
        // Tickets point to their queue, so that something has to take its place.
        let wanted = if part == Part::Queue { [Part::Queue, Part::Group] } else { [part; 2] };
        let known = target.kinds.iter().any(|to| wanted.contains(&to.kind.part));
        let line = match (kind.kind.scope, to) {
            (Scope::Elsewhere, _) => continue,
            (_, Some(to)) if !built => {
                imported.push((kind, to));
                import(kind, source)
            }
            _ if known && (built || part == Part::Queue) => format!("recreate {plural}  owner builder"),
            _ if known => format!("retire   {plural}  because ???"),
            _ => format!("retire   {plural}  because ???  # {} has no counterpart", target.product()),
        };
        let _ = writeln!(text, "  {line}");
    }
    text.push_str("}\n\n");
    imported
}

fn import(kind: &KindView<'_>, source: &System<'_>) -> String {
    let plural = &kind.plural;
    if let Some(holder) = kind.kind.with.as_deref().and_then(|with| source.kind(with)) {
        return format!("import   {plural}  with {}", holder.name);
    }
    match kind.kind.part {
        Part::Ticket => {
            format!(
                "import   {plural}  where ???  # such as `unfinished or created_at since 2024-01-01`\n  retire   {plural}  the rest  because ???"
            )
        }
        Part::User => match kind.kind.by_canon("email") {
            Some((field, _)) => format!("import   {plural}  identified by {field}"),
            None => format!("import   {plural}"),
        },
        Part::Agent if kind.kind.words.contains("active") => {
            format!("import   {plural}  where active\n  retire   {plural}  the rest  because ???")
        }
        _ => format!("import   {plural}"),
    }
}

/// Connected systems, addresses, and losses that have to be accepted by somebody.
fn around(text: &mut String, source: &System<'_>) {
    text.push_str("integration none  because ???  # or one line for each: `integration crm \"Customer accounts\"  both ways  owner builder`\n");
    let listed = source.kinds_of(Part::Channel).filter_map(|kind| source.objects(kind.name)).flatten();
    let addresses: BTreeSet<&str> = listed.filter_map(|object| object.address.as_deref()).collect();
    if addresses.is_empty() {
        text.push_str("inbound help  \"help@example.org\"  held at ???  owner champion\n\n");
        return;
    }
    for (at, address) in addresses.into_iter().enumerate() {
        let address = address.replace(['"', '\\'], "");
        let _ = writeln!(text, "inbound address_{}  \"{address}\"  held at ???  owner champion", at + 1);
    }
    text.push('\n');
}

fn map(
    text: &mut String,
    tables: &mut String,
    from: &KindView<'_>,
    to: &KindView<'_>,
    open: &BTreeSet<String>,
) {
    let _ = writeln!(text, "map {} -> {} {{", from.name, to.name);
    let mut set: BTreeSet<String> = BTreeSet::new();
    for field in from.fields().filter(|field| !field.field.derived) {
        let path = written(field);
        let proposed = proposal(from, field, to, open).filter(|(name, _)| !set.contains(name));
        let key = |target: &str, how: &str| format!("{path} -> {target}{how}");
        if let Some((name, how)) = &proposed {
            let table =
                format!("{}_{}", from.name, field.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
            let how = match how {
                How::Same => String::new(),
                How::Options(_) => format!("  by {table}"),
            };
            if !open.contains(&key(name, &how)) {
                let _ =
                    writeln!(text, "  {}  # proposed: the same meaning in both catalogs", key(name, &how));
                set.insert(name.clone());
                if let Some((_, How::Options(rows))) = proposed {
                    let _ = writeln!(tables, "translate {table} {{\n{rows}}}");
                }
                continue;
            }
        }
        let near = candidates(field, to);
        let comment =
            if near.is_empty() { String::new() } else { format!("  # candidates: {}", near.join(", ")) };
        let _ = writeln!(text, "  {path} -> ???{comment}");
    }
    for field in to.fields().filter(|field| field.field.required != Required::Never) {
        let path = written(field);
        if !set.contains(&path) && field.field.write != Writable::Never && field.field.default.is_none() {
            let _ = writeln!(text, "  ??? -> {path}  # needed for each");
        }
    }
    text.push_str("}\n\n");
}

/// How a proposed field gets its value.
enum How {
    Same,
    /// By a translation with these rows.
    Options(String),
}

/// The field of the target that means the same: by the catalogs' own correspondence, or by its name, when its values are of the same sort.
fn proposal(
    from: &KindView<'_>,
    field: FieldView<'_>,
    to: &KindView<'_>,
    open: &BTreeSet<String>,
) -> Option<(String, How)> {
    let same = |other: &FieldView<'_>| match (&field.field.canon, &other.field.canon) {
        (Some(one), Some(two)) => one == two,
        _ => field.custom == other.custom && field.name == other.name,
    };
    let other = to
        .fields()
        .filter(|other| other.field.write != Writable::Never && !other.field.derived)
        .find(same)?;
    let sort = |field: &FieldView<'_>| {
        field.field.ty.to_string().split(['(', '?']).next().unwrap_or_default().to_owned()
    };
    let (one, two) = (sort(&field), sort(&other));
    let name = written(other);
    if one == "choice" && two == "choice" {
        return Some((name, How::Options(rows(from, field, to, other, open))));
    }
    (one == two).then_some((name, How::Same))
}

/// Each option of a field with what it becomes: the option of the same name or meaning, or an open decision.
fn rows(
    from: &KindView<'_>,
    field: FieldView<'_>,
    to: &KindView<'_>,
    other: FieldView<'_>,
    open: &BTreeSet<String>,
) -> String {
    let targets = to.options(other);
    let quote = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let mut names: Vec<&str> = from.options(field);
    let seen = field.profile.into_iter().flat_map(|profile| profile.values.keys());
    for value in seen {
        if !names.contains(&value) {
            names.push(value);
        }
    }
    let mut rows = String::new();
    for name in &names {
        let same = targets.iter().find(|target| target.eq_ignore_ascii_case(name));
        let class = |kind: &KindView<'_>, state: &str| kind.state(state).map(|state| state.category);
        let alike = same.or_else(|| {
            let category = class(from, name)?;
            let mut alike = targets.iter().filter(|target| class(to, target) == Some(category));
            alike.next().filter(|_| alike.next().is_none())
        });
        let row = |target: &&str| format!("\"{}\" -> \"{}\"", quote(name), quote(target));
        let _ = match alike.map(row).filter(|row| !open.contains(row)) {
            Some(row) => writeln!(rows, "  {row}  # proposed: alike in both"),
            None => {
                let near: Vec<String> =
                    targets.iter().take(8).map(|target| format!("\"{}\"", quote(target))).collect();
                let comment =
                    if near.is_empty() { String::new() } else { format!("  # one of {}", near.join(", ")) };
                writeln!(rows, "  \"{}\" -> ???{}", quote(name), comment.replace(['\n', '\r'], " "))
            }
        };
    }
    if names.is_empty() || from.options_open(field) {
        rows.push_str("  the rest -> ???\n");
    }
    rows
}

/// Fields of the target that an open decision may mean: near names first, then those of the same sort.
fn candidates(field: FieldView<'_>, to: &KindView<'_>) -> Vec<String> {
    let writable =
        || to.fields().filter(|other| other.field.write != Writable::Never && !other.field.derived);
    let names: Vec<&str> = writable().map(|other| other.name).collect();
    let mut found: Vec<String> =
        nearest(field.name, names, CANDIDATES).into_iter().map(str::to_owned).collect();
    let sort = |view: &FieldView<'_>| {
        view.field.ty.to_string().split(['(', '?']).next().unwrap_or_default().to_owned()
    };
    let wanted = sort(&field);
    for other in writable().filter(|other| sort(other) == wanted) {
        if found.len() < CANDIDATES && !found.iter().any(|name| name == other.name) {
            found.push(other.name.to_owned());
        }
    }
    found
}

/// A field as specs write it: a name that is a keyword stands in backticks.
fn written(field: world::FieldView<'_>) -> String {
    let path = field.path();
    let keyword = ItemKw::ALL
        .iter()
        .map(|keyword| keyword.text())
        .chain(StmtKw::ALL.iter().map(|keyword| keyword.text()));
    let mut keyword = keyword.chain(ClauseKw::ALL.iter().map(|keyword| keyword.text()));
    if keyword.any(|keyword| keyword == path) { format!("`{path}`") } else { path }
}
