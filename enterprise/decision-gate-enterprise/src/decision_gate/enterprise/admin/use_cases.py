"""All use cases, in the order in which people need them."""

from typing import Final

from decision_gate.enterprise.admin.grants import GRANT_CASES
from decision_gate.enterprise.admin.keys import KEY_CASES
from decision_gate.enterprise.admin.namespaces import NAMESPACE_CASES
from decision_gate.enterprise.admin.orgs import ORG_CASES
from decision_gate.enterprise.admin.principals import PRINCIPAL_CASES
from decision_gate.enterprise.admin.provisioning import PROVISIONING_CASES
from decision_gate.enterprise.admin.quotas import QUOTA_CASES
from decision_gate.enterprise.admin.tenants import TENANT_CASES
from decision_gate.enterprise.admin.usage import USAGE_CASES
from decision_gate.enterprise.admin.use_case import UseCase

USE_CASES: Final[tuple[UseCase, ...]] = (
    *PROVISIONING_CASES,
    *ORG_CASES,
    *TENANT_CASES,
    *NAMESPACE_CASES,
    *PRINCIPAL_CASES,
    *GRANT_CASES,
    *KEY_CASES,
    *QUOTA_CASES,
    *USAGE_CASES,
)

BY_NAME: Final = {use_case.name: use_case for use_case in USE_CASES}
