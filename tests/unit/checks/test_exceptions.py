"""What is let through has a reason, and is let through for something."""

from checks.exceptions import Allowed, check_needed, read_allowed
from checks.tree import Tree

CERTIFI = Allowed("certifi", "MPL-2.0", "a list of certificates, used as it is")


def test_entries_are_read_by_the_words_of_their_table(tree: Tree) -> None:
    entry = '[[licence]]\npackage = "certifi"\nlicence = "MPL-2.0"\nreason = "a list of certificates, used as it is"\n'
    (tree.root / ".ci/checks/exceptions.toml").write_text(entry)
    assert read_allowed(tree, "licence", "package", "licence") == [CERTIFI]
    assert read_allowed(tree, "secret", "file", "fingerprint") == []


def test_what_is_needed_and_has_a_reason_may_stand() -> None:
    assert check_needed([CERTIFI], [("certifi", "MPL-2.0")]) == []


def test_what_nothing_needs_is_told() -> None:
    (finding,) = check_needed([CERTIFI], [])
    assert finding.remedy == "take it out"


def test_an_entry_without_a_reason_is_told() -> None:
    (finding,) = check_needed([Allowed("certifi", "MPL-2.0", " ")], [("certifi", "MPL-2.0")])
    assert finding.remedy == "say why it is harmless"
