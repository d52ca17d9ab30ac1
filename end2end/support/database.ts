// What would take the API too long to set up.
import pg from "pg";
import { setting } from "./api";

async function connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: setting("MIGRATE_DATABASE_URL") });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

const query = <Row extends pg.QueryResultRow>(sql: string, values: unknown[]): Promise<Row[]> =>
  connected(async (client) => (await client.query<Row>(sql, values)).rows);

/** Customers with nothing on them, last changed long ago. */
export async function writeCustomers(count: number, prefix: string): Promise<void> {
  await query(
    `insert into customers (id, customer_key, name, version, created_at, updated_at)
     select gen_random_uuid(), lower($2) || '-' || n, $2 || ' ' || n, 0, at, at
     from generate_series(1, $1::int) n, (select now() - interval '1 year' as at) long_ago`,
    [count, prefix],
  );
}

/** While somebody else changes two customers of this prefix, of whom a page may have left out one: a job on them does not end. */
export const whileTwoAreLocked = (prefix: string, work: () => Promise<void>): Promise<void> =>
  connected(async (client) => {
    await client.query("begin");
    await client.query("select from customers where customer_key like lower($1) || '-%' limit 2 for update", [prefix]);
    await work();
    await client.query("rollback");
  });

/** How many customers of this prefix are archived, and how many rows a job has. */
export async function counted(prefix: string, job: string): Promise<{ archived: number; items: number }> {
  const [found] = await query<{ archived: number; items: number }>(
    `select (select count(*)::int from customers where customer_key like lower($1) || '-%' and archived_at is not null) as archived,
            (select count(*)::int from bulk_job_items where job_id = $2) as items`,
    [prefix, job],
  );
  return found;
}
