"""Model files whose declarations are kept on disk: for processes of their own, which begin with nothing."""

from __future__ import annotations

from g2sym.base.kept import hashed, key_of, worked_out
from g2sym.lagrangian.declaration import with_source
from g2sym.lagrangian.sources import read_source
from g2sym.lagrangian.written import declaration_in, declaration_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

    from g2sym.lagrangian.declaration import Declaration


def kept_declaration(source: str | os.PathLike[str]) -> Declaration:
    """Return the declaration of a model as `load_declaration` does, from the cache where it is there.

    Parameters: ``source``, the name of a bundled model or the path of a TOML file. Raises what
    `load_declaration` raises.
    """
    found = read_source(source)
    if found is None:
        from g2sym.lagrangian.modelfile import load_declaration

        return load_declaration(source)  # says what is wrong
    path, raw = found

    def work_out() -> Declaration:
        from g2sym.lagrangian.modelfile import read_declaration

        return read_declaration(raw, path)

    key = key_of(("declaration", raw))
    declaration = worked_out(key, declaration_in, declaration_out, work_out)
    return with_source(declaration, hashed(raw))
