"""Contracts through metronome-sdk: read in full, and ended by the archive of their customer."""

from datetime import timedelta

import pytest
from metronome import ConflictError, NotFoundError

import arrange


def test_a_contract_keeps_the_terms_it_was_created_with(metronome):
    customer_id = arrange.customer(metronome)
    contract_id = arrange.contract(
        metronome,
        customer_id,
        name="Northwind 2026",
        ending_before=arrange.midnight(days_ago=-300),
        custom_fields={"region": "eu"},
        net_payment_terms_days=30,
    )
    contract = metronome.v1.contracts.retrieve(customer_id=customer_id, contract_id=contract_id).data
    assert (contract.id, contract.customer_id, contract.archived_at) == (contract_id, customer_id, None)
    assert contract.current.starting_at == arrange.midnight(days_ago=60)
    assert contract.current.ending_before == arrange.midnight(days_ago=-300)
    assert (contract.current.name, contract.current.net_payment_terms_days) == ("Northwind 2026", 30)
    assert contract.custom_fields == {"region": "eu"}
    assert contract.spend_threshold_configuration.threshold_amount == 10_000
    assert contract.spend_threshold_configuration.commit.product_id == arrange.PRODUCT
    assert contract.prepaid_balance_threshold_configuration.recharge_to_amount == 50_000


def test_the_library_follows_cursors_through_contracts(metronome):
    customer_id = arrange.customer(metronome)
    ids = [arrange.contract(metronome, customer_id) for _ in range(3)]
    pages = list(metronome.v1.contracts.list(customer_id=customer_id, limit=2).iter_pages())
    assert [len(page.data) for page in pages] == [2, 1]
    assert sorted(contract.id for page in pages for contract in page.data) == sorted(ids)


def test_archiving_a_customer_ends_its_contracts_today(metronome):
    customer_id = arrange.customer(metronome)
    configuration_id = arrange.configuration(metronome, customer_id)
    contract_id = arrange.contract(metronome, customer_id, configuration_id)
    metronome.v1.customers.archive(id=customer_id)
    contract = metronome.v1.contracts.retrieve(customer_id=customer_id, contract_id=contract_id).data
    customer = metronome.v1.customers.retrieve(customer_id=customer_id).data
    day_after = customer.archived_at.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    assert contract.archived_at == customer.archived_at
    assert contract.current.ending_before == day_after
    assert not contract.spend_threshold_configuration.is_enabled
    assert not contract.prepaid_balance_threshold_configuration.is_enabled
    # The archive of a customer leaves its configurations as they are.
    assert contract.customer_billing_provider_configuration.archived_at is None


def test_an_earlier_end_and_a_later_start_survive_the_archive(metronome):
    customer_id = arrange.customer(metronome)
    past = arrange.contract(metronome, customer_id, ending_before=arrange.midnight(days_ago=30))
    future = arrange.contract(metronome, customer_id, starting_at=arrange.midnight(days_ago=-30))
    metronome.v1.customers.archive(id=customer_id)
    read = {
        contract.id: contract.current
        for contract in metronome.v1.contracts.list(customer_id=customer_id, include_archived=True)
    }
    assert read[past].ending_before == arrange.midnight(days_ago=30)
    assert read[future].ending_before == read[future].starting_at == arrange.midnight(days_ago=-30)


def test_archived_contracts_are_listed_only_when_asked_for(metronome):
    customer_id = arrange.customer(metronome)
    contract_id = arrange.contract(metronome, customer_id)
    metronome.v1.customers.archive(id=customer_id)
    assert list(metronome.v1.contracts.list(customer_id=customer_id)) == []
    [contract] = metronome.v1.contracts.list(customer_id=customer_id, include_archived=True)
    assert contract.id == contract_id


def test_a_contract_is_not_created_twice_under_one_uniqueness_key(metronome):
    customer_id = arrange.customer(metronome)
    key = arrange.unique("contract")
    arrange.contract(metronome, customer_id, uniqueness_key=key)
    with pytest.raises(ConflictError):
        arrange.contract(metronome, customer_id, uniqueness_key=key)


def test_a_contract_is_found_under_its_own_customer_only(metronome):
    customer_id, other = arrange.customer(metronome), arrange.customer(metronome)
    contract_id = arrange.contract(metronome, customer_id)
    with pytest.raises(NotFoundError):
        metronome.v1.contracts.retrieve(customer_id=other, contract_id=contract_id)
