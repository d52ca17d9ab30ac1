import { createCustomer, setting, unique } from "../support/api";
import { openSignIn, signIn } from "../support/pages";
import { expect, test } from "../support/test";

test.use({ role: null });

test("a wrong password is refused, and the way on is kept", async ({ page }) => {
  const customer = await createCustomer();
  const wanted = `/customers/${customer.id}/timeline`;
  await page.goto(wanted);
  await expect(page).toHaveURL(`/sign-in?next=${encodeURIComponent(wanted)}`);
  await openSignIn(page, page.url());

  await signIn(page, `${unique("nobody")}@example.com`, "not the password");
  await expect(page.getByRole("alert")).toHaveText("Email or password is wrong.");
  await expect(page).toHaveTitle(/^Error: Sign in/);
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("aria-invalid", "true");

  await openSignIn(page, page.url());
  await signIn(page, "operator@example.com", setting("MOTHBALL_PASSWORD"));
  await expect(page).toHaveURL(wanted);
  await expect(page.getByRole("heading", { level: 1 })).toContainText(customer.name);
});

test("signing out ends the session", async ({ page }) => {
  await openSignIn(page, "/sign-in");
  await signIn(page, "viewer@example.com", setting("MOTHBALL_PASSWORD"));
  await expect(page).toHaveURL("/customers");
  await expect(page.getByRole("navigation", { name: "Main" })).toContainText("Test viewer");
  const session = await page.context().cookies();

  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page).toHaveURL("/sign-in");
  await page.goto("/customers");
  await expect(page).toHaveURL("/sign-in?next=%2Fcustomers");

  await page.context().addCookies(session);
  await page.goto("/customers");
  await expect(page, "a copy of the session is worth nothing").toHaveURL("/sign-in?next=%2Fcustomers");
});

for (const stranger of ["https://stranger.example/", "//stranger.example/", "/\\stranger.example/"]) {
  test(`signing in does not lead to ${stranger}`, async ({ page }) => {
    await openSignIn(page, `/sign-in?next=${encodeURIComponent(stranger)}`);
    await signIn(page, "admin@example.com", setting("MOTHBALL_PASSWORD"));
    await expect(page).toHaveURL("/customers");
  });
}
