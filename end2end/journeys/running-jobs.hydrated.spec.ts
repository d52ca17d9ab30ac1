import { createCustomers, unique } from "../support/api";
import { confirm, fromList, state } from "../support/jobs";
import { expect, test } from "../support/test";

test.describe.configure({ timeout: 120_000 });

test("that a job runs is told beside whatever one does, until it is over", async ({ page, context }) => {
  await fromList(page, await createCustomers(2, unique("Told")));
  await confirm(page, "Archive 2 customers", "2");
  const told = { name: "1 job running" };
  await expect(page.getByRole("link", told)).toBeVisible();
  const list = await context.newPage();
  await list.goto("/customers");
  await expect(list.getByRole("link", told)).toBeVisible();
  await state(page, "Completed");
  await expect(page.getByRole("link", told)).toBeHidden();
  await expect(list.getByRole("link", told)).toBeHidden({ timeout: 15_000 });
});

for (const word of ["Scheduled", "Starting"]) {
  test(`windows of a job that is ${word.toLowerCase()} leave the browser its connections`, async ({ page, context }) => {
    await fromList(page, await createCustomers(2, unique(word)));
    if (word === "Scheduled") {
      const tomorrow = new Date(Date.now() + 24 * 60 * 60 * 1000).toISOString().slice(0, 10);
      await page.getByLabel("Not before (optional)").fill(tomorrow);
    }
    await confirm(page, "Archive 2 customers", "2");
    await state(page, word);
    // One more than a browser has connections to a server.
    for (let more = 1; more < 7; more += 1) await (await context.newPage()).goto(page.url(), { timeout: 5_000 });
    await page.goto("/customers", { timeout: 5_000 });
  });
}

test("a count that takes its time says so, and begins once", async ({ page }) => {
  const customers = await createCustomers(2, unique("Counted"));
  let asked = 0;
  await page.route("**/bulk/preview", async (route) => {
    asked += 1;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.continue();
  });
  await page.goto("/bulk");
  await page.getByRole("textbox", { name: "List" }).fill(customers.map(({ id }) => id).join("\n"));
  // Pressed twice, and read before the browser leaves the page.
  const said = await page.getByRole("button", { name: "Preview" }).evaluate((button: HTMLButtonElement) => {
    button.click();
    button.click();
    return [button.textContent, document.querySelector('[role="status"].sr-only')?.textContent];
  });
  expect(said).toEqual(["Counting…", "Counting what this would do. It can take some seconds."]);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Archive 2 customers");
  expect(asked).toBe(1);
});
