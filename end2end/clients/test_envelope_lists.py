"""The list of the envelope dialect, with the page arithmetic it documents."""

import pytest

import arrange
from test_envelope_customers import create


@pytest.fixture(scope="module")
def name(metrifox):
    """What three active customers are called, an INDIVIDUAL among them, and one archived."""
    name = arrange.unique("Fabrikam")
    for customer_type in ("BUSINESS", "BUSINESS", "INDIVIDUAL"):
        create(metrifox, display_name=name, customer_type=customer_type)
    metrifox.customers.archive(create(metrifox, display_name=name)["customer_key"])
    return name


def test_the_first_page_says_where_it_stands(metrifox, name):
    page = metrifox.customers.list({"search_term": name, "page": 1, "per_page": 2})
    assert len(page["data"]) == 2
    assert page["meta"] == {
        "current_page": 1,
        "total_pages": 2,
        "total_count": 3,
        "limit_value": 2,
        "next_page": 2,
        "prev_page": None,
        "first_page?": True,
        "last_page?": False,
        "out_of_range?": False,
    }


def test_the_last_page_has_no_next_one(metrifox, name):
    page = metrifox.customers.list({"search_term": name, "page": 2, "per_page": 2})
    assert len(page["data"]) == 1
    assert (page["meta"]["next_page"], page["meta"]["prev_page"]) == (None, 1)
    assert (page["meta"]["first_page?"], page["meta"]["last_page?"]) == (False, True)


def test_a_page_behind_the_last_is_empty_and_says_so(metrifox, name):
    page = metrifox.customers.list({"search_term": name, "page": 9, "per_page": 2})
    assert (page["data"], page["meta"]["out_of_range?"], page["meta"]["total_count"]) == ([], True, 3)


def test_pages_together_list_everyone_once(metrifox, name):
    pages = [metrifox.customers.list({"search_term": name, "page": page, "per_page": 2})["data"] for page in (1, 2)]
    assert len({customer["id"] for page in pages for customer in page}) == 3


def test_archived_customers_are_hidden_unless_asked_for(metrifox, name):
    counts = {
        archived: metrifox.customers.list({"search_term": name, "archived": archived})["meta"]["total_count"]
        for archived in ("false", "true", "all")
    }
    assert counts == {"false": 3, "true": 1, "all": 4}
    # The library is built on one that writes a Python boolean with a capital letter.
    assert metrifox.customers.list({"search_term": name, "archived": True})["meta"]["total_count"] == 1


def test_a_type_narrows_the_list(metrifox, name):
    [found] = metrifox.customers.list({"search_term": name, "customer_type": "INDIVIDUAL"})["data"]
    assert found["customer_type"] == "INDIVIDUAL"


def test_a_list_item_is_the_customer_itself(metrifox, name):
    for customer in metrifox.customers.list({"search_term": name})["data"]:
        assert metrifox.customers.get(customer["customer_key"])["data"] == customer
