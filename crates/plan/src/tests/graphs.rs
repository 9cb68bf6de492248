//! Drawings.

use crate::fixture::{acme, id};
use crate::graph::{GraphError, Options, dot, mermaid};
use crate::model::{Need, Plan};

#[test]
fn acme_is_drawn() {
    let plan = acme();
    let all = Options::default();
    super::expect("graph.dot", &dot(&plan, &all).unwrap_or_default());
    super::expect("graph.mmd", &mermaid(&plan, &all).unwrap_or_default());
    let near = Options { focus: Some(id("stage/verify/live")), depth: 1 };
    super::expect("focus.mmd", &mermaid(&plan, &near).unwrap_or_default());
}

#[test]
fn an_unknown_focus_names_near_stages() {
    let near = Options { focus: Some(id("load/ticket")), depth: 1 };
    let Err(GraphError::NoStage { near, .. }) = mermaid(&acme(), &near) else {
        unreachable!("there is no such stage")
    };
    assert_eq!(near.len(), 3);
}

#[test]
fn arrows_that_follow_from_others_are_left_out() {
    let mut plan = acme();
    let text = |plan: &Plan| mermaid(plan, &Options::default()).unwrap_or_default();
    let before = text(&plan);
    if let Some(stage) = plan.stages.iter_mut().find(|stage| stage.id == id("stage/hold/help")) {
        stage.needs.push(Need { stage: id("stage/preflight"), reason: "it is said twice".into() });
    }
    assert_eq!(text(&plan), before);
}

#[test]
fn what_is_needed_through_another_stage_is_no_neighbour() {
    let mut plan = acme();
    let near = Options { focus: Some(id("stage/verify/live")), depth: 1 };
    let before = mermaid(&plan, &near).unwrap_or_default();
    if let Some(stage) = plan.stages.iter_mut().find(|stage| stage.id == id("stage/verify/live")) {
        stage.needs.push(Need { stage: id("stage/preflight"), reason: "it is said twice".into() });
    }
    assert_eq!(mermaid(&plan, &near).unwrap_or_default(), before);
}

#[test]
fn a_large_plan_is_collapsed() {
    let mut plan = acme();
    let Some(load) = plan.stages.iter().find(|stage| stage.id == id("stage/load/ticket/live")).cloned()
    else {
        unreachable!("acme loads tickets")
    };
    for n in 0..2_000 {
        let mut stage = load.clone();
        stage.id = id(&format!("stage/load/ticket/{n}"));
        plan.stages.push(stage);
    }
    let text = mermaid(&plan, &Options::default()).unwrap_or_default();
    assert!(
        text.contains("Load tickets<br/>2002 stages") || text.contains("Load tickets<br/>2,002 stages"),
        "{text}"
    );
    assert!(text.len() < 50_000 && text.matches("-->").count() < 500);
    // Twice the stages take about twice the time, not four times: nothing here hangs.
    assert!(dot(&plan, &Options::default()).is_ok_and(|text| text.len() > 100_000));
}
