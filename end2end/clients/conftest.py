"""The clients as their users set them up, each with every raw answer checked on the way in.

They talk to a running server: MOTHBALL_URL, MOTHBALL_API_KEY (an operator's) and MOTHBALL_VIEWER_API_KEY say which.
Tests share its database with each other and with demo data, so each makes the customers it speaks about.
"""

import os
from dataclasses import dataclass

import httpx
import pytest
from metrifox_sdk import MetrifoxClient
from metronome import DefaultHttpxClient, Metronome

import documents


@dataclass(frozen=True)
class Server:
    url: str
    operator_key: str
    viewer_key: str


@pytest.fixture(scope="session")
def server() -> Server:
    names = ("MOTHBALL_URL", "MOTHBALL_API_KEY", "MOTHBALL_VIEWER_API_KEY")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        pytest.exit(f"Set {', '.join(missing)}: these tests need a running server and two of its keys.", returncode=2)
    url, operator_key, viewer_key = (os.environ[name] for name in names)
    return Server(url.rstrip("/"), operator_key, viewer_key)


def metronome_with(server: Server, key: str) -> Metronome:
    # No retries: a refused call is then one request, and a 409 is seen at once. Strict: typed results must really parse.
    return Metronome(
        bearer_token=key,
        base_url=server.url,
        max_retries=0,
        http_client=DefaultHttpxClient(trust_env=False, event_hooks={"response": [documents.check_httpx]}),
        _strict_response_validation=True,
    )


def metrifox_with(server: Server, key: str) -> MetrifoxClient:
    client = MetrifoxClient(api_key=key, base_url=f"{server.url}/api/v1/")
    # The library has no hook of its own; its session is the only place where the raw answer can be seen.
    session = client._main_client.session
    session.trust_env = False
    session.hooks["response"].append(documents.check_requests)
    return client


def http_with(server: Server, headers: dict[str, str]) -> httpx.Client:
    return httpx.Client(
        base_url=server.url,
        headers=headers,
        timeout=30,
        trust_env=False,
        event_hooks={"response": [documents.check_httpx]},
    )


@pytest.fixture(scope="session")
def metronome(server):
    with metronome_with(server, server.operator_key) as client:
        yield client


@pytest.fixture(scope="session")
def metronome_viewer(server):
    with metronome_with(server, server.viewer_key) as client:
        yield client


@pytest.fixture(scope="session")
def metronome_stranger(server):
    with metronome_with(server, "a-key-nobody-was-given") as client:
        yield client


@pytest.fixture(scope="session")
def metrifox(server):
    return metrifox_with(server, server.operator_key)


@pytest.fixture(scope="session")
def metrifox_viewer(server):
    return metrifox_with(server, server.viewer_key)


@pytest.fixture(scope="session")
def metrifox_stranger(server):
    return metrifox_with(server, "a-key-nobody-was-given")


@pytest.fixture(scope="session")
def bearer(server):
    """Plain HTTP, signed in as the bearer dialect does."""
    with http_with(server, {"Authorization": f"Bearer {server.operator_key}"}) as client:
        yield client


@pytest.fixture(scope="session")
def envelope(server):
    """Plain HTTP, signed in as the envelope dialect does."""
    with http_with(server, {"x-api-key": server.operator_key}) as client:
        yield client


@pytest.fixture(scope="session")
def anonymous(server):
    """Plain HTTP without a key."""
    with http_with(server, {}) as client:
        yield client
