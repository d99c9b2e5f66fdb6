"""A sidecar for an invented table."""

HEAD = "schema = 1\n"
ENTRY = {
    "id": '"mine"',
    "file": '"mine.txt"',
    "format": '"points"',
    "mass": '{ unit = "GeV" }',
    "limit": '{ unit = "GeV^-1" }',
    "quantity": '"g_gg"',
    "confidence": '"0.95"',
    "role": '"measured"',
    "reference": '"an example"',
}


def sidecar(**changes):
    """The text of a sidecar with one entry; a key of None is left out."""
    entry = {**ENTRY, **changes}
    lines = [f"{key} = {value}" for key, value in entry.items() if value is not None]
    return "\n".join([HEAD, "[[limit]]", *lines, ""])
