"""Files that are not YAML, or not what their author thinks: in our words, with what to write instead."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.cli.reading.decoding import decode
from headgate.cli.reading.finding import Finding
from headgate.cli.reading.reasons import FileReason as R
from headgate.cli.reading.source import MAX_BYTES
from headgate.cli.reading.syntax import read_documents
from headgate.cli.reading.values import as_data
from support.trying import times


def findings(data: str | bytes) -> list[Finding]:
    source, unreadable = decode("f.yaml", data.encode() if isinstance(data, str) else data)
    return unreadable or read_documents(source).findings


def told(data: str | bytes) -> list[tuple[str, str, str]]:
    """Of each finding its reason, the text under the carets, and the remedy."""
    return [
        (one.problem.reason, one.source.text[one.place.start : one.place.end], one.problem.remedy)
        for one in findings(data)
    ]


def read(text: str) -> list[object]:
    source, _ = decode("f.yaml", text.encode())
    return [as_data(root) for root in read_documents(source).roots]


@pytest.mark.parametrize(
    ("text", "shown", "remedy"),
    [
        ("with: {text: ${inputs.name}}", "${inputs.name}", 'write "${inputs.name}"'),
        ("with: {text: Hello ${inputs.name}!, b: 1}", "${inputs.name}", 'write "Hello ${inputs.name}!"'),
        ('with: {text: ${a["b"]}}', '${a["b"]}', "write '${a[\"b\"]}'"),
        ("with: {text: ${a.map(x, {'k': x})}}", "${a.map(x, {'k': x})}", "write \"${a.map(x, {'k': x})}\""),
        ("with: [${a}, ${b}]", "${a}", 'write "${a}"'),
        ("text: ${a ? 'b' : 'c'}", "${a ? 'b' : 'c'}", "write \"${a ? 'b' : 'c'}\""),
        ("- when: ${x == 'a: b'} # why", "${x == 'a: b'}", "write \"${x == 'a: b'}\""),
    ],
)
def test_an_expression_that_yaml_takes_for_a_map_is_shown_quoted(text: str, shown: str, remedy: str) -> None:
    assert told(text) == [(R.QUOTE_EXPRESSION, shown, remedy)]


@pytest.mark.parametrize(
    ("text", "shown", "remedy"),
    [
        ("a: @channel hello", "@channel hello", 'write "@channel hello"'),
        ("a: `date`", "`date`", 'write "`date`"'),
        ("a: %5", "%5", 'write "%5"'),
        ("a: ** bold **", "** bold **", 'write "** bold **"'),
        ("when: > 5", "> 5", 'write "> 5"'),
        ("a: - b", "- b", 'write "- b"'),
        ("message: Publish: yes or no", "Publish: yes or no", 'write "Publish: yes or no"'),
        ("a: {message: Publish: yes, b: 1}", "Publish: yes", 'write "Publish: yes"'),
        ("a: {b: x {y} z}", "x {y} z", 'write "x {y} z"'),
        ('a: say: "x"', 'say: "x"', "write 'say: \"x\"'"),
    ],
)
def test_a_text_that_yaml_takes_for_something_else_is_shown_quoted(text: str, shown: str, remedy: str) -> None:
    assert told(text) == [(R.QUOTE_TEXT, shown, remedy)]


@pytest.mark.parametrize(
    ("text", "reason", "shown", "remedy"),
    [
        ('a: "x" y', R.QUOTE_TEXT, "y", "put the quotes around all of it, and double those inside: 'it''s'"),
        ("a: 'it's'", R.QUOTE_TEXT, "s'", "put the quotes around all of it, and double those inside: 'it''s'"),
        ('a: "x\nb: c', R.UNBALANCED, '"', 'close it; inside of it, \\" is the quote itself'),
        ("a: {b: 1\nc: 2\n", R.UNBALANCED, "{", "close it with }"),
        ("a: [1, 2", R.UNBALANCED, "[", "close it with ]"),
        ("a: b\n}", R.UNBALANCED, "}", "take it out, or quote the text"),
        ('a: {b: "x" c: 1}', R.MISSING_COMMA, "c", "write a `,` before this"),
        ("a: {\n  b: 1\n  c: 2\n}", R.MISSING_COMMA, "\n", "write a `,` here"),
        ("- name:fetch\n  use: http", R.MISSING_SPACE, ":", "write `name: fetch`"),
        ('a: "\\d+"', R.UNKNOWN_ESCAPE, "\\d", "write \\\\d, or put the text in single quotes"),
        ("a:\n\tb: 1", R.TAB, "\t", "YAML is indented with spaces"),
        ("a: *bold", R.UNKNOWN_ANCHOR, "*bold", 'a text that begins with `*` needs quotes: "*bold"'),
        ("a: !important", R.UNKNOWN_TAG, "!important", "quote what is text"),
        ("fetch\nb: 6\n", R.INVALID_YAML, "fetch", "write `key: value`, or quote the text"),
        ("a: {b: {{{", R.UNBALANCED, "{", "close it with }"),
    ],
)
def test_what_is_no_yaml_has_a_remedy(text: str, reason: R, shown: str, remedy: str) -> None:
    assert told(text) == [(reason, shown, remedy)]


@pytest.mark.parametrize(
    ("text", "shown", "remedy"),
    [
        ("spec:\n  nodes:\n  - name: a\n   use: b", "use: b", "indent it by 4, like line 3"),
        ("spec:\n    inputs: {}\n  nodes: []", "nodes: []", "indent it by 4, like line 2"),
        ("a:\n  b: 1\n   c: 2", "c: 2", "indent it by 2, like line 2"),
        ("a: |\n    x\n   y", "y", "indent it by 4, like line 2"),
        (
            "nodes:\n  - name: a\n  use: b",
            "use: b",
            "begin the item with `- `, or indent this by 4 to go on with the one above",
        ),
    ],
)
def test_a_line_that_stands_under_nothing_is_told_where_it_could_stand(text: str, shown: str, remedy: str) -> None:
    assert told(text) == [(R.BAD_INDENTATION, shown, remedy)]


@pytest.mark.parametrize("key", ["on", "yes", "no", "y", "n", "off", "true", "null", "~"])
def test_a_key_that_kubectl_takes_for_a_boolean_is_an_error(key: str) -> None:
    assert told(f"{{{key}: 1}}") == [(R.BOOLEAN_KEY, key, f'quote it, "{key}", or take another name')]
    assert told(f'{{"{key}": 1}}') == []


def test_a_value_that_is_read_in_two_ways_is_a_warning() -> None:
    [finding] = findings("tolerate: 010")
    assert finding.problem.severity == "warning"
    assert str(finding.problem) == (
        ': kubectl reads `010` as 8, YAML 1.2 as 10: write 8, or quote it: "010" [AmbiguousValue]'
    )


def test_a_key_that_stands_twice_is_an_error_and_the_first_is_named() -> None:
    assert told("a: 1\nb: 2\na: 3\n") == [(R.DUPLICATE_KEY, "a", "keep one of the two: the first is in line 1")]


def test_a_broken_document_hides_none_of_the_others() -> None:
    text = "a: 1\n---\nb: {\n---\n# a comment\nc: |\n  --- not a marker\n---\nd: @\n---\ne: 5\n"
    assert read(text) == [{"a": 1}, {"c": "--- not a marker\n"}, {"e": 5}]
    assert [reason for reason, _, _ in told(text)] == [R.UNBALANCED, R.QUOTE_TEXT]


def test_anchors_aliases_and_merges_are_worked_in_as_kubectl_does() -> None:
    text = "base: &base {a: 1, b: 2}\nother: &other {b: 3, c: 4}\nall:\n  <<: [*base, *other]\n  a: 9\nsame: *base\n"
    assert read(text) == [
        {"base": {"a": 1, "b": 2}, "other": {"b": 3, "c": 4}, "all": {"a": 9, "b": 2, "c": 4}, "same": {"a": 1, "b": 2}}
    ]


def test_anchors_that_repeat_each_other_are_counted_not_built() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    bomb += "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12))
    assert [reason for reason, _, _ in told(bomb)] == [R.TOO_MANY_VALUES]


def test_anchors_do_not_nest_deeper_than_anything_else() -> None:
    text = "a0: &a0 []\n" + "".join(f"a{n}: &a{n} {'[' * 40}*a{n - 1}{']' * 40}\n" for n in range(1, 4))
    assert [reason for reason, _, _ in told(text)] == [R.TOO_DEEP]


def test_an_anchor_that_holds_itself_is_none() -> None:
    assert [reason for reason, _, _ in told("a: &a [*a]")] == [R.UNKNOWN_ANCHOR]


def test_deep_nesting_is_refused_and_does_not_crash() -> None:
    assert [reason for reason, _, _ in told("[" * 1_000_000)] == [R.TOO_DEEP]
    assert [reason for reason, _, _ in told("[" * 500 + "]" * 500)] == [R.TOO_DEEP]


@pytest.mark.parametrize(
    "text",
    [
        "name: {{ .Values.name }}",
        "{{- if .Values.enabled }}\na: 1\n{{- end }}",
        'a:\n{{ include "labels" . | indent 4 }}\n',
    ],
)
def test_a_helm_template_is_told_in_one_friendly_word(text: str) -> None:
    assert [(reason, remedy) for reason, _, remedy in told(text)] == [
        (R.HELM_TEMPLATE, "check what it makes: `helm template CHART | headgate lint -`")
    ]


def test_a_template_inside_of_good_yaml_is_left_alone() -> None:
    assert told("text: 'Hello {{ .Name }}'") == []


@pytest.mark.parametrize("data", ["", "\n\n", "# only a comment\n", "---\n# nothing\n"])
def test_an_empty_file_is_told(data: str) -> None:
    assert [reason for reason, _, _ in told(data)] == [R.EMPTY_FILE]


def test_a_file_in_another_encoding_is_shown_where_it_begins_to_be_one() -> None:
    [finding] = findings("a: 1\nb: Grüße".encode("latin-1"))
    assert finding.problem.reason == R.NOT_UTF8
    assert finding.source.position(finding.place.start).line == 2
    assert [reason for reason, _, _ in told("a: 1".encode("utf-16"))] == [R.NOT_UTF8]


def test_a_byte_order_mark_is_no_character() -> None:
    assert told(b"\xef\xbb\xbfa: 1") == []


def test_a_control_character_is_named() -> None:
    assert told("a: x\x1by")[0][0] == R.CONTROL_CHARACTER
    assert "U+001B" in findings("a: x\x1by")[0].problem.message


def test_a_file_too_large_is_not_read_at_all() -> None:
    assert [reason for reason, _, _ in told(b"x" * (MAX_BYTES + 1))] == [R.FILE_TOO_LARGE]


@times(4)
@given(st.text(st.sampled_from("ab:- \n\t{}[],'\"|>&*!#%@`$<?\\~010."), max_size=80))
def test_whatever_the_text_there_is_an_answer(text: str) -> None:
    source, unreadable = decode("f.yaml", text.encode())
    if unreadable:
        return
    reading = read_documents(source)
    for root in reading.roots:
        as_data(root)
    for finding in reading.findings:
        assert 0 <= finding.place.start <= len(text)
        assert finding.problem.remedy
