import { createFurnishedCustomer, isArchived, tally } from "../support/api";
import { confirmForm, expectToast, figures, hydrated, openDetail } from "../support/pages";
import { expect, test } from "../support/test";

test("archiving a customer does what the form said it would", async ({ page }) => {
  const customer = await createFurnishedCustomer();
  const before = await tally(customer);
  expect(before).toMatchObject({ contractsArchived: 0, invoicesVoided: 0, rechargesOn: 3 });

  await openDetail(page, `/customers/${customer.id}`);
  await page.getByRole("link", { name: "Archive…" }).click();
  const form = await confirmForm(page, `Archive ${customer.name}`);
  const told = await figures(form);
  await expect(form).toContainText("3 invoices, 2 contracts and 3 recharges.");
  await form.getByRole("radio", { name: "Churned" }).check();
  await form.getByRole("textbox", { name: "Ticket or note" }).fill("SUP-1");
  await form.getByRole("button", { name: "Archive and void 3 invoices" }).click();

  await expectToast(page, hydrated() ? `${customer.name} archived` : "1 customer archived");
  await expect(page).toHaveURL(`/customers/${customer.id}`);
  await expect(page.getByRole("heading", { level: 2, name: /^Archived .* by Test operator$/ })).toBeVisible();
  await expect(page.getByRole("main")).toContainText("Churned. SUP-1");
  await expect(page.getByRole("link", { name: "Archive…" })).toHaveCount(0);

  expect(await isArchived(customer)).toBe(true);
  const after = await tally(customer);
  expect(told(/^customer archived/)).toBe(1);
  expect(told(/^contracts archived as of/)).toBe(after.contractsArchived);
  expect(told(/^invoices voided/)).toBe(after.invoicesVoided);
  expect(told(/^invoice in grace period will never be sent/)).toBe(after.neverSent);
  expect(told(/^paid invoice stays as it is/)).toBe(after.paidKept);
  expect(told(/^recharges disabled/)).toBe(before.rechargesOn - after.rechargesOn);
  expect(after).toEqual({
    contractsArchived: 2,
    rechargesOn: 0,
    invoicesVoided: 3,
    neverSent: 1,
    paidKept: 1,
    configurationsArchived: 0,
  });
});

test("an archive without a reason does nothing", async ({ page }) => {
  const customer = await createFurnishedCustomer();
  await openDetail(page, `/customers/${customer.id}`);
  await page.getByRole("link", { name: "Archive…" }).click();
  const form = await confirmForm(page, `Archive ${customer.name}`);
  await form.getByRole("button", { name: "Archive and void 3 invoices" }).click();

  await expect(form.getByRole("heading", { name: "Nothing was archived. One thing needs an answer." })).toBeVisible();
  await expect(form.getByRole("textbox", { name: "Ticket or note" })).toHaveAttribute("aria-invalid", "true");
  expect(await isArchived(customer)).toBe(false);
});
