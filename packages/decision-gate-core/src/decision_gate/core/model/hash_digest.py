"""A digest with its algorithm (contract §3.1)."""

import enum

import attrs


class HashAlgorithm(enum.Enum):
    """The one algorithm of the wire."""

    SHA256 = "sha256"


@attrs.frozen(kw_only=True)
class HashDigest:
    """A hash as the wire writes it.

    ``value`` is 64 lower-case hexadecimal digits when we made it; on input it is not checked, and compared as text.
    """

    algorithm: HashAlgorithm = HashAlgorithm.SHA256
    value: str

    @classmethod
    def of(cls, hexadecimal: str) -> "HashDigest":
        """Wrap the hexadecimal text of a SHA-256."""
        return cls(value=hexadecimal)
