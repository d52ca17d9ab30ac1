// The test of every journey: signed in by `role`, and failed by anything that the browser complains about.
import { test as base, expect, request, type BrowserContext } from "@playwright/test";
import { setting } from "./api";

export type Role = "viewer" | "operator" | "admin";
type Session = Awaited<ReturnType<BrowserContext["storageState"]>>;

export type Options = { role: Role | null };
type Fixtures = Options & {
  /** What the browser may complain about in this test. */
  tolerate: (complaint: RegExp) => void;
};
type WorkerFixtures = { session: (role: Role) => Promise<Session> };

async function signedIn(role: Role): Promise<Session> {
  const baseURL = setting("MOTHBALL_URL");
  const browser = await request.newContext({ baseURL, extraHTTPHeaders: { Origin: baseURL } });
  const form = { email: `${role}@example.com`, password: setting("MOTHBALL_PASSWORD") };
  const answer = await browser.post("/sign-in", { form, maxRedirects: 0 });
  expect(answer.headers().location, `the ${role} can sign in`).toBe("/customers");
  const session = await browser.storageState();
  await browser.dispose();
  return session;
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  role: ["operator", { option: true }],

  // Sign-in is throttled, so that each role signs in once.
  session: [
    async ({}, use) => {
      const sessions = new Map<Role, Promise<Session>>();
      await use((role) => {
        const session = sessions.get(role) ?? signedIn(role);
        sessions.set(role, session);
        return session;
      });
    },
    { scope: "worker" },
  ],

  storageState: async ({ role, session }, use) => {
    await use(role ? await session(role) : undefined);
  },

  tolerate: [
    async ({ context }, use) => {
      const complaints: string[] = [];
      const tolerated: RegExp[] = [];
      context.on("console", (message) => {
        if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
      });
      context.on("weberror", (error) => complaints.push(`uncaught: ${error.error().message}`));
      context.on("request", (sent) => {
        if (new URL(sent.url()).pathname === "/csp-reports") complaints.push(`content policy: ${sent.postData()}`);
      });
      context.on("response", (answer) => {
        if (answer.status() >= 500) complaints.push(`${answer.status()} from ${answer.url()}`);
      });
      await use((complaint) => tolerated.push(complaint));
      const serious = complaints.filter((complaint) => !tolerated.some((pattern) => pattern.test(complaint)));
      expect(serious, "the browser has nothing to complain about").toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
