"""Sentences of errors put into other sentences."""


def statement(text: str) -> str:
    """Return what a message says without its advice and its full stop, to stand within another sentence.

    Parameters: ``text``, one sentence or more; the advice follows a semicolon or is a sentence of its own.
    """
    return text.partition("; ")[0].partition(". ")[0].removesuffix(".")
