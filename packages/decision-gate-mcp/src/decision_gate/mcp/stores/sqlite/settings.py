"""How a database file is opened."""

from pathlib import Path
from typing import Literal

import attrs


@attrs.frozen(kw_only=True)
class SqliteSettings:
    """One database file.

    ``busy_timeout_ms`` is how long a call waits while other processes hold the file, before it gives up with
    ``StoreUnavailableError``. ``sync_mode`` full makes every acknowledged commit survive a loss of power; normal may
    lose the last ones. ``journal_mode`` delete exists for file systems without shared memory: it is slower, and a
    reader then holds writers up.
    """

    path: Path
    busy_timeout_ms: int = attrs.field(default=5_000, validator=attrs.validators.ge(0))
    journal_mode: Literal["wal", "delete"] = "wal"
    sync_mode: Literal["full", "normal"] = "full"
