"""Offers of the pluggable seams: who offers what, whom to trust, how an offer becomes an object.

Installing a distribution activates nothing; only a ``type`` written in the configuration does. An offer is an
entry point of the group ``decision_gate.<plural>``: its name is the ``type``, its object is
``open_<thing>(settings)``, which returns a context manager. INVARIANT: the offering distribution is judged by
its metadata, and nothing of it is imported before it is trusted.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from importlib import metadata
from typing import Any, ClassVar

import attrs

from decision_gate.core.errors import ConfigurationError
from decision_gate.mcp.config.kinds import nearest
from decision_gate.mcp.config.pluggable import Chosen, NoSettings, PluginsTable

ALWAYS_TRUSTED = "decision-gate-enterprise"
"""The one distribution that needs no entry in ``[plugins] trusted``: it is ours."""

Opener = Callable[..., AbstractContextManager[Any]]


class OfferMissingError(ConfigurationError):
    """Nobody offers the chosen type."""

    code: ClassVar[str] = "offer_missing"


class OfferAmbiguousError(ConfigurationError):
    """More than one distribution offers the chosen type; neither is better."""

    code: ClassVar[str] = "offer_ambiguous"


class OfferUntrustedError(ConfigurationError):
    """The offering distribution is not trusted; nothing of it was imported."""

    code: ClassVar[str] = "offer_untrusted"


class OfferBrokenError(ConfigurationError):
    """The offer cannot be loaded, or what it opens does not have the members of its contract."""

    code: ClassVar[str] = "offer_broken"


@attrs.frozen(kw_only=True)
class Offer:
    """One entry point, as its distribution's metadata describes it; nothing of it is imported yet."""

    group: str
    name: str
    reference: str
    distribution: str
    version: str


@attrs.frozen(kw_only=True)
class LoadedOffer:
    """An imported offer."""

    offer: Offer
    opener: Opener
    settings_class: type


def installed_offers(group: str) -> tuple[Offer, ...]:
    """Read the offers of one group from the metadata of every installed distribution; imports nothing."""
    return tuple(
        Offer(
            group=group,
            name=point.name,
            reference=point.value,
            distribution=point.dist.name if point.dist else "",
            version=point.dist.version if point.dist else "",
        )
        for point in metadata.entry_points(group=group)
    )


class Offers:
    """Finds, trusts and loads the offers that a configuration chooses."""

    def __init__(
        self,
        plugins: PluginsTable,
        *,
        built_in: Mapping[str, Mapping[str, str]],
        installed: Callable[[str], Iterable[Offer]] = installed_offers,
    ) -> None:
        """Prepare the look-up.

        Args:
            plugins: Whom to trust.
            built_in: The server's own offers, group by group: type to ``module:object``. They need no
                metadata, so that the server also works from a checkout.
            installed: Lists the offers of other distributions.
        """
        self._trusted = frozenset(normal_name(name) for name in (*plugins.trusted, ALWAYS_TRUSTED))
        self._built_in = built_in
        self._installed = installed
        self._loaded: dict[tuple[str, str], LoadedOffer] = {}

    def find(self, group: str, name: str) -> Offer:
        """Return the one trusted offer of a type.

        Raises:
            OfferMissingError: There is none.
            OfferAmbiguousError: There are several.
            OfferUntrustedError: Its distribution is not trusted.
        """
        own = self._built_in.get(group, {})
        offers = [
            *(_own_offer(group, known, reference) for known, reference in own.items() if known == name),
            *(offer for offer in self._installed(group) if offer.name == name),
        ]
        if not offers:
            known_names = {*own, *(offer.name for offer in self._installed(group))}
            raise OfferMissingError(f"nothing offers {group} `{name}`{nearest(name, known_names)}")
        if len(offers) > 1:
            sources = ", ".join(sorted(offer.distribution for offer in offers))
            raise OfferAmbiguousError(f"{group} `{name}` is offered by more than one distribution: {sources}")
        offer = offers[0]
        if offer.distribution != OWN and normal_name(offer.distribution) not in self._trusted:
            raise OfferUntrustedError(
                f"{group} `{name}` is offered by {offer.distribution or 'an unknown distribution'}, "
                "which plugins.trusted does not name"
            )
        return offer

    def load(self, group: str, name: str) -> LoadedOffer:
        """Import the one trusted offer of a type and find its settings class; see ``find`` for refusals.

        Raises:
            OfferBrokenError: It cannot be imported, or its ``settings`` parameter names no class.
        """
        loaded = self._loaded.get((group, name))
        if loaded is not None:
            return loaded
        offer = self.find(group, name)
        opener = _import(offer)
        loaded = LoadedOffer(offer=offer, opener=opener, settings_class=_settings_class(offer, opener))
        self._loaded[group, name] = loaded
        return loaded

    def settings_of(self, group: str, name: str) -> type:
        """Return the settings class of a type; the look-up that the configuration reader asks for."""
        return self.load(group, name).settings_class

    def open(self, group: str, chosen: Chosen) -> AbstractContextManager[Any]:
        """Return the context manager that opens a chosen offer with its settings; see ``load`` for refusals."""
        loaded = self.load(group, chosen.type)
        return loaded.opener() if loaded.settings_class is NoSettings else loaded.opener(chosen.settings)

    def chosen(self) -> tuple[Offer, ...]:
        """Return every offer loaded so far, for the audit of the start."""
        return tuple(loaded.offer for loaded in self._loaded.values())


def demand_protocol(value: object, protocol: type, offer_name: str) -> None:
    """Check that an opened object has every member of its contract.

    Raises:
        OfferBrokenError: A member is missing, or is not callable where the contract has a method.
    """
    for member in _members(protocol):
        found = getattr(value, member, None)
        is_method = inspect.isfunction(inspect.getattr_static(protocol, member, None))
        if (is_method and not callable(found)) or not hasattr(value, member):
            raise OfferBrokenError(f"`{offer_name}` opened a {type(value).__name__} without {member}")


OWN = "decision-gate-mcp"
"""The distribution of the built-in offers."""


def _own_offer(group: str, name: str, reference: str) -> Offer:
    return Offer(group=group, name=name, reference=reference, distribution=OWN, version="")


def _import(offer: Offer) -> Opener:
    module, _, attribute = offer.reference.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise OfferBrokenError(
            f"{offer.group} `{offer.name}` cannot be loaded from {offer.reference}: {error}"
        ) from error
    if not callable(found):
        raise OfferBrokenError(f"{offer.group} `{offer.name}` is not callable: {offer.reference}")
    return found  # type: ignore[no-any-return] # an entry point is typed by its contract only


def _settings_class(offer: Offer, opener: Opener) -> type:
    """Read the settings class from the annotation of the first parameter, if it has one."""
    parameters = list(inspect.signature(opener, eval_str=True).parameters.values())
    if not parameters or parameters[0].name != "settings":
        return NoSettings
    annotation = parameters[0].annotation
    if not isinstance(annotation, type) or not attrs.has(annotation):
        raise OfferBrokenError(f"{offer.group} `{offer.name}`: settings must be annotated with its frozen class")
    return annotation


def _members(protocol: type) -> tuple[str, ...]:
    names = {name for name in vars(protocol) if not name.startswith("_")}
    return tuple(sorted(names | set(getattr(protocol, "__annotations__", {}))))


def normal_name(distribution: str) -> str:
    """Normalise a distribution's name as package indexes do (PEP 503)."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
