// Keeps the page of a job that is not over up to date: whenever the server says that something changed, the page is fetched
// again and those parts about the job that changed put in place of the old ones. Without this script the page loads itself anew.
const job = () => document.getElementById("job");
const seen = { percent: 0, failed: 0, state: job().dataset.state };
let busy = false, late = false;
/** Milliseconds until the page is asked for again where no event says when. */
const AGAIN = 2000;

function say(sentence) {
  const region = document.querySelector('[role="status"].sr-only');
  if (region) region.textContent = sentence;
}

// Not every row: the beginning, each quarter, the first failure and the end.
function tell(now) {
  const percent = Number(now.percent), failed = Number(now.failed);
  if (now.state !== seen.state) say(`The job is now: ${now.state}`);
  else if (failed > 0 && seen.failed === 0) say("The first row failed");
  else if (Math.floor(percent / 25) > Math.floor(seen.percent / 25)) say(`${percent} % done`);
  Object.assign(seen, { percent, failed, state: now.state });
}

// What did not change stays where it is: a button that is being pressed, and what is marked or scrolled.
function put(now) {
  const old = job();
  const parts = [...old.children];
  const news = [...now.children];
  news.forEach((part, at) => {
    if (!parts[at]) old.append(part);
    else if (!parts[at].isEqualNode(part)) parts[at].replaceWith(part);
  });
  parts.slice(news.length).forEach((part) => part.remove());
  for (const name of old.getAttributeNames()) if (!now.hasAttribute(name)) old.removeAttribute(name);
  for (const name of now.getAttributeNames()) old.setAttribute(name, now.getAttribute(name));
}

function show(page) {
  const now = page.getElementById("job");
  // Signed out, or away: the page says so itself.
  if (!now) { location.reload(); return; }
  const active = document.activeElement;
  const kept = active && job().contains(active)
    ? active.id ? `#${active.id}` : active.value ? `[value="${active.value}"]` : `[href="${active.getAttribute("href")}"]`
    : null;
  put(now);
  if (!now.dataset.job) { source.close(); clearInterval(polling); }
  document.title = page.title;
  const next = kept && (job().querySelector(kept) ?? job().querySelector("h1"));
  if (next && next !== document.activeElement) next.focus({ preventScroll: true });
  tell(now.dataset);
}

async function refresh() {
  if (busy) { late = true; return; }
  busy = true;
  let done = false;
  try {
    const answer = await fetch(location.href);
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    done = answer.ok;
  } catch {
    // The server is away, and asked again below.
  }
  busy = false;
  if (late || !done) setTimeout(refresh, done ? 0 : AGAIN);
  late = false;
}

const source = new EventSource(`/jobs/${job().dataset.job}/events`);
let polling;
source.onmessage = refresh;
source.onerror = () => {
  if (source.readyState === EventSource.CLOSED && job().dataset.job) polling ??= setInterval(refresh, AGAIN);
};
