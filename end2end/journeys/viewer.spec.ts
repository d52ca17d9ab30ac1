import { archiveCustomer, createCustomers, createFurnishedCustomer, isArchived, setting, unique } from "../support/api";
import { openDetail, openList, rows } from "../support/pages";
import { expect, test } from "../support/test";

test.use({ role: "viewer" });

test("a viewer reads and is offered no verb", async ({ page }) => {
  const [archived, active] = await createCustomers(2, unique("Viewed"));
  await archiveCustomer(archived);
  const furnished = await createFurnishedCustomer(`${active.name} furnished`);

  await openList(page, "/customers", furnished.name.split(" ")[0]);
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByRole("checkbox", { includeHidden: true })).toHaveCount(0);
  for (const [path, name] of [
    [`/customers/${active.id}`, active.name],
    [`/customers/${archived.id}`, archived.name],
    [`/billing-configurations/${furnished.configurations[0]}`, "Stripe"],
  ]) {
    await openDetail(page, path).catch(() => undefined);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
    await expect(page.getByRole("link", { name: /archive/i })).toHaveCount(0);
  }
});

test("a viewer who knows the address cannot archive either", async ({ page, tolerate }) => {
  const [customer] = await createCustomers(1, unique("Viewed"));
  tolerate(/status of 403/);
  await page.goto(`/customers/${customer.id}/archive`);
  await expect(page.getByRole("main")).toContainText("You need the role operator");
  await expect(page.getByRole("button", { name: /^Archive/ })).toHaveCount(0);

  const forged = await page.request.post(`/customers/${customer.id}/archive`, {
    headers: { Origin: setting("MOTHBALL_URL") },
    form: { ids: customer.id, versions: "1", options: "1", preset: "churned", idempotency_key: unique("forged") },
    maxRedirects: 0,
  });
  expect(forged.status()).toBe(403);
  expect(await isArchived(customer)).toBe(false);
});
