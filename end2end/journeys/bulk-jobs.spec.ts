import { createConfiguration, createCustomer, createCustomers, isArchived, renameCustomer, tally, unique } from "../support/api";
import { archived, confirm, fromList, state } from "../support/jobs";
import { bulkActions, figures, hydrated, openList } from "../support/pages";
import { expect, test } from "../support/test";

test.describe.configure({ timeout: 120_000 });

test("all customers that match are archived, on every page, but one", async ({ page, tolerate }) => {
  tolerate(/status of 422/);
  const prefix = unique("Many");
  const customers = await createCustomers(53, prefix);
  await openList(page, "/customers", prefix);
  let count = 53;
  if (hydrated()) {
    await page.getByRole("checkbox", { name: "Select all 50 on this page" }).check();
    await page.getByRole("button", { name: "Select all 53 that match" }).click();
    await expect(page.getByText(`All 53 customers that match “${prefix}” are selected.`)).toBeVisible();
    await page.getByRole("row").nth(3).getByRole("checkbox").uncheck();
    await expect(page.getByText("52 of 53 selected (1 excluded).")).toBeVisible();
    await page.getByRole("link", { name: "Next" }).click();
    await expect(page.getByRole("row")).toHaveCount(4);
    for (const box of await page.getByRole("checkbox", { name: /^Select Many/ }).all()) await expect(box).toBeChecked();
    await expect(bulkActions(page)).toContainText("52 selected");
    await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();
    count = 52;
  } else {
    await page.getByRole("button", { name: "Archive all 53 that match…", exact: true }).click();
  }
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(`Archive ${count} customers`);
  expect((await figures(page.getByRole("main")))(/^customers archived/)).toBe(count);

  await page.getByRole("button", { name: `Archive ${count} customers` }).click();
  await expect(page.getByRole("heading", { name: "Nothing was archived. Two things need an answer." })).toBeVisible();
  await confirm(page, `Archive ${count} customers`, String(count));
  await expect(page.getByText(/^Starts in \d+ s/)).toBeVisible();
  expect(await archived(customers), "nothing happens yet").toBe(0);
  await state(page, "Completed");
  expect(await archived(customers)).toBe(count);
  await expect(page.getByRole("list", { name: "Results, as filters" })).toContainText(`OK${count}`);
});

test("all configurations that match are archived, on every page", async ({ page }) => {
  const customer = await createCustomer(unique("Configured"));
  for (let number = 0; number < 52; number += 1) await createConfiguration(customer);
  await openList(page, "/billing-configurations", customer.name);
  if (hydrated()) {
    await page.getByRole("checkbox", { name: "Select all 50 on this page" }).check();
    await page.getByRole("button", { name: "Select all 52 that match" }).click();
    await expect(page.getByText(`All 52 configurations that match “${customer.name}” are selected.`)).toBeVisible();
    await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();
  } else {
    await page.getByRole("button", { name: "Archive all 52 that match…", exact: true }).click();
  }
  await confirm(page, "Archive 52 configurations", "52");
  await state(page, "Completed");
  expect(await tally(customer)).toMatchObject({ configurationsArchived: 52 });
  expect(await isArchived(customer)).toBe(false);
});

test("a job that is cancelled before it begins changes nothing", async ({ page }) => {
  const customers = await createCustomers(2, unique("Slip"));
  await fromList(page, customers);
  await confirm(page, "Archive 2 customers", "2");
  // A slow press, during which the page tells of another second.
  await page.getByRole("button", { name: "Cancel the job" }).click({ delay: hydrated() ? 1_500 : 0 });
  await state(page, "Cancelled");
  expect(await archived(customers)).toBe(0);
});

test("a list says what it does not know, and its job can be undone", async ({ page }) => {
  const customers = await createCustomers(3, unique("Listed"));
  const nobody = unique("nobody");
  await fromList(page, customers, nobody);
  await page.getByText("1 of the list not found").click();
  await expect(page.getByText(nobody, { exact: true })).toBeVisible();
  await confirm(page, "Archive 3 customers", "3");
  await state(page, "Completed");
  expect(await archived(customers)).toBe(3);

  await page.getByRole("button", { name: /^Undo what can be undone \(\d+\)…$/ }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Unarchive 3 customers");
  await confirm(page, "Unarchive 3 customers", "3");
  await state(page, "Completed");
  expect(await archived(customers)).toBe(0);
});

test("the rows of a figure open, and what was typed stays", async ({ page }) => {
  const customers = await createCustomers(3, unique("Opened"));
  await fromList(page, customers);
  if (hydrated()) {
    await page.getByRole("radio", { name: "Churned" }).check();
    await page.getByRole("textbox", { name: "Type 3 to confirm" }).fill("3");
  }
  await page.locator("#confirm-effects").getByRole("link").first().click();
  const rows = page.getByRole("region", { name: "3 rows" });
  await expect(rows.getByRole("link", { name: customers[1].name })).toBeVisible();
  await expect(page).toHaveURL(/rows=changing/);
  if (hydrated()) {
    await expect(rows).toBeFocused();
    await page.getByRole("textbox", { name: "Type 3 to confirm" }).press("Enter");
  } else {
    await confirm(page, "Archive 3 customers", "3");
  }
  await expect(page).toHaveURL(/\/jobs\//);
  await page.getByRole("button", { name: "Cancel the job" }).click();
});

test("other options are counted before they are confirmed, and what was typed stays", async ({ page, tolerate }) => {
  tolerate(/status of 422/);
  const customers = await createCustomers(2, unique("Optional"));
  await createConfiguration(customers[0]);
  await fromList(page, customers);
  const first = page.url();
  await page.getByRole("checkbox", { name: "Also archive their configurations" }).check();
  await page.getByRole("radio", { name: "Churned" }).check();
  await page.getByRole("textbox", { name: "Type 2 to confirm" }).fill("2");
  await page.getByRole("button", { name: "Archive 2 customers" }).click();
  await expect(page.getByRole("heading", { name: /^Nothing was done yet: you changed the options/ })).toBeVisible();
  await expect(page.getByText("configuration archived")).toBeVisible();
  await expect(page.getByRole("radio", { name: "Churned" })).toBeChecked();
  if (hydrated()) expect(page.url(), "a reload shows the newer preview").not.toBe(first);
  await page.getByRole("button", { name: "Preview again" }).click();
  await expect(page.getByText("Counted again: no figure changed.")).toBeVisible();
  await expect(page.getByRole("textbox", { name: "Type 2 to confirm" })).toHaveValue("2");
  await page.getByRole("button", { name: "Archive 2 customers" }).click();
  await expect(page).toHaveURL(/\/jobs\//);
  await page.getByRole("button", { name: "Cancel the job" }).click();
  expect(await tally(customers[0])).toMatchObject({ configurationsArchived: 0 });
});

test("two tabs confirm one preview once", async ({ page, context }) => {
  const customers = await createCustomers(2, unique("Twice"));
  await fromList(page, customers);
  const other = await context.newPage();
  await other.goto(page.url());
  await confirm(page, "Archive 2 customers", "2");
  await confirm(other, "Archive 2 customers", "2");
  expect(other.url(), "both show the one job").toBe(page.url());
  // A browser hardly draws a tab that nobody sees.
  await page.bringToFront();
  await page.getByRole("button", { name: "Cancel the job" }).click();
});

test("a row that changed meanwhile is left alone, and tried again when asked", async ({ page }) => {
  const customers = await createCustomers(3, unique("Moved"));
  await fromList(page, customers);
  await confirm(page, "Archive 3 customers", "3");
  await renameCustomer(customers[1], unique("Renamed"));
  await state(page, "Completed with failures");
  expect(await archived(customers)).toBe(2);
  await page.getByRole("link", { name: /^Failed/ }).click();
  await expect(page.getByRole("row").nth(1)).toContainText("changed_since_preview");

  await page.getByRole("button", { name: "Retry 1 failed" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Archive 1 customer");
  await confirm(page, "Archive customer");
  await state(page, "Completed");
  expect(await archived(customers)).toBe(3);
});

test("a job for a later day waits, and can be taken back until then", async ({ page }) => {
  const customers = await createCustomers(2, unique("Later"));
  await fromList(page, customers);
  const day = new Date(Date.now() + 48 * 60 * 60 * 1000).toISOString().slice(0, 10);
  await page.getByLabel("Not before (optional)").fill(day);
  await confirm(page, "Archive 2 customers", "2");
  await state(page, "Scheduled");
  await expect(page.getByText(/^Waits for .* 00:00/)).toBeVisible();
  expect(await archived(customers)).toBe(0);
  await page.getByRole("button", { name: "Cancel the job" }).click();
  await state(page, "Cancelled");
  expect(await archived(customers)).toBe(0);
});
