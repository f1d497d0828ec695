"""What nodes wrote, line by line, as people read it. The runtime prints JSON; what others print is shown as it is."""

import json
from dataclasses import dataclass
from typing import Any

from headgate.cli.printing.paint import Paint, safe

_LONGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Line:
    time: str
    node: str
    """Empty where the line does not say."""
    instance: str
    text: str
    level: str = "info"
    is_piece: bool = False
    """A piece of an answer as it arrives: it goes on where the last one ended."""


def read_line(data: bytes) -> Line | None:
    """None for a line with nothing to show."""
    text = data[:_LONGEST].decode(errors="replace").rstrip("\r\n")
    if text.startswith('time="') and " argo=true" in text:
        return None  # Argo's own executor, which shares the node's output
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or "type" not in told:
        return Line("", "", "", text) if text else None
    said = _said(told)
    if said is None:
        return None
    node, instance = str(told.get("node", "")), str(told.get("instance", ""))
    level = str(told.get("level", "info"))
    return Line(str(told.get("time", ""))[11:19], node, instance or node, said, level, told["type"] == "stream")


def _said(told: dict[str, Any]) -> str | None:
    match told["type"]:
        case "progress":
            total = f"/{told['total']}" if "total" in told else ""
            return f"{told.get('done', '')}{total} {told.get('message', '')}".strip()
        case "stream":
            return str(told.get("text", "")) or None
        case _:
            values = told.get("values")
            held = values if isinstance(values, dict) else {"values": values} if values else {}
            return " ".join(
                [str(told.get("message", "")), *(f"{name}={_short(value)}" for name, value in held.items())]
            )


def _short(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def as_text(line: Line, paint: Paint) -> str:
    if line.is_piece:
        return safe(line.text)
    head = " ".join(part for part in (line.time, line.instance) if part)
    text = safe(line.text)
    if line.level in ("warning", "error"):
        text = (paint.red if line.level == "error" else paint.yellow)(f"{line.level}: {text}")
    return f"{paint.blue(safe(head))}  {text}\n" if head else f"{text}\n"
