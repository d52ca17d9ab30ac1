import { archiveCustomer, createCustomer, createCustomers, createFurnishedCustomer, unique } from "../support/api";
import { openDetail, openList, rows } from "../support/pages";
import { expect, test } from "../support/test";

test.use({ role: "viewer" });

test("a viewer reads and is offered no verb", async ({ page }) => {
  const [archived, active] = await createCustomers(2, unique("Viewed"));
  await archiveCustomer(archived);
  const furnished = await createFurnishedCustomer(`${active.name} furnished`);

  await openList(page, "/customers", active.name.split(" ")[0]);
  await expect(rows(page)).toHaveCount(3);
  await expect(page.getByRole("checkbox", { includeHidden: true })).toHaveCount(0);
  // Nothing can be picked, so nothing takes the place of the search.
  await rows(page).first().getByRole("link").first().focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("x");
  await expect(page.getByRole("searchbox")).toBeVisible();
  for (const [path, name] of [
    [`/customers/${active.id}`, active.name],
    [`/customers/${archived.id}`, archived.name],
    [`/billing-configurations/${furnished.configurations[0]}`, "Stripe"],
  ]) {
    await openDetail(page, path);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);
    await expect(page.getByRole("link", { name: /archive/i })).toHaveCount(0);
  }
});

test("a viewer who knows the address is not offered the button", async ({ page, tolerate }) => {
  const customer = await createCustomer();
  tolerate(/status of 403/);
  await page.goto(`/customers/${customer.id}/archive`);
  await expect(page.getByRole("main")).toContainText("You need the role operator");
  await expect(page.getByRole("button", { name: /^Archive/ })).toHaveCount(0);
});
