//! Text that tries to be more than text, in every place that a spec can fill.

#![expect(clippy::string_slice, reason = "positions come from searches in the same text")]

use crate::fixture::acme;
use crate::graph::{Options, dot, mermaid};
use crate::model::{Content, Plan};

const EVIL: &str = "\u{1b}[2J<script>x</script> | `a` [b](https://c) @maya #123 \u{202e}d\n## e\n\"]; %%{init} &lt; ```\n- f";

/// The plan with every free text replaced.
fn evil() -> Plan {
    let mut plan = acme();
    plan.migration.title = EVIL.to_owned();
    for person in plan.people.values_mut() {
        person.name = EVIL.to_owned();
        person.contact = Some(EVIL.to_owned());
        person.roles = vec![EVIL.to_owned()];
    }
    for system in plan.systems.values_mut() {
        system.product = EVIL.to_owned();
        system.account = EVIL.to_owned();
    }
    for loss in plan.losses.values_mut() {
        loss.what = EVIL.to_owned();
        loss.because = EVIL.to_owned();
        loss.kept_in = Some(EVIL.to_owned());
    }
    for default in plan.defaults.values_mut() {
        default.what = EVIL.to_owned();
        default.value = EVIL.to_owned();
    }
    for fact in plan.facts.values_mut() {
        fact.says = EVIL.to_owned();
        fact.source = EVIL.to_owned();
    }
    for suppression in plan.suppressions.values_mut() {
        suppression.because = EVIL.to_owned();
    }
    for asset in plan.assets.values_mut() {
        asset.file = EVIL.to_owned();
    }
    for stage in &mut plan.stages {
        stage.title = EVIL.to_owned();
        for need in &mut stage.needs {
            need.reason = EVIL.into();
        }
    }
    for item in plan.items.values_mut() {
        item.title = Some(EVIL.to_owned());
        item.because = Some(EVIL.to_owned());
        match &mut item.content {
            Content::Map(map) => {
                for row in &mut map.rows {
                    row.meaning = Some(EVIL.to_owned());
                    row.lossy = Some(EVIL.to_owned());
                    row.to = vec![EVIL.to_owned()];
                }
                for dropped in &mut map.dropped {
                    dropped.because = EVIL.to_owned();
                    dropped.field = EVIL.to_owned();
                }
            }
            Content::Translate(table) => {
                for row in &mut table.rows {
                    row.pattern.text = EVIL.to_owned();
                    row.seen_as = Some(EVIL.to_owned());
                }
            }
            Content::Inbound(inbound) => {
                inbound.address = EVIL.to_owned();
                inbound.held_at = Some(EVIL.to_owned());
            }
            Content::Announce(announce) => announce.anomalies_to = Some(EVIL.to_owned()),
            Content::Inspect(inspect) => inspect.forbid = vec![EVIL.to_owned()],
            Content::GoLive(go_live) => {
                go_live.switch = vec![EVIL.to_owned()];
                if let Some(silence) = &mut go_live.silent {
                    silence.tag = Some(EVIL.to_owned());
                }
            }
            _ => {}
        }
    }
    plan
}

/// The text without what stands in back quotes.
fn outside_code(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('`') {
        let before = &rest[..start];
        if before.ends_with('\\') {
            out.push_str(before);
            rest = &rest[start + 1..];
            continue;
        }
        out.push_str(before);
        let fence: String = rest[start..].chars().take_while(|c| *c == '`').collect();
        let inside = &rest[start + fence.len()..];
        // The closing fence has the same length and no back quote beside it.
        let mut at = 0;
        let end = loop {
            let Some(found) = inside[at..].find(&fence) else { break None };
            let end = at + found;
            let after = inside[end..].chars().take_while(|c| *c == '`').count();
            if after == fence.len() {
                break Some(end);
            }
            at = end + after;
        };
        let Some(end) = end else { unreachable!("code without end: {rest:.80}") };
        rest = &inside[end + fence.len()..];
    }
    out.push_str(rest);
    out
}

#[test]
fn documents_stay_inert() {
    let shape = |text: &str| -> Vec<String> {
        let marks = ["#", "|", "- ", "1. ", "<", "  - "];
        text.lines()
            .map(|line| marks.iter().find(|mark| line.starts_with(**mark)).map_or("", |mark| mark).to_owned())
            .collect()
    };
    let plan = evil();
    let names: Vec<_> = crate::documents::all(&acme()).into_iter().map(|(name, _)| name).collect();
    for ((name, text), expected) in crate::documents::all(&plan).into_iter().zip(names) {
        assert_eq!(name, expected);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{name}: control characters");
        assert!(!text.contains('\u{202e}'), "{name}: reordering");
        let plain = outside_code(&text).replace("\\[", "").replace("\\]", "");
        for bad in ["<script", "@maya", "#123", "https://c", "](http", "\n## e"] {
            assert!(!plain.contains(bad), "{name}: {bad} in\n{plain}");
        }
        // Each row of a table has as many cells as its head.
        let mut columns = None;
        for line in text.lines() {
            if !line.starts_with('|') {
                columns = None;
                continue;
            }
            let cells = line.replace("\\|", "").matches('|').count();
            assert_eq!(*columns.get_or_insert(cells), cells, "{name}: {line}");
        }
        assert!(
            shape(&text).iter().filter(|mark| mark.as_str() == "#").count() < 60,
            "{name}: headings of its own"
        );
    }
}

#[test]
fn drawings_stay_inert() {
    let plan = evil();
    let text = mermaid(&plan, &Options::default()).unwrap_or_default();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    for bad in ["<script", "%%", "](", "`", "@", "init}"] {
        assert!(!text.contains(bad), "{bad} in {text}");
    }
    assert_eq!(
        text.lines().count(),
        mermaid(&acme(), &Options::default()).unwrap_or_default().lines().count()
    );
    let text = dot(&plan, &Options::default()).unwrap_or_default();
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()));
    for line in text.lines() {
        let quotes = line.replace("\\\\", "").replace("\\\"", "").matches('"').count();
        assert_eq!(quotes % 2, 0, "{line}");
    }
}

#[test]
fn the_plan_file_stays_inert() {
    let mut plan = evil();
    let text = crate::bundle::encode(&mut plan).unwrap_or_default();
    assert!(text.chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}')));
    assert_eq!(crate::bundle::parse(text.as_bytes()).ok(), Some(plan));
}
