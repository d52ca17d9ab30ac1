"""A request repeated under its Idempotency-Key gets the first answer again, to the byte, and does nothing twice."""

import pytest
from metronome import ConflictError, UnprocessableEntityError

import arrange


def under(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key}


def assert_replayed(first, again) -> None:
    assert first.is_success
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers.get("Content-Type") == first.headers.get("Content-Type")


def test_a_repeated_creation_makes_one_customer(metronome, bearer):
    alias, key = arrange.unique("alias"), under(arrange.unique("key"))
    body = {"name": "Once", "ingest_aliases": [alias]}
    first, again = (bearer.post("/v1/customers", json=body, headers=key) for _ in range(2))
    assert_replayed(first, again)
    assert len(list(metronome.v1.customers.list(ingest_alias=alias))) == 1


def test_a_repeated_creation_makes_one_customer_in_the_envelope_dialect(envelope):
    body = {
        "customer_key": arrange.unique("cust"),
        "customer_type": "BUSINESS",
        "primary_email": "billing@northwind.example",
    }
    key = under(arrange.unique("key"))
    assert_replayed(*(envelope.post("/api/v1/customers/new", json=body, headers=key) for _ in range(2)))


def test_a_replay_tells_what_was_true_at_first(metronome, envelope):
    name = arrange.unique("Contoso")
    arrange.customer(metronome, name=name)
    [found] = envelope.get("/api/v1/customers", params={"search_term": name}).json()["data"]
    path, key = f"/api/v1/customers/{found['customer_key']}", under(arrange.unique("key"))
    first = envelope.post(f"{path}/archive", headers=key)
    envelope.post(f"{path}/unarchive")
    assert_replayed(first, envelope.post(f"{path}/archive", headers=key))
    assert envelope.get(path).json()["data"]["archived_at"] is None


def test_an_answer_without_a_body_is_replayed_too(metronome, bearer):
    path = f"/v1/customers/{arrange.customer(metronome)}/setIngestAliases"
    body, key = {"ingest_aliases": [arrange.unique("alias")]}, under(arrange.unique("key"))
    assert_replayed(*(bearer.post(path, json=body, headers=key) for _ in range(2)))


def test_the_library_can_send_a_key_and_see_the_replay(metronome):
    customer_id, key = arrange.customer(metronome), under(arrange.unique("key"))
    archive = metronome.v1.customers.with_raw_response.archive
    first, again = (archive(id=customer_id, extra_headers=key) for _ in range(2))
    assert_replayed(first.http_response, again.http_response)
    assert again.parse().data.id == customer_id


def test_a_key_is_refused_for_another_body(metronome):
    key = under(arrange.unique("key"))
    metronome.v1.customers.create(name="First", extra_headers=key)
    with pytest.raises(UnprocessableEntityError):
        metronome.v1.customers.create(name="Second", extra_headers=key)


def test_a_key_is_refused_for_another_route(metronome):
    one, key = arrange.customer(metronome), under(arrange.unique("key"))
    other = arrange.customer(metronome)
    metronome.v1.customers.set_name(customer_id=one, name="Same", extra_headers=key)
    with pytest.raises(UnprocessableEntityError):
        metronome.v1.customers.set_name(customer_id=other, name="Same", extra_headers=key)


def test_a_refused_request_leaves_its_key_free(metronome):
    key = under(arrange.unique("key"))
    taken = arrange.unique("alias")
    holder = arrange.customer(metronome, ingest_aliases=[taken])
    create = metronome.v1.customers.with_raw_response.create
    with pytest.raises(ConflictError):
        create(name="Late", ingest_aliases=[taken], extra_headers=key)
    metronome.v1.customers.set_ingest_aliases(customer_id=holder, ingest_aliases=[])
    assert create(name="Late", ingest_aliases=[taken], extra_headers=key).parse().data.ingest_aliases == [taken]


def test_a_key_of_255_characters_is_taken(metronome, bearer):
    key, body = under(arrange.unique("!~").ljust(255, "k")), {"id": arrange.customer(metronome)}
    assert_replayed(*(bearer.post("/v1/customers/archive", json=body, headers=key) for _ in range(2)))


@pytest.mark.parametrize("key", ["k" * 256, "with space", "tab\tinside", ""])
def test_a_key_that_cannot_be_kept_is_refused(metronome, bearer, key):
    customer_id = arrange.customer(metronome)
    refused = bearer.post("/v1/customers/archive", json={"id": customer_id}, headers=under(key))
    assert refused.status_code == 400
    assert metronome.v1.customers.retrieve(customer_id=customer_id).data.archived_at is None
