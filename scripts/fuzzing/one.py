"""Fuzz one target: ``python -m fuzzing.one NAME [libFuzzer options and corpus folders]``."""

import sys

import atheris

with atheris.instrument_imports(include=["decision_gate", "yaml"]):
    from fuzzing.targets import TARGETS, fed


def main() -> None:
    """Hand the target to libFuzzer, which ends the process."""
    target = TARGETS[sys.argv.pop(1)]
    atheris.Setup(sys.argv, lambda text: fed(target, bytes(text)) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
