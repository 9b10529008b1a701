"""The generated reference of errors is what the table and the classes say today."""

import error_reference


def test_the_page_of_errors_is_not_stale():
    written = (error_reference.ROOT / error_reference.PAGE).read_text(encoding="utf-8")

    assert written == error_reference.page(), "run 'python3 scripts/dev.py run error-reference'"
