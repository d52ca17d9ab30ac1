import { createCustomer, isArchived, setting, unique } from "../support/api";
import { expect, test } from "../support/test";

const form = (id: string) => ({ ids: id, versions: "1", options: "1", preset: "churned", idempotency_key: unique("forged") });

test.describe("as a viewer", () => {
  test.use({ role: "viewer" });

  test("an archive that no page offered is refused", async ({ page }) => {
    const customer = await createCustomer();
    for (const path of [`/customers/${customer.id}/archive`, "/customers/archive"]) {
      const headers = { Origin: setting("MOTHBALL_URL") };
      const answer = await page.request.post(path, { headers, form: form(customer.id), maxRedirects: 0 });
      expect(answer.status(), path).toBe(403);
    }
    expect(await isArchived(customer)).toBe(false);
  });
});

test("an archive that another site posts is refused", async ({ page }) => {
  const customer = await createCustomer();
  const headers = { Origin: "https://stranger.example", "Sec-Fetch-Site": "cross-site" };
  const path = `/customers/${customer.id}/archive`;
  const answer = await page.request.post(path, { headers, form: form(customer.id), maxRedirects: 0 });
  expect(answer.status()).toBe(403);
  expect(await isArchived(customer)).toBe(false);
});
