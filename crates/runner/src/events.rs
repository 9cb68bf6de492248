//! What happens, for programs: one line of JSON for each event. `docs/schema/events.schema.json` describes it.

use cutover_plan::Plan;
use serde_json::{Map, Value, json};

use crate::context::Event;
use crate::gates::For;
use crate::journal::Counts;
use crate::run::Ended;
use crate::view::View;

fn counts(all: &[(String, Counts)]) -> Value {
    let by_kind = all.iter().map(|(kind, counts)| {
        let Counts { read, written, rejected, filtered, uncertain } = counts;
        let of = json!({
            "read": read, "written": written, "rejected": rejected, "filtered": filtered, "uncertain": uncertain,
        });
        (kind.clone(), of)
    });
    Value::Object(by_kind.collect())
}

fn line(event: &str, at: &str, rest: Value) -> String {
    let mut all = Map::new();
    all.insert("event".to_owned(), event.into());
    all.insert("at".to_owned(), at.into());
    if let Value::Object(rest) = rest {
        all.extend(rest);
    }
    Value::Object(all).to_string()
}

impl Event {
    /// The event as a line of JSON, without its end. `at` is when it is told.
    #[must_use]
    pub fn json(&self, at: &str) -> String {
        match self {
            Event::Begins { stage, title } => line("begins", at, json!({"stage": stage, "title": title})),
            Event::Progress { stage, records } => {
                line("progress", at, json!({"stage": stage, "records": records}))
            }
            Event::Ends { stage, passed, counts: all, note } => {
                let rest = json!({"stage": stage, "passed": passed, "counts": counts(all), "note": note});
                line("ends", at, rest)
            }
            Event::Fired { trigger, stage, text } => {
                line("fired", at, json!({"trigger": trigger, "stage": stage, "text": text}))
            }
            Event::Told { to, what, problem } => {
                line("told", at, json!({"to": to, "what": what, "problem": problem}))
            }
            Event::Waits { seconds, why } => line("waits", at, json!({"seconds": seconds, "why": why})),
        }
    }
}

impl Ended {
    /// How a run ended, as a line of JSON.
    #[must_use]
    pub fn json(&self, plan: &Plan, at: &str) -> String {
        let rest = match self {
            Ended::Complete => json!({"how": "complete"}),
            Ended::Waiting(waits) => {
                let waits: Vec<Value> = waits
                    .iter()
                    .map(|wait| {
                        let who: &[String] = match &wait.what {
                            For::Signatures { by, .. } => by,
                            For::Person { by } | For::Look { by, .. } => std::slice::from_ref(by),
                            For::Moment { .. } => &[],
                        };
                        json!({"stage": wait.stage, "title": wait.title, "for": wait.what.words(plan), "who": who})
                    })
                    .collect();
                json!({"how": "waiting", "waits": waits})
            }
            Ended::Paused { by, why } => json!({"how": "paused", "by": by, "why": why}),
            Ended::Failed { stage, why } => json!({"how": "failed", "stage": stage, "why": why}),
        };
        line("ended", at, rest)
    }
}

impl View {
    /// The view as one JSON object.
    #[must_use]
    pub fn json(&self) -> String {
        let mut all = json!({"event": "view"});
        if let (Value::Object(all), Ok(Value::Object(rest))) = (&mut all, serde_json::to_value(self)) {
            all.extend(rest);
        }
        all.to_string()
    }
}
