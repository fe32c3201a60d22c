// Runs one scenario for one Node peer in a process of its own, and prints what came of it as one line of JSON.
//
//     node driver.mjs PEER SCENARIO PLACE OPTIONS
//
// PEER is the path of a module; PLACE is a path or a URL; OPTIONS is a JSON object. A peer exports `open(place)`,
// `close(store)`, `event(id, payload)`, `append(store, event)`, `appendBatch(store, events)`, `head(store)`,
// `count(store)`, `tail(store)`, `follow(store, deliver, stopped)`, `stored(store)` and `settings(store)`.

import { randomBytes } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const PAYLOAD = { customer: 42, items: ['apple', 'pear'], note: 'x'.repeat(120) };
const OTHER_PAYLOAD = { customer: 43, items: [], note: 'other' };
// More than a Node peer appends, so that ids can be made before the clock runs.
const MOST_PER_SECOND = 10_000;
const WARM_UP = 20;

// An id that sorts by time, which is kinder to an index than a random one.
const uuid7 = () => {
  const micros = BigInt(Math.round((performance.timeOrigin + performance.now()) * 1_000));
  const fraction = ((micros % 1_000n) * 4_096n) / 1_000n;
  const bytes = randomBytes(16);
  bytes.writeBigUInt64BE(((micros / 1_000n) << 16n) | 0x7000n | fraction);
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
};

// Ids are made before the clock runs, because they are nobody's work; events are made while it runs.
const makeIds = (count) => Array.from({ length: count }, uuid7);
const make = (peer, ids) => ids.map((id) => peer.event(id, PAYLOAD));
const now = () => performance.now() / 1_000;
const said = (error) => `${error.constructor.name}: ${error.message}`.replace(/\s+/g, ' ').slice(0, 300);
// One line: of a stack, whoever reads the last lines would see the end only.
const fail = (error) => process.stderr.write(`${said(error)}\n`, () => process.exit(1));

// A result, after a look whether what was acknowledged is there.
const appended = async (peer, store, done, elapsed, expected) => {
  const count = await peer.count(store);
  if (count !== expected) throw new Error(`${expected} events were acknowledged, ${count} are stored`);
  return { value: done / elapsed, unit: 'events/s' };
};

const attempt = async (action) => {
  try {
    await action();
    return 'answered';
  } catch (error) {
    return `refused (${error.constructor.name})`;
  }
};

// One after the other, each acknowledged before the next.
const single = async (peer, store, { seconds }) => {
  const ids = makeIds(WARM_UP + seconds * MOST_PER_SECOND);
  for (const id of ids.slice(0, WARM_UP)) await peer.append(store, peer.event(id, PAYLOAD));
  const start = now();
  let done = 0;
  for (const id of ids.slice(WARM_UP)) {
    await peer.append(store, peer.event(id, PAYLOAD));
    done++;
    if (now() - start >= seconds) break;
  }
  return appended(peer, store, done, now() - start, WARM_UP + done);
};

// Many tasks in one process, each of which appends singles.
const concurrent = async (peer, store, { seconds, tasks }) => {
  const piles = Array.from({ length: tasks }, () => makeIds(1 + Math.floor((seconds * MOST_PER_SECOND) / tasks)));
  // Connects, and warms up; the first one alone, because it may create tables.
  await peer.append(store, peer.event(piles[0][0], PAYLOAD));
  await Promise.all(piles.slice(1).map((pile) => peer.append(store, peer.event(pile[0], PAYLOAD))));
  const start = now();
  const errors = [];
  let done = 0;
  const appendAll = async (pile) => {
    for (const id of pile.slice(1)) {
      try {
        await peer.append(store, peer.event(id, PAYLOAD));
        done++;
      } catch (error) {
        errors.push(said(error));
      }
      if (now() - start >= seconds) break;
    }
  };
  await Promise.all(piles.map(appendAll));
  const result = await appended(peer, store, done, now() - start, tasks + done);
  return { ...result, failed: errors.length, first_error: errors[0] ?? null };
};

// Batches one after the other, each acknowledged before the next.
const batch = async (peer, store, { size, batches }) => {
  const all = Array.from({ length: 1 + batches }, () => makeIds(size));
  await peer.appendBatch(store, make(peer, all[0]));
  const start = now();
  for (const ids of all.slice(1)) await peer.appendBatch(store, make(peer, ids));
  return appended(peer, store, size * batches, now() - start, size * (1 + batches));
};

// Batches that are there already, and what the peer does about them.
const again = async (peer, store, { size, batches }) => {
  const all = Array.from({ length: batches }, () => makeIds(size));
  for (const ids of all) await peer.appendBatch(store, make(peer, ids));
  const outcomes = new Set();
  const start = now();
  for (const ids of all) outcomes.add(await attempt(() => peer.appendBatch(store, make(peer, ids))));
  const elapsed = now() - start;
  const stored = await peer.count(store);
  let outcome = [...outcomes].sort().join(' / ');
  if (stored !== size * batches) {
    outcome = stored === 2 * size * batches ? 'stored twice' : `${stored} stored of ${size * batches}`;
  }
  return { value: (size * batches) / elapsed, unit: 'events/s', outcome };
};

// Everything from the first event to the last.
const tail = async (peer, store, { events }) => {
  const start = now();
  const count = await peer.tail(store);
  const elapsed = now() - start;
  if (count !== events) throw new Error(`the tail had ${count} events instead of ${events}`);
  return { value: count / elapsed, unit: 'events/s' };
};

// Appends what `tail` and `open` read, or gives up when that would take too long.
const fill = async (peer, store, { events, size, limit_seconds }) => {
  const start = now();
  for (let left = events; left > 0; left -= size) {
    await peer.appendBatch(store, make(peer, makeIds(Math.min(size, left))));
    if (now() - start > limit_seconds) return { filled: false };
  }
  return { filled: true };
};

// What the peer does about an id that it has, and what its connection says about durability.
const probe = async (peer, store) => {
  const id = uuid7();
  const event = peer.event(id, PAYLOAD);
  await peer.append(store, event);
  const mixed = make(peer, [uuid7(), id]);
  const outcome = async (action, added = 0) => {
    const most = (await peer.count(store)) + added;
    const saidSo = await attempt(action);
    return (await peer.count(store)) <= most ? saidSo : 'stored twice';
  };
  return {
    same_again: await outcome(() => peer.append(store, event)),
    other_content: await outcome(() => peer.append(store, peer.event(id, OTHER_PAYLOAD))),
    // The id that is there already comes behind a new one.
    in_a_batch: await outcome(() => peer.appendBatch(store, mixed), 1),
    settings: await peer.settings(store),
  };
};

const firstLine = () => new Promise((resolve) => process.stdin.once('data', resolve));
const endOfInput = () => new Promise((resolve) => process.stdin.resume().once('end', resolve));

// Some of the writers of the question about loss; what was acknowledged goes to a file.
const write = async (peer, store, { seconds, writers, file }) => {
  const first = uuid7();
  const acknowledged = [first];
  const errors = [];
  await peer.append(store, peer.event(first, PAYLOAD)); // connects, and warms up
  console.log('ready');
  await firstLine();
  const until = now() + seconds;
  const appendSome = async () => {
    while (now() < until) {
      const id = uuid7();
      try {
        await peer.append(store, peer.event(id, PAYLOAD));
        acknowledged.push(id);
      } catch (error) {
        errors.push(said(error));
      }
    }
  };
  await Promise.all(Array.from({ length: writers }, appendSome));
  writeFileSync(file, acknowledged.map((id) => `${id}\n`).join(''));
  return { acknowledged: acknowledged.length, failed: errors.length, first_error: errors[0] ?? null };
};

// The follower of the question about loss, until its input ends; each delivery is a line `position id`. One that ends by
// itself is an error: the trial must not take what it missed for skipped.
const follow = async (peer, store, { file }) => {
  const out = openSync(file, 'w');
  let delivered = 0;
  const deliver = (position, id) => {
    delivered++;
    writeSync(out, `${position} ${id}\n`);
  };
  let told = false;
  const stopped = endOfInput().then(() => (told = true));
  console.log('ready');
  try {
    await peer.follow(store, deliver, stopped);
  } catch (error) {
    throw new Error(`the follower ended: ${said(error)}`, { cause: error });
  }
  if (!told) throw new Error('the follower ended: nobody told it to');
  closeSync(out);
  return { delivered };
};

// All that is stored, as lines `position id`.
const stored = async (peer, store, { file }) => {
  const rows = await peer.stored(store);
  writeFileSync(file, rows.map(({ position, id }) => `${position} ${id}\n`).join(''));
  return { stored: rows.length };
};

// How long it takes until a ledger is open and has answered its first question.
const opening = async (peer, place, { times }) => {
  const took = [];
  for (let n = 0; n < times; n++) {
    const start = now();
    const store = await peer.open(place);
    await peer.head(store);
    took.push(now() - start);
    await peer.close(store);
  }
  took.sort((a, b) => a - b);
  return { value: took[Math.floor(took.length / 2)] * 1_000, unit: 'ms' };
};

const SCENARIOS = { single, concurrent, batch, again, tail, fill, probe, write, follow, stored };

process.on('uncaughtException', fail);
const [name, scenario, place, given] = process.argv.slice(2);
const peer = await import(pathToFileURL(path.resolve(name)));
const options = JSON.parse(given);
try {
  const result =
    scenario === 'open'
      ? await opening(peer, place, options)
      : await SCENARIOS[scenario](peer, await peer.open(place), options);
  // Waits until the line is written; pools and timers would keep the process alive.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
} catch (error) {
  fail(error);
}
