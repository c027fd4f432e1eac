"""Commands that make models: train from raw files, export to ONNX."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from courtpulse.cli.printing import Json, print_json, print_table

app = typer.Typer(name="model", help="Convert and export models.", no_args_is_help=True)


def train(
    data: Annotated[Path, typer.Option(help="Folder of the data files (docs/training.md).")],
    base: Annotated[str, typer.Option(help="A transformers folder, or a hub name.")],
    out: Annotated[Path, typer.Option(help="Where the model goes; a killed run goes on there.")],
    name: Annotated[
        str,
        typer.Option(help="Stored with every annotation. Empty: the name of the folder --out."),
    ] = "",
    allow_download: Annotated[
        bool, typer.Option("--allow-download", help="Fetch a base named by its hub name.")
    ] = False,
    labels: Annotated[
        Path | None,
        typer.Option(help="Label files for texts of the pool. Empty: those that ship."),
    ] = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="No smaller student: the fine-tuned base is the model.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Train a model from raw files; needs torch. Goes on where a killed run stood."""
    from nlp.encoder.material import DataFolder
    from nlp.encoder.stages import Recipe
    from nlp.encoder.train import Training

    recipe = Recipe(layers=()) if plain else Recipe()
    inputs = DataFolder(data) if labels is None else DataFolder(data, labels)
    settled = Training(inputs, base, out, name, recipe, allow_download).run()
    if as_json:
        print_json({"metrics": settled.metrics, "emotion": settled.emotion_metrics})
        return
    print_table(
        ("metric", "value"),
        [(name, f"{one['value']}") for name, one in settled.metrics.items()],
    )


@app.command("convert")
def convert(
    onnx_file: Annotated[Path, typer.Argument(help="A BERT encoder in ONNX.")],
    tokenizer: Annotated[Path, typer.Option(help="Its tokenizer.json.")],
    out: Annotated[Path, typer.Option(help="Folder for the transformers model.")],
) -> None:
    """Turn a BERT kept as ONNX into a transformers folder, proven by equal outputs."""
    from nlp.encoder.base import convert as converted

    gap = converted(onnx_file, tokenizer, out)
    typer.echo(f"{out}: largest difference of an output {gap:.2g}")


@app.command("export")
def export(
    folder: Annotated[Path, typer.Argument(help="What `courtpulse train` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for the exported model.")],
    as_json: Json = False,
) -> None:
    """Write ONNX fp32 and int8 and prove that they say what torch says."""
    from dataclasses import asdict

    from nlp.encoder.export import export as exported

    proof = asdict(exported(folder, out))
    if as_json:
        print_json(proof)
    else:
        by_label = proof.pop("int8_labels")
        rows = {**proof, **{f"int8 {name}": share for name, share in by_label.items()}}
        print_table(("", "value"), [(name, f"{value:.4g}") for name, value in rows.items()])


@app.command("restore")
def restore(
    folder: Annotated[Path, typer.Argument(help="What `courtpulse model export` wrote.")],
    out: Annotated[Path, typer.Option(help="Folder for the transformers model.")],
) -> None:
    """Turn an exported BERT back into a transformers folder, to fine-tune it or to look inside."""
    from nlp.encoder.restore import restore as restored

    found = restored(folder, out)
    typer.echo(f"{out}: all labels alike on {found.agreement:.1%} of {found.texts} texts")


@app.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(help="owner/name or owner/name@revision on the hub.")],
) -> None:
    """Download a model folder from the hub; COURTPULSE_MODEL may then name it."""
    from nlp.encoder.hub import fetch as fetched

    typer.echo(str(fetched(name)))


def add_to(root: typer.Typer) -> None:
    """Register the commands of this file."""
    root.command()(train)
    root.add_typer(app)
