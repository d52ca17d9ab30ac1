// Builds what the browser loads: wasm, its JavaScript and the stylesheet, hashed and precompressed, as cargo-leptos
// would (first time about 5 min, nothing to do about 1 s). Names and paths come from [[workspace.metadata.leptos]].
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, statSync, statfsSync, utimesSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, extname, join, relative, resolve } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";

const say = (line) => console.error(`==> ${line}`);

function fail(sentence) {
  console.error(`mothball: ${sentence}`);
  process.exit(1);
}

function freeMegabytes() {
  const { bavail, bsize } = statfsSync(process.env.CARGO_TARGET_DIR ?? (existsSync("target") ? "target" : "."));
  return (bavail * bsize) / 1_048_576;
}

process.on("uncaughtException", (error) => {
  if (error.code === "ENOSPC" || error.code === "EDQUOT") fail("Building the site failed because the disk is full: free some space and run the same command again.");
  if (error.code === "EACCES" || error.code === "EROFS") fail(`Building the site failed because ${error.path} cannot be written: check who owns it and run the same command again.`);
  throw error;
});

/** Runs a tool; `quiet` keeps what it says for the case that it fails. */
function run(what, command, args, { quiet = true } = {}) {
  const done = spawnSync(command, args, { stdio: quiet ? ["ignore", "pipe", "pipe"] : ["ignore", "inherit", "inherit"], maxBuffer: 1 << 28 });
  if (done.error) fail(`${what} failed because ${command} cannot be started (${done.error.code}): run scripts/setup.sh.`);
  if (done.status === 0) return done.stdout;
  const output = `${done.stdout ?? ""}${done.stderr ?? ""}`;
  process.stderr.write(output);
  if (/no space left|ENOSPC/i.test(output) || (!quiet && freeMegabytes() < 200)) fail(`${what} failed because the disk is full: free some space and run the same command again.`);
  fail(`${what} failed; what it said is above.`);
}

process.chdir(join(dirname(process.argv[1]), ".."));
process.env.PATH = [resolve(".data/tools/bin"), resolve("node_modules/.bin"), process.env.PATH].join(delimiter);

const metadata = JSON.parse(run("cargo metadata", "cargo", ["metadata", "--no-deps", "--format-version", "1"]));
const leptos = metadata.metadata?.leptos?.[0] ?? fail("Cargo.toml has no [[workspace.metadata.leptos]]: the site's names come from there.");
const target = metadata.target_directory;
const name = leptos["output-name"];
const profile = leptos["lib-profile-release"] ?? "release";
const site = resolve(leptos["site-root"]);
const pkg = join(site, leptos["site-pkg-dir"]);
const work = join(target, "site-parts");

const filesBelow = (folder, suffix) =>
  readdirSync(folder, { recursive: true }).map(String).filter((path) => path.endsWith(suffix)).sort().map((path) => join(folder, path));

const digest = (...parts) => parts.reduce((hash, part) => hash.update(part).update("\0"), createHash("sha256")).digest("hex").slice(0, 16);
const self = readFileSync("scripts/build-site.mjs");
const tools = readFileSync("package-lock.json");

/** A part is kept in a folder named after its inputs: it is made once, and what was made before it is removed. */
function part(kind, inputs, make) {
  const folder = join(work, `${kind}-${inputs}`);
  if (existsSync(join(folder, "done"))) return folder;
  mkdirSync(work, { recursive: true });
  const fresh = mkdtempSync(join(work, "new-"));
  make(fresh);
  for (const file of filesBelow(fresh, "")) if (statSync(file).isFile()) compress(file);
  writeFileSync(join(fresh, "done"), "");
  for (const old of readdirSync(work)) if (old.startsWith(`${kind}-`)) rmSync(join(work, old), { recursive: true });
  // Whole or not at all: the next run takes what it finds.
  renameSync(fresh, folder);
  return folder;
}

function compress(file) {
  if (![".js", ".wasm", ".css", ".svg", ".txt", ".json"].includes(extname(file))) return;
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${file}.br`, brotliCompressSync(bytes, { params }));
}

function buildWasm() {
  const args = ["build", "--package", leptos["lib-package"], "--lib", "--target", "wasm32-unknown-unknown", "--profile", profile];
  say("Compiling the browser part (first time about 4 min, then about 1 min when it changed)");
  run("The browser part", "cargo", args, { quiet: false });
  return join(target, "wasm32-unknown-unknown", profile, `${leptos["lib-package"].replaceAll("-", "_")}.wasm`);
}

const wasm = buildWasm();
const wasmPart = part("wasm", digest(self, tools, readFileSync(wasm)), (out) => {
  say("Binding and shrinking the wasm (about 30 s)");
  run("wasm-bindgen", "wasm-bindgen", ["--target", "web", "--no-typescript", "--omit-default-module-path", "--remove-name-section", "--remove-producers-section", "--out-name", name, "--out-dir", out, wasm]);
  const features = ["--enable-bulk-memory", "--enable-nontrapping-float-to-int"];
  const shorten = "--minify-imports-and-exports-and-modules";
  const told = run("wasm-opt", "wasm-opt", ["-Oz", shorten, ...features, join(out, `${name}_bg.wasm`), "-o", join(out, `${name}.wasm`)]);
  rmSync(join(out, `${name}_bg.wasm`));
  const script = join(out, `${name}.js`);
  writeFileSync(script, shortened(readFileSync(script, "utf8"), JSON.parse(told)));
});

/**
 * The script as the browser needs it: without comments and indentation, and with the short names that wasm-opt gave to what
 * the two parts call each other by. The long ones carry hashes, which no compression makes smaller.
 */
function shortened(script, { imports, exports }) {
  const lines = script.split("\n").map((line) => line.trim());
  let text = lines.filter((line) => line && !/^(\/\/|\/\*\*|\*( |\/|$))/.test(line)).join("\n");
  const names = new Map(imports.map(([, long, short]) => [long, short]));
  text = text.replace(/^(__wb\w+): function/gm, (all, long) => (names.has(long) ? `${names.get(long)}: function` : all));
  const [[module]] = imports;
  text = text.replace(`"${module}": import0`, '"a": import0');
  const given = new Map(exports.map(([long, short]) => [long, short]));
  return text.replace(/\bwasm\.(\w+)/g, (all, long) => (given.has(long) ? `wasm.${given.get(long)}` : all));
}

const styleInput = leptos["tailwind-input-file"];
const styleSources = [...filesBelow(dirname(styleInput), ".css"), ...filesBelow("app/src", ".rs")];
const stylePart = part("style", digest(self, tools, ...styleSources.map((file) => readFileSync(file))), (out) => {
  say("Compiling the stylesheet (about 2 s)");
  run("tailwindcss", "tailwindcss", ["--input", styleInput, "--output", join(out, `${name}.css`), "--minify"]);
});

/** The name of a file's content, as cargo-leptos writes it: MD5 in unpadded URL-safe base64. */
const contentHash = (file) => createHash("md5").update(readFileSync(file)).digest("base64url");

const wanted = new Map();
for (const [folder, kind] of [[wasmPart, "js"], [wasmPart, "wasm"], [stylePart, "css"]]) {
  const file = join(folder, `${name}.${kind}`);
  const hash = contentHash(file);
  for (const ending of ["", ".br"]) wanted.set(join(pkg, `${name}.${hash}.${kind}${ending}`), file + ending);
}
// Snippets are imported by their path from the generated JavaScript, so they keep their names.
const snippets = join(wasmPart, "snippets");
if (existsSync(snippets)) {
  for (const file of filesBelow(snippets, "")) if (statSync(file).isFile()) wanted.set(join(pkg, relative(wasmPart, file)), file);
}
const assets = leptos["assets-dir"];
if (assets && existsSync(assets)) cpSync(assets, site, { recursive: true });

mkdirSync(pkg, { recursive: true });
// The server takes the newest of each kind.
const now = new Date();
for (const [to, from] of wanted) {
  if (existsSync(to)) {
    utimesSync(to, now, now);
    continue;
  }
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, `${to}.new`);
  renameSync(`${to}.new`, to);
}
// A server that still runs names the files it found when it started.
const DAY_MS = 86_400_000;
for (const file of filesBelow(pkg, "")) {
  const found = statSync(file);
  if (found.isFile() && !wanted.has(file) && now - found.mtimeMs > DAY_MS) rmSync(file);
}

const sizes = new Map();
for (const file of wanted.keys()) {
  if (file.endsWith(".br")) sizes.set(extname(basename(file, ".br")).slice(1), statSync(file).size / 1024);
}
const told = [...sizes].map(([kind, kib]) => `${kind} ${kib.toFixed(1)} KiB`).join(", ");
say(`The site is in ${leptos["site-root"]}: ${told} (brotli)`);

// What a browser loads before a page is awake, in brotli. Not for every build: another compiler may write a little more.
const SCRIPT_KIB_MAX = 300;
const STYLE_KIB_MAX = 20;
if (process.argv.includes("--within-limits")) {
  const script = sizes.get("js") + sizes.get("wasm");
  if (script > SCRIPT_KIB_MAX) fail(`js and wasm are ${script.toFixed(1)} KiB, at most ${SCRIPT_KIB_MAX}: leave pages still that need no script.`);
  if (sizes.get("css") > STYLE_KIB_MAX) fail(`css is ${sizes.get("css").toFixed(1)} KiB, at most ${STYLE_KIB_MAX}.`);
}
