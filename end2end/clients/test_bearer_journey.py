"""The main job as an engineer with metronome-sdk does it, from a new customer to an archived one."""

import arrange


def test_a_customer_is_set_up_taken_apart_and_archived(metronome, bearer):
    alias = arrange.unique("alias")
    created = metronome.v1.customers.create(
        name="Northwind Traders",
        ingest_aliases=[alias],
        customer_billing_provider_configurations=[arrange.stripe()],
    ).data
    assert created.ingest_aliases == [alias]
    assert created.external_id == alias

    [stripe] = metronome.v1.customers.retrieve_billing_configurations(customer_id=created.id).data
    assert (stripe.customer_id, stripe.billing_provider, stripe.archived_at) == (created.id, "stripe", None)

    contract_id = arrange.contract(metronome, created.id, stripe.id, name="Northwind 2026")
    before = metronome.v1.contracts.retrieve(customer_id=created.id, contract_id=contract_id).data
    assert before.current.name == "Northwind 2026"
    assert before.customer_billing_provider_configuration.id == stripe.id
    assert before.customer_billing_provider_configuration.archived_at is None
    assert before.spend_threshold_configuration.is_enabled
    assert before.prepaid_balance_threshold_configuration.is_enabled

    invoice_id = arrange.invoice(bearer, created.id, contract_id, **arrange.in_grace())

    echo = metronome.v1.customers.archive_billing_configurations(
        customer_id=created.id,
        customer_billing_provider_configuration_ids=[stripe.id, stripe.id],
    ).data
    assert echo.customer_id == created.id
    assert echo.customer_billing_provider_configuration_ids == [stripe.id]

    detached = metronome.v1.contracts.retrieve(customer_id=created.id, contract_id=contract_id).data
    assert detached.archived_at is None
    assert detached.customer_billing_provider_configuration.id == stripe.id
    assert detached.customer_billing_provider_configuration.archived_at is not None
    assert not detached.spend_threshold_configuration.is_enabled
    assert not detached.prepaid_balance_threshold_configuration.is_enabled
    stopped = metronome.v1.customers.invoices.retrieve(customer_id=created.id, invoice_id=invoice_id).data
    assert (stopped.status, stopped.external_invoice.external_status) == ("FINALIZED", "SKIPPED")

    assert metronome.v1.customers.archive(id=created.id).data.id == created.id
    first = metronome.v1.customers.retrieve(customer_id=created.id).data
    assert metronome.v1.customers.archive(id=created.id).data.id == created.id
    second = metronome.v1.customers.retrieve(customer_id=created.id).data
    assert first.archived_at is not None
    assert (second.archived_at, second.updated_at) == (first.archived_at, first.updated_at)
    voided = metronome.v1.customers.invoices.retrieve(customer_id=created.id, invoice_id=invoice_id).data
    assert voided.status == "VOID"

    archived = list(metronome.v1.customers.list(only_archived=True, ingest_alias=alias))
    assert [customer.id for customer in archived] == [created.id]
    assert list(metronome.v1.customers.list(ingest_alias=alias)) == []
