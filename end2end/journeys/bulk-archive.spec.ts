import { createCustomers, isArchived, unique } from "../support/api";
import { bulkActions, confirmForm, expectToast, figures, openList, rows } from "../support/pages";
import { expect, test } from "../support/test";

test("ticked customers are archived together, and the others are not", async ({ page, tolerate }) => {
  tolerate(/status of 422/);
  const prefix = unique("Bulk");
  const customers = await createCustomers(4, prefix);
  const [, , , spared] = customers;
  await openList(page, "/customers", prefix);
  await expect(rows(page)).toHaveCount(4);
  for (const { name } of customers.slice(0, 3)) await page.getByRole("checkbox", { name: `Select ${name}`, exact: true }).check();
  await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();

  let form = await confirmForm(page, "Archive 3 customers");
  expect((await figures(form))(/^customers archived/)).toBe(3);
  await form.getByRole("radio", { name: "Test data" }).check();
  await form.getByRole("button", { name: "Archive 3 customers" }).click();

  await expect(form.getByRole("heading", { name: "Nothing was archived. One thing needs an answer." })).toBeVisible();
  for (const customer of customers) expect(await isArchived(customer)).toBe(false);
  form = await confirmForm(page, "Archive 3 customers");
  await expect(form.getByRole("radio", { name: "Test data" }), "what was answered is kept").toBeChecked();
  await form.getByRole("textbox", { name: "Type 3 to confirm" }).fill("3");
  await form.getByRole("button", { name: "Archive 3 customers" }).click();

  await expectToast(page, "3 customers archived");
  await openList(page, "/customers", prefix);
  await expect(rows(page).filter({ hasText: "Archived" })).toHaveCount(3);
  for (const customer of customers) expect(await isArchived(customer), customer.name).toBe(customer !== spared);
});
