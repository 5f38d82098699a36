"""The page: what others chose stays text, nothing is loaded, and it is small whatever the log holds."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import pytest

from pii_shield.audit.report import charts, markup, page, ropa
from pii_shield.audit.report.around import Bare, Clients, Exemption, Settings
from pii_shield.audit.report.flows import MOST, diagram, flows
from pii_shield.audit.report.regulations import IDENTIFIERS
from pii_shield.audit.report.tally import buckets, number, total
from pii_shield.entities import DEFAULT_TYPES, TYPES
from pii_shield.types import Organisation

from .kit import AROUND, AT, protect_row, release_row, report, report_of, row

EVIL = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style><b>",
    "\u202egnp.exe",
    "\u2066\u2067\u200b\x1b[31m\x00\x85",
    "a" * 5_000,
    "Z" + "\u0301" * 400,
    "{{7*7}} ${x} %s &amp; &#60;",
)
VOID = {"meta", "wbr"}


class Reader(HTMLParser):
    """Tags in their order, whether they nest, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.fixture(scope="module")
def made(fortnight: Path) -> str:
    return page.page(report_of(fortnight))


def evil_rows() -> list[str]:
    rows = []
    for text in EVIL:
        rows += [
            protect_row(tool=text),
            protect_row(server=text, method=text),
            release_row(server=text, tool=text, policy=text),
            release_row(items=[{"token": "7K2QF9M36", "type": "EMAIL", "from": [text], "to": text, "whole": False}]),
            row("denial", server=text, tool=text, code=text, items=[]),
            row("error", server=text, code=text),
            row("start", server=text, program=text),
            row("policy", server=text, was=text, now=text),
            row("client", client=text, server=text, protocol=text),
        ]
    return rows


def evil_page() -> str:
    text = EVIL[0]
    around = AROUND._replace(
        settings=Settings(text, text, DEFAULT_TYPES, EVIL, EVIL, 1.0, EVIL, EVIL),
        clients=Clients(1, 1, 1, tuple(Bare(x, x, x) for x in EVIL), EVIL),
        exemptions=tuple(Exemption(x, x, x, x) for x in EVIL),
        organisation=Organisation(text, text, text, text, EVIL, EVIL),
        servers=EVIL,
    )
    around = around._replace(settings=around.settings._replace(profile="strict"))  # one of ours, never text of others
    return page.page(report(evil_rows(), around)._replace(title=text))


def test_text_of_others_is_never_markup_and_nothing_in_it_acts() -> None:
    text = evil_page()
    reader = Reader(text)
    assert reader.open == []
    assert {tag for tag, _ in reader.tags} & {"script", "img", "b", "iframe", "link", "object", "base", "form"} == set()
    assert not any(name.startswith("on") or name == "style" for _, attributes in reader.tags for name in attributes)
    assert "<script>alert(1)</script>" in reader.text
    assert not set(text) & set("\u202e\u2066\u2067\u200b\x1b\x00\x85")
    assert "<U+202E>" in reader.text
    assert "a" * 601 not in text
    assert "\u0301" * 5 not in text
    assert len(text) < 500_000


def test_the_record_of_processing_does_not_drive_a_terminal() -> None:
    around = AROUND._replace(organisation=Organisation(*EVIL[:4], EVIL, EVIL))
    lines = ropa.as_text(ropa.register(report(evil_rows(), around)))
    assert all(char.isprintable() for line in lines for char in line)
    assert len({line.rindex(" ") for line in lines if line.endswith("2026-03-02")}) == 1, "columns are aligned"
    assert json.loads(ropa.as_json(ropa.register(report(evil_rows(), around))))["record"]["Controller"] == EVIL[0]


def test_the_page_of_processing_is_as_safe() -> None:
    text = page.register_page(report(evil_rows())._replace(title=EVIL[0]))
    assert Reader(text).open == []
    assert "<script" not in text and "\u202e" not in text


def test_nothing_is_loaded_and_nothing_runs(made: str) -> None:
    style = re.search(r"<style>(.*?)</style>", made, re.S)
    assert style
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    policy = f"default-src &#x27;none&#x27;; style-src &#x27;sha256-{digest}&#x27;"
    assert policy in made or policy.replace("&#x27;", "'") in made
    assert not re.search(r"https?:|url\(|@import|<script|javascript:|src=|<link", made)
    assert all(attributes["href"].startswith("#") for tag, attributes in Reader(made).tags if tag == "a")  # type: ignore[union-attr]


def test_a_screen_reader_finds_its_way(made: str) -> None:
    reader = Reader(made)
    tags = [tag for tag, _ in reader.tags]
    levels = [int(tag[1]) for tag in tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert [tags.count(tag) for tag in ("header", "nav", "main", "footer", "title")] >= [1, 1, 1, 1, 1]
    assert tags.count("table") == tags.count("caption") > 8
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {str(attributes["href"])[1:] for tag, attributes in reader.tags if tag == "a"}
    assert links <= set(ids)
    pictures = [attributes for tag, attributes in reader.tags if tag == "svg" and "aria-hidden" not in attributes]
    assert pictures and all(picture["role"] == "img" and picture["aria-label"] for picture in pictures)
    assert made.count("<desc>") == len(pictures)


def test_figures_stand_in_the_text(fortnight: Path, made: str) -> None:
    figures, text = report_of(fortnight).figures, Reader(made).text
    for spans in (figures.protected, figures.released, figures.observed):
        assert number(total(spans)) in text
    assert "2 March 2026 to 13 March 2026" in text
    assert "send_mail" in text and "search_customers" in text
    assert "unbroken chain" in text
    assert "could carry the value away" in text
    assert "2 Mar 2026" in text


def test_every_type_and_identifier_has_its_place(made: str) -> None:
    text = Reader(made).text
    for identifier in IDENTIFIERS:
        assert f"({identifier.letter})" in text
    assert [identifier.letter for identifier in IDENTIFIERS] == list("ABCDEFGHIJKLMNOPQR")
    mapped = {kind for identifier in IDENTIFIERS for kind in identifier.types}
    assert mapped == {kind.name for kind in TYPES.values() if kind.hipaa} - {"OPAQUE"}
    assert all(kind.title for kind in TYPES.values())


def test_the_page_stays_small_whatever_the_log_holds() -> None:
    rows = [protect_row(tool=f"tool_{n:05d}_{'x' * 150}", server=f"s{n % 3000}#0123456789ab") for n in range(9_000)]
    rows += [release_row(tool=f"tool_{n}", server=f"d{n}#0123456789ab", policy=f"p@{n}") for n in range(3_000)]
    rows += [
        protect_row(at=f"{1990 + n % 60}-{n % 12 + 1:02d}-{n % 28 + 1:02d}T00:00:00.000000Z") for n in range(3_000)
    ]
    text = page.page(report(rows))
    assert len(text.encode()) < 400_000
    assert re.search(r"and \d+,\d{3} more: sent by it \d+,\d{3}", text) is not None


@pytest.mark.parametrize("rows", [[], [row("log", log="0123456789abcdef", key="k")], ["junk"]])
def test_nothing_on_record_is_said_in_words(rows: list[str]) -> None:
    text = Reader(page.page(report(rows))).text
    assert "Nothing is on record in this time" in text
    assert ("could not be read" in text) is (rows == ["junk"])


def test_a_single_row_makes_a_page() -> None:
    text = Reader(page.page(report([release_row()]))).text
    assert "On 2 March 2026, 1 server" in text
    assert "Once, a tool was handed" in text


def test_what_is_not_sound_comes_first(fortnight: Path) -> None:
    found = report_of(fortnight)
    verdict = found.verdict._replace(trouble=3, problems=[])
    text = Reader(page.page(found._replace(verdict=verdict))).text
    assert "3 problems" in text and "not sound" in text
    assert text.index("The record is not what was written") < text.index("Values passed unprotected")


def test_elements_escape_all_but_markup() -> None:
    made = markup.element("a", "<b>", markup.Markup("<i>"), None, 3, title='"<&>"', hidden=True, name=None, cls="x")
    assert made == '<a title="&quot;&lt;&amp;&gt;&quot;" hidden class="x">&lt;b&gt;<i>3</a>'
    assert markup.shortened("é" * 100) == "é" * 42 + "…" + "é" * 21


def test_charts_end_at_a_round_number_and_scale_to_it() -> None:
    assert [charts.ceiling(n) for n in (0, 1, 2, 3, 10, 11, 26, 99, 101, 251, 999_999)] == [
        *(1, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000_000)
    ]
    drawn = charts.columns("Values", ["1 Mar", "2 Mar", "3 Mar"], [50, 0, 100], "protected", "day")
    heights = [float(height) for height in re.findall(r'<rect [^>]*height="([\d.]+)"', drawn)]
    assert len(heights) == 2 and heights[1] == pytest.approx(2 * heights[0], abs=0.1)
    assert "The most, 100, on 3 Mar" in drawn


@pytest.mark.parametrize(
    ("days", "step", "count"),
    [
        (["2026-03-02"], "day", 1),
        (["2026-03-02", "2026-03-31"], "day", 30),
        (["2026-03-02", "2026-12-31"], "week", 44),
        (["2024-01-31", "2026-12-01"], "month", 36),
        (["2010-06-01", "2026-12-01"], "year", 17),
        (["0001-01-01", "9999-12-31"], "year", 9999),
        (["2026-02-30"], "day", 0),
    ],
)
def test_columns_stand_for_days_weeks_months_or_years_without_gaps(days: list[str], step: str, count: int) -> None:
    found, columns = buckets(days)
    assert (found, len(columns)) == (step, count)
    assert sorted(day for column in columns for day in column.days) == ([] if days == ["2026-02-30"] else days)


def test_flows_keep_their_sums_when_small_servers_are_drawn_as_one() -> None:
    released = {(f"from{n}#1", f"to{n % 3}#1"): 100 - n for n in range(40)}
    found = flows(released, {("from0#1", "web#1"): 7})
    drawn = diagram(found)
    assert drawn.count("node-name") <= 2 * (MOST + 1)
    assert "other servers" in drawn
    assert sum(flow.tokens for flow in found) == sum(released.values()) + 7
    assert {flow.kind for flow in found} == {"onward", "stopped"}
    assert flows({("a#1", "a#1"): 1}, {})[0].kind == "back"
    assert flows({("a#1", "a#2"): 1}, {})[0].kind == "onward", "the same name with another command is another server"
    assert AT[:4] == "2026"
