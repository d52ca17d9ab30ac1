import { createCustomers, unique } from "../support/api";
import { hydrated, openList, rows } from "../support/pages";
import { expect, test } from "../support/test";

test("customers are found by name, alias and id", async ({ page }) => {
  const prefix = unique("Searched");
  const [one, other] = await createCustomers(2, prefix);
  await openList(page, "/customers", "");
  const search = page.getByRole("searchbox", { name: "Search customers" });
  const look = async (text: string) => {
    await search.fill(text);
    if (!hydrated()) await search.press("Enter");
    await expect(page).toHaveURL((url) => url.searchParams.get("q") === text);
  };

  await look(prefix);
  await expect(rows(page)).toHaveCount(2);
  for (const [text, found] of [
    [one.alias, one],
    [other.id, other],
    [other.name.toLowerCase(), other],
  ] as const) {
    await look(text);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).getByRole("link", { name: found.name, exact: true })).toBeVisible();
  }

  await page.goBack();
  await page.goForward();
  await rows(page).getByRole("link", { name: other.name, exact: true }).click();
  await expect(page).toHaveURL(`/customers/${other.id}`);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(other.name);
});

test("a search without a match says what was looked for, and the way out of it", async ({ page }) => {
  const text = unique("nothing");
  await openList(page, "/customers", text);
  await expect(page.getByRole("heading", { name: "No customers match these filters" })).toBeVisible();
  await expect(page.getByRole("main")).toContainText(`“${text}” in name, key, alias, email or id.`);
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page).toHaveURL("/customers");
});
