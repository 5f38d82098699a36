"""What the engine finds in the leaves of a message: by shape, by name, by mention; and what it leaves alone."""

from collections.abc import Sequence
from itertools import pairwise

import pytest

from pii_shield import entities, examples, rules
from pii_shield.detect.engine import Engine
from pii_shield.detect.recall import Recall, known
from pii_shield.types import Finding, Leaf, Path

RULES = rules.load()
ALL = Engine(RULES, frozenset(entities.TYPES), all_rules=True)
RUN = Engine(RULES, entities.DEFAULT_TYPES)


def found(engine: Engine, *leaves: Leaf) -> list[list[tuple[str, str]]]:
    return [
        [(f.type, leaf.text[f.start : f.end]) for f in findings]
        for leaf, findings in zip(leaves, engine.find(leaves), strict=True)
    ]


def one(engine: Engine, text: str, path: Path = (), kind: str = "string") -> list[tuple[str, str]]:
    return found(engine, Leaf(text, path, kind))[0]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("write to jane@acme.example", ("EMAIL", "jane@acme.example")),
        ("ring +44 20 7946 0958 now", ("PHONE", "+44 20 7946 0958")),
        ("my number is 732 4816", ("PHONE", "732 4816")),
        ("card 4222222222222 please", ("CREDIT_CARD", "4222222222222")),
        ("it is 4111 1111 1111 1111", ("CREDIT_CARD", "4111 1111 1111 1111")),
        ("to DE89 3704 0044 0532 0130 00", ("IBAN", "DE89 3704 0044 0532 0130 00")),
        ("SSN 536-22-8726", ("US_SSN", "536-22-8726")),
        ("Dear Ms. Zsófia Kovács, hello", ("PERSON", "Zsófia Kovács")),
        ("born on April 1, 1990 in Lyon", ("DOB", "April 1, 1990")),
        ("at 415 Harbor View Blvd today", ("ADDRESS", "415 Harbor View Blvd")),
        ("db: postgres://app:s3cr-Pa55w@db/x", ("SECRET", "s3cr-Pa55w")),
        ("Email: jane@acme.example, Phone: 064 17 39", ("PHONE", "064 17 39")),
        ('log {"first_name": "Jane", "x": 1} end', ("PERSON", "Jane")),
        ("name,email\nZoë Ray,zoe@acme.example\n", ("EMAIL", "zoe@acme.example")),
    ],
)
def test_personal_data_in_text_is_found_by_its_shape_or_by_what_introduces_it(
    text: str, finding: tuple[str, str]
) -> None:
    assert finding in one(RUN, text)


@pytest.mark.parametrize(
    "text",
    [
        "git clone git@github.com:acme/tool.git",
        "npm i left-pad@1.3.0 and @scope/pkg@2.0.0",
        "from noreply@acme.example",
        "export TOKEN=${VAR} and key=YOUR_API_KEY",
        "hubfan/hello-world #12",
        "2024-01-15T10:11:12.345Z 1705312272345 v1.22.333.4444",
        "3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "def login(user: User, password: str) -> Token: ...",
        "email = models.EmailField(); name: str; phone: Optional[str]",
        "Ubuntu 22.04.3 LTS, build 1234567890",
        "Visual Studio Code for Windows in New York on Monday",
        '{"id": 1234567890123, "count": 5551234}',
        "https://acme.example/a/b?page=12&size=100",
        "",
        " \n\t ",
    ],
)
def test_ordinary_text_is_left_alone_by_default(text: str) -> None:
    assert one(RUN, text) == []


@pytest.mark.parametrize(
    ("path", "text", "kind", "type"),
    [
        (("customer", "email"), "jane@acme.example", "string", "EMAIL"),
        (("result", "structuredContent", "customer", "phone"), "732 4816", "string", "PHONE"),
        (("rows", 3, "phoneNumbers", 0), "2125550143", "string", "PHONE"),
        (("phone",), "2125550143", "number", "PHONE"),
        (("ssn",), "536228726", "number", "US_SSN"),
        (("payment", "cardNumber"), "4222222222222", "number", "CREDIT_CARD"),
        (("phone", "value"), "064 17 39", "string", "PHONE"),
        (("user", "first-name"), "Zsófia", "string", "PERSON"),
        (("Customer Name",), "jane doe", "string", "PERSON"),
        (("owner", "name"), "Zsófia Kovács", "string", "PERSON"),
        (("shipping", "address", "line1"), "Hauptstr. 12", "string", "ADDRESS"),
        (("patient", "dateOfBirth"), "1990-04-01", "string", "DOB"),
        (("config", "db_password"), "correct horse battery", "string", "PASSWORD"),
        (("client_secret",), "k3JvQ8sL1zT5", "string", "SECRET"),
        (("person", "pesel"), "44051401359", "string", "NATIONAL_ID"),
    ],
)
def test_a_fields_name_makes_its_whole_value_a_finding(path: Path, text: str, kind: str, type: str) -> None:
    assert one(RUN, text, path, kind) == [(type, text)]


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        (("product", "name"), "Zsófia Chair", "string"),
        (("repository", "name"), "hello-world", "string"),
        (("phone_verified",), "true", "string"),
        (("email_count",), "1234567", "number"),
        (("phone_id",), "2125550143", "number"),
        (("order", "number"), "2125550143", "number"),
        (("created_at",), "1705312272", "number"),
        (("password",), "${DB_PASSWORD}", "string"),
        (("state",), "open", "string"),
        (("version",), "10.20.30.40", "string"),
    ],
)
def test_fields_with_other_meanings_are_left_alone(path: Path, text: str, kind: str) -> None:
    assert one(RUN, text, path, kind) == []


def test_a_name_is_a_persons_when_personal_fields_stand_beside_it() -> None:
    name = Leaf("Zsófia Kovács", ("rows", 0, "name"))
    assert found(RUN, name, Leaf("z@acme.example", ("rows", 0, "email")))[0] == [("PERSON", "Zsófia Kovács")]
    assert found(RUN, name, Leaf("z@acme.example", ("rows", 1, "email")))[0] == []


def test_what_a_field_reveals_is_found_in_the_other_leaves_of_the_message() -> None:
    leaves = (
        Leaf("Spoke to ZSÓFIA KOVÁCS; Zsófia will call. Not Zsófiaa.", ("result", "content", 0, "text")),
        Leaf("Zsófia Kovács", ("result", "structuredContent", "customer", "full_name")),
        Leaf("Zsófia", ("result", "structuredContent", "customer", "first_name")),
    )
    assert found(RUN, *leaves)[0] == [("PERSON", "ZSÓFIA KOVÁCS"), ("PERSON", "Zsófia")]


def test_a_name_that_is_a_common_word_is_not_looked_for_elsewhere() -> None:
    leaves = (Leaf("Will you come? Will can.", ("text",)), Leaf("Will", ("user", "first_name")))
    assert found(RUN, *leaves) == [[], [("PERSON", "Will")]]


def test_a_user_name_is_not_looked_for_inside_addresses() -> None:
    leaves = (Leaf("zkovacs7", ("owner", "login")), Leaf("https://git.example/zkovacs7/x by zkovacs7", ("text",)))
    assert ("USERNAME", "zkovacs7") in found(ALL, *leaves)[1]
    assert sum(type == "USERNAME" for type, _ in found(ALL, *leaves)[1]) == 1


def test_keys_are_searched_by_shape_only() -> None:
    assert one(RUN, "jane@acme.example", ("jane@acme.example",), "key") == [("EMAIL", "jane@acme.example")]
    assert one(RUN, "732 4816", ("phone",), "key") == []


def test_known_values_are_found_next_to_everything_else() -> None:
    memory = Recall(RUN.common)
    memory.learn([known("PERSON", "Zsófia Kovács", "person-title", "crm")])
    leaf = Leaf("zsófia kovács, jane@acme.example", ("note",))
    types = [f.type for f in RUN.find([leaf], memory, "crm")[0]]
    assert types == ["PERSON", "EMAIL"]


def test_only_wanted_types_are_returned() -> None:
    engine = Engine(RULES, frozenset({"PHONE"}))
    assert one(engine, "jane@acme.example +44 20 7946 0958") == [("PHONE", "+44 20 7946 0958")]


def test_types_that_run_leaves_alone_are_known_to_scan() -> None:
    text = "user=zkovacs7 from 203.0.113.9 by no-reply@acme.example"
    assert one(RUN, text) == []
    assert {type for type, _ in one(ALL, text)} == {"USERNAME", "IP", "EMAIL"}


def disjoint(findings: Sequence[Finding], text: str) -> bool:
    places = [(f.start, f.end) for f in findings]
    return all(0 <= s < e <= len(text) for s, e in places) and all(a[1] <= b[0] for a, b in pairwise(places))


def test_findings_are_sorted_disjoint_and_inside_their_text() -> None:
    texts = [example for rule in RULES.patterns for example in rule.examples]
    leaves = [Leaf(examples.marked(text)[0] * repeat) for text in texts for repeat in (1, 3)]
    for leaf, findings in zip(leaves, ALL.find(leaves), strict=True):
        assert disjoint(findings, leaf.text)


def test_leaves_in_one_message_do_not_change_what_shapes_find_in_each() -> None:
    texts = ["tel", "732 4816", "4222222222222", "card", "+44 20", "7946 0958", "jane@", "acme.example"]
    assert found(RUN, *(Leaf(text) for text in texts)) == [[] for _ in texts]


def test_asking_again_gives_the_same_answer() -> None:
    engine = Engine(RULES, entities.DEFAULT_TYPES)
    leaves = [Leaf("jane@acme.example", ("a", i, "email")) for i in range(3)]
    assert engine.find(leaves) == engine.find(leaves) == engine.find(leaves)


def test_a_value_is_found_wherever_it_lies_in_a_long_text() -> None:
    value = "jane@acme.example"
    for offset in (48 * 1024 - 9, 48 * 1024, 64 * 1024 - 9, 100_003):
        text = "x y " * (offset // 4) + value + " z" * 50_000
        assert (value in [text[f.start : f.end] for f in RUN.find([Leaf(text)])[0]]) is True


def test_a_private_key_is_found_across_pieces_of_a_long_text() -> None:
    key = examples.marked("-----BEGIN RSA PRIVATE KEY-----\n" + "⟨b62:64⟩\n" * 40 + "-----END RSA PRIVATE KEY-----")[0]
    text = "x y " * (12 * 1024 - 100) + key + " z" * 1000
    assert [text[f.start : f.end] for f in RUN.find([Leaf(text)])[0]] == [key]


PUMPS = [
    "a",
    "a.",
    "1 ",
    "a@",
    "+1",
    "1",
    "1-",
    "@",
    "a@a.",
    "A ",
    "Aa ",
    "name: ",
    "name=",
    '"a":"b",',
    "a,",
    "a,b\n",
    "|a",
    "0x",
    "eyJ",
    "eyJa.",
    "://",
    "://a:",
    "-----BEGIN PRIVATE KEY-----",
    "((",
    "+",
    "00 ",
    "1.1.1.1",
    "::",
    "aa:",
    "%41",
    "%40",
    "St ",
    "1 A St ",
    "Mr. A ",
    "Apt 1 ",
    "card 1 ",
    "phone 1 ",
    "\n",
    "\t",
    " ",
    "email\tname\n",
    '"',
    "'",
    "{",
    "é",
    "ß",
    "İ",
    "Jane ",
    "Jane D ",
    "<a@",
    "sk-",
    "AKIAAAAAAAAAAAAAAAAA",
    "password=",
    "lives at 1 a ",
    "rue ",
    "born 1/1/",
    "AA00 AAAA ",
    "1234 1234 ",
    "4111 1111 1111 111",
    "user ",
    "Bearer aaaa",
    "curl -u a:",
    "Suite 1 ",
    ";",
]


@pytest.mark.parametrize("unit", PUMPS)
def test_time_grows_with_the_size_of_hostile_text_and_not_with_its_square(unit: str) -> None:
    import time

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        started = time.process_time()
        ALL.find([Leaf(text)])
        return time.process_time() - started

    small = seconds(6_000)
    # Ten times the text: 10x is linear, 100x is quadratic. What takes no time at all is not judged.
    assert seconds(60_000) < max(40 * small, 1.0)
