"""Bulk jobs by two calls, as a program makes them, and by the command line."""

import os
import pty
import select
import subprocess
import time
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

URL = os.environ["MOTHBALL_URL"]
KEY = os.environ["MOTHBALL_API_KEY"]
PATIENCE_SECONDS = 60


@pytest.fixture
def api():
    with httpx.Client(base_url=URL, headers={"Authorization": f"Bearer {KEY}"}, timeout=30, trust_env=False) as client:
        yield client


def customers(api: httpx.Client, count: int) -> list[str]:
    made = [api.post("/v1/customers", json={"name": f"Bulk {uuid4()}"}) for _ in range(count)]
    return [answer.json()["data"]["id"] for answer in made]


def archived(api: httpx.Client, ids: list[str]) -> int:
    return sum(api.get(f"/v1/customers/{each}").json()["data"]["archived_at"] is not None for each in ids)


def ended(api: httpx.Client, path: str) -> dict:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        job = api.get(path).json()["data"]
        if job["state"] not in ("held", "running"):
            return job
        time.sleep(0.5)
    pytest.fail(f"{path} did not end")


def test_two_calls_archive_many(api):
    ids = customers(api, 3)
    preview = api.post("/v1/bulk-previews", json={"action": "archive_customers", "selection": {"ids": ids}})
    assert preview.status_code == 200
    assert preview.json()["data"]["changing"] == 3
    confirmation = {"preview_token": preview.json()["data"]["token"], "reason": "Wound down"}
    keyed = {"Idempotency-Key": str(uuid4())}
    first = api.post("/v1/bulk-jobs", json=confirmation, headers=keyed)
    again = api.post("/v1/bulk-jobs", json=confirmation, headers=keyed)
    assert first.status_code == again.status_code == 202
    assert first.content == again.content and again.headers["Idempotent-Replayed"] == "true"
    assert archived(api, ids) == 0, "nothing happens while it is held"
    job = ended(api, first.headers["Location"])
    assert (job["state"], job["successful_count"], job["failed_count"]) == ("completed", 3, 0)
    assert archived(api, ids) == 3
    items = api.get(f"{first.headers['Location']}/items", params={"result": "ok"}).json()["data"]
    assert {item["id"] for item in items} == set(ids)


def starting(*arguments: str, file: Path) -> dict:
    # Straight to the server, whatever proxy this machine goes out by.
    direct = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment = {**direct, "MOTHBALL_PUBLIC_URL": URL, "MOTHBALL_API_KEY": KEY}
    return {"args": [os.environ["MOTHBALL_BINARY"], "bulk", "archive", "--file", str(file), *arguments], "env": environment}


def command(*arguments: str, file: Path) -> subprocess.CompletedProcess:
    start = starting(*arguments, file=file)
    return subprocess.run(**start, capture_output=True, text=True, timeout=PATIENCE_SECONDS)


class Terminal:
    """The command line as a person at a terminal has it."""

    def __init__(self, *arguments: str, file: Path):
        self.here, there = pty.openpty()
        self.process = subprocess.Popen(**starting(*arguments, file=file), stdin=there, stdout=there, stderr=there)
        os.close(there)

    def hear(self, words: str) -> str:
        """All that is said until these words are."""
        said, until = "", time.monotonic() + PATIENCE_SECONDS
        while words not in said:
            readable, _, _ = select.select([self.here], [], [], max(0, until - time.monotonic()))
            assert readable, f"{words} was not said: {said}"
            try:
                said += os.read(self.here, 4096).decode(errors="replace")
            except OSError:
                pytest.fail(f"it ended before it said {words}: {said}")
        return said

    def type(self, words: str) -> None:
        os.write(self.here, f"{words}\n".encode())


def test_the_command_line_counts_then_archives(api, tmp_path):
    ids = customers(api, 2)
    file = tmp_path / "ids.csv"
    file.write_text("customer_id,name\n" + "".join(f"{each},x\n" for each in ids))
    dry = command("--dry-run", file=file)
    assert dry.returncode == 0, dry.stderr
    assert "2  rows change" in dry.stdout
    assert archived(api, ids) == 0
    done = command("--reason", "Wound down", "--yes", file=file)
    assert done.returncode == 0, done.stderr
    assert "completed: 2 done, 0 skipped, 0 failed, 0 left" in done.stdout
    assert archived(api, ids) == 2


def test_the_command_line_asks_again_where_something_changed(api, tmp_path):
    ids = customers(api, 3)
    file = tmp_path / "ids.txt"
    file.write_text("\n".join(ids))
    terminal = Terminal("--reason", "Wound down", file=file)
    terminal.hear("Type 3 to go on: ")
    api.post("/v1/customers/archive", json={"id": ids[0]}).raise_for_status()
    terminal.type("3")
    said = terminal.hear("Type 2 to go on: ")
    assert "rows change: was 3, is now 2" in said
    assert archived(api, ids) == 1, "nothing was done by the first yes"
    terminal.type("2")
    terminal.hear("completed: 2 done, 1 skipped, 0 failed, 0 left")
    assert terminal.process.wait(PATIENCE_SECONDS) == 0
    assert archived(api, ids) == 3


def test_the_command_line_says_what_it_does_not_know(api, tmp_path):
    [known] = customers(api, 1)
    file = tmp_path / "ids.txt"
    file.write_text(f"{known}\nnobody-{uuid4()}\n")
    dry = command("--dry-run", file=file)
    assert dry.returncode == 2
    assert "not found: nobody-" in dry.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "needs a --reason"), (("--reason", "x", "--url", "http://127.0.0.1:9"), "cannot be reached")],
)
def test_the_command_line_says_what_is_wrong(arguments, said, tmp_path):
    file = tmp_path / "ids.txt"
    file.write_text("acme\n")
    told = command(*arguments, file=file)
    assert told.returncode == 1
    assert said in told.stderr
