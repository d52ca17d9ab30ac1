"""Customers through metrifox-sdk: created, listed, changed, archived and brought back."""

import pytest
from metrifox_sdk import APIError

import arrange


def create(metrifox, **more):
    wish = {
        "customer_key": arrange.unique("cust"),
        "customer_type": "BUSINESS",
        "primary_email": "billing@northwind.example",
        **more,
    }
    return metrifox.customers.create(wish)["data"]


def test_a_customer_is_created_archived_brought_back_and_read(metrifox):
    created = create(metrifox, legal_name="Northwind Ltd", metadata={"tier": "gold"})
    key = created["customer_key"]
    assert created["archived_at"] is None

    archived = metrifox.customers.archive(key)
    assert archived["statusCode"] == 200
    assert archived["data"]["archived_at"] is not None
    assert metrifox.customers.get(key)["data"] == archived["data"]

    restored = metrifox.customers.unarchive(key)
    assert restored["message"] == "Customer unarchived successfully"
    assert (restored["meta"], restored["errors"]) == ({}, {})
    assert restored["data"]["archived_at"] is None

    read = metrifox.customers.get(key)
    assert read["data"] == restored["data"]
    assert (read["data"]["id"], read["data"]["legal_name"]) == (created["id"], "Northwind Ltd")
    assert (read["data"]["primary_email"], read["data"]["metadata"]) == (created["primary_email"], {"tier": "gold"})


def test_both_routes_create(metrifox, envelope):
    key = arrange.unique("cust")
    wish = {"customer_key": key, "customer_type": "INDIVIDUAL", "primary_email": "ada@northwind.example"}
    answer = envelope.post("/api/v1/customers", json={**wish, "first_name": "Ada", "last_name": "Byron"})
    assert answer.is_success
    assert answer.json()["status"] == "created"
    assert metrifox.customers.get(key)["data"] == answer.json()["data"]
    created = envelope.post("/api/v1/customers/new", json={**wish, "customer_key": arrange.unique("cust")})
    assert (created.status_code, created.json()["statusCode"]) == (201, 201)


def test_archiving_twice_keeps_the_first_stamp(metrifox):
    key = create(metrifox)["customer_key"]
    first = metrifox.customers.archive(key)
    assert metrifox.customers.archive(key) == first


def test_unarchiving_an_active_customer_changes_nothing(metrifox):
    created = create(metrifox)
    unchanged = metrifox.customers.unarchive(created["customer_key"])
    assert unchanged["data"] == metrifox.customers.get(created["customer_key"])["data"]
    assert unchanged["data"]["updated_at"] == created["updated_at"]


def test_deleting_is_archiving(metrifox):
    key = create(metrifox)["customer_key"]
    assert metrifox.customers.delete(key)["statusCode"] == 200
    stamp = metrifox.customers.get(key)["data"]["archived_at"]
    assert stamp is not None
    assert metrifox.customers.archive(key)["data"]["archived_at"] == stamp
    assert metrifox.customers.unarchive(key)["data"]["archived_at"] is None


def test_coming_back_revives_no_contract_and_no_invoice(metrifox, metronome, bearer):
    created = create(metrifox)
    configuration_id = arrange.configuration(metronome, created["id"])
    contract_id = arrange.contract(metronome, created["id"], configuration_id)
    invoice_id = arrange.invoice(bearer, created["id"], contract_id)
    metrifox.customers.archive(created["customer_key"])
    metrifox.customers.unarchive(created["customer_key"])
    contract = metronome.v1.contracts.retrieve(customer_id=created["id"], contract_id=contract_id).data
    assert contract.archived_at is not None
    assert not contract.spend_threshold_configuration.is_enabled
    assert not contract.prepaid_balance_threshold_configuration.is_enabled
    invoice = metronome.v1.customers.invoices.retrieve(customer_id=created["id"], invoice_id=invoice_id).data
    assert invoice.status == "VOID"
    assert arrange.contract(metronome, created["id"])


def test_a_change_keeps_what_it_does_not_name(metrifox):
    created = create(metrifox, display_name="Before", timezone="Europe/Paris")
    changed = metrifox.customers.update(created["customer_key"], {"display_name": "After"})["data"]
    moved = {"display_name", "updated_at"}
    assert changed["display_name"] == "After"
    assert {name for name in created if changed[name] != created[name]} <= moved
    assert metrifox.customers.get(created["customer_key"])["data"] == changed


def test_a_customer_key_never_changes(metrifox, envelope):
    key, wish = create(metrifox)["customer_key"], arrange.unique("cust")
    envelope.patch(f"/api/v1/customers/{key}", json={"customer_key": wish})
    assert metrifox.customers.get(key)["data"]["customer_key"] == key
    with pytest.raises(APIError) as refused:
        metrifox.customers.get(wish)
    assert refused.value.status_code == 404


def test_a_customer_of_the_other_dialect_is_reached_by_its_made_up_key(metrifox, metronome):
    name = arrange.unique("Contoso")
    customer_id = arrange.customer(metronome, name=name)
    [found] = metrifox.customers.list({"search_term": name})["data"]
    assert found["id"] == customer_id
    assert found["customer_key"].startswith("cust-")
    assert len(found["customer_key"]) == len("cust-") + 12
    assert (found["customer_type"], found["primary_email"]) == (None, None)
    metrifox.customers.archive(found["customer_key"])
    assert metronome.v1.customers.retrieve(customer_id=customer_id).data.archived_at is not None
