"""URLs are read and spelt as the WHATWG standard does (contract §1.6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from decision_gate.mcp.net.errors import UrlError
from decision_gate.mcp.net.web_url import parse_url


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://EXAMPLE.com:80/A", "http://example.com/A"),
        ("https://example.com:443", "https://example.com/"),
        ("https://example.com:80/", "https://example.com:80/"),
        ("http://example.com:/", "http://example.com/"),
        ("http://example.com:00080/", "http://example.com/"),
        ("  http://example.com/\n", "http://example.com/"),
        ("ht\ntp://exa\tmple.com/", "http://example.com/"),
        ("http:example.com", "http://example.com/"),
        ("http:/example.com", "http://example.com/"),
        ("http:////example.com", "http://example.com/"),
        ("http:\\\\example.com\\a", "http://example.com/a"),
        ("http://example.com?q", "http://example.com/?q"),
        ("http://example.com?", "http://example.com/?"),
        ("http://example.com#f", "http://example.com/#f"),
        ("http://example.com/a/../b/./c", "http://example.com/b/c"),
        ("http://example.com/a/..", "http://example.com/"),
        ("http://example.com/a/.", "http://example.com/a/"),
        ("http://example.com/../../x", "http://example.com/x"),
        ("http://example.com/%2e%2E/x", "http://example.com/x"),
        ("http://example.com//a//b", "http://example.com//a//b"),
        ('http://example.com/a b"<>`{}é', "http://example.com/a%20b%22%3C%3E%60%7B%7D%C3%A9"),
        ("http://example.com/%zz%41", "http://example.com/%zz%41"),
        ("http://example.com/?a b'\"<>`{}", "http://example.com/?a%20b%27%22%3C%3E`{}"),
        ("http://example.com/#a b'`", "http://example.com/#a%20b'%60"),
        ("http://example.com/?a?b#c#d", "http://example.com/?a?b#c#d"),
        ("http://example.com./", "http://example.com./"),
        ("http://ex%61mple.com/", "http://example.com/"),
        ("http://bücher.example/", "http://xn--bcher-kva.example/"),
        ("http://B\u00dcCHER.example/", "http://xn--bcher-kva.example/"),
        ("http://a_b.example/", "http://a_b.example/"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
        ("http://0177.0.0.1/", "http://127.0.0.1/"),
        ("http://127.1/", "http://127.0.0.1/"),
        ("http://\uff11\uff12\uff17.0.0.1/", "http://127.0.0.1/"),
        ("http://127.0.0.1./", "http://127.0.0.1/"),
        ("http://0xffffffff/", "http://255.255.255.255/"),
        ("http://[::1]/", "http://[::1]/"),
        ("http://[0:0:0:0:0:0:0:1]:8080/", "http://[::1]:8080/"),
        ("http://[::FFFF:127.0.0.1]/", "http://[::ffff:7f00:1]/"),
        ("http://[1:0:0:2:0:0:0:3]/", "http://[1:0:0:2::3]/"),
        ("http://[1:0:2:3:4:5:6:7]/", "http://[1:0:2:3:4:5:6:7]/"),
        ("http://[::]/", "http://[::]/"),
    ],
)
def test_a_url_has_one_spelling(text, normal):
    assert str(parse_url(text)) == normal
    assert str(parse_url(normal)) == normal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "invalid url"),
        ("example.com", "invalid url"),
        ("/path", "invalid url"),
        ("//example.com", "invalid url"),
        ("http://", "invalid url"),
        ("http:///", "invalid url"),
        ("http://:80/", "invalid url"),
        ("http://?q", "invalid url"),
        ("http://a b/", "invalid url"),
        ("http://a%00b/", "invalid url"),
        ("http://a%2fb/", "invalid url"),
        ("http://a|b/", "invalid url"),
        ("http://a<b/", "invalid url"),
        ("http://example.com:65536/", "invalid url"),
        ("http://example.com:-1/", "invalid url"),
        ("http://example.com:8o/", "invalid url"),
        ("http://example.com:99999999999999999999/", "invalid url"),
        ("http://256.0.0.1/", "invalid url"),
        ("http://1.2.3.4.5/", "invalid url"),
        ("http://1.2.3.09/", "invalid url"),
        ("http://0x100000000/", "invalid url"),
        ("http://[::1/", "invalid url"),
        ("http://[::1]x/", "invalid url"),
        ("http://[fe80::1%25eth0]/", "invalid url"),
        ("http://[::1::]/", "invalid url"),
        ("http://\ud800/", "invalid url"),
        ("http://example.com/\ud800", "invalid url"),
        ("http://\u00ad/", "invalid url"),
        ("ftp://example.com/", "unsupported url scheme"),
        ("file:///etc/passwd", "unsupported url scheme"),
        ("gopher://127.0.0.1:6379/_", "unsupported url scheme"),
        ("mailto:a@b", "unsupported url scheme"),
        ("http://user@example.com/", "url credentials are not allowed"),
        ("http://user:secret@example.com/", "url credentials are not allowed"),
        ("http://example.com@127.0.0.1/", "url credentials are not allowed"),
    ],
)
def test_what_is_no_url_of_the_web_is_refused(text, message):
    with pytest.raises(UrlError) as caught:
        parse_url(text)

    assert (caught.value.code, str(caught.value)) == ("url_invalid", message)


def test_a_secret_of_a_url_is_not_repeated():
    with pytest.raises(UrlError) as caught:
        parse_url("http://user:secret@example.com/")

    assert "secret" not in repr(caught.value)


def test_an_address_without_host_header_port_has_its_default():
    url = parse_url("https://example.com/a?b#c")

    assert (url.authority, url.port, url.target) == ("example.com", 443, "/a?b")
    assert parse_url("https://example.com:8443/").authority == "example.com:8443"


@given(st.text(st.sampled_from("htp:/\\@?#[]%.0123456789abcxé -_\t"), max_size=30))
def test_any_text_is_read_or_refused_and_reading_is_stable(rest):
    try:
        url = parse_url(f"http://{rest}")
    except UrlError:
        return

    assert parse_url(str(url)) == url
    assert str(url).isascii()
