import { archiveCustomer, createCustomer, createFurnishedCustomer, renameCustomer } from "../support/api";
import { openDetail } from "../support/pages";
import { expect, test } from "../support/test";

test("the timeline tells who did what, newest first", async ({ page }) => {
  const customer = await createFurnishedCustomer();
  await archiveCustomer(customer);
  await openDetail(page, `/customers/${customer.id}`);
  await page.getByRole("navigation", { name: "Sections" }).getByRole("link", { name: "Timeline" }).click();
  await expect(page).toHaveURL(`/customers/${customer.id}/timeline`);

  const entries = page.getByRole("main").getByRole("listitem").filter({ has: page.getByTitle("Request id") });
  const innermost = entries.filter({ hasNot: page.getByRole("heading") });
  await expect(innermost).toHaveCount(10);
  await expect(innermost.first()).toContainText("archived this customer: 2 contracts archived");
  await expect(innermost.first()).toContainText("Test operator key");
  await expect(innermost.last()).toContainText("created this customer");
});

test("older entries are a page away", async ({ page }) => {
  const customer = await createCustomer();
  for (let time = 1; time <= 26; time += 1) await renameCustomer(customer, `${customer.name} ${time}`);
  await page.goto(`/customers/${customer.id}/timeline`);
  const main = page.getByRole("main");
  await expect(main.getByTitle("Request id")).toHaveCount(25);
  await main.getByRole("link", { name: "Show older" }).click();
  await expect(main.getByTitle("Request id")).toHaveCount(2);
  await expect(main).toContainText("created this customer");
  await main.getByRole("link", { name: "Newest" }).click();
  await expect(main.getByTitle("Request id")).toHaveCount(25);
});
