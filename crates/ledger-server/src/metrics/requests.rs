//! Requests: how many were answered and how long that took, by the route and not by the path, which anybody may make up.

use std::time::Duration;

use axum::extract::MatchedPath;
use axum::http::{Method, StatusCode};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::short;

/// The methods that have a label of their own.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What is known of the requests.
#[derive(Debug)]
pub(crate) struct Requests {
    answered: Family<Answered, Counter>,
    took: Family<Route, Histogram>,
}

/// What a request asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(crate) struct Route {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    #[prometheus(flatten)]
    route: Route,
    status: u16,
}

impl Requests {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let took = Family::<Route, Histogram>::new_with_constructor(short);
        let requests = Self { answered: Family::default(), took };
        let help = "Requests that were answered";
        registry.register("ledger_http_requests", help, requests.answered.clone());
        let help = "How long it took to answer requests; of a stream, to begin";
        registry.register_with_unit("ledger_http_request_duration", help, Unit::Seconds, requests.took.clone());
        requests
    }

    /// Counts a request, and how long it took until its answer began.
    pub(crate) fn answered(&self, route: Route, status: StatusCode, took: Duration) {
        self.took.get_or_create(&route).observe(took.as_secs_f64());
        self.answered.get_or_create(&Answered { route, status: status.as_u16() }).inc();
    }
}

impl Route {
    pub(crate) fn of(method: &Method, path: Option<&MatchedPath>) -> Self {
        let method = known_method(method).unwrap_or("other");
        Self { method, route: path.map_or("unmatched", MatchedPath::as_str).to_owned() }
    }
}

/// Returns the name of a method, if it is one that is known: anybody may make one up.
pub(crate) fn known_method(method: &Method) -> Option<&'static str> {
    METHODS.into_iter().find(|known| *known == method.as_str())
}
