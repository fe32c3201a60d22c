//! Random events and queries, bent towards what breaks engines: quotes, wildcards, NULs, look-alikes and far numbers.

use ledger_core::{Draft, Event, KindPattern, Limit, Offset, Order, Payload, Query, Timestamp};
use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::select;

/// Texts that are equal to each other under some collation, or mean something to SQL, patterns or terminals.
pub const WORDS: [&str; 24] = [
    "r",
    "R",
    "r ",
    " r",
    "é",
    "e\u{301}",
    "ß",
    "ss",
    "' OR true --",
    "%",
    "_",
    "a_b",
    "axb",
    "a\"b",
    "`",
    "日本語",
    "\u{202e}x",
    "null",
    "0",
    "00",
    "\\",
    "$1",
    "?1",
    "😀",
];

const KINDS: [&str; 14] = [
    "a_b.c",
    "axb.c",
    "a-b.c",
    "a_b.c.d",
    "a_b.cc",
    "a_bb.c",
    "a.b",
    "a.b.c",
    "a.bc",
    "run.started",
    "run.finished",
    "run.step.done",
    "runner.started",
    "z9.x-y_z",
];

const PATTERNS: [&str; 10] =
    ["a_b.*", "a-b.*", "axb.*", "a.*", "a.b.*", "run.*", "run.step.*", "runner.*", "none.*", "z9.*"];

const TAGS: [&str; 16] = [
    "job:99",
    "job:9",
    "job:099",
    "table:a/b",
    "table:a_b",
    "table:axb",
    "k.v:x",
    "k_v:x",
    "k-v:x",
    "k:' OR true --",
    "k:a\nb",
    "k:a b",
    "k:a\"b\\",
    "k:%",
    "reads:t:1",
    "k:😀",
];

const PAYLOADS: [&str; 20] = [
    "null",
    "-0",
    "9007199254740993",
    "123456789012345678901234567890.10",
    "1e400",
    "1E+2",
    "0.10",
    r#""""#,
    r#""\u0000 \u001f \"\\ \/ \b\f""#,
    r#""\ud83d\ude00 😀 \u00e9 é e\u0301""#,
    "\"\u{2028}\u{feff}\u{7f}\"",
    "{}",
    r#"{"b":1,"a":2,"B":3}"#,
    r#"{"a":1,"a":2}"#,
    r#"{"":{"":""}}"#,
    "{ \"a\" :\t[ 1 ,\r\n 2 ] }",
    r#"[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]"#,
    r#"{"sql":"'; drop table events; --"}"#,
    r#"{"$ref":"?1 :x @y $1"}"#,
    r#""\\ud800""#,
];

const TIMES: [&str; 6] = [
    "2026-03-01T02:00:00.123456+02:00",
    "2026-03-01T00:00:00.123456Z",
    "2026-02-28T18:30:00.123457-05:30",
    "1969-12-31T23:59:59.999999Z",
    "0001-01-01T00:00:00Z",
    "9999-12-30T22:00:00Z",
];

/// Text without control characters, 1 byte or more and 120 bytes at most.
pub fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(WORDS.as_slice()).prop_map(str::to_owned), 1 => "\\PC{1,30}"]
}

/// The text of a JSON value, also in spellings that no serializer would choose.
pub fn payload() -> impl Strategy<Value = Payload> {
    let leaf = prop_oneof![
        2 => select(PAYLOADS.as_slice()).prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| serde_json::to_string(&text).expect("text has a JSON form")),
        1 => any::<i64>().prop_map(|number| number.to_string()),
    ];
    let blank = || select(["", " ", "\n", "\t "].as_slice());
    let text = leaf.prop_recursive(6, 24, 4, move |inner| {
        let array = (vec(inner.clone(), 0..4), blank());
        let object = (vec((any::<String>(), inner), 0..4), blank());
        prop_oneof![
            array.prop_map(|(items, blank)| format!("[{blank}{}]", items.join(&format!("{blank},")))),
            object.prop_map(|(members, blank)| {
                let key = |key: &String| serde_json::to_string(key).expect("text has a JSON form");
                let members: Vec<_> = members.iter().map(|(k, v)| format!("{}{blank}:{v}", key(k))).collect();
                format!("{{{}{blank}}}", members.join(","))
            }),
        ]
    });
    text.prop_map(|text| Payload::from_json(&text).expect("the parts make valid JSON"))
}

/// Any instant a ledger can hold, often one of a few, so that queries meet them.
pub fn time() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        3 => select(TIMES.as_slice()).prop_map(|text| text.parse().expect("the times are RFC 3339")),
        1 => (-62_135_596_800_000_000_i64..253_402_207_200_000_000)
            .prop_map(|micros| Timestamp::from_micros(micros).expect("the range is the type's")),
    ]
}

/// A draft with every field at random; its id is the caller's to make unique.
pub fn draft() -> impl Strategy<Value = Draft> {
    let who = (word(), word(), select(KINDS.as_slice()), "\\PC{1,8}");
    let numbers = (any::<u32>(), any::<u32>(), weighted(0.5, 0..=i64::MAX as u64), time());
    let options = (weighted(0.5, word()), weighted(0.5, word()), weighted(0.5, word()));
    let lists = (vec(word(), 0..3), vec(select(TAGS.as_slice()), 0..5));
    (who, payload(), numbers, options, lists).prop_map(|(who, payload, numbers, options, lists)| {
        let build = || {
            let (run, actor, kind, id) = who;
            let (turn, version, lamport, at) = numbers;
            let mut draft = Draft::from_parts(kind.parse()?, payload).id(id)?.run(run)?.actor(actor)?;
            draft = draft.turn(turn).schema_version(version).at(at);
            draft.lamport = lamport;
            let (session, profile, model) = options;
            draft.session_id = session.map(|text| text.parse()).transpose()?;
            draft.model_profile = profile.map(|text| text.parse()).transpose()?;
            draft.model_id = model.map(|text| text.parse()).transpose()?;
            let (parents, tags) = lists;
            draft.parents =
                parents.iter().filter(|text| text.len() <= 64).map(|p| p.parse()).collect::<Result<_, _>>()?;
            tags.into_iter().try_fold(draft, Draft::tag)
        };
        build().expect("the strategies make valid parts")
    })
}

/// `count` drafts whose ids differ.
pub fn drafts(count: usize) -> impl Strategy<Value = Vec<Draft>> {
    vec(draft(), count).prop_map(|drafts| {
        let unique = |(place, draft): (usize, Draft)| {
            let id = format!("{}~{place}", draft.id);
            draft.id(id).expect("8 characters and a number fit into 64 bytes")
        };
        drafts.into_iter().enumerate().map(unique).collect()
    })
}

/// A query whose terms mostly come from these events, so that answers are neither always empty nor always everything.
pub fn query(events: &[Event]) -> impl Strategy<Value = Query> + use<> {
    assert!(!events.is_empty(), "a query is drawn from events");
    let past = events.last().map_or(0, |event| event.offset.get()) + 3;
    let model = || select(events.to_vec());
    let range = (weighted(0.3, 0..past), weighted(0.3, 0..past));
    let ids = weighted(0.15, vec(model(), 1..6));
    let kinds = weighted(0.3, vec(prop_oneof![select(KINDS.as_slice()), select(PATTERNS.as_slice())], 1..4));
    let tag = || select(TAGS.as_slice());
    let tags = (weighted(0.3, vec(tag(), 1..3)), weighted(0.3, vec(tag(), 1..5)));
    let people = (weighted(0.2, model()), weighted(0.2, model()), weighted(0.2, model()));
    let times = (weighted(0.2, model()), weighted(0.2, model()));
    let shape = (any::<bool>(), select([1_usize, 2, 7, 100, 1_000, 10_000].as_slice()));
    (range, ids, kinds, tags, people, times, shape).prop_map(|(range, ids, kinds, tags, people, times, shape)| {
        let offset = |value| Offset::new(value).expect("small offsets are valid");
        let pattern = |text: &str| text.parse::<KindPattern>().expect("the patterns are valid");
        let parsed = |tags: Vec<&str>| tags.iter().map(|tag| tag.parse().expect("the tags are valid")).collect();
        Query {
            after: range.0.map_or(Offset::START, offset),
            up_to: range.1.map(offset),
            ids: ids.unwrap_or_default().iter().map(|event| event.id.clone()).collect(),
            kinds: kinds.unwrap_or_default().into_iter().map(pattern).collect(),
            tags: parsed(tags.0.unwrap_or_default()),
            any_tags: parsed(tags.1.unwrap_or_default()),
            run: people.0.map(|event| event.run_id.clone()),
            actor: people.1.map(|event| event.actor.clone()),
            session: people.2.and_then(|event| event.session_id.clone()),
            since: times.0.map(|event| event.created_at),
            until: times.1.map(|event| event.created_at),
            order: if shape.0 { Order::Descending } else { Order::Ascending },
            limit: Limit::new(shape.1).expect("the limits are valid"),
        }
    })
}
