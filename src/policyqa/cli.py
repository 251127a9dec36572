"""The command line: a command parses, makes one library call, prints."""

import json
import sys
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from policyqa import doctor as diagnosis
from policyqa import fetching, indexing, metadata, output, store
from policyqa.answering import answer
from policyqa.catalogue import Catalogue
from policyqa.cli_eval import evaluation_app
from policyqa.cli_key import key_app
from policyqa.errors import FetchError, PolicyQAError, QuestionError, ReadError
from policyqa.feedback import Feedback, beside
from policyqa.library import Library, checked_question
from policyqa.models import Filters, Passage, SearchResult
from policyqa.progress import progress_bars
from policyqa.readers import read
from policyqa.settings import Settings, load_settings

app = typer.Typer(
    name="policyqa",
    help="Ask policy text a question; get ranked passages with exact section citations.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(evaluation_app, name="eval")
app.add_typer(key_app, name="key")

_out = Console(highlight=False, soft_wrap=True)
_err = Console(stderr=True, highlight=False, soft_wrap=True)

LibraryOption = Annotated[
    Path | None, typer.Option("--library", metavar="DIR", help="The built library's folder.")
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print JSON alone on stdout.")]
TopK = Annotated[int, typer.Option("--top-k", min=1, max=1000, help="How many passages.")]
Documents = Annotated[
    list[str] | None,
    typer.Option("--document", metavar="NAME", help="Only this title or file; may be repeated."),
]
Publishers = Annotated[
    list[str] | None,
    typer.Option("--publisher", metavar="NAME", help="Only of this publisher; may be repeated."),
]
Kinds = Annotated[
    list[str] | None,
    typer.Option("--kind", metavar="KIND", help="Only of this kind (statute); may be repeated."),
]
DateFrom = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="Only dated this day (2024-04-01) or later."),
]
DateTo = Annotated[
    str | None, typer.Option("--to", metavar="DATE", help="Only dated this day or earlier.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="Statutes as in force on this day.")
]
Question = Annotated[str, typer.Argument(help="The question.")]


def main() -> None:
    """Run the command line; bad input ends with one line on stderr and status 2."""
    try:
        app()
    except PolicyQAError as error:
        for line in str(error).splitlines():
            print(f"policyqa: {line}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        print("policyqa: interrupted; what was computed is kept", file=sys.stderr)
        sys.exit(130)


@app.command()
def index(
    paths: Annotated[list[Path], typer.Argument(help="Documents, or folders of them.")],
    library: LibraryOption = None,
    as_json: JsonFlag = False,
    strict: Annotated[bool, typer.Option(help="Status 1 when a file was skipped.")] = False,
    rebuild: Annotated[bool, typer.Option(help="Build even if nothing has changed.")] = False,
) -> None:
    """Make the library equal to PATHS."""
    settings = load_settings()
    with progress_bars(_err) as progress:
        summary = indexing.build(
            paths,
            library or settings.library,
            settings.encoder_choice,
            chunk_tokens=settings.chunk_tokens,
            rebuild=rebuild,
            progress=progress,
            say=lambda message: _err.print(f"policyqa: {message}", markup=False),
        )
    if as_json:
        print(indexing.as_json(summary))
    else:
        _print_summary(summary)
    if strict and summary.skipped:
        raise typer.Exit(1)


def _print_summary(summary: indexing.Summary) -> None:
    state = "is up to date" if summary.up_to_date else "built"
    print(f"{summary.library} {state} in {summary.seconds} s")
    print(
        f"  documents {summary.documents}, sections {summary.sections}, chunks {summary.chunks}; "
        f"embeddings: {summary.embedded} new, {summary.reused} reused"
    )
    for name in ("added", "changed", "removed"):
        paths: list[str] = getattr(summary, name)
        if paths:
            shown = ", ".join(paths[:10]) + (", ..." if len(paths) > 10 else "")
            print(f"  {name} {len(paths)}: {shown}")
    for file in summary.skipped:
        print(f"  skipped {file['path']}: {file['reason']}")


@app.command()
def search(
    question: Question,
    library: LibraryOption = None,
    top_k: TopK = 10,
    documents: Documents = None,
    publishers: Publishers = None,
    kinds: Kinds = None,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Rank the passages for a question."""
    asked = checked_question(question)
    filters = _filters(documents, publishers, kinds, date_from, date_to, as_of)
    result = _open(library).search(asked, top_k, filters=filters)
    if as_json:
        _print_json(output.search_json(result))
        return
    _print_notices(result)
    for passage in result.passages:
        _print_passage(passage)


@app.command()
def ask(
    question: Question,
    library: LibraryOption = None,
    top_k: TopK = 10,
    documents: Documents = None,
    publishers: Publishers = None,
    kinds: Kinds = None,
    date_from: DateFrom = None,
    date_to: DateTo = None,
    as_of: AsOf = None,
    as_json: JsonFlag = False,
) -> None:
    """Answer a question with evidence sentences, or say that nothing was found."""
    asked = checked_question(question)
    filters = _filters(documents, publishers, kinds, date_from, date_to, as_of)
    result = _open(library).search(asked, top_k, filters=filters)
    found = answer(result)
    if as_json:
        _print_json(output.answer_json(result, found))
        return
    _print_notices(result)
    if found.found:
        for evidence in found.evidence:
            _out.print(evidence.text, style="bold", markup=False)
            _out.print(f"  {evidence.citation}", style="green", markup=False)
        print(f"  (probability {found.probability:.2f})")
    else:
        nearest = "; nearest passages:" if result.passages else ""
        print(f"not found (probability {found.probability:.2f}){nearest}")
        for passage in result.passages[:3]:
            _print_passage(passage)


def _filters(
    documents: list[str] | None,
    publishers: list[str] | None,
    kinds: list[str] | None,
    date_from: str | None,
    date_to: str | None,
    as_of: str | None,
) -> Filters:
    return Filters(
        tuple(documents or ()),
        tuple(publishers or ()),
        tuple(kinds or ()),
        _day(date_from),
        _day(date_to),
        _day(as_of),
    )


def _day(given: str | None) -> date | None:
    try:
        return date.fromisoformat(given) if given else None
    except ValueError as error:
        raise QuestionError(f"{given} is no day; write it as 2024-04-01") from error


def _print_notices(result: SearchResult) -> None:
    for notice in result.notices:
        _out.print(notice.message, style="yellow", markup=False)


def _print_passage(passage: Passage) -> None:
    _out.print(
        f"{passage.rank}. {passage.citation}  [{passage.score:.2f}]", style="bold", markup=False
    )
    _out.print(passage.chunk.text, markup=False)
    print()


@app.command()
def fetch(
    addresses: Annotated[
        list[str],
        typer.Argument(metavar="URL...", help="Web addresses, or law:ID, law:ID@2024-04-01."),
    ],
    into: Annotated[
        Path, typer.Option("--into", metavar="DIR", help="The folder to save into.")
    ] = Path("corpus"),
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="Reach machines of your own network, too.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Save web pages, files and statutes (e-Gov) with their address and today's date."""
    target = fetching.Target(into, metadata.add_entry, load_settings().law_api)
    results = []
    for result in fetching.fetch_all(addresses, target, fetching.Access(allow_private)):
        results.append(result)
        if result.file and not as_json:
            _out.print(f"{result.status} {result.file}  {result.address}", markup=False)
    if as_json:
        _print_json([asdict(result) for result in results])
    failed = [f"{result.address}: {result.reason}" for result in results if result.reason]
    if failed:
        raise FetchError("\n".join(failed))


@app.command()
def outline(
    file: Annotated[Path, typer.Argument(help="A document.")], as_json: JsonFlag = False
) -> None:
    """Print a document's sections, with their pages where it has pages."""
    try:
        document = read(file)
    except ReadError as error:
        raise ReadError(f"{file}: {error}") from error
    if as_json:
        _print_json(output.outline_json(document, file.name))
        return
    _out.print(document.title, style="bold", markup=False)
    _print_law(document.metadata)
    for path, section in document.root.walk():
        if path:
            page = "" if section.first_page is None else f"  p.{section.first_page}"
            print(f"{'  ' * len(path)}{section.heading}{page}")


def _print_law(metadata: Mapping[str, str]) -> None:
    """A statute's number and dates; what the file does not say is unknown."""
    if metadata.get("kind") == "statute":
        names = ("law_number", "promulgated", "in_force")
        known = [f"{name.replace('_', ' ')}: {metadata.get(name, 'unknown')}" for name in names]
        print(f"  {', '.join(known)}")


@app.command()
def check(library: LibraryOption = None) -> None:
    """Verify every checksum of the live generation."""
    folder = library or load_settings().library
    generation = store.current(folder)
    damaged = store.damaged_files(generation)
    if damaged:
        raise PolicyQAError(
            f"damaged in {generation.folder}: {', '.join(damaged)}; "
            "build it again with `policyqa index --rebuild PATH...`"
        )
    counts = generation.manifest["counts"]
    print(
        f"{folder}: generation {generation.name} is whole "
        f"({len(generation.manifest['files'])} files, {counts['documents']} documents, "
        f"{counts['chunks']} chunks)"
    )


@app.command()
def feedback(library: LibraryOption = None, as_json: JsonFlag = False) -> None:
    """List what users said of answers, the oldest first."""
    settings = load_settings()
    opinions = Feedback(settings.feedback or beside(library or settings.library)).all()
    if as_json:
        _print_json([asdict(opinion) for opinion in opinions])
        return
    for opinion in opinions:
        line = f"{opinion.time}  {opinion.verdict:4}  {opinion.question}"
        _out.print(line, style="bold", markup=False)
        for said in filter(None, (opinion.citation, opinion.reason)):
            _out.print(f"  {said}", markup=False)


@app.command()
def genai_form(
    library: LibraryOption = None,
    url: Annotated[
        str | None,
        typer.Option(help="Your server's public address; the one to register goes to stderr."),
    ] = None,
) -> None:
    """Print the fields to register at the Government AI portal (源内), as its JSON."""
    from policyqa.web import genai

    generation = store.current(library or load_settings().library)
    with closing(Catalogue(generation.folder / store.DATABASE)) as catalogue:
        _print_json(genai.form(list(catalogue.documents.values())))
    if url:
        print(f"policyqa: the endpoint is {url.rstrip('/')}{genai.PATH}", file=sys.stderr)


@app.command()
def doctor(library: LibraryOption = None, as_json: JsonFlag = False) -> None:
    """Look for what is wrong with the installation; status 1 when there is a problem."""
    settings = load_settings()
    if library:
        settings = settings.model_copy(update={"library": library})
    findings = diagnosis.examine(settings)
    if as_json:
        _print_json(diagnosis.as_json(findings))
    else:
        for finding in findings:
            print(f"{finding.verdict:8} {finding.area:10} {finding.says}")
            if finding.do:
                print(f"{'':19} -> {finding.do}")
    if any(finding.verdict == "problem" for finding in findings):
        raise typer.Exit(1)


@app.command()
def serve(
    library: LibraryOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the page."""
    from policyqa.web.server import serve as serve_web

    given = {"library": library, "host": host, "port": port}
    changes = {name: value for name, value in given.items() if value is not None}
    serve_web(load_settings().model_copy(update=changes))


def _open(library: Path | None) -> Library:
    settings: Settings = load_settings()
    return Library.open(library or settings.library, settings.encoder_choice)


def _print_json(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
