"""Fuzz one target: ``python -m fuzzing.one NAME [libFuzzer options and corpus folders]``."""

import os
import sys

import atheris

with atheris.instrument_imports(include=["decision_gate", "yaml"]):
    from fuzzing.targets import TARGETS, fed


def main() -> None:
    """Hand the target to libFuzzer, which ends the process."""
    target = TARGETS[sys.argv.pop(1)]
    # When it merges, libFuzzer starts itself again, as the program that the environment names.
    sys.argv[0] = os.environ.get("FUZZ_PROGRAM", sys.argv[0])
    atheris.Setup(sys.argv, lambda text: fed(target, bytes(text)) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
