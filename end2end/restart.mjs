// Archives thousands of customers while the database shuts down and comes back; then brings them back while it crashes.
// Nothing is lost or done twice, people hear at once that the database is away, and the job ends by itself.
import { strict as assert } from "node:assert";
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";

const { DATABASE_URL, MIGRATE_DATABASE_URL: database, ...env } = process.env;
const { MOTHBALL_URL: url, MOTHBALL_API_KEY: key } = env;
const REASON = "Wound down, SUP-1";
const PATIENCE_MS = 60_000;
/** From the moment that the database answers again. */
const GOES_ON_WITHIN_MS = 10_000;
const SAID_WITHIN_MS = 5_000;

async function api(method, path, body) {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  return { status: answer.status, headers: answer.headers, body: await answer.json() };
}

async function asked(method, path, body) {
  const answer = await api(method, path, body);
  assert(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`);
  return answer.body.data;
}

async function until(what, holds) {
  const since = Date.now();
  for (;;) {
    const found = await holds();
    if (found) return found;
    assert(Date.now() - since < PATIENCE_MS, `${what} within ${PATIENCE_MS / 1000} s`);
    await sleep(50);
  }
}

async function count(sql) {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const { rows } = await client.query(sql);
  await client.end();
  return Number(Object.values(rows[0])[0]);
}

// The private cluster, which is found where no other is named.
const postgres = (word) => execFileSync("scripts/postgres.sh", [word], { stdio: "inherit", env });

async function throughRestart(preview, how) {
  const started = await asked("POST", "/v1/bulk-jobs", { preview_token: preview.token, reason: REASON });
  const path = `/v1/bulk-jobs/${started.id}`;
  const before = await until("the job has begun", async () => {
    const job = await asked("GET", path);
    return job.successful_count > 0 && job;
  });
  postgres(how);
  const since = Date.now();
  const away = await api("GET", path);
  assert.equal(away.status, 503);
  assert(away.headers.has("retry-after"));
  assert(Date.now() - since < SAID_WITHIN_MS, "people hear soon that the database is away");
  postgres("start");
  const back = Date.now();
  const found = await until("the database is back", async () => {
    const { status, body } = await api("GET", path);
    return status === 200 && body.data;
  });
  assert.equal(found.state, "running", "the job was over before the database went away: seed more customers");
  const goesOn = await until("the job goes on", async () => {
    const job = await asked("GET", path);
    return job.successful_count > found.successful_count && Date.now() - back;
  });
  assert(goesOn < GOES_ON_WITHIN_MS, `the job goes on after ${goesOn} ms`);
  const done = await until("the job is over", async () => {
    const job = await asked("GET", path);
    return job.state === "completed" && job;
  });
  assert.equal(done.successful_count, preview.changing);
  assert.deepEqual(done.effects, done.foreseen);
  console.log(`${how}: ${found.successful_count} of ${done.total} were done; it went on ${goesOn} ms after the database was back`);
  return path;
}

/** Each done row has one entry in the audit log, each entry its event, and no customer is half-archived. */
async function addsUp() {
  const wrong = {
    "rows that are not done": "select count(*) from bulk_job_items where state <> 'ok'",
    "rows without their one entry": `select count(*) from
        (select job_id, customer_id from bulk_job_items) row
        full join (select job_id, customer_id, count(*) from audit_entries where job_id is not null and customer_id is not null group by 1, 2) entry
        using (job_id, customer_id) where row.job_id is null or entry.count is distinct from 1`,
    "entries without their event": "select count(*) from audit_entries entry full join outbox_events event on event.audit_entry_id = entry.id where entry.id is null or event.id is null",
    "customers that are half-archived": "select count(*) from customers c join contracts k on k.customer_id = c.id where c.archived_at is not null and k.archived_at is null",
  };
  for (const [what, sql] of Object.entries(wrong)) assert.equal(await count(sql), 0, what);
}

const matching = { all_matching: { filter: { status: "active" } } };
const preview = await asked("POST", "/v1/bulk-previews", { action: "archive_customers", selection: matching });
const path = await throughRestart(preview, "stop");
await addsUp();
await throughRestart(await asked("POST", `${path}/undo`), "crash");
await addsUp();
