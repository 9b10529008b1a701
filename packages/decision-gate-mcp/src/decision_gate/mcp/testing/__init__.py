"""Conformance suites of the server's seams, and a server in memory to test against; needs pytest."""

from decision_gate.mcp.testing.audit_sinks import AuditSinkConformance
from decision_gate.mcp.testing.authenticators import AuthenticatorBench, AuthenticatorConformance
from decision_gate.mcp.testing.clock import ManualServerClock
from decision_gate.mcp.testing.namespace_authorities import AuthorityBench, NamespaceAuthorityConformance
from decision_gate.mcp.testing.principals import local_principal, token_principal
from decision_gate.mcp.testing.rate_limiters import RateLimiterConformance
from decision_gate.mcp.testing.recording import RecordingMeter, RecordingSink
from decision_gate.mcp.testing.runpack_stores import RunpackStoreConformance
from decision_gate.mcp.testing.server import RpcError, TestServer, open_test_server
from decision_gate.mcp.testing.tenant_authorizers import TenantAuthorizerBench, TenantAuthorizerConformance
from decision_gate.mcp.testing.usage_meters import UsageMeterConformance

__all__ = [
    "AuditSinkConformance",
    "AuthenticatorBench",
    "AuthenticatorConformance",
    "AuthorityBench",
    "ManualServerClock",
    "NamespaceAuthorityConformance",
    "RateLimiterConformance",
    "RecordingMeter",
    "RecordingSink",
    "RpcError",
    "RunpackStoreConformance",
    "TenantAuthorizerBench",
    "TenantAuthorizerConformance",
    "TestServer",
    "UsageMeterConformance",
    "local_principal",
    "open_test_server",
    "token_principal",
]
