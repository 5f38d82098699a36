"""The page in a real browser: it loads nothing, fits a phone, can be read by everybody, and prints."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from shutil import which

import pytest

from pii_shield.audit.report import page as pages
from pii_shield.audit.report.tally import number, total
from tests import browser
from tests.browser import Page

from .kit import report_of
from .test_page import evil_page

pytestmark = pytest.mark.skipif(browser.binary() is None, reason="no Chromium here; .ci/run installs it")

CONTRAST = """
(() => {
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const part = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
  };
  const behind = (node) => {
    for (; node; node = node.parentElement) {
      const found = rgba(getComputedStyle(node).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let seen = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode, at = node.parentElement;
    if (!node.data.trim() || ["title", "desc", "style"].includes(at.localName) || !at.checkVisibility()) continue;
    const style = getComputedStyle(at);
    const ink = light(rgba(at.namespaceURI.endsWith("svg") ? style.fill : style.color)), paper = light(behind(at));
    const ratio = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
    seen += 1;
    if (ratio < 4.5) bad.push(`${node.data.trim().slice(0, 30)}: ${ratio.toFixed(2)}`);
  }
  return {seen, bad};
})()
"""
OVERFLOW = """
[...document.querySelectorAll("body *")].filter((one) => !one.closest(".scroll") && !one.closest(".skip")
  && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 80))
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser.browser(tmp_path_factory.mktemp("browser")) as made:
        yield made


@pytest.fixture(scope="module")
def file(fortnight: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(pages.page(report_of(fortnight)))
    return path


def quiet(page: Page, file: Path) -> None:
    assert page.said == []
    assert page.asked == [file.as_uri()]


def test_it_shows_its_figures_and_asks_the_network_for_nothing(page: Page, file: Path, fortnight: Path) -> None:
    page.open(file)
    text = page.value("document.body.innerText")
    figures = report_of(fortnight).figures
    assert number(total(figures.protected)) in text
    assert number(total(figures.released)) in text
    assert "What is not covered" in text
    assert page.value("document.querySelectorAll('svg.chart').length") == 5
    assert page.value("[...document.querySelectorAll('svg.chart')].every((one) => one.getBBox().width > 100)")
    assert page.value("getComputedStyle(document.body).fontSize") == "16px", "the style is in force"
    quiet(page, file)


@pytest.mark.parametrize(("scheme", "media"), [("light", ""), ("dark", ""), ("light", "print"), ("dark", "print")])
def test_all_text_stands_out_from_its_ground(page: Page, file: Path, scheme: str, media: str) -> None:
    page.open(file, scheme=scheme, media=media)
    found = page.value(CONTRAST)
    assert found["seen"] > 300
    assert found["bad"] == []
    dark = page.value("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark is (scheme == "dark" and media != "print")


def test_it_fits_a_phone(page: Page, file: Path) -> None:
    page.open(file, width=400)
    assert page.value("document.documentElement.scrollWidth") <= 400
    assert page.value(OVERFLOW) == []
    assert page.value("document.querySelectorAll('.scroll:not([tabindex])').length") == 0
    quiet(page, file)


def test_markup_in_names_stays_text_and_long_names_fit(page: Page, tmp_path: Path) -> None:
    path = tmp_path / "evil.html"
    path.write_text(evil_page())
    for width in (400, 1200):
        page.open(path, width=width)
        assert page.value("document.documentElement.scrollWidth") <= width
        assert page.value(OVERFLOW) == []
        assert page.value("document.querySelectorAll('script, img, b').length") == 0
        assert page.value("[...document.querySelectorAll('bdi')].some((one) => one.innerText.includes('<script>'))")
        quiet(page, path)


def test_it_prints_with_all_details_open(page: Page, file: Path, tmp_path: Path) -> None:
    page.open(file)
    page.paper(tmp_path / "report.pdf")
    data = (tmp_path / "report.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert 5 <= data.count(b"/Type /Page\n") + data.count(b"/Type/Page/") <= 30
    if which("pdftotext"):
        argv = ["pdftotext", "-layout", str(tmp_path / "report.pdf"), "-"]
        text = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        assert "How this was counted" in text and "Asked for: after the tool" in text
        assert "1 / " in text, "pages are numbered"
        assert "Skip to the report" not in text
