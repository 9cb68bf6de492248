//! A notice to people, posted to an address. It is no call to a desk: one try, a short time, and nothing is read back.

use std::time::Duration;

use crate::fault::Fault;
use crate::http::{Call, Http, Line, Method, Secret};
use crate::rate::Limit;

/// Posts JSON to an address: `https`, or `http` on this machine. `token` goes into the header `Authorization: Bearer`.
///
/// # Errors
/// When the address cannot be reached within the time, or answers anything but success.
pub fn post_notice(
    address: &str,
    token: Option<&Secret>,
    body: &str,
    timeout: Duration,
) -> Result<(), Fault> {
    let secret = token.cloned().unwrap_or_else(|| Secret::new(""));
    let line = Line::new(Limit::Told, 100);
    // The client puts a slash between address and path.
    let start = address.find("://").map_or(0, |at| at + 3);
    let (base, path) = match address.rfind('/') {
        Some(at) if at > start => address.split_at(at),
        _ => (address, ""),
    };
    let path = path.trim_start_matches('/');
    let about = |fault: Fault| Fault { why: fault.why.replace("the desk", "the webhook"), ..fault };
    let http = Http::new(base, "Bearer", &secret, line, timeout).map_err(about)?;
    let call = Call { method: Method::Post, path, query: &[], body: Some(body) };
    let reply = http.call(call).map_err(about)?;
    if (200..300).contains(&reply.status) {
        Ok(())
    } else {
        Err(Fault::never(format!("the webhook answers {}", reply.status)))
    }
}
