"""Refusals of the bearer dialect arrive as the library's own classes and say what was wrong."""

import pytest
from metronome import AuthenticationError, BadRequestError, NotFoundError

import arrange

MALFORMED = "not-a-uuid"


def test_archiving_an_unknown_customer_is_not_found(metronome):
    with pytest.raises(NotFoundError) as refused:
        metronome.v1.customers.archive(id=arrange.UNKNOWN)
    assert set(refused.value.body) >= {"message", "code", "request_id"}
    assert refused.value.body["request_id"] == refused.value.response.headers["Request-Id"]


def test_reading_an_unknown_customer_is_not_found(metronome):
    with pytest.raises(NotFoundError):
        metronome.v1.customers.retrieve(customer_id=arrange.UNKNOWN)
    with pytest.raises(NotFoundError):
        metronome.v1.customers.set_name(customer_id=arrange.UNKNOWN, name="Nobody")
    with pytest.raises(NotFoundError):
        metronome.v1.customers.set_ingest_aliases(customer_id=arrange.UNKNOWN, ingest_aliases=[])


def test_an_unknown_customer_of_configurations_is_a_bad_request(metronome):
    with pytest.raises(BadRequestError) as refused:
        metronome.v1.customers.archive_billing_configurations(
            customer_id=arrange.UNKNOWN, customer_billing_provider_configuration_ids=[arrange.PRODUCT]
        )
    assert arrange.UNKNOWN in refused.value.body["message"]


def test_an_empty_list_of_configurations_is_a_bad_request(metronome):
    customer_id = arrange.customer(metronome)
    with pytest.raises(BadRequestError) as refused:
        metronome.v1.customers.archive_billing_configurations(
            customer_id=customer_id, customer_billing_provider_configuration_ids=[]
        )
    body = refused.value.body
    assert body["param"] == "customer_billing_provider_configuration_ids"
    assert (body["success"], body["error"]) == (False, body["message"])


@pytest.mark.parametrize(
    ("param", "call"),
    [
        ("id", lambda api: api.customers.archive(id=MALFORMED)),
        ("customer_id", lambda api: api.customers.retrieve(customer_id=MALFORMED)),
        ("customer_id", lambda api: api.customers.set_name(customer_id=MALFORMED, name="x")),
        ("customer_id", lambda api: api.customers.invoices.list(customer_id=MALFORMED)),
        ("id", lambda api: api.invoices.void(id=MALFORMED)),
        ("contract_id", lambda api: api.contracts.retrieve(customer_id=arrange.UNKNOWN, contract_id=MALFORMED)),
        ("customer_id", lambda api: api.customers.retrieve_billing_configurations(customer_id=MALFORMED)),
        (
            "customer_id",
            lambda api: api.customers.archive_billing_configurations(
                customer_id=MALFORMED, customer_billing_provider_configuration_ids=[arrange.UNKNOWN]
            ),
        ),
        (
            "customer_billing_provider_configuration_ids",
            lambda api: api.customers.archive_billing_configurations(
                customer_id=arrange.UNKNOWN, customer_billing_provider_configuration_ids=[arrange.UNKNOWN, MALFORMED]
            ),
        ),
    ],
)
def test_a_malformed_uuid_is_a_bad_request_that_names_the_field(metronome, param, call):
    with pytest.raises(BadRequestError) as refused:
        call(metronome.v1)
    assert param in refused.value.body["param"]
    assert param in refused.value.body["message"]


@pytest.mark.parametrize("path", ["/v1/customers/archive", "/v1/archiveCustomerBillingProviderConfigurations"])
@pytest.mark.parametrize("body", ["", "{", "[]", "null", "{}", '{"id": 7, "customer_id": 7}'])
def test_a_body_that_cannot_be_read_is_a_bad_request(bearer, path, body):
    refused = bearer.post(path, content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400


def test_a_key_nobody_was_given_is_refused(metronome_stranger):
    with pytest.raises(AuthenticationError):
        metronome_stranger.v1.customers.archive(id=arrange.UNKNOWN)
    with pytest.raises(AuthenticationError):
        metronome_stranger.v1.customers.archive_billing_configurations(
            customer_id=arrange.UNKNOWN, customer_billing_provider_configuration_ids=[arrange.UNKNOWN]
        )
