// Opens the rows of a figure in place, so that what was typed below stays. Without this script the link loads the page anew.
const PART = "confirm-effects";
let asked;

async function open(href) {
  asked?.abort();
  const mine = (asked = new AbortController());
  let part;
  try {
    const answer = await fetch(href, { signal: mine.signal });
    part = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(PART);
  } catch {
    // The server is away: the browser says so itself, below.
  }
  if (mine.signal.aborted) return;
  // Signed out, or away: that page says so itself.
  if (!part) {
    if (href === location.href) location.reload();
    else location.assign(href);
    return;
  }
  document.getElementById(PART).replaceWith(part);
  history.replaceState(null, "", href);
  document.getElementById("rows").focus();
}

document.addEventListener("click", (event) => {
  const link = event.target.closest(`#${PART} a[href*="rows="]`);
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  open(link.href);
});

// A page that answers a form may show a newer preview than its address names: loaded again, it should not count again.
const { action } = document.getElementById("confirm");
if (location.pathname !== new URL(action).pathname) history.replaceState(null, "", action);
