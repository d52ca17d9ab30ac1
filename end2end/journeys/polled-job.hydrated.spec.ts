import { createCustomers, unique } from "../support/api";
import { confirm, fromList, state } from "../support/jobs";
import { expect, test } from "../support/test";

test("a job is followed where a proxy lets no events through", async ({ page, tolerate }) => {
  test.setTimeout(120_000);
  tolerate(/502/);
  let refused = 0;
  await page.route("**/jobs/*/events", (route) => {
    refused += 1;
    return route.fulfill({ status: 502 });
  });
  const customers = await createCustomers(2, unique("Polled"));
  await fromList(page, customers);
  await confirm(page, "Archive 2 customers", "2");
  await state(page, "Completed");
  expect(refused, "the events were asked for").toBeGreaterThan(0);
});
