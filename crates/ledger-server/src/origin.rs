//! Where a call comes from, as browsers tell it: a page of any site may have one ask, with all that it has to show.

use std::net::IpAddr;

use axum::extract::{MatchedPath, Request};
use axum::http::header::{HOST, ORIGIN};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode};

use crate::problem::Problem;
use crate::{Hosts, page};

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// Lets in who calls this machine by a name of its own, if nothing else keeps others out.
pub(crate) fn check_host(hosts: Hosts, request: &Request) -> Result<(), Problem> {
    if hosts == Hosts::Local { is_from_here(request) } else { Ok(()) }
}

/// Refuses who calls by another name, and whom a page of another site has asked for it.
fn is_from_here(request: &Request) -> Result<(), Problem> {
    let header = |name| header(request.headers(), &name);
    if !is_local(header(HOST).unwrap_or_default()) {
        let why = "without a token, this answers to `localhost` and addresses of this machine alone";
        return Err(Problem::new(StatusCode::FORBIDDEN, "wrong_host", why));
    }
    // A browser says where the page comes from that asks; what is no browser says nothing.
    let is_of_page = |origin: &str| !origin.split_once("://").is_some_and(|(_, host)| is_local(host));
    let is_of_site = header(FETCH_SITE) == Some("cross-site") && !is_visit(request);
    if header(ORIGIN).is_some_and(is_of_page) || is_of_site {
        return Err(wrong_origin("without a token, pages of other sites are not answered"));
    }
    Ok(())
}

/// Returns whether somebody follows a link of another site to where no data is: that site sees nothing of it.
fn is_visit(request: &Request) -> bool {
    let says = |name, word| header(request.headers(), &name) == Some(word);
    let route = request.extensions().get::<MatchedPath>();
    is_reading(request.method())
        && says(FETCH_MODE, "navigate")
        && says(FETCH_DEST, "document")
        // Where there is no route there is nothing at all.
        && route.is_none_or(|route| page::is_for_all(route.as_str()))
}

/// Returns whether a call of this method changes nothing.
pub(crate) fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// Lets in what a page of this server asks for, and nothing that does not say so: a cookie comes along whoever asks.
pub(crate) fn check_own(headers: &HeaderMap) -> Result<(), Problem> {
    match Asker::of(headers) {
        Asker::Own => Ok(()),
        Asker::Other | Asker::Unsaid => Err(wrong_origin("with a cookie, only a page of this server may ask for that")),
    }
}

/// Refuses what a page of another site asks for.
pub(crate) fn check_not_other(headers: &HeaderMap) -> Result<(), Problem> {
    match Asker::of(headers) {
        Asker::Own | Asker::Unsaid => Ok(()),
        Asker::Other => Err(wrong_origin("pages of other sites are not answered")),
    }
}

/// Whose page asks.
#[derive(Debug, PartialEq, Eq)]
enum Asker {
    /// One of this server.
    Own,
    /// One of another, be it one on this machine.
    Other,
    /// Nobody says: it is an old browser, or none.
    Unsaid,
}

impl Asker {
    fn of(headers: &HeaderMap) -> Self {
        // What the browser says of the site counts first, because a proxy may have given the server another name.
        let is_own = match (header(headers, &FETCH_SITE), header(headers, &ORIGIN)) {
            (Some(site), _) => site == "same-origin",
            (None, Some(origin)) => {
                let asked = origin.split_once("://").map(|(_, host)| host);
                asked.zip(header(headers, &HOST)).is_some_and(|(asked, host)| asked.eq_ignore_ascii_case(host))
            }
            (None, None) => return Self::Unsaid,
        };
        if is_own { Self::Own } else { Self::Other }
    }
}

/// Returns what a header says; of one that is no text, something that fits nothing.
fn header<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).map(|value| value.to_str().unwrap_or("?"))
}

fn wrong_origin(why: &str) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, "wrong_origin", why)
}

fn is_local(host: &str) -> bool {
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let name = host.rsplit_once(':').filter(|(_, port)| is_port(port)).map_or(host, |(name, _)| name);
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    name.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sign_in::tests::{ask, headers};
    use crate::{Options, Server};

    #[test]
    fn a_name_that_leads_here_is_not_a_name_of_this_machine() {
        for host in ["localhost", "LOCALHOST:7070", "127.0.0.1:1", "[::1]:7070", "127.9.9.9"] {
            assert!(is_local(host), "{host}");
        }
        for host in ["", "example.org", "localhost.example.org:7070", "10.0.0.1", "127.0.0.1.example.org"] {
            assert!(!is_local(host), "{host}");
        }
    }

    #[test]
    fn a_page_is_of_this_server_when_its_browser_says_so() {
        let host = ("host", "ledger.example:7070");
        let cases: [(&[(&str, &str)], Asker); 14] = [
            (&[], Asker::Unsaid),
            (&[("sec-fetch-site", "same-origin")], Asker::Own),
            (&[("sec-fetch-site", "same-site")], Asker::Other),
            (&[("sec-fetch-site", "cross-site")], Asker::Other),
            (&[("sec-fetch-site", "none")], Asker::Other),
            (&[("sec-fetch-site", "same-site"), ("origin", "http://ledger.example:7070")], Asker::Other),
            (&[("sec-fetch-site", "same-origin"), ("origin", "https://the.proxy")], Asker::Own),
            (&[("origin", "http://ledger.example:7070")], Asker::Own),
            (&[("origin", "https://LEDGER.example:7070")], Asker::Own),
            (&[("origin", "http://ledger.example")], Asker::Other),
            (&[("origin", "http://ledger.example:7070.evil.example")], Asker::Other),
            (&[("origin", "ledger.example:7070")], Asker::Other),
            (&[("origin", "null")], Asker::Other),
            (&[("origin", "")], Asker::Other),
        ];
        for (said, asker) in cases {
            assert_eq!(Asker::of(&headers(&[&[host][..], said].concat())), asker, "{said:?}");
        }
        assert_eq!(Asker::of(&headers(&[("origin", "http://a")])), Asker::Other);
    }

    #[tokio::test]
    async fn a_link_of_another_site_leads_to_pages_and_never_to_data() {
        let ledger = backends::open("memory:").await.unwrap();
        let server = Server::new(ledger, Options::default());
        let host = ("host", "localhost:7070");
        let (site, mode) = (("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"));
        let visit = [host, site, mode, ("sec-fetch-dest", "document")];
        for (method, path, status) in [
            ("GET", "/", 200),
            ("HEAD", "/", 200),
            ("GET", "/runs/r-1", 200),
            ("GET", "/sign-in", 200),
            ("GET", "/docs", 200),
            ("GET", "/assets/app.js", 200),
            ("GET", "/assets/none", 404),
            ("GET", "/nothing", 404),
            ("GET", "/openapi.json", 403),
            ("GET", "/api/v1/events", 403),
            ("GET", "/projects/p/operations", 403),
            ("GET", "/metrics", 403),
            ("POST", "/", 403),
            ("POST", "/sign-in", 403),
            ("DELETE", "/sign-in", 403),
            ("POST", "/api/v1/retention/apply", 403),
        ] {
            assert_eq!(ask(&server, method, path, &visit, "").await.status, status, "{method} {path}");
        }
        // A picture, a frame or a script of another site is no visit.
        for (at, said) in [
            (3, ("sec-fetch-dest", "iframe")),
            (3, ("sec-fetch-dest", "image")),
            (2, ("sec-fetch-mode", "no-cors")),
            (0, ("host", "rebound.example")),
        ] {
            let mut said_so = visit;
            said_so[at] = said;
            assert_eq!(ask(&server, "GET", "/", &said_so, "").await.status, 403, "{said:?}");
        }
        assert_eq!(ask(&server, "GET", "/", &visit[..2], "").await.status, 403);
        let with_origin = [&visit[..], &[("origin", "https://evil.example")]].concat();
        assert_eq!(ask(&server, "GET", "/", &with_origin, "").await.status, 403);
    }
}
