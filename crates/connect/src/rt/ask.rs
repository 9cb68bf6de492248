//! Requests to REST 2 and what comes back.

use serde_json::{Map, Value, json};

use crate::fault::{Fault, Hint};
use crate::http::{Call, Http, Method, Reply};

/// A JSON object.
pub(crate) type Object = Map<String, Value>;
/// A condition of a search: field, operator, value.
pub(crate) type Limit<'a> = (&'a str, &'a str, &'a str);

/// Asks a Request Tracker.
#[derive(Debug)]
pub(crate) struct Ask {
    http: Http,
}

/// What became of a request that changes something.
pub(crate) enum Told {
    /// It answers success, with this.
    Yes(Value),
    /// It refuses, with these words.
    No(u16, String),
}

/// Most records of a page; the server gives no more, whatever is asked.
pub(crate) const PAGE: usize = 100;

impl Ask {
    pub(crate) const fn new(http: Http) -> Ask {
        Ask { http }
    }

    pub(crate) fn at(&self) -> &str {
        self.http.at()
    }

    /// An object, or `None` when there is none.
    pub(crate) fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Option<Object>, Fault> {
        let reply = self.call(Method::Get, path, query, None)?;
        match reply.status {
            200 => object(&reply.body).map(Some),
            404 => Ok(None),
            status => Err(refused(status, &reply.body)),
        }
    }

    /// A page of a collection, found by conditions on its columns: all of them, where a field is named twice one of its conditions.
    pub(crate) fn search(
        &self,
        of: &str,
        limits: &[Limit<'_>],
        query: &[(&str, &str)],
    ) -> Result<Object, Fault> {
        let limits: Vec<Value> = limits
            .iter()
            .map(|(field, operator, value)| json!({ "field": field, "operator": operator, "value": value }))
            .collect();
        let body = Value::from(limits).to_string();
        let reply = self.call(Method::Search, of, query, Some(&body))?;
        if reply.status == 200 { object(&reply.body) } else { Err(refused(reply.status, &reply.body)) }
    }

    /// How many records of a collection there are.
    pub(crate) fn total(&self, of: &str, limits: &[Limit<'_>]) -> Result<u64, Fault> {
        let query = [("per_page", "1"), ("find_disabled_rows", "1")];
        number(self.search(of, limits, &query)?.get("total"))
            .ok_or_else(|| Fault::never("the desk does not say how many it found"))
    }

    /// Tickets by a query of its language.
    pub(crate) fn tickets(&self, query: &str, fields: &str, page: usize) -> Result<Object, Fault> {
        let page = page.to_string();
        let query = [
            ("query", query),
            ("fields", fields),
            ("fields[Queue]", "Name"),
            ("orderby", "id"),
            ("per_page", &page),
        ];
        let reply = self.call(Method::Get, "tickets", &query, None)?;
        if reply.status == 200 { object(&reply.body) } else { Err(refused(reply.status, &reply.body)) }
    }

    /// What happened, by a query of its language.
    pub(crate) fn transactions(&self, query: &str, fields: &str, page: usize) -> Result<Object, Fault> {
        let page = page.to_string();
        let query = [("query", query), ("fields", fields), ("orderby", "id"), ("per_page", &page)];
        let reply = self.call(Method::Get, "transactions", &query, None)?;
        if reply.status == 200 { object(&reply.body) } else { Err(refused(reply.status, &reply.body)) }
    }

    /// Creates something.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Result<Told, Fault> {
        self.change(Method::Post, path, body)
    }

    /// Changes something.
    pub(crate) fn put(&self, path: &str, body: &Value) -> Result<Told, Fault> {
        self.change(Method::Put, path, body)
    }

    fn change(&self, method: Method, path: &str, body: &Value) -> Result<Told, Fault> {
        let reply = self.call(method, path, &[], Some(&body.to_string()))?;
        match reply.status {
            200..=299 => Ok(Told::Yes(serde_json::from_slice(&reply.body).unwrap_or(Value::Null))),
            status => Ok(Told::No(status, message(&reply.body))),
        }
    }

    fn call(
        &self,
        method: Method,
        path: &str,
        query: &[(&str, &str)],
        body: Option<&str>,
    ) -> Result<Reply, Fault> {
        self.http.call(Call { method, path: &format!("REST/2.0/{path}"), query, body })
    }
}

/// The items of a page.
pub(crate) fn items(page: &Object) -> impl Iterator<Item = &Object> {
    page.get("items").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object)
}

/// A number, which the server writes as a number or as a text.
pub(crate) fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(number) => number.as_u64().or_else(|| {
            // `"pages": 0.0`
            let text = number.to_string();
            text.strip_suffix(".0")?.parse().ok()
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A text; `None` when it is empty or no text.
pub(crate) fn text<'a>(object: &'a Object, key: &str) -> Option<&'a str> {
    object.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The id of a record, which the server writes as a number or as a text.
pub(crate) fn id_of(object: &Object) -> Option<String> {
    match object.get("id")? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// A part of a path.
pub(crate) fn encoded(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for byte in part.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'@' => {
                out.push(char::from(byte))
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// A text between quotes in the query language.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

fn object(body: &[u8]) -> Result<Object, Fault> {
    serde_json::from_slice(body)
        .map_err(|_| Fault::person("the address answers, but not as a Request Tracker does"))
}

/// What the server says of a refusal: one line.
fn message(body: &[u8]) -> String {
    let said = serde_json::from_slice::<Object>(body).ok();
    let said = said.as_ref().and_then(|said| text(said, "message")).unwrap_or("it gives no reason");
    said.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn refused(status: u16, body: &[u8]) -> Fault {
    let hint = if status == 403 { Hint::Person } else { Hint::Never };
    Fault {
        effect: crate::fault::Effect::None,
        hint,
        why: format!("Request Tracker answers {status}: {}", message(body)),
    }
}
