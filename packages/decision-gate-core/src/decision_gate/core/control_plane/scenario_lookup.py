"""Find the scenario a call means, and refuse to drive a run through another one (deviations S5, S8)."""

from decision_gate.core.codec import canonical_record, decode, hash_record
from decision_gate.core.engine import (
    EngineSettings,
    PlanCache,
    RunNotFoundError,
    RunOfOtherScenarioError,
    ScenarioNotFoundError,
    ScenarioPlan,
    check_identifiers,
    check_scenario,
)
from decision_gate.core.json import parse
from decision_gate.core.model import NamespaceId, ScenarioSpec, TenantId
from decision_gate.core.ports import RunHead, RunKey, RunStore, ScenarioDefinition, ScenarioKey, ScenarioStore


def define(spec: ScenarioSpec, owner: TenantId | None) -> ScenarioDefinition:
    """Check *spec* and return its definition.

    Raises:
        InvalidIdentifierError: A name in it is not an identifier.
        InvalidScenarioError: It contradicts itself.
    """
    check_identifiers(spec)
    check_scenario(spec)
    return ScenarioDefinition(
        key=ScenarioKey(owner, spec.namespace_id, spec.scenario_id),
        spec_version=spec.spec_version,
        spec_hash=hash_record(spec).value,
        body=canonical_record(spec),
    )


class ScenarioLookup:
    """Scenario plans of runs and of names; reads the scenario store and the heads of runs."""

    def __init__(self, runs: RunStore, scenarios: ScenarioStore, settings: EngineSettings) -> None:
        self._runs = runs
        self._scenarios = scenarios
        self._settings = settings
        self._plans = PlanCache()

    def named(self, tenant_id: TenantId, namespace_id: NamespaceId, scenario_id: str) -> ScenarioDefinition:
        """Return the current definition of a name: the tenant's own, else nobody's.

        Raises:
            ScenarioNotFoundError: Neither is defined.
        """
        for owner in (tenant_id, None):
            definition = self._scenarios.get(ScenarioKey(owner, namespace_id, scenario_id))
            if definition is not None:
                return definition
        raise ScenarioNotFoundError(scenario_id)

    def run_of(self, scenario_id: str, key: RunKey) -> RunHead:
        """Return the head of a run of *scenario_id*.

        Raises:
            ScenarioNotFoundError: The scenario is not defined.
            RunNotFoundError: There is no such run.
            RunOfOtherScenarioError: The run belongs to another scenario.
        """
        head = self._runs.head(key)
        if head is not None and head.scenario_id == scenario_id:
            return head
        self.named(key.tenant_id, key.namespace_id, scenario_id)
        if head is None:
            raise RunNotFoundError(key.run_id)
        raise RunOfOtherScenarioError(key.run_id, scenario_id)

    def plan_of(self, head: RunHead) -> ScenarioPlan:
        """Return the plan of the version a run was started with.

        Raises:
            ScenarioNotFoundError: That version is gone.
        """
        return self._plans.get(head.spec_hash, lambda: self._load(head))

    def plan(self, definition: ScenarioDefinition) -> ScenarioPlan:
        """Return the plan of a definition."""
        return self._plans.get(definition.spec_hash, lambda: self._planned(definition))

    def _load(self, head: RunHead) -> ScenarioPlan:
        definition = self._scenarios.get(
            ScenarioKey(head.owner, head.key.namespace_id, head.scenario_id), head.spec_hash
        )
        if definition is None:
            raise ScenarioNotFoundError(head.scenario_id)
        return self._planned(definition)

    def _planned(self, definition: ScenarioDefinition) -> ScenarioPlan:
        spec = decode(ScenarioSpec, parse(definition.body))
        return ScenarioPlan(spec=spec, spec_hash=definition.spec_hash, settings=self._settings)
