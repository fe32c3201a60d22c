//! Errors as callers get them: problems by RFC 9457, with a code that does not change.

use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use ledger_core::{Error, EventId, Offset};
use serde::Serialize;

/// What went wrong, and what to do about it.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct Problem(Box<Said>);

#[derive(Debug, Serialize)]
struct Said {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    #[serde(serialize_with = "number")]
    status: StatusCode,
    /// What programs branch on.
    code: &'static str,
    detail: String,
    /// The value at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// The event in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<Offset>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<EventId>,
    /// The last offset that the caller had seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<Offset>,
    /// What holds other events.
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    #[serde(skip)]
    retry_after: Option<u32>,
    /// What the caller is not told, because it says where the engine is.
    #[serde(skip)]
    cause: Option<String>,
}

/// What is written into the log of a request that failed.
#[derive(Clone, Debug)]
pub(crate) struct Cause(pub(crate) String);

fn number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Problem");
        Self(Box::new(Said {
            kind: "about:blank",
            title,
            status,
            code,
            detail: detail.into(),
            field: None,
            offset: None,
            id: None,
            after: None,
            at: None,
            retry_after: None,
            cause: None,
        }))
    }

    fn with(mut self, change: impl FnOnce(&mut Said)) -> Self {
        change(&mut self.0);
        self
    }

    /// A value that breaks a rule.
    pub(crate) fn invalid(field: impl Into<String>, why: impl Into<String>) -> Self {
        let field = field.into();
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", why).with(|said| said.field = Some(field))
    }

    /// Says in public only that the engine is away.
    pub(crate) fn into_unavailable(self) -> Self {
        let why = "the engine behind the ledger does not answer";
        let cause = self.0.cause.unwrap_or(self.0.detail);
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why).caused(cause).retry_after(1)
    }

    /// Something that is not there.
    pub(crate) fn not_found(why: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", why)
    }

    /// Returns what the caller is told.
    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    /// Returns what the log is told: more than the caller, if there is more.
    pub(crate) fn cause(&self) -> &str {
        self.0.cause.as_deref().unwrap_or(&self.0.detail)
    }

    /// Says where in a body.
    pub(crate) fn prefixed(self, place: &str) -> Self {
        self.with(|said| said.detail = format!("{place}: {}", said.detail))
    }

    /// Something that should not happen, which the caller is not told.
    pub(crate) fn broken(cause: String) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "backend", "the engine failed").caused(cause)
    }

    /// Adds what the caller is not told.
    pub(crate) fn caused(self, cause: String) -> Self {
        self.with(|said| said.cause = Some(cause))
    }

    pub(crate) fn retry_after(self, seconds: u32) -> Self {
        self.with(|said| said.retry_after = Some(seconds))
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::IdConflict { id, offset } => Self::new(StatusCode::CONFLICT, "id_conflict", detail)
                .with(|said| (said.id, said.offset) = (Some(id), Some(offset))),
            Error::ConditionFailed { offset, after } => Self::new(StatusCode::CONFLICT, "condition_failed", detail)
                .with(|said| (said.offset, said.after) = (Some(offset), Some(after))),
            Error::Invalid { what, .. } => Self::invalid(what, detail),
            Error::Unavailable { .. } => {
                let why = "the engine behind the ledger does not answer";
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why).caused(detail).retry_after(1)
            }
            Error::ReadOnly { .. } => Self::new(StatusCode::FORBIDDEN, "read_only", detail),
            Error::Corrupt { .. } => Self::new(StatusCode::INTERNAL_SERVER_ERROR, "corrupt", detail),
            Error::NotEmpty { at, why } => {
                Self::new(StatusCode::CONFLICT, "not_empty", why).with(|said| said.at = Some(at))
            }
            // The ledger is one behind another server.
            Error::Denied { .. } => {
                Self::new(StatusCode::BAD_GATEWAY, "denied", "the ledger is not open to this server").caused(detail)
            }
            Error::SameLedger => Self::new(StatusCode::CONFLICT, "same_ledger", detail),
            _ => Self::broken(detail),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).expect("a problem has a JSON form");
        let mut response = (self.0.status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.0.retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        if self.0.status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(cause) = self.0.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}
