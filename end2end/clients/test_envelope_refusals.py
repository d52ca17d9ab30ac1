"""Refusals of the envelope dialect: metrifox-sdk knows one error class, with the status and the raw body in it."""

import json

import pytest
from metrifox_sdk import APIError

import arrange
from test_envelope_customers import create


def refusal(call) -> tuple[int, dict]:
    with pytest.raises(APIError) as refused:
        call()
    return refused.value.status_code, json.loads(refused.value.response_body)


@pytest.mark.parametrize("act", ["get", "archive", "unarchive", "delete"])
def test_an_unknown_customer_is_not_found(metrifox, act):
    status, body = refusal(lambda: getattr(metrifox.customers, act)(arrange.unique("nobody")))
    assert (status, body["statusCode"], body["data"]) == (404, 404, None)
    assert body["message"] == "Customer not found"


def test_updating_an_unknown_customer_is_not_found(metrifox):
    status, _ = refusal(lambda: metrifox.customers.update(arrange.unique("nobody"), {"display_name": "Nobody"}))
    assert status == 404


@pytest.mark.parametrize("act", ["get", "archive", "unarchive", "delete"])
def test_a_key_nobody_was_given_is_refused(metrifox_stranger, act):
    status, _ = refusal(lambda: getattr(metrifox_stranger.customers, act)("cust-1"))
    assert status == 401


@pytest.mark.parametrize("missing", ["customer_key", "customer_type", "primary_email"])
def test_a_missing_field_is_named(metrifox, missing):
    wish = {"customer_key": arrange.unique("cust"), "customer_type": "BUSINESS", "primary_email": "a@northwind.example"}
    del wish[missing]
    status, body = refusal(lambda: metrifox.customers.create(wish))
    assert (status, list(body["errors"])) == (400, [missing])


@pytest.mark.parametrize(
    "key", ["", ".", "..", "new", "bulk-create", "csv-upload", "a/b", "a b", "a\tb", "x" * 256]
)
def test_a_key_that_could_not_be_addressed_is_refused(metrifox, key):
    status, body = refusal(lambda: create(metrifox, customer_key=key))
    assert (status, list(body["errors"])) == (400, ["customer_key"])


@pytest.mark.parametrize("key", ["k", "ACME_Ltd.2026~eu", "x" * 240])
def test_a_key_of_visible_characters_is_taken(metrifox, key):
    wish = arrange.unique(key)
    assert create(metrifox, customer_key=wish)["customer_key"] == wish
    assert metrifox.customers.get(wish)["data"]["customer_key"] == wish


def test_a_key_is_given_once(metrifox):
    key = create(metrifox)["customer_key"]
    status, body = refusal(lambda: create(metrifox, customer_key=key))
    assert status in (400, 409)
    assert "customer_key" in body["errors"]


def test_a_key_stays_reserved_while_its_customer_is_archived(metrifox):
    key = create(metrifox)["customer_key"]
    metrifox.customers.archive(key)
    status, body = refusal(lambda: create(metrifox, customer_key=key))
    assert status in (400, 409)
    assert "customer_key" in body["errors"]


def test_an_archived_customer_refuses_edits(metrifox):
    key = create(metrifox)["customer_key"]
    metrifox.customers.archive(key)
    status, body = refusal(lambda: metrifox.customers.update(key, {"display_name": "New"}))
    assert status == 400
    assert "archived" in body["message"]


@pytest.mark.parametrize("body", ["{", "[]", "null"])
def test_a_body_that_cannot_be_read_is_a_bad_request(envelope, body):
    refused = envelope.post("/api/v1/customers/new", content=body, headers={"Content-Type": "application/json"})
    assert refused.status_code == 400


@pytest.mark.parametrize("wrong", [{"page": "0"}, {"per_page": "101"}, {"page": "1001"}, {"archived": "perhaps"}])
def test_a_filter_that_cannot_be_answered_is_named(envelope, wrong):
    refused = envelope.get("/api/v1/customers", params=wrong)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, list(wrong))
