"""A plugged-in evidence provider: named by its offer, trusted first, configured by its own settings class."""

from contextlib import contextmanager

import attrs
import pytest

from decision_gate.core.errors import ConfigurationError
from decision_gate.core.model import EvidenceContext, EvidenceQuery, EvidenceResult, JsonEvidence
from decision_gate.core.timestamps import UnixMillis
from decision_gate.mcp.config import parse_config
from decision_gate.mcp.config.kinds import Text
from decision_gate.mcp.config.table import key
from decision_gate.mcp.opening.evidence import open_evidence
from decision_gate.mcp.plugins import Offer, Offers

GROUP = "decision_gate.evidence_providers"


@attrs.frozen(kw_only=True)
class EchoSettings:
    """Settings of the offer ``echo``."""

    word: str = key(Text(), "What is answered.")


class Echo:
    """Answers every check with one word."""

    def __init__(self, word):
        self._word = word

    def query(self, query, context):  # noqa: ARG002 - of the port
        return EvidenceResult(value=JsonEvidence(value=self._word), content_type="application/json")


closed = []


@contextmanager
def open_echo(settings: EchoSettings):
    yield Echo(settings.word)
    closed.append(settings.word)


@contextmanager
def open_mute():
    yield object()


def installed(group):
    return [
        Offer(group=group, name=name, reference=f"{__name__}:open_{name}", distribution="echo-plugin", version="1")
        for name in ("echo", "mute")
    ]


@pytest.fixture
def opened():
    """Return a function that reads a configuration and opens its evidence."""

    @contextmanager
    def open_text(text):
        made = []

        def settings_of(plugins):
            made.append(Offers(plugins, built_in={}, installed=installed))
            return made[0].settings_of

        config = parse_config(text.encode(), settings_of)
        config.check()
        with open_evidence(config, made[0]) as evidence:
            yield evidence

    return open_text


def entry(kind, rest=""):
    return f"[plugins]\ntrusted = ['Echo.Plugin']\n[[providers]]\nname = 'p'\ntype = '{kind}'\n{rest}"


def test_it_answers_under_the_name_of_its_table_and_is_closed_with_the_server(opened):
    query = EvidenceQuery(provider_id="p", check_id="any")
    context = EvidenceContext(
        tenant_id=1,
        namespace_id=1,
        run_id="r",
        scenario_id="s",
        stage_id="a",
        trigger_id="t",
        trigger_time=UnixMillis(0),
    )

    with opened(entry("echo", "config = { word = 'hello' }")) as evidence:
        assert evidence.missing([query]) is None
        (answer,) = evidence.collect([query], context)
        assert closed == []

    assert answer.value == JsonEvidence(value="hello")
    assert closed == ["hello"]


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        (
            "[[providers]]\nname = 'p'\ntype = 'echo'\nconfig = { word = '' }",
            "offer_untrusted",
            f"{GROUP} `echo` is offered by echo-plugin, which plugins.trusted does not name",
        ),
        (entry("ecko"), "offer_missing", f"nothing offers {GROUP} `ecko` (did you mean `echo`?)"),
        (entry("bultin"), "config_parse", "providers[0].type: unknown variant `bultin` (did you mean `builtin`?)"),
        (entry("echo", "config = { wort = '' }"), "config_parse", "[providers.p.config]"),
        (entry("echo"), "config_parse", "providers.p.config.word: missing field `word`"),
        (entry("echo", "url = 'https://x'"), "config_invalid", "echo provider does not accept url"),
        (entry("mute"), "offer_broken", "`mute` opened a object without query"),
    ],
)
def test_it_is_refused_by_the_name_of_what_is_wrong(opened, text, code, message):
    with pytest.raises(ConfigurationError) as refused, opened(text):
        pass

    assert refused.value.code == code
    assert message in str(refused.value)


def test_a_reserved_name_stays_with_the_built_in_provider(opened):
    text = entry("echo", "config = { word = '' }").replace("name = 'p'", "name = 'time'")

    with pytest.raises(ConfigurationError, match="provider name reserved for builtin: time"), opened(text):
        pass
