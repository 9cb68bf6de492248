//! Calls over HTTP, as all connectors to live desks make them.

mod after;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ureq::tls::{Certificate, RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Timeout};

use crate::fault::{Effect, Fault, Hint};
use crate::patience::Breaker;
use crate::rate::{Budget, Limit};

/// A password or token. It never shows itself: not in a message, not in a debug output.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

/// What all callers of one system share.
#[derive(Clone, Debug)]
pub struct Line {
    /// The calls that may be made.
    pub budget: Budget,
    /// Keeps everybody away while the system fails.
    pub breaker: Breaker,
    /// When the shared clock of both began.
    began: Instant,
}

/// Most bytes of an answer that are read.
const ANSWER: u64 = 64 << 20;
/// Longest time that a call waits for its turn in the budget; beyond, the runner hears of it.
const TURN: Duration = Duration::from_secs(90);

impl Secret {
    /// A secret as it is.
    #[must_use]
    pub fn new(text: &str) -> Secret {
        Secret(text.trim().to_owned())
    }

    /// The secret in an environment variable.
    ///
    /// # Errors
    /// When the variable is not set, empty, or cannot be sent.
    pub fn from_env(variable: &str) -> Result<Secret, Fault> {
        let text = std::env::var(variable).unwrap_or_default();
        let text = text.trim();
        if text.is_empty() {
            return Err(Fault::person(format!("the environment variable {variable} holds no secret")));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Fault::person(format!(
                "what the environment variable {variable} holds cannot be a token"
            )));
        }
        Ok(Secret(text.to_owned()))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Line {
    /// A line to a system with that limit, of which `share` percent are ours. After eight failures in a row the system is left alone for
    /// half a minute.
    #[must_use]
    pub fn new(limit: Limit, share: u8) -> Line {
        Line {
            budget: Budget::new(limit, share),
            breaker: Breaker::new(8, Duration::from_secs(30)),
            began: Instant::now(),
        }
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }
}

/// A system that is called over HTTP.
pub(crate) struct Http {
    agent: Agent,
    base: String,
    authorization: String,
    line: Line,
}

/// An answer.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// What is called.
#[derive(Clone, Copy)]
pub(crate) struct Call<'a> {
    pub(crate) method: Method,
    /// Behind the address, already encoded.
    pub(crate) path: &'a str,
    pub(crate) query: &'a [(&'a str, &'a str)],
    /// JSON.
    pub(crate) body: Option<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Get,
    /// A search whose question is too long for an address: it changes nothing.
    Search,
    Post,
    Put,
}

impl Http {
    /// `scheme` stands before the secret in the header: `token`, `Bearer`.
    pub(crate) fn new(
        address: &str,
        scheme: &str,
        secret: &Secret,
        line: Line,
        timeout: Duration,
    ) -> Result<Http, Fault> {
        let base = address.trim_end_matches('/');
        let local = is_local(base);
        if !base.starts_with("https://") && !local {
            return Err(Fault::person(format!(
                "the address {base} does not begin with https://: the token would be readable on the way"
            )));
        }
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A redirect would carry the token to an address that nobody named.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(timeout.min(Duration::from_secs(15))))
            .timeout_resolve(Some(timeout.min(Duration::from_secs(15))))
            .timeout_global(Some(timeout))
            .max_idle_age(Duration::from_secs(3))
            .user_agent(concat!("cutover/", env!("CARGO_PKG_VERSION")));
        if local {
            config = config.proxy(None);
        }
        if base.starts_with("https://") {
            config = config.tls_config(trusted()?);
        }
        Ok(Http {
            agent: config.build().new_agent(),
            base: base.to_owned(),
            authorization: format!("{scheme} {}", secret.0),
            line,
        })
    }

    /// The address, for screens.
    pub(crate) fn at(&self) -> &str {
        &self.base
    }

    /// Makes a call when its turn comes. Answers that say nothing about the call itself (wait, come back, who are you) are faults.
    pub(crate) fn call(&self, call: Call<'_>) -> Result<Reply, Fault> {
        self.turn()?;
        let result = self.send(call);
        let now = self.line.now();
        let mut response = match result {
            Ok(response) => response,
            Err(error) => {
                self.line.breaker.failed(now);
                return Err(failed(&error, call.method));
            }
        };
        let status = response.status().as_u16();
        let wait = self.listen(&response, now);
        let body = response.body_mut().with_config().limit(ANSWER).read_to_vec();
        match status {
            429 => {
                let wait = wait.unwrap_or(Duration::from_secs(1));
                self.line.budget.refused(now, wait);
                return Err(Fault::later(Some(wait), "the desk takes no more calls for now"));
            }
            500.. => {
                self.line.breaker.failed(now);
                if let Some(wait) = wait {
                    self.line.budget.refused(now, wait);
                }
                return Err(Fault {
                    effect: call.method.in_doubt(),
                    hint: Hint::Later(wait),
                    why: format!("the desk answers {status}"),
                });
            }
            _ => {}
        }
        let body = body.map_err(|error| {
            self.line.breaker.failed(now);
            Fault {
                effect: call.method.in_doubt(),
                hint: Hint::Later(None),
                why: format!("the answer broke off: {}", plain(&error)),
            }
        })?;
        self.line.breaker.answered();
        match status {
            300..=399 => Err(Fault::person(format!(
                "the desk says that it has moved: it answers {status} at {}",
                self.base
            ))),
            401 => Err(Fault::person("the desk does not accept the token")),
            _ => Ok(Reply { status, body }),
        }
    }

    /// Waits for a turn in the shared budget.
    fn turn(&self) -> Result<(), Fault> {
        if let Err(wait) = self.line.breaker.ask(self.line.now()) {
            return Err(Fault::later(
                Some(wait),
                "the desk failed several times in a row and is left alone for a while",
            ));
        }
        let mut waited = Duration::ZERO;
        while let Err(wait) = self.line.budget.take(self.line.now()) {
            waited = waited.saturating_add(wait);
            if waited > TURN {
                return Err(Fault::later(Some(wait), "the rate of the desk is used up"));
            }
            std::thread::sleep(wait);
        }
        Ok(())
    }

    fn send(&self, call: Call<'_>) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        let address = format!("{}/{}", self.base, call.path);
        let query = call.query.iter().copied();
        let body = call.body.unwrap_or("{}");
        let authorization = &self.authorization;
        match call.method {
            Method::Get => {
                let request = self.agent.get(address).query_pairs(query);
                request.header("Authorization", authorization).header("Accept", "application/json").call()
            }
            Method::Search | Method::Post | Method::Put => {
                let request = if call.method == Method::Put {
                    self.agent.put(address)
                } else {
                    self.agent.post(address)
                };
                let request = request.query_pairs(query).header("Authorization", authorization);
                request.header("Accept", "application/json").content_type("application/json").send(body)
            }
        }
    }

    /// Reads what an answer says about the rate; the time that it asks to wait, if any.
    fn listen(&self, response: &ureq::http::Response<ureq::Body>, now: Duration) -> Option<Duration> {
        let number = |names: &[&str]| {
            let mut values = names.iter().filter_map(|name| response.headers().get(*name)?.to_str().ok());
            values.find_map(|value| value.trim().parse::<u64>().ok())
        };
        let left = number(&["ratelimit-remaining", "x-ratelimit-remaining", "x-rate-limit-remaining"]);
        let reset = number(&["ratelimit-reset", "x-ratelimit-reset", "x-rate-limit-reset"]);
        // Some systems give a moment instead of a number of seconds; without a clock that is no help.
        let reset = reset.filter(|seconds| *seconds <= 86_400).map(Duration::from_secs);
        if let (Some(left), Some(reset)) = (left, reset) {
            self.line.budget.told(now, left, reset);
        }
        let text = |name: &str| response.headers().get(name)?.to_str().ok();
        text("retry-after").and_then(|said| after::retry_after(said, text("date")))
    }
}

impl fmt::Debug for Http {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Http").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Method {
    /// What an unclear answer leaves open.
    const fn in_doubt(self) -> Effect {
        match self {
            Method::Get | Method::Search => Effect::None,
            Method::Post | Method::Put => Effect::Unknown,
        }
    }
}

/// A call that got no answer.
fn failed(error: &ureq::Error, method: Method) -> Fault {
    let refused = |error: &io::Error| error.kind() == io::ErrorKind::ConnectionRefused;
    let never_sent = match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Tls(_)
        | ureq::Error::Rustls(_)
        | ureq::Error::Timeout(Timeout::Connect | Timeout::Resolve) => true,
        ureq::Error::Io(error) => refused(error),
        _ => false,
    };
    let hint = match error {
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => Hint::Never,
        ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Hint::Person,
        _ => Hint::Later(None),
    };
    let effect = if never_sent { Effect::None } else { method.in_doubt() };
    Fault { effect, hint, why: format!("the desk does not answer: {}", plain(error)) }
}

fn plain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "no answer in time".to_owned(),
        ureq::Error::HostNotFound => "there is no host of that name".to_owned(),
        ureq::Error::BodyExceedsLimit(_) => format!("it is longer than {} MiB", ANSWER >> 20),
        // What the client says of addresses and headers could hold more than a reader should see.
        ureq::Error::BadUri(_) | ureq::Error::Http(_) => "the address cannot be called".to_owned(),
        error => error.to_string(),
    }
}

/// The certificates that this machine trusts.
fn trusted() -> Result<TlsConfig, Fault> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err(Fault::person(
            "this machine has no list of trusted certificates: install ca-certificates, or name a file in SSL_CERT_FILE",
        ));
    }
    let roots: Vec<_> = found.certs.iter().map(|found| Certificate::from_der(found).to_owned()).collect();
    Ok(TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::new_with_certs(&roots))
        .build())
}

/// Whether an address is on this machine, where nobody else reads along.
fn is_local(base: &str) -> bool {
    let Some(rest) = base.strip_prefix("http://") else { return false };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    // A name before an `@` would not be the host.
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests;
