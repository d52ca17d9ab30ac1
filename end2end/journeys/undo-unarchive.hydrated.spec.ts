import { archiveCustomer, createCustomer, isArchived } from "../support/api";
import { expectToast, openDetail } from "../support/pages";
import { expect, test } from "../support/test";

test("an unarchive can be taken back at once", async ({ page }) => {
  const customer = await createCustomer();
  await archiveCustomer(customer);
  await openDetail(page, `/customers/${customer.id}`);
  await page.getByRole("link", { name: "Unarchive", exact: true }).click();
  await expectToast(page, `${customer.name} unarchived`);
  expect(await isArchived(customer)).toBe(false);

  await page.getByRole("region", { name: "Notifications" }).getByRole("button", { name: "Undo" }).click();
  await expectToast(page, `${customer.name} is archived as before`);
  await expect(page.getByRole("heading", { level: 2, name: /^Archived / })).toBeVisible();
  expect(await isArchived(customer)).toBe(true);
});
