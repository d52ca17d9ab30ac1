// Says that a count is under way, and lets no second press begin another.
let pressed;

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (button?.dataset.counts === undefined) return;
  if (pressed) { event.preventDefault(); return; }
  pressed = { button, label: button.textContent };
  button.textContent = "Counting…";
  button.setAttribute("aria-disabled", "true");
  const region = document.querySelector('[role="status"].sr-only');
  if (region) region.textContent = "Counting what this would do. It can take some seconds.";
});

// A browser that goes back shows the page as it was left.
addEventListener("pageshow", (event) => {
  if (!event.persisted || !pressed) return;
  pressed.button.textContent = pressed.label;
  pressed.button.removeAttribute("aria-disabled");
  pressed = undefined;
});
