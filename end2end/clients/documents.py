"""Holds every raw answer against the three published documents and against what Mothball adds to each error.

The client libraries parse leniently and drop what they do not know, so the answers are looked at before they do.
`documents.json` restates the documents as JSON Schema.
"""

import json
import re
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import requests
from jsonschema import Draft202012Validator, FormatChecker

DOCUMENTS = json.loads(Path(__file__).with_name("documents.json").read_text(encoding="utf-8"))
FORMATS = FormatChecker(formats=["uuid"])


@FORMATS.checks("date-time", raises=ValueError)
def _is_time_with_zone(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


def check_httpx(response: httpx.Response) -> None:
    """An event hook of httpx clients, the one inside metronome-sdk included."""
    response.read()
    check(response.request.method, str(response.url), response.status_code, response.headers, response.content)


def check_requests(response: requests.Response, *_args: object, **_kwargs: object) -> None:
    """A response hook of the session inside metrifox-sdk."""
    check(str(response.request.method), response.url, response.status_code, response.headers, response.content)


def check(method: str, url: str, status: int, headers, content: bytes) -> None:
    path = urlsplit(url).path
    where = f"{method} {path} answered {status}"
    assert headers.get("Request-Id"), f"{where} without a Request-Id"
    if status >= 400:
        _check_refusal(where, path, status, headers, _json(where, headers, content))
    for operation in DOCUMENTS["operations"]:
        if operation["method"] == method and re.match(operation["path"], path):
            _check_operation(where, operation, status, _json(where, headers, content))


def _check_operation(where: str, operation: dict, status: int, body: object) -> None:
    assert status not in operation.get("undocumented", []), f"{where}, which its document does not know"
    documented = operation["answers"].get(str(status))
    assert documented or status >= 400, f"{where}, a success its document does not know"
    _validate(where, documented or operation["other_refusals"], body)


def _check_refusal(where: str, path: str, status: int, headers, body: dict) -> None:
    if path.startswith("/api/v1/"):
        _validate(where, "envelope_refusal_of_ours", body)
        assert body["statusCode"] == status, f"{where} and says {body['statusCode']} in its body"
        request_id = body["meta"]["request_id"]
    else:
        _validate(where, "bearer_refusal_of_ours", body)
        request_id = body["request_id"]
    assert request_id == headers["Request-Id"], f"{where} with two different request ids"


def _json(where: str, headers, content: bytes) -> dict:
    media_type = headers.get("Content-Type", "").split(";")[0].strip()
    assert media_type == "application/json", f"{where} as {media_type!r}"
    try:
        return json.loads(content)
    except ValueError as not_json:
        raise AssertionError(f"{where} with a body that is not JSON: {content[:200]!r}") from not_json


def _validate(where: str, definition: str, body: object) -> None:
    schema = {"$defs": DOCUMENTS["$defs"], "$ref": f"#/$defs/{definition}"}
    errors = [
        f"{error.json_path}: {error.message}"
        for error in Draft202012Validator(schema, format_checker=FORMATS).iter_errors(body)
    ]
    assert not errors, f"{where}, which is no {definition}: {'; '.join(errors)}"
