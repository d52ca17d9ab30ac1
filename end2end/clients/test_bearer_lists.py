"""Lists of the bearer dialect: filters, both spellings of an array, and cursors followed by the library."""

import pytest
from metronome import BadRequestError

import arrange


@pytest.fixture(scope="module")
def five(metronome):
    return [arrange.customer(metronome) for _ in range(5)]


def test_the_library_follows_cursors_to_the_last_customer(metronome, five):
    pages = list(metronome.v1.customers.list(customer_ids=five, limit=2).iter_pages())
    assert [len(page.data) for page in pages] == [2, 2, 1]
    assert sorted(customer.id for page in pages for customer in page.data) == sorted(five)
    assert not pages[-1].next_page


def test_a_full_last_page_has_no_cursor(metronome, five):
    pages = list(metronome.v1.customers.list(customer_ids=five[:4], limit=2).iter_pages())
    assert [len(page.data) for page in pages] == [2, 2]


def test_an_array_is_understood_joined_and_repeated(bearer, five):
    joined = bearer.get("/v1/customers", params={"customer_ids": ",".join(five)}).json()
    repeated = bearer.get("/v1/customers", params={"customer_ids": five}).json()
    assert sorted(customer["id"] for customer in joined["data"]) == sorted(five)
    assert repeated["data"] == joined["data"]


def test_an_empty_array_filters_nothing(metronome):
    assert metronome.v1.customers.list(customer_ids=[], limit=1).data


def test_only_active_customers_are_listed_unless_archived_ones_are_asked_for(metronome):
    active, archived = arrange.customer(metronome), arrange.customer(metronome)
    metronome.v1.customers.archive(id=archived)
    both = [active, archived]
    assert [customer.id for customer in metronome.v1.customers.list(customer_ids=both)] == [active]
    assert [customer.id for customer in metronome.v1.customers.list(customer_ids=both, only_archived=False)] == [active]
    [found] = metronome.v1.customers.list(customer_ids=both, only_archived=True)
    assert found.id == archived
    assert found == metronome.v1.customers.retrieve(customer_id=archived).data


def test_an_alias_finds_its_customer_and_nobody_else(metronome):
    alias = arrange.unique("a b/ü,c&d+e%")
    customer_id = arrange.customer(metronome, ingest_aliases=[alias])
    assert [customer.id for customer in metronome.v1.customers.list(ingest_alias=alias)] == [customer_id]
    assert list(metronome.v1.customers.list(ingest_alias=alias[:-1])) == []


def test_more_than_100_ids_are_too_many(metronome, five):
    with pytest.raises(BadRequestError) as refused:
        metronome.v1.customers.list(customer_ids=[five[0]] * 101)
    assert refused.value.body["param"] == "customer_ids"


@pytest.mark.parametrize(
    "wrong", [{"customer_ids": "nope"}, {"next_page": "nope"}, {"limit": "nope"}, {"only_archived": "nope"}]
)
def test_a_filter_that_cannot_be_read_is_named(bearer, wrong):
    refused = bearer.get("/v1/customers", params=wrong)
    assert (refused.status_code, [refused.json()["param"]]) == (400, list(wrong))
