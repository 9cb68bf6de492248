//! `cutover transform`.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use cutover_diagnostics::sanitize::inert_line;
use cutover_plan::bundle::{self, Bundle};
use cutover_plan::model::Content;
use cutover_plan::text::numbers::number;
use cutover_transform::{Counts, Exports, Layout, Lookup, Options, Program, Reject, Surroundings, Worker};

use crate::args::TransformArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::written::{Rules, Written};

pub(crate) fn run(args: &TransformArgs) -> Result<Exit, Failure> {
    let bundle = bundle::read(&args.bundle)
        .map_err(|error| Failure::new(format!("no plan in {}", args.bundle.display())).because(error))?;
    let program = Program::of_plan(&bundle.plan, &args.object, &layout(args)?)
        .ok_or_else(|| no_map(&bundle, &args.object))?;
    let surroundings = surroundings(args, &bundle, &program)?;
    let exports = exports(args, &bundle, &program)?;
    let mut input: Box<dyn Read + Send> = match &args.input {
        Some(path) => Box::new(File::open(path).map_err(|error| unreadable(path, error))?),
        None => Box::new(io::stdin()),
    };
    if program.others().iter().any(|kind| !exports.has(kind)) {
        let head = only_ids(&mut input, &mut Worker::new(&program, &surroundings), &exports)?;
        input = Box::new(io::Cursor::new(head).chain(input));
    }
    let plan = args.bundle.join(bundle::PLAN);
    let mut read: Vec<(&str, &Path)> = vec![("the plan", &plan)];
    read.extend(args.input.as_deref().map(|path| ("the input", path)));
    for (what, said) in [("a table", &args.table), ("records of another kind", &args.records)] {
        read.extend(said.iter().filter_map(|said| Some((what, Path::new(said.split_once('=')?.1)))));
    }
    let never = |_: &str| false;
    let to = |path: &Path| {
        let rules = Rules { read: &read, replace: args.replace, can_replace: true, ..Rules::own(&never) };
        Written::new(path, &rules)
    };
    let mut records = args.output.as_deref().map(to).transpose()?;
    let mut rejects = match &args.rejects {
        Some(path) => {
            let mut read = read.clone();
            read.extend(args.output.as_deref().map(|path| ("the output", path)));
            let own = |head: &str| head.starts_with("{\"line\":");
            let rules = Rules { read: &read, replace: args.replace, can_replace: true, ..Rules::own(&own) };
            Some(BufWriter::new(Written::new(path, &rules)?))
        }
        None => None,
    };
    let output: Box<dyn Write + Send + '_> = match &mut records {
        Some(file) => Box::new(file),
        None => Box::new(io::stdout()),
    };
    let mut reject = |reject: &Reject| match &mut rejects {
        Some(file) => file.write_all(reject.to_json(bundle.places.get(&reject.rule)).as_bytes()),
        None => Ok(()),
    };
    let options = Options { threads: args.threads.into(), ..Options::default() };
    let ran = cutover_transform::run(&program, &surroundings, &exports, input, output, &mut reject, &options);
    let counts = match ran {
        Ok(counts) => counts,
        Err(cutover_transform::Failure::Output(error)) => return Err(error.into()),
        Err(failure) => return Err(Failure::new("the records were not read to their end").because(failure)),
    };
    if let Some(file) = rejects {
        file.into_inner().map_err(io::IntoInnerError::into_error)?.keep()?;
    }
    if let Some(file) = records {
        file.keep()?;
    }
    summary(&counts, &bundle, &mut io::stderr().lock())?;
    Ok(if counts.rejected > 0 { Exit::Findings } else { Exit::Clean })
}

fn unreadable(path: &Path, error: io::Error) -> Failure {
    Failure::new(format!("cannot read {}", path.display())).because(error)
}

/// Where fields stand, as the command line says.
fn layout(args: &TransformArgs) -> Result<Layout, Failure> {
    let mut layout = Layout::default();
    for said in &args.at {
        let (field, path) = halves(said, "--at requester=contact.id")?;
        let path = cutover_transform::Path::parse(path)
            .map_err(|error| Failure::new(format!("`--at {said}` says no place")).because(error))?;
        layout.put(field, path);
    }
    Ok(layout)
}

fn halves<'a>(said: &'a str, example: &str) -> Result<(&'a str, &'a str), Failure> {
    said.split_once('=').filter(|(name, rest)| !name.is_empty() && !rest.is_empty()).ok_or_else(|| {
        Failure::new(format!("`{said}` is not a pair")).help(format!("write it like `{example}`"))
    })
}

fn no_map(bundle: &Bundle, object: &str) -> Failure {
    let maps = bundle.plan.items.values().filter_map(|item| match &item.content {
        Content::Map(map) => Some(map),
        _ => None,
    });
    let of_kind = maps.clone().filter(|map| map.source == object).map(|map| map.id.as_str());
    let ids: Vec<&str> = of_kind.collect();
    if ids.len() > 1 {
        return Failure::new(format!("the plan has several maps of `{object}`"))
            .help(format!("name one: {}", ids.join(", ")));
    }
    let mut kinds: Vec<&str> = maps.map(|map| map.source.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    Failure::new(format!("the plan has no map of `{object}`"))
        .help(format!("it has maps of {}", kinds.join(", ")))
}

/// What the map asks for beside the plan: tables of the command line, secrets of the environment.
fn surroundings<'p>(
    args: &TransformArgs,
    bundle: &'p Bundle,
    program: &Program,
) -> Result<Surroundings<'p>, Failure> {
    let mut surroundings = Surroundings::new(&bundle.plan);
    let mut given = Vec::new();
    for said in &args.table {
        let (name, path) = halves(said, "--table crm=accounts.csv")?;
        let table = Lookup::open(&bundle.plan, name, path.as_ref())
            .map_err(|error| Failure::new(format!("the table `{name}` cannot be used")).because(error))?;
        surroundings.table(name, table);
        given.push(name);
    }
    if let Some(name) = program.tables().into_iter().find(|name| !given.contains(name)) {
        return Err(Failure::new(format!("the map looks up the table `{name}`"))
            .help(format!("give its rows: `--table {name}=FILE`")));
    }
    for name in program.secrets() {
        let value = std::env::var(name).map_err(|error| {
            Failure::new(format!("the map asks for the secret `{name}`"))
                .because(error)
                .help(format!("set the environment variable {name}"))
        })?;
        surroundings.secret(name, value);
    }
    Ok(surroundings)
}

/// The records of other kinds that the command line gives, to which references lead.
fn exports(args: &TransformArgs, bundle: &Bundle, program: &Program) -> Result<Exports, Failure> {
    let mut exports = Exports::default();
    let asked = program.others();
    for said in &args.records {
        let (kind, path) = halves(said, "--records user=users.jsonl")?;
        if !asked.contains(kind) {
            let kinds: Vec<&str> = asked.iter().copied().collect();
            return Err(Failure::new(format!("the map reads nothing of `{kind}`")).help(
                if kinds.is_empty() {
                    "it reads the fields of its own records only: leave `--records` out".to_owned()
                } else {
                    format!("through references it reads records of {}", kinds.join(", "))
                },
            ));
        }
        exports.open(&bundle.plan, kind, path.as_ref()).map_err(|error| {
            Failure::new(format!("the records of `{kind}` in {path} cannot be used")).because(error)
        })?;
    }
    Ok(exports)
}

/// Of the input, what is looked at beforehand.
const HEAD: u64 = 256 << 10;

/// Refuses records of which the map reads more than they hold, before any is written: the name of somebody of whom they hold the id. What was read of
/// the input for that.
fn only_ids(input: &mut dyn Read, worker: &mut Worker<'_>, exports: &Exports) -> Result<Vec<u8>, Failure> {
    let mut head = Vec::new();
    input.take(HEAD).read_to_end(&mut head)?;
    let lines = head.split(|byte| *byte == b'\n').filter_map(|line| str::from_utf8(line).ok());
    for line in lines.filter(|line| !line.trim().is_empty()) {
        if let Some(unread) = worker.unread(line, exports) {
            let kinds = unread.kinds.join(" or ");
            let kind = unread.kinds.first().map_or("", String::as_str);
            return Err(Failure::new(format!(
                "the map reads `{}`, and the records hold only an id of the {kinds}; nothing was written",
                unread.field
            ))
            .help(format!("give the file with the records of that kind: `--records {kind}=FILE`")));
        }
    }
    Ok(head)
}

/// What became of the records, on standard error: standard output belongs to them.
fn summary(counts: &Counts, bundle: &Bundle, out: &mut dyn Write) -> io::Result<()> {
    let filtered = counts.filtered_in_all();
    writeln!(
        out,
        "{} read: {} written, {} rejected, {} outside of the scope",
        number(counts.read),
        number(counts.written),
        number(counts.rejected),
        number(filtered)
    )?;
    for (part, count) in &counts.filtered {
        let part = part.as_ref().map_or("no part of the scope", |part| part.as_str());
        writeln!(out, "  outside of the scope: {} by {}", number(*count), inert_line(part))?;
    }
    for ((rule, cause), count) in &counts.rejects {
        let place = bundle.places.get(rule);
        let place = place.map(|place| format!(" ({}:{})", place.file, place.line)).unwrap_or_default();
        writeln!(
            out,
            "  rejected: {} by {}{}: {cause}",
            number(*count),
            inert_line(rule.as_str()),
            inert_line(&place)
        )?;
    }
    Ok(())
}
