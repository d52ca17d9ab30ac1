import { createCustomers, unique } from "../support/api";
import { bulkActions, openList } from "../support/pages";
import { expect, test } from "../support/test";

test("everything that matches is selected on a phone, with paging and every verb in reach", async ({ page }) => {
  const prefix = unique("Pocket");
  await createCustomers(53, prefix);
  await page.setViewportSize({ width: 320, height: 640 });
  await openList(page, "/customers", prefix);
  await page.getByRole("checkbox", { name: "Select all 50 on this page" }).check();
  await page.getByRole("button", { name: "Select all 53 that match" }).click();
  await expect(bulkActions(page)).toContainText("53 selected");
  for (const verb of ["Archive…", "Unarchive…", "Clear"]) {
    await expect(bulkActions(page).getByRole("button", { name: verb, exact: true })).toBeInViewport({ ratio: 1 });
  }
  await page.getByRole("link", { name: "Next" }).click();
  await expect(page.getByRole("row")).toHaveCount(4);
  for (const box of await page.getByRole("checkbox", { name: /^Select Pocket/ }).all()) await expect(box).toBeChecked();
});
