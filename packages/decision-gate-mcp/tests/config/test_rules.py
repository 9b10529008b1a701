"""The checks that several tables share (contract §3.3)."""

import pytest

from decision_gate.mcp.config.rules import trimmed

WHITE_SPACE = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
WHITE_SPACE += "\u2028\u2029\u202f\u205f\u3000"


def test_white_space_is_what_unicode_calls_so_and_no_other_character():
    trimmed_away = {chr(code) for code in range(0x10000) if trimmed(chr(code)) == ""}

    assert trimmed_away == set(WHITE_SPACE)


@pytest.mark.parametrize("token", ["\\u001f", "t\\u001c", "\\u200bt", "t\\u0000t"])
def test_a_control_character_at_the_end_of_a_token_is_no_white_space(refusal, token):
    server = "[server]\ntransport = 'http'\nbind = '127.0.0.1:0'\n[server.auth]\nmode = 'bearer_token'\n"

    assert refusal(f'{server}bearer_tokens = ["{token}"]') is None
