"""``prove``: one event as one file."""

from pathlib import Path

import click

from decision_gate.core.ports import RunKey
from decision_gate.core.runpack import MANIFEST_NAME, read_manifest
from decision_gate.enterprise.audit.cli.place import FOLDER, opened, optional_log_option
from decision_gate.enterprise.audit.logs import ROOT
from decision_gate.enterprise.audit.proving import prove, prove_pack, prove_run, put_beside
from decision_gate.enterprise.cli.deployment import in_deployment
from decision_gate.mcp.cli.handled import HandledCommand


@click.command(
    name="prove",
    cls=HandledCommand,
    epilog="\b\nExamples:\n  decision-gate cloud audit prove --dir gate --pack packs/release-2.4.0\n"
    "  decision-gate cloud audit prove --dir gate --log 42 --namespace 7 --run release-2.4.0 --output last.tlog-proof",
)
@in_deployment
@optional_log_option
@click.option("--index", type=click.IntRange(min=0), help="Number of the entry.")
@click.option("--namespace", "namespace_id", type=click.IntRange(min=1), help="Namespace of the run.")
@click.option("--run", "run_id", help="Run whose last commit is proved.")
@click.option("--version", type=click.IntRange(min=1), help="Commit of the run instead of the last.")
@click.option("--pack", type=FOLDER, help="Folder of a run pack to prove, and to put the proof into.")
@click.option("--output", type=click.Path(path_type=Path, dir_okay=False), help="File to write instead of stdout.")
def prove_command(  # noqa: PLR0913 - one parameter an option
    *,
    folder: Path,
    config: str | None,
    log: bytes | None,
    index: int | None,
    namespace_id: int | None,
    run_id: str | None,
    version: int | None,
    pack: Path | None,
    output: Path | None,
) -> None:
    """Prove that an event is in the log: the export of a run pack, a commit of a run, or one entry by its number.

    A run pack names its log and its run itself, and the proof is of exactly this pack, by its root hash.
    """
    pack, output = pack and pack.resolve(), output and output.resolve()
    with opened(folder, config) as found:
        if log is None and pack is not None:
            proof = prove_pack(found.store, read_manifest((pack / MANIFEST_NAME).read_bytes()))
        elif log is not None and index is not None:
            proof = prove(found.store, log, index)
        elif log not in (None, ROOT) and namespace_id is not None and run_id is not None:
            proof = prove_run(found.store, RunKey(int.from_bytes(log, "big"), namespace_id, run_id), version)
        else:
            raise click.UsageError(
                "name a run pack by --pack, an entry by --log and --index, or a run by --log, --namespace, --run"
            )
    if pack is not None:
        click.echo(str(put_beside(proof, pack)))
    elif output is not None:
        output.write_text(proof.text(), encoding="utf-8", newline="\n")
    else:
        click.echo(proof.text(), nl=False)
