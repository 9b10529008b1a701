"""Texts that are part of the wire and that no walk of the engine makes (contract §12)."""

from decision_gate.core.engine import NamespaceMismatchError, ProviderMissingError
from decision_gate.core.model import ProviderMissingDetails


def test_providers_that_a_policy_blocks_are_told_as_the_reference_tells_them():
    details = ProviderMissingDetails(
        missing_providers=("a", "b"), required_capabilities=("x", "y"), blocked_by_policy=True
    )

    assert str(ProviderMissingError(details)) == (
        'provider validation failed: ProviderMissingError { missing_providers: ["a", "b"], '
        'required_capabilities: ["x", "y"], blocked_by_policy: true }'
    )


def test_a_namespace_that_does_not_fit_is_told():
    error = NamespaceMismatchError(7)

    assert (error.code, str(error)) == ("namespace_mismatch", "namespace mismatch for run: 7")
