//! The first draft of a spec: every decision is there, what the catalogs and inventories say alike is proposed, all else is open.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use cutover_analysis::World;
use cutover_analysis::candidates::{self, Kinds, sort, written};
use cutover_analysis::lower::words::LOSSES;
use cutover_analysis::rules::declared;
use cutover_analysis::world::{FieldView, KindView, Loaded, System};
use cutover_catalog::Part;
use cutover_catalog::kind::{Required, Route, Scope, Write as Writable};
use cutover_diagnostics::{Diagnostic, Severity};

use crate::{Failure, Open, Purpose, Request, compile_as, systems};

/// How often proposals that do not check are taken back, or said with more words.
const ROUNDS: usize = 8;

/// The proposals that did not check, by block and row, and how often. What fails in one map may be right in another.
type Tried = BTreeMap<(String, String), usize>;

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
    let first = look(&head(draft, ["old account", "new account"]));
    if let Some(failure) = first.failure {
        return Err(failure);
    }
    let account = |name: &str, unnamed: &'static str| {
        let account = first.remains.accounts.iter().find(|account| account.is(name));
        let named = account.and_then(systems::Account::inventory).map(|inventory| &*inventory.account);
        named.filter(|name| !name.is_empty() && !name.contains(['"', '\\', '\n', '\r'])).unwrap_or(unnamed)
    };
    let head = head(draft, [account("source", "old account"), account("target", "new account")]);
    let loaded: Vec<Loaded<'_>> = first.remains.accounts.iter().map(systems::Account::loaded).collect();
    let world = World::new(loaded);
    let (Some(source), Some(target)) = (world.source(), world.target()) else { return Ok(head) };
    let mut tried = Tried::new();
    let mut text = whole(&head, source, target, &tried);
    for _ in 0..ROUNDS {
        let places: BTreeSet<usize> = look(&text)
            .diagnostics
            .iter()
            .filter(|found| mistaken(found))
            .filter_map(|found| Some(found.span()?.range().start))
            .map(|at| text.get(..at).map_or(0, |above| above.matches('\n').count()))
            .collect();
        let mut again = false;
        let mut block = "";
        for (number, line) in text.lines().enumerate() {
            if !line.starts_with(' ') {
                block = line;
            }
            // A proposal that does not check is none, or needs more words.
            if let (true, Some((row, _))) = (places.contains(&number), line.split_once("  # proposed")) {
                *tried.entry((block.to_owned(), key(row).to_owned())).or_default() += 1;
                again = true;
            }
        }
        if !again {
            break;
        }
        text = whole(&head, source, target, &tried);
    }
    let text = tidied(text, source, &look);
    let mut text = text;
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

/// What a row of a block is known by: without the words that were added to it.
fn key(row: &str) -> &str {
    let row = row.trim();
    if row.starts_with('"') { row } else { row.split("  ").next().unwrap_or(row) }
}

/// Adds what an account asks for: people that are there twice are merged, and more records than one query gives are exported in parts.
fn tidied(text: String, source: &System<'_>, look: &dyn Fn(&str) -> crate::Compilation) -> String {
    let found = look(&text).diagnostics;
    let codes: BTreeSet<(&str, &str)> =
        found.iter().filter(|found| mistaken(found)).filter_map(|found| found.code.split_once('/')).collect();
    let mut more = String::new();
    let users = source.kinds_of(Part::User).next();
    if let Some(kind) = users.filter(|_| codes.contains(&("clean", "duplicates"))) {
        let email = kind.kind.by_canon("email").map_or("email", |(field, _)| field);
        let newest = kind.kind.by_canon("updated_at").map_or("???".to_owned(), |(field, _)| field.to_owned());
        let _ = writeln!(
            more,
            "clean copy {{\n  merge {} with same lower({email})  preferring newest {newest}  # proposed: some are there twice\n}}\n",
            kind.plural
        );
    }
    if codes.contains(&("export", "beyond-query"))
        && let Some(kind) = source.tickets()
    {
        let changed = kind.kind.by_canon("updated_at").or_else(|| kind.kind.by_canon("created_at"));
        let field = changed.map_or("???", |(field, _)| field);
        let others: Vec<&str> = text
            .lines()
            .skip_while(|line| !line.starts_with("scope "))
            .take_while(|line| !line.starts_with('}'))
            .filter_map(|line| line.trim().strip_prefix("import ")?.split_whitespace().next())
            .filter(|plural| *plural != kind.plural)
            .collect();
        let _ = writeln!(
            more,
            "export parts  owner builder {{\n  {} chunked by month of {field}  # proposed: more than one query gives\n  {}\n}}\n",
            kind.plural,
            others.join(", ")
        );
    }
    if more.is_empty() {
        return text;
    }
    let with = text.replacen("integration none", &format!("{more}integration none"), 1);
    let mistakes = |text: &str| look(text).diagnostics.iter().filter(|found| mistaken(found)).count();
    if mistakes(&with) < mistakes(&text) { with } else { text }
}

fn head(draft: &Draft, [old, new]: [&str; 2]) -> String {
    let inventory = |path: &Option<String>| match path {
        Some(path) => format!("  inventory \"{}\"", path.replace(['"', '\\', '\n', '\r'], "")),
        None => String::new(),
    };
    let (from, to) = (&draft.from, &draft.to);
    let secret = |name: &str| name.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
    // Two accounts of one product have two keys.
    let (old_key, new_key) = if from == to {
        ("OLD_".to_owned() + &secret(from), "NEW_".to_owned() + &secret(to))
    } else {
        (secret(from), secret(to))
    };
    format!(
        "# Every `???` is a decision that is still open. `cutover check` lists them.\n\
         # What is marked as proposed rests on names, types and options that are alike. Read it before you believe it.\n\n\
         edition 1\n\n\
         migration move \"{from} to {to}\" {{\n\
         \x20 source  {from} \"{old}\"{}\n\
         \x20 target  {to} \"{new}\"{}\n\
         \x20 sandbox {to} \"sandbox\"\n\
         \x20 secret  source \"{}_KEY\"  until ???\n\
         \x20 secret  target \"{}_KEY\"  until ???\n\
         \x20 window  ??? to ??? in ???  # such as 2027-01-16 18:00 to 2027-01-16 23:00 in \"Europe/London\"\n\
         }}\n\n",
        inventory(&draft.source_inventory),
        inventory(&draft.target_inventory),
        old_key,
        new_key,
    )
}

/// What surrounds the records: people, goals, the night. Their names are for the team to write.
const TEAM: &str = "team small {\n\
    \x20 decider  ???  role decision_maker      contact ???  # who decides: \"Name\", and how to reach them, \"name@...\"\n\
    \x20 builder  ???  role configuration_lead  contact ???  # who sets the new desk up\n\
    \x20 keeper   ???  role data_owner          contact ???  # who keeps the data\n\
    \x20 champion ???  role agent_champion      contact ???  # who answers tickets\n\
    }\n\n\
    baseline  before  of source  from ??? to ???  # the last full month before the window\n\
    objective replies \"What the move is for\"  owner decider  { ??? }  # such as `median first_response_time at most 90% of before within 30 days`\n\n";

// Whoever sets it up writes these lines, and nobody signs what they wrote themselves: so that person signs nothing.
const REST: &str = "backup full  in ???  owner builder { everything; restore ???  signed by keeper  before rehearsal }\n\
    rehearse sandbox  owner builder  signed by champion { sample ??? }  # such as `sample 100 TICKETS  spread over status`\n\
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

/// Whether a finding is a mistake of the draft, or something that it proposes and had better not: a decision that is still open is none.
fn mistaken(found: &Diagnostic) -> bool {
    found.severity != Severity::Note && !found.code.starts_with("holes/")
}

fn whole(head: &str, source: &System<'_>, target: &System<'_>, tried: &Tried) -> String {
    let mut text = head.to_owned();
    text.push_str(TEAM);
    let imported = scope(&mut text, source, target);
    around(&mut text, source);
    let mut tables = String::new();
    let kinds: Kinds<'_> = imported.iter().map(|(kind, to)| (kind.name, to.name)).collect();
    for (kind, to) in imported {
        map(&mut text, &mut tables, (kind, to), &kinds, tried);
    }
    text.push_str(&tables);
    let tickets = source.tickets().map_or("tickets", |kind| kind.plural.as_ref());
    text.push_str(&REST.replace("TICKETS", tickets));
    text
}

/// The kind of the target that corresponds to one of the source, when its records can be written.
fn counterpart<'w>(
    kind: &KindView<'_>,
    source: &System<'_>,
    target: &'w System<'w>,
) -> Option<&'w KindView<'w>> {
    let same = |to: &&KindView<'_>| {
        let part =
            if kind.kind.part == Part::Agent { [Part::Agent, Part::User] } else { [kind.kind.part; 2] };
        part.contains(&to.kind.part) && kind.kind.part != Part::Other
    };
    // Who belongs to an organization and who follows a ticket are both memberships, and nothing alike.
    let holder = |kind: &KindView<'_>, system: &System<'_>| {
        let with = kind.kind.with.as_deref().and_then(|with| system.kind(with));
        with.map(|holder| holder.kind.part)
    };
    let belongs =
        |to: &&KindView<'_>| kind.kind.part != Part::Membership || holder(kind, source) == holder(to, target);
    let loadable = |to: &&KindView<'_>| to.kind.load.as_ref().is_some_and(|load| load.how != Route::Never);
    target.kinds.iter().filter(same).filter(belongs).find(loadable)
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
        let to = counterpart(kind, source, target);
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
        let known = part != Part::Membership && target.kinds.iter().any(|to| wanted.contains(&to.kind.part));
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
    // Accounts spell one address in several ways: each is declared once.
    let addresses: BTreeMap<String, &str> =
        declared::addresses(source).map(|address| (declared::spelled(address), address.trim())).collect();
    if addresses.is_empty() {
        text.push_str("inbound help  \"help@example.org\"  held at ???  owner champion\n\n");
        return;
    }
    for (at, address) in addresses.into_values().enumerate() {
        let address = address.replace(['"', '\\'], "");
        let _ = writeln!(text, "inbound address_{}  \"{address}\"  held at ???  owner champion", at + 1);
    }
    text.push('\n');
}

/// A row of a map.
struct Row {
    text: String,
    /// What else its open decision may mean.
    near: Vec<String>,
}

fn map(
    text: &mut String,
    tables: &mut String,
    (from, to): (&KindView<'_>, &KindView<'_>),
    kinds: &Kinds<'_>,
    tried: &Tried,
) {
    let block = format!("map {} -> {} {{", from.name, to.name);
    let mut set: BTreeSet<String> = BTreeSet::new();
    let mut rows: Vec<Row> = Vec::new();
    for field in from.fields().filter(|field| !field.field.derived) {
        let path = written(field);
        let proposed = proposal(from, field, to, kinds).filter(|found| !set.contains(&found.name));
        let tried_of = |row: &str| tried.get(&(block.clone(), row.to_owned())).copied().unwrap_or_default();
        let ways = proposed.as_ref().map(ways).unwrap_or_default();
        if let Some(proposed) = proposed
            && let Some(way) = ways.get(tried_of(&format!("{path} -> {}", proposed.name)))
        {
            let table =
                format!("{}_{}", from.name, field.name.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
            let by = if proposed.options { format!("  by {table}") } else { String::new() };
            let row = format!("{path} -> {}{by}{way}  # proposed: {}", proposed.name, proposed.why);
            rows.push(Row { text: row, near: Vec::new() });
            if proposed.options {
                let options = options(&table, from, field, to, proposed.field, tried);
                let _ = writeln!(tables, "translate {table} {{\n{options}}}");
            }
            set.insert(proposed.name);
            continue;
        }
        if let Some(row) = stays_internal(field, to).filter(|row| tried_of(row) == 0) {
            rows.push(Row {
                text: format!("{row}  lossy ???  # proposed: what is internal stays so"),
                near: Vec::new(),
            });
            set.extend(to.fields().filter(|to| to.field.internal_when.is_some()).map(written));
            continue;
        }
        rows.push(Row {
            text: format!("{path} -> ???"),
            near: candidates::fields(field, to, Some(kinds), CANDIDATES),
        });
    }
    let needed: Vec<String> = to
        .fields()
        .filter(|field| field.field.required != Required::Never)
        .filter(|field| field.field.write != Writable::Never && field.field.default.is_none())
        .map(written)
        .filter(|path| !set.contains(path))
        .collect();
    let _ = writeln!(text, "{block}");
    for row in &rows {
        let comment = if row.near.is_empty() {
            String::new()
        } else {
            let said =
                |name: &String| if needed.contains(name) { format!("{name} (needed)") } else { name.clone() };
            format!("  # candidates: {}", row.near.iter().map(said).collect::<Vec<String>>().join(", "))
        };
        let _ = writeln!(text, "  {}{comment}", row.text);
    }
    // Where no row comes into question there has to be one more.
    for path in needed.iter().filter(|path| !rows.iter().any(|row| row.near.contains(path))) {
        let _ = writeln!(text, "  ??? -> {path}  # needed for each");
    }
    text.push_str("}\n\n");
}

/// The row by which one sort of record, a note among messages, stays what only agents see.
fn stays_internal(field: FieldView<'_>, to: &KindView<'_>) -> Option<String> {
    let option = field.field.internal_when.as_deref()?;
    let flag = to.fields().find(|to| to.field.internal_when.is_some())?;
    let says_yes = matches!(flag.field.internal_when.as_deref(), Some("true" | "yes"));
    let fits = says_yes && sort(&field, None).as_deref() == Some("choice");
    fits.then(|| format!("{} -> {} by equals(\"{option}\")", written(field), written(flag)))
}

/// A field of the target that is proposed for one of the source.
struct Proposal<'w> {
    name: String,
    field: FieldView<'w>,
    /// Whether its options are translated.
    options: bool,
    why: &'static str,
}

/// Words that a row may need, the fewest first. What they decide stays open.
fn ways(proposal: &Proposal<'_>) -> Vec<String> {
    let mut ways = vec![String::new()];
    let ty = proposal.field.field.ty.to_string();
    let limit = ty.strip_prefix("text(").and_then(|rest| rest.split(')').next());
    let needed = proposal.field.field.required != Required::Never;
    // What a reference points at may stay behind.
    if needed || ty.starts_with("ref ") {
        ways.push("  when missing ???".to_owned());
    }
    if let Some(limit) = limit.filter(|_| !proposal.options) {
        ways.push(format!("  cut to {limit}  lossy ???"));
        if needed {
            ways.push(format!("  cut to {limit}  when missing ???  lossy ???"));
        }
    }
    ways
}

/// The field of the target that means the same: by the catalogs' own correspondence, by its name, or as the only reference to the same kind,
/// when its values are of the same sort.
fn proposal<'w>(
    from: &KindView<'_>,
    field: FieldView<'_>,
    to: &'w KindView<'w>,
    kinds: &Kinds<'_>,
) -> Option<Proposal<'w>> {
    let writable =
        || to.fields().filter(|other| other.field.write != Writable::Never && !other.field.derived);
    let wanted = sort(&field, Some(kinds))?;
    let fits = |other: &FieldView<'_>| sort(other, None).as_deref() == Some(wanted.as_str());
    let canon = |other: &FieldView<'_>| field.field.canon.is_some() && field.field.canon == other.field.canon;
    let named = |other: &FieldView<'_>| {
        field.custom == other.custom
            && field.name == other.name
            && (field.field.canon.is_none() || other.field.canon.is_none())
    };
    let only = || {
        let refers = wanted.starts_with("ref ");
        let mut own = from.fields().filter(|one| sort(one, Some(kinds)).as_deref() == Some(wanted.as_str()));
        let mut others = writable().filter(fits);
        let found = others.next().filter(|_| refers && own.nth(1).is_none())?;
        others.next().is_none().then_some((found, "the only reference to the same kind"))
    };
    let (other, why) = writable()
        .find(canon)
        .map(|other| (other, "the same meaning in both catalogs"))
        .or_else(|| writable().find(named).map(|other| (other, "the same name and type")))
        .filter(|(other, _)| fits(other))
        .or_else(only)?;
    Some(Proposal { name: written(other), field: other, options: wanted == "choice", why })
}

/// Each option of a field with what it becomes: the option of the same name or meaning, or an open decision.
fn options(
    table: &str,
    from: &KindView<'_>,
    field: FieldView<'_>,
    to: &KindView<'_>,
    other: FieldView<'_>,
    tried: &Tried,
) -> String {
    let block = format!("translate {table} {{");
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
        let _ = match alike.map(row).filter(|row| !tried.contains_key(&(block.clone(), row.clone()))) {
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
