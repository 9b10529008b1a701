"""Where tiles lie and what they hold (c2sp.org/tlog-tiles)."""

import pytest

from decision_gate.enterprise.audit.tlog import EntrySizeError, bundle_path, encode_bundle, tile_path


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        (tile_path(0, 0), "tile/0/000"),
        (tile_path(1, 999, 17), "tile/1/999.p/17"),
        (tile_path(3, 1_234_067), "tile/3/x001/x234/067"),
        (bundle_path(5), "tile/entries/005"),
        (bundle_path(1_000, 1), "tile/entries/x001/000.p/1"),
    ],
)
def test_path_is_the_one_of_the_specification(path, expected):
    assert path == expected


def test_bundle_puts_a_length_of_two_bytes_before_each_entry():
    assert encode_bundle([b"one", b"", b"x" * 65_535]) == b"\x00\x03one" + b"\x00\x00" + b"\xff\xff" + b"x" * 65_535


def test_entry_of_65536_bytes_is_refused():
    with pytest.raises(EntrySizeError) as refused:
        encode_bundle([b"x" * 65_536])

    assert (refused.value.code, refused.value.actual, refused.value.limit) == ("log_entry_size", 65_536, 65_535)
