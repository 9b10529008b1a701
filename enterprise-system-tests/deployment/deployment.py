"""A deployment: its folder, its administrator, the tenants in it, and the servers that serve it."""

import itertools
import ssl
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs
from harness import documents
from harness.config import configuration, scripted
from harness.ports import reserved_port

from deployment.cloud_server import CloudServer, running
from deployment.command import Cloud
from deployment.database import Database

CONFIG = "decision-gate.toml"
_CHANGES: Mapping[str, Any] = {
    # What the harness takes for granted and a deployment does not.
    "trust": None,
    "server": {
        "bind": "127.0.0.1:<port>",
        "audit": None,
        "metrics": True,
        "limits": {"max_inflight": 64, "rate_limit": {"max_requests": 100_000}},
    },
    # The triggers of the documents are of a fixed day.
    "time": {"source": "bounded", "max_skew_ms": 10**13},
    "authenticator": {"failures_per_minute": 10_000},
}


@attrs.frozen(kw_only=True)
class Tenant:
    """A tenant, its first namespace, and a key of its administrator."""

    tenant_id: int
    namespace_id: int
    key: str = attrs.field(repr=False)
    key_id: str
    principal_id: str

    @classmethod
    def made(cls, answer: Mapping[str, Any]) -> "Tenant":
        """Return what a provisioning made."""
        return cls(
            tenant_id=answer["tenant"]["tenant_id"],
            namespace_id=answer["namespace"]["namespace_id"],
            key=answer["key"],
            key_id=answer["api_key"]["key_id"],
            principal_id=answer["principal"]["principal_id"],
        )

    @property
    def place(self) -> dict[str, int]:
        """The members by which requests name it."""
        return {"tenant_id": self.tenant_id, "namespace_id": self.namespace_id}

    def owned(self, spec: Mapping[str, Any]) -> dict[str, Any]:
        """Return a scenario that belongs to it."""
        return {**spec, "default_tenant_id": self.tenant_id, "namespace_id": self.namespace_id}


@attrs.frozen(kw_only=True)
class Deployment:
    """A bootstrapped folder. ``boss`` is its first tenant, whose administrator is the deployment's."""

    folder: Path
    database: Database
    layers: Sequence[Mapping[str, Any]]
    commands: Cloud
    boss: Tenant
    _stack: ExitStack
    _names: Iterator[int] = attrs.field(factory=itertools.count)

    def cloud(self, *arguments: object) -> str:
        """Run a command of this deployment and return what it prints. Raise ``CommandFailedError``."""
        return self.commands.run(*arguments, "--dir", self.folder)

    def cloud_json(self, *arguments: object) -> Any:  # noqa: ANN401 - a wire value
        """Run a command of this deployment and return its answer. Raise ``CommandFailedError``."""
        return self.commands.json(*arguments, "--dir", self.folder)

    def provision(self, name: str) -> Tenant:
        """Make a tenant by the command line."""
        return Tenant.made(self.cloud_json("tenant", "provision", "--org", "acme", "--tenant", name))

    def serve(self, *changes: Mapping[str, Any], tls: ssl.SSLContext | None = None) -> CloudServer:
        """Start a server of it; all end with the test."""
        server = CloudServer(
            folder=self.folder,
            config=self.served(*changes),
            name=f"server-{next(self._names)}",
            port=self._stack.enter_context(reserved_port()),
            admin_port=self._stack.enter_context(reserved_port()),
            environment=self.commands.environment,
            tls=tls,
        )
        return self._stack.enter_context(running(server))

    def served(self, *changes: Mapping[str, Any]) -> str:
        """Return the text of its configuration with *changes*."""
        return configuration(*self.layers, *changes)


@attrs.frozen(kw_only=True)
class Maker:
    """Makes deployments from the configuration that ``cloud bootstrap`` writes."""

    template: Mapping[str, Any]
    environment: Mapping[str, str]

    @classmethod
    def of(cls, folder: Path, environment: Mapping[str, str]) -> "Maker":
        """Bootstrap a deployment in *folder* for its configuration's sake."""
        Cloud(folder=folder.parent, environment=environment).run("bootstrap", "--dir", folder)
        template = tomllib.loads((folder / CONFIG).read_text(encoding="utf-8"))
        for route in template["http_routes"]:
            route["bind"] = "127.0.0.1:<admin-port>"
        return cls(template=template, environment=environment)

    def make(self, folder: Path, database: Database, stack: ExitStack, *changes: Mapping[str, Any]) -> Deployment:
        """Bootstrap a deployment on *database*; provider ``facts`` says what ``documents.SCRIPT`` says."""
        script = folder.parent / f"{folder.name}-script.json"
        script.write_text(documents.text(documents.SCRIPT), encoding="utf-8")
        providers = {
            "providers": [*scripted(script, "facts")["providers"], *self.template["providers"]],
            "plugins": {"trusted": ["scripted-provider"]},
        }
        config = database.instead_of_file({**self.template})
        layers = (config, _CHANGES, providers, *changes)
        folder.mkdir()
        # A bootstrap keeps the configuration that it finds. Commands listen nowhere, so any port will do.
        text = configuration(*layers).replace("<admin-port>", "4001").replace("<port>", "4000")
        (folder / CONFIG).write_text(text, encoding="utf-8")
        commands = Cloud(folder=folder.parent, environment=self.environment)
        made = commands.json("bootstrap", "--dir", folder)
        return Deployment(
            folder=folder,
            database=database,
            layers=layers,
            commands=commands,
            boss=Tenant.made(made),
            stack=stack,
        )
