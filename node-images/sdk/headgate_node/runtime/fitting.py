"""The report as text, within its limit: if it is too long, what people could do without is left out first. Pure."""

from collections.abc import Mapping
from dataclasses import replace

from headgate_lang import documents, report, strict
from headgate_lang.report import Entry, Failure, Report

_STEPS: tuple[tuple[int, int, int], ...] = ((1024, 2000, 100), (200, 500, 20), (60, 200, 5), (0, 100, 1), (0, 40, 0))
"""How long a preview may be, a message, and how many failed items are told."""


def encode_entry(instance: str, entry: Entry) -> str:
    """An instance with its entry, as they stand in the report."""
    return f"{documents.encode(instance)}:{documents.encode(strict.encode(_cut(entry, *_STEPS[0])))}"


def encode_report(encoded: Mapping[str, str], entries: Mapping[str, Entry], limit: int) -> str:
    """`encoded`: instance → what `encode_entry` gives of it, so that a report is not made anew for one of many."""
    text = f'{{"version":{report.VERSION},"instances":{{{",".join(encoded.values())}}}}}'
    for step in _STEPS[1:]:
        if len(text) <= limit:
            break
        cut = {instance: _cut(entry, *step) for instance, entry in entries.items()}
        text = report.encode(Report(report.VERSION, cut))
    return text


def _cut(entry: Entry, preview: int, message: int, failed: int) -> Entry:
    return replace(
        entry,
        preview=_shortened(entry.preview, preview) if entry.preview and preview else None,
        message=_shortened(entry.message, message),
        failed=tuple(_cut_failure(one, message) for one in entry.failed[:failed]),
        item=_small(entry.item, message),
    )


def _cut_failure(failure: Failure, message: int) -> Failure:
    error = replace(failure.error, message=_shortened(failure.error.message, message))
    return replace(failure, error=error, item=_small(failure.item, message))


def _small(item: object, most: int) -> object:
    """An item that is large is known by its index."""
    return item if item is None or documents.size(item) <= most else None


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
