"""A network of one machine, with addresses of all kinds and a name server that lies, and a program that runs in it.

``unshare --net --mount python closed_network.py FOLDER PROGRAM ARGUMENT…`` becomes the program. Every address answers
on port 80; in FOLDER, ``reached`` has a line for each request (address and path) and ``resolved`` one for each name.
"""

import ctypes
import os
import signal
import socketserver
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

PUBLIC = "93.184.215.14"
PRIVATE = "10.1.2.3"
METADATA = "169.254.169.254"
PUBLIC_6 = "2606:2800:21f:cb07:6820:80da:af6b:8b2c"
ADDRESSES = (PUBLIC, PRIVATE, METADATA, PUBLIC_6, "fd00::1")
NAMES = {
    "public.test": ((PUBLIC,),),
    "six.test": ((PUBLIC_6,),),
    "inside.test": ((PRIVATE,),),
    "inside-six.test": (("fd00::1",),),
    "metadata.test": ((METADATA,),),
    "loopback.test": (("127.0.0.1",),),
    "mapped.test": (("::ffff:10.1.2.3",),),
    "both.test": ((PUBLIC, PRIVATE),),
    "rebound.test": ((PUBLIC,), (PRIVATE,)),
}
"""What the name server says: addresses for the first question, for the second, and so on; the last are kept."""

NAME_SERVER = "127.0.0.53"
RESOLVING = {
    "resolv.conf": f"nameserver {NAME_SERVER}\noptions timeout:20 attempts:2\n",
    "nsswitch.conf": "hosts: files dns\n",  # some systems ask a daemon first, which knows another network
}
"""Files of ``/etc`` that lead to the name server."""

_PR_SET_PDEATHSIG = 1
_A, _AAAA = 1, 28


class Web(BaseHTTPRequestHandler):
    """Answers 200, and 302 to the rest of a path below ``/to/``."""

    def do_GET(self) -> None:
        """Answer, and tell who was reached."""
        address = self.connection.getsockname()[0].removeprefix("::ffff:")
        _line(Path(sys.argv[1]) / "reached", f"{address} {self.path}")
        is_redirect = self.path.startswith("/to/")
        self.send_response(302 if is_redirect else 200)
        if is_redirect:
            self.send_header("location", f"http://{self.path.removeprefix('/to/')}")
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_details: Any) -> None:  # noqa: ANN401 - of the library
        """Say nothing."""


class WebServer(ThreadingHTTPServer):
    """Listens on every address of both families."""

    address_family = 10  # AF_INET6, which takes both
    daemon_threads = True


class Names(socketserver.BaseRequestHandler):
    """Answers questions for A and AAAA from ``NAMES``; nothing may be kept."""

    asked: dict[str, int] = {}  # noqa: RUF012 - of the one server

    def handle(self) -> None:
        """Answer one question."""
        data, connection = self.request
        labels, place = [], 12
        while length := data[place]:
            labels.append(data[place + 1 : place + 1 + length].decode())
            place += 1 + length
        name = ".".join(labels).lower()
        (kind,) = struct.unpack(">H", data[place + 1 : place + 3])
        question = data[12 : place + 5]
        found = [address.packed for address in map(ip_address, self._addresses(name, kind)) if _kind(address) == kind]
        answers = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 0, len(one)) + one for one in found)
        code = 0 if name in NAMES else 3
        head = data[:2] + struct.pack(">HHHHH", 0x8580 | code, 1, len(found), 0, 0)
        connection.sendto(head + question + answers, self.client_address)

    def _addresses(self, name: str, kind: int) -> tuple[str, ...]:
        if name not in NAMES:
            return ()
        times = NAMES[name]
        is_of_kind = any(_kind(ip_address(address)) == kind for addresses in times for address in addresses)
        if not is_of_kind:
            return ()
        _line(Path(sys.argv[1]) / "resolved", name)
        count = self.asked.get(name, 0)
        self.asked[name] = count + 1
        return times[min(count, len(times) - 1)]


def _kind(address: Any) -> int:  # noqa: ANN401 - of either family
    return _A if address.version == 4 else _AAAA  # noqa: PLR2004 - the protocol


def _line(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as lines:
        lines.write(f"{text}\n")


def _prepare(folder: Path) -> None:
    commands = [["ip", "link", "set", "lo", "up"]]
    for name, text in RESOLVING.items():
        (folder / name).write_text(text, encoding="utf-8")
        if (Path("/etc") / name).exists():
            commands.append(["mount", "--bind", str(folder / name), f"/etc/{name}"])
    commands += [["ip", "addr", "add", address, "dev", "lo", *_quickly(address)] for address in ADDRESSES]
    for command in commands:
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=20)  # noqa: S603 - our own


def _quickly(address: str) -> list[str]:
    """Return what makes an address of the sixth version usable at once."""
    return ["nodad"] if ":" in address else []


def _serve(ready: int) -> None:
    """Be the network until the program is over."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    web, names = WebServer(("::", 80), Web), socketserver.ThreadingUDPServer((NAME_SERVER, 53), Names)
    os.write(ready, b"x")
    threading.Thread(target=web.serve_forever).start()
    names.serve_forever()


def main() -> None:
    """Fork the network and become the program."""
    _prepare(Path(sys.argv[1]))
    told, ready = os.pipe()
    if os.fork() == 0:
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1):
            os.dup2(nowhere, stream)
        _serve(ready)
    if os.read(told, 1) != b"x":
        raise SystemExit("the network did not come up")
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 - what the test asks for


if __name__ == "__main__":
    main()
