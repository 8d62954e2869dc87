"""The site and the single file in a real browser: phone, dark, keyboard, no script, no request."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from conftest import command

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium: make test installs it"),
    # Playwright's event loop is still closing its pipes when the interpreter looks
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
TEXT = """# First chapter

Text with a note.[^1] See [the second](02.md#far).

[^1]: The note.

| one | two | three | four | five | six | seven | eight |
|-----|-----|-------|------|------|-----|-------|-------|
| a long word | b | c | d | e | f | g | incomprehensibilities |

: A wide table {#tbl:wide}

```python
def a_function_with_a_name_that_is_long_enough(parameter, another_parameter): return None
```
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    book = folder / "book"
    book.mkdir()
    book.joinpath("publication.yaml").write_text(
        "title: Buku Contoh\nlanguage: id\nkind: book\ndate: 2026-01-02\n", encoding="utf-8"
    )
    book.joinpath("01.md").write_text(TEXT, encoding="utf-8")
    book.joinpath("02.md").write_text("# Second\n\n## Far {#far}\n\nText.\n", encoding="utf-8")
    done = command("build", "book", "--to", "html,single", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder / "build" / "book"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        arguments = [
            "--no-sandbox" if os.geteuid() == 0 else "--disable-gpu",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
        ]
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        yield running
        running.close()


def opened(browser: Browser, path: Path, **options: Any) -> tuple[Page, list[str]]:
    """A page in a context of its own, and what it asked for."""
    page = browser.new_context(**options).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    return page, asked


@pytest.mark.parametrize("name", ["site/index.html", "site/01.html", "book.html"])
@pytest.mark.parametrize("width", [320, 375, 1280])
def test_no_page_scrolls_sideways(browser: Browser, built: Path, name: str, width: int) -> None:
    page, _ = opened(browser, built / name, viewport={"width": width, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", ["site/index.html", "site/01.html", "book.html"])
def test_nothing_is_fetched_from_outside(browser: Browser, built: Path, name: str) -> None:
    page, asked = opened(browser, built / name)
    page.wait_for_load_state("networkidle")
    assert all(url.startswith(("file:", "data:")) for url in asked)
    if name == "book.html":
        assert [u for u in asked if u.startswith("file:")] == [(built / name).as_uri()]


def test_the_site_reads_without_javascript(browser: Browser, built: Path) -> None:
    page, _ = opened(browser, built / "site/index.html", java_script_enabled=False)
    page.click("main a[href^='01.html']")
    page.click("text=the second")
    assert page.url.endswith("02.html#far")
    page.click("a[rel=prev]")
    assert page.url.endswith("01.html")


def test_a_note_leads_there_and_back(browser: Browser, built: Path) -> None:
    page, _ = opened(browser, built / "site/01.html")
    page.click("a[role=doc-noteref]")
    assert page.url.endswith("#fn-1")
    page.click("a[role=doc-backlink]")
    assert page.url.endswith("#fnref-1")


def _contrast(page: Page, selector: str) -> float:
    """WCAG 2.2 contrast of an element's text with the page behind it."""
    return float(
        page.evaluate(
            """selector => {
              const rgb = text => text.match(/[\\d.]+/g).slice(0, 3).map(Number)
              const light = c => { const [r, g, b] = c.map(v => { v /= 255
                return v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4 })
                return .2126 * r + .7152 * g + .0722 * b }
              const a = light(rgb(getComputedStyle(document.querySelector(selector)).color))
              const b = light(rgb(getComputedStyle(document.body).backgroundColor))
              return (Math.max(a, b) + .05) / (Math.min(a, b) + .05) }""",
            selector,
        )
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("selector", ["main p", "main p a", "figcaption, caption", ".turn a"])
def test_text_stands_out_in_both_schemes(
    browser: Browser, built: Path, scheme: str, selector: str
) -> None:
    page, _ = opened(browser, built / "site/01.html", color_scheme=scheme)
    assert _contrast(page, selector) >= 4.5


def test_dark_screens_get_a_dark_page(browser: Browser, built: Path) -> None:
    colours = [
        opened(browser, built / "site/01.html", color_scheme=scheme)[0].evaluate(
            "getComputedStyle(document.body).backgroundColor"
        )
        for scheme in ("light", "dark")
    ]
    assert colours[0] != colours[1]


def test_the_first_tab_stop_skips_to_the_text(browser: Browser, built: Path) -> None:
    page, _ = opened(browser, built / "site/01.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#--text"


def test_a_lone_first_heading_on_every_page(browser: Browser, built: Path) -> None:
    for name in ("site/index.html", "site/01.html", "site/02.html", "book.html"):
        page, _ = opened(browser, built / name)
        assert page.locator("h1").count() == 1, name
