//! What stands around events: what led to one and what came of it, and which words many have.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use ledger_core::views::Frequent;
use ledger_core::{Error, Offset, chain as chained, facets as counted};

use crate::Desk;
use crate::events::found;
use crate::openapi::{glances, parameters, problems, words};
use crate::parameters::Fields;
use crate::problem::Problem;

/// Answers what led to an event and what came of it, by the parents that events name.
#[utoipa::path(
    get,
    path = "/events/{which}/chain",
    tag = "events",
    operation_id = "chain",
    description = "Causes are looked up, however far back; effects are looked for in the 200,000 offsets that follow. \
                   Both have about 8 MiB at most.",
    params(
        ("which" = inline(words::EventId), Path, description = "An offset, or an id."),
        parameters::ChainPart,
    ),
    responses(
        (status = 200, description = "The event, its causes and its effects.", body = glances::Chain),
        problems::Call,
        problems::Named,
        problems::Parameters,
    )
)]
pub(crate) async fn chain(
    State(desk): State<Desk>,
    which: Result<Path<String>, PathRejection>,
    RawQuery(text): RawQuery,
) -> Result<Response, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let most = asked.number("most", 1..=chained::MOST)?.unwrap_or(chained::SHOWN);
    let as_of = asked.as_of()?;
    asked.end()?;
    let up_to = desk.soon(as_of.up_to(&*desk.ledger)).await?;
    let event = found(&desk, which, up_to).await?;
    let chain = desk.soon(chained::chain(&*desk.ledger, event, up_to, most)).await?;
    let body = serde_json::to_vec(&chain).map_err(|error| Error::Corrupt { why: error.to_string() })?;
    Ok(([(CONTENT_TYPE, "application/json")], body).into_response())
}

/// Answers which words the newest events that match have, and how many have each.
#[utoipa::path(
    get,
    path = "/events/facets",
    tag = "events",
    operation_id = "facets",
    params(parameters::Filters, parameters::Counted),
    responses(
        (status = 200, description = "The 50 most frequent words of each sort.", body = glances::Facets),
        problems::Call,
        problems::Parameters,
    )
)]
pub(crate) async fn facets(State(desk): State<Desk>, RawQuery(text): RawQuery) -> Result<Json<Frequent>, Problem> {
    let mut asked = Fields::read(text.as_deref())?;
    let mut query = asked.query()?;
    query.after = asked.one("after")?.unwrap_or(Offset::START);
    query.up_to = asked.one("up_to")?;
    let most = asked.number("most", 1..=counted::MOST)?.unwrap_or(counted::COUNTED);
    asked.end()?;
    Ok(Json(desk.soon(counted::facets(&*desk.ledger, query, most)).await?))
}

#[cfg(test)]
mod tests {
    use ledger_core::{Condition, Draft, Ledger, LedgerExt, Query};

    use super::*;

    async fn ledger(drafts: &[(&str, &[&str])]) -> std::sync::Arc<dyn Ledger> {
        let ledger = backends::open("memory:").await.unwrap();
        for (id, parents) in drafts {
            let draft = Draft::new("a.b", &1).unwrap().id(*id).unwrap().tag(format!("id:{id}")).unwrap();
            let draft = parents.iter().try_fold(draft, |draft, parent| draft.parent(*parent)).unwrap();
            ledger.append_one(draft).await.unwrap();
        }
        ledger
    }

    fn offset(number: u64) -> Offset {
        Offset::new(number).unwrap()
    }

    /// Returns causes and effects, each as its distance and its id.
    async fn around(
        ledger: &dyn Ledger,
        at: u64,
        up_to: u64,
        most: usize,
    ) -> (Vec<String>, Vec<String>, chained::Chain) {
        let event = ledger.read(&Query::after(offset(at - 1))).await.unwrap().events.remove(0);
        let chain = chained::chain(ledger, event, offset(up_to), most).await.unwrap();
        let names = |all: &[chained::Linked]| {
            all.iter().map(|linked| format!("{} {}", linked.distance, linked.event.id)).collect::<Vec<_>>()
        };
        (names(&chain.causes), names(&chain.effects), chain)
    }

    #[tokio::test]
    async fn a_chain_goes_back_by_parents_and_on_by_those_who_name_it() {
        let drafts: [(&str, &[&str]); 8] = [
            ("root", &[]),
            ("left", &["root", "gone"]),
            ("right", &["root", "late"]),
            ("here", &["left", "right", "here"]),
            ("child", &["here"]),
            ("late", &["lost"]),
            ("both", &["child", "here"]),
            ("far", &["child"]),
        ];
        let ledger = ledger(&drafts).await;
        let (causes, effects, chain) = around(&*ledger, 4, 8, 200).await;
        assert_eq!(causes, ["1 right", "1 left", "2 late", "2 root"]);
        assert_eq!(effects, ["1 child", "1 both", "2 far"]);
        let missing: Vec<_> = chain.missing.iter().map(ToString::to_string).collect();
        assert_eq!((missing, chain.up_to, chain.cut), (vec!["gone".to_owned(), "lost".to_owned()], offset(8), false));
        let (causes, effects, chain) = around(&*ledger, 4, 5, 200).await;
        assert_eq!((causes.len(), effects.len(), chain.missing.len(), chain.cut), (3, 1, 2, false), "as of then");
        let (causes, effects, chain) = around(&*ledger, 4, 8, 1).await;
        assert_eq!((causes, effects), (vec!["1 right".to_owned()], vec!["1 child".to_owned()]));
        assert_eq!((chain.up_to, chain.cut), (offset(6), true), "there is no room for what comes next");
    }

    #[tokio::test]
    async fn effects_are_looked_for_so_far_and_no_further() {
        let ledger = ledger(&[("here", &[])]).await;
        let filler = |place: usize| Draft::new("a.b", &place).unwrap();
        for batch in 0..20 {
            let drafts: Vec<_> = (0..10_000).map(|place| filler(batch * 10_000 + place)).collect();
            ledger.append(&drafts, &Condition::None).await.unwrap();
        }
        ledger.append_one(Draft::new("a.b", &1).unwrap().parent("here").unwrap()).await.unwrap();
        let (_, effects, chain) = around(&*ledger, 1, 200_002, 9).await;
        assert_eq!((effects.len(), chain.up_to, chain.cut), (0, offset(200_001), true));
    }

    #[tokio::test]
    async fn effects_are_looked_for_in_so_many_bytes_and_no_more() {
        let ledger = ledger(&[("here", &[])]).await;
        let large = "x".repeat((1 << 20) - 2);
        for _ in 0..72 {
            ledger.append_one(Draft::new("a.b", &large).unwrap()).await.unwrap();
        }
        ledger.append_one(Draft::new("a.b", &1).unwrap().parent("here").unwrap()).await.unwrap();
        let (_, effects, chain) = around(&*ledger, 1, 74, 9).await;
        assert!(effects.is_empty() && chain.cut && (64..74).contains(&chain.up_to.get()), "{:?}", chain.up_to);
    }

    #[tokio::test]
    async fn facets_are_of_the_newest_events_that_match() {
        let ledger = ledger(&[("a", &[]), ("b", &[]), ("c", &[])]).await;
        let found = counted::facets(&*ledger, Query::all(), 2).await.unwrap();
        assert_eq!((found.counted, found.whole, found.from, found.to), (2, false, Some(offset(2)), Some(offset(3))));
        let tags: Vec<_> = found.tags.iter().map(|tag| tag.value.as_str()).collect();
        assert_eq!(tags, ["id:b", "id:c"]);
        let all = counted::facets(&*ledger, Query::all().limit(1).unwrap(), 3).await.unwrap();
        assert_eq!((all.counted, all.whole, all.kinds[0].count), (3, true, 3));
        let one = counted::facets(&*ledger, Query::all().tag("id:a").unwrap(), 3).await.unwrap();
        assert_eq!((one.counted, one.whole), (1, true));
    }
}
