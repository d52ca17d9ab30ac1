"""Who may do what: either header on every route, no route without a key, no write for a viewer."""

import pytest
from metrifox_sdk import APIError
from metronome import PermissionDeniedError

import arrange
from test_envelope_customers import create

CUSTOMER = {"customer_id": arrange.UNKNOWN}
CONFIGURATIONS = {**CUSTOMER, "customer_billing_provider_configuration_ids": [arrange.UNKNOWN]}
CONTRACT = {**CUSTOMER, "contract_id": arrange.UNKNOWN, "starting_at": "2026-01-01T00:00:00Z"}
# None of these can change anything: what they name does not exist, or what they need is missing.
ROUTES = [
    ("GET", "/v1/customers?limit=1", None),
    ("POST", "/v1/customers", {}),
    ("GET", f"/v1/customers/{arrange.UNKNOWN}", None),
    ("POST", "/v1/customers/archive", {"id": arrange.UNKNOWN}),
    ("POST", f"/v1/customers/{arrange.UNKNOWN}/setName", {"name": "Nobody"}),
    ("POST", f"/v1/customers/{arrange.UNKNOWN}/setIngestAliases", {"ingest_aliases": []}),
    ("POST", "/v1/setCustomerBillingProviderConfigurations", {"data": [{**CUSTOMER, **arrange.stripe()}]}),
    ("POST", "/v1/getCustomerBillingProviderConfigurations", CUSTOMER),
    ("POST", "/v1/archiveCustomerBillingProviderConfigurations", CONFIGURATIONS),
    ("POST", "/v1/contracts/create", CONTRACT),
    ("POST", "/v1/contracts/get", CONTRACT),
    ("POST", "/v1/contracts/list", CUSTOMER),
    ("GET", f"/v1/customers/{arrange.UNKNOWN}/invoices", None),
    ("GET", f"/v1/customers/{arrange.UNKNOWN}/invoices/{arrange.UNKNOWN}", None),
    ("POST", "/v1/invoices", {}),
    ("POST", "/v1/invoices/void", {"id": arrange.UNKNOWN}),
    ("POST", "/api/v1/customers/new", {}),
    ("POST", "/api/v1/customers", {}),
    ("GET", "/api/v1/customers?per_page=1", None),
    ("GET", "/api/v1/customers/cust-nobody", None),
    ("PATCH", "/api/v1/customers/cust-nobody", {"display_name": "Nobody"}),
    ("DELETE", "/api/v1/customers/cust-nobody", None),
    ("POST", "/api/v1/customers/cust-nobody/archive", None),
    ("POST", "/api/v1/customers/cust-nobody/unarchive", None),
]
every_route = pytest.mark.parametrize(("method", "path", "body"), ROUTES, ids=[f"{m} {p}" for m, p, _ in ROUTES])


@every_route
def test_either_header_opens_the_route(bearer, envelope, method, path, body):
    one, other = (client.request(method, path, json=body) for client in (bearer, envelope))
    assert one.status_code == other.status_code
    assert one.status_code in (200, 400, 404)


@every_route
def test_no_key_opens_nothing(anonymous, method, path, body):
    assert anonymous.request(method, path, json=body).status_code == 401


@pytest.mark.parametrize("headers", [{"Authorization": "Bearer"}, {"Authorization": "Basic eA=="}, {"x-api-key": ""}])
def test_half_a_header_is_no_key(anonymous, headers):
    assert anonymous.get("/v1/customers", headers=headers).status_code == 401
    assert anonymous.get("/api/v1/customers", headers=headers).status_code == 401


def test_a_viewer_may_read(metronome, metronome_viewer, metrifox_viewer):
    customer_id = arrange.customer(metronome)
    assert metronome_viewer.v1.customers.retrieve(customer_id=customer_id).data.id == customer_id
    assert [found.id for found in metronome_viewer.v1.customers.list(customer_ids=[customer_id])] == [customer_id]
    # Two of the reads are POSTs.
    assert metronome_viewer.v1.customers.retrieve_billing_configurations(customer_id=customer_id).data == []
    assert list(metronome_viewer.v1.contracts.list(customer_id=customer_id)) == []
    assert list(metronome_viewer.v1.customers.invoices.list(customer_id=customer_id)) == []
    assert metrifox_viewer.customers.list({"per_page": 1})["statusCode"] == 200


def test_a_viewer_cannot_write_in_the_bearer_dialect(metronome, metronome_viewer, bearer):
    customer_id = arrange.customer(metronome)
    configuration_id = arrange.configuration(metronome, customer_id)
    contract_id = arrange.contract(metronome, customer_id)
    invoice_id = arrange.invoice(bearer, customer_id, contract_id)
    before = metronome.v1.customers.retrieve(customer_id=customer_id)
    viewer = metronome_viewer.v1
    writes = [
        lambda: viewer.customers.create(name="By a viewer"),
        lambda: viewer.customers.archive(id=customer_id),
        lambda: viewer.customers.set_name(customer_id=customer_id, name="By a viewer"),
        lambda: viewer.customers.set_ingest_aliases(customer_id=customer_id, ingest_aliases=[arrange.unique("alias")]),
        lambda: arrange.configuration(metronome_viewer, customer_id),
        lambda: viewer.customers.archive_billing_configurations(
            customer_id=customer_id, customer_billing_provider_configuration_ids=[configuration_id]
        ),
        lambda: arrange.contract(metronome_viewer, customer_id),
        lambda: viewer.invoices.void(id=invoice_id),
    ]
    for write in writes:
        with pytest.raises(PermissionDeniedError):
            write()
    assert metronome.v1.customers.retrieve(customer_id=customer_id) == before
    [live] = metronome.v1.customers.retrieve_billing_configurations(customer_id=customer_id).data
    assert live.id == configuration_id
    [invoice] = metronome.v1.customers.invoices.list(customer_id=customer_id)
    assert invoice.status == "FINALIZED"


def test_a_viewer_cannot_write_in_the_envelope_dialect(metrifox, metrifox_viewer):
    key = create(metrifox)["customer_key"]
    before = metrifox.customers.get(key)
    viewer = metrifox_viewer.customers
    writes = [
        lambda: create(metrifox_viewer),
        lambda: viewer.update(key, {"display_name": "By a viewer"}),
        lambda: viewer.archive(key),
        lambda: viewer.unarchive(key),
        lambda: viewer.delete(key),
    ]
    for write in writes:
        with pytest.raises(APIError) as refused:
            write()
        assert refused.value.status_code == 403
    assert metrifox.customers.get(key) == before
