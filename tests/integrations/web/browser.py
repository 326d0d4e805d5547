"""A Chromium to meet the pages with: the machine's own, Debian's package, or Playwright's."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Error, expect, sync_playwright

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_PATIENCE = 300
# What is expected of a page may take a while where the browser waits for a processor.
expect.set_options(timeout=60_000)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@cache
def chromium() -> str | None:
    """Where a Chromium is, installed first where there was none; None where none is to be had."""
    for found in (_on_the_machine, _from_debian, _from_playwright):
        if path := found():
            return path
    return None


@contextmanager
def launched() -> Iterator[Browser]:
    """A running browser; without one the test fails, in one line."""
    path = chromium()
    if path is None:
        pytest.fail("no Chromium on this machine and none could be installed", pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS), timeout=120_000)
        try:
            yield browser
        finally:
            browser.close()


def _on_the_machine() -> str | None:
    return next(filter(None, map(shutil.which, _NAMES)), None)


def _from_debian() -> str | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    if _ran(("apt-get", "update")) and _ran(("apt-get", "install", "-y", "chromium")):
        return _on_the_machine()
    return None


def _from_playwright() -> str | None:
    if not _ran((sys.executable, "-m", "playwright", "install", "chromium")):
        return None
    try:
        with sync_playwright() as playwright:
            path = playwright.chromium.executable_path
    except Error:
        return None
    return path if Path(path).exists() else None


def _ran(command: Sequence[str], run: Callable[..., object] = subprocess.run) -> bool:
    try:
        run(command, check=True, capture_output=True, timeout=_PATIENCE)
    except (OSError, subprocess.SubprocessError):
        return False
    return True
