"""What a command found out, how it is printed, and how every ending becomes an exit code and one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from g2sym.base.classes import dataclass, field, replace
from g2sym.base.meter import ExpansionError
from g2sym.cli.output import Output, drop_stdout, write_output
from g2sym.errors import G2symError, UsageError, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Entries


@dataclass(frozen=True)
class Answer:
    """What a command found out.

    Parameters: ``document``, JSON-ready, printed with ``--json``; ``text``, for people; each may be a
    function that makes it, where that takes long; ``files``, to be written after the answer has been printed,
    so that an unwritable path loses nothing; ``notes``, sentences for stderr; ``exit_code``, 0 unless the
    answer itself is a failure; ``verbatim`` where the text is a file's content, to which nothing is added.
    """

    document: Entries | Callable[[], Entries]
    text: str | Callable[[], str]
    files: Sequence[Output] = ()
    notes: Sequence[str] = field(default=())
    exit_code: int = 0
    verbatim: bool = False


def resting_on(answer: Answer, edition: str | None) -> Answer:
    """Return the answer with a line that names the edition of its inputs, where one was asked for."""
    if edition is None or answer.verbatim:
        return answer

    def text() -> str:
        said = answer.text() if callable(answer.text) else answer.text
        comment = "% " if said.rstrip().endswith("\\end{document}") else ""
        return f"{said}\n{comment}inputs of the edition {edition}"

    return replace(answer, text=text)


def deliver(answer: Answer, command: str, as_json: bool) -> int:
    """Print an answer, write its files, and return the exit code; ``command`` is the command's name."""
    if as_json:
        from g2sym.cli.document import as_text

        document = answer.document() if callable(answer.document) else answer.document
        echo(as_text(command, document))
    else:
        echo(answer.text() if callable(answer.text) else answer.text)
    for note in answer.notes:
        say(note)
    for file in answer.files:
        write_output(file)
        say(f"wrote {file.path}")
    return answer.exit_code


@contextmanager
def located(model: object) -> Iterator[None]:
    """Name the model's file in errors about what it expands to, which is found only when it is asked for."""
    try:
        yield
    except ExpansionError as error:
        said = str(error)
        if not isinstance(model, str) or said.startswith("model file") or not os.path.isfile(model):
            raise
        raise ExpansionError(f"model file {shorten(model)}: {said}") from error


def echo(text: str, *, err: bool = False) -> None:
    """Print a line to standard output, or to standard error, at once.

    Streams of another encoding than UTF-8, terminals of Windows and escape sequences are left to click.
    """
    stream = sys.stderr if err else sys.stdout
    if os.name == "nt" or "\x1b" in text or _encoding(stream) not in ("utf-8", "utf8"):
        import click

        click.echo(text, err=err)
        return
    stream.write(f"{text}\n")
    stream.flush()


def say(sentence: str) -> None:
    """Print a line to standard error."""
    echo(sentence, err=True)


def _encoding(stream: object) -> str:
    return str(getattr(stream, "encoding", None)).lower()


def ended(run: Callable[[], int]) -> int:
    """Run a command and return its exit code; what it raises becomes one sentence."""
    if sys.stdout is None:  # closed by the caller: what is printed would be lost without a word
        return fail("standard output is closed; open it, or send it to a file.", UsageError.exit_code)
    try:
        return run()
    except G2symError as error:
        if _wants_traceback():
            raise
        return fail(str(error), error.exit_code)
    except KeyboardInterrupt:
        say("")  # the terminal has written ^C into the line
        return fail("interrupted.", 130)
    except BrokenPipeError:  # the reader of a pipe has gone: stop without a word, as other tools do
        drop_stdout()
        return 1
    except Exception as error:
        if isinstance(error, OSError) and _while_printing(error):
            drop_stdout()
            reason = error.strerror or type(error).__name__
            return fail(f"cannot write to standard output: {reason}.", UsageError.exit_code)
        if _wants_traceback():
            raise
        text = " ".join(str(error).split())[:300]
        return fail(
            f"unexpected {type(error).__name__}{f' ({text})' if text else ''}: this is a defect of g2sym; "
            "set G2SYM_TRACEBACK=1 to see where it arose, and report it.",
            1,
        )


def _while_printing(error: BaseException) -> bool:
    """True when an error arose while something was printed to standard output, an answer or a help text."""
    import traceback  # read only where something went wrong

    click = sys.modules.get("click")
    printing = {echo.__code__, *((click.echo.__code__,) if click is not None else ())}
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    frame = next((f for f in frames if f.f_code in printing), None)
    return frame is not None and not frame.f_locals.get("err")


def _wants_traceback() -> bool:
    return os.environ.get("G2SYM_TRACEBACK", "") not in ("", "0")


def fail(sentence: str, code: int) -> int:
    """Print a sentence about what went wrong, and return the exit code."""
    # on the side of caution with untrusted text: one line, nothing that moves a terminal's cursor
    shown = "".join(c if c.isprintable() else " " for c in sentence)
    say(f"Error: {shown}")
    return code
