"""What a maker makes is what its class makes, and it refuses classes whose initializer does more."""

import attrs
import pytest

from decision_gate.core.model import EvidenceResult, HashAlgorithm, HashDigest
from decision_gate.core.records import maker
from decision_gate.core.timestamps import UnixMillis


@attrs.frozen(kw_only=True)
class Busy:
    """A record whose fields have the names that a maker would like to have."""

    kind: str
    new: str
    made: str
    set_kind: str


@attrs.frozen(kw_only=True, slots=False)
class Loose:
    """A record without slots."""

    name: str


@attrs.frozen
class Converted:
    """A record that changes what it is given."""

    name: str = attrs.field(converter=str)


def test_a_maker_makes_the_record_that_its_class_makes_of_the_same_fields():
    digest = maker(HashDigest)(HashAlgorithm.SHA256, "00")

    assert digest == HashDigest(value="00")
    assert hash(digest) == hash(HashDigest(value="00"))


def test_a_record_of_a_maker_is_as_frozen_as_every_other():
    digest = maker(HashDigest)(HashAlgorithm.SHA256, "00")

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        digest.value = "01"


def test_no_name_of_a_field_is_in_the_way_of_a_maker():
    values = {field.name: field.name for field in attrs.fields(Busy)}

    assert maker(Busy)(*values.values()) == Busy(**values)


def test_a_maker_takes_every_field_in_order_and_knows_no_defaults():
    values = {field.name: field.name for field in attrs.fields(EvidenceResult)}

    assert maker(EvidenceResult)(*values.values()) == EvidenceResult(**values)
    with pytest.raises(TypeError):
        maker(EvidenceResult)(None)


@pytest.mark.parametrize("kind", [UnixMillis, Converted, Loose])
def test_a_class_with_validators_converters_or_without_slots_has_no_maker(kind):
    with pytest.raises(TypeError):
        maker(kind)
