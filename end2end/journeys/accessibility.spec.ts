import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { archiveCustomer, createCustomer, createFurnishedCustomer, unique } from "../support/api";
import { confirmForm, hydrated, openDetail, openList, openSignIn } from "../support/pages";
import { expect, test } from "../support/test";

const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

// Colours are measured where they come to rest.
test.use({ contextOptions: { reducedMotion: "reduce" }, javaScriptEnabled: true });

// A page is checked up to twelve times.
test.describe.configure({ timeout: 180_000 });

// The checker is a script itself: what it finds without one is the page that never wakes.
test.beforeEach(async ({ page, tolerate }) => {
  if (hydrated()) return;
  tolerate(/preload/);
  const body = "export default () => new Promise(() => {}); export const hydrate = () => {};";
  await page.route("**/pkg/*.js", (route) => route.fulfill({ contentType: "text/javascript", body }));
});

/** Light and dark, wide and as narrow as a page enlarged four times. */
async function expectAccessible(page: Page) {
  for (const width of [1280, 320]) {
    await page.setViewportSize({ width, height: 800 });
    const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(beyond, `pixels that the page scrolls sideways at ${width}`).toBeLessThanOrEqual(0);
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
      const { violations } = await new AxeBuilder({ page }).withTags(TAGS).analyze();
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
      expect.soft(told, `${colorScheme} at ${width}`).toEqual([]);
    }
  }
}

test.describe("signed out", () => {
  test.use({ role: null });

  test("the sign-in page", async ({ page }) => {
    await openSignIn(page, "/sign-in");
    await expectAccessible(page);
  });

  test("the sign-in page after a wrong password", async ({ page }) => {
    await openSignIn(page, "/sign-in?refused=wrong_password");
    await expectAccessible(page);
  });
});

test("the list of customers", async ({ page }) => {
  await openList(page, "/customers", "");
  await expectAccessible(page);
});

test("the list of customers with a ticked row", async ({ page }) => {
  const customer = await createCustomer();
  await openList(page, "/customers", customer.name);
  await page.getByRole("checkbox", { name: `Select ${customer.name}`, exact: true }).check();
  await expectAccessible(page);
});

test("the list of configurations", async ({ page }) => {
  await createFurnishedCustomer();
  await openList(page, "/billing-configurations", "");
  await expectAccessible(page);
});

test("a list without a match", async ({ page }) => {
  await openList(page, "/customers", unique("nothing"));
  await expectAccessible(page);
});

test("the confirm form", async ({ page, tolerate }) => {
  tolerate(/status of 422/);
  const customer = await createFurnishedCustomer();
  await openDetail(page, `/customers/${customer.id}`);
  await page.getByRole("link", { name: "Archive…" }).click();
  const form = await confirmForm(page, `Archive ${customer.name}`);
  await expectAccessible(page);
  await form.getByRole("button", { name: "Archive and void 3 invoices" }).click();
  await expect(form.getByRole("heading", { name: /^Nothing was archived/ })).toBeVisible();
  await expectAccessible(page);
});

test("a customer, its timeline, and one that is archived", async ({ page }) => {
  const customer = await createFurnishedCustomer();
  await openDetail(page, `/customers/${customer.id}`);
  await expectAccessible(page);
  await page.goto(`/customers/${customer.id}/timeline`);
  await expectAccessible(page);
  await archiveCustomer(customer);
  await openDetail(page, `/customers/${customer.id}`);
  await expectAccessible(page);
});

async function previewFromList(page: Page) {
  const { id } = await createFurnishedCustomer();
  await page.goto("/bulk");
  await page.getByRole("textbox", { name: "List" }).fill(`${id}\nnobody`);
  await page.getByRole("button", { name: "Preview" }).click();
  await expect(page.getByRole("button", { name: /^Archive/ })).toBeVisible();
}

test("a list to be pasted", async ({ page }) => {
  await page.goto("/bulk");
  await expectAccessible(page);
});

test("the preview of a job", async ({ page, tolerate }) => {
  tolerate(/status of 422/);
  await previewFromList(page);
  await page.goto(`${page.url()}?rows=contracts`);
  await page.getByRole("button", { name: /^Archive/ }).click();
  await expect(page.getByRole("heading", { name: /^Nothing was archived/ })).toBeVisible();
  await expectAccessible(page);
});

test("a job, and the jobs", async ({ page }) => {
  await previewFromList(page);
  await page.getByRole("radio", { name: "Churned" }).check();
  await page.getByRole("button", { name: /^Archive/ }).click();
  await page.getByRole("button", { name: "Cancel the job" }).click();
  await expectAccessible(page);
  await page.goto("/jobs");
  await expectAccessible(page);
});

test("the sessions", async ({ page }) => {
  await page.goto("/settings/sessions");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sessions");
  await expectAccessible(page);
});

test("a configuration", async ({ page }) => {
  const { configurations } = await createFurnishedCustomer();
  await openDetail(page, `/billing-configurations/${configurations[0]}`);
  await expectAccessible(page);
});

for (const path of ["/customers/00000000-0000-4000-8000-000000000000", "/nowhere"]) {
  test(`what is not found: ${path}`, async ({ page, tolerate }) => {
    tolerate(/status of 404/);
    await page.goto(path);
    await expect(page.getByRole("heading", { name: /not found$/ })).toBeVisible();
    await expectAccessible(page);
  });
}
