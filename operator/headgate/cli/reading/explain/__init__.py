"""Why a text is not YAML, in words that say what to do: PyYAML only says what it had expected. `syntax` asks.

A chain of guesses, the most certain first; each looks at the text around the place where the parser stumbled.
"""

import re
from collections.abc import Callable

import yaml

from headgate.cli.reading.explain.brackets import guess_bracket, guess_escape, guess_quote
from headgate.cli.reading.explain.layout import guess_entry, guess_indentation, guess_space, guess_tab
from headgate.cli.reading.explain.quoting import guess_quoting
from headgate.cli.reading.explain.stumble import Guess, Stumble
from headgate.cli.reading.finding import Finding
from headgate.cli.reading.reasons import FileReason
from headgate.cli.reading.source import Place, Source
from headgate.errors import Path, Problem

_HELM = re.compile(r"\{\{-?\s*(?:[.$/]|(?:include|if|range|end|define|template|with|toYaml|block)\b)")

_GUESSES: tuple[Callable[[Stumble], Guess | None], ...] = (
    guess_tab,
    guess_quote,
    guess_escape,
    guess_space,
    guess_quoting,
    guess_bracket,
    guess_indentation,
    guess_entry,
)


def template_finding(source: Source) -> Finding | None:
    """Whether a text that is not good YAML is a Helm template: then that is all there is to say."""
    match = _HELM.search(source.text)
    if match is None:
        return None
    remedy = "check what it makes: `helm template CHART | headgate lint -`"
    problem = Problem(Path(), FileReason.HELM_TEMPLATE, "this is a Helm template, not yet YAML", remedy)
    return Finding(problem, source, Place(*match.span()))


def explain(source: Source, error: yaml.MarkedYAMLError, offset: int) -> Finding:
    """Turn PyYAML's error about the text from `offset` on into a finding."""
    mark, begun = error.problem_mark, error.context_mark
    stumble = Stumble(
        source,
        at=offset + (mark.index if mark else 0),
        since=offset + (begun.index if begun else 0),
        context=error.context or "",
        problem=error.problem or "",
    )
    for guess in _GUESSES:
        found = guess(stumble)
        if found is not None:
            return Finding(Problem(Path(), found.reason, found.message, found.remedy), source, found.place)
    message = f"this is not YAML: {stumble.problem}"
    place = Place(stumble.at, stumble.at + 1)
    return Finding(Problem(Path(), FileReason.INVALID_YAML, message, "quote it, if it is text"), source, place)
