//! The text of `plan.json`.

use crate::canonical::{CanonicalError, compact, pretty};
use crate::digest::{Sealed, seal_keeping};
use crate::model::Plan;

/// Seals the plan and gives the text of `plan.json`.
///
/// # Errors
/// When a value has no canonical text.
pub fn encode(plan: &mut Plan) -> Result<String, CanonicalError> {
    let sealed = seal_keeping(plan)?;
    encode_sealed(plan, &sealed)
}

/// The text of `plan.json` of a plan that has just been sealed.
pub(super) fn encode_sealed(plan: &Plan, sealed: &Sealed) -> Result<String, CanonicalError> {
    Ok(pretty(&assemble(plan, sealed)?))
}

/// The same as the canonical text of the plan, from the pieces that sealing made; the large ones are not written twice.
fn assemble(plan: &Plan, sealed: &Sealed) -> Result<String, CanonicalError> {
    let mut out = String::with_capacity(sealed.len() + 300 * (plan.items.len() + plan.stages.len()) + 10_000);
    out.push('{');
    let optional = |out: &mut String, name: &str| {
        if let Some(text) =
            sealed.parts.get(name).filter(|text| !matches!(text.as_str(), "{}" | "[]" | "null"))
        {
            member(out, name, text);
        }
    };
    let required = |out: &mut String, name: &str| {
        member(out, name, sealed.parts.get(name).map_or("null", String::as_str));
    };
    optional(&mut out, "assets");
    optional(&mut out, "critical_path");
    optional(&mut out, "defaults");
    member(&mut out, "digest", &compact(&plan.digest)?);
    optional(&mut out, "facts");
    required(&mut out, "figures");
    required(&mut out, "format");
    member(&mut out, "header", &compact(&plan.header)?);
    items(&mut out, plan, sealed)?;
    optional(&mut out, "losses");
    required(&mut out, "migration");
    optional(&mut out, "parent");
    required(&mut out, "people");
    optional(&mut out, "requires");
    optional(&mut out, "rules");
    required(&mut out, "schemas");
    stages(&mut out, plan, sealed);
    optional(&mut out, "suppressions");
    required(&mut out, "systems");
    close(&mut out, '}');
    Ok(out)
}

fn items(out: &mut String, plan: &Plan, sealed: &Sealed) -> Result<(), CanonicalError> {
    out.push_str("\"items\":{");
    for ((id, item), content) in plan.items.iter().zip(sealed.contents()) {
        out.push_str(&compact(id)?);
        out.push_str(":{");
        if let Some(because) = &item.because {
            member(out, "because", &compact(because)?);
        }
        member(out, "content", content);
        out.push_str("\"digest\":\"");
        out.push_str(&item.digest);
        out.push_str("\",");
        if !item.names.is_empty() {
            member(out, "names", &compact(&item.names)?);
        }
        if let Some(owner) = &item.owner {
            member(out, "owner", &compact(owner)?);
        }
        if !item.signed_by.is_empty() {
            member(out, "signed_by", &compact(&item.signed_by)?);
        }
        if let Some(title) = &item.title {
            member(out, "title", &compact(title)?);
        }
        if let Some(was) = &item.was {
            member(out, "was", &compact(was)?);
        }
        close(out, '}');
        out.push(',');
    }
    close(out, '}');
    out.push(',');
    Ok(())
}

fn stages(out: &mut String, plan: &Plan, sealed: &Sealed) {
    out.push_str("\"stages\":[");
    for (stage, text) in plan.stages.iter().zip(sealed.stages()) {
        // No member of a stage sorts before its digest.
        out.push_str("{\"digest\":\"");
        out.push_str(&stage.digest);
        out.push_str("\",");
        out.push_str(text.strip_prefix('{').unwrap_or(text));
        out.push(',');
    }
    close(out, ']');
    out.push(',');
}

fn member(out: &mut String, name: &str, text: &str) {
    out.push('"');
    out.push_str(name);
    out.push_str("\":");
    out.push_str(text);
    out.push(',');
}

fn close(out: &mut String, bracket: char) {
    if out.ends_with(',') {
        out.pop();
    }
    out.push(bracket);
}

#[cfg(test)]
mod tests {
    use super::assemble;
    use crate::canonical::compact;
    use crate::digest::seal_keeping;
    use crate::model::Plan;

    #[test]
    fn pieces_make_the_canonical_text() {
        for mut plan in [Plan::default(), crate::fixture::acme()] {
            let Ok(sealed) = seal_keeping(&mut plan) else { unreachable!("the plan can be sealed") };
            assert_eq!(assemble(&plan, &sealed), compact(&plan));
        }
    }
}
