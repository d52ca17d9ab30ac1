import { setting } from "../support/api";
import { openSignIn, signIn } from "../support/pages";
import { expect, test } from "../support/test";

test.use({ role: null });

test("a session left open elsewhere is ended from here", async ({ page, browser }) => {
  const enter = async (there: typeof page) => {
    await openSignIn(there, "/sign-in");
    await signIn(there, "viewer@example.com", setting("MOTHBALL_PASSWORD"));
    await expect(there).toHaveURL("/customers");
  };
  await enter(page);
  const elsewhere = await browser.newContext({ baseURL: setting("MOTHBALL_URL"), userAgent: "Mozilla/5.0 (iPad) Safari/604.1" });
  const lost = await elsewhere.newPage();
  await enter(lost);

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Test viewer" }).click();
  await expect(page).toHaveURL("/settings/sessions");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sessions");
  await expect(page.getByText("This session")).toHaveCount(1);
  await page.getByRole("button", { name: /^End Safari on iPad/ }).click();
  await expect(page.getByText("1 session ended")).toBeVisible();
  await expect(page.getByRole("button", { name: /^End Safari on iPad/ })).toHaveCount(0);

  await lost.reload();
  await expect(lost).toHaveURL("/sign-in?next=%2Fcustomers");
  await elsewhere.close();
});

test("going back after signing out shows nothing of the console", async ({ page }) => {
  await openSignIn(page, "/sign-in");
  await signIn(page, "viewer@example.com", setting("MOTHBALL_PASSWORD"));
  await expect(page).toHaveURL("/customers");
  await page.getByRole("link", { name: "Billing configs" }).first().click();
  await expect(page).toHaveURL("/billing-configurations");
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  for (const was of ["%2Fbilling-configurations", "%2Fcustomers"]) {
    await page.goBack();
    await expect(page).toHaveURL(`/sign-in?next=${was}`);
    await expect(page.getByRole("table")).toHaveCount(0);
  }
});
