"""Somebody at a browser, and what every page must be wherever that person goes: `look`."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote, urlsplit

import axe_playwright_python
from desk_room import PASSWORD
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Request, Response

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
HAN = re.compile(r"[\u3400-\u9fff]+(?:[\u3400-\u9fff（）()、，·0-9]*[\u3400-\u9fff]+)*")
_MASKED = re.compile(r"[\u3400-\u9fff]\*+")
SHOTS = os.environ.get("AUDIT_SCREENSHOTS")  # a folder: every page that is looked at, at both widths, in both languages

# What is written in the other language, of what the page shows and does not itself mark as being in that language.
_WRITTEN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), found = [];
  const page = document.documentElement.lang.slice(0, 2);
  while (walker.nextNode()) {
    const one = walker.currentNode, inside = one.parentElement, marked = inside.closest("[lang]");
    if (inside.closest("script, style, textarea, [translate=no]") || marked.lang.slice(0, 2) !== page) continue;
    if (one.data.trim()) found.push(one.data.trim());
  }
  for (const one of document.querySelectorAll("[aria-label], [placeholder], [title]"))
    found.push(...["aria-label", "placeholder", "title"].map((name) => one.getAttribute(name) || "").filter((text) => text.trim()));
  return [document.title, ...found];
}"""
_LABELS = """() => [...document.querySelectorAll("h1, h2, h3, th, label, legend, button, summary, nav a, .what")]
  .filter((one) => one.offsetParent && !one.closest("[translate=no]") && one.closest("[lang]").lang.startsWith("zh"))
  .map((one) => [...one.childNodes].filter((part) => part.nodeType === 3).map((part) => part.data).join(" ").trim())"""
_TOO_WIDE = """() => {
  const root = document.scrollingElement, room = root.clientWidth;
  if (root.scrollWidth <= room) return [];
  const beyond = (one) => one.getBoundingClientRect().right > room + 1 && !one.closest(".wide");
  const wide = [...document.body.querySelectorAll("*")].filter(beyond);
  return [root.scrollWidth + " px", ...wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
}"""
_AXE = """async () => {
  const found = await axe.run(document, {resultTypes: ["violations"]});
  const where = (one) => one.nodes.slice(0, 3).map((node) => node.html.slice(0, 200) + " " + node.failureSummary);
  const grave = found.violations.filter((one) => ["serious", "critical"].includes(one.impact));
  return grave.map((one) => [one.id + ": " + one.help, ...where(one)].join("\\n"));
}"""


class Visitor:
    """A person with a browser of his own at the desk that `address` names. `names`: the Chinese that data may bring to English pages."""

    examined: ClassVar[set[str]] = set()  # names of the pages whose accessibility is known

    def __init__(self, chromium: Browser, address: str, lang: str, names: Callable[[], Collection[str]] = frozenset):
        self.address, self.lang, self.names = address, lang, names
        self.context: BrowserContext = chromium.new_context(
            base_url=address,
            viewport=WIDE,
            locale="zh-CN" if lang == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",  # type: ignore[arg-type]
        )
        self.context.set_default_timeout(60_000)  # a machine may be busy
        self.page: Page = self.context.new_page()
        self.faults: list[str] = []
        self.expected: set[int] = set()  # status codes that the test asks for
        self.page.on("console", lambda told: self._console(told.type, told.text))
        self.page.on("pageerror", lambda fault: self.faults.append(f"script: {fault}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)
        self.page.on("request", self._asked)
        self.page.on("dialog", self._dialog)

    def _console(self, kind: str, text: str) -> None:
        expected = "Failed to load resource" in text and any(str(code) in text for code in self.expected)
        if kind in ("error", "warning") and not expected:
            self.faults.append(f"console: {text}")

    def _failed(self, request: Request) -> None:
        if "ERR_ABORTED" not in (request.failure or ""):  # a page that is left while a part of it is fetched, or a download
            self.faults.append(f"{request.method} {request.url}: {request.failure}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.request.method} {response.url}: {response.status}")

    def _asked(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.address).netloc and not request.url.startswith(("data:", "blob:")):
            self.faults.append(f"a request to another host: {request.url}")

    def _dialog(self, dialog: Dialog) -> None:
        self.faults.append(f"an unexpected dialog: {dialog.type} {dialog.message}")
        dialog.accept()

    def say(self, zh: str, en: str) -> str:
        return zh if self.lang == "zh" else en

    def open(self, path: str) -> Visitor:
        self.page.goto(path)
        return self

    def sign_in(self, login: str, then: str | None = None, password: str = PASSWORD) -> Visitor:
        """Through the page of signing in; to `then`, or to where the role's work is."""
        self.open(f"/sign-in?then={quote(then)}" if then else "/sign-in")
        self.page.fill("[name=login]", login)
        self.page.fill("[name=password]", password)
        with self.page.expect_navigation(url=lambda url: "/sign-in" not in url):
            self.page.keyboard.press("Enter")
        return self

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def send(self, button: str) -> None:
        """Click a button of a form and wait for the page that follows."""
        with self.page.expect_navigation():
            self.page.click(button)

    def text(self, selector: str = "main") -> str:
        return self.page.inner_text(selector)

    def look(self, name: str, *, axe: bool = True) -> None:
        """The page as it stands: its language, at both widths, accessible, and nothing gone wrong on the way to it.

        Accessibility is examined once per name, whatever the language (it takes longer than all the rest), and not at all with `axe` False:
        where the same template has just been examined.
        """
        page, faults = self.page, self.faults
        page.wait_for_load_state("networkidle")
        where = f"{name} ({self.lang}) {page.url}"
        assert page.get_attribute("html", "lang") == self.say("zh-CN", "en"), where
        assert page.locator("h1").count() == 1, f"{where}: one h1"
        foreign = self._foreign()
        assert not foreign, f"{where}: in the other language: {foreign[:12]}"
        self._shot(name, 1280)
        wide = page.evaluate(_TOO_WIDE)
        assert not wide, f"{where}: scrolls sideways at 1280: {wide}"
        if axe and name not in self.examined:
            self.examined.add(name)
            page.evaluate(_axe())
            broken = page.evaluate(_AXE)
            assert not broken, f"{where}: not accessible:\n" + "\n".join(broken)
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        wide = page.evaluate(_TOO_WIDE)
        self._shot(name, 390)
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        assert not wide, f"{where}: scrolls sideways at 390: {wide}"
        assert not faults, f"{where}: {faults}"

    def _foreign(self) -> list[str]:
        """Chinese on an English page that no data brought; on a Chinese page, headings and controls without a word of Chinese."""
        if self.lang == "en":
            known = self.names()
            return [run for text in self.page.evaluate(_WRITTEN) for run in HAN.findall(_MASKED.sub("", text)) if run not in known]
        told: list[str] = self.page.evaluate(_LABELS)
        plain = (re.sub(r"[A-Z]{2,}[-\d]*|\b[a-z]+_\w+\b|[A-Z]\d+\S*", "", text) for text in told)
        return [text for text in plain if re.search("[A-Za-z]{4,}", text) and not HAN.search(text) and text != "English"]

    def _shot(self, name: str, width: int) -> None:
        if SHOTS:
            self.page.screenshot(path=Path(SHOTS) / f"{name}-{self.lang}-{width}.png", full_page=True)

    def done(self) -> None:
        faults = list(self.faults)
        self.context.close()
        assert not faults, faults


@cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def stays(field: Any) -> str:
    """What stands in a field."""
    return str(field.input_value())
