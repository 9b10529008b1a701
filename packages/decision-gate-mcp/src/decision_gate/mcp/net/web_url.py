"""Read ``http`` and ``https`` URLs and spell them as the WHATWG URL standard does (contract §1.6).

One reading for everything: what is checked, what is connected to and what is recorded come from the same parts.
"""

import re
from urllib.parse import quote

import attrs

from decision_gate.mcp.net.errors import UrlError
from decision_gate.mcp.net.url_host import parse_host

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_PORT = re.compile(r"[0-9]*")
_MAX_PORT = 65_535
_PORT_DIGITS = 5
_ENDS = "".join(map(chr, range(0x21)))  # C0 controls and the space
# Printable ASCII that stays as it is, beyond letters and digits; quote() always keeps ``_.-~``.
_PATH_SAFE = "!$%&'()*+,/:;=@[\\]^|"
_QUERY_SAFE = "!$%&()*+,/:;=?@[\\]^`{|}"
_FRAGMENT_SAFE = "!#$%&'()*+,/:;=?@[\\]^{|}"
_DOT = frozenset((".", "%2e"))
_DOT_DOT = frozenset(("..", ".%2e", "%2e.", "%2e%2e"))


@attrs.frozen(kw_only=True)
class WebUrl:
    """A URL of the web.

    Attributes:
        host: lower case, in ASCII; an IPv6 address is in brackets.
        port: never absent.
        target: path and query, as a request names them.
        fragment: with its ``#``, or empty.
    """

    scheme: str
    host: str
    port: int
    target: str
    fragment: str

    @property
    def authority(self) -> str:
        """Host and, when it is not the default one, port."""
        return self.host if self.port == _DEFAULT_PORTS[self.scheme] else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.authority}{self.target}{self.fragment}"


def parse_url(text: str) -> WebUrl:
    """Read an absolute URL.

    Raises:
        UrlError: ``invalid url``, ``unsupported url scheme`` or ``url credentials are not allowed``.
    """
    bare = text.strip(_ENDS).translate({0x09: None, 0x0A: None, 0x0D: None})
    found = _SCHEME.match(bare)
    if found is None:
        raise UrlError("invalid url")
    scheme = found[1].lower()
    if scheme not in _DEFAULT_PORTS:
        raise UrlError("unsupported url scheme")
    rest, hash_sign, fragment = bare[found.end() :].partition("#")
    hierarchy, question_mark, query = rest.partition("?")
    hierarchy = hierarchy.replace("\\", "/").lstrip("/")  # however many slashes there are, an authority follows
    authority, slash, path = hierarchy.partition("/")
    host, port = _host_and_port(authority)
    return WebUrl(
        scheme=scheme,
        host=host,
        port=_DEFAULT_PORTS[scheme] if port is None else port,
        target=_path(slash + path) + question_mark + _encoded(query, _QUERY_SAFE),
        fragment=hash_sign + _encoded(fragment, _FRAGMENT_SAFE),
    )


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise UrlError("url credentials are not allowed")
    host, port = authority, ""
    if ":" in authority and not authority.endswith("]"):
        host, _, port = authority.rpartition(":")
    digits = port.lstrip("0")
    if not _PORT.fullmatch(port) or len(digits) > _PORT_DIGITS or int(digits or "0") > _MAX_PORT:
        raise UrlError("invalid url")
    return parse_host(host), int(port) if port else None


def _path(path: str) -> str:
    segments: list[str] = []
    names = path.split("/")[1:] or [""]
    for index, name in enumerate(names):
        is_last = index == len(names) - 1
        if name.lower() in _DOT_DOT:
            segments = segments[:-1] + ([""] if is_last else [])
        elif name.lower() in _DOT:
            segments += [""] if is_last else []
        else:
            segments.append(name)
    return "/" + _encoded("/".join(segments), _PATH_SAFE)


def _encoded(text: str, safe: str) -> str:
    try:
        return quote(text, safe=safe)
    except UnicodeEncodeError as error:
        raise UrlError("invalid url") from error
