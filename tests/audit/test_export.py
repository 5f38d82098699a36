"""Exports: whole, verifiable, harmless in spreadsheets, in the shape of OCSF."""

import csv
import io
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import jsonschema
import pytest

from pii_shield.audit import export, read
from pii_shield.audit.examine import examine
from pii_shield.audit.filters import Filter, kinds_of
from pii_shield.audit.read import DatabaseSource

from .kit import CRM, MAILER, Clock, db, fill, open_log, protect, release

ANY = Filter()
_TEXT = {"type": "string", "minLength": 1}
_UID = {"type": "integer"}


def _object(required: str, **properties: object) -> dict:
    """An object of the schema with the attributes of it that we use: no others, so that none is invented."""
    return {
        "type": "object",
        "required": required.split(),
        "additionalProperties": False,
        "properties": properties,
    }


_SERVICE = _object("name", name=_TEXT)
_ENDPOINT = {
    **_object("", name=_TEXT, uid=_TEXT, svc_name={"type": "string"}),
    "anyOf": [{"required": [name]} for name in ("name", "uid", "svc_name")],
}
_RESOURCE = {
    **_object("", uid=_TEXT, name=_TEXT, type=_TEXT, labels={"type": "array", "items": _TEXT}),
    "anyOf": [{"required": ["name"]}, {"required": ["uid"]}],
}
_PROFILES = {"type": "array", "items": {"const": "ai_operation"}}
_METADATA = _object(
    "product version",
    version={"const": "1.8.0"},
    product=_object("vendor_name", name=_TEXT, vendor_name=_TEXT, version=_TEXT),
    profiles=_PROFILES,
    uid=_TEXT,
    sequence={"type": "integer"},
    log_name=_TEXT,
    original_time=_TEXT,
)
_COMMON: dict = {
    "class_name": _TEXT,
    "severity_id": {"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
    "time": {"type": "integer", "minimum": 1_700_000_000_000},
    "metadata": _METADATA,
    "resources": {"type": "array", "items": _RESOURCE},
    "unmapped": {"type": "object"},
}
_REQUIRED = "activity_id category_uid class_uid metadata severity_id time type_uid"
FINDING = _object(
    f"{_REQUIRED} finding_info",
    **_COMMON,
    class_uid={"const": 2006},
    category_uid={"const": 2},
    activity_id={"enum": [0, 1, 2, 3, 99]},
    type_uid=_UID,
    status_id={"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
    src_endpoint=_ENDPOINT,
    finding_info=_object("uid", uid=_TEXT, title=_TEXT, types={"type": "array", "items": _TEXT}),
    data_security=_object(
        "category_id",
        detection_system_id={"enum": [*range(13), 99]},
        data_lifecycle_state_id={"enum": [0, 1, 2, 3, 99]},
        category_id={"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
        confidentiality_id={"enum": [0, 1, 2, 3, 4, 5, 6, 99]},
        # has a `value` too, which is not for us
        discovery_details={"type": "array", "items": _object("type count", type=_TEXT, count={"type": "integer"})},
    ),
)
API = _object(
    f"{_REQUIRED} actor api src_endpoint",
    **_COMMON,
    class_uid={"const": 6003},
    category_uid={"const": 6},
    activity_id={"enum": [0, 1, 2, 3, 4, 99]},
    activity_name=_TEXT,
    type_uid=_UID,
    status_id={"enum": [0, 1, 2, 99]},
    status_code=_TEXT,
    actor=_object("app_name", app_name=_TEXT, app_uid={"type": "string"}),
    api=_object("operation", operation=_TEXT, service=_SERVICE),
    src_endpoint=_ENDPOINT,
    dst_endpoint=_ENDPOINT,
    # of the profile ai_operation
    message_context=_object("service", ai_role_id={"enum": [0, 1, 2, 3, 4, 5, 6, 99]}, service=_SERVICE, uid=_TEXT),
)
"""The two classes of OCSF 1.8.0 as their schema has them: what is required, what is one of a list, what must not be."""


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("log")
    fill(made, 60)
    log = open_log(made, Clock())
    log.report("denial", **{**release(), "code": "PS603"})
    log.report("error", scope="default", server=CRM, direction="in", code="PS500")
    log.report("observe", scope="default", server=CRM, direction="in", counts={"US_SSN": 1, "EMAIL": 2})
    log.report("policy", scope="default", server="=cmd|' /C calc'!A0", was="@SUM(1)", now="+1")
    log.report("protect", **protect(tool="-2+3"))
    log.report("client", scope="1e5", server="2026-01-02", client="inspector 1.2", protocol="2025-11-25")
    log.report("forget", scope="default", token="7K2QF9M36")
    log.commit("export", format="csv", rows=7)
    log.close()
    return made


@pytest.fixture
def log(directory: Path) -> Iterator[DatabaseSource]:
    source = DatabaseSource(db(directory))
    yield source
    source.close()


def written(log: DatabaseSource, form: str, which: Filter = ANY) -> bytes:
    out = io.BytesIO()
    done = export.export(log, form, which, out)
    assert done.digest == sha256(out.getvalue()).hexdigest()
    return out.getvalue()


def test_a_complete_jsonl_verifies_like_the_log_itself(log: DatabaseSource, directory: Path, tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_bytes(written(log, "jsonl"))
    outside = (directory / "away" / "checkpoints").read_text()
    copy = read.source(path)
    verdict = examine(copy, [log.key()], [outside])
    assert verdict.is_sound
    assert verdict.covered == verdict.last == log.size()
    assert [read.parsed(row) for row in copy.raw()] == [read.parsed(row) for row in log.raw()]
    spoiled = path.read_bytes().replace(b"get_customer", b"get_customet", 1)
    path.write_bytes(spoiled)
    assert not examine(read.source(path), [log.key()], []).is_sound


def test_a_line_is_the_row_with_its_number_and_head(log: DatabaseSource) -> None:
    for line in written(log, "jsonl").splitlines():
        row = json.loads(line)
        assert row["seq"] > 0 and len(row["head"]) == 64 and row["type"]


def test_filters_choose_rows(log: DatabaseSource) -> None:
    everything = [row for _, row in read.rows(log)]

    def chosen(**which: object) -> list[dict]:
        return [row for _, row in read.rows(log, Filter(**which))]

    assert {row["type"] for row in chosen(types=frozenset({"denial"}))} == {"denial"}
    assert all("EMAIL" in kinds_of(row) for row in chosen(types=frozenset({"EMAIL"})))
    assert {row["server"] for row in chosen(servers=frozenset({"mailer"}))} == {MAILER}
    assert {row["server"] for row in chosen(servers=frozenset({CRM}))} == {CRM}
    assert {row["direction"] for row in chosen(direction="out")} == {"out"}
    token = next(row for row in everything if row["type"] == "release")["items"][0]["token"]
    assert [row["type"] for row in chosen(token=token)] == ["release"]
    middle = everything[30]["at"]
    assert chosen(since=middle) == [row for row in everything if row["at"] >= middle]
    assert chosen(until=middle) == [row for row in everything if row["at"] < middle]


def test_csv_opens_right_and_holds_no_formula(log: DatabaseSource) -> None:
    raw = written(log, "csv")
    assert raw.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert tuple(table[0]) == export.COLUMNS
    assert {len(row) for row in table} == {len(export.COLUMNS)}
    assert len(table) == 1 + log.size()
    assert not [cell for row in table for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    column = export.COLUMNS.index("server")
    assert "'=cmd|' /C calc'!A0" in {row[column] for row in table}
    (client,) = [row for row in table if row[export.COLUMNS.index("type")] == "client"]
    assert (client[export.COLUMNS.index("scope")], client[column]) == ("'1e5", "'2026-01-02")
    more = {row[export.COLUMNS.index("type")]: row[export.COLUMNS.index("more")] for row in table}
    assert more["client"] == "client=inspector 1.2; protocol=2025-11-25"
    assert (more["policy"], more["export"]) == ("now=+1; was=@SUM(1)", "format=csv; rows=7")
    assert [row[0] for row in table[1:]] == [str(number + 1) for number in range(log.size())]
    tokens = [row[export.COLUMNS.index("tokens")] for row in table[1:]]
    assert all(cell == "" or cell.startswith("[") for cell in tokens)


def test_ocsf_events_have_the_shape_of_their_class(log: DatabaseSource) -> None:
    events = [json.loads(line) for line in written(log, "ocsf").splitlines()]
    assert len(events) == log.size()
    for event in events:
        jsonschema.validate(event, FINDING if event["class_uid"] == 2006 else API)
        assert event["type_uid"] == event["class_uid"] * 100 + event["activity_id"]
        assert event["category_uid"] == event["class_uid"] // 1000
        assert bool(event["metadata"]["profiles"]) is (event["class_uid"] == 6003)
    kinds = {row["type"]: event for (_, row), event in zip(read.rows(log), events, strict=True)}
    assert kinds["protect"]["class_uid"] == kinds["observe"]["class_uid"] == 2006
    assert {kinds[name]["class_uid"] for name in ("release", "denial", "error", "start", "policy")} == {6003}
    assert (kinds["release"]["status_id"], kinds["denial"]["status_id"]) == (1, 2)
    assert kinds["denial"]["status_code"] == "PS603"
    assert kinds["release"]["resources"][0]["labels"] == [f"origin:{CRM}"]
    unmapped = kinds["client"]["unmapped"]
    assert (unmapped["client"], unmapped["protocol"]) == ("inspector 1.2", "2025-11-25")
    assert kinds["forget"]["unmapped"]["token"] == "7K2QF9M36"
    assert kinds["observe"]["data_security"]["discovery_details"] == [
        {"type": "EMAIL", "count": 2},
        {"type": "US_SSN", "count": 1},
    ]


def test_a_row_that_was_edited_does_not_stop_an_export() -> None:
    class Edited:
        def key(self) -> str:
            return "x+y+z"

        def raw(self, first: int = 0) -> Iterator[read.RawRow]:
            yield 1, b"\xff\xfe", bytes(32)
            yield 2, b'{"type":"release","at":"never","items":3}', bytes(32)

    for form in ("ocsf", "jsonl"):
        out = io.BytesIO()
        assert export.export(Edited(), form, ANY, out).rows == 2
