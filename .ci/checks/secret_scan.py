"""Secrets that must not be in the repository: by the shapes that keys and tokens have, and by names that promise one.

A finding shows the first characters and a fingerprint, never the secret. What only looks like one is let through by its
fingerprint in `exceptions.toml`.
"""

import hashlib
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from checks.exceptions import FILE, check_needed, read_allowed
from checks.tree import Tree
from checks.verdict import Finding


def is_varied(text: str) -> bool:
    """Whether a text of a known shape is more than a drawing of it: no `xxxx`, no `EXAMPLE`."""
    counts = Counter(text).values()
    entropy = -sum(count / len(text) * math.log2(count / len(text)) for count in counts)
    return entropy >= 3.0 and not _PLACEHOLDER.search(text)


def is_random(text: str) -> bool:
    """Whether a text looks drawn by lot: letters, capitals and digits change places far more often than in words."""
    bare = re.sub(r"[^A-Za-z0-9]", "", text)
    kinds = ["digit" if one.isdigit() else "capital" if one.isupper() else "letter" for one in bare]
    changes = sum(kind != following for kind, following in pairwise(kinds))
    return is_varied(text) and changes >= 0.25 * len(bare)


_PLACEHOLDER = re.compile(r"(?i)example|placeholder|changeme|redacted|dummy|not-?a-?real")


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of secret: what it looks like, and what a text that looks so must be to count."""

    what: str
    shape: re.Pattern[str]
    counts: Callable[[str], bool] = is_varied


_RULES = (
    Rule("a private key", re.compile(r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----")),
    Rule("an AWS access key", re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b")),
    Rule("a GitHub token", re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})")),
    Rule("a GitLab token", re.compile(r"\bglpat-[\w-]{20,}")),
    Rule("a Slack token", re.compile(r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{20,}")),
    Rule("a Slack webhook", re.compile(r"hooks\.slack\.com/services/T\w{6,}/B\w{6,}/\w{16,}")),
    Rule("a Google API key", re.compile(r"\bAIza[\w-]{35}")),
    Rule("a Google access token", re.compile(r"\bya29\.[\w-]{20,}")),
    Rule("a Stripe key", re.compile(r"\b(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}")),
    Rule("a JSON web token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}")),
    Rule("a key of OpenAI or Anthropic", re.compile(r"\bsk-[A-Za-z0-9][\w-]{19,}"), is_random),
    Rule("a Hugging Face token", re.compile(r"\bhf_[A-Za-z0-9]{30,}")),
    Rule("a package registry's token", re.compile(r"\b(?:npm_[A-Za-z0-9]{36}|pypi-AgEI[\w-]{20,})")),
    Rule("a SendGrid key", re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{32,}")),
    Rule("a Telegram bot's token", re.compile(r"\b\d{8,10}:AA[\w-]{33}\b")),
    Rule(
        "a password in an address",
        re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s/:@'\"]+:(?P<value>[^\s/:@'\"$<{]{8,})@"),
    ),
    Rule(
        "a random value that is called a secret",
        re.compile(
            r"(?i)(?:passw(?:or)?d|secret|token|(?:api|access|private)[_-]?key|key-data|credential)s?[\w-]*"
            r"['\"]?\s*(?:=|:|:=)\s*['\"]?(?P<value>[\w+/=-]{20,})"
        ),
        is_random,
    ),
)


@dataclass(frozen=True, slots=True)
class Secret:
    """Something in a line that looks like a secret."""

    line: int
    what: str
    text: str

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]


def check_secrets(tree: Tree) -> list[Finding]:
    allowed = read_allowed(tree, "secret", "file", "fingerprint")
    pardoned = {(one.subject, one.detail) for one in allowed}
    found: list[Finding] = []
    used: list[tuple[str, str]] = []
    for path in tree.files:
        for secret in find_secrets(tree.text(path) or ""):
            if (path, secret.fingerprint) in pardoned:
                used.append((path, secret.fingerprint))
                continue
            what = f"looks like {secret.what} (`{secret.text[:4]}…`, fingerprint {secret.fingerprint})"
            remedy = f"take it out and revoke it; if it is none, say so in {FILE}"
            found.append(Finding(f"{path}:{secret.line}", what, remedy))
    return found + check_needed(allowed, used)


def find_secrets(text: str) -> Iterator[Secret]:
    """Find what looks like a secret; a text that fits two rules is told once, by the more telling rule."""
    for number, line in enumerate(text.splitlines(), start=1):
        told: list[range] = []
        for rule in _RULES:
            for match in rule.shape.finditer(line):
                group = "value" if "value" in rule.shape.groupindex else 0
                start = match.start(group)
                if rule.counts(match[group]) and not any(start in other for other in told):
                    told.append(range(*match.span(group)))
                    yield Secret(number, rule.what, match[group])
