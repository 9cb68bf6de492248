//! The change in meaning between two specs: every kind has a case, a spec does not differ from itself, what changes the meaning is told and
//! what changes the layout is not.
//!
//! `BLESS=1 cargo test -p cutover-tests --test diff` rewrites the expected files of `specs/diff/`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cutover::{Compared, Counts, Diff, compare, compare_counting, compile};
use cutover_diff::{Effect, Kind, render};
use cutover_tests::workspace::{files, relative, root};
use pulldown_cmark::{Event, Parser, Tag};

/// Kinds that no pair of specs shows, since what changes is beside them; the tests of the crate show them.
const NOT_IN_SPECS: &[(&str, &str)] = &[("fact-changed", "a catalog is part of the program")];

fn compared(root: &Path, entry: &str) -> Compared {
    compile(root, entry).into()
}

/// The folders of `specs/diff` that hold a case, as `KIND/CASE`. Each side is a file, or a folder where more than the spec differs.
fn cases() -> Vec<String> {
    let all: Vec<String> = files("specs/diff").iter().map(|path| relative(path)).collect();
    let mut cases: Vec<String> = all
        .iter()
        .filter_map(|path| {
            let path = path.strip_prefix("specs/diff/")?;
            path.strip_suffix("/old.cutover").or_else(|| path.strip_suffix("/old/spec.cutover"))
        })
        .map(str::to_owned)
        .collect();
    cases.sort();
    let lost = all.iter().filter(|path| {
        let path = path.strip_prefix("specs/diff/").unwrap_or(path);
        !path.starts_with("base/") && !cases.iter().any(|case| path.starts_with(&format!("{case}/")))
    });
    assert_eq!(lost.collect::<Vec<_>>(), Vec::<&String>::new(), "files that belong to no case");
    cases
}

fn of_case(case: &str) -> (Compared, Compared) {
    let side = |side: &str| {
        let [file, folder] = ["", "/spec"].map(|name| format!("specs/diff/{case}/{side}{name}.cutover"));
        let is_file = root().join(&file).is_file();
        let compilation = compile(root(), if is_file { &file } else { &folder });
        Compared::of(root(), compilation)
    };
    (side("old"), side("new"))
}

#[test]
fn every_kind_has_a_case_that_shows_it() {
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut wrong = Vec::new();
    let mut shown = BTreeSet::new();
    for case in cases() {
        let (old, new) = of_case(&case);
        let diff = compare_counting(&old, &new);
        let kind = case.split('/').next().unwrap_or_default();
        if diff.changes.iter().any(|change| change.kind.name() == kind) {
            shown.insert(kind.to_owned());
        } else {
            wrong.push(format!("{case} does not show its kind"));
        }
        for side in [&old, &new] {
            if !compare(side, side, &Counts::default()).is_empty() {
                wrong.push(format!("{case} has a spec that differs from itself"));
            }
        }
        told(&case, &diff, &mut wrong);
        let path = root().join("specs/diff").join(&case).join("expected.txt");
        let text = render::terminal(&diff);
        if bless {
            let _ = fs::write(&path, &text);
        }
        if fs::read_to_string(&path).unwrap_or_default() != text {
            wrong.push(format!("{case}/expected.txt is another one (BLESS=1 rewrites it):\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let missing: Vec<_> = Kind::ALL
        .iter()
        .map(|kind| kind.name())
        .filter(|kind| !shown.contains(*kind) && !NOT_IN_SPECS.iter().any(|(name, _)| name == kind))
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "kinds without a case in specs/diff");
    assert!(NOT_IN_SPECS.iter().all(|(name, _)| !shown.contains(*name)), "a kind has a case by now");
}

/// What holds of each diff: weaker safeguards come first and are never folded, and the comment has the shape that we gave it.
fn told(case: &str, diff: &Diff, wrong: &mut Vec<String>) {
    let weaker = diff.changes.iter().filter(|change| change.effect() == Effect::WeakerSafeguard).count();
    if diff.changes.iter().take(weaker).any(|change| change.effect() != Effect::WeakerSafeguard) {
        wrong.push(format!("{case}: a weaker safeguard comes after something else"));
    }
    let text = render::markdown(diff);
    if !text.starts_with(render::MARKER) || text.len() > render::LIMIT {
        wrong.push(format!("{case}: the comment has no mark, or is too long"));
    }
    let open = text.split("<details>").next().unwrap_or_default();
    for change in diff.changes.iter().take(weaker) {
        if !open.contains(change.id.as_str()) {
            wrong.push(format!("{case}: {} is folded", change.id));
        }
    }
    if let Some(shape) = foreign(&text) {
        wrong.push(format!("{case}: the comment holds {shape}"));
    }
    if let Err(error) = serde_json::from_str::<serde_json::Value>(&render::json(diff)) {
        wrong.push(format!("{case}: the JSON is none: {error}"));
    }
}

/// What a comment holds that we never write: links, pictures, HTML of others.
fn foreign(text: &str) -> Option<String> {
    let ours = [render::MARKER, "<details>", "</details>", "<summary>", "</summary>"];
    Parser::new(text).find_map(|event| match event {
        Event::Start(tag @ (Tag::Link { .. } | Tag::Image { .. })) => Some(format!("{tag:?}")),
        Event::Html(html) | Event::InlineHtml(html) => {
            let rest = ours.iter().fold(html.to_string(), |rest, mine| rest.replace(mine, ""));
            rest.contains('<').then(|| html.to_string())
        }
        _ => None,
    })
}

#[test]
fn an_example_does_not_differ_from_itself_nor_from_its_committed_plan() {
    for (folder, spec) in [
        ("acme", "acme.cutover"),
        ("small-team", "pots.cutover"),
        ("rt-to-zendesk", "rt-to-zendesk.cutover"),
        ("zendesk-to-zammad", "zendesk-to-zammad.cutover"),
    ] {
        let folder = root().join("examples").join(folder);
        let compiled = compared(&folder, spec);
        let Ok(bundle) = cutover_plan::bundle::read(&folder.join("plan")) else {
            assert_eq!(folder, PathBuf::new(), "no plan can be read there");
            continue;
        };
        let diff = compare(&bundle.into(), &compiled, &Counts::default());
        assert_eq!(render::terminal(&diff), "no change in meaning\n", "{}", folder.display());
    }
}

/// What is no spec has no meaning that could differ: an empty plan in its place would make everything new.
#[test]
fn what_is_no_spec_is_refused() -> Result<(), String> {
    for (file, said) in
        [("inventory/source.yaml", "neither a spec nor a plan"), ("nosuch.yaml", "no such file")]
    {
        for sides in [[file, "pots.cutover"], ["pots.cutover", file]] {
            let mut program = cutover_tests::program::cutover(&root().join("examples/small-team"))?;
            let output = program.arg("diff").args(sides).output().map_err(cutover_tests::text)?;
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert_eq!((output.status.code(), told.contains(said)), (Some(2), true), "{sides:?}: {told}");
        }
    }
    Ok(())
}

#[test]
fn the_page_lists_each_kind() {
    let mut table = String::from("| kind | class | effect | what changed |\n|---|---|---|---|\n");
    for kind in Kind::ALL {
        let (class, effect) = (kind.class().word(), kind.effect().words());
        table.push_str(&format!("| `{}` | {class} | {effect} | {} |\n", kind.name(), kind.says()));
    }
    let path = root().join("docs/diff.md");
    let text = fs::read_to_string(&path).unwrap_or_default();
    let (start, end) =
        ("<!-- table: written from the program; BLESS=1 rewrites it -->\n\n", "\n<!-- end of table -->\n");
    let Some((before, rest)) = text.split_once(start) else {
        assert_eq!(text, start, "docs/diff.md has no place for the table");
        return;
    };
    let after = rest.split_once(end).map_or("", |(_, after)| after);
    let now = format!("{before}{start}{table}{end}{after}");
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        let _ = fs::write(&path, &now);
    } else {
        assert_eq!(text, now, "BLESS=1 rewrites docs/diff.md");
    }
}

#[test]
fn the_schema_describes_the_json() {
    let schema = fs::read_to_string(root().join("docs/schema/diff.schema.json")).unwrap_or_default();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap_or_default();
    let listed: Vec<&str> = schema
        .pointer("/$defs/kind/enum")
        .and_then(serde_json::Value::as_array)
        .map(|all| all.iter().filter_map(serde_json::Value::as_str).collect())
        .unwrap_or_default();
    assert_eq!(listed, Kind::ALL.iter().map(|kind| kind.name()).collect::<Vec<_>>());
    let keys = |value: Option<&serde_json::Value>| -> BTreeSet<String> {
        value
            .and_then(serde_json::Value::as_object)
            .map(|all| all.keys().cloned().collect())
            .unwrap_or_default()
    };
    let (old, new) = of_case("clock-changed/not-suspended");
    let shown = render::json(&compare(&old, &new, &Counts::default()));
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap_or_default();
    assert_eq!(keys(Some(&shown)), keys(schema.pointer("/$defs/one/properties")));
    assert_eq!(keys(shown.pointer("/summary")), keys(schema.pointer("/$defs/summary/properties")));
    assert_eq!(keys(shown.pointer("/changes/0")), keys(schema.pointer("/$defs/change/properties")));
    assert_eq!(shown.pointer("/changes/0/affected/state").and_then(|v| v.as_str()), Some("not computed"));
}

/// The spec of acme with everything that it names, in a folder of its own.
struct Acme {
    folder: tempfile::TempDir,
    text: String,
    plan: Compared,
}

impl Acme {
    fn new() -> Acme {
        let folder = tempfile::tempdir().unwrap_or_else(|error| unreachable!("{error}"));
        let from = root().join("examples/acme");
        let copied = cutover_tests::program::copy(&from, folder.path());
        assert!(copied.is_ok(), "{copied:?}");
        // The table of unfinished tickets is large and changes no plan.
        let gone = fs::remove_file(folder.path().join("inventory/source.unfinished.jsonl"));
        assert!(gone.is_ok(), "{gone:?}");
        let text = fs::read_to_string(from.join("acme.cutover")).unwrap_or_default();
        let plan = compared(folder.path(), "acme.cutover");
        Acme { folder, text, plan }
    }

    fn diff(&self, text: &str) -> Diff {
        let written = fs::write(self.folder.path().join("acme.cutover"), text);
        assert!(written.is_ok());
        compare(&self.plan, &compared(self.folder.path(), "acme.cutover"), &Counts::default())
    }
}

#[test]
fn a_change_of_layout_is_no_change() {
    let acme = Acme::new();
    let text = &acme.text;
    let mut items: Vec<String> = Vec::new();
    for line in text.lines() {
        let inside = line.is_empty() || line.starts_with([' ', '}', '#']);
        match items.last_mut() {
            Some(item) if inside => item.push_str(&format!("{line}\n")),
            _ => items.push(format!("{line}\n")),
        }
    }
    let split = items.iter().position(|item| item.starts_with("migration")).unwrap_or_default();
    let (first, rest) = items.split_at(split);
    let reversed: String = first.iter().chain(rest.iter().rev()).map(String::as_str).collect();
    let mutants = [
        ("blank lines", text.replace('\n', "\n\n")),
        ("CRLF", text.replace('\n', "\r\n")),
        ("comments", text.replace("\n", "  # a remark\n")),
        ("tabs", text.replace("\n  ", "\n\t")),
        ("blanks", text.replace("  ", "   ")),
        ("one blank", shrunk(text)),
        (
            "no comments",
            text.lines().map(|line| format!("{}\n", line.split(" # ").next().unwrap_or(line))).collect(),
        ),
        ("items in reverse", reversed),
        ("a final line", format!("{text}\n\n# the end\n")),
    ];
    for (name, mutant) in mutants {
        assert_ne!(&mutant, text, "{name}");
        assert_eq!(render::terminal(&acme.diff(&mutant)), "no change in meaning\n", "{name}");
    }
}

/// One blank where several stand.
fn shrunk(text: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    let mut last = '\n';
    for c in text.chars() {
        quoted ^= c == '"';
        if quoted || c != ' ' || last != ' ' {
            out.push(c);
        }
        last = c;
    }
    out
}

/// Lines whose loss no plan shows: what they say is a default as well, or the compiler reports their absence and keeps the plan as it was.
const SILENT: &[(&str, &str)] = &[("edition 1", "its absence is an error, and the only edition is taken")];

/// Changes that leave a plan with a mistake in which nothing else differs, by a part of their name, with the mistake that has to be named.
const MISTAKES: &[(&str, &str)] = &[("drain", "mail is held and never let through")];

/// Kinds that follow from a change and do not tell it.
const FOLLOWS: &[Kind] = &[
    Kind::PlanUnfinished,
    Kind::StageChanged,
    Kind::StageReordered,
    Kind::StageMoved,
    Kind::NightLonger,
    Kind::NightShorter,
    Kind::FiguresChanged,
];

/// Whether a diff tells a change itself: not only that there is a mistake now, or that some step is another one.
fn tells(diff: &Diff, name: &str) -> bool {
    let own = |change: &cutover_diff::Change| {
        !FOLLOWS.contains(&change.kind)
            || change.kind == Kind::StageChanged && change.part == "found out beforehand"
    };
    if diff.changes.iter().any(own) {
        return true;
    }
    let named = MISTAKES.iter().find(|(known, _)| name.contains(known));
    named.is_some_and(|(_, mistake)| {
        let said = |change: &cutover_diff::Change| {
            change.after.as_ref().is_some_and(|after| after.contains(mistake))
        };
        diff.changes.iter().any(|change| change.kind == Kind::PlanUnfinished && said(change))
    })
}

#[test]
fn each_line_that_is_taken_out_is_told() {
    let acme = Acme::new();
    let mut silent = Vec::new();
    let lines: Vec<&str> = acme.text.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let bare = line.trim();
        // A brace alone makes no meaning, nor does a comment.
        if bare.is_empty() || bare.starts_with('#') || bare == "}" || bare.ends_with('{') {
            continue;
        }
        let mutant: String = lines
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != at)
            .map(|(_, line)| format!("{line}\n"))
            .collect();
        let known = SILENT.iter().any(|(known, _)| bare.starts_with(known));
        if !known && !tells(&acme.diff(&mutant), bare) {
            silent.push(format!("{}: {line}", at + 1));
        }
    }
    assert!(silent.is_empty(), "nobody would see that these lines are gone:\n{}", silent.join("\n"));
}

#[test]
fn each_value_that_is_another_one_is_told() {
    told_all(mutants(&Acme::new().text), 200);
}

#[test]
fn each_word_that_is_another_one_is_told() {
    let text = Acme::new().text;
    let mut found = words(&text);
    found.extend(shorter_lists(&text));
    told_all(found, 150);
}

/// Changes of the example that look at fewer records, or look later: a part of a line, and what is put in its place.
const NARROWED: &[(&str, &str)] = &[
    ("(where unfinished)", "(where unfinished and priority is \"Urgent\")"),
    ("(where unfinished)", "(where unfinished and not priority is \"Low\")"),
    ("(where priority is one of (\"Urgent\", \"High\"))", "(where priority is \"Urgent\")"),
    ("% over 1000 records", "% over 5000 records"),
];

/// Whatever looks at less is told as a weaker safeguard, and back again as a stronger one.
#[test]
fn what_looks_at_less_is_weaker() {
    let acme = Acme::new();
    let mut tried = 0;
    for line in acme.text.lines().filter(|line| {
        ["check ", "criterion ", "trigger "].iter().any(|word| line.trim_start().starts_with(word))
    }) {
        for (wide, narrow) in NARROWED.iter().filter(|(wide, _)| line.contains(wide)) {
            tried += 1;
            let mutant = acme.text.replace(line, &line.replace(wide, narrow));
            let diff = acme.diff(&mutant);
            let weaker = diff.of_effect(Effect::WeakerSafeguard);
            assert_eq!(
                (weaker, diff.of_effect(Effect::StrongerSafeguard)),
                (1, 0),
                "{line}: {}",
                render::terminal(&diff)
            );
            let narrowed = compared(acme.folder.path(), "acme.cutover");
            let back = compare(&narrowed, &acme.plan, &Counts::default());
            let stronger = back.of_effect(Effect::StrongerSafeguard);
            assert_eq!(
                (back.of_effect(Effect::WeakerSafeguard), stronger),
                (0, 1),
                "{line}: {}",
                render::terminal(&back)
            );
        }
    }
    assert!(tried >= 4, "only {tried} were tried");
}

fn told_all(mutants: Vec<(String, String)>, least: usize) {
    let acme = Acme::new();
    let tried = mutants.len();
    let silent: Vec<String> = mutants
        .into_iter()
        .filter(|(name, mutant)| !tells(&acme.diff(mutant), name))
        .map(|(name, _)| name)
        .collect();
    assert!(tried >= least, "only {tried} mutants");
    assert!(
        silent.is_empty(),
        "nobody would see {} of {tried} changes:\n{}",
        silent.len(),
        silent.join("\n")
    );
}

/// Words of the language, each with one that could stand in its place or with nothing: each place where one stands is changed alone.
const SIBLINGS: &[(&str, &str)] = &[
    ("  replacing", "  appending"),
    (" at least ", " at most "),
    (" at most ", " at least "),
    (" more than ", " less than "),
    (" business ", " calendar "),
    ("risk high", "risk low"),
    ("stay paused", "roll back"),
    ("stay paused", "go on"),
    (" unfinished", " finished"),
    (" then delete", ""),
    ("any case ", ""),
    (" is not empty", " is empty"),
    ("as native trigger", "as native rule"),
    ("  threads kept", ""),
    ("  overflow to comment.first", ""),
    ("  both ways", "  reads only"),
    ("  switched", "  rebuilt"),
    ("drain inbound", ""),
    ("{ median ", "{ mean "),
    ("before window  ", "in window  "),
    ("in window", "before window"),
    ("preferring newest", "preferring oldest"),
    ("chunked by month", "chunked by year"),
    ("inherit due", "inherit remaining"),
    ("when missing empty", "when missing reject"),
    ("  as key", ""),
    ("  redirects verified", ""),
    ("new linked ticket", "new ticket"),
    ("  everything", "  tickets"),
    ("load changed tickets", "load everything"),
    ("  proven by triggers_listed, canary", "  proven by canary"),
    ("  recreate ", "  retire "),
    ("  archive  ", "  retire  "),
    ("  runs   ", "  pauses "),
    ("  seen as ", "  kept in tag  seen as "),
    ("same name", "empty"),
    ("by lower", "by upper"),
    ("before due", "after due"),
    ("pace   source", "pace   target"),
    ("identified by email", "identified by phone"),
    ("  writes only", "  reads only"),
    ("  active", "  not active"),
    (" and ", " or "),
];

fn words(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (word, other) in SIBLINGS {
        for (at, _) in text.match_indices(word) {
            let (before, after) =
                (text.get(..at).unwrap_or_default(), text.get(at + word.len()..).unwrap_or_default());
            let line = before.rsplit('\n').next().unwrap_or_default();
            let quoted = line.matches('"').count() % 2 == 1;
            let noted = line.trim_start().starts_with('#') || line.contains(" # ");
            if !quoted && !noted {
                let rest = after.split('\n').next().unwrap_or_default();
                found.push((
                    format!(
                        "`{}` is `{}` in {}",
                        word.trim(),
                        other.trim(),
                        format!("{line}{word}{rest}").trim()
                    ),
                    format!("{before}{other}{after}"),
                ));
            }
        }
    }
    found
}

/// Each list, one of its members at a time taken out: what stands behind a comma.
fn shorter_lists(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(", ") {
        let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 2..).unwrap_or_default());
        let line = before.rsplit('\n').next().unwrap_or_default();
        let quoted = line.matches('"').count() % 2 == 1;
        let noted = line.trim_start().starts_with('#') || line.contains(" # ");
        // A number, a text or a word, perhaps with dots.
        let plain = |c: char| c.is_ascii_alphanumeric() || "_.".contains(c);
        let end = match after.strip_prefix('"') {
            Some(rest) => rest.find('"').map(|end| end + 2),
            None => after.find(|c: char| !plain(c)),
        };
        if let Some(end) = end.filter(|end| *end > 0 && !quoted && !noted) {
            let gone = after.get(..end).unwrap_or_default();
            let whole = format!("{line}, {}", after.split('\n').next().unwrap_or_default());
            found.push((
                format!("no `{gone}` in {}", whole.trim()),
                format!("{before}{}", after.get(end..).unwrap_or_default()),
            ));
        }
    }
    found
}

/// Each number one higher, each text another text, each person another one, each deadline gone: one change at a time.
fn mutants(text: &str) -> Vec<(String, String)> {
    let people: BTreeMap<&str, &str> = [
        ("maya", "li"),
        ("li", "dana"),
        ("dana", "sam"),
        ("sam", "noor"),
        ("noor", "finn"),
        ("finn", "ada"),
        ("ada", "maya"),
    ]
    .into();
    let mut found = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let code = line.split(" # ").next().unwrap_or_default();
        if !code.trim_start().starts_with('#') && !code.starts_with("edition") && !code.starts_with("use ") {
            let mut quoted = false;
            let mut word = 0;
            for (at, c) in code.char_indices().chain([(code.len(), ' ')]) {
                if c == '"' {
                    quoted = !quoted;
                    word = at + 1;
                } else if !quoted && !c.is_ascii_alphanumeric() && c != '_' {
                    let token = code.get(word..at).unwrap_or_default();
                    let other = match token.parse::<u64>() {
                        Ok(number) if number < 1_000_000 => Some((number + 1).to_string()),
                        _ => people.get(token).map(|other| (*other).to_owned()),
                    };
                    if let Some(other) = other.filter(|_| may_change(code, word)) {
                        let (from, to) = (start + word, start + at);
                        let before = text.get(..from).unwrap_or_default();
                        let after = text.get(to..).unwrap_or_default();
                        found.push((
                            format!("`{token}` is `{other}` in {}", line.trim()),
                            format!("{before}{other}{after}"),
                        ));
                    }
                    word = at + 1;
                }
            }
        }
        start += line.len();
    }
    found
}

/// Numbers and names that are spelled otherwise without meaning anything else: the identifiers that begin a person's line.
fn may_change(line: &str, at: usize) -> bool {
    !(line.starts_with("  ") && at == 2 && line.contains(" role "))
}

#[test]
fn hostile_names_stay_names() {
    const EVIL: &str = "a](x) <img src=x onerror=1> @all #1 https://evil.example `b` | --> </details> ***";
    let acme = Acme::new();
    let evil = acme.text.replace("\"Open tickets\"", &format!("\"{EVIL}\"")).replace("Maya Ito", EVIL);
    let old = acme.diff(&evil.replace("trigger leaks      wrong_visibility more than 0 over 10 min", ""));
    assert!(old.changes.len() >= 3);
    assert_eq!(foreign(&render::markdown(&old)), None, "{}", render::markdown(&old));
    assert!(!render::terminal(&old).contains('\u{1b}'));
}
