// Emmett on Postgres: a stream for each single event, named by its id; a stream for each batch, because an append is to one stream.

import { dumbo } from '@event-driven-io/dumbo';
import { getPostgreSQLEventStore, readMessagesBatch } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

// The pool's default is 10; with more, more of the appends at once share an fsync.
const CONNECTIONS = 64;
const PAGE = 1_000;
// The version of a stream that is not there yet. `STREAM_DOES_NOT_EXIST` would say it better, but 0.42.0 takes that for no
// expectation at all, and stores a repeated event again.
const NEW = { expectedStreamVersion: 0n };

export const open = (place) => {
  const pool = new pg.Pool({ connectionString: place, max: CONNECTIONS });
  return { place, pool, events: getPostgreSQLEventStore(place, { connectionOptions: { pool } }) };
};

export const close = async (store) => {
  await store.events.close();
  if (!store.pool.ended) await store.pool.end();
};

export const event = (id, payload) => ({ type: 'order.placed', data: payload, metadata: { messageId: id } });

export const append = (store, event) => store.events.appendToStream(`order-${event.metadata.messageId}`, [event], NEW);

export const appendBatch = (store, events) =>
  store.events.appendToStream(`batch-${events[0].metadata.messageId}`, events, NEW);

export const head = (store) => store.events.streamExists('order-none');

// By the function that the consumer reads with, without its pause and its checkpoint for each message.
export const tail = async (store) => {
  const { execute } = dumbo({ connectionString: store.place, pool: store.pool });
  let [count, after, left] = [0, 0n, true];
  while (left) {
    const page = await readMessagesBatch(execute, { after, batchSize: PAGE });
    count += page.messages.filter((message) => message.data.customer).length;
    [after, left] = [page.currentGlobalPosition, page.areMessagesLeft];
  }
  return count;
};

// By a consumer with a reactor, as documented, with the default page and pause.
export const follow = async (store, deliver, stopped) => {
  const consumer = store.events.consumer();
  consumer.reactor({
    processorId: 'follower',
    eachMessage: (message) => deliver(message.metadata.globalPosition, message.metadata.messageId),
  });
  const running = consumer.start();
  // A consumer whose reactor fails stops, without an error.
  await Promise.race([stopped, running]);
  await Promise.race([consumer.stop().then(() => running), new Promise((resolve) => setTimeout(resolve, 5_000))]);
};

const table = 'emt_messages';

export const count = async (store) => Number((await store.pool.query(`SELECT count(*) AS n FROM ${table}`)).rows[0].n);

export const stored = async (store) =>
  (await store.pool.query(`SELECT global_position AS position, message_id AS id FROM ${table} ORDER BY 1`)).rows;

export const settings = async (store) => {
  const said = (await store.pool.query('SHOW synchronous_commit')).rows[0];
  return { ...said, pool: store.pool.options.max };
};
