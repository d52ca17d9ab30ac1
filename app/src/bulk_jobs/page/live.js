// Keeps the page of a job that is not over up to date: whenever the server says that something changed, the page is fetched
// again and those parts about the job that changed put in place of the old ones. Without this script a page of which much
// happens by itself loads itself anew.
const job = () => document.getElementById("job");
const seen = { percent: 0, failed: 0, state: job().dataset.state };
let busy = false, late = false;
/** Milliseconds until the page is asked for again where no event says when. */
const AGAIN = 2000;
/** The same where nothing moves the job on but a person or the day, or nobody looks. */
const SELDOM = 15000;

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
  document.getElementById("running-jobs").replaceWith(page.getElementById("running-jobs"));
  document.title = page.title;
  const next = kept && (job().querySelector(kept) ?? job().querySelector("h1"));
  if (next && next !== document.activeElement) next.focus({ preventScroll: true });
  tell(now.dataset);
}

async function refresh() {
  if (busy) { late = true; return; }
  clearTimeout(timer);
  busy = true;
  late = false;
  let done = false;
  try {
    // Whoever sits here asked for nothing: their session ends as if the page were closed.
    const answer = await fetch(location.href, { headers: { "x-asked-by-page": "1" } });
    if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    done = answer.ok;
  } catch {
    // The server is away, and asked again below.
  }
  busy = false;
  if (late) refresh();
  else if (done) follow();
  else timer = setTimeout(refresh, AGAIN);
}

let source, timer, ended = false;

/** Waits for what comes next. A browser has few connections to a server: a page that nobody looks at takes none for long. */
function follow() {
  clearTimeout(timer);
  const id = job().dataset.job;
  if (!id || job().hasAttribute("data-seldom") || document.hidden) {
    source?.close();
    source = null;
    if (id) timer = setTimeout(refresh, SELDOM);
    // Whether other jobs run is known a moment later.
    else if (!ended) timer = setTimeout(refresh, AGAIN);
    ended = !id;
  } else if (!source || source.readyState === EventSource.CLOSED) {
    source = new EventSource(`/jobs/${id}/events`);
    source.onmessage = refresh;
    source.onerror = ({ target }) => {
      if (target.readyState === EventSource.CLOSED) timer = setTimeout(refresh, AGAIN);
    };
  }
}

document.addEventListener("visibilitychange", () => (document.hidden ? follow() : refresh()));
follow();
