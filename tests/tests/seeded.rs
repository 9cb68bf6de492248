//! The fuzz targets' properties on mutated inputs from the repository, the same ones on every machine.
//!
//! `ROUNDS=100000 cargo test --release -p cutover-tests --test seeded` looks longer.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use cutover_tests::program::Project;
use cutover_tests::random::{Random, mutate, mutate_json};
use cutover_tests::workspace::texts;
use cutover_tests::{properties, readers};

/// Inputs larger than this are left to the attack tests.
const CAP: usize = 100_000;

/// Nothing this small may take longer, on a busy machine and unoptimised.
const SECONDS: u64 = 5;

/// A text in which most shapes of the language stand, for when the corpus is not at hand.
const SMALL: &str = r#"edition 1
use "calendars.cutover"   # a comment
migration m "Title" {
  source freshdesk "a" plan "Pro" inventory "i.yaml"
  window 2026-12-05 20:00 to 2026-12-06 06:00 in "Europe/Berlin"
}
scope { import tickets where unfinished or created_at since 2023-01-01
        archive tickets the rest in "vault:a" owner dana until 2028-01-01 then delete because "policy" }
map ticket -> ticket {
  subject -> subject cut to 150 overflow to comment.first lossy "limit"
  `status` -> status by statuses when missing empty
  a, b -> c.d split at "/"
  drop custom.x because "no reader"
  require requester is not empty and not (subject is one of ("a", "b"))
}
translate statuses { "Open", "New" -> "open"; any case "x*" -> ???; the rest -> same name }
criterion c "C" owner o { import_success at least 99.5% within 7 days }
go live owner dana signed by maya { hold inbound; load changed tickets replacing; switch email }
"#;

/// How many inputs each property sees, when nobody asks for a number.
const ROUNDS: usize = if cfg!(debug_assertions) { 200 } else { 4_000 };

/// How many texts are laid out; it costs little.
const LAYOUTS: usize = if cfg!(debug_assertions) { 2_000 } else { 20_000 };

fn seeds(extension: &str) -> Vec<Vec<u8>> {
    let found = ["specs", "examples", "crates/catalog"].iter().flat_map(|folder| texts(folder));
    let found = found.filter(|(path, _)| path.ends_with(extension)).map(|(_, text)| text.into_bytes());
    found.chain([SMALL.as_bytes().to_vec()]).collect()
}

/// Holds a property against the seeds and mutations of them.
fn hold(name: &str, seeds: &[Vec<u8>], property: fn(&[u8])) {
    hold_for(name, ROUNDS, seeds, property);
}

fn hold_for(name: &str, rounds: usize, seeds: &[Vec<u8>], property: fn(&[u8])) {
    let asked = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds = if rounds == 0 { 0 } else { asked.unwrap_or(rounds) };
    let seed = 0xc07_07e4;
    let mut random = Random::new(seed);
    let mutated = (0..rounds).map(|_| mutate(&mut random, seeds, CAP));
    for (round, input) in seeds.iter().cloned().chain(mutated).enumerate() {
        let started = Instant::now();
        let held = catch_unwind(AssertUnwindSafe(|| property(&input)));
        let took = started.elapsed().as_secs();
        if held.is_err() || took > SECONDS {
            let file = std::env::temp_dir().join(format!("cutover-{name}-{round}.input"));
            let kept = std::fs::write(&file, &input).is_ok();
            assert!(
                held.is_ok(),
                "{name}: seed {seed:#x}, input {round}, kept: {kept} in {}",
                file.display()
            );
        }
    }
}

#[test]
fn parser() {
    hold("parser", &seeds(".cutover"), properties::parser);
}

#[test]
fn layout() {
    hold_for("layout", LAYOUTS, &seeds(".cutover"), properties::layout);
}

/// Trees drawn from the table of constructs, with comments anywhere: all but a few have a layout, and each of these has the properties.
#[test]
fn layout_of_trees() {
    let asked = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok());
    let rounds: usize = asked.unwrap_or(LAYOUTS);
    let seed = 0x7_4ee5;
    let mut random = Random::new(seed);
    let (mut laid_out, mut commented) = (0, 0);
    for round in 0..rounds {
        let text = cutover_tests::trees::spec(&mut random);
        let held = catch_unwind(AssertUnwindSafe(|| properties::layout(text.as_bytes())));
        assert!(held.is_ok(), "seed {seed:#x}, tree {round}:\n{text}");
        if let Ok(once) = cutover_fmt::format(&text) {
            laid_out += usize::from(once != text);
            commented += usize::from(once.contains("# "));
        }
    }
    assert!(laid_out * 10 > rounds * 9, "only {laid_out} of {rounds} trees were laid out anew");
    assert!(commented * 2 > rounds, "only {commented} of {rounds} trees hold a comment");
}

#[test]
fn compile() {
    hold("compile", &seeds(".cutover"), properties::compile);
}

#[test]
fn catalog() {
    hold("catalog", &seeds(".yaml"), properties::catalog);
}

#[test]
fn inventory() {
    hold("inventory", &seeds(".yaml"), properties::inventory);
}

#[test]
fn records() {
    let lines = [
        "{\"a\":\"text\",\"b\":[1,2,{\"c\":null}]}\n{\"b\":true}\r\n\n{\"a\":{\"id\":7,\"value\":\"\\u00e9\\n\"}}",
        "{ \"b\" : -0 , \"a\" : [ 1.50 , 1e3, \"\\ud83d\\udda8\" ] }\n{\"\\u0061\":false,\"a.b\":1}\n",
        "\u{feff}{\"a\":12345678901234567890}\n[1]\n{\"a\":1,\"a\":2}\n{\"a\":\"tab\there\"}\n{\"a\":\"\u{e9}\u{1f5a8}\"}",
    ];
    let seeds: Vec<Vec<u8>> = lines.iter().map(|text| text.as_bytes().to_vec()).collect();
    hold("records", &seeds, cutover_tests::records::records);
}

/// Changes of a plan's values rather than of its bytes: few of the latter are still JSON, and none has the digest that it tells.
#[test]
fn plan() {
    let compiled = Project::of("specs/valid/minimal").ok().and_then(|project| {
        let mut compilation = cutover::compile(project.folder(), "spec.cutover");
        cutover::outputs(&mut compilation).ok()?.remove("plan.json")
    });
    let texts = seeds("plan.json").into_iter().filter(|text| text.len() < 150_000).chain(compiled);
    let values: Vec<serde_json::Value> =
        texts.filter_map(|text| serde_json::from_slice(&text).ok()).collect();
    assert!(values.len() > 2, "{} plans", values.len());
    let mut random = Random::new(0x9_1a45);
    let inputs: Vec<Vec<u8>> = (0..ROUNDS)
        .filter_map(|_| {
            let value = random.pick(&values)?;
            Some(mutate_json(&mut random, value).to_string().into_bytes())
        })
        .collect();
    let shaped =
        inputs.iter().filter(|input| serde_json::from_slice::<cutover_plan::Plan>(input).is_ok()).count();
    assert!(shaped * 4 > inputs.len(), "only {shaped} of {} have the shape of a plan", inputs.len());
    hold_for("plan", 0, &inputs, readers::plan);
}

#[test]
fn sign_offs() {
    let mut seeds = seeds("plan.map.json");
    let digest = "0123456789abcdef".repeat(4);
    seeds.push(format!("{{\"by\":\"ines\",\"digest\":\"{digest}\",\"item\":\"go_live\"}}\n").into_bytes());
    hold("sign_offs", &seeds, readers::sign_offs);
}

#[test]
fn settings() {
    let mut seeds = seeds(".toml");
    seeds.push(b"# known\n0123456789abcdef0123456789abcdef names/unknown a.cutover\n".to_vec());
    hold("settings", &seeds, readers::settings);
}

#[test]
fn environment() {
    hold("environment", &seeds("night.toml"), readers::environment);
}

#[test]
fn singer() {
    let lines = [
        "{\"type\":\"SCHEMA\",\"stream\":\"tickets\",\"schema\":{\"properties\":{\"id\":{}}},\"key_properties\":[\"id\"]}\n\
         {\"type\":\"RECORD\",\"stream\":\"tickets\",\"record\":{\"id\":1,\"subject\":\"a\\u000ab\"}}\n\
         {\"type\":\"STATE\",\"value\":{\"tickets\":\"2026-01-01\"}}\n",
        "{\"record\":{\"id\":\"x\"},\"stream\":\"comment\",\"type\":\"RECORD\"}\r\n{\"type\":\"ACTIVATE_VERSION\",\"stream\":\"user\"}\n",
    ];
    let seeds: Vec<Vec<u8>> = lines.iter().map(|text| text.as_bytes().to_vec()).collect();
    hold("singer", &seeds, readers::singer);
}
