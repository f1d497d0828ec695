"""The examples in operator/docs/examples, and the page of documentation that is made of them."""

import re
from pathlib import Path

from support.cli import headgate

DOCS = Path(__file__).parents[2] / "operator" / "docs"

ORDER = (
    "hello",
    "greetings",
    "announcement",
    "ask-handbook",
    "release-notes",
    "blog-post",
    "heartbeat",
    "watch-shop",
    "nightly-customers",
    "campaign",
    "expense",
    "triage",
    "rollout",
    "order",
    "invoice-check",
    "sentiment",
)
"""As a newcomer reads them: what is simple first."""

EXAMPLES = sorted((DOCS / "examples").glob("*.yaml"), key=lambda path: ORDER.index(path.stem))

_HEAD = """\
# Examples

Each is a file in [examples](examples), checked and compiled by a test (`make test-golden`), and teaches one idea.

```
headgate lint operator/docs/examples/hello.yaml
headgate graph operator/docs/examples/hello.yaml
headgate render operator/docs/examples/hello.yaml
```
"""


def page() -> str:
    """The whole page: of each example its comment as text, its graph, and the file."""
    contents = "".join(f"- [{path.stem}](#{path.stem}): {_idea(path)}\n" for path in EXAMPLES)
    return f"{_HEAD}\n{contents}\n" + "\n".join(_section(path) for path in EXAMPLES)


def _section(path: Path) -> str:
    comment, yaml = _parts(path)
    drawing = headgate("graph", "-", "-o", "mermaid", stdin=yaml).out
    return f"""\
## {path.stem}

{comment}

```mermaid
{drawing}```

[{path.name}](examples/{path.name})

```yaml
{yaml}```
"""


def _idea(path: Path) -> str:
    """The first sentence of the comment."""
    comment = " ".join(_parts(path)[0].split())
    return re.split(r"(?<=[.:])\s", comment, maxsplit=1)[0].rstrip(".:")


def _parts(path: Path) -> tuple[str, str]:
    text = path.read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    count = next(number for number, line in enumerate(lines) if not line.startswith("#"))
    return "".join(line.removeprefix("# ") for line in lines[:count]).strip(), "".join(lines[count:])
