// Journeys through the console, each hydrated and without JavaScript. They need a running server with an account a role
// and an operator's key: scripts/e2e.sh brings one.
import { defineConfig } from "@playwright/test";
import type { Options } from "./support/test";

const quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

export default defineConfig<Options>({
  testDir: "journeys",
  outputDir: "test-results",
  workers: 1,
  retries: 0,
  reporter: "list",
  forbidOnly: Boolean(process.env.CI),
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    baseURL: process.env.MOTHBALL_URL,
    viewport: { width: 1280, height: 800 },
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM || undefined,
      args: ["--no-sandbox", "--disable-gpu", ...quiet],
    },
  },
  projects: [
    { name: "hydrated", use: { javaScriptEnabled: true } },
    { name: "without-javascript", use: { javaScriptEnabled: false }, testIgnore: "**/*.hydrated.spec.ts" },
  ],
});
