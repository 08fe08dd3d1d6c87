// append.mjs DATABASE CALLERS SECONDS: single-event appends by Emmett, each to the next of a caller's 1,000 streams.
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql';
import pg from 'pg';

const [database, callers, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
// As many connections as are good for a server of two cores that waits for its disk.
const pool = new pg.Pool({ connectionString: database, max: 32 });
const store = getPostgreSQLEventStore(database, { connectionOptions: { pool } });
await store.schema.migrate();

const run = Math.random().toString(36).slice(2, 10);
const event = { type: 'MemberEnrolled', data: { limit: 3, note: 'x'.repeat(240) } };
let appended = 0;
let counting = false;
let over = false;
async function caller(number) {
  for (let i = 0; !over; ++i) {
    await store.appendToStream(`member-${run}-${number}-${i % 1000}`, [event]);
    if (counting) ++appended;
  }
}
const all = Array.from({ length: callers }, (_, number) => caller(number));
await new Promise((resolve) => setTimeout(resolve, 500));
counting = true;
const began = performance.now();
await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
counting = false;
const took = (performance.now() - began) / 1000;
over = true;
await Promise.all(all);
await store.close();
await pool.end().catch(() => {});
console.log(JSON.stringify({ per_second: appended / took }));
