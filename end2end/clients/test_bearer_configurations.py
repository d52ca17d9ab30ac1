"""Billing provider configurations through metronome-sdk: archived together or not at all."""

import pytest
from metronome import BadRequestError, ConflictError

import arrange


def live_ids(metronome, customer_id):
    answer = metronome.v1.customers.retrieve_billing_configurations(customer_id=customer_id)
    return sorted(configuration.id for configuration in answer.data)


def archive(metronome, customer_id, ids):
    return metronome.v1.customers.archive_billing_configurations(
        customer_id=customer_id, customer_billing_provider_configuration_ids=ids
    ).data.customer_billing_provider_configuration_ids


def test_a_configuration_reads_back_as_it_was_set(metronome):
    customer_id = arrange.customer(metronome)
    wish = arrange.stripe(tax_provider="stripe")
    [made] = metronome.v1.customers.set_billing_configurations(data=[{"customer_id": customer_id, **wish}]).data
    assert (made.customer_id, made.tax_provider) == (customer_id, "stripe")
    assert made.configuration == wish["configuration"]
    [read] = metronome.v1.customers.retrieve_billing_configurations(customer_id=customer_id).data
    assert (read.id, read.delivery_method) == (made.id, "direct_to_billing_provider")
    assert read.configuration == wish["configuration"]
    assert read.delivery_method_id == made.delivery_method_id


def test_repeated_ids_are_archived_once(metronome):
    customer_id = arrange.customer(metronome)
    one, two = (arrange.configuration(metronome, customer_id) for _ in range(2))
    echoed = archive(metronome, customer_id, [two, one, two, two])
    assert sorted(echoed) == sorted([one, two])
    assert live_ids(metronome, customer_id) == []


def test_an_archived_configuration_is_listed_only_when_asked_for(metronome):
    customer_id = arrange.customer(metronome)
    kept, gone = (arrange.configuration(metronome, customer_id) for _ in range(2))
    archive(metronome, customer_id, [gone])
    everything = metronome.v1.customers.retrieve_billing_configurations(customer_id=customer_id, include_archived=True)
    stamps = {configuration.id: configuration.archived_at for configuration in everything.data}
    assert live_ids(metronome, customer_id) == [kept]
    assert (stamps[kept], set(stamps)) == (None, {kept, gone})
    assert stamps[gone] is not None


def test_archiving_a_configuration_twice_keeps_the_first_stamp(metronome):
    customer_id = arrange.customer(metronome)
    configuration_id = arrange.configuration(metronome, customer_id)
    archive(metronome, customer_id, [configuration_id])
    first = metronome.v1.customers.retrieve_billing_configurations(customer_id=customer_id, include_archived=True)
    assert archive(metronome, customer_id, [configuration_id]) == [configuration_id]
    second = metronome.v1.customers.retrieve_billing_configurations(customer_id=customer_id, include_archived=True)
    assert second == first


def test_contracts_of_other_configurations_keep_charging(metronome):
    customer_id = arrange.customer(metronome)
    kept, gone = (arrange.configuration(metronome, customer_id) for _ in range(2))
    contract_id = arrange.contract(metronome, customer_id, kept)
    archive(metronome, customer_id, [gone])
    contract = metronome.v1.contracts.retrieve(customer_id=customer_id, contract_id=contract_id).data
    assert contract.spend_threshold_configuration.is_enabled
    assert contract.prepaid_balance_threshold_configuration.is_enabled
    assert contract.customer_billing_provider_configuration.archived_at is None


def test_only_invoices_in_their_grace_period_are_stopped(metronome, bearer):
    customer_id = arrange.customer(metronome)
    configuration_id = arrange.configuration(metronome, customer_id)
    contract_id = arrange.contract(metronome, customer_id, configuration_id)
    waiting = arrange.invoice(bearer, customer_id, contract_id, **arrange.in_grace())
    sent = arrange.invoice(bearer, customer_id, contract_id, external_status="SENT")
    archive(metronome, customer_id, [configuration_id])
    invoices = {invoice.id: invoice for invoice in metronome.v1.customers.invoices.list(customer_id=customer_id)}
    assert invoices[waiting].external_invoice.external_status == "SKIPPED"
    assert invoices[sent].external_invoice.external_status == "SENT"
    assert {invoice.status for invoice in invoices.values()} == {"FINALIZED"}


def test_archiving_frees_the_uniqueness_key(metronome):
    customer_id, other = arrange.customer(metronome), arrange.customer(metronome)
    key = arrange.unique("key")
    holder = arrange.configuration(metronome, customer_id, uniqueness_key=key)
    with pytest.raises(ConflictError):
        arrange.configuration(metronome, other, uniqueness_key=key)
    archive(metronome, customer_id, [holder])
    assert arrange.configuration(metronome, other, uniqueness_key=key)


def test_configurations_of_an_archived_customer_can_be_cleaned_up(metronome):
    customer_id = arrange.customer(metronome)
    configuration_id = arrange.configuration(metronome, customer_id)
    metronome.v1.customers.archive(id=customer_id)
    assert live_ids(metronome, customer_id) == [configuration_id]
    assert archive(metronome, customer_id, [configuration_id]) == [configuration_id]
    assert live_ids(metronome, customer_id) == []


def test_an_unknown_configuration_changes_nothing(metronome):
    customer_id = arrange.customer(metronome)
    good, unknown = arrange.configuration(metronome, customer_id), arrange.UNKNOWN
    with pytest.raises(BadRequestError) as refused:
        archive(metronome, customer_id, [good, unknown])
    assert unknown in refused.value.body["message"]
    assert good not in refused.value.body["message"]
    assert live_ids(metronome, customer_id) == [good]


def test_a_configuration_of_another_customer_changes_nothing(metronome):
    customer_id, other = arrange.customer(metronome), arrange.customer(metronome)
    good, foreign = arrange.configuration(metronome, customer_id), arrange.configuration(metronome, other)
    contract_id = arrange.contract(metronome, customer_id, good)
    with pytest.raises(BadRequestError) as refused:
        archive(metronome, customer_id, [good, foreign])
    assert foreign in refused.value.body["message"]
    assert live_ids(metronome, customer_id) == [good]
    assert live_ids(metronome, other) == [foreign]
    contract = metronome.v1.contracts.retrieve(customer_id=customer_id, contract_id=contract_id).data
    assert contract.spend_threshold_configuration.is_enabled
