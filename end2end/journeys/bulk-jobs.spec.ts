import type { Page } from "@playwright/test";
import { createCustomers, isArchived, unique, type Customer } from "../support/api";
import { bulkActions, figures, hydrated, openList } from "../support/pages";
import { expect, test } from "../support/test";

test.describe.configure({ timeout: 120_000 });

const archived = async (customers: Customer[]): Promise<number> => {
  const each = await Promise.all(customers.map(isArchived));
  return each.filter(Boolean).length;
};

/** Fills in what a preview asks for, and confirms it. */
async function confirm(page: Page, button: string, number?: string) {
  const churned = page.getByRole("radio", { name: "Churned" });
  if (await churned.count()) await churned.check();
  if (number) await page.getByRole("textbox", { name: `Type ${number} to confirm` }).fill(number);
  await page.getByRole("button", { name: button }).click();
  await expect(page).toHaveURL(/\/jobs\//);
}

/** Waits until the page says so: by itself, with a script or without. */
const state = (page: Page, word: string) =>
  expect(page.getByRole("main").getByText(word, { exact: true }).first()).toBeVisible({ timeout: 60_000 });

/** A preview of what a list names. */
async function fromList(page: Page, customers: Customer[], more = "") {
  await page.goto("/bulk");
  await page.getByRole("textbox", { name: "List" }).fill(`customer_id,name\n${customers.map(({ id, name }) => `${id},${name}`).join("\n")}\n${more}`);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page).toHaveURL(/\/bulk\/preview\//);
}

test("all customers that match are archived, on every page, but one", async ({ page, tolerate }) => {
  tolerate(/status of 422/);
  const prefix = unique("Many");
  const customers = await createCustomers(53, prefix);
  await openList(page, "/customers", prefix);
  let count = 53;
  if (hydrated()) {
    await page.getByRole("checkbox", { name: "Select all 50 on this page" }).check();
    await page.getByRole("button", { name: "Select all customers that match" }).click();
    await expect(page.getByText("All 53 customers that match are selected.")).toBeVisible();
    await page.getByRole("row").nth(3).getByRole("checkbox").uncheck();
    await expect(page.getByText("52 of 53 selected (1 excluded).")).toBeVisible();
    await page.getByRole("link", { name: "Next" }).click();
    await expect(page.getByRole("row")).toHaveCount(4);
    for (const box of await page.getByRole("checkbox", { name: /^Select Many/ }).all()) await expect(box).toBeChecked();
    await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();
    count = 52;
  } else {
    await page.getByRole("button", { name: "Archive all that match…", exact: true }).click();
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

test("a job that is cancelled before it begins changes nothing", async ({ page }) => {
  const customers = await createCustomers(2, unique("Slip"));
  await fromList(page, customers);
  await confirm(page, "Archive 2 customers", "2");
  await page.getByRole("button", { name: "Cancel the job" }).click();
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

  await page.getByRole("button", { name: "Undo what can be undone (3)" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Unarchive 3 customers");
  await confirm(page, "Unarchive 3 customers", "3");
  await state(page, "Completed");
  expect(await archived(customers)).toBe(0);
});

test("two tabs confirm one preview once", async ({ page, context }) => {
  const customers = await createCustomers(2, unique("Twice"));
  await fromList(page, customers);
  const other = await context.newPage();
  await other.goto(page.url());
  await confirm(page, "Archive 2 customers", "2");
  await confirm(other, "Archive 2 customers", "2");
  expect(other.url(), "both show the one job").toBe(page.url());
  await page.getByRole("button", { name: "Cancel the job" }).click();
});
