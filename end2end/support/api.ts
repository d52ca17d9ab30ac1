// The API as a program uses it: sets up what a journey needs, and tells what came of it. Each thing it makes has a name
// of its own, so that journeys share a database without meeting.
import { randomUUID } from "node:crypto";

export type Contract = { id: string; archived_at: string | null } & Record<Recharge, { is_enabled: boolean } | null>;
export type Invoice = { id: string; status: string; external_invoice: { external_status: string } | null };
export type Configuration = { id: string; archived_at: string | null };
type Recharge = "spend_threshold_configuration" | "prepaid_balance_threshold_configuration";

export type Customer = { id: string; name: string; alias: string };

export function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run scripts/e2e.sh, which starts a server and says where it is.`);
  return value;
}

export const unique = (word: string): string => `${word}-${randomUUID().slice(0, 13)}`;

const DAY = 24 * 60 * 60 * 1000;

/** Midnight, UTC, so many days ago. */
const midnight = (daysAgo: number): string => new Date(Math.floor(Date.now() / DAY) * DAY - daysAgo * DAY).toISOString();

async function call<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(new URL(path, setting("MOTHBALL_URL")), {
    method,
    headers: { Authorization: `Bearer ${setting("MOTHBALL_API_KEY")}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return (text ? JSON.parse(text).data : undefined) as T;
}

export async function createCustomer(name = unique("Northwind")): Promise<Customer> {
  const alias = unique("alias");
  const { id } = await call<{ id: string }>("POST", "/v1/customers", { name, ingest_aliases: [alias] });
  return { id, name, alias };
}

/** Customers whose names begin alike, in alphabetical order. */
export async function createCustomers(count: number, prefix: string): Promise<Customer[]> {
  const made: Customer[] = [];
  for (let number = 1; number <= count; number += 1) made.push(await createCustomer(`${prefix} ${number}`));
  return made;
}

export async function createConfiguration(customer: Customer): Promise<string> {
  const [made] = await call<Configuration[]>("POST", "/v1/setCustomerBillingProviderConfigurations", {
    data: [
      {
        customer_id: customer.id,
        billing_provider: "stripe",
        delivery_method: "direct_to_billing_provider",
        configuration: { stripe_customer_id: unique("cus"), stripe_collection_method: "charge_automatically" },
      },
    ],
  });
  return made.id;
}

const PRODUCT = randomUUID();
const SPEND_RECHARGE = {
  commit: { product_id: PRODUCT, name: "Overage" },
  is_enabled: true,
  payment_gate_config: { payment_gate_type: "NONE" },
  threshold_amount: 10_000,
};
export const RECHARGES = {
  spend_threshold_configuration: SPEND_RECHARGE,
  prepaid_balance_threshold_configuration: { ...SPEND_RECHARGE, threshold_amount: 2_000, recharge_to_amount: 50_000 },
};

export async function createContract(customer: Customer, configuration?: string, more: object = {}): Promise<string> {
  const attached = configuration && {
    billing_provider_configuration: { billing_provider_configuration_id: configuration },
  };
  const made = await call<{ id: string }>("POST", "/v1/contracts/create", {
    customer_id: customer.id,
    name: "Yearly",
    starting_at: midnight(60),
    ...attached,
    ...more,
  });
  return made.id;
}

/** A finalized invoice that was sent, unless told otherwise. */
export async function createInvoice(customer: Customer, contract: string, more: object = {}): Promise<string> {
  const made = await call<{ id: string }>("POST", "/v1/invoices", {
    customer_id: customer.id,
    contract_id: contract,
    external_id: unique("INV"),
    starts_at: midnight(40),
    ends_at: midnight(10),
    lines: [{ name: "API calls", total_minor: 125_050 }],
    currency: "USD",
    total_minor: 125_050,
    status: "FINALIZED",
    external_status: "SENT",
    grace_period_ends_at: midnight(9),
    ...more,
  });
  return made.id;
}

/** The fields of an invoice that can still be stopped. */
export const IN_GRACE = { external_status: "QUEUED", grace_period_ends_at: midnight(-2) };

/** A customer with some of everything that an archive touches. */
export async function createFurnishedCustomer(name?: string): Promise<Customer & { configurations: string[] }> {
  const customer = await createCustomer(name);
  const configurations = [await createConfiguration(customer), await createConfiguration(customer)];
  const yearly = await createContract(customer, configurations[0], RECHARGES);
  const pilot = await createContract(customer, configurations[1], {
    name: "Pilot",
    spend_threshold_configuration: SPEND_RECHARGE,
  });
  await createInvoice(customer, yearly);
  await createInvoice(customer, pilot);
  await createInvoice(customer, yearly, IN_GRACE);
  await createInvoice(customer, yearly, { external_status: "PAID" });
  return { ...customer, configurations };
}

export async function renameCustomer(customer: Customer, name: string): Promise<void> {
  await call("POST", `/v1/customers/${customer.id}/setName`, { name });
}

export async function archiveCustomer(customer: Customer): Promise<void> {
  await call("POST", "/v1/customers/archive", { id: customer.id });
}

export async function isArchived(customer: Customer): Promise<boolean> {
  const { archived_at } = await call<{ archived_at: string | null }>("GET", `/v1/customers/${customer.id}`);
  return archived_at !== null;
}

export const contractsOf = (customer: Customer): Promise<Contract[]> =>
  call("POST", "/v1/contracts/list", { customer_id: customer.id, include_archived: true });

export const invoicesOf = (customer: Customer): Promise<Invoice[]> =>
  call("GET", `/v1/customers/${customer.id}/invoices?limit=100`);

export const configurationsOf = (customer: Customer): Promise<Configuration[]> =>
  call("POST", "/v1/getCustomerBillingProviderConfigurations", { customer_id: customer.id, include_archived: true });

/** What the API says of everything around a customer, as numbers. */
export async function tally(customer: Customer) {
  const [contracts, invoices, configurations] = await Promise.all([
    contractsOf(customer),
    invoicesOf(customer),
    configurationsOf(customer),
  ]);
  const on = (recharge: Recharge) => contracts.filter((contract) => contract[recharge]?.is_enabled).length;
  const outside = (status: string) => invoices.filter((each) => each.external_invoice?.external_status === status);
  return {
    contractsArchived: contracts.filter((contract) => contract.archived_at).length,
    rechargesOn: on("spend_threshold_configuration") + on("prepaid_balance_threshold_configuration"),
    invoicesVoided: invoices.filter((invoice) => invoice.status === "VOID").length,
    neverSent: outside("SKIPPED").length,
    paidKept: outside("PAID").filter((invoice) => invoice.status === "FINALIZED").length,
    configurationsArchived: configurations.filter((configuration) => configuration.archived_at).length,
  };
}
