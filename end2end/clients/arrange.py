"""Builders: each makes one thing of a customer through the API and gives back its id. They assert nothing."""

from datetime import datetime, timedelta, timezone
from uuid import uuid4

import httpx
from metronome import Metronome

PRODUCT = str(uuid4())
# Well formed, and the id of nothing.
UNKNOWN = str(uuid4())
SPEND_RECHARGE = {
    "commit": {"product_id": PRODUCT, "name": "Overage"},
    "is_enabled": True,
    "payment_gate_config": {"payment_gate_type": "NONE"},
    "threshold_amount": 10_000,
}
CREDIT_RECHARGE = {**SPEND_RECHARGE, "threshold_amount": 2_000, "recharge_to_amount": 50_000}


def unique(word: str) -> str:
    return f"{word}-{uuid4().hex[:12]}"


def stripe(**more: object) -> dict:
    """A configuration as customer creation takes it."""
    return {
        "billing_provider": "stripe",
        "delivery_method": "direct_to_billing_provider",
        "configuration": {"stripe_customer_id": unique("cus"), "stripe_collection_method": "charge_automatically"},
        **more,
    }


def customer(metronome: Metronome, **more: object) -> str:
    return metronome.v1.customers.create(**{"name": unique("Northwind"), **more}).data.id


def configuration(metronome: Metronome, customer_id: str, **more: object) -> str:
    answer = metronome.v1.customers.set_billing_configurations(data=[{"customer_id": customer_id, **stripe(**more)}])
    return answer.data[0].id


def contract(metronome: Metronome, customer_id: str, configuration_id: str | None = None, **more: object) -> str:
    attached = {"billing_provider_configuration": {"billing_provider_configuration_id": configuration_id}}
    return metronome.v1.contracts.create(
        customer_id=customer_id,
        **{
            "starting_at": midnight(days_ago=60),
            "spend_threshold_configuration": SPEND_RECHARGE,
            "prepaid_balance_threshold_configuration": CREDIT_RECHARGE,
            **(attached if configuration_id else {}),
            **more,
        },
    ).data.id


def invoice(bearer: httpx.Client, customer_id: str, contract_id: str, **more: object) -> str:
    """Brings a finalized invoice in, sent and out of its grace period unless told otherwise."""
    body = {
        "customer_id": customer_id,
        "contract_id": contract_id,
        "external_id": unique("inv"),
        "starts_at": midnight(days_ago=40).isoformat(),
        "ends_at": midnight(days_ago=10).isoformat(),
        "lines": [{"name": "API calls", "total_minor": 125_050}],
        "currency": "USD",
        "total_minor": 125_050,
        "status": "FINALIZED",
        "external_status": "SENT",
        "grace_period_ends_at": midnight(days_ago=9).isoformat(),
        **more,
    }
    answer = bearer.post("/v1/invoices", json=body)
    answer.raise_for_status()
    return answer.json()["data"]["id"]


def in_grace() -> dict:
    """The fields of an invoice that can still be stopped."""
    return {"external_status": "QUEUED", "grace_period_ends_at": midnight(days_ago=-2).isoformat()}


def midnight(days_ago: int) -> datetime:
    today = datetime.now(timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=days_ago)
