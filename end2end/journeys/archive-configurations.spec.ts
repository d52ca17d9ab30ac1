import { createFurnishedCustomer, isArchived, tally } from "../support/api";
import { bulkActions, confirmForm, expectToast, figures, openList, rows } from "../support/pages";
import { expect, test } from "../support/test";

test("two configurations are archived with what hangs on them, and the customer stays", async ({ page }) => {
  const customer = await createFurnishedCustomer();
  const before = await tally(customer);
  await openList(page, "/billing-configurations", customer.name);
  await expect(rows(page)).toHaveCount(2);
  for (const box of await page.getByRole("checkbox", { name: `Select Stripe of ${customer.name}` }).all()) await box.check();
  await bulkActions(page).getByRole("button", { name: "Archive…", exact: true }).click();

  const form = await confirmForm(page, "Archive 2 configurations");
  const told = await figures(form);
  await form.getByRole("radio", { name: "Other" }).check();
  await form.getByRole("textbox", { name: "Ticket or note" }).fill("moved to another provider");
  await form.getByRole("textbox", { name: "Type 2 to confirm" }).fill("2");
  await form.getByRole("button", { name: "Archive 2 configurations, stop 1 invoice" }).click();

  await expectToast(page, "2 configurations archived");
  await openList(page, "/billing-configurations", customer.name);
  await expect(rows(page).filter({ hasText: "Archived" })).toHaveCount(2);
  expect(await isArchived(customer)).toBe(false);
  const after = await tally(customer);
  expect(told(/^configurations archived/)).toBe(after.configurationsArchived);
  expect(told(/^contracts detached from their configuration/)).toBe(2);
  expect(told(/^recharges disabled/)).toBe(before.rechargesOn - after.rechargesOn);
  expect(told(/^invoice in grace period will never be sent/)).toBe(after.neverSent);
  expect(after).toMatchObject({ configurationsArchived: 2, contractsArchived: 0, rechargesOn: 0, invoicesVoided: 0, neverSent: 1 });
});
