import { createCustomers, unique } from "../support/api";
import { awakeList, bulkActions, confirmForm, rows } from "../support/pages";
import { expect, test } from "../support/test";

test("rows ticked before the page is awake stay ticked", async ({ page }) => {
  const prefix = unique("Early");
  await createCustomers(3, prefix);
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  await page.route("**/pkg/*.wasm", async (route) => {
    await held;
    await route.continue();
  });

  await page.goto(`/customers?q=${prefix}&sort=name`, { waitUntil: "commit" });
  await expect(rows(page)).toHaveCount(3);
  const box = (number: number) => page.getByRole("checkbox", { name: `Select ${prefix} ${number}`, exact: true });
  await box(1).check();
  await box(3).check();
  await expect(page.locator("[data-awake]"), "the page still sleeps").toHaveCount(0);
  await expect(bulkActions(page)).toBeVisible();

  release();
  await awakeList(page);
  await expect(bulkActions(page)).toContainText("2 selected");
  await expect(box(1)).toBeChecked();
  await expect(box(2)).not.toBeChecked();
  await expect(box(3)).toBeChecked();
  await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();
  await confirmForm(page, "Archive 2 customers");
});
