//! What a server may do to a call: answer late, wrongly, or not at all.

use std::time::{Duration, Instant};

use super::{Call, Http, Line, Method, Secret, is_local};
use crate::fake::{Do, Fake};
use crate::{Effect, Fault, Hint, Limit};

fn http(fake: &Fake, limit: Limit) -> Result<Http, Fault> {
    let line = Line::new(limit, 100);
    Http::new(&fake.address, "token", &Secret::new("s3cret"), line, Duration::from_millis(400))
}

const fn call(method: Method) -> Call<'static> {
    Call { method, path: "thing", query: &[("q", "a b'&")], body: Some("{}") }
}

#[test]
fn what_went_wrong_says_whether_it_may_have_had_an_effect() -> Result<(), Box<dyn std::error::Error>> {
    let cases = [
        (Do::Answer(500, &[], String::new()), Effect::Unknown, Hint::Later(None)),
        (
            Do::Answer(503, &[("Retry-After", "1")], String::new()),
            Effect::Unknown,
            Hint::Later(Some(Duration::from_secs(1))),
        ),
        (
            Do::Answer(429, &[("Retry-After", "7")], String::new()),
            Effect::None,
            Hint::Later(Some(Duration::from_secs(7))),
        ),
        (Do::Answer(401, &[], String::new()), Effect::None, Hint::Person),
        (Do::Answer(302, &[("Location", "http://127.0.0.1:1/")], String::new()), Effect::None, Hint::Person),
        (Do::Close, Effect::Unknown, Hint::Later(None)),
        (Do::BreakOff, Effect::Unknown, Hint::Later(None)),
        (Do::Late(Duration::from_secs(2), 201, String::new()), Effect::Unknown, Hint::Later(None)),
    ];
    for (what, effect, hint) in cases {
        let answer = what.clone();
        let fake = Fake::start(move |_| answer.clone())?;
        let fault = http(&fake, Limit::Told)?.call(call(Method::Post)).err();
        let found = fault.as_ref().map(|fault| (fault.effect, fault.hint));
        assert_eq!(found, Some((effect, hint)), "{what:?}: {fault:?}");
        assert!(!format!("{fault:?}").contains("s3cret"));
        // The same trouble while reading leaves nothing in doubt.
        let fault = http(&fake, Limit::Told)?.call(call(Method::Get)).err();
        assert_eq!(fault.map(|fault| fault.effect), Some(Effect::None), "{what:?}");
    }
    Ok(())
}

#[test]
fn nothing_is_in_doubt_when_nobody_listens() -> Result<(), Box<dyn std::error::Error>> {
    let port = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
    let line = Line::new(Limit::Told, 100);
    let secret = Secret::new("x");
    let http =
        Http::new(&format!("http://127.0.0.1:{port}"), "token", &secret, line, Duration::from_secs(2))?;
    let fault = http.call(call(Method::Post)).err();
    assert_eq!(fault.map(|fault| (fault.effect, fault.hint)), Some((Effect::None, Hint::Later(None))));
    Ok(())
}

#[test]
fn a_token_does_not_travel_readable_and_does_not_show() {
    let line = || Line::new(Limit::Told, 100);
    let new =
        |address: &str| Http::new(address, "token", &Secret::new("s3cret"), line(), Duration::from_secs(1));
    for address in
        ["http://desk.example.org", "http://127.0.0.1@desk.example.org/", "ftp://127.0.0.1", "desk"]
    {
        assert_eq!(new(address).err().map(|fault| fault.hint), Some(Hint::Person), "{address}");
    }
    for address in ["http://127.0.0.1:80/x", "http://localhost", "http://[::1]:8080/"] {
        assert!(is_local(address), "{address}");
        assert!(!format!("{:?} {:?}", new(address), Secret::new("s3cret")).contains("s3cret"));
    }
}

#[test]
fn a_call_carries_token_query_and_body() -> Result<(), Box<dyn std::error::Error>> {
    let fake = Fake::start(|_| Do::Answer(200, &[], "{\"ok\":1}".to_owned()))?;
    let reply = http(&fake, Limit::Told)?.call(call(Method::Put))?;
    assert_eq!((reply.status, reply.body.as_slice()), (200, b"{\"ok\":1}".as_slice()));
    let got = fake.got();
    let Some(got) = got.first() else { return Err("nothing came".into()) };
    assert_eq!(got.authorization, "token s3cret");
    assert_eq!((got.method.as_str(), got.body.as_str()), ("PUT", "{}"));
    assert!(got.target.starts_with("/thing?q=a"), "{}", got.target);
    assert!(!got.target.contains(['\'', ' ']) && got.target.matches('&').count() == 0, "{}", got.target);
    Ok(())
}

#[test]
fn a_desk_that_fails_is_left_alone() -> Result<(), Box<dyn std::error::Error>> {
    let fake = Fake::start(|_| Do::Answer(500, &[], String::new()))?;
    let http = http(&fake, Limit::Told)?;
    let faults: Vec<_> = (0..20).filter_map(|_| http.call(call(Method::Post)).err()).collect();
    assert_eq!(faults.len(), 20);
    assert_eq!(fake.got().len(), 8, "then nobody calls");
    assert_eq!(faults.last().map(|fault| fault.effect), Some(Effect::None));
    Ok(())
}

/// A server that allows so many calls in windows of a second of its own: the rate is used and nothing is refused. `RATE_SECONDS` measures longer.
#[test]
fn the_rate_of_a_server_is_used_and_not_exceeded() -> Result<(), Box<dyn std::error::Error>> {
    const ALLOWED: u64 = 60;
    let seconds = std::env::var("RATE_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(3_u64);
    let began = Instant::now();
    let (mut window, mut used) = (0, 0);
    let fake = Fake::start(move |_| {
        // Its windows begin when they begin.
        let current = (began.elapsed() + Duration::from_millis(370)).as_secs();
        if current != window {
            (window, used) = (current, 0);
        }
        used += 1;
        if used <= ALLOWED {
            Do::Answer(200, &[], "{}".to_owned())
        } else {
            Do::Answer(429, &[("Retry-After", "1")], "{}".to_owned())
        }
    })?;
    let line = Line::new(Limit::Window { calls: ALLOWED, per: Duration::from_secs(1) }, 100);
    let (mut done, mut refused) = (0, 0);
    std::thread::scope(|scope| {
        // Two workers share the budget.
        let workers: Vec<_> = (0..2)
            .map(|_| {
                let (line, address) = (line.clone(), fake.address.clone());
                scope.spawn(move || {
                    let mut counts = (0_u64, 0_u64);
                    let secret = Secret::new("x");
                    let Ok(http) = Http::new(&address, "token", &secret, line, Duration::from_secs(5)) else {
                        return counts;
                    };
                    while began.elapsed() < Duration::from_secs(seconds) {
                        match http.call(call(Method::Get)) {
                            Ok(_) => counts.0 += 1,
                            Err(_) => counts.1 += 1,
                        }
                    }
                    counts
                })
            })
            .collect();
        for worker in workers {
            let counts = worker.join().unwrap_or_default();
            done += counts.0;
            refused += counts.1;
        }
    });
    assert!(refused <= seconds / 20, "{refused} calls were refused");
    // On a machine that does other things at once the last calls may be late; a long measurement says what is promised.
    let least = if seconds >= 60 { 95 } else { 80 };
    let allowed = ALLOWED * seconds;
    assert!(done * 100 >= allowed * least && done <= allowed + ALLOWED, "{done} of {allowed}");
    Ok(())
}
