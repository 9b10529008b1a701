"""Folders that each tenant has for itself (deviation X4)."""

import pytest

from decision_gate.mcp.errors import InvalidParamsError
from decision_gate.mcp.runpacks.roots import Roots


@pytest.fixture
def packs(tmp_path):
    return tmp_path / "packs"


def test_a_relative_path_of_a_tenant_begins_in_its_own_folder(packs):
    roots = Roots([packs], is_per_tenant=True)

    found = roots.confine("output_dir", "release/1", 7)

    assert found == (packs / "7", packs / "7" / "release" / "1")
    assert roots.confine("output_dir", str(packs / "7" / "a"), 7) == (packs / "7", packs / "7" / "a")


@pytest.mark.parametrize("path", ["../8/a", "../../packs/8", "{packs}/8/a", "{packs}", "{packs}/77", "/etc", "link/a"])
@pytest.mark.parametrize("tenant_id", [7, None])
def test_what_is_not_the_tenants_own_is_refused_alike_whether_it_is_there_or_not(packs, path, tenant_id):
    (packs / "8").mkdir(parents=True)
    (packs / "7").mkdir()
    (packs / "7" / "link").symlink_to(packs / "8")
    roots = Roots([packs], is_per_tenant=True)

    with pytest.raises(InvalidParamsError, match="outside every folder") as refused:
        roots.confine("runpack_dir", path.format(packs=packs), tenant_id)

    assert str(refused.value) == "runpack_dir: outside every folder of runpacks.roots"
