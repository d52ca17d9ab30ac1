"""Customers through metronome-sdk: created, read, renamed, archived."""

from datetime import datetime, timedelta, timezone

import pytest
from metronome import BadRequestError, ConflictError

import arrange


def test_a_new_customer_reads_back_as_it_was_created(metronome):
    aliases = [arrange.unique("alias"), arrange.unique("alias")]
    created = metronome.v1.customers.create(
        name="Contoso", ingest_aliases=aliases, custom_fields={"tier": "gold"}
    ).data
    read = metronome.v1.customers.retrieve(customer_id=created.id).data
    assert (read.id, read.name, read.ingest_aliases) == (created.id, "Contoso", aliases)
    assert (read.external_id, read.custom_fields) == (aliases[0], {"tier": "gold"})
    assert read.archived_at is None
    assert abs(datetime.now(timezone.utc) - read.created_at) < timedelta(minutes=5)


def test_a_customer_without_aliases_has_its_id_as_external_id(metronome):
    created = metronome.v1.customers.create(name="Contoso").data
    assert (created.external_id, created.ingest_aliases) == (created.id, [])


def test_a_client_may_send_fields_nobody_knows(metronome):
    assert metronome.v1.customers.create(name="Contoso", extra_body={"from_the_future": [1, 2]}).data.id


@pytest.mark.parametrize("letter", ["n", "ü", "株"])
def test_a_long_name_is_cut_to_160_characters(metronome, letter):
    created = metronome.v1.customers.create(name=letter * 200).data
    assert created.name == letter * 160
    renamed = metronome.v1.customers.set_name(customer_id=created.id, name=letter * 159 + "xyz").data
    assert renamed.name == letter * 159 + "x"
    assert metronome.v1.customers.retrieve(customer_id=created.id).data.name == renamed.name


def test_setting_aliases_replaces_them_and_answers_nothing(metronome, bearer):
    customer_id = arrange.customer(metronome, ingest_aliases=[arrange.unique("old")])
    aliases = [arrange.unique("new"), arrange.unique("new")]
    answer = bearer.post(f"/v1/customers/{customer_id}/setIngestAliases", json={"ingest_aliases": aliases})
    assert (answer.status_code, answer.content) == (200, b"")
    # A JSON content type over no bytes makes some clients fail while parsing.
    assert answer.headers["Content-Length"] == "0"
    assert "Content-Type" not in answer.headers
    assert metronome.v1.customers.set_ingest_aliases(customer_id=customer_id, ingest_aliases=aliases) is None
    assert metronome.v1.customers.retrieve(customer_id=customer_id).data.ingest_aliases == aliases


def test_an_alias_moves_over_from_an_active_customer(metronome):
    alias = arrange.unique("alias")
    holder, taker = arrange.customer(metronome, ingest_aliases=[alias]), arrange.customer(metronome)
    metronome.v1.customers.set_ingest_aliases(customer_id=taker, ingest_aliases=[alias])
    assert metronome.v1.customers.retrieve(customer_id=taker).data.ingest_aliases == [alias]
    assert metronome.v1.customers.retrieve(customer_id=holder).data.ingest_aliases == []


def test_an_alias_of_someone_else_cannot_be_created_again(metronome):
    alias = arrange.unique("alias")
    arrange.customer(metronome, ingest_aliases=[alias])
    with pytest.raises(ConflictError) as refused:
        metronome.v1.customers.create(name="Late", ingest_aliases=[alias])
    assert alias in refused.value.body["message"]


def test_an_alias_stays_reserved_while_its_customer_is_archived(metronome):
    alias = arrange.unique("alias")
    holder, taker = arrange.customer(metronome, ingest_aliases=[alias]), arrange.customer(metronome)
    metronome.v1.customers.archive(id=holder)
    with pytest.raises(ConflictError):
        metronome.v1.customers.create(name="Late", ingest_aliases=[alias])
    with pytest.raises(ConflictError):
        metronome.v1.customers.set_ingest_aliases(customer_id=taker, ingest_aliases=[alias])
    assert metronome.v1.customers.retrieve(customer_id=holder).data.ingest_aliases == [alias]


def test_archiving_twice_keeps_the_first_stamp(metronome):
    customer_id = arrange.customer(metronome)
    first_answer = metronome.v1.customers.archive(id=customer_id)
    first = metronome.v1.customers.retrieve(customer_id=customer_id).data
    assert metronome.v1.customers.archive(id=customer_id) == first_answer
    assert metronome.v1.customers.retrieve(customer_id=customer_id).data == first
    assert first.archived_at is not None


def test_an_archived_customer_refuses_edits(metronome):
    customer_id = arrange.customer(metronome)
    metronome.v1.customers.archive(id=customer_id)
    with pytest.raises(BadRequestError, match="archived"):
        metronome.v1.customers.set_name(customer_id=customer_id, name="New name")
    with pytest.raises(BadRequestError, match="archived"):
        metronome.v1.customers.set_ingest_aliases(customer_id=customer_id, ingest_aliases=[])
    with pytest.raises(BadRequestError, match="archived"):
        metronome.v1.customers.set_billing_configurations(data=[{"customer_id": customer_id, **arrange.stripe()}])
    with pytest.raises(BadRequestError, match="archived"):
        arrange.contract(metronome, customer_id)
