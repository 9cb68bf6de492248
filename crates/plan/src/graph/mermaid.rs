//! The stages for Mermaid, which code hosts draw in a page.

use super::view::{Detail, Node, View, view};
use super::{GraphError, Options};
use crate::model::{Phase, Plan, StageKind};
use crate::text::escape;

/// Mermaid refuses more arrows.
const MOST_EDGES: usize = 500;
/// Mermaid refuses longer texts.
const MOST_CHARS: usize = 50_000;

/// A Mermaid text of the stages. Where it would be more than Mermaid draws, stages are put together: first the pieces of one kind
/// of object, then all of one kind of work, then whole phases.
///
/// # Errors
/// When the focus is no stage of the plan.
pub fn mermaid(plan: &Plan, options: &Options) -> Result<String, GraphError> {
    let mut text = String::new();
    for detail in [Detail::Stages, Detail::Kinds, Detail::Operations, Detail::Phases] {
        let view = view(plan, options, detail)?;
        text = write(&view, options);
        if view.edges.len() < MOST_EDGES && text.chars().count() < MOST_CHARS {
            break;
        }
    }
    Ok(text)
}

fn write(view: &View, options: &Options) -> String {
    let mut out = String::with_capacity(view.nodes.len() * 120 + view.edges.len() * 40 + 400);
    out.push_str("flowchart LR\n");
    for (index, phase) in Phase::ALL.into_iter().enumerate() {
        let nodes: Vec<&Node> = view.nodes.iter().filter(|node| node.phase == phase).collect();
        if nodes.is_empty() {
            continue;
        }
        out.push_str(&format!("  subgraph phase_{index}[\"{}\"]\n", phase.title()));
        for node in nodes {
            box_of(&mut out, node);
        }
        out.push_str("  end\n");
    }
    for edge in &view.edges {
        let (Some(from), Some(to)) = (view.nodes.get(edge.from), view.nodes.get(edge.to)) else { continue };
        out.push_str("  ");
        out.push_str(&from.name);
        out.push_str(if edge.critical { " ==>" } else { " -->" });
        if options.focus.is_some() {
            out.push_str("|\"");
            escape::mermaid(&mut out, &edge.reason);
            out.push_str("\"|");
        }
        out.push(' ');
        out.push_str(&to.name);
        out.push('\n');
    }
    class(&mut out, view, "critical", "stroke-width:3px", |node| node.critical);
    class(&mut out, view, "final", "fill:#f4cccc", |node| node.irreversible);
    class(&mut out, view, "focus", "stroke:#0000ff", |node| node.focus);
    out
}

fn box_of(out: &mut String, node: &Node) {
    let (open, close) = match node.kind {
        StageKind::Automatic => ("[\"", "\"]\n"),
        StageKind::Gate => ("{{\"", "\"}}\n"),
        StageKind::Watch => ("([\"", "\"])\n"),
    };
    out.push_str("    ");
    out.push_str(&node.name);
    out.push_str(open);
    escape::mermaid(out, &node.title);
    out.push_str("<br/>");
    escape::mermaid(out, &node.note);
    out.push_str(close);
}

fn class(out: &mut String, view: &View, name: &str, style: &str, pick: impl Fn(&Node) -> bool) {
    let names: Vec<&str> =
        view.nodes.iter().filter(|node| pick(node)).map(|node| node.name.as_str()).collect();
    if !names.is_empty() {
        out.push_str(&format!("  classDef {name} {style}\n  class {} {name}\n", names.join(",")));
    }
}
