"""`template`: what it renders, and that no known way out of a sandbox leads anywhere."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate_core.templating.rendering import render as render_plainly
from headgate_node import NodeError
from support.node_calls import fail, give, reason


def render(template: str, /, **values: Any) -> str:
    text: str = give("template", template=template, values=values)["text"]
    return text


ORDER = {
    "id": 7,
    "items": [{"n": 2, "what": "soap"}, {"n": 1, "what": "tea"}],
    "paid": False,
    "note": None,
    "rate": 1.0,
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ order.id }} {{ order['id'] }} {{ order.paid }} {{ order.rate }}", "7 7 false 1"),
        ("{{ order.items | length }} {{ order.items[0].what }} {{ order.items[-1]['n'] }}", "2 soap 1"),
        ("{{ order['items'][0] }}", '{"n":2,"what":"soap"}'),
        (
            "{% for one in order['items'] %}{{ loop.index }}:{{ one.what }}{{ ', ' if not loop.last }}{% endfor %}",
            "1:soap, 2:tea",
        ),
        ("{% for key, value in order['items'][0].items() %}{{ key }}={{ value }};{% endfor %}", "n=2;what=soap;"),
        ("{% for x in [] %}x{% else %}none{% endfor %}", "none"),
        (
            "{% if order.paid %}paid{% elif order.id > 5 and 'soap' in order['items'][0].values() %}due{% endif %}",
            "due",
        ),
        ("{{ order.nope | default('-') }} {{ order.note | default('-') }} {{ 0 | default(20000) }}", "- - 0"),
        ("{{ '%05.1f|%-4s|%d%%' | format(2.25, 'a', 3) }} {{ '%(a)s' | format(a=[1]) }}", "002.2|a   |3% [1]"),
        ("{{ order['items'] | map(attribute='what') | map('upper') | join('/') }}", "SOAP/TEA"),
        ("{{ order['items'] | selectattr('n', 'gt', 1) | map(attribute='what') | first }}", "soap"),
        ("{{ order['items'] | sum(attribute='n') }} {{ [3, 1, 2] | sort | join }} {{ [1, 5] | max }}", "3 123 5"),
        (
            "{% for g in order['items'] | groupby('n') %}{{ g.grouper }}:{{ g.list[0].what }} {% endfor %}",
            "1:tea 2:soap ",
        ),
        ("{{ 'a-b'.split('-')[1] }} {{ ' x '.strip() }} {{ 'aXa'.replace('X', '-') }} {{ '-' * 3 }}", "b x a-a ---"),
        (
            "{{ 7 // 2 }} {{ 7 % 4 }} {{ 2 ** 10 }} {{ 7 / 2 }} {{ [1] + [2] }} {{ 'a' ~ 1 ~ true }}",
            "3 3 1024 3.5 [1,2] a1true",
        ),
        ("{% set ns = namespace(n=0) %}{% for x in [1, 2] %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}", "3"),
        ("{% macro li(x) %}<{{ x }}>{% endmacro %}{{ li(1) }}{{ li(x=2) }}", "<1><2>"),
        ("{% macro box() %}[{{ caller() }}]{% endmacro %}{% call box() %}in{% endcall %}", "[in]"),
        ("{% for x in tree recursive %}{{ x.v }}{{ loop(x.c) if x.c }}{% endfor %}", "123"),
        ("{% filter upper %}a{{ order.id }}{% endfilter %}{% set b %}c{{ 1 }}{% endset %}{{ b }}", "A7c1"),
        ("a\n  {% if true %}\nb\n  {% endif %}\nc\n", "a\nb\nc\n"),
        ("{% raw %}{{ x }}{% endraw %}{# a remark #}", "{{ x }}"),
        (
            "{{ {'b': 1, 'a': '<'} | tojson }} {{ 'a b/c' | urlencode }} {{ 'abc'[1:] }}",
            '{"a": "\\u003c", "b": 1} a%20b/c bc',
        ),
        (
            "{{ 'a b c' | wordwrap(3) }}|{{ 'a\nb' | indent(2) }}|{{ 'abcdef' | truncate(4, true, '...', 0) }}",
            "a b\nc|a\n  b|a...",
        ),
        (
            "{{ range(3) | list }} {{ range(1, 6, 2) | join(',') }} {{ x is defined }} {{ order is mapping }}",
            "[0,1,2] 1,3,5 false true",
        ),
    ],
)
def test_what_a_template_can_do(template: str, text: str) -> None:
    assert render(template, order=ORDER, tree=[{"v": 1, "c": [{"v": 2, "c": []}]}, {"v": 3, "c": []}]) == text


def test_values_are_escaped_where_html_is_asked_for_and_markup_is_not() -> None:
    template = "{{ x }}{{ x | safe }}{{ x ~ '<i>' }}{{ [x, '&'] | join('<br>') }}{{ x | upper }}"
    given = {"template": template, "values": {"x": "<b>"}}
    assert give("template", given)["text"] == "<b><b><b><i><b><br>&<B>"
    assert give("template", given, escape="html")["text"] == (
        "&lt;b&gt;<b>&lt;b&gt;&lt;i&gt;&lt;b&gt;&lt;br&gt;&amp;&lt;B&gt;"
    )


@given(text=st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_what_is_in_a_value_is_never_read_as_a_template(text: str) -> None:
    hostile = "{{ 7 * 7 }}{% raw %}" + text
    assert render("{{ x }}", x=hostile) == hostile


@pytest.mark.parametrize(
    ("template", "reason_", "said"),
    [
        (
            "a\n{{ b",
            "InvalidTemplate",
            "template: line 2: unexpected end of template, expected 'end of print statement'.",
        ),
        ("{% if %}", "InvalidTemplate", "template: line 1: "),
        ("{{ x | nope }}", "InvalidTemplate", "template: line 1: No filter named 'nope'"),
        ("{% include 'a' %}", "InvalidTemplate", "line 1: a template stands alone: there is no `include`"),
        ("{% from 'a' import b %}", "InvalidTemplate", "there is no `from`"),
        ("{% import 'a' as b %}", "InvalidTemplate", "there is no `import`"),
        ("{% extends 'a' %}", "InvalidTemplate", "there is no `extends`"),
        ("\n\n{{ nope }}", "UndefinedValue", "template: line 3: `nope` is undefined: write `| default('')` after it"),
        ("{{ order.nope }}", "UndefinedValue", "line 1: an object has no `nope`"),
        ("{{ order.nope.deeper }}", "UndefinedValue", "an object has no `nope`"),
        ("{{ order.note }}", "TemplateFailed", "line 1: it is null, which is no text: write `| default('')` after it"),
        ("{{ 1 / 0 }}", "TemplateFailed", "template: line 1: division by zero"),
        ("{{ 'a' - 1 }}", "TemplateFailed", "`-` is for numbers"),
        ("{% for x in 5 %}{% endfor %}", "TemplateFailed", "'int' object is not iterable"),
        ("{{ [1, 'a'] | sort }}", "TemplateFailed", "not supported between"),
        ("{{ order() }}", "Forbidden", "this cannot be called"),
        ("{{ range }}", "TemplateFailed", "this is no value that could be written"),
        ("{{ 'a'.encode }}", "UndefinedValue", "a text has no `encode`"),
    ],
)
def test_what_is_wrong_with_a_template_says_where_and_what_to_do(template: str, reason_: str, said: str) -> None:
    error = fail("template", template=template, values={"order": ORDER})
    assert error.reason == reason_
    assert said in error.message


SUBCLASSES = "''.__class__.__mro__[1].__subclasses__()"
ESCAPES = [
    "{{ ''.__class__ }}",
    "{{ ''['__class__'] }}",
    "{{ ''|attr('__class__') }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "{{ ''.__class__.__base__.__subclasses__()[40]('/etc/passwd').read() }}",
    "{{ [].__class__.__base__.__subclasses__() }}",
    "{{ {}.__class__.__bases__[0].__subclasses__() }}",
    "{{ (1).__class__.__mro__ }}",
    "{{ true.__class__ }}",
    "{{ x.__init__.__globals__ }}",
    "{{ x.__init__.__globals__['os'].popen('id').read() }}",
    "{{ config }}",
    "{{ config.items() }}",
    "{{ self.__init__.__globals__.__builtins__ }}",
    "{{ self._TemplateReference__context }}",
    "{{ self._TemplateReference__context.cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ self }}",
    "{{ self() }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "{{ joiner.__init__.__globals__.os.popen('id').read() }}",
    "{{ namespace.__init__.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__.os.popen('id').read() }}",
    "{{ lipsum.__globals__['__builtins__']['__import__']('os').system('id') }}",
    "{{ url_for.__globals__ }}",
    "{{ request.application.__globals__.__builtins__.__import__('os').popen('id').read() }}",
    "{{ get_flashed_messages.__globals__ }}",
    "{{ range.__init__ }}",
    "{{ range.function }}",
    "{{ range.function.__globals__ }}",
    "{{ ''.upper.function }}",
    "{{ ''.upper.__self__ }}",
    "{{ ''.format }}",
    "{{ '{0.__class__}'.format(x) }}",
    "{{ '{0.__class__.__init__.__globals__}'.format(x) }}",
    "{{ '{0.__class__}'.format_map({'0': x}) }}",
    "{% set f = '{0.__class__}'.format %}{{ f(x) }}",
    "{{ ['{0.__class__}'] | map('format', x) | list }}",
    "{{ '%s' | format(range) }}",
    "{{ '%r' | format(x) }}",
    "{{ x | map(attribute='__class__') | list }}",
    "{{ [x] | map(attribute='__class__') | list }}",
    "{{ [x] | map(attribute='__class__.__base__') | join }}",
    "{{ [''] | map('attr', '__class__') | list }}",
    "{{ [x] | selectattr('__class__') | list }}",
    "{{ [x] | groupby('__class__') }}",
    "{{ [x] | sort(attribute='__class__') }}",
    "{{ [x] | sum(attribute='__class__') }}",
    "{{ [x] | unique(attribute='__class__') | list }}",
    "{{ x | map('§each') | list }}",
    "{{ [-9999999] | map('§write') | list }}{% for a in range(499000) %}{% for b in [1, 2] %}{% endfor %}{% endfor %}",
    "{% for c in [].__class__.__base__.__subclasses__() %}{{ c }}{% endfor %}",
    "{% if ''.__class__ %}yes{% endif %}",
    "{% set c = ''.__class__ %}{{ c }}",
    "{% with a = ''.__class__ %}{{ a }}{% endwith %}",
    "{% for x in '' %}{% endfor %}{{ loop.__class__ }}",
    "{% for x in [1] %}{{ loop.__class__ }}{% endfor %}",
    "{% for x in [1] %}{{ loop._iterable }}{{ loop._undefined }}{% endfor %}",
    "{% for x in [1] %}{{ loop.cycle.__func__ }}{% endfor %}",
    "{% for x in [1] %}{{ loop.__call__.__globals__ }}{% endfor %}",
    "{% macro m() %}{% endmacro %}{{ m.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "{% macro m() %}{{ kwargs.__class__ }}{{ varargs.__class__ }}{% endmacro %}{{ m(1, a=2) }}",
    "{% macro m() %}{{ caller.__class__ }}{% endmacro %}{% call m() %}{% endcall %}",
    "{% set ns = namespace() %}{{ ns.__class__ }}{{ ns._Namespace__attrs }}",
    "{% set ns = namespace() %}{{ ns.__init__.__globals__ }}",
    "{% set ns = namespace() %}{% set ns.__class__ = 1 %}{{ ns.__class__ }}",
    "{{ namespace(__class__=1).__class__ }}",
    "{{ dict(a=1) }}",
    "{{ dict.mro() }}",
    "{{ open('/etc/passwd').read() }}",
    "{{ __import__('os') }}",
    "{{ __builtins__ }}",
    "{{ environment }}",
    "{{ context }}",
    "{{ undefined }}",
    "{{ nope.__class__ }}",
    "{{ nope.__init__.__globals__ }}",
    "{{ nope._undefined_hint }}",
    "{{ nope._fail_with_undefined_error() }}",
    "{% include '/etc/passwd' %}",
    "{% import '/etc/passwd' as p %}{{ p }}",
    "{% extends '/etc/passwd' %}",
    "{% block a %}{{ super.__class__ }}{% endblock %}",
    "{% debug %}",
    "{% do x.update({'a': 1}) %}",
    "{{ x.update({'a': 1}) }}",
    "{{ x.clear() }}{{ x.pop('a') }}{{ x.setdefault('b', 1) }}",
    "{{ [1].append(2) }}",
    "{{ [1].__add__([2]) }}",
    "{{ ('a' | safe).__html__() }}",
    "{{ ('a' | safe).__class__ }}",
    "{{ ('{0.__class__}' | safe).format(x) }}",
    "{{ ('a' | safe).escape }}",
    "{{ [x] | groupby('a') | first | attr('__class__') }}",
    "{% for g in [x] | groupby('a') %}{{ g.__class__ }}{{ g._fields }}{{ g._make }}{% endfor %}",
    "{{ x | xmlattr }}",
    "{{ x | pprint }}",
    "{{ [1, 2] | random }}",
    "{{ ''.__class__.__mro__[1].__subclasses__() | map(attribute='__name__') | join }}",
    "{{ ('_' ~ '_class_' ~ '_') }}{{ ''[('_' ~ '_class_' ~ '_')] }}",
    "{{ ''['\\x5f\\x5fclass\\x5f\\x5f'] }}",
    "{{ x['__class__']['__init__'] }}",
    "{{ x.get('__class__').__init__ }}",
    "{{ x.get.__self__ }}",
    "{{ x.items.__func__ }}",
    "{{ (x.items()).__class__ }}",
    "{{ loop }}{{ loop.__class__ }}",
    "{{ 'a'.join.__self__ }}",
    "{{ 1 .__class__ }}",
    "{{ 1.5 .as_integer_ratio() }}",
    "{{ none.__class__ }}",
    "{{ x.a.__class__.__class__.mro() }}",
    "{%- set e = x.__class__.__init__ -%}{{ e.__globals__['sys'].modules['os'].environ }}",
]
ACTS = ("open", "os.", "subprocess.", "socket.", "shutil.", "ctypes.", "pty.", "tempfile.")
_acts: list[str] | None = None


def _hear(event: str, _: tuple[Any, ...]) -> None:
    if _acts is not None and event.startswith(ACTS):
        _acts.append(event)


sys.addaudithook(_hear)


@contextmanager
def hearing() -> Iterator[list[str]]:
    """What Python itself tells of files, processes and sockets that are opened."""
    global _acts  # noqa: PLW0603 - an audit hook cannot be taken away, only silenced
    heard: list[str] = []
    _acts = heard
    try:
        yield heard
    finally:
        _acts = None


def test_the_ear_hears() -> None:
    with hearing() as acts, open(__file__) as file:  # noqa: PTH123 - the plainest of all acts
        file.read(1)
    assert "open" in acts


REASONS = {"UndefinedValue", "Forbidden", "InvalidTemplate", "TemplateFailed", "TooExpensive"}
HARMLESS = {"", "[]", "1", "__class__", '[{"a":1}]'}
"""All that payloads have ever given, those that are not refused."""


@pytest.mark.parametrize("payload", ESCAPES)
def test_no_known_way_out_leads_anywhere(payload: str) -> None:
    render_plainly("{{ 1 }}", {}, escape_html=False)  # what is imported at first use is not the payload's doing
    text, refused = "", ""
    with hearing() as acts:
        try:
            text = render_plainly(payload, {"x": {"a": 1}}, escape_html=False)
        except NodeError as error:
            refused = error.reason
    assert acts == []
    assert refused in REASONS if refused else text in HARMLESS


@given(template=st.text(alphabet="{%}#-|.()[]'ax1 \n~+*", max_size=40))
def test_anything_at_all_is_rendered_or_refused_in_words(template: str) -> None:
    found = reason("template", template=template, values={"a": {"x": 1}, "x": "a"})
    assert found in {None, *REASONS}
