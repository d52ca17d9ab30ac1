import { archiveCustomer, createFurnishedCustomer, isArchived, tally } from "../support/api";
import { confirmForm, expectToast, hydrated, openDetail } from "../support/pages";
import { expect, test } from "../support/test";

test("an archived customer comes back without its contracts and invoices", async ({ page }) => {
  const customer = await createFurnishedCustomer();
  await archiveCustomer(customer);
  const archived = await tally(customer);

  await openDetail(page, `/customers/${customer.id}`);
  await expect(page.getByRole("heading", { level: 2, name: /^Archived / })).toBeVisible();
  await page.getByRole("link", { name: "Unarchive", exact: true }).click();
  if (!hydrated()) {
    const form = await confirmForm(page, `Unarchive ${customer.name}`);
    await form.getByRole("button", { name: "Unarchive customer" }).click();
  }

  await expectToast(page, hydrated() ? `${customer.name} unarchived` : "1 customer unarchived");
  await expect(page).toHaveURL(`/customers/${customer.id}`);
  await expect(page.getByRole("heading", { level: 2, name: /^Archived / })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Archive…" })).toBeVisible();
  expect(await isArchived(customer)).toBe(false);
  expect(await tally(customer), "nothing else came back").toEqual(archived);
});
