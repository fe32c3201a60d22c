//! Read: what comes back is what was given, to the byte, each event once, in pages that are bounded.

use futures::TryStreamExt;
use ledger_core::{
    Condition, Error, Event, KindPattern, Ledger, LedgerExt, Limit, MAX_BATCH_BYTES, Offset, Payload, Query, Result,
    Timestamp,
};
use tokio::sync::oneshot;

use crate::backend::Backend;
use crate::strategies::WORDS;
use crate::support::{SOON, all, append, append_all, dense, draft, drafts, joined, kind_of, offset, saying, writers};

/// Payloads come back to the byte: key order, white space, escapes, far numbers, depth, NUL, unicode.
pub async fn read_gives_payloads_back_to_the_byte(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let deep = format!("{}{}", "[".repeat(Payload::MAX_DEPTH), "]".repeat(Payload::MAX_DEPTH));
    let large = format!("\"{}\"", "é".repeat((Payload::MAX_BYTES - 2) / 2));
    let texts = [
        r#"{"z":1,"a":{"y":2,"b":3}}"#,
        "{\n  \"a\" : [ 1,\r\n\t2 ]\n}",
        r#""\u0000""#,
        r#"{"\u0000":"\u0000"}"#,
        "9007199254740993",
        "-9223372036854775809",
        "18446744073709551616",
        "1e400",
        "-0",
        "0.10",
        "1E5",
        "1.0000000000000000000000001",
        r#""\ud83d\ude00😀""#,
        "\"\u{7f}\u{80}\u{2028}\u{fffd}\u{10ffff}\"",
        r#"{"a":1,"a":2}"#,
        "\"\"",
        "[]",
        "{}",
        "true",
        "null",
        r#""'; drop table events; --""#,
        r#""\\x00 %s ?1 $1 :a""#,
        &deep,
        &large,
    ];
    let drafts = texts.iter().enumerate().map(|(n, text)| saying(draft(&format!("p-{n}")), text));
    let drafts = drafts.collect::<Result<Vec<_>>>()?;
    append(&place.open().await?, &drafts).await?;
    for ledger in [place.open().await?, place.open().await?] {
        for (event, draft) in all(&ledger).await?.iter().zip(&drafts) {
            assert!(
                event.payload == draft.payload,
                "another text came back for {:.80}: {:.80}",
                draft.payload,
                event.payload
            );
            assert_eq!(&event.draft, draft);
        }
    }
    Ok(())
}

/// Every field comes back as given: the extremes of numbers and times, empty and full options, look-alike texts.
pub async fn read_gives_every_field_back(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let earliest = "0001-01-01T00:00:00Z".parse::<Timestamp>()?;
    let latest = "9999-12-30T22:00:00Z".parse::<Timestamp>()?;
    let mut given = vec![
        draft("least").turn(0).schema_version(0).lamport(0).at(earliest),
        draft("most").turn(u32::MAX).schema_version(u32::MAX).lamport(i64::MAX as u64).at(latest),
        draft("past i32").turn(1 << 31).schema_version(1 << 31).at(Timestamp::from_micros(-1)?),
        draft("zone").at("2026-03-01T02:00:00.123456+02:00".parse()?),
        draft("micros").at(Timestamp::from_micros(1_700_000_000_000_001)?),
    ];
    for (n, word) in WORDS.iter().enumerate() {
        let full =
            draft(&format!("w-{n}")).run(*word)?.actor(*word)?.session(*word)?.model_profile(*word)?.model_id(*word)?;
        given.push(
            full.parent(*word)?.parent("b")?.parent(*word)?.tag(format!("k:{word}"))?.tag(format!("k:{word}\n\t\r"))?,
        );
    }
    let long = |n: usize| "é".repeat(n / 2);
    given.push(
        draft(&long(64)).run(long(200))?.actor(long(200))?.session(long(200))?.tag(format!("k:{}", long(1_022)))?,
    );
    append(&place.open().await?, &given).await?;
    let ledger = place.open().await?;
    let zone = ledger.tail(Query::all().id("zone")?);
    let zone: Vec<Event> = futures::TryStreamExt::try_collect(zone).await?;
    assert_eq!(zone[0].created_at.to_string(), "2026-03-01T00:00:00.123456Z", "the instant was shifted");
    for (event, draft) in all(&ledger).await?.iter().zip(&given) {
        assert_eq!(&event.draft, draft, "event `{}` came back otherwise", draft.id);
    }
    Ok(())
}

/// Texts are compared byte by byte in every filter: case, accents, blanks, wildcards and quotes are just text.
pub async fn read_takes_texts_literally(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    for (n, word) in WORDS.iter().enumerate() {
        let named = draft(&format!("w-{n}")).run(*word)?.actor(*word)?.session(*word)?.tag(format!("k:{word}"))?;
        append(&ledger, &[named]).await?;
    }
    for (n, word) in WORDS.iter().enumerate() {
        let tag = format!("k:{word}");
        for (term, query) in [
            ("run", Query::all().run(*word)?),
            ("actor", Query::all().actor(*word)?),
            ("session", Query::all().session(*word)?),
            ("tag", Query::all().tag(tag)?),
        ] {
            let found = ledger.read(&query).await?.events;
            let offsets: Vec<_> = found.iter().map(|event| event.offset.get()).collect();
            assert_eq!(offsets, [n as u64 + 1], "{term} {word:?} found other events");
        }
    }
    Ok(())
}

/// Tags of what means something to SQL, to a list of either dialect, or to whoever splits lines.
const NASTY: [&str; 12] = [
    "w:' OR true --",
    "w:a\"b",
    "w:a\\",
    "w:\\'",
    "w:a\nb",
    "w:a\t\r\u{1}",
    "w:{a,b}",
    "w:['a']",
    "w:NULL",
    "w:?1 $1",
    "w:😀",
    "w:日本語",
];

/// Of the tags that are named so, one is enough, whatever they are made of, beside all else that a query asks for; pages of
/// any size find the same from both ends; and a condition sees what a page does.
pub async fn read_finds_what_has_any_of_many_tags(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let odd = |n: usize| if n % 2 == 1 { "odd" } else { "even" };
    for (n, tag) in NASTY.iter().enumerate() {
        let tagged = draft(&format!("n-{n}")).tag(*tag)?.tag("all:x")?.tag(format!("is:{}", odd(n)))?;
        append(&ledger, &[kind_of(tagged, &format!("{}.done", odd(n)))?]).await?;
    }
    // Far more than one look-up finds, half of them with two of the tags.
    let rest = (0..1_500).map(|n| {
        let one = draft(&format!("r-{n}")).tag(format!("r:{n}"))?;
        if n % 2 == 1 { one.tag(format!("r:{}", n - 1)) } else { one.tag("other:x") }
    });
    append(&ledger, &rest.collect::<Result<Vec<_>>>()?).await?;
    let events = all(&ledger).await?;
    let any = |tags: &[&str]| tags.iter().try_fold(Query::all(), |query, tag| query.any_tag(*tag));
    let many = (0..Query::MAX_IDS).try_fold(Query::all(), |query, n| query.any_tag(format!("r:{n}")))?;
    let mut queries = NASTY.iter().map(|tag| any(&[tag])).collect::<Result<Vec<_>>>()?;
    queries.extend([
        any(&NASTY)?,
        any(&[NASTY[0], NASTY[0], "none:x"])?,
        any(&["is:odd", NASTY[2], "r:4"])?,
        any(&NASTY)?.tag("is:odd")?,
        any(&NASTY)?.tag("all:x")?.tag("is:even")?.kind("even.*")?,
        any(&NASTY)?.tag("r:1")?,
        any(&["all:x"])?.kind("odd.*")?.id("n-1")?.id("n-2")?,
        any(&["all:x"])?.from(offset(3)).up_to(offset(9)),
        any(&["none:x", "none:y"])?,
        many.clone(),
        many.clone().from(offset(500)).up_to(offset(700)),
    ]);
    for query in queries {
        let expected: Vec<_> = events.iter().filter(|event| query.matches(event)).map(|event| event.offset).collect();
        for limit in [1, 7, 1_000].into_iter().filter(|&limit| expected.len() < 200 * limit) {
            let offsets = |events: Vec<Event>| events.iter().map(|event| event.offset).collect::<Vec<_>>();
            let up = offsets(pages_of(&ledger, query.clone().limit(limit)?).await?);
            assert_eq!(up, expected, "pages of {limit}: {query:?}");
            let mut down = offsets(pages_of(&ledger, query.clone().descending().limit(limit)?).await?);
            down.reverse();
            assert_eq!(down, expected, "pages of {limit} from the newest: {query:?}");
        }
        // A condition has no end, so what lies past that of the query would break it too.
        let Some(&first) = expected.first().filter(|_| query.up_to.is_none()) else { continue };
        is_broken_at(first, &ledger, Condition::none_after(query.clone(), query.after)).await;
    }
    let past = Condition::none_after(many, offset(1_012));
    ledger.append(&[draft("r-1500").tag("r:0")?], &past).await?;
    is_broken_at(offset(1_513), &ledger, past).await;
    Ok(())
}

async fn is_broken_at(first: Offset, ledger: &dyn Ledger, condition: Condition) {
    match ledger.append(&[draft("late")], &condition).await {
        Err(Error::ConditionFailed { offset, .. }) => assert_eq!(offset, first, "{condition:?}"),
        other => panic!("{other:?} though the event at {first} breaks {condition:?}"),
    }
}

/// A kind pattern takes whole words: `_` and `-` are letters like others, and nothing sorts in between.
pub async fn read_takes_kind_patterns_literally(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let kinds = [
        "a_b.c", "axb.c", "a-b.c", "a_b.c.d", "a_bb.c", "a_b.zz", "a.b", "a.b.c", "a0.b", "ab.c", "a-.b", "a_b.0",
        "a_b.c-d", "a_b.c_d",
    ];
    for (n, kind) in kinds.iter().enumerate() {
        append(&ledger, &[kind_of(draft(&format!("k-{n}")), kind)?]).await?;
    }
    for pattern in ["a_b.*", "axb.*", "a-b.*", "a.*", "a.b.*", "a_b.c.*", "a_b.c", "ab.*", "a_bb.*", "a-.*", "b.*"] {
        let parsed: KindPattern = pattern.parse()?;
        let expected: Vec<&str> =
            kinds.into_iter().filter(|kind| kind.parse().is_ok_and(|kind| parsed.matches(&kind))).collect();
        let page = ledger.read(&Query::all().kind(pattern)?).await?;
        let found: Vec<&str> = page.events.iter().map(|event| event.kind.as_str()).collect();
        assert_eq!(found, expected, "pattern `{pattern}`");
    }
    Ok(())
}

/// `since` takes its instant in and `until` leaves it out, to the microsecond, on both sides of 1970.
pub async fn read_bounds_times_to_the_microsecond(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    for base in [1_700_000_000_000_000, 0, -62_135_596_799_999_999] {
        let at = |shift: i64| Timestamp::from_micros(base + shift);
        let name = |shift: i64| format!("{base}{shift:+}");
        for shift in [1, -1, 0] {
            append(&ledger, &[draft(&name(shift)).at(at(shift)?)]).await?;
        }
        let query = Query::all().since(at(0)?).until(at(1)?);
        let found: Vec<_> = ledger.read(&query).await?.events.iter().map(|event| event.id.to_string()).collect();
        assert_eq!(found, [name(0)]);
        let query = Query::all().since(at(-1)?).until(at(2)?);
        assert_eq!(ledger.read(&query).await?.events.len(), 3);
    }
    Ok(())
}

/// A window of time is found whether it holds little or nearly all, from either end, although the order of times is not
/// that of offsets.
pub async fn read_finds_a_window_of_time_however_much_it_holds(backend: &dyn Backend) -> Result<()> {
    const EVENTS: i64 = 25_000;
    // Without a common divisor, so that each second has its event.
    const STRIDE: i64 = 7_919;
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let at = |second: i64| Timestamp::from_micros(second * 1_000_000);
    let second = |n: i64| n * STRIDE % EVENTS;
    let drafts = (0..EVENTS).map(|n| Ok(draft(&format!("t-{n}")).at(at(second(n))?))).collect::<Result<Vec<_>>>()?;
    append_all(&ledger, &drafts).await?;
    let windows = [(None, None), (Some(100), None), (Some(24_950), None), (None, Some(50)), (None, Some(24_900))];
    for (since, until) in windows.into_iter().chain([(Some(100), Some(24_900)), (Some(700), Some(710))]) {
        let inside = |n: &i64| (since.unwrap_or(0)..until.unwrap_or(EVENTS)).contains(&second(*n));
        let expected: Vec<u64> = (0..EVENTS).filter(inside).map(|n| n.unsigned_abs() + 1).collect();
        let query = Query { since: since.map(at).transpose()?, until: until.map(at).transpose()?, ..Query::all() };
        let found: Vec<u64> = ledger.tail(query.clone()).map_ok(|event| event.offset.get()).try_collect().await?;
        assert!(found == expected, "from the oldest, {query:?} finds {} of {}", found.len(), expected.len());
        let newest = ledger.tail(query.clone().descending());
        let found: Vec<u64> = newest.map_ok(|event| event.offset.get()).try_collect().await?;
        assert!(found.iter().rev().eq(&expected), "from the newest, {query:?} finds {} events", found.len());
    }
    Ok(())
}

/// Events are found by tags whether few or most have them, near the end that is asked for or far from it.
pub async fn read_finds_tags_however_many_events_have_them(backend: &dyn Backend) -> Result<()> {
    const EVENTS: usize = 80_000;
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let tags = |n: usize| {
        let tags = [
            ("t:rare", n % 19_997 == 7),
            ("t:hundredth", n % 100 == 3),
            ("t:half", n % 2 == 1),
            ("t:old", n < 55_000),
            ("t:new", n > 78_000),
            ("t:first", n == 0),
        ];
        tags.into_iter().filter(|(_, has)| *has).map(|(tag, _)| tag)
    };
    for first in (0..EVENTS).step_by(10_000) {
        let tagged = |n: usize| tags(n).try_fold(draft(&format!("e-{n}")), ledger_core::Draft::tag);
        append(&ledger, &(first..first + 10_000).map(tagged).collect::<Result<Vec<_>>>()?).await?;
    }
    let asked: [&[&str]; 8] = [
        &["t:rare"],
        &["t:hundredth"],
        &["t:half"],
        &["t:old"],
        &["t:new"],
        &["t:first"],
        &["t:half", "t:old"],
        &["t:rare", "t:new"],
    ];
    for wanted in asked {
        for (after, up_to) in [(0, EVENTS), (30_000, EVENTS), (0, 79_999), (100, 130)] {
            let has =
                |n: &usize| (after..up_to).contains(n) && wanted.iter().all(|tag| tags(*n).any(|has| has == *tag));
            let expected: Vec<u64> = (0..EVENTS).filter(has).map(|n| n as u64 + 1).collect();
            let query = wanted.iter().try_fold(Query::after(offset(after as u64)), |query, tag| query.tag(*tag))?;
            let query = if up_to < EVENTS { query.up_to(offset(up_to as u64)) } else { query };
            for limit in [3, 1_000] {
                let page = ledger.read(&query.clone().limit(limit)?).await?;
                let found: Vec<u64> = page.events.iter().map(|event| event.offset.get()).collect();
                assert!(
                    found.iter().eq(expected.iter().take(limit)),
                    "{wanted:?} past {after} up to {up_to}: {found:?}"
                );
                let page = ledger.read(&query.clone().limit(limit)?.descending()).await?;
                let found: Vec<u64> = page.events.iter().map(|event| event.offset.get()).collect();
                assert!(found.iter().eq(expected.iter().rev().take(limit)), "{wanted:?} down to {after}: {found:?}");
            }
            let found: Vec<u64> = ledger.tail(query).map_ok(|event| event.offset.get()).try_collect().await?;
            assert!(found == expected, "{wanted:?} past {after}: {} of {}", found.len(), expected.len());
        }
    }
    Ok(())
}

/// A stream of everything gives each event once, however far apart their offsets lie and however large they are, and its
/// pages keep their limits.
pub async fn read_streams_everything_through_gaps_and_large_events(backend: &dyn Backend) -> Result<()> {
    const FAR: u64 = 4_000_000_000_000_000;
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let large = format!("\"{}\"", "x".repeat(60_000));
    let recorded = |at: u64| {
        let draft = draft(&format!("e-{at}"));
        let draft = if matches!(at, 101..=300 | 5_001..=5_300) { saying(draft, &large)? } else { draft };
        Ok(Event { offset: offset(at), recorded_at: Timestamp::EPOCH, draft })
    };
    let dense = (1..=300).chain(5_001..=5_300);
    let sparse = (6_000..40_000).step_by(170).chain([FAR, FAR + 1, FAR + 70_000]);
    let events = dense.chain(sparse).map(recorded).collect::<Result<Vec<_>>>()?;
    for batch in events.chunks(100) {
        ledger.restore(batch, batch.last().map_or(Offset::START, |last| last.offset)).await?;
    }
    ledger.restore(&[], offset(2 * FAR)).await?;
    for (after, up_to) in
        [(0, None), (0, Some(4_000)), (250, Some(5_250)), (5_100, None), (7_777, Some(FAR)), (FAR, None)]
    {
        let inside = |event: &&Event| event.offset.get() > after && up_to.is_none_or(|last| event.offset.get() <= last);
        let expected: Vec<u64> = events.iter().filter(inside).map(|event| event.offset.get()).collect();
        for limit in [7, 100, 1_000, 10_000] {
            let query = Query { up_to: up_to.map(offset), ..Query::after(offset(after)).limit(limit)? };
            let (mut found, mut pages) = (Vec::new(), ledger.pages(query));
            while let Some(page) = tokio::time::timeout(SOON, pages.try_next()).await.expect("a stream has no end")? {
                let bytes: usize = page.iter().map(|event| event.size()).sum();
                assert!(!page.is_empty() && bytes <= MAX_BATCH_BYTES, "a page has {bytes} bytes");
                found.extend(page.iter().map(|event| event.offset.get()));
            }
            assert!(
                found == expected,
                "past {after} up to {up_to:?} by {limit}: {} of {}",
                found.len(),
                expected.len()
            );
        }
    }
    Ok(())
}

/// A stream goes on over what is removed before it: all that stays is given, once and in order.
pub async fn read_streams_on_while_events_are_pruned(backend: &dyn Backend) -> Result<()> {
    const EVENTS: usize = 24_000;
    let place = backend.fresh().await;
    let (ledger, other) = (place.open().await?, place.open().await?);
    append_all(&ledger, &drafts("e", 0..EVENTS)).await?;
    let mut pages = ledger.pages(Query::all().limit(200)?);
    let mut found = Vec::new();
    let mut take = |page: &[Event]| {
        assert!(!page.is_empty(), "a page in the middle is empty");
        found.extend(page.iter().map(|event| event.offset.get()));
    };
    for _ in 0..3 {
        take(&pages.try_next().await?.expect("there is more"));
    }
    // Further on than what was read ahead.
    other.prune(&Query::after(offset(12_000)).up_to(offset(17_500))).await?;
    other.prune(&Query::after(offset(23_000))).await?;
    append(&other, &drafts("later", 0..10)).await?;
    while let Some(page) = pages.try_next().await? {
        take(&page);
    }
    assert!(found.is_sorted_by(|one, next| one < next), "a stream is out of order");
    let stay = (1..=12_000).chain(17_501..=23_000);
    let there: std::collections::HashSet<_> = found.iter().copied().collect();
    let missing: Vec<u64> = stay.filter(|at| !there.contains(at)).collect();
    assert!(missing.is_empty(), "a stream skipped {} events, the first of them {:?}", missing.len(), missing.first());
    assert!(found.iter().all(|&at| at <= EVENTS as u64 + 10), "a stream has events that nobody appended");
    Ok(())
}

/// Ranges that hold nothing answer nothing and end: past the head, upside down, at the largest offset.
pub async fn read_of_an_empty_range_answers_nothing(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    append(&ledger, &drafts("e", 0..5)).await?;
    for query in [
        Query::after(offset(5)),
        Query::after(Offset::MAX),
        Query::after(offset(3)).up_to(offset(3)),
        Query::after(offset(4)).up_to(offset(2)),
        Query::all().up_to(Offset::START),
        Query::after(Offset::MAX).up_to(Offset::MAX),
    ] {
        for query in [query.clone(), query.descending()] {
            assert_eq!(ledger.read(&query).await?, ledger_core::Page::default(), "{query:?}");
        }
    }
    assert_eq!(ledger.read(&Query::all().up_to(Offset::MAX)).await?.events.len(), 5);
    Ok(())
}

/// Pages of any size, in both orders, show each event once while others append.
pub async fn read_pages_each_event_once_while_others_append(backend: &dyn Backend) -> Result<()> {
    let place = backend.fresh().await;
    let handles = [place.open().await?, place.open().await?];
    append_all(&handles[0], &drafts("old", 0..1_200)).await?;
    let (stop, mut stopped) = oneshot::channel::<()>();
    let writer = tokio::spawn({
        let handles = handles.clone();
        async move {
            let mut round = 0;
            while stopped.try_recv().is_err_and(|e| e == oneshot::error::TryRecvError::Empty) {
                joined(writers(&handles, &format!("new-{round}"), 4, 10)).await?;
                round += 1;
            }
            Ok::<_, ledger_core::Error>(())
        }
    });
    for limit in [1, 7, 100, 1_000, 10_000] {
        let events =
            pages_of(&handles[1], Query { limit: Limit::new(limit)?, ..Query::all().up_to(offset(1_200)) }).await?;
        assert!(events.iter().map(|event| event.offset.get()).eq(1..=1_200), "pages of {limit}");
        if limit >= 7 {
            let down = pages_of(&handles[1], Query { limit: Limit::new(limit)?, ..Query::all().descending() }).await?;
            let newest = down.first().map_or(0, |event| event.offset.get());
            assert!(
                newest >= 1_200 && down.iter().map(|event| event.offset.get()).eq((1..=newest).rev()),
                "descending pages of {limit}"
            );
        }
        let up = pages_of(&handles[1], Query { limit: Limit::new(limit.max(50))?, ..Query::all() }).await?;
        dense(&up);
    }
    drop(stop);
    writer.await.expect("the writers do not panic")
}

async fn pages_of(ledger: &dyn Ledger, query: Query) -> Result<Vec<Event>> {
    let (mut next, mut events) = (Some(query), Vec::new());
    while let Some(query) = next {
        let page = ledger.read(&query).await?;
        assert!(page.events.len() <= query.limit.get(), "a page has more than its limit of {}", query.limit.get());
        next = query.following(&page);
        events.extend(page.events);
    }
    Ok(events)
}

/// A page is bounded in bytes, so that large payloads do not fill the memory; the pages together lose nothing.
pub async fn read_bounds_a_page_in_bytes(backend: &dyn Backend) -> Result<()> {
    const EVENTS: usize = 40;
    let place = backend.fresh().await;
    let ledger = place.open().await?;
    let text = format!("\"{}\"", "x".repeat(Payload::MAX_BYTES - 2));
    let large = |n: usize| saying(draft(&format!("e-{n}")), &text);
    for batch in (0..EVENTS).map(large).collect::<Result<Vec<_>>>()?.chunks(7) {
        append(&ledger, batch).await?;
    }
    for query in [Query::all(), Query::all().descending()] {
        let (mut next, mut offsets) = (Some(query.clone()), Vec::new());
        while let Some(query) = next {
            let page = ledger.read(&query).await?;
            let bytes: usize = page.events.iter().map(|event| event.size()).sum();
            let most = MAX_BATCH_BYTES + 2 * Payload::MAX_BYTES;
            assert!(bytes <= most, "a page has {bytes} bytes, more than about {MAX_BATCH_BYTES}");
            next = query.following(&page);
            assert!(!page.events.is_empty() || next.is_none(), "an empty page before the end");
            offsets.extend(page.events.iter().map(|event| event.offset.get()));
        }
        offsets.sort_unstable();
        assert!(offsets.iter().copied().eq(1..=EVENTS as u64), "{query:?}: {offsets:?}");
    }
    Ok(())
}
