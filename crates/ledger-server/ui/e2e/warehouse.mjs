// What goes on in a warehouse, in as many events as one wants: pipelines, orders, questions, agents and sessions, many at once.
import { operation } from "./servers.mjs";

const iso = (at) => new Date(at).toISOString();

/** A number from 0 to 1, and the same ones each time: the generator `mulberry32`. */
function chances(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const MADE = [
  ["load", "staging/orders", ["shop/orders"]],
  ["load", "staging/order_items", ["shop/order_items"]],
  ["load", "staging/visitors", ["web/visitors"]],
  ["transform", "mart/sales", ["staging/orders", "staging/order_items"]],
  ["transform", "mart/funnel", ["staging/orders", "staging/visitors"]],
  ["publish", "dashboard/revenue", ["mart/sales"]],
  ["publish", "dashboard/growth", ["mart/funnel", "mart/sales"]],
];
const TROUBLES = [
  ["error", "table_replaced", "the table is being replaced: ask again"],
  ["error", "out_of_memory", "the sort takes more than the 4 GiB that it has"],
  ["timeout", "deadline", "it was stopped at its deadline"],
];
const PEOPLE = ["mia", "jonas", "priya", "writer-agent"];

/** An operation that ends now; one of fifty does not end well. */
function ran({ chance, now }, name, inputs, outputs, more, about = outputs[0]) {
  const took = Math.round(20_000 + 20_000_000 * chance() ** 6);
  const [bucket, table] = about.split("/");
  const times = { started_at: iso(now() - took / 1000), finished_at: iso(now()), duration_us: took };
  const bytes = { bytes_out: Math.floor(1e6 * chance()), rows_out: Math.floor(1e4 * chance()) };
  const [status, error_code, error] = chance() < 0.02 ? TROUBLES[Math.floor(chance() * TROUBLES.length)] : ["success"];
  const wrong = error ? { status, error, error_code } : {};
  const event = operation(name, inputs, outputs, more, { ...times, project: "analytics", bucket, table, ...bytes, ...wrong });
  event.tags.push("project:analytics", `table:${about}`);
  return event;
}

function* pipeline(tools, name) {
  const run_id = `revenue-${name}`;
  const say = (kind, payload, tags = []) => ({ kind, run_id, actor: "scheduler", payload, tags });
  yield say("run.started", { goal: `make ${MADE.length} tables`, pipeline: "revenue" });
  for (const [does, output, inputs] of MADE) {
    yield ran(tools, does, inputs, [output], { run_id, actor: does === "publish" ? "publisher" : "loader" });
    const rate = Number((0.9 + tools.chance() / 10).toFixed(3));
    yield say("check.passed", { check: "rows_as_the_day_before", rate, table: output }, [`table:${output}`]);
  }
  yield say("run.finished", { reason: "done" });
}

function* order(tools, name) {
  const run_id = `shop-${iso(tools.now()).slice(0, 10)}`;
  const euros = Number((10 + 90 * tools.chance()).toFixed(2));
  const steps = [
    ["order.placed", "checkout", { total_eur: euros }],
    ["payment.taken", "payments", { amount_eur: euros, by: "card" }],
    ["order.packed", "depot", { parcels: 1 + Math.floor(3 * tools.chance()) }],
    ["order.shipped", "depot", { carrier: "green parcel" }],
  ];
  let parents = [];
  for (const [kind, actor, payload] of steps) {
    const id = `order-${name}.${kind}`;
    yield { id, kind, run_id, actor, payload, parents, tags: [`order:${name}`] };
    parents = [id];
  }
}

function* question(tools, name) {
  const [, table] = MADE[3 + Math.floor(2 * tools.chance())];
  const more = { run_id: `queries-${iso(tools.now()).slice(0, 10)}`, actor: "dashboards" };
  const event = ran(tools, "query", [table], [], more, table);
  event.tags.push(`request:${name}`);
  yield event;
}

function* agent(tools, name) {
  const said = { run_id: `answer-${name}`, actor: "analyst-agent", model_id: "claude-sonnet-4-5", model_profile: "careful" };
  yield { ...said, kind: "plan.made", payload: { steps: ["find the table", "ask it", "check", "answer"] } };
  for (let turn = 1; turn <= 4; turn++) {
    const tokens = [Math.floor(1e4 * tools.chance()), Math.floor(1e3 * tools.chance())];
    yield { ...said, turn, kind: "model.called", payload: { tokens_in: tokens[0], tokens_out: tokens[1] } };
    yield ran(tools, "query", ["mart/sales"], [], { ...said, turn }, "mart/sales");
  }
  yield { ...said, turn: 5, kind: "answer.given", payload: { question: "which products sell worse", confidence: 0.91 } };
}

function* session(tools, name) {
  let parents = [];
  for (let lamport = 1; lamport <= 20; lamport++) {
    const actor = PEOPLE[Math.floor(tools.chance() * PEOPLE.length)];
    const op = { op: "insert", target: `p-${lamport}`, position: 0, payload: { text: "Returns fell for the third month." } };
    const id = `report-${name}.${lamport}`;
    const payload = { domain: "report", op };
    yield { id, kind: "session.operation", run_id: "default", session_id: `report-${name}`, actor, lamport, parents, payload };
    parents = [id];
  }
}

const STORIES = [pipeline, pipeline, pipeline, order, order, order, question, question, agent, session];

/** Tells one event after the other, of many stories that go on at once. */
export function* told(label, now) {
  const tools = { chance: chances(1), now };
  let stories = 0;
  const next = () => STORIES[Math.floor(tools.chance() * STORIES.length)](tools, `${label}${++stories}`);
  const open = Array.from({ length: 24 }, next);
  for (;;) {
    const at = Math.floor(tools.chance() * open.length);
    const { value, done } = open[at].next();
    if (done) open[at] = next();
    else yield value;
  }
}

/** A lake in which all comes of `lake/events`, in columns of so many artifacts: each is made of two of the columns before it. */
export function* lake(nodes, column) {
  const chance = chances(2);
  const name = (at) => `lake/t_${String(at).padStart(5, "0")}`;
  for (let at = 1; at < nodes; at++) {
    const near = Math.floor(5 * chance());
    const before = (back, by) => {
      const first = (Math.floor((at - 1) / column) - back) * column + 1;
      return first < 1 ? "lake/events" : name(first + ((at - 1 + near + by + column - 3) % column));
    };
    const inputs = new Set([before(1, 0), before(chance() < 0.9 ? 1 : 2, 1 + Math.floor(2 * chance()))]);
    yield operation(at % 3 === 0 ? "load" : "transform", [...inputs], [name(at)], { run_id: `lake-${Math.floor(at / column)}` });
  }
}
