"""No page of the documentation leads nowhere, and the map names every page."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
PRIVATE = ROOT / "enterprise"


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_every_link_of_a_page_leads_to_a_file(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [target for target in LINK.findall(text) if "://" not in target]

    # The open tree is complete without the private folder, but for links into it.
    assert [
        target
        for target in targets
        if not (page.parent / target).exists() and not (page.parent / target).resolve().is_relative_to(PRIVATE)
    ] == []


def test_the_map_names_every_page():
    text = (ROOT / "docs/README.md").read_text(encoding="utf-8")
    named = {(ROOT / "docs" / target).resolve() for target in LINK.findall(text)}

    assert set(ROOT.glob("docs/*/*.md")) - named == set()
