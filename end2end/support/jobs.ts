// What journeys through bulk jobs do alike.
import type { Page } from "@playwright/test";
import { isArchived, type Customer } from "./api";
import { expect } from "./test";

/** How many of them are archived. */
export const archived = async (customers: Customer[]): Promise<number> => {
  const each = await Promise.all(customers.map(isArchived));
  return each.filter(Boolean).length;
};

/** Fills in what a preview asks for, and confirms it. */
export async function confirm(page: Page, button: string, number?: string) {
  const churned = page.getByRole("radio", { name: "Churned" });
  if (await churned.count()) await churned.check();
  if (number) await page.getByRole("textbox", { name: `Type ${number} to confirm` }).fill(number);
  await page.getByRole("button", { name: button }).click();
  await expect(page).toHaveURL(/\/jobs\//);
}

/** Waits until the page says so: by itself, with a script or without. */
export const state = (page: Page, word: string | RegExp) =>
  expect(page.locator("#job")).toHaveAttribute("data-state", word, { timeout: 60_000 });

/** A preview of what a list names. */
export async function fromList(page: Page, customers: Customer[], more = "") {
  await page.goto("/bulk");
  await page.getByRole("textbox", { name: "List" }).fill(`customer_id,name\n${customers.map(({ id, name }) => `${id},${name}`).join("\n")}\n${more}`);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page).toHaveURL(/\/bulk\/preview\//);
}
