"""Texts of many kinds, made up here: what must be found in logs, payloads, tables and sentences, and what must not."""

import re

import pytest

from pii_shield import entities
from pii_shield.detect.scan import scan
from pii_shield.engines import Engines
from pii_shield.settings import Config

_MARK = re.compile(r"«(.*?)»", re.DOTALL)


@pytest.fixture(scope="module")
def engine():
    return Engines(Config(), all_rules=True, greedy=False)(frozenset(entities.TYPES))


def unmarked(text: str) -> tuple[str, list[tuple[int, int]]]:
    plain, spans, position = "", [], 0
    for match in _MARK.finditer(text):
        plain += text[position : match.start()]
        spans.append((len(plain), len(plain) + len(match[1])))
        plain += match[1]
        position = match.end()
    return plain + text[position:], spans


LOGS = """\
Oct  3 02:11:48 w sshd[2]: Connection closed by authenticating user «git» «192.0.2.44» port 33000 [preauth]
Oct  3 02:11:49 w sudo:    «mhale» : TTY=pts/0 ; USER=root ; COMMAND=/bin/ls
Oct  3 02:11:51 w systemd-logind[8]: New session 4 of user «jkim».
Oct  3 02:11:52 w useradd[12]: new user: name=«svc_app», UID=1003
«203.0.113.8» - «alice» [10/Oct/2024:13:55:36 -0700] "GET /private HTTP/1.1" 401 381
2024/10/10 13:55:37 [error] 31#31: *52 user "«carol»": password mismatch, client: «203.0.113.9», server: _
[Fri Dec 16 01:46:23 2022] [error] [client «203.0.113.31»:54321] AH01617: user «dave»: authentication failure
Jan  5 10:00:04 mx dovecot: auth-worker(1): pam(«heidi»,«198.51.100.21»): pam_authenticate() failed
2024-03-01 07:10:17 38 [Note] Access denied for user '«kbrown»'@'«10.20.30.45»' (using password: YES)
Mar  2 11:22:36 vpn openvpn[77]: «rupert»/«203.0.113.205»:51820 MULTI: Learn
Mar  2 11:22:33 fw kernel: [UFW BLOCK] IN=eth0 OUT= MAC=«00:16:3e:5e:6c:00:00:16:3e:aa:bb:cc»:08:00 SRC=«203.0.113.2»
Account Name:\t\t«vwalker» Source Network Address:\t«203.0.113.210»
vsftpd: [pid 2] [«xavier»] FAIL LOGIN: Client "«203.0.113.212»"
smbd: user [CORP]\\[«zackb»] remote host [ipv4:«203.0.113.214»:50122]
wordpress(blog): Authentication failure for «editor1» from «203.0.113.219»
RT «@hubfan42»: look at this"""

PAYLOADS = """\
{"issue":{"fields":{"assignee":{"displayName":"«Emmet Otoole»"}}}}
{"event":{"organizer":{"displayName":"«Chidi Anagonye»"}},"project":{"owner":{"name":"«Ilse Brandt»"}}}
{"resourceType":"Patient","name":[{"family":"«du Marché»","given":["«Bénédicte»"]}],"birthDate":"«1974-12-25»"}
{"order":{"billing_address":{"address1":"«Chestnut Street 92»","phone":"«555-625-1199»"}}}
{"payer":{"phone":{"phone_number":{"national_number":"«4085551234»"}}}}
{"name":{"first":"«Xiu»","last":"«Ouyang»"},"email":"«xiu@ouyang.example»"}"""

TABLES = """\
first,last,birth_date,email
«Ana»,«Quist»,«1980-03-12»,«ana@q.example»
---
Name;Vorname;Geburtsdatum;PLZ
«Müller»;«Jürgen»;«03.04.1965»;«10115»
---
nom,prénom,date de naissance
«Dupont»,«Élodie»,«12/05/1988»
---
nombre,apellidos,fecha_nacimiento,cp
«Lucía»,«García Pérez»,«1990-01-02»,«28013»"""

PHONES = """\
It's also «5263 7481» at home
please dial «6647 2915» now
<td>«8347 2196»</td>
«613 48 27 95» works too
my number is «7290»
Tel: «22158».
«981 2345».Nice day."""

ADDRESSES = """\
au «12 bis rue de la Paix, 75099 Villeneuve» depuis 2019
Vivo en la «Calle de Alcalá 45, 3º B, 28099 Madrid».
at «17 Rua das Flores, 4050-262 Porto» now
Meet me at «Ulica Piękna 20, 00-549 Warszawa».
stopped at «Prinsengracht 263» in Amsterdam
né le «7 juillet 1990» à Lyon"""

INNOCENT = """\
Foundation, Inc., 51 Fifth Floor, Boston, MA 02110-1301
inf("63 18 68 30 d0 0 0")
12 345 678 people and 10 20 30 40
table[3] = 34 46 27 18 6
<td>2019 2020</td>
const address = new Address4(mask);
def f(user: bool = True): ...
with Chrome/114.0.0.0 and Firefox/3.6.3.1
Jan  5 10:00:01 mx kernel: up
{"font":{"family":"Arial"},"page":{"first":"Intro","last":"End"}}
@Override @Test(timeout = 1)"""


@pytest.mark.parametrize(
    "text", [*LOGS.split("\n"), *PAYLOADS.split("\n"), *TABLES.split("\n---\n"), *ADDRESSES.split("\n")]
)
def test_what_is_somebodys_is_found(engine, text: str) -> None:
    plain, spans = unmarked(text)
    covered = {place for finding in scan(plain, engine) for place in range(finding.start, finding.end)}
    assert [plain[a:b] for a, b in spans if not covered.issuperset(range(a, b))] == []


@pytest.mark.parametrize("text", PHONES.split("\n"))
def test_numbers_as_regions_write_them_are_found(engine, text: str) -> None:
    plain, spans = unmarked(text)
    assert [(f.start, f.end) for f in scan(plain, engine) if f.type == "PHONE"] == spans


@pytest.mark.parametrize("text", INNOCENT.split("\n"))
def test_what_only_looks_like_it_is_left_alone(engine, text: str) -> None:
    assert [(f.type, f.rule) for f in scan(text, engine) if f.type not in ("ORG", "LOCATION", "DATE", "ADDRESS")] == []
