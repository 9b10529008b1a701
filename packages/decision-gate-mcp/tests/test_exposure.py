"""Who may bind where (contract §11.2)."""

import pytest

from decision_gate.mcp.config import parse_config
from decision_gate.mcp.exposure import ExposureRefusedError, check_exposure, exposure_notice
from decision_gate.mcp.opening.built_in import offers_of

ANY = "0.0.0.0"  # noqa: S104 - only configured, nothing binds
OPEN = '[server]\ntransport = "http"\nbind = "0.0.0.0:8080"\n'
BEARER = OPEN + '[server.auth]\nmode = "bearer_token"\nbearer_tokens = ["t"]\n'
MTLS = OPEN + '[server.auth]\nmode = "mtls"\nmtls_subjects = ["s"]\n'
TLS = '[server.tls]\ncert_path = "c"\nkey_path = "k"\n'
UPSTREAM = 'tls_termination = "upstream"\n'


def config(text):
    return parse_config(text.encode(), lambda plugins: offers_of(plugins).settings_of)


def refusal(text, environment=None, *, is_allowed=True):
    with pytest.raises(ExposureRefusedError) as refused:
        check_exposure(config(text), environment or {}, is_allowed=is_allowed)
    return str(refused.value)


@pytest.mark.parametrize("text", ["", OPEN.replace(ANY, "127.0.0.1"), OPEN.replace(ANY, "[::1]")])
def test_stdio_and_loopback_need_nothing(text):
    assert check_exposure(config(text), {}, is_allowed=False) is False


def test_another_address_needs_the_opt_in_first():
    assert refusal(OPEN, is_allowed=False) == (
        "Refusing to bind to non-loopback address 0.0.0.0:8080. "
        "Set --allow-non-loopback or DECISION_GATE_ALLOW_NON_LOOPBACK=1 to opt in."
    )


@pytest.mark.parametrize("word", ["1", " TRUE ", "yes", "y", "on"])
def test_the_variable_opts_in_as_the_flag_does(word):
    environment = {"DECISION_GATE_ALLOW_NON_LOOPBACK": word}

    assert check_exposure(config(BEARER + TLS), environment, is_allowed=False) is True


@pytest.mark.parametrize("word", ["0", "false", "no", "n", "off"])
def test_the_variable_can_say_no(word):
    assert "Refusing to bind to non-loopback" in refusal(
        BEARER, {"DECISION_GATE_ALLOW_NON_LOOPBACK": word}, is_allowed=False
    )


def test_any_other_word_is_refused_unless_the_flag_decides():
    environment = {"DECISION_GATE_ALLOW_NON_LOOPBACK": "maybe"}

    assert refusal(BEARER, environment, is_allowed=False) == (
        "Invalid value for DECISION_GATE_ALLOW_NON_LOOPBACK: maybe. Expected true/false/1/0/yes/no/on/off."
    )
    assert check_exposure(config(BEARER + TLS), environment, is_allowed=True) is True


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (OPEN, "Refusing to bind to 0.0.0.0:8080: server.auth.mode must be bearer_token or mtls for non-loopback."),
        (BEARER, "Refusing to bind to 0.0.0.0:8080: configure server.tls or set server.tls_termination=upstream."),
        (MTLS + TLS, "Refusing to bind to 0.0.0.0:8080: mTLS requires tls.client_ca_path."),
        (
            MTLS + TLS + 'client_ca_path = "a"\nrequire_client_cert = false\n',
            "Refusing to bind to 0.0.0.0:8080: mTLS requires tls.require_client_cert=true.",
        ),
    ],
)
def test_authentication_and_tls_are_demanded_in_this_order(text, message):
    assert refusal(text) == message


@pytest.mark.parametrize(
    "text", [BEARER + TLS, OPEN + UPSTREAM + BEARER.removeprefix(OPEN), MTLS + TLS + 'client_ca_path = "a"\n']
)
def test_what_is_protected_may_be_exposed(text):
    assert check_exposure(config(text), {}, is_allowed=True) is True


def test_the_notice_has_seven_lines_and_says_how_it_is_protected():
    notice = exposure_notice(config(BEARER + TLS))

    assert len(notice) == 7
    assert "  tls: enabled (client cert not required, client CA missing)" in notice
    assert "  auth: bearer_token" in notice
