import { unique } from "../support/api";
import { counted, whileTwoAreLocked, writeCustomers } from "../support/database";
import { confirm, state } from "../support/jobs";
import { bulkActions, hydrated, openList } from "../support/pages";
import { expect, test } from "../support/test";

const MATCHING = 12_408;

test("twelve thousand customers but one: watched in two tabs, paused, resumed, reloaded in the middle", async ({ page, context }) => {
  test.setTimeout(300_000);
  const prefix = unique("Churned");
  await writeCustomers(MATCHING, prefix);
  await openList(page, "/customers", prefix);
  let meant = MATCHING;
  if (hydrated()) {
    await page.getByRole("checkbox", { name: "Select all 50 on this page" }).focus();
    await page.keyboard.press("Control+Shift+A");
    await expect(page.getByText(`All 12,408 customers that match “${prefix}” are selected.`)).toBeVisible();
    await page.getByRole("row").nth(3).getByRole("checkbox").uncheck();
    await expect(page.getByText("12,407 of 12,408 selected (1 excluded).")).toBeVisible();
    await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();
    meant -= 1;
  } else {
    await page.getByRole("button", { name: "Archive all 10,000+ that match…", exact: true }).click();
  }
  const told = meant.toLocaleString("en-US");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Archive ${told} customers`, { timeout: 30_000 });
  await confirm(page, `Archive ${told} customers`, told);
  const job = new URL(page.url()).pathname.split("/").pop() as string;
  expect(await counted(prefix, job)).toEqual({ archived: 0, items: meant });

  // Or a fast machine is done before a page without a script reloads itself.
  await whileTwoAreLocked(prefix, async () => {
    await state(page, "Running");
    await page.getByRole("button", { name: "Pause" }).click();
    await state(page, "Paused");
  });
  const other = await context.newPage();
  await other.goto(page.url());
  await other.getByRole("button", { name: "Resume" }).click();
  // On a fast machine little is left to do.
  await state(other, /Running|Completed/);
  // With a script the first tab hears of it by itself.
  if (!hydrated()) await page.reload();
  await state(page, /Running|Completed/);
  await page.reload();
  await state(page, "Completed");
  await state(other, "Completed");
  await expect(page.getByRole("list", { name: "Results, as filters" })).toContainText(`OK${told}`);
  expect(await counted(prefix, job)).toEqual({ archived: meant, items: meant });
});
