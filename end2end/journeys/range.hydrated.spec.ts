import { createCustomers, isArchived, unique } from "../support/api";
import { awakeList, bulkActions, confirmForm, expectToast, rows } from "../support/pages";
import { expect, test } from "../support/test";

test("a range ticked with shift is archived once its number is typed", async ({ page }) => {
  const prefix = unique("Range");
  const customers = await createCustomers(4, prefix);
  await page.goto(`/customers?q=${prefix}&sort=name`);
  await awakeList(page);
  await expect(rows(page)).toHaveCount(4);
  const box = (number: number) => page.getByRole("checkbox", { name: `Select ${prefix} ${number}`, exact: true });
  await box(1).click();
  await expect(bulkActions(page)).toContainText("1 selected");
  await box(3).click({ modifiers: ["Shift"] });
  await expect(bulkActions(page)).toContainText("3 selected");
  for (const number of [1, 2, 3]) await expect(box(number)).toBeChecked();
  await expect(box(4)).not.toBeChecked();
  await expect(page.getByRole("checkbox", { name: "Select all 4 on this page" })).toHaveJSProperty("indeterminate", true);

  await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();
  const form = await confirmForm(page, "Archive 3 customers");
  await form.getByRole("radio", { name: "Onboarded by mistake" }).check();
  await form.getByRole("textbox", { name: "Type 3 to confirm" }).fill("4");
  await form.getByRole("button", { name: "Archive 3 customers" }).click();
  await expect(form.getByRole("link", { name: "Type 3 to confirm" })).toBeVisible();
  await form.getByRole("textbox", { name: "Type 3 to confirm" }).fill("3");
  await form.getByRole("button", { name: "Archive 3 customers" }).click();

  await expectToast(page, "3 customers archived");
  await expect(rows(page).filter({ hasText: "Archived" })).toHaveCount(3);
  await expect(bulkActions(page)).toBeHidden();
  expect(await Promise.all(customers.map(isArchived))).toEqual([true, true, true, false]);
});
