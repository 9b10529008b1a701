"""Become a command in the folder that the caller is in; hatch starts every command in the root of the checkout.

Usage: ``python scripts/run_here.py FOLDER COMMAND [ARGUMENT ...]``, by ``python3 scripts/dev.py run decision-gate``.
"""

import os
import sys

if __name__ == "__main__":
    os.chdir(sys.argv[1])
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - no shell is wanted
