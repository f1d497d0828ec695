"""Texts that somebody might write to be read as a template, an expression, a command or the end of a document."""

from collections.abc import Iterator

_ARGO = (
    "workflow.name", "workflow.uid", "workflow.parameters.x", "workflow.serviceAccountName", "workflow.namespace",
    "inputs.parameters.task", "inputs.artifacts.n0-o0", "outputs.parameters.o0", "tasks.n0.outputs.parameters.o0",
    "tasks.n0.outputs.result", "steps.n0.outputs.result", "item", "item.x", "pod.name", "retries", "node.name",
    "lastRetry.exitCode", "workflow.status", "workflow.failures", "cronworkflow.name", "io.argoproj.workflow",
)  # fmt: skip
"""Variables of Argo."""

_EXPRESSIONS = (
    "=1+1", "=workflow.name", "=tasks.n0.outputs.parameters.o0", "=sprig.env('HOME')", "=sprig.expandenv('$PATH')",
    "=toJson(workflow)", "=asInt('1')", "=jsonpath('{}','$')", "=string(nil)", "=[1,2,3]", "=map([1], {#})",
    "= 1 + 1 ", "=tasks?.n0?.outputs", "=sprig.getHostByName('example.com')", "='}}'", "=`}}`", "=\"{{\"",
)  # fmt: skip
"""Expressions of Argo."""

_BRACES = (
    "{{", "}}", "{{}}", "{{ }}", "{{{", "{{{{workflow.name}}}}", "{ {workflow.name} }", "{{workflow.name", "workflow}}",
    "{{=", "{{=}}", "{{\n}}", "{{workflow.\nname}}", "\\{\\{workflow.name\\}\\}", "{{'{{'}}", "{%raw%}{{x}}{%endraw%}",
    "{{`{{`}}", "{{/* x */}}", "{{- x -}}", "{#", "#}", "{", "}", "{\"a\":{\"b\":{}}}", "[{{}}]", "\\u007b\\u007bx}}",
)  # fmt: skip

_SHELLS = (
    "$(HEADGATE_TASK)", "$(PATH)", "$$(PATH)", "$$", "$$$", "$", "$(", "$()", "${HOME}", "$HOME", "$${inputs.x}",
    "`id`", "$(id)", "; reboot", "&& reboot", "| sh", "> /out/report", "../../etc/passwd", "~/.ssh", "%PATH%", "!x!",
    "'; drop table runs; --", "\" or 1=1", "\\", "\\\\", "\\\"", "\"", "'", "'''", "\"\"\"", "%s%n%x", "-rf /",
)  # fmt: skip

_FORMATS = (
    "null", "~", "true", "no", "on", "0x10", "1e400", "NaN", "-.inf", "0o17", "1_000", "2026-11-21", "!!python/object",
    "!!binary aGk=", "&a [*a]", "*a", "<<: {a: b}", "a: b", "- a", "# c", "| x", "> x", "---", "...", "%YAML 1.1",
    "[", "]", "{a: b", "a,b", "\t", "\n", "\r\n", "\r", "a\nb: c", "\n---\nkind: Secret", "\n  - name: evil", "",
    " ", "  x  ", "x\n", "<script>", "]]>", "<!--", "&amp;", "%00", "\\0", "\\x00", "=cmd|' /C calc'!A0", "+1", "@x",
)  # fmt: skip

_UNICODE = (
    "\x00", "\x01", "\x07", "\x08", "\x1b[31m", "\x7f", "\x80", "\x85", "\xa0", "\xad", "é", "e\u0301", "ß", "İ", "ﬁ",
    "\u200b", "\u200d", "\u2028", "\u2029", "\u202e", "\u2066", "\ufeff", "\ufffd", "\uffff", "\U0001f600",
    "\U0001f468\u200d\U0001f469", "\U000e0041", "\U0010ffff", "｛｛workflow.name｝｝", "＄(PATH)", "\ud800", "\udfff",
    "日本語", "العربية", "a\u0300" * 50, "𝓌𝑜𝓇𝓀", "\u0000\u0000{{",
)  # fmt: skip

_LARGE = ("{" * 3000, "}" * 3000, "{{workflow.name}}" * 200, "$(PATH)" * 400, "\\" * 2000, "é" * 1500, "\n" * 2000)

_BEFORE_AND_AFTER = (("", ""), ("x ", " y"), ('"', '"'), ("\n", "\n"))


def hostile() -> tuple[str, ...]:
    """All of them, each once."""
    return tuple(dict.fromkeys(_all()))


def _all() -> Iterator[str]:
    for variable in (*_ARGO, *_EXPRESSIONS):
        for before, after in _BEFORE_AND_AFTER:
            yield f"{before}{{{{{variable}}}}}{after}"

    for family in (_BRACES, _SHELLS, _FORMATS, _UNICODE, _LARGE):
        yield from family
