// Runs SQL where no psql is at hand.
//   node scripts/sql.mjs URL STATEMENT…      runs each statement; rows are printed as JSON lines
//   node scripts/sql.mjs URL --files FILE…   runs each file as a whole
// Exits 1 when the database says no, 3 when there is none of that name.
import { readFileSync } from "node:fs";
import pg from "pg";

const [url, ...rest] = process.argv.slice(2);
const statements = rest[0] === "--files" ? rest.slice(1).map((file) => ({ file, text: readFileSync(file, "utf8") })) : rest.map((text) => ({ text }));

let client;
try {
  client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  for (const { file, text } of statements) {
    const results = [await client.query(text)].flat().map((result) => result.rows ?? []);
    if (!file) results.flat().forEach((row) => console.log(JSON.stringify(row)));
  }
} catch (error) {
  const full = error.code === "53100" ? ": its disk is full, free some space and run the same command again" : "";
  console.error(`mothball: the database says: ${error.message || error.code}${full}`);
  process.exitCode = error.code === "3D000" ? 3 : 1;
} finally {
  await client?.end().catch(() => {});
}
