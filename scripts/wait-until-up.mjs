// Waits until URL answers 200. Exits 1 as soon as process PID is gone, or after 60 seconds.
const [url, pid] = process.argv.slice(2);

function alive() {
  try {
    return process.kill(Number(pid), 0);
  } catch {
    return false;
  }
}

for (const end = Date.now() + 60_000; Date.now() < end && alive(); ) {
  const answer = await fetch(url).catch(() => null);
  if (answer?.ok) process.exit(0);
  await new Promise((resolve) => setTimeout(resolve, 50));
}
process.exit(1);
