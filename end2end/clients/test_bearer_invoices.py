"""Invoices: brought in through our own route, then read and voided through metronome-sdk."""

import pytest
from metronome import NotFoundError

import arrange


@pytest.fixture
def home(metronome):
    """A customer and its contract, billed through a configuration: what its invoices were sent with."""
    customer_id = arrange.customer(metronome)
    configuration_id = arrange.configuration(metronome, customer_id)
    return customer_id, arrange.contract(metronome, customer_id, configuration_id)


def statuses(metronome, customer_id, **filters):
    invoices = metronome.v1.customers.invoices.list(customer_id=customer_id, **filters)
    return {invoice.id: invoice.status for invoice in invoices}


def test_an_invoice_reads_back_as_it_was_brought_in(metronome, bearer, home):
    customer_id, contract_id = home
    invoice_id = arrange.invoice(bearer, customer_id, contract_id, external_status="PAID")
    invoice = metronome.v1.customers.invoices.retrieve(customer_id=customer_id, invoice_id=invoice_id).data
    assert (invoice.id, invoice.customer_id, invoice.contract_id) == (invoice_id, customer_id, contract_id)
    assert (invoice.status, invoice.total) == ("FINALIZED", 125_050)
    assert invoice.start_timestamp == arrange.midnight(days_ago=40)
    assert invoice.end_timestamp == arrange.midnight(days_ago=10)
    assert [line.name for line in invoice.line_items] == ["API calls"]


def test_bringing_an_invoice_in_again_updates_it(metronome, bearer, home):
    external_id = arrange.unique("inv")
    first = arrange.invoice(bearer, *home, external_id=external_id, status="DRAFT")
    second = arrange.invoice(bearer, *home, external_id=external_id, status="FINALIZED")
    assert second == first
    assert statuses(metronome, home[0]) == {first: "FINALIZED"}


def test_invoices_are_filtered_by_status_and_paged(metronome, bearer, home):
    drafts = [arrange.invoice(bearer, *home, status="DRAFT") for _ in range(3)]
    final = arrange.invoice(bearer, *home)
    assert list(statuses(metronome, home[0], status="FINALIZED")) == [final]
    pages = list(metronome.v1.customers.invoices.list(customer_id=home[0], status="DRAFT", limit=2).iter_pages())
    assert [len(page.data) for page in pages] == [2, 1]
    assert sorted(invoice.id for page in pages for invoice in page.data) == sorted(drafts)


def test_voiding_twice_is_voiding_once(metronome, bearer, home):
    invoice_id, other = arrange.invoice(bearer, *home), arrange.invoice(bearer, *home)
    assert metronome.v1.invoices.void(id=invoice_id).data.id == invoice_id
    assert metronome.v1.invoices.void(id=invoice_id).data.id == invoice_id
    assert statuses(metronome, home[0]) == {invoice_id: "VOID", other: "FINALIZED"}


def test_archiving_a_customer_voids_every_invoice_and_loses_none(metronome, bearer, home):
    customer_id = home[0]
    draft = arrange.invoice(bearer, *home, status="DRAFT", external_status=None)
    waiting = arrange.invoice(bearer, *home, **arrange.in_grace())
    paid = arrange.invoice(bearer, *home, external_status="PAID")
    metronome.v1.customers.archive(id=customer_id)
    assert statuses(metronome, customer_id) == {draft: "VOID", waiting: "VOID", paid: "VOID"}
    invoices = {invoice.id: invoice for invoice in metronome.v1.customers.invoices.list(customer_id=customer_id)}
    assert invoices[waiting].external_invoice.external_status == "SKIPPED"
    # What the provider did with the money stays on record.
    assert invoices[paid].external_invoice.external_status == "PAID"
    assert invoices[paid].total == 125_050


def test_an_archived_customer_gets_no_new_invoice(metronome, bearer, home):
    body = {
        "customer_id": home[0],
        "contract_id": home[1],
        "external_id": arrange.unique("inv"),
        "starts_at": "2026-01-01T00:00:00Z",
        "ends_at": "2026-02-01T00:00:00Z",
        "lines": [],
        "currency": "EUR",
        "total_minor": 0,
        "status": "DRAFT",
    }
    metronome.v1.customers.archive(id=home[0])
    refused = bearer.post("/v1/invoices", json=body)
    assert refused.status_code == 400
    assert "archived" in refused.json()["message"]


def test_an_unknown_invoice_is_not_found(metronome, home):
    with pytest.raises(NotFoundError):
        metronome.v1.invoices.void(id=arrange.UNKNOWN)
    with pytest.raises(NotFoundError):
        metronome.v1.customers.invoices.retrieve(customer_id=home[0], invoice_id=arrange.UNKNOWN)


def test_our_own_route_refuses_fields_it_does_not_know(bearer, home):
    refused = bearer.post("/v1/invoices", json={"customer_id": home[0], "contract_id": home[1], "surprise": 1})
    assert refused.status_code == 400
