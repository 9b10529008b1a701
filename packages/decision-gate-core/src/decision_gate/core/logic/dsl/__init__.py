"""The text form of requirements: ``tests_pass and at_least(2, alice, bob, carol)`` (contract §4.6)."""

from decision_gate.core.logic.dsl.parser import Resolver, parse_requirement
from decision_gate.core.logic.dsl.printer import print_requirement

__all__ = ["Resolver", "parse_requirement", "print_requirement"]
