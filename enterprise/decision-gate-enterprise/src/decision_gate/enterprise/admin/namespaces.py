"""Use cases of namespaces."""

import attrs

from decision_gate.enterprise.admin.actor import Need
from decision_gate.enterprise.admin.fields import Days, Number, PageSize, check_name, shown
from decision_gate.enterprise.admin.making import make_namespace, moved, the_namespace, the_tenant
from decision_gate.enterprise.admin.paging import page, place_after
from decision_gate.enterprise.admin.use_case import Outcome, UseCase, Work
from decision_gate.enterprise.stores.postgres.keys import number
from decision_gate.enterprise.tenancy import places
from decision_gate.enterprise.tenancy.lifecycle import State


@attrs.frozen(kw_only=True)
class CreateNamespace:
    """``namespace.create``."""

    tenant_id: Number
    name: str = attrs.field(validator=check_name)


@attrs.frozen(kw_only=True)
class NamespaceRef:
    """``namespace.get``."""

    tenant_id: Number
    namespace_id: Number


@attrs.frozen(kw_only=True)
class ListNamespaces:
    """``namespace.list``."""

    tenant_id: Number
    cursor: str | None = None
    limit: PageSize = 50


@attrs.frozen(kw_only=True)
class SetNamespaceState:
    """``namespace.set-state``."""

    tenant_id: Number
    namespace_id: Number
    state: State
    retain_days: Days | None = None


def _create_namespace(work: Work, request: CreateNamespace) -> Outcome:
    namespace = shown(make_namespace(work, the_tenant(work, request.tenant_id), request.name))
    return Outcome(answer=namespace, after=namespace, tenant_id=request.tenant_id)


def _get_namespace(work: Work, request: NamespaceRef) -> Outcome:
    return Outcome(answer=shown(the_namespace(work, request.tenant_id, request.namespace_id)))


def _list_namespaces(work: Work, request: ListNamespaces) -> Outcome:
    after = place_after(request.cursor)
    found = places.list_namespaces(work.transaction, request.tenant_id, after, request.limit + 1)
    return Outcome(answer=page(found, request.limit, lambda namespace: number(namespace.namespace_id)))


def _set_namespace_state(work: Work, request: SetNamespaceState) -> Outcome:
    namespace = the_namespace(work, request.tenant_id, request.namespace_id)
    tenant = the_tenant(work, request.tenant_id)
    wished = request.state
    retain_until = moved(
        work, namespace.state, wished, namespace.retain_until, request.retain_days, is_held=tenant.legal_hold
    )
    changed = attrs.evolve(namespace, state=wished, changed_at=work.at_ms, retain_until=retain_until)
    places.change_namespace(work.transaction, changed)
    return Outcome(answer=shown(changed), before=shown(namespace), after=shown(changed), tenant_id=request.tenant_id)


NAMESPACE_CASES = (
    UseCase(
        name="namespace.create",
        summary="Make a namespace in a tenant.",
        request=CreateNamespace,
        need=Need.TENANT,
        perform=_create_namespace,
        method="POST",
        path="/tenants/{tenant_id}/namespaces",
    ),
    UseCase(
        name="namespace.list",
        summary="List the namespaces of a tenant.",
        request=ListNamespaces,
        need=Need.TENANT,
        perform=_list_namespaces,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/namespaces",
    ),
    UseCase(
        name="namespace.get",
        summary="Show a namespace.",
        request=NamespaceRef,
        need=Need.TENANT,
        perform=_get_namespace,
        is_change=False,
        method="GET",
        path="/tenants/{tenant_id}/namespaces/{namespace_id}",
    ),
    UseCase(
        name="namespace.set-state",
        summary="Suspend, resume, close or delete a namespace; its data stays until retention lets it go.",
        request=SetNamespaceState,
        need=Need.TENANT,
        perform=_set_namespace_state,
        method="POST",
        path="/tenants/{tenant_id}/namespaces/{namespace_id}/state",
    ),
)
