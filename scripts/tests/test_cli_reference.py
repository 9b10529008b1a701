"""The generated reference of the command line is what the commands say today."""

import cli_reference


def test_the_page_of_the_command_line_is_not_stale():
    written = (cli_reference.ROOT / cli_reference.PAGE).read_text(encoding="utf-8")

    assert written == cli_reference.page(), "run 'python3 scripts/dev.py run cli-reference'"
