// What journeys do on more than one page.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "./test";

export const hydrated = (): boolean => test.info().project.name === "hydrated";

/** Waits until the script is at work, where there is one: each page has something that comes with it. */
async function awake(sign: Locator): Promise<void> {
  if (hydrated()) await expect(sign.first(), "the page wakes up").toBeAttached({ timeout: 20_000 });
}

export async function openList(page: Page, path: "/customers" | "/billing-configurations", search: string) {
  await page.goto(`${path}?q=${encodeURIComponent(search)}`);
  await awakeList(page);
}

export const awakeList = (page: Page): Promise<void> => awake(page.locator("[data-awake]"));

export async function openDetail(page: Page, path: string) {
  await page.goto(path);
  await awake(page.getByRole("button", { name: "Copy", exact: true }));
}

export async function openSignIn(page: Page, path: string) {
  await page.goto(path);
  await awake(page.getByRole("button", { name: "Show password" }));
}

export async function signIn(page: Page, email: string, password: string) {
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Rows of a list or table, without its header. */
export const rows = (page: Page): Locator => page.getByRole("row").filter({ has: page.getByRole("rowheader") });

export const bulkActions = (page: Page): Locator => page.getByRole("group", { name: "Actions on ticked rows" });

/** The confirm form: a dialog over the page, or a page of its own where there is no script. */
export async function confirmForm(page: Page, heading: string): Promise<Locator> {
  const form = hydrated() ? page.locator("dialog") : page.getByRole("main");
  await expect(form.getByRole("heading", { level: hydrated() ? 2 : 1 })).toHaveText(heading);
  return form;
}

/** The figures of a confirm form, each under the words that follow it. */
export async function figures(form: Locator): Promise<(words: RegExp) => number> {
  const told = await form.getByRole("list", { name: "What will happen" }).locator(":scope > li").allTextContents();
  const lines = told.map((line) => /^([\d,]*)(.*)$/s.exec(line.trim()) as RegExpExecArray);
  return (words) => {
    const found = lines.filter(([, , rest]) => words.test(rest));
    expect(found.length, `one line of ${JSON.stringify(told)} matches ${words}`).toBe(1);
    return Number(found[0][1].replaceAll(",", ""));
  };
}

/** The sentence that says what was done. It is spoken and shown by a script; the page itself tells it without one. */
export async function expectToast(page: Page, sentence: string) {
  if (hydrated()) await expect(page.getByRole("region", { name: "Notifications" })).toContainText(sentence);
}
