//! What may go wrong, as the document says it: groups of answers that many paths share.

use std::collections::BTreeMap;

use utoipa::IntoResponses;
use utoipa::openapi::{Content, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Type};

/// How problems are written.
pub(crate) const PROBLEM: &str = "application/problem+json";

const WRONG_HOST: &str = "A server without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of \
     another site (`wrong_origin`).";
const UNAVAILABLE: &str = "The engine does not answer (`unavailable`), or not in time (`timeout`), or somebody else does the same (`busy`): try again.";

type Responses = BTreeMap<String, RefOr<Response>>;

/// What a path that takes no token may refuse.
pub(crate) struct Host;

impl IntoResponses for Host {
    fn responses() -> Responses {
        problems(&[(403, WRONG_HOST)])
    }
}

/// What may keep somebody from signing in.
pub(crate) struct SignIn;

impl IntoResponses for SignIn {
    fn responses() -> Responses {
        problems(&[
            (401, "The token is not known."),
            (429, "Too many tokens were wrong within a minute (`too_many_tries`): wait until it is over."),
        ])
    }
}

/// What a path that is about cookies may refuse.
pub(crate) struct Cookie;

impl IntoResponses for Cookie {
    fn responses() -> Responses {
        problems(&[(
            403,
            "Another page than one of this server asks (`wrong_origin`), or a server without tokens was called by a \
             name that is none of its machine's own (`wrong_host`).",
        )])
    }
}

/// What keeps an engine from answering.
pub(crate) struct Engine;

impl IntoResponses for Engine {
    fn responses() -> Responses {
        problems(&[(503, UNAVAILABLE)])
    }
}

/// What may happen to every call of the API.
pub(crate) struct Call;

impl IntoResponses for Call {
    fn responses() -> Responses {
        let mut answers = problems(&[
            (401, "No token was shown, or one that is not known."),
            (
                403,
                "The token lacks the scope (`forbidden`), or the ledger may only be read (`read_only`), or a server \
                 without tokens was called by a name that is none of its machine's own (`wrong_host`), or by a page of \
                 another site (`wrong_origin`); or a cookie came with what changes something, and no page of this \
                 server asks for that (`wrong_origin`).",
            ),
            (
                500,
                "The engine failed (`backend`), or what it holds is damaged (`corrupt`). The server's log says more.",
            ),
            (502, "The ledger is behind another server, which does not let this one in (`denied`)."),
            (503, UNAVAILABLE),
        ]);
        // Said before anybody knows of what path.
        let large = ResponseBuilder::new().description("The head of the request is too large.").build();
        answers.insert("431".to_owned(), large.into());
        answers
    }
}

/// What may be wrong with parameters.
pub(crate) struct Parameters;

impl IntoResponses for Parameters {
    fn responses() -> Responses {
        problems(&[(
            422,
            "A parameter breaks its rule, is given twice where one is meant, or is none of this path: `field` names it.",
        )])
    }
}

/// What may be wrong with something that a path names.
pub(crate) struct Named;

impl IntoResponses for Named {
    fn responses() -> Responses {
        problems(&[(404, "There is nothing of this name.")])
    }
}

/// What may be wrong with a body.
pub(crate) struct Body;

impl IntoResponses for Body {
    fn responses() -> Responses {
        problems(&[
            (400, "The body is no JSON, not UTF-8, or of another form than this path takes (`bad_body`)."),
            (408, "The body took too long to arrive."),
            (413, "The body has more bytes than the server takes."),
            (
                415,
                "The `Content-Type` is missing, or none that is listed here; or the `Content-Encoding` is none that is read.",
            ),
            (
                422,
                "A value in the body, or a parameter, breaks its rule: `field` names it, and `detail` says where it is.",
            ),
        ])
    }
}

fn problems(problems: &[(u16, &str)]) -> Responses {
    problems.iter().map(|&(status, why)| (status.to_string(), problem(status, why).into())).collect()
}

fn problem(status: u16, why: &str) -> ResponseBuilder {
    let content = Content::new(Some(Ref::from_schema_name("Problem")));
    let problem = ResponseBuilder::new().description(why).content(PROBLEM, content);
    let header = |says: &str, kind: Type| {
        HeaderBuilder::new().schema(ObjectBuilder::new().schema_type(kind)).description(Some(says)).build()
    };
    match status {
        401 => problem.header("WWW-Authenticate", header("`Bearer`.", Type::String)),
        429 | 503 => problem.header("Retry-After", header("After how many seconds to try again.", Type::Integer)),
        _ => problem,
    }
}
