// Runs SQL where no psql is at hand.
//   node scripts/sql.mjs URL STATEMENT…      runs each statement; rows are printed as JSON lines
//   node scripts/sql.mjs URL --files FILE…   runs each file as a whole
import { readFileSync } from "node:fs";
import pg from "pg";

const [url, ...rest] = process.argv.slice(2);
const statements = rest[0] === "--files" ? rest.slice(1).map((file) => ({ file, text: readFileSync(file, "utf8") })) : rest.map((text) => ({ text }));

const client = new pg.Client({ connectionString: url });
try {
  await client.connect();
  for (const { file, text } of statements) {
    const results = [await client.query(text)].flat().map((result) => result.rows ?? []);
    if (!file) results.flat().forEach((row) => console.log(JSON.stringify(row)));
  }
} catch (error) {
  console.error(`mothball: the database says: ${error.message || error.code}`);
  process.exitCode = 1;
} finally {
  await client.end().catch(() => {});
}
