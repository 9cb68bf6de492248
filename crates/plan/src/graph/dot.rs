//! The stages for Graphviz.

use super::view::{Detail, Node, view};
use super::{GraphError, Options};
use crate::model::{Phase, Plan, StageKind};
use crate::text::escape;

/// A DOT text of the stages: `dot -Tsvg` makes a picture of it.
///
/// # Errors
/// When the focus is no stage of the plan.
pub fn dot(plan: &Plan, options: &Options) -> Result<String, GraphError> {
    let view = view(plan, options, Detail::Stages)?;
    let mut out = String::with_capacity(view.nodes.len() * 200 + view.edges.len() * 60 + 400);
    out.push_str("digraph plan {\n  rankdir=LR;\n  label=\"");
    escape::dot(&mut out, &plan.migration.title);
    out.push_str("\";\n  node [shape=box, style=filled, fillcolor=white, fontname=\"Helvetica\"];\n");
    for (index, phase) in Phase::ALL.into_iter().enumerate() {
        let nodes: Vec<&Node> = view.nodes.iter().filter(|node| node.phase == phase).collect();
        if nodes.is_empty() {
            continue;
        }
        out.push_str(&format!("  subgraph cluster_{index} {{\n    label=\"{}\";\n", phase.title()));
        for node in nodes {
            box_of(&mut out, node);
        }
        out.push_str("  }\n");
    }
    for edge in &view.edges {
        let (Some(from), Some(to)) = (view.nodes.get(edge.from), view.nodes.get(edge.to)) else { continue };
        out.push_str("  ");
        out.push_str(&from.name);
        out.push_str(" -> ");
        out.push_str(&to.name);
        out.push_str(" [tooltip=\"");
        escape::dot(&mut out, &edge.reason);
        out.push('"');
        if options.focus.is_some() {
            out.push_str(", label=\"");
            escape::dot(&mut out, &edge.reason);
            out.push('"');
        }
        out.push_str(if edge.critical { ", penwidth=3];\n" } else { "];\n" });
    }
    out.push_str("}\n");
    Ok(out)
}

fn box_of(out: &mut String, node: &Node) {
    out.push_str("    ");
    out.push_str(&node.name);
    out.push_str(" [label=\"");
    escape::dot(out, &node.title);
    out.push_str("\\n");
    escape::dot(out, &node.note);
    out.push('"');
    match node.kind {
        StageKind::Automatic => {}
        StageKind::Gate => out.push_str(", shape=hexagon"),
        StageKind::Watch => out.push_str(", shape=ellipse"),
    }
    if node.critical {
        out.push_str(", penwidth=3");
    }
    if node.irreversible {
        out.push_str(", fillcolor=\"#f4cccc\"");
    }
    if node.focus {
        out.push_str(", color=blue");
    }
    out.push_str("];\n");
}
